#include "http/curl_exchange.h"

#include <assert.h>
#include <errno.h>

#define CROWDED_MS 100 /* how often stalled exchanges are looked for while others wait */

static struct curl_transport *curl_of(struct transport *t)
{
    return CONTAINER_OF(t, struct curl_transport, transport);
}

static void assert_net_thread(const struct curl_transport *t)
{
    (void)t;
    assert(pthread_equal(pthread_self(), t->self));
}

/* ---- lists ---- */

static void list_append(struct exchange_list *list, struct http_exchange *x)
{
    x->next = NULL;
    x->previous = list->last;
    if (list->last)
        list->last->next = x;
    else
        list->first = x;
    list->last = x;
    list->count++;
}

static void list_remove(struct exchange_list *list, struct http_exchange *x)
{
    if (x->previous)
        x->previous->next = x->next;
    else
        list->first = x->next;
    if (x->next)
        x->next->previous = x->previous;
    else
        list->last = x->previous;
    x->next = x->previous = NULL;
    list->count--;
}

static struct exchange_list *list_of(struct http_exchange *x)
{
    struct curl_transport *t = x->transport;
    return x->state == EXCHANGE_WAITING   ? &t->waiting
           : x->state == EXCHANGE_RUNNING ? &t->running
                                          : &t->idle;
}

static void move_to(struct http_exchange *x, enum exchange_state state)
{
    list_remove(list_of(x), x);
    x->state = state;
    list_append(list_of(x), x);
}

/* ---- the life of an exchange ---- */

void schedule_todo(struct http_exchange *x, enum exchange_todo what)
{
    struct curl_transport *t = x->transport;
    bool listed = x->todo != 0;
    x->todo |= what;
    if (listed)
        return;
    x->todo_next = NULL;
    if (t->todo_last)
        t->todo_last->todo_next = x;
    else
        t->todo_first = x;
    t->todo_last = x;
}

/* Takes it from curl, and keeps it for reuse or frees it. */
static void release(struct http_exchange *x)
{
    struct curl_transport *t = x->transport;
    if (x->state == EXCHANGE_RUNNING)
        curl_multi_remove_handle(t->multi, x->easy);
    timer_cancel(&t->transport.timers, &x->timer);
    exchange_reset(x);
    move_to(x, EXCHANGE_IDLE);
    if (x->todo != 0) { /* the list still leads through it */
        x->todo = TODO_RELEASE;
        return;
    }
    if (t->idle.count > IDLE_MAX) {
        list_remove(&t->idle, x);
        exchange_free(x);
    }
}

/* Tells the handler how it ended, if anyone still listens. */
static void tell(struct http_exchange *x, CURLcode code)
{
    const struct http_handler *handler = x->handler;
    if (!handler)
        return;
    struct http_result result;
    exchange_result(x, code, &result);
    x->handler = NULL;
    x->in_callback = true;
    handler->end(x->user, &result);
    x->in_callback = false;
}

/* Nobody listens: reads on what little is missing of the body, or closes the connection. */
static void drain(struct http_exchange *x)
{
    struct curl_transport *t = x->transport;
    if (!exchange_can_drain(x)) {
        release(x);
        return;
    }
    timer_set(&t->transport.timers, &x->timer,
              clock_after_ms(transport_now(&t->transport), DRAIN_MS));
    if (x->paused) {
        x->paused = false;
        curl_easy_pause(x->easy, CURLPAUSE_CONT);
    }
}

static void fail_by_timeout(struct http_exchange *x, const char *message)
{
    x->failed_kind = PAIL_ERROR_READ_TIMEOUT;
    x->failed_sys = ETIMEDOUT;
    x->failed_message = message;
    tell(x, CURLE_OK);
    release(x);
}

void schedule_timer_fired(struct timer *timer)
{
    struct http_exchange *x = CONTAINER_OF(timer, struct http_exchange, timer);
    struct curl_transport *t = x->transport;
    if (!x->handler) {
        release(x);
        return;
    }
    if (x->paused)
        return;
    int64_t due_ns = clock_after_ms(x->progress_ns, x->read_timeout_ms);
    if (due_ns > transport_now(&t->transport)) {
        timer_set(&t->transport.timers, &x->timer, due_ns);
        return;
    }
    fail_by_timeout(x, x->head_done ? "the body stopped coming" : "no response came");
}

static void do_todo(struct curl_transport *t)
{
    struct http_exchange *x = t->todo_first;
    t->todo_first = t->todo_last = NULL;
    while (x) {
        struct http_exchange *next = x->todo_next;
        unsigned todo = x->todo;
        x->todo = 0;
        if (todo & TODO_RELEASE) {
            release(x);
        } else if (todo & TODO_DROP) {
            tell(x, CURLE_OK);
            drain(x);
        } else if (x->paused) {
            x->paused = false;
            exchange_restart_clock(x);
            curl_easy_pause(x->easy, CURLPAUSE_CONT);
        }
        x = next;
    }
}

static bool has_stalled(const struct http_exchange *x, int64_t now_ns)
{
    return x->repeatable && x->connected && x->handler && !x->paused && x->todo == 0 &&
           clock_after_ms(x->progress_ns, PATIENCE_MS) <= now_ns;
}

void schedule_crowded(struct timer *timer)
{
    struct curl_transport *t = CONTAINER_OF(timer, struct curl_transport, crowded);
    int64_t now_ns = transport_now(&t->transport);
    size_t wanted = t->waiting.count;
    struct http_exchange *next;
    for (struct http_exchange *x = t->running.first; x && wanted > 0; x = next) {
        next = x->next;
        if (!has_stalled(x, now_ns))
            continue;
        wanted--;
        fail_by_timeout(x, "it stalled, and others waited for a connection");
    }
    if (wanted > 0)
        timer_set(&t->transport.timers, timer, clock_after_ms(now_ns, CROWDED_MS));
}

/* Hands to curl as many as there may be connections. */
static void admit(struct curl_transport *t)
{
    while (t->waiting.first && t->running.count < t->max_connections) {
        struct http_exchange *x = t->waiting.first;
        move_to(x, EXCHANGE_RUNNING);
        exchange_progress(x);
        if (curl_multi_add_handle(t->multi, x->easy) != CURLM_OK) {
            tell(x, CURLE_OUT_OF_MEMORY);
            release(x);
        }
    }
    if (t->waiting.first && !t->crowded.set)
        timer_set(&t->transport.timers, &t->crowded, transport_now(&t->transport));
    else if (!t->waiting.first)
        timer_cancel(&t->transport.timers, &t->crowded);
}

struct http_exchange *schedule_exchange_of(CURL *easy)
{
    char *x = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &x);
    return (struct http_exchange *)(void *)x;
}

bool schedule_has_work(const struct curl_transport *t)
{
    return t->todo_first || (t->waiting.first && t->running.count < t->max_connections);
}

void schedule_run(struct curl_transport *t)
{
    do_todo(t);
    admit(t);
}

/* Starts it once more, on a new connection. False: it cannot be. */
static bool start_again(struct http_exchange *x)
{
    x->again = x->asked = x->in_head = false;
    return curl_multi_remove_handle(x->transport->multi, x->easy) == CURLM_OK &&
           curl_easy_setopt(x->easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
           curl_multi_add_handle(x->transport->multi, x->easy) == CURLM_OK;
}

void schedule_take_done(struct curl_transport *t)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(t->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        struct http_exchange *x = schedule_exchange_of(message->easy_handle);
        if (x->handler && x->again && start_again(x))
            continue;
        tell(x, code);
        release(x);
    }
}

/* ---- the operations ---- */

int schedule_start(struct transport *transport, const struct http_request *request,
                   const struct http_handler *handler, void *user, struct http_exchange **ret)
{
    struct curl_transport *t = curl_of(transport);
    assert_net_thread(t);
    if (t->stopping)
        return -ECANCELED;
    struct http_exchange *x = t->idle.last;
    while (x && x->todo != 0)
        x = x->previous;
    if (!x) {
        x = exchange_new(t);
        if (!x)
            return -ENOMEM;
        list_append(&t->idle, x);
    }
    int r = curl_request_set(x, request);
    if (r < 0) {
        release(x);
        return r;
    }
    x->handler = handler;
    x->user = user;
    move_to(x, EXCHANGE_WAITING);
    *ret = x;
    return 0;
}

void schedule_cancel(struct transport *transport, struct http_exchange *x)
{
    assert_net_thread(curl_of(transport));
    assert(!x->in_callback);
    x->handler = NULL;
    timer_cancel(&transport->timers, &x->timer);
    if (x->state == EXCHANGE_WAITING)
        release(x);
    else
        schedule_todo(x, TODO_DROP);
}

void schedule_resume(struct transport *transport, struct http_exchange *x)
{
    assert_net_thread(curl_of(transport));
    x->resumed = true;
    if (x->paused)
        schedule_todo(x, TODO_RESUME);
}

void schedule_set_read_timeout(struct transport *transport, struct http_exchange *x, int64_t ms)
{
    assert_net_thread(curl_of(transport));
    x->read_timeout_ms = ms;
    exchange_restart_clock(x);
}

void schedule_end_all(struct curl_transport *t)
{
    struct exchange_list *lists[] = {&t->running, &t->waiting};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        while (lists[i]->first) {
            struct http_exchange *x = lists[i]->first;
            x->failed_kind = PAIL_ERROR_CANCELLED;
            x->failed_sys = ECANCELED;
            x->failed_message = "the transport is gone";
            tell(x, CURLE_OK);
            release(x);
        }
    }
    while (mailbox_deliver(t->mailbox) > 0)
        continue;
    do_todo(t);
}

void schedule_free(struct curl_transport *t)
{
    while (t->idle.first) {
        struct http_exchange *x = t->idle.first;
        list_remove(&t->idle, x);
        exchange_free(x);
    }
}
