#include "aws/serialize_body.h"
#include "aws/value.h"

/* White space that a parser would normalise goes as a character reference. */
static void add_text(struct buf *b, struct pail_str s)
{
    while (s.len > 0 && !buf_failed(b)) {
        unsigned char c = (unsigned char)s.ptr[0];
        size_t step = str_utf8_step(s);
        if (c == '&')
            buf_add_c(b, "&amp;");
        else if (c == '<')
            buf_add_c(b, "&lt;");
        else if (c == '>')
            buf_add_c(b, "&gt;");
        else if (c == '"')
            buf_add_c(b, "&quot;");
        else if (c == '\t' || c == '\n' || c == '\r')
            buf_addf(b, "&#x%X;", c);
        else if (step == 0 || c < 0x20)
            buf_add_c(b, "\xef\xbf\xbd");
        else
            buf_add(b, s.ptr, step);
        s = str_sub(s, step ? step : 1, s.len);
    }
}

static void open_tag(struct buf *b, const char *name, const char *xml_namespace)
{
    buf_addf(b, "<%s", name);
    if (xml_namespace)
        buf_addf(b, " xmlns=\"%s\"", xml_namespace);
}

static void add_element(struct buf *b, const char *name, const struct pail_shape *shape,
                        const void *value);

static void add_attributes(struct buf *b, const struct pail_shape *shape, const void *structure)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        const void *value = value_member_const(member, structure);
        if (!(member->flags & PAIL_ATTRIBUTE) || member->shape->type != PAIL_STRING ||
            !value_is_present(member->shape, value, VALUE_INPUT))
            continue;
        const char *name = value_wire_name(member);
        if (str_starts(str_c(name), PAIL_STR("xsi:")))
            buf_add_c(b, " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
        buf_addf(b, " %s=\"", name);
        add_text(b, *(const struct pail_str *)value);
        buf_add_byte(b, '"');
    }
}

static void add_list(struct buf *b, const char *name, const struct pail_shape *shape,
                     const void *value)
{
    struct value_list list = value_list_get(value);
    size_t size = value_element_size(shape);
    for (size_t i = 0; i < list.count; i++)
        add_element(b, name, shape->element, (const char *)list.items + i * size);
}

static void add_map(struct buf *b, const char *entry_name, const struct pail_shape *shape,
                    const void *value)
{
    struct value_list map = value_list_get(value);
    size_t size = value_element_size(shape);
    for (size_t i = 0; i < map.count; i++) {
        const char *entry = (const char *)map.items + i * size;
        buf_addf(b, "<%s>", entry_name);
        add_element(b, shape->key_name ? shape->key_name : "key", &pail_shape_string, entry);
        add_element(b, shape->element_name ? shape->element_name : "value", shape->element,
                    entry + VALUE_MAP_VALUE);
        buf_addf(b, "</%s>", entry_name);
    }
}

static void add_member(struct buf *b, const struct pail_member *member, const void *value)
{
    const struct pail_shape *shape = member->shape;
    const char *name = value_wire_name(member);
    if (shape->type == PAIL_STRUCTURE) {
        const void *pointer;
        memcpy(&pointer, value, sizeof(pointer));
        value = pointer;
    }
    if (member->flags & PAIL_FLATTENED && shape->type == PAIL_LIST)
        add_list(b, name, shape, value);
    else if (member->flags & PAIL_FLATTENED && shape->type == PAIL_MAP)
        add_map(b, name, shape, value);
    else
        add_element(b, name, shape, value);
}

static void add_members(struct buf *b, const struct pail_shape *shape, const void *structure)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        const void *value = value_member_const(member, structure);
        if (member->location == PAIL_IN_BODY && !(member->flags & PAIL_ATTRIBUTE) &&
            value_is_present(member->shape, value, VALUE_INPUT))
            add_member(b, member, value);
    }
}

static void add_scalar(struct buf *b, const struct pail_shape *shape, const void *value)
{
    if (shape->type == PAIL_STRING)
        add_text(b, *(const struct pail_str *)value);
    else
        value_format(b, shape, PAIL_TIME_ISO8601, value);
}

static void add_element(struct buf *b, const char *name, const struct pail_shape *shape,
                        const void *value)
{
    open_tag(b, name, shape->xml_namespace);
    if (shape->type == PAIL_STRUCTURE)
        add_attributes(b, shape, value);
    buf_add_byte(b, '>');
    switch (shape->type) {
    case PAIL_STRUCTURE:
        add_members(b, shape, value);
        break;
    case PAIL_LIST:
        add_list(b, shape->element_name ? shape->element_name : "member", shape, value);
        break;
    case PAIL_MAP:
        add_map(b, shape->entry_name ? shape->entry_name : "entry", shape, value);
        break;
    default:
        add_scalar(b, shape, value);
        break;
    }
    buf_addf(b, "</%s>", name);
}

void serialize_xml(struct buf *b, const struct pail_shape *shape, const char *xml_namespace,
                   const void *structure)
{
    open_tag(b, shape->name, shape->xml_namespace ? shape->xml_namespace : xml_namespace);
    add_attributes(b, shape, structure);
    buf_add_byte(b, '>');
    add_members(b, shape, structure);
    buf_addf(b, "</%s>", shape->name);
}
