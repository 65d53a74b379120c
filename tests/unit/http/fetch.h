/* fetch.h: exchanges over the real transport, for tests: started and steered from the test's
 * thread, watched as they go. */
#ifndef UNIT_HTTP_FETCH_H
#define UNIT_HTTP_FETCH_H

#include "http/curl.h"

#include <pthread.h>

#define FETCH_WAIT_MS 30000 /* after which a test that waits for something fails */

/* A clock that stands still until it is moved. */
struct fetch_clock {
    struct clock clock;
    _Atomic int64_t now_ns;
};
void fetch_clock_init(struct fetch_clock *clock);

struct fetch {
    /* Set before fetch_start; the rest is the fetch's own. */
    struct http_request request;
    int head_returns;
    bool body_refuses; /* body returns -1 */
    size_t
        take; /* bytes that body takes in all before it takes no more; SIZE_MAX: everything */
    bool
        resume_inside; /* body calls http_resume on its own exchange after each byte it takes */
    struct fetch_clock *clock; /* moved by clock_step_ns with each body callback */
    int64_t clock_step_ns;

    struct transport *transport;
    struct http_exchange *exchange;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Under the mutex: */
    unsigned heads, ends, pauses;
    int status, start_error;
    struct pail_int content_length;
    char reason[64], headers[4096]; /* "Name: value\n" */
    struct buf body;
    struct http_result result;
};

/* A GET of `url` with a path, and perhaps a query. Zero-initialise nothing: it does. */
void fetch_init(struct fetch *f, struct transport *t, const char *method, const char *url);
void fetch_header(struct fetch *f, const char *name, const char *value);
void fetch_body(struct fetch *f, const void *data, size_t len);
void fetch_start(struct fetch *f);
/* Until it has ended; fails the test after FETCH_WAIT_MS. */
void fetch_wait(struct fetch *f);
/* How often `end` was called so far. */
unsigned fetch_ends(struct fetch *f);
void fetch_wait_body(struct fetch *f, size_t len);
void fetch_wait_pauses(struct fetch *f, unsigned pauses);
/* On the net thread, and done when they return. */
void fetch_resume(struct fetch *f, size_t take);
void fetch_cancel(struct fetch *f);
void fetch_set_read_timeout(struct fetch *f, int64_t ms);
void fetch_done(struct fetch *f);

/* Calls `function(user)` on the net thread and waits for it. */
void fetch_call(struct transport *t, void (*function)(void *user), void *user);
/* Moves the clock, lets the net thread see it. */
void fetch_clock_advance(struct fetch_clock *clock, struct transport *t, int64_t ms);

#endif
