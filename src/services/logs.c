#include <pail/logs.h>

#include "aws/table.h"

const struct pail_service pail_logs_service = {
    .id = "CloudWatch Logs",
    .endpoint_prefix = "logs",
    .signing_name = "logs",
    .protocol = PAIL_JSON,
    .api_version = "2014-03-28",
    .target_prefix = "Logs_20140328",
    .json_version = "1.1",
};

/* What ends a stream of events as an error. */
struct exception {
    struct pail_str message;
};
static const struct pail_member exception_members[] = {
    BODY(struct exception, message, "message", &pail_shape_string, 0),
};
static const struct pail_shape exception =
    PAIL_STRUCTURE_SHAPE(struct exception, NULL, exception_members);

/* DescribeLogGroups */

static const struct pail_member describe_log_groups_input_members[] = {
    BODY(struct pail_logs_describe_log_groups_input, account_identifiers, "accountIdentifiers",
         &pail_shape_string_list, 0),
    BODY(struct pail_logs_describe_log_groups_input, log_group_name_prefix,
         "logGroupNamePrefix", &pail_shape_string, 0),
    BODY(struct pail_logs_describe_log_groups_input, log_group_name_pattern,
         "logGroupNamePattern", &pail_shape_string, 0),
    BODY(struct pail_logs_describe_log_groups_input, next_token, "nextToken",
         &pail_shape_string, 0),
    BODY(struct pail_logs_describe_log_groups_input, limit, "limit", &pail_shape_integer, 0),
    BODY(struct pail_logs_describe_log_groups_input, include_linked_accounts,
         "includeLinkedAccounts", &pail_shape_boolean, 0),
    BODY(struct pail_logs_describe_log_groups_input, log_group_class, "logGroupClass",
         &pail_shape_string, 0),
    BODY(struct pail_logs_describe_log_groups_input, log_group_identifiers,
         "logGroupIdentifiers", &pail_shape_string_list, 0),
};
static const struct pail_shape describe_log_groups_input = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_describe_log_groups_input, NULL, describe_log_groups_input_members);

static const struct pail_member log_group_members[] = {
    BODY(struct pail_logs_log_group, log_group_name, "logGroupName", &pail_shape_string, 0),
    BODY(struct pail_logs_log_group, creation_time, "creationTime", &pail_shape_long, 0),
    BODY(struct pail_logs_log_group, retention_in_days, "retentionInDays", &pail_shape_integer,
         0),
    BODY(struct pail_logs_log_group, metric_filter_count, "metricFilterCount",
         &pail_shape_integer, 0),
    BODY(struct pail_logs_log_group, arn, "arn", &pail_shape_string, 0),
    BODY(struct pail_logs_log_group, stored_bytes, "storedBytes", &pail_shape_long, 0),
    BODY(struct pail_logs_log_group, kms_key_id, "kmsKeyId", &pail_shape_string, 0),
    BODY(struct pail_logs_log_group, data_protection_status, "dataProtectionStatus",
         &pail_shape_string, 0),
    BODY(struct pail_logs_log_group, inherited_properties, "inheritedProperties",
         &pail_shape_string_list, 0),
    BODY(struct pail_logs_log_group, log_group_class, "logGroupClass", &pail_shape_string, 0),
    BODY(struct pail_logs_log_group, log_group_arn, "logGroupArn", &pail_shape_string, 0),
    BODY(struct pail_logs_log_group, deletion_protection_enabled, "deletionProtectionEnabled",
         &pail_shape_boolean, 0),
    BODY(struct pail_logs_log_group, bearer_token_authentication_enabled,
         "bearerTokenAuthenticationEnabled", &pail_shape_boolean, 0),
    BODY(struct pail_logs_log_group, retention_policy_name, "retentionPolicyName",
         &pail_shape_string, 0),
};
static const struct pail_shape log_group =
    PAIL_STRUCTURE_SHAPE(struct pail_logs_log_group, NULL, log_group_members);

static const struct pail_shape log_groups = PAIL_LIST_SHAPE(&log_group, NULL);

static const struct pail_member describe_log_groups_output_members[] = {
    BODY(struct pail_logs_describe_log_groups_output, log_groups, "logGroups", &log_groups, 0),
    BODY(struct pail_logs_describe_log_groups_output, next_token, "nextToken",
         &pail_shape_string, 0),
};
static const struct pail_shape describe_log_groups_output = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_describe_log_groups_output, NULL, describe_log_groups_output_members);

const struct pail_operation pail_logs_describe_log_groups_operation = {
    .name = "DescribeLogGroups",
    .service = &pail_logs_service,
    .method = "POST",
    .uri = "/",
    .input = &describe_log_groups_input,
    .output = &describe_log_groups_output,
};
TABLE_CALL(pail_logs_describe_log_groups)

/* DescribeLogStreams */

static const struct pail_member describe_log_streams_input_members[] = {
    BODY(struct pail_logs_describe_log_streams_input, log_group_name, "logGroupName",
         &pail_shape_string, 0),
    BODY(struct pail_logs_describe_log_streams_input, log_group_identifier,
         "logGroupIdentifier", &pail_shape_string, 0),
    BODY(struct pail_logs_describe_log_streams_input, log_stream_name_prefix,
         "logStreamNamePrefix", &pail_shape_string, 0),
    BODY(struct pail_logs_describe_log_streams_input, order_by, "orderBy", &pail_shape_string,
         0),
    BODY(struct pail_logs_describe_log_streams_input, descending, "descending",
         &pail_shape_boolean, 0),
    BODY(struct pail_logs_describe_log_streams_input, next_token, "nextToken",
         &pail_shape_string, 0),
    BODY(struct pail_logs_describe_log_streams_input, limit, "limit", &pail_shape_integer, 0),
};
static const struct pail_shape describe_log_streams_input = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_describe_log_streams_input, NULL, describe_log_streams_input_members);

static const struct pail_member log_stream_members[] = {
    BODY(struct pail_logs_log_stream, log_stream_name, "logStreamName", &pail_shape_string, 0),
    BODY(struct pail_logs_log_stream, creation_time, "creationTime", &pail_shape_long, 0),
    BODY(struct pail_logs_log_stream, first_event_timestamp, "firstEventTimestamp",
         &pail_shape_long, 0),
    BODY(struct pail_logs_log_stream, last_event_timestamp, "lastEventTimestamp",
         &pail_shape_long, 0),
    BODY(struct pail_logs_log_stream, last_ingestion_time, "lastIngestionTime",
         &pail_shape_long, 0),
    BODY(struct pail_logs_log_stream, upload_sequence_token, "uploadSequenceToken",
         &pail_shape_string, 0),
    BODY(struct pail_logs_log_stream, arn, "arn", &pail_shape_string, 0),
    BODY(struct pail_logs_log_stream, stored_bytes, "storedBytes", &pail_shape_long, 0),
};
static const struct pail_shape log_stream =
    PAIL_STRUCTURE_SHAPE(struct pail_logs_log_stream, NULL, log_stream_members);

static const struct pail_shape log_streams = PAIL_LIST_SHAPE(&log_stream, NULL);

static const struct pail_member describe_log_streams_output_members[] = {
    BODY(struct pail_logs_describe_log_streams_output, log_streams, "logStreams", &log_streams,
         0),
    BODY(struct pail_logs_describe_log_streams_output, next_token, "nextToken",
         &pail_shape_string, 0),
};
static const struct pail_shape describe_log_streams_output = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_describe_log_streams_output, NULL, describe_log_streams_output_members);

const struct pail_operation pail_logs_describe_log_streams_operation = {
    .name = "DescribeLogStreams",
    .service = &pail_logs_service,
    .method = "POST",
    .uri = "/",
    .input = &describe_log_streams_input,
    .output = &describe_log_streams_output,
};
TABLE_CALL(pail_logs_describe_log_streams)

/* GetLogEvents */

static const struct pail_member get_log_events_input_members[] = {
    BODY(struct pail_logs_get_log_events_input, log_group_name, "logGroupName",
         &pail_shape_string, 0),
    BODY(struct pail_logs_get_log_events_input, log_group_identifier, "logGroupIdentifier",
         &pail_shape_string, 0),
    BODY(struct pail_logs_get_log_events_input, log_stream_name, "logStreamName",
         &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_logs_get_log_events_input, start_time, "startTime", &pail_shape_long, 0),
    BODY(struct pail_logs_get_log_events_input, end_time, "endTime", &pail_shape_long, 0),
    BODY(struct pail_logs_get_log_events_input, next_token, "nextToken", &pail_shape_string, 0),
    BODY(struct pail_logs_get_log_events_input, limit, "limit", &pail_shape_integer, 0),
    BODY(struct pail_logs_get_log_events_input, start_from_head, "startFromHead",
         &pail_shape_boolean, 0),
    BODY(struct pail_logs_get_log_events_input, unmask, "unmask", &pail_shape_boolean, 0),
};
static const struct pail_shape get_log_events_input = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_get_log_events_input, NULL, get_log_events_input_members);

static const struct pail_member log_event_members[] = {
    BODY(struct pail_logs_log_event, timestamp, "timestamp", &pail_shape_long, 0),
    BODY(struct pail_logs_log_event, message, "message", &pail_shape_string, 0),
    BODY(struct pail_logs_log_event, ingestion_time, "ingestionTime", &pail_shape_long, 0),
};
static const struct pail_shape log_event =
    PAIL_STRUCTURE_SHAPE(struct pail_logs_log_event, NULL, log_event_members);

static const struct pail_shape log_events = PAIL_LIST_SHAPE(&log_event, NULL);

static const struct pail_member get_log_events_output_members[] = {
    BODY(struct pail_logs_get_log_events_output, events, "events", &log_events, 0),
    BODY(struct pail_logs_get_log_events_output, next_forward_token, "nextForwardToken",
         &pail_shape_string, 0),
    BODY(struct pail_logs_get_log_events_output, next_backward_token, "nextBackwardToken",
         &pail_shape_string, 0),
};
static const struct pail_shape get_log_events_output = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_get_log_events_output, NULL, get_log_events_output_members);

const struct pail_operation pail_logs_get_log_events_operation = {
    .name = "GetLogEvents",
    .service = &pail_logs_service,
    .method = "POST",
    .uri = "/",
    .input = &get_log_events_input,
    .output = &get_log_events_output,
};
TABLE_CALL(pail_logs_get_log_events)

/* FilterLogEvents */

static const struct pail_member filter_log_events_input_members[] = {
    BODY(struct pail_logs_filter_log_events_input, log_group_name, "logGroupName",
         &pail_shape_string, 0),
    BODY(struct pail_logs_filter_log_events_input, log_group_identifier, "logGroupIdentifier",
         &pail_shape_string, 0),
    BODY(struct pail_logs_filter_log_events_input, log_stream_names, "logStreamNames",
         &pail_shape_string_list, 0),
    BODY(struct pail_logs_filter_log_events_input, log_stream_name_prefix,
         "logStreamNamePrefix", &pail_shape_string, 0),
    BODY(struct pail_logs_filter_log_events_input, start_time, "startTime", &pail_shape_long,
         0),
    BODY(struct pail_logs_filter_log_events_input, end_time, "endTime", &pail_shape_long, 0),
    BODY(struct pail_logs_filter_log_events_input, filter_pattern, "filterPattern",
         &pail_shape_string, 0),
    BODY(struct pail_logs_filter_log_events_input, next_token, "nextToken", &pail_shape_string,
         0),
    BODY(struct pail_logs_filter_log_events_input, limit, "limit", &pail_shape_integer, 0),
    BODY(struct pail_logs_filter_log_events_input, start_from_head, "startFromHead",
         &pail_shape_boolean, 0),
    BODY(struct pail_logs_filter_log_events_input, interleaved, "interleaved",
         &pail_shape_boolean, 0),
    BODY(struct pail_logs_filter_log_events_input, unmask, "unmask", &pail_shape_boolean, 0),
};
static const struct pail_shape filter_log_events_input = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_filter_log_events_input, NULL, filter_log_events_input_members);

static const struct pail_member filtered_log_event_members[] = {
    BODY(struct pail_logs_filtered_log_event, log_stream_name, "logStreamName",
         &pail_shape_string, 0),
    BODY(struct pail_logs_filtered_log_event, timestamp, "timestamp", &pail_shape_long, 0),
    BODY(struct pail_logs_filtered_log_event, message, "message", &pail_shape_string, 0),
    BODY(struct pail_logs_filtered_log_event, ingestion_time, "ingestionTime", &pail_shape_long,
         0),
    BODY(struct pail_logs_filtered_log_event, event_id, "eventId", &pail_shape_string, 0),
};
static const struct pail_shape filtered_log_event =
    PAIL_STRUCTURE_SHAPE(struct pail_logs_filtered_log_event, NULL, filtered_log_event_members);

static const struct pail_shape filtered_log_events = PAIL_LIST_SHAPE(&filtered_log_event, NULL);

static const struct pail_member searched_log_stream_members[] = {
    BODY(struct pail_logs_searched_log_stream, log_stream_name, "logStreamName",
         &pail_shape_string, 0),
    BODY(struct pail_logs_searched_log_stream, searched_completely, "searchedCompletely",
         &pail_shape_boolean, 0),
};
static const struct pail_shape searched_log_stream = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_searched_log_stream, NULL, searched_log_stream_members);

static const struct pail_shape searched_log_streams =
    PAIL_LIST_SHAPE(&searched_log_stream, NULL);

static const struct pail_member filter_log_events_output_members[] = {
    BODY(struct pail_logs_filter_log_events_output, events, "events", &filtered_log_events, 0),
    BODY(struct pail_logs_filter_log_events_output, searched_log_streams, "searchedLogStreams",
         &searched_log_streams, 0),
    BODY(struct pail_logs_filter_log_events_output, next_token, "nextToken", &pail_shape_string,
         0),
};
static const struct pail_shape filter_log_events_output = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_filter_log_events_output, NULL, filter_log_events_output_members);

const struct pail_operation pail_logs_filter_log_events_operation = {
    .name = "FilterLogEvents",
    .service = &pail_logs_service,
    .method = "POST",
    .uri = "/",
    .input = &filter_log_events_input,
    .output = &filter_log_events_output,
};
TABLE_CALL(pail_logs_filter_log_events)

/* StartLiveTail */

static const struct pail_member start_live_tail_input_members[] = {
    BODY(struct pail_logs_start_live_tail_input, log_group_identifiers, "logGroupIdentifiers",
         &pail_shape_string_list, PAIL_REQUIRED),
    BODY(struct pail_logs_start_live_tail_input, log_stream_names, "logStreamNames",
         &pail_shape_string_list, 0),
    BODY(struct pail_logs_start_live_tail_input, log_stream_name_prefixes,
         "logStreamNamePrefixes", &pail_shape_string_list, 0),
    BODY(struct pail_logs_start_live_tail_input, log_event_filter_pattern,
         "logEventFilterPattern", &pail_shape_string, 0),
};
static const struct pail_shape start_live_tail_input = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_start_live_tail_input, NULL, start_live_tail_input_members);

static const struct pail_member live_tail_start_members[] = {
    BODY(struct pail_logs_live_tail_start, request_id, "requestId", &pail_shape_string, 0),
    BODY(struct pail_logs_live_tail_start, session_id, "sessionId", &pail_shape_string, 0),
    BODY(struct pail_logs_live_tail_start, log_group_identifiers, "logGroupIdentifiers",
         &pail_shape_string_list, 0),
    BODY(struct pail_logs_live_tail_start, log_stream_names, "logStreamNames",
         &pail_shape_string_list, 0),
    BODY(struct pail_logs_live_tail_start, log_stream_name_prefixes, "logStreamNamePrefixes",
         &pail_shape_string_list, 0),
    BODY(struct pail_logs_live_tail_start, log_event_filter_pattern, "logEventFilterPattern",
         &pail_shape_string, 0),
};
static const struct pail_shape live_tail_start =
    PAIL_STRUCTURE_SHAPE(struct pail_logs_live_tail_start, NULL, live_tail_start_members);

static const struct pail_member live_tail_metadata_members[] = {
    BODY(struct pail_logs_live_tail_metadata, sampled, "sampled", &pail_shape_boolean, 0),
};
static const struct pail_shape live_tail_metadata =
    PAIL_STRUCTURE_SHAPE(struct pail_logs_live_tail_metadata, NULL, live_tail_metadata_members);

static const struct pail_member live_tail_log_event_members[] = {
    BODY(struct pail_logs_live_tail_log_event, log_stream_name, "logStreamName",
         &pail_shape_string, 0),
    BODY(struct pail_logs_live_tail_log_event, log_group_identifier, "logGroupIdentifier",
         &pail_shape_string, 0),
    BODY(struct pail_logs_live_tail_log_event, message, "message", &pail_shape_string, 0),
    BODY(struct pail_logs_live_tail_log_event, timestamp, "timestamp", &pail_shape_long, 0),
    BODY(struct pail_logs_live_tail_log_event, ingestion_time, "ingestionTime",
         &pail_shape_long, 0),
};
static const struct pail_shape live_tail_log_event = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_live_tail_log_event, NULL, live_tail_log_event_members);

static const struct pail_shape live_tail_log_events =
    PAIL_LIST_SHAPE(&live_tail_log_event, NULL);

static const struct pail_member live_tail_update_members[] = {
    BODY(struct pail_logs_live_tail_update, session_metadata, "sessionMetadata",
         &live_tail_metadata, 0),
    BODY(struct pail_logs_live_tail_update, session_results, "sessionResults",
         &live_tail_log_events, 0),
};
static const struct pail_shape live_tail_update =
    PAIL_STRUCTURE_SHAPE(struct pail_logs_live_tail_update, NULL, live_tail_update_members);

static const struct pail_member start_live_tail_event_members[] = {
    BODY(struct pail_logs_start_live_tail_event, session_start, "sessionStart",
         &live_tail_start, 0),
    BODY(struct pail_logs_start_live_tail_event, session_update, "sessionUpdate",
         &live_tail_update, 0),
    {.name = "SessionTimeoutException", .shape = &exception, .flags = PAIL_EXCEPTION},
    {.name = "SessionStreamingException", .shape = &exception, .flags = PAIL_EXCEPTION},
};
static const struct pail_shape start_live_tail_events = PAIL_EVENT_STREAM_SHAPE(
    struct pail_logs_start_live_tail_event, start_live_tail_event_members);

static const struct pail_member start_live_tail_output_members[] = {
    PAIL_FIELD(struct pail_logs_start_live_tail_output, response_stream, "responseStream", NULL,
               &start_live_tail_events, PAIL_IN_PAYLOAD, 0),
};
static const struct pail_shape start_live_tail_output = PAIL_STRUCTURE_SHAPE(
    struct pail_logs_start_live_tail_output, NULL, start_live_tail_output_members);

const struct pail_operation pail_logs_start_live_tail_operation = {
    .name = "StartLiveTail",
    .service = &pail_logs_service,
    .method = "POST",
    .uri = "/",
    .host_prefix = "stream-",
    .input = &start_live_tail_input,
    .output = &start_live_tail_output,
};
TABLE_CALL(pail_logs_start_live_tail)
