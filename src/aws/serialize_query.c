#include "aws/serialize_body.h"
#include "aws/value.h"
#include "base/encode.h"

#define NAME_MAX_BYTES 1024 /* of a dotted member name */

/* `prefix` is the dotted name of the value, "Tags.member.1.Key". */
static void add_value(struct buf *b, struct buf *prefix, const struct pail_shape *shape,
                      unsigned flags, const void *value);

/* Fails the output because a part of it could not be made. */
static void spoil(struct buf *b)
{
    buf_reserve(b, SIZE_MAX);
}

static void add_pair(struct buf *b, const struct buf *name, struct pail_str value)
{
    buf_add_byte(b, '&');
    buf_add_encoded(b, buf_str(name), ENCODE_ALL);
    buf_add_byte(b, '=');
    buf_add_encoded(b, value, ENCODE_ALL);
}

static void add_members(struct buf *b, struct buf *prefix, const struct pail_shape *shape,
                        const void *structure)
{
    size_t start = prefix->len;
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        const void *value = value_member_const(member, structure);
        if (!value_is_present(member->shape, value, VALUE_INPUT))
            continue;
        if (member->shape->type == PAIL_STRUCTURE) {
            const void *pointer;
            memcpy(&pointer, value, sizeof(pointer));
            value = pointer;
        }
        buf_addf(prefix, "%s%s", start ? "." : "", value_wire_name(member));
        add_value(b, prefix, member->shape, member->flags, value);
        buf_truncate(prefix, start);
    }
}

static void add_list(struct buf *b, struct buf *prefix, const struct pail_shape *shape,
                     unsigned flags, const void *value)
{
    struct value_list list = value_list_get(value);
    size_t start = prefix->len, size = value_element_size(shape);
    if (list.count == 0)
        add_pair(b, prefix, PAIL_STR(""));
    for (size_t i = 0; i < list.count; i++) {
        if (flags & PAIL_FLATTENED)
            buf_addf(prefix, ".%zu", i + 1);
        else
            buf_addf(prefix, ".%s.%zu", shape->element_name ? shape->element_name : "member",
                     i + 1);
        add_value(b, prefix, shape->element, 0, (const char *)list.items + i * size);
        buf_truncate(prefix, start);
    }
}

static void add_map(struct buf *b, struct buf *prefix, const struct pail_shape *shape,
                    unsigned flags, const void *value)
{
    struct value_list map = value_list_get(value);
    size_t start = prefix->len, size = value_element_size(shape);
    for (size_t i = 0; i < map.count; i++) {
        const char *entry = (const char *)map.items + i * size;
        buf_addf(prefix, flags & PAIL_FLATTENED ? ".%zu" : ".entry.%zu", i + 1);
        size_t at = prefix->len;
        buf_addf(prefix, ".%s", shape->key_name ? shape->key_name : "key");
        add_value(b, prefix, &pail_shape_string, 0, entry);
        buf_truncate(prefix, at);
        buf_addf(prefix, ".%s", shape->element_name ? shape->element_name : "value");
        add_value(b, prefix, shape->element, 0, entry + VALUE_MAP_VALUE);
        buf_truncate(prefix, start);
    }
}

static void add_scalar(struct buf *b, const struct buf *prefix, const struct pail_shape *shape,
                       const void *value)
{
    if (shape->type == PAIL_STRING) {
        add_pair(b, prefix, *(const struct pail_str *)value);
        return;
    }
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, SIZE_MAX);
    value_format(&text, shape, PAIL_TIME_ISO8601, value);
    if (buf_failed(&text))
        spoil(b);
    else
        add_pair(b, prefix, buf_str(&text));
}

static void add_value(struct buf *b, struct buf *prefix, const struct pail_shape *shape,
                      unsigned flags, const void *value)
{
    if (buf_failed(prefix))
        spoil(b);
    if (buf_failed(b))
        return;
    switch (shape->type) {
    case PAIL_STRUCTURE:
        add_members(b, prefix, shape, value);
        break;
    case PAIL_LIST:
        add_list(b, prefix, shape, flags, value);
        break;
    case PAIL_MAP:
        add_map(b, prefix, shape, flags, value);
        break;
    default:
        add_scalar(b, prefix, shape, value);
        break;
    }
}

void serialize_query(struct buf *b, const struct pail_operation *op, const void *in)
{
    CLEANUP_DONE(buf) struct buf prefix;
    buf_init(&prefix, NAME_MAX_BYTES);
    buf_addf(b, "Action=%s&Version=%s", op->name, op->service->api_version);
    if (in && op->input)
        add_members(b, &prefix, op->input, in);
}
