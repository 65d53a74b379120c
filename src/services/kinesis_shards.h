/* services/kinesis_shards.h: the shards of a stream that is read while it is resharded: which
 * are to be read, and when. Pure; one thread at a time.
 *
 * A shard is read when its parents, as far as they are read too, have been read to their ends:
 * so records of one partition key stay in order. The shards there are at first are read from
 * the place asked for (KINESIS_LATEST: only the open ones); those that come later are children
 * of theirs, read from their beginnings. */
#ifndef SERVICES_KINESIS_SHARDS_H
#define SERVICES_KINESIS_SHARDS_H

#include "services/kinesis_records.h"

struct kinesis_shard {
    char *id;
    char *parents[2]; /* NULL: none */
    struct kinesis_records records;
    bool done; /* read to its end, or not to be read */
};

struct kinesis_shards {
    struct kinesis_shard **items; /* in the service's order */
    size_t count, capacity;
    enum kinesis_start start;
    int64_t since_ms;
    bool complete; /* the first listing has ended */
};

void kinesis_shards_init(struct kinesis_shards *shards, enum kinesis_start start,
                         int64_t since_ms);
void kinesis_shards_done(struct kinesis_shards *shards);

/* Takes in a page of ListShards; shards that are known stay as they are. `last`: no more pages.
 * 0, or -ENOMEM (take it again). */
int kinesis_shards_take(struct kinesis_shards *shards, const struct pail_kinesis_shards *page,
                        bool last);
/* Whether the shard is to be read now: it is not done, and no parent of it stands before it. */
bool kinesis_shards_ready(const struct kinesis_shards *shards,
                          const struct kinesis_shard *shard);

#endif
