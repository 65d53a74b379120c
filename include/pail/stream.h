/* pail/stream.h: a request and its body that are released whatever happens. */
#ifndef PAIL_STREAM_H
#define PAIL_STREAM_H

#include <pail/call.h>
#include <pail/pipeline.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A request, its output and its body in one hand: whatever way the scope is left, the transfer
 * ends and all is released.
 *
 *     PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
 *     PAIL_CLEANUP(pail_stream) struct pail_stream *stream = NULL;
 *
 * (Scopes release in reverse order: a stream is declared behind its client.) */
struct pail_stream;

/* Calls `operation`, whose output must have a streamed payload (else -EINVAL), and waits until
 * its head has come. Otherwise as pail_call. */
PAIL_API int pail_stream_open(struct pail_client *client,
                              const struct pail_operation *operation, const void *in,
                              const struct pail_call_options *options, struct pail_stream **ret,
                              struct pail_error *error);

/* The operation's output struct, borrowed; its stream stays in it. */
PAIL_API const void *pail_stream_output(const struct pail_stream *stream);
/* Borrowed: to be read, not to be freed. */
PAIL_API struct pail_body *pail_stream_body(struct pail_stream *stream);

/* Iterators over the body, as pail_body_chunks, pail_body_lines and pail_pipeline_new make
 * them, but the stream's: they are released with it, and when the next of their kind is asked
 * for. */
PAIL_API int pail_stream_chunks(struct pail_stream *stream, size_t size,
                                struct pail_chunks **ret, struct pail_error *error);
PAIL_API int pail_stream_lines(struct pail_stream *stream,
                               const struct pail_lines_options *options,
                               struct pail_lines **ret, struct pail_error *error);
PAIL_API int pail_stream_pipeline(struct pail_stream *stream,
                                  const struct pail_lines_options *options,
                                  const struct pail_processor *processors, size_t count,
                                  struct pail_pipeline **ret, struct pail_error *error);

/* Ends the transfer if it still runs, and releases everything. NULL-safe. Any thread, also when
 * the client is gone; never waits. */
PAIL_API void pail_stream_close(struct pail_stream *stream);
PAIL_DEFINE_CLEANUP(pail_stream, pail_stream_close)

#ifdef __cplusplus
}
#endif
#endif
