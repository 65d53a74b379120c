#include "peer/peer_private.h"

#include <endian.h>
#include <errno.h>
#include <stdarg.h>

void peer_die(const char *what)
{
    fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
    abort();
}

void *peer_realloc(void *memory, size_t size)
{
    /* Not realloc, which suites replace to make the project's allocations fail. */
    void *grown = reallocarray(memory, 1, size ? size : 1);
    if (!grown)
        peer_die("memory");
    return grown;
}

void *peer_zalloc(size_t size)
{
    return memset(peer_realloc(NULL, size), 0, size);
}

char *peer_strndup(const char *text, size_t len)
{
    char *copy = peer_realloc(NULL, len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *peer_text_reserve(struct peer_text *text, size_t len)
{
    if (text->cap - text->len <= len) {
        size_t cap = text->cap * 2 > text->len + len + 1 ? text->cap * 2 : text->len + len + 1;
        text->data = peer_realloc(text->data, cap);
        text->cap = cap;
    }
    return text->data + text->len;
}

void peer_text_add(struct peer_text *text, const void *data, size_t len)
{
    char *end = peer_text_reserve(text, len);
    if (len > 0)
        memcpy(end, data, len);
    end[len] = '\0';
    text->len += len;
}

__attribute__((format(printf, 2, 0))) static void text_addv(struct peer_text *text,
                                                            const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        peer_die("a format");
    (void)vsnprintf(peer_text_reserve(text, (size_t)len), (size_t)len + 1, format, again);
    text->len += (size_t)len;
    va_end(again);
}

void peer_text_addf(struct peer_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_addv(text, format, args);
    va_end(args);
}

struct peer_blob *peer_blob_new(const void *data, size_t len)
{
    struct peer_blob *blob = peer_realloc(NULL, sizeof(*blob) + len + 1);
    atomic_init(&blob->refs, 1);
    blob->len = len;
    if (len > 0)
        memcpy(blob->data, data, len);
    blob->data[len] = '\0';
    return blob;
}

struct peer_blob *peer_blob_ref(struct peer_blob *blob)
{
    atomic_fetch_add(&blob->refs, 1);
    return blob;
}

void peer_blob_unref(struct peer_blob *blob)
{
    if (blob && atomic_fetch_sub(&blob->refs, 1) == 1)
        free(blob);
}

/* splitmix64: eight bytes of the stream for each word number. */
static uint64_t word_of(uint64_t seed, uint64_t number)
{
    uint64_t z = (seed + 1) * 0x9e3779b97f4a7c15U + number * 0xd1342543de82ef95U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

unsigned char peer_byte(uint64_t seed, uint64_t offset)
{
    return (unsigned char)(word_of(seed, offset / 8) >> (offset % 8 * 8));
}

void peer_fill(uint64_t seed, uint64_t offset, void *buffer, size_t len)
{
    unsigned char *to = buffer;
    size_t i = 0;
    for (; i < len && (offset + i) % 8 != 0; i++)
        to[i] = peer_byte(seed, offset + i);
    for (; i + 8 <= len; i += 8) {
        uint64_t word = htole64(word_of(seed, (offset + i) / 8));
        memcpy(to + i, &word, 8);
    }
    for (; i < len; i++)
        to[i] = peer_byte(seed, offset + i);
}

bool peer_check(uint64_t seed, uint64_t offset, const void *buffer, size_t len, size_t *ret_at)
{
    const unsigned char *from = buffer;
    unsigned char want[4096];
    for (size_t i = 0; i < len; i += sizeof(want)) {
        size_t n = len - i < sizeof(want) ? len - i : sizeof(want);
        peer_fill(seed, offset + i, want, n);
        if (memcmp(from + i, want, n) == 0)
            continue;
        size_t at = 0;
        while (from[i + at] == want[at])
            at++;
        if (ret_at)
            *ret_at = i + at;
        return false;
    }
    return true;
}

void peer_response_headers(struct peer_response *response, const char *format, ...)
{
    struct peer_text text = {0};
    if (response->headers && response->headers[0] != '\0')
        peer_text_addf(&text, "%s\n", response->headers);
    va_list args;
    va_start(args, format);
    text_addv(&text, format, args);
    va_end(args);
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        text.data[--text.len] = '\0';
    free(response->headers_);
    response->headers_ = text.data;
    response->headers = text.data;
}

void peer_response_body(struct peer_response *response, const void *data, size_t len)
{
    struct peer_blob *blob = peer_blob_new(data, len);
    peer_blob_unref(response->blob_);
    response->blob_ = blob;
    response->body = blob->data;
    response->body_len = len;
}

void peer_response_bodyf(struct peer_response *response, const char *format, ...)
{
    struct peer_text text = {0};
    va_list args;
    va_start(args, format);
    text_addv(&text, format, args);
    va_end(args);
    peer_response_body(response, text.data, text.len);
    free(text.data);
}
