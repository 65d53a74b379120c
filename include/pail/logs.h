/* pail/logs.h: Amazon CloudWatch Logs. Members bear the names of AWS's model
 * (2014-03-28). Inputs: what is absent (all zero) is not sent. Outputs: all zero before the
 * call, released by pail_output_free with the operation. Times are milliseconds since 1970. */
#ifndef PAIL_LOGS_H
#define PAIL_LOGS_H

#include <pail/call.h>
#include <pail/events.h>

#ifdef __cplusplus
extern "C" {
#endif

extern PAIL_API const struct pail_service pail_logs_service;

/* Lists log groups, up to 50 a page. */
struct pail_logs_describe_log_groups_input {
    struct pail_str_list account_identifiers;
    struct pail_str log_group_name_prefix, log_group_name_pattern; /* not both */
    struct pail_str next_token;
    struct pail_int limit; /* 1 to 50 */
    struct pail_bool include_linked_accounts;
    struct pail_str log_group_class; /* "STANDARD", "INFREQUENT_ACCESS", "DELIVERY" */
    struct pail_str_list log_group_identifiers;
};
struct pail_logs_log_group {
    struct pail_str log_group_name;
    struct pail_int creation_time, retention_in_days, metric_filter_count;
    struct pail_str arn;
    struct pail_int stored_bytes;
    struct pail_str kms_key_id, data_protection_status;
    struct pail_str_list inherited_properties;
    struct pail_str log_group_class, log_group_arn;
    struct pail_bool deletion_protection_enabled, bearer_token_authentication_enabled;
    struct pail_str retention_policy_name;
};
struct pail_logs_log_groups {
    const struct pail_logs_log_group *items;
    size_t count;
};
struct pail_logs_describe_log_groups_output {
    struct pail_response response;
    struct pail_logs_log_groups log_groups;
    struct pail_str next_token; /* absent: this was the last page */
};
extern PAIL_API const struct pail_operation pail_logs_describe_log_groups_operation;
PAIL_API int pail_logs_describe_log_groups(struct pail_client *client,
                                           const struct pail_logs_describe_log_groups_input *in,
                                           struct pail_logs_describe_log_groups_output *out,
                                           const struct pail_call_options *options,
                                           struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_logs_describe_log_groups)

/* Lists the streams of a log group, up to 50 a page. */
struct pail_logs_describe_log_streams_input {
    struct pail_str log_group_name, log_group_identifier; /* one of them */
    struct pail_str log_stream_name_prefix;               /* not with LastEventTime */
    struct pail_str order_by; /* "LogStreamName" unless set, "LastEventTime" */
    struct pail_bool descending;
    struct pail_str next_token;
    struct pail_int limit; /* 1 to 50 */
};
struct pail_logs_log_stream {
    struct pail_str log_stream_name;
    struct pail_int creation_time, first_event_timestamp, last_event_timestamp,
        last_ingestion_time;
    struct pail_str upload_sequence_token, arn;
    struct pail_int stored_bytes;
};
struct pail_logs_log_streams {
    const struct pail_logs_log_stream *items;
    size_t count;
};
struct pail_logs_describe_log_streams_output {
    struct pail_response response;
    struct pail_logs_log_streams log_streams;
    struct pail_str next_token; /* absent: this was the last page */
};
extern PAIL_API const struct pail_operation pail_logs_describe_log_streams_operation;
PAIL_API int pail_logs_describe_log_streams(
    struct pail_client *client, const struct pail_logs_describe_log_streams_input *in,
    struct pail_logs_describe_log_streams_output *out, const struct pail_call_options *options,
    struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_logs_describe_log_streams)

/* Reads a page of one log stream: at most 1 MiB, or 10,000 events; it may be empty before the
 * end. There is always a token to go on with: the end has been reached when it is the one that
 * was sent. Tokens live for a day. */
struct pail_logs_get_log_events_input {
    struct pail_str log_group_name, log_group_identifier; /* one of them */
    struct pail_str log_stream_name;                      /* required */
    struct pail_int start_time, end_time;                 /* from, and up to but not with */
    struct pail_str next_token;
    struct pail_int limit;            /* 1 to 10,000 */
    struct pail_bool start_from_head; /* must be true with a forward token */
    struct pail_bool unmask;
};
struct pail_logs_log_event {
    struct pail_int timestamp;
    struct pail_str message;
    struct pail_int ingestion_time;
};
struct pail_logs_log_events {
    const struct pail_logs_log_event *items;
    size_t count;
};
struct pail_logs_get_log_events_output {
    struct pail_response response;
    struct pail_logs_log_events events;
    struct pail_str next_forward_token, next_backward_token;
};
extern PAIL_API const struct pail_operation pail_logs_get_log_events_operation;
PAIL_API int pail_logs_get_log_events(struct pail_client *client,
                                      const struct pail_logs_get_log_events_input *in,
                                      struct pail_logs_get_log_events_output *out,
                                      const struct pail_call_options *options,
                                      struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_logs_get_log_events)

/* Searches the streams of a log group, a page at a time, which may be empty before the end. */
struct pail_logs_filter_log_events_input {
    struct pail_str log_group_name, log_group_identifier; /* one of them */
    struct pail_str_list log_stream_names;                /* at most 100... */
    struct pail_str log_stream_name_prefix;               /* ...or this */
    struct pail_int start_time, end_time;                 /* from, and up to and with */
    struct pail_str filter_pattern, next_token;
    struct pail_int limit;            /* 1 to 10,000 */
    struct pail_bool start_from_head; /* true unless set */
    struct pail_bool interleaved;     /* no longer looked at */
    struct pail_bool unmask;
};
struct pail_logs_filtered_log_event {
    struct pail_str log_stream_name;
    struct pail_int timestamp;
    struct pail_str message;
    struct pail_int ingestion_time;
    struct pail_str event_id;
};
struct pail_logs_filtered_log_events {
    const struct pail_logs_filtered_log_event *items;
    size_t count;
};
struct pail_logs_searched_log_stream {
    struct pail_str log_stream_name;
    struct pail_bool searched_completely;
};
struct pail_logs_searched_log_streams {
    const struct pail_logs_searched_log_stream *items;
    size_t count;
};
struct pail_logs_filter_log_events_output {
    struct pail_response response;
    struct pail_logs_filtered_log_events events;
    struct pail_logs_searched_log_streams searched_log_streams; /* empty nowadays */
    struct pail_str next_token; /* absent: this was the last page */
};
extern PAIL_API const struct pail_operation pail_logs_filter_log_events_operation;
PAIL_API int pail_logs_filter_log_events(struct pail_client *client,
                                         const struct pail_logs_filter_log_events_input *in,
                                         struct pail_logs_filter_log_events_output *out,
                                         const struct pail_call_options *options,
                                         struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_logs_filter_log_events)

/* Follows up to 10 log groups as they are written, for up to three hours; then the stream ends
 * with the error SessionTimeoutException (-ETIMEDOUT). One update a second, with at most 500
 * events: `sampled` says that there were more. */
struct pail_logs_start_live_tail_input {
    struct pail_str_list log_group_identifiers; /* required: ARNs */
    /* One of them, of a single log group. */
    struct pail_str_list log_stream_names, log_stream_name_prefixes;
    struct pail_str log_event_filter_pattern;
};
struct pail_logs_live_tail_start {
    struct pail_str request_id, session_id;
    struct pail_str_list log_group_identifiers, log_stream_names, log_stream_name_prefixes;
    struct pail_str log_event_filter_pattern;
};
struct pail_logs_live_tail_metadata {
    struct pail_bool sampled;
};
struct pail_logs_live_tail_log_event {
    struct pail_str log_stream_name, log_group_identifier, message;
    struct pail_int timestamp, ingestion_time;
};
struct pail_logs_live_tail_log_events {
    const struct pail_logs_live_tail_log_event *items;
    size_t count;
};
struct pail_logs_live_tail_update {
    const struct pail_logs_live_tail_metadata *session_metadata;
    struct pail_logs_live_tail_log_events session_results;
};
/* An event of the stream: one of them is present. */
struct pail_logs_start_live_tail_event {
    const struct pail_logs_live_tail_start *session_start;
    const struct pail_logs_live_tail_update *session_update;
};
struct pail_logs_start_live_tail_output {
    struct pail_response response;
    struct pail_event_stream *response_stream; /* of pail_logs_start_live_tail_event */
};
extern PAIL_API const struct pail_operation pail_logs_start_live_tail_operation;
PAIL_API int pail_logs_start_live_tail(struct pail_client *client,
                                       const struct pail_logs_start_live_tail_input *in,
                                       struct pail_logs_start_live_tail_output *out,
                                       const struct pail_call_options *options,
                                       struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_logs_start_live_tail)

#ifdef __cplusplus
}
#endif
#endif
