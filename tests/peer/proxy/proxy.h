/* proxy.h: what the files of peer_proxy share: a forwarding proxy that counts the HTTP/1.1
 * requests passing through, adds a round trip's delay without limiting the rate, and spoils
 * responses at random. One thread. */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include "frame.h"

#include "base/random.h"

#include <netinet/in.h>
#include <stdio.h>

/* A source is not read while this much waits to be written: more than any link holds in flight.
 */
#define PROXY_QUEUE_MAX ((size_t)32 * 1024 * 1024)
/* Requests of one connection that may be unanswered (pipelined). */
#define PROXY_PENDING_MAX 64

enum proxy_kind { PROXY_GET, PROXY_LIST, PROXY_HEAD, PROXY_PUT, PROXY_OTHER, PROXY_KINDS };
enum proxy_fault {
    PROXY_FAULT_RESET, /* the connection is reset instead of a response */
    PROXY_FAULT_503,   /* a 503 SlowDown takes its place */
    PROXY_FAULT_CUT,   /* the connection ends somewhere in the body */
    PROXY_FAULT_TEAR,  /* it is reset there */
    PROXY_FAULT_DELAY, /* it comes later */
    PROXY_FAULTS,
    PROXY_NO_FAULT = PROXY_FAULTS,
};

struct proxy_options {
    struct sockaddr_in listen;
    struct sockaddr_in server;
    int64_t delay_ns;     /* of a round trip: half of it each way */
    unsigned fault_every; /* one response in so many is spoiled; 0: none */
    bool faults[PROXY_FAULTS];
    int64_t fault_delay_ns;
    uint64_t seed;
    const char
        *slow; /* responses to requests whose target holds this come slow_ns later; or NULL */
    int64_t slow_ns;
    uint64_t share;    /* bytes a second to each client's connection; 0: no limit */
    const char *stats; /* a file for the counts, or NULL: stdout */
    FILE *log; /* a line a request: milliseconds, requests in flight with it, what; or NULL */
};

struct proxy_counts {
    uint64_t requests[PROXY_KINDS];
    uint64_t statuses[6]; /* by hundreds; [0] those that are none */
    uint64_t faults[PROXY_FAULTS];
    uint64_t connections;
    uint64_t bytes_up;
    uint64_t bytes_down;
    unsigned open; /* connections; and the most there were */
    unsigned open_peak;
    unsigned in_flight; /* requests without a whole response; and the most there were */
    unsigned in_flight_peak;
};

/* Bytes on their way to a socket, or with len 0 the end of them. */
struct proxy_piece {
    struct proxy_piece *next;
    int64_t due_ns;
    size_t len;
    size_t sent;
    char data[];
};

struct proxy_queue {
    struct proxy_piece *first;
    struct proxy_piece **end;
    size_t bytes;
};

struct proxy_pair;

/* One of the two sockets of a connection through the proxy. */
struct proxy_side {
    struct proxy_pair *pair;
    int fd;
    uint32_t events;        /* watched for */
    struct proxy_queue out; /* to be written to it */
    struct frame in;        /* the messages that come from it */
    bool ended;             /* nothing more comes from it */
    bool shut;              /* nothing more goes to it */
    int64_t not_before_ns;  /* what comes from it leaves no sooner */
};

struct proxy_request {
    enum proxy_kind kind;
    bool slow;
};

struct proxy_pair {
    struct proxy *proxy;
    struct proxy_pair *next, **link;
    struct proxy_side client, server;
    bool connected;
    struct proxy_request pending[PROXY_PENDING_MAX];
    unsigned pending_first, pending_count;
    bool discard;      /* the rest of this response is not forwarded */
    int64_t cut_after; /* body bytes until the cut; -1: none */
    bool tear;         /* the cut is a reset */
    bool dead;         /* to be freed when the events at hand are done */
};

struct proxy {
    struct proxy_options options;
    struct proxy_counts counts;
    struct random random;
    int epoll;
    int listener;
    int signals;
    struct proxy_pair *pairs;
    int64_t now_ns;
    int64_t soonest_ns; /* no piece is due before; INT64_MAX: none waits */
    char *scratch;
};

_Noreturn void proxy_die(const char *what);
int64_t proxy_now_ns(void);

/* ---- relay.c: sockets ---- */

/* A client has connected. Takes `fd`. */
void proxy_pair_new(struct proxy *p, int fd);
/* A socket of a pair is ready. */
void proxy_pair_event(struct proxy_side *side, uint32_t events);
/* Write what has become due, free what is dead; sets soonest_ns. */
void proxy_pairs_run(struct proxy *p);
/* Queue bytes that came from `from` for the other side, `len` 0: their end. */
void proxy_forward(struct proxy_side *from, const char *data, size_t len);
/* The pair ends: at once, with a reset of the client. */
void proxy_pair_reset(struct proxy_pair *pair);

/* ---- message.c: requests and responses ---- */

/* Take what has come from a side, count and forward it. */
void proxy_take(struct proxy_side *from, const char *data, size_t len);
/* The source has ended. */
void proxy_take_end(struct proxy_side *from);

/* ---- report.c ---- */

void proxy_report(const struct proxy *p);

#endif
