#include "cli/pail_follow.h"

#include "base/clock.h"
#include "base/when.h"
#include "services/kinesis_format.h"
#include "services/kinesis_shards.h"
#include "services/list_pages.h"

#include <errno.h>

#define IDLE_NS NS_PER_SEC /* between two looks at a shard that has no more records */

struct get_settings {
    const char *shard;
    struct pail_int since;
    bool latest, follow;
    enum kinesis_format format;
};

static const struct option rows[] = {
    PAIL_ROW(struct get_settings, "shard", OPTION_TEXT, shard, .argument = "ID",
             .help = "only this one, to its end"),
    PAIL_ROW(struct get_settings, "since", OPTION_MOMENT, since, .argument = "WHEN",
             .help = "from " WHEN_FORMS_BRIEF),
    PAIL_ROW(struct get_settings, "latest", OPTION_FLAG, latest,
             .help = "only what comes from now on"),
    PAIL_ROW(struct get_settings, "format", OPTION_CHOICE, format, .argument = "HOW",
             .choices = kinesis_formats, .min = KINESIS_RAW, .initial = "line",
             .help = "raw, line (unless said) or json"),
    PAIL_ROW(struct get_settings, "follow", OPTION_FLAG, follow, .letter = 'f',
             .help = "go on as records come, until interrupted"),
};

/* When a shard may be asked, and whether that is of use. */
struct lane {
    struct rate rate;
    int64_t due_ns;
    bool ended; /* nothing more is to be had now, and that is enough */
};

struct reading {
    struct pail_run *run;
    struct pail_follow follow;
    struct kinesis_shards shards;
    struct lane *lanes; /* one for each shard */
    size_t lane_count;
};

static const struct get_settings *settings_of(const struct reading *reading)
{
    return reading->run->arguments->settings;
}

static int64_t now_ns(void)
{
    return clock_now_ns(&clock_system);
}

/* ---- which shards there are ---- */

static void name_stream(const struct reading *reading, struct pail_str *name,
                        struct pail_str *arn)
{
    struct pail_str word = str_c(reading->run->arguments->words[0]);
    *(str_starts(word, PAIL_STR("arn:")) ? arn : name) = word;
}

static int make_lanes(struct reading *reading)
{
    size_t count = reading->shards.count;
    struct lane *lanes = realloc(reading->lanes, (count + 1) * sizeof(*lanes));
    if (!lanes)
        return pail_fail_memory(reading->run);
    reading->lanes = lanes;
    for (; reading->lane_count < count; reading->lane_count++) {
        lanes[reading->lane_count] = (struct lane){.due_ns = now_ns()};
        rate_init(&lanes[reading->lane_count].rate, KINESIS_CALLS_PER_SECOND, 1);
    }
    return EXIT_OK;
}

static int take_shards(struct reading *reading, const struct pail_kinesis_shards *page,
                       bool last)
{
    if (kinesis_shards_take(&reading->shards, page, last) < 0)
        return pail_fail_memory(reading->run);
    return make_lanes(reading);
}

static int list_page(struct reading *reading, struct list_pages *pages, bool *ret_more)
{
    const struct pail_call_options limits = pail_limits(reading->run);
    PAIL_CLEANUP(pail_kinesis_list_shards_output)
    struct pail_kinesis_list_shards_output out = {0};
    struct pail_kinesis_list_shards_input in = {0};
    struct pail_error error = {0};
    const char *reason;
    in.next_token = str_c(pages->token);
    if (!pages->token)
        name_stream(reading, &in.stream_name, &in.stream_arn);
    if (pail_kinesis_list_shards(reading->run->client, &in, &out, &limits, &error) < 0)
        return pail_follow_failed(reading->run, &reading->follow, &error);
    int r = list_pages_take(pages, &list_of_shards, &out, &reason);
    if (r == -ENOMEM)
        return pail_fail_memory(reading->run);
    if (r < 0)
        return pail_fail_malformed(reading->run, reading->follow.subject, reason);
    pail_follow_answered(&reading->follow);
    *ret_more = r > 0;
    return take_shards(reading, &out.shards, !*ret_more);
}

static int list_shards(struct reading *reading)
{
    CLEANUP_DONE(list_pages) struct list_pages pages = {0};
    bool more = true;
    int status = EXIT_OK;
    while (status == EXIT_OK && more)
        status = list_page(reading, &pages, &more);
    return status;
}

static int find_shards(struct reading *reading)
{
    const struct pail_kinesis_shard shard = {.shard_id = str_c(settings_of(reading)->shard)};
    if (!shard.shard_id.ptr)
        return list_shards(reading);
    return take_shards(reading, &(struct pail_kinesis_shards){&shard, 1}, true);
}

/* ---- reading one ---- */

static int print_records(struct reading *reading, const struct kinesis_shard *shard,
                         const struct pail_kinesis_records *records)
{
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < records->count && !buf_failed(&text); i++)
        kinesis_format_add(&text, settings_of(reading)->format, str_c(shard->id),
                           &records->items[i]);
    return buf_failed(&text) ? pail_fail_memory(reading->run)
                             : pail_print(reading->run, buf_str(&text));
}

static int get_iterator(struct reading *reading, struct kinesis_shard *shard)
{
    const struct pail_call_options limits = pail_limits(reading->run);
    struct pail_kinesis_get_shard_iterator_input in = {.shard_id = str_c(shard->id)};
    PAIL_CLEANUP(pail_kinesis_get_shard_iterator_output)
    struct pail_kinesis_get_shard_iterator_output out = {0};
    struct pail_error error = {0};
    int64_t now_ms = clock_realtime_s(&clock_system) * 1000;
    name_stream(reading, &in.stream_name, &in.stream_arn);
    kinesis_records_ask_iterator(&shard->records, &in);
    if (pail_kinesis_get_shard_iterator(reading->run->client, &in, &out, &limits, &error) < 0)
        return pail_follow_failed(reading->run, &reading->follow, &error);
    int r = kinesis_records_take_iterator(&shard->records, now_ms, &out);
    if (r == -ENOMEM)
        return pail_fail_memory(reading->run);
    return r < 0 ? pail_fail_malformed(reading->run, reading->follow.subject,
                                       "the answer has no iterator")
                 : EXIT_OK;
}

/* What an answer means for when the shard is asked again, and for its children. */
static int settle_lane(struct reading *reading, struct kinesis_shard *shard, struct lane *lane,
                       bool more)
{
    bool closed = kinesis_records_need(&shard->records) == KINESIS_CLOSED;
    shard->done = closed;
    lane->ended = !closed && !more && !settings_of(reading)->follow;
    if (!more)
        lane->due_ns = now_ns() + IDLE_NS;
    /* The lane may move. */
    return closed && !settings_of(reading)->shard ? list_shards(reading) : EXIT_OK;
}

static int get_records(struct reading *reading, struct kinesis_shard *shard, struct lane *lane)
{
    const struct pail_call_options limits = pail_limits(reading->run);
    struct pail_kinesis_get_records_input in = {0};
    PAIL_CLEANUP(pail_kinesis_get_records_output)
    struct pail_kinesis_get_records_output out = {0};
    struct pail_error error = {0};
    kinesis_records_ask(&shard->records, &in);
    if (pail_kinesis_get_records(reading->run->client, &in, &out, &limits, &error) < 0)
        return kinesis_records_renew(&shard->records, &error)
                   ? EXIT_OK
                   : pail_follow_failed(reading->run, &reading->follow, &error);
    pail_follow_answered(&reading->follow);
    int r = kinesis_records_take(&shard->records, &out);
    if (r == -ENOMEM)
        return pail_fail_memory(reading->run);
    if (r < 0)
        return pail_fail_malformed(reading->run, reading->follow.subject,
                                   "the answer does not say where it goes on");
    int status = print_records(reading, shard, &out.records);
    return status == EXIT_OK ? settle_lane(reading, shard, lane, r > 0) : status;
}

/* ---- reading all ---- */

/* The shard that may be asked first; the count of shards if there is none, and all was read. */
static size_t pick(const struct reading *reading)
{
    size_t count = reading->shards.count, found = count;
    for (size_t i = 0; i < count; i++) {
        const struct lane *lane = &reading->lanes[i];
        if (lane->ended || !kinesis_shards_ready(&reading->shards, reading->shards.items[i]))
            continue;
        if (found == count || lane->due_ns < reading->lanes[found].due_ns)
            found = i;
    }
    return found;
}

static int step(struct reading *reading, size_t index)
{
    struct kinesis_shard *shard = reading->shards.items[index];
    struct lane *lane = &reading->lanes[index];
    int64_t now = now_ns(), wait_ns = 0;
    if (lane->due_ns > now)
        return pail_pause(lane->due_ns - now);
    wait_ns = rate_take(&lane->rate, now);
    lane->due_ns = now + wait_ns;
    if (wait_ns > 0)
        return EXIT_OK; /* another may be asked meanwhile */
    if (kinesis_records_need(&shard->records) == KINESIS_NEED_ITERATOR)
        return get_iterator(reading, shard);
    return get_records(reading, shard, lane);
}

static int run_get(struct pail_run *run)
{
    const struct get_settings *settings = run->arguments->settings;
    struct reading reading = {
        .run = run,
        .follow = {.subject = run->arguments->words[0], .follows = settings->follow}};
    enum kinesis_start start = settings->latest          ? KINESIS_LATEST
                               : settings->since.present ? KINESIS_AT_TIMESTAMP
                                                         : KINESIS_TRIM_HORIZON;
    kinesis_shards_init(&reading.shards, start, settings->since.value);
    int status = find_shards(&reading);
    for (size_t next; status == EXIT_OK && (next = pick(&reading)) < reading.shards.count;)
        status = step(&reading, next);
    kinesis_shards_done(&reading.shards);
    free(reading.lanes);
    return status;
}

static int settle(void *settings, struct buf *reason)
{
    const struct get_settings *get = settings;
    if (!get->latest || !get->since.present)
        return 0;
    buf_add_c(reason, "--latest and --since exclude each other");
    return -EINVAL;
}

const struct pail_command pail_command_kinesis_get = {
    .name = "kinesis get",
    .usage = "STREAM",
    .summary = "prints the records of a stream",
    .about = "STREAM is a name or an ARN. All shards from their oldest records on, unless\n"
             "said otherwise, to the newest.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct get_settings),
    .words_min = 1,
    .words_max = 1,
    .settle = settle,
    .run = run_get,
};
