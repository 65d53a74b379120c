#include "unit/fs/names.h"

#include <errno.h>
#include <stdio.h>

static ssize_t slot_of(const struct listing *l, const char *name, enum entry_type type)
{
    return listing_find(l, str_c(name), type);
}

START_TEST(pages_in_order)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    ck_assert_str_eq(page_request()->path, "");
    ck_assert_str_eq(page_request()->cursor, "");
    ck_assert(!page_request()->flat);
    listing_want(l, 0);
    ck_assert_uint_eq(pages_asked(), 1);
    give("a b/ c", "AFTER-C");
    ck_assert_str_eq(names_of(l), "a b/ c");
    ck_assert_int_eq(l->state, LISTING_RUNNING);
    ck_assert_uint_eq(pages_asked(), 2);
    ck_assert_str_eq(page_request()->cursor, "AFTER-C");
    give("", "AFTER-NOTHING"); /* a page may be empty */
    ck_assert_str_eq(page_request()->cursor, "AFTER-NOTHING");
    give("d", NULL);
    ck_assert_str_eq(names_of(l), "a b/ c d");
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    ck_assert_uint_eq(pages_asked(), 3);
    for (size_t i = 1; i < l->count; i++)
        ck_assert_uint_gt(l->nodes[i]->ino, l->nodes[i - 1]->ino);
    ck_assert_uint_eq(l->nodes[0]->size, SCRIPTED_SIZE);
    ck_assert_int_eq(l->nodes[0]->mtime_s, SCRIPTED_MTIME);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* A service that always names another page would never end. */
START_TEST(empty_pages_end)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, 0);
    give("a", "0");
    for (unsigned i = 1; i < LISTING_EMPTY_MAX; i++) {
        char next[16];
        (void)snprintf(next, sizeof next, "%u", i);
        give("", next);
        ck_assert_int_eq(l->state, LISTING_RUNNING);
    }
    give("", "the last");
    ck_assert_int_eq(l->state, LISTING_FAILED);
    ck_assert_int_eq(l->status, -EPROTO);
    ck_assert_uint_eq(pages_asked(), 1 + LISTING_EMPTY_MAX);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

START_TEST(empty_directory)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    give("", NULL);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    ck_assert_uint_eq(l->count, 0);
    ck_assert_int_eq(slot_of(l, "x", ENTRY_FILE), -1);
    ck_assert(listing_covers(l, PAIL_STR("x")));
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* ---- searching ---- */

START_TEST(finds_in_the_order_of_keys)
{
    /* A directory counts with its '/': after "dir-x" and "dir.log", before "dir0". */
    static const char names[] = "- A a a- a. a/ a0 aa dir dir-x dir.log dir/ dir0 z/ \xc3\xa9";
    static const struct {
        const char *name;
        enum entry_type type;
        ssize_t slot;
    } cases[] = {
        {"-", ENTRY_FILE, 0},
        {"A", ENTRY_FILE, 1},
        {"a", ENTRY_DIRECTORY, 5},
        {"a-", ENTRY_FILE, 3},
        {"a0", ENTRY_FILE, 6},
        {"aa", ENTRY_FILE, 7},
        {"dir-x", ENTRY_FILE, 9},
        {"dir", ENTRY_DIRECTORY, 11},
        {"dir0", ENTRY_FILE, 12},
        {"z", ENTRY_DIRECTORY, 13},
        {"\xc3\xa9", ENTRY_FILE, 14},
        {"z", ENTRY_FILE, -1},
        {"-", ENTRY_DIRECTORY, -1},
        {"", ENTRY_FILE, -1},
        {"b", ENTRY_FILE, -1},
        {"di", ENTRY_FILE, -1},
        {"dir.lo", ENTRY_FILE, -1},
        {"dir.logs", ENTRY_FILE, -1},
        {"\xff", ENTRY_DIRECTORY, -1},
        /* Superseded by the directories that came after them. */
        {"a", ENTRY_FILE, 2},
        {"dir", ENTRY_FILE, 8},
    };
    start();
    struct listing *l = read_start(&f, root_of(&f));
    give(names, NULL);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_msg(slot_of(l, cases[i].name, cases[i].type) == cases[i].slot, "%s (%d): %zd",
                      cases[i].name, (int)cases[i].type,
                      slot_of(l, cases[i].name, cases[i].type));
    ck_assert_str_eq(names_of(l),
                     "- A [a] a- a. a/ a0 aa [dir] dir-x dir.log dir/ dir0 z/ \xc3\xa9");
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* Of a file and a directory of one name the directory is found. */
START_TEST(finds_among_twins)
{
    enum { NAMES = 40 };
    unsigned pattern = (unsigned)_i;
    char text[NAMES * 16] = "";
    start();
    struct listing *l = read_start(&f, root_of(&f));
    for (unsigned i = 0; i < NAMES; i++) {
        char one[16];
        bool twin = pattern == 0 ? i < NAMES / 2 : pattern == 1 ? i % 7 != 0 : i * i % 5 < 3;
        snprintf(one, sizeof one, twin ? "n%02u n%02u/ " : "n%02u ", i, i);
        memcpy(text + strlen(text), one, strlen(one) + 1);
    }
    text[strlen(text) - 1] = '\0';
    give(text, NULL);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    for (unsigned i = 0; i < NAMES; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%02u", i);
        bool twin = pattern == 0 ? i < NAMES / 2 : pattern == 1 ? i % 7 != 0 : i * i % 5 < 3;
        ssize_t file = slot_of(l, name, ENTRY_FILE), dir = slot_of(l, name, ENTRY_DIRECTORY);
        ck_assert_int_ge(file, 0);
        ck_assert_int_eq(l->nodes[file]->superseded, twin);
        ck_assert_int_eq(dir < 0, !twin);
        struct node *node;
        ck_assert_int_eq(look_known(&f, root_of(&f), name, &node), 0);
        ck_assert_ptr_eq(node, l->nodes[twin ? dir : file]);
        snprintf(name, sizeof name, "n%02ux", i);
        ck_assert_int_eq(slot_of(l, name, ENTRY_FILE), -1);
        ck_assert_int_eq(slot_of(l, name, ENTRY_DIRECTORY), -1);
    }
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

START_TEST(covers_what_it_has_passed)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    ck_assert(!listing_covers(l, PAIL_STR("a")));
    give("b d", "D");
    ck_assert(listing_covers(l, PAIL_STR("a")));
    ck_assert(listing_covers(l, PAIL_STR("b")));
    ck_assert(listing_covers(l, PAIL_STR("c")));
    /* A directory "d" would still come. */
    ck_assert(!listing_covers(l, PAIL_STR("d")));
    ck_assert(!listing_covers(l, PAIL_STR("d-")));
    ck_assert(!listing_covers(l, PAIL_STR("e")));
    give("d/", "D/");
    ck_assert(listing_covers(l, PAIL_STR("d")));
    ck_assert(listing_covers(l, PAIL_STR("d-")));
    ck_assert(!listing_covers(l, PAIL_STR("d0")));
    give("", NULL);
    ck_assert(listing_covers(l, PAIL_STR("zzz")));
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* ---- what is wrong ---- */

START_TEST(disorder_is_a_failure)
{
    static const struct {
        const char *first, *second;
    } cases[] = {
        {"b a", NULL},                        /* within a page */
        {"a a", NULL},                        /* twice */
        {"d/ d/", NULL},      {"a/ a", NULL}, /* "a/" before "a" */
        {"dir/ dir-x", NULL},                 /* '-' sorts before '/' */
        {"a b", "b c"},                       /* over pages */
        {"a b", "a"},
    };
    start();
    struct listing *l = read_start(&f, root_of(&f));
    give(cases[_i].first, cases[_i].second ? "NEXT" : NULL);
    if (cases[_i].second)
        give(cases[_i].second, NULL);
    ck_assert_int_eq(l->state, LISTING_FAILED);
    ck_assert_int_eq(l->status, -EPROTO);
    ck_assert_ptr_nonnull(root_of(&f)->extra->failure);
    ck_assert_uint_eq(scripted_waiting(&f.source), 0);
    /* Nobody else may take it for the names. */
    struct listing *again = read_start(&f, root_of(&f));
    ck_assert_ptr_ne(again, l);
    give("a b", NULL);
    ck_assert_int_eq(again->state, LISTING_COMPLETE);
    listing_reader_gone(l);
    listing_reader_gone(again);
    fixture_done(&f);
}
END_TEST

struct page_wait {
    struct waiter waiter;
    struct listing *listing;
    int woken;
    bool leaves; /* the reader goes inside ready */
};

static void page_ready(struct waiter *waiter)
{
    struct page_wait *wait = CONTAINER_OF(waiter, struct page_wait, waiter);
    wait->woken++;
    if (wait->leaves)
        listing_reader_gone(wait->listing);
}

START_TEST(failure_ends_the_wait)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    struct page_wait wait = {.waiter.ready = page_ready, .listing = l};
    give("a b", "B");
    wait_on(&l->waiters, &wait.waiter);
    scripted_fail(page_request(), -EACCES);
    settle(&f);
    ck_assert_int_eq(wait.woken, 1);
    ck_assert_int_eq(l->state, LISTING_FAILED);
    ck_assert_int_eq(l->status, -EACCES);
    ck_assert_str_eq(names_of(l), "a b");
    ck_assert_str_eq(
        failure_of(root_of(&f)),
        "readdir / (s3://bucket/): EACCES: Scripted: as the test wants it (Operation, "
        "status 500, request id ID, 3 attempts, 0 ms)");
    listing_want(l, 1000);
    ck_assert_uint_eq(scripted_waiting(&f.source), 0);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* ---- readers ---- */

START_TEST(last_reader_leaves_inside_ready)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    struct page_wait wait[3] = {0};
    for (int i = 0; i < 3; i++) {
        wait[i] = (struct page_wait){.waiter.ready = page_ready, .listing = l, .leaves = true};
        wait_on(&l->waiters, &wait[i].waiter);
        if (i > 0)
            ck_assert_ptr_eq(read_start(&f, root_of(&f)), l);
    }
    if (_i == 0)
        give("a b", NULL);
    else if (_i == 1)
        scripted_fail(page_request(), -EIO);
    else
        give("a", "A");
    settle(&f);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(wait[i].woken, 1);
    fixture_done(&f);
}
END_TEST

START_TEST(pauses_without_readers)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    listing_reader_gone(l);
    give("a b", "B");
    ck_assert_uint_eq(scripted_waiting(&f.source), 0);
    /* The next reader goes on with it while it is fresh. */
    advance(&f, 1000);
    struct listing *again = read_start(&f, root_of(&f));
    ck_assert_ptr_eq(again, l);
    ck_assert_str_eq(names_of(again), "a b");
    listing_want(again, 0);
    ck_assert_str_eq(page_request()->cursor, "B");
    give("c", NULL);
    ck_assert_str_eq(names_of(again), "a b c");
    listing_reader_gone(again);
    fixture_done(&f);
}
END_TEST

START_TEST(stays_ahead_of_the_reader)
{
    start();
    f.source.unpaged = true; /* one page after another */
    struct listing *l = read_start(&f, root_of(&f));
    static char page[500 * 8];
    unsigned n = 0;
    listing_want(l, 0);
    while (scripted_waiting(&f.source) > 0) {
        size_t at = 0;
        for (int i = 0; i < 500; i++)
            at += (size_t)snprintf(page + at, sizeof page - at, "%sn%06u", i ? " " : "", n++);
        give(page, "MORE");
        ck_assert_uint_le(l->count, LISTING_AHEAD + 501);
    }
    ck_assert_uint_gt(l->count, LISTING_AHEAD);
    size_t asked = pages_asked();
    listing_want(l, 100);
    ck_assert_uint_eq(pages_asked(), asked);
    listing_want(l, 600);
    ck_assert_uint_eq(pages_asked(), asked + 1);
    listing_want(l, 5);
    ck_assert_uint_eq(pages_asked(), asked + 1);
    /* Nobody reads on: the page under way is the last. */
    listing_reader_gone(l);
    give("z", "MORE");
    ck_assert_uint_eq(scripted_waiting(&f.source), 0);
    fixture_done(&f);
}
END_TEST

START_TEST(unreachable_keys_are_told_once)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    scripted_page_unreachable(page_request(), "a", "A", 2, "x//y");
    settle(&f);
    scripted_page_unreachable(page_request(), "b", NULL, 3, "z//y");
    settle(&f);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    ck_assert_uint_eq(l->unreachable, 5);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

START_TEST(end_while_it_runs)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    give("a b/", "B");
    listing_want(l, 0);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

START_TEST(out_of_memory)
{
    int failed = 0, complete = 0;
    for (long after = 0; after < 30; after++) {
        start();
        alloc_fail_after(after);
        struct listing *l = tree_list(&f.fs, root_of(&f));
        alloc_fail_after(-1);
        failed += !l;
        if (l) {
            listing_reader(l);
            scripted_page(page_request(), "a b/ c dd/ e f", "F");
            alloc_fail_after(after);
            mailbox_deliver(f.mailbox);
            alloc_fail_after(-1);
            if (l->state == LISTING_RUNNING)
                give("g", NULL);
            if (l->state == LISTING_FAILED)
                ck_assert_int_eq(l->status, -ENOMEM);
            failed += l->state == LISTING_FAILED;
            complete += l->state == LISTING_COMPLETE;
            listing_reader_gone(l);
        }
        fixture_done(&f);
    }
    ck_assert(failed > 3 && complete > 3);
}
END_TEST

SUITE_MAIN("fs/listing", tcase_add_test(tc, pages_in_order);
           tcase_add_test(tc, empty_pages_end); tcase_add_test(tc, empty_directory);
           tcase_add_test(tc, finds_in_the_order_of_keys);
           tcase_add_loop_test(tc, finds_among_twins, 0, 3);
           tcase_add_test(tc, covers_what_it_has_passed);
           tcase_add_loop_test(tc, disorder_is_a_failure, 0, 7);
           tcase_add_test(tc, failure_ends_the_wait);
           tcase_add_loop_test(tc, last_reader_leaves_inside_ready, 0, 3);
           tcase_add_test(tc, pauses_without_readers);
           tcase_add_test(tc, stays_ahead_of_the_reader);
           tcase_add_test(tc, unreachable_keys_are_told_once);
           tcase_add_test(tc, end_while_it_runs); tcase_add_test(tc, out_of_memory));
