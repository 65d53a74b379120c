/* scripted_transport.h: a transport that plays responses written down by a test, on a clock
 * that moves by itself from one event to the next: no sockets, no waiting, the same order every
 * time.
 *
 * Either the test drives it (scripted_run), and is its net thread; or, for calls that block, a
 * thread of its own does (scripted_start_thread). What a test could only get wrong aborts with
 * a line on stderr. */
#ifndef SCRIPTED_TRANSPORT_H
#define SCRIPTED_TRANSPORT_H

#include "http/transport.h"

/* Monotonic and real time at the start, in nanoseconds and in seconds since 1970: 2026-11-22
 * 00:00:00 UTC. */
#define SCRIPTED_START_NS (INT64_C(1000) * NS_PER_SEC)
#define SCRIPTED_START_S  INT64_C(1795305600)

struct scripted_response {
    int status;          /* 0: no head comes, only the result */
    const char *reason;  /* NULL: "" */
    const char *headers; /* "Name: value" lines, ended by "\n"; NULL: none */
    const char *body;    /* not sent in answer to HEAD, nor with 204 and 304 */
    size_t body_len;     /* 0: strlen(body) */
    bool chunked;        /* no Content-Length is added; else one is, unless `headers` has it */
    size_t piece;        /* bytes handed over at a time; 0: the whole body at once */
    int64_t head_delay_ms;  /* from the start of the exchange */
    int64_t piece_delay_ms; /* before each piece */
    int64_t end_delay_ms;   /* before the end */
    bool stall; /* after the body nothing comes, not even the end, until the read timeout */
    int kind;   /* of the result, enum pail_error_kind */
    int sys;    /* of the result; 0: what the design's table says for `kind` */
    const char *message; /* of the result; NULL: "" */
};

/* A request that was started, kept until the transport is freed. */
struct scripted_request {
    const char *method;
    struct buf url; /* "http://host:port/path?query" */
    struct http_headers headers;
    struct buf body;
    bool has_body, expect_continue, fresh;
    int64_t connect_timeout_ms, read_timeout_ms;
    int64_t started_ns;
    bool ended, cancelled, dropped; /* dropped: head or body returned a negative value */
    uint64_t delivered;             /* body bytes taken */
};

/* Freed by transport_free. NULL on ENOMEM. */
struct transport *scripted_new(void);

/* Queues a response for the next request that has none; it is copied. */
void scripted_respond(struct transport *t, const struct scripted_response *response);
/* Asked for requests that find the queue empty: fills in *ret, whose strings must stay until
 * the transport is freed. */
void scripted_set_responder(struct transport *t, void *user,
                            void (*respond)(void *user, const struct scripted_request *request,
                                            struct scripted_response *ret));

/* Delivers what was posted, fires timers and plays responses, moving the clock, until nothing
 * is left to happen. */
void scripted_run(struct transport *t);
/* The same for at most `ms` of the clock, which then stands exactly there; 0: only what is due
 * now. */
void scripted_run_for(struct transport *t, int64_t ms);
/* From now on a thread of its own is the net thread and runs whenever something is posted,
 * until transport_free. */
void scripted_start_thread(struct transport *t);

/* Shifts the wall clock alone. */
void scripted_shift_realtime(struct transport *t, int64_t seconds);

/* Requests so far, in the order they were started. With a thread of its own: only while nothing
 * runs. */
size_t scripted_request_count(const struct transport *t);
const struct scripted_request *scripted_request(const struct transport *t, size_t i);
/* Exchanges that are neither ended nor cancelled. */
size_t scripted_running(const struct transport *t);

#endif
