#include "unit/fs/fixture.h"

#include <stdio.h>

#define MIB (1024 * 1024)

static struct fixture f;

/* Files whose first GET takes a MiB: 2 MiB and the reserve hold ROOM of them. */
enum { FILES = 40, ROOM = 9, STEP_MS = 100 };

static struct opening files[FILES];
static int64_t asked_ms[16 * FILES]; /* when each request of the source was asked for */
static size_t asked;
static int64_t now_ms;

static void start(void)
{
    fixture_init(&f);
    f.options.memory_limit = 2 * MIB;
    f.options.operation_timeout_ms = 60000;
    fixture_start(&f);
    asked = 0;
    now_ms = 0;
}

static struct node *file(const char *name)
{
    return file_node(&f, name, "v1", 8 * MIB);
}

static void open_file(struct opening *o, const char *prefix, unsigned number)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%s%u", prefix, number);
    open_start(&f, o, file(name));
    settle(&f);
}

/* True if it is over: then it has been closed. */
static bool close_if_over(struct opening *o)
{
    if (!o->over)
        return false;
    ck_assert_int_eq(o->status, 0);
    if (o->handle)
        handle_free(STEAL(o->handle), 0);
    return true;
}

/* Answers what was asked for `after_ms` ago, of paths that begin so. */
static void answer_after(int64_t after_ms, const char *prefix)
{
    for (; asked < f.source.count; asked++) {
        ck_assert_uint_lt(asked, sizeof asked_ms / sizeof *asked_ms);
        asked_ms[asked] = now_ms;
    }
    for (size_t i = 0; i < asked; i++) {
        struct scripted *s = &f.source.requests[i];
        if (s->kind == SCRIPTED_READ && !s->answered && now_ms - asked_ms[i] >= after_ms &&
            strncmp(s->path, prefix, strlen(prefix)) == 0)
            scripted_finish(s);
    }
    settle(&f);
}

static void pass_time(void)
{
    advance(&f, STEP_MS);
    now_ms += STEP_MS;
}

static size_t asked_of(const char *prefix)
{
    size_t count = 0;
    for (size_t i = 0; i < f.source.count; i++) {
        const struct scripted *s = &f.source.requests[i];
        count += s->kind == SCRIPTED_READ && strncmp(s->path, prefix, strlen(prefix)) == 0;
    }
    return count;
}

/* The newest request of paths that begin so. */
static struct scripted *last_of(const char *prefix)
{
    for (size_t i = f.source.count; i-- > 0;) {
        struct scripted *s = &f.source.requests[i];
        if (s->kind == SCRIPTED_READ && strncmp(s->path, prefix, strlen(prefix)) == 0)
            return s;
    }
    ck_abort_msg("nothing was asked of %s", prefix);
}

/* Neither who comes just when memory is back goes before who has waited, nor does a file of
 * which much is read. */
START_TEST(in_turn)
{
    enum { READS = 40 };
    static struct reading reads[READS];
    start();
    struct handle *handle = open_whole(&f, file_node(&f, "much", "v1", 1024 * MIB));
    memset(reads, 0, sizeof reads);
    for (uint64_t i = 0; i < READS; i++)
        reading_start(&f, &reads[i], handle, (i + 2) * 8 * MIB, MIB);
    ck_assert_uint_lt(asked_of("much"), READS);
    for (unsigned i = 0; i < 5; i++) {
        open_file(&files[i], "f", i);
        ck_assert_uint_eq(asked_of("f"), 0);
    }
    for (unsigned i = 0; i < 5; i++) {
        /* One goes, and one more comes. */
        scripted_finish(read_request(&f));
        mailbox_deliver(f.mailbox);
        open_file(&files[5 + i], "late", i);
    }
    ck_assert_uint_ge(asked_of("f"), 4);
    ck_assert_uint_eq(asked_of("late"), 0);
    answer_reads(&f);
    for (unsigned i = 0; i < 10; i++)
        ck_assert(close_if_over(&files[i]));
    for (unsigned i = 0; i < READS; i++)
        ck_assert(reads[i].over && reads[i].status == 0);
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

/* What one read needs is given at once, though it takes two GETs. */
START_TEST(of_two_parts)
{
    enum { READS = 40 };
    static struct reading reads[READS], across;
    start();
    struct handle *handle = open_whole(&f, file_node(&f, "much", "v1", 1024 * MIB)),
                  *other = open_whole(&f, file_node(&f, "across", "v1", 1024 * MIB));
    memset(reads, 0, sizeof reads);
    memset(&across, 0, sizeof across);
    for (uint64_t i = 0; i < READS; i++)
        reading_start(&f, &reads[i], handle, (i + 2) * 8 * MIB, MIB);
    size_t before = asked_of("across");
    reading_start(&f, &across, other, 64 * MIB - MIB / 2, MIB);
    open_file(&files[0], "f", 0);
    ck_assert_uint_eq(asked_of("across"), before);
    while (asked_of("across") == before) {
        scripted_finish(read_request(&f));
        settle(&f);
    }
    ck_assert_uint_eq(asked_of("across"), before + 2);
    answer_reads(&f);
    ck_assert(across.over && across.status == 0 && close_if_over(&files[0]));
    handle_free(handle, 0);
    handle_free(other, 0);
    files_done(&f);
}
END_TEST

/* More files have no answer than there is room for: those that the server answers are read
 * beside them, one after the other. */
START_TEST(beside_the_stalled)
{
    start();
    for (unsigned i = 0; i < FILES; i++)
        open_file(&files[i], "stalled", i);
    ck_assert_uint_eq(asked_of("stalled"), ROOM);
    for (unsigned i = 0; i < 20; i++) {
        struct opening o;
        int64_t began_ms = now_ms;
        open_file(&o, "quick", i);
        for (answer_after(0, "quick"); !close_if_over(&o); answer_after(0, "quick"))
            pass_time();
        /* The first waits for those before it, a second for each room full. */
        ck_assert_int_le(now_ms - began_ms, i == 0 ? 1000 * (FILES / ROOM + 1) : 1000);
    }
    answer_reads(&f);
    for (unsigned i = 0; i < FILES; i++)
        ck_assert(close_if_over(&files[i]));
    files_done(&f);
}
END_TEST

/* Where every answer takes long, it is waited for: nothing is asked for again and again. */
START_TEST(where_all_is_slow)
{
    enum { ANSWER_MS = 3000 };
    start();
    for (unsigned i = 0; i < FILES; i++)
        open_file(&files[i], "f", i);
    unsigned open = FILES;
    while (open > 0) {
        answer_after(ANSWER_MS, "f");
        open = 0;
        for (unsigned i = 0; i < FILES; i++)
            open += !close_if_over(&files[i]);
        pass_time();
        ck_assert_int_lt(now_ms, f.options.operation_timeout_ms);
    }
    ck_assert_uint_le(asked_of("f"), 2 * FILES);
    files_done(&f);
}
END_TEST

/* Those that come all the time, and are answered, leave room for those who gave way. */
START_TEST(among_newcomers)
{
    start();
    struct opening stream[ROOM];
    unsigned number = 0;
    for (unsigned i = 0; i < ROOM; i++)
        open_file(&files[i], "f", i);
    for (unsigned i = 0; i < ROOM; i++)
        open_file(&stream[i], "new", number++);
    bool over = false;
    while (!over) {
        pass_time();
        /* The first ones get an answer only when they ask anew. */
        if (now_ms > 1500)
            answer_after(200, "f");
        answer_after(200, "new");
        over = true;
        for (unsigned i = 0; i < ROOM; i++)
            over = close_if_over(&files[i]) && over;
        for (unsigned i = 0; i < ROOM; i++) {
            if (close_if_over(&stream[i]))
                open_file(&stream[i], "new", number++);
        }
        ck_assert_int_lt(now_ms, 15000);
    }
    answer_reads(&f);
    for (unsigned i = 0; i < ROOM; i++)
        ck_assert(close_if_over(&stream[i]));
    files_done(&f);
}
END_TEST

/* A file that gave way has an answer to one of its GETs while it waits for memory for another:
 * it no longer waits behind those who have none. */
START_TEST(answered_while_it_waits)
{
    enum { NEWCOMERS = 2 };
    static struct reading one, other;
    bool answered = _i;
    memset(&one, 0, sizeof one);
    memset(&other, 0, sizeof other);
    start();
    struct handle *handle = open_whole(&f, file_node(&f, "much", "v1", 1024 * MIB));
    reading_start(&f, &one, handle, 8 * MIB, MIB);
    for (unsigned i = 0; i < ROOM - 1; i++)
        open_file(&files[i], "stalled", i);
    /* Each newcomer has one more give way; the first that did has its share again. */
    advance(&f, 1000);
    struct opening newcomers[NEWCOMERS];
    size_t asked_before = asked_of("much");
    for (unsigned i = 0; i < NEWCOMERS; i++)
        open_file(&newcomers[i], "new", i);
    ck_assert_uint_eq(asked_of("new"), NEWCOMERS);
    ck_assert_uint_eq(asked_of("much"), asked_before + 1);
    ck_assert_uint_eq(asked_of("stalled"), ROOM - 1);
    reading_start(&f, &other, handle, 64 * MIB, MIB);
    if (answered)
        scripted_open(last_of("much"));
    settle(&f);
    /* As for a newcomer, others give way at once. */
    ck_assert_uint_eq(asked_of("much"), asked_before + 1 + answered);
    answer_reads(&f);
    ck_assert(one.over && one.status == 0 && other.over && other.status == 0);
    for (unsigned i = 0; i < NEWCOMERS; i++)
        ck_assert(close_if_over(&newcomers[i]));
    for (unsigned i = 0; i < ROOM - 1; i++)
        ck_assert(close_if_over(&files[i]));
    handle_free(handle, 0);
    files_done(&f);
}
END_TEST

SUITE_MAIN("fs/file_memory", tcase_add_test(tc, in_turn); tcase_add_test(tc, of_two_parts);
           tcase_add_test(tc, beside_the_stalled); tcase_add_test(tc, where_all_is_slow);
           tcase_add_test(tc, among_newcomers);
           tcase_add_loop_test(tc, answered_while_it_waits, 0, 2));
