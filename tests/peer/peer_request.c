#include "peer/peer_private.h"

#include <strings.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* A decoded, NUL-terminated copy. */
static char *decode(const char *text, size_t len, bool plus, size_t *ret_len)
{
    char *to = peer_realloc(NULL, len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            to[n++] = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            to[n++] = plus && text[i] == '+' ? ' ' : text[i];
        }
    }
    to[n] = '\0';
    *ret_len = n;
    return to;
}

static void add_pair(const struct peer_pair **pairs, size_t *count, char *name, char *value,
                     size_t value_len)
{
    union {
        const struct peer_pair *given;
        struct peer_pair *owned;
    } list = {.given = *pairs};
    list.owned = peer_realloc(list.owned, (*count + 1) * sizeof(struct peer_pair));
    list.owned[*count] = (struct peer_pair){name, value, value_len};
    *pairs = list.given;
    *count += 1;
}

static void free_pairs(const struct peer_pair *pairs, size_t count)
{
    union {
        const void *given;
        void *owned;
    } pointer;
    for (size_t i = 0; i < count; i++) {
        pointer.given = pairs[i].name;
        free(pointer.owned);
        pointer.given = pairs[i].value;
        free(pointer.owned);
    }
    pointer.given = pairs;
    free(pointer.owned);
}

static void record_free(struct peer_record *record)
{
    struct peer_request *r = &record->request;
    free_pairs(r->params, r->param_count);
    free_pairs(r->headers, r->header_count);
    const void *parts[] = {r->method, r->target, r->path, r->raw_path};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        union {
            const void *given;
            void *owned;
        } pointer = {.given = parts[i]};
        free(pointer.owned);
    }
    free(record->body.data);
    free(record);
}

void peer_record_unref(struct peer_record *record)
{
    if (record && --record->refs == 0)
        record_free(record);
}

const char *peer_request_header(const struct peer_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

const char *peer_request_param(const struct peer_request *request, const char *name)
{
    for (size_t i = 0; i < request->param_count; i++)
        if (strcmp(request->params[i].name, name) == 0)
            return request->params[i].value;
    return NULL;
}

static bool parse_target(struct peer_request *r, const char *target, size_t len)
{
    r->target = peer_strndup(target, len);
    const char *mark = memchr(target, '?', len);
    size_t path_len = mark ? (size_t)(mark - target) : len;
    r->raw_path = peer_strndup(target, path_len);
    r->path = decode(target, path_len, false, &r->path_len);
    const char *at = mark ? mark + 1 : target + len;
    const char *end = target + len;
    while (at < end) {
        const char *and = memchr(at, '&', (size_t)(end - at));
        const char *stop = and? and : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        const char *name_end = equals ? equals : stop;
        const char *value = equals ? equals + 1 : stop;
        size_t name_len, value_len;
        char *name = decode(at, (size_t)(name_end - at), true, &name_len);
        char *text = decode(value, (size_t)(stop - value), true, &value_len);
        add_pair(&r->params, &r->param_count, name, text, value_len);
        at = stop + 1;
    }
    return len > 0;
}

/* The lines from `at` to the empty line before `end`. */
static bool parse_headers(struct peer_request *r, const char *at, const char *end)
{
    while (at < end) {
        const char *stop = memmem(at, (size_t)(end - at), "\r\n", 2);
        if (!stop)
            return false;
        const char *colon = memchr(at, ':', (size_t)(stop - at));
        if (!colon || colon == at)
            return false;
        const char *value = colon + 1;
        while (value < stop && (*value == ' ' || *value == '\t'))
            value++;
        add_pair(&r->headers, &r->header_count, peer_strndup(at, (size_t)(colon - at)),
                 peer_strndup(value, (size_t)(stop - value)), (size_t)(stop - value));
        at = stop + 2;
    }
    return true;
}

static bool parse_number(const char *text, unsigned base, uint64_t *ret)
{
    uint64_t n = 0;
    size_t i = 0;
    for (; text[i] && text[i] != ';' && text[i] != '\r'; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0 || (unsigned)digit >= base || n > PEER_BODY_MAX)
            return false;
        n = n * base + (unsigned)digit;
    }
    *ret = n;
    return i > 0 && n <= PEER_BODY_MAX;
}

/* The chunked body at `in`: its length on the wire, 0 if there is more to come, -1 if it is
 * broken. */
static long parse_chunks(const char *in, size_t len, struct peer_text *body)
{
    size_t at = 0;
    for (;;) {
        const char *line_end = memmem(in + at, len - at, "\r\n", 2);
        if (!line_end)
            return len - at > 64 ? -1 : 0;
        uint64_t size;
        if (!parse_number(in + at, 16, &size) || body->len + size > PEER_BODY_MAX)
            return -1;
        at = (size_t)(line_end - in) + 2;
        if (len - at < size + 2)
            return 0;
        peer_text_add(body, in + at, (size_t)size);
        at += (size_t)size + 2;
        if (size == 0)
            return (long)at;
    }
}

static bool parse_head(struct peer_record *record, const char *in, const char *head_end)
{
    const char *line_end = memmem(in, (size_t)(head_end + 2 - in), "\r\n", 2);
    const char *first = memchr(in, ' ', (size_t)(line_end - in));
    const char *last = memrchr(in, ' ', (size_t)(line_end - in));
    if (!first || first == last || strncmp(last + 1, "HTTP/1.", 7) != 0)
        return false;
    struct peer_request *r = &record->request;
    r->method = peer_strndup(in, (size_t)(first - in));
    if (!parse_target(r, first + 1, (size_t)(last - first - 1)) ||
        !parse_headers(r, line_end + 2, head_end + 2))
        return false;
    const char *connection = peer_request_header(r, "Connection");
    record->keep_alive =
        last[8] != '0' && !(connection && strcasecmp(connection, "close") == 0);
    return true;
}

long peer_parse(const char *in, size_t len, struct peer_record **ret, bool *ret_expects)
{
    *ret_expects = false;
    const char *head_end = len ? memmem(in, len, "\r\n\r\n", 4) : NULL;
    if (!head_end)
        return len > PEER_HEAD_MAX ? -1 : 0;
    struct peer_record *record = peer_zalloc(sizeof(*record));
    size_t head_len = (size_t)(head_end - in) + 4;
    long body_len = -1;
    bool whole = parse_head(record, in, head_end);
    if (whole) {
        const char *coding = peer_request_header(&record->request, "Transfer-Encoding");
        const char *length = peer_request_header(&record->request, "Content-Length");
        uint64_t n = 0;
        if (coding && strcasecmp(coding, "chunked") == 0) {
            body_len = parse_chunks(in + head_len, len - head_len, &record->body);
            whole = body_len != 0;
        } else if (!length || parse_number(length, 10, &n)) {
            body_len = (long)n;
            whole = len - head_len >= n;
            if (whole)
                peer_text_add(&record->body, in + head_len, (size_t)n);
        }
        *ret_expects = !whole && peer_request_header(&record->request, "Expect");
    } else {
        whole = true;
    }
    if (!whole || body_len < 0) {
        record_free(record);
        return whole ? -1 : 0;
    }
    record->request.body = record->body.data ? record->body.data : "";
    record->request.body_len = record->body.len;
    record->request.time_ns = peer_now_ns();
    record->refs = 1;
    *ret = record;
    return (long)head_len + body_len;
}
