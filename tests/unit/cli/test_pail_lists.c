/* pail's commands that list, against answers that are no lists: what the mount refuses they
 * refuse. */
#include "services/list_pages.h"
#include "unit/check.h"
#include "unit/cli/pail_peer.h"

#include <stdio.h>
#include <unistd.h>

#define ASKED      PAIL_PEER_TARGET
#define LOGS(x)    ASKED("Logs_20140328." x)
#define STREAM(x)  ASKED("Kinesis_20131202." x)
#define OBJECTS(x) "<ListBucketResult>" x "</ListBucketResult>"

static const struct {
    const char *line;
    struct peer_match match;
    const char *without, *empty; /* NULL: that is not all it asks */
    const char *endless;         /* an empty page with a token in the place of %d */
    const char *said;
} lists[] = {
    {"pail ls",
     {.pattern = "GET /"},
     "<ListAllMyBucketsResult></ListAllMyBucketsResult>",
     "<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>",
     "<ListAllMyBucketsResult><Buckets/><ContinuationToken>%d</ContinuationToken>"
     "</ListAllMyBucketsResult>",
     "pail: s3://: malformed response: the answer is not a list of buckets\n"},
    {"pail ls s3://bkt",
     {.pattern = "GET /bkt*"},
     OBJECTS(),
     OBJECTS("<IsTruncated>false</IsTruncated>"),
     OBJECTS(
         "<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken>"),
     "pail: s3://bkt: malformed response: the answer is not a listing of a bucket\n"},
    {"pail ls -R s3://bkt",
     {.pattern = "GET /bkt*"},
     OBJECTS(),
     OBJECTS("<IsTruncated>false</IsTruncated>"),
     OBJECTS(
         "<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken>"),
     "pail: s3://bkt: malformed response: the answer is not a listing of a bucket\n"},
    {"pail cp -r s3://bkt/ /tmp/pail-no-list",
     {.pattern = "GET /bkt*"},
     OBJECTS(),
     NULL,
     OBJECTS(
         "<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken>"),
     "pail: s3://bkt: malformed response: the answer is not a listing of a bucket\n"},
    {"pail logs groups", LOGS("DescribeLogGroups"), "{}", "{\"logGroups\":[]}",
     "{\"logGroups\":[],\"nextToken\":\"%d\"}",
     "pail: log groups: malformed response: the answer is not a list of log groups\n"},
    {"pail logs streams g", LOGS("DescribeLogStreams"), "{}", "{\"logStreams\":[]}",
     "{\"logStreams\":[],\"nextToken\":\"%d\"}",
     "pail: g: malformed response: the answer is not a list of log streams\n"},
    {"pail logs filter g", LOGS("FilterLogEvents"), "{}", "{\"events\":[]}", NULL,
     "pail: g: malformed response: the answer is not a list of events\n"},
    {"pail logs get g s", LOGS("GetLogEvents"), "{\"nextForwardToken\":\"f/1\"}", NULL, NULL,
     "pail: g s: malformed response: the answer is not a list of events\n"},
    {"pail logs tail g", LOGS("DescribeLogGroups"), "{}", NULL, NULL,
     "pail: g: malformed response: the answer is not a list of log groups\n"},
    {"pail kinesis streams --max-attempts 1", STREAM("ListStreams"), "{}",
     "{\"StreamNames\":[],\"HasMoreStreams\":false}",
     "{\"StreamNames\":[],\"NextToken\":\"%d\"}",
     "pail: kinesis streams: malformed response: the response cannot be parsed: missing "
     "member: StreamNames"},
    {"pail kinesis streams -l", STREAM("ListStreams"), "{\"StreamNames\":[\"a\"]}",
     "{\"StreamNames\":[],\"HasMoreStreams\":false}", NULL,
     "pail: kinesis streams: malformed response: the answer has the names only\n"},
    {"pail kinesis shards s", STREAM("ListShards"), "{}", "{\"Shards\":[]}",
     "{\"Shards\":[],\"NextToken\":\"%d\"}",
     "pail: s: malformed response: the answer is not a list of shards\n"},
    {"pail kinesis get s", STREAM("ListShards"), "{}", "{\"Shards\":[]}",
     "{\"Shards\":[],\"NextToken\":\"%d\"}",
     "pail: s: malformed response: the answer is not a list of shards\n"},
    {"pail functions",
     {.pattern = "GET /2015-03-31/functions"},
     "{}",
     "{\"Functions\":[]}",
     "{\"Functions\":[],\"NextMarker\":\"%d\"}",
     "pail: functions: malformed response: the answer is not a list of functions\n"},
};

static void answer(int i, const struct peer_response *responses, size_t count)
{
    peer_rule_add(pail_peer, &(struct peer_rule){.match = lists[i].match,
                                                 .responses = responses,
                                                 .response_count = count});
}

START_TEST(a_success_without_its_list_is_a_failure)
{
    const struct peer_response response = {.body = lists[_i].without};
    answer(_i, &response, 1);
    ck_assert_int_eq(pail_peer_run(lists[_i].line), EXIT_FAILED);
    check_output("");
    ck_assert_msg(strncmp(pail_said, lists[_i].said, strlen(lists[_i].said)) == 0, "%s",
                  pail_said);
    ck_assert_uint_eq(peer_count(pail_peer, NULL), 1);
    (void)rmdir("/tmp/pail-no-list");
}
END_TEST

START_TEST(an_empty_list_is_none)
{
    const struct peer_response response = {.body = lists[_i].empty};
    if (!response.body)
        return;
    answer(_i, &response, 1);
    ck_assert_int_eq(pail_peer_run(lists[_i].line), EXIT_OK);
    check_output("");
    check_said("");
}
END_TEST

/* Each page names another, and none has anything on it. */
START_TEST(empty_pages_end)
{
    static struct peer_response responses[LIST_EMPTY_PAGES_MAX + 10];
    static char texts[ARRAY_LEN(responses)][256];
    if (!lists[_i].endless)
        return;
    const char *hole = strstr(lists[_i].endless, "%d");
    for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "%.*s%zu%s", (int)(hole - lists[_i].endless),
                       lists[_i].endless, i, hole + 2);
        responses[i].body = texts[i];
    }
    answer(_i, responses, ARRAY_LEN(responses));
    ck_assert_int_eq(pail_peer_run(lists[_i].line), EXIT_FAILED);
    ck_assert_msg(strstr(pail_said,
                         ": malformed response: the listing goes on and on without a "
                         "name\n"),
                  "%s", pail_said);
    ck_assert_uint_eq(peer_count(pail_peer, NULL), LIST_EMPTY_PAGES_MAX);
    (void)rmdir("/tmp/pail-no-list");
}
END_TEST

/* As many as there are: more than a page of them are asked for. */
START_TEST(lists_buckets_of_all_pages)
{
    PAIL_PEER_ON({.pattern = "GET /"},
                 {.body = "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name></Bucket>"
                          "</Buckets><ContinuationToken>t</ContinuationToken>"
                          "</ListAllMyBucketsResult>"},
                 {.body = "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket>"
                          "</Buckets></ListAllMyBucketsResult>"});
    ck_assert_int_eq(pail_peer_run("pail ls"), EXIT_OK);
    check_output("                     a\n                     b\n");
    ck_assert_str_eq(
        peer_request_param(peer_request_at(pail_peer, NULL, 1), "continuation-token"), "t");
}
END_TEST

SUITE_MAIN("cli/pail_lists", tcase_add_checked_fixture(tc, pail_peer_setup, pail_peer_teardown);
           tcase_add_loop_test(tc, a_success_without_its_list_is_a_failure, 0,
                               (int)ARRAY_LEN(lists));
           tcase_add_loop_test(tc, an_empty_list_is_none, 0, (int)ARRAY_LEN(lists));
           tcase_add_loop_test(tc, empty_pages_end, 0, (int)ARRAY_LEN(lists));
           tcase_add_test(tc, lists_buckets_of_all_pages));
