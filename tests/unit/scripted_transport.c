#include "unit/scripted_transport.h"

#include "base/num.h"
#include "base/thread.h"
#include "unit/check.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

struct http_exchange {
    struct http_exchange *next;
    struct scripted_request *request;
    struct scripted_response response;
    const struct http_handler *handler;
    void *user;
    struct http_headers headers;
    bool head_done, paused, in_callback, resumed;
    size_t sent;         /* of the body */
    int64_t due_ns;      /* of the next event */
    int64_t progress_ns; /* the read timeout counts from here */
    int64_t read_timeout_ms;
};

struct queued {
    struct queued *next;
    struct scripted_response response;
    bool used;
};

struct scripted {
    struct transport transport;
    struct clock clock;
    _Atomic int64_t now_ns, realtime_shift_s;
    struct mailbox *mailbox;
    struct http_exchange *exchanges, **exchanges_end;
    struct queued *queue, **queue_end;
    void (*respond)(void *user, const struct scripted_request *request,
                    struct scripted_response *ret);
    void *respond_user;
    struct scripted_request **requests;
    size_t request_count;
    pthread_t thread;
    bool has_thread, stopping;
    struct message stop;
};

static struct scripted *scripted_of(const struct transport *t)
{
    return CONTAINER_OF((uintptr_t)t, struct scripted, transport);
}

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "scripted transport: %s\n", what);
    abort();
}

static int64_t monotonic_ns(const struct clock *clock)
{
    return CONTAINER_OF((uintptr_t)clock, struct scripted, clock)->now_ns;
}

static int64_t realtime_s(const struct clock *clock)
{
    const struct scripted *s = CONTAINER_OF((uintptr_t)clock, struct scripted, clock);
    return SCRIPTED_START_S + (s->now_ns - SCRIPTED_START_NS) / NS_PER_SEC +
           s->realtime_shift_s;
}

static char *copy(const char *text, size_t len)
{
    if (!text)
        return NULL;
    alloc_spare(true);
    char *to = malloc(len + 1);
    alloc_spare(false);
    must(to, "out of memory");
    memcpy(to, text, len);
    to[len] = '\0';
    return to;
}

void scripted_respond(struct transport *t, const struct scripted_response *response)
{
    struct scripted *s = scripted_of(t);
    struct queued *q = calloc(1, sizeof(*q));
    must(q, "out of memory");
    q->response = *response;
    struct scripted_response *r = &q->response;
    if (r->body && r->body_len == 0)
        r->body_len = strlen(r->body);
    r->reason = response->reason ? copy(response->reason, strlen(response->reason)) : NULL;
    r->headers = response->headers ? copy(response->headers, strlen(response->headers)) : NULL;
    r->message = response->message ? copy(response->message, strlen(response->message)) : NULL;
    r->body = copy(response->body, r->body_len);
    *s->queue_end = q;
    s->queue_end = &q->next;
}

void scripted_set_responder(struct transport *t, void *user,
                            void (*respond)(void *user, const struct scripted_request *request,
                                            struct scripted_response *ret))
{
    scripted_of(t)->respond = respond;
    scripted_of(t)->respond_user = user;
}

static void choose_response(struct scripted *s, struct http_exchange *x)
{
    for (struct queued *q = s->queue; q; q = q->next) {
        if (q->used)
            continue;
        q->used = true;
        x->response = q->response;
        return;
    }
    if (!s->respond)
        fprintf(stderr, "no response is scripted for %s %s\n", x->request->method,
                buf_c(&x->request->url));
    must(s->respond, "a request without a response");
    s->respond(s->respond_user, x->request, &x->response);
    if (x->response.body && x->response.body_len == 0)
        x->response.body_len = strlen(x->response.body);
}

static struct scripted_request *record(struct scripted *s, const struct http_request *request)
{
    struct scripted_request *r = calloc(1, sizeof(*r));
    must(r, "out of memory");
    *r = (struct scripted_request){
        .method = request->method,
        .has_body = request->has_body,
        .expect_continue = request->expect_continue,
        .fresh = request->fresh,
        .connect_timeout_ms = request->connect_timeout_ms,
        .read_timeout_ms = request->read_timeout_ms,
        .started_ns = s->now_ns,
    };
    buf_init(&r->url, 2 * URL_MAX);
    buf_addf(&r->url, "http%s://", request->url.tls ? "s" : "");
    buf_add_authority(&r->url, &request->url);
    buf_add_c(&r->url, request->url.path);
    if (request->query.len > 0) {
        buf_add_byte(&r->url, '?');
        buf_add_str(&r->url, buf_str(&request->query));
    }
    http_headers_init(&r->headers);
    for (size_t i = 0; i < request->headers.count; i++)
        http_headers_add(&r->headers, http_headers_name(&request->headers, i),
                         http_headers_value(&request->headers, i));
    buf_init(&r->body, SIZE_MAX);
    buf_add_str(&r->body, buf_str(&request->body));
    must(!buf_failed(&r->url) && !buf_failed(&r->body), "out of memory");
    struct scripted_request **grown =
        realloc(s->requests, (s->request_count + 1) * sizeof(*s->requests));
    must(grown, "out of memory");
    s->requests = grown;
    s->requests[s->request_count++] = r;
    return r;
}

static int start(struct transport *t, const struct http_request *request,
                 const struct http_handler *handler, void *user, struct http_exchange **ret)
{
    struct scripted *s = scripted_of(t);
    if (s->stopping)
        return -ECANCELED;
    must(!s->has_thread || pthread_equal(pthread_self(), s->thread),
         "start off the net thread");
    alloc_spare(true);
    struct http_exchange *x = calloc(1, sizeof(*x));
    must(x, "out of memory");
    x->request = record(s, request);
    alloc_spare(false);
    x->handler = handler;
    x->user = user;
    x->read_timeout_ms = request->read_timeout_ms;
    x->progress_ns = s->now_ns;
    http_headers_init(&x->headers);
    choose_response(s, x);
    x->due_ns = s->now_ns + x->response.head_delay_ms * NS_PER_MS;
    *s->exchanges_end = x;
    s->exchanges_end = &x->next;
    *ret = x;
    return 0;
}

static void unlink_exchange(struct scripted *s, struct http_exchange *x)
{
    struct http_exchange **at = &s->exchanges;
    while (*at && *at != x)
        at = &(*at)->next;
    must(*at, "an exchange that is gone");
    *at = x->next;
    if (s->exchanges_end == &x->next)
        s->exchanges_end = at;
}

static void exchange_free(struct http_exchange *x)
{
    http_headers_done(&x->headers);
    free(x);
}

static void cancel(struct transport *t, struct http_exchange *x)
{
    must(!x->in_callback, "cancel inside a callback of the exchange");
    unlink_exchange(scripted_of(t), x);
    x->request->cancelled = true;
    exchange_free(x);
}

static void unpause(struct scripted *s, struct http_exchange *x)
{
    x->paused = false;
    x->progress_ns = x->due_ns = s->now_ns;
}

static void resume(struct transport *t, struct http_exchange *x)
{
    if (x->in_callback)
        x->resumed = true;
    else if (x->paused)
        unpause(scripted_of(t), x);
}

static void set_read_timeout(struct transport *t, struct http_exchange *x, int64_t ms)
{
    x->read_timeout_ms = ms;
    x->progress_ns = scripted_of(t)->now_ns;
}

static void post(struct transport *t, struct message *message)
{
    mailbox_post(scripted_of(t)->mailbox, message);
}

static int sys_of(int kind)
{
    switch (kind) {
    case PAIL_ERROR_NONE:
        return 0;
    case PAIL_ERROR_RESOLVE:
    case PAIL_ERROR_PROXY:
        return EHOSTUNREACH;
    case PAIL_ERROR_CONNECT:
        return ECONNREFUSED;
    case PAIL_ERROR_CONNECT_TIMEOUT:
    case PAIL_ERROR_READ_TIMEOUT:
        return ETIMEDOUT;
    case PAIL_ERROR_TLS:
    case PAIL_ERROR_PARSE:
        return EPROTO;
    case PAIL_ERROR_CERTIFICATE:
        return EACCES;
    case PAIL_ERROR_CONNECTION_CLOSED:
        return ECONNRESET;
    case PAIL_ERROR_MEMORY:
        return ENOMEM;
    case PAIL_ERROR_PARAM:
        return EINVAL;
    case PAIL_ERROR_CANCELLED:
        return ECANCELED;
    default:
        return EIO;
    }
}

static void finish(struct scripted *s, struct http_exchange *x, int kind, int sys,
                   const char *message)
{
    struct http_result result = {.kind = kind,
                                 .sys = sys ? sys : sys_of(kind),
                                 .body_bytes = x->sent,
                                 .remote = "192.0.2.1:80"};
    str_copy(result.message, sizeof(result.message), str_c(message ? message : ""));
    x->request->ended = true;
    unlink_exchange(s, x);
    x->in_callback = true;
    if (x->handler->end)
        x->handler->end(x->user, &result);
    exchange_free(x);
}

static void add_headers(struct http_exchange *x, bool has_body)
{
    struct pail_str rest = str_c(x->response.headers ? x->response.headers : ""), line;
    while (str_next(&rest, '\n', &line)) {
        size_t colon = str_find(line, ':', 0);
        if (line.len == 0)
            continue;
        must(colon < line.len, "a header without a colon");
        must(http_headers_add(&x->headers, str_sub(line, 0, colon),
                              str_trim(str_sub(line, colon + 1, line.len))) == 0,
             "a bad header");
    }
    if (x->response.chunked || !has_body || http_headers_get(&x->headers, "content-length").ptr)
        return;
    char digits[24];
    snprintf(digits, sizeof(digits), "%zu", x->response.body_len);
    must(http_headers_add(&x->headers, PAIL_STR("Content-Length"), str_c(digits)) == 0,
         "a bad header");
}

/* True if the exchange goes on. */
static bool deliver_head(struct scripted *s, struct http_exchange *x)
{
    bool bodyless = strcmp(x->request->method, "HEAD") == 0 || x->response.status == 204 ||
                    x->response.status == 304;
    if (bodyless)
        x->response.body_len = 0;
    alloc_spare(true);
    add_headers(x, !bodyless);
    alloc_spare(false);
    struct http_head head = {.status = x->response.status,
                             .reason = str_c(x->response.reason ? x->response.reason : ""),
                             .headers = &x->headers};
    struct pail_str length = http_headers_get(&x->headers, "content-length");
    uint64_t value;
    if (length.ptr && num_u64(length, INT64_MAX, &value) == 0)
        head.content_length = PAIL_INT((int64_t)value);
    x->head_done = true;
    x->in_callback = true;
    int r = x->handler->head(x->user, &head);
    x->in_callback = false;
    if (r >= 0)
        return true;
    x->request->dropped = true;
    finish(s, x, PAIL_ERROR_CANCELLED, 0, NULL);
    return false;
}

static bool deliver_piece(struct scripted *s, struct http_exchange *x)
{
    size_t len = x->response.body_len - x->sent;
    if (x->response.piece > 0 && len > x->response.piece)
        len = x->response.piece;
    /* A copy of its own, so that reading past a piece is seen by the sanitizer. */
    char *piece = copy(x->response.body + x->sent, len);
    x->in_callback = true;
    x->resumed = false;
    ssize_t taken = x->handler->body(x->user, piece, len);
    x->in_callback = false;
    free(piece);
    if (taken < 0) {
        x->request->dropped = true;
        finish(s, x, PAIL_ERROR_CANCELLED, 0, NULL);
        return false;
    }
    must((size_t)taken <= len, "body took more than there was");
    x->sent += (size_t)taken;
    x->request->delivered += (size_t)taken;
    x->paused = (size_t)taken < len && !x->resumed;
    return true;
}

/* When the next event of `x` is due: the script's, or the read timeout before it. */
static int64_t next_of(const struct http_exchange *x, bool *ret_timeout)
{
    int64_t timeout_ns = clock_after_ms(x->progress_ns, x->read_timeout_ms);
    *ret_timeout = timeout_ns < x->due_ns && !x->paused;
    if (x->paused)
        return TIME_NEVER;
    return *ret_timeout ? timeout_ns : x->due_ns;
}

static void step(struct scripted *s, struct http_exchange *x, bool timeout)
{
    const struct scripted_response *r = &x->response;
    if (timeout) {
        finish(s, x, PAIL_ERROR_READ_TIMEOUT, 0, "nothing came for the read timeout");
        return;
    }
    x->progress_ns = s->now_ns;
    if (!x->head_done && r->status != 0) {
        if (!deliver_head(s, x))
            return;
    } else if (x->head_done && x->sent < r->body_len) {
        if (!deliver_piece(s, x))
            return;
    } else {
        finish(s, x, r->kind, r->sys, r->message);
        return;
    }
    if (x->sent < r->body_len)
        x->due_ns = s->now_ns + r->piece_delay_ms * NS_PER_MS;
    else
        x->due_ns = r->stall ? TIME_NEVER : s->now_ns + r->end_delay_ms * NS_PER_MS;
}

static void run_until(struct scripted *s, int64_t end_ns)
{
    while (!s->stopping) {
        bool timeout = false;
        if (mailbox_deliver(s->mailbox) > 0)
            continue;
        struct http_exchange *first = NULL;
        int64_t first_ns = TIME_NEVER;
        bool first_timeout = false;
        for (struct http_exchange *x = s->exchanges; x; x = x->next) {
            int64_t at_ns = next_of(x, &timeout);
            if (at_ns < first_ns) {
                first = x;
                first_ns = at_ns;
                first_timeout = timeout;
            }
        }
        int64_t timer_ns = timers_next(&s->transport.timers);
        int64_t next_ns = timer_ns < first_ns ? timer_ns : first_ns;
        if (next_ns == TIME_NEVER || next_ns > end_ns)
            break;
        if (next_ns > s->now_ns)
            s->now_ns = next_ns;
        if (timer_ns <= first_ns)
            timers_run(&s->transport.timers, s->now_ns);
        else
            step(s, first, first_timeout);
    }
    if (end_ns != TIME_NEVER && end_ns > s->now_ns)
        s->now_ns = end_ns;
}

void scripted_run(struct transport *t)
{
    run_until(scripted_of(t), TIME_NEVER);
}

void scripted_run_for(struct transport *t, int64_t ms)
{
    struct scripted *s = scripted_of(t);
    run_until(s, s->now_ns + ms * NS_PER_MS);
}

static void *thread_main(void *arg)
{
    struct scripted *s = arg;
    while (!s->stopping) {
        mailbox_wait(s->mailbox, -1);
        run_until(s, TIME_NEVER);
    }
    return NULL;
}

void scripted_start_thread(struct transport *t)
{
    struct scripted *s = scripted_of(t);
    s->has_thread = true;
    must(thread_start(&s->thread, "scripted", thread_main, s) == 0, "no thread");
}

static void deliver_stop(struct message *message)
{
    CONTAINER_OF(message, struct scripted, stop)->stopping = true;
}

void scripted_shift_realtime(struct transport *t, int64_t seconds)
{
    scripted_of(t)->realtime_shift_s += seconds;
}

size_t scripted_request_count(const struct transport *t)
{
    return scripted_of(t)->request_count;
}

const struct scripted_request *scripted_request(const struct transport *t, size_t i)
{
    must(i < scripted_of(t)->request_count, "a request that was not made");
    return scripted_of(t)->requests[i];
}

size_t scripted_running(const struct transport *t)
{
    size_t n = 0;
    for (const struct http_exchange *x = scripted_of(t)->exchanges; x; x = x->next)
        n++;
    return n;
}

static void queued_free(struct queued *q)
{
    const char *owned[] = {q->response.reason, q->response.headers, q->response.message,
                           q->response.body};
    for (size_t i = 0; i < ARRAY_LEN(owned); i++)
        free((void *)(uintptr_t)owned[i]);
    free(q);
}

static void transport_release(struct transport *t)
{
    struct scripted *s = scripted_of(t);
    if (s->has_thread) {
        s->stop.deliver = deliver_stop;
        mailbox_post(s->mailbox, &s->stop);
        pthread_join(s->thread, NULL);
    }
    while (mailbox_deliver(s->mailbox) > 0)
        continue;
    s->stopping = true;
    while (s->exchanges)
        finish(s, s->exchanges, PAIL_ERROR_CANCELLED, 0, "the transport is gone");
    while (mailbox_deliver(s->mailbox) > 0)
        continue;
    for (size_t i = 0; i < s->request_count; i++) {
        buf_done(&s->requests[i]->url);
        buf_done(&s->requests[i]->body);
        http_headers_done(&s->requests[i]->headers);
        free(s->requests[i]);
    }
    free(s->requests);
    while (s->queue) {
        struct queued *q = s->queue;
        s->queue = q->next;
        queued_free(q);
    }
    mailbox_free(s->mailbox);
    free(s);
}

static const struct transport_ops ops = {start, cancel,           resume, set_read_timeout,
                                         post,  transport_release};

struct transport *scripted_new(void)
{
    struct scripted *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->mailbox = mailbox_new();
    if (!s->mailbox) {
        free(s);
        return NULL;
    }
    s->transport.ops = &ops;
    s->transport.clock = &s->clock;
    s->clock = (struct clock){monotonic_ns, realtime_s};
    s->now_ns = SCRIPTED_START_NS;
    s->exchanges_end = &s->exchanges;
    s->queue_end = &s->queue;
    return &s->transport;
}
