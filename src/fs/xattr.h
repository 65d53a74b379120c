/* fs/xattr.h: extended attributes: what the service says of an object, and what this mount says
 * of it. fs thread only. */
#ifndef FS_XATTR_H
#define FS_XATTR_H

#include "fs/node.h"

struct attributes_fetch;

/* The attribute's value, appended. 0; -ENODATA; -EOPNOTSUPP for namespaces other than user;
 * -EINPROGRESS: `wait` is woken when asking again gives an answer, and can be taken back with
 * wait_stop; another -errno: the object could not be asked. */
int xattr_get(struct fs *fs, struct node *node, struct pail_str name, struct waiter *wait,
              struct buf *ret_value);
/* The names, each with a NUL, appended. 0, -ENOMEM, or -EINPROGRESS as above. Never fails for
 * the service's sake: then only this mount's own names are listed. */
int xattr_list(struct fs *fs, struct node *node, struct waiter *wait, struct buf *ret_names);

void attributes_free(struct fs *fs, struct attributes_fetch *fetch);

#endif
