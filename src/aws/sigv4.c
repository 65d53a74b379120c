#include "aws/sigv4.h"

#include "base/date.h"
#include "base/digest.h"
#include "base/encode.h"

#include <errno.h>

#define CANONICAL_MAX                                                                          \
    (URL_MAX * 4 + HEADERS_BYTES_MAX * 2) /* bytes; a path may be encoded twice */
#define SHORT_MAX (HEADERS_BYTES_MAX / 2) /* of scope, string to sign, header */
#define HASH_LEN  32

static bool header_is_signed(struct pail_str name)
{
    /* The first fourteen are botocore's; the last three are set after, or by, signing. */
    static const char *const skipped[] = {
        "baggage",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amzn-trace-id",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "authorization",
    };
    for (size_t i = 0; i < ARRAY_LEN(skipped); i++)
        if (str_eq_nocase(name, str_c(skipped[i])))
            return false;
    return true;
}

/* For services other than S3: "." and ".." and empty segments go, then everything is encoded
 * once more. */
static void add_normalised_path(struct buf *b, struct pail_str path)
{
    CLEANUP_DONE(buf) struct buf kept;
    buf_init(&kept, URL_MAX);
    struct pail_str rest = path, segment;
    while (str_next(&rest, '/', &segment)) {
        if (segment.len == 0 || str_eq_c(segment, "."))
            continue;
        if (str_eq_c(segment, "..")) {
            size_t parent = str_rfind(buf_str(&kept), '/');
            buf_truncate(&kept, parent < kept.len ? parent : 0);
            continue;
        }
        buf_add_byte(&kept, '/');
        buf_add_str(&kept, segment);
    }
    if (kept.len == 0 || str_ends(path, PAIL_STR("/")))
        buf_add_byte(&kept, '/');
    if (buf_failed(&kept))
        buf_fail(b, buf_failed(&kept));
    buf_add_encoded(b, buf_str(&kept), KEEP_SLASH);
}

struct pair {
    struct pail_str key, value;
};

static int pair_cmp(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int order = str_cmp(x->key, y->key);
    return order ? order : str_cmp(x->value, y->value);
}

static void add_query(struct buf *b, struct pail_str query)
{
    if (query.len == 0)
        return;
    size_t count = 0;
    struct pail_str rest = query, token;
    while (str_next(&rest, '&', &token))
        count++;
    CLEANUP(heap) struct pair *pairs = calloc(count, sizeof(*pairs));
    if (!pairs) {
        buf_fail(b, -ENOMEM);
        return;
    }
    rest = query;
    for (size_t i = 0; str_next(&rest, '&', &token); i++) {
        size_t equals = str_find(token, '=', 0);
        pairs[i].key = str_sub(token, 0, equals);
        pairs[i].value = str_sub(token, equals + 1, token.len);
    }
    qsort(pairs, count, sizeof(*pairs), pair_cmp);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add_byte(b, '&');
        buf_add_str(b, pairs[i].key);
        buf_add_byte(b, '=');
        buf_add_str(b, pairs[i].value);
    }
}

static void add_lower(struct buf *b, struct pail_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        buf_add_byte(b, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space at the ends goes, runs of it inside become one space. */
static void add_collapsed(struct buf *b, struct pail_str value)
{
    bool any = false, gap = false;
    for (size_t i = 0; i < value.len; i++) {
        if (is_space(value.ptr[i])) {
            gap = any;
            continue;
        }
        if (gap)
            buf_add_byte(b, ' ');
        buf_add_byte(b, value.ptr[i]);
        any = true;
        gap = false;
    }
}

static int name_cmp(struct pail_str a, struct pail_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < len; i++) {
        int x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];
        x += x >= 'A' && x <= 'Z' ? 'a' - 'A' : 0;
        y += y >= 'A' && y <= 'Z' ? 'a' - 'A' : 0;
        if (x != y)
            return x - y;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

/* Indices of the signed headers by name, those of one name in their order. Returns how many. */
static size_t sorted_headers(const struct http_headers *h, size_t order[HEADERS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < h->count && i < HEADERS_MAX; i++) {
        struct pail_str name = http_headers_name(h, i);
        if (!header_is_signed(name))
            continue;
        size_t at = count++;
        for (; at > 0 && name_cmp(http_headers_name(h, order[at - 1]), name) > 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return count;
}

static void add_headers(struct buf *b, const struct http_headers *h, struct buf *names)
{
    size_t order[HEADERS_MAX];
    size_t count = sorted_headers(h, order);
    for (size_t i = 0; i < count; i++) {
        struct pail_str name = http_headers_name(h, order[i]);
        bool same = i > 0 && str_eq_nocase(name, http_headers_name(h, order[i - 1]));
        if (same) {
            buf_add_byte(b, ',');
        } else {
            if (i > 0) {
                buf_add_byte(b, '\n');
                buf_add_byte(names, ';');
            }
            add_lower(b, name);
            add_lower(names, name);
            buf_add_byte(b, ':');
        }
        add_collapsed(b, http_headers_value(h, order[i]));
    }
    buf_add_byte(b, '\n');
}

void sigv4_canonical_request(struct buf *b, const struct http_request *req,
                             const struct sigv4_scope *scope, const char *payload_hash,
                             struct buf *ret_signed_headers)
{
    buf_add_c(b, req->method);
    buf_add_byte(b, '\n');
    struct pail_str path = str_c(req->url.path ? req->url.path : "");
    if (path.len == 0)
        path = PAIL_STR("/");
    if (scope->s3)
        buf_add_str(b, path);
    else
        add_normalised_path(b, path);
    buf_add_byte(b, '\n');
    add_query(b, buf_str(&req->query));
    buf_add_byte(b, '\n');

    size_t names_at = ret_signed_headers->len;
    add_headers(b, &req->headers, ret_signed_headers);
    buf_add_byte(b, '\n');
    buf_add_str(b, str_sub(buf_str(ret_signed_headers), names_at, SIZE_MAX));
    buf_addf(b, "\n%s", payload_hash);
}

static int hash_hex(struct pail_str data, char ret[2 * HASH_LEN + 1])
{
    unsigned char hash[HASH_LEN];
    int r = digest_sha256(data, hash);
    if (r < 0)
        return r;
    CLEANUP_DONE(buf) struct buf hex;
    buf_init(&hex, 2 * HASH_LEN);
    buf_add_hex(&hex, hash, sizeof(hash));
    if (!str_copy(ret, 2 * HASH_LEN + 1, buf_str(&hex)) || buf_failed(&hex))
        return -ENOMEM;
    return 0;
}

/* The key of one day, region and service, from the secret. */
static int signing_key(const struct sigv4_scope *scope, const struct credentials *creds,
                       const char *amz_date, unsigned char ret[HASH_LEN])
{
    const struct pail_str steps[] = {
        str_of(amz_date, 8),
        str_c(scope->region),
        str_c(scope->service),
        PAIL_STR("aws4_request"),
    };
    unsigned char key[HASH_LEN], next[HASH_LEN];
    struct pail_str with = str_c(creds->signing_secret);
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(steps) && r == 0; i++) {
        r = digest_hmac_sha256(with, steps[i], next);
        memcpy(key, next, sizeof(key));
        with = str_of((const char *)key, sizeof(key));
    }
    if (r == 0)
        memcpy(ret, key, sizeof(key));
    explicit_bzero(key, sizeof(key));
    explicit_bzero(next, sizeof(next));
    return r;
}

static int add_signature(struct buf *b, struct pail_str to_sign,
                         const struct sigv4_scope *scope, const struct credentials *creds,
                         const char *amz_date)
{
    unsigned char key[HASH_LEN], signature[HASH_LEN];
    int r = signing_key(scope, creds, amz_date, key);
    if (r < 0)
        return r;
    r = digest_hmac_sha256(str_of((const char *)key, sizeof(key)), to_sign, signature);
    explicit_bzero(key, sizeof(key));
    if (r == 0)
        buf_add_hex(b, signature, sizeof(signature));
    return r;
}

static int set_headers(struct http_request *req, const struct sigv4_scope *scope,
                       const struct credentials *creds, const char *amz_date,
                       const char *payload_hash)
{
    CLEANUP_DONE(buf) struct buf host;
    buf_init(&host, URL_HOST_MAX + 8);
    buf_add_authority(&host, &req->url);
    if (buf_failed(&host))
        return -ENOMEM;
    struct http_headers *h = &req->headers;
    int r = http_headers_set(h, PAIL_STR("Host"), buf_str(&host));
    if (r == 0)
        r = http_headers_set(h, PAIL_STR("X-Amz-Date"), str_c(amz_date));
    if (r == 0 && scope->s3)
        r = http_headers_set(h, PAIL_STR("x-amz-content-sha256"), str_c(payload_hash));
    if (creds->session_token && r == 0)
        r = http_headers_set(h, PAIL_STR("X-Amz-Security-Token"), str_c(creds->session_token));
    else
        http_headers_remove(h, PAIL_STR("X-Amz-Security-Token"));
    return r;
}

int sigv4_sign(struct http_request *req, const struct sigv4_scope *scope,
               const struct credentials *creds, int64_t now_s)
{
    if (!req->url.host || !*req->url.host)
        return -EINVAL;
    char amz_date[17], hash[2 * HASH_LEN + 1] = "UNSIGNED-PAYLOAD";
    date_format_amz(now_s, amz_date);
    int r = 0;
    if (!scope->s3 || !scope->unsigned_payload)
        r = hash_hex(buf_str(&req->body), hash);
    if (r == 0)
        r = set_headers(req, scope, creds, amz_date, hash);
    if (r < 0)
        return r;

    CLEANUP_DONE(buf) struct buf canonical, names, to_sign, header;
    buf_init(&canonical, CANONICAL_MAX);
    buf_init(&names, HEADERS_BYTES_MAX);
    buf_init(&to_sign, SHORT_MAX);
    buf_init(&header, HEADERS_BYTES_MAX);
    sigv4_canonical_request(&canonical, req, scope, hash, &names);
    if (buf_failed(&canonical) || buf_failed(&names))
        return -ENOMEM;
    r = hash_hex(buf_str(&canonical), hash);
    if (r < 0)
        return r;
    buf_addf(&header, "AWS4-HMAC-SHA256 Credential=%s/", creds->access_key_id);
    size_t scope_at = header.len;
    buf_addf(&header, "%.8s/%s/%s/aws4_request", amz_date, scope->region, scope->service);
    buf_addf(&to_sign, "AWS4-HMAC-SHA256\n%s\n", amz_date);
    buf_add_str(&to_sign, str_sub(buf_str(&header), scope_at, SIZE_MAX));
    buf_addf(&to_sign, "\n%s", hash);
    buf_addf(&header, ", SignedHeaders=%s, Signature=", buf_c(&names));
    if (buf_failed(&to_sign) || buf_failed(&header))
        return -ENOMEM;
    r = add_signature(&header, buf_str(&to_sign), scope, creds, amz_date);
    if (r < 0)
        return r;
    if (buf_failed(&header))
        return -ENOMEM;
    return http_headers_set(&req->headers, PAIL_STR("Authorization"), buf_str(&header));
}
