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

static struct handle *open_big(void)
{
    return open_whole(&f, file_node(&f, "big", "v1", 64 * MIB));
}

/* Opening a file of one part, of which so many pages are on the way: its request. */
static struct scripted *open_part(struct opening *o, int pages)
{
    open_start(&f, o, file_node(&f, "x", "v1", MIB));
    struct scripted *s = read_request(&f);
    for (int i = 0; i < pages; i++)
        scripted_fill(s);
    return s;
}

START_TEST(failed_range_is_answered_once_more)
{
    start();
    struct handle *handle = open_big();
    struct reading r = {0};
    reading_start(&f, &r, handle, 20 * MIB, 128 * KIB);
    size_t asked = reads_asked(&f);
    scripted_fail(read_request(&f), -EIO);
    settle(&f);
    ck_assert_int_eq(r.status, -EIO);
    ck_assert_str_eq(
        failure_of(handle->file->node),
        "read /big (s3://bucket/big bytes 20971520-21102591): EIO: Scripted: as the test "
        "wants it (Operation, status 500, request id ID, 3 attempts, 0 ms)");
    /* The kernel asks again, also for a page of it. */
    reading_start(&f, &r, handle, 20 * MIB + 4 * KIB, 4 * KIB);
    ck_assert(r.over);
    ck_assert_int_eq(r.status, -EIO);
    ck_assert_uint_eq(reads_asked(&f), asked);
    /* Beside it nothing failed. */
    struct handle *beside = open_now(&f, handle->file->node);
    read_now(&f, beside, 20 * MIB + 128 * KIB, 128 * KIB);
    handle_free(beside, 0);
    beside = open_now(&f, handle->file->node);
    read_now(&f, beside, 20 * MIB - 128 * KIB, 128 * KIB);
    handle_free(beside, 0);
    advance(&f, 999);
    reading_start(&f, &r, handle, 20 * MIB, 4 * KIB);
    ck_assert_int_eq(r.status, -EIO);
    advance(&f, 1);
    read_now(&f, handle, 20 * MIB, 128 * KIB);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* A second ask is answered as the first, without a request; who tries again has it fetched. */
static void ask_again(struct reading *r, struct handle *handle, uint64_t at, int status)
{
    size_t asked = reads_asked(&f);
    *r = (struct reading){0};
    reading_start(&f, r, handle, at, 4 * KIB);
    ck_assert_int_eq(r->over, status < 0);
    ck_assert_int_eq(r->status, status < 0 ? status : r->status);
    ck_assert_uint_eq(reads_asked(&f), asked + (status == 0));
}

/* However late the kernel comes to ask once more, on a machine that is busy. `_i`: the failure
 * is the source's, or the read's deadline. */
START_TEST(second_ask_may_be_late)
{
    static const struct {
        int64_t late_ms;
        bool owed;
    } cases[] = {{1000, true}, {10000, true}, {59999, true}, {60000, false}};
    start();
    struct handle *handle = open_big();
    int failure = _i ? -ETIMEDOUT : -EIO;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        /* Reading ahead comes as several reads. */
        uint64_t at = (10 + 10 * i) * MIB;
        struct reading ahead[2] = {0}, r;
        for (size_t k = 0; k < 2; k++)
            reading_start(&f, &ahead[k], handle, at + k * 128 * KIB, 128 * KIB);
        for (size_t k = 0; k < 2 && _i; k++)
            file_read_abandon(&ahead[k].wait, ETIMEDOUT);
        while (!_i && !(ahead[0].over && ahead[1].over)) {
            scripted_fail(read_request(&f), failure);
            settle(&f);
        }
        settle(&f);
        struct handle *other = open_now(&f, handle->file->node);
        advance(&f, cases[i].late_ms);
        if (cases[i].owed)
            ask_again(&r, handle, at + 4 * KIB, failure);
        /* Not a second time, and not whom it did not fail. */
        ask_again(&r, handle, at + 4 * KIB, 0);
        answer_reads(&f);
        read_now(&f, other, at + 128 * KIB, 4 * KIB);
        handle_free(other, 0);
    }
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* The kernel keeps a page that it could not read: when somebody tries again it asks for that
 * page alone, and once. */
START_TEST(tries_of_a_user_are_tries)
{
    start();
    struct handle *handle = open_big();
    struct reading r = {0};
    reading_start(&f, &r, handle, 20 * MIB, 128 * KIB);
    scripted_fail(read_request(&f), -EIO);
    settle(&f);
    ask_again(&r, handle, 20 * MIB, -EIO);
    for (int i = 0; i < 3; i++) {
        advance(&f, 1000);
        ask_again(&r, handle, 20 * MIB, 0);
        scripted_fail(read_request(&f), -EIO);
        settle(&f);
        ck_assert_int_eq(r.status, -EIO);
    }
    advance(&f, 1000);
    ask_again(&r, handle, 20 * MIB, 0);
    answer_reads(&f);
    ck_assert_int_eq(r.status, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(want_of_memory_is_not_owed)
{
    start();
    struct handle *handle = open_big();
    handle_owe(handle, 20 * MIB, 128 * KIB, -ENOMEM);
    ck_assert_int_eq(handle_pay(handle, 20 * MIB), 0);
    handle_owe(handle, 20 * MIB, 128 * KIB, -EIO);
    ck_assert_int_eq(handle_pay(handle, 20 * MIB + 128 * KIB), 0);
    ck_assert_int_eq(handle_pay(handle, 20 * MIB + 128 * KIB - 1), -EIO);
    ck_assert_int_eq(handle_pay(handle, 20 * MIB), 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* A second ask does not wait for what others have fetched meanwhile: it would be a deadline of
 * its own. What is there it is given. */
START_TEST(second_ask_does_not_wait)
{
    start();
    struct handle *handle = open_big(), *other = open_now(&f, handle->file->node);
    struct reading r = {0}, b = {0};
    reading_start(&f, &r, handle, 20 * MIB, 128 * KIB);
    scripted_fail(read_request(&f), -EIO);
    settle(&f);
    advance(&f, 1000);
    reading_start(&f, &b, other, 20 * MIB, 256 * KIB);
    if (_i)
        scripted_fill(read_request(&f));
    settle(&f);
    r = (struct reading){0};
    reading_start(&f, &r, handle, 20 * MIB, 4 * KIB);
    ck_assert(r.over);
    ck_assert_int_eq(r.status, _i ? 0 : -EIO);
    answer_reads(&f);
    ck_assert_int_eq(b.status, 0);
    handle_free(other, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* A reader that comes nearer to what failed ahead of it does not have it asked for again. */
START_TEST(what_failed_ahead_is_left_alone)
{
    fixture_init(&f);
    f.options.part_size = MIB;
    fixture_start(&f);
    struct node *node = file_node(&f, "big", "v1", 3 * MIB);
    struct handle *handle = open_whole(&f, node);
    struct reading r = {0};
    size_t failed = 0;
    for (uint64_t at = 0; at < MIB; at += PAGE_BYTES) {
        r = (struct reading){0};
        reading_start(&f, &r, handle, at, PAGE_BYTES);
        ck_assert(r.over);
        ck_assert_int_eq(r.status, 0);
        for (; scripted_waiting(&f.source) > 0; settle(&f)) {
            ck_assert_uint_ge(read_request(&f)->offset, MIB);
            scripted_fail(read_request(&f), -EIO);
            failed++;
        }
    }
    ck_assert_uint_eq(failed, 1);
    size_t asked = reads_asked(&f);
    reading_start(&f, &r, handle, MIB, PAGE_BYTES);
    ck_assert(r.over);
    ck_assert_int_eq(r.status, -EIO);
    ck_assert_uint_eq(reads_asked(&f), asked);
    ask_again(&r, handle, MIB, -EIO);
    advance(&f, 1000);
    read_now(&f, handle, MIB, PAGE_BYTES);
    answer_reads(&f);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(part_fails_in_the_middle)
{
    start();
    struct opening o;
    struct scripted *s = open_part(&o, 3);
    struct reading r[8] = {0};
    settle(&f);
    ck_assert(o.over);
    for (uint64_t i = 2; i < 8; i++)
        reading_start(&f, &r[i], o.handle, i * PAGE_BYTES, PAGE_BYTES);
    scripted_fail(s, -ECONNRESET);
    settle(&f);
    for (int i = 2; i < 8; i++) {
        ck_assert(r[i].over);
        ck_assert_int_eq(r[i].status, -ECONNRESET);
    }
    /* What arrived was not verified. */
    ck_assert_uint_eq(reads_asked(&f), 1);
    ck_assert_uint_eq(f.fs.pages->used, 0);
    ask_again(&r[0], o.handle, 3 * PAGE_BYTES, -ECONNRESET);
    advance(&f, 1000);
    read_now(&f, o.handle, 3 * PAGE_BYTES, 5 * PAGE_BYTES);
    handle_free(o.handle, 0);
    files_done(&f);
}
END_TEST

/* A wrong checksum is of the whole: nothing of that response may be handed out after it. */
START_TEST(wrong_checksum_takes_all_back)
{
    start();
    struct opening o;
    struct scripted *s = open_part(&o, 7);
    scripted_fail(s, -EBADMSG);
    settle(&f);
    struct reading r = {0};
    reading_start(&f, &r, o.handle, PAGE_BYTES, PAGE_BYTES);
    ck_assert(r.over);
    ck_assert_int_eq(r.status, -EBADMSG);
    ck_assert_uint_eq(f.fs.pages->used, 0);
    handle_free(o.handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(changed_object_is_stale)
{
    static const int statuses[] = {-ESTALE, -ENOENT};
    start();
    int status = statuses[_i];
    struct handle *handle = open_big();
    struct reading r = {0};
    reading_start(&f, &r, handle, 20 * MIB, 128 * KIB);
    advance(&f, 10);
    scripted_fail(read_request(&f), status);
    settle(&f);
    ck_assert_int_eq(r.status, status);
    ck_assert_int_eq(node_fresh_ms(&f.fs, handle->file->node), 0);
    size_t asked = reads_asked(&f);
    /* All of the version is gone but for what is at hand. */
    reading_start(&f, &r, handle, 40 * MIB, 128 * KIB);
    ck_assert_int_eq(r.status, status);
    ck_assert_uint_eq(reads_asked(&f), asked);
    read_now(&f, handle, 0, MIB);
    ck_assert_uint_eq(reads_asked(&f), asked);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* The head of an older response must not undo what a newer one has refuted. */
START_TEST(older_head_does_not_confirm)
{
    start();
    struct handle *handle = open_big();
    struct reading a = {0}, b = {0};
    advance(&f, 10);
    reading_start(&f, &a, handle, 20 * MIB, 128 * KIB);
    advance(&f, 10);
    reading_start(&f, &b, handle, 40 * MIB, 128 * KIB);
    struct scripted *older = scripted_at(&f.source, f.source.count - 2);
    struct scripted *newer = scripted_last(&f.source);
    advance(&f, 10);
    scripted_fail(newer, -ESTALE);
    settle(&f);
    scripted_open(older);
    settle(&f);
    ck_assert_int_eq(node_fresh_ms(&f.fs, handle->file->node), 0);
    scripted_finish(older);
    settle(&f);
    ck_assert_int_eq(a.status, 0);
    ck_assert_int_eq(b.status, -ESTALE);
    ck_assert_int_eq(node_fresh_ms(&f.fs, handle->file->node), 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(deadline_ends_a_read)
{
    start();
    struct node *node = file_node(&f, "x", "v1", MIB);
    struct handle *other = open_now(&f, node);
    struct opening o;
    struct reading a = {0}, b = {0}, c = {0};
    open_start(&f, &o, node);
    reading_start(&f, &a, other, 0, PAGE_BYTES);
    reading_start(&f, &b, other, 1000, 1000);
    reading_start(&f, &c, other, 4 * PAGE_BYTES, PAGE_BYTES);
    struct scripted *s = read_request(&f);
    file_read_abandon(&a.wait, ETIMEDOUT);
    ck_assert(s->cancelled);
    ck_assert_int_eq(b.status, -ETIMEDOUT);
    ck_assert(!a.over && !c.over && !o.over);
    settle(&f);
    /* Those who wait for something else of it have it fetched anew. */
    answer_reads(&f);
    ck_assert_int_eq(c.status, 0);
    ck_assert(c.over && o.over);
    ck_assert_int_eq(o.status, 0);
    ck_assert_uint_gt(reads_asked(&f), 1);
    handle_free(o.handle, 0);
    handle_free(other, 0);
    files_done(&f);
}
END_TEST

static const struct pail_error timed_out = {.kind = PAIL_ERROR_READ_TIMEOUT, .attempts = 3};

/* A timeout is of those who waited: who came late has it fetched anew. `_i`: the read's own
 * deadline, or the source's. */
START_TEST(deadline_leaves_the_latecomers)
{
    start();
    struct node *node = file_node(&f, "x", "v1", MIB);
    struct handle *handle = open_now(&f, node);
    struct opening early, late;
    struct reading a = {0}, b = {0};
    open_start(&f, &early, node);
    reading_start(&f, &a, handle, 0, PAGE_BYTES);
    struct scripted *s = read_request(&f);
    advance(&f, 50000);
    reading_start(&f, &b, handle, 0, PAGE_BYTES);
    open_start(&f, &late, node);
    advance(&f, 10000);
    if (_i) {
        scripted_fail_as(s, -ETIMEDOUT, &timed_out);
    } else {
        file_read_abandon(&a.wait, ETIMEDOUT);
        ck_assert(s->cancelled);
    }
    settle(&f);
    ck_assert_int_eq(a.over, _i);
    ck_assert_int_eq(early.over, _i);
    ck_assert(!b.over && !late.over);
    ck_assert_uint_eq(reads_asked(&f), 2);
    answer_reads(&f);
    ck_assert_int_eq(b.status, 0);
    ck_assert_int_eq(late.status, 0);
    ck_assert_int_eq(early.status, _i ? -ETIMEDOUT : 0);
    ck_assert_int_eq(a.status, _i ? -ETIMEDOUT : 0);
    handle_free(late.handle, 0);
    handle_free(early.handle, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* A server that answers 408 or 504 at once keeps nobody waiting: it is told to all. */
START_TEST(timeout_of_the_server_is_everybodys)
{
    start();
    struct node *node = file_node(&f, "x", "v1", MIB);
    struct handle *handle = open_now(&f, node);
    struct reading a = {0}, b = {0};
    reading_start(&f, &a, handle, 0, PAGE_BYTES);
    advance(&f, 10);
    reading_start(&f, &b, handle, PAGE_BYTES, PAGE_BYTES);
    scripted_fail(read_request(&f), -ETIMEDOUT);
    settle(&f);
    ck_assert(a.over && b.over);
    ck_assert_int_eq(a.status, -ETIMEDOUT);
    ck_assert_int_eq(b.status, -ETIMEDOUT);
    ck_assert_uint_eq(reads_asked(&f), 1);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* It is slow, but it comes. */
START_TEST(deadline_leaves_what_moves)
{
    start();
    struct handle *handle = open_big();
    struct reading a = {0}, b = {0};
    reading_start(&f, &a, handle, 20 * MIB, 8 * PAGE_BYTES);
    struct scripted *s = scripted_last(&f.source);
    advance(&f, 50000);
    scripted_fill(s);
    settle(&f);
    reading_start(&f, &b, handle, 20 * MIB, 8 * PAGE_BYTES);
    advance(&f, 10000);
    file_read_abandon(&a.wait, ETIMEDOUT);
    ck_assert(!s->cancelled);
    answer_reads(&f);
    ck_assert_int_eq(b.status, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(deadline_of_one_part_leaves_the_others)
{
    start();
    struct handle *handle = open_big();
    struct reading a = {0}, b = {0};
    reading_start(&f, &a, handle, 20 * MIB, 128 * KIB);
    struct scripted *first = scripted_last(&f.source);
    reading_start(&f, &b, handle, 40 * MIB, 128 * KIB);
    struct scripted *second = scripted_last(&f.source);
    file_read_abandon(&a.wait, ETIMEDOUT);
    ck_assert(first->cancelled && !second->cancelled);
    answer_reads(&f);
    ck_assert_int_eq(b.status, 0);
    reading_start(&f, &a, handle, 20 * MIB, 128 * KIB);
    ck_assert_int_eq(a.status, -ETIMEDOUT);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

SUITE_MAIN("fs/file_failures", tcase_add_test(tc, failed_range_is_answered_once_more);
           tcase_add_loop_test(tc, second_ask_may_be_late, 0, 2);
           tcase_add_test(tc, tries_of_a_user_are_tries);
           tcase_add_test(tc, want_of_memory_is_not_owed);
           tcase_add_loop_test(tc, second_ask_does_not_wait, 0, 2);
           tcase_add_test(tc, what_failed_ahead_is_left_alone);
           tcase_add_test(tc, part_fails_in_the_middle);
           tcase_add_test(tc, wrong_checksum_takes_all_back);
           tcase_add_loop_test(tc, changed_object_is_stale, 0, 2);
           tcase_add_test(tc, older_head_does_not_confirm);
           tcase_add_test(tc, deadline_ends_a_read);
           tcase_add_loop_test(tc, deadline_leaves_the_latecomers, 0, 2);
           tcase_add_test(tc, timeout_of_the_server_is_everybodys);
           tcase_add_test(tc, deadline_leaves_what_moves);
           tcase_add_test(tc, deadline_of_one_part_leaves_the_others));
