#include "unit/http/fetch.h"

#include <check.h>
#include <stdio.h>

static int64_t fetch_clock_monotonic(const struct clock *clock)
{
    return CONTAINER_OF((uintptr_t)clock, struct fetch_clock, clock)->now_ns;
}

void fetch_clock_init(struct fetch_clock *clock)
{
    clock->clock = (struct clock){fetch_clock_monotonic, clock_system.realtime_s};
    clock->now_ns = NS_PER_SEC;
}

/* ---- on the net thread ---- */

static int on_head(void *user, const struct http_head *head)
{
    struct fetch *f = user;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < head->headers->count; i++) {
        buf_add_str(&text, http_headers_name(head->headers, i));
        buf_add_c(&text, ": ");
        buf_add_str(&text, http_headers_value(head->headers, i));
        buf_add_byte(&text, '\n');
    }
    pthread_mutex_lock(&f->mutex);
    f->heads++;
    f->status = head->status;
    f->content_length = head->content_length;
    str_copy(f->reason, sizeof(f->reason), head->reason);
    str_copy(f->headers, sizeof(f->headers), buf_str(&text));
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->mutex);
    return f->head_returns;
}

static ssize_t on_body(void *user, const char *data, size_t len)
{
    struct fetch *f = user;
    if (f->body_refuses)
        return -1;
    if (f->clock)
        f->clock->now_ns += f->clock_step_ns;
    pthread_mutex_lock(&f->mutex);
    size_t taken = len < f->take ? len : f->take;
    if (f->resume_inside && taken > 1)
        taken = 1;
    if (f->take != SIZE_MAX)
        f->take -= taken;
    buf_add(&f->body, data, taken);
    bool pauses = taken < len && !f->resume_inside;
    if (pauses)
        f->pauses++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->mutex);
    if (f->resume_inside)
        http_resume(f->transport, f->exchange);
    return (ssize_t)taken;
}

static void on_end(void *user, const struct http_result *result)
{
    struct fetch *f = user;
    pthread_mutex_lock(&f->mutex);
    f->ends++;
    f->result = *result;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->mutex);
}

struct call {
    struct message message;
    void (*function)(void *user);
    void *user;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool done;
};

static void deliver_call(struct message *message)
{
    struct call *call = CONTAINER_OF(message, struct call, message);
    call->function(call->user);
    pthread_mutex_lock(&call->mutex);
    call->done = true;
    pthread_cond_signal(&call->changed);
    pthread_mutex_unlock(&call->mutex);
}

void fetch_call(struct transport *t, void (*function)(void *user), void *user)
{
    struct call call = {.message.deliver = deliver_call, .function = function, .user = user};
    pthread_mutex_init(&call.mutex, NULL);
    pthread_cond_init(&call.changed, NULL);
    transport_post(t, &call.message);
    pthread_mutex_lock(&call.mutex);
    while (!call.done)
        pthread_cond_wait(&call.changed, &call.mutex);
    pthread_mutex_unlock(&call.mutex);
    pthread_mutex_destroy(&call.mutex);
    pthread_cond_destroy(&call.changed);
}

static void nothing(void *user)
{
    (void)user;
}

void fetch_clock_advance(struct fetch_clock *clock, struct transport *t, int64_t ms)
{
    clock->now_ns += ms * NS_PER_MS;
    fetch_call(t, nothing, NULL);
}

/* ---- on the test's thread ---- */

void fetch_init(struct fetch *f, struct transport *t, const char *method, const char *url)
{
    *f = (struct fetch){.transport = t, .take = SIZE_MAX};
    pthread_mutex_init(&f->mutex, NULL);
    pthread_cond_init(&f->changed, NULL);
    buf_init(&f->body, SIZE_MAX);
    http_request_init(&f->request);
    f->request.method = method;
    struct pail_str all = str_c(url);
    size_t query = str_find(all, '?', 0);
    size_t path = str_find(str_sub(all, 0, query), '/', strlen("https://"));
    ck_assert_int_eq(url_parse(str_sub(all, 0, path), &f->request.url, NULL), 0);
    free(f->request.url.path);
    f->request.url.path = str_dup(str_sub(all, path, query - path));
    buf_add_str(&f->request.query, str_sub(all, query + 1, all.len));
}

void fetch_header(struct fetch *f, const char *name, const char *value)
{
    ck_assert_int_eq(http_headers_add(&f->request.headers, str_c(name), str_c(value)), 0);
}

void fetch_body(struct fetch *f, const void *data, size_t len)
{
    f->request.has_body = true;
    buf_add(&f->request.body, data, len);
}

static void do_start(void *user)
{
    static const struct http_handler handler = {on_head, on_body, on_end};
    struct fetch *f = user;
    f->start_error = http_start(f->transport, &f->request, &handler, f, &f->exchange);
}

void fetch_start(struct fetch *f)
{
    fetch_call(f->transport, do_start, f);
}

#define WAIT_FOR(f, condition)                                                                 \
    do {                                                                                       \
        struct timespec until_;                                                                \
        clock_gettime(CLOCK_REALTIME, &until_);                                                \
        until_.tv_sec += FETCH_WAIT_MS / 1000;                                                 \
        pthread_mutex_lock(&(f)->mutex);                                                       \
        int r_ = 0;                                                                            \
        while (!(condition) && r_ == 0)                                                        \
            r_ = pthread_cond_timedwait(&(f)->changed, &(f)->mutex, &until_);                  \
        bool holds_ = (condition);                                                             \
        pthread_mutex_unlock(&(f)->mutex);                                                     \
        ck_assert_msg(holds_, "%s %s: waited in vain for " #condition, (f)->request.method,    \
                      (f)->request.url.path);                                                  \
    } while (0)

void fetch_wait(struct fetch *f)
{
    WAIT_FOR(f, f->ends > 0);
}

unsigned fetch_ends(struct fetch *f)
{
    pthread_mutex_lock(&f->mutex);
    unsigned ends = f->ends;
    pthread_mutex_unlock(&f->mutex);
    return ends;
}

void fetch_wait_body(struct fetch *f, size_t len)
{
    WAIT_FOR(f, f->body.len >= len);
}

void fetch_wait_pauses(struct fetch *f, unsigned pauses)
{
    WAIT_FOR(f, f->pauses >= pauses);
}

struct steering {
    struct fetch *f;
    size_t take;
    int64_t ms;
};

static void do_resume(void *user)
{
    struct steering *s = user;
    pthread_mutex_lock(&s->f->mutex);
    s->f->take = s->take;
    pthread_mutex_unlock(&s->f->mutex);
    size_t before = s->f->body.len;
    http_resume(s->f->transport, s->f->exchange);
    if (s->f->body.len != before)
        abort(); /* the body came from inside http_resume */
}

void fetch_resume(struct fetch *f, size_t take)
{
    fetch_call(f->transport, do_resume, &(struct steering){.f = f, .take = take});
}

static void do_cancel(void *user)
{
    struct fetch *f = user;
    if (f->ends == 0)
        http_cancel(f->transport, f->exchange);
}

void fetch_cancel(struct fetch *f)
{
    fetch_call(f->transport, do_cancel, f);
    fetch_call(f->transport, nothing, NULL); /* what the loop does about it */
}

static void do_set_read_timeout(void *user)
{
    struct steering *s = user;
    http_set_read_timeout(s->f->transport, s->f->exchange, s->ms);
}

void fetch_set_read_timeout(struct fetch *f, int64_t ms)
{
    fetch_call(f->transport, do_set_read_timeout, &(struct steering){.f = f, .ms = ms});
}

void fetch_done(struct fetch *f)
{
    http_request_done(&f->request);
    buf_done(&f->body);
    pthread_mutex_destroy(&f->mutex);
    pthread_cond_destroy(&f->changed);
}
