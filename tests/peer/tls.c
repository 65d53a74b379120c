#include "peer/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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

#define DAY_S      (24L * 3600)
#define TRICKLE_MS 50
#define FLIGHT_MAX 16384 /* bytes of a hello and what comes with it */

struct connection {
    struct connection *next;
    struct peer_tls *tls;
    pthread_t thread;
    int fd; /* open until peer_tls_stop */
    SSL_CTX *context;
    enum peer_tls_handshake how;
};

struct peer_tls {
    unsigned port; /* of the server behind it */
    int listener;
    pthread_t thread;
    EVP_PKEY *authority_key;
    X509 *authority_certificate;
    atomic_uint handshakes;
    int authority_fd;
    char url[64], authority[64];
    pthread_mutex_t lock; /* guards what follows */
    SSL_CTX *context;
    enum peer_tls_handshake how;
    struct connection *connections;
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

static void make_authority(struct peer_tls *tls)
{
    tls->authority_key = EVP_EC_gen("P-256");
    X509 *authority = make("peer's authority", tls->authority_key, -DAY_S, DAY_S);
    add_extension(authority, authority, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(authority, authority, NID_key_usage, "critical,keyCertSign");
    sign(authority, authority, tls->authority_key);
    tls->authority_certificate = authority;
    write_authority(tls, authority);
}

static SSL_CTX *context_new(const struct peer_tls *tls, const struct peer_certificate *wanted)
{
    bool dated = wanted->from_days || wanted->till_days;
    const char *names = wanted->names ? wanted->names : "DNS:localhost,IP:127.0.0.1";
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make(wanted->common_name ? wanted->common_name : "peer", key,
                             dated ? wanted->from_days * DAY_S : -DAY_S,
                             dated ? wanted->till_days * DAY_S : DAY_S);
    X509 *issuer = wanted->self_signed ? certificate : tls->authority_certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    add_extension(certificate, issuer, NID_subject_alt_name, names);
    sign(certificate, issuer, wanted->self_signed ? key : tls->authority_key);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context || SSL_CTX_use_certificate(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey(context, key) != 1)
        die("context");
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
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

static void hand_on(struct connection *c, SSL *ssl)
{
    if (!ssl || SSL_set_fd(ssl, c->fd) != 1 || SSL_accept(ssl) != 1)
        return;
    atomic_fetch_add(&c->tls->handshakes, 1);
    int behind = connect_to(c->tls->port);
    if (behind >= 0) {
        relay(ssl, c->fd, behind);
        (void)close(behind);
    }
    (void)SSL_shutdown(ssl);
}

/* ---- handshakes that fail ---- */

/* The server's first flight, in answer to the hello that the client has sent. */
static int answer_hello(struct connection *c, SSL *ssl, char flight[static FLIGHT_MAX])
{
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    char hello[FLIGHT_MAX];
    ssize_t len = recv(c->fd, hello, sizeof(hello), 0);
    if (!in || !out)
        die("memory");
    SSL_set_bio(ssl, in, out);
    if (len > 0)
        (void)BIO_write(in, hello, (int)len);
    (void)SSL_accept(ssl);
    int n = BIO_read(out, flight, FLIGHT_MAX);
    return n > 0 ? n : 0;
}

/* False: the client has gone. */
static bool client_stays(int fd, int timeout_ms)
{
    struct pollfd poller = {.fd = fd, .events = POLLRDHUP};
    return poll(&poller, 1, timeout_ms) == 0;
}

/* What is not read would make a RST of the FIN. */
static void finish(int fd)
{
    char rest[512];
    (void)shutdown(fd, SHUT_WR);
    while (recv(fd, rest, sizeof(rest), 0) > 0) {
    }
}

static void fail(struct connection *c, SSL *ssl)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    char flight[FLIGHT_MAX];
    int len = c->how == PEER_TLS_STALL ? 0 : answer_hello(c, ssl, flight);
    switch (c->how) {
    case PEER_TLS_CUT:
        (void)write_all(c->fd, flight, len / 2);
        finish(c->fd);
        break;
    case PEER_TLS_GARBAGE:
        (void)write_all(c->fd, "220 mail.example ESMTP\r\n", 24);
        finish(c->fd);
        break;
    case PEER_TLS_RESET:
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        /* Only the last close of a socket resets it, and the number must stay taken. */
        (void)dup3(c->tls->authority_fd, c->fd, O_CLOEXEC);
        break;
    case PEER_TLS_TRICKLE:
        for (int i = 0; i + 1 < len && client_stays(c->fd, TRICKLE_MS); i++)
            (void)write_all(c->fd, flight + i, 1);
        (void)client_stays(c->fd, -1);
        break;
    case PEER_TLS_STALL:
        (void)client_stays(c->fd, -1);
        break;
    case PEER_TLS_CLOSE:
    case PEER_TLS_WELL:
        finish(c->fd);
        break;
    }
}

static void *serve(void *arg)
{
    struct connection *c = arg;
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    SSL *ssl = SSL_new(c->context);
    if (c->how == PEER_TLS_WELL)
        hand_on(c, ssl);
    else
        fail(c, ssl);
    SSL_free(ssl);
    if (c->how != PEER_TLS_RESET)
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
        (void)pthread_mutex_lock(&tls->lock);
        *c = (struct connection){.next = tls->connections,
                                 .tls = tls,
                                 .fd = fd,
                                 .context = tls->context,
                                 .how = tls->how};
        SSL_CTX_up_ref(c->context);
        if (pthread_create(&c->thread, NULL, serve, c) != 0)
            die("thread");
        tls->connections = c;
        (void)pthread_mutex_unlock(&tls->lock);
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
    (void)pthread_mutex_init(&tls->lock, NULL);
    make_authority(tls);
    tls->context = context_new(tls, certificate ? certificate : &good);
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

void peer_tls_set(struct peer_tls *tls, enum peer_tls_handshake how)
{
    (void)pthread_mutex_lock(&tls->lock);
    tls->how = how;
    (void)pthread_mutex_unlock(&tls->lock);
}

void peer_tls_certify(struct peer_tls *tls, const struct peer_certificate *certificate)
{
    SSL_CTX *context = context_new(tls, certificate);
    (void)pthread_mutex_lock(&tls->lock);
    SSL_CTX_free(tls->context);
    tls->context = context;
    (void)pthread_mutex_unlock(&tls->lock);
}

void peer_tls_drop(struct peer_tls *tls)
{
    (void)pthread_mutex_lock(&tls->lock);
    for (struct connection *c = tls->connections; c; c = c->next)
        (void)shutdown(c->fd, SHUT_RDWR);
    (void)pthread_mutex_unlock(&tls->lock);
}

void peer_tls_stop(struct peer_tls *tls)
{
    if (!tls)
        return;
    (void)shutdown(tls->listener, SHUT_RDWR);
    (void)pthread_join(tls->thread, NULL);
    peer_tls_drop(tls);
    while (tls->connections) {
        struct connection *c = tls->connections;
        tls->connections = c->next;
        (void)pthread_join(c->thread, NULL);
        (void)close(c->fd);
        SSL_CTX_free(c->context);
        free(c);
    }
    (void)close(tls->listener);
    (void)close(tls->authority_fd);
    SSL_CTX_free(tls->context);
    X509_free(tls->authority_certificate);
    EVP_PKEY_free(tls->authority_key);
    (void)pthread_mutex_destroy(&tls->lock);
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
