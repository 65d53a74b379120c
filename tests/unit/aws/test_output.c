#include "aws/value.h"
#include "unit/aws/shapes.h"
#include "unit/check.h"

#include <errno.h>
#include <math.h>

static const struct pail_operation do_thing = THING_OPERATION(PAIL_REST_XML, NULL, 0);

static const struct part inner_part = {.kind = PAIL_STR("k")};
static const struct part outer_part = {.name = PAIL_STR("n"), .inner = &inner_part};
static const struct pail_str absent_text[1];
static const struct pail_str texts[] = {PAIL_STR(""), PAIL_STR("a")};
static const struct pail_str_entry entries[] = {{PAIL_STR("k\""), PAIL_STR("v")}};

static const struct {
    struct thing thing;
    const char *json;
} outputs[] = {
    {{.response.http_status = 200}, "{}"},
    {{.text = PAIL_STR("")}, "{\"Text\":\"\"}"},
    {{.text = PAIL_STR("\"\\\n\r\t\0\x1f\x7f/\xc3\xa9\xf0\x9f\x98\x80")},
     "{\"Text\":\"\\\"\\\\\\n\\u000d\\u0009\\u0000\\u001f\\u007f/\xc3\xa9\xf0\x9f\x98\x80\"}"},
    /* To a terminal these are control characters too. */
    {{.text = PAIL_STR("\xc2\x80\xc2\x9b"
                       "2J\xc2\xa0")},
     "{\"Text\":\"\\u0080\\u009b2J\xc2\xa0\"}"},
    {{.text = PAIL_STR("a\xff\xc3z\xed\xa0\x80")},
     "{\"Text\":\"a\\ufffd\\ufffdz\\ufffd\\ufffd\\ufffd\"}"},
    {{.blob = PAIL_STR("\xff\0")}, "{\"Blob\":\"/wA=\"}"},
    {{.small = PAIL_INT(0), .big = PAIL_INT(INT64_MIN)},
     "{\"Small\":0,\"Big\":-9223372036854775808}"},
    {{.real = {1e300, true}}, "{\"Real\":1e+300}"},
    {{.real = {1.0 / 3, true}}, "{\"Real\":0.3333333333333333}"},
    {{.real = {NAN, true}}, "{\"Real\":\"NaN\"}"},
    {{.flag = PAIL_BOOL(true)}, "{\"Flag\":true}"},
    {{.time = {0, 1000, true}}, "{\"Time\":\"1970-01-01T00:00:00.000001Z\"}"},
    {{.part = &outer_part}, "{\"Part\":{\"Name\":\"n\",\"Inner\":{\"Kind\":\"k\"}}}"},
    {{.texts = {texts, 2}, .flat_texts = {texts, 0}},
     "{\"Texts\":[\"\",\"a\"],\"FlatTexts\":[]}"},
    {{.texts = {absent_text, 1}}, "{\"Texts\":[null]}"},
    {{.parts = {&outer_part, 1}}, "{\"Parts\":[{\"Name\":\"n\",\"Inner\":{\"Kind\":\"k\"}}]}"},
    {{.map = {entries, 1}}, "{\"Map\":{\"k\\\"\":\"v\"}}"},
};

START_TEST(prints_outputs)
{
    CLEANUP(heap) char *json = NULL;
    ck_assert_int_eq(pail_output_json(&do_thing, &outputs[_i].thing, &json), 0);
    ck_assert_str_eq(json, outputs[_i].json);
}
END_TEST

START_TEST(says_when_memory_is_short)
{
    char *json = NULL;
    alloc_fail_after(0);
    int r = pail_output_json(&do_thing, &outputs[1].thing, &json);
    alloc_fail_after(-1);
    ck_assert_int_eq(r, -ENOMEM);
    ck_assert_ptr_null(json);
}
END_TEST

START_TEST(frees_outputs)
{
    struct thing thing = {.response.arena = arena_new(1000), .text = PAIL_STR("x")};
    pail_output_free(&do_thing, &thing);
    check_absent(thing.text);
    ck_assert_ptr_null(thing.response.arena);
    pail_output_free(&do_thing, &thing);
    pail_output_free(&do_thing, NULL);
}
END_TEST

START_TEST(finds_headers)
{
    static const struct pail_header headers[] = {{PAIL_STR("A"), PAIL_STR("1")},
                                                 {PAIL_STR("ETag"), PAIL_STR("")},
                                                 {PAIL_STR("etag"), PAIL_STR("2")}};
    struct pail_response response = {.headers = headers, .header_count = 3};
    check_str(pail_response_header(&response, "a"), "1");
    check_str(pail_response_header(&response, "ETAG"), "");
    check_absent(pail_response_header(&response, "b"));
    check_absent(pail_response_header(&response, ""));
}
END_TEST

SUITE_MAIN("aws/output", tcase_add_loop_test(tc, prints_outputs, 0, (int)ARRAY_LEN(outputs));
           tcase_add_test(tc, says_when_memory_is_short); tcase_add_test(tc, frees_outputs);
           tcase_add_test(tc, finds_headers));
