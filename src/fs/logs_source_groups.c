/* The service lists names that begin with something, in order, fifty a page; it knows no
 * directories. */
#include "fs/logs_source_groups.h"

#include <errno.h>

#define PAGE_MAX 50
#define FEW      250 /* groups: all are asked for at once where some are wanted */

static void ask_page(struct logs_ask *ask);

static struct logs_source *logs_of(const struct logs_ask *ask)
{
    return logs_of_state(ask->state);
}

/* ---- one question ---- */

/* True if names without a '/' before the path are asked for by themselves. */
static bool has_other(const struct logs_ask *ask)
{
    return ask->slash && !logs_of(ask)->slash_only;
}

static bool is_found(const struct logs_ask *ask)
{
    struct pail_str path = logs_place_group(ask->place);
    switch (ask->goal) {
    case LOGS_ANY:
        return ask->found.count > 0;
    case LOGS_ONE:
        return logs_groups_find(&ask->found, path);
    case LOGS_ALL:
        break;
    }
    return false;
}

/* Takes in the groups of a page. *ret_beyond: the last stands after all that are wanted;
 * *ret_below: it is one of them. 0, -EPROTO, -ENOMEM. */
static int take_groups(struct logs_ask *ask, bool *ret_beyond, bool *ret_below)
{
    const struct pail_logs_log_groups *groups = &ask->out.log_groups;
    struct pail_str path = logs_place_group(ask->place), asked = str_c(ask->prefix);
    *ret_beyond = *ret_below = false;
    for (size_t i = 0; i < groups->count; i++) {
        struct pail_str name = groups->items[i].log_group_name;
        if (name.len == 0 || !str_starts(name, asked))
            return -EPROTO;
        struct pail_str own = str_sub(name, name.ptr[0] == '/', name.len);
        bool within = logs_path_within(own, path);
        int r = within ? logs_groups_put(&ask->found, &groups->items[i], ask->started_ns) : 0;
        if (r < 0)
            return r;
        *ret_below = within && own.len > path.len;
        *ret_beyond = !within && own.len > path.len && own.ptr[path.len] > '/';
    }
    return 0;
}

/* Where it goes on: 1: ask->pages and the names to ask for are set; 0: it is known. */
static int go_on(struct logs_ask *ask, bool beyond, bool below)
{
    bool more = ask->pages.token && ask->goal != LOGS_ONE && !beyond && !is_found(ask);
    if (more && !ask->below && !below && ask->place->group_len > 0) {
        /* Names come first that only begin like the path: "a-b" before "a/b". */
        list_pages_done(&ask->pages);
        ask->below = true;
    }
    if (more)
        return 1;
    if (is_found(ask) || !has_other(ask))
        return 0;
    list_pages_done(&ask->pages);
    ask->slash = ask->below = false;
    return 1;
}

static int take_page(struct logs_ask *ask, const char **ret_reason)
{
    bool beyond, below;
    int r = list_pages_take(&ask->pages, &list_of_log_groups, &ask->out, ret_reason);
    if (r >= 0)
        r = take_groups(ask, &beyond, &below);
    return r < 0 ? r : go_on(ask, beyond, below);
}

static void page_ended(struct source_call *call)
{
    struct logs_ask *ask = CONTAINER_OF(call, struct logs_ask, call);
    const char *reason = list_of_log_groups.refusal;
    int r = call->status == 0 ? take_page(ask, &reason) : call->status;
    if (call->status == 0 && r < 0)
        source_call_error(&call->error, call->operation, &ask->out.response,
                          r == -EPROTO ? PAIL_ERROR_PARSE : PAIL_ERROR_MEMORY, -r,
                          r == -EPROTO ? reason : "out of memory");
    if (r <= 0)
        ask->ended(ask, r);
    else if (!ask->wanted || ask->wanted(ask))
        ask_page(ask);
}

static void ask_page(struct logs_ask *ask)
{
    struct pail_str name = logs_place_name(ask->place, ask->slash);
    memcpy(ask->prefix, name.ptr, name.len);
    ask->prefix[name.len] = ask->below ? '/' : '\0';
    ask->prefix[name.len + ask->below] = '\0';
    ask->in = (struct pail_logs_describe_log_groups_input){
        .log_group_name_prefix = ask->prefix[0] ? str_c(ask->prefix) : str_of(NULL, 0),
        .next_token = str_c(ask->pages.token),
        .limit = PAIL_INT(PAGE_MAX),
    };
    pail_output_free(&pail_logs_describe_log_groups_operation, &ask->out);
    ask->out = (struct pail_logs_describe_log_groups_output){0};
    source_call_init(ask->state, &ask->call, &pail_logs_describe_log_groups_operation,
                     &ask->out, NULL, page_ended);
    struct logs_source *logs = logs_of(ask);
    logs_start(logs, LOGS_GROUPS_CALL, &ask->call, &ask->in, logs->base.metadata_timeout_ms);
}

void logs_ask_start(struct logs_ask *ask)
{
    /* All names at once have both kinds among them. */
    ask->started_ns = clock_now_ns(ask->state->source->clock);
    ask->slash = ask->place->group_len > 0 || logs_of(ask)->slash_only;
    ask_page(ask);
}

void logs_ask_done(struct logs_ask *ask)
{
    logs_groups_done(&ask->found);
    list_pages_done(&ask->pages);
    pail_output_free(&pail_logs_describe_log_groups_operation, &ask->out);
}

int logs_ask_learn(struct logs_source *logs, struct logs_ask *ask)
{
    struct pail_str path = logs_place_group(ask->place);
    if (ask->goal == LOGS_ALL || (ask->goal == LOGS_ANY && ask->found.count == 0))
        return logs_groups_replace(&logs->groups, path, &ask->found);
    if (ask->goal == LOGS_ONE && !logs_groups_find(&ask->found, path))
        logs_groups_remove(&logs->groups, path);
    return logs_groups_merge(&logs->groups, &ask->found);
}

/* ---- all of them, for whoever wants to know ---- */

struct logs_scan {
    struct source_state state;
    struct source_request request; /* its own: no request of the filesystem */
    struct logs_ask ask;
    struct logs_place place;
    int64_t started_ns;
    int64_t paused_ns; /* since when nobody wants its next page; 0: it goes on */
    TAILQ_ENTRY(logs_scan) link;
    TAILQ_HEAD(, logs_wait) waiting;
};

static void scan_free(struct source_state *state)
{
    struct logs_scan *scan = CONTAINER_OF(state, struct logs_scan, state);
    logs_ask_done(&scan->ask);
    free(scan);
}

/* A paused scan ends: what it has learned by then is known. */
static void scan_drop(struct logs_scan *scan)
{
    struct logs_source *logs = logs_of_state(&scan->state);
    TAILQ_REMOVE(&logs->scans, scan, link);
    (void)logs_groups_merge(&logs->groups, &scan->ask.found);
    scan_free(&scan->state);
}

static bool is_too_old(const struct logs_scan *scan)
{
    int64_t age_ns = clock_now_ns(scan->state.source->clock) - scan->paused_ns;
    return age_ns >= LOGS_PAUSE_MS * NS_PER_MS;
}

/* All that are paused but for `scan` (NULL: none), and it too once that was too long ago. */
static void drop_paused(struct logs_source *logs, const struct logs_scan *scan)
{
    struct logs_scan *s, *next;
    for (s = TAILQ_FIRST(&logs->scans); s; s = next) {
        next = TAILQ_NEXT(s, link);
        if (s->paused_ns != 0 && (s != scan || is_too_old(s)))
            scan_drop(s);
    }
}

static bool scan_wanted(struct logs_ask *ask)
{
    struct logs_scan *scan = CONTAINER_OF(ask, struct logs_scan, ask);
    struct logs_source *logs = logs_of(ask);
    if (!TAILQ_EMPTY(&scan->waiting) || scan->state.cancelled)
        return true;
    drop_paused(logs, NULL); /* one is enough to be kept */
    scan->paused_ns = clock_now_ns(logs->base.clock);
    return false;
}

static void scan_go_on(struct logs_scan *scan)
{
    if (scan->paused_ns == 0)
        return;
    scan->paused_ns = 0;
    ask_page(&scan->ask);
}

static bool is_fresh(const struct logs_source *logs, int64_t since_ns)
{
    int64_t age_ms = (clock_now_ns(logs->base.clock) - since_ns) / NS_PER_MS;
    return logs->metadata_ttl_ms < 0 || age_ms < logs->metadata_ttl_ms;
}

bool logs_covered(const struct logs_source *logs, struct pail_str path)
{
    return logs->covered_ns != INT64_MIN &&
           logs_path_within(path, logs_place_group(&logs->covered)) &&
           is_fresh(logs, logs->covered_ns);
}

int64_t logs_seen_ns(const struct logs_source *logs, const struct logs_group *group)
{
    return is_fresh(logs, group->seen_ns) ? group->seen_ns : 0;
}

static void cover(struct logs_source *logs, const struct logs_scan *scan)
{
    /* What is known of more, and still believed, is worth more. */
    struct pail_str path = logs_place_group(&scan->place);
    struct pail_str covered = logs_place_group(&logs->covered);
    if (logs_covered(logs, covered) && covered.len < path.len)
        return;
    logs->covered = scan->place;
    logs->covered_ns = scan->started_ns;
}

static void scan_ended(struct logs_ask *ask, int status)
{
    struct logs_scan *scan = CONTAINER_OF(ask, struct logs_scan, ask);
    struct logs_source *logs = logs_of(ask);
    if (status == 0 && (status = logs_ask_learn(logs, ask)) < 0)
        source_call_error(&ask->call.error, ask->call.operation, NULL, PAIL_ERROR_MEMORY,
                          ENOMEM, "out of memory");
    if (status == 0)
        cover(logs, scan);
    source_finish(&scan->state, status, &ask->call.error);
}

static void scan_done(struct source_request *request)
{
    struct logs_scan *scan = CONTAINER_OF(request, struct logs_scan, request);
    struct logs_source *logs = logs_of_state(&scan->state);
    struct logs_wait *wait;
    TAILQ_REMOVE(&logs->scans, scan, link);
    while ((wait = TAILQ_FIRST(&scan->waiting))) {
        logs_scan_leave(wait);
        wait->ready(wait, request->status, &request->error, scan->started_ns);
    }
    source_release(&logs->base.source, request);
}

/* Where the few groups there are cost no more than a part of them, all are asked for. */
static const struct logs_place *widen(const struct logs_source *logs,
                                      const struct logs_place *place)
{
    bool whole = logs->covered_ns != INT64_MIN && logs->covered.group_len == logs->prefix_len;
    return whole && logs->groups.count <= FEW ? &logs->covered : place;
}

static struct logs_scan *scan_start(struct logs_source *logs, const struct logs_place *place)
{
    struct logs_scan *scan = calloc(1, sizeof *scan);
    if (!scan)
        return NULL;
    source_state_init(&scan->state, &logs->base, &scan->request, scan_free);
    scan->request.done = scan_done;
    scan->place = *widen(logs, place);
    scan->started_ns = clock_now_ns(logs->base.clock);
    TAILQ_INIT(&scan->waiting);
    TAILQ_INSERT_TAIL(&logs->scans, scan, link);
    scan->ask = (struct logs_ask){.state = &scan->state,
                                  .place = &scan->place,
                                  .goal = LOGS_ALL,
                                  .ended = scan_ended,
                                  .wanted = scan_wanted};
    logs_ask_start(&scan->ask);
    return scan;
}

/* One that is to bring what is wanted; NULL: none is. */
static struct logs_scan *scan_of(struct logs_source *logs, struct pail_str path)
{
    struct logs_scan *scan;
    TAILQ_FOREACH(scan, &logs->scans, link)
    {
        /* What is paused is older than who asks, who would else never get all of it. */
        if ((scan->paused_ns != 0 || logs->metadata_ttl_ms != 0) &&
            logs_path_within(path, logs_place_group(&scan->place)))
            return scan;
    }
    return NULL;
}

static void wait_over(struct timer *timer)
{
    struct logs_wait *wait = CONTAINER_OF(timer, struct logs_wait, deadline);
    struct logs_scan *scan = wait->scan;
    struct pail_error error;
    char words[128];
    (void)snprintf(words, sizeof(words),
                   "%zu log groups were listed so far; who asks again gets the rest",
                   scan->ask.found.count);
    int status = source_call_error(&error, &pail_logs_describe_log_groups_operation, NULL,
                                   PAIL_ERROR_DEADLINE, ETIMEDOUT, words);
    int64_t started_ns = scan->started_ns;
    logs_scan_leave(wait);
    wait->ready(wait, status, &error, started_ns);
}

int logs_scan_wait(struct logs_source *logs, const struct logs_place *place,
                   struct logs_wait *wait)
{
    struct logs_scan *scan = scan_of(logs, logs_place_group(place));
    drop_paused(logs, scan);
    scan = scan_of(logs, logs_place_group(place));
    if (!scan)
        scan = scan_start(logs, place);
    if (!scan)
        return -ENOMEM;
    wait->scan = scan;
    wait->deadline.fire = wait_over;
    timer_set(logs->base.timers, &wait->deadline,
              clock_after_ms(clock_now_ns(logs->base.clock), logs->base.metadata_timeout_ms));
    TAILQ_INSERT_TAIL(&scan->waiting, wait, link);
    scan_go_on(scan);
    return 0;
}

void logs_scan_leave(struct logs_wait *wait)
{
    struct logs_scan *scan = STEAL(wait->scan);
    if (!scan)
        return;
    TAILQ_REMOVE(&scan->waiting, wait, link);
    timer_cancel(logs_of_state(&scan->state)->base.timers, &wait->deadline);
}

void logs_scans_cancel(struct logs_source *logs)
{
    struct logs_scan *scan;
    drop_paused(logs, NULL);
    TAILQ_FOREACH(scan, &logs->scans, link)
    {
        source_cancel(&logs->base.source, &scan->request);
    }
}
