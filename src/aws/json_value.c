/* JSON values for users. A struct pail_json is a json_t under another name: it is never
 * defined. */
#include "aws/response.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <pail/json.h>

#define WHOLE_MAX 9007199254740992.0 /* 2^53: up to here every whole double is itself */

static const json_t *json_of(const struct pail_json *value)
{
    return (const json_t *)(const void *)value;
}

static const struct pail_json *value_of(const json_t *json)
{
    return (const struct pail_json *)(const void *)json;
}

int pail_json_parse(struct pail_str text, struct pail_json **ret, struct pail_error *error)
{
    const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
    const char *data = text.ptr ? text.ptr : "";
    json_error_t why;
    /* jansson takes a NUL outside of strings for the end. */
    if (str_find(text, '\0', 0) < text.len)
        return error_set(error, PAIL_ERROR_PARSE, EILSEQ, "not JSON: a NUL in it");
    json_t *json = json_loadb(data, text.len, flags, &why);
    if (!json && json_error_code(&why) == json_error_numeric_overflow)
        json = json_loadb(data, text.len, flags | JSON_DECODE_INT_AS_REAL, &why);
    if (json) {
        *ret = (struct pail_json *)(void *)json;
        return 0;
    }
    if (json_error_code(&why) == json_error_out_of_memory)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    return error_set(error, PAIL_ERROR_PARSE, EILSEQ, "not JSON: %s, at byte %d", why.text,
                     why.position);
}

void pail_json_free(struct pail_json *value)
{
    json_decref((json_t *)(void *)value);
}

enum pail_json_type pail_json_type(const struct pail_json *value)
{
    static const enum pail_json_type types[] = {
        [JSON_OBJECT] = PAIL_JSON_OBJECT, [JSON_ARRAY] = PAIL_JSON_ARRAY,
        [JSON_STRING] = PAIL_JSON_STRING, [JSON_INTEGER] = PAIL_JSON_INTEGER,
        [JSON_REAL] = PAIL_JSON_REAL,     [JSON_TRUE] = PAIL_JSON_BOOLEAN,
        [JSON_FALSE] = PAIL_JSON_BOOLEAN, [JSON_NULL] = PAIL_JSON_NULL,
    };
    return value ? types[json_typeof(json_of(value))] : PAIL_JSON_NULL;
}

struct pail_str pail_json_string(const struct pail_json *value)
{
    const json_t *json = json_of(value);
    return str_of(json_string_value(json), json_string_length(json));
}

struct pail_int pail_json_integer(const struct pail_json *value)
{
    const json_t *json = json_of(value);
    if (json_is_integer(json))
        return PAIL_INT(json_integer_value(json));
    double real = json_is_real(json) ? json_real_value(json) : NAN;
    if (!(real >= -WHOLE_MAX && real <= WHOLE_MAX) || floor(real) != real)
        return (struct pail_int){0};
    return PAIL_INT((int64_t)real);
}

struct pail_double pail_json_double(const struct pail_json *value)
{
    const json_t *json = json_of(value);
    return (struct pail_double){.value = json_number_value(json),
                                .present = json_is_number(json)};
}

struct pail_bool pail_json_boolean(const struct pail_json *value)
{
    const json_t *json = json_of(value);
    return (struct pail_bool){.value = json_is_true(json), .present = json_is_boolean(json)};
}

const struct pail_json *pail_json_get(const struct pail_json *value, const char *name)
{
    return value_of(json_object_get(json_of(value), name));
}

size_t pail_json_count(const struct pail_json *value)
{
    const json_t *json = json_of(value);
    return json_is_array(json) ? json_array_size(json) : json_object_size(json);
}

const struct pail_json *pail_json_at(const struct pail_json *value, size_t index)
{
    return value_of(json_array_get(json_of(value), index));
}

bool pail_json_equal(const struct pail_json *a, const struct pail_json *b)
{
    return json_equal(json_of(a), json_of(b)) != 0;
}

int pail_json_text(const struct pail_json *value, char **ret)
{
    char *text = value ? json_dumps(json_of(value), JSON_COMPACT | JSON_ENCODE_ANY)
                       : str_dup(PAIL_STR("null"));
    if (!text)
        return -ENOMEM;
    *ret = text;
    return 0;
}
