#include <pail/kinesis.h>

#include "unit/services/service_check.h"

#define HEAD(operation)                                                                        \
    "POST /\nX-Amz-Target: Kinesis_20131202." operation                                        \
    "\nContent-Type: application/x-amz-json-1.1\n\n"

static const struct pail_time when = {
    .seconds = 1795355669, .nanoseconds = 615000000, .present = true};

START_TEST(asks_for_streams)
{
    const struct pail_kinesis_list_streams_input list = {
        .limit = PAIL_INT(7),
        .exclusive_start_stream_name = PAIL_STR("s"),
        .next_token = PAIL_STR("t"),
    };
    check_request(&pail_kinesis_list_streams_operation, &list,
                  HEAD("ListStreams") "{\"Limit\":7,\"ExclusiveStartStreamName\":\"s\","
                                      "\"NextToken\":\"t\"}");
    const struct pail_kinesis_describe_stream_summary_input describe = {
        .stream_name = PAIL_STR("s"), .stream_arn = PAIL_STR("a"), .stream_id = PAIL_STR("i")};
    check_request(&pail_kinesis_describe_stream_summary_operation, &describe,
                  HEAD("DescribeStreamSummary") "{\"StreamName\":\"s\",\"StreamARN\":\"a\","
                                                "\"StreamId\":\"i\"}");
}
END_TEST

START_TEST(asks_for_shards)
{
    const struct pail_kinesis_shard_filter filter = {
        .type = PAIL_STR("FROM_TIMESTAMP"), .shard_id = PAIL_STR("x"), .timestamp = when};
    const struct pail_kinesis_list_shards_input list = {
        .stream_name = PAIL_STR("s"),
        .next_token = PAIL_STR("t"),
        .exclusive_start_shard_id = PAIL_STR("e"),
        .max_results = PAIL_INT(1000),
        .stream_creation_timestamp = {.seconds = 5, .present = true},
        .shard_filter = &filter,
        .stream_arn = PAIL_STR("a"),
        .stream_id = PAIL_STR("i"),
    };
    check_request(&pail_kinesis_list_shards_operation, &list,
                  HEAD("ListShards") "{\"StreamName\":\"s\",\"NextToken\":\"t\","
                                     "\"ExclusiveStartShardId\":\"e\","
                                     "\"MaxResults\":1000,\"StreamCreationTimestamp\":5,"
                                     "\"ShardFilter\":{\"Type\":"
                                     "\"FROM_TIMESTAMP\",\"ShardId\":\"x\",\"Timestamp\":"
                                     "1795355669.615},\"StreamARN\":\"a\","
                                     "\"StreamId\":\"i\"}");
    struct pail_kinesis_get_shard_iterator_input iterator = {
        .stream_name = PAIL_STR("s"),
        .shard_id = PAIL_STR("x"),
        .shard_iterator_type = PAIL_STR("AT_TIMESTAMP"),
        .starting_sequence_number = PAIL_STR("49"),
        .timestamp = when,
        .stream_arn = PAIL_STR("a"),
        .stream_id = PAIL_STR("i"),
        .dry_run = PAIL_BOOL(false),
    };
    check_request(
        &pail_kinesis_get_shard_iterator_operation, &iterator,
        HEAD(
            "GetShardIterator") "{\"StreamName\":\"s\",\"ShardId\":\"x\",\"ShardIteratorType\":"
                                "\"AT_TIMESTAMP\",\"StartingSequenceNumber\":\"49\","
                                "\"Timestamp\":1795355669.615,"
                                "\"StreamARN\":\"a\",\"StreamId\":\"i\",\"DryRun\":false}");
    iterator.shard_iterator_type = (struct pail_str){0};
    check_required(&pail_kinesis_get_shard_iterator_operation, &iterator, "ShardIteratorType");
    iterator.shard_id = (struct pail_str){0};
    check_required(&pail_kinesis_get_shard_iterator_operation, &iterator, "ShardId");
}
END_TEST

START_TEST(asks_for_records)
{
    struct pail_kinesis_get_records_input in = {
        .shard_iterator = PAIL_STR("AAA+/="),
        .limit = PAIL_INT(10000),
        .stream_arn = PAIL_STR("a"),
        .stream_id = PAIL_STR("i"),
        .dry_run = PAIL_BOOL(true),
    };
    check_request(
        &pail_kinesis_get_records_operation, &in,
        HEAD("GetRecords") "{\"ShardIterator\":\"AAA+/=\",\"Limit\":10000,\"StreamARN\":\"a\","
                           "\"StreamId\":\"i\",\"DryRun\":true}");
    in.shard_iterator = (struct pail_str){0};
    check_required(&pail_kinesis_get_records_operation, &in, "ShardIterator");
}
END_TEST

#define LIST_STREAMS(time)                                                                     \
    "{\"StreamNames\":[\"s\"],\"HasMoreStreams\":true,\"NextToken\":\"t\","                    \
    "\"StreamSummaries\":[{"                                                                   \
    "\"StreamName\":\"s\",\"StreamARN\":\"a\",\"StreamStatus\":\"ACTIVE\","                    \
    "\"StreamModeDetails\":{"                                                                  \
    "\"StreamMode\":\"ON_DEMAND\"},\"StreamCreationTimestamp\":" time "}]}"
#define SUMMARY(time)                                                                          \
    "{\"StreamDescriptionSummary\":{\"StreamName\":\"s\",\"StreamARN\":\"a\",\"StreamId\":"    \
    "\"i\","                                                                                   \
    "\"StreamStatus\":\"ACTIVE\",\"StreamModeDetails\":{\"StreamMode\":\"PROVISIONED\"},"      \
    "\"RetentionPeriodHours\":24,\"StreamCreationTimestamp\":" time                            \
    ",\"EnhancedMonitoring\":[{"                                                               \
    "\"ShardLevelMetrics\":[\"ALL\"]}],\"EncryptionType\":\"KMS\",\"KeyId\":\"k\","            \
    "\"OpenShardCount\":2,"                                                                    \
    "\"ConsumerCount\":0,\"WarmThroughput\":{\"TargetMiBps\":3,\"CurrentMiBps\":4},"           \
    "\"MaxRecordSizeInKiB\":1024,\"ChannelCount\":5,\"RecordDistributionStrategy\":\"x\","     \
    "\"QueueCount\":6}}"
#define RANGE                                                                                  \
    "{\"StartingHashKey\":\"0\",\"EndingHashKey\":"                                            \
    "\"340282366920938463463374607431768211455\"}"
#define SHARDS                                                                                 \
    "{\"Shards\":[{\"ShardId\":\"shardId-000000000000\",\"ParentShardId\":\"p\","              \
    "\"AdjacentParentShardId\":\"q\",\"HashKeyRange\":" RANGE ",\"SequenceNumberRange\":{"     \
    "\"StartingSequenceNumber\":\"1\",\"EndingSequenceNumber\":\"2\"}}],\"NextToken\":\"t\"}"
#define RECORDS(time, data)                                                                    \
    "{\"Records\":[{\"SequenceNumber\":\"49\",\"ApproximateArrivalTimestamp\":" time ","       \
    "\"Data\":\"" data "\",\"PartitionKey\":\"k\",\"EncryptionType\":\"NONE\"}],"              \
    "\"NextShardIterator\":\"n\",\"MillisBehindLatest\":4000000000,\"ChildShards\":[{"         \
    "\"ShardId\":\"c\",\"ParentShards\":[\"p\"],\"HashKeyRange\":" RANGE "}]}"

START_TEST(takes_outputs)
{
    struct pail_kinesis_list_streams_output streams = {.next_token = {0}};
    check_output(&pail_kinesis_list_streams_operation, LIST_STREAMS("1795355669.615"), &streams,
                 LIST_STREAMS("\"2026-11-22T13:54:29.615Z\""));
    pail_output_free(&pail_kinesis_list_streams_operation, &streams);
    struct pail_kinesis_describe_stream_summary_output summary = {.stream_description_summary =
                                                                      NULL};
    check_output(&pail_kinesis_describe_stream_summary_operation, SUMMARY("1795355669"),
                 &summary, SUMMARY("\"2026-11-22T13:54:29Z\""));
    pail_output_free(&pail_kinesis_describe_stream_summary_operation, &summary);
    struct pail_kinesis_list_shards_output shards = {.next_token = {0}};
    check_output(&pail_kinesis_list_shards_operation, SHARDS, &shards, SHARDS);
    pail_output_free(&pail_kinesis_list_shards_operation, &shards);
    struct pail_kinesis_get_shard_iterator_output iterator = {.shard_iterator = {0}};
    check_output(&pail_kinesis_get_shard_iterator_operation, "{\"ShardIterator\":\"i\"}",
                 &iterator, "{\"ShardIterator\":\"i\"}");
    pail_output_free(&pail_kinesis_get_shard_iterator_operation, &iterator);
}
END_TEST

START_TEST(takes_records)
{
    struct pail_kinesis_get_records_output out = {.records = {0}};
    check_output(&pail_kinesis_get_records_operation, RECORDS("1795355669.615", "AP9o"), &out,
                 RECORDS("\"2026-11-22T13:54:29.615Z\"", "AP9o"));
    check_str(out.records.items[0].data, "\x00\xffh");
    ck_assert_uint_eq(out.records.items[0].approximate_arrival_timestamp.nanoseconds,
                      615000000);
    pail_output_free(&pail_kinesis_get_records_operation, &out);
    /* A closed shard that has been read, and what must not look like one. */
    check_output(&pail_kinesis_get_records_operation,
                 "{\"Records\":[],\"NextShardIterator\":null}", &out, "{\"Records\":[]}");
    check_absent(out.next_shard_iterator);
    pail_output_free(&pail_kinesis_get_records_operation, &out);
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"Records\":null}",
        "{\"Records\":[{\"SequenceNumber\":\"1\"}]}",
        "{\"Records\":[{\"Data\":\"AA==\"}]}",
        "{\"Records\":[{\"SequenceNumber\":\"1\",\"Data\":\"A\"}]}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        check_refused(&pail_kinesis_get_records_operation, bad[i], &out);
}
END_TEST

SUITE_MAIN("services/kinesis", tcase_add_test(tc, asks_for_streams),
           tcase_add_test(tc, asks_for_shards), tcase_add_test(tc, asks_for_records),
           tcase_add_test(tc, takes_outputs), tcase_add_test(tc, takes_records));
