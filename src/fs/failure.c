#include "fs/failure.h"

#include "base/log.h"
#include "fs/fs.h"

#include <errno.h>
#include <inttypes.h>

/* Bytes of the longest path that a failure can be of, with its bucket, and of one failure's
 * text: escaped, a byte takes four. */
#define FAILED_PATH_MAX (PATH_BYTES_MAX + 2 * SOURCE_NAME_MAX)
#define TEXT_MAX        (5 * FAILED_PATH_MAX)

/* "read s3://bucket/key bytes 0-99: ESTALE: PreconditionFailed: message (status 412, request id
 * X, 3 attempts, 210 ms)" */
static void describe(struct buf *b, int status, const struct source_request *request,
                     int64_t elapsed_ms)
{
    buf_add_c(b, pail_errno_name(-status));
    if (!request || request->error.sys == 0)
        return;
    const struct pail_error *e = &request->error;
    buf_add_c(b, ": ");
    buf_add_escaped(b, str_c(e->code[0] ? e->code : pail_error_kind_name(e->kind)));
    if (e->message[0]) {
        buf_add_c(b, ": ");
        buf_add_escaped(b, str_c(e->message));
    }
    buf_addf(b, " (%s", e->operation[0] ? e->operation : "no request");
    if (e->http_status)
        buf_addf(b, ", status %d", e->http_status);
    if (e->request_id[0]) {
        buf_add_c(b, ", request id ");
        buf_add_escaped(b, str_c(e->request_id));
    }
    if (e->expected_bytes != e->actual_bytes)
        buf_addf(b, ", %" PRIu64 " of %" PRIu64 " bytes", e->actual_bytes, e->expected_bytes);
    buf_addf(b, ", %u attempt%s, %" PRId64 " ms", e->attempts, e->attempts == 1 ? "" : "s",
             elapsed_ms);
    if (e->quota_exhausted)
        buf_add_c(b, ", retry quota used up");
    buf_add_byte(b, ')');
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
    }
}

static void keep(struct node *node, const struct buf *text)
{
    struct node_extra *extra = node_extra(node);
    char *copy = extra ? str_dup(buf_str(text)) : NULL;
    if (!copy)
        return;
    free(extra->failure);
    extra->failure = copy;
}

/* `path` is the failed name's, `node` where it is kept. */
static void note(struct fs *fs, struct node *node, const struct buf *path, const char *what,
                 int status, const struct source_request *request)
{
    if (status == -ECANCELED)
        return;
    CLEANUP_DONE(buf) struct buf text, uri;
    buf_init(&text, TEXT_MAX);
    buf_init(&uri, FAILED_PATH_MAX);
    fs->source->ops->uri(fs->source, buf_str(path), &uri);
    buf_addf(&text, "%s ", what);
    buf_add_escaped(&text, buf_str(&uri));
    if (request && request->first <= request->last && request->last > 0)
        buf_addf(&text, " bytes %" PRIu64 "-%" PRIu64, request->first, request->last);
    buf_add_c(&text, ": ");
    int64_t elapsed_ns = request ? clock_now_ns(fs->clock) - request->started_ns : 0;
    describe(&text, status, request, elapsed_ns / NS_PER_MS);
    if (buf_failed(&text))
        return;
    log_failure(fs, status, &text);
    keep(node, &text);
}

void failure_note(struct fs *fs, struct node *node, const char *what, int status,
                  const struct source_request *request)
{
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    node_add_path(node, &path);
    note(fs, node, &path, what, status, request);
}

void failure_note_name(struct fs *fs, struct node *dir, struct pail_str name, const char *what,
                       int status, const struct source_request *request)
{
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, FAILED_PATH_MAX);
    node_add_path_of(dir, name, &path);
    note(fs, dir, &path, what, status, request);
}

void failure_unreachable(struct fs *fs, struct node *dir, size_t count, struct pail_str example)
{
    CLEANUP_DONE(buf) struct buf path, uri, text;
    buf_init(&path, PATH_BYTES_MAX);
    buf_init(&uri, FAILED_PATH_MAX);
    buf_init(&text, TEXT_MAX);
    node_add_path(dir, &path);
    fs->source->ops->uri(fs->source, buf_str(&path), &uri);
    buf_add_escaped(&text, buf_str(&uri));
    buf_addf(&text, ": %zu keys that no path can name are not shown, such as ", count);
    buf_add_escaped(&text, example);
    if (!buf_failed(&text))
        log_warn("%s", buf_c(&text));
}
