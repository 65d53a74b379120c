/* fs/logs_source_tail.c: the events of a group as they come, by Live Tail. A session lasts
 * three hours; the next begins where it ends. */
#include "base/log.h"
#include "fs/logs_source_groups.h"

#include <errno.h>
#include <pail/events.h>

#define BACKLOG_MAX (4 * 1024 * 1024)   /* bytes: with more, the session waits for the reader */
#define UPDATE_MAX  (256 * 1024 * 1024) /* bytes of one update as text */
#define ARN_MAX     2048

static const struct pail_operation *const describe_groups =
    &pail_logs_describe_log_groups_operation;
static const struct pail_operation *const live_tail = &pail_logs_start_live_tail_operation;

/* One stream of events. It outlives its reader until its end has come. */
struct session {
    struct client_source *source;
    struct logs_tail *tail; /* fs thread; NULL: nobody reads any more */
    struct pail_event_stream *stream;
    enum logs_format format;
    /* An update: the net thread's until the message is posted, the fs thread's until the stream
     * is resumed. */
    struct message came;
    struct buf text;
    uint64_t count;
    int64_t newest_ms;
    bool sampled;
    /* The end. */
    struct message over;
    int status;
    struct pail_error error;
};

struct tail_state;

/* fs thread. */
struct logs_tail {
    struct source_reader *reader;
    struct session *session;    /* NULL: none */
    struct tail_state *waiting; /* a request that waits for what comes; NULL: none */
    struct buf backlog;         /* what came and was not asked for yet */
    struct pail_str arn;        /* the group's: every session of the reader is of it */
    char arn_text[ARN_MAX];
    int64_t newest_ms;
    bool paused; /* the session waits to be resumed */
    bool told;   /* that it shows only some of the events */
    /* The failure that nobody has waited for; 0: none. */
    int status;
    struct pail_error error;
};

/* A request for more. */
struct tail_state {
    struct source_state state;
    struct logs_ask ask;
    struct source_call call;
    struct pail_logs_start_live_tail_input in;
    struct pail_logs_start_live_tail_output out;
    struct logs_tail *tail;
    struct source_more *more;
    struct buf text;
};

static void tail_state_free(struct source_state *state)
{
    struct tail_state *ts = CONTAINER_OF(state, struct tail_state, state);
    logs_ask_done(&ts->ask);
    pail_output_free(live_tail, &ts->out);
    buf_done(&ts->text);
    free(ts);
}

/* ---- the net thread ---- */

static void add_update(struct session *s, const struct pail_logs_live_tail_update *update)
{
    const struct pail_logs_live_tail_log_events *events = &update->session_results;
    for (size_t i = 0; i < events->count; i++) {
        struct logs_event event = logs_event_of_live(&events->items[i]);
        event.group = (struct pail_str){0}; /* it is the file's */
        logs_format_add(&s->text, s->format, &event);
        if (event.timestamp.present && event.timestamp.value > s->newest_ms)
            s->newest_ms = event.timestamp.value;
    }
    s->count = events->count;
    s->sampled = update->session_metadata && update->session_metadata->sampled.value;
}

static enum pail_event_flow on_event(struct pail_event_stream *stream,
                                     const struct pail_event *event, void *user)
{
    (void)stream;
    struct session *s = user;
    const struct pail_logs_start_live_tail_event *is = event->data;
    if (!is->session_update || is->session_update->session_results.count == 0)
        return PAIL_EVENT_GO_ON;
    add_update(s, is->session_update);
    mailbox_post(s->source->mailbox, &s->came);
    return PAIL_EVENT_PAUSE;
}

static void on_end(struct pail_event_stream *stream, int status, const struct pail_error *error,
                   void *user)
{
    (void)stream;
    struct session *s = user;
    s->status = status;
    if (status < 0)
        s->error = *error;
    mailbox_post(s->source->mailbox, &s->over);
}

/* ---- answers ---- */

static void resume(struct logs_tail *tail)
{
    if (tail->paused)
        pail_event_stream_resume(tail->session->stream);
    tail->paused = false;
}

static void give(struct logs_tail *tail, struct tail_state *ts)
{
    struct source_more *more = ts->more;
    ts->text = tail->backlog;
    buf_init(&tail->backlog, UPDATE_MAX);
    more->data = buf_str(&ts->text);
    more->end = more->finished = false;
    more->mtime_s = tail->newest_ms / 1000;
    source_answer(&ts->state, 0, NULL);
    resume(tail);
}

static void fail(struct logs_tail *tail, int status, const struct pail_error *error)
{
    struct tail_state *ts = STEAL(tail->waiting);
    if (ts) {
        source_answer(&ts->state, status, error);
        return;
    }
    tail->status = status;
    tail->error = *error;
}

/* ---- a session, on the fs thread ---- */

static void session_free(struct session *s)
{
    s->source->running--;
    pail_event_stream_free(s->stream);
    buf_done(&s->text);
    free(s);
}

/* A service that gives only some of the events says so; it is said once a reader. */
static void note_sampled(struct logs_tail *tail)
{
    struct logs_source *logs = tail->reader->logs;
    logs->stats.sampled++;
    if (!tail->told)
        log_warn("%.*s/@tail: more events come than the service shows: this is a sample",
                 PAIL_ARGS(logs_place_name(&tail->reader->place, tail->reader->name.slash)));
    tail->told = true;
}

static void take_text(struct logs_tail *tail, struct buf *text)
{
    if (tail->backlog.len == 0 && !buf_failed(text)) {
        struct buf empty = tail->backlog;
        tail->backlog = *text;
        *text = empty;
    } else if (!buf_failed(text)) {
        buf_add_str(&tail->backlog, buf_str(text));
    }
    if (buf_failed(text) || buf_failed(&tail->backlog)) {
        struct pail_error error;
        source_call_error(&error, live_tail, NULL, PAIL_ERROR_MEMORY, ENOMEM,
                          "out of memory: events were lost");
        fail(tail, -ENOMEM, &error);
        buf_reset(&tail->backlog);
    }
    buf_reset(text);
}

static void deliver_update(struct message *message)
{
    struct session *s = CONTAINER_OF(message, struct session, came);
    struct logs_tail *tail = s->tail;
    if (!tail)
        return; /* closed: its end will come */
    tail->reader->logs->stats.events += s->count;
    if (s->sampled)
        note_sampled(tail);
    take_text(tail, &s->text);
    tail->newest_ms = s->newest_ms > tail->newest_ms ? s->newest_ms : tail->newest_ms;
    tail->paused = true;
    if (tail->waiting && tail->backlog.len > 0)
        give(tail, STEAL(tail->waiting));
    else if (tail->backlog.len <= BACKLOG_MAX)
        resume(tail);
}

static void tail_start(struct tail_state *ts);

/* Sessions end after a time; the next begins at once, if somebody waits. */
static bool is_renewable(const struct session *s)
{
    return s->status == 0 || strcmp(s->error.code, "SessionTimeoutException") == 0;
}

static void deliver_over(struct message *message)
{
    struct session *s = CONTAINER_OF(message, struct session, over);
    struct logs_tail *tail = s->tail;
    if (tail) {
        tail->session = NULL;
        tail->paused = false;
    }
    if (tail && !is_renewable(s)) {
        fail(tail, s->status, &s->error);
    } else if (tail && tail->waiting) {
        tail->reader->logs->stats.renewed++;
        tail_start(STEAL(tail->waiting));
    }
    session_free(s);
}

static int session_new(struct logs_tail *tail, struct pail_event_stream **stream)
{
    struct logs_source *logs = tail->reader->logs;
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct session){.source = &logs->base,
                          .tail = tail,
                          .stream = pail_event_stream_take(stream),
                          .format = logs->format,
                          .came.deliver = deliver_update,
                          .over.deliver = deliver_over};
    buf_init(&s->text, UPDATE_MAX);
    tail->session = s;
    logs->base.running++;
    logs->stats.sessions++;
    pail_event_stream_start(s->stream, on_event, on_end, s);
    return 0;
}

/* ---- starting one: within a request that waits ---- */

static void tail_started(struct source_call *call)
{
    struct tail_state *ts = CONTAINER_OF(call, struct tail_state, call);
    struct logs_tail *tail = ts->tail;
    int r = call->status;
    if (r == 0 && ts->state.cancelled)
        r = source_call_error(&call->error, live_tail, NULL, PAIL_ERROR_CANCELLED, ECANCELED,
                              "cancelled");
    else if (r == 0 && session_new(tail, &ts->out.response_stream) < 0)
        r = source_call_error(&call->error, live_tail, NULL, PAIL_ERROR_MEMORY, ENOMEM,
                              "out of memory");
    if (r < 0)
        source_finish(&ts->state, r, &call->error);
    else
        tail->waiting = ts;
}

static void tail_start(struct tail_state *ts)
{
    struct logs_source *logs = ts->tail->reader->logs;
    pail_output_free(live_tail, &ts->out);
    ts->out = (struct pail_logs_start_live_tail_output){0};
    ts->in = (struct pail_logs_start_live_tail_input){
        .log_group_identifiers = {.items = &ts->tail->arn, .count = 1}};
    source_call_init(&ts->state, &ts->call, live_tail, &ts->out, NULL, tail_started);
    /* Without a deadline, which would be the session's too. */
    logs_start(logs, LOGS_TAIL_CALL, &ts->call, &ts->in, 0);
}

/* The group's ARN, which is what Live Tail wants; ":*" at its end stands for the streams. */
static void take_arn(struct tail_state *ts)
{
    const struct pail_logs_log_groups *groups = &ts->ask.out.log_groups;
    struct pail_str name =
        logs_place_name(&ts->tail->reader->place, ts->tail->reader->name.slash);
    size_t len = name.len < ARN_MAX ? name.len : 0;
    memcpy(ts->tail->arn_text, name.ptr, len);
    ts->tail->arn = str_of(ts->tail->arn_text, len);
    for (size_t i = 0; i < groups->count; i++) {
        const struct pail_logs_log_group *group = &groups->items[i];
        struct pail_str arn = group->log_group_arn.ptr ? group->log_group_arn : group->arn;
        if (!str_eq(group->log_group_name, name) || arn.len == 0 || arn.len >= ARN_MAX)
            continue;
        if (str_ends(arn, PAIL_STR(":*")))
            arn.len -= 2;
        memcpy(ts->tail->arn_text, arn.ptr, arn.len);
        ts->tail->arn = str_of(ts->tail->arn_text, arn.len);
    }
}

static void group_asked(struct logs_ask *ask, int status)
{
    struct tail_state *ts = CONTAINER_OF(ask, struct tail_state, ask);
    struct source_reader *reader = ts->tail->reader;
    struct pail_error *error = &ask->call.error;
    const struct logs_group *group =
        logs_groups_find(&ask->found, logs_place_group(&reader->place));
    if (status == 0 && !group)
        status = source_call_error(error, describe_groups, &ask->out.response,
                                   PAIL_ERROR_CLIENT, ENOENT, "no log group has that name");
    if (status < 0) {
        source_finish(&ts->state, status, error);
        return;
    }
    reader->name = (struct logs_name){.slash = group->slash, .sure = true};
    take_arn(ts);
    tail_start(ts);
}

/* ---- the reader ---- */

static void tail_stop(struct source_state *state)
{
    struct tail_state *ts = CONTAINER_OF(state, struct tail_state, state);
    struct pail_error error;
    ts->tail->waiting = NULL;
    source_call_error(&error, live_tail, NULL, PAIL_ERROR_CANCELLED, ECANCELED, "cancelled");
    source_answer(state, -ECANCELED, &error);
}

struct logs_tail *logs_tail_new(struct source_reader *reader)
{
    struct logs_tail *tail = calloc(1, sizeof *tail);
    if (!tail)
        return NULL;
    tail->reader = reader;
    buf_init(&tail->backlog, UPDATE_MAX);
    return tail;
}

void logs_tail_free(struct logs_tail *tail)
{
    if (!tail)
        return;
    if (tail->session) {
        tail->session->tail = NULL;
        pail_event_stream_close(tail->session->stream);
    }
    buf_done(&tail->backlog);
    free(tail);
}

void logs_tail_more(struct logs_tail *tail, struct source_more *more)
{
    struct logs_source *logs = tail->reader->logs;
    struct tail_state *ts = calloc(1, sizeof *ts);
    if (!ts) {
        source_refuse(&logs->base, &more->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&ts->state, &logs->base, &more->request, tail_state_free);
    ts->state.stop = tail_stop;
    ts->tail = tail;
    ts->more = more;
    ts->ask = (struct logs_ask){.state = &ts->state,
                                .place = &tail->reader->place,
                                .goal = LOGS_ONE,
                                .ended = group_asked};
    if (tail->backlog.len > 0) {
        give(tail, ts);
    } else if (tail->status < 0) {
        source_answer(&ts->state, tail->status, &tail->error);
        tail->status = 0;
    } else if (tail->session) {
        tail->waiting = ts;
    } else {
        logs_ask_start(&ts->ask);
    }
}
