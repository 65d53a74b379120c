/* pail's commands of Kinesis against a peer that says what the service would: shards that close
 * and split, iterators that expire, which no server at hand does. */
#include "base/clock.h"
#include "unit/check.h"
#include "unit/cli/pail_peer.h"

static char *const said = pail_said;

#define ASKS(name_)    PAIL_PEER_TARGET("Kinesis_20131202." name_)
#define ON(name_, ...) PAIL_PEER_ON(ASKS(name_), __VA_ARGS__)
#define REFUSED(code_)                                                                         \
    {                                                                                          \
        .status = 400, .body = "{\"__type\":\"" code_ "\",\"message\":\"no\"}"                 \
    }
#define RECORD(number, base64)                                                                 \
    "{\"SequenceNumber\":\"" #number "\",\"Data\":\"" base64 "\",\"PartitionKey\":\"k\"}"
#define RECORDS(list, next, behind)                                                            \
    "{\"Records\":[" list "],\"NextShardIterator\":" next ",\"MillisBehindLatest\":" #behind "}"
#define ITERATOR "{\"ShardIterator\":\"i0\"}"
#define SHARDS(list)                                                                           \
    {                                                                                          \
        .body = "{\"Shards\":[" list "]}"                                                      \
    }
#define OPEN(id, more)                                                                         \
    "{\"ShardId\":\"" id "\",\"SequenceNumberRange\":{\"StartingSequenceNumber\":\"1\"" more "}"

static const char *asked(const char *target, size_t index)
{
    const struct peer_match match = {.header = "X-Amz-Target", .header_value = target};
    const struct peer_request *request = peer_request_at(pail_peer, &match, index);
    ck_assert_ptr_nonnull(request);
    return request->body;
}

START_TEST(lists)
{
    ON("ListStreams",
       {.body = "{\"StreamNames\":[\"a\",\"b\"],\"HasMoreStreams\":true,\"StreamSummaries\":["
                "{\"StreamName\":\"a\",\"StreamStatus\":\"ACTIVE\","
                "\"StreamCreationTimestamp\":1.5}]}"},
       {.body = "{\"StreamNames\":[\"c\"],\"HasMoreStreams\":false}"});
    ck_assert_int_eq(pail_peer_run("pail kinesis streams"), EXIT_OK);
    check_output("a\nb\nc\n");
    ck_assert_str_eq(asked("Kinesis_20131202.ListStreams", 1),
                     "{\"ExclusiveStartStreamName\":\"b\"}");
    ON("ListStreams",
       {.body = "{\"StreamNames\":[\"a\"],\"HasMoreStreams\":false,\"StreamSummaries\":["
                "{\"StreamName\":\"a\",\"StreamStatus\":\"ACTIVE\","
                "\"StreamCreationTimestamp\":1.5}]}"});
    ck_assert_int_eq(pail_peer_run("pail kinesis streams -l"), EXIT_OK);
    check_output("1970-01-01T00:00:01Z ACTIVE   a\n");
    ck_assert_int_eq(pail_peer_run("pail kinesis streams --json"), EXIT_OK);
    check_output("{\"StreamName\":\"a\",\"StreamStatus\":\"ACTIVE\","
                 "\"StreamCreationTimestamp\":\"1970-01-01T00:00:01.5Z\"}\n");
    ON("ListShards",
       {.body = "{\"Shards\":[{\"ShardId\":\"s0\",\"SequenceNumberRange\":"
                "{\"StartingSequenceNumber\":\"1\",\"EndingSequenceNumber\":\"2\"}}],"
                "\"NextToken\":\"t\"}"},
       {.body = "{\"Shards\":[{\"ShardId\":\"s1\",\"ParentShardId\":\"s0\","
                "\"AdjacentParentShardId\":\"s9\"}],\"NextToken\":null}"});
    ck_assert_int_eq(pail_peer_run("pail kinesis shards -l st"), EXIT_OK);
    check_output("closed s0\nopen   s1 s0 s9\n");
    ck_assert_str_eq(asked("Kinesis_20131202.ListShards", 0), "{\"StreamName\":\"st\"}");
    ck_assert_str_eq(asked("Kinesis_20131202.ListShards", 1), "{\"NextToken\":\"t\"}");
}
END_TEST

/* Every record once, in three forms; the bytes decoded once ("b25l" is "one", not text of it).
 */
START_TEST(prints_records)
{
    ON("ListShards", SHARDS(OPEN("s0", "}")));
    ON("GetShardIterator", {.body = ITERATOR});
    ON("GetRecords", {.body = RECORDS(RECORD(1, "b25l"), "\"i1\"", 500)},
       {.body = RECORDS("", "\"i2\"", 10)},
       {.body = RECORDS(RECORD(2, "YjI1bA==") "," RECORD(3, "dHdvCg=="), "\"i3\"", 0)});
    ck_assert_int_eq(pail_peer_run("pail kinesis get st"), EXIT_OK);
    check_output("one\nb25l\ntwo\n");
    ck_assert_str_eq(asked("Kinesis_20131202.GetShardIterator", 0),
                     "{\"StreamName\":\"st\",\"ShardId\":\"s0\","
                     "\"ShardIteratorType\":\"TRIM_HORIZON\"}");
    ck_assert_str_eq(asked("Kinesis_20131202.GetRecords", 2), "{\"ShardIterator\":\"i2\"}");
    ck_assert_int_eq(pail_peer_run("pail kinesis get st --format raw"), EXIT_OK);
    check_output("b25ltwo\n");
    ck_assert_int_eq(
        pail_peer_run("pail kinesis get arn:st --format json --since 1970-01-01T00:00:01Z"),
        EXIT_OK);
    check_output("{\"ShardId\":\"s0\",\"SequenceNumber\":\"2\",\"PartitionKey\":\"k\","
                 "\"Data\":\"b25l\"}\n{\"ShardId\":\"s0\",\"SequenceNumber\":\"3\","
                 "\"PartitionKey\":\"k\",\"Data\":\"two\\n\"}\n");
    ck_assert_str_eq(asked("Kinesis_20131202.GetShardIterator", 2),
                     "{\"ShardId\":\"s0\",\"ShardIteratorType\":\"AT_TIMESTAMP\","
                     "\"Timestamp\":1,\"StreamARN\":\"arn:st\"}");
}
END_TEST

START_TEST(renews_an_expired_iterator)
{
    ON("GetShardIterator", {.body = ITERATOR}, {.body = "{\"ShardIterator\":\"j0\"}"});
    ON("GetRecords", {.body = RECORDS(RECORD(7, "b25l"), "\"i1\"", 5)},
       REFUSED("ExpiredIteratorException"), {.body = RECORDS(RECORD(8, "dHdv"), "\"i3\"", 0)});
    ck_assert_int_eq(pail_peer_run("pail kinesis get st --shard s5"), EXIT_OK);
    check_output("one\ntwo\n");
    check_said("");
    ck_assert_str_eq(asked("Kinesis_20131202.GetShardIterator", 1),
                     "{\"StreamName\":\"st\",\"ShardId\":\"s5\","
                     "\"ShardIteratorType\":\"AFTER_SEQUENCE_NUMBER\","
                     "\"StartingSequenceNumber\":\"7\"}");
    ck_assert_str_eq(asked("Kinesis_20131202.GetRecords", 2), "{\"ShardIterator\":\"j0\"}");
    const struct peer_match listings = ASKS("ListShards");
    ck_assert_uint_eq(peer_count(pail_peer, &listings), 0);
}
END_TEST

/* A shard that closes ends; its children, found by listing again, are read after it, from their
 * beginnings. */
START_TEST(goes_through_a_split)
{
    ON("ListShards", SHARDS(OPEN("a", "}")),
       SHARDS(OPEN("a", ",\"EndingSequenceNumber\":\"5\"}") "," OPEN(
           "b", "},\"ParentShardId\":\"a\"") "," OPEN("c", "},\"ParentShardId\":\"a\"")));
    ON("GetShardIterator", {.body = "{\"ShardIterator\":\"a0\"}"},
       {.body = "{\"ShardIterator\":\"b0\"}"}, {.body = "{\"ShardIterator\":\"c0\"}"});
    ON("GetRecords", {.body = RECORDS(RECORD(1, "b25l"), "\"a1\"", 0)},
       {.body = RECORDS(RECORD(2, "dHdv"), "null", 0)},
       {.body = RECORDS(RECORD(9, "Yg=="), "\"b1\"", 0)},
       {.body = RECORDS(RECORD(9, "Yw=="), "\"c1\"", 0)}, REFUSED("AccessDeniedException"));
    ck_assert_int_eq(pail_peer_run("pail kinesis get -f --latest st"), EXIT_DENIED);
    check_output("one\ntwo\nb\nc\n");
    ck_assert_ptr_nonnull(strstr(asked("Kinesis_20131202.GetShardIterator", 0),
                                 "\"ShardIteratorType\":\"LATEST\""));
    for (size_t i = 1; i < 3; i++)
        ck_assert_ptr_nonnull(strstr(asked("Kinesis_20131202.GetShardIterator", i),
                                     "\"ShardIteratorType\":\"TRIM_HORIZON\""));
}
END_TEST

START_TEST(a_closed_shard_ends)
{
    ON("GetShardIterator", {.body = ITERATOR});
    ON("GetRecords", {.body = RECORDS(RECORD(1, "b25l"), "null", 0)});
    ck_assert_int_eq(pail_peer_run("pail kinesis get -f --shard s0 st"), EXIT_OK);
    check_output("one\n");
    ck_assert_uint_eq(peer_count(pail_peer, NULL), 2);
}
END_TEST

/* Five calls a second are the most that a shard may be asked. */
START_TEST(keeps_to_the_rate)
{
    const struct peer_match calls = ASKS("GetRecords");
    ON("GetShardIterator", {.body = ITERATOR});
    ON("GetRecords", {.body = RECORDS("", "\"i1\"", 9)}, {.body = RECORDS("", "\"i2\"", 9)},
       {.body = RECORDS("", "\"i3\"", 9)}, {.body = RECORDS("", "\"i4\"", 9)},
       {.body = RECORDS("", "\"i5\"", 9)}, {.body = RECORDS("", "\"i6\"", 0)});
    int64_t start_ns = clock_now_ns(&clock_system);
    ck_assert_int_eq(pail_peer_run("pail kinesis get --shard s0 st"), EXIT_OK);
    ck_assert_int_ge(clock_now_ns(&clock_system) - start_ns, NS_PER_SEC);
    ck_assert_uint_eq(peer_count(pail_peer, &calls), 6);
}
END_TEST

static const struct {
    struct peer_response answer;
    int status;
    const char *said; /* its beginning */
} failures[] = {
    {REFUSED("ResourceNotFoundException"), EXIT_MISSING,
     "pail: st: ResourceNotFoundException: no (400"},
    {REFUSED("ProvisionedThroughputExceededException"), EXIT_NETWORK,
     "pail: st: ProvisionedThroughputExceededException: no (400"},
    {REFUSED("KMSAccessDeniedException"), EXIT_DENIED,
     "pail: st: KMSAccessDeniedException: no (400"},
    {REFUSED("InvalidArgumentException"), EXIT_FAILED,
     "pail: st: InvalidArgumentException: no (400"},
    {{.body = "{}"}, EXIT_FAILED, "pail: st: malformed response: "},
    {{.body = ""}, EXIT_FAILED, "pail: st: malformed response: "},
    {{.body = RECORDS("{\"Data\":\"b25l\"}", "\"i\"", 0)},
     EXIT_FAILED,
     "pail: st: malformed response: "},
    {{.body = RECORDS(RECORD(1, "b25"), "\"i\"", 0)},
     EXIT_FAILED,
     "pail: st: malformed response: "},
    {{.body = RECORDS("", "\"i\"", 0), .fault = {.end = PEER_END_CUT, .after = 20}},
     EXIT_FAILED,
     "pail: st: incomplete read: "},
};

START_TEST(says_what_failed)
{
    ON("ListShards", SHARDS(OPEN("s0", "}")));
    ON("GetShardIterator", {.body = ITERATOR});
    peer_rule_add(pail_peer, &(struct peer_rule){.match = ASKS("GetRecords"),
                                                 .responses = &failures[_i].answer,
                                                 .response_count = 1});
    ck_assert_int_eq(pail_peer_run("pail kinesis get --max-attempts 1 st"),
                     failures[_i].status);
    check_output("");
    ck_assert_msg(strncmp(said, failures[_i].said, strlen(failures[_i].said)) == 0, "%s", said);
    ON("ListShards", {.body = "{\"Shards\":[],\"NextToken\":\"t\"}"});
    ck_assert_int_eq(pail_peer_run("pail kinesis get st"), EXIT_FAILED);
    check_said("pail: st: malformed response: the listing repeats its continuation token\n");
    ON("GetShardIterator", {.body = "{\"ShardIterator\":null}"});
    ck_assert_int_eq(pail_peer_run("pail kinesis get st --shard s0"), EXIT_FAILED);
    check_said("pail: st: malformed response: the answer has no iterator\n");
}
END_TEST

START_TEST(ends_quietly_without_a_reader)
{
    static const char *const commands[] = {"pail kinesis streams", "pail kinesis shards st",
                                           "pail kinesis get st", "pail kinesis get -f st"};
    ON("ListStreams", {.body = "{\"StreamNames\":[\"a\"],\"HasMoreStreams\":false}"});
    ON("ListShards", SHARDS(OPEN("s0", "}")));
    ON("GetShardIterator", {.body = ITERATOR});
    ON("GetRecords", {.body = RECORDS(RECORD(1, "b25l"), "\"i1\"", 0)});
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

SUITE_MAIN("cli/pail_kinesis",
           tcase_add_checked_fixture(tc, pail_peer_setup, pail_peer_teardown);
           tcase_add_test(tc, lists); tcase_add_test(tc, prints_records);
           tcase_add_test(tc, renews_an_expired_iterator);
           tcase_add_test(tc, goes_through_a_split); tcase_add_test(tc, a_closed_shard_ends);
           tcase_add_test(tc, keeps_to_the_rate);
           tcase_add_loop_test(tc, says_what_failed, 0, (int)ARRAY_LEN(failures));
           tcase_add_test(tc, ends_quietly_without_a_reader));
