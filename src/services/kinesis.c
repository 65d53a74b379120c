#include <pail/kinesis.h>

#include "aws/table.h"

const struct pail_service pail_kinesis_service = {
    .id = "Kinesis",
    .endpoint_prefix = "kinesis",
    .signing_name = "kinesis",
    .protocol = PAIL_JSON,
    .api_version = "2013-12-02",
    .target_prefix = "Kinesis_20131202",
    .json_version = "1.1",
};

/* ListStreams */

static const struct pail_member list_streams_input_members[] = {
    BODY(struct pail_kinesis_list_streams_input, limit, "Limit", &pail_shape_integer, 0),
    BODY(struct pail_kinesis_list_streams_input, exclusive_start_stream_name,
         "ExclusiveStartStreamName", &pail_shape_string, 0),
    BODY(struct pail_kinesis_list_streams_input, next_token, "NextToken", &pail_shape_string,
         0),
};
static const struct pail_shape list_streams_input = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_list_streams_input, NULL, list_streams_input_members);

static const struct pail_member stream_mode_details_members[] = {
    BODY(struct pail_kinesis_stream_mode_details, stream_mode, "StreamMode", &pail_shape_string,
         0),
};
static const struct pail_shape stream_mode_details = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_stream_mode_details, NULL, stream_mode_details_members);

static const struct pail_member stream_summary_members[] = {
    BODY(struct pail_kinesis_stream_summary, stream_name, "StreamName", &pail_shape_string,
         PAIL_REQUIRED),
    BODY(struct pail_kinesis_stream_summary, stream_arn, "StreamARN", &pail_shape_string, 0),
    BODY(struct pail_kinesis_stream_summary, stream_status, "StreamStatus", &pail_shape_string,
         0),
    BODY(struct pail_kinesis_stream_summary, stream_mode_details, "StreamModeDetails",
         &stream_mode_details, 0),
    BODY(struct pail_kinesis_stream_summary, stream_creation_timestamp,
         "StreamCreationTimestamp", &pail_shape_timestamp, 0),
};
static const struct pail_shape stream_summary =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_stream_summary, NULL, stream_summary_members);

static const struct pail_shape stream_summaries = PAIL_LIST_SHAPE(&stream_summary, NULL);

static const struct pail_member list_streams_output_members[] = {
    BODY(struct pail_kinesis_list_streams_output, stream_names, "StreamNames",
         &pail_shape_string_list, PAIL_REQUIRED),
    BODY(struct pail_kinesis_list_streams_output, has_more_streams, "HasMoreStreams",
         &pail_shape_boolean, 0),
    BODY(struct pail_kinesis_list_streams_output, next_token, "NextToken", &pail_shape_string,
         0),
    BODY(struct pail_kinesis_list_streams_output, stream_summaries, "StreamSummaries",
         &stream_summaries, 0),
};
static const struct pail_shape list_streams_output = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_list_streams_output, NULL, list_streams_output_members);

const struct pail_operation pail_kinesis_list_streams_operation = {
    .name = "ListStreams",
    .service = &pail_kinesis_service,
    .method = "POST",
    .uri = "/",
    .input = &list_streams_input,
    .output = &list_streams_output,
};
TABLE_CALL(pail_kinesis_list_streams)

/* DescribeStreamSummary */

static const struct pail_member describe_stream_summary_input_members[] = {
    BODY(struct pail_kinesis_describe_stream_summary_input, stream_name, "StreamName",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_describe_stream_summary_input, stream_arn, "StreamARN",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_describe_stream_summary_input, stream_id, "StreamId",
         &pail_shape_string, 0),
};
static const struct pail_shape describe_stream_summary_input =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_describe_stream_summary_input, NULL,
                         describe_stream_summary_input_members);

static const struct pail_member enhanced_metrics_members[] = {
    BODY(struct pail_kinesis_enhanced_metrics, shard_level_metrics, "ShardLevelMetrics",
         &pail_shape_string_list, 0),
};
static const struct pail_shape enhanced_metrics =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_enhanced_metrics, NULL, enhanced_metrics_members);

static const struct pail_shape enhanced_monitoring = PAIL_LIST_SHAPE(&enhanced_metrics, NULL);

static const struct pail_member warm_throughput_members[] = {
    BODY(struct pail_kinesis_warm_throughput, target_mibps, "TargetMiBps", &pail_shape_integer,
         0),
    BODY(struct pail_kinesis_warm_throughput, current_mibps, "CurrentMiBps",
         &pail_shape_integer, 0),
};
static const struct pail_shape warm_throughput =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_warm_throughput, NULL, warm_throughput_members);

static const struct pail_member stream_description_summary_members[] = {
    BODY(struct pail_kinesis_stream_description_summary, stream_name, "StreamName",
         &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_kinesis_stream_description_summary, stream_arn, "StreamARN",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_stream_description_summary, stream_id, "StreamId",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_stream_description_summary, stream_status, "StreamStatus",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_stream_description_summary, stream_mode_details,
         "StreamModeDetails", &stream_mode_details, 0),
    BODY(struct pail_kinesis_stream_description_summary, retention_period_hours,
         "RetentionPeriodHours", &pail_shape_integer, 0),
    BODY(struct pail_kinesis_stream_description_summary, stream_creation_timestamp,
         "StreamCreationTimestamp", &pail_shape_timestamp, 0),
    BODY(struct pail_kinesis_stream_description_summary, enhanced_monitoring,
         "EnhancedMonitoring", &enhanced_monitoring, 0),
    BODY(struct pail_kinesis_stream_description_summary, encryption_type, "EncryptionType",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_stream_description_summary, key_id, "KeyId", &pail_shape_string,
         0),
    BODY(struct pail_kinesis_stream_description_summary, open_shard_count, "OpenShardCount",
         &pail_shape_integer, 0),
    BODY(struct pail_kinesis_stream_description_summary, consumer_count, "ConsumerCount",
         &pail_shape_integer, 0),
    BODY(struct pail_kinesis_stream_description_summary, warm_throughput, "WarmThroughput",
         &warm_throughput, 0),
    BODY(struct pail_kinesis_stream_description_summary, max_record_size_in_kib,
         "MaxRecordSizeInKiB", &pail_shape_integer, 0),
    BODY(struct pail_kinesis_stream_description_summary, channel_count, "ChannelCount",
         &pail_shape_integer, 0),
    BODY(struct pail_kinesis_stream_description_summary, record_distribution_strategy,
         "RecordDistributionStrategy", &pail_shape_string, 0),
    BODY(struct pail_kinesis_stream_description_summary, queue_count, "QueueCount",
         &pail_shape_integer, 0),
};
static const struct pail_shape stream_description_summary = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_stream_description_summary, NULL, stream_description_summary_members);

static const struct pail_member describe_stream_summary_output_members[] = {
    BODY(struct pail_kinesis_describe_stream_summary_output, stream_description_summary,
         "StreamDescriptionSummary", &stream_description_summary, PAIL_REQUIRED),
};
static const struct pail_shape describe_stream_summary_output =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_describe_stream_summary_output, NULL,
                         describe_stream_summary_output_members);

const struct pail_operation pail_kinesis_describe_stream_summary_operation = {
    .name = "DescribeStreamSummary",
    .service = &pail_kinesis_service,
    .method = "POST",
    .uri = "/",
    .input = &describe_stream_summary_input,
    .output = &describe_stream_summary_output,
};
TABLE_CALL(pail_kinesis_describe_stream_summary)

/* ListShards */

static const struct pail_member shard_filter_members[] = {
    BODY(struct pail_kinesis_shard_filter, type, "Type", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_kinesis_shard_filter, shard_id, "ShardId", &pail_shape_string, 0),
    BODY(struct pail_kinesis_shard_filter, timestamp, "Timestamp", &pail_shape_timestamp, 0),
};
static const struct pail_shape shard_filter =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_shard_filter, NULL, shard_filter_members);

static const struct pail_member list_shards_input_members[] = {
    BODY(struct pail_kinesis_list_shards_input, stream_name, "StreamName", &pail_shape_string,
         0),
    BODY(struct pail_kinesis_list_shards_input, next_token, "NextToken", &pail_shape_string, 0),
    BODY(struct pail_kinesis_list_shards_input, exclusive_start_shard_id,
         "ExclusiveStartShardId", &pail_shape_string, 0),
    BODY(struct pail_kinesis_list_shards_input, max_results, "MaxResults", &pail_shape_integer,
         0),
    BODY(struct pail_kinesis_list_shards_input, stream_creation_timestamp,
         "StreamCreationTimestamp", &pail_shape_timestamp, 0),
    BODY(struct pail_kinesis_list_shards_input, shard_filter, "ShardFilter", &shard_filter, 0),
    BODY(struct pail_kinesis_list_shards_input, stream_arn, "StreamARN", &pail_shape_string, 0),
    BODY(struct pail_kinesis_list_shards_input, stream_id, "StreamId", &pail_shape_string, 0),
};
static const struct pail_shape list_shards_input = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_list_shards_input, NULL, list_shards_input_members);

static const struct pail_member hash_key_range_members[] = {
    BODY(struct pail_kinesis_hash_key_range, starting_hash_key, "StartingHashKey",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_hash_key_range, ending_hash_key, "EndingHashKey",
         &pail_shape_string, 0),
};
static const struct pail_shape hash_key_range =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_hash_key_range, NULL, hash_key_range_members);

static const struct pail_member sequence_number_range_members[] = {
    BODY(struct pail_kinesis_sequence_number_range, starting_sequence_number,
         "StartingSequenceNumber", &pail_shape_string, 0),
    BODY(struct pail_kinesis_sequence_number_range, ending_sequence_number,
         "EndingSequenceNumber", &pail_shape_string, 0),
};
static const struct pail_shape sequence_number_range = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_sequence_number_range, NULL, sequence_number_range_members);

static const struct pail_member shard_members[] = {
    BODY(struct pail_kinesis_shard, shard_id, "ShardId", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_kinesis_shard, parent_shard_id, "ParentShardId", &pail_shape_string, 0),
    BODY(struct pail_kinesis_shard, adjacent_parent_shard_id, "AdjacentParentShardId",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_shard, hash_key_range, "HashKeyRange", &hash_key_range, 0),
    BODY(struct pail_kinesis_shard, sequence_number_range, "SequenceNumberRange",
         &sequence_number_range, 0),
};
static const struct pail_shape shard =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_shard, NULL, shard_members);

static const struct pail_shape shards = PAIL_LIST_SHAPE(&shard, NULL);

static const struct pail_member list_shards_output_members[] = {
    BODY(struct pail_kinesis_list_shards_output, shards, "Shards", &shards, 0),
    BODY(struct pail_kinesis_list_shards_output, next_token, "NextToken", &pail_shape_string,
         0),
};
static const struct pail_shape list_shards_output = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_list_shards_output, NULL, list_shards_output_members);

const struct pail_operation pail_kinesis_list_shards_operation = {
    .name = "ListShards",
    .service = &pail_kinesis_service,
    .method = "POST",
    .uri = "/",
    .input = &list_shards_input,
    .output = &list_shards_output,
};
TABLE_CALL(pail_kinesis_list_shards)

/* GetShardIterator */

static const struct pail_member get_shard_iterator_input_members[] = {
    BODY(struct pail_kinesis_get_shard_iterator_input, stream_name, "StreamName",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_get_shard_iterator_input, shard_id, "ShardId", &pail_shape_string,
         PAIL_REQUIRED),
    BODY(struct pail_kinesis_get_shard_iterator_input, shard_iterator_type, "ShardIteratorType",
         &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_kinesis_get_shard_iterator_input, starting_sequence_number,
         "StartingSequenceNumber", &pail_shape_string, 0),
    BODY(struct pail_kinesis_get_shard_iterator_input, timestamp, "Timestamp",
         &pail_shape_timestamp, 0),
    BODY(struct pail_kinesis_get_shard_iterator_input, stream_arn, "StreamARN",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_get_shard_iterator_input, stream_id, "StreamId",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_get_shard_iterator_input, dry_run, "DryRun", &pail_shape_boolean,
         0),
};
static const struct pail_shape get_shard_iterator_input = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_get_shard_iterator_input, NULL, get_shard_iterator_input_members);

static const struct pail_member get_shard_iterator_output_members[] = {
    BODY(struct pail_kinesis_get_shard_iterator_output, shard_iterator, "ShardIterator",
         &pail_shape_string, 0),
};
static const struct pail_shape get_shard_iterator_output = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_get_shard_iterator_output, NULL, get_shard_iterator_output_members);

const struct pail_operation pail_kinesis_get_shard_iterator_operation = {
    .name = "GetShardIterator",
    .service = &pail_kinesis_service,
    .method = "POST",
    .uri = "/",
    .input = &get_shard_iterator_input,
    .output = &get_shard_iterator_output,
};
TABLE_CALL(pail_kinesis_get_shard_iterator)

/* GetRecords */

static const struct pail_member get_records_input_members[] = {
    BODY(struct pail_kinesis_get_records_input, shard_iterator, "ShardIterator",
         &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_kinesis_get_records_input, limit, "Limit", &pail_shape_integer, 0),
    BODY(struct pail_kinesis_get_records_input, stream_arn, "StreamARN", &pail_shape_string, 0),
    BODY(struct pail_kinesis_get_records_input, stream_id, "StreamId", &pail_shape_string, 0),
    BODY(struct pail_kinesis_get_records_input, dry_run, "DryRun", &pail_shape_boolean, 0),
};
static const struct pail_shape get_records_input = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_get_records_input, NULL, get_records_input_members);

static const struct pail_member record_members[] = {
    BODY(struct pail_kinesis_record, sequence_number, "SequenceNumber", &pail_shape_string,
         PAIL_REQUIRED),
    BODY(struct pail_kinesis_record, approximate_arrival_timestamp,
         "ApproximateArrivalTimestamp", &pail_shape_timestamp, 0),
    BODY(struct pail_kinesis_record, data, "Data", &pail_shape_blob, PAIL_REQUIRED),
    BODY(struct pail_kinesis_record, partition_key, "PartitionKey", &pail_shape_string, 0),
    BODY(struct pail_kinesis_record, encryption_type, "EncryptionType", &pail_shape_string, 0),
};
static const struct pail_shape record =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_record, NULL, record_members);

static const struct pail_shape records = PAIL_LIST_SHAPE(&record, NULL);

static const struct pail_member child_shard_members[] = {
    BODY(struct pail_kinesis_child_shard, shard_id, "ShardId", &pail_shape_string,
         PAIL_REQUIRED),
    BODY(struct pail_kinesis_child_shard, parent_shards, "ParentShards",
         &pail_shape_string_list, 0),
    BODY(struct pail_kinesis_child_shard, hash_key_range, "HashKeyRange", &hash_key_range, 0),
};
static const struct pail_shape child_shard =
    PAIL_STRUCTURE_SHAPE(struct pail_kinesis_child_shard, NULL, child_shard_members);

static const struct pail_shape child_shards = PAIL_LIST_SHAPE(&child_shard, NULL);

static const struct pail_member get_records_output_members[] = {
    BODY(struct pail_kinesis_get_records_output, records, "Records", &records, PAIL_REQUIRED),
    BODY(struct pail_kinesis_get_records_output, next_shard_iterator, "NextShardIterator",
         &pail_shape_string, 0),
    BODY(struct pail_kinesis_get_records_output, millis_behind_latest, "MillisBehindLatest",
         &pail_shape_long, 0),
    BODY(struct pail_kinesis_get_records_output, child_shards, "ChildShards", &child_shards, 0),
};
static const struct pail_shape get_records_output = PAIL_STRUCTURE_SHAPE(
    struct pail_kinesis_get_records_output, NULL, get_records_output_members);

const struct pail_operation pail_kinesis_get_records_operation = {
    .name = "GetRecords",
    .service = &pail_kinesis_service,
    .method = "POST",
    .uri = "/",
    .input = &get_records_input,
    .output = &get_records_output,
};
TABLE_CALL(pail_kinesis_get_records)
