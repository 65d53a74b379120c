/* aws/serialize_body.h: an input's body members as the protocol's document. Pure; any thread.
 * Failures of the buf are sticky. (JSON: aws/json_write.h.) */
#ifndef AWS_SERIALIZE_BODY_H
#define AWS_SERIALIZE_BODY_H

#include "base/buf.h"

#include <pail/model.h>

/* Appends the structure as an element named after its shape, in the namespace `xml_namespace`
 * (NULL: none) unless its shape has one. Characters that XML cannot hold become U+FFFD. */
void serialize_xml(struct buf *b, const struct pail_shape *shape, const char *xml_namespace,
                   const void *structure);

/* Appends the form of the query protocol: Action, Version and the members. `in` NULL: no
 * members. */
void serialize_query(struct buf *b, const struct pail_operation *op, const void *in);

#endif
