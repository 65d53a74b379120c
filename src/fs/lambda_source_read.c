/* fs/lambda_source_read.c: config.json, and calling a function. */
#include "fs/lambda_source_internal.h"

#include <errno.h>
#include <pail/json.h>
#include <pail/lambda_functions.h>

/* ---- config.json: all of it at once, and then it is finished ---- */

struct source_reader {
    struct lambda_source *lambda;
    size_t name_len;
    char name[LAMBDA_NAME_MAX];
};

struct config_state {
    struct source_state state;
    struct source_call call;
    struct pail_lambda_get_function_configuration_output out;
    struct source_more *more;
    char *text;
};

int lambda_reader_open(struct source *source, struct pail_str path, struct pail_str etag,
                       struct source_reader **ret)
{
    (void)etag; /* another revision has another node */
    struct lambda_place place;
    int r = lambda_place_of(path, &place);
    if (r < 0 || place.what != LAMBDA_CONFIG)
        return -ENOENT;
    struct source_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return -ENOMEM;
    reader->lambda = lambda_source_of(source);
    reader->name_len = place.function.len;
    memcpy(reader->name, place.function.ptr, place.function.len);
    *ret = reader;
    return 0;
}

void lambda_reader_close(struct source *source, struct source_reader *reader)
{
    (void)source;
    free(reader);
}

static void config_free(struct source_state *state)
{
    struct config_state *cs = CONTAINER_OF(state, struct config_state, state);
    pail_output_free(cs->call.operation, &cs->out);
    free(cs->text);
    free(cs);
}

static void config_convert(struct source_call *call)
{
    struct config_state *cs = CONTAINER_OF(call, struct config_state, call);
    if (pail_output_json(call->operation, &cs->out, &cs->text) < 0)
        source_call_fail(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

static void config_ended(struct source_call *call)
{
    struct config_state *cs = CONTAINER_OF(call, struct config_state, call);
    if (call->status == 0) {
        size_t len = strlen(cs->text);
        cs->text[len] = '\n'; /* in the NUL's place */
        cs->more->data = str_of(cs->text, len + 1);
        cs->more->end = cs->more->finished = true;
    }
    source_finish(&cs->state, call->status, &call->error);
}

void lambda_more(struct source *source, struct source_more *more)
{
    struct lambda_source *lambda = lambda_source_of(source);
    struct source_reader *reader = more->reader;
    lambda->reads++;
    struct config_state *cs = calloc(1, sizeof *cs);
    if (!cs) {
        source_refuse(&lambda->base, &more->request, -ENOMEM, "out of memory");
        return;
    }
    cs->more = more;
    source_state_init(&cs->state, &lambda->base, &more->request, config_free);
    source_call_init(&cs->state, &cs->call, &pail_lambda_get_function_configuration_operation,
                     &cs->out, config_convert, config_ended);
    const struct pail_lambda_get_function_configuration_input in = {
        .function_name = str_of(reader->name, reader->name_len)};
    const struct pail_call_options options = {.timeout_ms = lambda->base.metadata_timeout_ms};
    source_call_start(&cs->call, &in, &options, source_call_done);
}

/* ---- invoke ---- */

/* The net thread's from the start until the call's message. */
struct invocation {
    struct source_state state;
    struct source_call call;
    struct pail_lambda_invoke_output out;
    struct source_exchange *exchange;
    struct pail_buffer buffer;
    char *answer;
};

static void invocation_free(struct source_state *state)
{
    struct invocation *in = CONTAINER_OF(state, struct invocation, state);
    pail_output_free(in->call.operation, &in->out);
    free(in->answer);
    free(in);
}

static void post(struct invocation *in)
{
    mailbox_post(in->state.source->mailbox, &in->call.message);
}

/* {"errorType": "ValueError", "errorMessage": "bad"} as the record of the failure. */
static void fail_as_function(struct invocation *in)
{
    struct source_call *call = &in->call;
    CLEANUP(pail_json) struct pail_json *error = NULL;
    source_call_fail(call, PAIL_ERROR_CLIENT, EREMOTEIO, "the function failed");
    if (pail_json_parse(str_of(in->answer, in->buffer.filled), &error, NULL) < 0)
        error = NULL;
    struct pail_str type = pail_json_string(pail_json_get(error, "errorType"));
    struct pail_str message = pail_json_string(pail_json_get(error, "errorMessage"));
    str_copy(call->error.code, sizeof(call->error.code),
             type.ptr ? type : in->out.function_error);
    if (message.ptr)
        str_copy(call->error.message, sizeof(call->error.message), message);
}

static void answer_arrived(struct pail_buffer *buffer, int status,
                           const struct pail_error *error)
{
    struct invocation *in = buffer->user;
    struct source_call *call = &in->call;
    if (status < 0) {
        call->status = status;
        if (error)
            call->error = *error;
    } else if (in->out.function_error.ptr) {
        fail_as_function(in);
    } else if (buffer->filled == LAMBDA_ANSWER_MAX) {
        source_call_fail(call, PAIL_ERROR_CLIENT, EFBIG, "the answer is too long");
    }
    post(in);
}

static void head_arrived(struct pail_call *pail_call, int status,
                         const struct pail_error *error, void *user)
{
    (void)pail_call;
    struct source_call *call = user;
    struct invocation *in = CONTAINER_OF(call, struct invocation, call);
    call->status = status;
    if (status < 0) {
        if (error)
            call->error = *error;
        post(in);
        return;
    }
    struct pail_int length = pail_body_length(in->out.payload);
    size_t size = LAMBDA_ANSWER_MAX;
    if (length.present && length.value >= 0 && length.value < LAMBDA_ANSWER_MAX)
        size = (size_t)length.value + 1; /* so that it is the end that fills no more */
    in->answer = malloc(size);
    if (!in->answer) {
        source_call_fail(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
        post(in);
        return;
    }
    in->buffer = (struct pail_buffer){
        .data = in->answer, .size = size, .done = answer_arrived, .user = in};
    pail_body_post(in->out.payload, &in->buffer);
}

static void invocation_ended(struct source_call *call)
{
    struct invocation *in = CONTAINER_OF(call, struct invocation, call);
    if (call->status == 0)
        in->exchange->response = str_of(in->answer, in->buffer.filled);
    source_finish(&in->state, call->status, &call->error);
}

void lambda_exchange(struct source *source, struct source_exchange *exchange)
{
    struct lambda_source *lambda = lambda_source_of(source);
    struct lambda_place place;
    lambda->invocations++;
    int r = lambda_place_of(exchange->path, &place);
    struct invocation *in = r == 0 ? calloc(1, sizeof *in) : NULL;
    if (!in) {
        source_refuse(&lambda->base, &exchange->request, r < 0 ? r : -ENOMEM,
                      r < 0 ? "no function can have that name" : "out of memory");
        return;
    }
    in->exchange = exchange;
    source_state_init(&in->state, &lambda->base, &exchange->request, invocation_free);
    source_call_init(&in->state, &in->call, &pail_lambda_invoke_operation, &in->out, NULL,
                     invocation_ended);
    const struct pail_lambda_invoke_input input = {
        .function_name = place.function,
        .payload = exchange->payload,
    };
    /* Once: whether it has run is not known after a failure. */
    const struct pail_call_options options = {
        .timeout_ms = lambda->operation_timeout_ms,
        .read_timeout_ms = lambda->operation_timeout_ms,
        .max_attempts = 1,
    };
    source_call_start(&in->call, &input, &options, head_arrived);
}
