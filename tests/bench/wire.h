/* wire.h: signed requests over a number of connections with nothing but libcurl: the limit that
 * a filesystem is measured against. One thread. Failures end the process: there is nothing to
 * measure then. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_URL_MAX ((size_t)4096)

/* One request. */
struct wire_job {
    char target[WIRE_URL_MAX]; /* /BUCKET/KEY?QUERY, encoded, the query sorted */
    uint64_t offset, len;      /* a range, if len > 0; of a put: what `fill` is asked for */
    bool put;
};

struct wire_calls {
    /* Fill in the next request; false if there is none left. */
    bool (*next)(void *user, struct wire_job *job);
    /* Body bytes of an answer; may be NULL. */
    void (*data)(void *user, const char *data, size_t len);
    /* Body bytes of a put, all `len` of them from the job's offset on; may be NULL if there is
     * no put. */
    void (*fill)(void *user, uint64_t offset, char *data, size_t len);
    /* An answer is complete: when its request was made, its first body byte came, and now; may
     * be NULL. */
    void (*done)(void *user, int64_t began_ns, int64_t first_ns);
    void *user;
};

struct wire;

/* Endpoint, keys and region are those of the environment (AWS_ENDPOINT_URL, ...). */
struct wire *wire_new(unsigned connections);
void wire_free(struct wire *w);
/* Make requests, as many at a time as there are connections, until `next` has none and all are
 * answered. */
void wire_run(struct wire *w, const struct wire_calls *calls);
uint64_t wire_requests(const struct wire *w);
uint64_t wire_bytes(const struct wire *w);
/* Append text to `target`, encoded; '/' too unless `path`. */
void wire_add(char *target, const char *text, size_t len, bool path);

_Noreturn void wire_die(const char *what);

#endif
