#include "cli/pail_logs.h"

#include "base/clock.h"
#include "services/logs_search.h"

#include <errno.h>

#define CALLS_PER_SECOND 5     /* of FilterLogEvents, in an account and region */
#define LATE_MS          30000 /* how late an event may come that is shown when following */

struct filter_settings {
    struct logs_shown shown;
    struct option_words streams;
    const char *prefix;
};

static const struct option rows[] = {
    LOGS_SHOWN_ROWS(struct filter_settings),
    PAIL_ROW(struct filter_settings, "stream", OPTION_WORDS, streams, .argument = "NAME",
             .help = "only this stream; or one of them, if several"),
    PAIL_ROW(struct filter_settings, "stream_prefix", OPTION_TEXT, prefix, .argument = "PREFIX",
             .help = "only streams whose names begin so"),
};

struct reading {
    struct pail_run *run;
    struct logs_search search;
    struct pail_follow follow;
    struct rate rate;
};

static int64_t now_ms(void)
{
    return clock_realtime_s(&clock_system) * 1000;
}

static int print_fresh(struct pail_run *run, const struct logs_search *search)
{
    const struct filter_settings *settings = run->arguments->settings;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < search->fresh_count; i++) {
        const struct logs_event event = logs_event_of_filtered(search->fresh[i]);
        logs_format_add(&text, settings->shown.format, &event);
    }
    return buf_failed(&text) ? pail_fail_memory(run) : pail_print(run, buf_str(&text));
}

static int take_page(struct reading *reading,
                     const struct pail_logs_filter_log_events_output *out, bool *ret_more)
{
    const char *reason;
    int r = logs_search_take(&reading->search, now_ms(), out, &reason);
    if (r == -ENOMEM)
        return pail_fail_memory(reading->run);
    if (r < 0)
        return pail_fail_malformed(reading->run, reading->follow.subject, reason);
    *ret_more = r > 0;
    return print_fresh(reading->run, &reading->search);
}

static struct pail_logs_filter_log_events_input ask(struct pail_run *run,
                                                    const struct reading *reading,
                                                    struct pail_str names[OPTION_WORDS_MAX])
{
    const struct filter_settings *settings = run->arguments->settings;
    const struct pail_arguments *a = run->arguments;
    struct pail_logs_filter_log_events_input in = {
        .log_stream_name_prefix = str_c(settings->prefix),
        .filter_pattern = str_c(a->word_count > 1 ? a->words[1] : NULL)};
    for (size_t i = 0; i < settings->streams.count; i++)
        names[i] = str_c(settings->streams.items[i]);
    if (settings->streams.count > 0)
        in.log_stream_names = (struct pail_str_list){names, settings->streams.count};
    logs_name_group(a->words[0], &in.log_group_name, &in.log_group_identifier);
    logs_search_ask(&reading->search, &in);
    return in;
}

static int print_page(void *user, bool *ret_more)
{
    struct reading *reading = user;
    struct pail_run *run = reading->run;
    const struct pail_call_options limits = pail_limits(run);
    struct pail_str names[OPTION_WORDS_MAX];
    const struct pail_logs_filter_log_events_input in = ask(run, reading, names);
    struct pail_logs_filter_log_events_output out = {0};
    struct pail_error error = {0};
    int status = pail_follow_pace(&reading->rate);
    if (status != EXIT_OK)
        return status;
    if (pail_logs_filter_log_events(run->client, &in, &out, &limits, &error) == 0) {
        pail_follow_answered(&reading->follow);
        status = take_page(reading, &out, ret_more);
    } else if (!logs_search_renew(&reading->search, now_ms(), &error)) {
        status = pail_follow_failed(run, &reading->follow, &error);
    }
    pail_output_free(&pail_logs_filter_log_events_operation, &out);
    return status;
}

static int settle(void *settings, struct buf *reason)
{
    const struct filter_settings *filter = settings;
    if (filter->streams.count == 0 || !filter->prefix)
        return logs_shown_settle(&filter->shown, reason);
    buf_add_c(reason, "--stream and --stream-prefix exclude each other");
    return -EINVAL;
}

static int run_filter(struct pail_run *run)
{
    const struct filter_settings *settings = run->arguments->settings;
    struct reading reading = {
        .run = run,
        .follow = {.subject = run->arguments->words[0], .follows = settings->shown.follow}};
    logs_search_init(&reading.search, logs_shown_since(&settings->shown),
                     logs_shown_until(&settings->shown), settings->shown.follow ? LATE_MS : 0);
    rate_init(&reading.rate, CALLS_PER_SECOND, CALLS_PER_SECOND);
    int status = logs_print(&settings->shown, &reading, print_page);
    logs_search_done(&reading.search);
    return status;
}

const struct pail_command pail_command_logs_filter = {
    .name = "logs filter",
    .usage = "GROUP [PATTERN]",
    .summary = "prints the events of a log group that match a pattern",
    .about = "GROUP is a name or an ARN, PATTERN as CloudWatch Logs has them: all\n"
             "events without it. Each event is a line.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct filter_settings),
    .words_min = 1,
    .words_max = 2,
    .settle = settle,
    .run = run_filter,
};
