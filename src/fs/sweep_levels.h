/* fs/sweep_levels.h: the directories a sweep is in, from its root down: keys in order become
 * listings. Internal to fs/sweep*.c. fs thread only. */
#ifndef FS_SWEEP_LEVELS_H
#define FS_SWEEP_LEVELS_H

#include "fs/sweep.h"

struct level {
    struct node *dir;        /* held */
    struct listing *listing; /* that is fed (counted); NULL: its names are known otherwise */
};

struct sweep {
    struct fs *fs;
    LIST_ENTRY(sweep) link;
    struct node *root; /* held */
    struct source_list request;
    struct buf path, cursor; /* of the request */
    struct buf start,
        end; /* keys after the one and before the other, relative to the root; "": no bound */
    struct buf at;        /* the last key taken */
    struct level *levels; /* levels[0]: the root */
    size_t depth, capacity;
    LIST_HEAD(, listing) fed;  /* being filled, or still to come to (each counted) */
    LIST_HEAD(, listing) full; /* finished in this page, to be woken */
    bool asking, over, shared;
    unsigned pages;
    int64_t page_ns; /* when the page under way was asked for */
    int64_t page_took_ns;
    struct timer idle;
};

/* The root's level. False on ENOMEM. */
bool levels_begin(struct sweep *s);
/* Takes the next entry in order. 0, -ENOMEM, -EPROTO. */
int levels_take(struct sweep *s, const struct source_entry *entry);
/* Leaves all levels from `depth` on: their listings are complete. */
void levels_finish(struct sweep *s, size_t depth);
/* Leaves all levels as they are. */
void levels_drop(struct sweep *s);
/* Wakes whoever waits for what this page brought. */
void levels_wake(struct sweep *s);

/* The listing is filled by the sweep from now on; its reference is taken over, its directory
 * held. */
void sweep_feed(struct sweep *s, struct listing *l);

#endif
