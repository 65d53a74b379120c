#include "http/headers.h"

#include <errno.h>

void http_headers_init(struct http_headers *h)
{
    *h = (struct http_headers){0};
    buf_init(&h->text, HEADERS_BYTES_MAX);
}

void http_headers_done(struct http_headers *h)
{
    buf_done(&h->text);
    free(h->items);
    *h = (struct http_headers){.text.max = HEADERS_BYTES_MAX};
}

void http_headers_reset(struct http_headers *h)
{
    buf_reset(&h->text);
    h->count = 0;
}

static bool one_line(struct pail_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '\r' || s.ptr[i] == '\n' || s.ptr[i] == '\0')
            return false;
    return true;
}

static int grow(struct http_headers *h)
{
    if (h->count == HEADERS_MAX)
        return -E2BIG;
    if (h->count < h->capacity)
        return 0;
    size_t capacity = h->capacity ? 2 * h->capacity : 16;
    struct http_header *items = realloc(h->items, capacity * sizeof(*items));
    if (!items)
        return -ENOMEM;
    h->items = items;
    h->capacity = capacity;
    return 0;
}

int http_headers_add(struct http_headers *h, struct pail_str name, struct pail_str value)
{
    if (name.len == 0 || !one_line(name) || !one_line(value))
        return -EINVAL;
    if (name.len > HEADERS_BYTES_MAX || value.len > HEADERS_BYTES_MAX - name.len ||
        h->text.len > HEADERS_BYTES_MAX - name.len - value.len)
        return -E2BIG;
    int r = grow(h);
    if (r < 0)
        return r;
    char *to = buf_reserve(&h->text, name.len + value.len);
    if (!to) {
        h->count = 0;
        return -ENOMEM;
    }
    size_t at = h->text.len;
    memcpy(to, name.ptr, name.len);
    if (value.len > 0)
        memcpy(to + name.len, value.ptr, value.len);
    buf_commit(&h->text, name.len + value.len);
    h->items[h->count++] = (struct http_header){
        .name = at, .name_len = name.len, .value = at + name.len, .value_len = value.len};
    return 0;
}

/* Removes those of that name before index `end`. `text` stays the fields' bytes in order,
 * without gaps. */
static void remove_before(struct http_headers *h, struct pail_str name, size_t end)
{
    size_t kept = 0, gone = 0;
    for (size_t i = 0; i < h->count; i++) {
        struct http_header item = h->items[i];
        size_t len = item.name_len + item.value_len;
        if (i < end && str_eq_nocase(http_headers_name(h, i), name)) {
            gone += len;
            continue;
        }
        if (gone > 0 && len > 0)
            memmove(h->text.data + item.name - gone, h->text.data + item.name, len);
        item.name -= gone;
        item.value -= gone;
        h->items[kept++] = item;
    }
    h->count = kept;
    buf_truncate(&h->text, h->text.len - gone);
}

int http_headers_set(struct http_headers *h, struct pail_str name, struct pail_str value)
{
    int r = http_headers_add(h, name, value);
    if (r < 0)
        return r;
    remove_before(h, name, h->count - 1);
    return 0;
}

void http_headers_remove(struct http_headers *h, struct pail_str name)
{
    remove_before(h, name, h->count);
}

struct pail_str http_headers_get(const struct http_headers *h, const char *name)
{
    for (size_t i = 0; i < h->count; i++)
        if (str_eq_nocase(http_headers_name(h, i), str_c(name)))
            return http_headers_value(h, i);
    return (struct pail_str){0};
}

struct pail_str http_headers_name(const struct http_headers *h, size_t i)
{
    return str_of(h->text.data + h->items[i].name, h->items[i].name_len);
}

struct pail_str http_headers_value(const struct http_headers *h, size_t i)
{
    return str_of(h->text.data + h->items[i].value, h->items[i].value_len);
}
