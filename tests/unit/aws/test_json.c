#include "aws/json.h"

#include "base/buf.h"
#include "unit/aws/shapes.h"
#include "unit/check.h"

#include <errno.h>

static const struct pail_operation do_thing = THING_OPERATION(PAIL_JSON, NULL, 0);
static const struct pail_operation rest_thing = THING_OPERATION(PAIL_REST_JSON, NULL, 0);

static const struct {
    const char *body;
    const char *json;   /* NULL: -EPROTO */
    const char *reason; /* of a failure */
} documents[] = {
    {"{}", "{}", NULL},
    {"{\"Text\":null,\"Unknown\":{\"a\":[1]},\"__type\":\"x\"}", "{}", NULL},
    {"{\"Text\":\"\"}", "{\"Text\":\"\"}", NULL},
    {"{\"Text\":\"a\\u0000b\\u00e9\\n\\u007f\"}", "{\"Text\":\"a\\u0000b\xc3\xa9\\n\\u007f\"}",
     NULL},
    {"{\"Blob\":\"aGVsbG8=\"}", "{\"Blob\":\"aGVsbG8=\"}", NULL},
    {"{\"Small\":-1,\"Big\":9223372036854775807}", "{\"Small\":-1,\"Big\":9223372036854775807}",
     NULL},
    {"{\"Big\":12.0}", "{\"Big\":12}", NULL},
    {"{\"Real\":1.5,\"Flag\":false}", "{\"Real\":1.5,\"Flag\":false}", NULL},
    {"{\"Real\":3}", "{\"Real\":3}", NULL},
    {"{\"Real\":\"Infinity\"}", "{\"Real\":\"Infinity\"}", NULL},
    {"{\"Time\":1795355669.615}", "{\"Time\":\"2026-11-22T13:54:29.615Z\"}", NULL},
    {"{\"Time\":-0.5}", "{\"Time\":\"1969-12-31T23:59:59.5Z\"}", NULL},
    {"{\"Time\":1255369800}", "{\"Time\":\"2009-10-12T17:50:00Z\"}", NULL},
    {"{\"Time\":\"2009-10-12T17:50:00Z\"}", "{\"Time\":\"2009-10-12T17:50:00Z\"}", NULL},
    {"{\"Part\":{\"Name\":\"n\",\"Inner\":{}}}", "{\"Part\":{\"Name\":\"n\",\"Inner\":{}}}",
     NULL},
    {"{\"Texts\":[],\"Map\":{}}", "{\"Texts\":[],\"Map\":{}}", NULL},
    {"{\"Texts\":[\"a\",\"b\"],\"Parts\":[{\"Size\":1},{}]}",
     "{\"Texts\":[\"a\",\"b\"],\"Parts\":[{\"Size\":1},{}]}", NULL},
    {"{\"Map\":{\"b\":\"2\",\"a\":\"1\"},\"Numbers\":{\"n\":1}}",
     "{\"Map\":{\"b\":\"2\",\"a\":\"1\"},\"Numbers\":{\"n\":1}}", NULL},
    {"{\"Choice\":{\"One\":\"x\",\"Other\":null}}", "{\"Choice\":{\"One\":\"x\"}}", NULL},
    {"{\"Lenient\":\"x\"}", "{}", NULL},
    {"{\"New\":123456789012345678901234567890,\"Small\":7,\"Big\":9007199254740992}",
     "{\"Small\":7,\"Big\":9007199254740992}", NULL},
    {"{\"New\":123456789012345678901234567890,\"Big\":9007199254740993000}", NULL,
     "not an integer: Big"},
    {"{\"Big\":9223372036854775808}", NULL, "not an integer: Big"},
    {"{\"Time\":-62135596800}", "{\"Time\":\"0001-01-01T00:00:00Z\"}", NULL},
    {"{\"Time\":-62135596801}", NULL, "not a time: Time"},
    {"", NULL, "line 1: '[' or '{' expected near end of file"},
    {"[]", NULL, "not an object: DoThing"},
    {"{", NULL, "line 1: string or '}' expected near end of file"},
    {"{} x", NULL, "line 1: end of file expected near 'x'"},
    {"{\"Text\":1}", NULL, "not a string: Text"},
    {"{\"Text\":\"\xff\"}", NULL, NULL},
    {"{\"Blob\":\"a\"}", NULL, "not a value of its type: Blob"},
    {"{\"Small\":2147483648}", NULL, "not a 32-bit integer: Small"},
    {"{\"Big\":1.5}", NULL, "not an integer: Big"},
    {"{\"Big\":1e300}", NULL, "not an integer: Big"},
    {"{\"Big\":\"1\"}", NULL, "not an integer: Big"},
    {"{\"Flag\":\"true\"}", NULL, "not a boolean: Flag"},
    {"{\"Time\":1e15}", NULL, "not a time: Time"},
    {"{\"Part\":[]}", NULL, "not an object: Part"},
    {"{\"Texts\":{}}", NULL, "not an array: Texts"},
    {"{\"Map\":[]}", NULL, "not an object: Map"},
    {"{\"Choice\":{\"One\":\"x\",\"Other\":\"y\"}}", NULL,
     "more than one member of a union: Choice"},
};

START_TEST(parses_documents)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    CLEANUP(heap) char *json = NULL;
    struct thing thing = {.response.http_status = 0};
    char reason[160] = "";
    int r = json_parse_output(&do_thing, arena, str_c(documents[_i].body), &thing, reason,
                              sizeof(reason));
    if (!documents[_i].json) {
        ck_assert_int_eq(r, -EPROTO);
        if (documents[_i].reason)
            ck_assert_str_eq(reason, documents[_i].reason);
        return;
    }
    ck_assert_msg(r == 0, "%s", reason);
    ck_assert_int_eq(pail_output_json(&do_thing, &thing, &json), 0);
    ck_assert_str_eq(json, documents[_i].json);
}
END_TEST

START_TEST(keeps_nulls_in_lists)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    struct thing thing = {.response.http_status = 0};
    char reason[160];
    struct pail_str body = PAIL_STR("{\"Texts\":[\"a\",null,\"c\"]}");
    ck_assert_int_eq(json_parse_output(&do_thing, arena, body, &thing, reason, sizeof(reason)),
                     0);
    ck_assert_uint_eq(thing.texts.count, 3);
    check_str(thing.texts.items[0], "a");
    check_absent(thing.texts.items[1]);
    check_str(thing.texts.items[2], "c");
}
END_TEST

START_TEST(refuses_what_is_too_deep)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    CLEANUP_DONE(buf) struct buf body;
    struct thing thing = {.response.http_status = 0};
    char reason[160];
    buf_init(&body, 65536);
    buf_add_c(&body, "{\"Part\":{");
    for (int i = 0; i < JSON_DEPTH_MAX; i++)
        buf_add_c(&body, "\"Inner\":{");
    for (int i = 0; i < JSON_DEPTH_MAX + 2; i++)
        buf_add_c(&body, "}");
    int r = json_parse_output(&do_thing, arena, buf_str(&body), &thing, reason, sizeof(reason));
    ck_assert_int_eq(r, -EPROTO);
    ck_assert_str_eq(reason, "nested too deeply: Inner");
}
END_TEST

/* Nothing is hidden behind a NUL. */
START_TEST(refuses_a_nul)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    struct thing thing = {.response.http_status = 0};
    char reason[160];
    ck_assert_int_eq(
        json_parse_output(&do_thing, arena, PAIL_STR("{}\0{"), &thing, reason, sizeof(reason)),
        -EPROTO);
    ck_assert_str_eq(reason, "line 1: a NUL in it");
}
END_TEST

static const struct {
    const struct pail_operation *op;
    const char *body;
    const char *code, *message; /* NULL: absent */
} errors[] = {
    {&do_thing, "{\"__type\":\"ns.x#Code:http://u/#x\",\"message\":\"m\"}", "Code", "m"},
    {&do_thing, "{\"__type\":\"Code\",\"Message\":\"M\"}", "Code", "M"},
    {&do_thing, "{\"__type\":\"Code\",\"message\":\"m\",\"Message\":\"M\"}", "Code", "m"},
    {&do_thing, "{\"code\":\"No\",\"message\":null}", NULL, NULL},
    {&do_thing, "{\"__type\":7}", NULL, NULL},
    {&do_thing, "plain words", NULL, "plain words"},
    {&do_thing, "[]", NULL, "[]"},
    {&rest_thing, "{\"code\":\"A:b\",\"__type\":\"Other\"}", "A", NULL},
    {&rest_thing, "{\"Code\":\"n#B\"}", "B", NULL},
    {&rest_thing, "{\"__type\":\"C\"}", "C", NULL},
};

START_TEST(reads_errors)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    struct body_facts facts = {.is_error = true};
    ck_assert_int_eq(json_parse_error(errors[_i].op, arena, str_c(errors[_i].body), &facts), 0);
    ck_assert(str_eq_c(facts.code, errors[_i].code));
    ck_assert(str_eq_c(facts.message, errors[_i].message));
}
END_TEST

static int parse_once(void *user)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    struct thing thing = {.response.http_status = 0};
    char reason[160];
    return arena ? json_parse_output(&do_thing, arena, str_c(user), &thing, reason,
                                     sizeof(reason))
                 : -ENOMEM;
}

START_TEST(parses_without_memory)
{
    const char *body = documents[_i].body;
    ck_assert_int_gt(
        alloc_fail_each(parse_once, (void *)(uintptr_t)body, documents[_i].json ? 0 : -EPROTO),
        0);
}
END_TEST

static int read_error_once(void *user)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    struct body_facts facts = {.is_error = true};
    size_t at = *(const size_t *)user;
    return arena ? json_parse_error(errors[at].op, arena, str_c(errors[at].body), &facts)
                 : -ENOMEM;
}

START_TEST(reads_errors_without_memory)
{
    size_t at = (size_t)_i;
    ck_assert_int_gt(alloc_fail_each(read_error_once, &at, 0), 0);
}
END_TEST

SUITE_MAIN("aws/json", tcase_add_loop_test(tc, parses_documents, 0, (int)ARRAY_LEN(documents));
           tcase_add_test(tc, keeps_nulls_in_lists);
           tcase_add_test(tc, refuses_what_is_too_deep); tcase_add_test(tc, refuses_a_nul);
           tcase_add_loop_test(tc, reads_errors, 0, (int)ARRAY_LEN(errors));
           tcase_add_loop_test(tc, parses_without_memory, 0, (int)ARRAY_LEN(documents));
           tcase_add_loop_test(tc, reads_errors_without_memory, 0, (int)ARRAY_LEN(errors)));
