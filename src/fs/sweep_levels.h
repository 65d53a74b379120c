/* fs/sweep_levels.h: the directories a sweep is in, from its root down: keys in order become
 * listings. Internal to fs/sweep*.c. fs thread only. */
#ifndef FS_SWEEP_LEVELS_H
#define FS_SWEEP_LEVELS_H

#include "fs/sweep.h"

LIST_HEAD(fed_list, listing);

struct level {
    struct node *dir;        /* held */
    struct listing *listing; /* that it fills; NULL: its names are known otherwise */
};

/* Keys are relative to the root, a directory's with its '/'. */
struct sweep {
    struct fs *fs;
    LIST_ENTRY(sweep) link;
    struct node *root; /* held */
    struct source_list request;
    struct buf path, cursor; /* of the request */
    struct buf start, end;   /* keys after the one and before the other; "": no bound */
    struct buf at;           /* the last key taken */
    struct level *levels;    /* levels[0]: the root */
    size_t depth, capacity;
    struct fed_list awaited; /* listings it has yet to come to, each counted */
    struct fed_list filling; /* of its levels, each counted */
    struct fed_list full;    /* finished in this page, to be woken */
    bool asking, over;
    bool unreachable; /* such keys were told of */
    bool unshared;    /* more is known of its range than when that was last shared out */
    unsigned pages;
    unsigned late; /* times in a row that a walker did not wait so long */
    size_t taken;
    int64_t page_ns; /* when the page under way was asked for */
    struct timer idle;
};

/* Order of an entry's key and another, or the start of one. */
int key_order(const struct source_entry *entry, struct pail_str key);

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

/* The listing is filled by the sweep when that comes to it; its reference is taken over, its
 * directory held. */
void sweep_feed(struct sweep *s, struct listing *l);
/* No longer: the sweep's reference is the caller's. */
void sweep_unfeed(struct listing *l);

/* A sweep of `root`'s subtree, of the keys after `start` and before `end`, its first page asked
 * for. NULL on ENOMEM. */
struct sweep *sweep_new(struct fs *fs, struct node *root, struct pail_str start,
                        struct pail_str end);
/* The sweep that has yet to come to the directory; NULL: none. */
struct sweep *sweep_ahead(struct fs *fs, const struct node *dir);
/* Entries that the walker will take within half a metadata_ttl: as many as it would at its pace
 * when it need not wait, and as sweeps can bring. What is listed further ahead would be too old
 * when it comes there. */
size_t sweep_horizon(const struct fs *fs);
/* Shares what is left of its range out to further sweeps, where that pays. */
void sweep_share(struct sweep *s);
/* "path/" of `dir` relative to `root`; false if it is not below it, or out of memory. */
bool sweep_key(const struct node *root, const struct node *dir, struct buf *b);

#endif
