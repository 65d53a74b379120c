/* Any bytes as the message of an event stream of each kind of payload: XML, JSON, bytes. The
 * first byte chooses the operation; the message's lengths and checksums are mended. */
#include "fuzz/fuzz.h"

#include "aws/event_decode.h"
#include "aws/event_frame.h"
#include "fuzz/frame.h"

#include <pail/lambda.h>
#include <pail/logs.h>
#include <pail/s3_select.h>
#include <stdlib.h>

static const struct pail_operation *const operations[] = {
    &pail_s3_select_object_content_operation,
    &pail_logs_start_live_tail_operation,
    &pail_lambda_invoke_with_response_stream_operation,
};

static void decode(const struct pail_operation *op, struct pail_str message)
{
    struct arena *arena = arena_new(EVENT_ARENA_MAX);
    struct pail_event event;
    struct pail_error error = {0};
    int r = arena ? event_decode(op, message, arena, &event, &error) : -1;
    if (r < 0 && (error.sys != -r || error.kind == 0))
        abort();
    char *json = NULL;
    if (r == 1 && (!event.member || !event.data || pail_event_json(&event, &json) < 0))
        abort();
    free(json);
    arena_free(arena);
}

static void decode_initial(const struct pail_operation *op, struct pail_str message)
{
    static _Alignas(16) char output[4096];
    struct pail_error error = {0};
    if (op->output->size > sizeof(output))
        abort();
    memset(output, 0, op->output->size);
    struct pail_response *response = (struct pail_response *)output;
    response->arena = arena_new(EVENT_ARENA_MAX);
    int r = event_decode_initial(op, message, output, &error);
    if (r < 0 && error.sys != -r)
        abort();
    pail_output_free(op, output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const struct pail_operation *op = operations[data[0] % ARRAY_LEN(operations)];
    struct pail_str raw = str_of((const char *)data + 1, size - 1);
    char *mended = frame_mend(raw);
    struct pail_str message = mended ? str_of(mended, raw.len) : raw;
    decode(op, message);
    if (event_has_initial(op))
        decode_initial(op, message);
    free(mended);
    return 0;
}
