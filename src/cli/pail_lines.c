#include "cli/pail_output.h"

#include <errno.h>
#include <pail/s3.h>
#include <pail/stream.h>
#include <unistd.h>

#define OUTPUT_BYTES   ((size_t)64 * 1024) /* printed at a time */
#define PROCESSORS_MAX (2 + OPTION_WORDS_MAX)

enum invalid {
    INVALID_DEFAULT, /* with JSON FAIL; else nothing is looked at */
    INVALID_SKIP,
    INVALID_FAIL,
};

struct lines_settings {
    bool json;
    struct option_words where; /* "KEY=VALUE" */
    enum invalid invalid;
    const char *version_id;
};

static const char *const invalids[] = {"skip", "fail", NULL};

static const struct option rows[] = {
    PAIL_ROW(struct lines_settings, "json", OPTION_FLAG, json, .help = "every line is JSON"),
    PAIL_ROW(struct lines_settings, "where", OPTION_WORDS, where, .argument = "KEY=VALUE",
             .help = "only JSON objects with it; all, if several"),
    PAIL_ROW(struct lines_settings, "invalid", OPTION_CHOICE, invalid, .argument = "WHAT",
             .choices = invalids, .min = INVALID_SKIP,
             .help = "skip lines that are not JSON, or fail"),
    PAIL_ROW(struct lines_settings, "version_id", OPTION_TEXT, version_id, .argument = "ID",
             .help = "of the object, where the bucket keeps several"),
};

static int settle(void *settings, struct buf *reason)
{
    const struct lines_settings *lines = settings;
    for (size_t i = 0; i < lines->where.count; i++) {
        struct pail_str word = str_c(lines->where.items[i]);
        size_t equals = str_find(word, '=', 0);
        if (equals > 0 && equals < word.len)
            continue;
        buf_add_c(reason, "option --where: \"");
        buf_add_escaped(reason, word);
        buf_add_c(reason, "\" is not allowed; it takes KEY=VALUE");
        return -EINVAL;
    }
    return 0;
}

/* ---- the processors ---- */

/* A member and what it must be. */
struct where {
    char *key; /* heap */
    struct pail_str equals;
};

struct filter {
    struct pail_str line; /* as it came: what is printed */
    struct where where[OPTION_WORDS_MAX];
    struct pail_processor processors[PROCESSORS_MAX];
    size_t count;
};

static int keep_line(void *user, struct pail_item *item, struct pail_error *error)
{
    struct filter *filter = user;
    (void)error;
    filter->line = item->text;
    return PAIL_ITEM_KEEP;
}

/* A string is compared as it is, any other value as JSON has it: code=404, ok=true. */
static int compare(void *user, struct pail_item *item, struct pail_error *error)
{
    const struct where *where = user;
    const struct pail_json *value = pail_json_get(item->json, where->key);
    struct pail_str string = pail_json_string(value);
    (void)error;
    if (!value)
        return PAIL_ITEM_DROP;
    if (string.ptr)
        return str_eq(string, where->equals) ? PAIL_ITEM_KEEP : PAIL_ITEM_DROP;
    CLEANUP(heap) char *text = NULL;
    if (pail_json_text(value, &text) < 0)
        return -ENOMEM;
    return str_eq(str_c(text), where->equals) ? PAIL_ITEM_KEEP : PAIL_ITEM_DROP;
}

static void add(struct filter *filter, struct pail_processor processor)
{
    filter->processors[filter->count++] = processor;
}

static int filter_init(struct filter *filter, const struct lines_settings *settings)
{
    *filter = (struct filter){0};
    enum pail_invalid invalid =
        settings->invalid == INVALID_SKIP ? PAIL_INVALID_DROP : PAIL_INVALID_FAIL;
    add(filter, (struct pail_processor){.process = keep_line, .user = filter});
    if (settings->json || settings->where.count > 0)
        add(filter, pail_json_processor(invalid));
    else if (settings->invalid != INVALID_DEFAULT)
        add(filter, pail_decode_processor(invalid));
    for (size_t i = 0; i < settings->where.count; i++) {
        struct pail_str word = str_c(settings->where.items[i]);
        size_t equals = str_find(word, '=', 0);
        struct where *where = &filter->where[i];
        where->key = str_dup(str_sub(word, 0, equals));
        where->equals = str_sub(word, equals + 1, word.len);
        if (!where->key)
            return -ENOMEM;
        add(filter, (struct pail_processor){.process = compare, .user = where});
    }
    return 0;
}

static void filter_done(struct filter *filter)
{
    for (size_t i = 0; i < ARRAY_LEN(filter->where); i++)
        free(STEAL(filter->where[i].key));
}

/* ---- the lines ---- */

/* Who watches sees every line as it comes; who does not, many at a time. */
static int print_line(struct pail_run *run, struct buf *out, struct pail_str line, bool watched)
{
    int status = EXIT_OK;
    if (out->len > 0 && out->len + line.len >= OUTPUT_BYTES) {
        status = pail_print(run, buf_str(out));
        buf_reset(out);
    }
    buf_add_str(out, line);
    buf_add_byte(out, '\n');
    if (status == EXIT_OK && buf_failed(out))
        return pail_fail_memory(run);
    if (status == EXIT_OK && watched) {
        status = pail_print(run, buf_str(out));
        buf_reset(out);
    }
    return status;
}

/* Before a failure, every line that came whole is printed. */
static int print_lines(struct pail_run *run, struct pail_pipeline *pipeline,
                       const struct filter *filter, struct pail_error *error)
{
    CLEANUP_DONE(buf) struct buf out;
    buf_init(&out, PAIL_LINE_MAX + OUTPUT_BYTES);
    bool watched = isatty(STDOUT_FILENO);
    struct pail_item *item;
    int status = EXIT_OK;
    while (status == EXIT_OK && pail_pipeline_next(pipeline, &item, error) > 0)
        status = print_line(run, &out, filter->line, watched);
    return status == EXIT_OK ? pail_print(run, buf_str(&out)) : status;
}

static int stream_lines(struct pail_run *run, const struct pail_s3_get_object_input *in,
                        const struct filter *filter, struct pail_error *error)
{
    const struct pail_call_options limits = pail_limits_of_stream(run);
    PAIL_CLEANUP(pail_stream) struct pail_stream *stream = NULL;
    struct pail_pipeline *pipeline;
    if (pail_stream_open(run->client, &pail_s3_get_object_operation, in, &limits, &stream,
                         error) < 0)
        return EXIT_OK;
    if (pail_stream_pipeline(stream, NULL, filter->processors, filter->count, &pipeline,
                             error) < 0)
        return EXIT_OK;
    return print_lines(run, pipeline, filter, error);
}

static int lines_one(struct pail_run *run, struct pail_str bucket, struct pail_str key)
{
    if (key.len == 0)
        return pail_fail_keyless(run, bucket);
    const struct lines_settings *settings = run->arguments->settings;
    const struct pail_s3_get_object_input in = {
        .bucket = bucket, .key = key, .version_id = str_c(settings->version_id)};
    struct pail_error error = {0};
    struct filter filter;
    int status = filter_init(&filter, settings) < 0 ? pail_fail_memory(run)
                                                    : stream_lines(run, &in, &filter, &error);
    filter_done(&filter);
    if (status != EXIT_OK || error.sys == 0)
        return status;
    /* What is wrong with a line is no fault of the response. */
    if (error.sys == EILSEQ)
        return pail_fail_because(run, bucket, key, error.message, EXIT_FAILED);
    return pail_fail(run, bucket, key, &error);
}

static int run_lines(struct pail_run *run)
{
    return pail_each_url(run, lines_one);
}

const struct pail_command pail_command_lines = {
    .name = "lines",
    .usage = "s3://BUCKET/KEY...",
    .summary = "prints the lines of objects, all or some",
    .about = "Lines end in LF, CR or CRLF; they are printed as they came, with an LF.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct lines_settings),
    .words_min = 1,
    .settle = settle,
    .run = run_lines,
};
