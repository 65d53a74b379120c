/* aws/content_range.h: the Content-Range field of a 206. Pure; any thread. */
#ifndef AWS_CONTENT_RANGE_H
#define AWS_CONTENT_RANGE_H

#include "base/str.h"

struct content_range {
    uint64_t first, last; /* of the bytes sent, both included; first <= last */
    bool total_known;
    uint64_t total; /* of the object; > last */
};

/* "bytes FIRST-LAST/TOTAL", where TOTAL may be "*"; none above INT64_MAX, the length neither. 0
 * or -EINVAL. */
int content_range_parse(struct pail_str value, struct content_range *ret);

static inline uint64_t content_range_len(const struct content_range *range)
{
    return range->last - range->first + 1;
}
/* True if the range is the whole object. */
static inline bool content_range_is_whole(const struct content_range *range)
{
    return range->total_known && range->first == 0 && range->last == range->total - 1;
}

#endif
