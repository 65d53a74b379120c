/* fs/listing.h: a directory's names as pages of a listing bring them: a snapshot that directory
 * handles read while it grows.
 *
 * `nodes` is in the order of the keys (a directory counts with its '/'), so it is searched by
 * bisection. A file whose name turned out to be a directory's too keeps its slot, superseded.
 * fs thread only. */
#ifndef FS_LISTING_H
#define FS_LISTING_H

#include "base/timer.h"
#include "fs/node.h"

#include <sys/queue.h>

enum listing_state {
    LISTING_RUNNING, /* more pages may come */
    LISTING_COMPLETE,
    LISTING_FAILED, /* `status` says how; what was listed before is shown, then the error */
};

struct listing {
    struct fs *fs;
    struct node *dir; /* held while running; else only compared */
    unsigned refs;
    unsigned readers; /* directory handles on it */
    enum listing_state state;
    int status;
    int64_t started_ns;  /* when the first page was asked for: what it says is as old as this */
    int64_t page_ns;     /* when the page under way was asked for */
    struct node **nodes; /* each held */
    size_t count, capacity;
    size_t wanted;      /* entries some reader asked for... */
    int64_t wanted_ns;  /* ...and when one last did */
    size_t confirmed;   /* slots before this one are known to mean what they hold */
    int64_t unclear_ns; /* when the oldest page with others was asked for */
    struct waiter waiters;
    struct listing_page *page; /* under way; NULL: none */
    struct buf cursor;
    struct ranges *ranges; /* see fs/listing_ranges.h; NULL: none */
    size_t unreachable, taken;
    unsigned empty; /* pages in a row, up to the last */
    /* See fs/sweep.h. */
    struct sweep *feeder; /* that fills it; NULL: it asks for its pages itself */
    LIST_ENTRY(listing) fed;
    struct timer patience; /* while it waits for the sweep to come to it */
    size_t consumed;       /* entries that its readers were counted for */
    unsigned fed_page;     /* the sweep's page that it began with */
    bool swept;            /* it was fed */
    bool ahead;            /* nobody has opened the directory yet: that it fails is not told */
};

/* A new listing of `dir`, its first page asked for; one reference. NULL on ENOMEM. */
struct listing *listing_start(struct fs *fs, struct node *dir);
/* The same, and nothing asked for yet. */
struct listing *listing_new(struct fs *fs, struct node *dir);
/* The first names, as they were at `asked_ns`, go into a new listing, which asks for the others
 * when somebody reads it. 0, -ENOMEM, -EPROTO (not in order). */
int listing_begin_with(struct listing *listing, const struct source_names *names,
                       int64_t asked_ns);
/* A sweep will feed it: unless something has come after `wait_ms`, it asks by itself. */
void listing_be_patient(struct listing *listing, int64_t wait_ms);
/* Nobody feeds it any more: asks for the rest if somebody reads it. */
void listing_go_on(struct listing *listing);
struct listing *listing_ref(struct listing *listing);
/* NULL-safe. */
void listing_unref(struct listing *listing);
/* A directory handle reads it (with the caller's reference), or does so no longer (the
 * reference is given back). Without readers no further page is asked for. */
void listing_reader(struct listing *listing);
void listing_reader_gone(struct listing *listing);
/* A reader wants entry `index`: further pages are asked for ahead of it. */
void listing_want(struct listing *listing, size_t index);
/* True if a reader has need of more soon. */
bool listing_short(const struct listing *listing);
/* The slot of the file `name` (of the directory `name`), or -1. */
ssize_t listing_find(const struct listing *listing, struct pail_str name, enum entry_type type);
/* The node in that slot; NULL: none, or no listing. */
struct node *listing_node(const struct listing *listing, struct pail_str name,
                          enum entry_type type);
/* What the listing (NULL: none) has for the name, a directory before a file; superseded ones
 * are none. */
struct node *listing_means(const struct listing *listing, struct pail_str name);
/* The first slot whose key is not before that of the name. */
size_t listing_lower_bound(const struct listing *listing, struct pail_str name,
                           enum entry_type type);
/* Order of the keys behind two names: a directory's goes on with '/'. */
int key_cmp(struct pail_str a, enum entry_type a_type, struct pail_str b,
            enum entry_type b_type);
/* True if the pages so far reach past both places where `name` would stand. */
bool listing_covers(const struct listing *listing, struct pail_str name);

/* Supersedes nodes of `old` that `l` does not hold and that were not confirmed since it was
 * started. Both are complete. */
void listing_supersede(const struct listing *old, const struct listing *l);

/* Confirms the nodes of which it is clear now that the name is not a directory's too, which may
 * come pages after the file. */
void listing_confirm(struct listing *listing);

/* Nothing more will be appended: memory kept for that is given back. */
void listing_trim(struct listing *listing);

/* Appends a node whose reference it takes over. 0, -ENOMEM, -EPROTO (it does not sort after the
 * last). */
int listing_append(struct listing *listing, struct node *node);

#define LISTING_EMPTY_MAX 1000 /* pages in a row with nothing on them */
#define LISTING_AHEAD     2000 /* entries kept listed ahead of the furthest reader */

#endif
