#include "base/num.h"

#include "base/str.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#define DOUBLE_TEXT_MAX 512 /* characters of a fraction's text */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The length of the run of digits at `from`. */
static size_t digits_at(struct pail_str s, size_t from)
{
    size_t end = from;
    while (end < s.len && is_digit(s.ptr[end]))
        end++;
    return end - from;
}

int num_u64(struct pail_str s, uint64_t max, uint64_t *ret)
{
    if (s.len == 0 || digits_at(s, 0) != s.len)
        return -EINVAL;
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value) || value > max)
            return -ERANGE;
    }
    *ret = value;
    return 0;
}

int num_i64(struct pail_str s, int64_t *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    if (s.len > 0 && (negative || s.ptr[0] == '+'))
        s = str_sub(s, 1, s.len);
    uint64_t magnitude;
    int r = num_u64(s, (uint64_t)INT64_MAX + (negative ? 1 : 0), &magnitude);
    if (r < 0)
        return r;
    if (!negative)
        *ret = (int64_t)magnitude;
    else
        *ret = magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
    return 0;
}

/* [+-] digits [. digits] [e [+-] digits], with a digit before or after the point. */
static bool is_fraction(struct pail_str s)
{
    size_t at = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
    size_t whole = digits_at(s, at), part = 0;
    at += whole;
    if (at < s.len && s.ptr[at] == '.') {
        part = digits_at(s, at + 1);
        at += 1 + part;
    }
    if (whole + part == 0)
        return false;
    if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
        at++;
        if (at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+'))
            at++;
        size_t exponent = digits_at(s, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == s.len;
}

int num_double(struct pail_str s, double *ret)
{
    char text[DOUBLE_TEXT_MAX + 1];
    if (!is_fraction(s) || !str_copy(text, sizeof(text), s))
        return -EINVAL;
    /* The program may have set a locale with another decimal point. */
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c_locale)
        return -EINVAL;
    double value = strtod_l(text, NULL, c_locale);
    freelocale(c_locale);
    if (!isfinite(value))
        return -EINVAL;
    *ret = value;
    return 0;
}

int num_size(struct pail_str s, uint64_t max, uint64_t *ret)
{
    static const char units[] = "KMGT";
    unsigned shift = 0;
    if (s.len > 0 && !is_digit(s.ptr[s.len - 1])) {
        char unit = s.ptr[s.len - 1];
        unit = (char)(unit >= 'a' && unit <= 'z' ? unit - 'a' + 'A' : unit);
        const char *found = unit ? strchr(units, unit) : NULL;
        if (!found)
            return -EINVAL;
        shift = 10 * (unsigned)(found - units + 1);
        s = str_sub(s, 0, s.len - 1);
    }
    uint64_t value;
    int r = num_u64(s, max >> shift, &value);
    if (r < 0)
        return r;
    *ret = value << shift;
    return 0;
}

/* The milliseconds of a duration's unit, 0 for an unknown one. */
static uint64_t unit_ms(struct pail_str unit)
{
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = {
        {"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
    };
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (str_eq_c(unit, units[i].name))
            return units[i].ms;
    }
    return 0;
}

int num_duration_ms(struct pail_str s, uint64_t max_ms, uint64_t *ret)
{
    size_t whole = digits_at(s, 0), at = whole;
    uint64_t thousandths = 0;
    if (whole == 0)
        return -EINVAL;
    if (at < s.len && s.ptr[at] == '.') {
        size_t decimals = digits_at(s, at + 1);
        if (decimals == 0 || decimals > 3)
            return -EINVAL;
        for (size_t i = 0; i < 3; i++) {
            unsigned digit = i < decimals ? (unsigned)(s.ptr[at + 1 + i] - '0') : 0;
            thousandths = thousandths * 10 + digit;
        }
        at += 1 + decimals;
    }
    uint64_t ms = unit_ms(str_sub(s, at, s.len));
    if (ms == 0 || thousandths * ms % 1000 != 0) /* no part of a millisecond */
        return -EINVAL;

    uint64_t value;
    int r = num_u64(str_sub(s, 0, whole), UINT64_MAX, &value);
    if (r < 0)
        return r;
    if (__builtin_mul_overflow(value, ms, &value) ||
        __builtin_add_overflow(value, thousandths * ms / 1000, &value) || value > max_ms)
        return -ERANGE;
    *ret = value;
    return 0;
}

bool num_config_bool(struct pail_str s)
{
    return str_eq_nocase(s, PAIL_STR("true"));
}
