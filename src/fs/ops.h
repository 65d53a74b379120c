/* fs/ops.h: the FUSE operations over the tree and the files. fs thread only. */
#ifndef FS_OPS_H
#define FS_OPS_H

#include "fs/fs.h"

struct fuse_lowlevel_ops;

/* The operation table of a session whose userdata is the struct fs. */
extern const struct fuse_lowlevel_ops fs_operations;

#define OPS_WAITING_SHOWN 100

/* Logs the operations that wait, the oldest first and at most OPS_WAITING_SHOWN of them: which,
 * where, for how long, for whom and for what. Those of the mount that `fs` is of. */
void ops_log_waiting(struct fs *fs);

#endif
