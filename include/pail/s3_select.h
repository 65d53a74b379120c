/* pail/s3_select.h: asking S3 for what an SQL expression selects of an object. Names, inputs
 * and outputs as in pail/s3.h. */
#ifndef PAIL_S3_SELECT_H
#define PAIL_S3_SELECT_H

#include <pail/events.h>
#include <pail/s3.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pail_s3_csv_input {
    struct pail_str file_header_info; /* "USE", "IGNORE", "NONE" */
    struct pail_str comments, quote_escape_character, record_delimiter, field_delimiter;
    struct pail_str quote_character;
    struct pail_bool allow_quoted_record_delimiter;
};
struct pail_s3_json_input {
    struct pail_str type; /* "DOCUMENT", "LINES" */
};
struct pail_s3_input_serialization {
    const struct pail_s3_csv_input *csv; /* one of csv, json, parquet */
    struct pail_str compression_type;    /* "NONE", "GZIP", "BZIP2" */
    const struct pail_s3_json_input *json;
    const struct pail_empty *parquet;
};
struct pail_s3_csv_output {
    struct pail_str quote_fields; /* "ALWAYS", "ASNEEDED" */
    struct pail_str quote_escape_character, record_delimiter, field_delimiter, quote_character;
};
struct pail_s3_json_output {
    struct pail_str record_delimiter;
};
struct pail_s3_output_serialization {
    const struct pail_s3_csv_output *csv; /* one of them */
    const struct pail_s3_json_output *json;
};
struct pail_s3_request_progress {
    struct pail_bool enabled;
};
/* The records that begin at these bytes: from start, up to but not with end. */
struct pail_s3_scan_range {
    struct pail_int start, end;
};
struct pail_s3_select_object_content_input {
    struct pail_str bucket, key; /* required */
    struct pail_str sse_customer_algorithm, sse_customer_key, sse_customer_key_md5;
    struct pail_str expression;      /* required: "SELECT ... FROM s3object s" */
    struct pail_str expression_type; /* "SQL" unless set */
    const struct pail_s3_request_progress *request_progress;
    const struct pail_s3_input_serialization *input_serialization;   /* required */
    const struct pail_s3_output_serialization *output_serialization; /* required */
    const struct pail_s3_scan_range *scan_range;
    struct pail_str expected_bucket_owner;
};

struct pail_s3_records_event {
    struct pail_str payload; /* raw bytes, cut anywhere, also inside a record */
};
struct pail_s3_select_counts {
    struct pail_int bytes_scanned, bytes_processed, bytes_returned;
};
struct pail_s3_stats_event {
    const struct pail_s3_select_counts *details;
};
struct pail_s3_progress_event {
    const struct pail_s3_select_counts *details;
};
/* An event of the stream: one of them is present. */
struct pail_s3_select_object_content_event {
    const struct pail_s3_records_event *records;
    const struct pail_s3_stats_event *stats;       /* once, before the end */
    const struct pail_s3_progress_event *progress; /* where asked for */
    const struct pail_empty *cont;                 /* the service is still at work */
    const struct pail_empty *end;                  /* that was all */
};
struct pail_s3_select_object_content_output {
    struct pail_response response;
    struct pail_event_stream *payload; /* of pail_s3_select_object_content_event */
};

/* Selects records of an object and reads them while they are found. A stream that ends without
 * its end event was cut off, which is a failure of reading: INCOMPLETE_READ. */
extern PAIL_API const struct pail_operation pail_s3_select_object_content_operation;
PAIL_API int pail_s3_select_object_content(struct pail_client *client,
                                           const struct pail_s3_select_object_content_input *in,
                                           struct pail_s3_select_object_content_output *out,
                                           const struct pail_call_options *options,
                                           struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_s3_select_object_content)

#ifdef __cplusplus
}
#endif
#endif
