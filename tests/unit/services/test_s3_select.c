#include <pail/s3_select.h>

#include "base/buf.h"
#include "peer/peer.h"
#include "unit/aws/event_messages.h"
#include "unit/services/service_check.h"

static const struct pail_s3_csv_input csv_in = {
    .file_header_info = PAIL_STR("USE"),
    .comments = PAIL_STR("#"),
    .quote_escape_character = PAIL_STR("\\"),
    .record_delimiter = PAIL_STR("\r\n"),
    .field_delimiter = PAIL_STR(","),
    .quote_character = PAIL_STR("\""),
    .allow_quoted_record_delimiter = PAIL_BOOL(true),
};
static const struct pail_s3_csv_output csv_out = {
    .quote_fields = PAIL_STR("ASNEEDED"),
    .quote_escape_character = PAIL_STR("\\"),
    .record_delimiter = PAIL_STR("\n"),
    .field_delimiter = PAIL_STR("\t"),
    .quote_character = PAIL_STR("'"),
};
static const struct pail_s3_json_input json_in = {.type = PAIL_STR("LINES")};
static const struct pail_s3_json_output json_out = {.record_delimiter = PAIL_STR("\n")};
static const struct pail_empty parquet;

#define HEAD "POST /b/k%20%2B?select&select-type=2\n"
#define BODY(inside)                                                                           \
    "Content-Type: application/xml\n\n"                                                        \
    "<SelectObjectContentRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" inside    \
    "</SelectObjectContentRequest>"

START_TEST(asks)
{
    const struct pail_s3_input_serialization from = {.csv = &csv_in,
                                                     .compression_type = PAIL_STR("GZIP")};
    const struct pail_s3_output_serialization to = {.csv = &csv_out};
    struct pail_s3_select_object_content_input in = {
        .bucket = PAIL_STR("b"),
        .key = PAIL_STR("k +"),
        .sse_customer_algorithm = PAIL_STR("AES256"),
        .sse_customer_key = PAIL_STR("\x00\x01\xff"),
        .expression = PAIL_STR("SELECT s.a FROM S3Object s WHERE s.b < '1' AND \"c\" > 2"),
        .request_progress = &(const struct pail_s3_request_progress){PAIL_BOOL(true)},
        .input_serialization = &from,
        .output_serialization = &to,
        .scan_range = &(const struct pail_s3_scan_range){PAIL_INT(0), PAIL_INT(100)},
        .expected_bucket_owner = PAIL_STR("1"),
    };
    check_request(
        &pail_s3_select_object_content_operation, &in,
        HEAD
        "x-amz-server-side-encryption-customer-algorithm: AES256\n"
        "x-amz-server-side-encryption-customer-key-MD5: /7uM1aIyt9kGkEUz6WCfSA==\n"
        "x-amz-server-side-encryption-customer-key: AAH/\n"
        "x-amz-expected-bucket-owner: 1\n" BODY(
            "<Expression>SELECT s.a FROM S3Object s WHERE s.b &lt; '1' AND &quot;c&quot; "
            "&gt; 2</Expression><ExpressionType>SQL</ExpressionType>"
            "<RequestProgress><Enabled>true</Enabled></RequestProgress>"
            "<InputSerialization><CSV><FileHeaderInfo>USE</FileHeaderInfo>"
            "<Comments>#</Comments><QuoteEscapeCharacter>\\</QuoteEscapeCharacter>"
            "<RecordDelimiter>&#xD;&#xA;</RecordDelimiter><FieldDelimiter>,</FieldDelimiter>"
            "<QuoteCharacter>&quot;</QuoteCharacter>"
            "<AllowQuotedRecordDelimiter>true</AllowQuotedRecordDelimiter></CSV>"
            "<CompressionType>GZIP</CompressionType></InputSerialization>"
            "<OutputSerialization><CSV><QuoteFields>ASNEEDED</QuoteFields>"
            "<QuoteEscapeCharacter>\\</QuoteEscapeCharacter>"
            "<RecordDelimiter>&#xA;</RecordDelimiter><FieldDelimiter>&#x9;</FieldDelimiter>"
            "<QuoteCharacter>'</QuoteCharacter></CSV></OutputSerialization>"
            "<ScanRange><Start>0</Start><End>100</End></ScanRange>"));
    const struct pail_s3_input_serialization from_json = {.json = &json_in};
    const struct pail_s3_output_serialization to_json = {.json = &json_out};
    in = (struct pail_s3_select_object_content_input){
        .bucket = PAIL_STR("b"),
        .key = PAIL_STR("k +"),
        .expression = PAIL_STR("x"),
        .expression_type = PAIL_STR("NEW"),
        .input_serialization = &from_json,
        .output_serialization = &to_json,
    };
    check_request(
        &pail_s3_select_object_content_operation, &in,
        HEAD BODY("<Expression>x</Expression><ExpressionType>NEW</ExpressionType>"
                  "<InputSerialization><JSON><Type>LINES</Type></JSON></InputSerialization>"
                  "<OutputSerialization><JSON><RecordDelimiter>&#xA;</RecordDelimiter></JSON>"
                  "</OutputSerialization>"));
    const struct pail_s3_input_serialization from_parquet = {.parquet = &parquet};
    in.input_serialization = &from_parquet;
    check_request(
        &pail_s3_select_object_content_operation, &in,
        HEAD BODY("<Expression>x</Expression><ExpressionType>NEW</ExpressionType>"
                  "<InputSerialization><Parquet></Parquet></InputSerialization>"
                  "<OutputSerialization><JSON><RecordDelimiter>&#xA;</RecordDelimiter></JSON>"
                  "</OutputSerialization>"));
    in.input_serialization = NULL;
    check_required(&pail_s3_select_object_content_operation, &in, "InputSerialization");
    in.expression = (struct pail_str){0};
    check_required(&pail_s3_select_object_content_operation, &in, "Expression");
}
END_TEST

#define COUNTS(root)                                                                           \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><" root                                         \
    " xmlns=\"\"><BytesScanned>5</BytesScanned>"                                               \
    "<BytesProcessed>6</BytesProcessed><BytesReturned>7</BytesReturned></" root ">"
#define COUNTS_JSON                                                                            \
    "{\"Details\":{\"BytesScanned\":5,\"BytesProcessed\":6,\"BytesReturned\":7}}"

/* How the stream goes on after its records. */
static const struct {
    const char *type; /* of one more event; NULL: none */
    const char *payload;
    const char *json;
    int status, kind;
} endings[] = {
    {"End", "", "{\"End\":{}}", 0, PAIL_ERROR_NONE},
    {"Stats", COUNTS("Stats"), "{\"Stats\":" COUNTS_JSON "}", -EIO, PAIL_ERROR_INCOMPLETE_READ},
    {"Progress", COUNTS("Progress"), "{\"Progress\":" COUNTS_JSON "}", -EIO,
     PAIL_ERROR_INCOMPLETE_READ},
    {"Cont", "", "{\"Cont\":{}}", -EIO, PAIL_ERROR_INCOMPLETE_READ},
    {NULL, NULL, NULL, -EIO, PAIL_ERROR_INCOMPLETE_READ},
};

/* A whole call: what is selected is read to its end, or not. */
START_TEST(reads_records)
{
    static const struct pail_s3_input_serialization from = {.json = &json_in};
    static const struct pail_s3_output_serialization to = {.json = &json_out};
    const struct pail_s3_select_object_content_input in = {
        .bucket = PAIL_STR("b"),
        .key = PAIL_STR("k"),
        .expression = PAIL_STR("SELECT * FROM S3Object"),
        .input_serialization = &from,
        .output_serialization = &to,
    };
    struct peer *peer = peer_start();
    const struct pail_config config = {.endpoint_url = peer_url(peer),
                                       .access_key_id = "AKID",
                                       .secret_access_key = "secret",
                                       .max_attempts = 1};
    struct pail_client *client;
    struct pail_s3_select_object_content_output out = {.payload = NULL};
    struct pail_event event;
    struct pail_error error = {.sys = 0};
    CLEANUP_DONE(buf) struct buf stream;
    CLEANUP_DONE(buf) struct buf got;
    buf_init(&stream, SIZE_MAX);
    buf_init(&got, SIZE_MAX);
    add_event(&stream, "Records", PAIL_STR("{\"a\":1}\n{\"a\""));
    add_event(&stream, "Records", PAIL_STR(":2}\n"));
    if (endings[_i].type)
        add_event(&stream, endings[_i].type, str_c(endings[_i].payload));
    peer_on(
        peer, "POST /b/k",
        PEER_RESPONSE(.body = stream.data, .body_len = stream.len, .framing = PEER_CHUNKED));
    ck_assert_int_eq(pail_client_new(&config, &client, &error), 0);
    int r = pail_s3_select_object_content(client, &in, &out, NULL, &error);
    ck_assert_msg(r == 0, "%s", error.message);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(pail_event_stream_next(out.payload, &event, &error), 1);
        const struct pail_s3_select_object_content_event *data = event.data;
        ck_assert_ptr_nonnull(data->records);
        buf_add_str(&got, data->records->payload);
    }
    check_str(buf_str(&got), "{\"a\":1}\n{\"a\":2}\n");
    if (endings[_i].type) {
        char *text;
        ck_assert_int_eq(pail_event_stream_next(out.payload, &event, &error), 1);
        ck_assert_int_eq(pail_event_json(&event, &text), 0);
        ck_assert_str_eq(text, endings[_i].json);
        free(text);
    }
    ck_assert_int_eq(pail_event_stream_next(out.payload, &event, &error), endings[_i].status);
    if (endings[_i].status < 0)
        ck_assert_int_eq(error.kind, endings[_i].kind);
    const struct peer_request *request = peer_request_at(peer, PEER_MATCH(.method = "POST"), 0);
    ck_assert_str_eq(request->target, "/b/k?select&select-type=2");
    ck_assert_ptr_nonnull(peer_request_header(request, "Authorization"));
    pail_output_free(&pail_s3_select_object_content_operation, &out);
    pail_client_free(client);
    peer_stop(peer);
}
END_TEST

SUITE_MAIN("services/s3_select", tcase_add_test(tc, asks),
           tcase_add_loop_test(tc, reads_records, 0, ARRAY_LEN(endings)));
