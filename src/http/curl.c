#include "http/curl_exchange.h"

#include "base/thread.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CONNECTIONS_DEFAULT 256
#define EVENTS_MAX          64 /* taken from the kernel at a time */

static struct curl_transport *curl_of(struct transport *t)
{
    return CONTAINER_OF(t, struct curl_transport, transport);
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
    struct http_exchange *x = events ? schedule_exchange_of(easy) : NULL;
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
    if (schedule_has_work(t))
        return 0;
    int timers =
        timers_poll_ms(timers_next(&t->transport.timers), transport_now(&t->transport));
    int curl = timers_poll_ms(t->curl_due_ns, clock_now_ns(&clock_system));
    return timers < 0 || (curl >= 0 && curl < timers) ? curl : timers;
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
        schedule_take_done(t);
        schedule_run(t);
        call_curl_if_due(t);
        schedule_take_done(t);
    }
    schedule_end_all(t);
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
    schedule_free(t);
    if (t->multi)
        curl_multi_cleanup(t->multi);
    if (t->share)
        curl_share_cleanup(t->share);
    curl_sockets_done(&t->sockets);
    if (t->epoll >= 0)
        close(t->epoll);
    mailbox_free(t->mailbox);
    curl_policy_done(&t->policy);
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
    if (curl_policy_init(&t->policy, options) < 0)
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
    static const struct transport_ops ops = {
        .start = schedule_start,
        .cancel = schedule_cancel,
        .resume = schedule_resume,
        .set_read_timeout = schedule_set_read_timeout,
        .post = post,
        .free = stop_and_free,
    };
    struct curl_transport *t = calloc(1, sizeof(*t));
    if (!t)
        return -ENOMEM;
    t->transport.ops = &ops;
    t->transport.clock = options->clock ? options->clock : &clock_system;
    t->max_connections =
        options->max_connections ? options->max_connections : CONNECTIONS_DEFAULT;
    t->curl_due_ns = TIME_NEVER;
    t->crowded.fire = schedule_crowded;
    t->epoll = -1;
    int r = set_up(t, options);
    if (r < 0) {
        release_all(t);
        return r;
    }
    *ret = &t->transport;
    return 0;
}
