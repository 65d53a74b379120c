#include "http/curl_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void curl_sockets_done(struct curl_sockets *sockets)
{
    free(sockets->slots);
    *sockets = (struct curl_sockets){0};
}

/* NULL on ENOMEM. */
static struct curl_socket *slot_of(struct curl_sockets *sockets, int fd)
{
    size_t index = (size_t)fd;
    if (index >= sockets->count) {
        size_t count = sockets->count ? sockets->count : 64;
        while (count <= index)
            count *= 2;
        struct curl_socket *slots = realloc(sockets->slots, count * sizeof(*slots));
        if (!slots)
            return NULL;
        for (size_t i = sockets->count; i < count; i++)
            slots[i] = (struct curl_socket){0};
        sockets->slots = slots;
        sockets->count = count;
    }
    return &sockets->slots[index];
}

int curl_sockets_open(struct curl_sockets *sockets, int family, int type, int protocol)
{
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return -errno;
    struct curl_socket *slot = slot_of(sockets, fd);
    if (!slot) {
        close(fd);
        return -ENOMEM;
    }
    *slot = (struct curl_socket){.connection = true};
    sockets->connections++;
    return fd;
}

void curl_sockets_close(struct curl_sockets *sockets, int fd)
{
    if ((size_t)fd < sockets->count && sockets->slots[fd].connection) {
        sockets->slots[fd] = (struct curl_socket){0};
        sockets->connections--;
    }
    close(fd);
}

int curl_sockets_poll(struct curl_sockets *sockets, int epoll, int fd, unsigned events,
                      struct http_exchange *exchange)
{
    struct curl_socket *slot = slot_of(sockets, fd);
    if (!slot)
        return -ENOMEM;
    if (events == 0) {
        if (slot->polled)
            epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
        slot->polled = false;
        slot->exchange = NULL;
        return 0;
    }
    struct epoll_event event = {.events = events, .data.fd = fd};
    int r = epoll_ctl(epoll, slot->polled ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    /* curl also waits on descriptors of its own, which it may close and open again without a
     * word. */
    if (r < 0 && errno == ENOENT)
        r = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    else if (r < 0 && errno == EEXIST)
        r = epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
    if (r < 0)
        return -errno;
    slot->polled = true;
    slot->exchange = exchange;
    return 0;
}

struct http_exchange *curl_sockets_exchange(const struct curl_sockets *sockets, int fd)
{
    return (size_t)fd < sockets->count ? sockets->slots[fd].exchange : NULL;
}

static unsigned port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t len = sizeof(address);
    if (getsockname(fd, &address.any, &len) < 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
                                                   : address.v4.sin_port);
}

/* Whether the slot is a connection from that port. Connections to different servers may share
 * one. */
static bool is_from(struct curl_sockets *sockets, size_t index, unsigned local_port)
{
    struct curl_socket *slot = &sockets->slots[index];
    if (slot->connection && slot->local_port == 0)
        slot->local_port = port_of((int)index);
    return slot->connection && slot->local_port == local_port;
}

void curl_sockets_quickack(struct curl_sockets *sockets, unsigned local_port)
{
    /* Given to all that share the port it costs nothing but an early acknowledgement. */
    for (size_t i = 0; i < sockets->count; i++) {
        int on = 1;
        if (is_from(sockets, i, local_port))
            setsockopt((int)i, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
    }
}

bool curl_sockets_spoiled(struct curl_sockets *sockets, unsigned local_port,
                          const struct http_exchange *exchange)
{
    for (size_t i = 0; i < sockets->count; i++) {
        const struct http_exchange *user = sockets->slots[i].exchange;
        char byte;
        if ((user && user != exchange) || !is_from(sockets, i, local_port))
            continue;
        ssize_t n = recv((int)i, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (n >= 0 || (errno != EAGAIN && errno != EINTR))
            return true;
    }
    return false;
}
