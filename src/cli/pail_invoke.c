#include "cli/pail_output.h"

#include "base/encode.h"

#include <errno.h>
#include <fcntl.h>
#include <pail/json.h>
#include <pail/lambda.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAYLOAD_MAX                                                                            \
    ((size_t)6 * 1024 * 1024)           /* of a request or an answer, as the service has it */
#define ANSWER_WAIT_MS (16 * 60 * 1000) /* a function may run for fifteen minutes */
#define CHUNK_BYTES    ((size_t)64 * 1024)
#define LOG_MAX        65536

struct invoke_settings {
    const char *payload, *qualifier;
    bool stream, tail, async, dry_run;
};

static const struct option rows[] = {
    PAIL_ROW(struct invoke_settings, "payload", OPTION_TEXT, payload, .argument = "JSON",
             .help = "its event; @FILE, or - for standard input"),
    PAIL_ROW(struct invoke_settings, "qualifier", OPTION_TEXT, qualifier, .argument = "NAME",
             .help = "this version or alias of it"),
    PAIL_ROW(struct invoke_settings, "stream", OPTION_FLAG, stream,
             .help = "print the answer while it is made"),
    PAIL_ROW(struct invoke_settings, "tail", OPTION_FLAG, tail,
             .help = "the end of its log on standard error"),
    PAIL_ROW(struct invoke_settings, "async", OPTION_FLAG, async,
             .help = "have it called later, and do not wait"),
    PAIL_ROW(struct invoke_settings, "dry_run", OPTION_FLAG, dry_run,
             .help = "only ask whether it may be called"),
};

static int settle(void *settings, struct buf *reason)
{
    const struct invoke_settings *invoke = settings;
    if (invoke->stream + invoke->async + invoke->dry_run > 1)
        buf_add_c(reason, "--stream, --async and --dry-run exclude each other");
    else if (invoke->tail && (invoke->async || invoke->dry_run))
        buf_add_c(reason, "--tail: there is no log with --async or --dry-run");
    else
        return 0;
    return -EINVAL;
}

static const struct invoke_settings *settings_of(const struct pail_run *run)
{
    return run->arguments->settings;
}

static const char *name_of(const struct pail_run *run)
{
    return run->arguments->words[0];
}

/* ---- the event ---- */

static int read_payload(struct pail_run *run, int fd, const char *from, struct buf *payload)
{
    ssize_t n = 1;
    while (n > 0 && !buf_failed(payload)) {
        char *room = buf_reserve(payload, CHUNK_BYTES);
        n = room ? read(fd, room, CHUNK_BYTES) : 0;
        if (n > 0)
            buf_commit(payload, (size_t)n);
        else if (n < 0 && errno == EINTR)
            n = 1;
    }
    if (n < 0)
        return pail_fail_saying(run, from, strerror(errno), EXIT_FAILED);
    if (payload->len > PAYLOAD_MAX || buf_failed(payload) == -EOVERFLOW)
        return pail_fail_saying(run, from, "over 6 MB, which is the most that a function takes",
                                EXIT_FAILED);
    return buf_failed(payload) ? pail_fail_memory(run) : EXIT_OK;
}

/* "-", "@FILE" or the event itself. */
static int get_payload(struct pail_run *run, struct buf *payload)
{
    struct pail_str said = str_c(settings_of(run)->payload);
    if (str_eq_c(said, "-"))
        return read_payload(run, STDIN_FILENO, "standard input", payload);
    if (str_starts(said, PAIL_STR("@"))) {
        const char *path = said.ptr + 1;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return pail_fail_saying(run, path, strerror(errno), EXIT_FAILED);
        int status = read_payload(run, fd, path, payload);
        (void)close(fd);
        return status;
    }
    buf_add_str(payload, said);
    return buf_failed(payload) ? pail_fail_memory(run) : EXIT_OK;
}

/* ---- what is told besides the answer ---- */

/* The log's end, for --tail; on a terminal without what would play tricks on it. */
static void tell_log(struct pail_str encoded)
{
    CLEANUP_DONE(buf) struct buf log, shown;
    buf_init(&log, LOG_MAX);
    buf_init(&shown, SIZE_MAX);
    if (encoded.len == 0 || buf_add_base64_decoded(&log, encoded) < 0)
        return;
    struct pail_str rest = buf_str(&log), line;
    while (str_next(&rest, '\n', &line)) {
        if (isatty(STDERR_FILENO))
            buf_add_escaped(&shown, line);
        else
            buf_add_str(&shown, line);
        if (rest.ptr || line.len > 0)
            buf_add_byte(&shown, '\n');
    }
    (void)pail_write(STDERR_FILENO, buf_c(&shown), shown.len);
}

/* Fills run->line; `details` is what the function answered, which should be an object with the
 * type and message of what it raised. */
static int fail_function(struct pail_run *run, struct pail_str kind, struct pail_str details)
{
    PAIL_CLEANUP(pail_json) struct pail_json *value = NULL;
    CLEANUP_DONE(buf) struct buf words;
    buf_init(&words, SIZE_MAX);
    buf_add_c(&words, "the function failed");
    if (kind.len > 0)
        buf_addf(&words, " (%.*s)", PAIL_ARGS(kind));
    if (pail_json_parse(details, &value, NULL) == 0 &&
        pail_json_type(value) == PAIL_JSON_OBJECT) {
        static const char *const members[] = {"errorType", "errorMessage"};
        for (size_t i = 0; i < ARRAY_LEN(members); i++) {
            struct pail_str text = pail_json_string(pail_json_get(value, members[i]));
            buf_add_c(&words, text.len > 0 ? ": " : "");
            buf_add_str(&words, text);
        }
    } else if (details.len > 0) {
        buf_addf(&words, ": %.*s", PAIL_ARGS(details));
    }
    return pail_fail_saying(run, name_of(run), buf_c(&words), EXIT_FUNCTION);
}

/* ---- calls ---- */

/* A call that was sent may have run the function: it is not made again unless asked for. */
static void limit(const struct pail_run *run, struct pail_call_options *limits)
{
    const struct pail_config *config = &run->arguments->options.config;
    limits->resume = false;
    if (config->max_attempts == 0)
        limits->max_attempts = 1;
    if (config->read_timeout_ms == 0 && limits->read_timeout_ms == 0)
        limits->read_timeout_ms = ANSWER_WAIT_MS;
}

/* After an answer whose last byte is `last`: a complaint, or a terminal's next prompt, begins a
 * line of its own. The answer itself is left as it came. */
static void end_line(char last)
{
    struct stat out, err;
    bool same = fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 &&
                out.st_dev == err.st_dev && out.st_ino == err.st_ino;
    if (last != '\n' && same)
        (void)pail_write(STDERR_FILENO, "\n", 1);
}

/* The answer, to standard output and, unless NULL, to `kept`. */
static int print_answer(struct pail_run *run, struct pail_body *body, struct buf *kept,
                        char *ret_last, struct pail_error *error)
{
    CLEANUP(heap) char *chunk = malloc(CHUNK_BYTES);
    if (!chunk)
        return pail_fail_memory(run);
    for (;;) {
        ssize_t n = pail_body_read(body, chunk, CHUNK_BYTES, error);
        if (n <= 0)
            return EXIT_OK;
        int status = pail_print(run, str_of(chunk, (size_t)n));
        if (status != EXIT_OK)
            return status;
        *ret_last = chunk[n - 1];
        if (kept)
            buf_add(kept, chunk, (size_t)n);
    }
}

static int invoke(struct pail_run *run, struct pail_str payload)
{
    const struct invoke_settings *settings = settings_of(run);
    struct pail_call_options limits = pail_limits(run);
    const struct pail_lambda_invoke_input in = {
        .function_name = str_c(name_of(run)),
        .qualifier = str_c(settings->qualifier),
        .log_type = str_c(settings->tail ? "Tail" : NULL),
        .invocation_type = str_c(settings->async     ? "Event"
                                 : settings->dry_run ? "DryRun"
                                                     : NULL),
        .payload = payload,
    };
    PAIL_CLEANUP(pail_lambda_invoke_output) struct pail_lambda_invoke_output out = {0};
    CLEANUP_DONE(buf) struct buf kept;
    struct pail_error error = {0};
    buf_init(&kept, PAYLOAD_MAX);
    limit(run, &limits);
    if (pail_lambda_invoke(run->client, &in, &out, &limits, &error) < 0)
        return pail_fail_at(run, name_of(run), &error);
    tell_log(out.log_result);
    char last = '\n';
    int status =
        print_answer(run, out.payload, out.function_error.ptr ? &kept : NULL, &last, &error);
    if (isatty(STDOUT_FILENO) || error.sys != 0 || out.function_error.ptr)
        end_line(last);
    if (status == EXIT_OK && error.sys != 0)
        status = pail_fail_at(run, name_of(run), &error);
    if (status == EXIT_OK && out.function_error.ptr)
        status = fail_function(run, out.function_error, buf_str(&kept));
    return status;
}

/* The events, to the end; *ret_failure: what the last one says of a failure, if it does. */
static int print_events(struct pail_run *run, struct pail_event_stream *stream,
                        struct buf *ret_kept, struct buf *ret_failure, char *ret_last,
                        struct pail_error *error)
{
    struct pail_event event;
    int status = EXIT_OK;
    while (status == EXIT_OK && pail_event_stream_next(stream, &event, error) > 0) {
        const struct pail_lambda_invoke_with_response_stream_event *data = event.data;
        if (data->payload_chunk) {
            struct pail_str chunk = data->payload_chunk->payload;
            status = pail_print(run, chunk);
            *ret_last = chunk.len > 0 ? chunk.ptr[chunk.len - 1] : *ret_last;
            buf_add_str(ret_kept, data->payload_chunk->payload);
        } else if (data->invoke_complete) {
            tell_log(data->invoke_complete->log_result);
            buf_add_str(ret_failure, data->invoke_complete->error_code);
            if (data->invoke_complete->error_details.ptr) {
                buf_reset(ret_kept);
                buf_add_str(ret_kept, data->invoke_complete->error_details);
            }
        }
    }
    return status;
}

static int invoke_with_stream(struct pail_run *run, struct pail_str payload)
{
    const struct invoke_settings *settings = settings_of(run);
    struct pail_call_options limits = pail_limits_of_stream(run);
    const struct pail_lambda_invoke_with_response_stream_input in = {
        .function_name = str_c(name_of(run)),
        .qualifier = str_c(settings->qualifier),
        .log_type = str_c(settings->tail ? "Tail" : NULL),
        .payload = payload,
    };
    PAIL_CLEANUP(pail_lambda_invoke_with_response_stream_output)
    struct pail_lambda_invoke_with_response_stream_output out = {0};
    CLEANUP_DONE(buf) struct buf kept, failure;
    struct pail_error error = {0};
    limit(run, &limits);
    buf_init(&kept, LOG_MAX);
    buf_init(&failure, LOG_MAX);
    if (pail_lambda_invoke_with_response_stream(run->client, &in, &out, &limits, &error) < 0)
        return pail_fail_at(run, name_of(run), &error);
    struct pail_str head = pail_response_header(&out.response, "X-Amz-Function-Error");
    char last = '\n';
    int status = print_events(run, out.event_stream, &kept, &failure, &last, &error);
    if (status != EXIT_OK)
        return status;
    if (isatty(STDOUT_FILENO) || error.sys != 0 || failure.len + head.len > 0)
        end_line(last);
    if (error.sys != 0)
        return pail_fail_at(run, name_of(run), &error);
    if (failure.len > 0)
        return fail_function(run, buf_str(&failure), buf_str(&kept));
    return head.len > 0 ? fail_function(run, head, buf_str(&kept)) : EXIT_OK;
}

static int run_invoke(struct pail_run *run)
{
    CLEANUP_DONE(buf) struct buf payload;
    buf_init(&payload, PAYLOAD_MAX + CHUNK_BYTES);
    struct pail_str sent = {0};
    if (settings_of(run)->payload) {
        int status = get_payload(run, &payload);
        if (status != EXIT_OK)
            return status;
        sent = buf_str(&payload);
    }
    return settings_of(run)->stream ? invoke_with_stream(run, sent) : invoke(run, sent);
}

const struct pail_command pail_command_invoke = {
    .name = "invoke",
    .usage = "FUNCTION",
    .summary = "calls a Lambda function and prints its answer",
    .about = "FUNCTION is a name or an ARN. It is called once only, unless --max-attempts\n"
             "or --retries says otherwise. Where it fails, the exit status is 6.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct invoke_settings),
    .words_min = 1,
    .words_max = 1,
    .settle = settle,
    .run = run_invoke,
};
