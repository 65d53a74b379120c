#include "peer/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define DAY_S (24L * 3600)

struct connection {
    struct connection *next;
    struct peer_tls *tls;
    pthread_t thread;
    int fd;
};

struct peer_tls {
    SSL_CTX *context;
    unsigned port; /* of the server behind it */
    int listener;
    pthread_t thread;
    struct connection
        *connections; /* the accepting thread's, and after its end peer_tls_stop's */
    atomic_uint handshakes;
    int authority_fd;
    char url[64], authority[64];
};

static void die(const char *what)
{
    (void)fprintf(stderr, "tls: %s: %s\n", what, strerror(errno));
    _exit(99);
}

/* ---- certificates ---- */

static void add_extension(X509 *certificate, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    if (!extension || X509_add_ext(certificate, extension, -1) != 1)
        die(value);
    X509_EXTENSION_free(extension);
}

static X509 *make(const char *name, EVP_PKEY *key, long from_s, long till_s)
{
    static atomic_long serial = 1;
    X509 *certificate = X509_new();
    if (!certificate || !key)
        die("certificate");
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), atomic_fetch_add(&serial, 1));
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), till_s);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    return certificate;
}

static void sign(X509 *certificate, X509 *issuer, EVP_PKEY *key)
{
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    if (X509_sign(certificate, key, EVP_sha256()) == 0)
        die("signing");
}

/* In memory, under a path that this process and those it starts can open. */
static void write_authority(struct peer_tls *tls, X509 *authority)
{
    tls->authority_fd = memfd_create("authority", 0);
    int copy = tls->authority_fd < 0 ? -1 : dup(tls->authority_fd);
    FILE *file = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (!file || PEM_write_X509(file, authority) != 1 || fclose(file) != 0)
        die("authority");
    (void)snprintf(tls->authority, sizeof(tls->authority), "/proc/%d/fd/%d", (int)getpid(),
                   tls->authority_fd);
}

static void make_certificates(struct peer_tls *tls, const struct peer_certificate *wanted)
{
    bool dated = wanted->from_days || wanted->till_days;
    const char *names = wanted->names ? wanted->names : "DNS:localhost,IP:127.0.0.1";
    EVP_PKEY *authority_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    X509 *authority = make("peer's authority", authority_key, -DAY_S, DAY_S);
    add_extension(authority, authority, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(authority, authority, NID_key_usage, "critical,keyCertSign");
    sign(authority, authority, authority_key);
    X509 *certificate = make(wanted->common_name ? wanted->common_name : "peer", key,
                             dated ? wanted->from_days * DAY_S : -DAY_S,
                             dated ? wanted->till_days * DAY_S : DAY_S);
    X509 *issuer = wanted->self_signed ? certificate : authority;
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    add_extension(certificate, issuer, NID_subject_alt_name, names);
    sign(certificate, issuer, wanted->self_signed ? key : authority_key);
    tls->context = SSL_CTX_new(TLS_server_method());
    if (!tls->context || SSL_CTX_use_certificate(tls->context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey(tls->context, key) != 1)
        die("context");
    write_authority(tls, authority);
    X509_free(certificate);
    X509_free(authority);
    EVP_PKEY_free(key);
    EVP_PKEY_free(authority_key);
}

/* ---- connections ---- */

static int connect_to(unsigned port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static bool write_all(int fd, const char *data, int len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, (size_t)len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        data += n;
        len -= (int)n;
    }
    return true;
}

/* Until one of the sides ends. */
static void relay(SSL *ssl, int fd, int behind)
{
    char data[16384];
    for (;;) {
        struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = behind, .events = POLLIN}};
        if (SSL_pending(ssl) == 0 && poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        if (SSL_pending(ssl) > 0 || fds[0].revents) {
            int n = SSL_read(ssl, data, sizeof(data));
            if (n <= 0 || !write_all(behind, data, n))
                return;
        } else if (fds[1].revents) {
            ssize_t n = read(behind, data, sizeof(data));
            if (n <= 0 || SSL_write(ssl, data, (int)n) <= 0)
                return;
        }
    }
}

static void *serve(void *arg)
{
    struct connection *c = arg;
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    SSL *ssl = SSL_new(c->tls->context);
    if (ssl && SSL_set_fd(ssl, c->fd) == 1 && SSL_accept(ssl) == 1) {
        atomic_fetch_add(&c->tls->handshakes, 1);
        int behind = connect_to(c->tls->port);
        if (behind >= 0) {
            relay(ssl, c->fd, behind);
            (void)close(behind);
        }
        (void)SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    (void)shutdown(c->fd, SHUT_RDWR);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct peer_tls *tls = arg;
    for (;;) {
        int fd = accept4(tls->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return NULL;
        struct connection *c = calloc(1, sizeof(*c));
        if (!c)
            die("connection");
        *c = (struct connection){.next = tls->connections, .tls = tls, .fd = fd};
        if (pthread_create(&c->thread, NULL, serve, c) != 0)
            die("thread");
        tls->connections = c;
    }
}

struct peer_tls *peer_tls_start(unsigned port, const struct peer_certificate *certificate)
{
    static const struct peer_certificate good = {0};
    struct peer_tls *tls = calloc(1, sizeof(*tls));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    if (!tls)
        die("memory");
    make_certificates(tls, certificate ? certificate : &good);
    tls->port = port;
    tls->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (tls->listener < 0 || bind(tls->listener, (struct sockaddr *)&address, len) < 0 ||
        listen(tls->listener, 64) < 0 ||
        getsockname(tls->listener, (struct sockaddr *)&address, &len) < 0)
        die("listener");
    (void)snprintf(tls->url, sizeof(tls->url), "https://localhost:%u", ntohs(address.sin_port));
    if (pthread_create(&tls->thread, NULL, accept_all, tls) != 0)
        die("thread");
    return tls;
}

void peer_tls_stop(struct peer_tls *tls)
{
    if (!tls)
        return;
    (void)shutdown(tls->listener, SHUT_RDWR);
    (void)pthread_join(tls->thread, NULL);
    (void)close(tls->listener);
    while (tls->connections) {
        struct connection *c = tls->connections;
        tls->connections = c->next;
        (void)shutdown(c->fd, SHUT_RDWR);
        (void)pthread_join(c->thread, NULL);
        (void)close(c->fd);
        free(c);
    }
    (void)close(tls->authority_fd);
    SSL_CTX_free(tls->context);
    free(tls);
}

const char *peer_tls_url(const struct peer_tls *tls)
{
    return tls->url;
}

const char *peer_tls_authority(const struct peer_tls *tls)
{
    return tls->authority;
}

unsigned peer_tls_handshakes(struct peer_tls *tls)
{
    return atomic_load(&tls->handshakes);
}
