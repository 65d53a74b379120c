#include "fs/stats.h"

#include "fs/pages.h"

#include <inttypes.h>
#include <pail/error.h>

void stats_add(struct fs *fs, struct buf *b)
{
    const struct fs_stats *s = &fs->stats;
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"lookups", s->lookups},
        {"lookups_answered", s->lookups_answered},
        {"opens", s->opens},
        {"reads", s->reads},
        {"read_bytes", s->read_bytes},
        {"fetches", s->fetches},
        {"fetched_bytes", s->fetched_bytes},
        {"fetched_ahead", s->ahead},
        {"fetched_ahead_hits", s->ahead_hits},
        {"interrupted", s->interrupted},
        {"waiting", fs->parking.count},
        {"oldest_wait_ms", (uint64_t)parking_oldest_ms(&fs->parking)},
        {"page_bytes", fs->pages->used},
        {"page_bytes_idle", fs->pages->idle_bytes},
        {"page_bytes_peak", fs->pages->peak},
    };
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        buf_addf(b, "%s %" PRIu64 "\n", counters[i].name, counters[i].value);
    for (size_t i = 1; i < ARRAY_LEN(s->failures); i++) {
        if (s->failures[i])
            buf_addf(b, "errors_%s %" PRIu64 "\n", pail_errno_name((int)i), s->failures[i]);
    }
    fs->source->ops->stats(fs->source, b);
}
