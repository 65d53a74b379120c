#include "fs/stats.h"

#include "base/log.h"
#include "base/num.h"
#include "fs/pages.h"
#include "fs/tree.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pail/error.h>
#include <unistd.h>

static uint64_t under_way(const struct fs *fs)
{
    uint64_t count = 0;
    for (const struct source_request *r = fs->under_way; r; r = r->next)
        count++;
    return count;
}

/* The memory of this process that is not swapped out: 0 if the system does not tell. */
static uint64_t resident_bytes(void)
{
    char text[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
    if (fd >= 0)
        close(fd);
    /* "SIZE RESIDENT ...", in pages */
    struct pail_str rest = str_of(text, n > 0 ? (size_t)n : 0), word;
    uint64_t pages = 0;
    if (!str_next(&rest, ' ', &word) || !str_next(&rest, ' ', &word) ||
        num_u64(word, UINT64_MAX / 65536, &pages) < 0)
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

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
        {"opens_answered", s->opens_answered},
        {"reads", s->reads},
        {"reads_answered", s->reads_answered},
        {"read_bytes", s->read_bytes},
        {"read_bytes_gathered", s->gathered_bytes},
        {"stored_bytes", s->stored_bytes},
        {"read_blocks", fs->read_ops.made},
        {"readdirs", s->readdirs},
        {"readdirs_answered", s->readdirs_answered},
        {"xattrs", s->xattrs},
        {"xattrs_answered", s->xattrs_answered},
        {"fetches", s->fetches},
        {"fetched_bytes", s->fetched_bytes},
        {"parallel_parts", fs->parallel_parts},
        {"fetched_ahead", s->ahead},
        {"fetched_ahead_hits", s->ahead_hits},
        {"interrupted", s->interrupted},
        {"waiting", fs->parking.count},
        {"oldest_wait_ms", (uint64_t)parking_oldest_ms(&fs->parking)},
        {"requests_under_way", under_way(fs)},
        {"page_bytes", fs->pages->used},
        {"page_bytes_idle", fs->pages->idle_bytes},
        {"page_bytes_peak", fs->pages->peak},
        {"nodes", fs->tree->node_count},
        {"resident_bytes", resident_bytes()},
        {"log_lines_left_out", fs->failures.left_out_total},
        {"log_lines_dropped", log_dropped()},
    };
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        buf_addf(b, "%s %" PRIu64 "\n", counters[i].name, counters[i].value);
    for (size_t i = 1; i < ARRAY_LEN(s->failures); i++) {
        if (s->failures[i])
            buf_addf(b, "errors_%s %" PRIu64 "\n", pail_errno_name((int)i), s->failures[i]);
    }
    fs->source->ops->stats(fs->source, b);
}
