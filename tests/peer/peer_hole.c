#include "peer/peer_hole.h"

#include "peer/peer_private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer_hole {
    int listener, filler;
    unsigned port;
};

struct peer_hole *peer_hole_start(void)
{
    struct peer_hole *hole = peer_zalloc(sizeof(*hole));
    hole->listener = peer_bound_socket(0, 0, &hole->port);
    /* One connection that nobody accepts fills the queue; the kernel drops every later one. */
    hole->filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)hole->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (hole->filler < 0 ||
        connect(hole->filler, (struct sockaddr *)&address, sizeof(address)) < 0)
        peer_die("a connection");
    return hole;
}

unsigned peer_hole_port(const struct peer_hole *hole)
{
    return hole->port;
}

void peer_hole_stop(struct peer_hole *hole)
{
    if (!hole)
        return;
    (void)close(hole->filler);
    (void)close(hole->listener);
    free(hole);
}
