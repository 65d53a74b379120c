/* http/transport.h: sending requests and receiving responses. A seam: http/curl.c is the real
 * one; unit tests play responses through a scripted one (tests/unit/scripted_transport.h).
 *
 * A transport is one net thread. Everything here but transport_post and transport_free is
 * called on that thread only; all callbacks come on it, and none may block. */
#ifndef HTTP_TRANSPORT_H
#define HTTP_TRANSPORT_H

#include "base/mailbox.h"
#include "base/timer.h"
#include "http/headers.h"
#include "http/url.h"

#include <pail/error.h>
#include <sys/types.h>

struct http_request {
    const char *method; /* static: "GET" */
    struct url url; /* scheme, host, port; its path is the whole, encoded path of the request */
    struct buf query; /* encoded, without '?'; empty: none */
    struct http_headers
        headers; /* Host and Content-Length are added by the transport unless set here */
    struct buf body;
    bool has_body;        /* send `body` even when empty (Content-Length: 0) */
    bool expect_continue; /* send "Expect: 100-continue", wait 1 s, then send anyway */
    bool fresh;           /* on a new connection, as kept ones may be closed at the other end */
    int64_t connect_timeout_ms; /* < 0: none */
    int64_t read_timeout_ms;    /* with no byte arriving while not paused; < 0: none */
};

/* An empty GET with timeouts of 60 s. */
void http_request_init(struct http_request *request);
void http_request_done(struct http_request *request);

/* The head of a final (not 1xx) response. */
struct http_head {
    int status;
    struct pail_str reason;             /* "" when absent; valid until end returns, or cancel */
    const struct http_headers *headers; /* likewise */
    struct pail_int content_length; /* as the response says; absent when chunked or not said */
};

/* How an exchange ended; its request was sent once at most, but for a second time after a 417.
 * kind NONE: the whole response arrived, as its framing defines it. Otherwise one of RESOLVE,
 * CONNECT, CONNECT_TIMEOUT, READ_TIMEOUT, PROXY, TLS, CERTIFICATE, CONNECTION_CLOSED, STREAMING
 * (after the head), INCOMPLETE_READ (closed inside a body of known length), PARSE (not HTTP),
 * MEMORY, PARAM, CANCELLED. `sys` is the errno of the design's table. */
struct http_result {
    int kind;
    int sys;
    uint64_t body_bytes; /* of the body that arrived */
    char message[200];   /* one line for people */
    char remote[64];     /* "address:port" that was connected, "" if none */
};

struct http_exchange;
struct transport;

struct http_handler {
    /* The head arrived. 0, or a negative value to drop the response: end then comes with
     * CANCELLED. */
    int (*head)(void *user, const struct http_head *head);
    /* Body bytes. Returns how many were taken. Fewer than `len` pauses the exchange; after
     * http_resume the rest comes again. -1 drops the response, as above. */
    ssize_t (*body)(void *user, const char *data, size_t len);
    /* Exactly once, unless cancelled; the exchange is gone when it returns. */
    void (*end)(void *user, const struct http_result *result);
};

struct transport_ops {
    int (*start)(struct transport *t, const struct http_request *request,
                 const struct http_handler *handler, void *user, struct http_exchange **ret);
    void (*cancel)(struct transport *t, struct http_exchange *exchange);
    void (*resume)(struct transport *t, struct http_exchange *exchange);
    void (*set_read_timeout)(struct transport *t, struct http_exchange *exchange, int64_t ms);
    void (*post)(struct transport *t, struct message *message);
    void (*free)(struct transport *t);
};

struct transport {
    const struct transport_ops *ops;
    const struct clock *clock;
    struct timers timers;         /* run by the net thread; fire on it */
    _Atomic uint64_t connections; /* opened so far; any thread */
};

/* Starts an exchange; `request` is borrowed for the call only. 0 or -errno (-ENOMEM, -EINVAL):
 * then no callback comes. Callbacks never come from inside this call. */
static inline int http_start(struct transport *t, const struct http_request *request,
                             const struct http_handler *handler, void *user,
                             struct http_exchange **ret)
{
    return t->ops->start(t, request, handler, user, ret);
}
/* Ends an exchange without any further callback. A small rest of a body is drained so that the
 * connection can be used again. Not from inside one of its own callbacks (return a negative
 * value there). */
static inline void http_cancel(struct transport *t, struct http_exchange *exchange)
{
    t->ops->cancel(t, exchange);
}
/* Lets a paused body flow again; no-op if it is not paused. Inside the body callback itself:
 * the pause that its return value asks for is over at once. The body callback does not come
 * from inside this call. */
static inline void http_resume(struct transport *t, struct http_exchange *exchange)
{
    t->ops->resume(t, exchange);
}
/* Counts from now. */
static inline void http_set_read_timeout(struct transport *t, struct http_exchange *exchange,
                                         int64_t ms)
{
    t->ops->set_read_timeout(t, exchange, ms);
}
/* Any thread: message->deliver runs on the net thread. */
static inline void transport_post(struct transport *t, struct message *message)
{
    t->ops->post(t, message);
}
/* Any other thread: delivers posted messages, ends the exchanges still running with CANCELLED,
 * delivers what that posted, joins the thread, releases all. Meanwhile http_start fails with
 * -ECANCELED; timers still set never fire. */
static inline void transport_free(struct transport *t)
{
    if (t)
        t->ops->free(t);
}
static inline int64_t transport_now(const struct transport *t)
{
    return clock_now_ns(t->clock);
}

#endif
