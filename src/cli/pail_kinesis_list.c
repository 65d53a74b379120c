#include "cli/pail_listing.h"

#include <pail/kinesis.h>

struct list_settings {
    bool detailed, json;
};

#define LIST_ROWS(about_)                                                                      \
    PAIL_ROW(struct list_settings, "long", OPTION_FLAG, detailed, .letter = 'l',               \
             .help = (about_)),                                                                \
        PAIL_ROW(struct list_settings, "json", OPTION_FLAG, json,                              \
                 .help = "a line of JSON for each")

/* ---- streams ---- */

static const struct option stream_rows[] = {
    LIST_ROWS("with when it was made, and its status"),
};

static void add_stream(struct buf *b, const void *item, const void *settings)
{
    const struct pail_kinesis_stream_summary *stream = item;
    if (((const struct list_settings *)settings)->detailed) {
        pail_add_second(b, stream->stream_creation_timestamp);
        buf_addf(b, "%-8.*s ", PAIL_ARGS(stream->stream_status));
    }
    pail_add_name(b, stream->stream_name);
}

static void add_stream_name(struct buf *b, const void *item, const void *settings)
{
    (void)settings;
    pail_add_name(b, *(const struct pail_str *)item);
}

static void turn_streams(void *in, const void *out, struct pail_str token)
{
    const struct pail_kinesis_list_streams_output *page = out;
    const struct pail_str none = {0};
    bool by_name = page->next_token.len == 0; /* as services without tokens have it */
    *(struct pail_kinesis_list_streams_input *)in = (struct pail_kinesis_list_streams_input){
        .next_token = by_name ? none : token,
        .exclusive_start_stream_name = by_name ? token : none};
}

static int run_streams(struct pail_run *run)
{
    const struct list_settings *settings = run->arguments->settings;
    bool names = !settings->detailed && !settings->json;
    struct pail_kinesis_list_streams_input in = {0};
    struct pail_kinesis_list_streams_output out = {0};
    struct pail_listing listing = {
        .subject = "kinesis streams",
        .form = &list_of_streams,
        .in = &in,
        .out = &out,
        .turn = turn_streams,
        .member = names ? "StreamNames" : "StreamSummaries",
        .json = settings->json,
        .add = names ? add_stream_name : add_stream,
    };
    return pail_list(run, &listing);
}

const struct pail_command pail_command_kinesis_streams = {
    .name = "kinesis streams",
    .usage = "",
    .summary = "lists streams",
    .options = PAIL_OPTIONS(stream_rows),
    .settings_size = sizeof(struct list_settings),
    .words_max = PAIL_NO_WORDS,
    .run = run_streams,
};

/* ---- shards ---- */

static const struct option shard_rows[] = {
    LIST_ROWS("with whether it is open, and its parents"),
};

static void add_shard(struct buf *b, const void *item, const void *settings)
{
    const struct pail_kinesis_shard *shard = item;
    bool detailed = ((const struct list_settings *)settings)->detailed;
    const struct pail_kinesis_sequence_number_range *range = shard->sequence_number_range;
    if (detailed)
        buf_add_c(b, range && range->ending_sequence_number.ptr ? "closed " : "open   ");
    pail_add_name(b, shard->shard_id);
    const struct pail_str parents[] = {shard->parent_shard_id, shard->adjacent_parent_shard_id};
    for (size_t i = 0; detailed && i < ARRAY_LEN(parents); i++) {
        buf_add_c(b, parents[i].len > 0 ? " " : "");
        pail_add_name(b, parents[i]);
    }
}

/* A token stands for the stream too, which then must not be named. */
static void turn_shards(void *in, const void *out, struct pail_str token)
{
    (void)out;
    *(struct pail_kinesis_list_shards_input *)in =
        (struct pail_kinesis_list_shards_input){.next_token = token};
}

static int run_shards(struct pail_run *run)
{
    const struct list_settings *settings = run->arguments->settings;
    struct pail_kinesis_list_shards_input in = {0};
    struct pail_kinesis_list_shards_output out = {0};
    struct pail_str word = str_c(run->arguments->words[0]);
    *(str_starts(word, PAIL_STR("arn:")) ? &in.stream_arn : &in.stream_name) = word;
    struct pail_listing listing = {
        .subject = run->arguments->words[0],
        .form = &list_of_shards,
        .in = &in,
        .out = &out,
        .turn = turn_shards,
        .member = "Shards",
        .json = settings->json,
        .add = add_shard,
    };
    return pail_list(run, &listing);
}

const struct pail_command pail_command_kinesis_shards = {
    .name = "kinesis shards",
    .usage = "STREAM",
    .summary = "lists the shards of a stream",
    .about = "STREAM is a name or an ARN.\n",
    .options = PAIL_OPTIONS(shard_rows),
    .settings_size = sizeof(struct list_settings),
    .words_min = 1,
    .words_max = 1,
    .run = run_shards,
};
