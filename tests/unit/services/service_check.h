/* unit/services/service_check.h: what the suites of services share: operations' requests and
 * outputs as text. */
#ifndef UNIT_SERVICES_SERVICE_CHECK_H
#define UNIT_SERVICES_SERVICE_CHECK_H

#include "aws/response.h"
#include "aws/serialize.h"
#include "unit/check.h"

#include <errno.h>

#define UNUSED __attribute__((unused))

/* An operation with its input, or with the body of a response. */
struct service_case {
    const struct pail_operation *op;
    const void *in;
    const char *body;
};

UNUSED static int serialize_once(void *user)
{
    const struct service_case *c = user;
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    struct pail_error error;
    return serialize_request(c->op, c->in, &s, &error);
}

UNUSED static int parse_once(void *user)
{
    static _Alignas(16) char out[8192];
    const struct service_case *c = user;
    const struct pail_http_response response = {.status = 200, .body = str_c(c->body)};
    struct pail_error error;
    if (c->op->output->size > sizeof(out))
        abort();
    memset(out, 0, sizeof(out));
    int r = pail_get_response(c->op, &response, out, &error);
    pail_output_free(c->op, out);
    return r;
}

/* `expected`: "POST /path?query", a line for each header, an empty line, the body. */
UNUSED static void check_request(const struct pail_operation *op, const void *in,
                                 const char *expected)
{
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    CLEANUP_DONE(buf) struct buf seen;
    struct pail_error error;
    buf_init(&seen, 65536);
    ck_assert_int_eq(serialize_request(op, in, &s, &error), 0);
    buf_addf(&seen, "%s %s", s.request.method, s.request.url.path);
    if (s.request.query.len > 0)
        buf_addf(&seen, "?%s", buf_c(&s.request.query));
    for (size_t i = 0; i < s.request.headers.count; i++) {
        buf_add_byte(&seen, '\n');
        buf_add_str(&seen, http_headers_name(&s.request.headers, i));
        buf_add_c(&seen, ": ");
        buf_add_str(&seen, http_headers_value(&s.request.headers, i));
    }
    buf_addf(&seen, "\n\n%s", buf_c(&s.request.body));
    ck_assert_str_eq(buf_c(&seen), expected);
    struct service_case again = {.op = op, .in = in};
    ck_assert_int_gt(alloc_fail_each(serialize_once, &again, 0), 0);
    ck_assert(s.request.has_body == (strcmp(s.request.method, "GET") != 0));
}

/* Without `member` the input is refused. */
UNUSED static void check_required(const struct pail_operation *op, const void *in,
                                  const char *member)
{
    CLEANUP_DONE(serialized) struct serialized s = {.range = false};
    struct pail_error error;
    ck_assert_int_eq(serialize_request(op, in, &s, &error), -EINVAL);
    ck_assert_ptr_nonnull(strstr(error.message, member));
}

/* A 200 with that body is that output, as JSON; the caller frees `out`. */
UNUSED static void check_output(const struct pail_operation *op, const char *body, void *out,
                                const char *expected)
{
    const struct pail_http_response response = {.status = 200, .body = str_c(body)};
    struct pail_error error = {.message = ""};
    char *text;
    int r = pail_get_response(op, &response, out, &error);
    ck_assert_msg(r == 0, "%s", error.message);
    ck_assert_int_eq(pail_output_json(op, out, &text), 0);
    ck_assert_str_eq(text, expected);
    free(text);
    struct service_case again = {.op = op, .body = body};
    ck_assert_int_gt(alloc_fail_each(parse_once, &again, 0), 0);
}

/* A 200 with that body is no output. */
UNUSED static void check_refused(const struct pail_operation *op, const char *body, void *out)
{
    const struct pail_http_response response = {.status = 200, .body = str_c(body)};
    struct pail_error error;
    ck_assert_int_eq(pail_get_response(op, &response, out, &error), -EPROTO);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARSE);
    pail_output_free(op, out);
    struct service_case again = {.op = op, .body = body};
    ck_assert_int_gt(alloc_fail_each(parse_once, &again, -EPROTO), 0);
}

#endif
