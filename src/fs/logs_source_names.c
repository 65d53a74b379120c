/* fs/logs_source_names.c: groups and their views as directories: looking them up and listing
 * them. */
#include "fs/logs_source_groups.h"

#include <errno.h>

struct pail_str logs_etag(struct pail_int creation_ms, char text[LOGS_ETAG_MAX])
{
    if (!creation_ms.present)
        return (struct pail_str){0};
    int len = snprintf(text, LOGS_ETAG_MAX, "%lld", (long long)creation_ms.value);
    return str_of(text, (size_t)len);
}

/* The entry of a view of the group, as its directory has it. */
static struct source_entry view_entry(const struct logs_source *logs, enum logs_where where,
                                      struct pail_str etag)
{
    struct source_entry entry = {.type = ENTRY_DIRECTORY};
    if (where == LOGS_TAIL) {
        entry = (struct source_entry){.type = ENTRY_FILE, .kind = FILE_LIVE, .etag = etag};
        entry.name = PAIL_STR("@tail");
        entry.mtime_s = logs_now_ms(logs) / 1000;
        entry.hidden = true;
    } else {
        bool hours = where == LOGS_HOURS;
        entry.name = hours ? PAIL_STR("@hours") : PAIL_STR("@streams");
        entry.hidden = hours != (logs->view == LOGS_VIEW_HOURS);
    }
    return entry;
}

static struct pail_str last_name(struct pail_str path)
{
    size_t slash = str_rfind(path, '/');
    return slash < path.len ? str_sub(path, slash + 1, path.len) : path;
}

/* ---- looking up ---- */

/* A group, a directory of groups, or a group's view. */
struct name_lookup {
    struct source_state state;
    struct logs_ask ask;
    struct source_lookup *lookup;
    struct logs_place place;
    char etag[LOGS_ETAG_MAX];
};

static void name_lookup_free(struct source_state *state)
{
    struct name_lookup *nl = CONTAINER_OF(state, struct name_lookup, state);
    logs_ask_done(&nl->ask);
    free(nl);
}

/* Says what has the name, which is known to be there. */
static void describe(struct name_lookup *nl, const struct logs_group *group)
{
    struct logs_source *logs = logs_of_state(&nl->state);
    struct source_entry *entry = &nl->lookup->entry;
    if (nl->place.where == LOGS_GROUP)
        *entry =
            (struct source_entry){.name = last_name(nl->lookup->path), .type = ENTRY_DIRECTORY};
    else
        *entry = view_entry(logs, nl->place.where,
                            logs_etag((struct pail_int){group->creation_ms, true}, nl->etag));
}

/* What is known, and since when, says that it is there; what is known to be absent is asked
 * for: absence is believed for a shorter time. */
static bool answer_known(struct name_lookup *nl)
{
    struct logs_source *logs = logs_of_state(&nl->state);
    struct pail_str path = logs_place_group(&nl->place);
    const struct logs_group *group = logs_groups_find(&logs->groups, path);
    int64_t as_of_ns = group ? logs_seen_ns(logs, group) : 0;
    if (as_of_ns == 0 && nl->place.where == LOGS_GROUP && logs_covered(logs, path) &&
        logs_groups_within(&logs->groups, path))
        as_of_ns = logs->covered_ns;
    if (as_of_ns == 0)
        return false;
    describe(nl, group);
    nl->lookup->request.as_of_ns = as_of_ns;
    source_answer(&nl->state, 0, NULL);
    return true;
}

static void name_asked(struct logs_ask *ask, int status)
{
    struct name_lookup *nl = CONTAINER_OF(ask, struct name_lookup, ask);
    struct logs_source *logs = logs_of_state(&nl->state);
    struct pail_str path = logs_place_group(&nl->place);
    if (status == 0 && (status = logs_ask_learn(logs, ask)) < 0)
        source_call_error(&ask->call.error, ask->call.operation, NULL, PAIL_ERROR_MEMORY,
                          ENOMEM, "out of memory");
    const struct logs_group *group = logs_groups_find(&logs->groups, path);
    bool there =
        nl->place.where == LOGS_GROUP ? logs_groups_within(&logs->groups, path) : group != NULL;
    if (status == 0 && there)
        describe(nl, group);
    else if (status == 0)
        status = source_call_error(&ask->call.error, ask->call.operation, &ask->out.response,
                                   PAIL_ERROR_CLIENT, ENOENT, "no log group has that name");
    source_finish(&nl->state, status, &ask->call.error);
}

static void name_lookup(struct logs_source *logs, struct source_lookup *lookup,
                        const struct logs_place *place)
{
    struct name_lookup *nl = calloc(1, sizeof *nl);
    if (!nl) {
        source_refuse(&logs->base, &lookup->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&nl->state, &logs->base, &lookup->request, name_lookup_free);
    nl->lookup = lookup;
    nl->place = *place;
    if (answer_known(nl))
        return;
    nl->ask = (struct logs_ask){.state = &nl->state,
                                .place = &nl->place,
                                .goal = place->where == LOGS_GROUP ? LOGS_ANY : LOGS_ONE,
                                .ended = name_asked};
    logs_ask_start(&nl->ask);
}

void logs_lookup(struct source *source, struct source_lookup *lookup)
{
    struct logs_source *logs = logs_source_of(source);
    struct logs_place place;
    logs->stats.lookups++;
    int r = logs_source_place(logs, lookup->path, &place);
    if (r < 0)
        source_refuse(&logs->base, &lookup->request, r, logs_place_words(r));
    else if (place.where == LOGS_STREAMS && place.rest_len > 0)
        logs_streams_lookup(logs, lookup, &place);
    else if (place.where == LOGS_HOURS && place.rest_len > 0)
        logs_hours_lookup(logs, lookup, &place);
    else
        name_lookup(logs, lookup, &place);
}

/* ---- listing groups ---- */

struct group_list {
    struct source_state state;
    struct logs_wait wait;
    struct source_list *list;
    struct source_entries entries;
    struct logs_place place;
};

static void group_list_free(struct source_state *state)
{
    struct group_list *gl = CONTAINER_OF(state, struct group_list, state);
    source_entries_done(&gl->entries);
    free(gl);
}

static int add_views(struct group_list *gl, const struct logs_group *group)
{
    static const enum logs_where views[] = {LOGS_STREAMS, LOGS_HOURS, LOGS_TAIL};
    const struct logs_source *logs = logs_of_state(&gl->state);
    char text[LOGS_ETAG_MAX];
    struct pail_str etag = logs_etag((struct pail_int){group->creation_ms, true}, text);
    int r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(views); i++) {
        const struct source_entry entry = view_entry(logs, views[i], etag);
        r = source_entries_add(&gl->entries, &entry);
    }
    return r;
}

/* Answers from what is known now. 0 or -errno. */
static int fill(struct group_list *gl)
{
    struct logs_source *logs = logs_of_state(&gl->state);
    struct pail_str path = logs_place_group(&gl->place);
    if (gl->place.group_len > logs->prefix_len && !logs_groups_within(&logs->groups, path))
        return -ENOENT;
    const struct logs_group *group = logs_groups_find(&logs->groups, path);
    int r = logs_groups_list(&logs->groups, path, &gl->entries);
    if (r == 0 && group)
        r = add_views(gl, group);
    if (r < 0)
        return r;
    source_entries_sort(&gl->entries);
    source_entries_answer(&gl->entries, gl->list);
    return 0;
}

static void answer(struct group_list *gl, int64_t as_of_ns)
{
    struct pail_error error = {0};
    int r = fill(gl);
    if (r < 0)
        source_call_error(&error, &pail_logs_describe_log_groups_operation, NULL,
                          r == -ENOMEM ? PAIL_ERROR_MEMORY : PAIL_ERROR_CLIENT, -r,
                          r == -ENOMEM ? "out of memory" : "no log group has that name");
    gl->list->request.as_of_ns = as_of_ns;
    source_answer(&gl->state, r, &error);
}

static void scanned(struct logs_wait *wait, int status, const struct pail_error *error,
                    int64_t as_of_ns)
{
    struct group_list *gl = CONTAINER_OF(wait, struct group_list, wait);
    if (status < 0)
        source_answer(&gl->state, status, error);
    else
        answer(gl, as_of_ns);
}

static void group_list_stop(struct source_state *state)
{
    struct group_list *gl = CONTAINER_OF(state, struct group_list, state);
    struct pail_error error;
    logs_scan_leave(&gl->wait);
    source_call_error(&error, NULL, NULL, PAIL_ERROR_CANCELLED, ECANCELED, "cancelled");
    source_answer(state, -ECANCELED, &error);
}

static void group_list(struct logs_source *logs, struct source_list *list,
                       const struct logs_place *place)
{
    struct group_list *gl = calloc(1, sizeof *gl);
    if (!gl) {
        source_refuse(&logs->base, &list->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&gl->state, &logs->base, &list->request, group_list_free);
    gl->state.stop = group_list_stop;
    gl->list = list;
    gl->place = *place;
    gl->wait.ready = scanned;
    if (logs_covered(logs, logs_place_group(place))) {
        answer(gl, logs->covered_ns);
    } else if (logs_scan_wait(logs, place, &gl->wait) < 0) {
        struct pail_error error;
        source_call_error(&error, NULL, NULL, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
        source_answer(&gl->state, -ENOMEM, &error);
    }
}

void logs_list(struct source *source, struct source_list *list)
{
    struct logs_source *logs = logs_source_of(source);
    struct logs_place place;
    logs->stats.lists++;
    /* Groups and streams are different questions: nothing lists a tree of both. */
    int r = list->flat ? -ENOTSUP : logs_source_place(logs, list->path, &place);
    if (r < 0)
        source_refuse(&logs->base, &list->request, r, logs_place_words(r));
    else if (place.where == LOGS_GROUP)
        group_list(logs, list, &place);
    else if (place.where == LOGS_STREAMS)
        logs_streams_list(logs, list, &place);
    else if (place.where == LOGS_HOURS)
        logs_hours_page(logs, list, &place);
    else
        source_refuse(&logs->base, &list->request, -ENOTDIR, "a file, not a directory");
}
