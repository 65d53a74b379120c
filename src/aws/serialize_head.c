#include "aws/serialize_head.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/num.h"

#include <errno.h>

static int add_query_pair(struct serialize_job *job, const char *name,
                          const struct pail_shape *shape, const void *value)
{
    struct buf *query = &job->out->request.query;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, URL_MAX);
    value_format(&text, shape, PAIL_TIME_ISO8601, value);
    int r = serialize_check(job, &text, name);
    if (r < 0)
        return r;
    if (query->len > 0)
        buf_add_byte(query, '&');
    buf_add_encoded(query, str_c(name), ENCODE_ALL);
    buf_add_byte(query, '=');
    buf_add_encoded(query, buf_str(&text), ENCODE_ALL);
    return 0;
}

/* A list is a pair for each of its elements. */
static int add_query_value(struct serialize_job *job, const char *name,
                           const struct pail_shape *shape, const void *value)
{
    if (shape->type != PAIL_LIST)
        return add_query_pair(job, name, shape, value);
    struct value_list list = value_list_get(value);
    size_t size = value_element_size(shape);
    int r = 0;
    for (size_t i = 0; i < list.count && r == 0; i++)
        r = add_query_pair(job, name, shape->element, (const char *)list.items + i * size);
    return r;
}

/* A map is a pair for each of its entries, named by the key. */
static int add_query(struct serialize_job *job, const struct pail_member *member)
{
    const struct pail_shape *shape = member->shape;
    const void *value = serialize_value(job, member);
    const char *name = value_wire_name(member);
    if (shape->type != PAIL_MAP)
        return add_query_value(job, name, shape, value);
    struct value_list list = value_list_get(value);
    size_t size = value_element_size(shape);
    int r = 0;
    for (size_t i = 0; i < list.count && r == 0; i++) {
        const char *element = (const char *)list.items + i * size;
        CLEANUP_DONE(buf) struct buf key;
        buf_init(&key, URL_MAX);
        buf_add_str(&key, *(const struct pail_str *)(const void *)element);
        r = serialize_check(job, &key, name);
        if (r == 0)
            r = add_query_value(job, buf_c(&key), shape->element, element + VALUE_MAP_VALUE);
    }
    return r;
}

static bool is_header_text(struct pail_str s, bool ascii)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f || (ascii && c >= 0x80))
            return false;
    }
    return true;
}

static int set_header(struct serialize_job *job, const struct pail_member *member,
                      struct pail_str name, struct pail_str value)
{
    bool ascii = member->location == PAIL_IN_HEADER_PREFIX;
    if (!is_header_text(name, true) || !is_header_text(value, ascii))
        return serialize_refuse(job, member->name, "holds characters that a header cannot");
    int r = http_headers_set(&job->out->request.headers, name, value);
    if (r == -ENOMEM)
        return serialize_out_of_memory(job);
    return r < 0 ? serialize_refuse(job, member->name, "cannot be sent in a header") : 0;
}

/* A list as "a,b"; items that hold a comma or a quote are quoted. */
static void format_list(struct buf *b, const struct pail_shape *shape, const void *value)
{
    struct value_list list = value_list_get(value);
    size_t size = value_element_size(shape);
    for (size_t i = 0; i < list.count; i++) {
        const char *element = (const char *)list.items + i * size;
        if (i > 0)
            buf_add_byte(b, ',');
        struct pail_str text = str_of("", 0);
        if (shape->element->type == PAIL_STRING)
            text = *(const struct pail_str *)(const void *)element;
        if (str_find(text, ',', 0) == text.len && str_find(text, '"', 0) == text.len) {
            value_format(b, shape->element, PAIL_TIME_HTTP_DATE, element);
            continue;
        }
        buf_add_byte(b, '"');
        for (size_t k = 0; k < text.len; k++) {
            if (text.ptr[k] == '"')
                buf_add_byte(b, '\\');
            buf_add_byte(b, text.ptr[k]);
        }
        buf_add_byte(b, '"');
    }
}

static bool has_md5_member(const struct serialize_job *job, struct pail_str name)
{
    for (size_t i = 0; i < serialize_member_count(job); i++) {
        const struct pail_member *member = &job->op->input->members[i];
        if (member->location == PAIL_IN_HEADER && str_eq_c(name, value_wire_name(member)))
            return serialize_is_present(job, member);
    }
    return false;
}

/* An encryption key: base64 of its bytes, and of their MD5 beside it. */
static int add_key_and_md5(struct serialize_job *job, const struct pail_member *member)
{
    struct pail_str key = *(const struct pail_str *)serialize_value(job, member);
    CLEANUP_DONE(buf) struct buf md5_name;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&md5_name, HEADERS_BYTES_MAX);
    buf_init(&text, HEADERS_BYTES_MAX);
    buf_addf(&md5_name, "%s-MD5", value_wire_name(member));
    if (has_md5_member(job, buf_str(&md5_name)))
        return set_header(job, member, str_c(value_wire_name(member)), key);

    CLEANUP(digest) struct digest *md5 = digest_new(DIGEST_MD5);
    if (!md5)
        return serialize_out_of_memory(job);
    unsigned char sum[DIGEST_MAX];
    digest_update(md5, key.ptr, key.len);
    size_t len = digest_final(md5, sum);
    if (len == 0)
        return serialize_out_of_memory(job);
    buf_add_base64(&text, sum, len);
    int r = serialize_check(job, &text, member->name);
    if (r == 0)
        r = set_header(job, member, buf_str(&md5_name), buf_str(&text));
    if (r < 0)
        return r;
    buf_truncate(&text, 0);
    buf_add_base64(&text, key.ptr, key.len);
    r = serialize_check(job, &text, member->name);
    return r < 0 ? r : set_header(job, member, str_c(value_wire_name(member)), buf_str(&text));
}

/* "bytes=0-99", "bytes=5-" and "bytes=-5" as numbers. */
static void note_range(struct serialized *out, struct pail_str value)
{
    struct pail_str prefix = PAIL_STR("bytes=");
    uint64_t first, last = UINT64_MAX;
    if (!str_starts_nocase(value, prefix))
        return;
    struct pail_str range = str_sub(value, prefix.len, value.len);
    size_t dash = str_find(range, '-', 0);
    struct pail_str end = str_sub(range, dash + 1, range.len);
    if (dash == 0 && num_u64(end, UINT64_MAX - 1, &last) == 0)
        out->range_suffix = last;
    if (dash == range.len || num_u64(str_sub(range, 0, dash), UINT64_MAX - 1, &first) < 0)
        return;
    if (end.len > 0 && (num_u64(end, UINT64_MAX - 1, &last) < 0 || last < first))
        return;
    out->range = true;
    out->range_first = first;
    out->range_last = last;
}

static int add_header(struct serialize_job *job, const struct pail_member *member)
{
    if (member->flags & PAIL_KEY_AND_MD5)
        return add_key_and_md5(job, member);
    const void *value = serialize_value(job, member);
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, HEADERS_BYTES_MAX);
    if (member->shape->type == PAIL_LIST) {
        if (value_list_get(value).count == 0)
            return 0;
        format_list(&text, member->shape, value);
    } else {
        value_format(&text, member->shape, PAIL_TIME_HTTP_DATE, value);
    }
    int r = serialize_check(job, &text, member->name);
    if (r < 0)
        return r;
    const char *name = value_wire_name(member);
    if (str_eq_nocase(str_c(name), PAIL_STR("Range")))
        note_range(job->out, buf_str(&text));
    return set_header(job, member, str_c(name), buf_str(&text));
}

static int add_prefixed_headers(struct serialize_job *job, const struct pail_member *member)
{
    struct value_list map = value_list_get(serialize_value(job, member));
    const struct pail_str_entry *entries = map.items;
    for (size_t i = 0; i < map.count; i++) {
        CLEANUP_DONE(buf) struct buf name;
        buf_init(&name, HEADERS_BYTES_MAX);
        buf_add_c(&name, value_wire_name(member));
        buf_add_str(&name, entries[i].key);
        int r = serialize_check(job, &name, member->name);
        if (r == 0)
            r = set_header(job, member, buf_str(&name), entries[i].value);
        if (r < 0)
            return r;
    }
    return 0;
}

int serialize_head(struct serialize_job *job)
{
    for (size_t i = 0; i < serialize_member_count(job); i++) {
        const struct pail_member *member = &job->op->input->members[i];
        int r = 0;
        if (!serialize_is_present(job, member))
            continue;
        if (member->location == PAIL_IN_QUERY)
            r = add_query(job, member);
        else if (member->location == PAIL_IN_HEADER)
            r = add_header(job, member);
        else if (member->location == PAIL_IN_HEADER_PREFIX)
            r = add_prefixed_headers(job, member);
        if (r < 0)
            return r;
    }
    return serialize_check(job, &job->out->request.query, "the query");
}
