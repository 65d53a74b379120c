#include "base/str.h"

#include <stdlib.h>

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool same_nocase(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

bool str_eq_nocase(struct pail_str a, struct pail_str b)
{
    return !a.ptr == !b.ptr && a.len == b.len && same_nocase(a.ptr, b.ptr, a.len);
}

bool str_starts(struct pail_str s, struct pail_str prefix)
{
    return prefix.len <= s.len &&
           (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool str_starts_nocase(struct pail_str s, struct pail_str prefix)
{
    return prefix.len <= s.len && same_nocase(s.ptr, prefix.ptr, prefix.len);
}

bool str_ends(struct pail_str s, struct pail_str suffix)
{
    return suffix.len <= s.len && (suffix.len == 0 || memcmp(s.ptr + (s.len - suffix.len),
                                                             suffix.ptr, suffix.len) == 0);
}

int str_cmp(struct pail_str a, struct pail_str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

size_t str_find(struct pail_str s, char byte, size_t from)
{
    if (from >= s.len)
        return s.len;
    const char *found = memchr(s.ptr + from, byte, s.len - from);
    return found ? (size_t)(found - s.ptr) : s.len;
}

size_t str_rfind(struct pail_str s, char byte)
{
    for (size_t i = s.len; i > 0; i--) {
        if (s.ptr[i - 1] == byte)
            return i - 1;
    }
    return s.len;
}

struct pail_str str_sub(struct pail_str s, size_t start, size_t len)
{
    if (!s.ptr)
        return s;
    if (start > s.len)
        start = s.len;
    if (len > s.len - start)
        len = s.len - start;
    return str_of(s.ptr + start, len);
}

struct pail_str str_trim(struct pail_str s)
{
    while (s.len > 0 && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool str_next(struct pail_str *rest, char separator, struct pail_str *ret_token)
{
    if (!rest->ptr)
        return false;
    size_t end = str_find(*rest, separator, 0);
    *ret_token = str_of(rest->ptr, end);
    if (end == rest->len)
        *rest = str_of(NULL, 0);
    else
        *rest = str_of(rest->ptr + end + 1, rest->len - end - 1);
    return true;
}

bool str_copy(char *dst, size_t size, struct pail_str s)
{
    size_t len = s.len < size ? s.len : size - 1;
    if (len > 0)
        memcpy(dst, s.ptr, len);
    dst[len] = '\0';
    return len == s.len;
}

char *str_dup(struct pail_str s)
{
    if (s.len == SIZE_MAX)
        return NULL;
    char *copy = malloc(s.len + 1);
    if (!copy)
        return NULL;
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

size_t str_utf8_step(struct pail_str s)
{
    if (s.len == 0)
        return 0;
    unsigned char lead = (unsigned char)s.ptr[0];
    if (lead < 0x80)
        return 1;

    /* The second byte's range shuts out overlong forms, surrogates and what is over U+10FFFF.
     */
    size_t len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (lead < 0xc2 || lead > 0xf4 || s.len < len)
        return 0;
    unsigned char second = (unsigned char)s.ptr[1];
    if (second < low || second > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if (((unsigned char)s.ptr[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

bool str_is_utf8(struct pail_str s)
{
    while (s.len > 0) {
        size_t step = str_utf8_step(s);
        if (step == 0)
            return false;
        s = str_of(s.ptr + step, s.len - step);
    }
    return true;
}
