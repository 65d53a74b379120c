/* aws/event_frame.h: the messages of an event stream (application/vnd.amazon.eventstream):
 * their bytes, whatever they mean. Pure but for memory; one thread at a time. Behaviour:
 * botocore eventstream.py, and the checks that it leaves out.
 *
 * A message, big-endian: length of all, length of the headers, CRC-32 of these 8 bytes;
 * headers; payload; CRC-32 of everything before. */
#ifndef AWS_EVENT_FRAME_H
#define AWS_EVENT_FRAME_H

#include "base/str.h"

#define EVENT_PRELUDE_LEN 12
#define EVENT_FRAME_MIN   16                 /* bytes of a message: prelude and checksum */
#define EVENT_HEADERS_MAX (128 * 1024)       /* bytes of a message's headers */
#define EVENT_PAYLOAD_MAX (24 * 1024 * 1024) /* bytes of a message's payload */
#define EVENT_FRAME_MAX   (EVENT_FRAME_MIN + EVENT_HEADERS_MAX + EVENT_PAYLOAD_MAX)
#define EVENT_FIELDS_MAX  128 /* headers of one message */

/* As on the wire. */
enum event_header_type {
    EVENT_TRUE = 0,
    EVENT_FALSE = 1,
    EVENT_BYTE = 2,
    EVENT_SHORT = 3,
    EVENT_INTEGER = 4,
    EVENT_LONG = 5,
    EVENT_BYTES = 6,
    EVENT_STRING = 7,
    EVENT_TIMESTAMP = 8,
    EVENT_UUID = 9,
};

struct event_header {
    struct pail_str name;
    enum event_header_type type;
    int64_t
        number; /* the integers; 1, 0 for TRUE, FALSE; milliseconds since 1970 for TIMESTAMP */
    struct pail_str bytes; /* BYTES, STRING, UUID (16 bytes); else absent */
};

/* One message taken apart; points into its bytes. */
struct event_frame {
    struct event_header headers[EVENT_FIELDS_MAX];
    size_t header_count;
    struct pail_str payload; /* present even when empty */
};

/* Takes a whole message apart. 0; -EBADMSG: a checksum does not match; -EPROTO: lengths that
 * cannot be, headers cut short, of an unknown type, twice or too many. */
int event_frame_parse(struct pail_str message, struct event_frame *ret);
/* The header of that name, or NULL. */
const struct event_header *event_frame_header(const struct event_frame *frame,
                                              const char *name);
/* The same where it is a string; else absent. */
struct pail_str event_frame_string(const struct event_frame *frame, const char *name);

/* A message on its way in. All zero to begin with. */
struct event_frame_reader {
    unsigned char prelude[EVENT_PRELUDE_LEN];
    char *data; /* of the whole message, once its length is known */
    size_t cap;
    size_t total; /* bytes of the message; 0 while its length is not known */
    size_t len;   /* bytes of it that have come */
};

void event_frame_reader_done(struct event_frame_reader *r);
/* Forgets the message, to read the next. */
void event_frame_next(struct event_frame_reader *r);
/* Where the next bytes of the message go, and how many: those of the prelude, then all the
 * rest. None (*ret_size 0) when it is whole. */
char *event_frame_room(struct event_frame_reader *r, size_t *ret_size);
/* `len` bytes have been put there. 1: the message is whole, event_frame_message gives its
 * bytes; 0: more are needed; -EBADMSG, -EPROTO: the prelude is not one; -ENOMEM. */
int event_frame_filled(struct event_frame_reader *r, size_t len);
/* The whole message, to be taken apart; borrowed until event_frame_next. */
struct pail_str event_frame_message(const struct event_frame_reader *r);

#endif
