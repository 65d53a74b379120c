#include "driver.h"

#include "aws/value.h"

#include <stdio.h>

static void build_structure(struct arena *arena, const struct pail_shape *shape,
                            const json_t *object, void *structure);

static struct pail_str text_of(const json_t *json)
{
    if (!json_is_string(json))
        driver_die("a parameter is no string", "");
    return str_of(json_string_value(json), json_string_length(json));
}

/* Numbers, booleans and times, as what stands on the wire. */
static void build_scalar(struct arena *arena, const struct pail_shape *shape,
                         const json_t *json, void *value)
{
    char number[64];
    struct pail_str text;
    if (json_is_integer(json)) {
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(json));
        text = str_c(number);
    } else if (json_is_real(json)) {
        snprintf(number, sizeof(number), "%.17g", json_real_value(json));
        text = str_c(number);
    } else if (json_is_boolean(json)) {
        text = json_is_true(json) ? PAIL_STR("true") : PAIL_STR("false");
    } else {
        text = text_of(json);
    }
    if (value_parse(arena, shape, text, value) < 0)
        driver_die("a parameter is not of its type", text.ptr);
}

static void build_value(struct arena *arena, const struct pail_shape *shape, const json_t *json,
                        void *value)
{
    json_t *each;
    const char *key;
    size_t i;
    void *element;
    switch (shape->type) {
    case PAIL_STRING:
    case PAIL_BLOB:
    case PAIL_STREAM:
        *(struct pail_str *)value = arena_str(arena, text_of(json));
        break;
    case PAIL_STRUCTURE:
        build_structure(arena, shape, json, value);
        break;
    case PAIL_LIST:
        if (value_list_present(arena, value) < 0)
            driver_die("out of memory", "");
        json_array_foreach(json, i, each)
        {
            if (value_list_add(arena, shape, value, &element) < 0)
                driver_die("out of memory", "");
            build_value(arena, shape->element, each, element);
        }
        break;
    case PAIL_MAP:
        if (value_list_present(arena, value) < 0)
            driver_die("out of memory", "");
        json_object_foreach((json_t *)(uintptr_t)json, key, each)
        {
            if (value_list_add(arena, shape, value, &element) < 0)
                driver_die("out of memory", "");
            *(struct pail_str *)element = arena_str(arena, str_c(key));
            build_value(arena, shape->element, each, (char *)element + VALUE_MAP_VALUE);
        }
        break;
    default:
        build_scalar(arena, shape, json, value);
    }
}

static const struct pail_member *find_member(const struct pail_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->member_count; i++)
        if (strcmp(shape->members[i].name, name) == 0)
            return &shape->members[i];
    driver_die("no such member in the operation's input", name);
}

static void build_structure(struct arena *arena, const struct pail_shape *shape,
                            const json_t *object, void *structure)
{
    const char *name;
    json_t *each;
    json_object_foreach((json_t *)(uintptr_t)object, name, each)
    {
        const struct pail_member *member = find_member(shape, name);
        void *value = value_member(member, structure);
        if (member->shape->type == PAIL_STRUCTURE) {
            void *inner = arena_alloc(arena, member->shape->size);
            if (!inner)
                driver_die("out of memory", "");
            memcpy(value, &inner, sizeof(inner));
            value = inner;
        }
        build_value(arena, member->shape, each, value);
    }
}

const void *input_build(struct arena *arena, const struct pail_operation *operation,
                        const json_t *params)
{
    if (!operation->input)
        return NULL;
    void *input = arena_alloc(arena, operation->input->size);
    if (!input)
        driver_die("out of memory", "");
    build_structure(arena, operation->input, params, input);
    return input;
}
