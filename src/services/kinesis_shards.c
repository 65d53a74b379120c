#include "services/kinesis_shards.h"

#include "base/cleanup.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>

void kinesis_shards_init(struct kinesis_shards *shards, enum kinesis_start start,
                         int64_t since_ms)
{
    *shards = (struct kinesis_shards){.start = start, .since_ms = since_ms};
}

static void shard_free(struct kinesis_shard *shard)
{
    free(shard->id);
    free(shard->parents[0]);
    free(shard->parents[1]);
    kinesis_records_done(&shard->records);
    free(shard);
}
DEFINE_CLEANUP(shard, struct kinesis_shard *, shard_free);

void kinesis_shards_done(struct kinesis_shards *shards)
{
    for (size_t i = 0; i < shards->count; i++)
        shard_free(shards->items[i]);
    free(STEAL(shards->items));
    shards->count = shards->capacity = 0;
}

static struct kinesis_shard *find(const struct kinesis_shards *shards, struct pail_str id)
{
    for (size_t i = 0; i < shards->count; i++) {
        if (str_eq_c(id, shards->items[i]->id))
            return shards->items[i];
    }
    return NULL;
}

static int make_room(struct kinesis_shards *shards)
{
    size_t bytes, capacity = shards->capacity ? 2 * shards->capacity : 16;
    if (shards->count < shards->capacity)
        return 0;
    if (mul_overflow(capacity, sizeof(*shards->items), &bytes))
        return -ENOMEM;
    struct kinesis_shard **items = realloc(shards->items, bytes);
    if (!items)
        return -ENOMEM;
    shards->items = items;
    shards->capacity = capacity;
    return 0;
}

static int copy_id(char **slot, struct pail_str id)
{
    if (id.len > 0 && !(*slot = str_dup(id)))
        return -ENOMEM;
    return 0;
}

static int add(struct kinesis_shards *shards, const struct pail_kinesis_shard *from)
{
    CLEANUP(shard) struct kinesis_shard *shard = calloc(1, sizeof(*shard));
    if (!shard || make_room(shards) < 0 || copy_id(&shard->id, from->shard_id) < 0 ||
        copy_id(&shard->parents[0], from->parent_shard_id) < 0 ||
        copy_id(&shard->parents[1], from->adjacent_parent_shard_id) < 0)
        return -ENOMEM;
    const struct pail_kinesis_sequence_number_range *range = from->sequence_number_range;
    bool is_open = !range || !range->ending_sequence_number.ptr;
    shard->done = shards->start == KINESIS_LATEST && !shards->complete && !is_open;
    kinesis_records_init(&shard->records,
                         shards->complete ? KINESIS_TRIM_HORIZON : shards->start,
                         shards->since_ms);
    shards->items[shards->count++] = STEAL(shard);
    return 0;
}

int kinesis_shards_take(struct kinesis_shards *shards, const struct pail_kinesis_shards *page,
                        bool last)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct pail_kinesis_shard *shard = &page->items[i];
        if (shard->shard_id.len > 0 && !find(shards, shard->shard_id) && add(shards, shard) < 0)
            return -ENOMEM;
    }
    shards->complete = shards->complete || last;
    return 0;
}

bool kinesis_shards_ready(const struct kinesis_shards *shards,
                          const struct kinesis_shard *shard)
{
    for (size_t i = 0; i < ARRAY_LEN(shard->parents); i++) {
        const struct kinesis_shard *parent = NULL;
        if (shard->parents[i])
            parent = find(shards, str_c(shard->parents[i]));
        if (parent && parent != shard && !parent->done)
            return false;
    }
    return !shard->done;
}
