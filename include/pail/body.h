/* pail/body.h: reading a response's payload as it arrives. What botocore's StreamingBody does,
 * with its length always checked: a body that is shorter or longer than promised, or has
 * another checksum, never just ends.
 *
 * A body is never held in memory whole unless asked for (pail_body_read_all, _readlines). A
 * reader that pauses stops the socket: at most PAIL_BODY_AHEAD bytes are read ahead of it.
 *
 *     botocore                    here
 *     read(n), readinto(buffer)   pail_body_read
 *     read()                      pail_body_read_all
 *     readline(), readlines()     pail_body_readline, pail_body_readlines (pail/iterate.h)
 *     iter_lines()                pail_body_lines, pail_lines_next (pail/iterate.h)
 *     iter_chunks(), iteration    pail_body_chunks, pail_chunks_next (pail/iterate.h)
 *     tell(), readable()          pail_body_tell, pail_body_readable
 *     close(), with body:         pail_body_close, PAIL_CLEANUP(pail_body)
 *     set_socket_timeout(s)       pail_body_set_read_timeout
 *
 * Threads: one reader at a time calls what reads; what says "any thread" may be called beside
 * it. A body over memory or a reader is its reader's alone. Nothing that waits may be called on
 * the net thread. Errors: every call that reads returns -errno with *error filled if not NULL:
 * INCOMPLETE_READ (-EIO: shorter or longer than promised; expected_bytes and actual_bytes say
 * how), STREAMING (-EIO: reset, broken framing), READ_TIMEOUT or DEADLINE (-ETIMEDOUT),
 * CHECKSUM (-EBADMSG), CANCELLED (-ECANCELED: closed, or its client freed), MEMORY (-ENOMEM;
 * -EMFILE, -ENFILE). The bytes that arrived before a failure are handed over first (behind
 * broken chunking as far as taken from the socket), the failure by each call after that. */
#ifndef PAIL_BODY_H
#define PAIL_BODY_H

#include <pail/error.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PAIL_BODY_AHEAD ((size_t)16 * 1024) /* bytes read ahead of small reads */

struct pail_body;

/* ---- making and releasing ---- */

/* Takes a body out of an output, which then no longer releases it:
 *     PAIL_CLEANUP(pail_body) struct pail_body *body = pail_body_take(&out.body); */
static inline struct pail_body *pail_body_take(struct pail_body **slot)
{
    struct pail_body *body = *slot;
    *slot = NULL;
    return body;
}

/* Ends the transfer if it still runs; buffers still posted come back with -ECANCELED, on the
 * net thread, soon, and a reader that waits returns. The body itself stays: it is no longer
 * readable, pail_body_tell still tells. NULL-safe, repeatable. Any thread, also when the client
 * is gone; never waits. */
PAIL_API void pail_body_close(struct pail_body *body);

/* Closes and releases it, when nobody reads from it any more and its iterators are freed.
 * NULL-safe. Any thread, also when the client is gone; never waits. */
PAIL_API void pail_body_free(struct pail_body *body);
PAIL_DEFINE_CLEANUP(pail_body, pail_body_free)

/* A body over `size` bytes of memory, borrowed until it is freed: for tests, and for those who
 * parse responses of their own (pail_get_response leaves the stream to its caller). `length` is
 * what the response promised, and is held to; absent: nothing was. 0 or -ENOMEM. */
PAIL_API int pail_body_from_memory(const void *data, size_t size, struct pail_int length,
                                   struct pail_body **ret);

/* Where the bytes of such a body come from. `read` and `set_read_timeout` are called by the
 * thread that reads from the body, or posts to it; `close` by the one that closes it. */
struct pail_body_reader {
    /* Puts up to `size` (> 0) bytes into `data`, waiting for the first. Returns the count; 0:
     * the end; -errno: a failure, which ends the body. *error is all zero and may be filled;
     * else -ETIMEDOUT is a READ_TIMEOUT, -ENOMEM MEMORY, -ECANCELED CANCELLED, and all else
     * STREAMING. */
    ssize_t (*read)(void *user, void *data, size_t size, struct pail_error *error);
    void (*close)(void *user);                                /* once; NULL: nothing to do */
    void (*set_read_timeout)(void *user, int64_t timeout_ms); /* NULL: it knows none */
    void *user;
};

/* A body over a function that reads. *reader is copied. 0 or -ENOMEM; then `close` is not
 * called. */
PAIL_API int pail_body_from_reader(const struct pail_body_reader *reader,
                                   struct pail_int length, struct pail_body **ret);

/* ---- reading ---- */

/* Reads exactly `size` bytes, fewer only at the end of the body or before a failure; waits.
 * Returns the count (0: the body has ended, verified; or size is 0, which verifies nothing), or
 * -errno. What is past the count in `data` stays as it was. */
PAIL_API ssize_t pail_body_read(struct pail_body *body, void *data, size_t size,
                                struct pail_error *error);

/* Reads the rest into a heap block of *ret_size bytes and a NUL the caller frees. -EFBIG if it
 * is longer than `max`. What was read is lost with a failure. */
PAIL_API int pail_body_read_all(struct pail_body *body, size_t max, char **ret,
                                size_t *ret_size, struct pail_error *error);

/* The promised length; absent when the response says none. Any thread. */
PAIL_API struct pail_int pail_body_length(const struct pail_body *body);
/* Bytes handed to the reader so far. The reader's thread. */
PAIL_API uint64_t pail_body_tell(const struct pail_body *body);
/* True until it is closed. Any thread. */
PAIL_API bool pail_body_readable(const struct pail_body *body);
/* Replaces the read timeout (milliseconds without a byte while the reader waits for one;
 * negative: none) from now on. Nothing happens where there is no socket, the body is closed, or
 * the client gone. Any thread. */
PAIL_API void pail_body_set_read_timeout(struct pail_body *body, int64_t timeout_ms);

/* Has `progress` called on the reader's thread each time bytes were handed over by whatever
 * reads here: `bytes` so far, of `total` (absent: not known). It must not read. NULL: no
 * longer. pail_body_read_all then reads by chunks of PAIL_CHUNK_AUTO, for there to be progress
 * to tell. Bytes of posted buffers are not told. The reader's thread. */
typedef void pail_progress(void *user, uint64_t bytes, struct pail_int total);
PAIL_API void pail_body_set_progress(struct pail_body *body, pail_progress *progress,
                                     void *user);

/* ---- posting ---- */

/* A stretch of memory to be filled: the one primitive under everything that reads. Lent by the
 * caller from pail_body_post (or pail_call_options.buffers) until `done`. */
struct pail_buffer {
    void *data;
    size_t size;   /* bytes to fill, > 0 */
    size_t least;  /* 0: it comes back full; else with as much as is at hand, but so many bytes
                      at least (<= size) */
    size_t filled; /* bytes filled so far; set before done */
    /* On the client's net thread (when the client is gone: on one that posts), once, in the
     * order posted by a thread; must not block. `status` 0: full, or as much as was asked for,
     * or the body ended well after `filled` bytes (maybe 0). Negative: -errno of a failure
     * after `filled` good bytes, explained by `error` (borrowed for the call). The buffer that
     * takes the body's last byte comes back only when the end was verified (length, checksum),
     * so a body that fits one buffer is verified whole before its reader sees it; with a wrong
     * checksum its `filled` is 0. (Where the response promises no length, buffers with `least`
     * do not wait for the end.) A body over memory or a reader has no net thread:
     * pail_body_post fills and gives back what it can before it returns. */
    void (*done)(struct pail_buffer *buffer, int status, const struct pail_error *error);
    void *user;
    struct pail_buffer *next; /* the library's while posted; before pail_call_start: the next
                                 buffer of the list */
};

/* Posts buffers after those already posted; after the body's end or failure they come back with
 * it. Any thread, also when the client is gone; not once it is closed, nor beside reading. */
PAIL_API void pail_body_post(struct pail_body *body, struct pail_buffer *buffers);

#ifdef __cplusplus
}
#endif
#endif
