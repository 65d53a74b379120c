#include "base/buf.h"

#include "base/encode.h"
#include "base/secret.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#define FIRST_CAP 64 /* bytes a buf starts with */

static void release(struct buf *b)
{
    if (b->secret)
        secret_free(b->data);
    else
        free(b->data);
    *b = (struct buf){.max = b->max, .secret = b->secret};
}

void buf_fail(struct buf *b, int error)
{
    int first = b->failed;
    release(b);
    b->failed = first ? first : error;
}

void buf_done(struct buf *b)
{
    release(b);
}

/* As realloc, but that of a secret one leaves nothing behind. */
static char *grow(struct buf *b, size_t cap)
{
    if (!b->secret)
        return realloc(b->data, cap);
    char *data = secret_alloc(cap);
    if (data && b->data)
        memcpy(data, b->data, b->len);
    if (data)
        secret_free(b->data);
    return data;
}

void buf_reset(struct buf *b)
{
    b->failed = 0;
    buf_truncate(b, 0);
}

char *buf_reserve(struct buf *b, size_t len)
{
    if (b->failed)
        return NULL;
    /* One byte stays for the NUL, so `max` itself must be able to grow by one. */
    size_t max = b->max < SIZE_MAX ? b->max : SIZE_MAX - 1;
    if (len > max - b->len) {
        buf_fail(b, -EOVERFLOW);
        return NULL;
    }
    size_t needed = b->len + len + 1;
    if (needed > b->cap) {
        size_t cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;
        while (cap < needed)
            cap = cap > max / 2 ? max + 1 : cap * 2;
        if (cap > max + 1)
            cap = max + 1;
        char *data = grow(b, cap);
        if (!data) {
            buf_fail(b, -ENOMEM);
            return NULL;
        }
        b->data = data;
        b->cap = cap;
        b->data[b->len] = '\0';
    }
    return b->data + b->len;
}

void buf_commit(struct buf *b, size_t len)
{
    if (!b->data)
        return;
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_truncate(struct buf *b, size_t len)
{
    if (!b->data || len > b->len)
        return;
    b->len = len;
    b->data[len] = '\0';
}

void buf_add(struct buf *b, const void *data, size_t len)
{
    char *place = buf_reserve(b, len);
    if (!place)
        return;
    if (len > 0)
        memcpy(place, data, len);
    buf_commit(b, len);
}

void buf_add_str(struct buf *b, struct pail_str s)
{
    buf_add(b, s.ptr, s.len);
}

void buf_add_c(struct buf *b, const char *text)
{
    buf_add_str(b, str_c(text));
}

void buf_add_byte(struct buf *b, char byte)
{
    buf_add(b, &byte, 1);
}

void buf_addf(struct buf *b, const char *format, ...)
{
    if (b->failed)
        return;
    size_t room = b->cap - b->len; /* with the NUL's */
    va_list args;
    va_start(args, format);
    int len = vsnprintf(b->data ? b->data + b->len : NULL, room, format, args);
    va_end(args);
    if (len < 0) {
        buf_fail(b, -EOVERFLOW);
        return;
    }
    if ((size_t)len >= room) {
        char *place = buf_reserve(b, (size_t)len);
        if (!place)
            return;
        va_start(args, format);
        int again = vsnprintf(place, (size_t)len + 1, format, args);
        va_end(args);
        if (again != len) {
            buf_fail(b, -EOVERFLOW);
            return;
        }
    }
    buf_commit(b, (size_t)len);
}

void buf_add_escaped(struct buf *b, struct pail_str s)
{
    size_t len = escape_text(NULL, 0, s, ESCAPE_ALL);
    char *place = buf_reserve(b, len);
    if (!place)
        return;
    escape_text(place, len + 1, s, ESCAPE_ALL);
    buf_commit(b, len);
}

char *buf_steal(struct buf *b)
{
    assert(!b->secret);
    if (b->failed)
        return NULL;
    if (!b->data) {
        char *empty = calloc(1, 1);
        if (!empty)
            buf_fail(b, -ENOMEM);
        return empty;
    }
    char *text = b->data;
    buf_init(b, b->max);
    return text;
}
