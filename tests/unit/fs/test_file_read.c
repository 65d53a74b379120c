#include "unit/fs/fixture.h"

#include "fs/parallel.h"

#include <errno.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static struct fixture f;

static void start(void)
{
    fixture_init(&f);
    fixture_start(&f);
}

/* ---- what is asked for ---- */

/* Requests lie side by side, within their parts, and none asks for a byte twice. */
static void check_once(uint64_t size)
{
    char *asked = calloc(1, size / KIB + 1);
    uint64_t total = 0;
    for (size_t i = 0; i < f.source.count; i++) {
        const struct scripted *s = scripted_at(&f.source, i);
        if (s->kind != SCRIPTED_READ)
            continue;
        ck_assert_uint_eq(s->offset / f.options.part_size,
                          (s->offset + s->len - 1) / f.options.part_size);
        for (uint64_t k = s->offset / KIB; k < (s->offset + s->len) / KIB; k++)
            ck_assert_int_eq(asked[k]++, 0);
        total += s->len;
    }
    free(asked);
    ck_assert_uint_eq(total, size);
}

START_TEST(sequential_reader_grows)
{
    static const struct {
        uint64_t size, part, limit;
        size_t step, requests, in_flight;
    } cases[] = {
        {100 * MIB, 8 * MIB, 128 * MIB, 128 * KIB, 20, 4},
        {100 * MIB, 8 * MIB, 128 * MIB, MIB, 16, 4},
        {100 * MIB, 8 * MIB, 128 * MIB, 4 * KIB, 20, 4},
        {64 * MIB, 1 * MIB, 128 * MIB, 128 * KIB, 66, 4},
        /* Half of a small budget is the window. */
        {100 * MIB, 8 * MIB, 16 * MIB, 128 * KIB, 40, 4},
    };
    fixture_init(&f);
    f.options.part_size = cases[_i].part;
    f.options.memory_limit = cases[_i].limit;
    fixture_start(&f);
    struct node *node = file_node(&f, "big", "v1", cases[_i].size);
    struct handle *handle = open_whole(&f, node);
    size_t most = 0;
    uint64_t ahead = 0;
    for (uint64_t at = 0; at < cases[_i].size; at += cases[_i].step) {
        struct reading r = {0};
        reading_start(&f, &r, handle, at, cases[_i].step);
        size_t waiting = scripted_waiting(&f.source);
        most = most > waiting ? most : waiting;
        while (!r.over) {
            scripted_fill(read_request(&f));
            settle(&f);
        }
        ck_assert_int_eq(r.status, 0);
        uint64_t fetched = 0;
        for (size_t i = 0; i < f.source.count; i++)
            fetched += scripted_at(&f.source, i)->len;
        uint64_t read = at + cases[_i].step;
        ahead = fetched - read > ahead ? fetched - read : ahead;
        /* What a wrong guess wastes is bounded by what was read. */
        ck_assert_uint_le(fetched, FILE_FIRST + read + WINDOW_GAIN * read);
        while (f.source.count > 1 && scripted_waiting(&f.source) > 0 &&
               read_request(&f)->filled * PAGE_BYTES >= read_request(&f)->len) {
            scripted_finish(read_request(&f));
            settle(&f);
        }
    }
    answer_reads(&f);
    check_once(cases[_i].size);
    ck_assert_uint_le(most, cases[_i].in_flight);
    ck_assert_uint_le(reads_asked(&f), cases[_i].requests);
    ck_assert_uint_le(f.fs.pages->peak, cases[_i].limit);
    ck_assert_uint_ge(ahead, cases[_i].limit < 64 * MIB || cases[_i].part < 8 * MIB ? 3 * MIB
                                                                                    : 24 * MIB);
    ck_assert(node->read_through);
    ck_assert_uint_eq(f.fs.pages->used, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* A moment of a link: a page for each request under way, or for one of them in turn. */
static void link_brings(bool each)
{
    static size_t turn;
    size_t waiting = 0, k = 0;
    advance(&f, 5);
    for (size_t i = 0; i < f.source.count; i++) {
        const struct scripted *s = scripted_at(&f.source, i);
        waiting += s->kind == SCRIPTED_READ && !s->answered;
    }
    for (size_t i = 0; i < f.source.count; i++) {
        struct scripted *s = scripted_at(&f.source, i);
        if (s->kind != SCRIPTED_READ || s->answered || (k++ != turn % waiting && !each))
            continue;
        if (s->filled * PAGE_BYTES < s->len)
            scripted_fill(s);
        if (s->filled * PAGE_BYTES >= s->len)
            scripted_finish(s);
    }
    turn++;
    settle(&f);
}

/* Where each connection has a share of its own there are more of them, in the same memory. */
START_TEST(as_many_as_bring_more)
{
    enum { SIZE_MIB = 512 };
    fixture_init(&f);
    f.options.parallel_parts = _i < 2 ? 0 : 4;
    fixture_start(&f);
    bool each = _i != 1;
    struct node *node = file_node(&f, "big", "v1", SIZE_MIB * MIB);
    struct handle *handle = open_whole(&f, node);
    size_t most = 0;
    for (uint64_t at = 0; at < SIZE_MIB * MIB; at += MIB) {
        struct reading r = {0};
        reading_start(&f, &r, handle, at, MIB);
        while (!r.over) {
            size_t waiting = scripted_waiting(&f.source);
            most = most > waiting ? most : waiting;
            link_brings(each);
        }
        ck_assert_int_eq(r.status, 0);
    }
    check_once(SIZE_MIB * MIB);
    static const unsigned proven[] = {4 * PARALLEL_FIRST, PARALLEL_FIRST, 4};
    static const size_t at_most[] = {8 * PARALLEL_FIRST + 1, 2 * PARALLEL_FIRST + 1, 5};
    ck_assert_uint_eq(f.fs.parallel_parts, proven[_i]);
    ck_assert_uint_le(most, at_most[_i]);
    ck_assert_uint_ge(most, proven[_i]);
    ck_assert_uint_le(f.fs.pages->peak, f.options.memory_limit);
    handle_free(handle, 0);
    /* The next one begins so, after a while with fewer. */
    static const unsigned later[] = {2 * PARALLEL_FIRST, PARALLEL_FIRST, 4};
    for (unsigned i = 0; i < 2; i++) {
        handle = open_whole(&f, node);
        ck_assert_uint_eq(handle->file->parallel.parts, i ? later[_i] : proven[_i]);
        handle_free(handle, 0);
        advance(&f, PARALLEL_KEPT_MS);
    }
    files_done(&f);
}
END_TEST

/* Reading ahead leaves connections to those who wait for something. */
START_TEST(ahead_leaves_connections)
{
    enum { READERS = 30, CONNECTIONS = 40 };
    struct handle *handles[READERS];
    struct reading r = {0};
    fixture_init(&f);
    f.options.connections = CONNECTIONS;
    fixture_start(&f);
    for (int i = 0; i < READERS; i++) {
        char name[8] = {'f', (char)('a' + i % 26), (char)('a' + i / 26)};
        handles[i] = open_whole(&f, file_node(&f, name, "v1", 64 * MIB));
    }
    size_t asked = reads_asked(&f);
    for (int i = 0; i < READERS; i++) {
        for (uint64_t at = 0; at < MIB; at += PAGE_BYTES)
            reading_start(&f, &r, handles[i], at, PAGE_BYTES);
    }
    ck_assert_uint_eq(reads_asked(&f) - asked, CONNECTIONS / 2 + 1);
    struct opening o;
    open_start(&f, &o, file_node(&f, "x", "v1", 64 * MIB));
    ck_assert_uint_eq(reads_asked(&f) - asked, CONNECTIONS / 2 + 2);
    answer_reads(&f);
    ck_assert_int_eq(o.status, 0);
    handle_free(o.handle, 0);
    for (int i = 0; i < READERS; i++)
        handle_free(handles[i], 0);
    files_done(&f);
}
END_TEST

START_TEST(random_reader_gets_what_it_asks_for)
{
    start();
    struct node *node = file_node(&f, "big", "v1", 1024 * MIB);
    struct handle *handle = open_whole(&f, node);
    uint64_t at = 0;
    for (int i = 0; i < 200; i++) {
        at = (at + 411 * MIB + 4 * KIB) % (1024 * MIB - 64 * KIB);
        if (at < 2 * MIB)
            continue;
        size_t len = 4 * KIB << i % 4;
        struct reading r = {0};
        reading_start(&f, &r, handle, at, len);
        check_request(scripted_last(&f.source), at, len);
        ck_assert_uint_eq(scripted_waiting(&f.source), 1);
        answer_reads(&f);
        ck_assert_int_eq(r.status, 0);
    }
    ck_assert_uint_le(f.fs.pages->used, FILE_FIRST);
    ck_assert_uint_eq(f.fs.pages->sequential, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* A read over a part's boundary is two requests, and both are asked for at once. */
START_TEST(read_across_a_boundary)
{
    start();
    struct node *node = file_node(&f, "big", "v1", 1024 * MIB);
    struct handle *handle = open_whole(&f, node);
    struct reading r = {0};
    reading_start(&f, &r, handle, 64 * MIB - 100, 300);
    ck_assert_uint_eq(scripted_waiting(&f.source), 2);
    check_request(scripted_at(&f.source, f.source.count - 2), 64 * MIB - 100, 100);
    check_request(scripted_last(&f.source), 64 * MIB, 200);
    /* The answers come the other way round. */
    scripted_finish(scripted_last(&f.source));
    settle(&f);
    ck_assert(!r.over);
    answer_reads(&f);
    ck_assert_int_eq(r.status, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

START_TEST(handles_share)
{
    start();
    struct node *node = file_node(&f, "big", "v1", 64 * MIB);
    struct handle *a = open_whole(&f, node), *b = open_now(&f, node);
    struct reading first = {0}, second = {0}, third = {0};
    reading_start(&f, &first, a, 20 * MIB, 128 * KIB);
    size_t asked = reads_asked(&f);
    reading_start(&f, &second, b, 20 * MIB + 64 * KIB, 64 * KIB);
    ck_assert_uint_eq(reads_asked(&f), asked);
    reading_start(&f, &third, b, 20 * MIB + 64 * KIB, 128 * KIB);
    /* In sequence: more comes along. */
    check_request(scripted_last(&f.source), 20 * MIB + 128 * KIB, 64 * KIB + MIB);
    answer_reads(&f);
    ck_assert_uint_eq(reads_asked(&f), asked + 1);
    ck_assert(first.status == 0 && second.status == 0 && third.status == 0);
    ck_assert(first.over && second.over && third.over);
    handle_free(a, 0);
    read_now(&f, b, 20 * MIB, 128 * KIB);
    handle_free(b, 0);
    files_done(&f);
}
END_TEST

/* Two handles that read the same half of a page have not read the other half. */
START_TEST(page_stays_until_all_of_it_was_read)
{
    start();
    struct node *node = file_node(&f, "x", "v1", MIB);
    struct handle *a = open_whole(&f, node), *b = open_now(&f, node);
    ck_assert_uint_eq(f.fs.pages->used, MIB);
    for (int i = 0; i < 3; i++) {
        read_now(&f, a, 0, PAGE_BYTES / 2);
        read_now(&f, b, 0, PAGE_BYTES / 2);
    }
    read_now(&f, a, PAGE_BYTES / 2 + 4 * KIB, PAGE_BYTES / 2 - 4 * KIB);
    read_now(&f, a, PAGE_BYTES, PAGE_BYTES); /* the second page goes */
    ck_assert_uint_eq(reads_asked(&f), 1);
    ck_assert_uint_eq(f.fs.pages->used, MIB - PAGE_BYTES);
    read_now(&f, b, PAGE_BYTES / 2, 4 * KIB);
    ck_assert_uint_eq(f.fs.pages->used, MIB - 2 * PAGE_BYTES);
    ck_assert_uint_eq(reads_asked(&f), 1);
    handle_free(a, 0);
    handle_free(b, 0);
    files_done(&f);
}
END_TEST

/* However a stretch was fetched in pieces, a read over it is given all of it. */
START_TEST(read_over_many_pieces)
{
    start();
    struct node *node = file_node(&f, "big", "v1", 64 * MIB);
    struct handle *handle = open_whole(&f, node);
    enum { PIECES = 40 };
    static struct reading pieces[PIECES], all;
    memset(pieces, 0, sizeof pieces);
    all = (struct reading){0};
    for (int i = 0; i < PIECES; i++) {
        struct handle *own = open_now(&f, node);
        reading_start(&f, &pieces[i], own, 8 * MIB + (uint64_t)i * 8 * KIB + 4 * KIB, 100);
    }
    reading_start(&f, &all, handle, 8 * MIB, MIB);
    answer_reads(&f);
    for (int i = 0; i < PIECES; i++) {
        ck_assert(pieces[i].over);
        ck_assert_int_eq(pieces[i].status, 0);
        handle_free(pieces[i].wait.handle, 0);
    }
    ck_assert(all.over);
    ck_assert_int_eq(all.status, 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

SUITE_MAIN("fs/file_read", tcase_add_loop_test(tc, sequential_reader_grows, 0, 5);
           tcase_add_loop_test(tc, as_many_as_bring_more, 0, 3);
           tcase_add_test(tc, ahead_leaves_connections);
           tcase_add_test(tc, random_reader_gets_what_it_asks_for);
           tcase_add_test(tc, read_across_a_boundary); tcase_add_test(tc, handles_share);
           tcase_add_test(tc, page_stays_until_all_of_it_was_read);
           tcase_add_test(tc, read_over_many_pieces));
