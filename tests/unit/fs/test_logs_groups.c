#include "unit/check.h"

#include "base/str.h"
#include "fs/logs_groups.h"

#include <errno.h>
#include <stdio.h>

static struct logs_groups groups;

static int put_at(struct logs_groups *set, const char *name, int64_t creation_ms)
{
    const struct pail_logs_log_group group = {
        .log_group_name = str_c(name),
        .creation_time = PAIL_INT(creation_ms),
        .retention_in_days = {.value = 3, .present = creation_ms == 3},
    };
    return logs_groups_put(set, &group, 1);
}

static void put(const char *names)
{
    char text[512], *rest = text;
    (void)snprintf(text, sizeof(text), "%s", names);
    for (char *name; (name = strsep(&rest, " "));)
        ck_assert_int_eq(put_at(&groups, name, 1), 0);
}

static void setup(void)
{
    groups = (struct logs_groups){0};
}

static void teardown(void)
{
    logs_groups_done(&groups);
}

/* "a/ b/", what is unreachable, "+1", and whose path is taken, "=1". */
static const char *listed(const char *path)
{
    static char text[1024];
    struct source_entries entries = {0};
    size_t len = 0;
    ck_assert_int_eq(logs_groups_list(&groups, str_c(path), &entries), 0);
    source_entries_sort(&entries);
    text[0] = '\0';
    for (size_t i = 0; i < entries.count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s%s", i ? " " : "",
                                PAIL_ARGS(entries.items[i].name),
                                entries.items[i].type == ENTRY_DIRECTORY ? "/" : "");
    if (entries.unreachable)
        len += (size_t)snprintf(text + len, sizeof(text) - len, " +%zu %.*s",
                                entries.unreachable, PAIL_ARGS(entries.unreachable_example));
    if (entries.taken)
        (void)snprintf(text + len, sizeof(text) - len, " =%zu %.*s", entries.taken,
                       PAIL_ARGS(entries.taken_example));
    source_entries_done(&entries);
    return text;
}

START_TEST(groups_are_directories)
{
    put("/aws/lambda/f /aws/lambda/f/sub /aws/lambda/f-2 /aws/lambda.d/g plain plain/nested "
        "/aws/lambda/f0 /zoo");
    ck_assert_str_eq(listed(""), "aws/ plain/ zoo/");
    ck_assert_str_eq(listed("aws"), "lambda.d/ lambda/");
    ck_assert_str_eq(listed("aws/lambda"), "f-2/ f/ f0/");
    ck_assert_str_eq(listed("aws/lambda/f"), "sub/");
    ck_assert_str_eq(listed("aws/lambda/f/sub"), "");
    ck_assert_str_eq(listed("plain"), "nested/");
    ck_assert_str_eq(listed("none"), "");
    ck_assert(logs_groups_within(&groups, PAIL_STR("aws/lambda")));
    ck_assert(logs_groups_within(&groups, PAIL_STR("zoo")));
    ck_assert(!logs_groups_within(&groups, PAIL_STR("aws/lambd")));
    ck_assert(logs_groups_find(&groups, PAIL_STR("plain")));
    ck_assert(!logs_groups_find(&groups, PAIL_STR("plain"))->slash);
    ck_assert(logs_groups_find(&groups, PAIL_STR("zoo"))->slash);
    ck_assert_ptr_null(logs_groups_find(&groups, PAIL_STR("aws")));
}
END_TEST

START_TEST(what_no_path_can_name_is_counted)
{
    put("/a//b /a/./c /a/../d /a/ok //e /f/ /..");
    ck_assert_str_eq(listed(""), "a/ f/ +2 /..");
    ck_assert_str_eq(listed("a"), "ok/ +3 /a/../d");
    ck_assert_str_eq(listed("f"), " +1 /f/");
    put("/m@n /v/@tail /v/a@b/c /v/ok");
    ck_assert_str_eq(listed(""), "a/ f/ v/ +3 /..");
    ck_assert_str_eq(listed("v"), "ok/ +2 /v/@tail");
}
END_TEST

/* The name with a '/' before it has the path. */
START_TEST(two_groups_of_one_path)
{
    put("a/b /a/b /x x");
    ck_assert(logs_groups_find(&groups, PAIL_STR("a/b"))->slash);
    ck_assert(logs_groups_find(&groups, PAIL_STR("x"))->slash);
    ck_assert_str_eq(listed(""), "a/ x/ =1 x");
    ck_assert_str_eq(listed("a"), "b/ =1 a/b");
}
END_TEST

START_TEST(the_root_can_be_a_group)
{
    put("/ /a");
    ck_assert_ptr_nonnull(logs_groups_find(&groups, PAIL_STR("")));
    ck_assert_str_eq(listed(""), "a/");
}
END_TEST

START_TEST(a_part_is_replaced)
{
    struct logs_groups by = {0};
    put("/a /a-b /a/c /a/d /a0 /b");
    struct logs_group *c = logs_groups_find(&groups, PAIL_STR("a/c"));
    c->looked_ns = 5;
    c->first_ms = 6;
    ck_assert_int_eq(put_at(&by, "/a/e", 1), 0);
    ck_assert_int_eq(put_at(&by, "/a/c", 1), 0);
    ck_assert_int_eq(logs_groups_replace(&groups, PAIL_STR("a"), &by), 0);
    ck_assert_uint_eq(by.count, 0);
    ck_assert_str_eq(listed("a"), "c/ e/");
    ck_assert_str_eq(listed(""), "a-b/ a/ a0/ b/");
    ck_assert_ptr_null(logs_groups_find(&groups, PAIL_STR("a")));
    c = logs_groups_find(&groups, PAIL_STR("a/c"));
    ck_assert_int_eq(c->first_ms, 6); /* it is the same group */
    c->first_ms = 7;
    ck_assert_int_eq(put_at(&groups, "/a/c", 3), 0);
    ck_assert_int_eq(c->first_ms, INT64_MAX); /* and now another */
    ck_assert_int_eq(c->looked_ns, 0);
    ck_assert_int_eq(c->retention_ms, 3 * INT64_C(86400000));
    logs_groups_remove(&groups, PAIL_STR("a/c"));
    logs_groups_remove(&groups, PAIL_STR("none"));
    ck_assert_str_eq(listed("a"), "e/");
    ck_assert_int_eq(logs_groups_replace(&groups, PAIL_STR(""), &by), 0);
    ck_assert_uint_eq(groups.count, 0);
}
END_TEST

START_TEST(what_is_learned_is_added)
{
    struct logs_groups by = {0};
    put("/a /c/d");
    logs_groups_find(&groups, PAIL_STR("a"))->looked_ns = 9;
    ck_assert_int_eq(put_at(&by, "/a", 1), 0);
    ck_assert_int_eq(put_at(&by, "b", 1), 0);
    ck_assert_int_eq(put_at(&by, "/c/d", 3), 0);
    ck_assert_int_eq(logs_groups_merge(&groups, &by), 0);
    ck_assert_uint_eq(by.count, 0);
    ck_assert_str_eq(listed(""), "a/ b/ c/");
    ck_assert_int_eq(logs_groups_find(&groups, PAIL_STR("a"))->looked_ns, 9);
    ck_assert_int_eq(logs_groups_find(&groups, PAIL_STR("c/d"))->creation_ms, 3);
}
END_TEST

START_TEST(a_group_without_a_name_is_none)
{
    ck_assert_int_eq(logs_groups_put(&groups, &(struct pail_logs_log_group){0}, 1), -EPROTO);
}
END_TEST

START_TEST(memory_ends)
{
    static const char *const names[] = {"/a", "/b/c", "d", "/b/e"};
    int r = -ENOMEM;
    for (long count = 0; r < 0; count++) {
        struct logs_groups by = {0};
        logs_groups_done(&groups);
        alloc_fail_after(count);
        r = 0;
        for (size_t i = 0; r == 0 && i < 4; i++)
            r = put_at(&by, names[i], 1);
        if (r == 0)
            r = logs_groups_replace(&groups, PAIL_STR(""), &by);
        alloc_fail_after(-1);
        ck_assert(r == 0 || (r == -ENOMEM && groups.count == 0));
        ck_assert_int_lt(count, 100);
        logs_groups_done(&by);
    }
    ck_assert_str_eq(listed(""), "a/ b/ d/");
}
END_TEST

SUITE_MAIN("fs/logs_groups", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, groups_are_directories);
           tcase_add_test(tc, what_no_path_can_name_is_counted);
           tcase_add_test(tc, two_groups_of_one_path);
           tcase_add_test(tc, the_root_can_be_a_group); tcase_add_test(tc, a_part_is_replaced);
           tcase_add_test(tc, what_is_learned_is_added);
           tcase_add_test(tc, a_group_without_a_name_is_none); tcase_add_test(tc, memory_ends));
