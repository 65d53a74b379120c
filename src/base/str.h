/* base/str.h: reading runs of bytes (struct pail_str) without leaving them. All pure; any
 * thread. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <pail/types.h>
#include <string.h>

static inline struct pail_str str_of(const char *ptr, size_t len)
{
    return (struct pail_str){.ptr = ptr, .len = len};
}

/* A C string's bytes; NULL gives an absent str. */
static inline struct pail_str str_c(const char *text)
{
    return (struct pail_str){.ptr = text, .len = text ? strlen(text) : 0};
}

/* An absent str equals only an absent one. */
static inline bool str_eq(struct pail_str a, struct pail_str b)
{
    return !a.ptr == !b.ptr && a.len == b.len &&
           (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool str_eq_c(struct pail_str a, const char *text)
{
    return str_eq(a, str_c(text));
}

/* Without regard to the case of ASCII letters, whatever the locale. */
bool str_eq_nocase(struct pail_str a, struct pail_str b);
bool str_starts(struct pail_str s, struct pail_str prefix);
bool str_starts_nocase(struct pail_str s, struct pail_str prefix);
bool str_ends(struct pail_str s, struct pail_str suffix);
/* <0, 0, >0: bytewise order; a prefix sorts before what it starts. */
int str_cmp(struct pail_str a, struct pail_str b);

/* The index of the first `byte` at or after `from`, or s.len. */
size_t str_find(struct pail_str s, char byte, size_t from);
/* The index of the last `byte`, or s.len. */
size_t str_rfind(struct pail_str s, char byte);
/* `s` from `start` for at most `len` bytes, clipped to `s`. */
struct pail_str str_sub(struct pail_str s, size_t start, size_t len);
/* Without ASCII white space at both ends. */
struct pail_str str_trim(struct pail_str s);

/* Takes the next token up to `separator` off `*rest` (the separator is dropped). False when
 * `rest` is used up: an empty str has one empty token, then none. */
bool str_next(struct pail_str *rest, char separator, struct pail_str *ret_token);

/* Copies into `dst` (size > 0), cut to fit, NUL-terminated. Returns false if it was cut. */
bool str_copy(char *dst, size_t size, struct pail_str s);
/* A NUL-terminated heap copy, NULL on ENOMEM; an absent str gives "". */
char *str_dup(struct pail_str s);

/* True if the bytes are well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
 */
bool str_is_utf8(struct pail_str s);
/* The bytes of the well-formed UTF-8 character that `s` starts with; 0 if it starts with none.
 */
size_t str_utf8_step(struct pail_str s);

#endif
