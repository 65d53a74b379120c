#include "fs/kinesis_source_internal.h"

#include <errno.h>
#include <inttypes.h>

/* Calls a second, as the service's published quotas have them, and how many at once. */
static const struct {
    const char *name;
    unsigned per_second, burst;
} rates[KINESIS_KINDS] = {
    [KINESIS_LIST_CALL] = {"list", 5, 5},
    [KINESIS_DESCRIBE_CALL] = {"describe", 20, 10},
    [KINESIS_SHARDS_CALL] = {"shards", 100, 100},
};

/* Letters, digits, '.', '-' and '_', at most 128. */
static bool name_possible(struct pail_str name)
{
    if (name.len == 0 || name.len > KINESIS_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && !memchr("._-", c, 3))
            return false;
    }
    return true;
}

int kinesis_place_of(const struct kinesis_source *kinesis, struct pail_str path,
                     struct kinesis_place *ret)
{
    struct pail_str stream = str_of(kinesis->stream, kinesis->stream_len), shard = path;
    if (kinesis->stream_len == 0) {
        size_t slash = str_find(path, '/', 0);
        stream = str_sub(path, 0, slash);
        shard = slash < path.len ? str_sub(path, slash + 1, path.len) : PAIL_STR("");
        if (slash < path.len && shard.len == 0)
            return -ENOENT;
    }
    if ((stream.len > 0 && !name_possible(stream)) || (shard.len > 0 && !name_possible(shard)))
        return -ENOENT;
    ret->stream_len = stream.len;
    ret->shard_len = shard.len;
    if (stream.len > 0)
        memcpy(ret->stream, stream.ptr, stream.len);
    if (shard.len > 0)
        memcpy(ret->shard, shard.ptr, shard.len);
    return 0;
}

/* ---- the source ---- */

static void source_uri(struct source *source, struct pail_str path, struct buf *b)
{
    const struct kinesis_source *kinesis = kinesis_source_of(source);
    buf_add_c(b, kinesis_scheme.prefix);
    buf_add_str(b, str_of(kinesis->stream, kinesis->stream_len));
    if (kinesis->stream_len > 0 && path.len > 0)
        buf_add_byte(b, '/');
    buf_add_str(b, path);
}

static void source_stats(struct source *source, struct buf *b)
{
    const struct kinesis_source *kinesis = kinesis_source_of(source);
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"lookups", kinesis->stats.lookups}, {"lists", kinesis->stats.lists},
        {"pages", kinesis->stats.pages},     {"records", kinesis->stats.records},
        {"renewed", kinesis->stats.renewed},
    };
    client_source_stats(&kinesis->base, "kinesis", b);
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        buf_addf(b, "kinesis.%s %" PRIu64 "\n", counters[i].name, counters[i].value);
    for (size_t i = 0; i < KINESIS_KINDS; i++)
        buf_addf(b, "kinesis.waited_%s %" PRIu64 "\n", rates[i].name, kinesis->paces[i].waited);
}

static void source_free(struct source *source)
{
    struct kinesis_source *kinesis = kinesis_source_of(source);
    client_source_drain(&kinesis->base);
    for (size_t i = 0; i < KINESIS_KINDS; i++)
        source_pace_done(&kinesis->paces[i]);
    kinesis_paces_done(kinesis);
    kinesis_streams_done(kinesis);
    free(kinesis);
}

static const struct source_ops kinesis_source_ops = {
    .lookup = kinesis_lookup,
    .list = kinesis_list,
    .reader_open = kinesis_reader_open,
    .more = kinesis_more,
    .reader_close = kinesis_reader_close,
    .cancel = source_cancel,
    .release = source_release,
    .uri = source_uri,
    .stats = source_stats,
    .free = source_free,
};

/* ---- the scheme ---- */

static struct pail_str stream_of(struct pail_str url)
{
    struct pail_str scheme = str_c(kinesis_scheme.prefix);
    struct pail_str stream = str_sub(url, scheme.len, url.len);
    if (str_ends(stream, PAIL_STR("/")))
        stream.len--;
    return stream;
}

static int parse(struct pail_str url, const char **ret_reason)
{
    struct pail_str stream = stream_of(url);
    if (stream.len == 0 || name_possible(stream))
        return 0;
    *ret_reason = "a stream's name has at most 128 letters, digits, '.', '-' and '_'";
    return -EINVAL;
}

static int check_all(const struct source_config *config, const struct pail_call_options *call,
                     struct pail_error *error)
{
    const struct pail_kinesis_list_streams_input in = {.limit = PAIL_INT(1)};
    struct pail_kinesis_list_streams_output out = {0};
    int r = pail_kinesis_list_streams(config->client, &in, &out, call, error);
    if (r == 0)
        r = source_call_listed(error, &list_of_streams, &out);
    pail_output_free(&pail_kinesis_list_streams_operation, &out);
    return r;
}

static int check(const struct source_config *config, int64_t timeout_ms,
                 struct pail_error *error)
{
    const struct pail_call_options call = {
        .timeout_ms = timeout_ms,
        .max_attempts = config->check_attempts,
    };
    struct pail_str stream = stream_of(config->url);
    if (stream.len == 0)
        return check_all(config, &call, error);
    const struct pail_kinesis_list_shards_input in = {.stream_name = stream,
                                                      .max_results = PAIL_INT(1)};
    struct pail_kinesis_list_shards_output out = {0};
    int r = pail_kinesis_list_shards(config->client, &in, &out, &call, error);
    if (r == 0)
        r = source_call_listed(error, &list_of_shards, &out);
    pail_output_free(&pail_kinesis_list_shards_operation, &out);
    return r;
}

static int make(const struct source_config *config, struct source **ret)
{
    struct pail_str stream = stream_of(config->url);
    struct kinesis_source *kinesis = calloc(1, sizeof *kinesis);
    if (!kinesis)
        return -ENOMEM;
    kinesis->base = (struct client_source){
        .source.ops = &kinesis_source_ops,
        .client = config->client,
        .mailbox = config->mailbox,
        .metadata_timeout_ms = config->metadata_timeout_ms,
        .timers = config->timers,
        .clock = config->clock,
    };
    for (size_t i = 0; i < KINESIS_KINDS; i++)
        source_pace_init(&kinesis->paces[i], &kinesis->base, rates[i].per_second,
                         rates[i].burst);
    TAILQ_INIT(&kinesis->shards);
    TAILQ_INIT(&kinesis->streams);
    kinesis->operation_timeout_ms = config->operation_timeout_ms;
    kinesis->since = config->options.since;
    kinesis->until = config->options.until;
    kinesis->format = config->options.kinesis_format;
    kinesis->stream_len = stream.len;
    if (stream.len > 0)
        memcpy(kinesis->stream, stream.ptr, stream.len);
    *ret = &kinesis->base.source;
    return 0;
}

const struct source_scheme kinesis_scheme = {
    .prefix = "kinesis://", .events = true, .parse = parse, .check = check, .make = make};
