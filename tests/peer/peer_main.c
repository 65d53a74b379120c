/* peer_play CASES: the scripted peer as a program. Answers what a file of cases says, prints
 * its port, and at the end of its standard input prints every request it got, one JSON object a
 * line: {"case", "method", "target", "headers": [[name, value]...], "body": hex}.
 *
 * CASES is a JSON array of {"id", "responses": [...]}. The first segment of a request's path
 * names its case, and the case's i-th request gets the i-th response, the last one repeating. A
 * response is {"status", "reason", "headers": [[name, value]...], "body": hex, "framing":
 * "length" | "chunked" | "close" | "none", "content_length": what is claimed, "chunk", "split",
 * "head_split": bytes a piece, "fault": {"end": "stall" | "cut" | "reset" | "bad_chunk",
 * "in_head", "after", "delay_ms", "body_delay_ms", "excess", "interim", "interim_count",
 * "instead_of_head", "huge_header", "close"}}, all of it optional. */
#include "peer/peer.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "peer_play: %s\n", what);
    exit(2);
}

static uint64_t number(const json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(object, name));
}

static int nibble(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    if (!at)
        die("a body is not hex");
    return (int)(at - digits);
}

static void set_body(struct peer_response *response, const json_t *hex)
{
    size_t len = json_string_length(hex) / 2;
    const char *digits = json_string_value(hex);
    unsigned char *bytes = malloc(len + 1);
    if (!bytes)
        die("out of memory");
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)(nibble(digits[2 * i]) << 4 | nibble(digits[2 * i + 1]));
    peer_response_body(response, bytes, len);
    free(bytes);
}

static int one_of(const char *name, const char *const *names)
{
    for (int i = 0; name && names[i]; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    if (name)
        die(name);
    return 0;
}

static struct peer_fault fault_of(const json_t *fault)
{
    static const char *const ends[] = {"well", "stall", "cut", "reset", "bad_chunk", NULL};
    const char *end = json_string_value(json_object_get(fault, "end"));
    return (struct peer_fault){
        .end = (enum peer_end)one_of(end, ends),
        .in_head = json_is_true(json_object_get(fault, "in_head")),
        .after = number(fault, "after"),
        .delay_ms = (unsigned)number(fault, "delay_ms"),
        .body_delay_ms = (unsigned)number(fault, "body_delay_ms"),
        .excess = (size_t)number(fault, "excess"),
        .interim = (int)number(fault, "interim"),
        .interim_count = (unsigned)number(fault, "interim_count"),
        .instead_of_head = json_string_value(json_object_get(fault, "instead_of_head")),
        .huge_header = (size_t)number(fault, "huge_header"),
        .close = json_is_true(json_object_get(fault, "close")),
    };
}

static void describe(const json_t *json, struct peer_response *response)
{
    static const enum peer_framing framings[] = {PEER_LENGTH, PEER_CHUNKED, PEER_CLOSE,
                                                 PEER_BARE};
    static const char *const names[] = {"length", "chunked", "close", "none", NULL};
    const char *framing = json_string_value(json_object_get(json, "framing"));
    const json_t *claim = json_object_get(json, "content_length");
    const json_t *pair;
    size_t i;

    response->status = (int)number(json, "status");
    response->reason = json_string_value(json_object_get(json, "reason"));
    json_array_foreach(json_object_get(json, "headers"), i, pair)
        peer_response_headers(response, "%s: %s", json_string_value(json_array_get(pair, 0)),
                              json_string_value(json_array_get(pair, 1)));
    set_body(response, json_object_get(json, "body"));
    response->framing = framings[one_of(framing, names)];
    response->fault = fault_of(json_object_get(json, "fault"));
    if (claim) {
        response->framing = PEER_CLAIM;
        response->claim = (uint64_t)json_integer_value(claim);
    }
    response->chunk = (size_t)number(json, "chunk");
    response->fault.piece = (size_t)number(json, "split");
    response->fault.head_piece = (size_t)number(json, "head_split");
}

/* The path of a target that may be a whole URL, as a proxy gets it. */
static const char *path_of(const char *target)
{
    const char *host = strstr(target, "://");
    const char *path = host ? strchr(host + 3, '/') : target;
    return path ? path : "";
}

/* The case a request is for, as {"id", "responses", "asked"}, or NULL. */
static json_t *case_of(const json_t *cases, const struct peer_request *request)
{
    const char *path = path_of(request->target);
    const char *id = path + (path[0] == '/');
    size_t len = strcspn(id, "/?");
    return json_object_getn(cases, id, len);
}

static void answer(void *user, const struct peer_request *request,
                   struct peer_response *response)
{
    json_t *one = case_of(user, request);
    if (!one)
        return;
    json_t *responses = json_object_get(one, "responses");
    size_t asked = (size_t)number(one, "asked");
    size_t count = json_array_size(responses);
    json_object_set_new(one, "asked", json_integer((json_int_t)asked + 1));
    if (count > 0)
        describe(json_array_get(responses, asked < count ? asked : count - 1), response);
}

static json_t *bytes_text(const void *data, size_t len)
{
    /* Header values and targets may hold any byte: one character a byte, as in Latin-1. */
    json_t *json;
    char *text = malloc(2 * len + 1);
    size_t n = 0;
    if (!text)
        die("out of memory");
    for (size_t i = 0; i < len; i++) {
        unsigned char c = ((const unsigned char *)data)[i];
        if (c >= 0x80) {
            text[n++] = (char)(0xc0 | c >> 6);
            c = 0x80 | (c & 0x3f);
        }
        text[n++] = (char)c;
    }
    json = json_stringn(text, n);
    free(text);
    return json;
}

static json_t *hex_text(const unsigned char *bytes, size_t len)
{
    char *text = malloc(2 * len + 1);
    if (!text)
        die("out of memory");
    for (size_t i = 0; i < len; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    json_t *json = json_stringn(text, 2 * len);
    free(text);
    return json;
}

static void print_request(const json_t *cases, const struct peer_request *request)
{
    const json_t *one = case_of(cases, request);
    json_t *headers = json_array();
    for (size_t i = 0; i < request->header_count; i++) {
        const struct peer_pair *pair = &request->headers[i];
        json_t *both = json_array();
        json_array_append_new(both, bytes_text(pair->name, strlen(pair->name)));
        json_array_append_new(both, bytes_text(pair->value, pair->value_len));
        json_array_append_new(headers, both);
    }
    json_t *line = json_object();
    json_object_set(line, "case", one ? json_object_get(one, "id") : json_null());
    json_object_set_new(line, "method", json_string(request->method));
    json_object_set_new(line, "target", bytes_text(request->target, strlen(request->target)));
    json_object_set_new(line, "headers", headers);
    json_object_set_new(line, "body", hex_text(request->body, request->body_len));
    if (json_dumpf(line, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF)
        die("cannot write");
    json_decref(line);
}

int main(int argc, char **argv)
{
    json_t *list = argc == 2 ? json_load_file(argv[1], JSON_ALLOW_NUL, NULL) : NULL;
    json_t *cases = json_object(), *one;
    size_t i;
    if (!json_is_array(list))
        die("usage: peer_play CASES, a file with a JSON array");
    json_array_foreach(list, i, one)
        json_object_set(cases, json_string_value(json_object_get(one, "id")), one);

    struct peer *peer = peer_start();
    peer_set_handler(peer, answer, cases);
    printf("%u\n", peer_port(peer));
    fflush(stdout);
    while (getchar() != EOF) {
    }
    size_t count = peer_count(peer, NULL);
    for (i = 0; i < count; i++)
        print_request(cases, peer_request_at(peer, NULL, i));
    peer_stop(peer);
    json_decref(cases);
    json_decref(list);
    return 0;
}
