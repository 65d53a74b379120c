/* aws/serialize.h: an operation's input as a request, by its protocol. Pure; any thread. */
#ifndef AWS_SERIALIZE_H
#define AWS_SERIALIZE_H

#include "http/transport.h"

#include <pail/error.h>
#include <pail/model.h>

struct serialized {
    struct http_request request; /* method, path, query, headers, body; no host yet */
    struct pail_str
        bucket; /* of an S3 operation, as given (owned, in `memory`); absent: none */
    size_t bucket_path_len; /* bytes of "/bucket" at the path's head, dropped when the bucket is
                               in the host */
    struct buf host_prefix; /* filled in; empty: none */
    bool range;             /* the input asks for a byte range first..last */
    uint64_t range_first, range_last; /* UINT64_MAX: open-ended */
    uint64_t range_suffix;            /* it asks for the last so many bytes; 0: it does not */
    char *memory;
};

/* 0; -EINVAL with *error filled (PARAM: a required member is absent, a label is empty, a header
 * value that cannot be sent; names the member), -ENOMEM. `in` is copied. Behaviour: botocore
 * serialize.py. */
int serialize_request(const struct pail_operation *op, const void *in, struct serialized *ret,
                      struct pail_error *error);
void serialized_done(struct serialized *s);

DEFINE_CLEANUP_DONE(serialized, struct serialized, serialized_done);

#endif
