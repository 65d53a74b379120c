/* fs/tree_internal.h: what the files fs/tree*.c share. fs thread only. */
#ifndef FS_TREE_INTERNAL_H
#define FS_TREE_INTERNAL_H

#include "fs/known.h"
#include "fs/tree.h"

/* ---- fs/tree.c ---- */

/* What is known of the names of `dir`, made if there is nothing; NULL on ENOMEM. */
struct directory *tree_directory(struct node *dir);
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
bool tree_listing_fresh(const struct fs *fs, const struct listing *l);

/* ---- fs/tree_ask.c ---- */

/* Asks the source what the name means, or waits for an answer that is on its way.
 * -EINPROGRESS, or -errno at once. */
int tree_ask(struct fs *fs, struct node *dir, struct pail_str name, struct name_wait *wait);

#endif
