#include "unit/fs/fixture.h"

#include <errno.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static struct fixture f;

static void start(void)
{
    fixture_init(&f);
    fixture_start(&f);
}

/* ---- open ---- */

START_TEST(open_waits_for_the_head)
{
    start();
    struct node *node = file_node(&f, "big", "v1", 50 * MIB);
    f.now_ns += 7 * NS_PER_SEC;
    int64_t asked_ns = f.now_ns;
    struct opening o;
    open_start(&f, &o, node);
    ck_assert(!o.over);
    struct scripted *s = read_request(&f);
    check_request(s, 0, FILE_FIRST);
    ck_assert_uint_eq(s->size, 50 * MIB);
    ck_assert_str_eq(s->path, "big");
    ck_assert_str_eq(s->etag, "v1");
    ck_assert_int_eq(s->timeout_ms, 60000);
    ck_assert(!file_at_hand(node->file));
    advance(&f, 100);
    ck_assert(!o.over);
    scripted_open(s);
    settle(&f);
    ck_assert(o.over);
    ck_assert_int_eq(o.status, 0);
    ck_assert_int_eq(node->confirmed_ns, asked_ns);
    ck_assert(file_at_hand(node->file));
    ck_assert_uint_eq(reads_asked(&f), 1);
    scripted_finish(s);
    settle(&f);
    ck_assert(file_at_hand(node->file));
    handle_free(o.handle, 0);
    ck_assert_ptr_null(node->file);
    files_done(&f);
}
END_TEST

START_TEST(small_file_is_one_request)
{
    static const uint64_t sizes[] = {1,      100,           PAGE_BYTES, PAGE_BYTES + 1,
                                     700000, FILE_WHOLE_MAX};
    start();
    uint64_t size = sizes[_i];
    struct node *node = file_node(&f, "small", "v1", size);
    struct opening o;
    open_start(&f, &o, node);
    struct scripted *s = read_request(&f);
    check_request(s, 0, size);
    scripted_open(s);
    settle(&f);
    ck_assert(o.over);
    /* Nobody sees a byte before the whole was verified. */
    struct reading first = {0};
    uint64_t at = size < 4 * KIB ? size : 4 * KIB;
    reading_start(&f, &first, o.handle, 0, at);
    for (uint64_t filled = 0; filled < size; filled += PAGE_BYTES) {
        scripted_fill(s);
        settle(&f);
        ck_assert(!first.over);
    }
    scripted_finish(s);
    settle(&f);
    ck_assert(first.over);
    ck_assert_int_eq(first.status, 0);
    for (; at < size; at += 4 * KIB) {
        struct reading r = {0};
        reading_start(&f, &r, o.handle, at, size - at < 4 * KIB ? size - at : 4 * KIB);
        ck_assert(r.over);
        ck_assert_int_eq(r.status, 0);
    }
    ck_assert_uint_eq(reads_asked(&f), 1);
    ck_assert(node->read_through);
    ck_assert_uint_eq(f.fs.pages->used, 0);
    handle_free(o.handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(empty_file_is_at_hand)
{
    start();
    struct node *node = file_node(&f, "empty", "v1", 0);
    struct handle *handle = open_now(&f, node);
    ck_assert(file_at_hand(node->file));
    struct open_wait wait = {.status = 1};
    ck_assert_int_eq(file_open(node->file, &wait), 0);
    ck_assert_uint_eq(reads_asked(&f), 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(open_at_hand_does_not_wait)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 5 * MIB);
    struct handle *first = open_whole(&f, node);
    struct opening o;
    open_start(&f, &o, node);
    ck_assert(o.over);
    ck_assert_int_eq(o.status, 0);
    ck_assert_uint_eq(reads_asked(&f), 1);
    handle_free(o.handle, 0);
    handle_free(first, 0);
    files_done(&f);
}
END_TEST

START_TEST(opens_share_a_request)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 5 * MIB);
    struct opening o[3];
    for (int i = 0; i < 3; i++)
        open_start(&f, &o[i], node);
    ck_assert_uint_eq(reads_asked(&f), 1);
    /* One loses patience. */
    wait_stop(&o[1].wait.waiter);
    handle_free(o[1].handle, 2000);
    scripted_open(read_request(&f));
    settle(&f);
    ck_assert(o[0].over && !o[1].over && o[2].over);
    handle_free(o[0].handle, 0);
    handle_free(o[2].handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(open_fails)
{
    static const int statuses[] = {-EACCES, -ENOENT, -ESTALE, -EIO, -ETIMEDOUT};
    start();
    int status = statuses[_i];
    struct node *node = file_node(&f, "x", "v1", 5 * MIB);
    struct handle *other = open_now(&f, node);
    struct opening o[3];
    open_start(&f, &o[0], node);
    open_start(&f, &o[1], node);
    scripted_fail(read_request(&f), status);
    settle(&f);
    for (int i = 0; i < 2; i++) {
        ck_assert(o[i].over);
        ck_assert_int_eq(o[i].status, status);
    }
    bool gone = status == -ENOENT || status == -ESTALE;
    ck_assert_int_eq(node_fresh_ms(&f.fs, node) == 0, gone);
    ck_assert_ptr_nonnull(node->extra->failure);
    /* At once once more: the same answer, nobody is asked. */
    open_start(&f, &o[2], node);
    ck_assert(o[2].over);
    ck_assert_int_eq(o[2].status, status);
    ck_assert_uint_eq(reads_asked(&f), 1);
    advance(&f, 1000);
    open_start(&f, &o[2], node);
    ck_assert(!o[2].over);
    scripted_open(read_request(&f));
    settle(&f);
    ck_assert_int_eq(o[2].status, 0);
    ck_assert_int_ne(node_fresh_ms(&f.fs, node), 0);
    handle_free(o[2].handle, 0);
    handle_free(other, 0);
    files_done(&f);
}
END_TEST

/* The only handles are those that the failure frees. */
START_TEST(open_fails_and_the_file_goes)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 100);
    struct opening o[2];
    open_start(&f, &o[0], node);
    open_start(&f, &o[1], node);
    scripted_fail(read_request(&f), -EIO);
    settle(&f);
    ck_assert(o[0].over && o[1].over);
    ck_assert_ptr_null(node->file);
    files_done(&f);
}
END_TEST

/* ---- closing ---- */

START_TEST(last_close_cancels)
{
    start();
    struct node *node = file_node(&f, "x", "v1", MIB);
    struct opening o;
    open_start(&f, &o, node);
    struct scripted *s = read_request(&f);
    scripted_fill(s);
    settle(&f);
    f.source.slow_cancel = true;
    handle_free(o.handle, 0);
    ck_assert(s->cancelled);
    ck_assert_ptr_nonnull(node->file);
    /* What was on its way may still come. */
    scripted_fill(s);
    settle(&f);
    ck_assert_ptr_nonnull(node->file);
    scripted_fail(s, -ECANCELED);
    settle(&f);
    ck_assert_ptr_null(node->file);
    ck_assert_ptr_null(node->extra); /* nothing failed */
    files_done(&f);
}
END_TEST

START_TEST(reopened_while_it_winds_down)
{
    start();
    struct node *node = file_node(&f, "x", "v1", MIB);
    struct opening o, again;
    open_start(&f, &o, node);
    struct scripted *old = read_request(&f);
    f.source.slow_cancel = true;
    wait_stop(&o.wait.waiter);
    handle_free(o.handle, 0);
    open_start(&f, &again, node);
    ck_assert_uint_eq(reads_asked(&f), 2);
    struct scripted *new = scripted_last(&f.source);
    check_request(new, 0, MIB);
    scripted_fail(old, -ECANCELED);
    settle(&f);
    ck_assert(!again.over);
    scripted_open(new);
    settle(&f);
    ck_assert_int_eq(again.status, 0);
    ck_assert(again.over);
    scripted_finish(new);
    settle(&f);
    read_now(&f, again.handle, 0, MIB);
    ck_assert_uint_eq(reads_asked(&f), 2);
    handle_free(again.handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(lingers)
{
    start();
    struct node *node = file_node(&f, "x", "v1", MIB);
    struct opening o;
    /* A signal ends the wait; the second try finds what the first has asked for. */
    open_start(&f, &o, node);
    wait_stop(&o.wait.waiter);
    handle_free(o.handle, 2000);
    ck_assert(!read_request(&f)->cancelled);
    advance(&f, 1000);
    scripted_finish(read_request(&f));
    settle(&f);
    ck_assert_ptr_nonnull(node->file);
    struct handle *handle = open_now(&f, node);
    ck_assert(file_at_hand(node->file));
    advance(&f, 5000);
    read_now(&f, handle, 0, MIB);
    ck_assert_uint_eq(reads_asked(&f), 1);
    handle_free(handle, 0);
    ck_assert_ptr_null(node->file);
    /* No second try. */
    node = file_node(&f, "y", "v1", MIB);
    open_start(&f, &o, node);
    wait_stop(&o.wait.waiter);
    handle_free(o.handle, 2000);
    advance(&f, 1999);
    ck_assert(!scripted_last(&f.source)->cancelled);
    advance(&f, 1);
    ck_assert(scripted_last(&f.source)->cancelled);
    ck_assert_ptr_null(node->file);
    files_done(&f);
}
END_TEST

START_TEST(end_while_it_lingers)
{
    start();
    struct node *node = file_node(&f, "x", "v1", MIB);
    struct opening o;
    open_start(&f, &o, node);
    wait_stop(&o.wait.waiter);
    handle_free(o.handle, 2000);
    fixture_done(&f);
}
END_TEST

START_TEST(end_with_open_files)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 64 * MIB);
    open_whole(&f, node);
    struct handle *handle = open_now(&f, node);
    struct reading r = {0};
    reading_start(&f, &r, handle, 20 * MIB, 4 * KIB);
    file_read_abandon(&r.wait, EINTR);
    fixture_done(&f);
}
END_TEST

/* ---- callbacks that change what is being walked ---- */

static struct handle *to_free;

static void ready_frees(struct waiter *waiter)
{
    struct read_wait *wait = CONTAINER_OF(waiter, struct read_wait, waiter);
    struct reading *r = CONTAINER_OF(wait, struct reading, wait);
    r->over = true;
    r->status = wait->status;
    handle_free(STEAL(to_free), 0);
}

START_TEST(ready_frees_the_last_handle)
{
    /* The way in which the read is answered: filled, done, failed, by a deadline, by memory. */
    start();
    struct node *node = file_node(&f, "x", "v1", _i == 1 ? 100 : MIB);
    struct reading r = {0}, other = {0};
    struct handle *handle = open_now(&f, node);
    to_free = handle;
    reading_start(&f, &r, handle, 0, 100);
    r.wait.waiter.ready = ready_frees;
    struct scripted *s = read_request(&f);
    switch (_i) {
    case 0:
        scripted_fill(s);
        scripted_finish(s);
        break;
    case 1:
        scripted_finish(s);
        break;
    case 2:
        scripted_fail(s, -EIO);
        break;
    default:
        reading_start(&f, &other, handle, 0, 50);
        file_read_abandon(&other.wait, ETIMEDOUT);
        break;
    }
    settle(&f);
    ck_assert(r.over);
    ck_assert_ptr_null(node->file);
    files_done(&f);
}
END_TEST

START_TEST(ready_starts_reads)
{
    start();
    struct node *node = file_node(&f, "big", "v1", 64 * MIB);
    struct handle *handle = open_whole(&f, node);
    static struct reading r[50];
    memset(r, 0, sizeof r);
    for (uint64_t i = 0; i < 50; i++) {
        r[i].wait.handle = handle;
        r[i].wait.offset = 10 * MIB + i * 70000;
        r[i].wait.len = 70000;
        if (i + 1 < 50)
            r[i].then = &r[i + 1];
    }
    reading_start(&f, &r[0], handle, r[0].wait.offset, r[0].wait.len);
    answer_reads(&f);
    for (int i = 0; i < 50; i++) {
        ck_assert(r[i].over);
        ck_assert_int_eq(r[i].status, 0);
    }
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

SUITE_MAIN("fs/file", tcase_add_test(tc, open_waits_for_the_head);
           tcase_add_loop_test(tc, small_file_is_one_request, 0, 6);
           tcase_add_test(tc, empty_file_is_at_hand);
           tcase_add_test(tc, open_at_hand_does_not_wait);
           tcase_add_test(tc, opens_share_a_request); tcase_add_loop_test(tc, open_fails, 0, 5);
           tcase_add_test(tc, open_fails_and_the_file_goes);
           tcase_add_test(tc, last_close_cancels);
           tcase_add_test(tc, reopened_while_it_winds_down); tcase_add_test(tc, lingers);
           tcase_add_test(tc, end_while_it_lingers); tcase_add_test(tc, end_with_open_files);
           tcase_add_loop_test(tc, ready_frees_the_last_handle, 0, 4);
           tcase_add_test(tc, ready_starts_reads));
