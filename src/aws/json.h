/* aws/json.h: a JSON body as an operation's output, or as an error: json and rest-json. Any
 * thread. Behaviour: botocore parsers.py, JSONParser and RestJSONParser; what is no object is
 * refused, not taken for an empty one. */
#ifndef AWS_JSON_H
#define AWS_JSON_H

#include "aws/facts.h"
#include "base/arena.h"

#include <pail/model.h>

#define JSON_DEPTH_MAX 64 /* objects and arrays inside each other */

/* Parses `body` into `out`'s body members, or the members of its payload structure, all zero
 * before. Members whose value is null are absent; elements whose value is null are all zero. 0;
 * -EPROTO with the reason in words; -ENOMEM. */
int json_parse_output(const struct pail_operation *op, struct arena *arena,
                      struct pail_str body, void *out, char *reason, size_t reason_size);

/* The same for the body members of any structure, which is called `name` in reasons. */
int json_parse_structure(const struct pail_shape *shape, const char *name, struct arena *arena,
                         struct pail_str body, void *structure, char *reason,
                         size_t reason_size);

/* What an error's body says: its code (__type; rest-json: also code) without namespace and URI,
 * and its message, which is the whole body if that is not JSON. 0 or -ENOMEM. */
int json_parse_error(const struct pail_operation *op, struct arena *arena, struct pail_str body,
                     struct body_facts *ret);

/* "aws.service#Code:http://..." as "Code". Borrowed. */
struct pail_str json_code_of(struct pail_str type);

/* For programs: from now on the JSON library wipes its memory before it gives it back, as it
 * holds parts of what it parses, keys included. For the whole process, before any JSON is
 * parsed and there is a second thread. */
void json_wipe_freed(void);

#endif
