/* A request, its output and its body in one hand. */
#include "aws/response.h"
#include "aws/value.h"

#include <errno.h>
#include <pail/stream.h>

struct pail_stream {
    const struct pail_operation *operation;
    void *out;
    struct pail_body *body; /* borrowed from `out` */
    struct pail_chunks *chunks;
    struct pail_lines *lines;
    struct pail_pipeline *pipeline;
};

int pail_stream_open(struct pail_client *client, const struct pail_operation *operation,
                     const void *in, const struct pail_call_options *options,
                     struct pail_stream **ret, struct pail_error *error)
{
    PAIL_CLEANUP(pail_stream) struct pail_stream *stream = NULL;
    if (!response_has_body(operation)) {
        int r = error_set(error, PAIL_ERROR_PARAM, EINVAL,
                          "the operation's output has no streamed payload");
        if (error)
            str_copy(error->operation, sizeof(error->operation), str_c(operation->name));
        return r;
    }
    stream = calloc(1, sizeof(*stream));
    if (stream) {
        stream->operation = operation;
        stream->out = calloc(1, operation->output->size);
    }
    if (!stream || !stream->out)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    int r = pail_call(client, operation, in, stream->out, options, error);
    if (r < 0)
        return r;
    stream->body = *response_stream_slot(operation, stream->out);
    *ret = STEAL(stream);
    return 0;
}

void pail_stream_close(struct pail_stream *stream)
{
    if (!stream)
        return;
    pail_pipeline_free(stream->pipeline);
    pail_lines_free(stream->lines);
    pail_chunks_free(stream->chunks);
    pail_output_free(stream->operation, stream->out);
    free(stream->out);
    free(stream);
}

const void *pail_stream_output(const struct pail_stream *stream)
{
    return stream->out;
}

struct pail_body *pail_stream_body(struct pail_stream *stream)
{
    return stream->body;
}

int pail_stream_chunks(struct pail_stream *stream, size_t size, struct pail_chunks **ret,
                       struct pail_error *error)
{
    pail_chunks_free(STEAL(stream->chunks));
    int r = pail_body_chunks(stream->body, size, &stream->chunks, error);
    if (r == 0)
        *ret = stream->chunks;
    return r;
}

int pail_stream_lines(struct pail_stream *stream, const struct pail_lines_options *options,
                      struct pail_lines **ret, struct pail_error *error)
{
    pail_lines_free(STEAL(stream->lines));
    int r = pail_body_lines(stream->body, options, &stream->lines, error);
    if (r == 0)
        *ret = stream->lines;
    return r;
}

int pail_stream_pipeline(struct pail_stream *stream, const struct pail_lines_options *options,
                         const struct pail_processor *processors, size_t count,
                         struct pail_pipeline **ret, struct pail_error *error)
{
    pail_pipeline_free(STEAL(stream->pipeline));
    int r =
        pail_pipeline_new(stream->body, options, processors, count, &stream->pipeline, error);
    if (r == 0)
        *ret = stream->pipeline;
    return r;
}
