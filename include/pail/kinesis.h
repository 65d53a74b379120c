/* pail/kinesis.h: Amazon Kinesis Data Streams. Members bear the names of AWS's model
 * (2013-12-02). Inputs: what is absent (all zero) is not sent. Outputs: all zero before the
 * call, released by pail_output_free with the operation. A stream is named by its name or its
 * ARN. */
#ifndef PAIL_KINESIS_H
#define PAIL_KINESIS_H

#include <pail/call.h>

#ifdef __cplusplus
extern "C" {
#endif

extern PAIL_API const struct pail_service pail_kinesis_service;

/* Lists the account's streams by name, a page at a time. */
struct pail_kinesis_list_streams_input {
    struct pail_int limit;                                   /* 1 to 10,000 */
    struct pail_str exclusive_start_stream_name, next_token; /* not both */
};
struct pail_kinesis_stream_mode_details {
    struct pail_str stream_mode;
};
struct pail_kinesis_stream_summary {
    struct pail_str stream_name, stream_arn, stream_status;
    const struct pail_kinesis_stream_mode_details *stream_mode_details;
    struct pail_time stream_creation_timestamp;
};
struct pail_kinesis_stream_summaries {
    const struct pail_kinesis_stream_summary *items;
    size_t count;
};
struct pail_kinesis_list_streams_output {
    struct pail_response response;
    struct pail_str_list stream_names;
    struct pail_bool has_more_streams;
    struct pail_str next_token;
    struct pail_kinesis_stream_summaries stream_summaries;
};
extern PAIL_API const struct pail_operation pail_kinesis_list_streams_operation;
PAIL_API int pail_kinesis_list_streams(struct pail_client *client,
                                       const struct pail_kinesis_list_streams_input *in,
                                       struct pail_kinesis_list_streams_output *out,
                                       const struct pail_call_options *options,
                                       struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_kinesis_list_streams)

/* Says what is known of a stream, but for its shards. */
struct pail_kinesis_describe_stream_summary_input {
    struct pail_str stream_name, stream_arn, stream_id;
};
struct pail_kinesis_enhanced_metrics {
    struct pail_str_list shard_level_metrics;
};
struct pail_kinesis_enhanced_monitoring {
    const struct pail_kinesis_enhanced_metrics *items;
    size_t count;
};
struct pail_kinesis_warm_throughput {
    struct pail_int target_mibps, current_mibps;
};
struct pail_kinesis_stream_description_summary {
    struct pail_str stream_name, stream_arn, stream_id, stream_status;
    const struct pail_kinesis_stream_mode_details *stream_mode_details;
    struct pail_int retention_period_hours;
    struct pail_time stream_creation_timestamp;
    struct pail_kinesis_enhanced_monitoring enhanced_monitoring;
    struct pail_str encryption_type, key_id;
    struct pail_int open_shard_count, consumer_count;
    const struct pail_kinesis_warm_throughput *warm_throughput;
    struct pail_int max_record_size_in_kib, channel_count;
    struct pail_str record_distribution_strategy;
    struct pail_int queue_count;
};
struct pail_kinesis_describe_stream_summary_output {
    struct pail_response response;
    const struct pail_kinesis_stream_description_summary *stream_description_summary;
};
extern PAIL_API const struct pail_operation pail_kinesis_describe_stream_summary_operation;
PAIL_API int pail_kinesis_describe_stream_summary(
    struct pail_client *client, const struct pail_kinesis_describe_stream_summary_input *in,
    struct pail_kinesis_describe_stream_summary_output *out,
    const struct pail_call_options *options, struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_kinesis_describe_stream_summary)

/* Lists the shards of a stream, up to 1,000 a page. */
struct pail_kinesis_shard_filter {
    struct pail_str type; /* required: "AFTER_SHARD_ID", "FROM_TIMESTAMP", "AT_LATEST"... */
    struct pail_str shard_id;
    struct pail_time timestamp;
};
struct pail_kinesis_list_shards_input {
    struct pail_str stream_name, next_token; /* not both */
    struct pail_str exclusive_start_shard_id;
    struct pail_int max_results;
    struct pail_time stream_creation_timestamp;
    const struct pail_kinesis_shard_filter *shard_filter;
    struct pail_str stream_arn, stream_id;
};
struct pail_kinesis_hash_key_range {
    struct pail_str starting_hash_key, ending_hash_key;
};
struct pail_kinesis_sequence_number_range {
    struct pail_str starting_sequence_number;
    struct pail_str ending_sequence_number; /* absent: the shard is open */
};
struct pail_kinesis_shard {
    struct pail_str shard_id, parent_shard_id, adjacent_parent_shard_id;
    const struct pail_kinesis_hash_key_range *hash_key_range;
    const struct pail_kinesis_sequence_number_range *sequence_number_range;
};
struct pail_kinesis_shards {
    const struct pail_kinesis_shard *items;
    size_t count;
};
struct pail_kinesis_list_shards_output {
    struct pail_response response;
    struct pail_kinesis_shards shards;
    struct pail_str next_token; /* absent: this was the last page */
};
extern PAIL_API const struct pail_operation pail_kinesis_list_shards_operation;
PAIL_API int pail_kinesis_list_shards(struct pail_client *client,
                                      const struct pail_kinesis_list_shards_input *in,
                                      struct pail_kinesis_list_shards_output *out,
                                      const struct pail_call_options *options,
                                      struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_kinesis_list_shards)

/* Asks for an iterator: where in a shard to read. It is good for five minutes. */
struct pail_kinesis_get_shard_iterator_input {
    struct pail_str stream_name;
    struct pail_str shard_id; /* required */
    /* Required: "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST",
     * "AT_TIMESTAMP". */
    struct pail_str shard_iterator_type;
    struct pail_str starting_sequence_number;
    struct pail_time timestamp;
    struct pail_str stream_arn, stream_id;
    struct pail_bool dry_run;
};
struct pail_kinesis_get_shard_iterator_output {
    struct pail_response response;
    struct pail_str shard_iterator;
};
extern PAIL_API const struct pail_operation pail_kinesis_get_shard_iterator_operation;
PAIL_API int pail_kinesis_get_shard_iterator(
    struct pail_client *client, const struct pail_kinesis_get_shard_iterator_input *in,
    struct pail_kinesis_get_shard_iterator_output *out, const struct pail_call_options *options,
    struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_kinesis_get_shard_iterator)

/* Reads from a shard, up to 10,000 records or 10 MiB a call; there may be none before the end.
 * ExpiredIteratorException (-ESTALE): ask for an iterator after the last sequence number. */
struct pail_kinesis_get_records_input {
    struct pail_str shard_iterator; /* required */
    struct pail_int limit;          /* 1 to 10,000 */
    struct pail_str stream_arn, stream_id;
    struct pail_bool dry_run;
};
struct pail_kinesis_record {
    struct pail_str sequence_number;
    struct pail_time approximate_arrival_timestamp;
    struct pail_str data; /* decoded */
    struct pail_str partition_key, encryption_type;
};
struct pail_kinesis_records {
    const struct pail_kinesis_record *items;
    size_t count;
};
struct pail_kinesis_child_shard {
    struct pail_str shard_id;
    struct pail_str_list parent_shards;
    const struct pail_kinesis_hash_key_range *hash_key_range;
};
struct pail_kinesis_child_shards {
    const struct pail_kinesis_child_shard *items;
    size_t count;
};
struct pail_kinesis_get_records_output {
    struct pail_response response;
    struct pail_kinesis_records records;
    struct pail_str next_shard_iterator; /* absent: the shard is closed and read to its end */
    struct pail_int millis_behind_latest;
    struct pail_kinesis_child_shards child_shards;
};
extern PAIL_API const struct pail_operation pail_kinesis_get_records_operation;
PAIL_API int pail_kinesis_get_records(struct pail_client *client,
                                      const struct pail_kinesis_get_records_input *in,
                                      struct pail_kinesis_get_records_output *out,
                                      const struct pail_call_options *options,
                                      struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_kinesis_get_records)

#ifdef __cplusplus
}
#endif
#endif
