/* Any bytes as a JSON value: what is accepted is UTF-8, can be walked, and survives being
 * written and read. */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <pail/json.h>
#include <stdlib.h>

static void walk(const struct pail_json *value)
{
    size_t count = pail_json_count(value);
    if (!value)
        return;
    switch (pail_json_type(value)) {
    case PAIL_JSON_STRING:
        if (!str_is_utf8(pail_json_string(value)))
            abort();
        break;
    case PAIL_JSON_INTEGER:
        if (!pail_json_integer(value).present || !pail_json_double(value).present)
            abort();
        break;
    case PAIL_JSON_REAL:
        if (!pail_json_double(value).present)
            abort();
        break;
    case PAIL_JSON_ARRAY:
        for (size_t i = 0; i < count; i++)
            walk(pail_json_at(value, i));
        if (pail_json_at(value, count))
            abort();
        break;
    default:
        break;
    }
    walk(pail_json_get(value, "a"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pail_json *value = NULL, *again = NULL;
    struct pail_error error = {0};
    char *text = NULL;
    int r = pail_json_parse(str_of((const char *)data, size), &value, &error);
    if (r < 0) {
        if (error.sys != -r || !error.message[0])
            abort();
        return 0;
    }
    walk(value);
    if (pail_json_text(value, &text) < 0 || pail_json_parse(str_c(text), &again, &error) < 0 ||
        !pail_json_equal(value, again) || !pail_json_equal(again, value))
        abort();
    free(text);
    pail_json_free(again);
    pail_json_free(value);
    return 0;
}
