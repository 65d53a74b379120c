#include "aws/value.h"

#include "base/date.h"
#include "base/encode.h"
#include "base/num.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

#define LIST_FIRST 4 /* elements of a list's first block; blocks double */

struct value_list value_list_get(const void *list)
{
    struct value_list value;
    memcpy(&value, list, sizeof(value));
    return value;
}

static void list_put(void *list, struct value_list value)
{
    memcpy(list, &value, sizeof(value));
}

static size_t scalar_size(const struct pail_shape *shape)
{
    switch (shape->type) {
    case PAIL_STRING:
    case PAIL_BLOB:
        return sizeof(struct pail_str);
    case PAIL_INTEGER:
    case PAIL_LONG:
        return sizeof(struct pail_int);
    case PAIL_DOUBLE:
        return sizeof(struct pail_double);
    case PAIL_BOOLEAN:
        return sizeof(struct pail_bool);
    case PAIL_TIMESTAMP:
        return sizeof(struct pail_time);
    case PAIL_STRUCTURE:
        return shape->size;
    case PAIL_LIST:
    case PAIL_MAP:
        return sizeof(struct value_list);
    case PAIL_STREAM:
    case PAIL_EVENT_STREAM:
        break;
    }
    return sizeof(void *);
}

size_t value_element_size(const struct pail_shape *shape)
{
    size_t size = scalar_size(shape->element);
    if (shape->type != PAIL_MAP)
        return size;
    size_t align = _Alignof(struct pail_str);
    return VALUE_MAP_VALUE + (size + align - 1) / align * align;
}

/* The elements a list's block has room for: a function of the count, as the struct has no place
 * for it. */
static bool is_full(size_t count)
{
    return count == 0 || (count >= LIST_FIRST && (count & (count - 1)) == 0);
}

int value_list_add(struct arena *arena, const struct pail_shape *shape, void *list, void **ret)
{
    struct value_list value = value_list_get(list);
    size_t size = value_element_size(shape);
    if (value.count >= VALUE_LIST_MAX)
        return -EPROTO;
    if (is_full(value.count)) {
        size_t capacity = value.count ? value.count * 2 : LIST_FIRST;
        void *items = arena_array(arena, capacity, size);
        if (!items)
            return -ENOMEM;
        if (value.count)
            memcpy(items, value.items, value.count * size);
        value.items = items;
    }
    *ret = (char *)value.items + value.count * size;
    value.count++;
    list_put(list, value);
    return 0;
}

int value_list_present(struct arena *arena, void *list)
{
    struct value_list value = value_list_get(list);
    if (value.items)
        return 0;
    value.items = arena_alloc(arena, 1);
    if (!value.items)
        return -ENOMEM;
    list_put(list, value);
    return 0;
}

bool value_is_present(const struct pail_shape *shape, const void *value, enum value_side side)
{
    switch (shape->type) {
    case PAIL_STRING:
    case PAIL_BLOB:
        return ((const struct pail_str *)value)->ptr;
    case PAIL_INTEGER:
    case PAIL_LONG:
        return ((const struct pail_int *)value)->present;
    case PAIL_DOUBLE:
        return ((const struct pail_double *)value)->present;
    case PAIL_BOOLEAN:
        return ((const struct pail_bool *)value)->present;
    case PAIL_TIMESTAMP:
        return ((const struct pail_time *)value)->present;
    case PAIL_LIST:
    case PAIL_MAP:
        return value_list_get(value).items;
    case PAIL_STREAM:
        if (side == VALUE_INPUT)
            return ((const struct pail_str *)value)->ptr;
        break;
    case PAIL_STRUCTURE:
    case PAIL_EVENT_STREAM:
        break;
    }
    void *pointer;
    memcpy(&pointer, value, sizeof(pointer));
    return pointer;
}

bool value_union_valid(const struct pail_shape *shape, const void *structure)
{
    size_t count = 0;
    for (size_t i = 0; i < shape->member_count && shape->flags & PAIL_UNION; i++)
        count +=
            value_is_present(shape->members[i].shape,
                             value_member_const(&shape->members[i], structure), VALUE_OUTPUT);
    return count <= 1;
}

static int parse_double(struct pail_str text, double *ret)
{
    if (str_eq_c(text, "NaN"))
        *ret = NAN;
    else if (str_eq_c(text, "Infinity"))
        *ret = INFINITY;
    else if (str_eq_c(text, "-Infinity"))
        *ret = -INFINITY;
    else
        return num_double(text, ret);
    return 0;
}

static int parse_integer(const struct pail_shape *shape, struct pail_str text, int64_t *ret)
{
    int64_t number;
    if (num_i64(text, &number) < 0)
        return -EPROTO;
    if (shape->type == PAIL_INTEGER && (number < INT32_MIN || number > INT32_MAX))
        return -EPROTO;
    *ret = number;
    return 0;
}

static int copy_str(struct arena *arena, struct pail_str text, struct pail_str *ret)
{
    struct pail_str copy = arena_str(arena, text);
    if (!copy.ptr)
        return -ENOMEM;
    *ret = copy;
    return 0;
}

static int parse_blob(struct arena *arena, struct pail_str text, struct pail_str *ret)
{
    CLEANUP_DONE(buf) struct buf decoded;
    buf_init(&decoded, text.len);
    if (buf_add_base64_decoded(&decoded, text) < 0)
        return -EPROTO;
    if (buf_failed(&decoded))
        return -ENOMEM;
    return copy_str(arena, buf_str(&decoded), ret);
}

int value_parse(struct arena *arena, const struct pail_shape *shape, struct pail_str text,
                void *value)
{
    struct pail_str trimmed = str_trim(text);
    switch (shape->type) {
    case PAIL_STRING:
        return copy_str(arena, text, value);
    case PAIL_BLOB:
        return parse_blob(arena, text, value);
    case PAIL_INTEGER:
    case PAIL_LONG: {
        struct pail_int *number = value;
        int r = parse_integer(shape, trimmed, &number->value);
        number->present = r == 0;
        return r;
    }
    case PAIL_DOUBLE: {
        struct pail_double *number = value;
        number->present = parse_double(trimmed, &number->value) == 0;
        return number->present ? 0 : -EPROTO;
    }
    case PAIL_BOOLEAN:
        *(struct pail_bool *)value = PAIL_BOOL(str_eq_nocase(trimmed, PAIL_STR("true")));
        return 0;
    case PAIL_TIMESTAMP: {
        struct pail_time time;
        if (date_parse_any(trimmed, &time) < 0)
            return -EPROTO;
        time.present = true;
        *(struct pail_time *)value = time;
        return 0;
    }
    default:
        return -EPROTO;
    }
}

/* The shortest of the forms that read back as the same number, with a point in any locale. */
static void format_finite(struct buf *b, double number)
{
    char text[32];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, sizeof(text), "%.*g", precision, number);
        if (strtod(text, NULL) == number)
            break;
    }
    for (char *c = text; *c; c++)
        if (*c == ',')
            *c = '.';
    buf_add_c(b, text);
}

static void format_double(struct buf *b, double number)
{
    if (isnan(number))
        buf_add_c(b, "NaN");
    else if (isinf(number))
        buf_add_c(b, number > 0 ? "Infinity" : "-Infinity");
    else
        format_finite(b, number);
}

/* To the millisecond. Before 1970 the fraction counts down: half a second before is "-0.500".
 */
static void format_epoch(struct buf *b, struct pail_time time)
{
    unsigned ms = time.nanoseconds / 1000000;
    if (ms == 0)
        buf_addf(b, "%" PRId64, time.seconds);
    else if (time.seconds >= 0)
        buf_addf(b, "%" PRId64 ".%03u", time.seconds, ms);
    else
        buf_addf(b, "-%" PRId64 ".%03u", -(time.seconds + 1), 1000 - ms);
}

static void format_timestamp(struct buf *b, enum pail_timestamp_format format,
                             struct pail_time time)
{
    if (format == PAIL_TIME_HTTP_DATE) {
        buf_add_http_date(b, time);
    } else if (format == PAIL_TIME_EPOCH) {
        format_epoch(b, time);
    } else {
        buf_add_iso8601(b, time);
    }
}

void value_format(struct buf *b, const struct pail_shape *shape,
                  enum pail_timestamp_format format, const void *value)
{
    switch (shape->type) {
    case PAIL_STRING:
        buf_add_str(b, *(const struct pail_str *)value);
        break;
    case PAIL_BLOB: {
        const struct pail_str *bytes = value;
        buf_add_base64(b, bytes->ptr, bytes->len);
        break;
    }
    case PAIL_INTEGER:
    case PAIL_LONG:
        buf_addf(b, "%" PRId64, ((const struct pail_int *)value)->value);
        break;
    case PAIL_DOUBLE:
        format_double(b, ((const struct pail_double *)value)->value);
        break;
    case PAIL_BOOLEAN:
        buf_add_c(b, ((const struct pail_bool *)value)->value ? "true" : "false");
        break;
    case PAIL_TIMESTAMP:
        format_timestamp(b, shape->timestamp_format ? shape->timestamp_format : format,
                         *(const struct pail_time *)value);
        break;
    default:
        break;
    }
}
