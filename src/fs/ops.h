/* fs/ops.h: the FUSE operations over the tree and the files. fs thread only. */
#ifndef FS_OPS_H
#define FS_OPS_H

#include "fs/fs.h"

struct fuse_lowlevel_ops;

/* The operation table of a session whose userdata is the struct fs. */
extern const struct fuse_lowlevel_ops fs_operations;

#endif
