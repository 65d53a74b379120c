/* A body by chunks. */
#include "aws/body.h"

#include "aws/response.h"

#include <errno.h>
#include <limits.h>

#define SMALL (INT64_C(1024) * 1024) /* bytes; from here on the body is not small */
#define LARGE (100 * SMALL)          /* from here on it is large */

struct pail_chunks {
    struct pail_body *body;
    size_t size;
    char data[];
};

size_t pail_chunk_size(struct pail_int length)
{
    int64_t bytes = length.present ? length.value : 0;
    return bytes < SMALL ? 8 * 1024 : bytes < LARGE ? 64 * 1024 : 1024 * 1024;
}

int pail_body_chunks(struct pail_body *body, size_t size, struct pail_chunks **ret,
                     struct pail_error *error)
{
    if (size > SSIZE_MAX)
        return error_set(error, PAIL_ERROR_PARAM, EINVAL, "a chunk of %zu bytes", size);
    if (size == PAIL_CHUNK_AUTO)
        size = pail_chunk_size(body->length);
    struct pail_chunks *chunks = malloc(sizeof(*chunks) + size);
    if (!chunks)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    *chunks = (struct pail_chunks){.body = body, .size = size};
    *ret = chunks;
    return 0;
}

int pail_chunks_next(struct pail_chunks *chunks, struct pail_str *ret, struct pail_error *error)
{
    ssize_t n = pail_body_read(chunks->body, chunks->data, chunks->size, error);
    if (n <= 0)
        return (int)n;
    *ret = str_of(chunks->data, (size_t)n);
    return 1;
}

void pail_chunks_free(struct pail_chunks *chunks)
{
    free(chunks);
}
