/* unit/aws/event_messages.h: messages of event streams, made by hand. */
#ifndef UNIT_AWS_EVENT_MESSAGES_H
#define UNIT_AWS_EVENT_MESSAGES_H

#include "base/buf.h"

#include <zlib.h>

__attribute__((unused)) static void add_number(struct buf *b, uint64_t value, size_t len)
{
    while (len-- > 0)
        buf_add_byte(b, (char)(len < 8 ? value >> 8 * len & 0xff : 0));
}

/* Appends a header's name and type; its value follows. */
__attribute__((unused)) static void add_header_start(struct buf *b, const char *name, int type)
{
    add_number(b, strlen(name), 1);
    buf_add_c(b, name);
    buf_add_byte(b, (char)type);
}

__attribute__((unused)) static void add_string_header(struct buf *b, const char *name,
                                                      const char *value)
{
    add_header_start(b, name, 7);
    add_number(b, strlen(value), 2);
    buf_add_c(b, value);
}

/* Appends a message; its lengths as given, its checksums right. */
__attribute__((unused)) static void add_message_saying(struct buf *b, uint64_t total,
                                                       uint64_t header_len,
                                                       struct pail_str headers,
                                                       struct pail_str payload)
{
    size_t start = b->len;
    add_number(b, total, 4);
    add_number(b, header_len, 4);
    add_number(b, crc32(0, (const Bytef *)b->data + start, 8), 4);
    buf_add_str(b, headers);
    buf_add_str(b, payload);
    add_number(b, crc32(0, (const Bytef *)b->data + start, (uInt)(b->len - start)), 4);
}

__attribute__((unused)) static void add_message(struct buf *b, struct pail_str headers,
                                                struct pail_str payload)
{
    add_message_saying(b, 16 + headers.len + payload.len, headers.len, headers, payload);
}

/* An event with its usual headers. */
__attribute__((unused)) static void add_event(struct buf *b, const char *type,
                                              struct pail_str payload)
{
    CLEANUP_DONE(buf) struct buf headers;
    buf_init(&headers, 4096);
    add_string_header(&headers, ":message-type", "event");
    add_string_header(&headers, ":event-type", type);
    add_string_header(&headers, ":content-type", "application/octet-stream");
    add_message(b, buf_str(&headers), payload);
}

/* A message that ends a stream: `kind` "error" with its code and message in headers, or
 * "exception" with the code in one and the message in the payload. */
__attribute__((unused)) static void add_failure(struct buf *b, const char *kind,
                                                const char *code, const char *message)
{
    CLEANUP_DONE(buf) struct buf headers;
    bool is_error = strcmp(kind, "error") == 0;
    buf_init(&headers, 4096);
    add_string_header(&headers, ":message-type", kind);
    add_string_header(&headers, is_error ? ":error-code" : ":exception-type", code);
    if (is_error)
        add_string_header(&headers, ":error-message", message);
    add_message(b, buf_str(&headers), str_c(is_error ? "" : message));
}

#endif
