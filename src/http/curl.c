#include "http/curl_exchange.h"

#include "base/thread.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CONNECTIONS_DEFAULT 256
#define EVENTS_MAX          64 /* taken from the kernel at a time */

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

void curl_todo(struct http_exchange *x, enum exchange_todo what)
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

/* Tells the handler, if anyone still listens. */
static void tell(struct http_exchange *x, CURLcode code)
{
    const struct http_handler *handler = x->handler;
    if (!handler)
        return;
    struct http_result result;
    curl_result(x, code, &result);
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

void curl_timer_fired(struct timer *timer)
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
    x->failed_kind = PAIL_ERROR_READ_TIMEOUT;
    x->failed_sys = ETIMEDOUT;
    x->failed_message = x->head_done ? "the body stopped coming" : "no response came";
    tell(x, CURLE_OK);
    release(x);
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

/* Hands to curl as many as there may be connections. */
static void admit(struct curl_transport *t)
{
    while (t->waiting.first && t->running.count < t->max_connections) {
        struct http_exchange *x = t->waiting.first;
        move_to(x, EXCHANGE_RUNNING);
        if (curl_multi_add_handle(t->multi, x->easy) != CURLM_OK) {
            tell(x, CURLE_OUT_OF_MEMORY);
            release(x);
        }
    }
}

static struct http_exchange *exchange_of(CURL *easy)
{
    char *x = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &x);
    return (struct http_exchange *)(void *)x;
}

static void take_done(struct curl_transport *t)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(t->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        struct http_exchange *x = exchange_of(message->easy_handle);
        tell(x, code);
        release(x);
    }
}

/* ---- the operations ---- */

static int start(struct transport *transport, const struct http_request *request,
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

static void cancel(struct transport *transport, struct http_exchange *x)
{
    assert_net_thread(curl_of(transport));
    assert(!x->in_callback);
    x->handler = NULL;
    timer_cancel(&transport->timers, &x->timer);
    if (x->state == EXCHANGE_WAITING)
        release(x);
    else
        curl_todo(x, TODO_DROP);
}

static void resume(struct transport *transport, struct http_exchange *x)
{
    assert_net_thread(curl_of(transport));
    x->resumed = true;
    if (x->paused)
        curl_todo(x, TODO_RESUME);
}

static void set_read_timeout(struct transport *transport, struct http_exchange *x, int64_t ms)
{
    assert_net_thread(curl_of(transport));
    x->read_timeout_ms = ms;
    exchange_restart_clock(x);
}

static void post(struct transport *transport, struct message *message)
{
    mailbox_post(curl_of(transport)->mailbox, message);
}

/* ---- the loop ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
    struct curl_transport *t = user;
    (void)socket_user;
    unsigned events = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= EPOLLIN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= EPOLLOUT;
    struct http_exchange *x = events ? exchange_of(easy) : NULL;
    return curl_sockets_poll(&t->sockets, t->epoll, fd, events, x) < 0 ? -1 : 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
    struct curl_transport *t = user;
    (void)multi;
    t->curl_due_ns = timeout_ms <= 0 ? (timeout_ms < 0 ? TIME_NEVER : 0)
                                     : clock_after_ms(clock_now_ns(&clock_system), timeout_ms);
    return 0;
}

static void on_event(struct curl_transport *t, const struct epoll_event *event)
{
    int fd = event->data.fd;
    if (fd == mailbox_fd(t->mailbox))
        return;
    int flags = 0, running;
    if (event->events & EPOLLIN)
        flags |= CURL_CSELECT_IN;
    if (event->events & EPOLLOUT)
        flags |= CURL_CSELECT_OUT;
    if (event->events & (EPOLLERR | EPOLLHUP))
        flags |= CURL_CSELECT_ERR;
    struct http_exchange *x = curl_sockets_exchange(&t->sockets, fd);
    if (x)
        exchange_progress(x);
    curl_multi_socket_action(t->multi, fd, flags, &running);
}

static void call_curl_if_due(struct curl_transport *t)
{
    int running;
    if (t->curl_due_ns == TIME_NEVER || t->curl_due_ns > clock_now_ns(&clock_system))
        return;
    t->curl_due_ns = TIME_NEVER;
    curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static int wait_ms(const struct curl_transport *t)
{
    if (t->todo_first || (t->waiting.first && t->running.count < t->max_connections))
        return 0;
    int timers =
        timers_poll_ms(timers_next(&t->transport.timers), transport_now(&t->transport));
    int curl = timers_poll_ms(t->curl_due_ns, clock_now_ns(&clock_system));
    return timers < 0 || (curl >= 0 && curl < timers) ? curl : timers;
}

/* Ends what still runs; what its handlers post on that occasion is delivered. */
static void wind_up(struct curl_transport *t)
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

static void *net_thread(void *arg)
{
    struct curl_transport *t = arg;
    struct epoll_event events[EVENTS_MAX];
    t->self = pthread_self();
    while (!t->stopping) {
        int n = epoll_wait(t->epoll, events, EVENTS_MAX, wait_ms(t));
        for (int i = 0; i < n; i++)
            on_event(t, &events[i]);
        mailbox_deliver(t->mailbox);
        timers_run(&t->transport.timers, transport_now(&t->transport));
        take_done(t);
        do_todo(t);
        admit(t);
        call_curl_if_due(t);
        take_done(t);
    }
    wind_up(t);
    return NULL;
}

static void deliver_stop(struct message *message)
{
    CONTAINER_OF(message, struct curl_transport, stop)->stopping = true;
}

/* ---- making and freeing ---- */

/* The thread has ended, or never was. */
static void release_all(struct curl_transport *t)
{
    while (t->idle.first) {
        struct http_exchange *x = t->idle.first;
        list_remove(&t->idle, x);
        exchange_free(x);
    }
    if (t->multi)
        curl_multi_cleanup(t->multi);
    if (t->share)
        curl_share_cleanup(t->share);
    curl_sockets_done(&t->sockets);
    if (t->epoll >= 0)
        close(t->epoll);
    mailbox_free(t->mailbox);
    free(t->ca_bundle);
    free(t->proxy);
    free(t->no_proxy);
    free(t->user_agent);
    if (t->global)
        curl_global_cleanup();
    free(t);
}

static void stop_and_free(struct transport *transport)
{
    struct curl_transport *t = curl_of(transport);
    t->stop.deliver = deliver_stop;
    mailbox_post(t->mailbox, &t->stop);
    pthread_join(t->thread, NULL);
    release_all(t);
}

static int copy_option(const char *from, char **ret)
{
    if (from && !(*ret = str_dup(str_c(from))))
        return -ENOMEM;
    return 0;
}

static int set_up_curl(struct curl_transport *t)
{
    t->global = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    t->multi = t->global ? curl_multi_init() : NULL;
    t->share = t->global ? curl_share_init() : NULL;
    if (!t->multi || !t->share)
        return -ENOMEM;
    /* Used by one thread, it needs no locks. */
    curl_share_setopt(t->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
    curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
    curl_multi_setopt(t->multi, CURLMOPT_MAXCONNECTS, (long)t->max_connections);
    /* Running exchanges are never more, so none waits inside curl, where its connect timeout
     * would run. */
    curl_multi_setopt(t->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)t->max_connections);
    return 0;
}

static int set_up(struct curl_transport *t, const struct curl_options *options)
{
    if (copy_option(options->ca_bundle, &t->ca_bundle) < 0 ||
        copy_option(options->proxy, &t->proxy) < 0 ||
        copy_option(options->no_proxy, &t->no_proxy) < 0 ||
        copy_option(options->user_agent, &t->user_agent) < 0)
        return -ENOMEM;
    t->mailbox = mailbox_new();
    if (!t->mailbox)
        return -errno;
    t->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (t->epoll < 0)
        return -errno;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = mailbox_fd(t->mailbox)};
    if (epoll_ctl(t->epoll, EPOLL_CTL_ADD, event.data.fd, &event) < 0)
        return -errno;
    int r = set_up_curl(t);
    if (r < 0)
        return r;
    return thread_start(&t->thread, "net", net_thread, t);
}

int curl_transport_new(const struct curl_options *options, struct transport **ret)
{
    static const struct transport_ops ops = {start, cancel,       resume, set_read_timeout,
                                             post,  stop_and_free};
    struct curl_transport *t = calloc(1, sizeof(*t));
    if (!t)
        return -ENOMEM;
    t->transport.ops = &ops;
    t->transport.clock = options->clock ? options->clock : &clock_system;
    t->max_connections =
        options->max_connections ? options->max_connections : CONNECTIONS_DEFAULT;
    t->insecure = options->insecure;
    t->tcp_keepalive = options->tcp_keepalive;
    t->curl_due_ns = TIME_NEVER;
    t->epoll = -1;
    int r = set_up(t, options);
    if (r < 0) {
        release_all(t);
        return r;
    }
    *ret = &t->transport;
    return 0;
}
