#include "aws/event_frame.h"

#include "unit/aws/event_messages.h"
#include "unit/check.h"

#include <errno.h>

/* Made, and read back, by botocore's side of the wire. */
#define EMPTY PAIL_STR("\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff")
#define PAYLOAD                                                                                \
    PAIL_STR(                                                                                  \
        "\x00\x00\x00\x1d\x00\x00\x00\x00\xfd\x52\x8c\x5a{\"foo\":\"bar\"}\x3e\x9c\x25\xb4")
#define EVERY_TYPE                                                                             \
    PAIL_STR("\x00\x00\x00\x79\x00\x00\x00\x68\xd2\x89\xb4\xbd\x01\x74\x00\x01\x66\x01\x04"    \
             "byte\x02\x80\x05short\x03\x80\x00\x03int\x04\xff\xff\xff\xfe\x04long\x05\x80"    \
             "\x00\x00\x00\x00\x00\x00\x00\x05"                                                \
             "bytes\x06\x00\x02\x00\xff\x06string\x07\x00"                                     \
             "\x02\xc3\xa9\x04time\x08\x00\x00\x01\xa2\x03\x89\x74\x6f\x04uuid\x09\x00\x11"    \
             "\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x78\x4c\x52\x09\xe0")

static struct pail_str vector(int i)
{
    const struct pail_str vectors[] = {EMPTY, PAYLOAD, EVERY_TYPE};
    return vectors[i];
}
#define VECTORS 3

/* Reads `input` in pieces of at most `piece` bytes, each byte of what is read in memory of its
 * own. 1 with *ret a heap copy of the message; else what the reader said. */
static int read_message(struct pail_str input, size_t piece, char **ret)
{
    struct event_frame_reader reader = {.data = NULL};
    int r = 0;
    while (r == 0 && input.len > 0) {
        size_t size;
        char *room = event_frame_room(&reader, &size);
        ck_assert_uint_gt(size, 0);
        size = size < piece ? size : piece;
        size = size < input.len ? size : input.len;
        memcpy(room, input.ptr, size);
        input = str_sub(input, size, input.len);
        r = event_frame_filled(&reader, size);
    }
    if (r == 1) {
        size_t size;
        struct pail_str message = event_frame_message(&reader);
        ck_assert_uint_eq(input.len, 0);
        event_frame_room(&reader, &size);
        ck_assert_uint_eq(size, 0);
        *ret = malloc(message.len);
        memcpy(*ret, message.ptr, message.len);
    }
    event_frame_reader_done(&reader);
    return r;
}

START_TEST(takes_apart)
{
    static struct event_frame frame;
    ck_assert_int_eq(event_frame_parse(EMPTY, &frame), 0);
    ck_assert_uint_eq(frame.header_count, 0);
    check_str(frame.payload, "");
    ck_assert_int_eq(event_frame_parse(PAYLOAD, &frame), 0);
    ck_assert_uint_eq(frame.header_count, 0);
    check_str(frame.payload, "{\"foo\":\"bar\"}");
    ck_assert_int_eq(event_frame_parse(EVERY_TYPE, &frame), 0);
    check_str(frame.payload, "x");
    static const struct {
        const char *name;
        enum event_header_type type;
        int64_t number;
    } expected[] = {
        {"t", EVENT_TRUE, 1},
        {"f", EVENT_FALSE, 0},
        {"byte", EVENT_BYTE, -128},
        {"short", EVENT_SHORT, -32768},
        {"int", EVENT_INTEGER, -2},
        {"long", EVENT_LONG, INT64_MIN},
        {"bytes", EVENT_BYTES, 0},
        {"string", EVENT_STRING, 0},
        {"time", EVENT_TIMESTAMP, 1795355669615},
        {"uuid", EVENT_UUID, 0},
    };
    ck_assert_uint_eq(frame.header_count, ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        const struct event_header *header = event_frame_header(&frame, expected[i].name);
        ck_assert_ptr_eq(header, &frame.headers[i]);
        ck_assert_int_eq(header->type, expected[i].type);
        ck_assert_int_eq(header->number, expected[i].number);
    }
    check_str(event_frame_header(&frame, "bytes")->bytes, "\x00\xff");
    check_str(event_frame_header(&frame, "uuid")->bytes,
              "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff");
    check_str(event_frame_string(&frame, "string"), "\xc3\xa9");
    check_absent(event_frame_header(&frame, "long")->bytes);
    check_absent(event_frame_string(&frame, "bytes"));
    check_absent(event_frame_string(&frame, "strin"));
    ck_assert_ptr_null(event_frame_header(&frame, ""));
}
END_TEST

START_TEST(reads_in_pieces)
{
    struct pail_str whole = vector(_i);
    for (size_t piece = 1; piece <= whole.len; piece++) {
        CLEANUP(heap) char *message = NULL;
        ck_assert_int_eq(read_message(whole, piece, &message), 1);
        ck_assert_int_eq(memcmp(message, whole.ptr, whole.len), 0);
    }
    for (size_t len = 0; len < whole.len; len++) {
        CLEANUP(heap) char *message = NULL;
        ck_assert_int_eq(read_message(str_sub(whole, 0, len), whole.len, &message), 0);
    }
}
END_TEST

/* Messages of many sizes, one after another, through one reader. */
START_TEST(reads_many)
{
    static const size_t sizes[] = {0, 100, 1, 1024 * 1024, 3, 300 * 1024, 0, 5000};
    static struct event_frame frame;
    struct event_frame_reader reader = {.data = NULL};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        CLEANUP_DONE(buf) struct buf input;
        CLEANUP(heap) char *payload = calloc(1, sizes[i] + 1);
        buf_init(&input, SIZE_MAX);
        memset(payload, 'a' + (int)i, sizes[i]);
        add_event(&input, "E", str_of(payload, sizes[i]));
        struct pail_str rest = buf_str(&input);
        int r = 0;
        while (r == 0) {
            size_t size;
            char *room = event_frame_room(&reader, &size);
            ck_assert_uint_le(size, rest.len);
            memcpy(room, rest.ptr, size);
            rest = str_sub(rest, size, rest.len);
            r = event_frame_filled(&reader, size);
        }
        ck_assert_int_eq(r, 1);
        ck_assert_int_eq(event_frame_parse(event_frame_message(&reader), &frame), 0);
        ck_assert(str_eq(frame.payload, str_of(payload, sizes[i])));
        check_str(event_frame_string(&frame, ":event-type"), "E");
        event_frame_next(&reader);
        /* What one large message needed is not kept for ever. */
        if (i > 0 && sizes[i] < 1000)
            ck_assert_uint_le(reader.cap, 256 * 1024);
    }
    event_frame_reader_done(&reader);
}
END_TEST

/* No byte can change without being noticed. */
START_TEST(notices_corruption)
{
    static struct event_frame frame;
    struct pail_str whole = vector(_i);
    for (size_t at = 0; at < whole.len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            CLEANUP(heap) char *bytes = malloc(whole.len);
            CLEANUP(heap) char *message = NULL;
            memcpy(bytes, whole.ptr, whole.len);
            bytes[at] = (char)(bytes[at] ^ (1 << bit));
            int r = read_message(str_of(bytes, whole.len), whole.len, &message);
            ck_assert_int_eq(r, at < EVENT_PRELUDE_LEN ? -EBADMSG : 1);
            ck_assert_int_eq(event_frame_parse(str_of(bytes, whole.len), &frame), -EBADMSG);
        }
}
END_TEST

static const struct {
    uint64_t total, headers;
    int expected; /* of the prelude */
} lengths[] = {
    {16, 0, 0},
    {15, 0, -EPROTO},
    {0, 0, -EPROTO},
    {12, 0, -EPROTO},
    {16, 1, -EPROTO},
    {17, 1, 0},
    {17, UINT32_MAX, -EPROTO},
    {UINT32_MAX, UINT32_MAX, -EPROTO},
    {UINT32_MAX, 0, -EPROTO},
    {UINT32_MAX, EVENT_HEADERS_MAX, -EPROTO},
    {16 + EVENT_HEADERS_MAX, EVENT_HEADERS_MAX, 0},
    {17 + EVENT_HEADERS_MAX, EVENT_HEADERS_MAX + 1, -EPROTO},
    {16 + EVENT_PAYLOAD_MAX, 0, 0},
    {17 + EVENT_PAYLOAD_MAX, 0, -EPROTO},
    {17 + EVENT_PAYLOAD_MAX, 1, 0},
    {16 + 131072 + 25165824, 131072, 0},
    {17 + 131072 + 25165824, 131072, -EPROTO},
};

START_TEST(limits_lengths)
{
    CLEANUP_DONE(buf) struct buf input;
    CLEANUP(heap) char *message = NULL;
    buf_init(&input, 4096);
    add_message_saying(&input, lengths[_i].total, lengths[_i].headers, PAIL_STR(""),
                       PAIL_STR(""));
    int r = read_message(str_of(input.data, EVENT_PRELUDE_LEN), 12, &message);
    ck_assert_int_eq(r, lengths[_i].expected);
}
END_TEST

static const struct {
    struct pail_str headers;
    int expected;
} headers[] = {
    {PAIL_STR("\x01"
              "a\x00\x01"
              "b\x01"),
     0},
    {PAIL_STR("\x00\x00"), 0},
    {PAIL_STR("\x01"), -EPROTO},
    {PAIL_STR("\x01"
              "a"),
     -EPROTO},
    {PAIL_STR("\x02"
              "a\x00"),
     -EPROTO},
    {PAIL_STR("\xff"
              "a\x00"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x02"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x03\x01"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x04\x01\x02\x03"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x05\x01\x02\x03\x04\x05\x06\x07"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x06\x00"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x06\x00\x02x"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x07\xff\xffx"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x08\x01\x02\x03\x04\x05\x06\x07"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x09"
              "0123456789abcde"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x0a"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\xff"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x00\x01"
              "a\x00"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x00\x01"
              "b\x00\x01"
              "a\x07\x00\x01x"),
     -EPROTO},
    {PAIL_STR("\x01"
              "a\x00\x01"
              "A\x00"),
     0},
    {PAIL_STR("\x01"
              "a\x07\x00\x00"),
     0},
};

START_TEST(checks_headers)
{
    static struct event_frame frame;
    CLEANUP_DONE(buf) struct buf input;
    buf_init(&input, 4096);
    /* A payload that a header could run on into. */
    add_message(&input, headers[_i].headers, PAIL_STR("0123456789abcdef0123456789abcdef"));
    ck_assert_int_eq(event_frame_parse(buf_str(&input), &frame), headers[_i].expected);
}
END_TEST

START_TEST(limits_headers)
{
    static struct event_frame frame;
    CLEANUP_DONE(buf) struct buf input;
    CLEANUP_DONE(buf) struct buf many;
    buf_init(&input, SIZE_MAX);
    buf_init(&many, SIZE_MAX);
    for (int i = 0; i < EVENT_FIELDS_MAX; i++) {
        buf_addf(&many, "\x03%03d", i);
        buf_add_byte(&many, 0);
    }
    add_message(&input, buf_str(&many), PAIL_STR(""));
    ck_assert_int_eq(event_frame_parse(buf_str(&input), &frame), 0);
    ck_assert_uint_eq(frame.header_count, EVENT_FIELDS_MAX);
    buf_reset(&input);
    buf_add(&many, "\x01x\x00", 3);
    add_message(&input, buf_str(&many), PAIL_STR(""));
    ck_assert_int_eq(event_frame_parse(buf_str(&input), &frame), -EPROTO);
}
END_TEST

/* What is taken apart must be one whole message. */
START_TEST(refuses_other_lengths)
{
    static struct event_frame frame;
    CLEANUP_DONE(buf) struct buf two;
    struct pail_str whole = vector(_i);
    for (size_t len = 0; len < whole.len; len++)
        ck_assert_int_lt(event_frame_parse(str_sub(whole, 0, len), &frame), 0);
    buf_init(&two, 4096);
    buf_add_str(&two, whole);
    buf_add_byte(&two, 'x');
    ck_assert_int_eq(event_frame_parse(buf_str(&two), &frame), -EPROTO);
}
END_TEST

START_TEST(reads_without_memory)
{
    struct event_frame_reader reader = {.data = NULL};
    struct pail_str whole = PAYLOAD;
    size_t size;
    memcpy(event_frame_room(&reader, &size), whole.ptr, EVENT_PRELUDE_LEN);
    alloc_fail_after(0);
    int r = event_frame_filled(&reader, EVENT_PRELUDE_LEN);
    alloc_fail_after(-1);
    ck_assert_int_eq(r, -ENOMEM);
    event_frame_reader_done(&reader);
}
END_TEST

SUITE_MAIN("aws/event_frame", tcase_add_test(tc, takes_apart),
           tcase_add_loop_test(tc, reads_in_pieces, 0, VECTORS), tcase_add_test(tc, reads_many),
           tcase_add_loop_test(tc, notices_corruption, 0, VECTORS),
           tcase_add_loop_test(tc, limits_lengths, 0, ARRAY_LEN(lengths)),
           tcase_add_loop_test(tc, checks_headers, 0, ARRAY_LEN(headers)),
           tcase_add_test(tc, limits_headers),
           tcase_add_loop_test(tc, refuses_other_lengths, 0, VECTORS),
           tcase_add_test(tc, reads_without_memory));
