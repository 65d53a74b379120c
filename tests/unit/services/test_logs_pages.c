#include "services/logs_pages.h"

#include "base/random.h"
#include "base/str.h"
#include "unit/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define EVENT(ms, text)                                                                        \
    {                                                                                          \
        .timestamp = PAIL_INT(ms), .message = PAIL_STR(text)                                   \
    }
#define PAGE_OF(list, count, token)                                                            \
    {                                                                                          \
        .events = {(list), (count)}, .next_forward_token = (token)                             \
    }
#define PAGE(list, token) PAGE_OF(list, sizeof(list) / sizeof((list)[0]), token)

static const struct pail_logs_log_event ab[] = {EVENT(1, "a"), EVENT(2, "b")},
                                        abc[] = {EVENT(1, "a"), EVENT(2, "b"), EVENT(2, "c")},
                                        c[] = {EVENT(2, "c")};

/* Takes a page and compares what is new with `expected`, a letter an event. */
static int take(struct logs_pages *pages, const struct pail_logs_get_log_events_output *out,
                const char *expected)
{
    struct pail_logs_log_events fresh = {0};
    const char *reason;
    int r = logs_pages_take(pages, out, &fresh, &reason);
    ck_assert_uint_eq(fresh.count, strlen(expected));
    for (size_t i = 0; i < fresh.count; i++)
        ck_assert_int_eq(fresh.items[i].message.ptr[0], expected[i]);
    return r;
}

static struct pail_logs_get_log_events_input asked(const struct logs_pages *pages)
{
    struct pail_logs_get_log_events_input in = {0};
    logs_pages_ask(pages, &in);
    ck_assert(in.start_from_head.present && in.start_from_head.value);
    return in;
}

START_TEST(asks_from_the_bounds)
{
    struct logs_pages pages;
    logs_pages_init(&pages, INT64_MIN, INT64_MAX);
    struct pail_logs_get_log_events_input in = asked(&pages);
    ck_assert(!in.start_time.present && !in.end_time.present && !in.next_token.ptr);
    logs_pages_init(&pages, 5, 9);
    in = asked(&pages);
    ck_assert_int_eq(in.start_time.value, 5);
    ck_assert_int_eq(in.end_time.value, 9);
    logs_pages_done(&pages);
}
END_TEST

START_TEST(goes_on_past_empty_pages)
{
    static const struct pail_logs_get_log_events_output first = PAGE(ab, PAIL_STR("f/1")),
                                                        empty = PAGE_OF(ab, 0, PAIL_STR("f/2")),
                                                        third = PAGE(c, PAIL_STR("f/3")),
                                                        end = PAGE_OF(ab, 0, PAIL_STR("f/3"));
    struct logs_pages pages;
    logs_pages_init(&pages, 1, INT64_MAX);
    ck_assert_int_eq(take(&pages, &first, "ab"), 1);
    check_str(asked(&pages).next_token, "f/1");
    ck_assert_int_eq(asked(&pages).start_time.value, 1);
    ck_assert_int_eq(take(&pages, &empty, ""), 1);
    ck_assert_int_eq(take(&pages, &third, "c"), 1);
    ck_assert_int_eq(take(&pages, &end, ""), 0);
    check_str(asked(&pages).next_token, "f/3");
    logs_pages_done(&pages);
}
END_TEST

START_TEST(passes_over_a_page_that_comes_again)
{
    static const struct pail_logs_get_log_events_output first = PAGE(ab, PAIL_STR("f/1")),
                                                        again = PAGE(ab, PAIL_STR("f/1")),
                                                        grown = PAGE(abc, PAIL_STR("f/1")),
                                                        moved = PAGE(abc, PAIL_STR("f/4")),
                                                        rest = PAGE(c, PAIL_STR("f/4"));
    struct logs_pages pages;
    logs_pages_init(&pages, INT64_MIN, INT64_MAX);
    pages.token = str_dup(PAIL_STR("f/1"));
    ck_assert_int_eq(take(&pages, &first, "ab"), 0);
    ck_assert_int_eq(take(&pages, &again, ""), 0);
    ck_assert_int_eq(take(&pages, &grown, "c"), 0);
    ck_assert_int_eq(take(&pages, &grown, ""), 0);
    ck_assert_int_eq(take(&pages, &moved, ""), 1);
    ck_assert_int_eq(take(&pages, &rest, "c"), 0);
    /* Another event in the place of the one that was given. */
    ck_assert_int_eq(take(&pages, &again, "ab"), 1);
    logs_pages_done(&pages);
}
END_TEST

static const struct pail_error refused = {.sys = EINVAL, .code = "InvalidParameterException"};

START_TEST(replaces_a_refused_token_by_the_time)
{
    static const struct pail_logs_log_event more[] = {EVENT(2, "b"), EVENT(2, "c"),
                                                      EVENT(2, "d"), EVENT(3, "e")};
    static const struct pail_logs_get_log_events_output first = PAGE(abc, PAIL_STR("f/1")),
                                                        empty = PAGE_OF(ab, 0, PAIL_STR("f/7")),
                                                        second = PAGE(more, PAIL_STR("f/8"));
    struct logs_pages pages;
    logs_pages_init(&pages, 1, INT64_MAX);
    ck_assert(!logs_pages_renew(&pages, &refused)); /* there was no token */
    ck_assert_int_eq(take(&pages, &first, "abc"), 1);
    ck_assert(!logs_pages_renew(&pages, &(struct pail_error){.code = "AccessDenied"}));
    ck_assert(logs_pages_renew(&pages, &refused));
    check_absent(asked(&pages).next_token);
    ck_assert_int_eq(asked(&pages).start_time.value, 2);
    ck_assert(!logs_pages_renew(&pages, &refused));
    ck_assert_int_eq(take(&pages, &empty, ""), 1);
    ck_assert(!logs_pages_renew(&pages, &refused)); /* nothing new since: it would not end */
    ck_assert_int_eq(take(&pages, &second, "de"), 1);
    ck_assert(logs_pages_renew(&pages, &refused));
    ck_assert_int_eq(asked(&pages).start_time.value, 3);
    logs_pages_done(&pages);
}
END_TEST

START_TEST(refuses_an_answer_without_a_token)
{
    static const struct pail_logs_get_log_events_output absent = {.events = {ab, 2}},
                                                        listless = {.next_forward_token =
                                                                        PAIL_STR("f/1")},
                                                        empty = PAGE(ab, PAIL_STR("")),
                                                        good = PAGE(ab, PAIL_STR("f/1"));
    struct logs_pages pages;
    logs_pages_init(&pages, INT64_MIN, INT64_MAX);
    ck_assert_int_eq(take(&pages, &absent, ""), -EPROTO);
    ck_assert_int_eq(take(&pages, &empty, ""), -EPROTO);
    ck_assert_int_eq(take(&pages, &listless, ""), -EPROTO);
    ck_assert_int_eq(take(&pages, &good, "ab"), 1);
    logs_pages_done(&pages);
}
END_TEST

START_TEST(out_of_memory_changes_nothing)
{
    static const struct pail_logs_get_log_events_output good = PAGE(ab, PAIL_STR("f/1"));
    struct pail_logs_log_events fresh = {0};
    struct logs_pages pages;
    logs_pages_init(&pages, INT64_MIN, INT64_MAX);
    alloc_fail_after(0);
    const char *reason;
    int r = logs_pages_take(&pages, &good, &fresh, &reason);
    alloc_fail_after(-1);
    ck_assert_int_eq(r, -ENOMEM);
    ck_assert_int_eq(take(&pages, &good, "ab"), 1);
    logs_pages_done(&pages);
}
END_TEST

/* ---- a stream that grows, behind servers of several kinds ---- */

enum { STREAM_MAX = 400 };

struct server {
    struct pail_logs_log_event events[STREAM_MAX];
    char messages[STREAM_MAX][8];
    size_t count, limit;
    bool repeats; /* at the end the token stays, and what came with it comes again */
    bool gaps;    /* there are empty pages before the end */
    bool expires; /* tokens may be refused */
    char token[32];
    struct random random;
};

static void grow(struct server *s, size_t count)
{
    for (; count > 0 && s->count < STREAM_MAX; count--, s->count++) {
        size_t i = s->count;
        int64_t last = i > 0 ? s->events[i - 1].timestamp.value : 100;
        (void)snprintf(s->messages[i], sizeof(s->messages[i]), "%zu", i);
        s->events[i].message = str_c(s->messages[i]);
        s->events[i].timestamp = PAIL_INT(last + (random_u64(&s->random) % 3 == 0));
    }
}

/* Tokens are "f/INDEX/NUMBER OF EMPTY PAGES"; -EINVAL: it is refused. */
static int serve(struct server *s, const struct pail_logs_get_log_events_input *in,
                 struct pail_logs_get_log_events_output *out)
{
    size_t at = 0;
    unsigned gaps = 0;
    if (in->next_token.ptr && s->expires && random_u64(&s->random) % 8 == 0)
        return -EINVAL;
    if (in->next_token.ptr)
        ck_assert_int_eq(sscanf(in->next_token.ptr, "f/%zu/%u", &at, &gaps), 2);
    while (!in->next_token.ptr && in->start_time.present && at < s->count &&
           s->events[at].timestamp.value < in->start_time.value)
        at++;
    size_t len = s->count - at < s->limit ? s->count - at : s->limit;
    if (s->gaps && len > 0 && gaps < 3 && random_u64(&s->random) % 3 == 0)
        len = 0, gaps++;
    out->events = (struct pail_logs_log_events){s->events + at, len};
    bool stays = s->repeats && in->next_token.ptr && len < s->limit && at + len == s->count;
    (void)snprintf(s->token, sizeof(s->token), "f/%zu/%u", stays ? at : at + len, gaps);
    out->next_forward_token = str_c(s->token);
    return 0;
}

/* Reads to the end for now; `*given` events were. */
static void follow(struct server *s, struct logs_pages *pages, size_t *given)
{
    int r = 1;
    while (r > 0) {
        struct pail_logs_get_log_events_input in = asked(pages);
        struct pail_logs_get_log_events_output out = {0};
        struct pail_logs_log_events fresh = {0};
        if (serve(s, &in, &out) < 0) {
            if (!logs_pages_renew(pages, &refused))
                return; /* as a caller fails; this one tries again later */
            continue;
        }
        const char *reason;
        r = logs_pages_take(pages, &out, &fresh, &reason);
        ck_assert_int_ge(r, 0);
        for (size_t i = 0; i < fresh.count; i++, (*given)++)
            ck_assert_str_eq(fresh.items[i].message.ptr, s->messages[*given]);
    }
}

START_TEST(gives_every_event_once)
{
    struct server *s = calloc(1, sizeof(*s));
    struct logs_pages pages;
    size_t given = 0;
    ck_assert_ptr_nonnull(s);
    random_seed(&s->random, (uint64_t)_i);
    s->limit = 1 + random_u64(&s->random) % 9;
    s->repeats = _i % 2;
    s->gaps = !s->repeats && _i / 2 % 2;
    s->expires = _i / 4 % 2;
    logs_pages_init(&pages, _i / 8 % 2 ? 0 : INT64_MIN, INT64_MAX);
    while (s->count < STREAM_MAX) {
        grow(s, random_u64(&s->random) % 12);
        follow(s, &pages, &given);
        ck_assert_uint_le(given, s->count);
    }
    s->expires = false;
    follow(s, &pages, &given);
    ck_assert_uint_eq(given, s->count);
    logs_pages_done(&pages);
    free(s);
}
END_TEST

SUITE_MAIN("services/logs_pages", tcase_add_test(tc, asks_from_the_bounds);
           tcase_add_test(tc, goes_on_past_empty_pages);
           tcase_add_test(tc, passes_over_a_page_that_comes_again);
           tcase_add_test(tc, replaces_a_refused_token_by_the_time);
           tcase_add_test(tc, refuses_an_answer_without_a_token);
           tcase_add_test(tc, out_of_memory_changes_nothing);
           tcase_add_loop_test(tc, gives_every_event_once, 0, 400));
