#include "unit/check.h"

#include "aws/sigv4.h"
#include "base/num.h"

#include <errno.h>

#define NOW INT64_C(1440938160) /* 2015-08-30T12:36:00Z */

/* A request, and what botocore makes of it. */
struct vector {
    const char *name, *method, *url, *path, *query, *headers, *body, *region, *service, *token;
    bool s3, unsigned_payload;
    const char *canonical, *authorization;
};

#include "unit/aws/sigv4_vectors.h"

static struct credentials *keys(const char *token)
{
    struct credentials *c = credentials_new(
        PAIL_STR("AKIDEXAMPLE"), PAIL_STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        str_c(token), INT64_MAX, "test");
    ck_assert_ptr_nonnull(c);
    return c;
}

static void make_request(const struct vector *v, struct http_request *ret)
{
    *ret = (struct http_request){.method = v->method};
    buf_init(&ret->query, URL_MAX);
    buf_init(&ret->body, URL_MAX);
    http_headers_init(&ret->headers);
    struct pail_str url = str_c(v->url);
    size_t host = str_find(url, '/', 0) + 2;
    size_t colon = str_rfind(url, ':');
    ret->url.tls = str_starts(url, PAIL_STR("https:"));
    uint64_t port = ret->url.tls ? 443 : 80;
    /* An IPv6 address has colons of its own. */
    if (colon > host && str_find(url, ']', colon) == url.len)
        ck_assert_int_eq(num_u64(str_sub(url, colon + 1, url.len), 65535, &port), 0);
    else
        colon = url.len;
    ret->url.port = (unsigned)port;
    ret->url.host = str_dup(str_sub(url, host, colon - host));
    ret->url.path = str_dup(str_c(v->path));
    buf_add_str(&ret->query, str_c(v->query));
    buf_add_str(&ret->body, str_c(v->body));
    struct pail_str rest = str_c(v->headers ? v->headers : ""), line;
    while (str_next(&rest, '\n', &line) && line.len > 0) {
        size_t at = str_find(line, ':', 0);
        ck_assert_int_eq(http_headers_add(&ret->headers, str_sub(line, 0, at),
                                          str_sub(line, at + 1, line.len)),
                         0);
    }
}

static void drop_request(struct http_request *r)
{
    url_done(&r->url);
    buf_done(&r->query);
    buf_done(&r->body);
    http_headers_done(&r->headers);
}

static struct sigv4_scope scope_of(const struct vector *v)
{
    return (struct sigv4_scope){.region = v->region,
                                .service = v->service,
                                .s3 = v->s3,
                                .unsigned_payload = v->unsigned_payload};
}

static size_t count_of(const struct http_headers *h, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < h->count; i++)
        count += str_eq_nocase(http_headers_name(h, i), str_c(name));
    return count;
}

START_TEST(as_botocore)
{
    const struct vector *v = &vectors[_i];
    struct http_request r;
    make_request(v, &r);
    struct sigv4_scope scope = scope_of(v);
    CLEANUP(credentials) struct credentials *creds = keys(v->token);
    ck_assert_int_eq(sigv4_sign(&r, &scope, creds, NOW), 0);

    /* The last line of the canonical request is the payload's hash. */
    CLEANUP_DONE(buf) struct buf canonical, names;
    buf_init(&canonical, 65536);
    buf_init(&names, 65536);
    sigv4_canonical_request(&canonical, &r, &scope, strrchr(v->canonical, '\n') + 1, &names);
    ck_assert_msg(strcmp(buf_c(&canonical), v->canonical) == 0, "%s: %s", v->name,
                  buf_c(&canonical));
    struct pail_str authorization = http_headers_get(&r.headers, "Authorization");
    ck_assert_msg(str_eq_c(authorization, v->authorization), "%s: %.*s", v->name,
                  (int)authorization.len, authorization.ptr);
    drop_request(&r);
}
END_TEST

START_TEST(signs_again)
{
    static const struct vector v = {.method = "GET",
                                    .url = "https://b.s3.amazonaws.com",
                                    .path = "/k",
                                    .region = "us-east-1",
                                    .service = "s3",
                                    .s3 = true};
    struct http_request once, twice;
    make_request(&v, &once);
    make_request(&v, &twice);
    struct sigv4_scope scope = scope_of(&v);
    CLEANUP(credentials) struct credentials *session = keys("token");
    CLEANUP(credentials) struct credentials *lasting = keys(NULL);
    ck_assert_int_eq(sigv4_sign(&once, &scope, lasting, NOW), 0);
    /* Another time, another host, a token that must go again, headers that are added after
     * signing. */
    twice.url.port = 8443;
    ck_assert_int_eq(sigv4_sign(&twice, &scope, session, NOW - 86400), 0);
    ck_assert_uint_eq(count_of(&twice.headers, "x-amz-security-token"), 1);
    twice.url.port = 443;
    http_headers_set(&twice.headers, PAIL_STR("amz-sdk-request"), PAIL_STR("attempt=2; max=3"));
    http_headers_set(&twice.headers, PAIL_STR("Host"), PAIL_STR("other"));
    ck_assert_int_eq(sigv4_sign(&twice, &scope, lasting, NOW), 0);
    ck_assert(str_eq(http_headers_get(&once.headers, "Authorization"),
                     http_headers_get(&twice.headers, "Authorization")));
    static const char *const single[] = {"host", "x-amz-date", "x-amz-content-sha256",
                                         "authorization"};
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        ck_assert_uint_eq(count_of(&twice.headers, single[i]), 1);
    ck_assert_uint_eq(count_of(&twice.headers, "x-amz-security-token"), 0);
    check_str(http_headers_get(&twice.headers, "host"), "b.s3.amazonaws.com");
    drop_request(&once);
    drop_request(&twice);
}
END_TEST

START_TEST(refuses_no_host)
{
    static const struct vector v = {.method = "GET", .url = "https://", .path = "/"};
    struct http_request r;
    make_request(&v, &r);
    struct sigv4_scope scope = {.region = "us-east-1", .service = "s3", .s3 = true};
    CLEANUP(credentials) struct credentials *creds = keys(NULL);
    ck_assert_int_eq(sigv4_sign(&r, &scope, creds, NOW), -EINVAL);
    drop_request(&r);
}
END_TEST

START_TEST(too_many_headers)
{
    static const struct vector v = {.method = "GET", .url = "https://h", .path = "/"};
    struct http_request r;
    make_request(&v, &r);
    for (int i = 0; i < HEADERS_MAX; i++)
        ck_assert_int_eq(http_headers_add(&r.headers, PAIL_STR("X-A"), PAIL_STR("1")), 0);
    struct sigv4_scope scope = {.region = "us-east-1", .service = "s3", .s3 = true};
    CLEANUP(credentials) struct credentials *creds = keys(NULL);
    ck_assert_int_eq(sigv4_sign(&r, &scope, creds, NOW), -E2BIG);
    drop_request(&r);
}
END_TEST

START_TEST(out_of_memory)
{
    const struct vector *v = &vectors[ARRAY_LEN(vectors) - 2];
    struct sigv4_scope scope = scope_of(v);
    CLEANUP(credentials) struct credentials *creds = keys("token");
    int result = -ENOMEM;
    for (long n = 0; result != 0; n++) {
        struct http_request r;
        make_request(v, &r);
        alloc_fail_after(n);
        result = sigv4_sign(&r, &scope, creds, NOW);
        alloc_fail_after(-1);
        ck_assert(result == 0 || result == -ENOMEM);
        if (result == 0)
            ck_assert_int_gt(n, 5);
        drop_request(&r);
    }
}
END_TEST

SUITE_MAIN("aws/sigv4", tcase_add_loop_test(tc, as_botocore, 0, (int)ARRAY_LEN(vectors));
           tcase_add_test(tc, signs_again); tcase_add_test(tc, refuses_no_host);
           tcase_add_test(tc, too_many_headers); tcase_add_test(tc, out_of_memory));
