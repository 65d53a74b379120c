#include "cli/pail_show.h"

#include "aws/json_write.h"
#include "aws/value.h"
#include "base/arena.h"
#include "cli/pail_output.h"

#include <errno.h>

#define HEADERS_BYTES_MAX (4 * 1024 * 1024)

/* ---- what is known of a response, as an output like any other ---- */

struct metadata {
    struct pail_str request_id, host_id;
    struct pail_int http_status;
    struct pail_str_map http_headers;
    struct pail_int retry_attempts;
};
struct envelope {
    const struct metadata *metadata;
};

#define METADATA(field_, name_, shape_)                                                        \
    PAIL_FIELD(struct metadata, field_, name_, NULL, &pail_shape_##shape_, PAIL_IN_BODY, 0)

static const struct pail_member metadata_members[] = {
    METADATA(request_id, "RequestId", string),
    METADATA(host_id, "HostId", string),
    METADATA(http_status, "HTTPStatusCode", integer),
    METADATA(http_headers, "HTTPHeaders", string_map),
    METADATA(retry_attempts, "RetryAttempts", integer),
};
static const struct pail_shape metadata_shape =
    PAIL_STRUCTURE_SHAPE(struct metadata, NULL, metadata_members);
static const struct pail_member envelope_members[] = {
    PAIL_FIELD(struct envelope, metadata, "ResponseMetadata", NULL, &metadata_shape,
               PAIL_IN_BODY, 0),
};
static const struct pail_shape envelope_shape =
    PAIL_STRUCTURE_SHAPE(struct envelope, NULL, envelope_members);

static struct metadata metadata_of(const struct pail_response *response)
{
    return (struct metadata){
        .request_id = response->request_id,
        .host_id = response->host_id,
        .http_status = PAIL_INT(response->http_status),
        .retry_attempts = PAIL_INT(response->retry_attempts),
    };
}

static bool same_name(const struct pail_response *response, size_t a, size_t b)
{
    return str_eq_nocase(response->headers[a].name, response->headers[b].name);
}

/* The index of the first field of that field's name. */
static size_t first_of(const struct pail_response *response, size_t header)
{
    size_t i = 0;
    while (!same_name(response, i, header))
        i++;
    return i;
}

/* The values of all fields of that name, as one list. */
static struct pail_str join_values(struct arena *arena, const struct pail_response *response,
                                   size_t header)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, HEADERS_BYTES_MAX);
    for (size_t i = header; i < response->header_count; i++) {
        if (!same_name(response, i, header))
            continue;
        buf_add_c(&b, i > header ? ", " : "");
        buf_add_str(&b, response->headers[i].value);
    }
    return buf_failed(&b) ? (struct pail_str){0} : arena_str(arena, buf_str(&b));
}

static struct pail_str lower_case(struct arena *arena, struct pail_str name)
{
    char *copy = arena_alloc(arena, name.len + 1);
    for (size_t i = 0; copy && i < name.len; i++) {
        char c = name.ptr[i];
        copy[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return copy ? str_of(copy, name.len) : (struct pail_str){0};
}

/* 0 or -ENOMEM. */
static int fold_headers(struct arena *arena, const struct pail_response *response,
                        struct pail_str_map *ret)
{
    size_t count = 0;
    struct pail_str_entry *entries =
        arena_array(arena, response->header_count + 1, sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    for (size_t i = 0; i < response->header_count; i++) {
        if (first_of(response, i) < i)
            continue;
        entries[count].key = lower_case(arena, response->headers[i].name);
        entries[count].value = join_values(arena, response, i);
        if (!entries[count].key.ptr || !entries[count].value.ptr)
            return -ENOMEM;
        count++;
    }
    *ret = (struct pail_str_map){entries, count};
    return 0;
}

int pail_show_json(struct buf *b, const struct pail_operation *operation, const void *output)
{
    CLEANUP(arena) struct arena *arena = arena_new(HEADERS_BYTES_MAX);
    struct metadata metadata = metadata_of(output);
    const struct envelope envelope = {.metadata = &metadata};
    if (!arena || fold_headers(arena, output, &metadata.http_headers) < 0)
        return -ENOMEM;
    /* Two objects become one: "{A}" and "{B}", "{A,B}". */
    CLEANUP_DONE(buf) struct buf members;
    buf_init(&members, b->max);
    json_write(b, JSON_PRINT, &envelope_shape, &envelope);
    json_write(&members, JSON_PRINT, operation->output, output);
    if (buf_failed(b) || buf_failed(&members))
        return -ENOMEM;
    struct pail_str rest = str_sub(buf_str(&members), 1, members.len);
    buf_truncate(b, b->len - 1);
    buf_add_c(b, rest.len > 1 ? "," : "");
    buf_add_str(b, rest);
    buf_add_byte(b, '\n');
    return buf_failed(b) ? -ENOMEM : 0;
}

/* ---- text ---- */

static void add_line(struct buf *b, const char *prefix, struct pail_str name,
                     const struct pail_shape *shape, const void *value)
{
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, HEADERS_BYTES_MAX);
    value_format(&text, shape, PAIL_TIME_ISO8601, value);
    buf_add_c(b, prefix);
    pail_add_name(b, name);
    buf_add_c(b, ": ");
    pail_add_name(b, buf_str(&text));
    buf_add_byte(b, '\n');
}

static void add_map(struct buf *b, const char *name, const struct pail_shape *shape,
                    const void *value)
{
    CLEANUP_DONE(buf) struct buf prefix;
    buf_init(&prefix, 256);
    buf_addf(&prefix, "%s.", name);
    struct value_list map = value_list_get(value);
    for (size_t i = 0; i < map.count && !buf_failed(b); i++) {
        const char *entry = (const char *)map.items + i * value_element_size(shape);
        const struct pail_str *key = (const void *)entry;
        add_line(b, buf_c(&prefix), *key, shape->element, entry + VALUE_MAP_VALUE);
    }
}

/* Members that are single values, or maps of such: what heads of responses hold. */
static void add_members(struct buf *b, const struct pail_shape *shape, const void *structure)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        const void *value = value_member_const(member, structure);
        enum pail_type type = member->shape->type;
        if (!value_is_present(member->shape, value, VALUE_OUTPUT))
            continue;
        if (type == PAIL_MAP && member->shape->element->type <= PAIL_TIMESTAMP)
            add_map(b, member->name, member->shape, value);
        else if (type <= PAIL_TIMESTAMP)
            add_line(b, "", str_c(member->name), member->shape, value);
    }
}

void pail_show_text(struct buf *b, const struct pail_operation *operation, const void *output)
{
    const struct pail_response *response = output;
    const struct metadata metadata = metadata_of(response);
    add_members(b, &metadata_shape, &metadata);
    buf_add_byte(b, '\n');
    for (size_t i = 0; i < response->header_count; i++)
        add_line(b, "", response->headers[i].name, &pail_shape_string,
                 &response->headers[i].value);
    size_t end = b->len;
    buf_add_byte(b, '\n');
    size_t start = b->len;
    add_members(b, operation->output, output);
    if (!buf_failed(b) && b->len == start)
        buf_truncate(b, end);
}
