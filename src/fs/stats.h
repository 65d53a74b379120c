/* fs/stats.h: the mount's counters as text, for user.pail.stats. */
#ifndef FS_STATS_H
#define FS_STATS_H

#include "fs/fs.h"

/* Appends "name value\n" lines: the filesystem's, then the source's. fs thread. */
void stats_add(struct fs *fs, struct buf *b);

#endif
