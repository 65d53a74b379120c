#include "unit/fs/fixture.h"

#include "fs/growing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define WAIT_MS 20000

static struct fixture f;
static struct node *node;
static struct growing *growing;

/* One read(2) of what is there, as fs/ops_channel.c does it. */
struct reading_on {
    struct growing_wait wait;
    bool over;
    ssize_t n;
};

static void read_on(struct growing_wait *wait)
{
    struct reading_on *r = CONTAINER_OF(wait, struct reading_on, wait);
    ssize_t n = wait->status < 0 ? wait->status : growing_read(wait, 100);
    if (n == -EINPROGRESS)
        return;
    r->over = true;
    r->n = n;
}

static void ready(struct waiter *waiter)
{
    read_on(CONTAINER_OF(waiter, struct growing_wait, waiter));
}

static void start(struct reading_on *r, uint64_t offset)
{
    *r = (struct reading_on){
        .wait = {.waiter.ready = ready, .growing = growing, .offset = offset}};
    read_on(&r->wait);
}

/* Delivers until what came is written. */
static void take_in(void)
{
    settle(&f);
    while (growing->writing)
        ck_assert_uint_gt(mailbox_wait(f.mailbox, WAIT_MS), 0);
    settle(&f);
}

static void bring(const char *data, bool end)
{
    scripted_more(scripted_next(&f.source, SCRIPTED_MORE), data, end);
    take_in();
}

static size_t asked(void)
{
    return f.source.asked[SCRIPTED_MORE];
}

static size_t jobs;

static void fetched(struct spool_job *job)
{
    (void)job;
    jobs++;
}

static void check_content(const char *content)
{
    char out[256] = "";
    struct spool_job job = {.done = fetched, .data = out, .size = strlen(content)};
    ck_assert_uint_eq(growing->size, strlen(content));
    jobs = 0;
    spool_start(growing->spool, &job);
    while (!jobs)
        ck_assert_uint_gt(mailbox_wait(f.mailbox, WAIT_MS), 0);
    ck_assert_int_eq(job.status, 0);
    ck_assert_str_eq(out, content);
}

static void setup(void)
{
    fixture_init(&f);
    fixture_start(&f);
    node = look_up(&f, root_of(&f), "log", "log:grows");
    ck_assert_int_eq(growing_open(&f.fs, node, &growing), 0);
}

static void teardown(void)
{
    growing_close(growing);
    settle(&f);
    fixture_done(&f);
}

START_TEST(reads_page_by_page_to_the_end)
{
    struct reading_on r;
    start(&r, 0);
    ck_assert_uint_eq(asked(), 1);
    ck_assert(!r.over);
    bring("one\n", false);
    ck_assert(r.over);
    ck_assert_int_eq(r.n, 4);
    ck_assert_uint_eq(asked(), 2); /* ahead */
    start(&r, 4);
    bring(NULL, false); /* an empty page in the middle */
    ck_assert(!r.over);
    ck_assert_uint_eq(asked(), 3);
    bring("two\n", true);
    ck_assert_int_eq(r.n, 4);
    start(&r, 8);
    ck_assert(r.over);
    ck_assert_int_eq(r.n, 0); /* the end was just seen: nobody is asked */
    ck_assert_uint_eq(asked(), 3);
    check_content("one\ntwo\n");
}
END_TEST

START_TEST(shows_its_size_when_the_end_is_known)
{
    struct reading_on r;
    start(&r, 0);
    bring("one\n", false);
    ck_assert_uint_eq(node->size, 0);
    bring("two\n", true);
    ck_assert_uint_eq(node->size, 8);
    ck_assert_int_eq(node->mtime_s, SCRIPTED_MTIME + 1);
    advance(&f, GROWING_POLL_MS);
    start(&r, 8);
    bring("more\n", true);
    ck_assert_int_eq(r.n, 5);
    ck_assert_uint_eq(node->size, 13);
}
END_TEST

START_TEST(asks_again_at_the_end_after_a_while)
{
    struct reading_on r;
    start(&r, 0);
    bring(NULL, true);
    ck_assert(r.over);
    ck_assert_int_eq(r.n, 0);
    advance(&f, GROWING_POLL_MS - 1);
    start(&r, 0);
    ck_assert_int_eq(r.n, 0);
    ck_assert_uint_eq(asked(), 1);
    advance(&f, 1);
    start(&r, 0);
    ck_assert(!r.over);
    bring("new\n", true);
    ck_assert_int_eq(r.n, 4);
}
END_TEST

START_TEST(never_asks_a_finished_one)
{
    struct reading_on r;
    start(&r, 0);
    scripted_finished(scripted_next(&f.source, SCRIPTED_MORE), "all\n");
    take_in();
    advance(&f, 10 * GROWING_POLL_MS);
    start(&r, 4);
    ck_assert(r.over);
    ck_assert_int_eq(r.n, 0);
    struct growing_wait size = {.growing = growing, .offset = UINT64_MAX};
    ck_assert_int_eq(growing_poll(&size), 0);
    ck_assert_uint_eq(asked(), 1);
}
END_TEST

static void size_ready(struct waiter *waiter)
{
    CONTAINER_OF(waiter, struct growing_wait, waiter)->offset = 0;
}

START_TEST(asking_for_the_size_reads_to_the_end)
{
    struct growing_wait size = {
        .waiter.ready = size_ready, .growing = growing, .offset = UINT64_MAX};
    ck_assert_int_eq(growing_poll(&size), -EINPROGRESS);
    ck_assert_uint_eq(asked(), 1);
    bring("one\n", false);
    ck_assert_uint_eq(size.offset, 0); /* there is news, though not of the end */
    ck_assert_uint_eq(node->size, 0);
    ck_assert_int_eq(growing_poll(&size), -EINPROGRESS);
    bring("two\n", true);
    ck_assert_uint_eq(node->size, 8);
    ck_assert_int_eq(growing_poll(&size), 0);
    ck_assert_uint_eq(asked(), 2);
}
END_TEST

START_TEST(waits_for_the_size_once_an_open)
{
    int64_t begun_ns = growing_size_deadline(growing, INT64_MAX);
    ck_assert_int_eq(begun_ns, clock_after_ms(clock_now_ns(f.fs.clock), GROWING_SIZE_MS));
    ck_assert_int_eq(growing_size_deadline(growing, 10),
                     begun_ns - (GROWING_SIZE_MS - 10) * NS_PER_MS);
    advance(&f, GROWING_SIZE_MS);
    ck_assert_int_eq(growing_size_deadline(growing, INT64_MAX), begun_ns);
    struct growing *second;
    ck_assert_int_eq(growing_open(&f.fs, node, &second), 0);
    ck_assert_int_gt(growing_size_deadline(growing, INT64_MAX), begun_ns);
    growing_close(second);
}
END_TEST

START_TEST(asking_for_the_size_asks_for_more)
{
    struct growing_wait size = {
        .waiter.ready = size_ready, .growing = growing, .offset = UINT64_MAX};
    struct reading_on r;
    start(&r, 0);
    bring("one\n", true);
    ck_assert_int_eq(growing_poll(&size), 0);
    advance(&f, GROWING_POLL_MS);
    ck_assert_int_eq(growing_poll(&size), -EINPROGRESS);
    bring("two\n", true);
    ck_assert_uint_eq(size.offset, 0);
    ck_assert_uint_eq(node->size, 8);
    ck_assert_uint_eq(asked(), 2);
}
END_TEST

START_TEST(a_failure_is_of_those_who_wait)
{
    struct reading_on r, second;
    start(&r, 0);
    bring("one\n", false);
    start(&second, 4);
    scripted_fail(scripted_next(&f.source, SCRIPTED_MORE), -EBUSY);
    settle(&f);
    ck_assert_int_eq(second.n, -EBUSY);
    ck_assert_ptr_nonnull(node->extra->failure);
    start(&second, 4); /* goes on from where the reader stands */
    bring("two\n", true);
    ck_assert_int_eq(second.n, 4);
    check_content("one\ntwo\n");
}
END_TEST

START_TEST(a_reader_that_cannot_be_opened)
{
    struct reading_on r;
    f.source.reader_status = -ENOENT;
    start(&r, 0);
    ck_assert(r.over);
    ck_assert_int_eq(r.n, -ENOENT);
    f.source.reader_status = 0;
    start(&r, 0);
    bring("one\n", true);
    ck_assert_int_eq(r.n, 4);
}
END_TEST

START_TEST(what_was_read_is_kept_when_it_is_closed)
{
    struct reading_on r;
    start(&r, 0);
    bring("one\n", true);
    growing_close(growing);
    settle(&f);
    ck_assert_int_eq(growing_open(&f.fs, node, &growing), 0);
    start(&r, 0);
    ck_assert_int_eq(r.n, 4);
    check_content("one\n");
    ck_assert_uint_eq(asked(), 1);
}
END_TEST

START_TEST(closed_while_asking)
{
    struct reading_on r;
    start(&r, 0);
    wait_stop(&r.wait.waiter);
    growing_close(growing);
    ck_assert_uint_eq(f.source.cancels, 1);
    ck_assert_int_eq(growing_open(&f.fs, node, &growing), 0); /* before the end was told */
    start(&r, 0);
    settle(&f);
    ck_assert(!r.over); /* asked for anew */
    bring("one\n", true);
    ck_assert_int_eq(r.n, 4);
}
END_TEST

START_TEST(goes_with_its_node)
{
    struct reading_on r;
    start(&r, 0);
    bring("one\n", true);
    growing_close(growing);
    settle(&f);
    ck_assert_uint_eq(f.fs.growings.closed_bytes, 4);
    forget(&f, node);
    advance(&f, 1000000);
    ck_assert_uint_eq(f.fs.growings.closed_bytes, 0);
    ck_assert_uint_eq(f.source.readers, 0);
    node = look_up(&f, root_of(&f), "log", "log:grows");
    ck_assert_int_eq(growing_open(&f.fs, node, &growing), 0);
}
END_TEST

/* Files of their own, each read from its beginning. */
static void start_many(struct growing **many, struct reading_on *reads, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[32], entry[32];
        (void)snprintf(name, sizeof(name), "n%zu", i);
        (void)snprintf(entry, sizeof(entry), "n%zu:grows", i);
        struct node *one = look_up(&f, root_of(&f), name, entry);
        ck_assert_int_eq(growing_open(&f.fs, one, &many[i]), 0);
        growing = many[i];
        start(&reads[i], 0);
    }
}

START_TEST(few_ask_at_a_time)
{
    struct growing *many[GROWING_ASKING + 3];
    struct reading_on reads[GROWING_ASKING + 3];
    struct growing *mine = growing;
    start_many(many, reads, ARRAY_LEN(many));
    ck_assert_uint_eq(asked(), GROWING_ASKING);
    growing_close(many[GROWING_ASKING]); /* one that waits for its turn gives it up */
    wait_stop(&reads[GROWING_ASKING].wait.waiter);
    for (size_t i = 0; i < ARRAY_LEN(many) - 1; i++) {
        growing = many[i];
        scripted_more(scripted_next(&f.source, SCRIPTED_MORE), NULL, true);
        settle(&f);
    }
    ck_assert_uint_eq(asked(), ARRAY_LEN(many) - 1);
    for (size_t i = 0; i < ARRAY_LEN(many); i++) {
        if (i == GROWING_ASKING)
            continue;
        ck_assert(reads[i].over);
        growing_close(many[i]);
    }
    growing = mine;
}
END_TEST

/* A file of its own, read to its end and closed again. */
static struct node *read_and_close(size_t number)
{
    char name[32], entry[32];
    struct growing *mine = growing;
    struct reading_on r;
    (void)snprintf(name, sizeof(name), "n%zu", number);
    (void)snprintf(entry, sizeof(entry), "n%zu:grows", number);
    struct node *one = look_up(&f, root_of(&f), name, entry);
    ck_assert_int_eq(growing_open(&f.fs, one, &growing), 0);
    start(&r, 0);
    bring("kept\n", true);
    ck_assert_int_eq(r.n, 5);
    growing_close(growing);
    settle(&f);
    growing = mine;
    return one;
}

START_TEST(few_are_kept_when_they_are_closed)
{
    struct node *first = read_and_close(0), *second = read_and_close(1);
    for (size_t i = 2; i < GROWING_KEEP_FILES; i++)
        read_and_close(i);
    ck_assert_uint_eq(f.fs.growings.closed_count, GROWING_KEEP_FILES);
    ck_assert_ptr_nonnull(first->extra->growing);
    read_and_close(GROWING_KEEP_FILES);
    ck_assert_uint_eq(f.fs.growings.closed_count, GROWING_KEEP_FILES);
    ck_assert_uint_eq(f.fs.growings.closed_bytes, GROWING_KEEP_FILES * 5);
    ck_assert_ptr_null(first->extra->growing); /* closed longest ago */
    ck_assert_uint_eq(first->size, 0);
    ck_assert_ptr_nonnull(second->extra->growing);
    ck_assert_uint_eq(second->size, 5);
}
END_TEST

START_TEST(closed_ones_give_way)
{
    struct node *kept[3];
    struct rlimit full, usual;
    struct reading_on r;
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        kept[i] = read_and_close(i);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
    int next = fcntl(0, F_DUPFD_CLOEXEC, 0); /* the lowest: all below it are in use */
    ck_assert_int_ge(next, 0);
    ck_assert_int_eq(close(next), 0);
    full = usual;
    full.rlim_cur = (rlim_t)next;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &full), 0);
    start(&r, 0);
    bring("one\n", true);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
    ck_assert_int_eq(r.n, 4);
    check_content("one\n");
    ck_assert_ptr_null(kept[0]->extra->growing);
    ck_assert_ptr_nonnull(kept[1]->extra->growing);
    ck_assert_uint_eq(f.fs.growings.closed_count, 2);
    ck_assert_uint_eq(asked(), 4); /* and nobody was asked again */
}
END_TEST

START_TEST(nothing_gives_way_when_all_are_open)
{
    struct rlimit full, usual;
    struct reading_on r;
    start(&r, 0); /* the spooler is there, the file is not */
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
    int next = fcntl(0, F_DUPFD_CLOEXEC, 0);
    ck_assert_int_eq(close(next), 0);
    full = usual;
    full.rlim_cur = (rlim_t)next;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &full), 0);
    bring("one\n", true);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
    ck_assert_int_eq(r.n, -EMFILE);
    start(&r, 0);
    bring("one\n", true);
    ck_assert_int_eq(r.n, 4);
}
END_TEST

/* Files that are read on and on do not keep one waiting that asks once. */
START_TEST(turns_go_round)
{
    struct growing *many[GROWING_ASKING + 1];
    struct reading_on reads[GROWING_ASKING + 1];
    struct growing *mine = growing;
    start_many(many, reads, ARRAY_LEN(many));
    struct growing *last = many[GROWING_ASKING];
    ck_assert_uint_eq(asked(), GROWING_ASKING);
    ck_assert(last->queued);
    /* One answer to the first, which reads on at once: the last is asked before it is. */
    growing = many[0];
    bring("one\n", false);
    ck_assert_int_eq(reads[0].n, 4);
    ck_assert(last->asking);
    ck_assert(many[0]->queued);
    ck_assert_uint_eq(asked(), GROWING_ASKING + 1);
    growing = many[1];
    bring("two\n", false); /* and then it is the first's turn again */
    ck_assert(many[0]->asking);
    ck_assert(many[1]->queued);
    for (size_t i = 0; i < ARRAY_LEN(many); i++) {
        wait_stop(&reads[i].wait.waiter);
        growing_close(many[i]);
    }
    settle(&f);
    growing = mine;
}
END_TEST

START_TEST(begins_anew_when_it_cannot_keep)
{
    struct reading_on r;
    ck_assert_int_eq(setenv("TMPDIR", "/nowhere/at/all", 1), 0);
    start(&r, 0);
    bring("one\n", true);
    ck_assert_int_eq(r.n, -ENOENT);
    ck_assert_uint_eq(growing->size, 0);
    ck_assert_uint_eq(f.source.readers, 0);
    ck_assert_int_eq(unsetenv("TMPDIR"), 0);
}
END_TEST

SUITE_MAIN("fs/growing", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, reads_page_by_page_to_the_end);
           tcase_add_test(tc, shows_its_size_when_the_end_is_known);
           tcase_add_test(tc, asks_again_at_the_end_after_a_while);
           tcase_add_test(tc, never_asks_a_finished_one);
           tcase_add_test(tc, asking_for_the_size_asks_for_more);
           tcase_add_test(tc, asking_for_the_size_reads_to_the_end);
           tcase_add_test(tc, waits_for_the_size_once_an_open);
           tcase_add_test(tc, a_failure_is_of_those_who_wait);
           tcase_add_test(tc, a_reader_that_cannot_be_opened);
           tcase_add_test(tc, what_was_read_is_kept_when_it_is_closed);
           tcase_add_test(tc, closed_while_asking); tcase_add_test(tc, goes_with_its_node);
           tcase_add_test(tc, few_ask_at_a_time); tcase_add_test(tc, turns_go_round);
           tcase_add_test(tc, few_are_kept_when_they_are_closed);
           tcase_add_test(tc, closed_ones_give_way);
           tcase_add_test(tc, nothing_gives_way_when_all_are_open);
           tcase_add_test(tc, begins_anew_when_it_cannot_keep));
