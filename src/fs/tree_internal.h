/* fs/tree_internal.h: what the files fs/tree*.c share. fs thread only. */
#ifndef FS_TREE_INTERNAL_H
#define FS_TREE_INTERNAL_H

#include "fs/known.h"
#include "fs/tree.h"

/* ---- fs/tree.c ---- */

/* What is known of the names of `dir`, made if there is nothing; NULL on ENOMEM. */
struct directory *tree_directory(struct node *dir);
/* For how long absence that was asked for then may be believed: 0 no longer, -1 for ever. */
int64_t tree_absence_ms(const struct fs *fs, int64_t asked_ns);
/* The listing that says most newly what the name means, NULL: none does. */
const struct listing *tree_covering(const struct directory *d, struct pail_str name);
/* The node that the name meant when it was asked for later than at `since_ns`, NULL: not known.
 */
struct node *tree_newer(const struct directory *d, struct pail_str name, int64_t since_ns);
/* A node of the version, known or new; one reference for the caller. NULL on ENOMEM. */
struct node *tree_node_of(struct fs *fs, struct node *dir, const struct source_entry *entry,
                          int64_t confirmed_ns);
/* Whatever else stood for the name in the listing (NULL: none) is superseded by `node` (NULL:
 * by nothing); a slot of the same type is taken over. Returns true if it stands in the listing
 * now. */
bool tree_supersede_listed(struct fs *fs, struct listing *l, struct pail_str name,
                           struct node *node);

/* ---- fs/tree_listing.c ---- */

/* Lets go of the directory's listings, but for the nodes that the kernel holds. */
void tree_drop_listings(struct fs *fs, struct directory *d);

/* ---- fs/tree_ask.c ---- */

/* One name that is asked for: by a lookup of its own, or by a page that tells of many. */
struct asking {
    UT_hash_handle hh;
    bool lost;
    struct fs *fs;
    struct node *dir;      /* held */
    struct waiter waiters; /* struct name_wait */
    struct source_lookup lookup;
    int64_t started_ns;
    TAILQ_ENTRY(asking) link; /* of a page's */
    bool told;                /* by the page, as follows */
    int status;
    struct node *node; /* held */
    struct buf path;
    size_t name_len;
    char name[];
};

/* Asks the source what the name means, or waits for an answer that is on its way.
 * -EINPROGRESS, or -errno at once. */
int tree_ask(struct fs *fs, struct node *dir, struct pail_str name, struct name_wait *wait);
/* Starts a lookup of its own. */
void tree_ask_source(struct asking *asking);
/* What is asked for is known: wakes who waits for it and releases it, and `node` (NULL: none).
 */
void tree_ask_end(struct asking *asking, int status, struct node *node);

/* ---- fs/tree_confirm.c ---- */

/* True if a page of a listing will tell what the name means, as it is one of several that are
 * asked for in the order of the listing. False: it has to be asked for by itself. */
bool tree_confirm(struct asking *asking);

#endif
