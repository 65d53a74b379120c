/* fs/lambda_source_internal.h: what the files of the Lambda source share. */
#ifndef FS_LAMBDA_SOURCE_INTERNAL_H
#define FS_LAMBDA_SOURCE_INTERNAL_H

#include "fs/lambda_source.h"
#include "fs/source_call.h"
#include "fs/source_reader.h"

struct lambda_source {
    struct client_source base;
    int64_t operation_timeout_ms;
    uint64_t lookups, lists, reads, invocations;
};

enum lambda_what {
    LAMBDA_ROOT,
    LAMBDA_FUNCTION,
    LAMBDA_CONFIG,
    LAMBDA_INVOKE,
};

/* Where a path of the mount is in Lambda. `function` points into the path. */
struct lambda_place {
    enum lambda_what what;
    struct pail_str function; /* absent: the root */
};

static inline struct lambda_source *lambda_source_of(struct source *source)
{
    return CONTAINER_OF(source, struct lambda_source, base.source);
}

/* 0, or -ENOENT: nothing can have that path. */
int lambda_place_of(struct pail_str path, struct lambda_place *ret);

/* The operations. */
void lambda_lookup(struct source *source, struct source_lookup *lookup);
void lambda_list(struct source *source, struct source_list *list);
int lambda_reader_open(struct source *source, struct pail_str path, struct pail_str etag,
                       struct source_reader **ret);
void lambda_more(struct source *source, struct source_more *more);
void lambda_reader_close(struct source *source, struct source_reader *reader);
void lambda_exchange(struct source *source, struct source_exchange *exchange);

#endif
