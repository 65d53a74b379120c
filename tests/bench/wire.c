#include "wire.h"

#include "samples.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX 256
#define BUFFER_SIZE 65536L

struct slot {
    struct wire *wire;
    CURL *easy;
    struct wire_job job;
    uint64_t sent;
    int64_t began_ns, first_ns;
};

struct wire {
    CURLM *multi;
    struct curl_slist *headers;
    char *endpoint, *keys, *scheme;
    struct slot *slots;
    unsigned count;
    const struct wire_calls *calls;
    int sockets[SOCKETS_MAX];
    unsigned socket_count;
    uint64_t requests, bytes;
};

_Noreturn void wire_die(const char *what)
{
    (void)fprintf(stderr, "bench_raw: %s\n", what);
    exit(1);
}

static void *must(void *memory)
{
    if (!memory)
        wire_die("no memory");
    return memory;
}

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
    struct slot *slot = user;
    struct wire *w = slot->wire;
    if (slot->first_ns == 0)
        slot->first_ns = samples_now_ns();
    w->bytes += size * count;
    if (w->calls->data)
        w->calls->data(w->calls->user, data, size * count);
    return size * count;
}

static size_t on_fill(char *data, size_t size, size_t count, void *user)
{
    struct slot *slot = user;
    uint64_t left = slot->job.len - slot->sent;
    size_t len = size * count < left ? size * count : (size_t)left;
    slot->wire->calls->fill(slot->wire->calls->user, slot->job.offset + slot->sent, data, len);
    slot->sent += len;
    slot->wire->bytes += len;
    return len;
}

static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct wire *w = user;
    (void)purpose;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0 && w->socket_count < SOCKETS_MAX)
        w->sockets[w->socket_count++] = fd;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int on_close(void *user, curl_socket_t fd)
{
    struct wire *w = user;
    for (unsigned i = 0; i < w->socket_count; i++) {
        if (w->sockets[i] == fd)
            w->sockets[i--] = w->sockets[--w->socket_count];
    }
    return close(fd);
}

/* A server that writes head and body apart, Nagle's algorithm on, waits for the head's
 * acknowledgement: at once. */
static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    struct slot *slot = user;
    long port = 0;
    if (size * count == 2 && memcmp(data, "\r\n", 2) == 0)
        (void)curl_easy_getinfo(slot->easy, CURLINFO_LOCAL_PORT, &port);
    for (unsigned i = 0; port > 0 && i < slot->wire->socket_count; i++) {
        struct sockaddr_in name;
        socklen_t len = sizeof(name);
        int fd = slot->wire->sockets[i];
        int on = 1;
        if (getsockname(fd, (struct sockaddr *)&name, &len) == 0 &&
            ntohs(name.sin_port) == port) {
            (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
            break;
        }
    }
    return size * count;
}

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);
    if (!value || !*value) {
        (void)fprintf(stderr, "bench_raw: %s is not set\n", name);
        exit(2);
    }
    return value;
}

static char *joined(const char *format, const char *a, const char *b)
{
    char *text = NULL;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (asprintf(&text, format, a, b) < 0)
        wire_die("no memory");
#pragma GCC diagnostic pop
    return text;
}

static void slot_init(struct wire *w, struct slot *slot)
{
    slot->wire = w;
    slot->easy = must(curl_easy_init());
    CURL *e = slot->easy;
    (void)curl_easy_setopt(e, CURLOPT_PRIVATE, slot);
    (void)curl_easy_setopt(e, CURLOPT_AWS_SIGV4, w->scheme);
    (void)curl_easy_setopt(e, CURLOPT_USERPWD, w->keys);
    (void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, w->headers);
    (void)curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(e, CURLOPT_BUFFERSIZE, BUFFER_SIZE);
    (void)curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_SIZE * 8);
    (void)curl_easy_setopt(e, CURLOPT_FAILONERROR, 1L);
    (void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
    (void)curl_easy_setopt(e, CURLOPT_WRITEDATA, slot);
    (void)curl_easy_setopt(e, CURLOPT_READFUNCTION, on_fill);
    (void)curl_easy_setopt(e, CURLOPT_READDATA, slot);
    (void)curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(e, CURLOPT_HEADERDATA, slot);
    (void)curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open);
    (void)curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, w);
    (void)curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, w);
}

struct wire *wire_new(unsigned connections)
{
    struct wire *w = must(calloc(1, sizeof(*w)));
    const char *region = getenv("AWS_REGION");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        wire_die("libcurl does not start");
    w->multi = must(curl_multi_init());
    (void)curl_multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, (long)connections);
    w->endpoint = must(strdup(from_environment("AWS_ENDPOINT_URL")));
    w->keys = joined("%s:%s", from_environment("AWS_ACCESS_KEY_ID"),
                     from_environment("AWS_SECRET_ACCESS_KEY"));
    w->scheme = joined("aws:amz:%s:%s", region && *region ? region : "us-east-1", "s3");
    w->headers = must(curl_slist_append(NULL, "x-amz-content-sha256: UNSIGNED-PAYLOAD"));
    w->count = connections;
    w->slots = must(calloc(connections, sizeof(*w->slots)));
    for (unsigned i = 0; i < connections; i++)
        slot_init(w, &w->slots[i]);
    return w;
}

void wire_free(struct wire *w)
{
    for (unsigned i = 0; i < w->count; i++)
        curl_easy_cleanup(w->slots[i].easy);
    (void)curl_multi_cleanup(w->multi);
    curl_slist_free_all(w->headers);
    free(w->slots);
    free(w->endpoint);
    free(w->keys);
    free(w->scheme);
    free(w);
    curl_global_cleanup();
}

/* Start the slot's next request. False if there is none. */
static bool slot_start(struct slot *slot)
{
    struct wire *w = slot->wire;
    char url[WIRE_URL_MAX + 256];
    char range[64];
    slot->job = (struct wire_job){0};
    if (!w->calls->next(w->calls->user, &slot->job))
        return false;
    slot->sent = 0;
    (void)snprintf(url, sizeof(url), "%s%s", w->endpoint, slot->job.target);
    (void)curl_easy_setopt(slot->easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(slot->easy, CURLOPT_RANGE, NULL);
    if (slot->job.put) {
        (void)curl_easy_setopt(slot->easy, CURLOPT_UPLOAD, 1L);
        (void)curl_easy_setopt(slot->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)slot->job.len);
    } else if (slot->job.len > 0) {
        (void)snprintf(range, sizeof(range), "%llu-%llu", (unsigned long long)slot->job.offset,
                       (unsigned long long)(slot->job.offset + slot->job.len - 1));
        (void)curl_easy_setopt(slot->easy, CURLOPT_RANGE, range);
    }
    slot->began_ns = samples_now_ns();
    slot->first_ns = 0;
    w->requests++;
    if (curl_multi_add_handle(w->multi, slot->easy) != CURLM_OK)
        wire_die("libcurl refuses a request");
    return true;
}

static void slot_ended(struct slot *slot, CURLcode result)
{
    struct wire *w = slot->wire;
    (void)curl_multi_remove_handle(w->multi, slot->easy);
    if (result != CURLE_OK) {
        (void)fprintf(stderr, "bench_raw: %s: %s\n", slot->job.target,
                      curl_easy_strerror(result));
        exit(1);
    }
    if (w->calls->done)
        w->calls->done(w->calls->user, slot->began_ns, slot->first_ns);
}

void wire_run(struct wire *w, const struct wire_calls *calls)
{
    unsigned running = 0;
    w->calls = calls;
    while (running < w->count && slot_start(&w->slots[running]))
        running++;
    while (running > 0) {
        int active;
        int left;
        CURLMsg *message;
        if (curl_multi_perform(w->multi, &active) != CURLM_OK)
            wire_die("libcurl fails");
        while ((message = curl_multi_info_read(w->multi, &left))) {
            struct slot *slot = NULL;
            if (message->msg != CURLMSG_DONE)
                continue;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
            slot_ended(slot, message->data.result);
            running -= !slot_start(slot);
            active = -1;
        }
        if (running > 0 && active >= 0)
            (void)curl_multi_poll(w->multi, NULL, 0, 1000, NULL);
    }
}

uint64_t wire_requests(const struct wire *w)
{
    return w->requests;
}

uint64_t wire_bytes(const struct wire *w)
{
    return w->bytes;
}

void wire_add(char *target, const char *text, size_t len, bool path)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t at = strlen(target);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || (c && strchr("-_.~", c)) || (path && c == '/');
        if (at + 4 > WIRE_URL_MAX)
            wire_die("the URL is too long");
        if (plain) {
            target[at++] = (char)c;
        } else {
            target[at++] = '%';
            target[at++] = hex[c >> 4];
            target[at++] = hex[c & 15];
        }
    }
    target[at] = '\0';
}
