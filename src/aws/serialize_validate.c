#include "aws/serialize_validate.h"

#include <errno.h>

#define PLACE_MAX 200 /* bytes of a place in a message */

/* Where a value is: a member of what `outer` is. */
struct place {
    const struct place *outer;
    const char *name;
};

static int validate(const struct serialize_job *job, const struct place *place,
                    const struct pail_shape *shape, const void *value);

static void add_place(struct buf *b, const struct place *place)
{
    if (place->outer) {
        add_place(b, place->outer);
        buf_add_byte(b, '.');
    }
    buf_add_c(b, place->name);
}

static int refuse(const struct serialize_job *job, const struct place *place, const char *why)
{
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, PLACE_MAX);
    add_place(&text, place);
    return serialize_refuse(job, buf_failed(&text) ? place->name : buf_c(&text), why);
}

/* `place` NULL: the input itself. */
static int validate_structure(const struct serialize_job *job, const struct place *place,
                              const struct pail_shape *shape, const void *structure)
{
    size_t count = 0;
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        const void *value = value_member_const(member, structure);
        const struct place at = {place, member->name};
        int r = 0;
        if (value_is_present(member->shape, value, VALUE_INPUT)) {
            count++;
            if (member->shape->type == PAIL_STRUCTURE)
                memcpy(&value, value, sizeof(value));
            r = validate(job, &at, member->shape, value);
        } else if (member->flags & PAIL_REQUIRED) {
            r = refuse(job, &at, "is required");
        }
        if (r < 0)
            return r;
    }
    if (place && shape->flags & PAIL_UNION && count != 1)
        return refuse(job, place, "is a union: exactly one member of it must be there");
    return 0;
}

/* The structure, list or map at `value`. */
static int validate(const struct serialize_job *job, const struct place *place,
                    const struct pail_shape *shape, const void *value)
{
    if (shape->type == PAIL_STRUCTURE)
        return validate_structure(job, place, shape, value);
    if (shape->type != PAIL_LIST && shape->type != PAIL_MAP)
        return 0;
    struct value_list list = value_list_get(value);
    size_t size = value_element_size(shape);
    size_t offset = shape->type == PAIL_MAP ? VALUE_MAP_VALUE : 0;
    int r = 0;
    for (size_t i = 0; i < list.count && r == 0; i++)
        r = validate(job, place, shape->element, (const char *)list.items + i * size + offset);
    return r;
}

int serialize_validate(const struct serialize_job *job)
{
    return job->op->input ? validate_structure(job, NULL, job->op->input, job->in) : 0;
}
