#include "base/date.h"

#include "base/num.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define SECONDS_MIN   INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define SECONDS_MAX   INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define DAY_SECONDS   86400
#define DAYS_400Y     146097
#define DAYS_TO_EPOCH 719162 /* from 0001-01-01 to 1970-01-01 */
#define NS_PER_SECOND 1000000000u

struct civil {
    int year, month, day; /* month and day from 1 */
    int hour, minute, second;
    int weekday; /* 0 is Sunday; only set by civil_of */
    int offset;  /* seconds east of UTC */
    uint32_t nanoseconds;
};

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 0001-01-01 to the year's first day. */
static int days_before(int year)
{
    int past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400;
}

static int civil_to_time(const struct civil *c, struct pail_time *ret)
{
    if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
        c->day > month_days(c->year, c->month) || c->hour > 23 || c->minute > 59 ||
        c->second > 60)
        return -EINVAL;
    int64_t days = days_before(c->year) - DAYS_TO_EPOCH + c->day - 1;
    for (int month = 1; month < c->month; month++)
        days += month_days(c->year, month);
    int second = c->second == 60 ? 59 : c->second; /* a leap second has no number of its own */
    int64_t seconds = days * DAY_SECONDS + c->hour * 3600 + c->minute * 60 + second - c->offset;
    if (seconds < SECONDS_MIN || seconds > SECONDS_MAX)
        return -EINVAL;
    *ret = (struct pail_time){seconds, c->nanoseconds, true};
    return 0;
}

/* The nearest that four digits of a year can show. */
static struct civil civil_of(int64_t seconds)
{
    if (seconds < SECONDS_MIN)
        seconds = SECONDS_MIN;
    if (seconds > SECONDS_MAX)
        seconds = SECONDS_MAX;
    seconds -= SECONDS_MIN;
    int days = (int)(seconds / DAY_SECONDS), rest = (int)(seconds % DAY_SECONDS);
    struct civil c = {.hour = rest / 3600, .minute = rest / 60 % 60, .second = rest % 60};
    c.weekday = (days + 1) % 7;                          /* 0001-01-01 is a Monday */
    c.year = (int)((int64_t)days * 400 / DAYS_400Y) + 1; /* at most one off */
    while (days_before(c.year) > days)
        c.year--;
    while (days_before(c.year + 1) <= days)
        c.year++;
    days -= days_before(c.year);
    for (c.month = 1; days >= month_days(c.year, c.month); c.month++)
        days -= month_days(c.year, c.month);
    c.day = days + 1;
    return c;
}

/* The parsers take pieces off the front of `rest`; false leaves a date that is not one. */

static bool take_byte(struct pail_str *rest, char byte)
{
    if (rest->len == 0 || rest->ptr[0] != byte)
        return false;
    *rest = str_sub(*rest, 1, rest->len);
    return true;
}

/* `min` to `max` digits; returns how many, 0 if they are not there. */
static size_t take_digits(struct pail_str *rest, size_t min, size_t max, int *ret)
{
    size_t len = 0;
    int value = 0;
    while (len < max && len < rest->len && rest->ptr[len] >= '0' && rest->ptr[len] <= '9')
        value = value * 10 + (rest->ptr[len++] - '0');
    if (len < min)
        return 0;
    *rest = str_sub(*rest, len, rest->len);
    *ret = value;
    return len;
}

/* hh:mm:ss, or hh:mm where the seconds may be left out. */
static bool take_time(struct pail_str *rest, bool need_seconds, struct civil *c)
{
    if (!take_digits(rest, 2, 2, &c->hour) || !take_byte(rest, ':') ||
        !take_digits(rest, 2, 2, &c->minute))
        return false;
    if (take_byte(rest, ':'))
        return take_digits(rest, 2, 2, &c->second);
    return !need_seconds;
}

/* +hh:mm, +hhmm or +hh. */
static bool take_offset(struct pail_str *rest, struct civil *c)
{
    int hours, minutes = 0;
    bool west = rest->len > 0 && rest->ptr[0] == '-';
    if (!take_byte(rest, west ? '-' : '+') || !take_digits(rest, 2, 2, &hours))
        return false;
    if (take_byte(rest, ':') || rest->len > 0) {
        if (!take_digits(rest, 2, 2, &minutes))
            return false;
    }
    if (hours > 23 || minutes > 59)
        return false;
    c->offset = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

static bool take_month(struct pail_str *rest, struct civil *c)
{
    for (int i = 0; i < 12; i++) {
        if (str_starts_nocase(*rest, str_c(months[i]))) {
            *rest = str_sub(*rest, 3, rest->len);
            c->month = i + 1;
            return true;
        }
    }
    return false;
}

/* A weekday's name, whole or its first three letters. It is not held against the date. */
static bool take_weekday(struct pail_str *rest)
{
    for (size_t i = 0; i < ARRAY_LEN(weekdays); i++) {
        struct pail_str name = str_c(weekdays[i]);
        if (str_starts_nocase(*rest, name)) {
            *rest = str_sub(*rest, name.len, rest->len);
            return true;
        }
        if (str_starts_nocase(*rest, str_sub(name, 0, 3))) {
            *rest = str_sub(*rest, 3, rest->len);
            return true;
        }
    }
    return false;
}

/* Nov  6 08:49:37 1994 */
static bool take_asctime(struct pail_str *rest, struct civil *c)
{
    return take_month(rest, c) && take_byte(rest, ' ') &&
           (take_byte(rest, ' ') ? take_digits(rest, 1, 1, &c->day)
                                 : take_digits(rest, 1, 2, &c->day)) &&
           take_byte(rest, ' ') && take_time(rest, true, c) && take_byte(rest, ' ') &&
           take_digits(rest, 4, 4, &c->year);
}

/* 06 Nov 1994 08:49:37 GMT, 06-Nov-94 08:49:37 GMT */
static bool take_rfc_date(struct pail_str *rest, struct civil *c)
{
    static const char *const zones[] = {"GMT", "UTC", "UT", "Z"};
    if (!take_digits(rest, 1, 2, &c->day))
        return false;
    char separator = rest->len > 0 && rest->ptr[0] == '-' ? '-' : ' ';
    if (!take_byte(rest, separator) || !take_month(rest, c) || !take_byte(rest, separator))
        return false;
    size_t digits = take_digits(rest, 2, 4, &c->year);
    if (digits != 2 && digits != 4)
        return false;
    if (digits == 2) /* POSIX's century */
        c->year += c->year < 69 ? 2000 : 1900;
    if (!take_byte(rest, ' ') || !take_time(rest, false, c) || !take_byte(rest, ' '))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        if (str_eq_nocase(*rest, str_c(zones[i]))) {
            *rest = str_sub(*rest, rest->len, 0);
            return true;
        }
    }
    return take_offset(rest, c);
}

int date_parse_http(struct pail_str s, struct pail_time *ret)
{
    struct civil c = {0};
    bool named = take_weekday(&s);
    bool comma = named && take_byte(&s, ',');
    if (named && !take_byte(&s, ' '))
        return -EINVAL;
    bool taken = named && !comma ? take_asctime(&s, &c) : take_rfc_date(&s, &c);
    return taken && s.len == 0 ? civil_to_time(&c, ret) : -EINVAL;
}

/* Up to nine digits after the point, as nanoseconds. */
static bool take_fraction(struct pail_str *rest, uint32_t *ret)
{
    int value;
    size_t digits = take_digits(rest, 1, 9, &value);
    if (digits == 0)
        return false;
    for (; digits < 9; digits++)
        value *= 10;
    *ret = (uint32_t)value;
    return true;
}

int date_parse_iso8601(struct pail_str s, struct pail_time *ret)
{
    struct civil c = {0};
    if (!take_digits(&s, 4, 4, &c.year) || !take_byte(&s, '-') ||
        !take_digits(&s, 2, 2, &c.month) || !take_byte(&s, '-') ||
        !take_digits(&s, 2, 2, &c.day))
        return -EINVAL;
    if (!take_byte(&s, 'T') && !take_byte(&s, 't') && !take_byte(&s, ' '))
        return -EINVAL;
    if (!take_time(&s, true, &c) || (take_byte(&s, '.') && !take_fraction(&s, &c.nanoseconds)))
        return -EINVAL;
    /* "UTC" stands in the SSO token files of older tools. */
    bool utc = s.len == 0 || str_eq_nocase(s, PAIL_STR("Z")) || str_eq(s, PAIL_STR("UTC"));
    if (!utc && (!take_offset(&s, &c) || s.len > 0))
        return -EINVAL;
    return civil_to_time(&c, ret);
}

/* A double's nanoseconds would be off by hundreds; only an exponent leaves no other way. */
static int parse_epoch_double(struct pail_str s, struct pail_time *ret)
{
    double value;
    if (num_double(s, &value) < 0 || value < (double)SECONDS_MIN || value > (double)SECONDS_MAX)
        return -EINVAL;
    double whole = floor(value);
    double nanoseconds = floor((value - whole) * NS_PER_SECOND);
    if (nanoseconds >= NS_PER_SECOND) { /* rounded up to the next second */
        whole++;
        nanoseconds = 0;
    }
    *ret = (struct pail_time){(int64_t)whole, (uint32_t)nanoseconds, true};
    return 0;
}

int date_parse_epoch(struct pail_str s, struct pail_time *ret)
{
    struct pail_str rest = s;
    bool negative = take_byte(&rest, '-');
    if (!negative)
        take_byte(&rest, '+');
    size_t point = str_find(rest, '.', 0);
    uint64_t seconds;
    if (num_u64(str_sub(rest, 0, point), (uint64_t)SECONDS_MAX, &seconds) < 0)
        return parse_epoch_double(s, ret);

    uint32_t nanoseconds = 0;
    rest = str_sub(rest, point, rest.len);
    if (take_byte(&rest, '.') && rest.len > 0 && !take_fraction(&rest, &nanoseconds))
        return parse_epoch_double(s, ret);
    int beyond; /* what is finer than nanoseconds is dropped */
    while (rest.len > 0 && take_digits(&rest, 1, 1, &beyond))
        ;
    if (rest.len > 0)
        return parse_epoch_double(s, ret);

    struct pail_time t = {(int64_t)seconds, nanoseconds, true};
    if (negative) {
        t.seconds = -t.seconds - (nanoseconds > 0);
        t.nanoseconds = nanoseconds > 0 ? NS_PER_SECOND - nanoseconds : 0;
    }
    if (t.seconds < SECONDS_MIN)
        return -EINVAL;
    *ret = t;
    return 0;
}

int date_parse_any(struct pail_str s, struct pail_time *ret)
{
    if (date_parse_epoch(s, ret) == 0 || date_parse_iso8601(s, ret) == 0)
        return 0;
    return date_parse_http(s, ret);
}

void buf_add_http_date(struct buf *b, struct pail_time t)
{
    struct civil c = civil_of(t.seconds);
    buf_addf(b, "%.3s, %02d %s %04d %02d:%02d:%02d GMT", weekdays[c.weekday], c.day,
             months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

void buf_add_iso8601(struct buf *b, struct pail_time t)
{
    struct civil c = civil_of(t.seconds);
    buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
             c.second);
    uint32_t fraction = t.nanoseconds;
    int digits = 9;
    for (; fraction > 0 && fraction % 10 == 0; digits--)
        fraction /= 10;
    if (fraction > 0)
        buf_addf(b, ".%0*" PRIu32, digits, fraction);
    buf_add_byte(b, 'Z');
}

void date_format_amz(int64_t seconds, char out[17])
{
    struct civil c = civil_of(seconds);
    const int fields[][2] = {{c.year, 4}, {c.month, 2},  {c.day, 2},
                             {c.hour, 2}, {c.minute, 2}, {c.second, 2}};
    char *at = out;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        int value = fields[i][0];
        for (int digit = fields[i][1]; digit > 0; digit--, value /= 10)
            at[digit - 1] = (char)('0' + value % 10);
        at += fields[i][1];
        if (i == 2)
            *at++ = 'T';
    }
    *at++ = 'Z';
    *at = '\0';
}
