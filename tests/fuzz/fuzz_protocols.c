/* Any bytes as the body of an operation with a member of every kind, in every protocol: as an
 * output, as an error. What was parsed is printed, sent and, where the protocol's inputs look
 * like its outputs, parsed again: it stays the same. The first byte chooses the protocol, the
 * second the status. */
#include "fuzz/fuzz.h"

#include "aws/rest_xml.h"
#include "aws/serialize.h"
#include "unit/aws/shapes.h"

#include <pail/call.h>
#include <stdlib.h>

static const struct pail_operation operations[] = {
    THING_OPERATION(PAIL_REST_XML, NULL, 0),
    THING_OPERATION(PAIL_REST_XML, NULL, PAIL_OP_ERROR_IN_200),
    THING_OPERATION(PAIL_REST_JSON, NULL, 0),
    THING_OPERATION(PAIL_JSON, NULL, 0),
    THING_OPERATION(PAIL_QUERY, "DoThingResult", 0),
};
static const int statuses[] = {200, 204, 400, 500};

static char *json_of(const struct pail_operation *op, const struct thing *thing)
{
    char *json;
    if (pail_output_json(op, thing, &json) < 0)
        abort();
    return json;
}

/* 0 or -errno; fills *ret in either case. */
static int parse(const struct pail_operation *op, int status, struct pail_str body,
                 struct thing *ret)
{
    struct pail_error error = {0};
    const struct pail_http_response response = {
        .status = status, .reason = PAIL_STR("Reason"), .body = body};
    *ret = (struct thing){0};
    int r = pail_get_response(op, &response, ret, &error);
    if (r < 0 && (error.sys != -r || error.kind == 0 ||
                  !memchr(error.message, 0, sizeof(error.message)) ||
                  !memchr(error.code, 0, sizeof(error.code))))
        abort();
    return r;
}

/* Byte by byte is as all at once. */
static void parse_in_pieces(const struct pail_operation *op, struct pail_str body,
                            const char *json)
{
    struct thing thing = {0};
    struct arena *arena = arena_new(1 << 20);
    struct rest_xml *xml = arena ? rest_xml_new(op, arena, &thing) : NULL;
    int r = xml ? 0 : -1;
    for (size_t i = 0; r == 0 && i < body.len; i++)
        r = rest_xml_feed(xml, body.ptr + i, 1);
    if (r < 0 || rest_xml_finish(xml) < 0)
        abort();
    char *again = json_of(op, &thing);
    if (strcmp(json, again) != 0)
        abort();
    free(again);
    rest_xml_free(xml);
    arena_free(arena);
}

/* What comes of it when it is sent and answered with the same: as JSON; NULL: it cannot be
 * sent. */
static char *round_trip(const struct pail_operation *op, const struct thing *thing,
                        struct thing *ret)
{
    struct serialized sent = {.memory = NULL};
    struct pail_error error = {0};
    int r = serialize_request(op, thing, &sent, &error);
    if (r < 0) {
        if (error.sys != -r)
            abort();
        return NULL;
    }
    bool same = op->service->protocol != PAIL_QUERY && sent.request.body.len > 0;
    if (same && parse(op, 200, buf_str(&sent.request.body), ret) < 0)
        abort();
    serialized_done(&sent);
    return same ? json_of(op, ret) : NULL;
}

/* JSON stays as it is. XML cannot tell what is absent in a list or a map from what is empty, so
 * only its second trip changes nothing. */
static void send_back(const struct pail_operation *op, const struct thing *thing,
                      const char *json)
{
    struct thing again = {0}, once_more = {0};
    char *first = round_trip(op, thing, &again);
    char *second = first ? round_trip(op, &again, &once_more) : NULL;
    bool exact = op->service->protocol != PAIL_REST_XML;
    if (first && exact && strcmp(json, first) != 0)
        abort();
    if (second && strcmp(first, second) != 0)
        abort();
    free(first);
    free(second);
    pail_output_free(op, &again);
    pail_output_free(op, &once_more);
}

static void use(const struct pail_operation *op, struct pail_str body, struct thing *thing)
{
    char *json = json_of(op, thing);
    if (op->service->protocol == PAIL_REST_XML && str_trim(body).len > 0)
        parse_in_pieces(op, body, json);
    free(json);
    /* JSON's numbers hold the fractions of today's dates only. */
    if (thing->time.seconds < 0 || thing->time.seconds > UINT32_MAX)
        thing->time.present = false;
    thing->time.nanoseconds -= thing->time.nanoseconds % 1000000; /* sent to the millisecond */
    json = json_of(op, thing);
    send_back(op, thing, json);
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct thing thing;
    if (size < 2)
        return 0;
    const struct pail_operation *op = &operations[data[0] % ARRAY_LEN(operations)];
    int status = statuses[data[1] % ARRAY_LEN(statuses)];
    struct pail_str body = str_of((const char *)data + 2, size - 2);
    if (parse(op, status, body, &thing) == 0)
        use(op, body, &thing);
    pail_output_free(op, &thing);
    return 0;
}
