#include "services/logs_search.h"

#include "base/buf.h"

#include <errno.h>
#include <stdlib.h>
/* Running out of memory is a failed insertion, not the end of the program. */
#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(obj) ((obj)->lost = true)
#include <uthash.h>

struct logs_seen {
    UT_hash_handle hh;
    bool lost;
    unsigned page; /* that gave it */
    int64_t timestamp_ms;
    char key[];
};

void logs_search_init(struct logs_search *search, int64_t since_ms, int64_t until_ms,
                      int64_t overlap_ms)
{
    *search = (struct logs_search){
        .since_ms = since_ms,
        .until_ms = until_ms,
        .overlap_ms = overlap_ms,
        .from_ms = since_ms,
        .newest_ms = INT64_MIN,
    };
}

static void forget(struct logs_search *search, struct logs_seen *seen)
{
    HASH_DEL(search->seen, seen);
    free(seen);
}

void logs_search_done(struct logs_search *search)
{
    while (search->seen)
        forget(search, search->seen);
    free(STEAL(search->token));
    free(STEAL(search->fresh));
}

void logs_search_ask(const struct logs_search *search,
                     struct pail_logs_filter_log_events_input *in)
{
    in->next_token = str_c(search->token);
    if (search->from_ms > INT64_MIN)
        in->start_time = PAIL_INT(search->from_ms);
    if (search->until_ms < INT64_MAX) /* here the end belongs to it */
        in->end_time = PAIL_INT(search->until_ms - 1);
}

/* ---- what was given ---- */

/* Where another round would begin, with events up to `newest_ms` given. */
static int64_t round_start(const struct logs_search *search, int64_t newest_ms, int64_t now_ms)
{
    int64_t at = newest_ms < now_ms ? newest_ms : now_ms;
    if (newest_ms == INT64_MIN || at < INT64_MIN + search->overlap_ms)
        return search->since_ms;
    at -= search->overlap_ms;
    return at > search->since_ms ? at : search->since_ms;
}

/* What tells the event from every other: its id, or else all that is known of it. */
static void add_key(struct buf *b, const struct pail_logs_filtered_log_event *event)
{
    buf_reset(b);
    buf_add_str(b, event->event_id);
    if (event->event_id.len > 0)
        return;
    buf_add(b, &event->timestamp.value, sizeof(event->timestamp.value));
    buf_add(b, &event->ingestion_time.value, sizeof(event->ingestion_time.value));
    buf_add_str(b, event->log_stream_name);
    buf_add_byte(b, '\0');
    buf_add_str(b, event->message);
}

static struct logs_seen *find(const struct logs_search *search, struct pail_str key)
{
    struct logs_seen *seen = NULL;
    HASH_FIND(hh, search->seen, key.ptr, key.len, seen);
    return seen;
}

static int add_seen(struct logs_search *search, struct pail_str key, int64_t timestamp_ms)
{
    struct logs_seen *seen = calloc(1, sizeof(*seen) + key.len + 1);
    if (!seen)
        return -ENOMEM;
    memcpy(seen->key, key.ptr, key.len);
    seen->timestamp_ms = timestamp_ms;
    seen->page = search->page;
    HASH_ADD_KEYPTR(hh, search->seen, seen->key, key.len, seen);
    if (seen->lost) {
        free(seen);
        return -ENOMEM;
    }
    return 0;
}

/* Takes back what this page has added. */
static void undo(struct logs_search *search)
{
    struct logs_seen *seen, *next;
    HASH_ITER(hh, search->seen, seen, next)
    {
        if (seen->page == search->page)
            forget(search, seen);
    }
    search->fresh_count = 0;
}

/* ---- a page ---- */

static int make_room(struct logs_search *search, size_t count)
{
    search->fresh_count = 0;
    if (count <= search->fresh_capacity)
        return 0;
    const struct pail_logs_filtered_log_event **fresh = calloc(count, sizeof(*fresh));
    if (!fresh)
        return -ENOMEM;
    free(search->fresh);
    search->fresh = fresh;
    search->fresh_capacity = count;
    return 0;
}

static int64_t newest_of(const struct logs_search *search,
                         const struct pail_logs_filtered_log_events *events)
{
    int64_t newest_ms = search->newest_ms;
    for (size_t i = 0; i < events->count; i++) {
        const struct pail_int *time = &events->items[i].timestamp;
        if (time->present && time->value > newest_ms)
            newest_ms = time->value;
    }
    return newest_ms;
}

/* Fills `fresh`, and remembers those of it that a round from `start_ms` on would give again. */
static int pick(struct logs_search *search, const struct pail_logs_filtered_log_events *events,
                int64_t start_ms)
{
    CLEANUP_DONE(buf) struct buf key;
    buf_init(&key, SIZE_MAX);
    search->page++;
    for (size_t i = 0; i < events->count; i++) {
        const struct pail_logs_filtered_log_event *event = &events->items[i];
        int64_t time_ms = event->timestamp.present ? event->timestamp.value : start_ms;
        add_key(&key, event);
        int r = buf_failed(&key);
        if (r == 0 && find(search, buf_str(&key)))
            continue;
        if (r == 0 && time_ms >= start_ms)
            r = add_seen(search, buf_str(&key), time_ms);
        if (r < 0) {
            undo(search);
            return -ENOMEM;
        }
        search->fresh[search->fresh_count++] = event;
    }
    return 0;
}

int logs_search_take(struct logs_search *search, int64_t now_ms,
                     const struct pail_logs_filter_log_events_output *out,
                     const char **ret_reason)
{
    CLEANUP(heap) char *token = NULL;
    struct pail_str next = out->next_token;
    int64_t newest_ms = newest_of(search, &out->events);
    int64_t start_ms = round_start(search, newest_ms, now_ms);
    bool again = next.len > 0 && str_eq(next, str_c(search->token));
    if (!out->events.items || again) {
        *ret_reason = again ? "the listing repeats its continuation token"
                            : "the answer is not a list of events";
        return -EPROTO;
    }
    if (next.len > 0 && !(token = str_dup(next)))
        return -ENOMEM;
    if (make_room(search, out->events.count) < 0 || pick(search, &out->events, start_ms) < 0)
        return -ENOMEM;
    free(search->token);
    search->token = STEAL(token);
    search->newest_ms = newest_ms;
    if (search->fresh_count > 0)
        search->renewed = false;
    if (!search->token)
        search->from_ms = start_ms;
    while (search->seen && search->seen->timestamp_ms < start_ms)
        forget(search, search->seen);
    return search->token != NULL;
}

bool logs_search_renew(struct logs_search *search, int64_t now_ms,
                       const struct pail_error *error)
{
    /* Other faults have this code too; they come again without a token. */
    if (!search->token || search->renewed ||
        !str_eq_c(str_c(error->code), "InvalidParameterException"))
        return false;
    free(STEAL(search->token));
    search->renewed = true;
    search->from_ms = round_start(search, search->newest_ms, now_ms);
    return true;
}
