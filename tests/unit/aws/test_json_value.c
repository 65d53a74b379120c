#include "base/cleanup.h"
#include "unit/check.h"

#include <errno.h>
#include <pail/json.h>

static struct pail_json *parsed(struct pail_str text)
{
    struct pail_json *value = NULL;
    struct pail_error error;
    int r = pail_json_parse(text, &value, &error);
    ck_assert_msg(r == 0, "%s", error.message);
    return value;
}

/* ---- what is JSON, and how it is told again ---- */

static const struct {
    struct pail_str text;
    enum pail_json_type type;
    const char *told;
} values[] = {
    {PAIL_STR("null"), PAIL_JSON_NULL, "null"},
    {PAIL_STR(" true\r\n"), PAIL_JSON_BOOLEAN, "true"},
    {PAIL_STR("false"), PAIL_JSON_BOOLEAN, "false"},
    {PAIL_STR("-7"), PAIL_JSON_INTEGER, "-7"},
    {PAIL_STR("9223372036854775807"), PAIL_JSON_INTEGER, "9223372036854775807"},
    {PAIL_STR("2.5"), PAIL_JSON_REAL, "2.5"},
    {PAIL_STR("1e3"), PAIL_JSON_REAL, "1000.0"},
    {PAIL_STR("100000000000000000000"), PAIL_JSON_REAL, "1e20"},
    {PAIL_STR("[1, 100000000000000000000]"), PAIL_JSON_ARRAY, "[1.0,1e20]"},
    {PAIL_STR("\"a\\u00e9\\u0000b\""), PAIL_JSON_STRING, "\"a\303\251\\u0000b\""},
    {PAIL_STR("[ ]"), PAIL_JSON_ARRAY, "[]"},
    {PAIL_STR("{\"z\": 1, \"a\": [null, {}]}"), PAIL_JSON_OBJECT, "{\"z\":1,\"a\":[null,{}]}"},
    {PAIL_STR("{\"a\": 1, \"a\": 2}"), PAIL_JSON_OBJECT, "{\"a\":2}"},
};

START_TEST(value)
{
    PAIL_CLEANUP(pail_json) struct pail_json *json = parsed(values[_i].text);
    CLEANUP(heap) char *told = NULL;
    ck_assert_int_eq(pail_json_type(json), values[_i].type);
    ck_assert_int_eq(pail_json_text(json, &told), 0);
    ck_assert_str_eq(told, values[_i].told);
    PAIL_CLEANUP(pail_json)
    struct pail_json *again = parsed((struct pail_str){told, strlen(told)});
    ck_assert(pail_json_equal(json, again));
}
END_TEST

static const struct pail_str invalids[] = {
    {NULL, 0},
    PAIL_STR(""),
    PAIL_STR("  "),
    PAIL_STR("nul"),
    PAIL_STR("NaN"),
    PAIL_STR("Infinity"),
    PAIL_STR("01"),
    PAIL_STR("1 2"),
    PAIL_STR("{\"a\":1"),
    PAIL_STR("{a:1}"),
    PAIL_STR("[1,]"),
    PAIL_STR("'a'"),
    PAIL_STR("\"\xff\""),
    PAIL_STR("\"\\ud800\""),
    PAIL_STR("{} x"),
    PAIL_STR("1\0"),
    PAIL_STR("1e999"),
};

START_TEST(invalid)
{
    struct pail_json *json = NULL;
    struct pail_error error;
    ck_assert_int_eq(pail_json_parse(invalids[_i], &json, &error), -EILSEQ);
    ck_assert_ptr_null(json);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARSE);
    ck_assert_int_eq(error.sys, EILSEQ);
    ck_assert(strncmp(error.message, "not JSON: ", 10) == 0);
    ck_assert_int_eq(pail_json_parse(invalids[_i], &json, NULL), -EILSEQ);
}
END_TEST

/* Nesting that would use up a stack. */
START_TEST(too_deep)
{
    static char text[1000000];
    struct pail_json *json = NULL;
    memset(text, '[', sizeof(text));
    ck_assert_int_eq(pail_json_parse((struct pail_str){text, sizeof(text)}, &json, NULL),
                     -EILSEQ);
}
END_TEST

/* ---- getting at it ---- */

START_TEST(parts)
{
    PAIL_CLEANUP(pail_json)
    struct pail_json *json =
        parsed(PAIL_STR("{\"s\":\"text\",\"e\":\"\",\"i\":3,\"r\":2.5,\"w\":4.0,\"b\":true,"
                        "\"n\":null,\"a\":[10,20],\"h\":1e300,\"o\":{\"s\":\"inner\"}}"));
    check_str(pail_json_string(pail_json_get(json, "s")), "text");
    check_str(pail_json_string(pail_json_get(json, "e")), "");
    check_absent(pail_json_string(pail_json_get(json, "i")));
    ck_assert_int_eq(pail_json_integer(pail_json_get(json, "i")).value, 3);
    ck_assert(pail_json_double(pail_json_get(json, "i")).value == 3.0);
    ck_assert(!pail_json_integer(pail_json_get(json, "r")).present);
    ck_assert(!pail_json_integer(pail_json_get(json, "h")).present);
    ck_assert(pail_json_double(pail_json_get(json, "r")).value == 2.5);
    ck_assert_int_eq(pail_json_integer(pail_json_get(json, "w")).value, 4);
    ck_assert(pail_json_boolean(pail_json_get(json, "b")).value);
    ck_assert(!pail_json_boolean(pail_json_get(json, "n")).present);
    ck_assert_int_eq(pail_json_type(pail_json_get(json, "n")), PAIL_JSON_NULL);
    ck_assert_ptr_nonnull(pail_json_get(json, "n"));
    const struct pail_json *array = pail_json_get(json, "a");
    ck_assert_uint_eq(pail_json_count(array), 2);
    ck_assert_int_eq(pail_json_integer(pail_json_at(array, 1)).value, 20);
    ck_assert_ptr_null(pail_json_at(array, 2));
    ck_assert_ptr_null(pail_json_at(json, 0));
    ck_assert_uint_eq(pail_json_count(json), 10);
    check_str(pail_json_string(pail_json_get(pail_json_get(json, "o"), "s")), "inner");
}
END_TEST

/* What is not there has nothing in it. */
START_TEST(nothing)
{
    CLEANUP(heap) char *text = NULL;
    ck_assert_int_eq(pail_json_type(NULL), PAIL_JSON_NULL);
    ck_assert_ptr_null(pail_json_get(NULL, "x"));
    ck_assert_ptr_null(pail_json_at(NULL, 0));
    ck_assert_uint_eq(pail_json_count(NULL), 0);
    check_absent(pail_json_string(NULL));
    ck_assert(!pail_json_integer(NULL).present);
    ck_assert(!pail_json_double(NULL).present);
    ck_assert(!pail_json_boolean(NULL).present);
    ck_assert(!pail_json_equal(NULL, NULL));
    ck_assert_int_eq(pail_json_text(NULL, &text), 0);
    ck_assert_str_eq(text, "null");
    pail_json_free(NULL);
}
END_TEST

static int tell_once(void *user)
{
    const struct pail_str *text = user;
    PAIL_CLEANUP(pail_json) struct pail_json *json = NULL;
    CLEANUP(heap) char *told = NULL;
    int r = pail_json_parse(*text, &json, NULL);
    return r == 0 ? pail_json_text(json, &told) : r;
}

/* All of it is jansson's memory but for the text, which has its own allocator. */
START_TEST(survives_every_failure_of_memory)
{
    struct pail_str good = values[_i].text, bad = invalids[_i];
    (void)alloc_fail_each(tell_once, &good, 0);
    (void)alloc_fail_each(tell_once, &bad, -EILSEQ);
}
END_TEST

SUITE_MAIN("aws/json_value",
           tcase_add_loop_test(tc, survives_every_failure_of_memory, 0, ARRAY_LEN(values));
           tcase_add_loop_test(tc, value, 0, ARRAY_LEN(values));
           tcase_add_loop_test(tc, invalid, 0, ARRAY_LEN(invalids));
           tcase_add_test(tc, too_deep); tcase_add_test(tc, parts);
           tcase_add_test(tc, nothing));
