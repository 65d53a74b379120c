#include "aws/event_decode.h"

#include "unit/aws/event_messages.h"
#include "unit/aws/event_shapes.h"
#include "unit/check.h"

#include <errno.h>

struct fixture {
    struct arena *arena;
    struct buf input;
    struct pail_event event;
    struct pail_error error;
};

static struct fixture fixture_new(void)
{
    struct fixture f = {.arena = arena_new(1024 * 1024)};
    ck_assert_ptr_nonnull(f.arena);
    buf_init(&f.input, SIZE_MAX);
    return f;
}

static void fixture_done(struct fixture *f)
{
    arena_free(f->arena);
    buf_done(&f->input);
}

static int decode(struct fixture *f, const struct pail_operation *op)
{
    return event_decode(op, buf_str(&f->input), f->arena, &f->event, &f->error);
}

static void check_json(const struct fixture *f, const char *expected)
{
    char *text;
    ck_assert_int_eq(pail_event_json(&f->event, &text), 0);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(takes_headers)
{
    struct fixture f = fixture_new();
    CLEANUP_DONE(buf) struct buf headers;
    buf_init(&headers, 4096);
    add_string_header(&headers, ":message-type", "event");
    add_string_header(&headers, ":event-type", "Headed");
    add_header_start(&headers, "Flag", 1);
    add_header_start(&headers, "Small", 3);
    add_number(&headers, (uint64_t)-7, 2);
    add_header_start(&headers, "Big", 5);
    add_number(&headers, UINT64_C(1) << 40, 8);
    add_string_header(&headers, "Text", "");
    add_header_start(&headers, "Bytes", 6);
    add_number(&headers, 2, 2);
    buf_add(&headers, "\x00\xff", 2);
    add_header_start(&headers, "Time", 8);
    add_number(&headers, (uint64_t)-1, 8);
    add_string_header(&headers, "Lenient", "not a number");
    add_string_header(&headers, "Unknown", "x");
    add_message(&f.input, buf_str(&headers), PAIL_STR("\x00raw"));
    ck_assert_int_eq(decode(&f, &watch_xml), 1);
    check_str(f.event.type, "Headed");
    ck_assert_ptr_eq(f.event.member, &happening_members[0]);
    ck_assert_ptr_eq(f.event.shape, &happenings_shape);
    const struct happening *happening = f.event.data;
    const struct headed_event *event = happening->headed;
    ck_assert_ptr_null(happening->end);
    ck_assert(event->flag.present && !event->flag.value);
    ck_assert(event->small.present);
    ck_assert_int_eq(event->small.value, -7);
    ck_assert_int_eq(event->big.value, INT64_C(1) << 40);
    check_str(event->text, "");
    check_str(event->bytes, "\x00\xff");
    ck_assert(event->time.present);
    ck_assert_int_eq(event->time.seconds, -1);
    ck_assert_uint_eq(event->time.nanoseconds, 999000000);
    ck_assert(!event->lenient.present);
    check_str(event->payload, "\x00raw");
    /* Payloads are not copied. */
    ck_assert_ptr_eq(event->payload.ptr, f.input.data + f.input.len - 8);
    check_json(&f,
               "{\"Headed\":{\"Flag\":false,\"Small\":-7,\"Big\":1099511627776,\"Text\":\"\","
               "\"Bytes\":\"AP8=\",\"Time\":\"1969-12-31T23:59:59.999Z\","
               "\"Payload\":\"AHJhdw==\"}}");
    fixture_done(&f);
}
END_TEST

static const struct {
    const char *name;
    int type;
    size_t len; /* of its value, zeros */
} misfits[] = {
    {"Flag", 4, 4},  {"Flag", 7, 2}, {"Small", 0, 0}, {"Small", 5, 8}, {"Small", 8, 8},
    {"Big", 7, 2},   {"Big", 8, 8},  {"Text", 6, 2},  {"Text", 9, 16}, {"Bytes", 7, 2},
    {"Bytes", 4, 4}, {"Time", 5, 8}, {"Time", 7, 2},
};

START_TEST(refuses_headers_of_another_type)
{
    struct fixture f = fixture_new();
    CLEANUP_DONE(buf) struct buf headers;
    buf_init(&headers, 4096);
    add_string_header(&headers, ":event-type", "Headed");
    add_header_start(&headers, misfits[_i].name, misfits[_i].type);
    add_number(&headers, 0, misfits[_i].len);
    add_message(&f.input, buf_str(&headers), PAIL_STR(""));
    ck_assert_int_eq(decode(&f, &watch_xml), -EPROTO);
    ck_assert_int_eq(f.error.kind, PAIL_ERROR_PARSE);
    ck_assert_ptr_nonnull(strstr(f.error.message, misfits[_i].name));
    fixture_done(&f);
}
END_TEST

#define DETAILS_XML "<Stats><Count>5</Count><Name>n</Name><New/></Stats>"

static const struct {
    const struct pail_operation *op;
    const char *type, *payload;
    int expected;
    const char *json; /* of the event; or what the message says */
} payloads[] = {
    {&watch_xml, "Text", "caf\xc3\xa9", 1, "{\"Text\":{\"Text\":\"caf\xc3\xa9\"}}"},
    {&watch_xml, "Text", "", 1, "{\"Text\":{\"Text\":\"\"}}"},
    {&watch_xml, "Headed", "", 1, "{\"Headed\":{\"Payload\":\"\"}}"},
    {&watch_xml, "Details", DETAILS_XML, 1,
     "{\"Details\":{\"Details\":{\"Count\":5,\"Name\":\"n\"}}}"},
    {&watch_xml, "Details", "<?xml version=\"1.0\"?>\n" DETAILS_XML, 1,
     "{\"Details\":{\"Details\":{\"Count\":5,\"Name\":\"n\"}}}"},
    {&watch_xml, "Details", "", 1, "{\"Details\":{\"Details\":{}}}"},
    {&watch_xml, "Details", "<Stats><Count>5</Count>", -EPROTO, "Details"},
    {&watch_xml, "Details", "<Stats><Count>x</Count></Stats>", -EPROTO, "not a value"},
    {&watch_xml, "Details", "<Stats/>", -EPROTO, "Count"},
    {&watch_xml, "Details", "<Error><Code>x</Code></Error>", -EPROTO, "error's"},
    {&watch_xml, "Details", "{}", -EPROTO, "Details"},
    {&watch_rest_json, "Details", "{\"Count\":5,\"Name\":null}", 1,
     "{\"Details\":{\"Details\":{\"Count\":5}}}"},
    {&watch_rest_json, "Details", "{\"Name\":\"n\"}", -EPROTO, "Count"},
    {&watch_rest_json, "Details", "[]", -EPROTO, "not an object"},
    {&watch_rest_json, "Details", "{\"Count\":", -EPROTO, "line"},
    {&watch_json, "Note", "{\"author\":\"a\",\"lines\":[\"x\",\"y\"],\"session\":\"no\"}", 1,
     "{\"Note\":{\"author\":\"a\",\"lines\":[\"x\",\"y\"]}}"},
    {&watch_json, "Note", "", 1, "{\"Note\":{}}"},
    {&watch_json, "Note", "{}", 1, "{\"Note\":{}}"},
    {&watch_json, "Note", "{\"author\":1}", -EPROTO, "author"},
    {&watch_xml, "Nothing", "whatever", 1, "{\"Nothing\":{}}"},
    {&watch_xml, "End", "", 1, "{\"End\":{}}"},
    {&watch_xml, "Unheard", "whatever", 0, NULL},
    {&watch_xml, "", "", 0, NULL},
    {&watch_xml, "initial-response", "{}", 0, NULL},
    {&watch_xml, "Oops", "", 0, NULL}, /* an exception is no event */
    {&watch_xml, "end", "", 0, NULL},
};

START_TEST(takes_payloads)
{
    struct fixture f = fixture_new();
    add_event(&f.input, payloads[_i].type, str_c(payloads[_i].payload));
    ck_assert_int_eq(decode(&f, payloads[_i].op), payloads[_i].expected);
    if (payloads[_i].expected == 1) {
        check_json(&f, payloads[_i].json);
        ck_assert(str_eq_c(f.event.type, payloads[_i].type));
    } else if (payloads[_i].expected < 0) {
        ck_assert_int_eq(f.error.kind, PAIL_ERROR_PARSE);
        ck_assert_int_eq(f.error.sys, EPROTO);
        ck_assert_msg(strstr(f.error.message, payloads[_i].json), "%s", f.error.message);
    }
    fixture_done(&f);
}
END_TEST

START_TEST(takes_members_from_both)
{
    struct fixture f = fixture_new();
    CLEANUP_DONE(buf) struct buf headers;
    buf_init(&headers, 4096);
    add_string_header(&headers, ":event-type", "Note"); /* and no :message-type */
    add_string_header(&headers, "session", "s1");
    add_message(&f.input, buf_str(&headers), PAIL_STR("{\"author\":\"a\"}"));
    ck_assert_int_eq(decode(&f, &watch_rest_json), 1);
    check_json(&f, "{\"Note\":{\"session\":\"s1\",\"author\":\"a\"}}");
    fixture_done(&f);
}
END_TEST

static const struct {
    const struct pail_operation *op;
    const char *kind, *code, *message; /* or the payload */
    const char *expected;
    int sys;
} failures[] = {
    {&watch_xml, "error", "InternalError", "because", "because", EIO},
    {&watch_xml, "error", "AccessDenied", "because", "because", EACCES},
    {&watch_xml, "error", "NeverHeardOf", "because", "because", EIO},
    {&watch_xml, "error", "SlowDown", "", "the service ended the stream with an error", EBUSY},
    {&watch_json, "exception", "Oops", "{\"Message\":\"late\"}", "late", EIO},
    {&watch_json, "exception", "Oops", "{\"message\":\"late\"}",
     "the service ended the stream with an error", EIO},
    {&watch_json, "exception", "Oops", "", "the service ended the stream with an error", EIO},
    {&watch_json, "exception", "Oops", "{", "the service ended the stream with an error", EIO},
    {&watch_xml, "exception", "Oops", "<Oops><Message>late</Message></Oops>", "late", EIO},
    {&watch_json, "exception", "SessionTimeoutException", "{\"message\":\"late\"}", "late",
     ETIMEDOUT},
    {&watch_json, "exception", "Unheard", "{\"Message\":\"late\"}", "late", EIO},
    {&watch_json, "exception", "Unheard", "no JSON", "no JSON", EIO},
    {&watch_xml, "exception", "Unheard", "<x/>", "the service ended the stream with an error",
     EIO},
};

START_TEST(ends_in_errors)
{
    struct fixture f = fixture_new();
    add_failure(&f.input, failures[_i].kind, failures[_i].code, failures[_i].message);
    ck_assert_int_eq(decode(&f, failures[_i].op), -failures[_i].sys);
    ck_assert_int_eq(f.error.kind, PAIL_ERROR_EVENT_STREAM);
    ck_assert_int_eq(f.error.sys, failures[_i].sys);
    ck_assert_str_eq(f.error.code, failures[_i].code);
    ck_assert_str_eq(f.error.message, failures[_i].expected);
    fixture_done(&f);
}
END_TEST

START_TEST(says_what_is_wrong_with_messages)
{
    struct fixture f = fixture_new();
    add_event(&f.input, "End", PAIL_STR(""));
    f.input.data[f.input.len - 1] ^= 1;
    ck_assert_int_eq(decode(&f, &watch_xml), -EBADMSG);
    ck_assert_int_eq(f.error.kind, PAIL_ERROR_CHECKSUM);
    buf_reset(&f.input);
    add_message(&f.input, PAIL_STR("\x01"), PAIL_STR(""));
    ck_assert_int_eq(decode(&f, &watch_xml), -EPROTO);
    ck_assert_int_eq(f.error.kind, PAIL_ERROR_PARSE);
    fixture_done(&f);
}
END_TEST

static const struct {
    const char *type, *payload;
    int expected;
    const char *greeting; /* or what the message says */
} initials[] = {
    {"initial-response", "{\"greeting\":\"hi\",\"Happenings\":{}}", 0, "hi"},
    {"initial-response", "{}", 0, NULL},
    {"initial-response", "", 0, NULL},
    {"initial-response", "[]", -EPROTO, "not an object"},
    {"End", "{}", -EPROTO, "initial-response"},
};

START_TEST(takes_initial_responses)
{
    struct fixture f = fixture_new();
    struct watch_output out = {.response.arena = f.arena};
    add_event(&f.input, initials[_i].type, str_c(initials[_i].payload));
    int r = event_decode_initial(&watch_json, buf_str(&f.input), &out, &f.error);
    ck_assert_int_eq(r, initials[_i].expected);
    if (r < 0)
        ck_assert_msg(strstr(f.error.message, initials[_i].greeting), "%s", f.error.message);
    else
        ck_assert(str_eq_c(out.greeting, initials[_i].greeting));
    fixture_done(&f);
}
END_TEST

START_TEST(takes_refusals_first)
{
    struct fixture f = fixture_new();
    struct watch_output out = {.response.arena = f.arena};
    add_failure(&f.input, "exception", "Oops", "{\"Message\":\"no\"}");
    int r = event_decode_initial(&watch_json, buf_str(&f.input), &out, &f.error);
    ck_assert_int_eq(r, -EIO);
    ck_assert_int_eq(f.error.kind, PAIL_ERROR_EVENT_STREAM);
    ck_assert_str_eq(f.error.message, "no");
    ck_assert(event_has_initial(&watch_json));
    ck_assert(!event_has_initial(&watch_rest_json));
    ck_assert(!event_has_initial(&watch_xml));
    fixture_done(&f);
}
END_TEST

START_TEST(refuses_what_is_too_large)
{
    struct fixture f = fixture_new();
    add_event(&f.input, "Text", PAIL_STR("some text"));
    arena_free(f.arena);
    f.arena = arena_new(_i == 0 ? 1 : 50);
    ck_assert_int_eq(decode(&f, &watch_xml), -EPROTO);
    ck_assert_int_eq(f.error.kind, PAIL_ERROR_PARSE);
    ck_assert_str_eq(f.error.message, "an event is too large when it is parsed");
    fixture_done(&f);
}
END_TEST

START_TEST(decodes_without_memory)
{
    static const struct {
        const struct pail_operation *op;
        const char *type, *payload;
    } events[] = {
        {&watch_xml, "Details", DETAILS_XML},
        {&watch_json, "Note", "{\"author\":\"a\",\"lines\":[\"x\"]}"},
        {&watch_xml, "Headed", "x"},
    };
    struct fixture f = fixture_new();
    int r = -ENOMEM;
    add_event(&f.input, events[_i].type, str_c(events[_i].payload));
    for (long count = 0; r != 1; count++) {
        arena_free(f.arena);
        f.arena = arena_new(1024 * 1024);
        alloc_fail_after(count);
        r = decode(&f, events[_i].op);
        alloc_fail_after(-1);
        if (r == 1)
            break;
        ck_assert_int_eq(r, -ENOMEM);
        ck_assert_int_eq(f.error.kind, PAIL_ERROR_MEMORY);
        ck_assert_int_lt(count, 1000);
    }
    fixture_done(&f);
}
END_TEST

SUITE_MAIN("aws/event_decode", tcase_add_test(tc, takes_headers),
           tcase_add_loop_test(tc, refuses_headers_of_another_type, 0, ARRAY_LEN(misfits)),
           tcase_add_loop_test(tc, takes_payloads, 0, ARRAY_LEN(payloads)),
           tcase_add_test(tc, takes_members_from_both),
           tcase_add_loop_test(tc, ends_in_errors, 0, ARRAY_LEN(failures)),
           tcase_add_test(tc, says_what_is_wrong_with_messages),
           tcase_add_loop_test(tc, takes_initial_responses, 0, ARRAY_LEN(initials)),
           tcase_add_test(tc, takes_refusals_first),
           tcase_add_loop_test(tc, refuses_what_is_too_large, 0, 2),
           tcase_add_loop_test(tc, decodes_without_memory, 0, 3));
