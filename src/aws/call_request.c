#include "aws/call_steps.h"

#include "aws/endpoint.h"
#include "aws/sigv4.h"

#include <errno.h>

static bool is_s3(const struct pail_call *call)
{
    return strcmp(call->operation->service->signing_name, "s3") == 0;
}

/* The encoded path: the endpoint's base, then the operation's without a bucket that the host
 * names already. */
static char *whole_path(const struct pail_call *call, const struct endpoint *endpoint)
{
    struct pail_str path = str_c(call->input.request.url.path);
    struct pail_str bucket = str_sub(path, 0, call->input.bucket_path_len);
    CLEANUP_DONE(buf) struct buf b;

    buf_init(&b, URL_MAX);
    buf_add_c(&b, endpoint->url.path);
    if (!endpoint->bucket_in_host)
        buf_add_str(&b, bucket);
    struct pail_str rest = call->probing ? PAIL_STR("") : str_sub(path, bucket.len, path.len);
    /* The root below a base is the base. */
    if (b.len == 0 || !str_eq_c(rest, "/"))
        buf_add_str(&b, rest);
    if (b.len == 0)
        buf_add_byte(&b, '/');
    return buf_steal(&b);
}

static int add_operation_headers(const struct pail_call *call, struct http_headers *headers)
{
    const struct http_headers *given = &call->input.request.headers;
    int r = 0;

    for (size_t i = 0; i < given->count && r == 0; i++)
        r = http_headers_add(headers, http_headers_name(given, i),
                             http_headers_value(given, i));
    if (r == 0 && call->open)
        r = call_resume_ask(call, headers);
    return r;
}

/* What is signed besides the operation's own. */
static int add_headers(const struct pail_call *call, struct http_headers *headers)
{
    const struct settings *settings = call->client->settings;
    int r = call->probing ? 0 : add_operation_headers(call, headers);

    if (r == 0 && settings->user_agent)
        r = http_headers_set(headers, PAIL_STR("User-Agent"), str_c(settings->user_agent));
    if (r == 0 && settings->requester_pays && is_s3(call))
        r = http_headers_set(headers, PAIL_STR("x-amz-request-payer"), PAIL_STR("requester"));
    return r;
}

/* What is not signed: proxies and retries may change it. */
static int add_sdk_headers(const struct pail_call *call, struct http_headers *headers)
{
    char attempt[64];
    snprintf(attempt, sizeof(attempt), "attempt=%u; max=%u", call->retry.attempts + 1,
             call->retry.max_attempts);
    int r = http_headers_set(headers, PAIL_STR("amz-sdk-invocation-id"),
                             str_c(call->invocation_id));
    if (r == 0)
        r = http_headers_set(headers, PAIL_STR("amz-sdk-request"), str_c(attempt));
    return r;
}

/* The endpoint and, from it, the request's URL. */
static int add_endpoint(struct pail_call *call, struct http_request *request,
                        struct pail_error *error)
{
    const struct serialized *input = &call->input;
    const char *region =
        call->region[0] ? call->region : regions_get(&call->client->regions, input->bucket);
    struct pail_str host_prefix = buf_str(&input->host_prefix);
    if (host_prefix.len == 0)
        host_prefix = (struct pail_str){0};

    CLEANUP_DONE(endpoint) struct endpoint endpoint = {0};
    int r = endpoint_resolve(call->client->settings, call->operation, region, input->bucket,
                             host_prefix, &endpoint, error);
    if (r < 0)
        return r;
    str_copy(call->signing_region, sizeof(call->signing_region),
             str_c(endpoint.signing_region));
    r = url_copy(&endpoint.url, &request->url);
    if (r < 0)
        return r;
    free(request->url.path);
    request->url.path = whole_path(call, &endpoint);
    return request->url.path ? 0 : -ENOMEM;
}

static int compose(struct pail_call *call, const struct credentials *keys,
                   struct http_request *request, struct pail_error *error)
{
    const struct serialized *input = &call->input;

    int r = add_endpoint(call, request, error);
    if (r == 0)
        r = add_headers(call, &request->headers);
    if (r < 0)
        return r;
    request->connect_timeout_ms = call->connect_timeout_ms;
    request->read_timeout_ms = atomic_load(&call->body.read_timeout_ms);
    /* Where one kept connection was closed, others may be too. */
    request->fresh = call->error.kind == PAIL_ERROR_CONNECTION_CLOSED;
    if (call->probing) {
        request->method = "HEAD";
    } else {
        request->method = input->request.method;
        request->has_body = input->request.has_body;
        request->expect_continue = input->request.expect_continue;
        request->body = input->request.body; /* lent: the transport copies what it sends */
        buf_add_str(&request->query, buf_str(&input->request.query));
        if (buf_failed(&request->query))
            return -ENOMEM;
    }
    if (keys) {
        const struct sigv4_scope scope = {.region = call->signing_region,
                                          .service = call->operation->service->signing_name,
                                          .s3 = is_s3(call)};
        r = sigv4_sign(request, &scope, keys, client_now_s(call->client));
    }
    return r < 0 ? r : add_sdk_headers(call, &request->headers);
}

int call_compose(struct pail_call *call, const struct credentials *keys,
                 struct http_request *ret)
{
    struct pail_error error = {0};
    http_request_init(ret);
    int r = compose(call, keys, ret, &error);
    if (r == 0)
        return 0;
    if (error.sys == 0)
        error_set(&error, r == -ENOMEM ? PAIL_ERROR_MEMORY : PAIL_ERROR_PARAM, -r,
                  "the request cannot be made: %s", pail_errno_name(-r));
    call->error = error;
    return r;
}
