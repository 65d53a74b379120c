/* unit/aws/body_fixture.h: bodies over a reader that gives its bytes piece by piece, and may
 * then fail. */
#ifndef UNIT_AWS_BODY_FIXTURE_H
#define UNIT_AWS_BODY_FIXTURE_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "unit/check.h"

#include <errno.h>
#include <pail/iterate.h>

#define UNUSED __attribute__((unused))

/* A reader of `data`, at most `piece` bytes at a time (0: as many as are asked for). Behind the
 * last it fails with `fails` (-errno; `kind` says how, if it is not NONE), or ends. */
struct trickle {
    struct pail_str data;
    size_t piece;
    int fails, kind;
    /* What came of it. */
    unsigned reads, closes;
    size_t most; /* bytes asked for at a time */
    int64_t timeout_ms;
};

UNUSED static ssize_t trickle_read(void *user, void *data, size_t size,
                                   struct pail_error *error)
{
    struct trickle *trickle = user;
    trickle->reads++;
    trickle->most = size > trickle->most ? size : trickle->most;
    size_t n = size < trickle->data.len ? size : trickle->data.len;
    if (trickle->piece > 0 && n > trickle->piece)
        n = trickle->piece;
    if (n == 0 && trickle->fails) {
        error->kind = trickle->kind;
        return trickle->fails;
    }
    if (n > 0)
        memcpy(data, trickle->data.ptr, n);
    trickle->data = str_sub(trickle->data, n, trickle->data.len);
    return (ssize_t)n;
}

UNUSED static void trickle_close(void *user)
{
    ((struct trickle *)user)->closes++;
}

UNUSED static void trickle_timeout(void *user, int64_t timeout_ms)
{
    ((struct trickle *)user)->timeout_ms = timeout_ms;
}

UNUSED static struct pail_body *trickle_body(struct trickle *trickle, struct pail_int length)
{
    struct pail_body *body = NULL;
    const struct pail_body_reader reader = {.read = trickle_read,
                                            .close = trickle_close,
                                            .set_read_timeout = trickle_timeout,
                                            .user = trickle};
    ck_assert_int_eq(pail_body_from_reader(&reader, length, &body), 0);
    return body;
}

UNUSED static struct pail_body *memory_body(struct pail_str data, struct pail_int length)
{
    struct pail_body *body = NULL;
    ck_assert_int_eq(pail_body_from_memory(data.ptr, data.len, length, &body), 0);
    return body;
}

/* The lines of the rest, each followed by '|', into `ret`. What the iterator ended with. */
UNUSED static int collect_lines(struct pail_body *body,
                                const struct pail_lines_options *options, struct buf *ret,
                                struct pail_error *error)
{
    PAIL_CLEANUP(pail_lines) struct pail_lines *lines = NULL;
    struct pail_str line;
    int r = pail_body_lines(body, options, &lines, error);
    if (r < 0)
        return r;
    while ((r = pail_lines_next(lines, &line, error)) > 0) {
        buf_add_str(ret, line);
        buf_add_byte(ret, '|');
    }
    return r;
}

/* The same for chunks. */
UNUSED static int collect_chunks(struct pail_body *body, size_t size, struct buf *ret,
                                 struct pail_error *error)
{
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *chunks = NULL;
    struct pail_str chunk;
    int r = pail_body_chunks(body, size, &chunks, error);
    if (r < 0)
        return r;
    while ((r = pail_chunks_next(chunks, &chunk, error)) > 0) {
        buf_add_str(ret, chunk);
        buf_add_byte(ret, '|');
    }
    return r;
}

#endif
