/* network.h: the network as one process sees it, for a test to take away: network.c is
 * preloaded into it, and both share a small file. There the host NETWORK_HOST is this machine,
 * and no name is remembered once it was looked up. */
#ifndef CROSS_NETWORK_H
#define CROSS_NETWORK_H

#define NETWORK_HOST "s3.test"
#define NETWORK_FILE "PAILFS_TEST_NETWORK" /* the environment's variable with its path */

enum network_names {
    NETWORK_RESOLVES,
    NETWORK_NO_SUCH_NAME,
    NETWORK_NO_SERVER, /* that knows names can be reached */
    NETWORK_SILENT,    /* no answer comes */
};

enum network_connections {
    NETWORK_CONNECTS,
    NETWORK_UNREACHABLE, /* the host */
    NETWORK_LOST,        /* nothing comes back: they go to `hole` (peer/peer_hole.h) instead */
};

struct network {
    _Atomic int names;       /* enum network_names; a futex, woken when it changes */
    _Atomic int connections; /* enum network_connections */
    _Atomic unsigned hole;
};

#endif
