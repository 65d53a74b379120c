/* unit/aws/event_shapes.h: an operation whose stream has events of every make. */
#ifndef UNIT_AWS_EVENT_SHAPES_H
#define UNIT_AWS_EVENT_SHAPES_H

#include <pail/events.h>

struct headed_event {
    struct pail_bool flag;
    struct pail_int small, big;
    struct pail_str text, bytes;
    struct pail_time time;
    struct pail_int lenient;
    struct pail_str payload;
};
struct text_event {
    struct pail_str text;
};
struct details {
    struct pail_int count;
    struct pail_str name;
};
struct details_event {
    const struct details *details;
};
struct note_event {
    struct pail_str session; /* in a header */
    struct pail_str author;
    struct pail_str_list lines;
};
struct oops {
    struct pail_str message;
};
struct happening {
    const struct headed_event *headed;
    const struct text_event *text;
    const struct details_event *details;
    const struct note_event *note;
    const struct pail_empty *nothing, *end;
};
struct watch_output {
    struct pail_response response;
    struct pail_event_stream *happenings;
    struct pail_str greeting;
    struct pail_str trace; /* in a header */
};

#define EVENT_ROW(type_, field_, name_, shape_, location_)                                     \
    PAIL_FIELD(struct type_, field_, name_, NULL, shape_, location_, 0)

static const struct pail_member headed_members[] = {
    EVENT_ROW(headed_event, flag, "Flag", &pail_shape_boolean, PAIL_IN_EVENT_HEADER),
    EVENT_ROW(headed_event, small, "Small", &pail_shape_integer, PAIL_IN_EVENT_HEADER),
    EVENT_ROW(headed_event, big, "Big", &pail_shape_long, PAIL_IN_EVENT_HEADER),
    EVENT_ROW(headed_event, text, "Text", &pail_shape_string, PAIL_IN_EVENT_HEADER),
    EVENT_ROW(headed_event, bytes, "Bytes", &pail_shape_blob, PAIL_IN_EVENT_HEADER),
    EVENT_ROW(headed_event, time, "Time", &pail_shape_timestamp, PAIL_IN_EVENT_HEADER),
    PAIL_FIELD(struct headed_event, lenient, "Lenient", NULL, &pail_shape_integer,
               PAIL_IN_EVENT_HEADER, PAIL_LENIENT),
    EVENT_ROW(headed_event, payload, "Payload", &pail_shape_blob, PAIL_IN_EVENT_PAYLOAD),
};
static const struct pail_shape headed_shape =
    PAIL_STRUCTURE_SHAPE(struct headed_event, NULL, headed_members);
static const struct pail_member text_members[] = {
    EVENT_ROW(text_event, text, "Text", &pail_shape_string, PAIL_IN_EVENT_PAYLOAD),
};
static const struct pail_shape text_shape =
    PAIL_STRUCTURE_SHAPE(struct text_event, NULL, text_members);
static const struct pail_member details_members[] = {
    PAIL_FIELD(struct details, count, "Count", NULL, &pail_shape_long, PAIL_IN_BODY,
               PAIL_REQUIRED),
    EVENT_ROW(details, name, "Name", &pail_shape_string, PAIL_IN_BODY),
};
static const struct pail_shape details_shape =
    PAIL_STRUCTURE_SHAPE(struct details, NULL, details_members);
static const struct pail_member details_event_members[] = {
    EVENT_ROW(details_event, details, "Details", &details_shape, PAIL_IN_EVENT_PAYLOAD),
};
static const struct pail_shape details_event_shape =
    PAIL_STRUCTURE_SHAPE(struct details_event, NULL, details_event_members);
static const struct pail_member note_members[] = {
    EVENT_ROW(note_event, session, "session", &pail_shape_string, PAIL_IN_EVENT_HEADER),
    EVENT_ROW(note_event, author, "author", &pail_shape_string, PAIL_IN_BODY),
    EVENT_ROW(note_event, lines, "lines", &pail_shape_string_list, PAIL_IN_BODY),
};
static const struct pail_shape note_shape =
    PAIL_STRUCTURE_SHAPE(struct note_event, NULL, note_members);
static const struct pail_member oops_members[] = {
    EVENT_ROW(oops, message, "Message", &pail_shape_string, PAIL_IN_BODY),
};
static const struct pail_shape oops_shape =
    PAIL_STRUCTURE_SHAPE(struct oops, NULL, oops_members);

#define HAPPENING(field_, name_, shape_, flags_)                                               \
    PAIL_FIELD(struct happening, field_, name_, NULL, shape_, PAIL_IN_BODY, flags_)

static const struct pail_member happening_members[] = {
    HAPPENING(headed, "Headed", &headed_shape, 0),
    HAPPENING(text, "Text", &text_shape, 0),
    HAPPENING(details, "Details", &details_event_shape, 0),
    HAPPENING(note, "Note", &note_shape, 0),
    HAPPENING(nothing, "Nothing", &pail_shape_empty, 0),
    HAPPENING(end, "End", &pail_shape_empty, PAIL_LAST_EVENT),
    {.name = "Oops", .shape = &oops_shape, .flags = PAIL_EXCEPTION},
};
static const struct pail_shape happenings_shape =
    PAIL_EVENT_STREAM_SHAPE(struct happening, happening_members);
static const struct pail_member watch_output_members[] = {
    PAIL_FIELD(struct watch_output, happenings, "Happenings", NULL, &happenings_shape,
               PAIL_IN_PAYLOAD, 0),
    EVENT_ROW(watch_output, greeting, "greeting", &pail_shape_string, PAIL_IN_BODY),
    PAIL_FIELD(struct watch_output, trace, "trace", "x-trace", &pail_shape_string,
               PAIL_IN_HEADER, 0),
};
static const struct pail_shape watch_output_shape =
    PAIL_STRUCTURE_SHAPE(struct watch_output, NULL, watch_output_members);

#define WATCH_OPERATION(symbol_, protocol_)                                                    \
    static const struct pail_service symbol_##_service = {.id = "Watcher",                     \
                                                          .endpoint_prefix = "watch",          \
                                                          .signing_name = "watch",             \
                                                          .protocol = (protocol_),             \
                                                          .target_prefix = "Watcher_1",        \
                                                          .json_version = "1.1"};              \
    static const struct pail_operation symbol_ = {.name = "Watch",                             \
                                                  .service = &symbol_##_service,               \
                                                  .method = "POST",                            \
                                                  .uri = "/",                                  \
                                                  .output = &watch_output_shape}

WATCH_OPERATION(watch_xml, PAIL_REST_XML);
WATCH_OPERATION(watch_rest_json, PAIL_REST_JSON);
WATCH_OPERATION(watch_json, PAIL_JSON);

#endif
