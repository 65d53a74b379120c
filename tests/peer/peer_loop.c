#include "peer/peer_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_STEP  ((size_t)64 * 1024)
#define EVENTS_MAX 64
#define MS         1000000LL

static void conn_watch(struct peer_conn *conn)
{
    uint32_t events = 0;
    switch (conn->step) {
    case PEER_STEP_READ:
    case PEER_STEP_LINGER:
        events = EPOLLIN;
        break;
    case PEER_STEP_HEAD:
    case PEER_STEP_BODY:
    case PEER_STEP_TAIL:
        events = conn->wake_ns ? EPOLLRDHUP : EPOLLRDHUP | EPOLLOUT;
        break;
    case PEER_STEP_STALLED:
    case PEER_STEP_DEAF:
        events = EPOLLRDHUP;
        break;
    case PEER_STEP_RESET:
        break;
    }
    if (events == conn->events)
        return;
    struct epoll_event event = {.events = events, .data.ptr = conn};
    if (epoll_ctl(conn->peer->epoll, EPOLL_CTL_MOD, conn->fd, &event) < 0)
        peer_die("epoll_ctl");
    conn->events = events;
}

void peer_conn_finished(struct peer_conn *conn, bool complete)
{
    if (!conn->record)
        return;
    conn->record->outcome.complete = complete;
    conn->record->outcome.dropped =
        !complete && conn->step != PEER_STEP_LINGER && conn->step != PEER_STEP_RESET;
    peer_record_unref(conn->record);
    conn->record = NULL;
    peer_response_done(&conn->response);
    (void)pthread_cond_broadcast(&conn->peer->changed);
}

static void conn_free(struct peer_conn *conn)
{
    struct peer *peer = conn->peer;
    peer_conn_finished(conn, false);
    if (conn->step == PEER_STEP_STALLED)
        peer->stalled--;
    *conn->link = conn->next;
    if (conn->next)
        conn->next->link = conn->link;
    /* Closing alone would leave it watched as long as a child forked meanwhile has a copy. */
    (void)epoll_ctl(peer->epoll, EPOLL_CTL_DEL, conn->fd, NULL);
    (void)close(conn->fd);
    free(conn->in.data);
    free(conn->out.data);
    free(conn);
    peer->open--;
    (void)pthread_cond_broadcast(&peer->changed);
}

static void reset_on_close(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static void conn_new(struct peer *peer, int fd, bool deaf)
{
    struct peer_conn *conn = peer_zalloc(sizeof(*conn));
    conn->peer = peer;
    conn->fd = fd;
    conn->number = ++peer->accepted;
    conn->step = deaf ? PEER_STEP_DEAF : PEER_STEP_READ;
    conn->events = deaf ? EPOLLRDHUP : EPOLLIN;
    conn->next = peer->conns;
    conn->link = &peer->conns;
    if (conn->next)
        conn->next->link = &conn->next;
    peer->conns = conn;
    peer->open++;
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (peer->send_buffer > 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &peer->send_buffer, sizeof(int));
    struct epoll_event event = {.events = conn->events, .data.ptr = conn};
    if (epoll_ctl(peer->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        peer_die("epoll_ctl");
    (void)pthread_cond_broadcast(&peer->changed);
}

static void accept_some(struct peer *peer)
{
    for (;;) {
        int fd = peer->listener < 0
                     ? -1
                     : accept4(peer->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        enum peer_accept how = peer->accept;
        if (peer->accept_count && --peer->accept_count == 0)
            peer->accept = PEER_ACCEPT;
        if (how == PEER_ACCEPT || how == PEER_ACCEPT_DEAF) {
            conn_new(peer, fd, how == PEER_ACCEPT_DEAF);
            continue;
        }
        if (how == PEER_ACCEPT_RESET)
            reset_on_close(fd);
        peer->accepted++;
        (void)close(fd);
        (void)pthread_cond_broadcast(&peer->changed);
    }
}

/* Answer the request at the start of `in`, if it is all there. False: close. */
static bool conn_serve(struct peer_conn *conn)
{
    struct peer *peer = conn->peer;
    while (conn->step == PEER_STEP_READ && conn->in.len > 0) {
        struct peer_record *record = NULL;
        bool expects;
        long taken = peer_parse(conn->in.data, conn->in.len, &record, &expects);
        if (taken < 0)
            return false;
        if (expects && !conn->expects_answered) {
            (void)send(conn->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25,
                       MSG_NOSIGNAL | MSG_DONTWAIT);
            conn->expects_answered = true;
        }
        if (taken == 0)
            return true;
        conn->expects_answered = false;
        conn->in.len -= (size_t)taken;
        memmove(conn->in.data, conn->in.data + taken, conn->in.len);
        record->request.connection = conn->number;
        record->request.number = ++peer->numbers;
        record->refs = 2;
        *peer->records_end = record;
        peer->records_end = &record->next;
        conn->record = record;
        (void)pthread_cond_broadcast(&peer->changed);
        conn->response = peer_answer(peer, &record->request);
        peer_send_start(conn);
        if (!peer_send(conn))
            return false;
    }
    return true;
}

/* Take what has arrived. False: close. */
static bool conn_read(struct peer_conn *conn)
{
    char *to = peer_text_reserve(&conn->in, READ_STEP);
    ssize_t n = recv(conn->fd, to, READ_STEP, MSG_DONTWAIT);
    if (n == 0)
        return false;
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (conn->step == PEER_STEP_LINGER)
        return true;
    conn->in.len += (size_t)n;
    return conn_serve(conn);
}

static void conn_event(struct peer_conn *conn, uint32_t events)
{
    bool keep = !(events & (EPOLLERR | EPOLLHUP));
    if (keep && (events & EPOLLRDHUP))
        keep = false;
    else if (keep && (events & EPOLLIN))
        keep = conn_read(conn);
    else if (keep && (events & EPOLLOUT))
        keep = peer_send(conn) && conn_serve(conn);
    if (keep)
        conn_watch(conn);
    else
        conn_free(conn);
}

static void conns_release(struct peer *peer)
{
    for (struct peer_conn *conn = peer->conns, *next; conn; conn = next) {
        next = conn->next;
        if (conn->step != PEER_STEP_STALLED)
            continue;
        peer->stalled--;
        conn->step = conn->resume;
        if (peer_send(conn) && conn_serve(conn))
            conn_watch(conn);
        else
            conn_free(conn);
    }
}

static void conns_drop(struct peer *peer)
{
    for (struct peer_conn *conn = peer->conns, *next; conn; conn = next) {
        next = conn->next;
        if (peer->drop_idle_only && (conn->step != PEER_STEP_READ || conn->in.len > 0))
            continue;
        if (peer->drop_reset)
            reset_on_close(conn->fd);
        conn_free(conn);
    }
}

/* Go on with the connections whose time has come; the milliseconds until the next is due, -1
 * without one. */
static int fire_timers(struct peer *peer)
{
    int64_t now = peer_now_ns();
    int64_t soonest = INT64_MAX;
    for (struct peer_conn *conn = peer->conns, *next; conn; conn = next) {
        next = conn->next;
        if (conn->wake_ns && conn->wake_ns <= now) {
            conn->wake_ns = 0;
            if (!peer_send(conn) || !conn_serve(conn)) {
                conn_free(conn);
                continue;
            }
            conn_watch(conn);
        } else if (conn->step == PEER_STEP_RESET && !conn->wake_ns) {
            conn->wake_ns = now;
        }
        if (conn->wake_ns && conn->wake_ns < soonest)
            soonest = conn->wake_ns;
    }
    if (soonest == INT64_MAX)
        return -1;
    return soonest <= now ? 0 : (int)((soonest - now + MS - 1) / MS);
}

void *peer_loop(void *arg)
{
    struct peer *peer = arg;
    peer_lock(peer);
    while (!peer->stopping) {
        int wait_ms = fire_timers(peer);
        peer_unlock(peer);
        struct epoll_event events[EVENTS_MAX];
        int n = epoll_wait(peer->epoll, events, EVENTS_MAX, wait_ms);
        peer_lock(peer);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == &peer->wakeup) {
                uint64_t ticks;
                (void)!read(peer->wakeup, &ticks, sizeof(ticks));
            } else if (events[i].data.ptr == &peer->listener) {
                accept_some(peer);
            } else {
                conn_event(events[i].data.ptr, events[i].events);
            }
        }
        if (peer->release)
            conns_release(peer);
        if (peer->drop)
            conns_drop(peer);
        peer->release = false;
        peer->drop = false;
        (void)pthread_cond_broadcast(&peer->changed);
    }
    while (peer->conns)
        conn_free(peer->conns);
    peer_unlock(peer);
    return NULL;
}
