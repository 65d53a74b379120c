/* pail/iterate.h: a body by chunks and by lines. Errors and threads are those of pail/body.h.
 */
#ifndef PAIL_ITERATE_H
#define PAIL_ITERATE_H

#include <pail/body.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PAIL_CHUNK_DEFAULT                                                                     \
    ((size_t)1024)                  /* botocore's default, and that of its plain iteration */
#define PAIL_CHUNK_AUTO ((size_t)0) /* what pail_chunk_size says for the body's length */
#define PAIL_LINE_MAX                                                                          \
    ((size_t)16 * 1024 * 1024) /* bytes of a line where nothing else is said */

/* ---- chunks ---- */

struct pail_chunks;

/* The chunk size that PAIL_CHUNK_AUTO stands for: 8 KiB for less than 1 MiB, 64 KiB for less
 * than 100 MiB, else 1 MiB; an absent length counts as 0. Pure. */
PAIL_API size_t pail_chunk_size(struct pail_int length);

/* Iterates over the rest of the body by chunks of `size` bytes, the last one smaller. The body
 * is borrowed. 0; -EINVAL (a size over SSIZE_MAX), -ENOMEM. */
PAIL_API int pail_body_chunks(struct pail_body *body, size_t size, struct pail_chunks **ret,
                              struct pail_error *error);
/* 1 with the next chunk in *ret, borrowed until the next call; 0 when the body has ended; or
 * -errno. */
PAIL_API int pail_chunks_next(struct pail_chunks *chunks, struct pail_str *ret,
                              struct pail_error *error);
PAIL_API void pail_chunks_free(struct pail_chunks *chunks); /* NULL-safe */
PAIL_DEFINE_CLEANUP(pail_chunks, pail_chunks_free)

/* ---- lines ---- */

struct pail_lines;

/* All zero is the default. */
struct pail_lines_options {
    /* Bytes asked for at a time, at most PAIL_BODY_AHEAD; 0: that many. A line is handed over
     * as soon as it is there. The lines are the same for any size. */
    size_t chunk_size;
    bool keep_ends;   /* a line keeps its separator */
    size_t max_bytes; /* of a line, without its separator; 0: PAIL_LINE_MAX. A longer one is
                         -EFBIG */
};

/* Iterates over the rest of the body by lines, separated by LF, CR or CRLF and nothing else.
 * Empty lines are lines; what is behind the last separator is one if it is not empty. The body
 * is borrowed; what pail_body_read gives between two calls is what follows the last line. 0 or
 * -ENOMEM. */
PAIL_API int pail_body_lines(struct pail_body *body, const struct pail_lines_options *options,
                             struct pail_lines **ret, struct pail_error *error);
/* 1 with the next line in *ret, borrowed until the next call for this body; 0 when the body has
 * ended; or -errno, from then on always the same. Before a failure every line that was ended by
 * its separator is handed over; what came of an unfinished one is not, as nobody knows the rest
 * of it. */
PAIL_API int pail_lines_next(struct pail_lines *lines, struct pail_str *ret,
                             struct pail_error *error);
PAIL_API void pail_lines_free(struct pail_lines *lines); /* NULL-safe */
PAIL_DEFINE_CLEANUP(pail_lines, pail_lines_free)

/* The next line, up to and with its LF (CR is an ordinary byte here), as pail_lines_next
 * returns it; -EFBIG if it is longer than `max` without its LF (0: PAIL_LINE_MAX). May be mixed
 * with other ways of reading, until it has failed. */
PAIL_API int pail_body_readline(struct pail_body *body, size_t max, struct pail_str *ret,
                                struct pail_error *error);

/* The rest as such lines: one heap block that the caller frees with free(). -EFBIG if the rest
 * is longer than `max`. */
PAIL_API int pail_body_readlines(struct pail_body *body, size_t max, struct pail_str_list **ret,
                                 struct pail_error *error);

#ifdef __cplusplus
}
#endif
#endif
