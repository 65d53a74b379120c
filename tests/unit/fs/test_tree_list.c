/* Listings against names that are looked up meanwhile, and against each other. */
#include "unit/fs/names.h"

#include <errno.h>
#include <stdio.h>

/* ---- listings ---- */

START_TEST(listing_answers_lookups)
{
    start();
    list_once(root_of(&f), "a b/ c:v3:9");
    ck_assert_uint_eq(known("c")->size, 9);
    ck_assert_uint_eq(known("b")->type, ENTRY_DIRECTORY);
    ck_assert_int_eq(known_status("absent"), -ENOENT);
    advance(&f, FIXTURE_NEGATIVE_MS);
    ck_assert_int_eq(known_status("absent"), -EINPROGRESS);
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    ck_assert_ptr_nonnull(known("a"));
    advance(&f, FIXTURE_TTL_MS - FIXTURE_NEGATIVE_MS);
    ck_assert_ptr_null(known("a"));
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    fixture_done(&f);
}
END_TEST

START_TEST(listing_is_shared_while_fresh)
{
    start();
    struct listing *l = read_start(&f, root_of(&f)), *same;
    same = read_start(&f, root_of(&f));
    ck_assert_ptr_eq(same, l);
    listing_reader_gone(same);
    give("a", NULL);
    advance(&f, FIXTURE_TTL_MS - 1);
    same = read_start(&f, root_of(&f));
    ck_assert_ptr_eq(same, l);
    listing_reader_gone(same);
    advance(&f, 1);
    struct listing *next = read_start(&f, root_of(&f));
    ck_assert_ptr_ne(next, l);
    give("a b", NULL);
    /* The old reader keeps its own. */
    ck_assert_str_eq(names_of(l), "a");
    ck_assert_str_eq(names_of(next), "a b");
    ck_assert_ptr_eq(l->nodes[0], next->nodes[0]);
    listing_reader_gone(l);
    listing_reader_gone(next);
    fixture_done(&f);
}
END_TEST

/* The source sees names of a directory when it looks for it. */
START_TEST(lookup_brings_all_names)
{
    start();
    struct look look;
    struct node *d, *node;
    look_start(&f, &look, root_of(&f), "d");
    scripted_found_names(lookup_request(), "d/", "a sub/ z:v2:7", true);
    settle(&f);
    d = look.node;
    ck_assert_int_eq(look_known(&f, d, "z", &node), 0);
    ck_assert_uint_eq(node->size, 7);
    ck_assert_int_eq(look_known(&f, d, "absent", &node), -ENOENT);
    struct listing *l = read_start(&f, d);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    ck_assert_str_eq(names_of(l), "a sub/ z");
    listing_reader_gone(l);
    ck_assert_uint_eq(f.source.count, 1);
    /* They are as old as the lookup. */
    advance(&f, FIXTURE_TTL_MS);
    ck_assert_int_eq(look_known(&f, d, "z", &node), -EINPROGRESS);
    fixture_done(&f);
}
END_TEST

START_TEST(lookup_brings_first_names)
{
    start();
    struct look look;
    struct node *d, *node;
    look_start(&f, &look, root_of(&f), "d");
    scripted_found_names(lookup_request(), "d/", "a b/", false);
    settle(&f);
    d = look.node;
    ck_assert_int_eq(look_known(&f, d, "a", &node), 0);
    ck_assert_int_eq(look_known(&f, d, "aa", &node), -ENOENT);
    ck_assert_int_eq(look_known(&f, d, "c", NULL), -EINPROGRESS);
    ck_assert_uint_eq(pages_asked(), 0);
    /* A reader has them at once, and the others asked for. */
    struct listing *l = read_start(&f, d);
    ck_assert_str_eq(names_of(l), "a b/");
    listing_want(l, 0);
    ck_assert_str_eq(page_request()->start_after, "b/");
    give("c", NULL);
    ck_assert_str_eq(names_of(l), "a b/ c");
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    ck_assert_int_eq(look_known(&f, d, "a", &node), 0);
    ck_assert_ptr_eq(node, l->nodes[0]);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* Of a directory that nobody took, or whose lookup took too long, nothing stays. */
START_TEST(first_names_go_with_their_time)
{
    start();
    struct look look;
    look_start(&f, &look, root_of(&f), "d");
    wait_stop(&look.wait.waiter);
    scripted_found_names(lookup_request(), "d/", "a b/", _i == 0);
    settle(&f);
    struct node *d = known("d");
    ck_assert_ptr_nonnull(d->directory);
    advance(&f, FIXTURE_TTL_MS);
    ck_assert_ptr_null(d->directory);
    look_start(&f, &look, root_of(&f), "d");
    advance(&f, FIXTURE_TTL_MS);
    scripted_found_names(lookup_request(), "d/", "a b/", _i == 0);
    settle(&f);
    ck_assert_int_eq(look_known(&f, look.node, "a", NULL), -EINPROGRESS);
    fixture_done(&f);
}
END_TEST

/* What was listed meanwhile is newer, or as good. */
START_TEST(first_names_do_not_replace_a_listing)
{
    start();
    struct node *d = look_up(&f, root_of(&f), "d", "d/"), *node;
    struct listing *l = NULL;
    advance(&f, FIXTURE_TTL_MS);
    struct look look;
    look_start(&f, &look, root_of(&f), "d");
    if (_i == 0)
        list_once(d, "a b c");
    else
        l = read_start(&f, d);
    scripted_found_names(lookup_request(), "d/", "a b", true);
    settle(&f);
    ck_assert_ptr_eq(look.node, d);
    if (_i == 1) {
        give("a b c", NULL);
        listing_reader_gone(l);
    }
    ck_assert_int_eq(look_known(&f, d, "c", &node), 0);
    fixture_done(&f);
}
END_TEST

START_TEST(first_names_in_disorder)
{
    start();
    struct look look;
    look_start(&f, &look, root_of(&f), "d");
    scripted_found_names(lookup_request(), "d/", "b a", true);
    settle(&f);
    ck_assert_int_eq(look.status, 0);
    list_once(look.node, "a b");
    fixture_done(&f);
}
END_TEST

START_TEST(out_of_memory_for_first_names)
{
    for (long after = 0; after < 30; after++) {
        start();
        struct look look;
        look_start(&f, &look, root_of(&f), "d");
        scripted_found_names(lookup_request(), "d/", "a b/ c", _i == 0);
        alloc_fail_after(after);
        mailbox_deliver(f.mailbox);
        alloc_fail_after(-1);
        ck_assert(look.over);
        if (look.status == 0) {
            struct listing *l = read_start(&f, look.node);
            listing_want(l, 0);
            if (l->state == LISTING_RUNNING)
                give(l->count > 0 ? "" : "a b/ c", NULL);
            ck_assert_str_eq(names_of(l), "a b/ c");
            listing_reader_gone(l);
        } else {
            ck_assert_int_eq(look.status, -ENOMEM);
        }
        fixture_done(&f);
    }
}
END_TEST

START_TEST(changes_between_two_listings)
{
    start();
    struct listing *first = read_start(&f, root_of(&f));
    give("a b c d/ e f/ g", NULL);
    struct node *old[7];
    for (int i = 0; i < 7; i++) {
        old[i] = first->nodes[i];
        node_kernel_ref(&f.fs, old[i]);
    }
    advance(&f, FIXTURE_TTL_MS);
    struct listing *second = read_start(&f, root_of(&f));
    /* b changed, c went, d became a file, e a directory, aa is new. */
    give("a aa b:v2 d e/", "E");
    ck_assert_str_eq(names_of(second), "a aa b d e/");
    ck_assert_ptr_eq(second->nodes[0], old[0]);
    ck_assert(old[1]->superseded);
    /* What the new one has passed is as it says; behind that the old one still counts, but is
     * too old to be believed. */
    ck_assert_ptr_eq(known("b"), second->nodes[2]);
    ck_assert_int_eq(known_status("c"), -ENOENT);
    ck_assert_ptr_eq(known("d"), second->nodes[3]);
    ck_assert_ptr_eq(known("e"), second->nodes[4]);
    ck_assert_int_eq(known_status("f"), -EINPROGRESS);
    scripted_found(lookup_request(), "f/");
    settle(&f);
    ck_assert_ptr_eq(known("f"), old[5]);
    give("f/", NULL);
    ck_assert_ptr_eq(known("f"), old[5]);
    ck_assert_int_eq(known_status("g"), -ENOENT);
    static const bool superseded[7] = {false, true, true, true, true, false, true};
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(old[i]->superseded, superseded[i]);
    /* The reader of the first saw its names, the changed ones by their new versions. */
    ck_assert_uint_eq(first->count, 7);
    listing_reader_gone(first);
    listing_reader_gone(second);
    fixture_done(&f);
}
END_TEST

START_TEST(lookup_while_a_listing_runs)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, 0);
    give("a c", "C");
    /* What it has passed is known, the rest is asked. */
    ck_assert_int_eq(known_status("b"), -ENOENT);
    struct node *x = look_up(&f, root_of(&f), "x", "x:v1");
    look_up(&f, root_of(&f), "y", NULL);
    ck_assert_uint_eq(lookups_asked(), 2);
    advance(&f, 10);
    give("d x:v1", "X");
    ck_assert_ptr_eq(known("x"), x);
    ck_assert_ptr_eq(l->nodes[3], x);
    listing_want(l, 3);
    advance(&f, 10);
    give("y z", NULL);
    ck_assert_ptr_eq(known("y"), l->nodes[4]);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* What was asked for later is newer, whichever answer comes first. */
START_TEST(older_page_does_not_undo_a_newer_lookup)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    advance(&f, 10);
    struct node *x = look_up(&f, root_of(&f), "x", "x:v2");
    look_up(&f, root_of(&f), "y", NULL);
    advance(&f, 10);
    give("x:v1 y z", NULL);
    ck_assert(!x->superseded);
    ck_assert_ptr_eq(known("x"), x);
    ck_assert_int_eq(known_status("y"), -ENOENT);
    ck_assert_str_eq(names_of(l), "x y z");
    /* The page's word on "y" was refuted: it must be asked when absence has expired. */
    advance(&f, FIXTURE_NEGATIVE_MS);
    ck_assert_int_eq(known_status("y"), -EINPROGRESS);
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    forget(&f, x);
    ck_assert_ptr_eq(known("x"), x);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

START_TEST(older_lookup_does_not_undo_a_newer_page)
{
    start();
    struct look x, y, z;
    look_start(&f, &x, root_of(&f), "x");
    look_start(&f, &y, root_of(&f), "y");
    look_start(&f, &z, root_of(&f), "z");
    advance(&f, 10);
    struct listing *l = read_start(&f, root_of(&f));
    give("x:v2 y z:v1", NULL);
    scripted_found(lookup_request(), "x:v1");
    scripted_fail(lookup_request(), -ENOENT);
    scripted_found(lookup_request(), "z:v1");
    settle(&f);
    ck_assert_ptr_eq(x.node, l->nodes[0]);
    ck_assert_ptr_eq(y.node, l->nodes[1]);
    ck_assert_ptr_eq(z.node, l->nodes[2]);
    for (int i = 0; i < 3; i++)
        ck_assert(!l->nodes[i]->superseded);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

START_TEST(page_older_than_what_refuted_it)
{
    start();
    list_once(root_of(&f), "x:v1");
    struct node *x = known("x");
    node_kernel_ref(&f.fs, x);
    advance(&f, FIXTURE_TTL_MS);
    struct listing *l = read_start(&f, root_of(&f));
    advance(&f, 10);
    tree_distrust(&f.fs, x);
    give("x:v1", NULL);
    ck_assert_int_eq(known_status("x"), -EINPROGRESS);
    scripted_found(lookup_request(), "x:v2");
    settle(&f);
    ck_assert(x->superseded);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* The old listing had the name, the new one passed its place before it came back. */
START_TEST(created_behind_a_running_listing)
{
    start_with(-1);
    struct listing *old = tree_list(&f.fs, root_of(&f));
    give("a x", NULL);
    struct node *x = known("x");
    node_kernel_ref(&f.fs, x);
    listing_unref(old);
    f.fs.options.metadata_ttl_ms = FIXTURE_TTL_MS;
    advance(&f, FIXTURE_TTL_MS);
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, 0);
    give("a z", "Z");
    advance(&f, 10);
    ck_assert_int_eq(known_status("x"), -ENOENT);
    advance(&f, FIXTURE_NEGATIVE_MS);
    struct node *new = look_up(&f, root_of(&f), "x", "x:v2");
    give("zz", NULL);
    ck_assert_ptr_eq(known("x"), new);
    ck_assert(!new->superseded);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* A name found absent and then listed is present, as the listing is the newer. */
START_TEST(expired_absence_does_not_hide_a_listing)
{
    start();
    look_up(&f, root_of(&f), "b", NULL);
    advance(&f, FIXTURE_NEGATIVE_MS + 10);
    list_once(root_of(&f), "a c");
    /* Still absent, and known by the listing: nothing is asked. */
    ck_assert_int_eq(known_status("b"), -ENOENT);
    ck_assert_int_eq(tree_absent_ms(&f.fs, root_of(&f), PAIL_STR("b")), FIXTURE_NEGATIVE_MS);
    ck_assert_uint_eq(lookups_asked(), 1);
    fixture_done(&f);
}
END_TEST

START_TEST(listing_that_fails_half_way)
{
    start();
    list_once(root_of(&f), "a b c d");
    struct node *a = known("a"), *d = known("d");
    node_kernel_ref(&f.fs, a);
    node_kernel_ref(&f.fs, d);
    advance(&f, FIXTURE_TTL_MS);
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, 0);
    give("a b:v2", "B");
    scripted_fail(page_request(), -EIO);
    settle(&f);
    ck_assert_int_eq(l->state, LISTING_FAILED);
    /* What it did not reach is not gone. */
    ck_assert(!d->superseded);
    ck_assert_int_eq(known_status("d"), -EINPROGRESS);
    scripted_found(lookup_request(), "d");
    settle(&f);
    ck_assert_ptr_eq(known("d"), d);
    ck_assert_ptr_eq(known("a"), a);
    struct listing *again = read_start(&f, root_of(&f));
    ck_assert_ptr_ne(again, l);
    give("a b:v2 d", NULL);
    ck_assert_ptr_eq(again->nodes[0], a);
    ck_assert_ptr_eq(again->nodes[2], d);
    listing_reader_gone(again);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* The first listing of a directory fails, or takes longer than the TTL and is started again by
 * another reader: unchanged versions keep their nodes all the same. */
START_TEST(unfinished_listing_keeps_its_nodes)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, 0);
    give("a b", "B");
    struct node *a = l->nodes[0], *b = l->nodes[1];
    node_kernel_ref(&f.fs, a);
    node_kernel_ref(&f.fs, b);
    if (_i == 0) {
        scripted_fail(page_request(), -EIO);
        settle(&f);
        listing_reader_gone(l);
        l = NULL;
    } else {
        advance(&f, FIXTURE_TTL_MS);
    }
    struct listing *again = read_start(&f, root_of(&f));
    listing_want(again, 0);
    if (l) {
        give("c d", NULL); /* the first goes on for its reader */
        ck_assert_int_eq(l->state, LISTING_COMPLETE);
        ck_assert_str_eq(names_of(l), "a b c d");
    }
    give("a b:v2 d", NULL);
    ck_assert_int_eq(again->state, LISTING_COMPLETE);
    ck_assert_ptr_eq(again->nodes[0], a);
    ck_assert_ptr_ne(again->nodes[1], b);
    ck_assert(b->superseded);
    if (l) {
        ck_assert_ptr_eq(l->nodes[3], again->nodes[2]);
        ck_assert(l->nodes[2]->superseded); /* c went */
        listing_reader_gone(l);
    }
    listing_reader_gone(again);
    fixture_done(&f);
}
END_TEST

/* ---- a file and a directory of one name ---- */

START_TEST(directory_wins_over_a_file)
{
    start();
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, 0);
    give("dir dir-x", "DIR-X");
    struct node *file = l->nodes[0];
    node_kernel_ref(&f.fs, file);
    /* It may be a directory yet. */
    ck_assert_int_eq(known_status("dir-x"), -EINPROGRESS);
    scripted_found(lookup_request(), "dir-x");
    settle(&f);
    give("dir.log dir/ z", NULL);
    ck_assert_str_eq(names_of(l), "[dir] dir-x dir.log dir/ z");
    ck_assert(file->superseded);
    ck_assert_uint_eq(known("dir")->type, ENTRY_DIRECTORY);
    struct node *dir = known("dir");
    /* And so at the next listing, with the same node. */
    for (int i = 0; i < 2; i++) {
        advance(&f, FIXTURE_TTL_MS);
        list_once(root_of(&f), "dir dir-x dir.log dir/ z");
        ck_assert_ptr_eq(known("dir"), dir);
        ck_assert(!dir->superseded);
    }
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

START_TEST(file_and_directory_over_pages_of_a_second_listing)
{
    start();
    list_once(root_of(&f), "dir dir-x dir/");
    struct node *dir = known("dir");
    node_kernel_ref(&f.fs, dir);
    advance(&f, FIXTURE_TTL_MS);
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, 0);
    give("dir", "DIR");
    /* Not refuted by the file before it. */
    ck_assert(!dir->superseded);
    give("dir-x dir/", NULL);
    ck_assert_ptr_eq(known("dir"), dir);
    ck_assert(!dir->superseded);
    listing_reader_gone(l);
    fixture_done(&f);
}
END_TEST

/* Known as a file by itself, then listed as a directory too. */
START_TEST(directory_wins_over_a_known_file)
{
    start();
    struct node *file = look_up(&f, root_of(&f), "x", "x");
    advance(&f, 10);
    list_once(root_of(&f), "x x/");
    ck_assert_uint_eq(known("x")->type, ENTRY_DIRECTORY);
    ck_assert(file->superseded);
    fixture_done(&f);
}
END_TEST

START_TEST(hidden_names_are_known_by_a_listing)
{
    start();
    list_once(root_of(&f), "@tail:live a");
    ck_assert(known("@tail")->hidden);
    ck_assert(!known("a")->hidden);
    ck_assert_uint_eq(lookups_asked(), 0);
    fixture_done(&f);
}
END_TEST

/* What the source says may be older than the question: it is believed for no longer. */
START_TEST(answers_as_of_an_earlier_time)
{
    start();
    advance(&f, 1);
    struct listing *l = read_start(&f, root_of(&f));
    advance(&f, FIXTURE_TTL_MS);
    struct scripted *page = page_request();
    page->request->as_of_ns = f.now_ns - FIXTURE_TTL_MS * NS_PER_MS + 7 * NS_PER_MS;
    l->started_ns = page->request->started_ns = f.now_ns;
    give("a", NULL);
    listing_reader_gone(l);
    ck_assert_ptr_nonnull(known("a"));
    ck_assert_int_eq(known_status("b"), -EINPROGRESS);
    struct scripted *lookup = lookup_request();
    lookup->request->as_of_ns = f.now_ns - FIXTURE_TTL_MS * NS_PER_MS + 9 * NS_PER_MS;
    scripted_found(lookup, "b");
    settle(&f);
    ck_assert_ptr_nonnull(known("b"));
    advance(&f, 7);
    ck_assert_ptr_null(known("a"));
    scripted_found(lookup_request(), "a");
    settle(&f);
    ck_assert_ptr_nonnull(known("b"));
    advance(&f, 2);
    ck_assert_ptr_null(known("b"));
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    fixture_done(&f);
}
END_TEST

START_TEST(a_listing_does_not_set_back_what_was_read)
{
    start();
    struct node *log = look_up(&f, root_of(&f), "log", "log:grows");
    log->mtime_s = SCRIPTED_MTIME + 5; /* of what was read */
    advance(&f, FIXTURE_TTL_MS);
    list_once(root_of(&f), "log:grows");
    ck_assert_ptr_eq(known("log"), log);
    ck_assert_int_eq(log->mtime_s, SCRIPTED_MTIME + 5);
    fixture_done(&f);
}
END_TEST

SUITE_MAIN("fs/tree_list", tcase_add_test(tc, listing_answers_lookups);
           tcase_add_test(tc, listing_is_shared_while_fresh);
           tcase_add_test(tc, lookup_brings_all_names);
           tcase_add_test(tc, lookup_brings_first_names);
           tcase_add_loop_test(tc, first_names_go_with_their_time, 0, 2);
           tcase_add_loop_test(tc, first_names_do_not_replace_a_listing, 0, 2);
           tcase_add_test(tc, first_names_in_disorder);
           tcase_add_loop_test(tc, out_of_memory_for_first_names, 0, 2);
           tcase_add_test(tc, changes_between_two_listings);
           tcase_add_test(tc, lookup_while_a_listing_runs);
           tcase_add_test(tc, older_page_does_not_undo_a_newer_lookup);
           tcase_add_test(tc, older_lookup_does_not_undo_a_newer_page);
           tcase_add_test(tc, page_older_than_what_refuted_it);
           tcase_add_test(tc, created_behind_a_running_listing);
           tcase_add_test(tc, expired_absence_does_not_hide_a_listing);
           tcase_add_test(tc, listing_that_fails_half_way);
           tcase_add_loop_test(tc, unfinished_listing_keeps_its_nodes, 0, 2);
           tcase_add_test(tc, directory_wins_over_a_file);
           tcase_add_test(tc, file_and_directory_over_pages_of_a_second_listing);
           tcase_add_test(tc, directory_wins_over_a_known_file);
           tcase_add_test(tc, hidden_names_are_known_by_a_listing);
           tcase_add_test(tc, answers_as_of_an_earlier_time);
           tcase_add_test(tc, a_listing_does_not_set_back_what_was_read));
