#include "unit/fs/names.h"

#include "fs/failure.h"

#include <errno.h>
#include <stdio.h>

/* ---- names asked one by one ---- */

START_TEST(lookup_asks_once_for_the_ttl)
{
    start();
    struct node *node = look_up(&f, root_of(&f), "x", "x:v1:5");
    ck_assert_str_eq(scripted_last(&f.source)->path, "x");
    ck_assert_uint_eq(node->size, 5);
    advance(&f, FIXTURE_TTL_MS - 1);
    ck_assert_ptr_eq(known("x"), node);
    ck_assert_uint_eq(lookups_asked(), 1);
    advance(&f, 1);
    ck_assert_ptr_eq(look_up(&f, root_of(&f), "x", "x:v1:5"), node);
    ck_assert_uint_eq(lookups_asked(), 2);
    ck_assert_ptr_eq(known("x"), node);
    fixture_done(&f);
}
END_TEST

/* The age of an answer is that of its question. */
START_TEST(slow_lookup_is_old_already)
{
    start();
    struct look look;
    look_start(&f, &look, root_of(&f), "x");
    advance(&f, FIXTURE_TTL_MS - 100);
    scripted_found(lookup_request(), "x");
    settle(&f);
    ck_assert_int_eq(look.status, 0);
    ck_assert_int_eq(node_fresh_ms(&f.fs, look.node), 100);
    fixture_done(&f);
}
END_TEST

START_TEST(absence_is_remembered)
{
    start();
    look_up(&f, root_of(&f), "x", NULL);
    ck_assert_int_eq(known_status("x"), -ENOENT);
    ck_assert_int_eq(tree_absent_ms(&f.fs, root_of(&f), PAIL_STR("x")), FIXTURE_NEGATIVE_MS);
    advance(&f, FIXTURE_NEGATIVE_MS - 1);
    ck_assert_int_eq(known_status("x"), -ENOENT);
    ck_assert_int_eq(tree_absent_ms(&f.fs, root_of(&f), PAIL_STR("x")), 1);
    ck_assert_uint_eq(lookups_asked(), 1);
    advance(&f, 1);
    ck_assert_int_eq(tree_absent_ms(&f.fs, root_of(&f), PAIL_STR("x")), 0);
    struct node *node = look_up(&f, root_of(&f), "x", "x");
    ck_assert_ptr_eq(known("x"), node);
    ck_assert_int_eq(tree_absent_ms(&f.fs, root_of(&f), PAIL_STR("x")), 0);
    fixture_done(&f);
}
END_TEST

START_TEST(indefinite_ttl)
{
    start_with(-1);
    struct node *node = look_up(&f, root_of(&f), "x", "x");
    list_once(look_up(&f, root_of(&f), "d", "d/"), "a b");
    look_up(&f, root_of(&f), "y", NULL);
    advance(&f, 1000000000);
    ck_assert_ptr_eq(known("x"), node);
    ck_assert_int_eq(known_status("y"), -ENOENT);
    ck_assert_int_eq(tree_absent_ms(&f.fs, root_of(&f), PAIL_STR("y")), -1);
    struct node *dir = known("d"), *a;
    ck_assert_int_eq(look_known(&f, dir, "a", &a), 0);
    ck_assert_int_eq(look_known(&f, dir, "c", NULL), -ENOENT);
    size_t asked = f.source.count;
    struct listing *l = read_start(&f, dir);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    listing_reader_gone(l);
    ck_assert_uint_eq(f.source.count, asked);
    fixture_done(&f);
}
END_TEST

START_TEST(zero_ttl_asks_always)
{
    start_with(0);
    struct node *node = look_up(&f, root_of(&f), "x", "x");
    ck_assert_ptr_eq(look_up(&f, root_of(&f), "x", "x"), node);
    ck_assert_ptr_eq(look_up(&f, root_of(&f), "x", "x"), node);
    ck_assert_uint_eq(lookups_asked(), 3);
    for (int i = 1; i <= 3; i++) {
        list_once(root_of(&f), "x y");
        ck_assert_uint_eq(f.source.asked[SCRIPTED_LIST], (size_t)i);
    }
    ck_assert_ptr_eq(look_up(&f, root_of(&f), "x", "x"), node);
    fixture_done(&f);
}
END_TEST

START_TEST(lookups_of_one_name_share)
{
    start();
    struct look looks[3], other;
    for (int i = 0; i < 3; i++)
        look_start(&f, &looks[i], root_of(&f), "x");
    look_start(&f, &other, root_of(&f), "y");
    ck_assert_uint_eq(lookups_asked(), 2);
    wait_stop(&looks[1].wait.waiter);
    scripted_found(lookup_request(), "x");
    settle(&f);
    ck_assert(looks[0].over && !looks[1].over && looks[2].over && !other.over);
    ck_assert_ptr_eq(looks[0].node, looks[2].node);
    ck_assert_uint_eq(looks[0].node->lookups, 2);
    scripted_fail(lookup_request(), -EACCES);
    settle(&f);
    ck_assert_int_eq(other.status, -EACCES);
    /* A failure is not remembered for the next. */
    ck_assert_int_eq(known_status("y"), -EINPROGRESS);
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    ck_assert_int_eq(known_status("y"), -ENOENT);
    fixture_done(&f);
}
END_TEST

START_TEST(lookup_fails)
{
    start();
    struct look look;
    look_start(&f, &look, root_of(&f), "x");
    scripted_fail(lookup_request(), -EBUSY);
    settle(&f);
    ck_assert_int_eq(look.status, -EBUSY);
    ck_assert_str_eq(
        failure_of(root_of(&f)),
        "lookup /x (s3://bucket/x): EBUSY: Scripted: as the test wants it (Operation, "
        "status 500, request id ID, 3 attempts, 0 ms)");
    fixture_done(&f);
}
END_TEST

START_TEST(names_too_long)
{
    start();
    static char name[SOURCE_NAME_MAX + 2];
    memset(name, 'x', sizeof name - 1);
    ck_assert_int_eq(look_known(&f, root_of(&f), name, NULL), -ENAMETOOLONG);
    name[SOURCE_NAME_MAX] = '\0';
    ck_assert_int_eq(look_known(&f, root_of(&f), name, NULL), -EINPROGRESS);
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    /* A path of them. */
    struct node *dir = root_of(&f);
    name[SOURCE_NAME_MAX - 1] = '/';
    for (int i = 0; i < 7; i++) {
        char entry[SOURCE_NAME_MAX + 1];
        memcpy(entry, name, sizeof entry);
        name[SOURCE_NAME_MAX - 1] = '\0';
        dir = look_up(&f, dir, name, entry);
        name[SOURCE_NAME_MAX - 1] = '/';
    }
    name[SOURCE_NAME_MAX - 1] = 'x';
    ck_assert_int_eq(look_known(&f, dir, name, NULL), -EINPROGRESS);
    scripted_found(lookup_request(), "x/");
    settle(&f);
    struct node *last;
    ck_assert_int_eq(look_known(&f, dir, name, &last), 0);
    node_kernel_ref(&f.fs, last);
    ck_assert_int_eq(look_known(&f, last, name, NULL), -ENAMETOOLONG);
    fixture_done(&f);
}
END_TEST

/* ---- versions ---- */

START_TEST(versions_and_types_get_new_nodes)
{
    static const struct {
        const char *before, *after;
        bool same;
    } cases[] = {
        {"x:v1:5", "x:v1:5", true}, {"x:v1:5", "x:v2:5", false}, {"x:v1:5", "x:v1:6", false},
        {"x/", "x/", true},         {"x:v1:5", "x/", false},     {"x/", "x:v1:5", false},
        {"x:v1:5", NULL, false},    {"x/", NULL, false},
    };
    /* Asked one by one both times, listed both times, and one then the other. */
    start();
    const char *before = cases[_i / 4].before, *after = cases[_i / 4].after;
    struct node *old, *new = NULL;
    if (_i & 1)
        old = look_up(&f, root_of(&f), "x", before);
    else {
        list_once(root_of(&f), before);
        old = look_up(&f, root_of(&f), "x", before);
    }
    uint64_t ino = old->ino;
    advance(&f, FIXTURE_TTL_MS);
    if (_i & 2) {
        new = look_up(&f, root_of(&f), "x", after);
    } else {
        list_once(root_of(&f), after ? after : "");
        struct look look;
        look_start(&f, &look, root_of(&f), "x");
        ck_assert(look.over);
        ck_assert_int_eq(look.status, after ? 0 : -ENOENT);
        new = look.node;
    }
    ck_assert_int_eq(old == new, cases[_i / 4].same);
    ck_assert_int_eq(old->superseded, !cases[_i / 4].same);
    if (new &&new != old)
        ck_assert_uint_gt(new->ino, ino);
    if (new)
        ck_assert(!new->superseded);
    ck_assert_ptr_eq(known("x"), new);
    forget(&f, old);
    ck_assert_ptr_eq(known("x"), new);
    fixture_done(&f);
}
END_TEST

START_TEST(distrusted_name_is_asked_again)
{
    start();
    list_once(root_of(&f), "x y");
    struct node *node = known("x");
    node_kernel_ref(&f.fs, node);
    advance(&f, 10);
    tree_distrust(&f.fs, node);
    ck_assert_ptr_nonnull(known("y"));
    advance(&f, 10);
    struct node *new = look_up(&f, root_of(&f), "x", "x:v2");
    ck_assert_ptr_ne(new, node);
    ck_assert(node->superseded);
    ck_assert_ptr_eq(known("x"), new);
    /* Refuted, and then found unchanged. */
    tree_distrust(&f.fs, new);
    advance(&f, 10);
    ck_assert_ptr_eq(look_up(&f, root_of(&f), "x", "x:v2"), new);
    ck_assert_ptr_eq(known("x"), new);
    fixture_done(&f);
}
END_TEST

/* user.pail.error is the name's: it outlives the version, and the kernel's interest. */
START_TEST(failure_stays_with_the_name)
{
    start();
    struct node *node = look_up(&f, root_of(&f), "x", "x:v1");
    failure_note(&f.fs, node, "read", -EIO, NULL);
    forget(&f, node);
    ck_assert_ptr_eq(known("x"), node);
    tree_distrust(&f.fs, node);
    advance(&f, 10);
    struct node *new = look_up(&f, root_of(&f), "x", "x:v2");
    ck_assert_ptr_ne(new, node);
    ck_assert_str_eq(failure_of(new), "read /x (s3://bucket/x): EIO");
    forget(&f, new);
    fixture_done(&f);
}
END_TEST

/* ---- forgetting ---- */

START_TEST(forgotten_directory_releases_everything)
{
    start();
    uint32_t refs = root_of(&f)->refs;
    struct node *dir = look_up(&f, root_of(&f), "d", "d/");
    list_once(dir, "a b sub/");
    struct node *sub = look_up(&f, dir, "sub", "sub/");
    struct node *file = look_up(&f, sub, "x", "x");
    look_up(&f, sub, "y", NULL);
    look_up(&f, dir, "z", NULL);
    forget(&f, file);
    forget(&f, sub);
    advance(&f, FIXTURE_TTL_MS);
    forget(&f, dir);
    /* Nothing of it is left, not even its name in the root, which is never forgotten. */
    ck_assert_uint_eq(root_of(&f)->refs, refs);
    ck_assert_ptr_null(root_of(&f)->directory ? root_of(&f)->directory->known : NULL);
    fixture_done(&f);
}
END_TEST

START_TEST(forgotten_while_it_is_listed)
{
    start();
    uint32_t refs = root_of(&f)->refs;
    struct node *dir = look_up(&f, root_of(&f), "d", "d/");
    struct listing *l = read_start(&f, dir);
    listing_reader_gone(l);
    advance(&f, FIXTURE_TTL_MS);
    forget(&f, dir);
    give("a b sub/", _i ? "MORE" : NULL);
    ck_assert_uint_eq(scripted_waiting(&f.source), 0);
    ck_assert_uint_eq(root_of(&f)->refs, refs);
    fixture_done(&f);
}
END_TEST

START_TEST(forgotten_while_a_name_is_asked)
{
    static const char *const found[] = {"x", "x/", NULL};
    start();
    uint32_t refs = root_of(&f)->refs;
    struct node *dir = look_up(&f, root_of(&f), "d", "d/");
    list_once(dir, "a b");
    struct look look;
    look_start(&f, &look, dir, "x");
    if (look.over) { /* the listing says absent */
        advance(&f, FIXTURE_NEGATIVE_MS);
        look_start(&f, &look, dir, "x");
    }
    wait_stop(&look.wait.waiter);
    advance(&f, FIXTURE_TTL_MS);
    forget(&f, dir);
    if (found[_i])
        scripted_found(lookup_request(), found[_i]);
    else
        scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    ck_assert_uint_eq(root_of(&f)->refs, refs);
    fixture_done(&f);
}
END_TEST

START_TEST(forgotten_name_of_a_listing_stays_listed)
{
    start();
    list_once(root_of(&f), "a b");
    struct node *a = look_up(&f, root_of(&f), "a", "a");
    forget(&f, a);
    ck_assert_ptr_eq(known("a"), a);
    fixture_done(&f);
}
END_TEST

/* ---- callbacks ---- */

struct chain {
    struct name_wait wait;
    struct node *dir;
    int rounds;
    bool forget;
};

static void chain_ready(struct waiter *waiter)
{
    struct name_wait *wait = CONTAINER_OF(waiter, struct name_wait, waiter);
    struct chain *c = CONTAINER_OF(wait, struct chain, wait);
    struct node *node;
    if (c->forget) {
        node_forget(&f.fs, c->dir, 1);
        return;
    }
    if (--c->rounds > 0)
        MUST(tree_lookup(&f.fs, c->dir, PAIL_STR("x"), wait, &node) == -EINPROGRESS);
}

START_TEST(asked_again_inside_ready)
{
    start_with(0);
    struct chain c = {.wait.waiter.ready = chain_ready, .dir = root_of(&f), .rounds = 3};
    struct node *node;
    ck_assert_int_eq(tree_lookup(&f.fs, c.dir, PAIL_STR("x"), &c.wait, &node), -EINPROGRESS);
    for (int i = 0; i < 3; i++) {
        scripted_found(lookup_request(), "x");
        settle(&f);
    }
    ck_assert_int_eq(c.rounds, 0);
    ck_assert_uint_eq(lookups_asked(), 3);
    fixture_done(&f);
}
END_TEST

START_TEST(directory_forgotten_inside_ready)
{
    start();
    struct node *dir = look_up(&f, root_of(&f), "d", "d/"), *node;
    struct chain c = {.wait.waiter.ready = chain_ready, .dir = dir, .forget = true};
    ck_assert_int_eq(tree_lookup(&f.fs, dir, PAIL_STR("x"), &c.wait, &node), -EINPROGRESS);
    scripted_found(lookup_request(), "x");
    settle(&f);
    fixture_done(&f);
}
END_TEST

/* ---- out of memory ---- */

START_TEST(out_of_memory)
{
    int failed = 0, found = 0;
    for (long after = 0; after < 30; after++) {
        start();
        struct look look = {.f = &f};
        alloc_fail_after(after);
        look_start(&f, &look, root_of(&f), "x");
        alloc_fail_after(-1);
        if (!look.over) {
            scripted_found(lookup_request(), "x");
            alloc_fail_after(after);
            mailbox_deliver(f.mailbox);
            alloc_fail_after(-1);
        }
        ck_assert(look.over);
        if (look.status < 0)
            ck_assert_int_eq(look.status, -ENOMEM);
        failed += look.status < 0;
        found += look.status == 0;
        /* And it goes on afterwards. */
        look_up(&f, root_of(&f), "x", "x");
        look_up(&f, root_of(&f), "y", NULL);
        fixture_done(&f);
    }
    ck_assert(failed > 2 && found > 2);
}
END_TEST

/* The table of known names grows: without memory for that a name is not remembered. */
START_TEST(out_of_memory_for_known_names)
{
    start();
    for (int i = 0; i < 600; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        struct look look;
        look_start(&f, &look, root_of(&f), name);
        ck_assert(!look.over);
        scripted_found(lookup_request(), name);
        alloc_fail_after(i % 4);
        mailbox_deliver(f.mailbox);
        alloc_fail_after(-1);
        ck_assert(look.over);
    }
    fixture_done(&f);
}
END_TEST

SUITE_MAIN("fs/tree", tcase_add_test(tc, lookup_asks_once_for_the_ttl);
           tcase_add_test(tc, slow_lookup_is_old_already);
           tcase_add_test(tc, absence_is_remembered); tcase_add_test(tc, indefinite_ttl);
           tcase_add_test(tc, zero_ttl_asks_always);
           tcase_add_test(tc, lookups_of_one_name_share); tcase_add_test(tc, lookup_fails);
           tcase_add_test(tc, names_too_long);
           tcase_add_loop_test(tc, versions_and_types_get_new_nodes, 0, 32);
           tcase_add_test(tc, distrusted_name_is_asked_again);
           tcase_add_test(tc, failure_stays_with_the_name);
           tcase_add_test(tc, forgotten_directory_releases_everything);
           tcase_add_loop_test(tc, forgotten_while_it_is_listed, 0, 2);
           tcase_add_loop_test(tc, forgotten_while_a_name_is_asked, 0, 3);
           tcase_add_test(tc, forgotten_name_of_a_listing_stays_listed);
           tcase_add_test(tc, asked_again_inside_ready);
           tcase_add_test(tc, directory_forgotten_inside_ready);
           tcase_add_test(tc, out_of_memory);
           tcase_add_test(tc, out_of_memory_for_known_names));
