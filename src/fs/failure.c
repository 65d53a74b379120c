#include "fs/failure.h"

#include "base/date.h"
#include "base/encode.h"
#include "base/log.h"
#include "fs/fs.h"

#include <errno.h>
#include <inttypes.h>

/* Bytes of parts of a line, escaped, so that the whole fits into LOG_LINE_MAX with the rest. */
#define PLACE_MAX      1400 /* of the path, and of the URI */
#define MESSAGE_MAX    400
#define ID_MAX         150 /* of the code, and of each id */
#define WAITED_FOR_MAX 300

/* What a failure is of. */
struct subject {
    struct node *node;    /* where it is kept */
    struct pail_str name; /* below it; absent: itself */
    const char *what;
    int status;
    const struct source_request *request; /* NULL: none failed */
    int64_t waited_ms;                    /* without a request */
    struct pail_str waited_for;           /* absent: for nothing */
};

void failure_add_place(struct fs *fs, const struct node *node, struct pail_str name,
                       struct buf *b)
{
    CLEANUP_DONE(buf) struct buf path, place;
    buf_init(&path, PATH_BYTES_MAX + SOURCE_NAME_MAX + 2);
    buf_init(&place, 2 * PATH_BYTES_MAX);
    if (name.ptr)
        node_add_path_of(node, name, &path);
    else
        node_add_path(node, &path);
    buf_add_c(&place, fs->options.top ? fs->options.top : "");
    if (path.len > 0 || place.len == 0)
        buf_add_byte(&place, '/');
    buf_add_str(&place, buf_str(&path));
    buf_add_shortened(b, buf_str(&place), PLACE_MAX);
    buf_reset(&place);
    fs->source->ops->uri(fs->source, buf_str(&path), &place);
    buf_add_c(b, " (");
    buf_add_shortened(b, buf_str(&place), PLACE_MAX);
    if (buf_failed(&path) || buf_failed(&place))
        buf_fail(b, -ENOMEM);
}

static void add_detail(struct buf *b, const char *name, const char *value)
{
    if (!value[0])
        return;
    buf_add_c(b, name);
    buf_add_shortened(b, str_c(value), ID_MAX);
}

/* ": InternalError: MESSAGE (GetObject, status 500, ...)" */
static void add_record(struct buf *b, const struct pail_error *e, int64_t elapsed_ms)
{
    /* Where it was answered, and the answer is what is wrong, the message says all. */
    bool answered = e->kind == PAIL_ERROR_CLIENT && !e->code[0] && e->message[0];
    if (!answered)
        add_detail(b, ": ", e->code[0] ? e->code : pail_error_kind_name(e->kind));
    if (e->message[0]) {
        buf_add_c(b, ": ");
        buf_add_shortened(b, str_c(e->message), MESSAGE_MAX);
    }
    buf_addf(b, " (%s", e->operation[0] ? e->operation : "no request");
    if (e->http_status && !(answered && e->http_status < 300))
        buf_addf(b, ", status %d", e->http_status);
    add_detail(b, ", request id ", e->request_id);
    add_detail(b, ", host id ", e->host_id);
    if (e->expected_bytes != e->actual_bytes)
        buf_addf(b, ", %" PRIu64 " of %" PRIu64 " bytes", e->actual_bytes, e->expected_bytes);
    buf_addf(b, ", %u attempt%s, %" PRId64 " ms", e->attempts, e->attempts == 1 ? "" : "s",
             elapsed_ms);
    if (e->quota_exhausted)
        buf_add_c(b, ", retry quota used up");
    buf_add_byte(b, ')');
}

static void describe(struct fs *fs, const struct subject *s, struct buf *b)
{
    const struct source_request *request = s->request;
    int64_t elapsed_ns = request ? clock_now_ns(fs->clock) - request->started_ns : 0;
    buf_addf(b, "%s ", s->what);
    failure_add_place(fs, s->node, s->name, b);
    if (request && request->first <= request->last && request->last > 0)
        buf_addf(b, " bytes %" PRIu64 "-%" PRIu64, request->first, request->last);
    buf_addf(b, "): %s", pail_errno_name(-s->status));
    if (request && request->error.sys != 0) {
        add_record(b, &request->error, elapsed_ns / NS_PER_MS);
    } else if (request) {
        /* It was answered, but the answer cannot be right. */
        buf_addf(b, " (%" PRId64 " ms)", elapsed_ns / NS_PER_MS);
    } else if (s->waited_for.ptr) {
        buf_addf(b, ": not done after %" PRId64 " ms, waiting for ", s->waited_ms);
        buf_add_shortened(b, s->waited_for, WAITED_FOR_MAX);
    }
}

/* ---- the log: not more than it can use ---- */

static void window_over(struct timer *timer)
{
    struct failures *failures = CONTAINER_OF(timer, struct failures, window);
    for (int sys = 0; sys < FAILURE_ERRNOS; sys++) {
        if (failures->by_errno[sys].left_out > 0)
            log_warn("%u more failures with %s in %d s were not logged",
                     failures->by_errno[sys].left_out, pail_errno_name(sys),
                     FAILURE_WINDOW_MS / 1000);
        failures->by_errno[sys].logged = failures->by_errno[sys].left_out = 0;
    }
}

void failures_init(struct fs *fs)
{
    fs->failures.window.fire = window_over;
}

void failures_done(struct fs *fs)
{
    timer_cancel(&fs->timers, &fs->failures.window);
    window_over(&fs->failures.window);
}

static void log_failure(struct fs *fs, int status, const struct buf *text)
{
    struct failures *failures = &fs->failures;
    int sys = -status < FAILURE_ERRNOS ? -status : 0;
    if (!failures->window.set)
        timer_set(&fs->timers, &failures->window,
                  clock_after_ms(clock_now_ns(fs->clock), FAILURE_WINDOW_MS));
    if (failures->by_errno[sys].logged < FAILURE_LINES) {
        failures->by_errno[sys].logged++;
        log_warn("%s", buf_c(text));
    } else {
        failures->by_errno[sys].left_out++;
        failures->left_out_total++;
    }
}

/* "2026-01-02T03:04:05Z read ..." */
static void keep(struct fs *fs, struct node *node, bool of_asking, const struct buf *text)
{
    if (of_asking && node->extra && node->extra->failure && !node->extra->failure_of_asking)
        return;
    CLEANUP_DONE(buf) struct buf dated;
    buf_init(&dated, LOG_LINE_MAX * 2);
    const struct pail_time now = {.seconds = clock_realtime_s(fs->clock), .present = true};
    buf_add_iso8601(&dated, now);
    buf_add_byte(&dated, ' ');
    buf_add_str(&dated, buf_str(text));
    struct node_extra *extra = node_extra(node);
    char *copy = extra ? buf_steal(&dated) : NULL;
    if (!copy)
        return;
    free(extra->failure);
    extra->failure = copy;
    extra->failure_of_asking = of_asking;
}

static void note(struct fs *fs, const struct subject *subject)
{
    if (subject->status == -ECANCELED)
        return;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, LOG_LINE_MAX * 2);
    describe(fs, subject, &text);
    if (buf_failed(&text))
        return;
    struct node *node = subject->node;
    bool gone = subject->status == -ENOENT || subject->status == -ESTALE;
    bool of_asking = strcmp(subject->what, FAILURE_OF_ASKING) == 0;
    log_failure(fs, subject->status, &text);
    keep(fs, node, of_asking, &text);
    if (gone && !subject->name.ptr && node->parent)
        keep(fs, node->parent, of_asking, &text);
}

void failure_note(struct fs *fs, struct node *node, const char *what, int status,
                  const struct source_request *request)
{
    const struct subject subject = {
        .node = node, .what = what, .status = status, .request = request};
    note(fs, &subject);
}

void failure_note_name(struct fs *fs, struct node *dir, struct pail_str name, const char *what,
                       int status, const struct source_request *request)
{
    const struct subject subject = {
        .node = dir, .name = name, .what = what, .status = status, .request = request};
    note(fs, &subject);
}

void failure_note_deadline(struct fs *fs, struct node *node, struct pail_str name,
                           const char *what, int64_t waited_ms, struct pail_str waited_for)
{
    const struct subject subject = {.node = node,
                                    .name = name,
                                    .what = what,
                                    .status = -ETIMEDOUT,
                                    .waited_ms = waited_ms,
                                    .waited_for = waited_for};
    note(fs, &subject);
}

void failure_size_unknown(struct fs *fs, struct node *node, uint64_t size)
{
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, LOG_LINE_MAX * 2);
    buf_add_c(&text, "getattr ");
    failure_add_place(fs, node, (struct pail_str){0}, &text);
    buf_addf(&text,
             "): the size is told as 0: %" PRIu64 " bytes were read so far, but the end is "
             "further away. What copies by the size takes it for empty: cat it first",
             size);
    if (!buf_failed(&text))
        log_failure(fs, -ETIMEDOUT, &text);
}

static void log_not_shown(struct fs *fs, struct node *dir, size_t count, const char *why,
                          struct pail_str example)
{
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, LOG_LINE_MAX * 2);
    failure_add_place(fs, dir, (struct pail_str){0}, &text);
    buf_addf(&text, "): %zu %s %s %s not shown, such as ", count, count == 1 ? "name" : "names",
             why, count == 1 ? "is" : "are");
    buf_add_shortened(&text, example, PLACE_MAX / 2);
    if (!buf_failed(&text))
        log_warn("%s", buf_c(&text));
}

void failure_unreachable(struct fs *fs, struct node *dir, size_t count, struct pail_str example)
{
    log_not_shown(fs, dir, count, "that no path can have", example);
}

void failure_taken(struct fs *fs, struct node *dir, size_t count, struct pail_str example)
{
    log_not_shown(fs, dir, count, "whose path another name has", example);
}
