/* driver.h: what the files of the differential driver share. Test code: what cannot be ends the
 * process with a message. */
#ifndef DIFFERENTIAL_DRIVER_H
#define DIFFERENTIAL_DRIVER_H

#include <jansson.h>
#include <pail/call.h>

_Noreturn void driver_die(const char *what, const char *which);

/* An object's member as text, number, or whether it is true; NULL, 0, false where it is not
 * there. */
const char *driver_text(const json_t *object, const char *name);
int64_t driver_number(const json_t *object, const char *name);
json_t *driver_hex(const void *data, size_t len);
/* A failure as {"kind", "code", "message", ...}. */
json_t *driver_error(const struct pail_error *error);

/* operations.c: the operation of a service, by the names of the service's model. */
const struct pail_operation *operation_find(const char *service, const char *operation);

/* things.c */
extern const struct pail_operation things_rest_xml, things_rest_json, things_json, things_query;

/* input.c: parameters as the operation's C struct, all of it in `arena`. */
struct arena;
const void *input_build(struct arena *arena, const struct pail_operation *operation,
                        const json_t *params);

/* modes.c: reads the body as `mode` ("read", "read:10") says, into `into`: "body", a list of
 * hex strings, one a piece that the reader got, and, if it failed, "body_error". */
void mode_run(const char *mode, struct pail_body *body, json_t *into);
/* Reads the events, into "events" and "body_error". */
struct pail_event_stream;
void mode_run_events(struct pail_event_stream *stream, json_t *into);

#endif
