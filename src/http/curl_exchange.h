/* http/curl_exchange.h: the parts of the curl transport: private to http/curl*.c. All of it
 * belongs to the net thread. */
#ifndef HTTP_CURL_EXCHANGE_H
#define HTTP_CURL_EXCHANGE_H

#include "http/curl_policy.h"
#include "http/curl_sockets.h"

#include <curl/curl.h>
#include <pthread.h>

#define DRAIN_BYTES_MAX                                                                        \
    (64 * 1024) /* of a dropped body are read on, so that its connection can be used again */
#define DRAIN_MS 1000 /* and for so long */
#define HEAD_BYTES_MAX                                                                         \
    (192 * 1024) /* of all lines of heads, interim ones too. With the 100 KB that it takes for \
                    one line it is less than the 300 KB at which curl breaks off */
#define IDLE_MAX 32 /* exchanges kept for reuse */
#define PATIENCE_MS                                                                            \
    5000 /* without a byte, after which a connection goes to an exchange that waits for one */

enum exchange_state {
    EXCHANGE_IDLE,    /* kept for reuse, or being set up */
    EXCHANGE_WAITING, /* for one of max_connections */
    EXCHANGE_RUNNING, /* in the multi handle */
};

/* What curl does not allow from inside its callbacks, and the loop does after them. */
enum exchange_todo {
    TODO_RESUME = 1,
    TODO_DROP = 2,
    TODO_RELEASE = 4,
};

struct http_exchange {
    struct curl_transport *transport;
    struct http_exchange *next, *previous; /* of the list of its state */
    struct http_exchange *todo_next;
    unsigned todo; /* enum exchange_todo; not 0: in the todo list */
    enum exchange_state state;

    CURL *easy;
    const struct http_handler *handler; /* NULL: dropped or cancelled, nobody listens */
    void *user;

    struct buf url, fields; /* of the request; its header lines, each ended by NUL */
    struct curl_slist *field_list;
    size_t field_capacity;
    struct buf body;
    char *expect_field; /* in `fields`, NULL: "Expect: 100-continue" is not sent */
    bool is_head;
    bool repeatable; /* asking again does no harm: GET, HEAD */

    struct buf line; /* the field that may be continued by the next line */
    struct buf reason;
    struct http_headers headers;
    struct http_head head;
    bool in_head, head_done;
    size_t head_bytes;
    bool proxied;   /* connections go to a proxy */
    bool connected; /* the request is being sent, or was */
    bool asked;     /* was sent: curl may not send it again by itself */
    bool opened;    /* on a connection of its own */
    bool again;     /* on another connection: what came of it does not count */
    bool in_callback, resumed, paused;
    size_t taken_ahead; /* of what curl hands over next: taken before the pause */
    uint64_t received;  /* of the body, without `taken_ahead` */
    unsigned local_port;

    struct timer timer; /* the read timeout; DRAIN_MS once nobody listens */
    int64_t progress_ns;
    int64_t read_timeout_ms;

    int failed_kind; /* what is wrong with the response; NONE: ask curl */
    int failed_sys;
    const char *failed_message;
    char remote[64];
    char curl_message[CURL_ERROR_SIZE];
};

struct exchange_list {
    struct http_exchange *first, *last;
    size_t count;
};

struct curl_transport {
    struct transport transport;
    pthread_t thread, self; /* as the maker, and as the net thread itself, know it */
    struct mailbox *mailbox;
    struct message stop;
    bool stopping, global;
    size_t max_connections;
    struct curl_policy policy;

    CURLM *multi;
    CURLSH *share; /* TLS sessions of all handles */
    int epoll;
    int64_t curl_due_ns; /* of the system's clock: when curl wants to be called */
    struct curl_sockets sockets;
    struct exchange_list waiting, running, idle;
    struct timer crowded; /* set while some wait for a connection */
    struct http_exchange *todo_first, *todo_last;
};

/* curl_request.c: sets up the easy handle. 0, -ENOMEM, -EINVAL. */
int curl_request_set(struct http_exchange *x, const struct http_request *request);

/* curl_exchange.c. NULL on ENOMEM. */
struct http_exchange *exchange_new(struct curl_transport *t);
void exchange_free(struct http_exchange *x);
/* Forgets the request and the response, for reuse. */
void exchange_reset(struct http_exchange *x);
/* Gives the easy handle its callbacks. */
CURLcode exchange_set_callbacks(struct http_exchange *x);
/* curl's callback for a line of a head, its end included; `user` is the exchange. Fewer than
 * size * count: the response is refused. */
size_t exchange_head_line(char *line, size_t size, size_t count, void *user);
/* Bytes moved: the read timeout starts again. */
void exchange_progress(struct http_exchange *x);
/* (Re)starts the read timeout from now, if it runs at all at the moment. */
void exchange_restart_clock(struct http_exchange *x);
/* Whether so little is missing that reading it costs less than a new connection. */
bool exchange_can_drain(const struct http_exchange *x);
/* How it ended, by what was found wrong with the response or else by curl's account. */
void exchange_result(const struct http_exchange *x, CURLcode code, struct http_result *ret);

/* curl_schedule.c: who waits, runs and is done. */
int schedule_start(struct transport *transport, const struct http_request *request,
                   const struct http_handler *handler, void *user, struct http_exchange **ret);
void schedule_cancel(struct transport *transport, struct http_exchange *x);
void schedule_resume(struct transport *transport, struct http_exchange *x);
void schedule_set_read_timeout(struct transport *transport, struct http_exchange *x,
                               int64_t ms);
/* Has schedule_run do it, outside of curl's callbacks. */
void schedule_todo(struct http_exchange *x, enum exchange_todo what);
bool schedule_has_work(const struct curl_transport *t);
void schedule_run(struct curl_transport *t);
/* Ends those that curl is done with. */
void schedule_take_done(struct curl_transport *t);
/* The read timeout or the drain may be over. */
void schedule_timer_fired(struct timer *timer);
struct http_exchange *schedule_exchange_of(CURL *easy);
/* Ends all with CANCELLED; what their handlers post on that occasion is delivered. */
void schedule_end_all(struct curl_transport *t);
/* Some wait for a connection: takes those of exchanges that have stalled. */
void schedule_crowded(struct timer *timer);
/* Frees what is kept for reuse. */
void schedule_free(struct curl_transport *t);

#endif
