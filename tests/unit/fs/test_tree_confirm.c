/* Expired names that are asked for in the order of a listing. */
#include "unit/fs/names.h"

#include <errno.h>
#include <stdio.h>

/* Looks the name up; `entry` answers the lookup that must then be asked. */
static void expect_lookup(const char *name, const char *entry)
{
    size_t asked = lookups_asked();
    look_up(&f, root_of(&f), name, entry);
    ck_assert_uint_eq(lookups_asked(), asked + 1);
}

/* A listing of the root, expired, of which the first two names were asked for. The next one
 * will be asked for by a page. */
static void walk_on(const char *entries, const char *first, const char *second)
{
    list_once(root_of(&f), entries);
    advance(&f, FIXTURE_TTL_MS);
    expect_lookup(first, first);
    expect_lookup(second, second);
}

/* Starts a lookup that waits for a page; returns its request. */
static struct scripted *page_for(struct look *look, const char *name)
{
    size_t pages = pages_asked(), lookups = lookups_asked();
    look_start(&f, look, root_of(&f), name);
    ck_assert(!look->over);
    ck_assert_uint_eq(pages_asked(), pages + 1);
    ck_assert_uint_eq(lookups_asked(), lookups);
    return page_request();
}

START_TEST(a_walk_is_confirmed_by_pages)
{
    static char entries[64 * 1024];
    size_t at = 0;
    for (int i = 0; i < 3000; i++)
        at += (size_t)snprintf(entries + at, sizeof entries - at, "n%04d ", i);
    start();
    list_once(root_of(&f), entries);
    struct node *last = known("n2999");
    advance(&f, FIXTURE_TTL_MS);
    for (int i = 0; i < 3000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%04d", i);
        struct look look;
        look_start(&f, &look, root_of(&f), name);
        if (!look.over && scripted_last(&f.source)->kind == SCRIPTED_LOOKUP) {
            scripted_found(lookup_request(), name);
        } else if (!look.over) {
            struct scripted *s = page_request();
            size_t from = (size_t)i;
            snprintf(name, sizeof name, "n%04zu", from - 1);
            ck_assert_str_eq(s->start_after, name);
            static char page[16 * 1024];
            size_t to = from + 1000 < 3000 ? from + 1000 : 3000, len = 0;
            for (size_t k = from; k < to; k++)
                len += (size_t)snprintf(page + len, sizeof page - len, "n%04zu ", k);
            scripted_page(s, page, to < 3000 ? "MORE" : NULL);
        }
        settle(&f);
        ck_assert(look.over);
        ck_assert_int_eq(look.status, 0);
        ck_assert_int_ne(node_fresh_ms(&f.fs, look.node), 0);
    }
    ck_assert_ptr_eq(known("n2999"), last);
    ck_assert_uint_eq(lookups_asked(), 2);
    ck_assert_uint_eq(pages_asked(), 1 + 3);
    fixture_done(&f);
}
END_TEST

START_TEST(a_page_corrects)
{
    start();
    walk_on("a b c d e f/ g h/ i", "a", "b");
    struct node *old[7];
    static const char *const names[] = {"c", "d", "e", "f", "g", "h", "i"};
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(look_known(&f, root_of(&f), names[i], NULL), -EINPROGRESS);
    /* Those lookups were asked for by a page, and two before. */
    ck_assert_uint_eq(pages_asked(), 2);
    struct listing *l = root_of(&f)->directory->listing;
    for (int i = 0; i < 7; i++)
        old[i] = node_ref(l->nodes[i + 2]);
    ck_assert_str_eq(page_request()->start_after, "b");
    struct look look;
    look_start(&f, &look, root_of(&f), "c");
    /* Unchanged, another ETag, another size, gone, a directory now, a file now; one is new. */
    give("c d:v2 e:v1:5 f:v1 g/ h/ hh", NULL);
    ck_assert(look.over);
    ck_assert_ptr_eq(look.node, old[0]);
    for (int i = 0; i < 7; i++) {
        bool same = i == 0 || i == 5;
        struct node *node = known(names[i]);
        ck_assert_int_eq(old[i]->superseded, !same);
        ck_assert_int_eq(node == old[i], same);
        ck_assert_int_eq(!node, i == 6);
        if (node)
            ck_assert_int_eq(node_fresh_ms(&f.fs, node), FIXTURE_TTL_MS);
        node_unref(&f.fs, old[i]);
    }
    ck_assert_int_eq(known_status("i"), -ENOENT);
    ck_assert_int_eq(known("f")->type, ENTRY_FILE);
    ck_assert_int_eq(known("g")->type, ENTRY_DIRECTORY);
    ck_assert_uint_eq(lookups_asked(), 2);
    /* What is new is asked for by itself. */
    expect_lookup("hh", "hh");
    fixture_done(&f);
}
END_TEST

/* Names that the listing does not have, as they were not there yet, are corrected too. */
START_TEST(a_page_corrects_what_was_looked_up)
{
    start();
    list_once(root_of(&f), "a b/ c d");
    look_up(&f, root_of(&f), "a", "a");
    advance(&f, FIXTURE_NEGATIVE_MS);
    struct node *old = look_up(&f, root_of(&f), "cc", "cc");
    advance(&f, FIXTURE_TTL_MS);
    expect_lookup("a", "a");
    expect_lookup("b", "b/");
    struct look c;
    struct scripted *s = page_for(&c, "c");
    ck_assert_str_eq(s->start_after, "b/");
    give("c cc:v2 d", NULL);
    ck_assert(c.over);
    ck_assert(old->superseded);
    ck_assert_str_eq(node_etag(known("cc")).ptr, "v2");
    fixture_done(&f);
}
END_TEST

/* A page says nothing of a name whose directory would stand behind it, or whose file before. */
START_TEST(names_at_the_ends_of_a_page)
{
    start();
    walk_on("a b c d d-1 d-2 e", "a", "b");
    struct look c, d, e;
    page_for(&c, "c");
    look_start(&f, &d, root_of(&f), "d");
    look_start(&f, &e, root_of(&f), "e");
    give("c d d-1", "MORE");
    ck_assert(c.over && !d.over && !e.over);
    /* They ask by themselves. */
    ck_assert_uint_eq(lookups_asked(), 4);
    scripted_found(lookup_request(), "d/");
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    ck_assert_int_eq(d.node->type, ENTRY_DIRECTORY);
    ck_assert_int_eq(e.status, -ENOENT);
    fixture_done(&f);
}
END_TEST

/* The page begins where a file of the directory's name would stand. */
START_TEST(a_directory_that_became_a_file)
{
    start();
    walk_on("a b d-1 d-2 d/ e", "a", "b");
    struct look d;
    struct scripted *s = page_for(&d, "d");
    ck_assert_str_eq(s->start_after, "b");
    give(_i ? "d d-1 d-2 e" : "d d-1 d-2 d/ e", NULL);
    ck_assert(d.over);
    ck_assert_int_eq(d.node->type, _i ? ENTRY_FILE : ENTRY_DIRECTORY);
    ck_assert_ptr_eq(known("d"), d.node);
    ck_assert_uint_eq(lookups_asked(), 2);
    fixture_done(&f);
}
END_TEST

/* ...unless that is too far away. Then a page from the directory on cannot tell that it is a
 * file now. */
START_TEST(a_directory_far_behind_its_file)
{
    static char entries[8 * 1024];
    size_t at = (size_t)snprintf(entries, sizeof entries, "a b ");
    for (int i = 0; i < 100; i++)
        at += (size_t)snprintf(entries + at, sizeof entries - at, "d-%02d ", i);
    snprintf(entries + at, sizeof entries - at, "d/ e");
    start();
    list_once(root_of(&f), entries);
    advance(&f, FIXTURE_TTL_MS);
    expect_lookup("d-98", "d-98");
    expect_lookup("d-99", "d-99");
    struct look d;
    struct scripted *s = page_for(&d, "d");
    ck_assert_str_eq(s->start_after, "d-99");
    give(_i ? "e" : "d/ e", NULL);
    ck_assert_int_eq(d.over, !_i);
    if (_i) {
        scripted_found(lookup_request(), "d");
        settle(&f);
    }
    ck_assert_int_eq(d.node->type, _i ? ENTRY_FILE : ENTRY_DIRECTORY);
    fixture_done(&f);
}
END_TEST

static const char *const bad_pages[] = {"d c", "b c d", "c c"};

START_TEST(a_page_that_fails)
{
    start();
    walk_on("a b c d e f g h", "a", "b");
    struct look c, d;
    struct scripted *s = page_for(&c, "c");
    look_start(&f, &d, root_of(&f), "d");
    if (_i < 3)
        scripted_page(s, bad_pages[_i], NULL);
    else if (_i == 5)
        scripted_page(s, "", "MORE");
    else
        scripted_fail(s, _i == 3 ? -EACCES : -ENOENT);
    settle(&f);
    ck_assert(!c.over && !d.over);
    ck_assert_uint_eq(lookups_asked(), 4);
    scripted_found(lookup_request(), "c");
    scripted_fail(lookup_request(), -EBUSY);
    settle(&f);
    ck_assert_int_eq(c.status, 0);
    ck_assert_int_eq(d.status, -EBUSY);
    /* It is not tried again soon. */
    expect_lookup("d", "d");
    expect_lookup("e", "e");
    expect_lookup("f", "f");
    expect_lookup("g", "g");
    expect_lookup("h", "h");
    fixture_done(&f);
}
END_TEST

/* Who waits asks by itself after a while; the page is taken when it comes. */
START_TEST(a_page_that_stalls)
{
    start();
    walk_on("a b c d e f g h", "a", "b");
    struct look c;
    struct scripted *s = page_for(&c, "c");
    advance(&f, 1999);
    ck_assert_uint_eq(lookups_asked(), 2);
    advance(&f, 1);
    ck_assert_uint_eq(lookups_asked(), 3);
    scripted_found(lookup_request(), "c:v3");
    settle(&f);
    ck_assert(c.over);
    /* Nor is another asked for soon. */
    static const char *const others[] = {"e", "f", "g", "h"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        expect_lookup(others[i], others[i]);
    scripted_page(s, "c:v2 d:v2 e f g h", NULL);
    settle(&f);
    ck_assert_ptr_eq(known("c"), c.node);
    ck_assert_str_eq(node_etag(known("d")).ptr, "v2");
    fixture_done(&f);
}
END_TEST

/* What was asked for later counts for more. */
START_TEST(lookups_beside_a_page)
{
    start();
    walk_on("a b c d e f", "a", "b");
    struct node *old = root_of(&f)->directory->listing->nodes[4];
    struct look b, c, e;
    struct scripted *s = page_for(&c, "c");
    advance(&f, 10);
    tree_distrust(&f.fs, old);
    advance(&f, 10);
    look_start(&f, &e, root_of(&f), "e"); /* refuted: not by an older page */
    scripted_found(lookup_request(), "e:v2");
    tree_distrust(&f.fs, known("b"));
    advance(&f, 10);
    look_start(&f, &b, root_of(&f), "b");
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    ck_assert(b.over && e.over && !c.over);
    scripted_page(s, "c d e f", NULL);
    settle(&f);
    ck_assert_ptr_eq(known("e"), e.node);
    ck_assert_int_eq(known_status("b"), -ENOENT);
    ck_assert_ptr_nonnull(known("f"));
    fixture_done(&f);
}
END_TEST

/* A source may have learned before it was asked what it says. */
START_TEST(a_page_is_as_old_as_it_says)
{
    start();
    walk_on("a b c d", "a", "b");
    struct look c;
    struct scripted *s = page_for(&c, "c");
    advance(&f, 10);
    s->request->as_of_ns = f.now_ns - (_i ? 0 : 30 * NS_PER_MS);
    give("c d", NULL);
    ck_assert(c.over);
    ck_assert_int_eq(node_fresh_ms(&f.fs, c.node), FIXTURE_TTL_MS - (_i ? 10 : 30));
    fixture_done(&f);
}
END_TEST

/* A lookup that was on its way before the page, and comes after it. */
START_TEST(a_page_is_newer_than_a_lookup)
{
    start();
    walk_on("a b c d e", "a", "b");
    struct node *old = root_of(&f)->directory->listing->nodes[3];
    struct look c, d;
    tree_distrust(&f.fs, old);
    advance(&f, 10);
    look_start(&f, &d, root_of(&f), "d");
    advance(&f, 10);
    struct scripted *s = page_for(&c, "c");
    scripted_page(s, _i ? "c d:v2 e" : "c e", NULL);
    settle(&f);
    ck_assert(c.over && !d.over);
    scripted_found(lookup_request(), "d");
    settle(&f);
    ck_assert_int_eq(d.status, _i ? 0 : -ENOENT);
    ck_assert_ptr_eq(known("d"), d.node);
    if (_i)
        ck_assert_str_eq(node_etag(d.node).ptr, "v2");
    fixture_done(&f);
}
END_TEST

/* ---- when there is no page ---- */

START_TEST(no_page_without_need)
{
    static const char *const jumps[] = {"n000", "n300", "n150", "n400", "n020", "n310", "n100"};
    static char entries[8 * 1024];
    size_t at = 0;
    for (int i = 0; i < 500; i++)
        at += (size_t)snprintf(entries + at, sizeof entries - at, "n%03d ", i);
    start_with(_i == 3 ? 0 : FIXTURE_TTL_MS);
    f.source.unpaged = _i == 2;
    list_once(root_of(&f), entries);
    advance(&f, FIXTURE_TTL_MS);
    for (int i = 0; i < 7; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%03d", i);
        /* Out of order; so slowly that the next is expired anyway; a source without pages; what
         * is always asked. */
        const char *one = _i == 0 ? jumps[i] : name;
        expect_lookup(one, one);
        if (_i == 1)
            advance(&f, 2 * FIXTURE_TTL_MS);
    }
    ck_assert_uint_eq(pages_asked(), 1);
    fixture_done(&f);
}
END_TEST

/* Names far from one another are not in order, nor those of one listing and of another. */
START_TEST(not_in_order)
{
    static const char *const jumps[][4] = {{"n000", "n100", "n200", "n300"},
                                           {"n100", "n010", "n101", "n102"},
                                           {"n000", "n001", "n002", "n003"}};
    static char entries[8 * 1024];
    size_t at = 0;
    for (int i = 0; i < 500; i++)
        at += (size_t)snprintf(entries + at, sizeof entries - at, "n%03d ", i);
    start();
    list_once(root_of(&f), entries);
    advance(&f, FIXTURE_TTL_MS);
    for (int i = 0; i < 4; i++) {
        expect_lookup(jumps[_i][i], jumps[_i][i]);
        if (_i == 2 && i == 1) {
            list_once(root_of(&f), entries);
            advance(&f, FIXTURE_TTL_MS);
        }
    }
    ck_assert_uint_eq(pages_asked(), _i == 2 ? 2 : 1);
    fixture_done(&f);
}
END_TEST

/* Who is further on than a page tells of asks by itself. */
START_TEST(behind_the_page)
{
    static char entries[16 * 1024];
    size_t at = 0;
    for (int i = 0; i < 1100; i++)
        at += (size_t)snprintf(entries + at, sizeof entries - at, "n%04d ", i);
    start();
    list_once(root_of(&f), entries);
    advance(&f, FIXTURE_TTL_MS);
    expect_lookup("n0000", "n0000");
    expect_lookup("n0001", "n0001");
    struct look first, last;
    page_for(&first, "n0002");
    look_start(&f, &last, root_of(&f), "n1001");
    ck_assert_uint_eq(lookups_asked(), 2);
    expect_lookup("n1002", "n1002");
    give("n0002", NULL);
    ck_assert(first.over && last.over);
    fixture_done(&f);
}
END_TEST

/* Several threads are a little out of order. */
START_TEST(nearly_in_order)
{
    start();
    list_once(root_of(&f), "a b c d e f g h i j");
    advance(&f, FIXTURE_TTL_MS);
    expect_lookup("b", "b");
    expect_lookup("a", "a");
    expect_lookup("d", "d");
    struct look c, g, h;
    page_for(&g, "g");
    look_start(&f, &h, root_of(&f), "h");
    look_start(&f, &c, root_of(&f), "c"); /* before the page */
    ck_assert_uint_eq(lookups_asked(), 4);
    give("g h i j", NULL);
    ck_assert(g.over && h.over && !c.over);
    scripted_found(lookup_request(), "c");
    settle(&f);
    fixture_done(&f);
}
END_TEST

/* As slowly as a page is of use to the next. */
START_TEST(slowly_in_order)
{
    start();
    list_once(root_of(&f), "a b c d");
    advance(&f, FIXTURE_TTL_MS);
    expect_lookup("a", "a");
    advance(&f, 2 * FIXTURE_TTL_MS - 1);
    expect_lookup("b", "b");
    advance(&f, 2 * FIXTURE_TTL_MS - 1);
    struct look c;
    page_for(&c, "c");
    give("c d", NULL);
    ck_assert(c.over);
    fixture_done(&f);
}
END_TEST

/* What a page has told of is passed by without a question: the next in order is what expires
 * anew or comes behind it. */
START_TEST(on_from_where_a_page_ended)
{
    static char entries[8 * 1024], page[8 * 1024];
    size_t at = 0, end = 0;
    for (int i = 0; i < 500; i++)
        at += (size_t)snprintf(entries + at, sizeof entries - at, "n%03d ", i);
    for (int i = 2; i < (_i ? 500 : 100); i++)
        end += (size_t)snprintf(page + end, sizeof page - end, "n%03d ", i);
    start();
    list_once(root_of(&f), entries);
    advance(&f, FIXTURE_TTL_MS);
    expect_lookup("n000", "n000");
    expect_lookup("n001", "n001");
    struct look look, next, far;
    page_for(&look, "n002");
    give(page, _i ? NULL : "MORE");
    ck_assert(look.over);
    advance(&f, FIXTURE_TTL_MS);
    if (_i) {
        page_for(&far, "n400");
        give("n400 n401", "MORE");
        ck_assert(far.over);
    } else {
        page_for(&next, "n150");
        give("n150 n151", "MORE");
        ck_assert(next.over);
        expect_lookup("n400", "n400");
    }
    fixture_done(&f);
}
END_TEST

/* ---- what goes meanwhile ---- */

START_TEST(forgotten_while_a_page_is_asked)
{
    start();
    uint32_t refs = root_of(&f)->refs;
    struct node *dir = look_up(&f, root_of(&f), "d", "d/");
    list_once(dir, "a b c d");
    advance(&f, FIXTURE_TTL_MS);
    forget(&f, look_up(&f, dir, "a", "a"));
    forget(&f, look_up(&f, dir, "b", "b"));
    struct look c, d;
    look_start(&f, &c, dir, "c");
    look_start(&f, &d, dir, "d");
    ck_assert_uint_eq(pages_asked(), 2);
    wait_stop(&c.wait.waiter);
    wait_stop(&d.wait.waiter);
    forget(&f, dir);
    if (_i == 1)
        advance(&f, 5000); /* nobody waits for it any more */
    else if (_i == 2)
        scripted_fail(page_request(), -EIO);
    if (_i < 2)
        scripted_page(page_request(), "c:v2 d", NULL);
    settle(&f);
    ck_assert_uint_eq(scripted_waiting(&f.source), 0);
    ck_assert_uint_eq(root_of(&f)->refs, refs);
    fixture_done(&f);
}
END_TEST

START_TEST(unmounted_while_a_page_is_asked)
{
    start();
    walk_on("a b c d", "a", "b");
    struct look c;
    page_for(&c, "c");
    fixture_done(&f);
    ck_assert_int_eq(c.status, -ECANCELED);
}
END_TEST

START_TEST(out_of_memory_for_a_page)
{
    int paged = 0;
    for (long after = 0; after < 40; after++) {
        start();
        walk_on("a b c d e", "a", "b");
        struct look c;
        alloc_fail_after(after);
        look_start(&f, &c, root_of(&f), "c");
        alloc_fail_after(-1);
        bool page = !c.over && scripted_last(&f.source)->kind == SCRIPTED_LIST;
        paged += page;
        if (page)
            scripted_page(page_request(), "c d:v2 e/", NULL);
        else if (!c.over)
            scripted_found(lookup_request(), "c");
        alloc_fail_after(after);
        mailbox_deliver(f.mailbox);
        alloc_fail_after(-1);
        ck_assert(c.over);
        if (c.status < 0)
            ck_assert_int_eq(c.status, -ENOMEM);
        fixture_done(&f);
    }
    ck_assert_int_gt(paged, 20);
}
END_TEST

SUITE_MAIN("fs/tree_confirm", tcase_add_test(tc, a_walk_is_confirmed_by_pages);
           tcase_add_test(tc, a_page_corrects); tcase_add_test(tc, names_at_the_ends_of_a_page);
           tcase_add_test(tc, a_page_corrects_what_was_looked_up);
           tcase_add_loop_test(tc, a_directory_that_became_a_file, 0, 2);
           tcase_add_loop_test(tc, a_directory_far_behind_its_file, 0, 2);
           tcase_add_loop_test(tc, a_page_that_fails, 0, 6);
           tcase_add_test(tc, a_page_that_stalls); tcase_add_test(tc, lookups_beside_a_page);
           tcase_add_loop_test(tc, a_page_is_as_old_as_it_says, 0, 2);
           tcase_add_loop_test(tc, a_page_is_newer_than_a_lookup, 0, 2);
           tcase_add_loop_test(tc, no_page_without_need, 0, 4);
           tcase_add_test(tc, nearly_in_order); tcase_add_loop_test(tc, not_in_order, 0, 3);
           tcase_add_test(tc, behind_the_page); tcase_add_test(tc, slowly_in_order);
           tcase_add_loop_test(tc, on_from_where_a_page_ended, 0, 2);
           tcase_add_loop_test(tc, forgotten_while_a_page_is_asked, 0, 3);
           tcase_add_test(tc, unmounted_while_a_page_is_asked);
           tcase_add_test(tc, out_of_memory_for_a_page));
