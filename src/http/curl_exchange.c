#include "http/curl_exchange.h"

#include "base/num.h"
#include "http/curl_result.h"

#include <errno.h>
#include <stdatomic.h>

#define KEPT_BYTES_MAX (64 * 1024) /* memory of one body buffer that an idle exchange keeps */

struct http_exchange *exchange_new(struct curl_transport *t)
{
    struct http_exchange *x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    x->transport = t;
    x->timer.fire = schedule_timer_fired;
    buf_init(&x->url, 2 * URL_MAX);
    buf_init(&x->fields, 2 * HEADERS_BYTES_MAX);
    buf_init(&x->body, SIZE_MAX);
    buf_init(&x->line, HEADERS_BYTES_MAX);
    buf_init(&x->reason, HEADERS_BYTES_MAX);
    http_headers_init(&x->headers);
    x->easy = curl_easy_init();
    if (!x->easy) {
        exchange_free(x);
        return NULL;
    }
    return x;
}

void exchange_free(struct http_exchange *x)
{
    if (x->easy)
        curl_easy_cleanup(x->easy);
    buf_done(&x->url);
    buf_done(&x->fields);
    buf_done(&x->body);
    buf_done(&x->line);
    buf_done(&x->reason);
    http_headers_done(&x->headers);
    free(x->field_list);
    free(x);
}

void exchange_reset(struct http_exchange *x)
{
    curl_easy_reset(x->easy);
    buf_reset(&x->url);
    buf_reset(&x->fields);
    if (x->body.cap > KEPT_BYTES_MAX)
        buf_done(&x->body);
    buf_reset(&x->body);
    buf_reset(&x->line);
    buf_reset(&x->reason);
    http_headers_reset(&x->headers);
    x->handler = NULL;
    x->user = NULL;
    x->head = (struct http_head){0};
    x->expect_field = NULL;
    x->is_head = x->proxied = false;
    x->head_bytes = 0;
    x->in_head = x->head_done = x->connected = false;
    x->asked = x->opened = x->again = false;
    x->in_callback = x->resumed = x->paused = false;
    x->taken_ahead = 0;
    x->received = 0;
    x->local_port = 0;
    x->failed_kind = PAIL_ERROR_NONE;
    x->failed_sys = 0;
    x->failed_message = NULL;
    x->remote[0] = x->curl_message[0] = '\0';
}

void exchange_progress(struct http_exchange *x)
{
    x->progress_ns = transport_now(&x->transport->transport);
}

void exchange_restart_clock(struct http_exchange *x)
{
    if (!x->connected || x->paused || !x->handler)
        return;
    exchange_progress(x);
    timer_set(&x->transport->transport.timers, &x->timer,
              clock_after_ms(x->progress_ns, x->read_timeout_ms));
}

bool exchange_can_drain(const struct http_exchange *x)
{
    if (!x->head_done)
        return false;
    if (x->is_head || x->head.status == 204 || x->head.status == 304)
        return true;
    return x->head.content_length.present &&
           (uint64_t)x->head.content_length.value - x->received - x->taken_ahead <=
               DRAIN_BYTES_MAX;
}

void exchange_result(const struct http_exchange *x, CURLcode code, struct http_result *ret)
{
    struct curl_facts facts = {.message = x->curl_message,
                               .proxied = x->proxied,
                               .connected = x->connected,
                               .head_done = x->head_done,
                               .length_known = x->head.content_length.present};
    curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &facts.os_error);
    if (x->failed_kind == PAIL_ERROR_NONE) {
        curl_result(code, &facts, ret);
    } else {
        *ret = (struct http_result){.kind = x->failed_kind, .sys = x->failed_sys};
        str_copy(ret->message, sizeof(ret->message), str_c(x->failed_message));
    }
    ret->body_bytes = x->received + x->taken_ahead;
    str_copy(ret->remote, sizeof(ret->remote), str_c(x->remote));
}

static int fail(struct http_exchange *x, int kind, int sys, const char *message)
{
    x->failed_kind = kind;
    x->failed_sys = sys;
    x->failed_message = message;
    return -sys;
}

static int malformed(struct http_exchange *x, const char *message)
{
    return fail(x, PAIL_ERROR_PARSE, EPROTO, message);
}

/* Nobody listens any more; the loop says so to the handler, and drains or closes. */
static void drop(struct http_exchange *x)
{
    fail(x, PAIL_ERROR_CANCELLED, ECANCELED, "the response was not wanted");
    schedule_todo(x, TODO_DROP);
}

static bool dropped(const struct http_exchange *x)
{
    return !x->handler || x->failed_kind != PAIL_ERROR_NONE;
}

/* ---- the head ---- */

/* "HTTP/1.1 200 OK" */
static int take_status_line(struct http_exchange *x, struct pail_str line)
{
    if (!str_starts(line, PAIL_STR("HTTP/")))
        return malformed(x, "the response does not start with a status line");
    size_t space = str_find(line, ' ', 0);
    struct pail_str rest = str_trim(str_sub(line, space, line.len));
    size_t end = str_find(rest, ' ', 0);
    uint64_t status;
    if (end != 3 || num_u64(str_sub(rest, 0, 3), 599, &status) < 0 || status < 100 ||
        status == 101)
        return malformed(x, "the status line is malformed");
    x->in_head = true;
    x->head.status = (int)status;
    buf_reset(&x->reason);
    buf_add_str(&x->reason, str_trim(str_sub(rest, end, rest.len)));
    http_headers_reset(&x->headers);
    return buf_failed(&x->reason) ? fail(x, PAIL_ERROR_MEMORY, ENOMEM, "out of memory") : 0;
}

/* A head that another follows: 1xx, and 417, after which the request is sent again without the
 * expectation. */
static bool is_interim(const struct http_exchange *x)
{
    return x->head.status < 200 || (x->head.status == 417 && x->expect_field);
}

static bool field_name_valid(struct pail_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] <= ' ' || name.ptr[i] == 0x7f)
            return false;
    return name.len > 0;
}

/* Keeps the field in x->line, if there is one. */
static int take_field(struct http_exchange *x)
{
    if (buf_failed(&x->line))
        return malformed(x, "a header is too long");
    struct pail_str line = buf_str(&x->line);
    if (line.len == 0)
        return 0;
    size_t colon = str_find(line, ':', 0);
    struct pail_str name = str_sub(line, 0, colon);
    if (colon == line.len || !field_name_valid(name))
        return malformed(x, "a header is malformed");
    int r = http_headers_add(&x->headers, name, str_trim(str_sub(line, colon + 1, line.len)));
    buf_reset(&x->line);
    switch (r) {
    case 0:
        return 0;
    case -ENOMEM:
        return fail(x, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    case -E2BIG:
        return malformed(x, "the response has too many headers");
    default:
        return malformed(x, "a header holds bytes that are not allowed");
    }
}

static int take_content_length(struct http_exchange *x)
{
    bool chunked = false;
    x->head.content_length = (struct pail_int){0};
    for (size_t i = 0; i < x->headers.count; i++) {
        struct pail_str name = http_headers_name(&x->headers, i);
        struct pail_str value = http_headers_value(&x->headers, i);
        uint64_t length;
        if (str_eq_nocase(name, PAIL_STR("transfer-encoding"))) {
            chunked = true;
        } else if (str_eq_nocase(name, PAIL_STR("content-length"))) {
            if (num_u64(value, INT64_MAX, &length) < 0)
                return malformed(x, "Content-Length is malformed");
            if (x->head.content_length.present &&
                x->head.content_length.value != (int64_t)length)
                return malformed(x, "two Content-Length headers differ");
            x->head.content_length = PAIL_INT((int64_t)length);
        }
    }
    if (chunked)
        x->head.content_length = (struct pail_int){0};
    return 0;
}

static int take_head_end(struct http_exchange *x)
{
    x->in_head = false;
    if (is_interim(x)) {
        if (x->head.status != 417)
            return 0;
        /* "Expect:" means to curl that it is not sent. */
        x->expect_field[strlen("Expect:")] = '\0';
        x->expect_field = NULL;
        x->again = true;
        return -1;
    }
    int r = take_content_length(x);
    if (r < 0)
        return r;
    curl_sockets_quickack(&x->transport->sockets, x->local_port);
    x->head_done = true;
    x->head.headers = &x->headers;
    x->head.reason = buf_str(&x->reason);
    if (dropped(x))
        return 0;
    x->in_callback = true;
    r = x->handler->head(x->user, &x->head);
    x->in_callback = false;
    if (r < 0)
        drop(x);
    return 0;
}

static int take_head_line(struct http_exchange *x, struct pail_str line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\n')
        line.len--;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (!x->in_head)
        return take_status_line(x, line);
    /* A line that starts with white space continues the field before it (RFC 9112, 5.2). */
    if (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t') && x->line.len > 0) {
        buf_add_byte(&x->line, ' ');
        buf_add_str(&x->line, str_trim(line));
        return 0;
    }
    int r = is_interim(x) ? 0 : take_field(x);
    buf_reset(&x->line);
    if (r < 0)
        return r;
    if (line.len == 0)
        return take_head_end(x);
    buf_add_str(&x->line, line);
    return 0;
}

size_t exchange_head_line(char *line, size_t size, size_t count, void *user)
{
    struct http_exchange *x = user;
    size_t len = size * count;
    /* Lines after the head are trailers. */
    if (x->head_done)
        return len;
    x->head_bytes += len;
    if (x->head_bytes > HEAD_BYTES_MAX)
        malformed(x, "the response has too many headers");
    else if (take_head_line(x, str_of(line, len)) == 0)
        return len;
    return 0;
}

/* ---- the body ---- */

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct http_exchange *x = user;
    size_t len = size * count;
    size_t taken = x->taken_ahead < len ? x->taken_ahead : len;
    /* One event of the socket may bring several pieces. */
    exchange_progress(x);
    while (taken < len && x->head_done && !dropped(x)) {
        x->in_callback = true;
        x->resumed = false;
        ssize_t n = x->handler->body(x->user, data + taken, len - taken);
        x->in_callback = false;
        if (n < 0) {
            drop(x);
            break;
        }
        taken += (size_t)n;
        if (taken < len && !x->resumed) {
            /* curl hands over the same bytes again, and perhaps in other pieces. */
            x->taken_ahead = taken;
            x->paused = true;
            return CURL_WRITEFUNC_PAUSE;
        }
    }
    x->taken_ahead = x->taken_ahead > len ? x->taken_ahead - len : 0;
    if (x->head_done)
        x->received += len;
    return len;
}

/* ---- the connection ---- */

/* A kept connection was closed without an answer, and curl means to ask again on another. The
 * service may have acted on the request, and whoever sent it counts. */
static bool asks_again(struct http_exchange *x)
{
    if (x->asked)
        fail(x, PAIL_ERROR_CONNECTION_CLOSED, ECONNRESET,
             "the connection was closed before a response came");
    return x->asked;
}

static int on_connected(void *user, char *remote_ip, char *local_ip, int remote_port,
                        int local_port)
{
    struct http_exchange *x = user;
    (void)local_ip;
    if (asks_again(x))
        return CURL_PREREQFUNC_ABORT;
    /* What came behind a response that was complete would be taken for the next one. */
    x->again =
        !x->opened && curl_sockets_spoiled(&x->transport->sockets, (unsigned)local_port, x);
    if (x->again)
        return CURL_PREREQFUNC_ABORT;
    x->asked = true;
    bool v6 = strchr(remote_ip, ':') != NULL;
    snprintf(x->remote, sizeof(x->remote), "%s%s%s:%d", v6 ? "[" : "", remote_ip, v6 ? "]" : "",
             remote_port);
    x->local_port = (unsigned)local_port;
    x->connected = true;
    exchange_restart_clock(x);
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_exchange *x = user;
    struct curl_transport *t = x->transport;
    (void)purpose;
    if (asks_again(x))
        return CURL_SOCKET_BAD;
    x->opened = true;
    x->connected = false;
    timer_cancel(&t->transport.timers, &x->timer);
    int fd =
        curl_sockets_open(&t->sockets, address->family, address->socktype, address->protocol);
    if (fd >= 0) {
        atomic_fetch_add(&t->transport.connections, 1);
        return fd;
    }
    errno = -fd;
    return CURL_SOCKET_BAD;
}

static int on_close(void *user, curl_socket_t fd)
{
    struct curl_transport *t = user;
    curl_sockets_close(&t->sockets, fd);
    return 0;
}

CURLcode exchange_set_callbacks(struct http_exchange *x)
{
    const CURLcode codes[] = {
        curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x),
        curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->curl_message),
        curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, exchange_head_line),
        curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x),
        curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, on_body),
        curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x),
        curl_easy_setopt(x->easy, CURLOPT_PREREQFUNCTION, on_connected),
        curl_easy_setopt(x->easy, CURLOPT_PREREQDATA, x),
        curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETFUNCTION, on_open),
        curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETDATA, x),
        curl_easy_setopt(x->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close),
        curl_easy_setopt(x->easy, CURLOPT_CLOSESOCKETDATA, x->transport),
    };
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (codes[i])
            return codes[i];
    return CURLE_OK;
}
