#include "aws/regions.h"

#include "base/cleanup.h"
#include "http/url.h"

#include <errno.h>
/* Running out of memory is a failed insertion, not the end of the program. */
#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(obj) ((obj)->lost = true)
#include <uthash.h>

struct region_entry {
    UT_hash_handle hh;
    bool lost;
    char region[REGION_NAME_MAX];
    size_t bucket_len;
    char bucket[];
};

static struct region_entry *find(const struct regions *regions, struct pail_str bucket)
{
    struct region_entry *entry = NULL;
    HASH_FIND(hh, regions->entries, bucket.ptr, bucket.len, entry);
    return entry;
}

const char *regions_get(const struct regions *regions, struct pail_str bucket)
{
    if (!bucket.ptr)
        return NULL;
    const struct region_entry *entry = find(regions, bucket);
    return entry ? entry->region : NULL;
}

static void forget(struct regions *regions, struct region_entry *entry)
{
    HASH_DEL(regions->entries, entry);
    free(entry);
}

int regions_set(struct regions *regions, struct pail_str bucket, const char *region)
{
    struct region_entry *entry = find(regions, bucket);
    if (!entry) {
        if (HASH_COUNT(regions->entries) >= REGIONS_MAX)
            forget(regions, regions->entries); /* the head is the oldest */
        entry = calloc(1, sizeof(*entry) + bucket.len);
        if (!entry)
            return -ENOMEM;
        entry->bucket_len = bucket.len;
        memcpy(entry->bucket, bucket.ptr, bucket.len);
        HASH_ADD_KEYPTR(hh, regions->entries, entry->bucket, entry->bucket_len, entry);
        if (entry->lost) {
            free(entry);
            return -ENOMEM;
        }
    }
    str_copy(entry->region, sizeof(entry->region), str_c(region));
    return 0;
}

void regions_done(struct regions *regions)
{
    struct region_entry *entry, *next;
    HASH_ITER(hh, regions->entries, entry, next)
    {
        forget(regions, entry);
    }
}

bool region_valid(struct pail_str region)
{
    if (!region.ptr || region.len >= REGION_NAME_MAX || !host_label_valid(region))
        return false;
    for (size_t i = 0; i < region.len; i++)
        if (region.ptr[i] < '0' || region.ptr[i] > '9')
            return true;
    return false;
}
