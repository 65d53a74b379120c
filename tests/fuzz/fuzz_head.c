/* Any bytes as the head of a response, line by line as curl hands them over: what is kept of it
 * is one line each and within the limits, and is understood or refused by every operation. */
#include "fuzz/fuzz.h"

#include "aws/content_range.h"
#include "aws/response.h"
#include "http/curl_exchange.h"

#include <pail/s3.h>
#include <stdlib.h>

#define LINE_BYTES (128 * 1024)

static const struct pail_operation *const operations[] = {
    &pail_s3_head_object_operation,
    &pail_s3_get_object_operation,
    &pail_s3_head_bucket_operation,
    &pail_s3_list_objects_v2_operation,
};

static void require(bool promise)
{
    if (!promise)
        abort();
}

static bool is_text(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

static void check_facts(const struct response_facts *facts)
{
    require(is_text(facts->region, sizeof(facts->region)));
    require(facts->retry_after_ms >= -1 && facts->retry_after_ms <= 24 * 60 * 60 * 1000);
}

static void check_error(const struct pail_error *error, int r)
{
    char line[4096];
    require(error->sys == -r && is_text(error->code, sizeof(error->code)) &&
            is_text(error->request_id, sizeof(error->request_id)) &&
            is_text(error->host_id, sizeof(error->host_id)) &&
            is_text(error->message, sizeof(error->message)));
    pail_error_format(error, line, sizeof(line));
    for (const char *at = line; *at; at++)
        require((unsigned char)*at >= ' ' && *at != 0x7f);
}

/* The body of nothing: everything is told by the head. */
static void understand(const struct http_head *head)
{
    static _Alignas(16) char output[8192];
    struct pail_header headers[HEADERS_MAX];
    for (size_t i = 0; i < head->headers->count; i++)
        headers[i] = (struct pail_header){http_headers_name(head->headers, i),
                                          http_headers_value(head->headers, i)};
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        const struct pail_operation *op = operations[i];
        const struct pail_http_response response = {
            .status = head->status,
            .reason = head->reason,
            .headers = headers,
            .header_count = head->headers->count,
            .is_head = strcmp(op->method, "HEAD") == 0,
        };
        struct response_facts facts;
        struct pail_error error;
        memset(output, 0, sizeof(output));
        int r = response_parse(op, &response, output, &facts, &error);
        if (r < 0)
            check_error(&error, r);
        check_facts(&facts);
        pail_output_free(op, output);
    }
}

static int on_head(void *user, const struct http_head *head)
{
    const struct http_headers *h = head->headers;
    struct content_range range;
    size_t *heads = user;
    ++*heads;
    require(head->status >= 200 && head->status <= 599);
    require(h->count <= HEADERS_MAX && h->text.len <= HEADERS_BYTES_MAX);
    require(!head->content_length.present || head->content_length.value >= 0);
    for (size_t i = 0; i < h->count; i++) {
        struct pail_str name = http_headers_name(h, i), value = http_headers_value(h, i);
        require(name.len > 0);
        for (size_t k = 0; k < name.len; k++)
            require((unsigned char)name.ptr[k] > ' ' && name.ptr[k] != 0x7f);
        require(!memchr(value.ptr, '\r', value.len) && !memchr(value.ptr, '\n', value.len) &&
                !memchr(value.ptr, '\0', value.len));
        if (content_range_parse(value, &range) == 0)
            require(range.first <= range.last && content_range_len(&range) <= INT64_MAX &&
                    (!range.total_known || range.total > range.last));
    }
    understand(head);
    return 0;
}

static ssize_t on_body(void *user, const char *data, size_t len)
{
    (void)user;
    (void)data;
    return (ssize_t)len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct http_handler handler = {.head = on_head, .body = on_body};
    struct curl_transport transport = {.transport.clock = &clock_system};
    struct pail_str rest = str_of((const char *)data, size), line;
    struct http_exchange *x = exchange_new(&transport);
    size_t heads = 0;
    if (!x)
        return 0;
    x->handler = &handler;
    x->user = &heads;
    x->connected = true;
    char *text = malloc(LINE_BYTES + 2);
    while (text && str_next(&rest, '\n', &line)) {
        size_t len = line.len < LINE_BYTES ? line.len : LINE_BYTES;
        memcpy(text, line.ptr, len);
        text[len] = '\n';
        if (exchange_head_line(text, 1, len + 1, x) != len + 1) {
            require(x->failed_kind != PAIL_ERROR_NONE && x->failed_sys > 0);
            break;
        }
    }
    require(heads <= 1);
    free(text);
    exchange_free(x);
    curl_sockets_done(&transport.sockets);
    return 0;
}
