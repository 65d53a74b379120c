#include "cli/pail_logs.h"

#include "services/logs_pages.h"

#include <errno.h>

#define CALLS_PER_SECOND 10 /* of GetLogEvents, in an account and region */

struct get_settings {
    struct logs_shown shown;
};

static const struct option rows[] = {LOGS_SHOWN_ROWS(struct get_settings)};

struct reading {
    struct pail_run *run;
    struct logs_pages pages;
    struct pail_follow follow;
    struct rate rate;
};

static int print_events(struct pail_run *run, const struct pail_logs_log_events *events)
{
    const struct get_settings *settings = run->arguments->settings;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < events->count; i++) {
        const struct logs_event event = logs_event_of(&events->items[i]);
        logs_format_add(&text, settings->shown.format, &event);
    }
    return buf_failed(&text) ? pail_fail_memory(run) : pail_print(run, buf_str(&text));
}

static int take_page(struct reading *reading, const struct pail_logs_get_log_events_output *out,
                     bool *ret_more)
{
    struct pail_logs_log_events fresh;
    const char *reason;
    int r = logs_pages_take(&reading->pages, out, &fresh, &reason);
    if (r == -ENOMEM)
        return pail_fail_memory(reading->run);
    if (r < 0)
        return pail_fail_malformed(reading->run, reading->follow.subject, reason);
    *ret_more = r > 0;
    return print_events(reading->run, &fresh);
}

static int print_page(void *user, bool *ret_more)
{
    struct reading *reading = user;
    struct pail_run *run = reading->run;
    const struct pail_call_options limits = pail_limits(run);
    const char *const *words = run->arguments->words;
    struct pail_logs_get_log_events_input in = {.log_stream_name = str_c(words[1])};
    struct pail_logs_get_log_events_output out = {0};
    struct pail_error error = {0};
    logs_name_group(words[0], &in.log_group_name, &in.log_group_identifier);
    logs_pages_ask(&reading->pages, &in);
    int status = pail_follow_pace(&reading->rate);
    if (status != EXIT_OK)
        return status;
    if (pail_logs_get_log_events(run->client, &in, &out, &limits, &error) == 0) {
        pail_follow_answered(&reading->follow);
        status = take_page(reading, &out, ret_more);
    } else if (!logs_pages_renew(&reading->pages, &error)) {
        status = pail_follow_failed(run, &reading->follow, &error);
    }
    pail_output_free(&pail_logs_get_log_events_operation, &out);
    return status;
}

static int run_get(struct pail_run *run)
{
    const struct get_settings *settings = run->arguments->settings;
    const char *const *words = run->arguments->words;
    CLEANUP_DONE(buf) struct buf subject;
    buf_init(&subject, SIZE_MAX);
    buf_addf(&subject, "%s %s", words[0], words[1]);
    struct reading reading = {
        .run = run, .follow = {.subject = buf_c(&subject), .follows = settings->shown.follow}};
    logs_pages_init(&reading.pages, logs_shown_since(&settings->shown),
                    logs_shown_until(&settings->shown));
    rate_init(&reading.rate, CALLS_PER_SECOND, CALLS_PER_SECOND);
    int status = logs_print(&settings->shown, &reading, print_page);
    logs_pages_done(&reading.pages);
    return status;
}

static int settle(void *settings, struct buf *reason)
{
    const struct get_settings *get = settings;
    return logs_shown_settle(&get->shown, reason);
}

const struct pail_command pail_command_logs_get = {
    .name = "logs get",
    .usage = "GROUP STREAM",
    .summary = "prints the events of a log stream",
    .about = "GROUP is a name or an ARN. Each event is a line.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct get_settings),
    .words_min = 2,
    .words_max = 2,
    .settle = settle,
    .run = run_get,
};
