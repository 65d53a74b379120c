#include "aws/response.h"
#include "aws/response_head.h"

#include "unit/aws/shapes.h"
#include "unit/check.h"

#include <errno.h>

#define HEADER(name, value)                                                                    \
    {                                                                                          \
        PAIL_STR(name), PAIL_STR(value)                                                        \
    }

/* An output with members in the head, and a payload of each kind. */
struct answer {
    struct pail_response response;
    struct pail_int status, number, lenient;
    struct pail_str_list list;
    struct {
        const struct pail_time *items;
        size_t count;
    } times;
    struct pail_str_map map;
    struct pail_str text;
    const struct part *part;
    struct pail_body *stream;
};

static const struct pail_shape times_shape = PAIL_LIST_SHAPE(&pail_shape_timestamp, NULL);

#define HEAD_MEMBERS                                                                           \
    PAIL_FIELD(struct answer, status, "Status", NULL, &pail_shape_integer, PAIL_IN_STATUS, 0), \
        PAIL_FIELD(struct answer, number, "Number", "x-number", &pail_shape_integer,           \
                   PAIL_IN_HEADER, 0),                                                         \
        PAIL_FIELD(struct answer, lenient, "Lenient", "x-lenient", &pail_shape_integer,        \
                   PAIL_IN_HEADER, PAIL_LENIENT),                                              \
        PAIL_FIELD(struct answer, list, "List", "x-list", &pail_shape_string_list,             \
                   PAIL_IN_HEADER, 0),                                                         \
        PAIL_FIELD(struct answer, times, "Times", "x-times", &times_shape, PAIL_IN_HEADER, 0), \
        PAIL_FIELD(struct answer, map, "Map", "x-map-", &pail_shape_string_map,                \
                   PAIL_IN_HEADER_PREFIX, 0)

static const struct pail_member text_members[] = {
    HEAD_MEMBERS,
    PAIL_FIELD(struct answer, text, "Text", NULL, &pail_shape_blob, PAIL_IN_PAYLOAD, 0),
};
static const struct pail_member part_answer_members[] = {
    HEAD_MEMBERS,
    PAIL_FIELD(struct answer, part, "Part", NULL, &part_shape, PAIL_IN_PAYLOAD, 0),
};
static const struct pail_member stream_members[] = {
    HEAD_MEMBERS,
    PAIL_FIELD(struct answer, stream, "Stream", NULL, &pail_shape_stream, PAIL_IN_PAYLOAD, 0),
};
static const struct pail_shape text_answer =
    PAIL_STRUCTURE_SHAPE(struct answer, NULL, text_members);
static const struct pail_shape part_answer =
    PAIL_STRUCTURE_SHAPE(struct answer, NULL, part_answer_members);
static const struct pail_shape stream_answer =
    PAIL_STRUCTURE_SHAPE(struct answer, NULL, stream_members);

static const struct pail_service xml_service = {.protocol = PAIL_REST_XML};
static const struct pail_service json_service = {.protocol = PAIL_REST_JSON};
static const struct pail_operation get_text = {
    .name = "GetText", .service = &xml_service, .output = &text_answer};
static const struct pail_operation get_part = {
    .name = "GetPart", .service = &xml_service, .output = &part_answer};
static const struct pail_operation get_json_part = {
    .name = "GetPart", .service = &json_service, .output = &part_answer};
static const struct pail_operation get_stream = {
    .name = "GetStream", .service = &xml_service, .output = &stream_answer};

static const struct pail_operation xml_thing = THING_OPERATION(PAIL_REST_XML, NULL, 0);
static const struct pail_operation whole_thing =
    THING_OPERATION(PAIL_REST_XML, NULL, PAIL_OP_ERROR_IN_200);
static const struct pail_operation json_thing = THING_OPERATION(PAIL_JSON, NULL, 0);
static const struct pail_operation rest_json_thing = THING_OPERATION(PAIL_REST_JSON, NULL, 0);
static const struct pail_operation query_thing =
    THING_OPERATION(PAIL_QUERY, "DoThingResult", 0);

static const struct pail_header head[] = {
    HEADER("X-Number", " 7"),         HEADER("x-number", "8"),
    HEADER("X-List", "a, b,,c "),     HEADER("X-MAP-Key", "v"),
    HEADER("x-map-", "empty name"),   HEADER("x-lenient", "no"),
    HEADER("x-amz-id-2", "id"),       HEADER("x-amzn-RequestId", "R1"),
    HEADER("x-amz-request-id", "R2"),
};

START_TEST(reads_heads_and_payloads)
{
    struct pail_http_response response = {.status = 202,
                                          .headers = head,
                                          .header_count = ARRAY_LEN(head),
                                          .body = PAIL_STR("a\0b")};
    struct answer out = {.response.http_status = 0};
    struct pail_error error;
    ck_assert_int_eq(pail_get_response(&get_text, &response, &out, &error), 0);
    ck_assert_int_eq(out.response.http_status, 202);
    check_str(out.response.request_id, "R1");
    check_str(out.response.host_id, "id");
    ck_assert_uint_eq(out.response.header_count, ARRAY_LEN(head));
    check_str(out.response.headers[2].name, "X-List");
    ck_assert_int_eq(out.status.value, 202);
    ck_assert_int_eq(out.number.value, 7);
    ck_assert(!out.lenient.present);
    ck_assert_uint_eq(out.list.count, 4);
    check_str(out.list.items[1], "b");
    check_str(out.list.items[2], "");
    ck_assert_uint_eq(out.map.count, 2);
    check_str(out.map.items[0].key, "Key");
    check_str(out.map.items[0].value, "v");
    check_str(out.map.items[1].key, "");
    check_str(out.text, "a\0b");
    pail_output_free(&get_text, &out);

    response = (struct pail_http_response){.status = 200,
                                           .body = PAIL_STR("<Part><Name>n</Name></Part>")};
    ck_assert_int_eq(pail_get_response(&get_part, &response, &out, &error), 0);
    check_str(out.part->name, "n");
    pail_output_free(&get_part, &out);

    response.body = PAIL_STR("{\"Name\":\"n\"}");
    ck_assert_int_eq(pail_get_response(&get_json_part, &response, &out, &error), 0);
    check_str(out.part->name, "n");
    pail_output_free(&get_json_part, &out);

    response.body = PAIL_STR("<Error/>");
    ck_assert_int_eq(pail_get_response(&get_stream, &response, &out, &error), 0);
    ck_assert_ptr_null(out.stream);
    pail_output_free(&get_stream, &out);
}
END_TEST

START_TEST(lists_may_be_spread_over_fields)
{
    static const struct pail_header fields[] = {
        HEADER("X-List", "a, b"),
        HEADER("x-times", "Fri, 02 Jan 2026 03:04:05 GMT, Saturday, 03-Jan-26 03:04:05 GMT"),
        HEADER("x-list", "c"),
        HEADER("X-Times", "2026-01-04T03:04:05Z,1767582245"),
    };
    const struct pail_http_response response = {
        .status = 200, .headers = fields, .header_count = ARRAY_LEN(fields)};
    struct answer out = {.response.http_status = 0};
    struct pail_error error;
    ck_assert_int_eq(pail_get_response(&get_text, &response, &out, &error), 0);
    ck_assert_uint_eq(out.list.count, 3);
    check_str(out.list.items[0], "a");
    check_str(out.list.items[1], "b");
    check_str(out.list.items[2], "c");
    ck_assert_uint_eq(out.times.count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(out.times.items[i].seconds, 1767323045 + (int64_t)i * 86400);
    pail_output_free(&get_text, &out);

    static const struct pail_header broken[] = {HEADER("x-times", "Fri, "),
                                                HEADER("x-times", "Fri")};
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        const struct pail_http_response bad = {
            .status = 200, .headers = &broken[i], .header_count = 1};
        ck_assert_int_eq(pail_get_response(&get_text, &bad, &out, &error), -EPROTO);
        pail_output_free(&get_text, &out);
    }
}
END_TEST

START_TEST(knows_streams)
{
    struct answer out = {.response.http_status = 0};
    ck_assert(response_is_streamed(&get_stream));
    ck_assert_ptr_eq(response_stream_slot(&get_stream, &out), &out.stream);
    ck_assert(!response_is_streamed(&get_text));
    ck_assert_ptr_null(response_stream_slot(&get_text, &out));
    ck_assert(!response_is_streamed(&xml_thing));
}
END_TEST

START_TEST(refuses_bad_heads)
{
    static const struct pail_header bad[] = {HEADER("x-number", "no")};
    struct pail_http_response response = {.status = 200, .headers = bad, .header_count = 1};
    struct answer out = {.response.http_status = 0};
    struct pail_error error;
    ck_assert_int_eq(pail_get_response(&get_text, &response, &out, &error), -EPROTO);
    ck_assert_str_eq(error.message, "a header cannot be parsed: x-number");
    ck_assert(error.retryable);
    pail_output_free(&get_text, &out);

    struct pail_header many[HEADERS_MAX + 1];
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = (struct pail_header){PAIL_STR("a"), PAIL_STR("b")};
    response.headers = many;
    response.header_count = ARRAY_LEN(many);
    ck_assert_int_eq(pail_get_response(&get_text, &response, &out, &error), -EPROTO);
    pail_output_free(&get_text, &out);
}
END_TEST

/* Errors, as reference implementations parse them, but for what they get wrong. */

static const struct pail_header ids[] = {HEADER("x-amz-request-id", "HR"),
                                         HEADER("x-amz-id-2", "HH")};
static const struct pail_header errortype[] = {HEADER("x-amzn-errortype", "Typed:http://x"),
                                               HEADER("x-amzn-requestid", "JR")};
static const struct pail_header query_error[] = {HEADER("x-amzn-query-error", "Former;Sender")};
static const struct pail_header odd_query_error[] = {HEADER("x-amzn-query-error", "A;B;C")};
static const struct pail_header no_query_error[] = {HEADER("x-amzn-query-error", ";Sender")};
static const struct pail_header marker[] = {HEADER("x-amz-delete-marker", "true")};

#define S3_ERROR                                                                               \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>"             \
    "<Message>Access Denied</Message><RequestId>BR</RequestId><HostId>BH</HostId></Error>"

static const struct {
    const struct pail_operation *op;
    int status;
    const char *reason, *body; /* NULL: absent */
    const struct pail_header *headers;
    size_t header_count;
    bool is_head;
    const char *code, *message, *request_id, *host_id;
    int sys;
} errors[] = {
    /* rest-xml: the body's words; ids of the headers, else of the body */
    {&xml_thing, 403, "Forbidden", S3_ERROR, NULL, 0, false, "AccessDenied", "Access Denied",
     "BR", "BH", EACCES},
    {&xml_thing, 403, "Forbidden", S3_ERROR, ids, 2, false, "AccessDenied", "Access Denied",
     "HR", "HH", EACCES},
    {&xml_thing, 404, NULL, "<Error xmlns='u'><Code>NoSuchKey</Code></Error>", NULL, 0, false,
     "NoSuchKey", "Not Found", "", "", ENOENT},
    {&xml_thing, 400, NULL,
     "<ErrorResponse xmlns='u'><Error><Type>Sender</Type><Code>InvalidInput</Code>"
     "<Message>no</Message></Error><RequestId>BR</RequestId></ErrorResponse>",
     NULL, 0, false, "InvalidInput", "no", "BR", "", EINVAL},
    /* RGW: an empty message */
    {&xml_thing, 404, "Not Found",
     "<?xml version=\"1.0\" "
     "encoding=\"UTF-8\"?><Error><Code>NoSuchKey</Code><Message></Message>"
     "<BucketName>b</BucketName><RequestId>tx</RequestId><HostId>h</HostId></Error>",
     NULL, 0, false, "NoSuchKey", "Not Found", "tx", "h", ENOENT},
    /* no body, no XML, other XML: the status */
    {&xml_thing, 403, "Forbidden", NULL, ids, 2, false, "403", "Forbidden", "HR", "HH", EACCES},
    {&xml_thing, 403, NULL, "", NULL, 0, false, "403", "Forbidden", "", "", EACCES},
    {&xml_thing, 403, NULL, "<html>", NULL, 0, false, "403", "Forbidden", "", "", EACCES},
    {&xml_thing, 403, NULL, "<html><body/></html>", NULL, 0, false, "403", "Forbidden", "", "",
     EACCES},
    {&xml_thing, 503, NULL, "<HTML></HTML>", ids, 2, false, "503", "Service Unavailable", "HR",
     "HH", EBUSY},
    {&xml_thing, 502, "Bad Gateway", "<!DOCTYPE html><html></html>", NULL, 0, false, "502",
     "Bad Gateway", "", "", EIO},
    {&xml_thing, 500, NULL, " \r\n", ids, 2, false, "500", "Internal Server Error", "HR", "HH",
     EIO},
    {&xml_thing, 599, NULL, NULL, NULL, 0, false, "599", "", "", "", EIO},
    {&xml_thing, 400, NULL, "<Error><Code/></Error>", NULL, 0, false, "400", "Bad Request", "",
     "", EINVAL},
    {&xml_thing, 400, NULL, "<Error><Code>Cut</Code><Mess", NULL, 0, false, "400",
     "Bad Request", "", "", EINVAL},
    {&xml_thing, 400, NULL, "words", NULL, 0, false, "400", "Bad Request", "", "", EINVAL},
    {&xml_thing, 400, NULL, "<Thing><Text>a</Text></Thing>", NULL, 0, false, "400",
     "Bad Request", "", "", EINVAL},
    /* redirects and not modified */
    {&xml_thing, 300, NULL, NULL, NULL, 0, false, "300", "Multiple Choices", "", "", ENXIO},
    {&xml_thing, 301, NULL, "<Error><Code>PermanentRedirect</Code></Error>", NULL, 0, false,
     "PermanentRedirect", "Moved Permanently", "", "", ENXIO},
    {&xml_thing, 304, "Not Modified", NULL, ids, 2, false, "304", "Not Modified", "HR", "HH",
     ENODATA},
    /* HEAD: what stands where the body would be is not looked at */
    {&xml_thing, 404, "Not Found", NULL, ids, 2, true, "404", "Not Found", "HR", "HH", ENOENT},
    {&xml_thing, 403, NULL, S3_ERROR, NULL, 0, true, "403", "Forbidden", "", "", EACCES},
    {&xml_thing, 400, NULL, NULL, NULL, 0, true, "400", "Bad Request", "", "", EINVAL},
    {&xml_thing, 412, NULL, NULL, NULL, 0, true, "412", "Precondition Failed", "", "", ESTALE},
    {&xml_thing, 301, NULL, NULL, NULL, 0, true, "301", "Moved Permanently", "", "", ENXIO},
    /* delete markers */
    {&xml_thing, 405, NULL, "<Error><Code>MethodNotAllowed</Code></Error>", marker, 1, false,
     "MethodNotAllowed", "Method Not Allowed", "", "", ENOENT},
    {&xml_thing, 405, NULL, NULL, marker, 1, true, "405", "Method Not Allowed", "", "", ENOENT},
    {&xml_thing, 404, NULL, NULL, marker, 1, true, "404", "Not Found", "", "", ENOENT},
    {&xml_thing, 405, NULL, NULL, NULL, 0, true, "405", "Method Not Allowed", "", "", ENOTSUP},
    /* query, also with S3's root */
    {&query_thing, 403, NULL,
     "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></"
     "Error>"
     "<RequestId>BR</RequestId></ErrorResponse>",
     NULL, 0, false, "AccessDenied", "no", "BR", "", EACCES},
    {&query_thing, 403, NULL, S3_ERROR, NULL, 0, false, "AccessDenied", "Access Denied", "BR",
     "BH", EACCES},
    {&query_thing, 405, NULL,
     "<?xml version=\"1.0\"?><Error><Code>MethodNotAllowed</Code><Message>the method is "
     "not</Message></Error>",
     NULL, 0, false, "MethodNotAllowed",
     "the endpoint answered as S3 does; is it the endpoint of Things?", "", "", ENOTSUP},
    {&query_thing, 400, NULL,
     "<Response><Errors><Error><Code>NoSuchDomain</Code><Message>no</Message></Error></Errors>"
     "<RequestID>BR</RequestID></Response>",
     NULL, 0, false, "NoSuchDomain", "no", "BR", "", EINVAL},
    {&query_thing, 400, NULL, "", NULL, 0, false, "400", "Bad Request", "", "", EINVAL},
    /* json, of an endpoint of S3; no other XML */
    {&json_thing, 403, NULL, S3_ERROR, NULL, 0, false, "AccessDenied",
     "the endpoint answered as S3 does; is it the endpoint of Things?", "BR", "BH", EACCES},
    {&json_thing, 400, NULL, "<Error><Code>Cut</Code><Mess", NULL, 0, false, "400",
     "<Error><Code>Cut</Code><Mess", "", "", EINVAL},
    {&json_thing, 400, NULL, "<Error/>", NULL, 0, false, "400", "<Error/>", "", "", EINVAL},
    {&json_thing, 400, NULL, "<a/>", NULL, 0, false, "400", "<a/>", "", "", EINVAL},
    /* json: __type; no header */
    {&json_thing, 400, NULL, "{\"__type\":\"a.b#ThrottlingException\",\"message\":\"slow\"}",
     errortype, 2, false, "ThrottlingException", "slow", "JR", "", EBUSY},
    {&json_thing, 400, NULL, "{\"__type\":\"Code\"}", query_error, 1, false, "Former",
     "Bad Request", "", "", EINVAL},
    {&json_thing, 400, NULL, "{\"__type\":\"Code\"}", no_query_error, 1, false, "Code",
     "Bad Request", "", "", EINVAL},
    {&json_thing, 400, NULL, "{\"__type\":\"Code\"}", odd_query_error, 1, false, "Code",
     "Bad Request", "", "", EINVAL},
    {&json_thing, 400, NULL, "words", NULL, 0, false, "400", "words", "", "", EINVAL},
    {&json_thing, 500, NULL, "<html></html>", NULL, 0, false, "500", "Internal Server Error",
     "", "", EIO},
    {&json_thing, 400, NULL, NULL, NULL, 0, false, "400", "Bad Request", "", "", EINVAL},
    /* rest-json: the header, else the body's code */
    {&rest_json_thing, 404, NULL, "{\"code\":\"Other\",\"Message\":\"M\"}", errortype, 2, false,
     "Typed", "M", "JR", "", ENOENT},
    {&rest_json_thing, 404, NULL, "{\"code\":\"Other:x\",\"Message\":\"M\"}", NULL, 0, false,
     "Other", "M", "", "", ENOENT},
    {&rest_json_thing, 404, NULL, NULL, errortype, 2, false, "Typed", "Not Found", "JR", "",
     ENOENT},
};

START_TEST(reads_errors)
{
    struct pail_http_response response = {
        .status = errors[_i].status,
        .reason = str_c(errors[_i].reason),
        .headers = errors[_i].headers,
        .header_count = errors[_i].header_count,
        .body = str_c(errors[_i].body),
        .is_head = errors[_i].is_head,
    };
    struct thing out = {.response.http_status = 0};
    struct pail_error error;
    int r = pail_get_response(errors[_i].op, &response, &out, &error);
    ck_assert_str_eq(error.code, errors[_i].code);
    ck_assert_str_eq(error.message, errors[_i].message);
    ck_assert_str_eq(error.request_id, errors[_i].request_id);
    ck_assert_str_eq(error.host_id, errors[_i].host_id);
    ck_assert_str_eq(pail_errno_name(error.sys), pail_errno_name(errors[_i].sys));
    ck_assert_int_eq(r, -error.sys);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CLIENT);
    ck_assert_int_eq(error.http_status, errors[_i].status);
    ck_assert_str_eq(error.operation, "DoThing");
    ck_assert_int_eq(out.response.http_status, errors[_i].status);
    ck_assert_uint_eq(out.response.header_count, errors[_i].header_count);
    ck_assert(str_eq_c(out.response.request_id, error.request_id[0] ? error.request_id : NULL));
    pail_output_free(errors[_i].op, &out);
}
END_TEST

/* Successes that are none. `sys` 0: a success after all. */
static const struct {
    const struct pail_operation *op;
    int status;
    const char *body;
    int sys, kind;
    const char *code;
} successes[] = {
    {&whole_thing, 200, "<Thing/>", 0, 0, ""},
    {&whole_thing, 200, "<Thing/> \n", 0, 0, ""},
    {&whole_thing, 200, "<Error><Code>InternalError</Code></Error>", EIO, PAIL_ERROR_CLIENT,
     "InternalError"},
    {&whole_thing, 200, "<Error><Code>Unheard</Code></Error>", EIO, PAIL_ERROR_CLIENT,
     "Unheard"},
    {&whole_thing, 200, "<Error/>", EIO, PAIL_ERROR_CLIENT, "500"},
    {&whole_thing, 200, "<Thing>", EPROTO, PAIL_ERROR_PARSE, ""},
    {&whole_thing, 200, "\n<?xml version=\"1.0\"?><Thing/>", EPROTO, PAIL_ERROR_PARSE, ""},
    {&whole_thing, 200, "", EPROTO, PAIL_ERROR_PARSE, ""},
    {&whole_thing, 200, NULL, EPROTO, PAIL_ERROR_PARSE, ""},
    {&whole_thing, 200, " ", EPROTO, PAIL_ERROR_PARSE, ""},
    {&xml_thing, 200, "", 0, 0, ""},
    {&xml_thing, 204, NULL, 0, 0, ""},
    {&xml_thing, 200, "<Thing>", EPROTO, PAIL_ERROR_PARSE, ""},
    {&json_thing, 200, "{}", 0, 0, ""},
    {&json_thing, 200, "", EPROTO, PAIL_ERROR_PARSE, ""},
    {&json_thing, 200, "[]", EPROTO, PAIL_ERROR_PARSE, ""},
    {&json_thing, 200, "{", EPROTO, PAIL_ERROR_PARSE, ""},
    {&json_thing, 204, NULL, 0, 0, ""},
    {&rest_json_thing, 200, "<html>", EPROTO, PAIL_ERROR_PARSE, ""},
    {&query_thing, 200, "<DoThingResponse><DoThingResult/></DoThingResponse>", 0, 0, ""},
    {&query_thing, 200, "", EPROTO, PAIL_ERROR_PARSE, ""},
};

START_TEST(doubts_successes)
{
    struct pail_http_response response = {.status = successes[_i].status,
                                          .body = str_c(successes[_i].body)};
    struct thing out = {.response.http_status = 0};
    struct pail_error error = {.sys = 0};
    int r = pail_get_response(successes[_i].op, &response, &out, &error);
    ck_assert_int_eq(r, -successes[_i].sys);
    ck_assert_int_eq(error.kind, successes[_i].kind);
    ck_assert_str_eq(error.code, successes[_i].code);
    ck_assert(r == 0 || error.retryable);
    ck_assert_int_eq(error.http_status, r == 0                                    ? 0
                                        : successes[_i].kind == PAIL_ERROR_CLIENT ? 500
                                                                                  : 200);
    pail_output_free(successes[_i].op, &out);
}
END_TEST

START_TEST(cuts_what_is_too_long_for_the_record)
{
    CLEANUP_DONE(buf) struct buf body;
    buf_init(&body, 65536);
    buf_add_c(&body, "<Error><Code>");
    for (int i = 0; i < 1000; i++)
        buf_add_byte(&body, 'c');
    buf_add_c(&body, "</Code><Message>");
    for (int i = 0; i < 1000; i++)
        buf_add_byte(&body, 'm');
    buf_add_c(&body, "</Message></Error>");
    struct pail_http_response response = {.status = 400, .body = buf_str(&body)};
    struct thing out = {.response.http_status = 0};
    struct pail_error error;
    ck_assert_int_eq(pail_get_response(&xml_thing, &response, &out, &error), -EINVAL);
    ck_assert_uint_eq(strlen(error.code), sizeof(error.code) - 1);
    ck_assert_uint_eq(strlen(error.message), sizeof(error.message) - 1);
    pail_output_free(&xml_thing, &out);
}
END_TEST

static const struct {
    struct pail_header header;
    int status;
    const char *body;
    const char *region;
    int64_t retry_after_ms, date_s;
} facts_cases[] = {
    {HEADER("Server", "x"), 200, "<Thing/>", "", -1, INT64_MIN},
    {HEADER("x-amz-bucket-region", "eu-west-1"), 301, NULL, "eu-west-1", -1, INT64_MIN},
    {HEADER("x-amz-bucket-region", "eu-west-1"), 400,
     "<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region></Error>",
     "eu-west-1", -1, INT64_MIN},
    {HEADER("Server", "x"), 400,
     "<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region></Error>",
     "us-west-2", -1, INT64_MIN},
    {HEADER("X-Amz-Retry-After", "3000"), 503, NULL, "", 3000, INT64_MIN},
    {HEADER("x-amz-retry-after", "-1"), 503, NULL, "", -1, INT64_MIN},
    {HEADER("x-amz-retry-after", "1.5"), 503, NULL, "", -1, INT64_MIN},
    {HEADER("Retry-After", "2"), 503, NULL, "", 2000, INT64_MIN},
    {HEADER("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"), 503, NULL, "", -1, INT64_MIN},
    {HEADER("Date", "Mon, 12 Oct 2009 17:50:00 GMT"), 403, NULL, "", -1, 1255369800},
    {HEADER("Date", "today"), 403, NULL, "", -1, INT64_MIN},
};

START_TEST(finds_what_the_call_needs)
{
    struct pail_http_response response = {.status = facts_cases[_i].status,
                                          .headers = &facts_cases[_i].header,
                                          .header_count = 1,
                                          .body = str_c(facts_cases[_i].body)};
    struct thing out = {.response.http_status = 0};
    struct response_facts facts;
    response_parse(&xml_thing, &response, &out, &facts, NULL);
    ck_assert_str_eq(facts.region, facts_cases[_i].region);
    ck_assert_int_eq(facts.retry_after_ms, facts_cases[_i].retry_after_ms);
    ck_assert_int_eq(facts.date_s, facts_cases[_i].date_s);
    pail_output_free(&xml_thing, &out);
}
END_TEST

/* What Retry-After says as a date is meant by the clock that Date tells. */
START_TEST(retry_after_a_date)
{
    static const struct {
        const char *after;
        int64_t ms;
    } cases[] = {
        {"Wed, 21 Oct 2015 07:28:03 GMT", 3000},
        {"Wed, 21 Oct 2015 07:28:00 GMT", 0},
        {"Wed, 21 Oct 2015 07:27:00 GMT", 0},
        {"Wed, 21 Oct 9999 07:28:00 GMT", 86400000},
        {"Wed, 21 Oct", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pail_header headers[] = {
            {PAIL_STR("Retry-After"), str_c(cases[i].after)},
            HEADER("Date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        };
        const struct pail_http_response response = {
            .status = 503, .headers = headers, .header_count = 2};
        struct response_facts facts;
        response_head_facts(&response, &facts);
        ck_assert_msg(facts.retry_after_ms == cases[i].ms, "%s: %lld", cases[i].after,
                      (long long)facts.retry_after_ms);
    }
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    struct pail_http_response responses[] = {
        {.status = 200,
         .headers = head,
         .header_count = ARRAY_LEN(head),
         .body = PAIL_STR("<Thing><Text>a</Text><Texts><member>b</member></Texts></Thing>")},
        {.status = 403, .headers = ids, .header_count = 2, .body = PAIL_STR(S3_ERROR)},
    };
    for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
        bool done = false;
        for (long count = 0; count < 60 && !done; count++) {
            struct thing out = {.response.http_status = 0};
            struct pail_error error;
            alloc_fail_after(count);
            int r = pail_get_response(&whole_thing, &responses[i], &out, &error);
            alloc_fail_after(-1);
            done = r != -ENOMEM;
            ck_assert(done || error.kind == PAIL_ERROR_MEMORY);
            ck_assert(!done || r == (i == 0 ? 0 : -EACCES));
            pail_output_free(&whole_thing, &out);
        }
        ck_assert(done);
    }
}
END_TEST

SUITE_MAIN("aws/response", tcase_add_test(tc, reads_heads_and_payloads);
           tcase_add_test(tc, lists_may_be_spread_over_fields);
           tcase_add_test(tc, knows_streams); tcase_add_test(tc, refuses_bad_heads);
           tcase_add_loop_test(tc, reads_errors, 0, (int)ARRAY_LEN(errors));
           tcase_add_loop_test(tc, doubts_successes, 0, (int)ARRAY_LEN(successes));
           tcase_add_test(tc, cuts_what_is_too_long_for_the_record);
           tcase_add_loop_test(tc, finds_what_the_call_needs, 0, (int)ARRAY_LEN(facts_cases));
           tcase_add_test(tc, retry_after_a_date);
           tcase_add_test(tc, survives_every_failed_allocation));
