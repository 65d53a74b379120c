/* Runs the examples of other services, and of S3 Select, against a peer that says what they
 * would. */
#include "examples/runner.h"
#include "peer/peer.h"
#include "unit/aws/event_messages.h"

#define PLAYS(list) .responses = (list), .response_count = ARRAY_LEN(list)

static void run_with(const struct peer_rule *rule, const char *example, const char *arguments,
                     const char *output, int status)
{
    struct peer *peer = peer_start();
    peer_rule_add(peer, rule);
    run_example_at(peer_url(peer), example, arguments, output, status);
    peer_stop(peer);
}

/* ---- Lambda ---- */

static const struct {
    struct peer_response answer;
    const char *output;
    int status;
} invocations[] = {
    {{.body = "{\"answer\": 42}"}, "Lambda result: {\"answer\":42}\n", 0},
    {{.body = "{\"errorMessage\":\"no\"}", .headers = "X-Amz-Function-Error: Unhandled"},
     "The function failed: no\n",
     1},
    {{.status = 404,
      .body = "{\"Message\":\"Function not found\"}",
      .headers = "x-amzn-ErrorType: ResourceNotFoundException"},
     "An error occurred (ResourceNotFoundException) when calling the Invoke operation: *\n",
     1},
};

START_TEST(invoke_function)
{
    run_with(
        &(struct peer_rule){.match = {.pattern = "POST /2015-03-31/functions/f/invocations"},
                            .responses = &invocations[_i].answer,
                            .response_count = 1},
        "invoke_function", "f", invocations[_i].output, invocations[_i].status);
}
END_TEST

/* ---- Kinesis ---- */

START_TEST(stream_records)
{
    static const struct peer_response pages[] = {
        {.body = "{\"Records\":[{\"Data\":\"b25l\",\"PartitionKey\":\"p\",\"SequenceNumber\":"
                 "\"1\"}],\"NextShardIterator\":\"i2\",\"MillisBehindLatest\":5}"},
        {.body = "{\"Records\":[],\"NextShardIterator\":\"i3\",\"MillisBehindLatest\":1}"},
        {.body = "{\"Records\":[{\"Data\":\"dHdv\",\"PartitionKey\":\"p\",\"SequenceNumber\":"
                 "\"2\"}],\"NextShardIterator\":\"i4\",\"MillisBehindLatest\":0}"},
    };
    run_with(&(struct peer_rule){.match = {.method = "POST"}, PLAYS(pages)}, "stream_records",
             "i1", "Record data: one\nRecord data: two\n", 0);
}
END_TEST

/* ---- CloudWatch Logs ---- */

START_TEST(log_events)
{
    static const struct peer_response pages[] = {
        {.body = "{\"events\":[{\"timestamp\":1795305600123,\"message\":\"one\"}],"
                 "\"nextForwardToken\":\"f/1\",\"nextBackwardToken\":\"b/1\"}"},
        {.body = "{\"events\":[],"
                 "\"nextForwardToken\":\"f/2\",\"nextBackwardToken\":\"b/2\"}"},
        {.body = "{\"events\":[{\"timestamp\":1795305661000,\"message\":\"two\"}],"
                 "\"nextForwardToken\":\"f/3\",\"nextBackwardToken\":\"b/3\"}"},
        {.body = "{\"events\":[],"
                 "\"nextForwardToken\":\"f/3\",\"nextBackwardToken\":\"b/3\"}"},
    };
    run_with(&(struct peer_rule){.match = {.method = "POST"}, PLAYS(pages)}, "log_events",
             "group stream", "[2026-11-22 00:00:00] one\n[2026-11-22 00:01:01] two\n", 0);
}
END_TEST

/* ---- S3 Select ---- */

START_TEST(select_records)
{
    CLEANUP_DONE(buf) struct buf body;
    buf_init(&body, SIZE_MAX);
    add_event(&body, "Records", PAIL_STR("ann,3"));
    add_event(&body, "Records", PAIL_STR("0\nbob,41\n"));
    add_event(&body, "Stats", PAIL_STR("<Stats><BytesScanned>99</BytesScanned></Stats>"));
    if (_i == 0)
        add_event(&body, "End", PAIL_STR(""));
    const struct peer_response answer = {.body = buf_c(&body), .body_len = body.len};
    run_with(&(struct peer_rule){.match = {.pattern = "POST /b/k"},
                                 .responses = &answer,
                                 .response_count = 1},
             "select", "b k",
             _i == 0 ? "ann,30\nbob,41\n(99 bytes scanned)\n"
                     : "*An error occurred (incomplete read) when calling the *",
             _i == 0 ? 0 : 1);
}
END_TEST

EXAMPLES_SUITE("examples/services",
               tcase_add_loop_test(tc, invoke_function, 0, ARRAY_LEN(invocations));
               tcase_add_test(tc, stream_records); tcase_add_test(tc, log_events);
               tcase_add_loop_test(tc, select_records, 0, 2));
