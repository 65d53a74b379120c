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
/* A failure as {"kind", "code", "message", ...}; what is known of a response; an output. */
json_t *driver_error(const struct pail_error *error);
json_t *driver_meta(const struct pail_response *response);
json_t *driver_output(const struct pail_operation *operation, const void *output);
/* The output's member of a type that is kept as a pointer: where that is, or NULL. */
void *driver_member(const struct pail_operation *operation, void *output, enum pail_type type);

/* operations.c: the operation of a service, by the names of the service's model. */
const struct pail_operation *operation_find(const char *service, const char *operation);

/* things.c */
extern const struct pail_operation things_rest_xml, things_rest_json, things_json, things_query;

/* input.c: parameters as the operation's C struct, all of it in `arena`. */
struct arena;
const void *input_build(struct arena *arena, const struct pail_operation *operation,
                        const json_t *params);

/* bare.c: parses the described response into `output`, and reads its body as `mode` says (NULL:
 * not), into `result`. */
void bare_run(const struct pail_operation *operation, const json_t *described, const char *mode,
              void *output, json_t *result);

/* clock.c: time passes only by the waits that are noted, and by `step_ms` an attempt. */
void clock_begin(int64_t step_ms);
json_t *clock_waits(void); /* since clock_begin; the caller's */

/* modes.c: reads the body as `mode` ("read", "read:10") says, into `into`: "body", a list of
 * hex strings, one a piece that the reader got, and, if it failed, "body_error". */
void mode_run(const char *mode, struct pail_body *body, json_t *into);
/* Reads the events, into "events" and "body_error". */
struct pail_event_stream;
void mode_run_events(struct pail_event_stream *stream, json_t *into);

#endif
