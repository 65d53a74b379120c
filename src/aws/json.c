#include "aws/json.h"

#include "aws/value.h"

#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <math.h>

#define EPOCH_MIN_S (-62135596800.0) /* the year 1 */
#define EPOCH_MAX_S 253402300800.0   /* the year 10000 */

DEFINE_CLEANUP(json, json_t *, json_decref);

struct walk {
    struct arena *arena;
    unsigned depth;
    char *reason;
    size_t reason_size;
};

static int fail(struct walk *w, const char *what, const char *name)
{
    snprintf(w->reason, w->reason_size, "%s: %s", what, name);
    return -EPROTO;
}

/* Any value; a null leaves `value` as it is. `target` of a structure is the structure itself.
 */
static int parse_value(struct walk *w, const char *name, const struct pail_shape *shape,
                       const json_t *value, void *target);

static struct pail_str text_of(const json_t *value)
{
    return str_of(json_string_value(value), json_string_length(value));
}

static int parse_member(struct walk *w, const struct pail_member *member, const json_t *value,
                        void *target)
{
    const struct pail_shape *shape = member->shape;
    if (shape->type == PAIL_STRUCTURE) {
        void *structure = arena_alloc(w->arena, shape->size);
        if (!structure)
            return -ENOMEM;
        memcpy(target, &structure, sizeof(structure));
        target = structure;
    }
    int r = parse_value(w, member->name, shape, value, target);
    return r == -EPROTO && member->flags & PAIL_LENIENT ? 0 : r;
}

static int parse_structure(struct walk *w, const char *name, const struct pail_shape *shape,
                           const json_t *object, void *structure)
{
    if (!json_is_object(object))
        return fail(w, "not an object", name);
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct pail_member *member = &shape->members[i];
        if (member->location != PAIL_IN_BODY)
            continue;
        const json_t *value = json_object_get(object, value_wire_name(member));
        bool present = value && !json_is_null(value);
        int r = present ? parse_member(w, member, value, value_member(member, structure)) : 0;
        if (!present && member->flags & PAIL_REQUIRED)
            r = fail(w, "missing member", member->name);
        if (r < 0)
            return r;
    }
    return value_union_valid(shape, structure)
               ? 0
               : fail(w, "more than one member of a union", name);
}

static int parse_list(struct walk *w, const char *name, const struct pail_shape *shape,
                      const json_t *array, void *list)
{
    if (!json_is_array(array))
        return fail(w, "not an array", name);
    int r = value_list_present(w->arena, list);
    for (size_t i = 0; i < json_array_size(array) && r == 0; i++) {
        void *element;
        r = value_list_add(w->arena, shape, list, &element);
        if (r == 0)
            r = parse_value(w, name, shape->element, json_array_get(array, i), element);
    }
    return r;
}

static int parse_map(struct walk *w, const char *name, const struct pail_shape *shape,
                     const json_t *object, void *map)
{
    if (!json_is_object(object))
        return fail(w, "not an object", name);
    int r = value_list_present(w->arena, map);
    /* jansson's iterators take a json_t that is not const, but do not change it. */
    json_t *iterated = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(iterated); at && r == 0;
         at = json_object_iter_next(iterated, at)) {
        void *entry;
        r = value_list_add(w->arena, shape, map, &entry);
        if (r < 0)
            break;
        struct pail_str *key = entry;
        *key = arena_str(w->arena, str_c(json_object_iter_key(at)));
        if (!key->ptr)
            return -ENOMEM;
        r = parse_value(w, name, shape->element, json_object_iter_value(at),
                        (char *)entry + VALUE_MAP_VALUE);
    }
    return r;
}

static int parse_number(struct walk *w, const char *name, const struct pail_shape *shape,
                        const json_t *value, struct pail_int *ret)
{
    int64_t number;
    if (json_is_integer(value)) {
        number = json_integer_value(value);
    } else {
        double real = json_is_real(value) ? json_real_value(value) : NAN;
        if (!(real >= -9007199254740992.0 && real <= 9007199254740992.0) || floor(real) != real)
            return fail(w, "not an integer", name);
        number = (int64_t)real;
    }
    if (shape->type == PAIL_INTEGER && (number < INT32_MIN || number > INT32_MAX))
        return fail(w, "not a 32-bit integer", name);
    *ret = PAIL_INT(number);
    return 0;
}

/* Seconds, to the microsecond: what a double of today's date can hold. */
static int parse_seconds(struct walk *w, const char *name, const json_t *value,
                         struct pail_time *ret)
{
    double seconds = json_number_value(value);
    if (!(seconds >= EPOCH_MIN_S && seconds < EPOCH_MAX_S))
        return fail(w, "not a time", name);
    double whole = floor(seconds);
    uint32_t micros = (uint32_t)lround((seconds - whole) * 1e6);
    *ret = (struct pail_time){.seconds = (int64_t)whole + micros / 1000000,
                              .nanoseconds = micros % 1000000 * 1000,
                              .present = true};
    return 0;
}

static int parse_text(struct walk *w, const char *name, const struct pail_shape *shape,
                      const json_t *value, void *target)
{
    if (!json_is_string(value))
        return fail(w, "not a string", name);
    int r = value_parse(w->arena, shape, text_of(value), target);
    return r == -EPROTO ? fail(w, "not a value of its type", name) : r;
}

static int parse_scalar(struct walk *w, const char *name, const struct pail_shape *shape,
                        const json_t *value, void *target)
{
    switch (shape->type) {
    case PAIL_INTEGER:
    case PAIL_LONG:
        return parse_number(w, name, shape, value, target);
    case PAIL_DOUBLE:
        if (!json_is_number(value))
            return parse_text(w, name, shape, value, target);
        *(struct pail_double *)target =
            (struct pail_double){.value = json_number_value(value), .present = true};
        return 0;
    case PAIL_TIMESTAMP:
        return json_is_number(value) ? parse_seconds(w, name, value, target)
                                     : parse_text(w, name, shape, value, target);
    case PAIL_BOOLEAN:
        if (!json_is_boolean(value))
            return fail(w, "not a boolean", name);
        *(struct pail_bool *)target = PAIL_BOOL(json_is_true(value));
        return 0;
    default:
        return parse_text(w, name, shape, value, target);
    }
}

static int parse_value(struct walk *w, const char *name, const struct pail_shape *shape,
                       const json_t *value, void *target)
{
    if (json_is_null(value))
        return 0;
    bool nests =
        shape->type == PAIL_STRUCTURE || shape->type == PAIL_LIST || shape->type == PAIL_MAP;
    if (!nests)
        return parse_scalar(w, name, shape, value, target);
    if (w->depth == JSON_DEPTH_MAX)
        return fail(w, "nested too deeply", name);
    w->depth++;
    int r = shape->type == PAIL_STRUCTURE ? parse_structure(w, name, shape, value, target)
            : shape->type == PAIL_LIST    ? parse_list(w, name, shape, value, target)
                                          : parse_map(w, name, shape, value, target);
    w->depth--;
    return r;
}

/* 0, -EPROTO, -ENOMEM. */
static int load(struct pail_str body, json_t **ret, json_error_t *error)
{
    /* jansson takes a NUL outside of strings for the end. */
    if (str_find(body, '\0', 0) < body.len) {
        *error = (json_error_t){.line = 1, .text = "a NUL in it"};
        return -EPROTO;
    }
    const char *data = body.ptr ? body.ptr : "";
    *ret = json_loadb(data, body.len, JSON_ALLOW_NUL, error);
    /* An integer beyond 64 bits may be of a member that nobody knows. With all of them read as
     * reals, those of members that are known count up to 2^53: none is another than was sent.
     */
    if (!*ret && json_error_code(error) == json_error_numeric_overflow)
        *ret = json_loadb(data, body.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, error);
    if (*ret)
        return 0;
    return json_error_code(error) == json_error_out_of_memory ? -ENOMEM : -EPROTO;
}

/* The same, with the reason. */
static int load_document(struct walk *w, struct pail_str body, json_t **ret)
{
    json_error_t error;
    int r = load(body, ret, &error);
    if (r < 0)
        snprintf(w->reason, w->reason_size, "line %d: %s", error.line, error.text);
    return r;
}

int json_parse_structure(const struct pail_shape *shape, const char *name, struct arena *arena,
                         struct pail_str body, void *structure, char *reason,
                         size_t reason_size)
{
    struct walk w = {.arena = arena, .reason = reason, .reason_size = reason_size};
    CLEANUP(json) json_t *root = NULL;
    int r = load_document(&w, body, &root);
    return r < 0 ? r : parse_structure(&w, name, shape, root, structure);
}

int json_parse_output(const struct pail_operation *op, struct arena *arena,
                      struct pail_str body, void *out, char *reason, size_t reason_size)
{
    struct walk w = {.arena = arena, .reason = reason, .reason_size = reason_size};
    CLEANUP(json) json_t *root = NULL;
    int r = load_document(&w, body, &root);
    if (r < 0)
        return r;
    for (size_t i = 0; i < op->output->member_count; i++) {
        const struct pail_member *member = &op->output->members[i];
        if (member->location == PAIL_IN_PAYLOAD)
            return parse_member(&w, member, root, value_member(member, out));
    }
    return parse_structure(&w, op->name, op->output, root, out);
}

struct pail_str json_code_of(struct pail_str type)
{
    type = str_sub(type, 0, str_find(type, ':', 0));
    size_t hash = str_rfind(type, '#');
    return hash < type.len ? str_sub(type, hash + 1, type.len) : type;
}

/* The first of these members that is a string, copied; absent if none is. */
static int copy_first(struct arena *arena, const json_t *object, const char *const *names,
                      size_t count, struct pail_str *ret)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(object, names[i]);
        if (!json_is_string(value))
            continue;
        *ret = arena_str(arena, text_of(value));
        return ret->ptr ? 0 : -ENOMEM;
    }
    return 0;
}

int json_parse_error(const struct pail_operation *op, struct arena *arena, struct pail_str body,
                     struct body_facts *ret)
{
    static const char *const codes[] = {"code", "Code", "__type"};
    static const char *const messages[] = {"message", "Message"};
    size_t skip = op->service->protocol == PAIL_REST_JSON ? 0 : 2;
    json_error_t error;
    CLEANUP(json) json_t *root = NULL;
    int r = load(body, &root, &error);
    if (r == -ENOMEM)
        return r;
    if (!json_is_object(root)) {
        ret->message = arena_str(arena, body);
        return ret->message.ptr ? 0 : -ENOMEM;
    }
    r = copy_first(arena, root, codes + skip, ARRAY_LEN(codes) - skip, &ret->code);
    if (r == 0)
        r = copy_first(arena, root, messages, ARRAY_LEN(messages), &ret->message);
    ret->code = json_code_of(ret->code);
    return r;
}

static void wipe_and_free(void *memory)
{
    if (memory)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

void json_wipe_freed(void)
{
    json_set_alloc_funcs(malloc, wipe_and_free);
}
