/* tls.h: TLS before a peer: an https address whose connections are handed on, decrypted, to a
 * server on the loopback, and certificates as a test wants them. Test code: failures of the
 * system end the process with a message. */
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

/* `port`: where connections are handed on to. */
struct peer_tls *peer_tls_start(unsigned port, const struct peer_certificate *certificate);
void peer_tls_stop(struct peer_tls *tls);             /* NULL is ignored */
const char *peer_tls_url(const struct peer_tls *tls); /* "https://localhost:PORT" */
/* The file to trust it by. */
const char *peer_tls_authority(const struct peer_tls *tls);
/* Handshakes that were completed. */
unsigned peer_tls_handshakes(struct peer_tls *tls);

#endif
