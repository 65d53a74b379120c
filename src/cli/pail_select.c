#include "cli/pail_arguments.h"
#include "cli/pail_output.h"

#include <errno.h>
#include <inttypes.h>
#include <pail/iterate.h>
#include <pail/s3_select.h>

#define SELECT_ROW_MAX PAIL_LINE_MAX /* bytes of a row whose end has not come */

enum input { INPUT_GUESSED, INPUT_CSV, INPUT_JSON, INPUT_JSON_DOCUMENT, INPUT_PARQUET };
enum form { FORM_GUESSED, FORM_CSV, FORM_JSON };
enum header { HEADER_USE, HEADER_IGNORE, HEADER_NONE };
enum compression { COMPRESSION_GUESSED, COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_BZIP2 };

struct select_settings {
    bool csv, json, json_document, parquet; /* at most one: the object's format */
    enum compression compression;
    enum header header;
    const char *delimiter, *quote, *escape, *comments, *record_delimiter;
    bool quoted_newlines, stats;
    enum form output;
};

static const char *const compressions[] = {"none", "gzip", "bzip2", NULL};
static const char *const headers[] = {"use", "ignore", "none", NULL};
static const char *const forms[] = {"csv", "json", NULL};

#define ROW(name_, kind_, field_, ...)                                                         \
    PAIL_ROW(struct select_settings, name_, kind_, field_, __VA_ARGS__)

static const struct option rows[] = {
    ROW("csv", OPTION_FLAG, csv, .help = "the object is CSV; else as its name says"),
    ROW("json", OPTION_FLAG, json, .help = "it is JSON, a value a line"),
    ROW("json_document", OPTION_FLAG, json_document, .help = "it is one JSON document"),
    ROW("parquet", OPTION_FLAG, parquet, .help = "it is Parquet"),
    ROW("compression", OPTION_CHOICE, compression, .argument = "HOW", .choices = compressions,
        .min = COMPRESSION_NONE, .help = "none, gzip or bzip2; else as its name says"),
    ROW("header", OPTION_CHOICE, header, .argument = "HOW", .choices = headers,
        .min = HEADER_USE, .help = "CSV's first line: use (unless said), ignore, none"),
    ROW("delimiter", OPTION_TEXT, delimiter, .argument = "CHARACTER",
        .help = "between CSV's fields; \\t is a tab"),
    ROW("record_delimiter", OPTION_TEXT, record_delimiter, .argument = "TEXT",
        .help = "between its records; \\n, \\r, \\t as in C"),
    ROW("quote", OPTION_TEXT, quote, .argument = "CHARACTER", .help = "around its fields"),
    ROW("escape", OPTION_TEXT, escape, .argument = "CHARACTER",
        .help = "before a quote inside one"),
    ROW("comments", OPTION_TEXT, comments, .argument = "CHARACTER",
        .help = "begins lines to pass over"),
    ROW("quoted_newlines", OPTION_FLAG, quoted_newlines,
        .help = "quoted fields may hold record delimiters"),
    ROW("output", OPTION_CHOICE, output, .argument = "HOW", .choices = forms, .min = FORM_CSV,
        .help = "csv or json; else csv for CSV"),
    ROW("stats", OPTION_FLAG, stats, .help = "bytes scanned on standard error"),
};

static int settle(void *settings, struct buf *reason)
{
    const struct select_settings *s = settings;
    bool csv_only = s->delimiter || s->quote || s->escape || s->comments ||
                    s->record_delimiter || s->quoted_newlines || s->header != HEADER_USE;
    if (s->csv + s->json + s->json_document + s->parquet > 1)
        buf_add_c(reason, "--csv, --json, --json-document and --parquet exclude each other");
    else if (csv_only && (s->json || s->json_document || s->parquet))
        buf_add_c(reason, "options of CSV are not for --json, --json-document and --parquet");
    else
        return 0;
    return -EINVAL;
}

/* ---- what is asked for ---- */

static bool ends(struct pail_str key, const char *suffix)
{
    struct pail_str end = str_c(suffix);
    return key.len > end.len && str_eq_nocase(str_sub(key, key.len - end.len, end.len), end);
}

static enum compression compression_of(const struct select_settings *s, struct pail_str *key)
{
    static const struct {
        const char *suffix;
        enum compression compression;
    } known[] = {{".gz", COMPRESSION_GZIP}, {".bz2", COMPRESSION_BZIP2}};
    enum compression guessed = COMPRESSION_NONE;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (ends(*key, known[i].suffix)) {
            key->len -= strlen(known[i].suffix);
            guessed = known[i].compression;
            break;
        }
    }
    return s->compression == COMPRESSION_GUESSED ? guessed : s->compression;
}

/* `key` without what its compression has added to the name. */
static enum input input_of(const struct select_settings *s, struct pail_str key)
{
    if (s->csv)
        return INPUT_CSV;
    if (s->json || s->json_document)
        return s->json ? INPUT_JSON : INPUT_JSON_DOCUMENT;
    if (s->parquet || ends(key, ".parquet"))
        return INPUT_PARQUET;
    bool lines = ends(key, ".json") || ends(key, ".jsonl") || ends(key, ".ndjson");
    return lines ? INPUT_JSON : INPUT_CSV;
}

/* An argument with \n, \r, \t and \\ replaced, in `b`; absent as it is. */
static struct pail_str unescape(const char *text, struct buf *b)
{
    static const char from[] = "nrt\\", to[] = "\n\r\t\\";
    if (!text)
        return (struct pail_str){0};
    for (const char *at = text; *at; at++) {
        const char *known = at[0] == '\\' && at[1] ? strchr(from, at[1]) : NULL;
        buf_add_byte(b, known ? to[known - from] : *at);
        at += known != NULL;
    }
    return buf_str(b);
}

struct request {
    struct buf delimiter, record_delimiter;
    struct pail_s3_csv_input csv_in;
    struct pail_s3_json_input json_in;
    struct pail_s3_csv_output csv_out;
    struct pail_s3_json_output json_out;
    struct pail_empty parquet;
    struct pail_s3_input_serialization from;
    struct pail_s3_output_serialization to;
};

static void request_done(struct request *r)
{
    buf_done(&r->delimiter);
    buf_done(&r->record_delimiter);
}

static void say_input(const struct select_settings *s, struct request *r, enum input input,
                      enum compression compression)
{
    static const struct pail_str header_names[] = {PAIL_STR("USE"), PAIL_STR("IGNORE"),
                                                   PAIL_STR("NONE")};
    static const struct pail_str compression_names[] = {
        [COMPRESSION_GUESSED] = PAIL_STR("NONE"),
        [COMPRESSION_NONE] = PAIL_STR("NONE"),
        [COMPRESSION_GZIP] = PAIL_STR("GZIP"),
        [COMPRESSION_BZIP2] = PAIL_STR("BZIP2"),
    };
    r->csv_in = (struct pail_s3_csv_input){
        .file_header_info = header_names[s->header],
        .comments = str_c(s->comments),
        .quote_escape_character = str_c(s->escape),
        .record_delimiter = unescape(s->record_delimiter, &r->record_delimiter),
        .field_delimiter = unescape(s->delimiter, &r->delimiter),
        .quote_character = str_c(s->quote),
    };
    if (s->quoted_newlines)
        r->csv_in.allow_quoted_record_delimiter = PAIL_BOOL(true);
    r->json_in.type = input == INPUT_JSON ? PAIL_STR("LINES") : PAIL_STR("DOCUMENT");
    r->from.compression_type = compression_names[compression];
    r->from.csv = input == INPUT_CSV ? &r->csv_in : NULL;
    r->from.json = input == INPUT_JSON || input == INPUT_JSON_DOCUMENT ? &r->json_in : NULL;
    r->from.parquet = input == INPUT_PARQUET ? &r->parquet : NULL;
}

static int say(const struct select_settings *s, struct pail_str key, struct request *r)
{
    enum compression compression = compression_of(s, &key);
    enum input input = input_of(s, key);
    bool json = s->output == FORM_GUESSED ? input != INPUT_CSV : s->output == FORM_JSON;
    say_input(s, r, input, compression);
    r->csv_out.quote_fields = PAIL_STR("ASNEEDED");
    r->json_out.record_delimiter = PAIL_STR("\n");
    r->to.csv = json ? NULL : &r->csv_out;
    r->to.json = json ? &r->json_out : NULL;
    return buf_failed(&r->delimiter) || buf_failed(&r->record_delimiter) ? -ENOMEM : 0;
}

/* ---- what comes ---- */

/* Prints the whole rows; the beginning of another, of which the rest is to come, is kept. */
static int print_rows(struct pail_run *run, struct pail_str records, struct buf *rest)
{
    size_t whole = str_rfind(records, '\n');
    int status = EXIT_OK;
    if (whole < records.len) {
        struct pail_str first = str_sub(records, 0, whole + 1);
        if (rest->len > 0)
            status = pail_print(run, buf_str(rest));
        if (status == EXIT_OK)
            status = pail_print(run, first);
        buf_reset(rest);
        records = str_sub(records, whole + 1, records.len);
    }
    if (status == EXIT_OK && records.len > SELECT_ROW_MAX - rest->len)
        return pail_fail_saying(run, run->arguments->words[0], "a row is longer than 16 MiB",
                                EXIT_FAILED);
    buf_add_str(rest, records);
    return status == EXIT_OK && buf_failed(rest) ? pail_fail_memory(run) : status;
}

static void tell_stats(const struct pail_s3_select_counts *counts)
{
    CLEANUP_DONE(buf) struct buf line;
    buf_init(&line, 256);
    buf_addf(&line, "%" PRId64 " bytes scanned, %" PRId64 " processed, %" PRId64 " returned\n",
             counts->bytes_scanned.value, counts->bytes_processed.value,
             counts->bytes_returned.value);
    (void)pail_write(STDERR_FILENO, buf_c(&line), line.len);
}

static int print_events(struct pail_run *run, struct pail_event_stream *stream,
                        struct pail_error *error)
{
    const struct select_settings *settings = run->arguments->settings;
    CLEANUP_DONE(buf) struct buf rest;
    buf_init(&rest, SELECT_ROW_MAX);
    struct pail_event event;
    int r = 0, status = EXIT_OK;
    while (status == EXIT_OK && (r = pail_event_stream_next(stream, &event, error)) > 0) {
        const struct pail_s3_select_object_content_event *data = event.data;
        if (data->records)
            status = print_rows(run, data->records->payload, &rest);
        else if (data->stats && data->stats->details && settings->stats)
            tell_stats(data->stats->details);
    }
    /* Of a stream that broke off, no unfinished row. */
    return status == EXIT_OK && r == 0 ? pail_print(run, buf_str(&rest)) : status;
}

/* Where there is no S3 Select, that is what is to be said, not what it looks like. */
static int fail_select(struct pail_run *run, struct pail_str bucket, struct pail_str key,
                       const struct pail_error *error)
{
    int status = pail_fail(run, bucket, key, error);
    if (error->sys == ENOTSUP)
        buf_add_c(&run->line,
                  "; S3 Select is not offered here (AWS has closed it to new customers)");
    return status;
}

static int select_rows(struct pail_run *run, struct pail_str bucket, struct pail_str key,
                       struct request *request)
{
    struct pail_call_options limits = pail_limits_of_stream(run);
    const struct pail_s3_select_object_content_input in = {
        .bucket = bucket,
        .key = key,
        .expression = str_c(run->arguments->words[1]),
        .input_serialization = &request->from,
        .output_serialization = &request->to,
    };
    PAIL_CLEANUP(pail_s3_select_object_content_output)
    struct pail_s3_select_object_content_output out = {0};
    struct pail_error error = {0};
    limits.resume = false;
    if (pail_s3_select_object_content(run->client, &in, &out, &limits, &error) < 0)
        return fail_select(run, bucket, key, &error);
    int status = print_events(run, out.payload, &error);
    return status == EXIT_OK && error.sys != 0 ? pail_fail(run, bucket, key, &error) : status;
}

static int run_select(struct pail_run *run)
{
    struct pail_str bucket, key;
    if (pail_arguments_url(run->arguments->words[0], &bucket, &key, &run->line) < 0)
        return EXIT_USAGE;
    if (key.len == 0)
        return pail_fail_because(run, bucket, key, "is not s3://BUCKET/KEY", EXIT_USAGE);
    struct request request = {.from = {.csv = NULL}};
    buf_init(&request.delimiter, SIZE_MAX);
    buf_init(&request.record_delimiter, SIZE_MAX);
    int status = say(run->arguments->settings, key, &request) < 0
                     ? pail_fail_memory(run)
                     : select_rows(run, bucket, key, &request);
    request_done(&request);
    return status;
}

const struct pail_command pail_command_select = {
    .name = "select",
    .usage = "s3://BUCKET/KEY EXPRESSION",
    .summary = "prints what SQL selects of an object",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct select_settings),
    .words_min = 2,
    .words_max = 2,
    .run = run_select,
    .settle = settle,
};
