/* Any bytes as the lines of a body: the same by chunks of any size, with and without their
 * ends; and through the pipeline of decode, parse and filter. The first two bytes choose the
 * chunk's size and the longest line. */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <pail/pipeline.h>
#include <stdlib.h>

static struct pail_body *open_body(struct pail_str text)
{
    struct pail_body *body;
    if (pail_body_from_memory(text.ptr, text.len, PAIL_INT((int64_t)text.len), &body) < 0)
        abort();
    return body;
}

static bool has_end(struct pail_str line)
{
    return memchr(line.ptr, '\n', line.len) || memchr(line.ptr, '\r', line.len);
}

/* With ends, all lines together are the text. */
static void keep_ends(struct pail_str text, const struct pail_lines_options *options)
{
    struct pail_body *body = open_body(text);
    struct pail_lines *lines;
    struct pail_str line;
    size_t at = 0;
    int r;
    if (pail_body_lines(body, options, &lines, NULL) < 0)
        abort();
    while ((r = pail_lines_next(lines, &line, NULL)) > 0) {
        if (line.len == 0 || at + line.len > text.len ||
            memcmp(text.ptr + at, line.ptr, line.len) != 0)
            abort();
        at += line.len;
    }
    if ((r == 0 && at != text.len) || (r < 0 && r != -EFBIG))
        abort();
    pail_lines_free(lines);
    pail_body_free(body);
}

/* The same lines by two sizes of chunks. */
static void compare(struct pail_str text, const struct pail_lines_options *options)
{
    struct pail_body *bodies[] = {open_body(text), open_body(text)};
    struct pail_lines_options whole = *options;
    struct pail_lines *lines[2];
    struct pail_str a, b;
    int r, s;
    whole.chunk_size = 0;
    if (pail_body_lines(bodies[0], options, &lines[0], NULL) < 0 ||
        pail_body_lines(bodies[1], &whole, &lines[1], NULL) < 0)
        abort();
    do {
        r = pail_lines_next(lines[0], &a, NULL);
        s = pail_lines_next(lines[1], &b, NULL);
        if (r != s || (r > 0 && (!str_eq(a, b) || has_end(a))))
            abort();
    } while (r > 0);
    for (size_t i = 0; i < 2; i++) {
        pail_lines_free(lines[i]);
        pail_body_free(bodies[i]);
    }
}

static void send_through(struct pail_str text, enum pail_invalid invalid)
{
    const struct pail_filter filter = {.key = "status", .equals = PAIL_STR("active")};
    const struct pail_processor processors[] = {pail_decode_processor(invalid),
                                                pail_json_processor(invalid),
                                                pail_filter_processor(&filter)};
    struct pail_body *body = open_body(text);
    struct pail_pipeline *pipeline;
    struct pail_pipeline_stats stats;
    struct pail_item *item;
    uint64_t kept = 0;
    int r;
    if (pail_pipeline_new(body, NULL, processors, ARRAY_LEN(processors), &pipeline, NULL) < 0)
        abort();
    while ((r = pail_pipeline_next(pipeline, &item, NULL)) > 0) {
        const struct pail_json *status = pail_json_get(item->json, "status");
        if (item->type != PAIL_ITEM_JSON || !str_eq_c(pail_json_string(status), "active"))
            abort();
        kept++;
    }
    pail_pipeline_get_stats(pipeline, &stats);
    if (r < 0 ? r != -EILSEQ || invalid == PAIL_INVALID_DROP
              : stats.lines != stats.dropped + kept)
        abort();
    pail_pipeline_free(pipeline);
    pail_body_free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct pail_str text = str_of((const char *)data + 2, size - 2);
    struct pail_lines_options options = {.chunk_size = data[0], .max_bytes = data[1]};
    compare(text, &options);
    options.keep_ends = true;
    keep_ends(text, &options);
    send_through(text, PAIL_INVALID_DROP);
    send_through(text, PAIL_INVALID_FAIL);
    return 0;
}
