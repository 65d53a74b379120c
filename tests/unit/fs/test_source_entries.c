#include "unit/check.h"

#include "base/str.h"
#include "fs/source_entries.h"

#include <errno.h>
#include <stdio.h>

static struct source_entries entries;

static void setup(void)
{
    entries = (struct source_entries){0};
}

static void teardown(void)
{
    source_entries_done(&entries);
}

static int add(const char *path)
{
    const struct source_entry entry = {
        .name = str_c(path), .type = ENTRY_FILE, .etag = PAIL_STR("1"), .mtime_s = 7};
    return source_entries_add_path(&entries, &entry, str_c(path));
}

/* "a b/ c" */
static const char *shown(const struct source_entry *items, size_t count)
{
    static char text[1024];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s%s", i ? " " : "",
                                PAIL_ARGS(items[i].name),
                                items[i].type == ENTRY_DIRECTORY ? "/" : "");
    return text;
}

START_TEST(directories_come_once_and_in_order)
{
    static const char *const paths[] = {"b", "a/x",   "a-b/y", "a/z",
                                        "a", "a/b/c", "a.d",   "a0/q"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        ck_assert_int_eq(add(paths[i]), 0);
    source_entries_sort(&entries);
    ck_assert_str_eq(shown(entries.items, entries.count), "a a-b/ a.d a/ a0/ b");
    check_str(entries.items[0].etag, "1");
    ck_assert_int_eq(entries.items[0].mtime_s, 7);
    ck_assert_uint_eq(entries.unreachable, 0);
}
END_TEST

START_TEST(what_no_path_can_name_is_counted)
{
    static const char *const paths[] = {"a//b", "/x", "",       "./y", "..",
                                        "../z", "c",  "d/../e", "f/"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        ck_assert_int_eq(add(paths[i]), 0);
    source_entries_sort(&entries);
    ck_assert_str_eq(shown(entries.items, entries.count), "a/ c d/ f/");
    ck_assert_uint_eq(entries.unreachable, 5);
    check_str(entries.unreachable_example, "/x");
}
END_TEST

START_TEST(a_listing_may_begin_after_a_name)
{
    struct source_list list = {0};
    ck_assert_int_eq(add("a"), 0);
    ck_assert_int_eq(add("a/x"), 0);
    ck_assert_int_eq(add("b"), 0);
    source_entries_sort(&entries);
    source_entries_answer(&entries, &list);
    ck_assert_str_eq(shown(list.entries, list.count), "a a/ b");
    check_absent(list.next);
    list.start_after = PAIL_STR("a");
    source_entries_answer(&entries, &list);
    ck_assert_str_eq(shown(list.entries, list.count), "a/ b");
    list.start_after = PAIL_STR("a/");
    source_entries_answer(&entries, &list);
    ck_assert_str_eq(shown(list.entries, list.count), "b");
    list.start_after = PAIL_STR("b");
    source_entries_answer(&entries, &list);
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

START_TEST(memory_ends)
{
    static const char *const paths[] = {"a/b", "c", "/d", "..", "e/f"};
    int r = -ENOMEM;
    for (long count = 0; r < 0; count++) {
        source_entries_done(&entries);
        alloc_fail_after(count);
        r = 0;
        for (size_t i = 0; r == 0 && i < sizeof(paths) / sizeof(paths[0]); i++)
            r = add(paths[i]);
        alloc_fail_after(-1);
        ck_assert(r == 0 || r == -ENOMEM);
        ck_assert_int_lt(count, 100);
    }
    source_entries_sort(&entries);
    ck_assert_str_eq(shown(entries.items, entries.count), "a/ c e/");
    ck_assert_uint_eq(entries.unreachable, 2);
}
END_TEST

SUITE_MAIN("fs/source_entries", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, directories_come_once_and_in_order);
           tcase_add_test(tc, what_no_path_can_name_is_counted);
           tcase_add_test(tc, a_listing_may_begin_after_a_name);
           tcase_add_test(tc, memory_ends));
