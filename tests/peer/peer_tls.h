/* peer_tls.h: TLS in front of a loopback port: ends it, passes the plain bytes on both ways,
 * and can be made to fail in the handshake.
 *
 * One thread a connection. Every function may be called from any thread. Test code, as peer.h.
 */
#ifndef PEER_PEER_TLS_H
#define PEER_PEER_TLS_H

struct peer_tls;

/* How the handshake goes; without PEER_TLS_WELL nothing is passed on. */
enum peer_tls_handshake {
    PEER_TLS_WELL,
    PEER_TLS_CLOSE,      /* FIN where the server's hello should be */
    PEER_TLS_RESET,      /* RST there */
    PEER_TLS_STALL,      /* nothing there */
    PEER_TLS_TRICKLE,    /* a byte of the server's hello now and then */
    PEER_TLS_CUT,        /* FIN half way through it */
    PEER_TLS_GARBAGE,    /* plain text in its place */
    PEER_TLS_STRANGER,   /* a certificate that nobody vouches for */
    PEER_TLS_OTHER_HOST, /* a trusted one, but of another host */
};

/* In front of `port`. `dir` is where the file of trusted certificates is written. */
struct peer_tls *peer_tls_start(unsigned port, const char *dir);
void peer_tls_stop(struct peer_tls *tls);             /* NULL is ignored; removes the file */
const char *peer_tls_url(const struct peer_tls *tls); /* "https://127.0.0.1:PORT" */
const char *peer_tls_trusted(const struct peer_tls *tls); /* the file */
/* Of later connections. */
void peer_tls_set(struct peer_tls *tls, enum peer_tls_handshake how);
/* Ends all connections. */
void peer_tls_drop(struct peer_tls *tls);

#endif
