/* pail/pipeline.h: the lines of a body through a chain of processors. Errors and threads are
 * those of pail/body.h. */
#ifndef PAIL_PIPELINE_H
#define PAIL_PIPELINE_H

#include <pail/iterate.h>
#include <pail/json.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what passes through a pipeline ---- */

enum pail_item_type {
    PAIL_ITEM_BYTES, /* a line as it came, without its separator */
    PAIL_ITEM_TEXT,  /* well-formed UTF-8 */
    PAIL_ITEM_JSON,
    PAIL_ITEM_VALUE, /* what a user's processor made */
};

/* One line, as the processors so far have left it. It is the pipeline's; a processor changes it
 * by the functions below, which release what it was before. */
struct pail_item {
    enum pail_item_type type;
    uint64_t line;          /* of the body, from 1; lines that were dropped count */
    struct pail_str text;   /* BYTES, TEXT: borrowed until the pipeline goes on */
    struct pail_json *json; /* JSON: the item's */
    void *value;            /* VALUE: the item's, if there is a `release` */
    void (*release)(void *value);
};

/* `text` is borrowed: it must stay until the pipeline goes on to the next line. It may be part
 * of the text the item has. `type` is PAIL_ITEM_BYTES or PAIL_ITEM_TEXT. */
PAIL_API void pail_item_set_text(struct pail_item *item, enum pail_item_type type,
                                 struct pail_str text);
/* Takes `json` over. */
PAIL_API void pail_item_set_json(struct pail_item *item, struct pail_json *json);
/* Takes `value` over; `release` NULL: it is borrowed. */
PAIL_API void pail_item_set_value(struct pail_item *item, void *value,
                                  void (*release)(void *value));

/* ---- processors ---- */

/* What a processor returns, other than a failure. */
enum {
    PAIL_ITEM_DROP = 0, /* no later processor sees the line, nor who reads the pipeline */
    PAIL_ITEM_KEEP = 1,
};

/* A step. `process` changes the item or leaves it, and returns PAIL_ITEM_KEEP or
 * PAIL_ITEM_DROP; or -errno, which ends the pipeline, with *error (all zero before) filled or
 * left. On the reader's thread, line by line; it must not read from the body. */
struct pail_processor {
    int (*process)(void *user, struct pail_item *item, struct pail_error *error);
    void *user; /* borrowed for the pipeline's life */
};

/* What to do with a line that is not what a processor takes. */
enum pail_invalid {
    PAIL_INVALID_DROP,
    PAIL_INVALID_FAIL, /* -EILSEQ, PARSE; the message names the line */
};

/* BYTES to TEXT, if they are well-formed UTF-8. TEXT passes; anything else is -EINVAL. */
PAIL_API struct pail_processor pail_decode_processor(enum pail_invalid invalid);

/* BYTES or TEXT to JSON (pail_json_parse). A line that is null is dropped. JSON passes; a VALUE
 * is -EINVAL. */
PAIL_API struct pail_processor pail_json_processor(enum pail_invalid invalid);

/* Keeps JSON objects whose member `key` is the string `equals`; drops all else. */
struct pail_filter {
    const char *key;
    struct pail_str equals;
};
PAIL_API struct pail_processor
pail_filter_processor(const struct pail_filter *filter); /* borrowed */

/* ---- pipelines ---- */

struct pail_pipeline;

/* Sends every line of the rest of the body (borrowed) through `count` processors (copied), in
 * their order. `options` as for pail_body_lines, but that separators are never kept. 0; -EINVAL
 * (options), -ENOMEM. */
PAIL_API int pail_pipeline_new(struct pail_body *body, const struct pail_lines_options *options,
                               const struct pail_processor *processors, size_t count,
                               struct pail_pipeline **ret, struct pail_error *error);
/* 1 with the next line that no processor dropped in *ret, borrowed until the next call; 0 when
 * the body has ended; or -errno, from then on always the same: of the body, or of a processor.
 */
PAIL_API int pail_pipeline_next(struct pail_pipeline *pipeline, struct pail_item **ret,
                                struct pail_error *error);

struct pail_pipeline_stats {
    uint64_t lines;   /* read from the body */
    uint64_t dropped; /* by processors */
};
PAIL_API void pail_pipeline_get_stats(const struct pail_pipeline *pipeline,
                                      struct pail_pipeline_stats *ret);
PAIL_API void pail_pipeline_free(struct pail_pipeline *pipeline); /* NULL-safe */
PAIL_DEFINE_CLEANUP(pail_pipeline, pail_pipeline_free)

#ifdef __cplusplus
}
#endif
#endif
