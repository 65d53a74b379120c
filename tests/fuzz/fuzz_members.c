/* Any lines as the fields of a response's head: metadata, members, checksums, Content-Range.
 * The first byte chooses the status. */
#include "fuzz/fuzz.h"

#include "aws/checksum.h"
#include "aws/content_range.h"
#include "aws/response.h"

#include <pail/s3.h>
#include <stdlib.h>

static const int statuses[] = {200, 206, 301, 404, 405, 416, 503};

static void read_fields(struct pail_str text, struct http_headers *headers)
{
    struct pail_str line;
    while (str_next(&text, '\n', &line)) {
        size_t colon = str_find(line, ':', 0);
        if (colon < line.len)
            (void)http_headers_add(headers, str_sub(line, 0, colon),
                                   str_sub(line, colon + 1, line.len));
    }
}

static void check_range(const struct http_headers *headers)
{
    struct content_range range;
    if (content_range_parse(http_headers_get(headers, "Content-Range"), &range) < 0)
        return;
    if (range.first > range.last || range.last > INT64_MAX ||
        content_range_len(&range) > INT64_MAX ||
        (range.total_known && range.total <= range.last))
        abort();
    if (content_range_is_whole(&range) && content_range_len(&range) != range.total)
        abort();
}

static void check_checksum(const struct http_headers *headers)
{
    struct checksum checksum = {0};
    if (checksum_choose(&checksum, headers) < 0 || !checksum.name != !checksum.digest)
        abort();
    checksum_update(&checksum, "x", 1);
    (void)checksum_verify(&checksum);
    checksum_done(&checksum);
}

/* Every field is told, in order, as it came. */
static void check_told(const struct pail_response *response, const struct http_headers *headers)
{
    if (response->header_count != headers->count)
        abort();
    for (size_t i = 0; i < headers->count; i++)
        if (!str_eq(response->headers[i].name, http_headers_name(headers, i)) ||
            !str_eq(response->headers[i].value, http_headers_value(headers, i)))
            abort();
}

static void parse(const struct http_headers *headers, int status)
{
    struct pail_header fields[HEADERS_MAX];
    struct pail_s3_head_object_output out = {0};
    struct pail_error error = {0};
    struct response_facts facts;
    const struct pail_operation *op = &pail_s3_head_object_operation;
    for (size_t i = 0; i < headers->count; i++)
        fields[i] =
            (struct pail_header){http_headers_name(headers, i), http_headers_value(headers, i)};
    const struct pail_http_response response = {.status = status,
                                                .reason = PAIL_STR("Reason"),
                                                .headers = fields,
                                                .header_count = headers->count,
                                                .is_head = true};
    int r = response_parse(op, &response, &out, &facts, &error);
    if ((r == 0 && status >= 300) || (r < 0 && error.sys != -r) || facts.retry_after_ms < -1 ||
        !memchr(facts.region, 0, sizeof(facts.region)))
        abort();
    check_told(&out.response, headers);
    char *json = NULL;
    if (pail_output_json(op, &out, &json) < 0)
        abort();
    free(json);
    pail_output_free(op, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_headers headers;
    if (size < 1)
        return 0;
    http_headers_init(&headers);
    read_fields(str_of((const char *)data + 1, size - 1), &headers);
    check_range(&headers);
    check_checksum(&headers);
    parse(&headers, statuses[data[0] % ARRAY_LEN(statuses)]);
    http_headers_done(&headers);
    return 0;
}
