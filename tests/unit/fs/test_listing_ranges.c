/* Long directories, by a source whose answers take a known time: all names in order, whatever
 * is guessed and whatever fails; how many requests, and how many of those one after another. */
#include "unit/fs/keys.h"

#include "fs/listing_ranges.h"

#include <errno.h>
#include <stdio.h>

#define TRIP_MS 20  /* from a request to its answer, however many there are */
#define GULP    250 /* names that a getdents brings */

static struct fixture f;
static struct keys keys;

/* ---- directories ---- */

static void counters(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        keys_put(&keys, "name-%07u.txt", i);
}

static void hashes(unsigned n)
{
    uint64_t state = 1;
    for (unsigned i = 0; i < n; i++)
        keys_put(&keys, "%016llx", (unsigned long long)random_next(&state));
}

static void dates(unsigned n)
{
    static const unsigned lens[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (unsigned i = 0, day = 0, month = 0; i < n; i++) {
        keys_put(&keys, "2026-%02u-%02uT%02u-%02u.log", month % 12 + 1, day + 1, i / 8 % 24,
                 i % 8 * 7);
        if (i % 192 == 191 && ++day == lens[month % 12]) {
            day = 0;
            month++;
        }
    }
}

static void days_as_directories(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        keys_put(&keys, "d%05u/file", i);
}

/* Dense and sparse by turns. */
static void clusters(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        keys_put(&keys, "%03u-%05u", i / 1777 * 37, i % 1777 * 3);
}

/* Nothing that could be counted on. */
static void words(unsigned n)
{
    uint64_t state = 7;
    static const char *const words[] = {"alpha", "b", "Ceta", "\xc3\xa9t\xc3\xa9",
                                        "z-z",   "_", "%",    "09"};
    for (unsigned i = 0; i < n; i++) {
        char name[64] = "";
        for (size_t k = 0; k < 6; k++) {
            const char *word = words[random_below(&state, ARRAY_LEN(words))];
            memcpy(name + strlen(name), word, strlen(word) + 1);
        }
        keys_put(&keys, "%s%s", name, random_below(&state, 3) ? "" : "/x");
    }
}

/* ---- reading ---- */

/* Answers the oldest request when its time has come. False: none waits. */
static bool answer_in_time(int fails)
{
    static uint64_t state = 3;
    for (size_t i = 0; i < f.source.count; i++) {
        struct scripted *s = &f.source.requests[i];
        if (s->answered)
            continue;
        int64_t due_ns = s->request->started_ns + TRIP_MS * NS_PER_MS;
        f.now_ns = due_ns > f.now_ns ? due_ns : f.now_ns;
        /* Never the listing's own, which would end it. */
        if (fails && *s->start_after && random_below(&state, (size_t)fails) == 0)
            scripted_fail(s, -EBUSY);
        else
            keys_answer(&keys, s);
        settle(&f);
        return true;
    }
    return false;
}

/* Reads the root as getdents does; returns how many trips one after another it took. */
static size_t read_all(struct listing *l, int fails)
{
    int64_t began_ns = f.now_ns;
    size_t at = 0;
    settle(&f);
    for (;;) {
        listing_want(l, at);
        while (l->count <= at && l->state == LISTING_RUNNING)
            ck_assert(answer_in_time(fails));
        if (l->count <= at)
            break;
        at = at + GULP < l->count ? at + GULP : l->count;
    }
    return (size_t)((f.now_ns - began_ns + TRIP_MS * NS_PER_MS - 1) / (TRIP_MS * NS_PER_MS));
}

/* The listing has exactly the names of the keys. */
static void check_names(const struct listing *l)
{
    size_t at = 0;
    const char *before = "";
    size_t before_len = 0;
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    for (size_t i = 0; i < keys.count; i++) {
        const char *key = keys.list[i].name;
        size_t len = strcspn(key, "/");
        bool directory = key[len];
        if (directory && before_len == len + 1 && strncmp(before, key, len + 1) == 0)
            continue;
        ck_assert_uint_lt(at, l->count);
        struct pail_str name = node_name(l->nodes[at]);
        ck_assert_msg(name.len == len && memcmp(name.ptr, key, len) == 0, "%.*s is not %s",
                      (int)name.len, name.ptr, key);
        ck_assert_int_eq(l->nodes[at]->type == ENTRY_DIRECTORY, directory);
        at++;
        before = key;
        before_len = directory ? len + 1 : len;
    }
    ck_assert_uint_eq(at, l->count);
}

static const struct {
    const char *what;
    void (*put)(unsigned n);
    unsigned count;
    size_t requests, trips;    /* at most */
    size_t again, again_trips; /* when it is listed again */
} shapes[] = {
    {"counters", counters, 999, 1, 1, 1, 1},
    {"counters", counters, 1500, 3, 2, 2, 2},
    {"counters", counters, 10000, 12, 5, 11, 4},
    {"counters", counters, 40000, 48, 11, 41, 10},
    {"hashes", hashes, 20000, 25, 8, 21, 6},
    {"dates", dates, 20000, 26, 13, 22, 7},
    {"directories", days_as_directories, 10000, 13, 5, 13, 5},
    {"clusters", clusters, 20000, 25, 15, 22, 7},
    {"words", words, 20000, 25, 17, 23, 8},
};

START_TEST(whole)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    shapes[_i].put(shapes[_i].count);
    for (int again = 0; again < 2; again++) {
        size_t asked = f.source.asked[SCRIPTED_LIST];
        struct listing *l = read_start(&f, root_of(&f));
        size_t trips = read_all(l, 0);
        check_names(l);
        listing_reader_gone(l);
        while (answer_in_time(0))
            ;
        size_t requests = f.source.asked[SCRIPTED_LIST] - asked;
        ck_assert_msg(requests <= (again ? shapes[_i].again : shapes[_i].requests) &&
                          trips <= (again ? shapes[_i].again_trips : shapes[_i].trips),
                      "%s %u%s: %zu requests, %zu trips", shapes[_i].what, shapes[_i].count,
                      again ? " again" : "", requests, trips);
        advance(&f, FIXTURE_TTL_MS + 1);
    }
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LOOKUP], 0);
    keys_stop(&keys, &f);
}
END_TEST

/* Requests of ranges fail: the listing asks again when it comes there. */
START_TEST(ranges_fail)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    shapes[_i].put(shapes[_i].count);
    struct listing *l = read_start(&f, root_of(&f));
    for (int fails = 4; fails > 0 && l->state != LISTING_COMPLETE; fails--) {
        read_all(l, fails);
        if (l->state == LISTING_FAILED) {
            ck_assert_int_eq(l->status, -EBUSY);
            listing_reader_gone(l);
            while (answer_in_time(0))
                ;
            l = read_start(&f, root_of(&f));
        }
    }
    read_all(l, 0);
    check_names(l);
    listing_reader_gone(l);
    while (answer_in_time(0))
        ;
    keys_stop(&keys, &f);
}
END_TEST

/* Who stops reading has cost little. */
START_TEST(bounded)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    counters(60000);
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, 0);
    while (answer_in_time(0))
        ;
    ck_assert_uint_le(f.source.asked[SCRIPTED_LIST], LISTING_AHEAD / KEYS_PAGE + 1);
    listing_want(l, RANGES_PROOF);
    while (answer_in_time(0))
        ;
    ck_assert_uint_le(f.source.asked[SCRIPTED_LIST],
                      (LISTING_AHEAD + RANGES_GAIN * RANGES_PROOF) / KEYS_PAGE + 3);
    for (size_t at = 0; at < 8000; at += GULP) {
        listing_want(l, at);
        while (answer_in_time(0))
            ;
        ck_assert_uint_le(f.source.asked[SCRIPTED_LIST],
                          (l->count + RANGES_AHEAD) / KEYS_PAGE + 3);
    }
    /* Nothing is asked for nobody, and what waits is given back. */
    size_t asked = f.source.asked[SCRIPTED_LIST];
    listing_want(l, 8000);
    listing_reader_gone(l);
    while (answer_in_time(0))
        ;
    ck_assert_uint_le(f.source.asked[SCRIPTED_LIST], asked + RANGES_MAX);
    keys_stop(&keys, &f);
}
END_TEST

/* A source that cannot begin anywhere is asked for a page after the other. */
START_TEST(unpaged)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    f.source.unpaged = true;
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, 0);
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(scripted_waiting(&f.source), 1);
        CLEANUP_DONE(buf) struct buf page;
        buf_init(&page, 64 * KEYS_PAGE);
        for (int k = 0; k < KEYS_PAGE; k++)
            buf_addf(&page, "n%05d ", i * KEYS_PAGE + k);
        scripted_page(scripted_last(&f.source), buf_c(&page), i < 4 ? "MORE" : NULL);
        settle(&f);
        listing_want(l, l->count);
    }
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    ck_assert_uint_eq(l->count, 5 * KEYS_PAGE);
    listing_reader_gone(l);
    keys_stop(&keys, &f);
}
END_TEST

/* A server that does not know start-after tells the names from the beginning, of which the
 * source keeps none: it is asked once. */
START_TEST(start_after_unknown)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    counters(8000);
    struct listing *l = read_start(&f, root_of(&f));
    for (size_t at = 0; l->state == LISTING_RUNNING; at = l->count) {
        listing_want(l, at);
        while (l->count <= at && l->state == LISTING_RUNNING) {
            struct scripted *s = scripted_next(&f.source, SCRIPTED_LIST);
            if (*s->start_after)
                scripted_page(s, "", "MORE");
            else
                keys_answer(&keys, s);
            settle(&f);
        }
    }
    check_names(l);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LIST], 8 + 1);
    listing_reader_gone(l);
    keys_stop(&keys, &f);
}
END_TEST

/* The names change while they are listed: each page is true of its time, none comes twice. */
START_TEST(changes)
{
    uint64_t state = (uint64_t)_i + 1;
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    hashes(12000);
    struct listing *l = read_start(&f, root_of(&f));
    for (size_t at = 0; l->state == LISTING_RUNNING || at < l->count; at = l->count) {
        listing_want(l, at);
        while (l->count <= at && l->state == LISTING_RUNNING) {
            for (int i = 0; i < 20; i++) {
                keys_put(&keys, "%016llx", (unsigned long long)random_next(&state));
                keys_remove(&keys, keys.list[random_below(&state, keys.count)].name);
            }
            ck_assert(answer_in_time(0));
        }
    }
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    for (size_t i = 1; i < l->count; i++)
        ck_assert_int_lt(str_cmp(node_name(l->nodes[i - 1]), node_name(l->nodes[i])), 0);
    listing_reader_gone(l);
    while (answer_in_time(0))
        ;
    keys_stop(&keys, &f);
}
END_TEST

/* A directory whose name stands after files that begin with it, as "log/" after "log-4999",
 * somewhere at the end of a page. */
START_TEST(directory_after_its_files)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    for (unsigned i = 0; i < KEYS_PAGE * (3 * (unsigned)_i + 2) - 1; i++)
        keys_put(&keys, "a%05u", i);
    for (unsigned i = 0; i < 5 * KEYS_PAGE; i++)
        keys_put(&keys, "log-%04u", i);
    keys_put(&keys, "log/x");
    for (unsigned i = 0; i < 5 * KEYS_PAGE; i++)
        keys_put(&keys, "log0%05u", i);
    for (int again = 0; again < 2; again++) {
        struct listing *l = read_start(&f, root_of(&f));
        read_all(l, 0);
        check_names(l);
        listing_reader_gone(l);
        while (answer_in_time(0))
            ;
        advance(&f, FIXTURE_TTL_MS + 1);
    }
    keys_stop(&keys, &f);
}
END_TEST

/* The oldest that asks for names after `start`, NULL: none waits. */
static struct scripted *waiting_after(const char *start)
{
    for (size_t i = 0; i < f.source.count; i++) {
        struct scripted *s = &f.source.requests[i];
        if (!s->answered && strcmp(s->start_after, start) == 0)
            return s;
    }
    return NULL;
}

/* The last name is where a range begins that has not been answered when the others are whole.
 */
START_TEST(ends_where_a_range_begins)
{
    static const char last[] = "n0007999";
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    for (unsigned i = 0; i < 8 * KEYS_PAGE; i++)
        keys_put(&keys, "n%07u", i);
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, RANGES_PROOF);
    while (l->state == LISTING_RUNNING) {
        struct scripted *s = NULL;
        for (size_t i = f.source.count; i-- > 0 && !s;) {
            s = &f.source.requests[i];
            if (s->answered || strcmp(s->start_after, last) == 0)
                s = NULL;
        }
        ck_assert_ptr_nonnull(s);
        keys_answer(&keys, s);
        settle(&f);
        listing_want(l, l->count);
    }
    struct scripted *late = waiting_after(last);
    if (late)
        scripted_fail(late, -EBUSY);
    else
        ck_assert_uint_eq(f.source.cancels, 1);
    settle(&f);
    check_names(l);
    listing_reader_gone(l);
    keys_stop(&keys, &f);
}
END_TEST

/* Names of a range that are out of order end the listing, whatever comes after them. */
START_TEST(failed_for_good)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    counters(12000);
    struct listing *l = read_start(&f, root_of(&f));
    listing_want(l, RANGES_PROOF);
    keys_answer(&keys, scripted_next(&f.source, SCRIPTED_LIST));
    settle(&f);
    listing_want(l, 2 * RANGES_PROOF);
    struct scripted *s = waiting_after("name-0003999");
    ck_assert_ptr_nonnull(s);
    scripted_page(s, "name-0004001.txt name-0004000.txt", "@name-0004001.txt");
    settle(&f);
    while (l->state == LISTING_RUNNING) {
        s = NULL;
        for (size_t i = 0; i < f.source.count && !s; i++) {
            s = &f.source.requests[i];
            if (s->answered || !*s->cursor || strcmp(s->cursor, "@name-0004") > 0)
                s = NULL;
        }
        ck_assert_ptr_nonnull(s);
        keys_answer(&keys, s);
        settle(&f);
        listing_want(l, l->count);
    }
    ck_assert_int_eq(l->status, -EPROTO);
    for (size_t i = 0; i < f.source.count; i++) {
        s = &f.source.requests[i];
        if (!s->answered)
            scripted_page(s, "name-0009999.txt", NULL);
    }
    settle(&f);
    ck_assert_int_eq(l->state, LISTING_FAILED);
    ck_assert_int_eq(l->status, -EPROTO);
    listing_reader_gone(l);
    keys_stop(&keys, &f);
}
END_TEST

/* Without memory it is slower, or fails, but never wrong. */
START_TEST(poor)
{
    for (long granted = 0; granted < 40; granted++) {
        keys_start(&keys, &f, FIXTURE_TTL_MS);
        counters(6000);
        struct listing *l = read_start(&f, root_of(&f));
        size_t at = 0;
        for (int turn = 0; l->state == LISTING_RUNNING; turn++) {
            /* What the source answers with is the world's. */
            if (turn == 3)
                alloc_fail_after(granted);
            listing_want(l, at);
            alloc_fail_after(-1);
            ck_assert(l->state != LISTING_RUNNING || answer_in_time(0));
            at = l->count;
        }
        if (l->state == LISTING_COMPLETE)
            check_names(l);
        else
            ck_assert_int_eq(l->status, -ENOMEM);
        listing_reader_gone(l);
        while (answer_in_time(0))
            ;
        keys_stop(&keys, &f);
    }
}
END_TEST

SUITE_MAIN("fs/listing_ranges", tcase_add_loop_test(tc, whole, 0, ARRAY_LEN(shapes));
           tcase_add_loop_test(tc, ranges_fail, 0, ARRAY_LEN(shapes));
           tcase_add_test(tc, bounded); tcase_add_test(tc, unpaged);
           tcase_add_loop_test(tc, changes, 0, 20); tcase_add_test(tc, start_after_unknown);
           tcase_add_loop_test(tc, directory_after_its_files, 0, 4);
           tcase_add_test(tc, ends_where_a_range_begins); tcase_add_test(tc, failed_for_good);
           tcase_add_test(tc, poor));
