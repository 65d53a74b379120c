#include <pail/s3_select.h>

#include "aws/table.h"

/* The request */

static const struct pail_member csv_input_members[] = {
    BODY(struct pail_s3_csv_input, file_header_info, "FileHeaderInfo", &pail_shape_string, 0),
    BODY(struct pail_s3_csv_input, comments, "Comments", &pail_shape_string, 0),
    BODY(struct pail_s3_csv_input, quote_escape_character, "QuoteEscapeCharacter",
         &pail_shape_string, 0),
    BODY(struct pail_s3_csv_input, record_delimiter, "RecordDelimiter", &pail_shape_string, 0),
    BODY(struct pail_s3_csv_input, field_delimiter, "FieldDelimiter", &pail_shape_string, 0),
    BODY(struct pail_s3_csv_input, quote_character, "QuoteCharacter", &pail_shape_string, 0),
    BODY(struct pail_s3_csv_input, allow_quoted_record_delimiter, "AllowQuotedRecordDelimiter",
         &pail_shape_boolean, 0),
};
static const struct pail_shape csv_input =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_csv_input, NULL, csv_input_members);

static const struct pail_member json_input_members[] = {
    BODY(struct pail_s3_json_input, type, "Type", &pail_shape_string, 0),
};
static const struct pail_shape json_input =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_json_input, NULL, json_input_members);

static const struct pail_member input_serialization_members[] = {
    BODY(struct pail_s3_input_serialization, csv, "CSV", &csv_input, 0),
    BODY(struct pail_s3_input_serialization, compression_type, "CompressionType",
         &pail_shape_string, 0),
    BODY(struct pail_s3_input_serialization, json, "JSON", &json_input, 0),
    BODY(struct pail_s3_input_serialization, parquet, "Parquet", &pail_shape_empty, 0),
};
static const struct pail_shape input_serialization =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_input_serialization, NULL, input_serialization_members);

static const struct pail_member csv_output_members[] = {
    BODY(struct pail_s3_csv_output, quote_fields, "QuoteFields", &pail_shape_string, 0),
    BODY(struct pail_s3_csv_output, quote_escape_character, "QuoteEscapeCharacter",
         &pail_shape_string, 0),
    BODY(struct pail_s3_csv_output, record_delimiter, "RecordDelimiter", &pail_shape_string, 0),
    BODY(struct pail_s3_csv_output, field_delimiter, "FieldDelimiter", &pail_shape_string, 0),
    BODY(struct pail_s3_csv_output, quote_character, "QuoteCharacter", &pail_shape_string, 0),
};
static const struct pail_shape csv_output =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_csv_output, NULL, csv_output_members);

static const struct pail_member json_output_members[] = {
    BODY(struct pail_s3_json_output, record_delimiter, "RecordDelimiter", &pail_shape_string,
         0),
};
static const struct pail_shape json_output =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_json_output, NULL, json_output_members);

static const struct pail_member output_serialization_members[] = {
    BODY(struct pail_s3_output_serialization, csv, "CSV", &csv_output, 0),
    BODY(struct pail_s3_output_serialization, json, "JSON", &json_output, 0),
};
static const struct pail_shape output_serialization = PAIL_STRUCTURE_SHAPE(
    struct pail_s3_output_serialization, NULL, output_serialization_members);

static const struct pail_member request_progress_members[] = {
    BODY(struct pail_s3_request_progress, enabled, "Enabled", &pail_shape_boolean, 0),
};
static const struct pail_shape request_progress =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_request_progress, NULL, request_progress_members);

static const struct pail_member scan_range_members[] = {
    BODY(struct pail_s3_scan_range, start, "Start", &pail_shape_long, 0),
    BODY(struct pail_s3_scan_range, end, "End", &pail_shape_long, 0),
};
static const struct pail_shape scan_range =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_scan_range, NULL, scan_range_members);

#define INPUT(field_, name_, wire_, shape_, location_, ...)                                    \
    PAIL_FIELD(struct pail_s3_select_object_content_input, field_, name_, wire_, shape_,       \
               location_, __VA_ARGS__)

static const struct pail_member input_members[] = {
    INPUT(bucket, "Bucket", NULL, &pail_shape_string, PAIL_IN_URI, PAIL_REQUIRED),
    INPUT(key, "Key", NULL, &pail_shape_string, PAIL_IN_URI, PAIL_REQUIRED),
    INPUT(sse_customer_algorithm, "SSECustomerAlgorithm",
          "x-amz-server-side-encryption-customer-algorithm", &pail_shape_string, PAIL_IN_HEADER,
          0),
    INPUT(sse_customer_key, "SSECustomerKey", "x-amz-server-side-encryption-customer-key",
          &pail_shape_string, PAIL_IN_HEADER, PAIL_KEY_AND_MD5),
    INPUT(sse_customer_key_md5, "SSECustomerKeyMD5",
          "x-amz-server-side-encryption-customer-key-MD5", &pail_shape_string, PAIL_IN_HEADER,
          0),
    INPUT(expression, "Expression", NULL, &pail_shape_string, PAIL_IN_BODY, PAIL_REQUIRED),
    INPUT(expression_type, "ExpressionType", NULL, &pail_shape_string, PAIL_IN_BODY, 0,
          .fallback = "SQL"),
    INPUT(request_progress, "RequestProgress", NULL, &request_progress, PAIL_IN_BODY, 0),
    INPUT(input_serialization, "InputSerialization", NULL, &input_serialization, PAIL_IN_BODY,
          PAIL_REQUIRED),
    INPUT(output_serialization, "OutputSerialization", NULL, &output_serialization,
          PAIL_IN_BODY, PAIL_REQUIRED),
    INPUT(scan_range, "ScanRange", NULL, &scan_range, PAIL_IN_BODY, 0),
    INPUT(expected_bucket_owner, "ExpectedBucketOwner", "x-amz-expected-bucket-owner",
          &pail_shape_string, PAIL_IN_HEADER, 0),
};
static const struct pail_shape input = PAIL_STRUCTURE_SHAPE(
    struct pail_s3_select_object_content_input, "SelectObjectContentRequest", input_members);

/* The events */

static const struct pail_member records_members[] = {
    PAIL_FIELD(struct pail_s3_records_event, payload, "Payload", NULL, &pail_shape_blob,
               PAIL_IN_EVENT_PAYLOAD, 0),
};
static const struct pail_shape records =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_records_event, NULL, records_members);

static const struct pail_member counts_members[] = {
    BODY(struct pail_s3_select_counts, bytes_scanned, "BytesScanned", &pail_shape_long, 0),
    BODY(struct pail_s3_select_counts, bytes_processed, "BytesProcessed", &pail_shape_long, 0),
    BODY(struct pail_s3_select_counts, bytes_returned, "BytesReturned", &pail_shape_long, 0),
};
static const struct pail_shape counts =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_select_counts, NULL, counts_members);

static const struct pail_member stats_members[] = {
    PAIL_FIELD(struct pail_s3_stats_event, details, "Details", NULL, &counts,
               PAIL_IN_EVENT_PAYLOAD, 0),
};
static const struct pail_shape stats =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_stats_event, NULL, stats_members);

static const struct pail_member progress_members[] = {
    PAIL_FIELD(struct pail_s3_progress_event, details, "Details", NULL, &counts,
               PAIL_IN_EVENT_PAYLOAD, 0),
};
static const struct pail_shape progress =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_progress_event, NULL, progress_members);

static const struct pail_member event_members[] = {
    BODY(struct pail_s3_select_object_content_event, records, "Records", &records, 0),
    BODY(struct pail_s3_select_object_content_event, stats, "Stats", &stats, 0),
    BODY(struct pail_s3_select_object_content_event, progress, "Progress", &progress, 0),
    BODY(struct pail_s3_select_object_content_event, cont, "Cont", &pail_shape_empty, 0),
    BODY(struct pail_s3_select_object_content_event, end, "End", &pail_shape_empty,
         PAIL_LAST_EVENT),
};
static const struct pail_shape events =
    PAIL_EVENT_STREAM_SHAPE(struct pail_s3_select_object_content_event, event_members);

static const struct pail_member output_members[] = {
    PAIL_FIELD(struct pail_s3_select_object_content_output, payload, "Payload", NULL, &events,
               PAIL_IN_PAYLOAD, 0),
};
static const struct pail_shape output =
    PAIL_STRUCTURE_SHAPE(struct pail_s3_select_object_content_output, NULL, output_members);

const struct pail_operation pail_s3_select_object_content_operation = {
    .name = "SelectObjectContent",
    .service = &pail_s3_service,
    .method = "POST",
    .uri = "/{Bucket}/{Key+}?select&select-type=2",
    .input = &input,
    .output = &output,
};
TABLE_CALL(pail_s3_select_object_content)
