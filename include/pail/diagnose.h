/* pail/diagnose.h: what a client would do, with which keys, and how far a connection gets: for
 * programs that tell people what is wrong. No function here gives out a secret. Strings end in
 * NUL, are cut if too long, and may hold any byte a server sent. */
#ifndef PAIL_DIAGNOSE_H
#define PAIL_DIAGNOSE_H

#include <pail/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pail_client;
struct pail_operation;

/* Where the calls of an operation go, and what decided it. */
struct pail_client_facts {
    char profile[128];
    char region[64]; /* what it is signed for; "": anonymous calls to an endpoint need none */
    char region_source[128]; /* "AWS_REGION", "option region"; "": nothing named one, it is the
                                service's default */
    char url[512];           /* scheme, host, port unless it is the scheme's own, base path */
    char endpoint_source[128]; /* "option endpoint"; "": AWS's own */
    bool anonymous;            /* nothing is signed */
};

/* `bucket`: S3's, absent for other calls. 0; or -errno with *error, as a call would fail for
 * want of a region or a good endpoint. No request is sent. Any thread. */
PAIL_API int pail_client_get_facts(const struct pail_client *client,
                                   const struct pail_operation *operation,
                                   struct pail_str bucket, struct pail_client_facts *ret,
                                   struct pail_error *error);

/* The keys that calls would be signed with now. */
struct pail_credentials_facts {
    char access_key_id[136];
    char source[512];         /* as pail_client_credentials_source */
    bool temporary;           /* there is a session token */
    struct pail_time expires; /* absent: never */
};

/* Waits for the provider chain, as the first signed call does. 0; -errno with *error: there are
 * none; -ENOENT without *error: the client is anonymous. Any thread but the net thread. */
PAIL_API int pail_client_get_credentials(struct pail_client *client,
                                         struct pail_credentials_facts *ret,
                                         struct pail_error *error);

/* The steps to a connection. */
enum pail_probe_step {
    PAIL_PROBE_NAME,       /* the host's name (through a proxy: the proxy's) has addresses */
    PAIL_PROBE_CONNECTION, /* one of them accepts a connection */
    PAIL_PROBE_TLS,        /* the handshake, and the certificate */
    PAIL_PROBE_DONE,
};

enum pail_certificate_fault {
    PAIL_CERTIFICATE_GOOD,
    PAIL_CERTIFICATE_EXPIRED,
    PAIL_CERTIFICATE_NOT_YET_VALID,
    PAIL_CERTIFICATE_OTHER_HOST, /* it is for other names */
    PAIL_CERTIFICATE_UNTRUSTED,  /* nobody that is trusted vouches for it */
};

/* The server's own certificate. */
struct pail_certificate {
    char subject[256], issuer[256]; /* "CN = s3.example.com, O = ..." */
    char names[512];                /* it is for: "DNS:s3.example.com, IP Address:10.0.0.1" */
    struct pail_time not_before, not_after;
    bool present; /* it could be read */
};

struct pail_probe {
    enum pail_probe_step reached; /* the step that failed; DONE: none */
    char address[64];             /* "10.0.0.1:443": connected to, or the last that was tried */
    unsigned addresses;           /* that were tried */
    bool proxied;                 /* it is a proxy's, or would be */
    bool proxy_user;              /* and that proxy is told a name and a password */
    int proxy_status;             /* by which it refused to connect further; 0: it did not */
    int64_t name_ms, connection_ms,
        tls_ms; /* when the step was over, from the start on; -1: it is not known */
    enum pail_certificate_fault fault; /* of a certificate that was refused */
    struct pail_certificate certificate;
};

/* Connects to where `operation` (and bucket) would go, with the client's proxy and
 * certificates, and lets the connection go: no request is sent on it. Of a certificate that is
 * refused, a second connection, on which nothing is sent either, reads what it says. Waits at
 * most `timeout_ms` for each. 0, or -errno with *error; *ret is filled in either case. Any
 * thread. */
PAIL_API int pail_client_probe(const struct pail_client *client,
                               const struct pail_operation *operation, struct pail_str bucket,
                               int64_t timeout_ms, struct pail_probe *ret,
                               struct pail_error *error);

#ifdef __cplusplus
}
#endif
#endif
