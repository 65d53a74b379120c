/* fs/ops_internal.h: what the FUSE operations share. fs thread only. */
#ifndef FS_OPS_INTERNAL_H
#define FS_OPS_INTERNAL_H

#include "fs/node.h"
#include "fs/ops.h"

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

/* A request that waits. Embedded first in a struct of its operation, which is one heap block.
 */
struct op {
    struct parked parked;
    struct fs *fs;
    fuse_req_t req;
    struct node *node;    /* what it is about: the kernel holds it meanwhile */
    struct pail_str name; /* of a lookup, below the node; else absent */
    /* Appends what it waits for, in words. */
    void (*waits_for)(struct op *op, struct buf *b);
    /* Lets go of what it waits for: called when the wait is ended from outside, before the
     * error is sent and the block freed. */
    void (*abandon)(struct op *op, int sys);
    struct op_pool *pool; /* where the block goes; NULL: it is freed */
    struct op *spare;     /* the pool's: the next one */
};

#define OP_SLACK_MS                                                                            \
    500 /* what waits for the source gets the source's own, better error at the same deadline  \
         */

/* A zeroed block of the pool's size, one that op_free put there if there is any; NULL on
 * ENOMEM. op->pool is to be set. */
void *op_new(struct op_pool *pool, size_t size);
void op_free(struct op *op);

/* Parks the request. `timeout_ms` is of the kind of operation. */
void op_wait(struct op *op, const char *what, int64_t timeout_ms);
/* The wait is over and the answer follows. */
void op_end(struct op *op);

static inline struct fs *fs_of(fuse_req_t req)
{
    return fuse_req_userdata(req);
}
struct node *node_of_ino(struct fs *fs, fuse_ino_t ino);
fuse_ino_t ino_of_node(const struct fs *fs, const struct node *node);
/* Answers with an error, counted. `status` is -errno (or 0 for success). */
void reply_status(struct fs *fs, fuse_req_t req, int status);
/* The same of an operation on a node, at once: that memory has run out is noted here, every
 * other failure was where it happened. */
void reply_failure(struct fs *fs, fuse_req_t req, struct node *node, const char *what,
                   int status);
/* The entry with what is left of its TTL. Takes no reference. */
void fill_entry(const struct fs *fs, const struct node *node, struct fuse_entry_param *ret);
double ttl_seconds(int64_t ttl_ms);
/* Answers a getattr. */
void reply_attributes(struct fs *fs, fuse_req_t req, const struct node *node);

/* The operations, by file. */
void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count);
void op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets);
void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
                struct fuse_file_info *fi);
void op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
                    struct fuse_file_info *fi);
/* At the end of the session: those the kernel has not released. */
void dir_handles_done(struct fs *fs);
void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
             struct fuse_file_info *fi);
void op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t offset,
              struct fuse_file_info *fi);
void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);

/* ---- ops_channel.c: the same of files that are not FILE_FIXED ---- */

void channel_open(struct fs *fs, fuse_req_t req, struct node *node, struct fuse_file_info *fi);
void channel_read(struct fs *fs, fuse_req_t req, struct node *node, size_t size,
                  uint64_t offset, struct fuse_file_info *fi);
void channel_release(struct fuse_file_info *fi);
/* At the end of the session: those the kernel has not released. */
void channels_done(struct fs *fs);

/* ---- ops_size.c ---- */

/* True: the answer follows, when it is known whether the open file has grown. */
bool size_getattr(struct fs *fs, fuse_req_t req, struct node *node);

#endif
