/* fs/logs_hours.h: paths below @hours as stretches of time: a year, month, day or hour of UTC.
 * Pure; any thread. */
#ifndef FS_LOGS_HOURS_H
#define FS_LOGS_HOURS_H

#include "fs/source_entries.h"

#define LOGS_HOURS_DEPTH 4 /* names from the year to the hour */

struct logs_hours {
    unsigned depth;         /* 0: all time */
    int64_t from_ms, to_ms; /* since 1970: up to but not with `to_ms` */
};

/* "2026/11/22/05", or less of it: exactly as they are listed. 0 or -ENOENT. */
int logs_hours_parse(struct pail_str path, struct logs_hours *ret);

/* The names below `path`, which was parsed to depth 3 at most, of time between the two moments:
 * directories, or files as `file` has them, with the hour's beginning as their mtime until more
 * is known. 0 or -ENOMEM. */
int logs_hours_list(struct pail_str path, int64_t from_ms, int64_t to_ms,
                    const struct source_entry *file, struct source_entries *ret);

#endif
