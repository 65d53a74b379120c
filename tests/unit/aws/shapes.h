/* unit/aws/shapes.h: an operation with a member of every kind, for the suites of parsers and
 * serializers. */
#ifndef UNIT_AWS_SHAPES_H
#define UNIT_AWS_SHAPES_H

#include <pail/model.h>

struct part {
    struct pail_str kind; /* an attribute */
    struct pail_str name;
    struct pail_int size;
    const struct part *inner;
};
struct parts {
    const struct part *items;
    size_t count;
};
struct number_entry {
    struct pail_str key;
    struct pail_int value;
};
struct number_map {
    const struct number_entry *items;
    size_t count;
};
struct choice {
    struct pail_str one, other;
};
struct thing {
    struct pail_response response;
    struct pail_str text, blob;
    struct pail_int small, big;
    struct pail_double real;
    struct pail_bool flag;
    struct pail_time time;
    const struct part *part;
    struct pail_str_list texts, flat_texts;
    struct parts parts, flat_parts;
    struct pail_str_map map, flat_map;
    struct number_map numbers;
    const struct choice *choice;
    struct pail_int lenient;
};

static const struct pail_shape part_shape;
static const struct pail_member part_members[] = {
    PAIL_FIELD(struct part, kind, "Kind", "x:kind", &pail_shape_string, PAIL_IN_BODY,
               PAIL_ATTRIBUTE),
    PAIL_FIELD(struct part, name, "Name", NULL, &pail_shape_string, PAIL_IN_BODY, 0),
    PAIL_FIELD(struct part, size, "Size", NULL, &pail_shape_long, PAIL_IN_BODY, 0),
    PAIL_FIELD(struct part, inner, "Inner", NULL, &part_shape, PAIL_IN_BODY, 0),
};
static const struct pail_shape part_shape =
    PAIL_STRUCTURE_SHAPE(struct part, "Part", part_members);

static const struct pail_member choice_members[] = {
    PAIL_FIELD(struct choice, one, "One", NULL, &pail_shape_string, PAIL_IN_BODY, 0),
    PAIL_FIELD(struct choice, other, "Other", NULL, &pail_shape_string, PAIL_IN_BODY, 0),
};
static const struct pail_shape choice_shape = {.type = PAIL_STRUCTURE,
                                               .name = "Choice",
                                               .size = sizeof(struct choice),
                                               .flags = PAIL_UNION,
                                               .members = choice_members,
                                               .member_count = 2};
static const struct pail_shape parts_shape = PAIL_LIST_SHAPE(&part_shape, "Item");
static const struct pail_shape numbers_shape = {.type = PAIL_MAP,
                                                .element = &pail_shape_integer,
                                                .key_name = "K",
                                                .element_name = "V",
                                                .entry_name = "E"};

#define THING_FIELD(field_, name_, shape_, ...)                                                \
    PAIL_FIELD(struct thing, field_, name_, NULL, shape_, PAIL_IN_BODY, __VA_ARGS__)

static const struct pail_member thing_members[] = {
    THING_FIELD(text, "Text", &pail_shape_string, 0),
    THING_FIELD(blob, "Blob", &pail_shape_blob, 0),
    THING_FIELD(small, "Small", &pail_shape_integer, 0),
    THING_FIELD(big, "Big", &pail_shape_long, 0),
    THING_FIELD(real, "Real", &pail_shape_double, 0),
    THING_FIELD(flag, "Flag", &pail_shape_boolean, 0),
    THING_FIELD(time, "Time", &pail_shape_timestamp, 0),
    THING_FIELD(part, "Part", &part_shape, 0),
    THING_FIELD(texts, "Texts", &pail_shape_string_list, 0),
    PAIL_FIELD(struct thing, flat_texts, "FlatTexts", "FlatText", &pail_shape_string_list,
               PAIL_IN_BODY, PAIL_FLATTENED),
    THING_FIELD(parts, "Parts", &parts_shape, 0),
    PAIL_FIELD(struct thing, flat_parts, "FlatParts", "FlatPart", &parts_shape, PAIL_IN_BODY,
               PAIL_FLATTENED),
    THING_FIELD(map, "Map", &pail_shape_string_map, 0),
    THING_FIELD(flat_map, "FlatMap", &pail_shape_string_map, PAIL_FLATTENED),
    THING_FIELD(numbers, "Numbers", &numbers_shape, 0),
    THING_FIELD(choice, "Choice", &choice_shape, 0),
    THING_FIELD(lenient, "Lenient", &pail_shape_integer, PAIL_LENIENT),
};
static const struct pail_shape thing_shape =
    PAIL_STRUCTURE_SHAPE(struct thing, "Thing", thing_members);

#define THING_OPERATION(protocol_, wrapper_, flags_)                                           \
    {                                                                                          \
        .name = "DoThing",                                                                     \
        .service = &(const struct pail_service){.id = "Things",                                \
                                                .protocol = (protocol_),                       \
                                                .api_version = "2020-01-01",                   \
                                                .target_prefix = "Things_1",                   \
                                                .json_version = "1.1",                         \
                                                .xml_namespace = "http://things/"},            \
        .method = "POST", .uri = "/", .input = &thing_shape, .output = &thing_shape,           \
        .result_wrapper = (wrapper_), .flags = (flags_)                                        \
    }

#endif
