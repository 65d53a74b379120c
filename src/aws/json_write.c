#include "aws/json_write.h"

#include "aws/value.h"

#include <math.h>

/* Appends a string with its quotes; bytes that are not UTF-8 become U+FFFD. */
static void write_string(struct buf *b, struct pail_str s)
{
    buf_add_byte(b, '"');
    while (s.len > 0) {
        unsigned char c = (unsigned char)s.ptr[0];
        size_t step = str_utf8_step(s);
        if (step == 0)
            buf_add_c(b, "\\ufffd");
        else if (c == '"' || c == '\\')
            buf_addf(b, "\\%c", c);
        else if (c == '\n')
            buf_add_c(b, "\\n");
        else if (c < 0x20 || c == 0x7f)
            buf_addf(b, "\\u%04x", c);
        else if (step == 2 && c == 0xc2 && (unsigned char)s.ptr[1] < 0xa0)
            /* Control characters to a terminal as well. */
            buf_addf(b, "\\u%04x", (unsigned char)s.ptr[1]);
        else
            buf_add(b, s.ptr, step);
        s = str_sub(s, step ? step : 1, s.len);
    }
    buf_add_byte(b, '"');
}

static void write_name(struct buf *b, struct pail_str name)
{
    write_string(b, name);
    buf_add_byte(b, ':');
}

static void write_value(struct buf *b, enum json_style style, const struct pail_shape *shape,
                        const void *value);

/* An element of a list or a map; what is absent there is null. */
static void write_element(struct buf *b, enum json_style style, const struct pail_shape *shape,
                          const void *value)
{
    bool may_be_absent = shape->type != PAIL_STRUCTURE;
    if (may_be_absent && !value_is_present(shape, value, VALUE_OUTPUT))
        buf_add_c(b, "null");
    else
        write_value(b, style, shape, value);
}

static void write_list(struct buf *b, enum json_style style, const struct pail_shape *shape,
                       const void *value)
{
    struct value_list list = value_list_get(value);
    size_t size = value_element_size(shape);
    buf_add_byte(b, '[');
    for (size_t i = 0; i < list.count && !buf_failed(b); i++) {
        if (i > 0)
            buf_add_byte(b, ',');
        write_element(b, style, shape->element, (const char *)list.items + i * size);
    }
    buf_add_byte(b, ']');
}

static void write_map(struct buf *b, enum json_style style, const struct pail_shape *shape,
                      const void *value)
{
    struct value_list map = value_list_get(value);
    size_t size = value_element_size(shape);
    buf_add_byte(b, '{');
    for (size_t i = 0; i < map.count && !buf_failed(b); i++) {
        const char *entry = (const char *)map.items + i * size;
        if (i > 0)
            buf_add_byte(b, ',');
        write_name(b, *(const struct pail_str *)(const void *)entry);
        write_element(b, style, shape->element, entry + VALUE_MAP_VALUE);
    }
    buf_add_byte(b, '}');
}

static void write_timestamp(struct buf *b, enum json_style style,
                            const struct pail_shape *shape, const void *value)
{
    enum pail_timestamp_format format = style == JSON_PRINT       ? PAIL_TIME_ISO8601
                                        : shape->timestamp_format ? shape->timestamp_format
                                                                  : PAIL_TIME_EPOCH;
    struct pail_shape shown = {.type = PAIL_TIMESTAMP, .timestamp_format = format};
    if (format == PAIL_TIME_EPOCH) {
        value_format(b, &shown, format, value);
        return;
    }
    buf_add_byte(b, '"');
    value_format(b, &shown, format, value);
    buf_add_byte(b, '"');
}

static void write_double(struct buf *b, const struct pail_shape *shape, const void *value)
{
    bool is_number = isfinite(((const struct pail_double *)value)->value);
    if (!is_number)
        buf_add_byte(b, '"');
    value_format(b, shape, PAIL_TIME_DEFAULT, value);
    if (!is_number)
        buf_add_byte(b, '"');
}

static void write_value(struct buf *b, enum json_style style, const struct pail_shape *shape,
                        const void *value)
{
    switch (shape->type) {
    case PAIL_STRING:
        write_string(b, *(const struct pail_str *)value);
        break;
    case PAIL_BLOB:
        buf_add_byte(b, '"');
        value_format(b, shape, PAIL_TIME_DEFAULT, value);
        buf_add_byte(b, '"');
        break;
    case PAIL_INTEGER:
    case PAIL_LONG:
    case PAIL_BOOLEAN:
        value_format(b, shape, PAIL_TIME_DEFAULT, value);
        break;
    case PAIL_DOUBLE:
        write_double(b, shape, value);
        break;
    case PAIL_TIMESTAMP:
        write_timestamp(b, style, shape, value);
        break;
    case PAIL_STRUCTURE:
        json_write(b, style, shape, value);
        break;
    case PAIL_LIST:
        write_list(b, style, shape, value);
        break;
    case PAIL_MAP:
        write_map(b, style, shape, value);
        break;
    case PAIL_STREAM:
    case PAIL_EVENT_STREAM:
        buf_add_c(b, "null");
        break;
    }
}

void json_write(struct buf *b, enum json_style style, const struct pail_shape *shape,
                const void *structure)
{
    bool first = true;
    buf_add_byte(b, '{');
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        const void *value = value_member_const(member, structure);
        bool is_stream =
            member->shape->type == PAIL_STREAM || member->shape->type == PAIL_EVENT_STREAM;
        if (member->flags & PAIL_EXCEPTION)
            continue;
        if (style == JSON_WIRE && (member->location != PAIL_IN_BODY || is_stream))
            continue;
        if (!is_stream && !value_is_present(member->shape, value, VALUE_OUTPUT))
            continue;
        if (!first)
            buf_add_byte(b, ',');
        first = false;
        write_name(b, str_c(style == JSON_WIRE ? value_wire_name(member) : member->name));
        if (member->shape->type == PAIL_STRUCTURE) {
            const void *pointer;
            memcpy(&pointer, value, sizeof(pointer));
            value = pointer;
        }
        write_value(b, style, member->shape, value);
    }
    buf_add_byte(b, '}');
}

void json_object_name(struct json_object *object, const char *name)
{
    buf_add_byte(object->b, object->begun ? ',' : '{');
    write_name(object->b, str_c(name));
    object->begun = true;
}

void json_object_string(struct json_object *object, const char *name, struct pail_str value)
{
    if (!value.ptr)
        return;
    json_object_name(object, name);
    write_string(object->b, value);
}

void json_object_end(struct json_object *object)
{
    buf_add_c(object->b, object->begun ? "}" : "{}");
}
