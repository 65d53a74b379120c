#include "peer/peer_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 4096

int64_t peer_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void peer_lock(struct peer *peer)
{
    (void)pthread_mutex_lock(&peer->lock);
}

void peer_unlock(struct peer *peer)
{
    (void)pthread_mutex_unlock(&peer->lock);
}

void peer_wake(struct peer *peer)
{
    uint64_t one = 1;
    (void)!write(peer->wakeup, &one, sizeof(one));
}

int peer_bound_socket(unsigned port, int backlog, unsigned *ret_port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
        bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, backlog) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        peer_die("a listening socket");
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void watch(struct peer *peer, int *fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};
    if (epoll_ctl(peer->epoll, EPOLL_CTL_ADD, *fd, &event) < 0)
        peer_die("epoll_ctl");
}

struct peer *peer_start(void)
{
    struct peer *peer = peer_zalloc(sizeof(*peer));
    pthread_mutexattr_t recursive;
    pthread_condattr_t monotonic;
    (void)pthread_mutexattr_init(&recursive);
    (void)pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    (void)pthread_mutex_init(&peer->lock, &recursive);
    (void)pthread_mutexattr_destroy(&recursive);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&peer->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    peer->records_end = &peer->records;
    peer->epoll = epoll_create1(EPOLL_CLOEXEC);
    peer->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (peer->epoll < 0 || peer->wakeup < 0)
        peer_die("epoll");
    peer->listener = peer_bound_socket(0, BACKLOG, &peer->port);
    (void)snprintf(peer->url, sizeof(peer->url), "http://127.0.0.1:%u", peer->port);
    watch(peer, &peer->wakeup);
    watch(peer, &peer->listener);
    errno = pthread_create(&peer->thread, NULL, peer_loop, peer);
    if (errno)
        peer_die("a thread");
    return peer;
}

void peer_stop(struct peer *peer)
{
    if (!peer)
        return;
    peer_lock(peer);
    peer->stopping = true;
    peer_wake(peer);
    peer_unlock(peer);
    (void)pthread_join(peer->thread, NULL);
    peer_clear(peer);
    peer_rules_set(peer, NULL, 0);
    (void)close(peer->epoll);
    (void)close(peer->wakeup);
    if (peer->listener >= 0)
        (void)close(peer->listener);
    (void)pthread_cond_destroy(&peer->changed);
    (void)pthread_mutex_destroy(&peer->lock);
    free(peer);
}

unsigned peer_port(const struct peer *peer)
{
    return peer->port;
}

const char *peer_url(const struct peer *peer)
{
    return peer->url;
}

void peer_set_handler(struct peer *peer,
                      void (*handler)(void *user, const struct peer_request *request,
                                      struct peer_response *response),
                      void *user)
{
    peer_lock(peer);
    peer->handler = handler;
    peer->handler_user = user;
    peer_unlock(peer);
}

void peer_set_request_ids(struct peer *peer, bool on)
{
    peer_lock(peer);
    peer->request_ids = on;
    peer_unlock(peer);
}

void peer_set_accept(struct peer *peer, enum peer_accept how, unsigned count)
{
    peer_lock(peer);
    peer->accept = how;
    peer->accept_count = count;
    peer_unlock(peer);
}

void peer_set_send_buffer(struct peer *peer, int bytes)
{
    peer_lock(peer);
    peer->send_buffer = bytes;
    peer_unlock(peer);
}

void peer_release(struct peer *peer)
{
    peer_lock(peer);
    peer->release = true;
    peer_wake(peer);
    peer_unlock(peer);
}

void peer_drop(struct peer *peer, bool reset, bool idle_only)
{
    peer_lock(peer);
    peer->drop = true;
    peer->drop_reset = reset;
    peer->drop_idle_only = idle_only;
    peer_wake(peer);
    peer_unlock(peer);
}

void peer_listen(struct peer *peer, bool on)
{
    peer_lock(peer);
    if (on && peer->listener < 0) {
        peer->listener = peer_bound_socket(peer->port, BACKLOG, &peer->port);
        watch(peer, &peer->listener);
    } else if (!on && peer->listener >= 0) {
        /* A child about to run a program may still have a copy. */
        (void)shutdown(peer->listener, SHUT_RDWR);
        (void)close(peer->listener);
        peer->listener = -1;
    }
    peer_unlock(peer);
}

/* ---- what was asked ---- */

static size_t count_records(struct peer *peer, const struct peer_match *match, bool ended)
{
    size_t count = 0;
    for (struct peer_record *r = peer->records; r; r = r->next)
        count += (!ended || r->refs == 1) && peer_matches(match, &r->request);
    return count;
}

size_t peer_count(struct peer *peer, const struct peer_match *match)
{
    peer_lock(peer);
    size_t count = count_records(peer, match, false);
    peer_unlock(peer);
    return count;
}

size_t peer_count_of(struct peer *peer, const char *pattern)
{
    return peer_count(peer, PEER_MATCH(.pattern = pattern));
}

const struct peer_request *peer_request_at(struct peer *peer, const struct peer_match *match,
                                           size_t index)
{
    const struct peer_request *found = NULL;
    peer_lock(peer);
    for (struct peer_record *r = peer->records; r && !found; r = r->next)
        if (peer_matches(match, &r->request) && index-- == 0)
            found = &r->request;
    peer_unlock(peer);
    return found;
}

struct peer_outcome peer_outcome(struct peer *peer, const struct peer_request *request)
{
    struct peer_outcome outcome = {0};
    peer_lock(peer);
    for (struct peer_record *r = peer->records; r; r = r->next)
        if (&r->request == request)
            outcome = r->outcome;
    peer_unlock(peer);
    return outcome;
}

void peer_clear(struct peer *peer)
{
    peer_lock(peer);
    for (struct peer_record *r = peer->records, *next; r; r = next) {
        next = r->next;
        peer_record_unref(r);
    }
    peer->records = NULL;
    peer->records_end = &peer->records;
    peer_unlock(peer);
}

size_t peer_open_connections(struct peer *peer)
{
    peer_lock(peer);
    size_t open = peer->open;
    peer_unlock(peer);
    return open;
}

size_t peer_connections(struct peer *peer)
{
    peer_lock(peer);
    size_t accepted = peer->accepted;
    peer_unlock(peer);
    return accepted;
}

size_t peer_stalled(struct peer *peer)
{
    peer_lock(peer);
    size_t stalled = peer->stalled;
    peer_unlock(peer);
    return stalled;
}

uint64_t peer_body_sent(struct peer *peer)
{
    peer_lock(peer);
    uint64_t sent = peer->body_sent;
    peer_unlock(peer);
    return sent;
}

enum wait_for { WAIT_REQUESTS, WAIT_ENDED, WAIT_CONNECTIONS, WAIT_STALLED };

static bool holds(struct peer *peer, enum wait_for what, const struct peer_match *match,
                  size_t n)
{
    switch (what) {
    case WAIT_REQUESTS:
        return peer_count(peer, match) >= n;
    case WAIT_ENDED:
        return count_records(peer, match, true) >= n;
    case WAIT_CONNECTIONS:
        return peer->open == n;
    case WAIT_STALLED:
        break;
    }
    return peer->stalled >= n;
}

static bool wait_until(struct peer *peer, enum wait_for what, const struct peer_match *match,
                       size_t n, int timeout_ms)
{
    int64_t end = peer_now_ns() + (int64_t)timeout_ms * 1000000;
    struct timespec deadline = {.tv_sec = (time_t)(end / 1000000000),
                                .tv_nsec = (long)(end % 1000000000)};
    peer_lock(peer);
    bool so = holds(peer, what, match, n);
    int r = 0;
    while (!so && r == 0) {
        r = pthread_cond_timedwait(&peer->changed, &peer->lock, &deadline);
        so = holds(peer, what, match, n);
    }
    peer_unlock(peer);
    return so;
}

bool peer_wait_requests(struct peer *peer, const struct peer_match *match, size_t n,
                        int timeout_ms)
{
    return wait_until(peer, WAIT_REQUESTS, match, n, timeout_ms);
}

bool peer_wait_ended(struct peer *peer, const struct peer_match *match, size_t n,
                     int timeout_ms)
{
    return wait_until(peer, WAIT_ENDED, match, n, timeout_ms);
}

bool peer_wait_connections(struct peer *peer, size_t n, int timeout_ms)
{
    return wait_until(peer, WAIT_CONNECTIONS, NULL, n, timeout_ms);
}

bool peer_wait_stalled(struct peer *peer, size_t n, int timeout_ms)
{
    return wait_until(peer, WAIT_STALLED, NULL, n, timeout_ms);
}
