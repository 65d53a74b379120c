#include "cli/pail_logs.h"

#include "services/list_pages.h"

#include <errno.h>

#define GROUPS_MAX          10 /* of one session, as the service has it */
#define SESSIONS_PER_SECOND 1  /* of StartLiveTail, however they end */
#define SESSIONS_BURST      3

struct tail_settings {
    enum logs_format format;
    const char *filter;
    struct option_words streams, prefixes;
};

static const struct option rows[] = {
    PAIL_ROW(struct tail_settings, "filter", OPTION_TEXT, filter, .argument = "PATTERN",
             .help = "only events that match it"),
    PAIL_ROW(struct tail_settings, "stream", OPTION_WORDS, streams, .argument = "NAME",
             .help = "only this stream; or one of them, if several"),
    PAIL_ROW(struct tail_settings, "stream_prefix", OPTION_WORDS, prefixes,
             .argument = "PREFIX", .help = "only streams whose names begin so"),
    PAIL_ROW(struct tail_settings, "format", OPTION_CHOICE, format, .argument = "HOW",
             .choices = logs_formats, .min = LOGS_MESSAGE, .initial = "timestamp",
             .help = "message, timestamp (unless said) or json"),
};

struct tail {
    struct pail_run *run;
    struct pail_follow follow;
    struct rate rate;
    struct pail_str groups[GROUPS_MAX]; /* ARNs */
    char *owned[GROUPS_MAX];
    size_t group_count;
    bool sampled; /* it was said that events are left out */
};

/* ---- names to ARNs, which is all that the service takes ---- */

static struct pail_str arn_of(const struct pail_logs_log_group *group)
{
    struct pail_str arn = group->log_group_arn.ptr ? group->log_group_arn : group->arn;
    if (str_ends(arn, PAIL_STR(":*")))
        arn.len -= 2;
    return arn;
}

static int find_group(struct tail *tail, const char *name)
{
    const struct pail_call_options limits = pail_limits(tail->run);
    const struct pail_logs_describe_log_groups_input in = {.log_group_name_prefix =
                                                               str_c(name)};
    PAIL_CLEANUP(pail_logs_describe_log_groups_output)
    struct pail_logs_describe_log_groups_output out = {0};
    struct pail_error error = {0};
    if (pail_logs_describe_log_groups(tail->run->client, &in, &out, &limits, &error) < 0)
        return pail_fail_at(tail->run, name, &error);
    if (!list_of_log_groups.read(&out).listed)
        return pail_fail_malformed(tail->run, name, list_of_log_groups.refusal);
    for (size_t i = 0; i < out.log_groups.count; i++) {
        const struct pail_logs_log_group *group = &out.log_groups.items[i];
        if (!str_eq_c(group->log_group_name, name) || arn_of(group).len == 0)
            continue;
        char *arn = str_dup(arn_of(group));
        if (!arn)
            return pail_fail_memory(tail->run);
        tail->owned[tail->group_count] = arn;
        tail->groups[tail->group_count++] = str_c(arn);
        return EXIT_OK;
    }
    return pail_fail_saying(tail->run, name, "no such log group", EXIT_MISSING);
}

static int find_groups(struct tail *tail)
{
    const struct pail_arguments *a = tail->run->arguments;
    int status = EXIT_OK;
    for (size_t i = 0; i < a->word_count && status == EXIT_OK; i++) {
        if (str_starts(str_c(a->words[i]), PAIL_STR("arn:")))
            tail->groups[tail->group_count++] = str_c(a->words[i]);
        else
            status = find_group(tail, a->words[i]);
    }
    return status;
}

/* ---- a session ---- */

static void say_sampled(struct tail *tail, const struct pail_logs_live_tail_update *update)
{
    bool sampled = update->session_metadata && update->session_metadata->sampled.value;
    if (sampled && !tail->sampled)
        pail_complain(tail->run,
                      pail_fail_saying(tail->run, tail->follow.subject,
                                       "more events than can be followed: only some are shown",
                                       EXIT_OK));
    tail->sampled = sampled;
}

static int print_update(struct tail *tail, const struct pail_logs_live_tail_update *update)
{
    const struct tail_settings *settings = tail->run->arguments->settings;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, SIZE_MAX);
    say_sampled(tail, update);
    for (size_t i = 0; i < update->session_results.count; i++) {
        struct logs_event event = logs_event_of_live(&update->session_results.items[i]);
        logs_format_add(&text, settings->format, &event);
    }
    if (buf_failed(&text))
        return pail_fail_memory(tail->run);
    int status = pail_print(tail->run, buf_str(&text));
    return status == EXIT_OK ? pail_pause(0) : status;
}

static int print_session(struct tail *tail, struct pail_event_stream *stream,
                         struct pail_error *error)
{
    struct pail_event event;
    int status = EXIT_OK;
    while (status == EXIT_OK && pail_event_stream_next(stream, &event, error) > 0) {
        const struct pail_logs_start_live_tail_event *data = event.data;
        pail_follow_answered(&tail->follow);
        if (data->session_update)
            status = print_update(tail, data->session_update);
    }
    return status;
}

static struct pail_str_list list_of(const struct option_words *words,
                                    struct pail_str items[OPTION_WORDS_MAX])
{
    for (size_t i = 0; i < words->count; i++)
        items[i] = str_c(words->items[i]);
    return (struct pail_str_list){words->count > 0 ? items : NULL, words->count};
}

/* One, to its end. A session lasts three hours at most; another begins then. */
static int run_session(struct tail *tail)
{
    const struct tail_settings *settings = tail->run->arguments->settings;
    struct pail_call_options limits = pail_limits_of_stream(tail->run);
    struct pail_str streams[OPTION_WORDS_MAX], prefixes[OPTION_WORDS_MAX];
    const struct pail_logs_start_live_tail_input in = {
        .log_group_identifiers = {tail->groups, tail->group_count},
        .log_stream_names = list_of(&settings->streams, streams),
        .log_stream_name_prefixes = list_of(&settings->prefixes, prefixes),
        .log_event_filter_pattern = str_c(settings->filter),
    };
    PAIL_CLEANUP(pail_logs_start_live_tail_output)
    struct pail_logs_start_live_tail_output out = {0};
    struct pail_error error = {0};
    int status = pail_follow_pace(&tail->rate);
    if (status != EXIT_OK)
        return status;
    limits.resume = false;
    if (pail_logs_start_live_tail(tail->run->client, &in, &out, &limits, &error) == 0)
        status = print_session(tail, out.response_stream, &error);
    if (status != EXIT_OK)
        return status;
    if (error.sys != 0)
        return pail_follow_failed(tail->run, &tail->follow, &error);
    return pail_pause(0);
}

static int settle(void *settings, struct buf *reason)
{
    const struct tail_settings *tail = settings;
    if (tail->streams.count == 0 || tail->prefixes.count == 0)
        return 0;
    buf_add_c(reason, "--stream and --stream-prefix exclude each other");
    return -EINVAL;
}

static int run_tail(struct pail_run *run)
{
    struct tail tail = {.run = run,
                        .follow = {.subject = run->arguments->words[0], .follows = true}};
    rate_init(&tail.rate, SESSIONS_PER_SECOND, SESSIONS_BURST);
    int status = find_groups(&tail);
    while (status == EXIT_OK)
        status = run_session(&tail);
    for (size_t i = 0; i < tail.group_count; i++)
        free(tail.owned[i]);
    return status;
}

const struct pail_command pail_command_logs_tail = {
    .name = "logs tail",
    .usage = "GROUP...",
    .summary = "prints events of log groups as they come",
    .about = "GROUP is a name or an ARN. Each event is a line, from now on, until\n"
             "interrupted.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct tail_settings),
    .words_min = 1,
    .words_max = GROUPS_MAX,
    .settle = settle,
    .run = run_tail,
};
