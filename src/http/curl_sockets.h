/* http/curl_sockets.h: the descriptors that curl uses, by number: who waits on them, and which
 * connection they are. Private to http/curl*.c; net thread only. */
#ifndef HTTP_CURL_SOCKETS_H
#define HTTP_CURL_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

struct http_exchange;

struct curl_socket {
    bool connection;                /* opened by curl_sockets_open and not closed since */
    bool polled;                    /* in the epoll set */
    unsigned local_port;            /* of a connection, once asked for; 0: not yet */
    struct http_exchange *exchange; /* that waits for it */
};

struct curl_sockets {
    struct curl_socket *slots; /* by descriptor */
    size_t count;
    size_t connections;
};

void curl_sockets_done(struct curl_sockets *sockets);
/* A connection's socket, closed on exec. The descriptor or -errno. */
int curl_sockets_open(struct curl_sockets *sockets, int family, int type, int protocol);
void curl_sockets_close(struct curl_sockets *sockets, int fd);
/* Waits on `fd` for `events` (of epoll), on behalf of `exchange`; 0: no more. 0 or -errno. */
int curl_sockets_poll(struct curl_sockets *sockets, int epoll, int fd, unsigned events,
                      struct http_exchange *exchange);
/* Who waits for `fd`, NULL if nobody. */
struct http_exchange *curl_sockets_exchange(const struct curl_sockets *sockets, int fd);
/* Has the kernel acknowledge at once what the connection at `local_port` received. Servers that
 * send head and body in two writes with Nagle on otherwise wait 40 ms for the delayed
 * acknowledgement. */
void curl_sockets_quickack(struct curl_sockets *sockets, unsigned local_port);

/* True if the kept connection at `local_port`, which nobody but `exchange` uses, was closed at
 * the other end or holds bytes already: they belong to no response that was asked for. */
bool curl_sockets_spoiled(struct curl_sockets *sockets, unsigned local_port,
                          const struct http_exchange *exchange);

#endif
