#include "unit/check.h"

#include "base/date.h"

#include <errno.h>
#include <time.h>

#define LEN(a)  (sizeof(a) / sizeof((a)[0]))
#define INVALID INT64_MIN
#define FIRST_S INT64_C(-62135596800)
#define LAST_S  INT64_C(253402300799)

struct parse_case {
    struct pail_str text;
    int64_t seconds; /* or INVALID */
    uint32_t nanoseconds;
};

static const struct parse_case http_cases[] = {
    {PAIL_STR("Wed, 12 Oct 2009 17:50:00 GMT"), 1255369800, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777, 0},
    {PAIL_STR("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777, 0},
    {PAIL_STR("Sun, 06-Nov-1994 08:49:37 GMT"), 784111777, 0},
    {PAIL_STR("Sun Nov  6 08:49:37 1994"), 784111777, 0},
    {PAIL_STR("Sun Nov 16 08:49:37 1994"), 784975777, 0},
    {PAIL_STR("sun, 06 NOV 1994 08:49:37 gmt"), 784111777, 0},
    {PAIL_STR("06 Nov 1994 08:49:37 GMT"), 784111777, 0},
    {PAIL_STR("6 Nov 94 08:49 UT"), 784111740, 0},
    {PAIL_STR("Sun, 06 Nov 1994 09:49:37 +0100"), 784111777, 0},
    {PAIL_STR("Sun, 06 Nov 1994 01:19:37 -0730"), 784111777, 0},
    {PAIL_STR("Thu, 01 Jan 1970 00:00:00 UTC"), 0, 0},
    {PAIL_STR("Fri, 31 Dec 9999 23:59:59 GMT"), LAST_S, 0},
    {PAIL_STR("Mon, 01 Jan 0001 00:00:00 GMT"), FIRST_S, 0},
    {PAIL_STR("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400, 0},
    {PAIL_STR("Sat, 31 Dec 2016 23:59:60 GMT"), 1483228799, 0},
    {PAIL_STR("01-Jan-69 00:00:00 GMT"), -31536000, 0},
    {PAIL_STR("01-Jan-68 00:00:00 GMT"), 3092601600, 0},
    {PAIL_STR(""), INVALID, 0},
    {{NULL, 0}, INVALID, 0},
    {PAIL_STR("0"), INVALID, 0},
    {PAIL_STR("Sun"), INVALID, 0},
    {PAIL_STR("Sun,"), INVALID, 0},
    {PAIL_STR("Sun, "), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:37"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:37 "), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:37 GMT "), INVALID, 0},
    {PAIL_STR(" Sun, 06 Nov 1994 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:37 GMT\0"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:37 EST"), INVALID, 0},
    {PAIL_STR("Xun, 06 Nov 1994 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nox 1994 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 006 Nov 1994 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 994 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 19940 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 0000 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06-Nov 1994 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 32 Oct 1994 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 00 Oct 1994 08:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Mon, 29 Feb 1900 00:00:00 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 24:00:00 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:60:00 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:61 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 8:49:37 GMT"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:37 +2400"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:37 +0160"), INVALID, 0},
    {PAIL_STR("Sun, 06 Nov 1994 08:49:37 +01000"), INVALID, 0},
    {PAIL_STR("Mon, 01 Jan 0001 00:00:00 +0001"), INVALID, 0},
    {PAIL_STR("Fri, 31 Dec 9999 23:59:59 -0001"), INVALID, 0},
    {PAIL_STR("Sun Nov  6 08:49 1994"), INVALID, 0},
    {PAIL_STR("Sun Nov  16 08:49:37 1994"), INVALID, 0},
    {PAIL_STR("Sun Nov 6 08:49:37 94"), INVALID, 0},
    {PAIL_STR("Sun Nov  6 08:49:37 1994 GMT"), INVALID, 0},
};

static const struct parse_case iso_cases[] = {
    {PAIL_STR("2009-10-12T17:50:00Z"), 1255369800, 0},
    {PAIL_STR("2009-10-12T17:50:00.000Z"), 1255369800, 0},
    {PAIL_STR("2009-10-12t17:50:00z"), 1255369800, 0},
    {PAIL_STR("2009-10-12 17:50:00"), 1255369800, 0},
    {PAIL_STR("2009-10-12T17:50:00UTC"), 1255369800, 0},
    {PAIL_STR("2009-10-12T17:50:00.5+02:00"), 1255362600, 500000000},
    {PAIL_STR("2009-10-12T17:50:00-0230"), 1255378800, 0},
    {PAIL_STR("2009-10-12T17:50:00+02"), 1255362600, 0},
    {PAIL_STR("2009-10-12T17:50:00.123456789Z"), 1255369800, 123456789},
    {PAIL_STR("2009-10-12T17:50:00.000000001"), 1255369800, 1},
    {PAIL_STR("2016-12-31T23:59:60Z"), 1483228799, 0},
    {PAIL_STR("1969-12-31T23:59:59.999Z"), -1, 999000000},
    {PAIL_STR("0001-01-01T00:00:00Z"), FIRST_S, 0},
    {PAIL_STR("9999-12-31T23:59:59.999999999Z"), LAST_S, 999999999},
    {PAIL_STR("2000-02-29T00:00:00Z"), 951782400, 0},
    {PAIL_STR("2001-02-29T00:00:00Z"), INVALID, 0},
    {PAIL_STR("0000-01-01T00:00:00Z"), INVALID, 0},
    {PAIL_STR("0001-01-01T00:00:00+00:01"), INVALID, 0},
    {PAIL_STR("10000-01-01T00:00:00Z"), INVALID, 0},
    {PAIL_STR("2009-00-12T17:50:00Z"), INVALID, 0},
    {PAIL_STR("2009-13-12T17:50:00Z"), INVALID, 0},
    {PAIL_STR("2009-10-12"), INVALID, 0},
    {PAIL_STR("2009-10-12T"), INVALID, 0},
    {PAIL_STR("2009-10-12T17:50"), INVALID, 0},
    {PAIL_STR("2009-10-12T17:50:0"), INVALID, 0},
    {PAIL_STR("2009-10-12T17:50:00.Z"), INVALID, 0},
    {PAIL_STR("2009-10-12T17:50:00.1234567890Z"), INVALID, 0},
    {PAIL_STR("2009-10-12T17:50:00ZZ"), INVALID, 0},
    {PAIL_STR("2009-10-12T17:50:00+"), INVALID, 0},
    {PAIL_STR("2009-10-12T17:50:00+2"), INVALID, 0},
    {PAIL_STR("2009-10-12T17:50:00+02:"), INVALID, 0},
    {PAIL_STR("2009-10-12T17:50:00+02:00Z"), INVALID, 0},
    {PAIL_STR("2009-10-12_17:50:00Z"), INVALID, 0},
    {PAIL_STR("2009/10/12T17:50:00Z"), INVALID, 0},
    {PAIL_STR(""), INVALID, 0},
    {{NULL, 0}, INVALID, 0},
};

static const struct parse_case epoch_cases[] = {
    {PAIL_STR("0"), 0, 0},
    {PAIL_STR("-0"), 0, 0},
    {PAIL_STR("+5"), 5, 0},
    {PAIL_STR("1795355669.615"), 1795355669, 615000000},
    {PAIL_STR("1795355669.123456789"), 1795355669, 123456789},
    {PAIL_STR("1795355669.1234567899"), 1795355669, 123456789},
    {PAIL_STR("1.5e3"), 1500, 0},
    {PAIL_STR("1.79535566950E9"), 1795355669, 500000000},
    {PAIL_STR("1e-1"), 0, 100000000},
    {PAIL_STR("-1e-20"), 0, 0},
    {PAIL_STR("-0.25"), -1, 750000000},
    {PAIL_STR("-1.5"), -2, 500000000},
    {PAIL_STR("5."), 5, 0},
    {PAIL_STR(".5"), 0, 500000000},
    {PAIL_STR("1.e1"), 10, 0},
    {PAIL_STR("253402300799"), LAST_S, 0},
    {PAIL_STR("253402300799.9"), LAST_S, 900000000},
    {PAIL_STR("-62135596800"), FIRST_S, 0},
    {PAIL_STR("-62135596800.1"), INVALID, 0},
    {PAIL_STR("-62135596801"), INVALID, 0},
    {PAIL_STR("253402300800"), INVALID, 0},
    {PAIL_STR("1e300"), INVALID, 0},
    {PAIL_STR("99999999999999999999999"), INVALID, 0},
    {PAIL_STR(""), INVALID, 0},
    {{NULL, 0}, INVALID, 0},
    {PAIL_STR("-"), INVALID, 0},
    {PAIL_STR("."), INVALID, 0},
    {PAIL_STR("1.2.3"), INVALID, 0},
    {PAIL_STR("1 "), INVALID, 0},
    {PAIL_STR("+-1"), INVALID, 0},
    {PAIL_STR("nan"), INVALID, 0},
    {PAIL_STR("inf"), INVALID, 0},
    {PAIL_STR("1e"), INVALID, 0},
};

static void check_parse(int (*parse)(struct pail_str, struct pail_time *),
                        const struct parse_case *c)
{
    struct pail_time t = {42, 42, false};
    /* A heap copy of the exact length: reading past it is seen by the sanitizer. */
    char *exact = c->text.ptr ? malloc(c->text.len ? c->text.len : 1) : NULL;
    if (c->text.len > 0)
        memcpy(exact, c->text.ptr, c->text.len);
    int r = parse(str_of(exact, c->text.len), &t);
    free(exact);
    if (c->seconds == INVALID) {
        ck_assert_int_eq(r, -EINVAL);
        ck_assert(t.seconds == 42 && t.nanoseconds == 42 && !t.present);
    } else {
        ck_assert_int_eq(r, 0);
        ck_assert(t.present);
        ck_assert_int_eq(t.seconds, c->seconds);
        ck_assert_uint_eq(t.nanoseconds, c->nanoseconds);
    }
}

START_TEST(http)
{
    check_parse(date_parse_http, &http_cases[_i]);
}
END_TEST

START_TEST(iso)
{
    check_parse(date_parse_iso8601, &iso_cases[_i]);
}
END_TEST

START_TEST(epoch)
{
    check_parse(date_parse_epoch, &epoch_cases[_i]);
}
END_TEST

START_TEST(any)
{
    static const struct parse_case any_cases[] = {
        {PAIL_STR("0"), 0, 0},
        {PAIL_STR("1795355669.615"), 1795355669, 615000000},
        {PAIL_STR("2009-10-12T17:50:00.5Z"), 1255369800, 500000000},
        {PAIL_STR("Wed, 12 Oct 2009 17:50:00 GMT"), 1255369800, 0},
        {PAIL_STR("soon"), INVALID, 0},
    };
    for (size_t i = 0; i < LEN(any_cases); i++)
        check_parse(date_parse_any, &any_cases[i]);
}
END_TEST

START_TEST(formats)
{
    static const struct {
        struct pail_time t;
        const char *http, *iso, *amz;
    } format_cases[] = {
        {{1255369800, 0, true},
         "Mon, 12 Oct 2009 17:50:00 GMT",
         "2009-10-12T17:50:00Z",
         "20091012T175000Z"},
        {{0, 1, true},
         "Thu, 01 Jan 1970 00:00:00 GMT",
         "1970-01-01T00:00:00.000000001Z",
         "19700101T000000Z"},
        {{-1, 999000000, true},
         "Wed, 31 Dec 1969 23:59:59 GMT",
         "1969-12-31T23:59:59.999Z",
         "19691231T235959Z"},
        {{951782400, 120000000, true},
         "Tue, 29 Feb 2000 00:00:00 GMT",
         "2000-02-29T00:00:00.12Z",
         "20000229T000000Z"},
        {{FIRST_S, 0, true},
         "Mon, 01 Jan 0001 00:00:00 GMT",
         "0001-01-01T00:00:00Z",
         "00010101T000000Z"},
        {{INT64_MIN, 0, true},
         "Mon, 01 Jan 0001 00:00:00 GMT",
         "0001-01-01T00:00:00Z",
         "00010101T000000Z"},
        {{INT64_MAX, 0, true},
         "Fri, 31 Dec 9999 23:59:59 GMT",
         "9999-12-31T23:59:59Z",
         "99991231T235959Z"},
    };
    for (size_t i = 0; i < LEN(format_cases); i++) {
        CLEANUP_DONE(buf) struct buf b;
        char amz[17];
        buf_init(&b, 100);
        buf_add_http_date(&b, format_cases[i].t);
        ck_assert_str_eq(buf_c(&b), format_cases[i].http);
        buf_reset(&b);
        buf_add_iso8601(&b, format_cases[i].t);
        ck_assert_str_eq(buf_c(&b), format_cases[i].iso);
        date_format_amz(format_cases[i].t.seconds, amz);
        ck_assert_str_eq(amz, format_cases[i].amz);
    }
}
END_TEST

/* Against the C library, over all years and every kind of day in them. */
START_TEST(agrees_with_gmtime)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100);
    for (int64_t s = FIRST_S; s < LAST_S; s += INT64_C(86400) * 13 + 4657) {
        time_t seconds = (time_t)s;
        struct tm tm;
        char expected[40];
        struct pail_time back;
        gmtime_r(&seconds, &tm);
        buf_reset(&b);
        buf_add_http_date(&b, (struct pail_time){.seconds = s});
        strftime(expected, sizeof(expected), "%a, %d %b ", &tm);
        ck_assert(str_starts(buf_str(&b), str_c(expected)));
        ck_assert_int_eq(date_parse_http(buf_str(&b), &back), 0);
        ck_assert_int_eq(back.seconds, s);
    }
}
END_TEST

SUITE_MAIN("base/date", tcase_add_loop_test(tc, http, 0, (int)LEN(http_cases));
           tcase_add_loop_test(tc, iso, 0, (int)LEN(iso_cases));
           tcase_add_loop_test(tc, epoch, 0, (int)LEN(epoch_cases)); tcase_add_test(tc, any);
           tcase_add_test(tc, formats); tcase_add_test(tc, agrees_with_gmtime));
