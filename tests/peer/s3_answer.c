#include "peer/s3_private.h"

#include <ctype.h>
#include <inttypes.h>
#include <strings.h>
#include <time.h>

void s3_format_time(int64_t seconds, bool http, char ret[static 64])
{
    time_t when = (time_t)seconds;
    struct tm tm;
    (void)gmtime_r(&when, &tm);
    (void)strftime(ret, 64, http ? "%a, %d %b %Y %H:%M:%S GMT" : "%Y-%m-%dT%H:%M:%S.000Z", &tm);
}

void s3_add_text(struct peer_text *out, const char *text, size_t len, bool url)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (url && (isalnum(c) || strchr("-_.*/", c)) && c != 0)
            peer_text_add(out, &c, 1);
        else if (url && c == ' ')
            peer_text_add(out, "+", 1);
        else if (url)
            peer_text_addf(out, "%%%02X", c);
        else if (c == '<' || c == '>' || c == '&' || c == '"' || c < ' ')
            peer_text_addf(out, "&#x%X;", c);
        else
            peer_text_add(out, &c, 1);
    }
}

void s3_error(const struct peer_request *request, struct peer_response *response, int status,
              const char *code, const char *message)
{
    char id[32];
    peer_request_id(request, id);
    struct peer_text out = {0};
    peer_text_addf(&out,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code>"
                   "<Message>%s</Message><Resource>",
                   code, message);
    s3_add_text(&out, request->path, request->path_len, false);
    peer_text_addf(&out, "</Resource><RequestId>%s</RequestId><HostId>host-%s</HostId></Error>",
                   id, id);
    response->status = status;
    peer_response_headers(response, "Content-Type: application/xml");
    if (strcmp(request->method, "HEAD") == 0)
        response->framing = PEER_CHUNKED; /* as AWS: an error's HEAD says nothing of a length */
    else
        peer_response_body(response, out.data, out.len);
    free(out.data);
}

enum range { RANGE_NONE, RANGE_SOME, RANGE_OUTSIDE };

static const char *read_number(const char *at, uint64_t *ret)
{
    uint64_t n = 0;
    const char *start = at;
    for (; *at >= '0' && *at <= '9' && at - start < 18; at++)
        n = n * 10 + (uint64_t)(*at - '0');
    *ret = n;
    return at == start ? NULL : at;
}

/* One range as AWS takes it: several, or none that can be read, mean the whole object. */
static enum range parse_range(const char *text, uint64_t size, uint64_t *ret_first,
                              uint64_t *ret_last)
{
    if (!text || strncasecmp(text, "bytes=", 6) != 0 || strchr(text, ','))
        return RANGE_NONE;
    uint64_t first, last = UINT64_MAX;
    const char *at = text + 6;
    if (*at == '-') {
        at = read_number(at + 1, &last);
        if (!at || *at != '\0')
            return RANGE_NONE;
        if (last == 0 || size == 0)
            return RANGE_OUTSIDE;
        *ret_first = last < size ? size - last : 0;
        *ret_last = size - 1;
        return RANGE_SOME;
    }
    at = read_number(at, &first);
    if (!at || *at++ != '-')
        return RANGE_NONE;
    if (*at != '\0') {
        at = read_number(at, &last);
        if (!at || *at != '\0' || last < first)
            return RANGE_NONE;
    }
    if (first >= size)
        return RANGE_OUTSIDE;
    *ret_first = first;
    *ret_last = last < size ? last : size - 1;
    return RANGE_SOME;
}

/* Whether `condition`, an If-Match or If-None-Match, names the ETag, quoted or not. */
static bool names_etag(const char *condition, const char *etag)
{
    if (strcmp(condition, "*") == 0)
        return true;
    size_t bare = strlen(etag) - 2;
    const char *at = strstr(condition, etag);
    return at || (strlen(condition) == bare && strncmp(condition, etag + 1, bare) == 0);
}

/* Answers that come before the object's content. True: answered. */
static bool refuse(const struct s3_object *object, const struct peer_request *request,
                   struct peer_response *response)
{
    const char *match = peer_request_header(request, "If-Match");
    const char *none = peer_request_header(request, "If-None-Match");
    bool get = strcmp(request->method, "GET") == 0;
    bool archived =
        object->storage_class && (strcmp(object->storage_class, "GLACIER") == 0 ||
                                  strcmp(object->storage_class, "DEEP_ARCHIVE") == 0);
    if (object->denied) {
        s3_error(request, response, 403, "AccessDenied", "Access Denied");
    } else if (match && !names_etag(match, object->etag)) {
        s3_error(request, response, 412, "PreconditionFailed",
                 "At least one of the pre-conditions you specified did not hold");
    } else if (none && names_etag(none, object->etag)) {
        response->status = 304;
        peer_response_headers(response, "ETag: %s", object->etag);
    } else if (archived && get) {
        s3_error(request, response, 403, "InvalidObjectState",
                 "The operation is not valid for the object's storage class");
    } else {
        return false;
    }
    return true;
}

static void answer_object(const struct s3_object *object, const struct peer_request *request,
                          struct peer_response *response)
{
    if (refuse(object, request, response))
        return;
    uint64_t first = 0, last = 0;
    enum range range =
        parse_range(peer_request_header(request, "Range"), object->size, &first, &last);
    if (range == RANGE_OUTSIDE) {
        s3_error(request, response, 416, "InvalidRange",
                 "The requested range is not satisfiable");
        peer_response_headers(response, "Content-Range: bytes */%" PRIu64, object->size);
        return;
    }
    char when[64];
    s3_format_time(object->mtime, true, when);
    peer_response_headers(response, "ETag: %s\nLast-Modified: %s\nAccept-Ranges: bytes",
                          object->etag, when);
    peer_response_headers(response, "Content-Type: %s", object->content_type);
    if (object->storage_class)
        peer_response_headers(response, "x-amz-storage-class: %s", object->storage_class);
    if (object->headers)
        peer_response_headers(response, "%s", object->headers);
    const char *mode = peer_request_header(request, "x-amz-checksum-mode");
    if (object->checksums && range == RANGE_NONE && mode && strcasecmp(mode, "ENABLED") == 0)
        peer_response_headers(response, "%s", object->checksums);
    if (range == RANGE_SOME) {
        response->status = 206;
        peer_response_headers(response, "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
                              first, last, object->size);
        response->body_len = last - first + 1;
    } else {
        response->body_len = object->size;
    }
    response->body_offset = first;
    response->seed = object->seed;
    if (object->content) {
        response->blob_ = peer_blob_ref(object->content);
        response->body = object->content->data + first;
    }
}

static void put_object(struct peer_s3 *s3, struct s3_bucket *bucket, const char *key,
                       size_t key_len, const struct peer_request *request,
                       struct peer_response *response)
{
    struct peer_text headers = {0};
    for (size_t i = 0; i < request->header_count; i++)
        if (strncasecmp(request->headers[i].name, "x-amz-meta-", 11) == 0)
            peer_text_addf(&headers, "%s%s: %s", headers.len ? "\n" : "",
                           request->headers[i].name, request->headers[i].value);
    peer_s3_put(s3, bucket->name,
                &(struct peer_s3_object){
                    .key = key,
                    .key_len = key_len,
                    .content = request->body_len ? request->body : NULL,
                    .size = request->body_len,
                    .content_type = peer_request_header(request, "Content-Type"),
                    .headers = headers.data,
                });
    peer_response_headers(response, "ETag: %s", s3_object_find(bucket, key, key_len)->etag);
    free(headers.data);
}

static void handle_object(struct peer_s3 *s3, struct s3_bucket *bucket, const char *key,
                          size_t key_len, const struct peer_request *request,
                          struct peer_response *response)
{
    struct s3_object *object = s3_object_find(bucket, key, key_len);
    if (key_len > 1024) {
        s3_error(request, response, 400, "KeyTooLongError", "Your key is too long");
    } else if (strcmp(request->method, "PUT") == 0) {
        put_object(s3, bucket, key, key_len, request, response);
    } else if (strcmp(request->method, "DELETE") == 0) {
        response->status = 204;
        if (object)
            (void)peer_s3_delete(s3, bucket->name, object->key);
    } else if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        s3_error(request, response, 405, "MethodNotAllowed",
                 "The specified method is not allowed against this resource.");
    } else if (!object) {
        s3_error(request, response, 404, "NoSuchKey", "The specified key does not exist.");
    } else {
        answer_object(object, request, response);
    }
}

/* Whether the request is signed for another region; then it is answered. */
static bool redirect(struct peer_s3 *s3, const struct peer_request *request,
                     struct peer_response *response)
{
    const char *authorization = peer_request_header(request, "Authorization");
    char scope[96];
    (void)snprintf(scope, sizeof(scope), "/%s/s3/aws4_request", s3->region);
    if (!s3->check_region || !authorization || strstr(authorization, scope))
        return false;
    s3_error(request, response, 301, "PermanentRedirect",
             "The bucket must be addressed in its own region.");
    peer_response_headers(response, "x-amz-bucket-region: %s", s3->region);
    return true;
}

static void handle_bucket(struct peer_s3 *s3, struct s3_bucket *bucket,
                          const struct peer_request *request, struct peer_response *response)
{
    peer_response_headers(response, "x-amz-bucket-region: %s", s3->region);
    if (strcmp(request->method, "HEAD") == 0) {
        peer_response_headers(response, "Content-Type: application/xml");
    } else if (strcmp(request->method, "GET") != 0) {
        s3_error(request, response, 405, "MethodNotAllowed", "Not here.");
    } else if (peer_request_param(request, "location")) {
        peer_response_headers(response, "Content-Type: application/xml");
        bool first = strcmp(s3->region, "us-east-1") == 0;
        peer_response_bodyf(response,
                            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint "
                            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">%s"
                            "</LocationConstraint>",
                            first ? "" : s3->region);
    } else if (peer_request_param(request, "list-type")) {
        s3_list_objects(s3, bucket, request, response);
    } else {
        s3_error(request, response, 501, "NotImplemented", "Only list-type=2 is answered.");
    }
}

void s3_handle(void *user, const struct peer_request *request, struct peer_response *response)
{
    struct peer_s3 *s3 = user;
    const char *path = request->path + 1; /* BUCKET/KEY */
    size_t path_len = request->path_len > 0 ? request->path_len - 1 : 0;
    const char *host = peer_request_header(request, "Host");
    const char *virtual = host ? strstr(host, ".localhost") : NULL;
    const char *name = virtual ? host : path;
    const char *slash = memchr(path, '/', path_len);
    size_t name_len = virtual ? (size_t)(virtual - host)
                      : slash ? (size_t)(slash - path)
                              : path_len;
    const char *key = virtual ? path : slash ? slash + 1 : path + path_len;
    size_t key_len = path_len - (size_t)(key - path);
    if (request->path_len == 0 || request->path[0] != '/') {
        s3_error(request, response, 400, "InvalidURI", "Couldn't parse the specified URI.");
        return;
    }
    if (name_len == 0) {
        s3_list_buckets(s3, response);
        return;
    }
    struct s3_bucket *bucket = s3_bucket_find(s3, name, name_len);
    if (!bucket && strcmp(request->method, "PUT") == 0 && key_len == 0) {
        char *copy = peer_strndup(name, name_len);
        peer_s3_bucket(s3, copy);
        free(copy);
    } else if (!bucket) {
        s3_error(request, response, 404, "NoSuchBucket", "The specified bucket does not exist");
    } else if (redirect(s3, request, response)) {
        return;
    } else if (key_len == 0) {
        handle_bucket(s3, bucket, request, response);
    } else {
        handle_object(s3, bucket, key, key_len, request, response);
    }
}
