/* Responses without a transport: pail_get_response, as botocore's get_response. */
#include "driver.h"

#include <pail/body.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX 64

static struct pail_str text_of(const json_t *json)
{
    return (struct pail_str){.ptr = json_string_value(json), .len = json_string_length(json)};
}

static int nibble(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/* The bytes that a hex string tells, on the heap. */
static char *bytes_of(const json_t *hex, size_t *ret_len)
{
    struct pail_str text = text_of(hex);
    char *bytes = malloc(text.len / 2 + 1);
    if (!bytes)
        driver_die("out of memory", "");
    for (size_t i = 0; i < text.len / 2; i++)
        bytes[i] = (char)(nibble(text.ptr[2 * i]) << 4 | nibble(text.ptr[2 * i + 1]));
    *ret_len = text.len / 2;
    return bytes;
}

/* What the response promises of its body. */
static struct pail_int length_of(const struct pail_response *response)
{
    struct pail_str text = pail_response_header(response, "Content-Length");
    return text.ptr ? PAIL_INT(strtoll(text.ptr, NULL, 10)) : (struct pail_int){0};
}

void bare_run(const struct pail_operation *operation, const json_t *described, const char *mode,
              void *output, json_t *result)
{
    struct pail_header headers[HEADERS_MAX];
    struct pail_error error = {0};
    size_t i;
    const json_t *pair;
    struct pail_http_response response = {
        .status = (int)driver_number(described, "status"),
        .reason = text_of(json_object_get(described, "reason")),
        .headers = headers,
        .is_head = strcmp(operation->method, "HEAD") == 0,
    };
    json_array_foreach(json_object_get(described, "headers"), i, pair)
    {
        if (i == HEADERS_MAX)
            driver_die("too many headers", "");
        headers[response.header_count++] = (struct pail_header){
            text_of(json_array_get(pair, 0)), text_of(json_array_get(pair, 1))};
    }
    size_t len;
    char *bytes = bytes_of(json_object_get(described, "body"), &len);
    response.body = (struct pail_str){bytes, len};
    int r = pail_get_response(operation, &response, output, &error);
    json_object_set_new(result, "meta", driver_meta(output));
    if (r < 0) {
        json_object_set_new(result, "error", driver_error(&error));
    } else {
        /* The stream is the caller's to open. */
        struct pail_body **body = driver_member(operation, output, PAIL_STREAM);
        if (body && pail_body_from_memory(bytes, len, length_of(output), body) < 0)
            driver_die("out of memory", "");
        json_object_set_new(result, "output", driver_output(operation, output));
        if (body && mode)
            mode_run(mode, *body, result);
        if (body)
            pail_body_free(pail_body_take(body));
    }
    free(bytes);
}
