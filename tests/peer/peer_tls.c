#include "peer/peer_tls.h"

#include "peer/peer_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER     (16 * 1024)
#define TRICKLE_MS 50

struct connection {
    struct peer_tls *tls;
    pthread_t thread;
    int fd;
    enum peer_tls_handshake how;
    struct connection *next;
};

struct peer_tls {
    pthread_mutex_t lock; /* guards `how` and the list, whose descriptors stay open in it */
    pthread_t thread;
    int listener;
    unsigned port, behind;
    char url[64], trusted[256];
    SSL_CTX *well, *stranger, *other_host;
    enum peer_tls_handshake how;
    struct connection *connections;
};

/* ---- certificates ---- */

static X509 *certificate(EVP_PKEY *key, const char *names)
{
    X509 *x509 = X509_new();
    X509_NAME *name = x509 ? X509_get_subject_name(x509) : NULL;
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    if (!x509 || !extension || !X509_set_version(x509, X509_VERSION_3) ||
        !ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) ||
        !X509_gmtime_adj(X509_getm_notBefore(x509), -3600) ||
        !X509_gmtime_adj(X509_getm_notAfter(x509), 86400) || !X509_set_pubkey(x509, key) ||
        !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const void *)names, -1, -1, 0) ||
        !X509_set_issuer_name(x509, name) || !X509_add_ext(x509, extension, -1) ||
        !X509_sign(x509, key, EVP_sha256()))
        peer_die("a certificate");
    X509_EXTENSION_free(extension);
    return x509;
}

/* With a certificate of its own; `trusted` (NULL: nobody) gets it. */
static SSL_CTX *context(const char *names, FILE *trusted)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x509 = key ? certificate(key, names) : NULL;
    if (!context || !x509 || SSL_CTX_use_certificate(context, x509) != 1 ||
        SSL_CTX_use_PrivateKey(context, key) != 1 ||
        (trusted && !PEM_write_X509(trusted, x509)))
        peer_die("TLS");
    X509_free(x509);
    EVP_PKEY_free(key);
    return context;
}

static void make_contexts(struct peer_tls *tls)
{
    FILE *trusted = fopen(tls->trusted, "we");
    if (!trusted)
        peer_die(tls->trusted);
    tls->well = context("IP:127.0.0.1", trusted);
    tls->other_host = context("IP:192.0.2.1", trusted);
    tls->stranger = context("IP:127.0.0.1", NULL);
    if (fclose(trusted) != 0)
        peer_die(tls->trusted);
}

/* ---- handshakes that fail ---- */

static void send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        data += n;
        len -= (size_t)n;
    }
}

/* Reads on, or what is unread would make a FIN a RST, until the client has enough. */
static void linger(int fd)
{
    char buffer[512];
    (void)shutdown(fd, SHUT_WR);
    while (recv(fd, buffer, sizeof(buffer), 0) > 0) {
    }
}

static void wait_for_end(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLRDHUP};
    (void)poll(&poller, 1, -1);
}

/* The server's hello and what follows it, for the client's hello that is read here. */
static size_t server_hello(struct connection *c, char *to, size_t size)
{
    SSL *ssl = SSL_new(c->tls->well);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    char hello[BUFFER];
    ssize_t len = recv(c->fd, hello, sizeof(hello), 0);
    if (!ssl || !in || !out)
        peer_die("TLS");
    SSL_set_bio(ssl, in, out);
    if (len > 0)
        (void)BIO_write(in, hello, (int)len);
    (void)SSL_accept(ssl);
    int n = BIO_read(out, to, (int)size);
    SSL_free(ssl);
    return n > 0 ? (size_t)n : 0;
}

static void trickle(int fd, const char *data, size_t len)
{
    struct pollfd poller = {.fd = fd, .events = POLLRDHUP};
    /* A byte of a handshake that never ends. */
    for (size_t i = 0; i + 1 < len && poll(&poller, 1, TRICKLE_MS) == 0; i++)
        send_all(fd, data + i, 1);
    wait_for_end(fd);
}

static void fail_handshake(struct connection *c)
{
    char data[BUFFER];
    size_t len;
    switch (c->how) {
    case PEER_TLS_CLOSE:
        (void)recv(c->fd, data, sizeof(data), 0);
        linger(c->fd);
        break;
    case PEER_TLS_RESET:
        (void)recv(c->fd, data, sizeof(data), 0);
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER,
                         &(struct linger){.l_onoff = 1, .l_linger = 0}, sizeof(struct linger));
        break;
    case PEER_TLS_TRICKLE:
        len = server_hello(c, data, sizeof(data));
        trickle(c->fd, data, len);
        break;
    case PEER_TLS_CUT:
        len = server_hello(c, data, sizeof(data));
        send_all(c->fd, data, len / 2);
        linger(c->fd);
        break;
    case PEER_TLS_GARBAGE:
        (void)recv(c->fd, data, sizeof(data), 0);
        send_all(c->fd, "220 mail.example ESMTP\r\n", 24);
        linger(c->fd);
        break;
    default:
        wait_for_end(c->fd);
        break;
    }
}

/* ---- passing on ---- */

static int dial(unsigned port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        return fd;
    }
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static void relay(SSL *ssl, int client, int server)
{
    char buffer[BUFFER];
    struct pollfd pollers[] = {{.fd = client, .events = POLLIN},
                               {.fd = server, .events = POLLIN}};
    for (;;) {
        if (SSL_pending(ssl) == 0 && poll(pollers, 2, -1) < 0)
            return;
        if (SSL_pending(ssl) > 0 || pollers[0].revents) {
            int n = SSL_read(ssl, buffer, sizeof(buffer));
            if (n <= 0)
                return;
            send_all(server, buffer, (size_t)n);
        }
        if (pollers[1].revents) {
            ssize_t n = recv(server, buffer, sizeof(buffer), MSG_DONTWAIT);
            if (n == 0 || (n < 0 && errno != EAGAIN))
                return;
            if (n > 0 && SSL_write(ssl, buffer, (int)n) <= 0)
                return;
        }
    }
}

static void pass_on(struct connection *c)
{
    SSL *ssl = SSL_new(c->how == PEER_TLS_STRANGER     ? c->tls->stranger
                       : c->how == PEER_TLS_OTHER_HOST ? c->tls->other_host
                                                       : c->tls->well);
    if (!ssl || SSL_set_fd(ssl, c->fd) != 1)
        peer_die("TLS");
    if (SSL_accept(ssl) == 1 && c->how == PEER_TLS_WELL) {
        int server = dial(c->tls->behind);
        if (server >= 0) {
            relay(ssl, c->fd, server);
            (void)close(server);
        }
        (void)SSL_shutdown(ssl);
    }
    SSL_free(ssl);
}

/* ---- connections ---- */

static void *serve(void *arg)
{
    struct connection *c = arg;
    struct peer_tls *tls = c->tls;
    sigset_t pipe;
    (void)sigemptyset(&pipe);
    (void)sigaddset(&pipe, SIGPIPE); /* OpenSSL writes to who may be gone */
    (void)pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    bool completes =
        c->how == PEER_TLS_WELL || c->how == PEER_TLS_STRANGER || c->how == PEER_TLS_OTHER_HOST;
    if (completes)
        pass_on(c);
    else
        fail_handshake(c);
    (void)pthread_mutex_lock(&tls->lock);
    (void)close(c->fd);
    c->fd = -1;
    (void)pthread_mutex_unlock(&tls->lock);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct peer_tls *tls = arg;
    struct pollfd poller = {.fd = tls->listener, .events = POLLIN};
    int on = 1;
    while (poll(&poller, 1, -1) > 0 && !(poller.revents & POLLHUP)) {
        int fd = accept4(tls->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        struct connection *c = peer_zalloc(sizeof(*c));
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)pthread_mutex_lock(&tls->lock);
        *c = (struct connection){
            .tls = tls, .fd = fd, .how = tls->how, .next = tls->connections};
        tls->connections = c;
        (void)pthread_mutex_unlock(&tls->lock);
        if (pthread_create(&c->thread, NULL, serve, c) != 0)
            peer_die("a thread");
    }
    return NULL;
}

struct peer_tls *peer_tls_start(unsigned port, const char *dir)
{
    struct peer_tls *tls = peer_zalloc(sizeof(*tls));
    (void)pthread_mutex_init(&tls->lock, NULL);
    tls->behind = port;
    tls->listener = peer_bound_socket(0, 128, &tls->port);
    (void)snprintf(tls->url, sizeof(tls->url), "https://127.0.0.1:%u", tls->port);
    (void)snprintf(tls->trusted, sizeof(tls->trusted), "%s/trusted-%u.pem", dir, tls->port);
    make_contexts(tls);
    if (pthread_create(&tls->thread, NULL, accept_all, tls) != 0)
        peer_die("a thread");
    return tls;
}

const char *peer_tls_url(const struct peer_tls *tls)
{
    return tls->url;
}

const char *peer_tls_trusted(const struct peer_tls *tls)
{
    return tls->trusted;
}

void peer_tls_set(struct peer_tls *tls, enum peer_tls_handshake how)
{
    (void)pthread_mutex_lock(&tls->lock);
    tls->how = how;
    (void)pthread_mutex_unlock(&tls->lock);
}

void peer_tls_drop(struct peer_tls *tls)
{
    (void)pthread_mutex_lock(&tls->lock);
    for (struct connection *c = tls->connections; c; c = c->next)
        if (c->fd >= 0)
            (void)shutdown(c->fd, SHUT_RDWR);
    (void)pthread_mutex_unlock(&tls->lock);
}

void peer_tls_stop(struct peer_tls *tls)
{
    if (!tls)
        return;
    (void)shutdown(tls->listener, SHUT_RDWR);
    (void)pthread_join(tls->thread, NULL);
    (void)close(tls->listener);
    peer_tls_drop(tls);
    while (tls->connections) {
        struct connection *c = tls->connections;
        tls->connections = c->next;
        (void)pthread_join(c->thread, NULL);
        free(c);
    }
    SSL_CTX_free(tls->well);
    SSL_CTX_free(tls->stranger);
    SSL_CTX_free(tls->other_host);
    (void)unlink(tls->trusted);
    (void)pthread_mutex_destroy(&tls->lock);
    free(tls);
}
