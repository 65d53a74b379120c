/* pail/types.h: the vocabulary every public header uses. */
#ifndef PAIL_TYPES_H
#define PAIL_TYPES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Symbols of the shared library that others may use. */
#define PAIL_API __attribute__((visibility("default")))

/* A run of bytes, not terminated and not owned. `ptr` NULL means absent; a present, empty
 * string has a `ptr` and `len` 0. */
struct pail_str {
    const char *ptr;
    size_t len;
};

/* A pail_str over a string literal. */
#define PAIL_STR(literal)                                                                      \
    ((struct pail_str){.ptr = ("" literal), .len = sizeof("" literal) - 1})

/* A C string's bytes, borrowed; NULL gives an absent one. */
static inline struct pail_str pail_str_of(const char *text)
{
    struct pail_str s = {text, text ? strlen(text) : 0};
    return s;
}

/* The two arguments of printf's %.*s, for text without NULs: it prints up to the first one, and
 * INT_MAX bytes at most. Bytes of any kind are written by fwrite. */
#define PAIL_ARGS(s)                                                                           \
    (int)((s).len < (size_t)INT_MAX ? (s).len : (size_t)INT_MAX), (s).ptr ? (s).ptr : ""

/* Scalars that may be absent. */
struct pail_int {
    int64_t value;
    bool present;
};
struct pail_double {
    double value;
    bool present;
};
struct pail_bool {
    bool value;
    bool present;
};
/* A moment: seconds since 1970 UTC and the nanoseconds after it (0 to 999,999,999). */
struct pail_time {
    int64_t seconds;
    uint32_t nanoseconds;
    bool present;
};

/* Lists and maps of strings; items NULL means absent. */
struct pail_str_list {
    const struct pail_str *items;
    size_t count;
};
struct pail_str_entry {
    struct pail_str key, value;
};
struct pail_str_map {
    const struct pail_str_entry *items;
    size_t count;
};

/* A local that its scope releases: PAIL_CLEANUP(pail_body) struct pail_body *body = NULL; for
 * every type whose header says PAIL_DEFINE_CLEANUP. Not for a pointer that is returned or given
 * away. */
#define PAIL_CLEANUP(type) __attribute__((cleanup(type##_cleanup_)))
#define PAIL_DEFINE_CLEANUP(type, release)                                                     \
    static inline void type##_cleanup_(struct type **local)                                    \
    {                                                                                          \
        release(*local);                                                                       \
    }

/* A structure of which only the presence says something. */
struct pail_empty {
    bool unused;
};

#define PAIL_INT(v)  ((struct pail_int){.value = (v), .present = true})
#define PAIL_BOOL(v) ((struct pail_bool){.value = (v), .present = true})

#ifdef __cplusplus
}
#endif
#endif
