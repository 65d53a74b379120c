/* fs/logs_source_hours.c: the hours of a group, from its oldest event to the present. */
#include "fs/logs_hours.h"
#include "fs/logs_source_groups.h"

#include <errno.h>

/* Events may be older than their group: by so much. */
#define BEFORE_MS (INT64_C(14) * 86400000)
#define LOOK_MAX  100 /* events of a page in which the oldest is looked for */

static const struct pail_operation *const filter = &pail_logs_filter_log_events_operation;

/* A lookup or a listing of hours: first the group must be known, then whether there are events
 * older than it. */
struct hours_state {
    struct source_state state;
    struct logs_ask ask;
    struct source_call look;
    struct pail_logs_filter_log_events_input in;
    struct pail_logs_filter_log_events_output out;
    char *token;
    struct source_lookup *lookup; /* or: */
    struct source_list *list;
    struct source_entries entries;
    struct logs_place place;
    char etag[LOGS_ETAG_MAX];
};

static void hours_free(struct source_state *state)
{
    struct hours_state *hs = CONTAINER_OF(state, struct hours_state, state);
    logs_ask_done(&hs->ask);
    source_entries_done(&hs->entries);
    pail_output_free(filter, &hs->out);
    free(hs->token);
    free(hs);
}

static struct logs_group *group_of(struct hours_state *hs)
{
    const struct logs_source *logs = logs_of_state(&hs->state);
    return logs_groups_find(&logs->groups, logs_place_group(&hs->place));
}

/* ---- the answer ---- */

/* What of the group's time a mount shows. */
static void bounds(const struct logs_source *logs, const struct logs_group *group,
                   int64_t *ret_from_ms, int64_t *ret_to_ms)
{
    int64_t now_ms = logs_now_ms(logs);
    int64_t from_ms =
        group->first_ms < group->creation_ms ? group->first_ms : group->creation_ms;
    int64_t kept_ms = group->retention_ms > 0 ? now_ms - group->retention_ms : from_ms;
    from_ms = kept_ms > from_ms ? kept_ms : from_ms;
    *ret_from_ms = logs->since_ms > from_ms ? logs->since_ms : from_ms;
    *ret_to_ms = logs->until_ms < now_ms + 1 ? logs->until_ms : now_ms + 1;
}

static struct source_entry file_of(struct hours_state *hs, const struct logs_group *group)
{
    return (struct source_entry){
        .type = ENTRY_FILE,
        .kind = FILE_GROWS,
        .etag = logs_etag((struct pail_int){group->creation_ms, true}, hs->etag),
    };
}

static int fill_lookup(struct hours_state *hs, const struct logs_group *group)
{
    struct logs_hours hours;
    int64_t from_ms, to_ms;
    struct pail_str path = logs_place_rest(&hs->place);
    struct source_entry *entry = &hs->lookup->entry;
    bounds(logs_of_state(&hs->state), group, &from_ms, &to_ms);
    if (logs_hours_parse(path, &hours) < 0 || hours.to_ms <= from_ms || hours.from_ms >= to_ms)
        return -ENOENT;
    *entry = (struct source_entry){.type = ENTRY_DIRECTORY};
    if (hours.depth == LOGS_HOURS_DEPTH) {
        *entry = file_of(hs, group);
        entry->mtime_s = hours.from_ms / 1000;
    }
    size_t slash = str_rfind(path, '/');
    entry->name = slash < path.len ? str_sub(path, slash + 1, path.len) : path;
    return 0;
}

static int fill_list(struct hours_state *hs, const struct logs_group *group)
{
    int64_t from_ms, to_ms;
    const struct source_entry file = file_of(hs, group);
    bounds(logs_of_state(&hs->state), group, &from_ms, &to_ms);
    int r = logs_hours_list(logs_place_rest(&hs->place), from_ms, to_ms, &file, &hs->entries);
    if (r == 0)
        source_entries_answer(&hs->entries, hs->list);
    return r;
}

/* The group is known. What to finish the request with. */
static int fill(struct hours_state *hs, struct pail_error *error)
{
    const struct logs_group *group = group_of(hs);
    int r = !group ? -ENOENT : hs->lookup ? fill_lookup(hs, group) : fill_list(hs, group);
    if (r < 0)
        source_call_error(
            error, filter, NULL, r == -ENOMEM ? PAIL_ERROR_MEMORY : PAIL_ERROR_CLIENT, -r,
            r == -ENOMEM ? "out of memory" : "there is no such hour of a log group");
    return r;
}

/* ---- events that are older than their group ---- */

static void look(struct hours_state *hs);

/* True if that must be found out. Long after the group was made no more of them can come. */
static bool must_look(const struct logs_source *logs, const struct logs_group *group)
{
    int64_t now_ms = logs_now_ms(logs);
    int64_t age_ms = (clock_now_ns(logs->base.clock) - group->looked_ns) / NS_PER_MS;
    bool settled = now_ms - age_ms - BEFORE_MS > group->creation_ms;
    if (group->looked_ns == 0)
        return true;
    return !settled && logs->metadata_ttl_ms >= 0 && age_ms >= logs->metadata_ttl_ms;
}

/* 1: another page is to be asked for; 0: it is known; -errno. */
static int take_page(struct hours_state *hs, struct logs_group *group)
{
    const struct pail_logs_filter_log_events_output *out = &hs->out;
    if (!out->events.items ||
        (out->next_token.len > 0 && str_eq(out->next_token, str_c(hs->token))))
        return -EPROTO;
    group->first_ms = INT64_MAX;
    for (size_t i = 0; i < out->events.count; i++) {
        const struct pail_int *time = &out->events.items[i].timestamp;
        if (time->present && time->value < group->first_ms)
            group->first_ms = time->value;
    }
    if (out->events.count == 0 && out->next_token.len > 0) {
        char *token = str_dup(out->next_token);
        if (!token)
            return -ENOMEM;
        free(hs->token);
        hs->token = token;
        return 1;
    }
    group->looked_ns = clock_now_ns(hs->state.source->clock);
    return 0;
}

static void looked(struct source_call *call)
{
    struct hours_state *hs = CONTAINER_OF(call, struct hours_state, look);
    struct logs_group *group = group_of(hs);
    int r = call->status;
    if (r == 0 && group)
        r = take_page(hs, group);
    if (r > 0) {
        look(hs);
        return;
    }
    if (r < 0 && call->status == 0)
        source_call_error(&call->error, filter, &hs->out.response,
                          r == -ENOMEM ? PAIL_ERROR_MEMORY : PAIL_ERROR_PARSE, -r,
                          r == -ENOMEM ? "out of memory"
                                       : "the answer is not a list of events");
    source_finish(&hs->state, r < 0 ? r : fill(hs, &call->error), &call->error);
}

static void look(struct hours_state *hs)
{
    struct logs_source *logs = logs_of_state(&hs->state);
    const struct logs_group *group = group_of(hs);
    hs->in = (struct pail_logs_filter_log_events_input){
        .log_group_name = logs_place_name(&hs->place, group->slash),
        .start_time =
            PAIL_INT(group->creation_ms > BEFORE_MS ? group->creation_ms - BEFORE_MS : 0),
        .end_time = PAIL_INT(group->creation_ms),
        .next_token = str_c(hs->token),
        .limit = PAIL_INT(LOOK_MAX),
    };
    pail_output_free(filter, &hs->out);
    hs->out = (struct pail_logs_filter_log_events_output){0};
    source_call_init(&hs->state, &hs->look, filter, &hs->out, NULL, looked);
    logs_start(logs, LOGS_FILTER_CALL, &hs->look, &hs->in, logs->base.metadata_timeout_ms);
}

/* ---- the group ---- */

static void asked(struct logs_ask *ask, int status)
{
    struct hours_state *hs = CONTAINER_OF(ask, struct hours_state, ask);
    struct logs_source *logs = logs_of_state(&hs->state);
    struct pail_error *error = &ask->call.error;
    if (status == 0 && (status = logs_ask_learn(logs, ask)) < 0)
        source_call_error(error, ask->call.operation, NULL, PAIL_ERROR_MEMORY, ENOMEM,
                          "out of memory");
    const struct logs_group *group = group_of(hs);
    if (status == 0 && group && must_look(logs, group))
        look(hs);
    else
        source_finish(&hs->state, status < 0 ? status : fill(hs, error), error);
}

static void start(struct logs_source *logs, struct source_request *request,
                  struct source_lookup *lookup, struct source_list *list,
                  const struct logs_place *place)
{
    struct hours_state *hs = calloc(1, sizeof *hs);
    if (!hs) {
        source_refuse(&logs->base, request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&hs->state, &logs->base, request, hours_free);
    hs->lookup = lookup;
    hs->list = list;
    hs->place = *place;
    hs->ask = (struct logs_ask){
        .state = &hs->state, .place = &hs->place, .goal = LOGS_ONE, .ended = asked};
    const struct logs_group *group = group_of(hs);
    if (!group || logs_seen_ns(logs, group) == 0) {
        logs_ask_start(&hs->ask);
    } else if (must_look(logs, group)) {
        look(hs);
    } else {
        struct pail_error error = {0};
        int r = fill(hs, &error);
        if (r == 0)
            request->as_of_ns = logs_seen_ns(logs, group);
        source_answer(&hs->state, r, &error);
    }
}

void logs_hours_lookup(struct logs_source *logs, struct source_lookup *lookup,
                       const struct logs_place *place)
{
    start(logs, &lookup->request, lookup, NULL, place);
}

void logs_hours_page(struct logs_source *logs, struct source_list *list,
                     const struct logs_place *place)
{
    start(logs, &list->request, NULL, list, place);
}
