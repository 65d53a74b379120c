#include "http/curl_exchange.h"

#include <errno.h>

#define BUFFER_BYTES        (64L * 1024)
#define CONTINUE_TIMEOUT_MS 1000L

/* curl_slist is curl's public type for a list of lines; ours are all in one buffer, and their
 * nodes in one array. */
struct field_writer {
    struct http_exchange *x;
    size_t count;
};

static int writer_reserve(struct http_exchange *x, size_t count)
{
    if (count <= x->field_capacity)
        return 0;
    struct curl_slist *list = realloc(x->field_list, count * sizeof(*list));
    if (!list)
        return -ENOMEM;
    x->field_list = list;
    x->field_capacity = count;
    return 0;
}

static void write_field(struct field_writer *w, struct pail_str name, struct pail_str value)
{
    struct buf *b = &w->x->fields;
    value = str_trim(value);
    buf_add_str(b, name);
    /* "Name:" would mean to curl that the field is not sent. */
    buf_add_c(b, value.len > 0 ? ": " : ";");
    buf_add_str(b, value);
    buf_add_byte(b, '\0');
    w->count++;
}

/* Keeps curl from adding a field of its own. */
static void write_absence(struct field_writer *w, const char *name)
{
    buf_addf(&w->x->fields, "%s:", name);
    buf_add_byte(&w->x->fields, '\0');
    w->count++;
}

static bool has(const struct http_request *request, const char *name)
{
    return http_headers_get(&request->headers, name).ptr != NULL;
}

static int set_fields(struct http_exchange *x, const struct http_request *request)
{
    struct field_writer w = {.x = x};
    const char *user_agent = x->transport->policy.user_agent;
    for (size_t i = 0; i < request->headers.count; i++) {
        struct pail_str name = http_headers_name(&request->headers, i);
        if (!str_eq_nocase(name, PAIL_STR("expect")))
            write_field(&w, name, http_headers_value(&request->headers, i));
    }
    if (!has(request, "user-agent") && user_agent)
        write_field(&w, PAIL_STR("User-Agent"), str_c(user_agent));
    if (!has(request, "accept"))
        write_absence(&w, "Accept");
    if (request->has_body && !has(request, "content-type"))
        write_absence(&w, "Content-Type");
    if (request->expect_continue)
        write_field(&w, PAIL_STR("Expect"), PAIL_STR("100-continue"));
    else
        write_absence(&w, "Expect");
    if (buf_failed(&x->fields) || writer_reserve(x, w.count) < 0)
        return -ENOMEM;
    char *at = x->fields.data;
    for (size_t i = 0; i < w.count; i++) {
        x->field_list[i].data = at;
        x->field_list[i].next = i + 1 < w.count ? &x->field_list[i + 1] : NULL;
        if (i + 1 == w.count && request->expect_continue)
            x->expect_field = at;
        at += strlen(at) + 1;
    }
    return 0;
}

static int set_url(struct http_exchange *x, const struct http_request *request)
{
    buf_addf(&x->url, "http%s://", request->url.tls ? "s" : "");
    buf_add_authority(&x->url, &request->url);
    buf_add_c(&x->url, request->url.path);
    if (request->query.len > 0) {
        if (request->url.path[0] == '\0')
            buf_add_byte(&x->url, '/');
        buf_add_byte(&x->url, '?');
        buf_add_str(&x->url, buf_str(&request->query));
    }
    return buf_failed(&x->url) == -EOVERFLOW ? -EINVAL : buf_failed(&x->url);
}

/* The first that fails decides. */
#define SET(option, value)                                                                     \
    do {                                                                                       \
        CURLcode code_ = curl_easy_setopt(x->easy, option, value);                             \
        if (code_ != CURLE_OK && failed == CURLE_OK)                                           \
            failed = code_;                                                                    \
    } while (0)

static CURLcode set_method(struct http_exchange *x, const struct http_request *request)
{
    CURLcode failed = CURLE_OK;
    if (request->has_body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, buf_c(&x->body));
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->body.len);
    } else if (x->is_head) {
        SET(CURLOPT_NOBODY, 1L);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
    }
    if (strcmp(request->method, request->has_body ? "POST" : x->is_head ? "HEAD" : "GET") != 0)
        SET(CURLOPT_CUSTOMREQUEST, request->method);
    return failed;
}

/* What is the same for every exchange of a transport, beyond its policy. */
static CURLcode set_common(struct http_exchange *x)
{
    CURLcode failed = CURLE_OK;
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_EXPECT_100_TIMEOUT_MS, CONTINUE_TIMEOUT_MS);
    /* Refused by a handle whose last exchange never connected: it still has its buffer. */
    (void)curl_easy_setopt(x->easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    SET(CURLOPT_SHARE, x->transport->share);
    return failed;
}

int curl_request_set(struct http_exchange *x, const struct http_request *request)
{
    x->is_head = strcmp(request->method, "HEAD") == 0;
    x->repeatable = x->is_head || strcmp(request->method, "GET") == 0;
    x->read_timeout_ms = request->read_timeout_ms;
    int r = set_url(x, request);
    if (r == 0)
        r = set_fields(x, request);
    if (r < 0)
        return r;
    if (request->has_body)
        buf_add_str(&x->body, buf_str(&request->body));
    if (buf_failed(&x->body))
        return -ENOMEM;
    const struct curl_policy *policy = &x->transport->policy;
    x->proxied = curl_policy_proxy(policy, &request->url) != NULL;
    CURLcode failed = curl_policy_apply(policy, request, x->easy);
    if (failed == CURLE_OK)
        failed = set_common(x);
    if (failed == CURLE_OK)
        failed = set_method(x, request);
    SET(CURLOPT_URL, buf_c(&x->url));
    SET(CURLOPT_HTTPHEADER, x->field_list);
    SET(CURLOPT_FRESH_CONNECT, request->fresh ? 1L : 0L);
    if (failed == CURLE_OK)
        failed = exchange_set_callbacks(x);
    if (failed == CURLE_OK)
        return 0;
    return failed == CURLE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
}
