#include "aws/event_frame.h"

#include "base/digest.h"

#include <errno.h>

#define CRC_LEN  4
#define UUID_LEN 16
#define KEEP_MAX (256 * 1024) /* bytes of memory that are kept from message to message */

static uint64_t read_unsigned(const char *at, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static int64_t read_signed(const char *at, size_t len)
{
    unsigned unused_bits = (unsigned)(64 - 8 * len);
    return (int64_t)(read_unsigned(at, len) << unused_bits) >> unused_bits;
}

static bool crc_matches(const char *data, size_t len)
{
    return digest_crc32(0, data, len) == read_unsigned(data + len, CRC_LEN);
}

/* The lengths that a prelude tells, once they are known to be possible. */
static int parse_prelude(const char *prelude, size_t *ret_total, size_t *ret_headers)
{
    if (!crc_matches(prelude, EVENT_PRELUDE_LEN - CRC_LEN))
        return -EBADMSG;
    size_t total = read_unsigned(prelude, 4), headers = read_unsigned(prelude + 4, 4);
    if (total < EVENT_FRAME_MIN || headers > EVENT_HEADERS_MAX ||
        headers > total - EVENT_FRAME_MIN ||
        total - EVENT_FRAME_MIN - headers > EVENT_PAYLOAD_MAX)
        return -EPROTO;
    *ret_total = total;
    *ret_headers = headers;
    return 0;
}

/* Takes `len` bytes off `*rest`. False if it has not as many. */
static bool take(struct pail_str *rest, size_t len, struct pail_str *ret)
{
    if (rest->len < len)
        return false;
    *ret = str_of(rest->ptr, len);
    *rest = str_of(rest->ptr + len, rest->len - len);
    return true;
}

/* Takes a run of bytes with its length, of `prefix` bytes, before it. */
static bool take_counted(struct pail_str *rest, size_t prefix, struct pail_str *ret)
{
    struct pail_str count;
    return take(rest, prefix, &count) && take(rest, read_unsigned(count.ptr, prefix), ret);
}

static bool take_value(struct pail_str *rest, struct event_header *header)
{
    static const unsigned char sizes[] = {
        [EVENT_BYTE] = 1, [EVENT_SHORT] = 2,     [EVENT_INTEGER] = 4,
        [EVENT_LONG] = 8, [EVENT_TIMESTAMP] = 8,
    };
    struct pail_str value;
    switch (header->type) {
    case EVENT_TRUE:
    case EVENT_FALSE:
        header->number = header->type == EVENT_TRUE;
        return true;
    case EVENT_BYTE:
    case EVENT_SHORT:
    case EVENT_INTEGER:
    case EVENT_LONG:
    case EVENT_TIMESTAMP:
        if (!take(rest, sizes[header->type], &value))
            return false;
        header->number = read_signed(value.ptr, value.len);
        return true;
    case EVENT_BYTES:
    case EVENT_STRING:
        return take_counted(rest, 2, &header->bytes);
    case EVENT_UUID:
        return take(rest, UUID_LEN, &header->bytes);
    }
    return false;
}

static bool take_header(struct pail_str *rest, struct event_header *ret)
{
    struct pail_str type;
    *ret = (struct event_header){.number = 0};
    if (!take_counted(rest, 1, &ret->name) || !take(rest, 1, &type))
        return false;
    ret->type = (enum event_header_type)(unsigned char)type.ptr[0];
    return take_value(rest, ret);
}

static bool has_header(const struct event_frame *frame, struct pail_str name)
{
    for (size_t i = 0; i < frame->header_count; i++)
        if (str_eq(frame->headers[i].name, name))
            return true;
    return false;
}

int event_frame_parse(struct pail_str message, struct event_frame *ret)
{
    size_t total, headers;
    if (message.len < EVENT_FRAME_MIN)
        return -EPROTO;
    int r = parse_prelude(message.ptr, &total, &headers);
    if (r < 0)
        return r;
    if (total != message.len)
        return -EPROTO;
    if (!crc_matches(message.ptr, total - CRC_LEN))
        return -EBADMSG;
    struct pail_str rest = str_of(message.ptr + EVENT_PRELUDE_LEN, headers);
    ret->header_count = 0;
    while (rest.len > 0) {
        struct event_header header;
        if (ret->header_count == EVENT_FIELDS_MAX || !take_header(&rest, &header) ||
            has_header(ret, header.name))
            return -EPROTO;
        ret->headers[ret->header_count++] = header;
    }
    ret->payload = str_of(rest.ptr, total - EVENT_FRAME_MIN - headers);
    return 0;
}

const struct event_header *event_frame_header(const struct event_frame *frame, const char *name)
{
    for (size_t i = 0; i < frame->header_count; i++)
        if (str_eq_c(frame->headers[i].name, name))
            return &frame->headers[i];
    return NULL;
}

struct pail_str event_frame_string(const struct event_frame *frame, const char *name)
{
    const struct event_header *header = event_frame_header(frame, name);
    return header && header->type == EVENT_STRING ? header->bytes : str_of(NULL, 0);
}

void event_frame_reader_done(struct event_frame_reader *r)
{
    free(r->data);
    *r = (struct event_frame_reader){.data = NULL};
}

void event_frame_next(struct event_frame_reader *r)
{
    r->total = r->len = 0;
}

char *event_frame_room(struct event_frame_reader *r, size_t *ret_size)
{
    if (r->total == 0) {
        *ret_size = EVENT_PRELUDE_LEN - r->len;
        return (char *)r->prelude + r->len;
    }
    *ret_size = r->total - r->len;
    return r->data + r->len;
}

/* Makes room for `size` bytes; a block far larger than that is not kept. */
static int fit(struct event_frame_reader *r, size_t size)
{
    if (r->cap >= size && r->cap <= (size > KEEP_MAX ? size : KEEP_MAX))
        return 0;
    free(r->data);
    r->data = malloc(size);
    r->cap = r->data ? size : 0;
    return r->data ? 0 : -ENOMEM;
}

int event_frame_filled(struct event_frame_reader *r, size_t len)
{
    r->len += len;
    if (r->total == 0 && r->len == EVENT_PRELUDE_LEN) {
        size_t total, headers;
        int result = parse_prelude((char *)r->prelude, &total, &headers);
        if (result == 0)
            result = fit(r, total);
        if (result < 0)
            return result;
        r->total = total;
        memcpy(r->data, r->prelude, EVENT_PRELUDE_LEN);
    }
    return r->total > 0 && r->len == r->total;
}

struct pail_str event_frame_message(const struct event_frame_reader *r)
{
    return str_of(r->data, r->len);
}
