/* aws/json_write.h: a C struct as JSON text, by its shape. Pure; any thread. Failures of the
 * buf are sticky. */
#ifndef AWS_JSON_WRITE_H
#define AWS_JSON_WRITE_H

#include "base/buf.h"

#include <pail/model.h>

enum json_style {
    JSON_WIRE,  /* a request's body: wire names, timestamps as epoch seconds, only members that
                   are in the body */
    JSON_PRINT, /* an output for people and programs: the model's names, ISO 8601, every member,
                   streams as null */
};

/* Appends the structure at `structure`; of an event stream's shape the one event that is there.
 * Absent members are left out, absent elements null; bytes that are not UTF-8 become U+FFFD. */
void json_write(struct buf *b, enum json_style style, const struct pail_shape *shape,
                const void *structure);

/* An object that is written member by member. */
struct json_object {
    struct buf *b;
    bool begun;
};
/* Begins a member, whose value is to be appended next. */
void json_object_name(struct json_object *object, const char *name);
/* Appends a member; none where the string is absent. */
void json_object_string(struct json_object *object, const char *name, struct pail_str value);
void json_object_end(struct json_object *object);

#endif
