/* driver CASES URL: what libpail makes of the peer's answers, one JSON object a line for each
 * case of the file: {"id", "output", "meta", "error", "body", "body_error", "waits"}, in the
 * terms of the oracle. Waits are noted instead of waited for (clock.c). A "bare" case is a
 * response to parse, without a peer. */
#include "driver.h"

#include "base/arena.h"

#include <pail/client.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (64U * 1024 * 1024)

_Noreturn void driver_die(const char *what, const char *which)
{
    fprintf(stderr, "driver: %s: %s\n", what, which);
    exit(2);
}

const char *driver_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

int64_t driver_number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

json_t *driver_hex(const void *data, size_t len)
{
    char *text = malloc(2 * len + 1);
    if (!text)
        driver_die("out of memory", "");
    for (size_t i = 0; i < len; i++)
        snprintf(text + 2 * i, 3, "%02x", ((const unsigned char *)data)[i]);
    json_t *json = json_stringn(text, 2 * len);
    free(text);
    return json;
}

/* ---- results as JSON ---- */

static json_t *latin1(struct pail_str s)
{
    if (!s.ptr)
        return json_null();
    char *text = malloc(2 * s.len + 1);
    size_t n = 0;
    if (!text)
        driver_die("out of memory", "");
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x80) {
            text[n++] = (char)(0xc0 | c >> 6);
            c = 0x80 | (c & 0x3f);
        }
        text[n++] = (char)c;
    }
    json_t *json = json_stringn(text, n);
    free(text);
    return json;
}

/* As UTF-8 if it is, else byte by byte. */
static json_t *text_json(const char *text)
{
    json_t *json = json_string(text);
    return json ? json : latin1((struct pail_str){.ptr = text, .len = strlen(text)});
}

json_t *driver_error(const struct pail_error *error)
{
    json_t *json = json_object();
    json_object_set_new(json, "kind", json_string(pail_error_kind_name(error->kind)));
    json_object_set_new(json, "errno", json_string(pail_errno_name(error->sys)));
    json_object_set_new(json, "code", text_json(error->code));
    json_object_set_new(json, "message", text_json(error->message));
    json_object_set_new(json, "status", json_integer(error->http_status));
    json_object_set_new(json, "request_id", text_json(error->request_id));
    json_object_set_new(json, "host_id", text_json(error->host_id));
    json_object_set_new(json, "operation", json_string(error->operation));
    json_object_set_new(json, "attempts", json_integer(error->attempts));
    json_object_set_new(json, "expected", json_integer((json_int_t)error->expected_bytes));
    json_object_set_new(json, "actual", json_integer((json_int_t)error->actual_bytes));
    return json;
}

json_t *driver_meta(const struct pail_response *response)
{
    json_t *headers = json_array();
    for (size_t i = 0; i < response->header_count; i++) {
        json_t *pair = json_array();
        json_array_append_new(pair, latin1(response->headers[i].name));
        json_array_append_new(pair, latin1(response->headers[i].value));
        json_array_append_new(headers, pair);
    }
    json_t *json = json_object();
    json_object_set_new(json, "status", json_integer(response->http_status));
    json_object_set_new(json, "request_id", latin1(response->request_id));
    json_object_set_new(json, "host_id", latin1(response->host_id));
    json_object_set_new(json, "headers", headers);
    json_object_set_new(json, "retry_attempts", json_integer(response->retry_attempts));
    json_object_set_new(json, "max_attempts_reached",
                        json_boolean(response->max_attempts_reached));
    json_object_set_new(json, "quota_reached", json_boolean(response->retry_quota_reached));
    json_object_set_new(json, "checksum_algorithm", latin1(response->checksum_algorithm));
    return json;
}

json_t *driver_output(const struct pail_operation *operation, const void *output)
{
    char *text;
    json_error_t error;
    if (pail_output_json(operation, output, &text) < 0)
        driver_die("out of memory", "");
    json_t *json = json_loads(text, JSON_ALLOW_NUL, &error);
    if (!json)
        driver_die(error.text, text);
    free(text);
    return json;
}

/* ---- cases ---- */

static enum pail_retry_mode retry_mode_of(const char *name)
{
    static const struct {
        const char *name;
        enum pail_retry_mode mode;
    } modes[] = {{"legacy", PAIL_RETRY_LEGACY},
                 {"standard", PAIL_RETRY_STANDARD},
                 {"adaptive", PAIL_RETRY_ADAPTIVE}};
    for (size_t i = 0; name && i < sizeof(modes) / sizeof(modes[0]); i++)
        if (strcmp(name, modes[i].name) == 0)
            return modes[i].mode;
    if (name)
        driver_die("unknown retry mode", name);
    return PAIL_RETRY_DEFAULT;
}

static struct pail_client *client_of(const json_t *one, const char *url)
{
    const json_t *config = json_object_get(one, "config");
    const char *endpoint = driver_text(config, "endpoint");
    const char *addressing = driver_text(config, "addressing");
    char own[256];
    struct pail_client *client;
    struct pail_error error;
    bool tls = json_is_true(json_object_get(config, "tls"));
    bool through_peer = json_is_true(json_object_get(config, "through_peer"));
    snprintf(own, sizeof(own), "http%s%s/%s", tls ? "s" : "", url + strlen("http"),
             driver_text(one, "id"));
    const struct pail_config made = {
        .endpoint_url = endpoint ? endpoint : own,
        .region = driver_text(config, "region"),
        .access_key_id = driver_text(config, "access_key"),
        .secret_access_key = driver_text(config, "secret_key"),
        .session_token = driver_text(config, "token"),
        .no_sign_request = json_is_true(json_object_get(config, "anonymous")),
        .connect_timeout_ms = driver_number(config, "connect_timeout_ms"),
        .read_timeout_ms = driver_number(config, "read_timeout_ms"),
        .max_attempts = (unsigned)driver_number(config, "max_attempts"),
        .retries = {.value = driver_number(config, "retries"),
                    .present = json_object_get(config, "retries") != NULL},
        .retry_mode = retry_mode_of(driver_text(config, "retry_mode")),
        .addressing = addressing && strcmp(addressing, "virtual") == 0
                          ? PAIL_ADDRESSING_VIRTUAL
                          : PAIL_ADDRESSING_DEFAULT,
        .proxy = through_peer ? url : driver_text(config, "proxy"),
    };
    if (pail_client_new(&made, &client, &error) < 0)
        driver_die(driver_text(one, "id"), error.message);
    return client;
}

void *driver_member(const struct pail_operation *operation, void *output, enum pail_type type)
{
    const struct pail_shape *shape = operation->output;
    for (size_t i = 0; i < shape->member_count; i++)
        if (shape->members[i].shape->type == type)
            return (char *)output + shape->members[i].offset;
    return NULL;
}

/* Reads the payload as the case's mode says. */
static void read_payload(const struct pail_operation *operation, void *output, const char *mode,
                         json_t *result)
{
    struct pail_body **body = driver_member(operation, output, PAIL_STREAM);
    struct pail_event_stream **events = driver_member(operation, output, PAIL_EVENT_STREAM);
    if (body && *body && mode)
        mode_run(mode, *body, result);
    if (events && *events)
        mode_run_events(*events, result);
}

static void call_once(const json_t *one, const struct pail_operation *operation,
                      struct pail_client *client, struct arena *arena, void *output,
                      json_t *result)
{
    struct pail_error error = {0};
    const void *input = input_build(arena, operation, json_object_get(one, "params"));
    int r = pail_call(client, operation, input, output, NULL, &error);
    json_object_set_new(result, "meta", driver_meta(output));
    if (r < 0) {
        json_object_set_new(result, "error", driver_error(&error));
    } else {
        json_object_set_new(result, "output", driver_output(operation, output));
        read_payload(operation, output, driver_text(one, "mode"), result);
    }
}

static json_t *result_of(const json_t *one, struct pail_client *client, struct arena *arena)
{
    const struct pail_operation *operation =
        operation_find(driver_text(one, "service"), driver_text(one, "operation"));
    void *output = calloc(1, operation->output->size);
    if (!output)
        driver_die("out of memory", "");
    json_t *result = json_object();
    if (client)
        call_once(one, operation, client, arena, output, result);
    else
        bare_run(operation, json_array_get(json_object_get(one, "responses"), 0),
                 driver_text(one, "mode"), output, result);
    pail_output_free(operation, output);
    free(output);
    return result;
}

/* Makes the case's call, "calls" times with one client; the last one's result counts. */
static void run_case(const json_t *one, const char *url)
{
    struct arena *arena = arena_new(INPUT_MAX);
    int64_t calls = driver_number(one, "calls");
    json_t *result = NULL;
    if (!arena)
        driver_die("out of memory", "");
    clock_begin(driver_number(one, "step_ms"));
    struct pail_client *client =
        json_is_true(json_object_get(one, "bare")) ? NULL : client_of(one, url);
    do {
        json_decref(result);
        result = result_of(one, client, arena);
    } while (--calls > 0);
    pail_client_free(client);
    arena_free(arena);
    json_object_set(result, "id", json_object_get(one, "id"));
    json_object_set_new(result, "waits", clock_waits());
    if (json_dumpf(result, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF)
        driver_die("cannot write", "");
    fflush(stdout);
    json_decref(result);
}

int main(int argc, char **argv)
{
    json_error_t error = {.text = "usage: driver CASES URL"};
    json_t *cases = argc == 3 ? json_load_file(argv[1], JSON_ALLOW_NUL, &error) : NULL;
    const json_t *one;
    size_t i;
    if (!json_is_array(cases))
        driver_die(error.text, argc > 1 ? argv[1] : "");
    json_array_foreach(cases, i, one) run_case(one, argv[2]);
    json_decref(cases);
    return 0;
}
