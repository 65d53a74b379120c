/* aws/regions.h: the regions that redirects taught a client, by bucket. The net thread's. */
#ifndef AWS_REGIONS_H
#define AWS_REGIONS_H

#include "base/str.h"

#define REGIONS_MAX     1024 /* buckets remembered; the one learned first is forgotten */
#define REGION_NAME_MAX 64   /* bytes of a region's name, its NUL included */

struct region_entry;

/* All zero is empty. */
struct regions {
    struct region_entry *entries;
};

/* The bucket's region, NULL if none was learned. Borrowed until the next change. */
const char *regions_get(const struct regions *regions, struct pail_str bucket);
/* Remembers it. 0 or -ENOMEM. */
int regions_set(struct regions *regions, struct pail_str bucket, const char *region);
void regions_done(struct regions *regions);
/* True for what may become part of a host name: a host label of at most REGION_NAME_MAX - 1
 * bytes that is not all digits. Pure. */
bool region_valid(struct pail_str region);

#endif
