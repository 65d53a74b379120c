/* A body by lines. What is read ahead is searched where it lies; only a line that goes on
 * behind it is copied. */
#include "aws/body.h"

#include "aws/response.h"
#include "base/num.h"

#include <errno.h>

struct pail_lines {
    struct pail_body *body;
    size_t chunk_size, max;
    bool keep_ends, only_lf;
    struct buf pending; /* the start of a line that goes on behind what was read ahead */
    int failed;         /* 0, or -errno: no line can be trusted any more */
    struct pail_error error;
};

static int fail(struct pail_lines *lines, int r, struct pail_error *error)
{
    lines->failed = r;
    if (error)
        *error = lines->error;
    return r;
}

/* The index behind the content of the line that `text` starts with; text.len if it goes on. */
static size_t find_end(const struct pail_lines *lines, struct pail_str text)
{
    size_t lf = str_find(text, '\n', 0);
    return lines->only_lf ? lf : str_find(str_sub(text, 0, lf), '\r', 0);
}

/* How long the separator at `at` is: 0 if that cannot be known from `text`. */
static size_t separator_len(struct pail_str text, size_t at)
{
    if (text.ptr[at] == '\n')
        return 1;
    if (at + 1 == text.len)
        return 0;
    return text.ptr[at + 1] == '\n' ? 2 : 1;
}

/* True if all that is missing of the pending line is to know whether an LF follows its CR. */
static bool is_ended(const struct pail_lines *lines)
{
    struct pail_str pending = buf_str(&lines->pending);
    return !lines->only_lf && str_ends(pending, PAIL_STR("\r"));
}

/* Takes what was read ahead, up to `len`, into the pending line. 0, or the final failure. */
static int take(struct pail_lines *lines, struct pail_str text, size_t len)
{
    buf_add(&lines->pending, text.ptr, len);
    body_consume(lines->body, len);
    if (!buf_failed(&lines->pending))
        return 0;
    return error_set(&lines->error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

/* Takes more of the pending line. 1: it is whole; 0: it is not; or the final failure. */
static int take_part(struct pail_lines *lines, struct pail_str text)
{
    if (is_ended(lines)) {
        int r = text.ptr[0] == '\n' ? take(lines, text, 1) : 0;
        return r < 0 ? r : 1;
    }
    size_t end = find_end(lines, text);
    if (end > lines->max - lines->pending.len)
        return body_too_long("a line", lines->max, &lines->error);
    size_t separator = end < text.len ? separator_len(text, end) : 0;
    int r = take(lines, text, separator > 0 ? end + separator : text.len);
    return r < 0 ? r : separator > 0;
}

/* The line at the start of what was read ahead, if it is whole there. 1, 0, or the final
 * failure. */
static int whole_line(struct pail_lines *lines, struct pail_str text, struct pail_str *ret)
{
    size_t end = find_end(lines, text);
    size_t separator = end < text.len ? separator_len(text, end) : 0;
    if (separator == 0)
        return 0;
    if (end > lines->max)
        return body_too_long("a line", lines->max, &lines->error);
    body_consume(lines->body, end + separator);
    *ret = str_sub(text, 0, end + separator);
    return 1;
}

/* The next line with its separator. */
static int next_whole(struct pail_lines *lines, struct pail_str *ret)
{
    buf_reset(&lines->pending);
    for (;;) {
        struct pail_str text;
        int r = body_peek(lines->body, lines->chunk_size, &text, &lines->error);
        if (r <= 0) {
            /* What ends the body is met again by the next call. */
            if (lines->pending.len == 0 || (r < 0 && !is_ended(lines)))
                return r;
            *ret = buf_str(&lines->pending);
            return 1;
        }
        if (lines->pending.len == 0 && (r = whole_line(lines, text, ret)) != 0)
            return r;
        r = take_part(lines, text);
        if (r == 0)
            continue;
        *ret = buf_str(&lines->pending);
        return r;
    }
}

static struct pail_str without_end(struct pail_str line)
{
    if (str_ends(line, PAIL_STR("\n")))
        line.len--;
    if (str_ends(line, PAIL_STR("\r")))
        line.len--;
    return line;
}

int pail_lines_next(struct pail_lines *lines, struct pail_str *ret, struct pail_error *error)
{
    struct pail_str line;
    if (lines->failed)
        return fail(lines, lines->failed, error);
    int r = next_whole(lines, &line);
    if (r < 0)
        return fail(lines, r, error);
    if (r == 1)
        *ret = lines->keep_ends ? line : without_end(line);
    return r;
}

static struct pail_lines *lines_new(struct pail_body *body,
                                    const struct pail_lines_options *options)
{
    struct pail_lines *lines = calloc(1, sizeof(*lines));
    if (!lines)
        return NULL;
    lines->body = body;
    lines->chunk_size = options->chunk_size ? options->chunk_size : PAIL_BODY_AHEAD;
    lines->max = options->max_bytes ? options->max_bytes : PAIL_LINE_MAX;
    lines->keep_ends = options->keep_ends;
    buf_init(&lines->pending, SIZE_MAX); /* held to `max` line by line */
    return lines;
}

int pail_body_lines(struct pail_body *body, const struct pail_lines_options *options,
                    struct pail_lines **ret, struct pail_error *error)
{
    static const struct pail_lines_options defaults;
    struct pail_lines *lines = lines_new(body, options ? options : &defaults);
    if (!lines)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    *ret = lines;
    return 0;
}

void pail_lines_free(struct pail_lines *lines)
{
    if (!lines)
        return;
    buf_done(&lines->pending);
    free(lines);
}

int pail_body_readline(struct pail_body *body, size_t max, struct pail_str *ret,
                       struct pail_error *error)
{
    const struct pail_lines_options options = {.keep_ends = true};
    if (!body->readline) {
        body->readline = lines_new(body, &options);
        if (!body->readline)
            return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
        body->readline->only_lf = true;
    }
    body->readline->max = max ? max : PAIL_LINE_MAX;
    return pail_lines_next(body->readline, ret, error);
}

/* Cuts `text` behind every LF. Returns how many lines there are; those that `lines` has room
 * for are put there. */
static size_t cut(struct pail_str text, struct pail_str *lines, size_t room)
{
    size_t count = 0;
    for (size_t at = 0; at < text.len; count++) {
        size_t lf = str_find(text, '\n', at);
        size_t end = lf < text.len ? lf + 1 : lf;
        if (count < room)
            lines[count] = str_sub(text, at, end - at);
        at = end;
    }
    return count;
}

int pail_body_readlines(struct pail_body *body, size_t max, struct pail_str_list **ret,
                        struct pail_error *error)
{
    CLEANUP(heap) char *data = NULL;
    size_t size, items_size, whole;
    int r = pail_body_read_all(body, max, &data, &size, error);
    if (r < 0)
        return r;
    size_t count = cut(str_of(data, size), NULL, 0);
    struct pail_str_list *list = NULL;
    if (!mul_overflow(count, sizeof(struct pail_str), &items_size) &&
        !add_overflow(items_size, sizeof(*list), &whole) && !add_overflow(whole, size, &whole))
        list = malloc(whole);
    if (!list)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    struct pail_str *items = (struct pail_str *)(void *)(list + 1);
    char *bytes = (char *)(items + count);
    memcpy(bytes, data, size);
    cut(str_of(bytes, size), items, count);
    *list = (struct pail_str_list){.items = items, .count = count};
    *ret = list;
    return 0;
}
