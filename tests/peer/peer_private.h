/* peer_private.h: what the files of the peer share. Every field of a peer and its connections
 * is guarded by `lock` unless said otherwise. */
#ifndef PEER_PEER_PRIVATE_H
#define PEER_PEER_PRIVATE_H

#include "peer/peer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEER_HEAD_MAX (1024U * 1024)
#define PEER_BODY_MAX (64U * 1024 * 1024)

/* ---- memory: these end the process when there is none ---- */

_Noreturn void peer_die(const char *what);
void *peer_realloc(void *memory, size_t size);
void *peer_zalloc(size_t size);
char *peer_strndup(const char *text, size_t len); /* NUL-terminated; may hold NULs */

struct peer_text { /* growable bytes, NUL-terminated when not NULL */
    char *data;
    size_t len, cap;
};
void peer_text_add(struct peer_text *text, const void *data, size_t len);
void peer_text_addf(struct peer_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *peer_text_reserve(struct peer_text *text,
                        size_t len); /* room for len more; the caller adds to len */

struct peer_blob { /* immutable shared bytes */
    atomic_uint refs;
    size_t len;
    char data[];
};
struct peer_blob *peer_blob_new(const void *data, size_t len);
struct peer_blob *peer_blob_ref(struct peer_blob *blob);
void peer_blob_unref(struct peer_blob *blob); /* NULL is ignored */

/* A copy that owns what it points to; and its end, after which it is all zero. */
struct peer_response peer_response_copy(const struct peer_response *response);
void peer_response_done(struct peer_response *response);
/* Change the answer `base` by what `over` sets. */
void peer_response_lay_over(struct peer_response *base, const struct peer_response *over);
const char *peer_reason(int status);

/* ---- requests ---- */

struct peer_record {
    struct peer_request request; /* unchanged once it is in the list */
    struct peer_record *next;
    struct peer_outcome outcome;
    bool keep_alive;
    size_t refs; /* the list and, until the answer has ended, the connection */
    struct peer_text body;
};

/* Parse one request at the start of `in`. The number of bytes it took, 0 if more are needed, -1
 * if it cannot be parsed. *ret_expects: the head is complete and asks for 100 Continue before
 * the body. */
long peer_parse(const char *in, size_t len, struct peer_record **ret, bool *ret_expects);
void peer_record_unref(struct peer_record *record);
bool peer_matches(const struct peer_match *match, const struct peer_request *request);
struct peer_match peer_match_copy(const struct peer_match *match);
void peer_match_done(struct peer_match *match);

/* ---- connections ---- */

enum peer_step {
    PEER_STEP_READ,    /* waits for a request */
    PEER_STEP_HEAD,    /* sends what `out` holds of the head */
    PEER_STEP_BODY,    /* fills `out` from the body and sends it */
    PEER_STEP_TAIL,    /* sends what follows the body */
    PEER_STEP_STALLED, /* until released; goes on at `resume` */
    PEER_STEP_RESET,   /* waits until all is acknowledged, then resets */
    PEER_STEP_LINGER,  /* FIN is sent; what the client still sends is read and dropped until it
                          closes */
    PEER_STEP_DEAF,    /* never reads */
};

struct peer_conn {
    struct peer *peer;
    struct peer_conn *next, **link;
    int fd;
    unsigned number;
    uint32_t events; /* what epoll watches */
    enum peer_step step, resume;
    int64_t wake_ns; /* nothing happens before; 0: not waiting */
    int64_t give_up_ns;
    struct peer_text in, out;
    size_t out_at;
    bool expects_answered;
    struct peer_record *record; /* the request being answered */
    struct peer_response response;
    uint64_t body_at, body_end,
        fault_at; /* offsets in the body: next, its end, where the fault strikes */
    uint64_t chunk_left;
    size_t head_hold; /* bytes of the head before the fault strikes */
    bool fault_struck;
};

struct peer_rule_state {
    struct peer_rule rule;
    struct peer_response *responses;
    int id;
    unsigned seen, used;
    struct peer_rule_state *next;
};

struct peer {
    pthread_mutex_t lock; /* recursive: handlers run with it held and may call the peer */
    pthread_cond_t changed;
    pthread_t thread;
    int epoll, wakeup, listener;
    unsigned port; /* unchanging */
    char url[64];  /* unchanging */
    bool stopping, release, drop, drop_reset, drop_idle_only, request_ids;
    enum peer_accept accept;
    unsigned accept_count;
    int send_buffer;
    struct peer_conn *conns;
    size_t open, stalled;
    unsigned accepted;
    uint64_t body_sent, numbers;
    struct peer_rule_state *rules;
    int rule_ids;
    void (*handler)(void *user, const struct peer_request *request,
                    struct peer_response *response);
    void *handler_user;
    struct peer_record *records, **records_end;
};

int64_t peer_now_ns(void);
void peer_lock(struct peer *peer);
void peer_unlock(struct peer *peer);
void peer_wake(struct peer *peer);
void *peer_loop(void *peer);
int peer_bound_socket(unsigned port, int backlog, unsigned *ret_port); /* port 0: any */

/* Find the answer to the record's request. */
struct peer_response peer_answer(struct peer *peer, const struct peer_request *request);

/* Sending. peer_send_start begins the answer in conn->response; peer_send goes on with it as
 * far as it can. False: the connection is to be closed now. */
void peer_send_start(struct peer_conn *conn);
bool peer_send(struct peer_conn *conn);
void peer_conn_finished(struct peer_conn *conn, bool complete); /* the answer came to its end */

#endif
