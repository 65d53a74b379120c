/* The lines of a body through a chain of processors. */
#include "aws/response.h"
#include "base/num.h"

#include <errno.h>
#include <pail/pipeline.h>

struct pail_pipeline {
    struct pail_lines *lines;
    struct pail_item item;
    struct pail_pipeline_stats stats;
    int failed; /* 0, or -errno as `error` says */
    struct pail_error error;
    size_t count;
    struct pail_processor processors[];
};

int pail_pipeline_new(struct pail_body *body, const struct pail_lines_options *options,
                      const struct pail_processor *processors, size_t count,
                      struct pail_pipeline **ret, struct pail_error *error)
{
    CLEANUP(heap) struct pail_pipeline *pipeline = NULL;
    size_t size;
    if (options && options->keep_ends)
        return error_set(error, PAIL_ERROR_PARAM, EINVAL, "a pipeline keeps no separators");
    if (!mul_overflow(count, sizeof(*processors), &size) &&
        !add_overflow(size, sizeof(*pipeline), &size))
        pipeline = calloc(1, size);
    if (!pipeline)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    int r = pail_body_lines(body, options, &pipeline->lines, error);
    if (r < 0)
        return r;
    if (count > 0)
        memcpy(pipeline->processors, processors, count * sizeof(*processors));
    pipeline->count = count;
    *ret = STEAL(pipeline);
    return 0;
}

void pail_pipeline_free(struct pail_pipeline *pipeline)
{
    if (!pipeline)
        return;
    pail_item_set_text(&pipeline->item, PAIL_ITEM_BYTES, str_of(NULL, 0));
    pail_lines_free(pipeline->lines);
    free(pipeline);
}

/* Sends the item through the chain. KEEP, DROP, or -errno with `error` filled. */
static int process(struct pail_pipeline *pipeline)
{
    for (size_t i = 0; i < pipeline->count; i++) {
        const struct pail_processor *processor = &pipeline->processors[i];
        pipeline->error = (struct pail_error){0};
        int r = processor->process(processor->user, &pipeline->item, &pipeline->error);
        if (r < 0 && pipeline->error.sys == 0)
            error_set(&pipeline->error, PAIL_ERROR_PARAM, -r, "a processor failed: %s",
                      pail_errno_name(-r));
        if (r != PAIL_ITEM_KEEP)
            return r;
    }
    return PAIL_ITEM_KEEP;
}

int pail_pipeline_next(struct pail_pipeline *pipeline, struct pail_item **ret,
                       struct pail_error *error)
{
    while (!pipeline->failed) {
        struct pail_item *item = &pipeline->item;
        struct pail_str line;
        int r = pail_lines_next(pipeline->lines, &line, &pipeline->error);
        if (r == 0)
            return 0;
        if (r > 0) {
            pail_item_set_text(item, PAIL_ITEM_BYTES, line);
            item->line = ++pipeline->stats.lines;
            r = process(pipeline);
        }
        if (r < 0) {
            pipeline->failed = r;
        } else if (r == PAIL_ITEM_DROP) {
            pipeline->stats.dropped++;
        } else {
            *ret = item;
            return 1;
        }
    }
    if (error)
        *error = pipeline->error;
    return pipeline->failed;
}

void pail_pipeline_get_stats(const struct pail_pipeline *pipeline,
                             struct pail_pipeline_stats *ret)
{
    *ret = pipeline->stats;
}
