/* pail's commands of CloudWatch Logs against a peer that says what the service would, and what
 * it should not. */
#include "unit/aws/event_messages.h"
#include "unit/check.h"
#include "unit/cli/pail_peer.h"

static char *const said = pail_said;

#define ASKS(name_)     PAIL_PEER_TARGET("Logs_20140328." name_)
#define ON(name_, ...)  PAIL_PEER_ON(ASKS(name_), __VA_ARGS__)
#define EVENT(ms, text) "{\"timestamp\":" #ms ",\"message\":\"" text "\",\"ingestionTime\":9}"
#define EVENTS(list, token)                                                                    \
    "{\"events\":[" list "],\"nextForwardToken\":\"" token "\",\"nextBackwardToken\":\"b\"}"
#define FILTERED(ms, id, text)                                                                 \
    "{\"logStreamName\":\"s/" id "\",\"timestamp\":" #ms ",\"message\":\"" text                \
    "\",\"eventId\":\"" id "\"}"
#define REFUSED(code_)                                                                         \
    {                                                                                          \
        .status = 400, .body = "{\"__type\":\"" code_ "\",\"message\":\"no\"}",                \
        .headers = "x-amzn-RequestId: id-1"                                                    \
    }

/* The body of the index-th request of the operation. */
static const char *asked(const char *target, size_t index)
{
    const struct peer_match match = {.header = "X-Amz-Target", .header_value = target};
    const struct peer_request *request = peer_request_at(pail_peer, &match, index);
    ck_assert_ptr_nonnull(request);
    return request->body;
}

/* ---- listings ---- */

START_TEST(lists_groups)
{
    ON("DescribeLogGroups",
       {.body = "{\"logGroups\":[{\"logGroupName\":\"/a/b\",\"creationTime\":1000,"
                "\"storedBytes\":5,\"retentionInDays\":30},{\"logGroupName\":\"c\"}],"
                "\"nextToken\":\"t\"}"},
       {.body = "{\"logGroups\":[],\"nextToken\":\"u\"}"},
       {.body = "{\"logGroups\":[{\"logGroupName\":\"d\",\"creationTime\":null}],"
                "\"nextToken\":null}"});
    ck_assert_int_eq(pail_peer_run("pail logs groups"), EXIT_OK);
    check_output("/a/b\nc\nd\n");
    ck_assert_str_eq(asked("Logs_20140328.DescribeLogGroups", 0), "{}");
    ck_assert_str_eq(asked("Logs_20140328.DescribeLogGroups", 2), "{\"nextToken\":\"u\"}");
    ON("DescribeLogGroups",
       {.body = "{\"logGroups\":[{\"logGroupName\":\"/a/b\",\"creationTime\":1000,"
                "\"storedBytes\":5,\"retentionInDays\":30},{\"logGroupName\":\"c\"}]}"});
    ck_assert_int_eq(pail_peer_run("pail logs groups -l /a"), EXIT_OK);
    check_output("1970-01-01T00:00:01Z             5    30 /a/b\n"
                 "-                                -     - c\n");
    ck_assert_str_eq(asked("Logs_20140328.DescribeLogGroups", 3),
                     "{\"logGroupNamePrefix\":\"/a\"}");
    ck_assert_int_eq(pail_peer_run("pail logs groups --json"), EXIT_OK);
    check_output("{\"logGroupName\":\"/a/b\",\"creationTime\":1000,\"retentionInDays\":30,"
                 "\"storedBytes\":5}\n{\"logGroupName\":\"c\"}\n");
}
END_TEST

START_TEST(lists_streams)
{
    ON("DescribeLogStreams",
       {.body = "{\"logStreams\":[{\"logStreamName\":\"s/1\",\"firstEventTimestamp\":0,"
                "\"lastEventTimestamp\":61000},{\"logStreamName\":\"t\"}]}"});
    ck_assert_int_eq(pail_peer_run("pail logs streams -l g s"), EXIT_OK);
    check_output("1970-01-01T00:00:00Z 1970-01-01T00:01:01Z s/1\n"
                 "-                    -                    t\n");
    ck_assert_str_eq(asked("Logs_20140328.DescribeLogStreams", 0),
                     "{\"logGroupName\":\"g\",\"logStreamNamePrefix\":\"s\"}");
    ck_assert_int_eq(pail_peer_run("pail logs streams --recent arn:aws:logs:x"), EXIT_OK);
    ck_assert_str_eq(asked("Logs_20140328.DescribeLogStreams", 1),
                     "{\"logGroupIdentifier\":\"arn:aws:logs:x\",\"orderBy\":\"LastEventTime\","
                     "\"descending\":true}");
    ck_assert_int_eq(pail_peer_run("pail logs streams --recent g s"), EXIT_USAGE);
}
END_TEST

START_TEST(a_listing_that_does_not_go_on_is_a_failure)
{
    ON("DescribeLogGroups",
       {.body = "{\"logGroups\":[{\"logGroupName\":\"a\"}],\"nextToken\":\"t\"}"});
    ck_assert_int_eq(pail_peer_run("pail logs groups"), EXIT_FAILED);
    check_output("a\na\n");
    check_said(
        "pail: log groups: malformed response: the listing repeats its continuation token\n");
}
END_TEST

/* ---- get ---- */

START_TEST(prints_every_event_once)
{
    ON("GetLogEvents", {.body = EVENTS(EVENT(1, "a") "," EVENT(2, "b\\nc"), "f/1")},
       {.body = EVENTS("", "f/2")},
       REFUSED("InvalidParameterException"), /* the token: it begins anew from 2 on */
       {.body = EVENTS(EVENT(2, "b\\nc") "," EVENT(2, "d"), "f/3")},
       {.body = EVENTS("{\"timestamp\":null,\"message\":null},{}", "f/4")},
       {.body = EVENTS(EVENT(3, "e\\n"), "f/4")});
    ck_assert_int_eq(pail_peer_run("pail logs get g s/t --since 1970-01-01T00:00:00Z"),
                     EXIT_OK);
    check_output("a\nb\n\tc\nd\n\n\ne\n");
    check_said("");
    static const char *const bodies[] = {
        "{\"logGroupName\":\"g\",\"logStreamName\":\"s/t\",\"startTime\":0,"
        "\"startFromHead\":true}",
        "{\"logGroupName\":\"g\",\"logStreamName\":\"s/t\",\"startTime\":0,"
        "\"nextToken\":\"f/1\",\"startFromHead\":true}",
        "{\"logGroupName\":\"g\",\"logStreamName\":\"s/t\",\"startTime\":0,"
        "\"nextToken\":\"f/2\",\"startFromHead\":true}",
        "{\"logGroupName\":\"g\",\"logStreamName\":\"s/t\",\"startTime\":2,"
        "\"startFromHead\":true}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        ck_assert_str_eq(asked("Logs_20140328.GetLogEvents", i), bodies[i]);
    ck_assert_uint_eq(peer_count(pail_peer, NULL), 6);
}
END_TEST

START_TEST(prints_in_three_forms)
{
    const struct peer_response answers[] = {{.body = EVENTS(EVENT(1, "a"), "f")},
                                            {.body = EVENTS("", "f")}};
    ON("GetLogEvents", answers[0], answers[1], answers[0], answers[1]);
    ck_assert_int_eq(pail_peer_run("pail logs get g s --format timestamp"), EXIT_OK);
    check_output("1970-01-01T00:00:00.001Z a\n");
    ck_assert_int_eq(
        pail_peer_run("pail logs get g s --format=json --until 1970-01-01T00:00:01Z"), EXIT_OK);
    check_output("{\"timestamp\":\"1970-01-01T00:00:00.001Z\","
                 "\"ingestionTime\":\"1970-01-01T00:00:00.009Z\",\"message\":\"a\"}\n");
    ck_assert_ptr_nonnull(strstr(asked("Logs_20140328.GetLogEvents", 2), "\"endTime\":1000"));
}
END_TEST

static const struct {
    struct peer_response answer;
    int status;
    const char *said;
} failures[] = {
    {REFUSED("ResourceNotFoundException"), EXIT_MISSING,
     "pail: g s: ResourceNotFoundException: no (400, request id id-1)\n"},
    {REFUSED("AccessDeniedException"), EXIT_DENIED,
     "pail: g s: AccessDeniedException: no (*\n"},
    {REFUSED("ThrottlingException"), EXIT_NETWORK, "pail: g s: ThrottlingException: no (*\n"},
    {REFUSED("InvalidParameterException"), EXIT_FAILED,
     "pail: g s: InvalidParameterException: no (*\n"},
    {{.status = 503, .body = ""}, EXIT_NETWORK, "pail: g s: Service Unavailable (503)\n"},
    {{.body = ""}, EXIT_FAILED, "pail: g s: malformed response: *\n"},
    {{.body = "[]"}, EXIT_FAILED, "pail: g s: malformed response: *\n"},
    {{.body = "{\"events\":{}}"}, EXIT_FAILED, "pail: g s: malformed response: *\n"},
    {{.body = "{}"},
     EXIT_FAILED,
     "pail: g s: malformed response: the answer is not a list of events\n"},
    {{.body = "{\"events\":null,\"nextForwardToken\":null}"},
     EXIT_FAILED,
     "pail: g s: malformed response: the answer is not a list of events\n"},
    {{.body = EVENTS("", "f"), .fault = {.end = PEER_END_CUT, .after = 9}},
     EXIT_FAILED,
     "pail: g s: incomplete read: *\n"},
};

/* '*' in `pattern` stands for any text, once. */
static void check_like(const char *text, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    size_t before = star ? (size_t)(star - pattern) : strlen(pattern);
    size_t after = star ? strlen(star + 1) : 0, len = strlen(text);
    ck_assert_msg(len >= before + after && strncmp(text, pattern, before) == 0 &&
                      (star ? strcmp(text + len - after, star + 1) == 0 : len == before),
                  "\"%s\" is not like \"%s\"", text, pattern);
}

START_TEST(says_what_failed)
{
    peer_rule_add(pail_peer, &(struct peer_rule){.match = ASKS("GetLogEvents"),
                                                 .responses = &failures[_i].answer,
                                                 .response_count = 1});
    ck_assert_int_eq(pail_peer_run("pail logs get --max-attempts 1 g s"), failures[_i].status);
    check_output("");
    check_like(said, failures[_i].said);
}
END_TEST

/* Following goes on past what will pass, and ends with what will not. */
START_TEST(follows)
{
    ON("GetLogEvents", {.body = EVENTS(EVENT(1, "a"), "f/1")}, {.body = EVENTS("", "f/1")},
       REFUSED("ThrottlingException"), {.body = EVENTS(EVENT(1, "b"), "f/1")},
       REFUSED("AccessDeniedException"));
    ck_assert_int_eq(pail_peer_run("pail logs get --max-attempts 1 -f g s"), EXIT_DENIED);
    check_output("a\nb\n");
    check_like(said, "pail: g s: ThrottlingException: no (*\n");
    ck_assert_ptr_nonnull(strstr(said, "\npail: g s: AccessDeniedException: no ("));
}
END_TEST

START_TEST(does_not_follow_past_the_end_it_was_told)
{
    ON("GetLogEvents", {.body = EVENTS(EVENT(1, "a"), "f/1")}, {.body = EVENTS("", "f/1")});
    ck_assert_int_eq(pail_peer_run("pail logs get -f g s --until 1h"), EXIT_OK);
    check_output("a\n");
    ck_assert_uint_eq(peer_count(pail_peer, NULL), 2);
}
END_TEST

/* ---- filter ---- */

START_TEST(filters)
{
    ON("FilterLogEvents",
       {.body = "{\"events\":[" FILTERED(1, "1", "x y") "],\"nextToken\":\"t\"}"},
       {.body = "{\"events\":[],\"nextToken\":\"u\"}"},
       {.body = "{\"events\":[" FILTERED(2, "2", "z") "],\"searchedLogStreams\":[]}"});
    ck_assert_int_eq(
        pail_peer_run("pail logs filter g a~b --stream s/1 --stream t --format timestamp "
                      "--until 1970-01-01T00:00:02Z"),
        EXIT_OK);
    check_output("1970-01-01T00:00:00.001Z s/1 x y\n1970-01-01T00:00:00.002Z s/2 z\n");
    ck_assert_str_eq(asked("Logs_20140328.FilterLogEvents", 1),
                     "{\"logGroupName\":\"g\",\"logStreamNames\":[\"s/1\",\"t\"],"
                     "\"endTime\":1999,\"filterPattern\":\"a b\",\"nextToken\":\"t\"}");
    ON("FilterLogEvents", {.body = "{\"events\":[],\"nextToken\":\"t\"}"});
    ck_assert_int_eq(pail_peer_run("pail logs filter arn:g --stream-prefix s"), EXIT_FAILED);
    check_said("pail: arn:g: malformed response: the listing repeats its continuation token\n");
    ck_assert_str_eq(asked("Logs_20140328.FilterLogEvents", 3),
                     "{\"logGroupIdentifier\":\"arn:g\",\"logStreamNamePrefix\":\"s\"}");
}
END_TEST

START_TEST(follows_a_filter)
{
    ON("FilterLogEvents", {.body = "{\"events\":[" FILTERED(100000, "1", "a") "]}"},
       {.body =
            "{\"events\":[" FILTERED(90000, "2", "late") "," FILTERED(100000, "1", "a") "]}"},
       REFUSED("AccessDeniedException"));
    ck_assert_int_eq(pail_peer_run("pail logs filter -f g"), EXIT_DENIED);
    check_output("a\nlate\n");
    ck_assert_str_eq(asked("Logs_20140328.FilterLogEvents", 1),
                     "{\"logGroupName\":\"g\",\"startTime\":70000}");
}
END_TEST

/* ---- tail ---- */

#define START "{\"requestId\":\"r\",\"sessionId\":\"s\"}"
#define LIVE(x)                                                                                \
    "{\"logStreamName\":\"s\",\"logGroupIdentifier\":\"g\",\"message\":\"" x                   \
    "\",\"timestamp\":1,\"ingestionTime\":2}"
#define UPDATE(sampled, list)                                                                  \
    "{\"sessionMetadata\":{\"sampled\":" sampled "},\"sessionResults\":[" list "]}"
#define GROUP                                                                                  \
    "{\"logGroups\":[{\"logGroupName\":\"gg\",\"arn\":\"arn:gg:*\"},"                          \
    "{\"logGroupName\":\"g\",\"arn\":\"arn:g:*\"}]}"

static void begin(struct buf *b)
{
    buf_init(b, SIZE_MAX);
    add_event(b, "initial-response", PAIL_STR("{}"));
    add_event(b, "sessionStart", PAIL_STR(START));
}

START_TEST(tails)
{
    CLEANUP_DONE(buf) struct buf first, second;
    begin(&first);
    add_event(&first, "sessionUpdate", PAIL_STR(UPDATE("false", LIVE("a"))));
    add_event(&first, "sessionUpdate", PAIL_STR("{\"sessionMetadata\":null}"));
    add_event(&first, "sessionUpdate", PAIL_STR(UPDATE("true", LIVE("b") "," LIVE("c"))));
    add_event(&first, "sessionUpdate", PAIL_STR(UPDATE("true", "")));
    add_failure(&first, "exception", "SessionTimeoutException",
                "{\"message\":\"three hours\"}");
    begin(&second);
    add_event(&second, "sessionUpdate", PAIL_STR(UPDATE("false", LIVE("d"))));
    ON("DescribeLogGroups", {.body = GROUP});
    ON("StartLiveTail", {.body = buf_c(&first), .body_len = first.len},
       {.body = buf_c(&second), .body_len = second.len}, REFUSED("AccessDeniedException"));
    ck_assert_int_eq(pail_peer_run("pail logs tail g arn:h --filter x"), EXIT_DENIED);
    check_output("1970-01-01T00:00:00.001Z s a\n1970-01-01T00:00:00.001Z s b\n"
                 "1970-01-01T00:00:00.001Z s c\n1970-01-01T00:00:00.001Z s d\n");
    check_like(said, "pail: g: more events than can be followed: only some are shown\n"
                     "pail: g: SessionTimeoutException: three hours (*\n");
    ck_assert_ptr_nonnull(strstr(said, "\npail: g: AccessDeniedException: "));
    ck_assert_str_eq(asked("Logs_20140328.StartLiveTail", 0),
                     "{\"logGroupIdentifiers\":[\"arn:g\",\"arn:h\"],"
                     "\"logEventFilterPattern\":\"x\"}");
}
END_TEST

/* Ones that end at once, and well, are begun no faster than the service allows: a burst, and
 * then by the time that has passed. */
START_TEST(sessions_are_paced)
{
    CLEANUP_DONE(buf) struct buf session;
    struct peer_response responses[6];
    begin(&session);
    for (size_t i = 0; i < ARRAY_LEN(responses); i++)
        responses[i] = (struct peer_response){.body = buf_c(&session), .body_len = session.len};
    responses[5] = (struct peer_response)REFUSED("AccessDeniedException");
    peer_rule_add(pail_peer, &(struct peer_rule){.match = ASKS("StartLiveTail"),
                                                 .responses = responses,
                                                 .response_count = ARRAY_LEN(responses)});
    ck_assert_int_eq(pail_peer_run("pail logs tail arn:g"), EXIT_DENIED);
    size_t count = peer_count(pail_peer, NULL);
    ck_assert_uint_eq(count, ARRAY_LEN(responses));
    const struct peer_request *first = peer_request_at(pail_peer, NULL, 0),
                              *last = peer_request_at(pail_peer, NULL, count - 1);
    int64_t passed_s = (last->time_ns - first->time_ns) / 1000000000;
    ck_assert_int_le((int64_t)count, 3 + passed_s + 1);
}
END_TEST

START_TEST(tails_only_groups_that_are_there)
{
    ON("DescribeLogGroups", {.body = GROUP});
    ck_assert_int_eq(pail_peer_run("pail logs tail g none"), EXIT_MISSING);
    check_said("pail: none: no such log group\n");
    ON("DescribeLogGroups", REFUSED("AccessDeniedException"));
    ck_assert_int_eq(pail_peer_run("pail logs tail g"), EXIT_DENIED);
}
END_TEST

/* A damaged session is told; nothing of the damaged message is shown. */
START_TEST(a_damaged_session_is_a_failure)
{
    CLEANUP_DONE(buf) struct buf session;
    begin(&session);
    size_t start = session.len;
    add_event(&session, "sessionUpdate", PAIL_STR(UPDATE("false", LIVE("a"))));
    for (size_t at = start; at < session.len; at += 7) {
        const struct peer_response answer = {
            .body = buf_c(&session),
            .body_len = session.len,
            .fault = {.corrupt = true, .corrupt_at = at},
        };
        peer_clear(pail_peer);
        peer_rule_add(pail_peer, &(struct peer_rule){.match = ASKS("StartLiveTail"),
                                                     .responses = &answer,
                                                     .response_count = 1});
        int status = pail_peer_run("pail logs tail --timeout 5 arn:g");
        ck_assert_msg(status == EXIT_FAILED, "byte %zu: %d", at, status);
        check_output("");
        ck_assert_msg(strncmp(said, "pail: arn:g: ", 13) == 0, "%s", said);
    }
}
END_TEST

/* ---- all ---- */

START_TEST(ends_quietly_without_a_reader)
{
    static const char *const commands[] = {"pail logs groups",      "pail logs streams g",
                                           "pail logs get g s",     "pail logs get -f g e",
                                           "pail logs filter -f g", "pail logs tail arn:g"};
    CLEANUP_DONE(buf) struct buf session;
    begin(&session);
    add_event(&session, "sessionUpdate", PAIL_STR(UPDATE("false", "")));
    ON("DescribeLogGroups", {.body = GROUP});
    ON("DescribeLogStreams", {.body = "{\"logStreams\":[{\"logStreamName\":\"s\"}]}"});
    ON("FilterLogEvents", {.body = "{\"events\":[]}"});
    ON("GetLogEvents", {.body = EVENTS(EVENT(1, "a"), "f/1")}, {.body = EVENTS("", "f/1")});
    ON("StartLiveTail", {.body = buf_c(&session),
                         .body_len = session.len,
                         .fault = {.end = PEER_END_STALL, .after = session.len}});
    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        int ends[2];
        ck_assert_int_eq(pipe(ends), 0);
        close(ends[0]);
        pail_no_reader = ends[1];
        ck_assert_int_eq(pail_peer_run(commands[i]), EXIT_PIPE);
        check_said("");
        pail_no_reader = -1;
        close(ends[1]);
    }
}
END_TEST

SUITE_MAIN("cli/pail_logs", tcase_add_checked_fixture(tc, pail_peer_setup, pail_peer_teardown);
           tcase_add_test(tc, lists_groups); tcase_add_test(tc, lists_streams);
           tcase_add_test(tc, a_listing_that_does_not_go_on_is_a_failure);
           tcase_add_test(tc, prints_every_event_once);
           tcase_add_test(tc, prints_in_three_forms);
           tcase_add_loop_test(tc, says_what_failed, 0, (int)ARRAY_LEN(failures));
           tcase_add_test(tc, follows);
           tcase_add_test(tc, does_not_follow_past_the_end_it_was_told);
           tcase_add_test(tc, filters); tcase_add_test(tc, follows_a_filter);
           tcase_add_test(tc, tails); tcase_add_test(tc, sessions_are_paced);
           tcase_add_test(tc, tails_only_groups_that_are_there);
           tcase_add_test(tc, a_damaged_session_is_a_failure);
           tcase_add_test(tc, ends_quietly_without_a_reader));
