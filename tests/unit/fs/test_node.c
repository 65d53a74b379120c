#include "unit/fs/fixture.h"

#include <errno.h>

static void start(struct fixture *f)
{
    fixture_init(f);
    fixture_start(f);
}

static struct node *make(struct fixture *f, struct node *parent, const char *name,
                         enum entry_type type)
{
    struct source_entry entry = {
        .name = str_c(name), .type = type, .size = 7, .mtime_s = 99, .etag = PAIL_STR("\"e\"")};
    struct node *node = node_new(&f->fs, parent, &entry, f->now_ns);
    ck_assert_ptr_nonnull(node);
    return node;
}

static void check_path(const struct node *node, const char *expected)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, PATH_BYTES_MAX);
    buf_add_c(&b, "@");
    node_add_path(node, &b);
    ck_assert_int_eq(buf_failed(&b), 0);
    ck_assert_str_eq(buf_c(&b) + 1, expected);
}

START_TEST(holds_what_the_entry_says)
{
    struct fixture f;
    start(&f);
    struct node *file = make(&f, root_of(&f), "name", ENTRY_FILE);
    check_str(node_name(file), "name");
    check_str(node_etag(file), "\"e\"");
    ck_assert_str_eq(file->text, "name");
    ck_assert_uint_eq(file->size, 7);
    ck_assert_int_eq(file->mtime_s, 99);
    struct node *dir = make(&f, root_of(&f), "dir", ENTRY_DIRECTORY);
    ck_assert_uint_eq(dir->size, 0);
    ck_assert_int_eq(dir->mtime_s, FIXTURE_REALTIME);
    ck_assert_uint_gt(dir->ino, file->ino);
    ck_assert_uint_eq(root_of(&f)->ino, 1);
    node_unref(&f.fs, dir);
    node_unref(&f.fs, file);
    node_unref(&f.fs, NULL);
    fixture_done(&f);
}
END_TEST

START_TEST(is_a_version)
{
    struct fixture f;
    start(&f);
    struct node *file = make(&f, root_of(&f), "n", ENTRY_FILE);
    struct node *dir = make(&f, root_of(&f), "n", ENTRY_DIRECTORY);
    const struct source_entry same = {
        .name = PAIL_STR("n"), .size = 7, .etag = PAIL_STR("\"e\""), .mtime_s = 5};
    struct source_entry other = same;
    ck_assert(node_is(file, &same));
    ck_assert(!node_is(dir, &same));
    other.size = 8;
    ck_assert(!node_is(file, &other));
    other = same;
    other.etag = PAIL_STR("\"f\"");
    ck_assert(!node_is(file, &other));
    other.etag = (struct pail_str){0};
    ck_assert(!node_is(file, &other));
    other = same;
    other.kind = FILE_GROWS;
    ck_assert(!node_is(file, &other));
    other = same;
    other.type = ENTRY_DIRECTORY;
    ck_assert(!node_is(file, &other));
    ck_assert(node_is(dir, &other));
    node_unref(&f.fs, dir);
    node_unref(&f.fs, file);
    fixture_done(&f);
}
END_TEST

START_TEST(paths)
{
    struct fixture f;
    start(&f);
    struct node *a = make(&f, root_of(&f), "a", ENTRY_DIRECTORY);
    struct node *b = make(&f, a, "bb", ENTRY_DIRECTORY);
    struct node *c = make(&f, b, "ccc", ENTRY_FILE);
    check_path(root_of(&f), "");
    check_path(a, "a");
    check_path(b, "a/bb");
    check_path(c, "a/bb/ccc");
    CLEANUP_DONE(buf) struct buf of_root, of_b;
    buf_init(&of_root, PATH_BYTES_MAX);
    buf_init(&of_b, PATH_BYTES_MAX);
    node_add_path_of(root_of(&f), PAIL_STR("x"), &of_root);
    node_add_path_of(b, PAIL_STR("x"), &of_b);
    ck_assert_str_eq(buf_c(&of_root), "x");
    ck_assert_str_eq(buf_c(&of_b), "a/bb/x");
    /* One that does not fit fails, and is not cut. */
    struct buf small;
    buf_init(&small, 5);
    node_add_path(b, &small);
    node_add_path(b, &small);
    ck_assert_int_eq(buf_failed(&small), -EOVERFLOW);
    buf_done(&small);
    node_unref(&f.fs, c);
    node_unref(&f.fs, b);
    node_unref(&f.fs, a);
    fixture_done(&f);
}
END_TEST

/* The last reference to a deep name releases the whole chain, without deep recursion. */
START_TEST(deep_chain)
{
    struct fixture f;
    start(&f);
    uint32_t refs = root_of(&f)->refs;
    struct node *node = node_ref(root_of(&f));
    for (int i = 0; i < 200000; i++) {
        struct node *below = make(&f, node, "d", ENTRY_DIRECTORY);
        node_unref(&f.fs, node);
        node = below;
    }
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    node_add_path(node, &path);
    ck_assert_int_eq(buf_failed(&path), -EOVERFLOW);
    node_unref(&f.fs, node);
    ck_assert_uint_eq(root_of(&f)->refs, refs);
    fixture_done(&f);
}
END_TEST

START_TEST(kernel_holds_it)
{
    struct fixture f;
    start(&f);
    struct node *node = make(&f, root_of(&f), "n", ENTRY_FILE);
    node_kernel_ref(&f.fs, node);
    node_kernel_ref(&f.fs, node);
    ck_assert_uint_eq(node->refs, 2);
    node_forget(&f.fs, node, 1);
    ck_assert_uint_eq(node->lookups, 1);
    ck_assert_uint_eq(node->refs, 2);
    node_forget(&f.fs, node, 1);
    ck_assert_uint_eq(node->refs, 1);
    node_kernel_ref(&f.fs, node);
    node_unref(&f.fs, node);
    node_forget(&f.fs, node, 1000); /* never below none */
    fixture_done(&f);
}
END_TEST

START_TEST(fresh_for_the_ttl)
{
    static const struct {
        int64_t ttl_ms, age_ms, fresh_ms;
    } cases[] = {
        {5000, 0, 5000}, {5000, 1000, 4000}, {5000, 4999, 1},      {5000, 5000, 0},
        {5000, 9000, 0}, {0, 0, 0},          {-1, 1000000000, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        fixture_init(&f);
        f.options.metadata_ttl_ms = cases[i].ttl_ms;
        fixture_start(&f);
        struct node *node = make(&f, root_of(&f), "n", ENTRY_FILE);
        f.now_ns += cases[i].age_ms * NS_PER_MS;
        ck_assert_int_eq(node_fresh_ms(&f.fs, node), cases[i].fresh_ms);
        ck_assert_int_eq(node_fresh_ms(&f.fs, root_of(&f)), -1);
        tree_distrust(&f.fs, node);
        ck_assert_int_eq(node_fresh_ms(&f.fs, node), 0);
        node_unref(&f.fs, node);
        node = make(&f, root_of(&f), "n", ENTRY_FILE);
        node->superseded = true;
        ck_assert_int_eq(node_fresh_ms(&f.fs, node), 0);
        node_unref(&f.fs, node);
        fixture_done(&f);
    }
}
END_TEST

START_TEST(too_long_is_no_node)
{
    struct fixture f;
    start(&f);
    static char text[70000];
    memset(text, 'x', sizeof text);
    struct source_entry entry = {.name = str_of(text, sizeof text), .type = ENTRY_FILE};
    ck_assert_ptr_null(node_new(&f.fs, root_of(&f), &entry, 0));
    entry.name = PAIL_STR("n");
    entry.etag = str_of(text, sizeof text);
    ck_assert_ptr_null(node_new(&f.fs, root_of(&f), &entry, 0));
    fixture_done(&f);
}
END_TEST

START_TEST(size_of_a_node)
{
    /* With a key of 40 bytes and an ETag, and what the allocator adds. */
    ck_assert_uint_le(sizeof(struct node) + 40 + 36 + 16, 250);
}
END_TEST

/* Whatever the kernel still holds when the mount ends is released. */
START_TEST(end_releases_what_the_kernel_holds)
{
    struct fixture f;
    start(&f);
    struct node *dir = look_up(&f, root_of(&f), "d", "d/");
    struct node *file = look_up(&f, dir, "x", "x");
    look_up(&f, dir, "x", "x");
    ck_assert_uint_eq(file->lookups, 2);
    fixture_done(&f); /* LeakSanitizer looks */
}
END_TEST

SUITE_MAIN("fs/node", tcase_add_test(tc, holds_what_the_entry_says);
           tcase_add_test(tc, is_a_version); tcase_add_test(tc, paths);
           tcase_add_test(tc, deep_chain); tcase_add_test(tc, kernel_holds_it);
           tcase_add_test(tc, fresh_for_the_ttl); tcase_add_test(tc, too_long_is_no_node);
           tcase_add_test(tc, size_of_a_node);
           tcase_add_test(tc, end_releases_what_the_kernel_holds));
