#include "fs/logs_source_groups.h"

#include <errno.h>
#include <inttypes.h>

/* Calls a second, as the service's published quotas have them where they are lowest, and how
 * many of a second's at once. */
static const struct {
    const char *name;
    unsigned per_second, burst;
} rates[LOGS_KINDS] = {
    [LOGS_GROUPS_CALL] = {"groups", 10, 5},  [LOGS_STREAMS_CALL] = {"streams", 25, 10},
    [LOGS_EVENTS_CALL] = {"events", 10, 10}, [LOGS_FILTER_CALL] = {"filter", 5, 5},
    [LOGS_TAIL_CALL] = {"tail", 1, 3},
};

int logs_source_place(const struct logs_source *logs, struct pail_str path,
                      struct logs_place *ret)
{
    return logs_place_of(str_of(logs->prefix, logs->prefix_len), path, ret);
}

const char *logs_place_words(int status)
{
    switch (status) {
    case -ENOENT:
        return "nothing can have that name";
    case -ENOTSUP:
        return "log groups are listed one level at a time";
    default:
        return "longer than any name";
    }
}

void logs_start(struct logs_source *logs, enum logs_kind kind, struct source_call *call,
                const void *in, int64_t timeout_ms)
{
    const struct pail_call_options options = {.timeout_ms = timeout_ms};
    source_pace_start(&logs->paces[kind], call, in, &options);
}

struct logs_name logs_name_of(const struct logs_source *logs, const struct logs_place *place)
{
    const struct logs_group *group = logs_groups_find(&logs->groups, logs_place_group(place));
    if (group)
        return (struct logs_name){.slash = group->slash, .sure = true};
    return (struct logs_name){.slash = true, .sure = logs->slash_only || place->group_len == 0};
}

bool logs_name_other(struct logs_name *name, const struct source_call *call)
{
    if (name->sure || call->status != -ENOENT)
        return false;
    *name = (struct logs_name){.slash = false, .sure = true};
    return true;
}

void logs_note_failure(struct logs_source *logs, const struct logs_place *place, int status)
{
    if (status == -ENOENT)
        logs_groups_remove(&logs->groups, logs_place_group(place));
}

/* ---- the source ---- */

/* The group's name, if it is known; else its path, which names it in a mount's URL too. */
static void add_name(const struct logs_source *logs, const struct logs_place *place,
                     struct buf *b)
{
    struct logs_name name = logs_name_of(logs, place);
    bool all = place->group_len == 0 && place->where == LOGS_GROUP && !logs->slash_only;
    buf_add_str(b, logs_place_name(place, name.slash && name.sure && !all));
}

static void source_uri(struct source *source, struct pail_str path, struct buf *b)
{
    const struct logs_source *logs = logs_source_of(source);
    static const char *const views[] = {
        [LOGS_GROUP] = "",
        [LOGS_STREAMS] = "/@streams",
        [LOGS_HOURS] = "/@hours",
        [LOGS_TAIL] = "/@tail",
    };
    struct logs_place place;
    buf_add_c(b, logs_scheme.prefix);
    if (logs_source_place(logs, path, &place) < 0) {
        buf_add_str(b, path);
        return;
    }
    add_name(logs, &place, b);
    buf_add_c(b, views[place.where]);
    if (place.rest_len > 0) {
        buf_add_byte(b, '/');
        buf_add_str(b, logs_place_rest(&place));
    }
}

static void source_stats(struct source *source, struct buf *b)
{
    const struct logs_source *logs = logs_source_of(source);
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"lookups", logs->stats.lookups}, {"lists", logs->stats.lists},
        {"pages", logs->stats.pages},     {"events", logs->stats.events},
        {"renewed", logs->stats.renewed}, {"sessions", logs->stats.sessions},
        {"sampled", logs->stats.sampled}, {"groups", logs->groups.count},
    };
    client_source_stats(&logs->base, "logs", b);
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        buf_addf(b, "logs.%s %" PRIu64 "\n", counters[i].name, counters[i].value);
    for (size_t i = 0; i < LOGS_KINDS; i++)
        buf_addf(b, "logs.waited_%s %" PRIu64 "\n", rates[i].name, logs->paces[i].waited);
}

static void source_free(struct source *source)
{
    struct logs_source *logs = logs_source_of(source);
    logs_scans_cancel(logs);
    client_source_drain(&logs->base);
    for (size_t i = 0; i < LOGS_KINDS; i++)
        source_pace_done(&logs->paces[i]);
    logs_groups_done(&logs->groups);
    free(logs);
}

static const struct source_ops logs_source_ops = {
    .lookup = logs_lookup,
    .list = logs_list,
    .reader_open = logs_reader_open,
    .more = logs_more,
    .reader_close = logs_reader_close,
    .cancel = source_cancel,
    .release = source_release,
    .uri = source_uri,
    .stats = source_stats,
    .free = source_free,
};

/* ---- the scheme ---- */

static int parse(struct pail_str url, const char **ret_reason)
{
    struct pail_str prefix;
    bool slash;
    return logs_url_parse(url, &prefix, &slash, ret_reason);
}

/* One question whether there is a group at the path or below: 0, -ENOENT or -errno. */
static int check_name(const struct source_config *config, struct pail_str prefix,
                      struct pail_str path, int64_t timeout_ms, struct pail_error *error)
{
    const struct pail_call_options call = {
        .timeout_ms = timeout_ms,
        .max_attempts = config->check_attempts,
    };
    const struct pail_logs_describe_log_groups_input in = {
        .log_group_name_prefix = prefix.len > 0 ? prefix : str_of(NULL, 0),
        .limit = PAIL_INT(1),
    };
    struct pail_logs_describe_log_groups_output out = {0};
    int r = pail_logs_describe_log_groups(config->client, &in, &out, &call, error);
    if (r == 0)
        r = source_call_listed(error, &list_of_log_groups, &out);
    if (r == 0 && path.len > 0) {
        struct pail_str name =
            out.log_groups.count > 0 ? out.log_groups.items[0].log_group_name : PAIL_STR("");
        struct pail_str own = str_sub(name, str_starts(name, PAIL_STR("/")), name.len);
        if (own.len == 0 || !logs_path_within(own, path))
            r = source_call_error(error, &pail_logs_describe_log_groups_operation,
                                  &out.response, PAIL_ERROR_CLIENT, ENOENT,
                                  "no log group is there or below");
    }
    pail_output_free(&pail_logs_describe_log_groups_operation, &out);
    return r;
}

/* Without a prefix there is something to mount though there be no groups yet. With one: the
 * first name that begins with it is the group's, or else one must be below. */
static int check(const struct source_config *config, int64_t timeout_ms,
                 struct pail_error *error)
{
    struct pail_str path;
    bool slash_only;
    const char *reason;
    int r = logs_url_parse(config->url, &path, &slash_only, &reason);
    if (r < 0) {
        *error = (struct pail_error){.sys = -r, .kind = PAIL_ERROR_PARAM};
        return r;
    }
    if (path.len == 0)
        return check_name(config, PAIL_STR(""), path, timeout_ms, error);
    r = -ENOENT;
    for (int i = 0; r == -ENOENT && i < (slash_only ? 2 : 4); i++) {
        CLEANUP_DONE(buf) struct buf prefix;
        buf_init(&prefix, LOGS_NAME_MAX + 2);
        buf_add_c(&prefix, i < 2 ? "/" : "");
        buf_add_str(&prefix, path);
        buf_add_c(&prefix, i % 2 ? "/" : "");
        r = buf_failed(&prefix) ? source_call_error(error, NULL, NULL, PAIL_ERROR_MEMORY,
                                                    ENOMEM, "out of memory")
                                : check_name(config, buf_str(&prefix), path, timeout_ms, error);
    }
    return r;
}

static int make(const struct source_config *config, struct source **ret)
{
    struct pail_str prefix;
    bool slash_only;
    const char *reason;
    int r = logs_url_parse(config->url, &prefix, &slash_only, &reason);
    struct logs_source *logs = r == 0 ? calloc(1, sizeof *logs + prefix.len) : NULL;
    if (!logs)
        return r < 0 ? r : -ENOMEM;
    const struct source_options *options = &config->options;
    logs->base = (struct client_source){
        .source.ops = &logs_source_ops,
        .client = config->client,
        .mailbox = config->mailbox,
        .metadata_timeout_ms = config->metadata_timeout_ms,
        .timers = config->timers,
        .clock = config->clock,
    };
    for (size_t i = 0; i < LOGS_KINDS; i++)
        source_pace_init(&logs->paces[i], &logs->base, rates[i].per_second, rates[i].burst);
    TAILQ_INIT(&logs->scans);
    logs->operation_timeout_ms = config->operation_timeout_ms;
    logs->metadata_ttl_ms = config->metadata_ttl_ms;
    logs->since_ms = options->since.present ? options->since.value : INT64_MIN;
    logs->until_ms = options->until.present ? options->until.value : INT64_MAX;
    logs->view = options->logs_view;
    logs->format = options->logs_format;
    logs->slash_only = slash_only;
    logs->covered_ns = INT64_MIN;
    logs->prefix_len = prefix.len;
    if (prefix.len > 0)
        memcpy(logs->prefix, prefix.ptr, prefix.len);
    *ret = &logs->base.source;
    return 0;
}

const struct source_scheme logs_scheme = {
    .prefix = "logs://", .events = true, .parse = parse, .check = check, .make = make};
