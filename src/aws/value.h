/* aws/value.h: members of C structs by their shapes: what the parsers fill and the serializers
 * read. Any thread that may touch the struct.
 *
 * A member of a structure shape is a pointer; an element of a list or map is the struct itself.
 * A list is {items, count}; a map the same over {key, value} with the value 16 bytes in. */
#ifndef AWS_VALUE_H
#define AWS_VALUE_H

#include "base/arena.h"
#include "base/buf.h"

#include <pail/model.h>

#define VALUE_LIST_MAX  (1024 * 1024) /* elements of one list or map that is parsed */
#define VALUE_MAP_VALUE 16            /* where a map entry's value is */

/* The C form of lists and maps. Read by value_list_get only, as the static types differ. */
struct value_list {
    void *items;
    size_t count;
};
struct value_list value_list_get(const void *list);

/* Bytes of one element of the list shape, or one entry of the map shape. */
size_t value_element_size(const struct pail_shape *shape);
/* A zeroed element at the end of `list`. 0, -ENOMEM, -EPROTO (too many). */
int value_list_add(struct arena *arena, const struct pail_shape *shape, void *list, void **ret);
/* Makes an absent list present and empty. 0 or -ENOMEM. */
int value_list_present(struct arena *arena, void *list);

/* The member's place in the struct at `structure`. */
static inline void *value_member(const struct pail_member *member, void *structure)
{
    return (char *)structure + member->offset;
}
static inline const void *value_member_const(const struct pail_member *member,
                                             const void *structure)
{
    return (const char *)structure + member->offset;
}
static inline const char *value_wire_name(const struct pail_member *member)
{
    return member->wire ? member->wire : member->name;
}

/* True unless the member at `value` is absent. `side` says how a PAIL_STREAM is kept: in inputs
 * as a str, in outputs as a pointer. */
enum value_side { VALUE_INPUT, VALUE_OUTPUT };
bool value_is_present(const struct pail_shape *shape, const void *value, enum value_side side);

/* False if the structure at `structure` is a union of which more than one member is there.
 * (None is: it has one that is not known here.) */
bool value_union_valid(const struct pail_shape *shape, const void *structure);

/* Fills the scalar at `value` from what stands in XML, a header or a query. Strings and blobs
 * are copied into the arena. 0; -EPROTO: the text is no such value, which is left absent;
 * -ENOMEM. */
int value_parse(struct arena *arena, const struct pail_shape *shape, struct pail_str text,
                void *value);

/* Appends the scalar as text; `format` is the timestamp's where its shape names none. Strings
 * as they are, blobs as base64. Must be present. */
void value_format(struct buf *b, const struct pail_shape *shape,
                  enum pail_timestamp_format format, const void *value);

#endif
