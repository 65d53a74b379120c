/* pail/json.h: JSON values, read only: what a line of JSON holds. */
#ifndef PAIL_JSON_H
#define PAIL_JSON_H

#include <pail/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A value. Its members and elements are borrowed from it. Any thread, one at a time. */
struct pail_json;

enum pail_json_type {
    PAIL_JSON_NULL,
    PAIL_JSON_BOOLEAN,
    PAIL_JSON_INTEGER, /* a number without fraction and exponent, within int64 */
    PAIL_JSON_REAL,
    PAIL_JSON_STRING,
    PAIL_JSON_ARRAY,
    PAIL_JSON_OBJECT,
};

/* Parses one value with nothing but white space around it, as RFC 8259 has it: no NaN, no
 * Infinity, well-formed UTF-8 only. Of members of one name the last counts. Where an integer is
 * beyond int64, all numbers of the text become REAL. 0; -EILSEQ (PARSE: what is wrong stands in
 * the message); -ENOMEM. */
PAIL_API int pail_json_parse(struct pail_str text, struct pail_json **ret,
                             struct pail_error *error);
PAIL_API void pail_json_free(struct pail_json *value); /* NULL-safe; not for borrowed values */
PAIL_DEFINE_CLEANUP(pail_json, pail_json_free)

/* Of a NULL value (a member that is not there) everything below is what it is of a value of
 * another type. */
PAIL_API enum pail_json_type
pail_json_type(const struct pail_json *value); /* NULL: JSON_NULL */

/* Absent unless it is one. A REAL that is a whole number within 2^53 is an integer too, and an
 * INTEGER is a double. The string is borrowed, and may hold NULs. */
PAIL_API struct pail_str pail_json_string(const struct pail_json *value);
PAIL_API struct pail_int pail_json_integer(const struct pail_json *value);
PAIL_API struct pail_double pail_json_double(const struct pail_json *value);
PAIL_API struct pail_bool pail_json_boolean(const struct pail_json *value);

/* A member of an object; NULL if it is none or has none of that name. */
PAIL_API const struct pail_json *pail_json_get(const struct pail_json *value, const char *name);
/* How many elements an array, or members an object has; else 0. */
PAIL_API size_t pail_json_count(const struct pail_json *value);
/* An element of an array; NULL beyond its end, or if it is none. */
PAIL_API const struct pail_json *pail_json_at(const struct pail_json *value, size_t index);

/* True if both say the same: the same members, elements, strings; numbers of one type and
 * value. */
PAIL_API bool pail_json_equal(const struct pail_json *a, const struct pail_json *b);

/* The value as text without white space, members in the order they came: a heap string the
 * caller frees. 0 or -ENOMEM. */
PAIL_API int pail_json_text(const struct pail_json *value, char **ret);

#ifdef __cplusplus
}
#endif
#endif
