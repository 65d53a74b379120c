#include "base/when.h"

#include "unit/check.h"

#include <errno.h>

#define NOW     INT64_C(1795705200000) /* 2026-11-26T15:00:00Z */
#define HOUR    INT64_C(3600000)
#define LEN(a)  (sizeof(a) / sizeof((a)[0]))
#define REFUSED INT64_MIN

static const struct {
    const char *text;
    int64_t ms; /* REFUSED: -EINVAL */
} cases[] = {
    {"1h", NOW - HOUR},
    {"90s", NOW - 90000},
    {"15m", NOW - 900000},
    {"1.5h", NOW - HOUR - HOUR / 2},
    {"2d", NOW - 48 * HOUR},
    {"250ms", NOW - 250},
    {"0s", NOW},
    {"2026-11-26T15:00:00Z", NOW},
    {"2026-11-26T15:00:00", NOW},
    {"2026-11-26T16:00:00+01:00", NOW},
    {"2026-11-26 15:00:00.250Z", NOW + 250},
    {"1970-01-01T00:00:00Z", 0},
    {"1969-12-31T23:59:59.999Z", -1},
    {"", REFUSED},
    {"1", REFUSED},
    {"1795705200000", REFUSED},
    {"h", REFUSED},
    {"-1h", REFUSED},
    {"1w", REFUSED},
    {"999999d", REFUSED}, /* before 1970 */
    {"yesterday", REFUSED},
    {"2026-11-26", NOW - 15 * HOUR},
    {"1970-01-01", 0},
    {"2026-13-26", REFUSED},
    {"2026-11-2", REFUSED},
    {"26.11.2026", REFUSED},
    {"2026-13-26T15:00:00Z", REFUSED},
    {"1h ago", NOW - HOUR},
    {"1.5h ago", NOW - HOUR - HOUR / 2},
    {" ago", REFUSED},
    {"ago", REFUSED},
    {"1 ago", REFUSED},
    {"1hago", REFUSED},
    {"2026-11-26 ago", REFUSED},
    {"2026-11-26T15:00:00Z ago", REFUSED},
};

START_TEST(parses)
{
    int64_t ms = REFUSED;
    ck_assert_int_eq(when_parse(pail_str_of(cases[_i].text), NOW, &ms),
                     cases[_i].ms == REFUSED ? -EINVAL : 0);
    ck_assert_int_eq(ms, cases[_i].ms);
}
END_TEST

START_TEST(bounds)
{
    static const char *const names[] = {"--since", "--until"};
    static const struct pail_int none, now = {NOW, true}, later = {NOW + 1500, true};
    CLEANUP_DONE(buf) struct buf reason;
    buf_init(&reason, 1000);
    ck_assert_int_eq(when_check_bounds(none, none, names, &reason), 0);
    ck_assert_int_eq(when_check_bounds(now, none, names, &reason), 0);
    ck_assert_int_eq(when_check_bounds(none, now, names, &reason), 0);
    ck_assert_int_eq(when_check_bounds(now, later, names, &reason), 0);
    ck_assert_uint_eq(reason.len, 0);
    ck_assert_int_eq(when_check_bounds(later, now, names, &reason), -EINVAL);
    ck_assert_str_eq(buf_c(&reason), "--since (2026-11-26T15:00:01.5Z) is not before --until "
                                     "(2026-11-26T15:00:00Z): nothing lies between them");
    ck_assert_int_eq(when_check_bounds(now, now, names, &reason), -EINVAL);
}
END_TEST

START_TEST(turns_around)
{
    static const int64_t moments[] = {0, 1, -1, -1000, -1001, NOW, NOW + 999};
    for (size_t i = 0; i < LEN(moments); i++) {
        struct pail_time time = when_time(moments[i]);
        ck_assert(time.present && time.nanoseconds < 1000000000);
        ck_assert_int_eq(when_ms(time), moments[i]);
    }
    struct pail_time fine = {.seconds = 1, .nanoseconds = 1999999, .present = true};
    ck_assert_int_eq(when_ms(fine), 1001);
}
END_TEST

SUITE_MAIN("base/when", tcase_add_loop_test(tc, parses, 0, (int)LEN(cases));
           tcase_add_test(tc, bounds); tcase_add_test(tc, turns_around));
