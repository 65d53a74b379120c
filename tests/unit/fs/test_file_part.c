#include "unit/fs/fixture.h"

#include <errno.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static struct fixture f;

static void start_with(uint64_t memory_limit)
{
    fixture_init(&f);
    f.options.memory_limit = memory_limit;
    fixture_start(&f);
}

static void start(void)
{
    start_with(128 * MIB);
}

/* ---- memory ---- */

START_TEST(others_content_is_evicted)
{
    start_with(2 * MIB);
    enum { FILES = 40 };
    struct node *nodes[FILES];
    struct handle *handles[FILES];
    for (int i = 0; i < FILES; i++) {
        char name[8] = {'f', (char)('0' + i / 10), (char)('0' + i % 10)};
        nodes[i] = file_node(&f, name, "v1", MIB);
        handles[i] = open_whole(&f, nodes[i]);
        ck_assert(file_at_hand(nodes[i]->file));
    }
    ck_assert_uint_eq(reads_asked(&f), FILES);
    ck_assert_uint_le(f.fs.pages->used, 2 * MIB + PAGES_RESERVE);
    /* The least recently used went. */
    ck_assert(!file_at_hand(nodes[0]->file));
    ck_assert(file_at_hand(nodes[FILES - 1]->file));
    for (int i = 0; i < FILES; i++)
        read_now(&f, handles[i], 0, MIB);
    for (int i = 0; i < FILES; i++)
        handle_free(handles[i], 0);
    files_done(&f);
}
END_TEST

enum { WAITING = 200 };
static struct reading many[WAITING];

/* More reads than there is memory for: some wait for it, none fails, all are answered. */
static struct handle *start_many(void)
{
    start_with(2 * MIB);
    struct node *node = file_node(&f, "big", "v1", 1024 * MIB);
    struct handle *handle = open_whole(&f, node);
    memset(many, 0, sizeof many);
    for (uint64_t i = 0; i < WAITING; i++)
        reading_start(&f, &many[i], handle, (i + 2) * 2 * MIB, PAGE_BYTES);
    ck_assert_uint_lt(reads_asked(&f), WAITING);
    return handle;
}

START_TEST(reads_wait_for_memory)
{
    struct handle *handle = start_many();
    answer_reads(&f);
    for (int i = 0; i < WAITING; i++) {
        ck_assert(many[i].over);
        ck_assert_int_eq(many[i].status, 0);
    }
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(waiting_for_memory_of_another_file)
{
    struct handle *handle = start_many();
    struct node *node = file_node(&f, "other", "v1", PAGE_BYTES);
    struct opening o;
    size_t asked = reads_asked(&f);
    open_start(&f, &o, node);
    ck_assert(!o.over);
    ck_assert_uint_eq(reads_asked(&f), asked);
    answer_reads(&f);
    ck_assert(o.over);
    ck_assert_int_eq(o.status, 0);
    handle_free(o.handle, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* GETs that have no answer hold all there is: after a second they give way to who comes, the
 * oldest first, and wait for their turn. */
START_TEST(the_unanswered_give_way)
{
    enum { STALLED = 9 }; /* 2 MiB and the reserve hold no more of 1 MiB and GET_BYTES */
    start_with(2 * MIB);
    struct opening stalled[STALLED], o;
    for (int i = 0; i < STALLED; i++) {
        char text[8] = {'s', (char)('a' + i)};
        open_start(&f, &stalled[i], file_node(&f, text, "v1", 8 * MIB));
    }
    ck_assert_uint_eq(reads_asked(&f), STALLED);
    open_start(&f, &o, file_node(&f, "other", "v1", MIB));
    settle(&f);
    ck_assert_uint_eq(reads_asked(&f), STALLED);
    advance(&f, 999);
    ck_assert_uint_eq(f.source.cancels, 0);
    advance(&f, 1);
    ck_assert_uint_eq(f.source.cancels, 1);
    struct scripted *s = scripted_last(&f.source);
    ck_assert_str_eq(s->path, "other");
    scripted_finish(s);
    settle(&f);
    ck_assert(o.over);
    ck_assert_int_eq(o.status, 0);
    /* No more is asked of those that gave way until there is memory. */
    size_t asked = reads_asked(&f);
    advance(&f, 10000);
    ck_assert_uint_eq(reads_asked(&f), asked);
    handle_free(o.handle, 0);
    settle(&f);
    answer_reads(&f);
    for (int i = 0; i < STALLED; i++) {
        ck_assert(stalled[i].over);
        ck_assert_int_eq(stalled[i].status, 0);
        handle_free(stalled[i].handle, 0);
    }
    ck_assert_uint_le(f.fs.pages->peak, 2 * MIB + PAGES_RESERVE);
    files_done(&f);
}
END_TEST

/* What nobody waits for any more makes room as soon as it is there. */
START_TEST(abandoned_reads_make_room)
{
    struct handle *handle = start_many();
    struct node *node = file_node(&f, "other", "v1", 1000);
    struct opening o;
    open_start(&f, &o, node);
    for (int i = 0; i < WAITING; i++)
        file_read_abandon(&many[i].wait, EINTR);
    answer_reads(&f);
    ck_assert(o.over);
    ck_assert_int_eq(o.status, 0);
    handle_free(o.handle, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(closed_while_it_waits_for_memory)
{
    struct handle *handle = start_many();
    struct node *node = file_node(&f, "other", "v1", PAGE_BYTES);
    struct opening o;
    open_start(&f, &o, node);
    wait_stop(&o.wait.waiter);
    handle_free(o.handle, 2000);
    ck_assert_ptr_null(node->file);
    for (int i = 0; i < WAITING; i++)
        file_read_abandon(&many[i].wait, EINTR);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* Two reads, a jump, two reads: what was fetched ahead for nothing must make room. */
START_TEST(jumps_do_not_use_memory_up)
{
    start_with(4 * MIB);
    struct node *node = file_node(&f, "big", "v1", 1024 * MIB);
    struct handle *handle = open_whole(&f, node);
    for (uint64_t i = 0; i < 400; i++) {
        uint64_t at = i * 2 * MIB + 5 * MIB;
        read_now(&f, handle, at, 4 * KIB);
        read_now(&f, handle, at + 4 * KIB, 4 * KIB);
        advance(&f, 10);
    }
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* And a reader that settles down after them reads ahead as any other. */
START_TEST(reads_ahead_after_jumps)
{
    start_with(16 * MIB);
    struct node *node = file_node(&f, "big", "v1", 1024 * MIB);
    struct handle *handle = open_whole(&f, node);
    uint64_t at = 0;
    for (int i = 0; i < 20; i++) {
        at += 40 * MIB;
        for (uint64_t k = 0; k < 4; k++)
            read_now(&f, handle, at + k * MIB, MIB);
        advance(&f, 1500);
    }
    size_t asked = reads_asked(&f);
    for (uint64_t k = 4; k < 64; k++)
        read_now(&f, handle, at + k * MIB, MIB);
    ck_assert_uint_le(reads_asked(&f) - asked, 30);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* ---- out of memory ---- */

START_TEST(out_of_memory)
{
    long failures = 0;
    for (long after = 0; after < 40; after++) {
        start();
        struct node *node = file_node(&f, "x", "v1", 3 * MIB);
        struct opening o = {.f = &f};
        struct reading r = {0};
        alloc_fail_after(after);
        struct handle *handle = handle_new(&f.fs, node);
        alloc_fail_after(-1);
        if (!handle) {
            failures++;
            ck_assert_ptr_null(node->file);
            files_done(&f);
            continue;
        }
        alloc_fail_after(after);
        int status = file_open(handle->file, &o.wait);
        alloc_fail_after(-1);
        if (status == -EINPROGRESS)
            wait_stop(&o.wait.waiter);
        else
            ck_assert_int_eq(status, -ENOMEM);
        r.wait = (struct read_wait){.handle = handle, .offset = 2 * MIB, .len = 100};
        alloc_fail_after(after);
        status = file_read(&r.wait);
        alloc_fail_after(-1);
        if (status == -EINPROGRESS)
            file_read_abandon(&r.wait, EINTR);
        else
            ck_assert_int_eq(status, -ENOMEM);
        failures += status == -ENOMEM;
        answer_reads(&f);
        handle_free(handle, 0);
        files_done(&f);
    }
    ck_assert_int_gt(failures, 0);
}
END_TEST

/* An opener whose fetch was cancelled, and cannot be started again, is told so. */
START_TEST(opener_is_told_of_no_memory)
{
    start();
    struct node *node = file_node(&f, "x", "v1", MIB);
    struct handle *other = open_now(&f, node);
    struct opening o;
    struct reading r = {0};
    open_start(&f, &o, node);
    reading_start(&f, &r, other, 0, 10);
    file_read_abandon(&r.wait, ETIMEDOUT);
    alloc_fail_after(0);
    mailbox_deliver(f.mailbox);
    alloc_fail_after(-1);
    ck_assert(o.over);
    ck_assert_int_eq(o.status, -ENOMEM);
    handle_free(other, 0);
    files_done(&f);
}
END_TEST

SUITE_MAIN("fs/file_part", tcase_add_test(tc, others_content_is_evicted);
           tcase_add_test(tc, reads_wait_for_memory);
           tcase_add_test(tc, waiting_for_memory_of_another_file);
           tcase_add_test(tc, the_unanswered_give_way);
           tcase_add_test(tc, abandoned_reads_make_room);
           tcase_add_test(tc, closed_while_it_waits_for_memory);
           tcase_add_test(tc, jumps_do_not_use_memory_up);
           tcase_add_test(tc, reads_ahead_after_jumps); tcase_add_test(tc, out_of_memory);
           tcase_add_test(tc, opener_is_told_of_no_memory));
