#include <pail/logs.h>

#include "aws/event_decode.h"
#include "unit/aws/event_messages.h"
#include "unit/services/service_check.h"

#define HEAD(operation)                                                                        \
    "POST /\nX-Amz-Target: Logs_20140328." operation                                           \
    "\nContent-Type: application/x-amz-json-1.1\n\n"

static const struct pail_str names[] = {{"a", 1}, {"b/c", 3}};
static const struct pail_str_list two = {names, 2};

START_TEST(asks_for_groups_and_streams)
{
    const struct pail_logs_describe_log_groups_input groups = {
        .account_identifiers = two,
        .log_group_name_prefix = PAIL_STR("/aws/"),
        .log_group_name_pattern = PAIL_STR("lambda"),
        .next_token = PAIL_STR("t"),
        .limit = PAIL_INT(50),
        .include_linked_accounts = PAIL_BOOL(true),
        .log_group_class = PAIL_STR("STANDARD"),
        .log_group_identifiers = two,
    };
    check_request(
        &pail_logs_describe_log_groups_operation, &groups,
        HEAD("DescribeLogGroups") "{\"accountIdentifiers\":[\"a\",\"b/c\"],"
                                  "\"logGroupNamePrefix\":\"/aws/"
                                  "\",\"logGroupNamePattern\":\"lambda\",\"nextToken\":\"t\","
                                  "\"limit\":50,\"includeLinkedAccounts\":true,"
                                  "\"logGroupClass\":\"STANDARD\","
                                  "\"logGroupIdentifiers\":[\"a\",\"b/c\"]}");
    check_request(&pail_logs_describe_log_groups_operation, NULL,
                  HEAD("DescribeLogGroups") "{}");
    const struct pail_logs_describe_log_streams_input streams = {
        .log_group_name = PAIL_STR("g"),
        .log_group_identifier = PAIL_STR("arn"),
        .log_stream_name_prefix = PAIL_STR("p"),
        .order_by = PAIL_STR("LastEventTime"),
        .descending = PAIL_BOOL(false),
        .next_token = PAIL_STR("t"),
        .limit = PAIL_INT(1),
    };
    check_request(
        &pail_logs_describe_log_streams_operation, &streams,
        HEAD("DescribeLogStreams") "{\"logGroupName\":\"g\",\"logGroupIdentifier\":\"arn\","
                                   "\"logStreamNamePrefix\":\"p\",\"orderBy\":"
                                   "\"LastEventTime\",\"descending\":false,"
                                   "\"nextToken\":\"t\",\"limit\":1}");
}
END_TEST

START_TEST(asks_for_events)
{
    struct pail_logs_get_log_events_input get = {
        .log_group_name = PAIL_STR("g"),
        .log_group_identifier = PAIL_STR("arn"),
        .log_stream_name = PAIL_STR("s"),
        .start_time = PAIL_INT(0),
        .end_time = PAIL_INT(1795355669615),
        .next_token = PAIL_STR("f/1"),
        .limit = PAIL_INT(10000),
        .start_from_head = PAIL_BOOL(true),
        .unmask = PAIL_BOOL(false),
    };
    check_request(
        &pail_logs_get_log_events_operation, &get,
        HEAD("GetLogEvents") "{\"logGroupName\":\"g\",\"logGroupIdentifier\":\"arn\","
                             "\"logStreamName\":\"s\",\"startTime\":0,\"endTime\":"
                             "1795355669615,\"nextToken\":\"f/1\","
                             "\"limit\":10000,\"startFromHead\":true,\"unmask\":false}");
    get.log_stream_name = (struct pail_str){0};
    check_required(&pail_logs_get_log_events_operation, &get, "logStreamName");
    const struct pail_logs_filter_log_events_input filter = {
        .log_group_name = PAIL_STR("g"),
        .log_group_identifier = PAIL_STR("arn"),
        .log_stream_names = two,
        .log_stream_name_prefix = PAIL_STR("p"),
        .start_time = PAIL_INT(1),
        .end_time = PAIL_INT(2),
        .filter_pattern = PAIL_STR("\"ERROR\" %x%"),
        .next_token = PAIL_STR("t"),
        .limit = PAIL_INT(3),
        .start_from_head = PAIL_BOOL(false),
        .interleaved = PAIL_BOOL(true),
        .unmask = PAIL_BOOL(true),
    };
    check_request(
        &pail_logs_filter_log_events_operation, &filter,
        HEAD(
            "FilterLogEvents") "{\"logGroupName\":\"g\",\"logGroupIdentifier\":\"arn\","
                               "\"logStreamNames\":[\"a\",\"b/"
                               "c\"],\"logStreamNamePrefix\":\"p\",\"startTime\":1,"
                               "\"endTime\":2,\"filterPattern\":\"\\\"ERROR\\\" "
                               "%x%\",\"nextToken\":\"t\",\"limit\":3,"
                               "\"startFromHead\":false,\"interleaved\":true,\"unmask\":true}");
}
END_TEST

START_TEST(asks_for_live_tail)
{
    struct pail_logs_start_live_tail_input in = {
        .log_group_identifiers = two,
        .log_stream_names = two,
        .log_stream_name_prefixes = two,
        .log_event_filter_pattern = PAIL_STR("x"),
    };
    check_request(
        &pail_logs_start_live_tail_operation, &in,
        HEAD("StartLiveTail") "{\"logGroupIdentifiers\":[\"a\",\"b/c\"],\"logStreamNames\":"
                              "[\"a\",\"b/c\"],\"logStreamNamePrefixes\":[\"a\",\"b/"
                              "c\"],\"logEventFilterPattern\":\"x\"}");
    in.log_group_identifiers = (struct pail_str_list){0};
    check_required(&pail_logs_start_live_tail_operation, &in, "logGroupIdentifiers");
    ck_assert_str_eq(pail_logs_start_live_tail_operation.host_prefix, "stream-");
}
END_TEST

/* Outputs whose every member has a value print as they came. */
#define GROUPS                                                                                 \
    "{\"logGroups\":[{\"logGroupName\":\"g\",\"creationTime\":1,\"retentionInDays\":2,"        \
    "\"metricFilterCount\":3,\"arn\":\"a\",\"storedBytes\":4000000000,\"kmsKeyId\":\"k\","     \
    "\"dataProtectionStatus\":\"ACTIVATED\",\"inheritedProperties\":"                          \
    "[\"ACCOUNT_DATA_PROTECTION\"],\"logGroupClass\":\"STANDARD\",\"logGroupArn\":\"b\","      \
    "\"deletionProtectionEnabled\":true,\"bearerTokenAuthenticationEnabled\":false,"           \
    "\"retentionPolicyName\":\"r\"},{}],\"nextToken\":\"t\"}"
#define STREAMS                                                                                \
    "{\"logStreams\":[{\"logStreamName\":\"s\",\"creationTime\":1,\"firstEventTimestamp\":2,"  \
    "\"lastEventTimestamp\":3,\"lastIngestionTime\":4,\"uploadSequenceToken\":\"u\","          \
    "\"arn\":\"a\",\"storedBytes\":0}],\"nextToken\":\"t\"}"
#define EVENTS                                                                                 \
    "{\"events\":[{\"timestamp\":1795355669615,\"message\":\"caf\xc3\xa9 "                     \
    "\\\"x\\\"\",\"ingestionTime\":2}],"                                                       \
    "\"nextForwardToken\":\"f/1\",\"nextBackwardToken\":\"b/1\"}"
#define FILTERED                                                                               \
    "{\"events\":[{\"logStreamName\":\"s\",\"timestamp\":1,\"message\":\"m\","                 \
    "\"ingestionTime\":2,"                                                                     \
    "\"eventId\":\"e\"}],\"searchedLogStreams\":[{\"logStreamName\":\"s\","                    \
    "\"searchedCompletely\":true}],\"nextToken\":\"t\"}"

START_TEST(takes_outputs)
{
    struct pail_logs_describe_log_groups_output groups = {.next_token = {0}};
    check_output(&pail_logs_describe_log_groups_operation, GROUPS, &groups, GROUPS);
    pail_output_free(&pail_logs_describe_log_groups_operation, &groups);
    struct pail_logs_describe_log_streams_output streams = {.next_token = {0}};
    check_output(&pail_logs_describe_log_streams_operation, STREAMS, &streams, STREAMS);
    pail_output_free(&pail_logs_describe_log_streams_operation, &streams);
    struct pail_logs_get_log_events_output events = {.events = {0}};
    check_output(&pail_logs_get_log_events_operation, EVENTS, &events, EVENTS);
    check_str(events.events.items[0].message, "caf\xc3\xa9 \"x\"");
    pail_output_free(&pail_logs_get_log_events_operation, &events);
    check_output(&pail_logs_get_log_events_operation, "{\"events\":[],\"new\":1}", &events,
                 "{\"events\":[]}");
    pail_output_free(&pail_logs_get_log_events_operation, &events);
    struct pail_logs_filter_log_events_output filtered = {.next_token = {0}};
    check_output(&pail_logs_filter_log_events_operation, FILTERED, &filtered, FILTERED);
    pail_output_free(&pail_logs_filter_log_events_operation, &filtered);
    check_refused(&pail_logs_get_log_events_operation, "", &events);
    check_refused(&pail_logs_get_log_events_operation, "[]", &events);
}
END_TEST

static const struct {
    const char *type, *payload;
} events[] = {
    {"sessionStart", "{\"requestId\":\"r\",\"sessionId\":\"s\",\"logGroupIdentifiers\":[\"g\"],"
                     "\"logStreamNames\":[\"a\"],"
                     "\"logStreamNamePrefixes\":[],\"logEventFilterPattern\":\"\"}"},
    {"sessionUpdate",
     "{\"sessionMetadata\":{\"sampled\":false},\"sessionResults\":[{\"logStreamName\":\"s\","
     "\"logGroupIdentifier\":\"g\",\"message\":\"m\",\"timestamp\":1,\"ingestionTime\":2}]}"},
    {"sessionUpdate", "{\"sessionMetadata\":{\"sampled\":true},\"sessionResults\":[]}"},
};

START_TEST(takes_live_tail)
{
    CLEANUP_DONE(buf) struct buf message;
    CLEANUP_DONE(buf) struct buf expected;
    CLEANUP(arena) struct arena *arena = arena_new(65536);
    struct pail_event event;
    struct pail_error error;
    char *text;
    buf_init(&message, SIZE_MAX);
    buf_init(&expected, SIZE_MAX);
    add_event(&message, events[_i].type, str_c(events[_i].payload));
    buf_addf(&expected, "{\"%s\":%s}", events[_i].type, events[_i].payload);
    ck_assert_int_eq(event_decode(&pail_logs_start_live_tail_operation, buf_str(&message),
                                  arena, &event, &error),
                     1);
    ck_assert_int_eq(pail_event_json(&event, &text), 0);
    ck_assert_str_eq(text, buf_c(&expected));
    free(text);
    const struct pail_logs_start_live_tail_event *data = event.data;
    ck_assert_int_eq(data->session_start != NULL, _i == 0);
    ck_assert_int_eq(data->session_update != NULL, _i != 0);
}
END_TEST

START_TEST(takes_live_tails_errors)
{
    static const struct {
        const char *code;
        int sys;
    } errors[] = {{"SessionTimeoutException", ETIMEDOUT}, {"SessionStreamingException", EIO}};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        CLEANUP_DONE(buf) struct buf message;
        CLEANUP(arena) struct arena *arena = arena_new(65536);
        struct pail_event event;
        struct pail_error error;
        buf_init(&message, SIZE_MAX);
        add_failure(&message, "exception", errors[i].code, "{\"message\":\"over\"}");
        ck_assert_int_eq(event_decode(&pail_logs_start_live_tail_operation, buf_str(&message),
                                      arena, &event, &error),
                         -errors[i].sys);
        ck_assert_str_eq(error.code, errors[i].code);
        ck_assert_str_eq(error.message, "over");
    }
}
END_TEST

SUITE_MAIN("services/logs", tcase_add_test(tc, asks_for_groups_and_streams),
           tcase_add_test(tc, asks_for_events), tcase_add_test(tc, asks_for_live_tail),
           tcase_add_test(tc, takes_outputs),
           tcase_add_loop_test(tc, takes_live_tail, 0, ARRAY_LEN(events)),
           tcase_add_test(tc, takes_live_tails_errors));
