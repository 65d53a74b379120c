/* fs/sweep.h: walks, listed flat. When directories are listed one below another (find, ls -R,
 * grep -r), a flat listing of the subtree fills their listings ahead of the walker, a thousand
 * keys a request instead of a request a directory. fs thread only.
 *
 * A listing that a sweep fills is fed: it asks for nothing itself, and the walker waits for it
 * as for any other. It turns into an ordinary one, which goes on from its last name, when the
 * sweep ends early, passes it by or does not come in time. */
#ifndef FS_SWEEP_H
#define FS_SWEEP_H

#include "fs/listing.h"
#include "fs/sweeps.h"

#define SWEEPS_MAX     8    /* at a time... */
#define SWEEPS_A_WALK  6    /* ...over ranges of one walk... */
#define SWEEP_PART     4    /* ...of so many pages or more, the nearest ones first */
#define SWEEP_PAGE     1000 /* entries of a page, as S3 has it */
#define SWEEP_PROOF    100  /* entries that somebody must have read before there are several */
#define SWEEP_AHEAD    2000 /* entries that may be ahead of the walker... */
#define SWEEP_GAIN     8 /* ...and for each entry it has read: bounds what a wrong guess wastes */
#define SWEEP_IDLE_MS  5000  /* without a reader it ends */
#define SWEEP_AGAIN_MS 10000 /* after one has failed */
#define SWEEP_PATIENCE                                                                         \
    50 /* milliseconds a walker waits for it at least, else four times a page's */
#define SWEEP_STALLED 1000 /* the same for the rest of a directory it has begun */
#define SWEEP_LATE    4    /* times in a row it came too late: nobody waits for it any more */
#define WALK_MS       5000 /* directories listed within it belong to one walk */
#define WALK_ON_MS    50   /* a directory read so soon after the one above it makes a walk */

/* Somebody reads the directory: notes the walk it belongs to. Returns the walk's root, NULL if
 * it is none yet. */
struct node *sweep_walk(struct fs *fs, struct node *dir);
/* Somebody has read the directory to its end, and may keep it open while reading those below
 * it, as fts(3) does. */
void sweep_left(struct fs *fs, struct node *dir);
/* A file in it was opened: a walk that it belongs to goes on. */
void sweep_walk_on(struct fs *fs, struct node *dir);
/* True if the directory belongs to a walk that goes on. */
bool sweep_walking(const struct fs *fs, const struct node *dir);
/* The directory is about to be listed: the listing that a sweep will feed (counted, as
 * listing_start's), or NULL: it is to be listed by itself. `root`: of the walk, NULL: none. */
struct listing *sweep_list(struct fs *fs, struct node *root, struct node *dir);
/* A reader wants more of a listing that is being fed. */
void sweep_want(struct sweep *sweep);
/* A listing that was fed has readers, who have taken notice of what it holds now. */
void sweep_consumed(struct listing *listing);
/* True if a whole page has passed below one of the directory's own: it is larger than what
 * comes by the way, and asks for its other names by itself from now on. The sweep's reference
 * is given back. The listing is the caller's. */
bool sweep_outgrown(struct listing *listing);
/* The sweep did not come in time: the listing is no longer to be fed by it. The sweep's
 * reference is the caller's. */
void sweep_missed(struct listing *listing);
/* Ends all of them. */
void sweeps_end(struct fs *fs);

#endif
