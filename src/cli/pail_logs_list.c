#include "cli/pail_listing.h"
#include "cli/pail_logs.h"

#include <inttypes.h>

struct list_settings {
    bool detailed, json;
    bool recent; /* streams */
};

#define LIST_ROWS(about_)                                                                      \
    PAIL_ROW(struct list_settings, "long", OPTION_FLAG, detailed, .letter = 'l',               \
             .help = (about_)),                                                                \
        PAIL_ROW(struct list_settings, "json", OPTION_FLAG, json,                              \
                 .help = "a line of JSON for each")

/* ---- groups ---- */

static const struct option group_rows[] = {
    LIST_ROWS("with when it was made, bytes stored, days kept"),
};

static void add_group(struct buf *b, const void *item, const void *settings)
{
    const struct pail_logs_log_group *group = item;
    if (((const struct list_settings *)settings)->detailed) {
        pail_add_second_of(b, group->creation_time);
        pail_add_bytes(b, group->stored_bytes);
        if (group->retention_in_days.present)
            buf_addf(b, "%5" PRId64 " ", group->retention_in_days.value);
        else
            buf_addf(b, "%5s ", "-");
    }
    pail_add_name(b, group->log_group_name);
}

static void turn_groups(void *in, const void *out, struct pail_str token)
{
    (void)out;
    ((struct pail_logs_describe_log_groups_input *)in)->next_token = token;
}

static int run_groups(struct pail_run *run)
{
    const struct list_settings *settings = run->arguments->settings;
    const char *prefix = run->arguments->words[0];
    struct pail_logs_describe_log_groups_input in = {.log_group_name_prefix = str_c(prefix)};
    struct pail_logs_describe_log_groups_output out = {0};
    struct pail_listing listing = {
        .subject = "log groups",
        .form = &list_of_log_groups,
        .in = &in,
        .out = &out,
        .turn = turn_groups,
        .member = "logGroups",
        .json = settings->json,
        .add = add_group,
    };
    return pail_list(run, &listing);
}

const struct pail_command pail_command_logs_groups = {
    .name = "logs groups",
    .usage = "[PREFIX]",
    .summary = "lists log groups",
    .options = PAIL_OPTIONS(group_rows),
    .settings_size = sizeof(struct list_settings),
    .words_max = 1,
    .run = run_groups,
};

/* ---- streams ---- */

static const struct option stream_rows[] = {
    LIST_ROWS("with the times of its first and last event"),
    PAIL_ROW(struct list_settings, "recent", OPTION_FLAG, recent,
             .help = "the one with the last event first, not by name"),
};

static void add_stream(struct buf *b, const void *item, const void *settings)
{
    const struct pail_logs_log_stream *stream = item;
    if (((const struct list_settings *)settings)->detailed) {
        pail_add_second_of(b, stream->first_event_timestamp);
        pail_add_second_of(b, stream->last_event_timestamp);
    }
    pail_add_name(b, stream->log_stream_name);
}

static void turn_streams(void *in, const void *out, struct pail_str token)
{
    (void)out;
    ((struct pail_logs_describe_log_streams_input *)in)->next_token = token;
}

static int run_streams(struct pail_run *run)
{
    const struct list_settings *settings = run->arguments->settings;
    const char *const *words = run->arguments->words;
    struct pail_logs_describe_log_streams_input in = {
        .log_stream_name_prefix = str_c(run->arguments->word_count > 1 ? words[1] : NULL)};
    struct pail_logs_describe_log_streams_output out = {0};
    logs_name_group(words[0], &in.log_group_name, &in.log_group_identifier);
    if (settings->recent) {
        if (in.log_stream_name_prefix.ptr)
            return pail_fail_saying(run, words[1], "a prefix cannot be said with --recent",
                                    EXIT_USAGE);
        in.order_by = PAIL_STR("LastEventTime");
        in.descending = PAIL_BOOL(true);
    }
    struct pail_listing listing = {
        .subject = words[0],
        .form = &list_of_log_streams,
        .in = &in,
        .out = &out,
        .turn = turn_streams,
        .member = "logStreams",
        .json = settings->json,
        .add = add_stream,
    };
    return pail_list(run, &listing);
}

const struct pail_command pail_command_logs_streams = {
    .name = "logs streams",
    .usage = "GROUP [PREFIX]",
    .summary = "lists the streams of a log group",
    .about = "GROUP is a name or an ARN.\n",
    .options = PAIL_OPTIONS(stream_rows),
    .settings_size = sizeof(struct list_settings),
    .words_min = 1,
    .words_max = 2,
    .run = run_streams,
};
