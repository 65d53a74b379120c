/* fs/known.h: names of a directory that were looked up by themselves. fs thread only. */
#ifndef FS_KNOWN_H
#define FS_KNOWN_H

#include "fs/tree.h"

/* Running out of memory is a failed insertion, not the end of the program. */
#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(obj) ((obj)->lost = true)
/* Most directories have few such names or none: their tables begin small. */
#define HASH_INITIAL_NUM_BUCKETS      4U
#define HASH_INITIAL_NUM_BUCKETS_LOG2 2U
#include <uthash.h>

#define KNOWN_IDLE_MAX 16384 /* of a mount; see `idle` */

struct known {
    UT_hash_handle hh;
    bool lost; /* there was no memory to insert it */
    bool idle; /* in tree->idle: of absent names, and of nodes that the kernel did not hold when
                  it was put there, the oldest go */
    struct node *node; /* held; NULL: absent */
    int64_t asked_ns;  /* when absence was asked for */
    struct directory *directory;
    TAILQ_ENTRY(known) link; /* of tree->idle */
    size_t name_len;
    char name[];
};

/* Borrowed until the next call that changes the names; NULL: not known. */
struct known *known_find(const struct directory *d, struct pail_str name);
void known_drop(struct fs *fs, struct directory *d, struct known *known);
/* Remembers what a name means (node NULL: nothing), and perhaps another name no longer. Out of
 * memory it is not remembered, which costs a request later. */
void known_put(struct fs *fs, struct directory *d, struct pail_str name, struct node *node,
               int64_t asked_ns);
/* A listing is complete: what it holds need not be known by itself, and what it lacks means
 * nothing any more, unless it was confirmed since the listing was started. */
void known_listed(struct fs *fs, struct directory *d, const struct listing *l);
void known_clear(struct fs *fs, struct directory *d);

#endif
