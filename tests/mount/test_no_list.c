/* Of every source: a success without its list is a failure, when mounting and later, and told;
 * an empty list is an empty directory. */
#include "mount/services.h"

#define JSON(target_)                                                                          \
    {                                                                                          \
        .method = "POST", .header = "X-Amz-Target", .header_value = (target_)                  \
    }
#define BUCKETS(x) "<ListAllMyBucketsResult>" x "</ListAllMyBucketsResult>"
#define OBJECTS(x) "<ListBucketResult>" x "</ListBucketResult>"

static const struct {
    const char *source;
    struct peer_match match;
    const char *without, *empty, *words;
} sources[] = {
    {"s3://",
     {.pattern = "GET /"},
     BUCKETS(),
     BUCKETS("<Buckets></Buckets>"),
     "is not a list of buckets"},
    {"s3://",
     {.pattern = "GET /"},
     BUCKETS("<Owner><ID>1</ID></Owner>"),
     BUCKETS("<Buckets/>"),
     "is not a list of buckets"},
    {"s3://bkt",
     {.method = "GET", .param = "list-type"},
     OBJECTS(),
     OBJECTS("<IsTruncated>false</IsTruncated>"),
     "is not a listing of a bucket"},
    {"logs://", JSON("Logs_20140328.DescribeLogGroups"), "{}", "{\"logGroups\":[]}",
     "is not a list of log groups"},
    {"kinesis://", JSON("Kinesis_20131202.ListStreams"), "{}",
     "{\"StreamNames\":[],\"HasMoreStreams\":false}", "missing member: StreamNames"},
    {"kinesis://s", JSON("Kinesis_20131202.ListShards"), "{}", "{\"Shards\":[]}",
     "is not a list of shards"},
    {"lambda://",
     {.pattern = "GET /2015-03-31/functions"},
     "{}",
     "{\"Functions\":[]}",
     "is not a list of functions"},
};

static void answer(int i, const char *body)
{
    (void)peer_rule_add(
        peer, &(struct peer_rule){.match = sources[i].match, PEER_ANSWERS({.body = body})});
}

START_TEST(does_not_mount_without_its_list)
{
    answer(_i, sources[_i].without);
    fixture_mount_config(&(struct harness_mount_config){.source = sources[_i].source,
                                                        .endpoint = peer_s3_url(s3)});
    ck_assert_int_eq(harness_mount_state(mount), -ECHILD);
    ck_assert_int_eq(harness_mount_exit_status(mount, 0), 1);
    ck_assert_msg(strstr(harness_mount_log(mount), sources[_i].words), "%s",
                  harness_mount_log(mount));
}
END_TEST

START_TEST(empty_is_not_absent)
{
    size_t count;
    answer(_i, sources[_i].empty);
    play("Kinesis_20131202.DescribeStreamSummary", "{\"StreamDescriptionSummary\":{}}");
    fixture_mount_source(sources[_i].source, "metadata_ttl=0,max_attempts=1");
    ck_assert_int_eq(try_list(top(), &count), 0);
    ck_assert_uint_eq(count, 0);
    answer(_i, sources[_i].without);
    ck_assert_int_eq(try_list(top(), &count), -EPROTO);
    ck_assert_uint_eq(count, 0);
    ck_assert_msg(harness_mount_wait_log(mount, sources[_i].words, LONG_MS), "%s",
                  harness_mount_log(mount));
}
END_TEST

#define SOURCES (int)(sizeof(sources) / sizeof(sources[0]))

MOUNT_SUITE("mount/no_list", 60,
            tcase_add_loop_test(tc, does_not_mount_without_its_list, 0, SOURCES);
            tcase_add_loop_test(tc, empty_is_not_absent, 0, SOURCES));
