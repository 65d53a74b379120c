/* Streams of Kinesis as a mount: against a real server (scripts/aws-server, as the environment
 * names it), beside botocore; and over the scripted peer, with what no server does. */
#include "mount/services.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STREAMS  "Kinesis_20131202.ListStreams"
#define DESCRIBE "Kinesis_20131202.DescribeStreamSummary"
#define SHARDS   "Kinesis_20131202.ListShards"
#define ITERATOR "Kinesis_20131202.GetShardIterator"
#define RECORDS  "Kinesis_20131202.GetRecords"

/* ---- a real server ---- */

/* A copy of the samples in the scratch directory, which goes. */
static void check_saved(const char *copy)
{
    shell(scratch,
          "set -e; chmod -R u+w %s; for s in pail-binary pail-empty pail-events; do diff -r "
          "shards/$s %s/$s; done; rm -r %s",
          copy, copy, copy);
}

START_TEST(shards_are_what_botocore_reads)
{
    shell("/", AWS "ministack shards %s/shards", scratch);
    mount_server("ministack", "kinesis://", NULL);
    shell(scratch,
          "set -e; for s in pail-binary pail-empty pail-events; do diff -r shards/$s '%s'/$s; "
          "done",
          top());
    ck_assert_str_eq(shell(top(), "ls -R pail-events"),
                     "pail-events:\nshardId-000000000000\nshardId-000000000001\n");
    ck_assert_str_eq(shell(top(), "grep -rh '\"event\": 3' pail-events | sort -u | wc -l"),
                     "111\n");
    ck_assert_str_eq(shell(top(), "grep -rh event pail-events | sort | uniq -d"), "");
    ck_assert_str_eq(shell(top(), "cat pail-events/* | wc -l"), "400\n");
    ck_assert_str_eq(shell(top(), "cat pail-events/* | tail -n 1 | wc -l"), "1\n");
    ck_assert_str_eq(shell(top(), "awk -F'[ }]' '{ n += $2 } END { print n }' pail-events/*"),
                     "79800\n");
    fixture_unmount();
    mount_server("ministack", "kinesis://", NULL);
    shell(scratch, "mkdir tarred && tar cf all.tar -C '%s' . && tar xf all.tar -C tarred",
          top());
    check_saved("tarred");
    fixture_unmount();
    mount_server("ministack", "kinesis://", NULL);
    shell(scratch, "python3 -c \"import shutil; shutil.copytree('%s', 'copied')\"", top());
    check_saved("copied");
}
END_TEST

START_TEST(json_is_what_botocore_reads)
{
    const char *wanted = shell("/", AWS "ministack records pail-binary");
    mount_server("ministack", "kinesis://pail-binary", "kinesis_format=json");
    const char *found = shell(
        top(), "python3 -c \"import glob, json\nfor n in sorted(glob.glob('*')):\n for l in "
               "open(n):\n  r = json.loads(l); del r['ApproximateArrivalTimestamp']; "
               "r.pop('EncryptionType', 0); print(json.dumps({'shard': n, **r}, "
               "sort_keys=True))\"");
    ck_assert_msg(strcmp(found, wanted) == 0, "%.300s\nnot\n%.300s", found, wanted);
    fixture_unmount();
    mount_server("ministack", "kinesis://pail-binary", "kinesis_format=line");
    ck_assert_str_eq(shell(top(), "tail -c 30 * | head -c 0; grep -ac 'no newline$' *"), "1\n");
}
END_TEST

START_TEST(tail_follows_a_shard)
{
    const char *stream = unique("test-grows");
    shell("/", AWS "ministack make-stream %s", stream);
    shell("/", AWS "ministack put-records %s 'one\n'", stream);
    mount_server("ministack", "kinesis://", NULL);
    const char *lines =
        shell(top(),
              "tail -n +1 -f %s/shardId-000000000000 | while read -r line; do echo \"got "
              "$line\"; case $line in one) " AWS
              "ministack put-records %s 'two\n' 'three\n';; three) " AWS
              "ministack put-records %s 'four\n';; four) break;; esac; done",
              stream, stream, stream);
    ck_assert_str_eq(lines, "got one\ngot two\ngot three\ngot four\n");
    ck_assert_str_eq(shell(top(), "cat %s/*", stream), "one\ntwo\nthree\nfour\n");
    shell("/", AWS "ministack remove-stream %s", stream);
}
END_TEST

START_TEST(bounds_and_names)
{
    char value[65536];
    mount_server("ministack", "kinesis://", "since=1s,metadata_ttl=0");
    ck_assert_str_eq(shell(top(), "cat pail-events/* pail-binary/* | wc -c"), "0\n");
    ck_assert_str_eq(shell(top(), "stat -c %%a pail-empty/*"), "440\n");
    ck_assert_int_eq(try_stat(at("none")), -ENOENT);
    ck_assert_int_eq(try_stat(at("pail-events/shardId-9")), -ENOENT);
    ck_assert_int_gt(try_xattr(at("pail-events/shardId-000000000000"), "user.pail.uri", value,
                               sizeof(value)),
                     0);
    ck_assert_str_eq(value, "kinesis://pail-events/shardId-000000000000");
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", value, sizeof(value)), 0);
    ck_assert_ptr_nonnull(strstr(value, "kinesis.records 0\n"));
    fixture_unmount();
    mount_server("ministack", "kinesis://", "allow_other,umask=002");
    ck_assert_str_eq(shell(top(), "stat -c %%a pail-empty/*"), "444\n");
    fixture_unmount();
    fixture_mount_config(&(struct harness_mount_config){.source = "kinesis://none",
                                                        .endpoint = server_url("ministack")});
    ck_assert_int_eq(harness_mount_state(mount), -ECHILD);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 1);
    ck_assert_ptr_nonnull(strstr(harness_mount_log(mount), "ResourceNotFoundException"));
}
END_TEST

/* ---- the scripted peer ---- */

#define ONE(id, sequence)                                                                      \
    "{\"ShardId\":\"shardId-" id "\",\"SequenceNumberRange\":{\"StartingSequenceNumber\":"     \
    "\"" sequence "\"}}"
#define CLOSED(id)                                                                             \
    "{\"ShardId\":\"shardId-" id "\",\"SequenceNumberRange\":{\"StartingSequenceNumber\":"     \
    "\"1\",\"EndingSequenceNumber\":\"5\"}}"
#define PAGE(records, next)                                                                    \
    "{\"Records\":[" records "],\"NextShardIterator\":" next ",\"MillisBehindLatest\":0}"
#define RECORD(sequence, data)                                                                 \
    "{\"SequenceNumber\":\"" sequence "\",\"PartitionKey\":\"k\",\"Data\":\"" data             \
    "\",\"ApproximateArrivalTimestamp\":1795300000.5,\"EncryptionType\":null}"

static void mount_stream(const char *options)
{
    char all[256];
    play(STREAMS, "{\"StreamNames\":[\"s\"],\"HasMoreStreams\":false}");
    play(DESCRIBE, "{\"StreamDescriptionSummary\":{\"StreamName\":\"s\","
                   "\"StreamCreationTimestamp\":1795200000}}");
    play(SHARDS, "{\"Shards\":[" ONE("1", "1") "],\"NextToken\":null}");
    play(ITERATOR, "{\"ShardIterator\":\"i0\"}");
    (void)snprintf(all, sizeof(all), "max_attempts=1%s%s", options ? "," : "",
                   options ? options : "");
    fixture_mount_source("kinesis://", all);
}

START_TEST(iterators_expire_and_shards_close)
{
    struct stat attributes;
    mount_stream(NULL);
    play_all(RECORDS,
             (const struct peer_response[]){
                 {.body = "{\"Records\":[" RECORD("1", "YQo=") "],\"NextShardIterator\":\"i1\","
                                                               "\"MillisBehindLatest\":9}"},
                 {.status = 400, .body = "{\"__type\":\"ExpiredIteratorException\"}"},
                 {.body = PAGE(RECORD("2", "Ygo="), "null")},
             },
             3);
    ck_assert_int_eq(stat(at("s/shardId-1"), &attributes), 0);
    ck_assert_int_eq(attributes.st_mtim.tv_sec, 1795200000);
    ck_assert_str_eq(content("s/shardId-1"), "a\nb\n");
    ck_assert_int_eq(stat(at("s/shardId-1"), &attributes), 0);
    ck_assert_int_eq(attributes.st_mtim.tv_sec, 1795300000); /* the last record's */
    ck_assert_int_eq(attributes.st_size, 4);
    ck_assert_uint_eq(asked(ITERATOR), 2);
    const struct peer_request *request = peer_request_at(peer, of(ITERATOR), 1);
    ck_assert_ptr_nonnull(
        memmem(request->body, request->body_len, "AFTER_SEQUENCE_NUMBER", 21));
    size_t before = asked(RECORDS);
    ck_assert_str_eq(content("s/shardId-1"), "a\nb\n"); /* it is closed, and kept */
    ck_assert_uint_eq(asked(RECORDS), before);
}
END_TEST

#define BEHIND(records, next)                                                                  \
    "{\"Records\":[" records "],\"NextShardIterator\":" next ",\"MillisBehindLatest\":9}"

/* The size that fstat(2) tells, first and then again. */
static void check_sizes(off_t first, off_t again)
{
    struct stat attributes;
    int fd = open(at("s/shardId-1"), O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fstat(fd, &attributes), 0);
    ck_assert_int_eq(attributes.st_size, first);
    ck_assert_int_eq(fstat(fd, &attributes), 0);
    ck_assert_int_eq(attributes.st_size, again);
    (void)close(fd);
}

START_TEST(the_size_is_known_at_the_end)
{
    struct stat attributes;
    mount_stream(NULL);
    play_all(RECORDS,
             (const struct peer_response[]){{.body = BEHIND(RECORD("1", "YQo="), "\"i1\"")},
                                            {.body = BEHIND("", "\"i2\"")},
                                            {.body = PAGE(RECORD("2", "YmIK"), "null")}},
             3);
    ck_assert_int_eq(stat(at("s/shardId-1"), &attributes), 0);
    ck_assert_int_eq(attributes.st_size, 0);
    ck_assert_uint_eq(asked(RECORDS), 0); /* nobody has it open */
    check_sizes(5, 5);
    ck_assert_uint_eq(asked(RECORDS), 3);
    ck_assert_str_eq(content("s/shardId-1"), "a\nbb\n");
}
END_TEST

START_TEST(an_end_that_is_too_far_away)
{
    char output[64];
    mount_stream("operation_timeout=2"); /* and half of it for the end */
    play(RECORDS, BEHIND(RECORD("1", "YQo="), "\"i1\""));
    check_sizes(0, 0);
    ck_assert(harness_mount_wait_log(mount,
                                     "/s/shardId-1 (kinesis://s/shardId-1): the size is "
                                     "told as 0: ",
                                     LONG_MS));
    ck_assert_str_eq(shell(top(), "head -n 1 s/shardId-1"), "a\n");
    play_all(RECORDS, PEER_RESPONSE(.body = "{}", .fault = {.end = PEER_END_STALL}), 1);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "timeout -s INT 0.2 python3 -c \"import os; "
                                   "os.fstat(os.open('s/shardId-1', 0))\""),
                     124);
}
END_TEST

START_TEST(the_size_when_reading_fails)
{
    mount_stream(NULL);
    play_all(RECORDS,
             (const struct peer_response[]){
                 {.body = BEHIND(RECORD("1", "YQo="), "\"i1\"")},
                 {.status = 400, .body = "{\"__type\":\"KMSAccessDeniedException\"}"},
                 {.body = PAGE(RECORD("2", "Ygo="), "null")}},
             3);
    check_sizes(0, 4);
}
END_TEST

START_TEST(children_of_a_reshard_appear)
{
    mount_stream("metadata_ttl=0");
    check_names(at("s"), "shardId-1");
    play(SHARDS, "{\"Shards\":[" CLOSED("1") "," ONE("3", "6") "," ONE("2", "6") "]}");
    check_names(at("s"), "shardId-1|shardId-2|shardId-3");
    play(RECORDS, PAGE("", "null"));
    ck_assert_str_eq(content("s/shardId-1"), "");
}
END_TEST

static const struct failing {
    struct peer_response response;
    const char *name, *told;
} failing[] = {
    {{.status = 400, .body = "{\"__type\":\"ProvisionedThroughputExceededException\"}"},
     "EBUSY",
     "EBUSY: ProvisionedThroughputExceededException"},
    {{.status = 400, .body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"gone\"}"},
     "ENOENT",
     "ENOENT: ResourceNotFoundException: gone"},
    {{.status = 400, .body = "{\"__type\":\"KMSAccessDeniedException\"}"},
     "EACCES",
     "EACCES: KMSAccessDeniedException"},
    {{.status = 500, .body = "{\"__type\":\"InternalFailure\"}"},
     "EIO",
     "EIO: InternalFailure"},
    {{.body = PAGE("", "\"i\""), .fault = {.end = PEER_END_CUT, .after = 9}},
     "EIO",
     "EIO: incomplete read"},
    {{.body = PAGE("", "\"i\""), .fault = {.shorten = true, .shorten_to = 9}},
     "EPROTO",
     "EPROTO"},
    {{.body = PAGE(RECORD("2", "***"), "\"i\"")}, "EPROTO", "EPROTO"},
    {{.body = "{\"Records\":null,\"NextShardIterator\":null}"},
     "EPROTO",
     "missing member: Records"},
    {{.body = PAGE("", "\"i\""), .fault = {.end = PEER_END_STALL, .after = 5}},
     "ETIMEDOUT",
     "ETIMEDOUT"},
};
#define FAILING (sizeof(failing) / sizeof(failing[0]))

START_TEST(a_shard_fails_as_the_service_says)
{
    char told[4096], wanted[64];
    mount_stream("operation_timeout=2");
    play_all(RECORDS,
             (const struct peer_response[]){
                 {.body = "{\"Records\":[" RECORD("1", "YQo=") "],\"NextShardIterator\":\"i1\","
                                                               "\"MillisBehindLatest\":9}"},
                 failing[_i].response},
             2);
    (void)snprintf(wanted, sizeof(wanted), "a\n %s", failing[_i].name);
    ck_assert_str_eq(content("s/shardId-1"), wanted);
    ck_assert_int_gt(try_xattr(at("s/shardId-1"), "user.pail.error", told, sizeof(told)), 0);
    ck_assert_msg(strstr(told, failing[_i].told) != NULL, "%s", told);
    ck_assert_msg(strstr(told, "(kinesis://s/shardId-1): ") != NULL, "%s", told);
}
END_TEST

static const struct {
    const char *target, *dir;
    struct peer_response response;
    int status;
} unlisted[] = {
    {STREAMS, "", {.status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"}, -EACCES},
    {STREAMS, "", {.body = "{}"}, -EPROTO},
    {STREAMS, "", {.status = 500, .body = "{}"}, -EIO},
    {SHARDS, "s", {.status = 400, .body = "{\"__type\":\"LimitExceededException\"}"}, -EBUSY},
    {SHARDS, "s", {.body = "{\"Shards\":[],\"NextToken\":\"t\"}"}, -EPROTO},
    {SHARDS,
     "s",
     {
         .body = "{\"Shards\":[" ONE("1", "1"),
     },
     -EPROTO},
};
#define UNLISTED (sizeof(unlisted) / sizeof(unlisted[0]))

START_TEST(a_failed_listing_is_no_empty_directory)
{
    size_t count;
    mount_stream("metadata_ttl=0");
    play_all(unlisted[_i].target, &unlisted[_i].response, 1);
    ck_assert_int_eq(try_list(at("%s", unlisted[_i].dir), &count), unlisted[_i].status);
}
END_TEST

START_TEST(throttling_is_absorbed)
{
    mount_stream("max_attempts=5");
    play_all(
        RECORDS,
        (const struct peer_response[]){
            {.status = 400, .body = "{\"__type\":\"ProvisionedThroughputExceededException\"}"},
            {.status = 400, .body = "{\"__type\":\"LimitExceededException\"}"},
            {.body = PAGE(RECORD("1", "YQo="), "\"i1\"")}},
        3);
    ck_assert_str_eq(content("s/shardId-1"), "a\n");
}
END_TEST

MOUNT_SUITE("mount/kinesis", 60, tcase_add_unchecked_fixture(tc, make_scratch, NULL);
            tcase_add_test(tc, shards_are_what_botocore_reads);
            tcase_add_test(tc, json_is_what_botocore_reads);
            tcase_add_test(tc, tail_follows_a_shard); tcase_add_test(tc, bounds_and_names);
            tcase_add_test(tc, iterators_expire_and_shards_close);
            tcase_add_test(tc, the_size_is_known_at_the_end);
            tcase_add_test(tc, an_end_that_is_too_far_away);
            tcase_add_test(tc, the_size_when_reading_fails);
            tcase_add_test(tc, children_of_a_reshard_appear);
            tcase_add_loop_test(tc, a_shard_fails_as_the_service_says, 0, (int)FAILING);
            tcase_add_loop_test(tc, a_failed_listing_is_no_empty_directory, 0, (int)UNLISTED);
            tcase_add_test(tc, throttling_is_absorbed));
