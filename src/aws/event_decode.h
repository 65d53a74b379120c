/* aws/event_decode.h: a message of an event stream as an event or an error, by the stream's
 * descriptor. Pure; any thread. Behaviour: botocore parsers.py, BaseEventStreamParser. */
#ifndef AWS_EVENT_DECODE_H
#define AWS_EVENT_DECODE_H

#include "base/arena.h"

#include <pail/events.h>

#define EVENT_ARENA_MAX (64 * 1024 * 1024) /* of what one message is parsed into */

/* The shape of the operation's stream of events, or NULL if its output has none. */
const struct pail_shape *event_stream_shape(const struct pail_operation *op);

/* Decodes a whole message. 1: an event, *ret, made in `arena` and pointing into `message`; 0:
 * an event that the descriptor does not name; -errno with *error filled: what the service ended
 * the stream with (EVENT_STREAM), -EBADMSG (CHECKSUM), -EPROTO (PARSE), -ENOMEM. */
int event_decode(const struct pail_operation *op, struct pail_str message, struct arena *arena,
                 struct pail_event *ret, struct pail_error *error);

/* True if the stream's first message is an initial-response, which holds the output's other
 * members: the protocols that have no other place for them. */
bool event_has_initial(const struct pail_operation *op);
/* Decodes that message into `out`, whose arena it uses. 0, or -errno with *error filled, as
 * above. */
int event_decode_initial(const struct pail_operation *op, struct pail_str message, void *out,
                         struct pail_error *error);

#endif
