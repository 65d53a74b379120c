/* fs/neighbours.h: fetching ahead the files that a listing names next, while the files of a
 * directory are opened one after another (grep -r, cat *, tar, cp -r). fs thread only. */
#ifndef FS_NEIGHBOURS_H
#define FS_NEIGHBOURS_H

#include "fs/listing.h"

/* How the files of one directory are opened; all zero at first. */
struct neighbours {
    const struct listing *listing; /* whose slots the numbers below are; only compared */
    size_t last;                   /* the furthest slot opened */
    size_t fetched;                /* slots before it were fetched ahead, or passed over */
    unsigned streak;               /* opens in listing order, the first included */
    unsigned depth;                /* how many slots to be ahead */
};

#define NEIGHBOURS_SLACK                                                                       \
    16                    /* several programs, or threads of one, open a little out of order */
#define NEIGHBOURS_MIN  4 /* slots ahead once two opens came in order; doubled with each hit */
#define NEIGHBOURS_MAX  64
#define NEIGHBOURS_NEXT 4 /* directories to go on into, at most */

/* A file was opened; `hit`: its content had been fetched ahead. Fetches on, or takes a wrong
 * guess back. */
void neighbours_opened(struct fs *fs, struct node *node, bool hit);

#endif
