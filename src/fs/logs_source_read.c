/* fs/logs_source_read.c: reading streams by GetLogEvents and hours by FilterLogEvents, page by
 * page. */
#include "fs/logs_hours.h"
#include "fs/logs_source_internal.h"

#include <errno.h>

#define TEXT_MAX (256 * 1024 * 1024) /* bytes of a page's events as text */

/* One page. */
struct page_state {
    struct source_state state;
    struct source_call call;
    union {
        struct pail_logs_get_log_events_input events;
        struct pail_logs_filter_log_events_input filter;
    } in;
    union {
        struct pail_logs_get_log_events_output events;
        struct pail_logs_filter_log_events_output filter;
    } out;
    struct source_more *more;
    struct source_reader *reader;
    /* What is there to be read, made by the net thread. */
    struct buf text;
    size_t *ends;          /* of each event's text */
    size_t kept_len, kept; /* of those that are new */
    int64_t newest_ms;     /* of them; INT64_MIN: not known */
    bool end;              /* that is all for now */
};

static void page_free(struct source_state *state)
{
    struct page_state *ps = CONTAINER_OF(state, struct page_state, state);
    pail_output_free(ps->call.operation, &ps->out);
    buf_done(&ps->text);
    free(ps->ends);
    free(ps);
}

/* ---- the net thread: an answer as text ---- */

/* All of a page is text before the reader moves on: what is lost for want of memory can be
 * asked for again. */
static bool make_ends(struct page_state *ps, size_t count)
{
    ps->ends = calloc(count + 1, sizeof(*ps->ends));
    if (!ps->ends)
        source_call_fail(&ps->call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    return ps->ends != NULL;
}

static void add(struct page_state *ps, size_t i, const struct logs_event *event)
{
    logs_format_add(&ps->text, ps->reader->logs->format, event);
    ps->ends[i] = ps->text.len;
}

static bool added(struct page_state *ps)
{
    if (buf_failed(&ps->text))
        source_call_fail(&ps->call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    return !buf_failed(&ps->text);
}

/* The event is new: its text moves up to that of the new ones before it. */
static void keep(struct page_state *ps, size_t i, struct pail_int time)
{
    size_t start = i > 0 ? ps->ends[i - 1] : 0, len = ps->ends[i] - start;
    if (len > 0)
        memmove(ps->text.data + ps->kept_len, ps->text.data + start, len);
    ps->kept_len += len;
    ps->kept++;
    if (time.present && time.value > ps->newest_ms)
        ps->newest_ms = time.value;
}

static void took(struct page_state *ps, int r, const char *reason)
{
    ps->end = r == 0;
    if (r == -EPROTO)
        source_call_fail(&ps->call, PAIL_ERROR_PARSE, EPROTO, reason);
    else if (r < 0)
        source_call_fail(&ps->call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    buf_truncate(&ps->text, ps->kept_len);
}

static void convert_events(struct source_call *call)
{
    struct page_state *ps = CONTAINER_OF(call, struct page_state, call);
    const struct pail_logs_log_events *events = &ps->out.events.events;
    struct pail_logs_log_events fresh = {0};
    const char *reason = NULL;
    if (!make_ends(ps, events->count))
        return;
    for (size_t i = 0; i < events->count; i++) {
        const struct logs_event event = logs_event_of(&events->items[i]);
        add(ps, i, &event);
    }
    if (!added(ps))
        return;
    int r = logs_pages_take(&ps->reader->pages, &ps->out.events, &fresh, &reason);
    for (size_t i = 0; r >= 0 && i < fresh.count; i++)
        keep(ps, (size_t)(&fresh.items[i] - events->items), fresh.items[i].timestamp);
    took(ps, r, reason);
}

static void convert_filter(struct source_call *call)
{
    struct page_state *ps = CONTAINER_OF(call, struct page_state, call);
    const struct pail_logs_filtered_log_events *events = &ps->out.filter.events;
    struct logs_search *search = &ps->reader->search;
    const char *reason = NULL;
    if (!make_ends(ps, events->count))
        return;
    for (size_t i = 0; i < events->count; i++) {
        const struct logs_event event = logs_event_of_filtered(&events->items[i]);
        add(ps, i, &event);
    }
    if (!added(ps))
        return;
    int r = logs_search_take(search, logs_now_ms(ps->reader->logs), &ps->out.filter, &reason);
    for (size_t i = 0; r >= 0 && i < search->fresh_count; i++)
        keep(ps, (size_t)(search->fresh[i] - events->items), search->fresh[i]->timestamp);
    took(ps, r, reason);
}

/* ---- the fs thread ---- */

static void page_start(struct page_state *ps);

static bool renewed(struct source_reader *reader, const struct pail_error *error)
{
    return reader->place.where == LOGS_STREAMS
               ? logs_pages_renew(&reader->pages, error)
               : logs_search_renew(&reader->search, logs_now_ms(reader->logs), error);
}

/* Nothing more comes once the time that is read lies back far enough. */
static bool is_past(const struct source_reader *reader)
{
    int64_t now_ms = logs_now_ms(reader->logs);
    return reader->until_ms < now_ms - LOGS_LATE_MS;
}

static void answer(struct page_state *ps)
{
    struct source_more *more = ps->more;
    struct logs_source *logs = ps->reader->logs;
    more->data = ps->text.len > 0 ? buf_str(&ps->text) : str_of(NULL, 0);
    more->end = ps->end;
    more->finished = ps->end && is_past(ps->reader);
    more->mtime_s = ps->newest_ms > 0 ? ps->newest_ms / 1000 : 0;
    ps->reader->name.sure = true;
    logs->stats.pages++;
    logs->stats.events += ps->kept;
}

static void page_ended(struct source_call *call)
{
    struct page_state *ps = CONTAINER_OF(call, struct page_state, call);
    struct logs_source *logs = ps->reader->logs;
    if (call->status < 0 && renewed(ps->reader, &call->error)) {
        logs->stats.renewed++;
        page_start(ps);
        return;
    }
    if (logs_name_other(&ps->reader->name, call)) {
        page_start(ps);
        return;
    }
    if (call->status == 0)
        answer(ps);
    source_finish(&ps->state, call->status, &call->error);
}

static void page_start(struct page_state *ps)
{
    struct source_reader *reader = ps->reader;
    struct pail_str group = logs_place_name(&reader->place, reader->name.slash);
    bool streams = reader->place.where == LOGS_STREAMS;
    pail_output_free(ps->call.operation, &ps->out);
    memset(&ps->in, 0, sizeof(ps->in));
    memset(&ps->out, 0, sizeof(ps->out));
    if (streams) {
        ps->in.events.log_group_name = group;
        ps->in.events.log_stream_name = logs_place_rest(&reader->place);
        logs_pages_ask(&reader->pages, &ps->in.events);
        source_call_init(&ps->state, &ps->call, &pail_logs_get_log_events_operation,
                         &ps->out.events, convert_events, page_ended);
    } else {
        ps->in.filter.log_group_name = group;
        logs_search_ask(&reader->search, &ps->in.filter);
        source_call_init(&ps->state, &ps->call, &pail_logs_filter_log_events_operation,
                         &ps->out.filter, convert_filter, page_ended);
    }
    logs_start(reader->logs, streams ? LOGS_EVENTS_CALL : LOGS_FILTER_CALL, &ps->call, &ps->in,
               reader->logs->operation_timeout_ms);
}

void logs_more(struct source *source, struct source_more *more)
{
    struct logs_source *logs = logs_source_of(source);
    struct source_reader *reader = more->reader;
    if (reader->place.where == LOGS_TAIL) {
        logs_tail_more(reader->tail, more);
        return;
    }
    struct page_state *ps = calloc(1, sizeof *ps);
    if (!ps) {
        source_refuse(&logs->base, &more->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&ps->state, &logs->base, &more->request, page_free);
    ps->more = more;
    ps->reader = reader;
    ps->newest_ms = INT64_MIN;
    ps->call.operation = &pail_logs_get_log_events_operation;
    buf_init(&ps->text, TEXT_MAX);
    if (reader->nothing) {
        source_answer_finished(&ps->state, more);
        return;
    }
    page_start(ps);
}

/* ---- readers ---- */

static int open_hour(struct source_reader *reader)
{
    const struct logs_source *logs = reader->logs;
    struct logs_hours hour;
    int r = logs_hours_parse(logs_place_rest(&reader->place), &hour);
    if (r < 0 || hour.depth < LOGS_HOURS_DEPTH)
        return r < 0 ? r : -EISDIR;
    int64_t from_ms = logs->since_ms > hour.from_ms ? logs->since_ms : hour.from_ms;
    reader->until_ms = logs->until_ms < hour.to_ms ? logs->until_ms : hour.to_ms;
    reader->nothing = from_ms >= reader->until_ms;
    logs_search_init(&reader->search, from_ms, reader->until_ms, LOGS_LATE_MS);
    return 0;
}

static int open_place(struct source_reader *reader)
{
    const struct logs_source *logs = reader->logs;
    switch (reader->place.where) {
    case LOGS_STREAMS:
        reader->nothing = logs->since_ms >= logs->until_ms;
        logs_pages_init(&reader->pages, logs->since_ms, logs->until_ms);
        return reader->place.rest_len > 0 ? 0 : -EISDIR;
    case LOGS_HOURS:
        return open_hour(reader);
    case LOGS_TAIL:
        reader->tail = logs_tail_new(reader);
        return reader->tail ? 0 : -ENOMEM;
    case LOGS_GROUP:
        break;
    }
    return -EISDIR;
}

int logs_reader_open(struct source *source, struct pail_str path, struct pail_str etag,
                     struct source_reader **ret)
{
    (void)etag;
    struct logs_source *logs = logs_source_of(source);
    CLEANUP(heap) struct source_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return -ENOMEM;
    int r = logs_source_place(logs, path, &reader->place);
    if (r < 0)
        return r;
    reader->logs = logs;
    reader->name = logs_name_of(logs, &reader->place);
    reader->until_ms = logs->until_ms;
    r = open_place(reader);
    if (r < 0)
        return r;
    *ret = STEAL(reader);
    return 0;
}

void logs_reader_close(struct source *source, struct source_reader *reader)
{
    (void)source;
    if (reader->place.where == LOGS_STREAMS)
        logs_pages_done(&reader->pages);
    else if (reader->place.where == LOGS_HOURS)
        logs_search_done(&reader->search);
    else if (reader->place.where == LOGS_TAIL)
        logs_tail_free(reader->tail);
    free(reader);
}
