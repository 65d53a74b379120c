#include "fs/neighbours.h"
#include "fs/sweep.h"
#include "unit/fs/keys.h"

#include <errno.h>
#include <stdio.h>

static struct fixture f;
static struct keys keys;

static void start(void)
{
    fixture_init(&f);
    f.options.metadata_ttl_ms = 60000;
    keys_init(&keys, 1000);
}

static void finish(void)
{
    keys_done(&keys);
    fixture_done(&f);
}

/* The directory `path` ("" the root), held as by the kernel. */
static struct node *directory(const char *path)
{
    struct node *dir = root_of(&f);
    char text[256];
    (void)snprintf(text, sizeof text, "%s", path);
    for (char *rest = text, *name; *text && (name = strsep(&rest, "/"));) {
        struct look look;
        look_start(&f, &look, dir, name);
        keys_answer_all(&keys, &f);
        ck_assert_int_eq(look.status, 0);
        dir = look.node;
    }
    return dir;
}

/* Reads a directory as ls does; the kernel holds what it shows. */
static struct node *list(const char *path)
{
    struct node *dir = directory(path);
    struct listing *l = read_start(&f, dir);
    listing_want(l, SIZE_MAX - 1);
    keys_answer_all(&keys, &f);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    for (size_t i = 0; i < l->count; i++)
        node_kernel_ref(&f.fs, l->nodes[i]);
    listing_reader_gone(l);
    return dir;
}

static struct node *child(struct node *dir, const char *name)
{
    struct node *node = NULL;
    ck_assert_int_eq(look_known(&f, dir, name, &node), 0);
    return node;
}

/* The oldest unanswered read of the file. */
static struct scripted *read_of(const char *path)
{
    for (size_t i = 0; i < f.source.count; i++) {
        struct scripted *s = &f.source.requests[i];
        if (s->kind == SCRIPTED_READ && !s->answered && strcmp(s->path, path) == 0)
            return s;
    }
    return NULL;
}

/* open(2), as fs/ops_file.c has it; of what is under way only the file's own reads are
 * answered. 0 with a handle, or -errno. */
static int open_file(struct node *node, struct handle **ret)
{
    struct opening o;
    struct scripted *s;
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    node_add_path(node, &path);
    open_start(&f, &o, node);
    neighbours_opened(&f.fs, node, o.handle && o.handle->hit);
    while (!o.over && (s = read_of(buf_c(&path)))) {
        keys_answer(&keys, s);
        settle(&f);
    }
    ck_assert(o.over);
    ck_assert_uint_le(f.fs.ahead_bytes, f.fs.pages->limit / 4);
    *ret = o.handle;
    return o.status;
}

/* Opens, reads and closes. True if it was fetched ahead. */
static bool cat_node(struct node *node)
{
    struct reading r = {0};
    struct handle *handle;
    ck_assert_int_eq(open_file(node, &handle), 0);
    bool hit = handle->hit;
    if (node->size > 0) {
        CLEANUP_DONE(buf) struct buf path;
        struct scripted *s;
        buf_init(&path, PATH_BYTES_MAX);
        node_add_path(node, &path);
        reading_start(&f, &r, handle, 0, (size_t)node->size);
        while (!r.over && (s = read_of(buf_c(&path)))) {
            keys_answer(&keys, s);
            settle(&f);
        }
        ck_assert(r.over);
        ck_assert_int_eq(r.status, 0);
    }
    handle_free(handle, 0);
    settle(&f);
    return hit;
}

static bool cat(struct node *dir, const char *name)
{
    return cat_node(child(dir, name));
}

static bool cat_number(struct node *dir, unsigned number)
{
    char name[16];
    (void)snprintf(name, sizeof name, "f%04u", number);
    return cat(dir, name);
}

static void put_numbers(const char *prefix, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        keys_put(&keys, "%sf%04u", prefix, i);
}

/* Reads asked for and not answered. */
static size_t under_way(void)
{
    return scripted_waiting(&f.source);
}

START_TEST(one_get_a_file)
{
    start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    size_t lists = f.source.asked[SCRIPTED_LIST], hits = 0;
    for (unsigned i = 0; i < 300; i++)
        hits += cat_number(dir, i);
    keys_answer_all(&keys, &f);
    ck_assert_uint_eq(hits, 298);
    ck_assert_uint_eq(f.fs.stats.ahead_hits, 298);
    ck_assert_uint_eq(reads_asked(&f), 300);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LOOKUP], 0);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LIST], lists);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    ck_assert_uint_eq(f.source.cancels, 0);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

START_TEST(depth_grows_with_hits)
{
    static const unsigned depths[] = {0, 4, 8, 16, 32, 64, 64, 64};
    start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < ARRAY_LEN(depths); i++) {
        cat_number(dir, i);
        ck_assert_uint_eq(reads_asked(&f), i + 1 + depths[i]);
    }
    finish();
}
END_TEST

START_TEST(a_jump_takes_it_back)
{
    start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 3; i++)
        cat_number(dir, i);
    ck_assert_uint_eq(under_way(), 8);
    ck_assert_uint_gt(f.fs.ahead_bytes, 0);
    cat_number(dir, 200);
    settle(&f);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    ck_assert_uint_eq(under_way(), 0);
    ck_assert_uint_eq(f.source.cancels, 8);
    size_t asked = reads_asked(&f);
    cat_number(dir, 100);
    cat_number(dir, 250);
    cat_number(dir, 30);
    ck_assert_uint_eq(reads_asked(&f), asked + 3);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

START_TEST(backwards_and_again)
{
    start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 200; i > 100; i--)
        cat_number(dir, i);
    ck_assert_uint_eq(reads_asked(&f), 100);
    for (unsigned i = 0; i < 20; i++)
        cat_number(dir, 5);
    ck_assert_uint_eq(f.fs.stats.ahead, 0);
    finish();
}
END_TEST

/* Several threads open a little out of order. */
START_TEST(nearly_in_order)
{
    start();
    put_numbers("", 400);
    fixture_start(&f);
    struct node *dir = list("");
    uint64_t random = 1;
    unsigned order[400];
    for (unsigned i = 0; i < 400; i++)
        order[i] = i;
    for (unsigned i = 0; i + 8 < 400; i += 4) {
        unsigned a = i + (unsigned)random_below(&random, 8),
                 b = i + (unsigned)random_below(&random, 8), t = order[a];
        order[a] = order[b];
        order[b] = t;
    }
    for (unsigned i = 0; i < 400; i++)
        cat_number(dir, order[i]);
    ck_assert_uint_eq(reads_asked(&f), 400);
    ck_assert_uint_gt(f.fs.stats.ahead_hits, 380);
    finish();
}
END_TEST

START_TEST(stays_within_the_budget)
{
    start();
    f.options.memory_limit = 4 << 20;
    for (unsigned i = 0; i < 60; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "f%04u", i);
        keys_put_size(&keys, name, 300 * 1024);
    }
    fixture_start(&f);
    struct node *dir = list("");
    size_t most = 0;
    for (unsigned i = 0; i < 60; i++) {
        cat_number(dir, i);
        most = f.fs.ahead_bytes > most ? f.fs.ahead_bytes : most;
    }
    ck_assert_uint_gt(most, 512 * 1024);
    ck_assert_uint_eq(reads_asked(&f), 60);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

START_TEST(big_and_empty_files_are_passed_over)
{
    start();
    for (unsigned i = 0; i < 40; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "f%04u", i);
        keys_put_size(&keys, name, i % 4 == 1 ? 0 : i % 4 == 3 ? FILE_WHOLE_MAX + 1 : 1000);
    }
    fixture_start(&f);
    struct node *dir = list("");
    cat_number(dir, 0);
    cat_number(dir, 1);
    for (size_t i = 0; i < f.source.count; i++) {
        if (f.source.requests[i].kind == SCRIPTED_READ)
            ck_assert_uint_eq(f.source.requests[i].size, 1000);
    }
    for (unsigned i = 2; i < 40; i++)
        ck_assert(cat_number(dir, i) == (i % 2 == 0));
    finish();
}
END_TEST

/* In the order that a walk opens them, over directories that are listed ahead of it. */
START_TEST(on_into_the_next_directories)
{
    start();
    for (unsigned d = 0; d < 6; d++) {
        char prefix[16];
        (void)snprintf(prefix, sizeof prefix, "d%u/", d);
        put_numbers(prefix, 20);
    }
    fixture_start(&f);
    list("");
    size_t files = 0;
    for (unsigned d = 0; d < 6; d++) {
        char path[16];
        (void)snprintf(path, sizeof path, "d%u", d);
        struct node *dir = list(path);
        for (unsigned i = 0; i < 20; i++, files++)
            cat_number(dir, i);
    }
    ck_assert_uint_eq(reads_asked(&f), files);
    ck_assert_uint_ge(f.fs.stats.ahead_hits, files - 4);
    finish();
}
END_TEST

/* Files and directories among each other, gone down into as they come. */
START_TEST(down_and_up_again)
{
    static const char *const order[] = {"a",   "b", "d/a", "d/b", "d/e/a", "d/e/b",
                                        "d/f", "f", "g/a", "h",   "i",     "j"};
    start();
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        keys_put(&keys, "%s", order[i]);
    fixture_start(&f);
    list("");
    list("d");
    list("d/e");
    list("g");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        char path[16];
        (void)snprintf(path, sizeof path, "%s", order[i]);
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
        struct node *dir = directory(slash ? path : "");
        ck_assert_msg(cat(dir, slash ? slash + 1 : path) == (i > 1), "%s", order[i]);
    }
    ck_assert_uint_eq(reads_asked(&f), ARRAY_LEN(order));
    finish();
}
END_TEST

/* Who passes directories by is not followed into them. */
START_TEST(directories_that_are_passed_by)
{
    start();
    put_numbers("", 100);
    for (unsigned d = 10; d < 90; d += 10) {
        char prefix[16];
        (void)snprintf(prefix, sizeof prefix, "f%04u-d/", d);
        put_numbers(prefix, 3);
    }
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned d = 10; d < 90; d += 10) {
        char path[16];
        (void)snprintf(path, sizeof path, "f%04u-d", d);
        list(path);
    }
    for (unsigned i = 0; i < 100; i++)
        cat_number(dir, i);
    keys_answer_all(&keys, &f);
    ck_assert_uint_le(reads_asked(&f), 100 + 64);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* No further than to the end of what is not part of a walk. */
START_TEST(a_directory_by_itself)
{
    start();
    put_numbers("a/", 20);
    put_numbers("b/", 20);
    fixture_start(&f);
    struct node *a = list("a");
    list("b");
    advance(&f, WALK_MS + 1);
    for (unsigned i = 0; i < 20; i++)
        cat_number(a, i);
    ck_assert_uint_eq(reads_asked(&f), 20);
    finish();
}
END_TEST

START_TEST(only_names_with_the_same_ending)
{
    start();
    for (unsigned i = 0; i < 50; i++) {
        keys_put(&keys, "f%04u.idx", i);
        keys_put(&keys, "f%04u.log", i);
    }
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 50; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "f%04u.log", i);
        cat(dir, name);
    }
    ck_assert_uint_eq(reads_asked(&f), 50);
    ck_assert_uint_eq(f.fs.stats.ahead_hits, 48);
    finish();
}
END_TEST

/* Every other of files whose names do not tell: wrong guesses come to an end. */
START_TEST(wrong_guesses_end)
{
    start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 300; i += 10)
        cat_number(dir, i);
    keys_answer_all(&keys, &f);
    ck_assert_uint_le(f.fs.stats.ahead, 3 * 64);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* What nobody will open soon is not fetched: it would be too old. */
START_TEST(at_the_readers_pace)
{
    start();
    put_numbers("", 100);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 30; i++) {
        cat_number(dir, i);
        keys_answer_all(&keys, &f);
        ck_assert_uint_le(reads_asked(&f), i + 1 + (i < 8 ? 4 : 2));
        advance(&f, 900);
    }
    keys_answer_all(&keys, &f);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* The answers wait; nobody opens the files. */
START_TEST(memory_comes_back)
{
    start();
    put_numbers("", 100);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 5; i++)
        cat_number(dir, i);
    ck_assert_uint_gt(f.fs.ahead_bytes, 0);
    if (_i)
        keys_answer_all(&keys, &f);
    advance(&f, FILE_AHEAD_MS - 1);
    ck_assert_uint_gt(f.fs.ahead_bytes, 0);
    advance(&f, 1);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    /* Then they are opened after all. */
    size_t asked = reads_asked(&f);
    ck_assert(!cat_number(dir, 10));
    ck_assert_uint_gt(reads_asked(&f), asked);
    keys_answer_all(&keys, &f);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

START_TEST(failed_guesses_are_nobodys_failure)
{
    start();
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list("");
    cat_number(dir, 0);
    cat_number(dir, 1);
    ck_assert_uint_eq(under_way(), 4);
    while (under_way() > 0) {
        scripted_fail(read_request(&f), -EBUSY);
        settle(&f);
    }
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    ck_assert_uint_eq(f.fs.pages->used, 0);
    ck_assert_ptr_null(child(dir, "f0002")->extra);
    ck_assert(!cat_number(dir, 2));
    finish();
}
END_TEST

/* It fails while an open waits for it: that asks anew, and its own failure counts. */
START_TEST(opened_before_it_fails)
{
    start();
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list("");
    cat_number(dir, 0);
    cat_number(dir, 1);
    struct opening o;
    open_start(&f, &o, child(dir, "f0002"));
    ck_assert(!o.over && o.handle->hit);
    scripted_fail(read_of("f0002"), -EBUSY);
    settle(&f);
    ck_assert(o.over);
    ck_assert_int_eq(o.status, -EBUSY);
    ck_assert_ptr_nonnull(child(dir, "f0002")->extra);
    finish();
}
END_TEST

START_TEST(changed_before_it_was_fetched)
{
    start();
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list(""), *old = child(dir, "f0003");
    cat_number(dir, 0);
    keys_put(&keys, "f0003");
    cat_number(dir, 1);
    keys_answer_all(&keys, &f);
    ck_assert_ptr_null(old->extra);
    /* The kernel looks the name up again. */
    ck_assert_int_eq(look_known(&f, dir, "f0003", NULL), -EINPROGRESS);
    settle(&f);
    keys_answer_all(&keys, &f);
    struct node *node = child(dir, "f0003");
    ck_assert_ptr_ne(node, old);
    check_str(node_etag(node), "v2");
    cat_node(node);
    finish();
}
END_TEST

START_TEST(changed_after_it_was_fetched)
{
    start();
    f.options.metadata_ttl_ms = 5000;
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list(""), *old = child(dir, "f0003");
    cat_number(dir, 0);
    cat_number(dir, 1);
    keys_answer_all(&keys, &f);
    keys_put(&keys, "f0003");
    /* Within the TTL the version that was confirmed is shown; then not. */
    ck_assert_int_eq(node_fresh_ms(&f.fs, old), 5000);
    advance(&f, 5000);
    ck_assert_int_eq(node_fresh_ms(&f.fs, old), 0);
    struct look look;
    look_start(&f, &look, dir, "f0003");
    keys_answer_all(&keys, &f);
    ck_assert_int_eq(look.status, 0);
    check_str(node_etag(look.node), "v2");
    ck_assert(old->superseded);
    cat_node(look.node);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* A GET that says that the version is still there confirms the name. */
START_TEST(fetching_confirms_names)
{
    start();
    f.options.metadata_ttl_ms = 5000;
    put_numbers("", 200);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 200; i++) {
        if (i > 60)
            ck_assert_int_eq(look_known(&f, dir, "f0060", NULL), 0);
        cat_number(dir, i);
        keys_answer_all(&keys, &f);
        advance(&f, i < 60 ? 90 : 10);
    }
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LOOKUP], 0);
    ck_assert_uint_eq(reads_asked(&f), 200);
    finish();
}
END_TEST

START_TEST(always_asked)
{
    start();
    f.options.metadata_ttl_ms = 0;
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = root_of(&f);
    for (unsigned i = 0; i < 20; i++) {
        char name[16];
        struct look look;
        (void)snprintf(name, sizeof name, "f%04u", i);
        look_start(&f, &look, dir, name);
        keys_answer_all(&keys, &f);
        cat_node(look.node);
    }
    ck_assert_uint_eq(f.fs.stats.ahead, 0);
    finish();
}
END_TEST

/* A new listing of the directory while it is read. */
START_TEST(listed_again)
{
    start();
    f.options.metadata_ttl_ms = 5000;
    put_numbers("", 100);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 50; i++)
        cat_number(dir, i);
    advance(&f, 4000);
    keys_answer_all(&keys, &f);
    advance(&f, 1000);
    list("");
    for (unsigned i = 50; i < 100; i++)
        cat_number(dir, i);
    ck_assert_uint_eq(reads_asked(&f), 100);
    finish();
}
END_TEST

START_TEST(unmounted_meanwhile)
{
    start();
    put_numbers("a/", 50);
    fixture_start(&f);
    struct node *dir = list("a");
    for (unsigned i = 0; i < 5; i++)
        cat_number(dir, i);
    ck_assert_uint_gt(under_way(), 10);
    finish();
}
END_TEST

SUITE_MAIN("fs/neighbours", tcase_add_test(tc, one_get_a_file);
           tcase_add_test(tc, depth_grows_with_hits); tcase_add_test(tc, a_jump_takes_it_back);
           tcase_add_test(tc, backwards_and_again); tcase_add_test(tc, nearly_in_order);
           tcase_add_test(tc, stays_within_the_budget);
           tcase_add_test(tc, big_and_empty_files_are_passed_over);
           tcase_add_test(tc, on_into_the_next_directories);
           tcase_add_test(tc, down_and_up_again);
           tcase_add_test(tc, directories_that_are_passed_by);
           tcase_add_test(tc, a_directory_by_itself);
           tcase_add_test(tc, only_names_with_the_same_ending);
           tcase_add_test(tc, wrong_guesses_end); tcase_add_test(tc, at_the_readers_pace);
           tcase_add_loop_test(tc, memory_comes_back, 0, 2);
           tcase_add_test(tc, failed_guesses_are_nobodys_failure);
           tcase_add_test(tc, opened_before_it_fails);
           tcase_add_test(tc, changed_before_it_was_fetched);
           tcase_add_test(tc, changed_after_it_was_fetched);
           tcase_add_test(tc, fetching_confirms_names); tcase_add_test(tc, always_asked);
           tcase_add_test(tc, listed_again); tcase_add_test(tc, unmounted_meanwhile));
