#include "aws/serialize.h"

#include "aws/json_write.h"
#include "aws/response.h"
#include "aws/serialize_body.h"
#include "aws/serialize_head.h"
#include "aws/serialize_validate.h"
#include "base/encode.h"
#include "base/random.h"

#include <errno.h>

int serialize_refuse(const struct serialize_job *job, const char *name, const char *why)
{
    return error_set(job->error, PAIL_ERROR_PARAM, EINVAL, "%s: %s %s", job->op->name, name,
                     why);
}

int serialize_check(const struct serialize_job *job, const struct buf *b, const char *what)
{
    if (buf_failed(b) == -EOVERFLOW)
        return serialize_refuse(job, what, "is too long");
    return buf_failed(b) ? error_set(job->error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory")
                         : 0;
}

int serialize_out_of_memory(const struct serialize_job *job)
{
    return error_set(job->error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

/* Copies the input and fills in fallbacks and tokens. *ret is freed by the caller. */
static int copy_input(struct serialize_job *job, const void *in, char **ret)
{
    const struct pail_shape *shape = job->op->input;
    if (!shape)
        return 0;
    char *copy = calloc(1, shape->size);
    if (!copy)
        return serialize_out_of_memory(job);
    *ret = copy;
    job->in = copy;
    if (in)
        memcpy(copy, in, shape->size);
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        if (serialize_is_present(job, member))
            continue;
        struct pail_str *text = value_member(member, copy);
        if (member->fallback)
            *text = str_c(member->fallback);
        if (member->flags & PAIL_IDEMPOTENCY_TOKEN) {
            struct random random;
            random_init(&random);
            random_uuid4(&random, job->uuid);
            *text = str_of(job->uuid, SERIALIZE_UUID_LEN);
        }
    }
    return 0;
}

/* The member that fills a {label}, present or not; NULL if there is none. */
static const struct pail_member *label_member(const struct serialize_job *job,
                                              struct pail_str label, bool of_host)
{
    for (size_t i = 0; i < serialize_member_count(job); i++) {
        const struct pail_member *member = &job->op->input->members[i];
        bool fits = of_host ? member->flags & PAIL_HOST_LABEL : member->location == PAIL_IN_URI;
        if (fits && str_eq_c(label, of_host ? member->name : value_wire_name(member)))
            return member;
    }
    return NULL;
}

/* The value of a label as text, in `b`. */
static int label_value(const struct serialize_job *job, struct pail_str label, bool of_host,
                       struct buf *b)
{
    char name[64];
    str_copy(name, sizeof(name), label);
    const struct pail_member *member = label_member(job, label, of_host);
    if (!member || !serialize_is_present(job, member))
        return serialize_refuse(job, name, "is required");
    value_format(b, member->shape, PAIL_TIME_ISO8601, serialize_value(job, member));
    int r = serialize_check(job, b, name);
    if (r == 0 && b->len == 0)
        return serialize_refuse(job, name, "is empty");
    return r;
}

static int note_bucket(struct serialize_job *job, const struct buf *value,
                       const struct buf *path)
{
    job->out->memory = str_dup(buf_str(value));
    if (!job->out->memory)
        return serialize_out_of_memory(job);
    job->out->bucket = str_of(job->out->memory, value->len);
    job->out->bucket_path_len = path->len;
    return 0;
}

/* Takes "{Key+}" off `*uri` and appends what it stands for. */
static int add_label(struct serialize_job *job, struct pail_str *uri, struct buf *path)
{
    size_t end = str_find(*uri, '}', 0);
    struct pail_str label = str_sub(*uri, 1, end - 1);
    *uri = str_sub(*uri, end + 1, uri->len);
    enum percent_mode mode = ENCODE_ALL;
    if (str_ends(label, PAIL_STR("+"))) {
        mode = KEEP_SLASH;
        label.len--;
    }
    CLEANUP_DONE(buf) struct buf value;
    buf_init(&value, URL_MAX);
    int r = label_value(job, label, false, &value);
    if (r < 0)
        return r;
    bool is_first = path->len == 1;
    buf_add_encoded(path, buf_str(&value), mode);
    return is_first && str_eq_c(label, "Bucket") ? note_bucket(job, &value, path) : 0;
}

/* The path, and the query's fixed part. */
static int add_uri(struct serialize_job *job)
{
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, URL_MAX);
    struct pail_str uri = str_c(job->op->uri);
    while (uri.len > 0 && uri.ptr[0] != '?') {
        if (uri.ptr[0] == '{') {
            int r = add_label(job, &uri, &path);
            if (r < 0)
                return r;
        } else {
            buf_add_byte(&path, uri.ptr[0]);
            uri = str_sub(uri, 1, uri.len);
        }
    }
    buf_add_str(&job->out->request.query, str_sub(uri, 1, uri.len));
    int r = serialize_check(job, &path, "the path");
    if (r < 0)
        return r;
    job->out->request.url.path = buf_steal(&path);
    return job->out->request.url.path ? 0 : serialize_out_of_memory(job);
}

static int add_host_prefix(struct serialize_job *job)
{
    struct buf *prefix = &job->out->host_prefix;
    struct pail_str rest = str_c(job->op->host_prefix);
    while (rest.len > 0) {
        if (rest.ptr[0] != '{') {
            buf_add_byte(prefix, rest.ptr[0]);
            rest = str_sub(rest, 1, rest.len);
            continue;
        }
        size_t end = str_find(rest, '}', 0);
        CLEANUP_DONE(buf) struct buf value;
        buf_init(&value, URL_HOST_MAX);
        int r = label_value(job, str_sub(rest, 1, end - 1), true, &value);
        if (r < 0)
            return r;
        if (!host_label_valid(buf_str(&value)))
            return serialize_refuse(job, "the host prefix", "would not be a host name");
        buf_add_str(prefix, buf_str(&value));
        rest = str_sub(rest, end + 1, rest.len);
    }
    return serialize_check(job, prefix, "the host prefix");
}

static int set_content_type(struct serialize_job *job, const char *type)
{
    struct http_headers *headers = &job->out->request.headers;
    if (http_headers_get(headers, "Content-Type").ptr)
        return 0;
    return http_headers_set(headers, PAIL_STR("Content-Type"), str_c(type)) < 0
               ? serialize_out_of_memory(job)
               : 0;
}

/* The document of a rest protocol. */
static int add_document(struct serialize_job *job, const struct pail_shape *shape,
                        const void *structure)
{
    struct buf *body = &job->out->request.body;
    job->out->request.has_body = true;
    if (job->op->service->protocol == PAIL_REST_JSON) {
        json_write(body, JSON_WIRE, shape, structure);
        return set_content_type(job, "application/json");
    }
    serialize_xml(body, shape, job->op->service->xml_namespace, structure);
    return set_content_type(job, "application/xml");
}

static int add_payload(struct serialize_job *job, const struct pail_member *payload)
{
    const void *value = serialize_value(job, payload);
    bool present = serialize_is_present(job, payload);
    if (payload->shape->type == PAIL_STRUCTURE) {
        const void *structure = NULL;
        memcpy(&structure, value, sizeof(structure));
        return present ? add_document(job, payload->shape, structure) : 0;
    }
    if (present) {
        buf_add_str(&job->out->request.body, *(const struct pail_str *)value);
        job->out->request.has_body = true;
    }
    return 0;
}

/* The body of a rest protocol: the payload member, or the members that are in the body. */
static int add_rest_body(struct serialize_job *job)
{
    bool any_shape = false, any_value = false;
    for (size_t i = 0; i < serialize_member_count(job); i++) {
        const struct pail_member *member = &job->op->input->members[i];
        if (member->location == PAIL_IN_PAYLOAD)
            return add_payload(job, member);
        any_shape = any_shape || member->location == PAIL_IN_BODY;
        any_value = any_value ||
                    (member->location == PAIL_IN_BODY && serialize_is_present(job, member));
    }
    if (any_value || (any_shape && job->op->service->protocol == PAIL_REST_JSON))
        return add_document(job, job->op->input, job->in);
    return 0;
}

static int add_json_body(struct serialize_job *job)
{
    struct http_request *request = &job->out->request;
    const struct pail_service *service = job->op->service;
    if (!service->target_prefix || !service->json_version)
        return serialize_refuse(job, "its service", "has no target_prefix or json_version");
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, HEADERS_BYTES_MAX);
    buf_addf(&text, "%s.%s", service->target_prefix, job->op->name);
    if (buf_failed(&text) ||
        http_headers_set(&request->headers, PAIL_STR("X-Amz-Target"), buf_str(&text)) < 0)
        return serialize_out_of_memory(job);
    buf_truncate(&text, 0);
    buf_addf(&text, "application/x-amz-json-%s", service->json_version);
    request->has_body = true;
    if (job->in)
        json_write(&request->body, JSON_WIRE, job->op->input, job->in);
    else
        buf_add_c(&request->body, "{}");
    return set_content_type(job, buf_c(&text));
}

static int add_body(struct serialize_job *job)
{
    struct http_request *request = &job->out->request;
    int r;
    switch (job->op->service->protocol) {
    case PAIL_JSON:
        r = add_json_body(job);
        break;
    case PAIL_QUERY:
        serialize_query(&request->body, job->op, job->in);
        request->has_body = true;
        r = set_content_type(job, "application/x-www-form-urlencoded; charset=utf-8");
        break;
    default:
        r = add_rest_body(job);
        break;
    }
    /* A request that changes something says its length even when it is 0. */
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
        request->has_body = true;
    return r < 0 ? r : serialize_check(job, &request->body, "the body");
}

int serialize_request(const struct pail_operation *op, const void *in, struct serialized *ret,
                      struct pail_error *error)
{
    CLEANUP_DONE(serialized) struct serialized out = {.range = false};
    CLEANUP(heap) char *copy = NULL;
    struct serialize_job job = {.op = op, .out = &out, .error = error};
    http_request_init(&out.request);
    buf_init(&out.host_prefix, URL_HOST_MAX);
    out.request.method = op->method;
    int r = copy_input(&job, in, &copy);
    if (r == 0)
        r = serialize_validate(&job);
    if (r == 0)
        r = add_uri(&job);
    if (r == 0)
        r = serialize_head(&job);
    if (r == 0)
        r = add_host_prefix(&job);
    if (r == 0)
        r = add_body(&job);
    if (r < 0)
        return r;
    *ret = out;
    out = (struct serialized){.range = false};
    return 0;
}

void serialized_done(struct serialized *s)
{
    http_request_done(&s->request);
    buf_done(&s->host_prefix);
    free(s->memory);
    *s = (struct serialized){.range = false};
}
