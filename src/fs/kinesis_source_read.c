/* fs/kinesis_source_read.c: reading shards, from iterator to iterator. */
#include "fs/kinesis_source_internal.h"

#include "base/when.h"

#include <errno.h>

#define TEXT_MAX (512 * 1024 * 1024) /* bytes of a page's records as text */

/* The rate of a shard, whoever reads it: calls for records, and for iterators. It stays until
 * it is full again, so that opening a file anew wins nothing. */
struct shard_pace {
    TAILQ_ENTRY(shard_pace) link;
    struct source_pace records, iterators;
    struct kinesis_place place;
    unsigned readers;
};

struct source_reader {
    struct kinesis_source *kinesis;
    struct shard_pace *pace;
    struct kinesis_place place;
    /* The net thread's while a call runs. */
    struct kinesis_records records;
    bool past; /* the bound was reached: nothing more is read */
};

/* One page: perhaps an iterator first. */
struct page_state {
    struct source_state state;
    struct source_call call;
    union {
        struct pail_kinesis_get_shard_iterator_input iterator;
        struct pail_kinesis_get_records_input records;
    } in;
    union {
        struct pail_kinesis_get_shard_iterator_output iterator;
        struct pail_kinesis_get_records_output records;
    } out;
    const struct pail_operation *operation; /* of `out` */
    struct source_more *more;
    struct source_reader *reader;
    /* What is there to be read, made by the net thread. */
    struct buf text;
    size_t count;
    int64_t newest_ms; /* INT64_MIN: not known */
    bool end, past;
};

static void page_free(struct source_state *state)
{
    struct page_state *ps = CONTAINER_OF(state, struct page_state, state);
    pail_output_free(ps->operation, &ps->out);
    buf_done(&ps->text);
    free(ps);
}

/* ---- the net thread ---- */

static void fail_memory(struct source_call *call)
{
    source_call_fail(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

static void convert_iterator(struct source_call *call)
{
    struct page_state *ps = CONTAINER_OF(call, struct page_state, call);
    struct kinesis_source *kinesis = ps->reader->kinesis;
    int64_t now_ms = clock_realtime_s(kinesis->base.clock) * 1000;
    int r = kinesis_records_take_iterator(&ps->reader->records, now_ms, &ps->out.iterator);
    if (r == -EPROTO)
        source_call_fail(call, PAIL_ERROR_PARSE, EPROTO, "the answer has no iterator");
    else if (r < 0)
        fail_memory(call);
}

/* Up to the bound: records come in the order of their arrival. */
static void add_records(struct page_state *ps, const struct pail_kinesis_records *records)
{
    const struct kinesis_source *kinesis = ps->reader->kinesis;
    for (size_t i = 0; i < records->count; i++) {
        const struct pail_time *time = &records->items[i].approximate_arrival_timestamp;
        ps->past = ps->past || (kinesis->until.present && time->present &&
                                when_ms(*time) >= kinesis->until.value);
        if (ps->past)
            return;
        kinesis_format_add(&ps->text, kinesis->format, str_of(NULL, 0), &records->items[i]);
        if (time->present)
            ps->newest_ms = when_ms(*time);
        ps->count++;
    }
}

/* All of a page is text before the reader moves on: what is lost for want of memory can be
 * asked for again. */
static void convert_records(struct source_call *call)
{
    struct page_state *ps = CONTAINER_OF(call, struct page_state, call);
    add_records(ps, &ps->out.records.records);
    if (buf_failed(&ps->text)) {
        fail_memory(call);
        return;
    }
    int r = kinesis_records_take(&ps->reader->records, &ps->out.records);
    ps->end = r == 0;
    if (r == -EPROTO)
        source_call_fail(call, PAIL_ERROR_PARSE, EPROTO, "the answer is not a page of records");
    else if (r < 0)
        fail_memory(call);
}

/* ---- the fs thread ---- */

static void page_start(struct page_state *ps);

static void answer(struct page_state *ps)
{
    struct source_more *more = ps->more;
    struct source_reader *reader = ps->reader;
    struct kinesis_source *kinesis = reader->kinesis;
    reader->past = ps->past;
    more->data = ps->text.len > 0 ? buf_str(&ps->text) : str_of(NULL, 0);
    more->finished = reader->past || kinesis_records_need(&reader->records) == KINESIS_CLOSED;
    more->end = ps->end || more->finished;
    more->mtime_s = ps->newest_ms > 0 ? ps->newest_ms / 1000 : 0;
    kinesis->stats.pages++;
    kinesis->stats.records += ps->count;
}

static void page_ended(struct source_call *call)
{
    struct page_state *ps = CONTAINER_OF(call, struct page_state, call);
    struct source_reader *reader = ps->reader;
    bool was_records = ps->operation == &pail_kinesis_get_records_operation;
    if (call->status < 0 && was_records &&
        kinesis_records_renew(&reader->records, &call->error)) {
        reader->kinesis->stats.renewed++;
        page_start(ps);
        return;
    }
    if (call->status == 0 && !was_records) {
        page_start(ps);
        return;
    }
    if (call->status == 0)
        answer(ps);
    source_finish(&ps->state, call->status, &call->error);
}

static void page_start(struct page_state *ps)
{
    struct source_reader *reader = ps->reader;
    const struct pail_call_options options = {.timeout_ms =
                                                  reader->kinesis->operation_timeout_ms};
    bool iterator = kinesis_records_need(&reader->records) == KINESIS_NEED_ITERATOR;
    pail_output_free(ps->operation, &ps->out);
    memset(&ps->in, 0, sizeof(ps->in));
    memset(&ps->out, 0, sizeof(ps->out));
    ps->operation = iterator ? &pail_kinesis_get_shard_iterator_operation
                             : &pail_kinesis_get_records_operation;
    if (iterator) {
        ps->in.iterator.stream_name = kinesis_stream(&reader->place);
        ps->in.iterator.shard_id = kinesis_shard(&reader->place);
        kinesis_records_ask_iterator(&reader->records, &ps->in.iterator);
    } else {
        kinesis_records_ask(&reader->records, &ps->in.records);
    }
    source_call_init(&ps->state, &ps->call, ps->operation, &ps->out,
                     iterator ? convert_iterator : convert_records, page_ended);
    source_pace_start(iterator ? &reader->pace->iterators : &reader->pace->records, &ps->call,
                      &ps->in, &options);
}

void kinesis_more(struct source *source, struct source_more *more)
{
    struct kinesis_source *kinesis = kinesis_source_of(source);
    struct source_reader *reader = more->reader;
    struct page_state *ps = calloc(1, sizeof *ps);
    if (!ps) {
        source_refuse(&kinesis->base, &more->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&ps->state, &kinesis->base, &more->request, page_free);
    ps->more = more;
    ps->reader = reader;
    ps->newest_ms = INT64_MIN;
    ps->operation = &pail_kinesis_get_records_operation;
    buf_init(&ps->text, TEXT_MAX);
    if (reader->past || kinesis_records_need(&reader->records) == KINESIS_CLOSED) {
        source_answer_finished(&ps->state, more);
        return;
    }
    page_start(ps);
}

/* ---- readers ---- */

static bool is_idle(const struct shard_pace *pace, int64_t now_ns)
{
    return pace->readers == 0 && pace->records.rate.full_ns <= now_ns &&
           pace->iterators.rate.full_ns <= now_ns;
}

static void pace_free(struct kinesis_source *kinesis, struct shard_pace *pace)
{
    TAILQ_REMOVE(&kinesis->shards, pace, link);
    source_pace_done(&pace->records);
    source_pace_done(&pace->iterators);
    free(pace);
}

void kinesis_paces_done(struct kinesis_source *kinesis)
{
    while (!TAILQ_EMPTY(&kinesis->shards))
        pace_free(kinesis, TAILQ_FIRST(&kinesis->shards));
}

/* Of the shard; idle ones of others go. NULL on ENOMEM. */
static struct shard_pace *pace_of(struct kinesis_source *kinesis,
                                  const struct kinesis_place *place)
{
    struct shard_pace *pace, *next, *found = NULL;
    int64_t now_ns = clock_now_ns(kinesis->base.clock);
    for (pace = TAILQ_FIRST(&kinesis->shards); pace; pace = next) {
        next = TAILQ_NEXT(pace, link);
        if (str_eq(kinesis_stream(&pace->place), kinesis_stream(place)) &&
            str_eq(kinesis_shard(&pace->place), kinesis_shard(place)))
            found = pace;
        else if (is_idle(pace, now_ns))
            pace_free(kinesis, pace);
    }
    if (found || !(found = calloc(1, sizeof *found)))
        return found;
    found->place = *place;
    source_pace_init(&found->records, &kinesis->base, KINESIS_CALLS_PER_SECOND, 1);
    source_pace_init(&found->iterators, &kinesis->base, KINESIS_CALLS_PER_SECOND, 1);
    TAILQ_INSERT_TAIL(&kinesis->shards, found, link);
    return found;
}

int kinesis_reader_open(struct source *source, struct pail_str path, struct pail_str etag,
                        struct source_reader **ret)
{
    (void)etag;
    struct kinesis_source *kinesis = kinesis_source_of(source);
    CLEANUP(heap) struct source_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return -ENOMEM;
    int r = kinesis_place_of(kinesis, path, &reader->place);
    if (r < 0 || reader->place.shard_len == 0)
        return r < 0 ? r : -EISDIR;
    reader->kinesis = kinesis;
    reader->pace = pace_of(kinesis, &reader->place);
    if (!reader->pace)
        return -ENOMEM;
    reader->pace->readers++;
    reader->past = kinesis->since.present && kinesis->until.present &&
                   kinesis->since.value >= kinesis->until.value;
    kinesis_records_init(&reader->records,
                         kinesis->since.present ? KINESIS_AT_TIMESTAMP : KINESIS_TRIM_HORIZON,
                         kinesis->since.value);
    *ret = STEAL(reader);
    return 0;
}

void kinesis_reader_close(struct source *source, struct source_reader *reader)
{
    (void)source;
    reader->pace->readers--;
    kinesis_records_done(&reader->records);
    free(reader);
}
