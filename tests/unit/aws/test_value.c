#include "aws/value.h"

#include "unit/aws/shapes.h"
#include "unit/check.h"

#include <errno.h>

START_TEST(knows_the_size_of_elements)
{
    const struct pail_shape flags = PAIL_LIST_SHAPE(&pail_shape_boolean, NULL);
    const struct pail_shape lists = PAIL_LIST_SHAPE(&pail_shape_string_list, NULL);
    const struct pail_shape flag_map = {.type = PAIL_MAP, .element = &pail_shape_boolean};
    const struct pail_shape part_map = {.type = PAIL_MAP, .element = &part_shape};
    struct flag_entry {
        struct pail_str key;
        struct pail_bool value;
    };
    struct part_entry {
        struct pail_str key;
        struct part value;
    };
    ck_assert_uint_eq(value_element_size(&flags), sizeof(struct pail_bool));
    ck_assert_uint_eq(value_element_size(&lists), sizeof(struct pail_str_list));
    ck_assert_uint_eq(value_element_size(&parts_shape), sizeof(struct part));
    ck_assert_uint_eq(value_element_size(&pail_shape_string_map),
                      sizeof(struct pail_str_entry));
    ck_assert_uint_eq(value_element_size(&numbers_shape), sizeof(struct number_entry));
    ck_assert_uint_eq(value_element_size(&flag_map), sizeof(struct flag_entry));
    ck_assert_uint_eq(value_element_size(&part_map), sizeof(struct part_entry));
    ck_assert_uint_eq(offsetof(struct part_entry, value), VALUE_MAP_VALUE);
}
END_TEST

START_TEST(grows_lists)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    struct pail_str_list list = {NULL, 0};
    struct pail_str texts[] = {PAIL_STR("a"), PAIL_STR("b"), PAIL_STR("c")};
    for (size_t i = 0; i < 1000; i++) {
        void *element;
        ck_assert_int_eq(value_list_add(arena, &pail_shape_string_list, &list, &element), 0);
        struct pail_str *text = element;
        check_absent(*text);
        *text = texts[i % 3];
    }
    ck_assert_uint_eq(list.count, 1000);
    for (size_t i = 0; i < 1000; i++)
        ck_assert(str_eq(list.items[i], texts[i % 3]));
}
END_TEST

START_TEST(bounds_lists)
{
    CLEANUP(arena) struct arena *arena = arena_new(100);
    struct pail_str text;
    struct pail_str_list list = {&text, VALUE_LIST_MAX};
    void *element;
    ck_assert_int_eq(value_list_add(arena, &pail_shape_string_list, &list, &element), -EPROTO);
    list.count = 64; /* full: more than the arena has is needed */
    ck_assert_int_eq(value_list_add(arena, &pail_shape_string_list, &list, &element), -ENOMEM);
    ck_assert_uint_eq(list.count, 64);
}
END_TEST

START_TEST(makes_lists_present)
{
    CLEANUP(arena) struct arena *arena = arena_new(100);
    struct pail_str_list list = {NULL, 0};
    ck_assert(!value_is_present(&pail_shape_string_list, &list, VALUE_OUTPUT));
    ck_assert_int_eq(value_list_present(arena, &list), 0);
    ck_assert(value_is_present(&pail_shape_string_list, &list, VALUE_OUTPUT));
    ck_assert_uint_eq(list.count, 0);
    const struct pail_str *items = list.items;
    ck_assert_int_eq(value_list_present(arena, &list), 0);
    ck_assert_ptr_eq(list.items, items);
}
END_TEST

START_TEST(knows_what_is_present)
{
    struct pail_str empty = PAIL_STR(""), no_text = {NULL, 0};
    struct pail_int zero = PAIL_INT(0), no_number = {7, false};
    struct pail_bool no = PAIL_BOOL(false);
    struct pail_double no_real = {1, false};
    struct pail_time epoch = {.present = true};
    const struct part *no_part = NULL, *part = &(const struct part){.size = PAIL_INT(1)};
    void *no_body = NULL;
    ck_assert(value_is_present(&pail_shape_string, &empty, VALUE_INPUT));
    ck_assert(!value_is_present(&pail_shape_string, &no_text, VALUE_INPUT));
    ck_assert(value_is_present(&pail_shape_long, &zero, VALUE_INPUT));
    ck_assert(!value_is_present(&pail_shape_integer, &no_number, VALUE_INPUT));
    ck_assert(value_is_present(&pail_shape_boolean, &no, VALUE_INPUT));
    ck_assert(!value_is_present(&pail_shape_double, &no_real, VALUE_INPUT));
    ck_assert(value_is_present(&pail_shape_timestamp, &epoch, VALUE_INPUT));
    ck_assert(value_is_present(&part_shape, &part, VALUE_INPUT));
    ck_assert(!value_is_present(&part_shape, &no_part, VALUE_INPUT));
    ck_assert(value_is_present(&pail_shape_stream, &empty, VALUE_INPUT));
    ck_assert(!value_is_present(&pail_shape_stream, &no_text, VALUE_INPUT));
    ck_assert(!value_is_present(&pail_shape_stream, &no_body, VALUE_OUTPUT));
}
END_TEST

START_TEST(formats_timestamps)
{
    static const struct {
        enum pail_timestamp_format shape, place;
        const char *text;
    } cases[] = {
        {PAIL_TIME_DEFAULT, PAIL_TIME_DEFAULT, "2009-10-12T17:50:00.25Z"},
        {PAIL_TIME_DEFAULT, PAIL_TIME_HTTP_DATE, "Mon, 12 Oct 2009 17:50:00 GMT"},
        {PAIL_TIME_DEFAULT, PAIL_TIME_EPOCH, "1255369800.250"},
        {PAIL_TIME_ISO8601, PAIL_TIME_HTTP_DATE, "2009-10-12T17:50:00.25Z"},
        {PAIL_TIME_HTTP_DATE, PAIL_TIME_ISO8601, "Mon, 12 Oct 2009 17:50:00 GMT"},
        {PAIL_TIME_EPOCH, PAIL_TIME_ISO8601, "1255369800.250"},
    };
    struct pail_time time = {1255369800, 250000000, true};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pail_shape shape = {.type = PAIL_TIMESTAMP, .timestamp_format = cases[i].shape};
        CLEANUP_DONE(buf) struct buf b;
        buf_init(&b, 100);
        value_format(&b, &shape, cases[i].place, &time);
        ck_assert_str_eq(buf_c(&b), cases[i].text);
    }
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100);
    struct pail_time before = {-1, 500000000, true};
    value_format(&b, &pail_shape_timestamp, PAIL_TIME_EPOCH, &before);
    ck_assert_str_eq(buf_c(&b), "-0.500");
}
END_TEST

static int fill_once(void *user)
{
    CLEANUP(arena) struct arena *arena = arena_new(1 << 20);
    struct pail_str_list list = {NULL, 0};
    struct pail_str text;
    void *element;
    (void)user;
    if (!arena)
        return -ENOMEM;
    int r = value_list_present(arena, &list);
    for (int i = 0; r == 0 && i < 2000; i++) {
        r = value_list_add(arena, &pail_shape_string_list, &list, &element);
        if (r == 0)
            r = value_parse(arena, &pail_shape_string, PAIL_STR("text"), element);
    }
    return r < 0 ? r : value_parse(arena, &pail_shape_blob, PAIL_STR("aGVsbG8="), &text);
}

START_TEST(survives_every_failure_of_memory)
{
    ck_assert_int_gt(alloc_fail_each(fill_once, NULL, 0), 3);
}
END_TEST

SUITE_MAIN("aws/value", tcase_add_test(tc, knows_the_size_of_elements);
           tcase_add_test(tc, grows_lists); tcase_add_test(tc, bounds_lists);
           tcase_add_test(tc, makes_lists_present); tcase_add_test(tc, knows_what_is_present);
           tcase_add_test(tc, formats_timestamps);
           tcase_add_test(tc, survives_every_failure_of_memory));
