#include "services/logs_search.h"

#include "base/num.h"
#include "base/random.h"
#include "base/str.h"
#include "unit/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define NOW INT64_C(1000000)
#define EVENT(ms, id_)                                                                         \
    {                                                                                          \
        .timestamp = PAIL_INT(ms), .event_id = PAIL_STR(id_)                                   \
    }
#define PAGE(list)                                                                             \
    {                                                                                          \
        (list), sizeof(list) / sizeof((list)[0])                                               \
    }
/* There are events, but none. */
#define NOTHING                                                                                \
    {                                                                                          \
        &(const struct pail_logs_filtered_log_event){.event_id = {0}}, 0                       \
    }
#define NONE INT64_MIN

static const char *reason;

/* Takes a page and compares the ids of what is new with `expected`, a letter each. */
static int take(struct logs_search *search,
                const struct pail_logs_filter_log_events_output *out, const char *expected)
{
    int r = logs_search_take(search, NOW, out, &reason);
    ck_assert_uint_eq(search->fresh_count, strlen(expected));
    for (size_t i = 0; i < search->fresh_count; i++)
        ck_assert_int_eq(search->fresh[i]->event_id.ptr[0], expected[i]);
    return r;
}

static struct pail_logs_filter_log_events_input asked(const struct logs_search *search)
{
    struct pail_logs_filter_log_events_input in = {0};
    logs_search_ask(search, &in);
    return in;
}

static const struct pail_logs_filtered_log_event abc[] = {EVENT(1, "a"), EVENT(5, "b"),
                                                          EVENT(5, "c")},
                                                 bcde[] = {EVENT(5, "b"), EVENT(5, "d"),
                                                           EVENT(5, "c"), EVENT(6, "e")},
                                                 f[] = {EVENT(7, "f")};

START_TEST(asks_from_the_bounds)
{
    struct logs_search search;
    logs_search_init(&search, NONE, INT64_MAX, 0);
    struct pail_logs_filter_log_events_input in = asked(&search);
    ck_assert(!in.start_time.present && !in.end_time.present && !in.next_token.ptr);
    logs_search_init(&search, 3, 9, 0);
    in = asked(&search);
    ck_assert_int_eq(in.start_time.value, 3);
    ck_assert_int_eq(in.end_time.value, 8); /* which belongs to it, unlike GetLogEvents' */
    logs_search_done(&search);
}
END_TEST

START_TEST(reads_to_the_end_and_on)
{
    const struct pail_logs_filter_log_events_output first = {.events = PAGE(abc),
                                                             .next_token = PAIL_STR("t")},
                                                    empty = {.events = NOTHING,
                                                             .next_token = PAIL_STR("u")},
                                                    last = {.events = PAGE(bcde)},
                                                    later = {.events = PAGE(f)};
    struct logs_search search;
    logs_search_init(&search, 0, INT64_MAX, 0);
    ck_assert_int_eq(take(&search, &first, "abc"), 1);
    check_str(asked(&search).next_token, "t");
    ck_assert_int_eq(take(&search, &empty, ""), 1);
    ck_assert_int_eq(asked(&search).start_time.value, 0); /* it is still the same round */
    ck_assert_int_eq(take(&search, &last, "de"), 0);
    check_absent(asked(&search).next_token);
    ck_assert_int_eq(asked(&search).start_time.value, 6);
    ck_assert_int_eq(take(&search, &last, "bdc"), 0); /* before it: not what was asked for */
    ck_assert_int_eq(take(&search, &later, "f"), 0);
    ck_assert_int_eq(take(&search, &later, ""), 0);
    logs_search_done(&search);
}
END_TEST

/* With an overlap, what is late is found, and what was given is known. */
START_TEST(finds_what_comes_late)
{
    static const struct pail_logs_filtered_log_event late[] = {EVENT(1, "a"), EVENT(4, "l"),
                                                               EVENT(5, "b"), EVENT(5, "c")};
    const struct pail_logs_filter_log_events_output first = {.events = PAGE(abc)},
                                                    second = {.events = PAGE(late)};
    struct logs_search search;
    logs_search_init(&search, NONE, INT64_MAX, 4);
    ck_assert_int_eq(take(&search, &first, "abc"), 0);
    ck_assert_int_eq(asked(&search).start_time.value, 1);
    ck_assert_int_eq(take(&search, &second, "l"), 0);
    logs_search_done(&search);
    logs_search_init(&search, 3, INT64_MAX, 4); /* but not from before the bound */
    ck_assert_int_eq(take(&search, &first, "abc"), 0);
    ck_assert_int_eq(asked(&search).start_time.value, 3);
    logs_search_done(&search);
}
END_TEST

/* An event of the future does not hide the present. */
START_TEST(does_not_go_on_in_the_future)
{
    static const struct pail_logs_filtered_log_event odd[] = {EVENT(NOW + 7200000, "a")};
    const struct pail_logs_filter_log_events_output out = {.events = PAGE(odd)};
    struct logs_search search;
    logs_search_init(&search, NONE, INT64_MAX, 10);
    ck_assert_int_eq(take(&search, &out, "a"), 0);
    ck_assert_int_eq(asked(&search).start_time.value, NOW - 10);
    ck_assert_int_eq(take(&search, &out, ""), 0);
    logs_search_done(&search);
}
END_TEST

START_TEST(knows_events_without_ids)
{
    static const struct pail_logs_filtered_log_event odd[] = {
        {.timestamp = PAIL_INT(5), .message = PAIL_STR("x"), .log_stream_name = PAIL_STR("s")},
        {.timestamp = PAIL_INT(5), .message = PAIL_STR("sx"), .log_stream_name = PAIL_STR("")},
        {.timestamp = PAIL_INT(5), .message = PAIL_STR("y"), .log_stream_name = PAIL_STR("s")},
        {.message = PAIL_STR("no time either")},
    };
    const struct pail_logs_filter_log_events_output out = {.events = PAGE(odd)};
    struct logs_search search;
    logs_search_init(&search, NONE, INT64_MAX, 0);
    ck_assert_int_eq(logs_search_take(&search, NOW, &out, &reason), 0);
    ck_assert_uint_eq(search.fresh_count, 4);
    ck_assert_int_eq(logs_search_take(&search, NOW, &out, &reason), 0);
    ck_assert_uint_eq(search.fresh_count, 0);
    logs_search_done(&search);
}
END_TEST

static const struct pail_error refused = {.sys = EINVAL, .code = "InvalidParameterException"};

START_TEST(replaces_a_refused_token_by_a_round)
{
    const struct pail_logs_filter_log_events_output first = {.events = PAGE(abc),
                                                             .next_token = PAIL_STR("t")},
                                                    empty = {.events = NOTHING,
                                                             .next_token = PAIL_STR("u")},
                                                    last = {.events = PAGE(bcde)};
    struct logs_search search;
    logs_search_init(&search, NONE, INT64_MAX, 0);
    ck_assert(!logs_search_renew(&search, NOW, &refused));
    ck_assert_int_eq(take(&search, &first, "abc"), 1);
    ck_assert(!logs_search_renew(&search, NOW, &(struct pail_error){.code = "Throttling"}));
    ck_assert(logs_search_renew(&search, NOW, &refused));
    check_absent(asked(&search).next_token);
    ck_assert_int_eq(asked(&search).start_time.value, 5);
    ck_assert_int_eq(take(&search, &empty, ""), 1);
    ck_assert(!logs_search_renew(&search, NOW, &refused)); /* it would not end */
    ck_assert_int_eq(take(&search, &last, "de"), 0);
    logs_search_done(&search);
}
END_TEST

/* An empty list is the end of a round, an absent one is no answer. */
START_TEST(refuses_an_answer_without_events)
{
    const struct pail_logs_filter_log_events_output absent = {.next_token = PAIL_STR("t")},
                                                    empty = {.events = NOTHING};
    struct logs_search search;
    logs_search_init(&search, NONE, INT64_MAX, 0);
    ck_assert_int_eq(take(&search, &absent, ""), -EPROTO);
    ck_assert_str_eq(reason, "the answer is not a list of events");
    ck_assert_ptr_null(search.token);
    ck_assert_int_eq(take(&search, &empty, ""), 0);
    logs_search_done(&search);
}
END_TEST

START_TEST(refuses_the_token_it_sent)
{
    const struct pail_logs_filter_log_events_output out = {.events = PAGE(abc),
                                                           .next_token = PAIL_STR("t")};
    struct logs_search search;
    logs_search_init(&search, NONE, INT64_MAX, 0);
    ck_assert_int_eq(take(&search, &out, "abc"), 1);
    ck_assert_int_eq(logs_search_take(&search, NOW, &out, &reason), -EPROTO);
    logs_search_done(&search);
}
END_TEST

/* Whichever allocation fails, taking the page again gives all of it. */
START_TEST(out_of_memory_changes_nothing)
{
    const struct pail_logs_filter_log_events_output first = {.events = PAGE(abc),
                                                             .next_token = PAIL_STR("t")},
                                                    second = {.events = PAGE(bcde),
                                                              .next_token = PAIL_STR("u")};
    int r = -ENOMEM;
    for (long n = 0; r == -ENOMEM; n++) {
        struct logs_search search;
        logs_search_init(&search, NONE, INT64_MAX, 0);
        ck_assert_int_eq(take(&search, &first, "abc"), 1);
        alloc_fail_after(n);
        r = logs_search_take(&search, NOW, &second, &reason);
        alloc_fail_after(-1);
        if (r == -ENOMEM)
            ck_assert_int_eq(take(&search, &second, "de"), 1);
        else
            ck_assert_uint_eq(search.fresh_count, 2);
        logs_search_done(&search);
    }
    ck_assert_int_eq(r, 1);
}
END_TEST

/* ---- streams that are written while they are followed ---- */

enum { EVENTS_MAX = 300 };

struct server {
    struct pail_logs_filtered_log_event events[EVENTS_MAX]; /* by time */
    char ids[EVENTS_MAX][8];
    size_t count, limit;
    char token[16];
    struct random random;
    int64_t now;
};

/* An event, up to 5 ms late, in its place. */
static void write_event(struct server *s)
{
    int64_t ms = s->now - (int64_t)(random_u64(&s->random) % 6);
    size_t at = s->count;
    if (s->count == EVENTS_MAX)
        return;
    while (at > 0 && s->events[at - 1].timestamp.value > ms) {
        s->events[at] = s->events[at - 1];
        at--;
    }
    (void)snprintf(s->ids[s->count], sizeof(s->ids[0]), "%zu", s->count);
    s->events[at] = (struct pail_logs_filtered_log_event){.timestamp = PAIL_INT(ms),
                                                          .event_id = str_c(s->ids[s->count])};
    s->count++;
}

static void serve(struct server *s, const struct pail_logs_filter_log_events_input *in,
                  struct pail_logs_filter_log_events_output *out)
{
    size_t at = 0;
    if (in->next_token.ptr)
        ck_assert_int_eq(sscanf(in->next_token.ptr, "%zu", &at), 1);
    while (!in->next_token.ptr && in->start_time.present && at < s->count &&
           s->events[at].timestamp.value < in->start_time.value)
        at++;
    size_t len = s->count - at < s->limit ? s->count - at : s->limit;
    out->events = (struct pail_logs_filtered_log_events){s->events + at, len};
    (void)snprintf(s->token, sizeof(s->token), "%zu", at + len);
    out->next_token = str_c(at + len < s->count ? s->token : NULL);
}

START_TEST(gives_every_event_once)
{
    struct server *s = calloc(1, sizeof(*s));
    bool given[EVENTS_MAX] = {false};
    struct logs_search search;
    ck_assert_ptr_nonnull(s);
    random_seed(&s->random, (uint64_t)_i);
    s->limit = 1 + random_u64(&s->random) % 20;
    s->now = 1000;
    logs_search_init(&search, NONE, INT64_MAX, 5);
    while (s->count < EVENTS_MAX) {
        for (int n = (int)(random_u64(&s->random) % 20); n > 0; n--, s->now += n % 2)
            write_event(s);
        for (int r = 1; r > 0;) {
            struct pail_logs_filter_log_events_input in = asked(&search);
            struct pail_logs_filter_log_events_output out = {0};
            serve(s, &in, &out);
            r = logs_search_take(&search, s->now, &out, &reason);
            ck_assert_int_ge(r, 0);
            for (size_t i = 0; i < search.fresh_count; i++) {
                uint64_t id;
                ck_assert_int_eq(num_u64(search.fresh[i]->event_id, EVENTS_MAX - 1, &id), 0);
                ck_assert(!given[id]);
                given[id] = true;
            }
        }
    }
    for (size_t i = 0; i < EVENTS_MAX; i++)
        ck_assert(given[i]);
    logs_search_done(&search);
    free(s);
}
END_TEST

SUITE_MAIN("services/logs_search", tcase_add_test(tc, asks_from_the_bounds);
           tcase_add_test(tc, reads_to_the_end_and_on);
           tcase_add_test(tc, finds_what_comes_late);
           tcase_add_test(tc, does_not_go_on_in_the_future);
           tcase_add_test(tc, knows_events_without_ids);
           tcase_add_test(tc, replaces_a_refused_token_by_a_round);
           tcase_add_test(tc, refuses_the_token_it_sent);
           tcase_add_test(tc, refuses_an_answer_without_events);
           tcase_add_test(tc, out_of_memory_changes_nothing);
           tcase_add_loop_test(tc, gives_every_event_once, 0, 200));
