/* What botocore's own tests of its response handling (tests/unit/test_response.py, 32 cases)
 * ask, in their order, each under their name; and what was seen when it ran. Where this library
 * deliberately differs, the case says so. */
#include "unit/aws/body_fixture.h"

#include <pail/s3.h>

#define NO_LENGTH ((struct pail_int){0})

static const struct pail_str ten = {"1234567890", 10};
static const struct pail_str nine = {"123456789", 9};

static void check_incomplete(const struct pail_error *error, uint64_t expected, uint64_t actual)
{
    ck_assert_int_eq(error->kind, PAIL_ERROR_INCOMPLETE_READ);
    ck_assert_int_eq(error->sys, EIO);
    ck_assert_uint_eq(error->expected_bytes, expected);
    ck_assert_uint_eq(error->actual_bytes, actual);
}

/* Reads `size` bytes and expects these. */
#define check_read(body, size, literal)                                                        \
    do {                                                                                       \
        char read_[64];                                                                        \
        ssize_t n_ = pail_body_read(body, read_, size, NULL);                                  \
        ck_assert_int_eq(n_, (ssize_t)sizeof(literal) - 1);                                    \
        check_str(str_of(read_, (size_t)n_), literal);                                         \
    } while (0)

#define check_all(body, literal)                                                               \
    do {                                                                                       \
        CLEANUP(heap) char *all_ = NULL;                                                       \
        size_t size_ = 0;                                                                      \
        ck_assert_int_eq(pail_body_read_all(body, SIZE_MAX, &all_, &size_, NULL), 0);          \
        check_str(str_of(all_, size_), literal);                                               \
    } while (0)

START_TEST(streaming_wrapper_validates_content_length)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(ten, PAIL_INT(10));
    check_all(body, "1234567890");
}
END_TEST

START_TEST(streaming_body_with_invalid_length)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(nine, PAIL_INT(10));
    struct pail_error error;
    char data[16];
    check_read(body, 9, "123456789");
    ck_assert_int_eq(pail_body_read(body, data, sizeof(data), &error), -EIO);
    check_incomplete(&error, 10, 9);
}
END_TEST

START_TEST(streaming_body_readable)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(ten, PAIL_INT(10));
    char data[4];
    ck_assert(pail_body_readable(body));
    pail_body_close(body);
    ck_assert(
        !pail_body_readable(body)); /* there: ValueError over BytesIO, True over urllib3 */
    ck_assert_int_eq(pail_body_read(body, data, sizeof(data), NULL), -ECANCELED);
}
END_TEST

START_TEST(streaming_body_with_zero_read)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(nine, PAIL_INT(9));
    check_read(body, 0, "");
    check_all(body, "123456789");
}
END_TEST

START_TEST(streaming_body_with_single_read)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(nine, PAIL_INT(10));
    struct pail_error error;
    char *all = NULL;
    size_t size;
    ck_assert_int_eq(pail_body_read_all(body, SIZE_MAX, &all, &size, &error), -EIO);
    ck_assert_ptr_null(all);
    check_incomplete(&error, 10, 9);
}
END_TEST

START_TEST(streaming_body_readline)
{
    PAIL_CLEANUP(pail_body)
    struct pail_body *body = memory_body(PAIL_STR("1234567890\n1234567\n"), PAIL_INT(19));
    struct pail_str line;
    ck_assert_int_eq(pail_body_readline(body, 0, &line, NULL), 1);
    check_str(line, "1234567890\n");
    ck_assert_int_eq(pail_body_readline(body, 0, &line, NULL), 1);
    check_str(line, "1234567\n");
    ck_assert_int_eq(pail_body_readline(body, 0, &line, NULL), 0);
}
END_TEST

START_TEST(streaming_body_readlines)
{
    PAIL_CLEANUP(pail_body)
    struct pail_body *body =
        memory_body(PAIL_STR("1234567890\n1234567890\n12345"), PAIL_INT(27));
    CLEANUP(heap) struct pail_str_list *lines = NULL;
    ck_assert_int_eq(pail_body_readlines(body, SIZE_MAX, &lines, NULL), 0);
    ck_assert_uint_eq(lines->count, 3);
    check_str(lines->items[0], "1234567890\n");
    check_str(lines->items[1], "1234567890\n");
    check_str(lines->items[2], "12345");
}
END_TEST

START_TEST(streaming_body_readinto)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(nine, PAIL_INT(9));
    char data[5] = {0};
    ck_assert_int_eq(pail_body_read(body, data, sizeof(data), NULL), 5);
    check_str(str_of(data, 5), "12345");
    ck_assert_int_eq(pail_body_read(body, data, sizeof(data), NULL), 4);
    check_str(str_of(data, 5), "67895"); /* the fifth is what it was */
}
END_TEST

START_TEST(streaming_body_readinto_with_invalid_length)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(PAIL_STR("12"), PAIL_INT(9));
    struct pail_error error;
    char data[5] = {0};
    ck_assert_int_eq(pail_body_read(body, data, sizeof(data), NULL), 2);
    check_str(str_of(data, 5), "12\0\0\0");
    ck_assert_int_eq(pail_body_read(body, data, sizeof(data), &error), -EIO);
    check_incomplete(&error, 9, 2);
}
END_TEST

START_TEST(streaming_body_readinto_with_empty_buffer)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(PAIL_STR("12"), PAIL_INT(9));
    ck_assert_int_eq(pail_body_read(body, NULL, 0, NULL), 0);
}
END_TEST

/* streaming_body_readinto_catches_urllib3_read_timeout, _protocol_error, and below the same of
 * read(): one function here. */
static const struct {
    int fails, kind, expected;
} failures[] = {
    {-ETIMEDOUT, PAIL_ERROR_NONE, PAIL_ERROR_READ_TIMEOUT},
    {-EIO, PAIL_ERROR_NONE, PAIL_ERROR_STREAMING},
    {-ECONNRESET, PAIL_ERROR_NONE, PAIL_ERROR_STREAMING},
    {-EPROTO, PAIL_ERROR_PARSE, PAIL_ERROR_PARSE},
};

START_TEST(catches_failures)
{
    struct trickle trickle = {
        .data = nine, .fails = failures[_i].fails, .kind = failures[_i].kind};
    PAIL_CLEANUP(pail_body) struct pail_body *body = trickle_body(&trickle, NO_LENGTH);
    struct pail_error error;
    char data[5];
    check_read(body, 9, "123456789");
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(pail_body_read(body, data, sizeof(data), &error), failures[_i].fails);
        ck_assert_int_eq(error.kind, failures[_i].expected);
        ck_assert_int_eq(error.sys, -failures[_i].fails);
    }
}
END_TEST

START_TEST(streaming_body_tell)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(ten, PAIL_INT(10));
    ck_assert_uint_eq(pail_body_tell(body), 0);
    check_read(body, 5, "12345");
    ck_assert_uint_eq(pail_body_tell(body), 5);
}
END_TEST

START_TEST(streaming_body_closes)
{
    struct trickle trickle = {.data = ten};
    PAIL_CLEANUP(pail_body) struct pail_body *body = trickle_body(&trickle, PAIL_INT(10));
    pail_body_close(body);
    pail_body_close(body);
    ck_assert_uint_eq(trickle.closes, 1);
    pail_body_set_read_timeout(body, 5);
    ck_assert_int_eq(trickle.timeout_ms, 0);
}
END_TEST

static const struct {
    const char *name;
    size_t len;
    size_t size;
    const char *chunks;
} chunkings[] = {
    {"iter_chunks_single_byte", 5, 1, "a|b|c|d|e|"},
    {"iter_chunks_with_leftover", 5, 2, "ab|cd|e|"},
    {"iter_chunks_single_chunk", 5, 1024, "abcde|"},
};

START_TEST(streaming_body_iter_chunks)
{
    PAIL_CLEANUP(pail_body)
    struct pail_body *body = memory_body(PAIL_STR("abcde"), PAIL_INT(5));
    CLEANUP_DONE(buf) struct buf got;
    buf_init(&got, SIZE_MAX);
    ck_assert_int_eq(collect_chunks(body, chunkings[_i].size, &got, NULL), 0);
    ck_assert_str_eq(buf_c(&got), chunkings[_i].chunks);
}
END_TEST

/* default_iter_behavior (2,048 bytes), streaming_body_is_an_iterator (2,050). */
START_TEST(default_iteration)
{
    static const size_t sizes[][4] = {{1024, 1024}, {1024, 1024, 2}};
    char data[2050];
    memset(data, 'a', sizeof(data));
    size_t len = _i == 0 ? 2048 : 2050;
    PAIL_CLEANUP(pail_body)
    struct pail_body *body = memory_body(str_of(data, len), PAIL_INT((int64_t)len));
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *chunks = NULL;
    struct pail_str chunk;
    ck_assert_int_eq(pail_body_chunks(body, PAIL_CHUNK_DEFAULT, &chunks, NULL), 0);
    for (size_t i = 0; sizes[_i][i] > 0; i++) {
        ck_assert_int_eq(pail_chunks_next(chunks, &chunk, NULL), 1);
        ck_assert_uint_eq(chunk.len, sizes[_i][i]);
    }
    ck_assert_int_eq(pail_chunks_next(chunks, &chunk, NULL), 0);
    ck_assert_int_eq(pail_chunks_next(chunks, &chunk, NULL), 0);
}
END_TEST

/* streaming_line_iterator, _ends_newline, _iter_chunk_sizes, _keepends,
 * _abstruse_newline_standard, _empty_body; the last two are what was seen when it ran. Each
 * with chunks of 1 to 29 bytes, from memory and in pieces as small. */
static const struct {
    struct pail_str body;
    bool keep_ends;
    const char *lines;
} lines[] = {
    {{"1234567890\n1234567890\n12345", 27}, false, "1234567890|1234567890|12345|"},
    {{"1234567890\n1234567890\n12345\n", 28}, false, "1234567890|1234567890|12345|"},
    {{"1234567890\n1234567890\n12345", 27}, true, "1234567890\n|1234567890\n|12345|"},
    {{"1234567890\r\n1234567890\r\n12345\r\n", 31}, false, "1234567890|1234567890|12345|"},
    {{"1234567890\r\n1234567890\r\n12345\r\n", 31},
     true,
     "1234567890\r\n|1234567890\r\n|12345\r\n|"},
    {{"", 0}, false, ""},
    {{"\n\na\n\n", 5}, false, "||a||"},
    {{"\r\r\n\n", 4}, false, "|||"},
};

START_TEST(streaming_line_iterator)
{
    for (size_t size = 1; size < 30; size++)
        for (int way = 0; way < 3; way++) {
            struct trickle trickle = {.data = lines[_i].body, .piece = way == 2 ? size : 0};
            struct pail_int length = PAIL_INT((int64_t)lines[_i].body.len);
            PAIL_CLEANUP(pail_body)
            struct pail_body *body =
                way == 0 ? memory_body(lines[_i].body, length)
                         : trickle_body(&trickle, way == 1 ? length : NO_LENGTH);
            CLEANUP_DONE(buf) struct buf got;
            buf_init(&got, SIZE_MAX);
            const struct pail_lines_options options = {.chunk_size = size,
                                                       .keep_ends = lines[_i].keep_ends};
            ck_assert_int_eq(collect_lines(body, &options, &got, NULL), 0);
            ck_assert_str_eq(buf_c(&got), lines[_i].lines);
            ck_assert_uint_eq(pail_body_tell(body), lines[_i].body.len);
        }
}
END_TEST

START_TEST(streaming_body_as_context_manager)
{
    struct trickle trickle = {.data = ten};
    {
        PAIL_CLEANUP(pail_body) struct pail_body *body = trickle_body(&trickle, PAIL_INT(10));
        check_all(body, "1234567890");
        ck_assert_uint_eq(trickle.closes, 0);
    }
    ck_assert_uint_eq(trickle.closes, 1);
}
END_TEST

/* ---- TestGetResponse ---- */

static const struct pail_header ids[] = {
    {PAIL_STR("x-amz-id-2"), PAIL_STR("AAAAAAAAAAAAAAAAAAA")},
    {PAIL_STR("x-amz-request-id"), PAIL_STR("XXXXXXXXXXXXXXXX")},
    {PAIL_STR("Content-Type"), PAIL_STR("application/xml")},
};

/* get_response leaves the stream to the caller, who has the response's bytes. */
START_TEST(get_response_streaming_ok)
{
    static const struct pail_header headers[] = {
        {PAIL_STR("content-type"), PAIL_STR("image/png")},
        {PAIL_STR("etag"), PAIL_STR("\"00000000000000000000000000000000\"")},
        {PAIL_STR("content-length"), PAIL_STR("3")},
    };
    const struct pail_http_response response = {
        .status = 200, .headers = headers, .header_count = ARRAY_LEN(headers)};
    struct pail_s3_get_object_output out = {0};
    ck_assert_int_eq(pail_get_response(&pail_s3_get_object_operation, &response, &out, NULL),
                     0);
    check_str(out.etag, "\"00000000000000000000000000000000\"");
    ck_assert_ptr_null(out.body);
    ck_assert_int_eq(pail_body_from_memory("PNG", 3, out.content_length, &out.body), 0);
    check_all(out.body, "PNG");
    pail_output_free(&pail_s3_get_object_operation, &out);
}
END_TEST

/* streaming_ng, nonstreaming_ok: a 403 of either kind. */
START_TEST(get_response_error)
{
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Error><Code>AccessDenied</Code><Message>Access Denied</Message>"
        "<RequestId>XXXXXXXXXXXXXXXX</RequestId>"
        "<HostId>AAAAAAAAAAAAAAAAAAA</HostId></Error>";
    const struct pail_operation *operation =
        _i == 0 ? &pail_s3_get_object_operation : &pail_s3_list_objects_v2_operation;
    const struct pail_http_response response = {.status = 403,
                                                .headers = ids,
                                                .header_count = ARRAY_LEN(ids),
                                                .body = str_of(text, sizeof(text) - 1)};
    union {
        struct pail_response response;
        struct pail_s3_get_object_output get;
        struct pail_s3_list_objects_v2_output list;
    } out = {.response = {0}};
    struct pail_error error;
    memset(&out, 0, sizeof(out));
    ck_assert_int_eq(pail_get_response(operation, &response, &out, &error), -EACCES);
    ck_assert_str_eq(error.code, "AccessDenied");
    ck_assert_str_eq(error.message, "Access Denied");
    ck_assert_int_eq(error.http_status, 403);
    check_str(out.response.request_id, "XXXXXXXXXXXXXXXX");
    check_str(out.response.host_id, "AAAAAAAAAAAAAAAAAAA");
    ck_assert_int_eq(out.response.http_status, 403);
    pail_output_free(operation, &out);
}
END_TEST

START_TEST(get_response_nonstreaming_ng)
{
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Name>mybucket</Name><Prefix></Prefix><StartAfter></StartAfter><MaxKeys>1000</MaxKeys>"
        "<IsTruncated>false</IsTruncated><KeyCount>1</KeyCount>"
        "<Contents><Key>test.png</Key><LastModified>2014-03-01T17:06:40.000Z</LastModified>"
        "<ETag>&quot;00000000000000000000000000000000&quot;</ETag><Size>6702</Size>"
        "<Owner><ID>AAAAAAAAAAAAAAAAAAA</ID><DisplayName>dummy</DisplayName></Owner>"
        "<StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>";
    const struct pail_http_response response = {.status = 200,
                                                .headers = ids,
                                                .header_count = ARRAY_LEN(ids),
                                                .body = str_of(text, sizeof(text) - 1)};
    struct pail_s3_list_objects_v2_output out = {0};
    ck_assert_int_eq(
        pail_get_response(&pail_s3_list_objects_v2_operation, &response, &out, NULL), 0);
    check_str(out.name, "mybucket");
    check_str(out.prefix, "");
    check_str(out.start_after, "");
    ck_assert_int_eq(out.max_keys.value, 1000);
    ck_assert(out.is_truncated.present && !out.is_truncated.value);
    ck_assert_uint_eq(out.contents.count, 1);
    const struct pail_s3_object *object = &out.contents.items[0];
    check_str(object->key, "test.png");
    check_str(object->etag, "\"00000000000000000000000000000000\"");
    ck_assert_int_eq(object->last_modified.seconds, 1393693600);
    ck_assert_int_eq(object->size.value, 6702);
    check_str(object->owner->id, "AAAAAAAAAAAAAAAAAAA");
    check_str(object->storage_class, "STANDARD");
    check_str(out.response.request_id, "XXXXXXXXXXXXXXXX");
    check_str(out.response.host_id, "AAAAAAAAAAAAAAAAAAA");
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
}
END_TEST

SUITE_MAIN("aws/body_port", tcase_add_test(tc, streaming_wrapper_validates_content_length);
           tcase_add_test(tc, streaming_body_with_invalid_length);
           tcase_add_test(tc, streaming_body_readable);
           tcase_add_test(tc, streaming_body_with_zero_read);
           tcase_add_test(tc, streaming_body_with_single_read);
           tcase_add_test(tc, streaming_body_readline);
           tcase_add_test(tc, streaming_body_readlines);
           tcase_add_test(tc, streaming_body_readinto);
           tcase_add_test(tc, streaming_body_readinto_with_invalid_length);
           tcase_add_test(tc, streaming_body_readinto_with_empty_buffer);
           tcase_add_loop_test(tc, catches_failures, 0, ARRAY_LEN(failures));
           tcase_add_test(tc, streaming_body_tell); tcase_add_test(tc, streaming_body_closes);
           tcase_add_loop_test(tc, streaming_body_iter_chunks, 0, ARRAY_LEN(chunkings));
           tcase_add_loop_test(tc, default_iteration, 0, 2);
           tcase_add_loop_test(tc, streaming_line_iterator, 0, ARRAY_LEN(lines));
           tcase_add_test(tc, streaming_body_as_context_manager);
           tcase_add_test(tc, get_response_streaming_ok);
           tcase_add_loop_test(tc, get_response_error, 0, 2);
           tcase_add_test(tc, get_response_nonstreaming_ng));
