/* fs/sweep_back.h: walks that go backwards. Shells that expand a pattern of several levels read
 * the directories of a level from the last to the first, each to its end before the next; what
 * comes before is listed flat ahead of them, in ranges of about a page. fs thread only. */
#ifndef FS_SWEEP_BACK_H
#define FS_SWEEP_BACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fs;
struct listing;
struct node;

/* How the directories below one are being read. All zero at first. */
struct steps_back {
    const struct listing *listing; /* whose slots these are; only compared */
    size_t slot;                   /* of the one read last */
    size_t asked;                  /* the least slot that was listed ahead */
    size_t ahead;                  /* directories from there to the one read last */
    size_t files;                  /* passed by, a directory, on the last step */
    unsigned count;                /* steps back in a row that led there */
    bool missed;                   /* what was listed ahead is not there: asked for once more */
    unsigned late;                 /* times in a row that what was to come came too late */
    int64_t at_ns;                 /* when it was read */
    int64_t pace_ns;               /* from one directory to the next, lately */
};

/* The directory is being read: what its reader comes to if it goes on backwards is listed
 * ahead. */
void sweep_back(struct fs *fs, struct node *dir);
/* True if the last two directories below one of those above `dir`, up to `root`, were read
 * backwards. */
bool sweep_goes_back(const struct fs *fs, const struct node *dir, const struct node *root);
/* What was to come for a reader of one below the directory did not in time: after some such
 * waits no more is listed ahead of it, as there is more below each than its names. */
void sweep_back_late(struct node *dir);

#endif
