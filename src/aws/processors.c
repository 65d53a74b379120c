/* Processors of lines: decode, parse, filter. */
#include "aws/response.h"

#include <errno.h>
#include <inttypes.h>
#include <pail/pipeline.h>

static void release(struct pail_item *item)
{
    pail_json_free(item->json);
    if (item->release)
        item->release(item->value);
    *item = (struct pail_item){.line = item->line};
}

void pail_item_set_text(struct pail_item *item, enum pail_item_type type, struct pail_str text)
{
    release(item);
    item->type = type;
    item->text = text;
}

void pail_item_set_json(struct pail_item *item, struct pail_json *json)
{
    release(item);
    item->type = PAIL_ITEM_JSON;
    item->json = json;
}

void pail_item_set_value(struct pail_item *item, void *value,
                         void (*release_value)(void *value))
{
    release(item);
    item->type = PAIL_ITEM_VALUE;
    item->value = value;
    item->release = release_value;
}

/* A processor's `user`: what to do with invalid lines. */
static const enum pail_invalid invalids[] = {PAIL_INVALID_DROP, PAIL_INVALID_FAIL};

static void *user_of(enum pail_invalid invalid)
{
    return (void *)(uintptr_t)&invalids[invalid == PAIL_INVALID_FAIL];
}

static int on_invalid(const void *user, const struct pail_item *item, const char *why,
                      struct pail_error *error)
{
    if (*(const enum pail_invalid *)user == PAIL_INVALID_DROP)
        return PAIL_ITEM_DROP;
    return error_set(error, PAIL_ERROR_PARSE, EILSEQ, "line %" PRIu64 ": %s", item->line, why);
}

static int wrong_order(const struct pail_item *item, const char *what, struct pail_error *error)
{
    return error_set(error, PAIL_ERROR_PARAM, EINVAL, "line %" PRIu64 ": %s", item->line, what);
}

static int decode(void *user, struct pail_item *item, struct pail_error *error)
{
    if (item->type == PAIL_ITEM_TEXT)
        return PAIL_ITEM_KEEP;
    if (item->type != PAIL_ITEM_BYTES)
        return wrong_order(item, "what is to be decoded is no bytes", error);
    if (!str_is_utf8(item->text))
        return on_invalid(user, item, "not UTF-8", error);
    item->type = PAIL_ITEM_TEXT;
    return PAIL_ITEM_KEEP;
}

static int parse(void *user, struct pail_item *item, struct pail_error *error)
{
    struct pail_json *json = NULL;
    if (item->type == PAIL_ITEM_JSON)
        return PAIL_ITEM_KEEP;
    if (item->type == PAIL_ITEM_VALUE)
        return wrong_order(item, "what is to be parsed is no text", error);
    int r = pail_json_parse(item->text, &json, error);
    if (r == -EILSEQ) {
        char why[sizeof(error->message)];
        str_copy(why, sizeof(why), str_c(error->message));
        return on_invalid(user, item, why, error);
    }
    if (r < 0)
        return r;
    pail_item_set_json(item, json);
    return pail_json_type(json) == PAIL_JSON_NULL ? PAIL_ITEM_DROP : PAIL_ITEM_KEEP;
}

static int filter(void *user, struct pail_item *item, struct pail_error *error)
{
    const struct pail_filter *wanted = user;
    (void)error;
    struct pail_str value = pail_json_string(pail_json_get(item->json, wanted->key));
    return value.ptr && str_eq(value, wanted->equals) ? PAIL_ITEM_KEEP : PAIL_ITEM_DROP;
}

struct pail_processor pail_decode_processor(enum pail_invalid invalid)
{
    return (struct pail_processor){.process = decode, .user = user_of(invalid)};
}

struct pail_processor pail_json_processor(enum pail_invalid invalid)
{
    return (struct pail_processor){.process = parse, .user = user_of(invalid)};
}

struct pail_processor pail_filter_processor(const struct pail_filter *wanted)
{
    return (struct pail_processor){.process = filter, .user = (void *)(uintptr_t)wanted};
}
