#include "unit/check.h"

#include "base/cleanup.h"
#include "cli/tree_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *root;
    struct pail_str name;
    const char *path; /* NULL: none can have it */
} names[] = {
    {"out", PAIL_STR("a"), "out/a"},
    {"out", PAIL_STR("a/b/c"), "out/a/b/c"},
    {"out/", PAIL_STR("a"), "out/a"},
    {"/", PAIL_STR("a"), "/a"},
    {".", PAIL_STR("a"), "./a"},
    {"out", PAIL_STR("a/"), "out/a"},
    {"out", PAIL_STR("..."), "out/..."},
    {"out", PAIL_STR(".a/..b/c."), "out/.a/..b/c."},
    {"out", PAIL_STR(" \n\xff"), "out/ \n\xff"},
    {"out", PAIL_STR(""), NULL},
    {"out", PAIL_STR("/"), NULL},
    {"out", PAIL_STR("//"), NULL},
    {"out", PAIL_STR("/a"), NULL},
    {"out", PAIL_STR("a//b"), NULL},
    {"out", PAIL_STR("a//"), NULL},
    {"out", PAIL_STR("."), NULL},
    {"out", PAIL_STR(".."), NULL},
    {"out", PAIL_STR("../"), NULL},
    {"out", PAIL_STR("a/.."), NULL},
    {"out", PAIL_STR("a/./b"), NULL},
    {"out", PAIL_STR("../../etc/passwd"), NULL},
    {"out", PAIL_STR("a\0b"), NULL},
};

START_TEST(names_a_path_or_none)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100);
    int r = tree_path_add(&b, names[_i].root, names[_i].name);
    ck_assert_int_eq(r, names[_i].path ? 0 : -EINVAL);
    ck_assert_str_eq(buf_c(&b), names[_i].path ? names[_i].path : "");
}
END_TEST

static char root[64];

static void setup(void)
{
    snprintf(root, sizeof(root), "/tmp/pail-tree-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
}

/* What the tests may have made, the deepest first. */
static void teardown(void)
{
    static const char *const made[] = {"a/b/c/d", "a/b/c", "a/b", "a", "link", "file"};
    char path[128];
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        snprintf(path, sizeof(path), "%s/%s", root, made[i]);
        if (unlink(path) < 0 && errno != ENOENT)
            ck_assert_int_eq(rmdir(path), 0);
    }
    ck_assert_int_eq(rmdir(root), 0);
}

static int make(const char *name, bool whole)
{
    char path[128], before[128];
    snprintf(path, sizeof(path), "%s/%s", root, name);
    str_copy(before, sizeof(before), str_c(path));
    int r = tree_path_make(path, root, whole);
    ck_assert_str_eq(path, before);
    return r;
}

static bool is_directory(const char *name)
{
    char path[128];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s", root, name);
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

START_TEST(makes_the_directories_on_the_way)
{
    ck_assert_int_eq(make("a", false), 0);
    ck_assert(!is_directory("a"));
    ck_assert_int_eq(make("", false), 0);
    ck_assert_int_eq(make("a/b/c", false), 0);
    ck_assert(is_directory("a/b") && !is_directory("a/b/c"));
    ck_assert_int_eq(make("a/b/c/d", true), 0);
    ck_assert(is_directory("a/b/c/d"));
    ck_assert_int_eq(make("a/b/c/d", true), 0);
    ck_assert_int_eq(make("a/b", false), 0);
}
END_TEST

START_TEST(does_not_go_through_what_is_no_directory)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/link", root);
    ck_assert_int_eq(symlink("/tmp", path), 0);
    ck_assert_int_eq(make("link", false), -ELOOP);
    ck_assert_int_eq(make("link", true), -ELOOP);
    ck_assert_int_eq(make("link/a", false), -ELOOP);
    snprintf(path, sizeof(path), "%s/file", root);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fclose(file);
    ck_assert_int_eq(make("file", false), 0);
    ck_assert_int_eq(make("file", true), -ENOTDIR);
    ck_assert_int_eq(make("file/a", false), -ENOTDIR);
    ck_assert_int_eq(make("file/a/b", false), -ENOTDIR);
}
END_TEST

SUITE_MAIN("cli/tree_path", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_loop_test(tc, names_a_path_or_none, 0, (int)ARRAY_LEN(names));
           tcase_add_test(tc, makes_the_directories_on_the_way);
           tcase_add_test(tc, does_not_go_through_what_is_no_directory));
