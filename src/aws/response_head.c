#include "aws/response_head.h"

#include "aws/value.h"
#include "base/date.h"
#include "base/num.h"

#include <errno.h>

#define RETRY_AFTER_MAX_MS (24 * 60 * 60 * 1000) /* what a server may ask for */

static struct pail_str header_of(const struct pail_header *headers, size_t count,
                                 struct pail_str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_nocase(headers[i].name, name))
            return headers[i].value;
    return str_of(NULL, 0);
}

struct pail_str pail_response_header(const struct pail_response *response, const char *name)
{
    return header_of(response->headers, response->header_count, str_c(name));
}

struct pail_str response_header(const struct pail_http_response *response, const char *name)
{
    return header_of(response->headers, response->header_count, str_c(name));
}

static int copy_headers(const struct pail_http_response *response, struct arena *arena,
                        struct pail_response *ret)
{
    if (response->header_count > HEADERS_MAX)
        return -EPROTO;
    struct pail_header *headers = arena_array(arena, response->header_count, sizeof(*headers));
    if (!headers)
        return -ENOMEM;
    for (size_t i = 0; i < response->header_count; i++) {
        headers[i].name = arena_str(arena, response->headers[i].name);
        headers[i].value = arena_str(arena, response->headers[i].value);
        if (!headers[i].name.ptr || !headers[i].value.ptr)
            return -ENOMEM;
    }
    ret->headers = headers;
    ret->header_count = response->header_count;
    return 0;
}

int response_head_metadata(const struct pail_http_response *response, struct arena *arena,
                           struct pail_response *ret)
{
    ret->http_status = response->status;
    int r = copy_headers(response, arena, ret);
    if (r < 0)
        return r;
    ret->request_id = pail_response_header(ret, "x-amzn-requestid");
    if (!ret->request_id.ptr)
        ret->request_id = pail_response_header(ret, "x-amz-request-id");
    ret->host_id = pail_response_header(ret, "x-amz-id-2");
    return 0;
}

/* "old, value": what a field that is repeated says in all. Absent on ENOMEM. */
static struct pail_str joined(struct arena *arena, struct pail_str old, struct pail_str value)
{
    char *text = arena_alloc(arena, old.len + 2 + value.len + 1);
    if (!text)
        return str_of(NULL, 0);
    memcpy(text, old.ptr, old.len);
    memcpy(text + old.len, ", ", 2);
    memcpy(text + old.len + 2, value.ptr, value.len);
    return str_of(text, old.len + 2 + value.len);
}

static struct pail_str_entry *entry_of(const void *map, struct pail_str key)
{
    struct value_list entries = value_list_get(map);
    struct pail_str_entry *items = entries.items;
    for (size_t i = 0; i < entries.count; i++)
        if (str_eq_nocase(items[i].key, key))
            return &items[i];
    return NULL;
}

/* Adds a header to the map, or to the entry that it has there. */
static int collect_one(const struct pail_member *member, struct pail_str key,
                       struct pail_str value, struct arena *arena, void *map)
{
    struct pail_str_entry *pair = entry_of(map, key);
    if (pair) {
        pair->value = joined(arena, pair->value, value);
        return pair->value.ptr ? 0 : -ENOMEM;
    }
    void *entry;
    int r = value_list_add(arena, member->shape, map, &entry);
    if (r < 0)
        return r;
    pair = entry;
    pair->key = arena_str(arena, key);
    pair->value = arena_str(arena, value);
    return pair->key.ptr && pair->value.ptr ? 0 : -ENOMEM;
}

/* A map of every header that starts with the member's wire name. */
static int collect_prefixed(const struct pail_member *member,
                            const struct pail_http_response *response, struct arena *arena,
                            void *map)
{
    struct pail_str prefix = str_c(value_wire_name(member));
    for (size_t i = 0; i < response->header_count; i++) {
        struct pail_str name = response->headers[i].name;
        if (!str_starts_nocase(name, prefix))
            continue;
        int r = collect_one(member, str_sub(name, prefix.len, name.len),
                            response->headers[i].value, arena, map);
        if (r < 0)
            return r;
    }
    return 0;
}

static bool is_weekday(struct pail_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!((s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') || (s.ptr[i] >= 'a' && s.ptr[i] <= 'z')))
            return false;
    return s.len > 0;
}

/* The next of a list's items. A date as HTTP has it holds a comma itself: "Fri, 02 Jan ...". */
static bool next_item(struct pail_str *text, const struct pail_shape *element,
                      struct pail_str *ret)
{
    struct pail_str date;
    if (!str_next(text, ',', ret))
        return false;
    if (element->type == PAIL_TIMESTAMP && is_weekday(str_trim(*ret)) &&
        str_next(text, ',', &date))
        ret->len = (size_t)(date.ptr + date.len - ret->ptr);
    return true;
}

/* "a, b" as a list, or more of it. */
static int split_list(const struct pail_member *member, struct pail_str text,
                      struct arena *arena, void *list)
{
    struct pail_str item;
    while (next_item(&text, member->shape->element, &item)) {
        void *element;
        int r = value_list_add(arena, member->shape, list, &element);
        if (r == 0)
            r = value_parse(arena, member->shape->element, str_trim(item), element);
        if (r < 0)
            return r;
    }
    return 0;
}

/* A list may be spread over several fields of its name. */
static int collect_list(const struct pail_member *member,
                        const struct pail_http_response *response, struct arena *arena,
                        void *list)
{
    struct pail_str name = str_c(value_wire_name(member));
    int r = 0;
    for (size_t i = 0; i < response->header_count && r == 0; i++)
        if (str_eq_nocase(response->headers[i].name, name))
            r = split_list(member, response->headers[i].value, arena, list);
    return r;
}

static int parse_header(const struct pail_member *member,
                        const struct pail_http_response *response, struct arena *arena,
                        void *value)
{
    if (member->shape->type == PAIL_LIST)
        return collect_list(member, response, arena, value);
    struct pail_str text = response_header(response, value_wire_name(member));
    return text.ptr ? value_parse(arena, member->shape, text, value) : 0;
}

static int parse_member(const struct pail_member *member,
                        const struct pail_http_response *response, struct arena *arena,
                        void *value)
{
    if (member->location == PAIL_IN_STATUS) {
        *(struct pail_int *)value = PAIL_INT(response->status);
        return 0;
    }
    if (member->location == PAIL_IN_HEADER_PREFIX)
        return collect_prefixed(member, response, arena, value);
    if (member->location != PAIL_IN_HEADER)
        return 0;
    int r = parse_header(member, response, arena, value);
    return r == -EPROTO && member->flags & PAIL_LENIENT ? 0 : r;
}

int response_head_members(const struct pail_shape *output,
                          const struct pail_http_response *response, struct arena *arena,
                          void *out, const struct pail_member **ret_member)
{
    for (size_t i = 0; i < output->member_count; i++) {
        const struct pail_member *member = &output->members[i];
        int r = parse_member(member, response, arena, value_member(member, out));
        if (r < 0) {
            *ret_member = member;
            return r;
        }
    }
    return 0;
}

/* `date_s`: what the response says the time is; INT64_MIN: nothing. */
static int64_t retry_after(const struct pail_http_response *response, int64_t date_s)
{
    uint64_t number;
    struct pail_time date;
    if (num_u64(response_header(response, "x-amz-retry-after"), RETRY_AFTER_MAX_MS, &number) ==
        0)
        return (int64_t)number;
    if (num_u64(response_header(response, "Retry-After"), RETRY_AFTER_MAX_MS / 1000, &number) ==
        0)
        return (int64_t)number * 1000;
    /* A date, by the clock of whoever wrote it. */
    if (date_s == INT64_MIN ||
        date_parse_http(response_header(response, "Retry-After"), &date) < 0)
        return -1;
    int64_t after_s = date.seconds > date_s ? date.seconds - date_s : 0;
    return after_s > RETRY_AFTER_MAX_MS / 1000 ? RETRY_AFTER_MAX_MS : after_s * 1000;
}

void response_head_facts(const struct pail_http_response *response, struct response_facts *ret)
{
    struct pail_time date;
    *ret = (struct response_facts){.date_s = INT64_MIN};
    if (date_parse_http(response_header(response, "Date"), &date) == 0)
        ret->date_s = date.seconds;
    ret->retry_after_ms = retry_after(response, ret->date_s);
    str_copy(ret->region, sizeof(ret->region),
             response_header(response, "x-amz-bucket-region"));
}
