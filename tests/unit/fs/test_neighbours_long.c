/* Long files: the next ones are fetched ahead near the end of the one that is read. */
#include "fs/neighbours.h"
#include "unit/fs/cats.h"

#include <errno.h>
#include <stdio.h>

#define MIB       (1024 * 1024)
#define LONG_SIZE (4 * MIB)
#define PART      (8 * MIB)

static void put_long(const char *prefix, unsigned count, uint64_t size)
{
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%sf%04u", prefix, i);
        keys_put_size(&keys, name, size);
    }
}

/* A directory of so many files of that size. */
static struct node *start_long(unsigned count, uint64_t size)
{
    cats_start();
    put_long("", count, size);
    fixture_start(&f);
    return list("");
}

/* What has been asked for of a file, and not answered. */
static uint64_t on_its_way(const char *path)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < f.source.count; i++) {
        const struct scripted *s = &f.source.requests[i];
        if (s->kind == SCRIPTED_READ && !s->answered && strcmp(s->path, path) == 0)
            bytes += s->len;
    }
    return bytes;
}

static void files_over(void)
{
    keys_answer_all(&keys, &f);
    advance(&f, FILE_AHEAD_MS);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    files_done(&f);
    keys_done(&keys);
}

/* Every byte once: those of the last files that were read too. */
START_TEST(a_walk_over_long_files)
{
    enum { FILES = 30 };
    struct node *dir = start_long(FILES, LONG_SIZE);
    for (unsigned i = 0; i < FILES; i++)
        ck_assert(cat_number(dir, i) == (i > 1));
    ck_assert_uint_eq(f.fs.stats.ahead_hits, FILES - 2);
    ck_assert_uint_eq(f.fs.stats.fetched_bytes, (uint64_t)FILES * LONG_SIZE);
    /* The first two in three: what an open asks for, and more as the window grows. */
    ck_assert_uint_eq(reads_asked(&f), FILES + 4);
    ck_assert_uint_eq(f.source.cancels, 0);
    files_over();
}
END_TEST

/* So far as one would be read ahead that is longer, but for the first guess: that is of a GET's
 * bytes. In all a quarter of memory_limit. */
START_TEST(as_far_as_it_would_go_on)
{
    struct node *dir = start_long(30, LONG_SIZE);
    cat_number(dir, 0);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    struct handle *handle = cats_open(child(dir, "f0001"));
    cats_read(handle, 0, LONG_SIZE / 4);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    cats_read(handle, LONG_SIZE / 4, LONG_SIZE);
    ck_assert_uint_eq(f.fs.ahead_bytes, PART);
    handle_free(handle, 0);
    handle = cats_open(child(dir, "f0002"));
    /* As far as if they were one file. */
    ck_assert_uint_eq(handle->window.before, LONG_SIZE);
    cats_read(handle, 0, 2 * CATS_READ);
    ck_assert_uint_eq(f.fs.ahead_bytes, 3 * LONG_SIZE);
    cats_read(handle, 2 * CATS_READ, LONG_SIZE);
    handle_free(handle, 0);
    ck_assert_uint_eq(f.fs.ahead_bytes, f.options.memory_limit / 4);
    files_over();
}
END_TEST

/* Of one that is longer than what is fetched ahead first its beginning, then more of it, in
 * whole GETs: no byte of it twice. */
START_TEST(more_of_the_next_file)
{
    enum { SIZE = 3 * PART };
    struct node *dir = start_long(5, SIZE);
    cat_number(dir, 0);
    struct handle *handle = cats_open(child(dir, "f0001"));
    cats_read(handle, 0, SIZE);
    handle_free(handle, 0);
    ck_assert_uint_eq(on_its_way("f0002"), PART);
    handle = cats_open(child(dir, "f0002"));
    ck_assert(handle->hit);
    uint64_t last = 0, now;
    for (uint64_t at = 0; at < SIZE; at += MIB, last = now) {
        cats_read(handle, at, at + MIB);
        now = on_its_way("f0003");
        ck_assert(now == last || now - last >= PART || now == SIZE || last == 0);
    }
    handle_free(handle, 0);
    ck_assert_uint_eq(last, SIZE);
    ck_assert(cat_number(dir, 3));
    keys_answer_all(&keys, &f);
    ck_assert_uint_eq(f.fs.stats.fetched_bytes, 5 * (uint64_t)SIZE);
    files_over();
}
END_TEST

/* Who opened one file only, or another than the next, or does not read all of it. */
START_TEST(not_of_a_walk)
{
    struct node *dir = start_long(60, LONG_SIZE);
    cat_number(dir, 0);
    cat_number(dir, 30);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    struct handle *handle = cats_open(child(dir, "f0031"));
    cats_read(handle, CATS_READ, LONG_SIZE);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    handle_free(handle, 0);
    files_over();
}
END_TEST

/* What would wait too long to be opened is not fetched, nor what is no GET worth. */
START_TEST(at_the_pace_of_the_reader)
{
    static const struct {
        int64_t ms; /* from one MiB to the next */
        uint64_t ahead;
    } cases[] = {
        {0, PART},
        {NEIGHBOURS_MS / 8, PART},
        {NEIGHBOURS_MS / 8 + 1, LONG_SIZE},
        {NEIGHBOURS_MS / 4, LONG_SIZE},
        {NEIGHBOURS_MS / 4 + 1, 0},
    };
    struct node *dir = start_long(20, LONG_SIZE);
    cat_number(dir, 0);
    struct handle *handle = cats_open(child(dir, "f0001"));
    for (uint64_t at = 0; at < LONG_SIZE; at += MIB) {
        advance(&f, cases[_i].ms);
        cats_read(handle, at, at + MIB);
    }
    ck_assert_uint_eq(f.fs.ahead_bytes, cases[_i].ahead);
    handle_free(handle, 0);
    files_over();
}
END_TEST

/* Whoever goes elsewhere: it is taken back. Whoever stops: it goes after a while, and is not
 * fetched once more. */
START_TEST(a_wrong_guess)
{
    struct node *dir = start_long(200, LONG_SIZE);
    cat_number(dir, 0);
    struct handle *handle = cats_open(child(dir, "f0001"));
    cats_read(handle, 0, LONG_SIZE);
    ck_assert_uint_eq(under_way(), 2);
    if (_i == 0) {
        cat_number(dir, 150);
        settle(&f);
        ck_assert_uint_eq(f.source.cancels, 2);
    } else {
        advance(&f, FILE_AHEAD_MS);
        ck_assert_uint_eq(f.source.cancels, 2);
        size_t asked = reads_asked(&f);
        cats_read(handle, LONG_SIZE - CATS_READ, LONG_SIZE);
        ck_assert_uint_le(reads_asked(&f), asked + 1);
    }
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    ck_assert_uint_eq(under_way(), 0);
    handle_free(handle, 0);
    files_over();
}
END_TEST

/* Whoever comes too late again and again: it is no longer done. */
START_TEST(wrong_guesses_come_to_an_end)
{
    cats_start();
    f.options.metadata_ttl_ms = -1;
    put_long("", 60, LONG_SIZE);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 60; i++) {
        ck_assert(!cat_number(dir, i));
        advance(&f, FILE_AHEAD_MS);
    }
    ck_assert_uint_ge(f.fs.stats.ahead, NEIGHBOURS_WASTE);
    ck_assert_uint_le(f.fs.stats.ahead, 2 * (NEIGHBOURS_WASTE + 2));
    files_over();
}
END_TEST

/* Who has read some to their ends, and of the next only the beginnings: what had been guessed
 * until then is all there is for nothing. */
START_TEST(beginnings_after_whole_files)
{
    enum { WHOLE = 4, FILES = 60 };
    struct node *dir = start_long(FILES, LONG_SIZE);
    for (unsigned i = 0; i < WHOLE; i++)
        cat_number(dir, i);
    for (unsigned i = WHOLE; i < FILES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "f%04u", i);
        struct handle *handle = cats_open(child(dir, name));
        cats_read(handle, 0, 2 * CATS_READ);
        cats_close(handle);
        settle(&f);
    }
    keys_answer_all(&keys, &f);
    ck_assert_uint_le(f.fs.stats.ahead, WHOLE + 2 * f.options.memory_limit / 4 / LONG_SIZE);
    files_over();
}
END_TEST

/* Of files longer than all that may be fetched ahead the beginnings are, each time. */
START_TEST(longer_than_the_share)
{
    static const uint64_t limits[] = {128, 96, 48, 36, 32};
    cats_start();
    f.options.memory_limit = limits[_i] * MIB;
    put_long("", 8, 128 * MIB);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 8; i++)
        ck_assert_msg(cat_number(dir, i) == (i > 1), "%u", i);
    keys_answer_all(&keys, &f);
    ck_assert_uint_eq(f.fs.stats.fetched_bytes, 8 * 128 * (uint64_t)MIB);
    files_over();
}
END_TEST

/* A read that fails tells nothing of what is read next. */
START_TEST(a_read_that_fails)
{
    struct node *dir = start_long(10, LONG_SIZE);
    cat_number(dir, 0);
    struct handle *handle = cats_open(child(dir, "f0001"));
    cats_read(handle, 0, LONG_SIZE);
    ck_assert_uint_gt(handle->beyond, 0);
    handle_owe(handle, 0, CATS_READ, -EIO);
    struct reading r = {0};
    reading_start(&f, &r, handle, 0, CATS_READ);
    ck_assert_int_eq(r.status, -EIO);
    ck_assert_uint_eq(handle->beyond, 0);
    cats_close(handle);
    files_over();
}
END_TEST

/* One fails: whoever opens it asks anew. */
START_TEST(a_failed_guess)
{
    struct node *dir = start_long(10, LONG_SIZE);
    cat_number(dir, 0);
    cat_number(dir, 1);
    scripted_fail(read_of("f0002"), -EBUSY);
    settle(&f);
    ck_assert_ptr_null(child(dir, "f0002")->extra);
    ck_assert(!cat_number(dir, 2));
    ck_assert(cat_number(dir, 3));
    files_over();
}
END_TEST

/* On in the order that a walk has: backwards, and into the next directory. */
START_TEST(backwards)
{
    struct node *dir = start_long(20, LONG_SIZE);
    for (unsigned i = 0; i < 20; i++)
        ck_assert(cat_number(dir, 19 - i) == (i > 3));
    files_over();
}
END_TEST

START_TEST(into_the_next_directory)
{
    cats_start();
    put_long("a/", 3, LONG_SIZE);
    put_long("b/", 3, LONG_SIZE);
    fixture_start(&f);
    list("");
    struct node *a = list("a"), *b = list("b");
    for (unsigned i = 0; i < 3; i++)
        ck_assert(cat_number(a, i) == (i > 1));
    ck_assert_uint_eq(on_its_way("b/f0000"), LONG_SIZE);
    for (unsigned i = 0; i < 3; i++)
        ck_assert(cat_number(b, i));
    files_over();
}
END_TEST

/* Of two kinds of files one only. */
START_TEST(only_names_of_one_ending)
{
    cats_start();
    for (unsigned i = 0; i < 10; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "f%04u.%s", i / 2, i % 2 ? "txt" : "csv");
        keys_put_size(&keys, name, LONG_SIZE);
    }
    fixture_start(&f);
    struct node *dir = list("");
    cat(dir, "f0000.csv");
    cat(dir, "f0001.csv");
    ck_assert_uint_eq(on_its_way("f0001.txt"), 0);
    ck_assert_uint_eq(on_its_way("f0002.csv"), LONG_SIZE);
    ck_assert(cat(dir, "f0002.csv"));
    ck_assert(cat(dir, "f0003.csv"));
    files_over();
}
END_TEST

/* Short files among them come whole, and count. */
START_TEST(among_short_files)
{
    cats_start();
    for (unsigned i = 0; i < 20; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "f%04u", i);
        keys_put_size(&keys, name, i % 2 ? 1000 : LONG_SIZE);
    }
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 20; i++)
        ck_assert(cat_number(dir, i) == (i > 2));
    ck_assert_uint_eq(f.fs.stats.fetched_bytes, 10 * (uint64_t)LONG_SIZE + 10 * 1000);
    files_over();
}
END_TEST

SUITE_MAIN("fs/neighbours_long", tcase_add_test(tc, a_walk_over_long_files);
           tcase_add_test(tc, as_far_as_it_would_go_on);
           tcase_add_test(tc, more_of_the_next_file); tcase_add_test(tc, not_of_a_walk);
           tcase_add_loop_test(tc, at_the_pace_of_the_reader, 0, 5);
           tcase_add_loop_test(tc, a_wrong_guess, 0, 2);
           tcase_add_test(tc, wrong_guesses_come_to_an_end); tcase_add_test(tc, a_failed_guess);
           tcase_add_test(tc, a_read_that_fails);
           tcase_add_loop_test(tc, longer_than_the_share, 0, 5);
           tcase_add_test(tc, beginnings_after_whole_files); tcase_add_test(tc, backwards);
           tcase_add_test(tc, into_the_next_directory);
           tcase_add_test(tc, only_names_of_one_ending); tcase_add_test(tc, among_short_files));
