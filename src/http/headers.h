/* http/headers.h: header fields in the order they came. Names compare without regard to case;
 * bytes are kept as received. */
#ifndef HTTP_HEADERS_H
#define HTTP_HEADERS_H

#include "base/buf.h"

#define HEADERS_MAX       256          /* fields of one head */
#define HEADERS_BYTES_MAX (128 * 1024) /* bytes of names and values together */

struct http_header {
    size_t name, name_len; /* offsets into `text` */
    size_t value, value_len;
};

struct http_headers {
    struct buf text;
    struct http_header *items;
    size_t count;
    size_t capacity;
};

void http_headers_init(struct http_headers *h);
void http_headers_done(struct http_headers *h);
void http_headers_reset(struct http_headers *h);

/* Appends a copy; neither may be borrowed from `h`. 0, -E2BIG past the limits above, -EINVAL
 * for a CR, LF or NUL in either, or an empty name; -ENOMEM, and then `h` is empty. */
int http_headers_add(struct http_headers *h, struct pail_str name, struct pail_str value);
/* Appends it and removes every other field of that name. As add. */
int http_headers_set(struct http_headers *h, struct pail_str name, struct pail_str value);
void http_headers_remove(struct http_headers *h, struct pail_str name);
/* The first field of that name, absent if there is none. Borrowed until the next change. */
struct pail_str http_headers_get(const struct http_headers *h, const char *name);
struct pail_str http_headers_name(const struct http_headers *h, size_t i);
struct pail_str http_headers_value(const struct http_headers *h, size_t i);

DEFINE_CLEANUP_DONE(http_headers, struct http_headers, http_headers_done);

#endif
