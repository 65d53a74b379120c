/* cli/pail_copy.h: the content of one version of an object, fetched by several requests at a
 * time and handed over in order. */
#ifndef CLI_PAIL_COPY_H
#define CLI_PAIL_COPY_H

#include <pail/call.h>

/* All borrowed. */
struct pail_copy {
    struct pail_client *client;
    struct pail_str bucket, key, version_id; /* version_id may be absent */
    struct pail_str etag; /* a strong one: every request is held to it (If-Match) */
    uint64_t size;        /* of the object */
    uint64_t part_size;   /* of a request, > 0 */
    unsigned parallel;    /* requests at a time, > 0 */
    int64_t timeout_ms;   /* without any progress; 0: none */
    /* Takes the next bytes. 0, or -errno: the copy ends with it. The caller's thread. */
    int (*take)(void *user, const void *data, size_t len);
    /* Called every 200 ms or so. The caller's thread. */
    void (*tick)(void *user);
    void *user;
};

/* Copies all of it; waits. An interrupted part is fetched on from where it broke off. Holds up
 * to part_size * (parallel + PAIL_COPY_SPARE) bytes. 0; -errno with *error filled: of a request
 * (CHANGED, -ESTALE: the object is no longer the one asked for); the -errno of `take`, with
 * error->sys 0; -ENOMEM. No request runs any more when it returns. Not the net thread. */
int pail_copy(const struct pail_copy *copy, struct pail_error *error);

#define PAIL_COPY_SPARE 2U /* parts that may wait for an earlier one */

#endif
