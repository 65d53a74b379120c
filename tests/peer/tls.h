/* tls.h: TLS before a peer: an https address whose connections are handed on, decrypted, to a
 * server on the loopback, with certificates as a test wants them, and handshakes that fail. Any
 * thread. Test code: failures of the system end the process with a message. */
#ifndef PEER_TLS_H
#define PEER_TLS_H

#include <stdbool.h>

struct peer_tls;

/* All zero: one that is good for localhost and 127.0.0.1, from yesterday till tomorrow. */
struct peer_certificate {
    const char *names;        /* "DNS:localhost,IP:127.0.0.1" */
    int from_days, till_days; /* from now; both 0: -1 and 1 */
    bool self_signed;         /* else its issuer is the authority of peer_tls_authority */
    const char *common_name;  /* NULL: "peer" */
};

/* How a handshake goes. */
enum peer_tls_handshake {
    PEER_TLS_WELL,
    PEER_TLS_CLOSE,   /* FIN where the server's hello should be */
    PEER_TLS_RESET,   /* RST there */
    PEER_TLS_STALL,   /* nothing there */
    PEER_TLS_TRICKLE, /* a byte of the hello now and then */
    PEER_TLS_CUT,     /* FIN half way through it */
    PEER_TLS_GARBAGE, /* plain text in its place */
};

/* `port`: where connections are handed on to. */
struct peer_tls *peer_tls_start(unsigned port, const struct peer_certificate *certificate);
void peer_tls_stop(struct peer_tls *tls);             /* NULL is ignored */
const char *peer_tls_url(const struct peer_tls *tls); /* "https://localhost:PORT" */
/* The file to trust it by. */
const char *peer_tls_authority(const struct peer_tls *tls);
/* Of later connections: how their handshakes go, and the certificate that they are shown. */
void peer_tls_set(struct peer_tls *tls, enum peer_tls_handshake how);
void peer_tls_certify(struct peer_tls *tls, const struct peer_certificate *certificate);
/* Ends all connections. */
void peer_tls_drop(struct peer_tls *tls);
/* Handshakes that were completed. */
unsigned peer_tls_handshakes(struct peer_tls *tls);

#endif
