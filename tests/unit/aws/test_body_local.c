#include "unit/aws/body_fixture.h"

#include <stdio.h>

#define NO_LENGTH ((struct pail_int){0})
#define TEXT      "0123456789abcdefghij"
#define LEN       (sizeof(TEXT) - 1)

static const struct pail_str text = {TEXT, LEN};

static struct pail_body *a_body(int way, struct trickle *trickle, struct pail_int length)
{
    *trickle = (struct trickle){.data = text, .piece = (size_t)way * 3};
    return way == 0 ? memory_body(text, length) : trickle_body(trickle, length);
}

/* ---- reading ---- */

START_TEST(reads)
{
    for (size_t size = 1; size <= LEN + 1; size++)
        for (int known = 0; known < 2; known++) {
            struct trickle trickle;
            PAIL_CLEANUP(pail_body)
            struct pail_body *body = a_body(_i, &trickle, known ? PAIL_INT(LEN) : NO_LENGTH);
            char data[LEN + 1];
            size_t have = 0;
            ssize_t n;
            while ((n = pail_body_read(body, data, size, NULL)) > 0) {
                ck_assert_int_eq(memcmp(data, TEXT + have, (size_t)n), 0);
                have += (size_t)n;
                ck_assert((size_t)n == size || have == LEN);
                ck_assert_uint_eq(pail_body_tell(body), have);
            }
            ck_assert_int_eq(n, 0);
            ck_assert_uint_eq(have, LEN);
            ck_assert_int_eq(pail_body_length(body).present, known);
        }
}
END_TEST

START_TEST(is_held_to_its_length)
{
    static const int64_t lengths[] = {LEN + 1, LEN - 1, 0};
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        struct trickle trickle;
        PAIL_CLEANUP(pail_body)
        struct pail_body *body = a_body(_i, &trickle, PAIL_INT(lengths[i]));
        struct pail_error error;
        char *all = NULL;
        size_t size;
        ck_assert_int_eq(pail_body_read_all(body, SIZE_MAX, &all, &size, &error), -EIO);
        ck_assert_ptr_null(all);
        ck_assert_int_eq(error.kind, PAIL_ERROR_INCOMPLETE_READ);
        ck_assert_uint_eq(error.expected_bytes, (uint64_t)lengths[i]);
        if (lengths[i] > (int64_t)LEN)
            ck_assert_uint_eq(error.actual_bytes, LEN);
        else
            ck_assert_uint_gt(error.actual_bytes, (uint64_t)lengths[i]);
    }
}
END_TEST

START_TEST(reads_large_blocks)
{
    enum { SIZE = 100003 };
    static char data[SIZE], got[SIZE];
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (char)(i * 31 % 251);
    static const size_t sizes[] = {1, 1000, PAIL_BODY_AHEAD - 1, PAIL_BODY_AHEAD, 50000, SIZE};
    struct trickle trickle = {.data = str_of(data, SIZE), .piece = 7777};
    PAIL_CLEANUP(pail_body)
    struct pail_body *body = trickle_body(&trickle, _i ? PAIL_INT(SIZE) : NO_LENGTH);
    size_t have = 0;
    for (size_t i = 0; have < SIZE; i++) {
        size_t size = sizes[i % ARRAY_LEN(sizes)];
        if (size > SIZE - have)
            size = SIZE - have;
        ck_assert_int_eq(pail_body_read(body, got + have, size, NULL), (ssize_t)size);
        have += size;
        ck_assert_uint_eq(pail_body_tell(body), have);
    }
    ck_assert_int_eq(memcmp(got, data, SIZE), 0);
    ck_assert_int_eq(pail_body_read(body, got, 1, NULL), 0);
    ck_assert_uint_le(trickle.most, PAIL_BODY_AHEAD);
}
END_TEST

/* Small reads ask the source for more than they give. */
START_TEST(reads_ahead)
{
    struct trickle trickle = {.data = text};
    PAIL_CLEANUP(pail_body) struct pail_body *body = trickle_body(&trickle, NO_LENGTH);
    char byte;
    for (size_t i = 0; i < LEN; i++) {
        ck_assert_int_eq(pail_body_read(body, &byte, 1, NULL), 1);
        ck_assert_int_eq(byte, TEXT[i]);
        ck_assert_uint_eq(pail_body_tell(body), i + 1);
    }
    ck_assert_uint_eq(trickle.reads, 1);
    ck_assert_int_eq(pail_body_read(body, &byte, 1, NULL), 0);
}
END_TEST

/* ---- failures ---- */

START_TEST(failure_has_its_words)
{
    struct trickle trickle = {.fails = -ECONNRESET};
    PAIL_CLEANUP(pail_body) struct pail_body *body = trickle_body(&trickle, NO_LENGTH);
    struct pail_error error;
    char byte;
    ck_assert_int_eq(pail_body_read(body, &byte, 1, &error), -ECONNRESET);
    ck_assert_str_eq(error.message, "reading failed: ECONNRESET");
    ck_assert_uint_eq(trickle.reads, 1);
}
END_TEST

START_TEST(too_many_bytes_at_once)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(text, NO_LENGTH);
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *chunks = NULL;
    struct pail_error error;
    ck_assert_int_eq(pail_body_read(body, NULL, SIZE_MAX, &error), -EINVAL);
    ck_assert_int_eq(pail_body_chunks(body, SIZE_MAX, &chunks, &error), -EINVAL);
    ck_assert_ptr_null(chunks);
}
END_TEST

/* ---- closing ---- */

START_TEST(closed_is_closed)
{
    struct trickle trickle = {.data = text};
    PAIL_CLEANUP(pail_body) struct pail_body *body = trickle_body(&trickle, NO_LENGTH);
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *chunks = NULL;
    PAIL_CLEANUP(pail_lines) struct pail_lines *lines = NULL;
    struct pail_error error;
    struct pail_str got;
    char *all = NULL;
    size_t size;
    char byte;
    ck_assert_int_eq(pail_body_chunks(body, 4, &chunks, NULL), 0);
    ck_assert_int_eq(pail_body_lines(body, NULL, &lines, NULL), 0);
    ck_assert_int_eq(pail_body_read(body, &byte, 1, NULL), 1);
    pail_body_set_read_timeout(body, 1234);
    ck_assert_int_eq(trickle.timeout_ms, 1234);
    pail_body_close(body);
    /* Not even what was read ahead. */
    ck_assert_int_eq(pail_body_read(body, &byte, 1, &error), -ECANCELED);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CANCELLED);
    ck_assert_int_eq(pail_chunks_next(chunks, &got, &error), -ECANCELED);
    ck_assert_int_eq(pail_lines_next(lines, &got, &error), -ECANCELED);
    ck_assert_int_eq(pail_body_readline(body, 0, &got, &error), -ECANCELED);
    ck_assert_int_eq(pail_body_read_all(body, SIZE_MAX, &all, &size, &error), -ECANCELED);
    ck_assert_uint_eq(pail_body_tell(body), 1);
    ck_assert_uint_eq(trickle.closes, 1);
    pail_body_close(NULL);
    pail_body_free(NULL);
    pail_lines_free(NULL);
    pail_chunks_free(NULL);
}
END_TEST

/* ---- posting ---- */

struct taker {
    struct pail_body *body;
    struct pail_buffer buffer;
    char data[8];
    struct buf got;
    unsigned came;
    int status;
    unsigned post_again;
};

static void taker_filled(struct pail_buffer *buffer, int status, const struct pail_error *error)
{
    struct taker *taker = buffer->user;
    ck_assert((status < 0) == (error != NULL));
    taker->came++;
    taker->status = status;
    buf_add(&taker->got, buffer->data, buffer->filled);
    if (taker->post_again > 0) {
        taker->post_again--;
        pail_body_post(taker->body, buffer);
    }
}

/* Buffers may be posted again from their done, and come back in the same post. */
START_TEST(fills_what_is_posted)
{
    struct trickle trickle = {.data = text, .piece = 3, .fails = _i ? -EIO : 0};
    struct taker taker = {.body = trickle_body(&trickle, NO_LENGTH), .post_again = 3};
    buf_init(&taker.got, SIZE_MAX);
    taker.buffer = (struct pail_buffer){
        .data = taker.data, .size = sizeof(taker.data), .done = taker_filled, .user = &taker};
    pail_body_post(taker.body, NULL);
    pail_body_post(taker.body, &taker.buffer);
    ck_assert_uint_eq(taker.came, 4);
    ck_assert_int_eq(taker.status, _i ? -EIO : 0);
    check_str(buf_str(&taker.got), TEXT);
    pail_body_free(taker.body);
    buf_done(&taker.got);
}
END_TEST

/* ---- chunk sizes, progress ---- */

static const struct {
    struct pail_int length;
    size_t size;
} chunk_sizes[] = {
    {{0, false}, 8192},
    {{INT64_MAX, false}, 8192},
    {{0, true}, 8192},
    {{1024 * 1024 - 1, true}, 8192},
    {{1024 * 1024, true}, 64 * 1024},
    {{100 * 1024 * 1024 - 1, true}, 64 * 1024},
    {{100 * 1024 * 1024, true}, 1024 * 1024},
    {{INT64_MAX, true}, 1024 * 1024},
};

START_TEST(chunk_size)
{
    ck_assert_uint_eq(pail_chunk_size(chunk_sizes[_i].length), chunk_sizes[_i].size);
}
END_TEST

static void note_progress(void *user, uint64_t bytes, struct pail_int total)
{
    char note[64];
    snprintf(note, sizeof(note), "%llu/%lld ", (unsigned long long)bytes,
             total.present ? (long long)total.value : -1);
    buf_add_c(user, note);
}

static const struct {
    int way; /* 0: read_all; else chunks of that size */
    size_t len;
    bool known;
    const char *notes;
} progresses[] = {
    {8, LEN, true, "8/20 16/20 20/20 "},
    {8, LEN, false, "8/-1 16/-1 20/-1 "},
    {20, LEN, true, "20/20 "},
    {8, 0, true, ""},
    {0, 20000, true, "8192/20000 16384/20000 20000/20000 "},
    {0, 20000, false, "8192/-1 16384/-1 20000/-1 "},
};

START_TEST(tells_progress)
{
    static char data[20000];
    size_t len = progresses[_i].len, size;
    PAIL_CLEANUP(pail_body)
    struct pail_body *body = memory_body(
        str_of(data, len), progresses[_i].known ? PAIL_INT((int64_t)len) : NO_LENGTH);
    CLEANUP(heap) char *all = NULL;
    CLEANUP_DONE(buf) struct buf notes, got;
    buf_init(&notes, SIZE_MAX);
    buf_init(&got, SIZE_MAX);
    pail_body_set_progress(body, note_progress, &notes);
    int r = progresses[_i].way == 0
                ? pail_body_read_all(body, SIZE_MAX, &all, &size, NULL)
                : collect_chunks(body, (size_t)progresses[_i].way, &got, NULL);
    ck_assert_int_eq(r, 0);
    ck_assert_str_eq(buf_c(&notes), progresses[_i].notes);
}
END_TEST

START_TEST(tells_progress_of_lines)
{
    PAIL_CLEANUP(pail_body)
    struct pail_body *body = memory_body(PAIL_STR("a\nbc\n\n"), PAIL_INT(6));
    CLEANUP_DONE(buf) struct buf notes, got;
    buf_init(&notes, SIZE_MAX);
    buf_init(&got, SIZE_MAX);
    pail_body_set_progress(body, note_progress, &notes);
    ck_assert_int_eq(collect_lines(body, NULL, &got, NULL), 0);
    ck_assert_str_eq(buf_c(&notes), "2/6 5/6 6/6 ");
}
END_TEST

/* ---- memory ---- */

static int use_everything(void)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = NULL;
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *chunks = NULL;
    CLEANUP(heap) struct pail_str_list *lines = NULL;
    struct pail_str got;
    char byte;
    int r = pail_body_from_memory(TEXT, LEN, NO_LENGTH, &body);
    if (r == 0)
        r = (int)pail_body_read(body, &byte, 1, NULL);
    if (r == 1)
        r = pail_body_chunks(body, 5, &chunks, NULL);
    if (r == 0)
        r = pail_chunks_next(chunks, &got, NULL);
    return r < 0 ? r : pail_body_readlines(body, SIZE_MAX, &lines, NULL);
}

START_TEST(memory_runs_out)
{
    int r = -ENOMEM;
    for (long allowed = 0; r < 0; allowed++) {
        alloc_fail_after(allowed);
        r = use_everything();
        alloc_fail_after(-1);
        ck_assert(r == -ENOMEM || (r == 0 && allowed == 5));
    }
}
END_TEST

SUITE_MAIN("aws/body_local", tcase_add_loop_test(tc, reads, 0, 3);
           tcase_add_loop_test(tc, is_held_to_its_length, 0, 3);
           tcase_add_loop_test(tc, reads_large_blocks, 0, 2); tcase_add_test(tc, reads_ahead);
           tcase_add_test(tc, failure_has_its_words);
           tcase_add_test(tc, too_many_bytes_at_once); tcase_add_test(tc, closed_is_closed);
           tcase_add_loop_test(tc, fills_what_is_posted, 0, 2);
           tcase_add_loop_test(tc, chunk_size, 0, ARRAY_LEN(chunk_sizes));
           tcase_add_loop_test(tc, tells_progress, 0, ARRAY_LEN(progresses));
           tcase_add_test(tc, tells_progress_of_lines); tcase_add_test(tc, memory_runs_out));
