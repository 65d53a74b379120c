#include "aws/json_write.h"
#include "aws/value.h"
#include "base/arena.h"

#include <errno.h>
#include <pail/body.h>
#include <pail/events.h>

#define JSON_MAX (512 * 1024 * 1024) /* bytes of an output as text */

const struct pail_shape pail_shape_string = {.type = PAIL_STRING};
const struct pail_shape pail_shape_blob = {.type = PAIL_BLOB};
const struct pail_shape pail_shape_integer = {.type = PAIL_INTEGER};
const struct pail_shape pail_shape_long = {.type = PAIL_LONG};
const struct pail_shape pail_shape_double = {.type = PAIL_DOUBLE};
const struct pail_shape pail_shape_boolean = {.type = PAIL_BOOLEAN};
const struct pail_shape pail_shape_timestamp = {.type = PAIL_TIMESTAMP};
const struct pail_shape pail_shape_stream = {.type = PAIL_STREAM};
const struct pail_shape pail_shape_empty = {.type = PAIL_STRUCTURE,
                                            .size = sizeof(struct pail_empty)};
const struct pail_shape pail_shape_string_list = PAIL_LIST_SHAPE(&pail_shape_string, NULL);
const struct pail_shape pail_shape_string_map = {.type = PAIL_MAP,
                                                 .element = &pail_shape_string};

static int print(const struct pail_shape *shape, const void *structure, char **ret)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, JSON_MAX);
    json_write(&b, JSON_PRINT, shape, structure);
    if (buf_failed(&b))
        return -ENOMEM;
    *ret = buf_steal(&b);
    return 0;
}

int pail_output_json(const struct pail_operation *operation, const void *output, char **ret)
{
    return print(operation->output, output, ret);
}

int pail_event_json(const struct pail_event *event, char **ret)
{
    return print(event->shape, event->data, ret);
}

static void close_streams(const struct pail_shape *shape, void *output)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        enum pail_type type = shape->members[i].shape->type;
        if (type != PAIL_STREAM && type != PAIL_EVENT_STREAM)
            continue;
        void *stream;
        memcpy(&stream, value_member(&shape->members[i], output), sizeof(stream));
        if (type == PAIL_STREAM)
            pail_body_free(stream);
        else
            pail_event_stream_free(stream);
    }
}

void pail_output_free(const struct pail_operation *operation, void *output)
{
    if (!output)
        return;
    close_streams(operation->output, output);
    arena_free(((struct pail_response *)output)->arena);
    memset(output, 0, operation->output->size);
}
