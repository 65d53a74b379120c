/* base/buf.h: a growing byte buffer with a limit and a sticky failure: build, then check once.
 *
 * Invariants: data is NULL or holds cap bytes, len < cap, data[len] is NUL. After a failed
 * append (out of memory, over the limit, bad format) `failed` is -ENOMEM or -EOVERFLOW, the
 * contents are gone and further appends do nothing. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/cleanup.h"
#include "base/str.h"

#include <stdarg.h>

struct buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max;  /* the most bytes it may hold, without the NUL */
    int failed;  /* 0 or -errno */
    bool secret; /* its memory is of base/secret.h */
};

static inline void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}
/* One for keys: its memory is not dumped, and wiped when it is left. */
static inline void buf_init_secret(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max, .secret = true};
}
/* Releases the memory; the buf may be used again with the same limit. */
void buf_done(struct buf *b);
/* Fails it as an append does, for want of what was to be appended: `error` is -ENOMEM or
 * -EOVERFLOW, unless it had failed before. */
void buf_fail(struct buf *b, int error);
/* Empties it, keeps the memory, clears the failure. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_str(struct buf *b, struct pail_str s);
void buf_add_c(struct buf *b, const char *text);
void buf_add_byte(struct buf *b, char byte);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends with control characters, backslash and bytes that are not UTF-8 as \n, \t, \\, \xHH:
 * safe on one log line. */
void buf_add_escaped(struct buf *b, struct pail_str s);
/* Room for `len` bytes to write at the returned place, NULL on failure; then buf_commit what
 * was written. */
char *buf_reserve(struct buf *b, size_t len);
void buf_commit(struct buf *b, size_t len);
/* Cuts to `len` (at most b->len). */
void buf_truncate(struct buf *b, size_t len);

static inline int buf_failed(const struct buf *b)
{
    return b->failed;
}
/* What it holds, borrowed until the next append. Present even when empty. */
static inline struct pail_str buf_str(const struct buf *b)
{
    return str_of(b->data ? b->data : "", b->len);
}
/* What it holds as a C string, borrowed until the next append. */
static inline const char *buf_c(const struct buf *b)
{
    return b->data ? b->data : "";
}
/* The contents as a heap C string the caller frees, and the buf is left empty; NULL on ENOMEM
 * or if it had failed, and the failure stays for buf_failed. Not of a secret one. */
char *buf_steal(struct buf *b);

DEFINE_CLEANUP_DONE(buf, struct buf, buf_done);

#endif
