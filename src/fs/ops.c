#include "fs/ops_internal.h"

#include "base/log.h"
#include "fs/failure.h"
#include "fs/tree.h"

#include <errno.h>
#include <unistd.h>

#define FOREVER_S (365.0 * 86400)
#define MAX_BACKGROUND                                                                         \
    4096 /* stalled readers must not keep the others' requests from arriving */

#define SPARES_MAX 256 /* blocks of a pool kept: as many as wait at a time on a busy day */

/* ---- blocks ---- */

void *op_new(struct op_pool *pool, size_t size)
{
    struct op *op = pool->first;
    if (!op) {
        pool->made++;
        return calloc(1, size);
    }
    pool->first = op->spare;
    pool->count--;
    memset(op, 0, size);
    return op;
}

void op_free(struct op *op)
{
    struct op_pool *pool = op->pool;
    if (!pool || pool->count == SPARES_MAX) {
        free(op);
        return;
    }
    op->spare = pool->first;
    pool->first = op;
    pool->count++;
}

static void pool_done(struct op_pool *pool)
{
    while (pool->first) {
        struct op *op = pool->first;
        pool->first = op->spare;
        free(op);
    }
    *pool = (struct op_pool){0};
}

/* ---- waiting ---- */

/* What it waits for has not even failed. */
static void note_deadline(struct op *op)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, LOG_LINE_MAX);
    op->waits_for(op, &b);
    int64_t waited_ns = clock_now_ns(op->fs->clock) - op->parked.since_ns;
    failure_note_deadline(op->fs, op->node, op->name, op->parked.what, waited_ns / NS_PER_MS,
                          buf_str(&b));
}

static void op_give_up(struct parked *parked, int sys)
{
    struct op *op = CONTAINER_OF(parked, struct op, parked);
    struct fs *fs = op->fs;
    if (sys == ETIMEDOUT)
        note_deadline(op);
    op->abandon(op, sys);
    if (sys == EINTR)
        fs->stats.interrupted++;
    reply_status(fs, op->req, -sys);
    op_free(op);
}

static void op_interrupted(fuse_req_t req, void *data)
{
    struct op *op = data;
    (void)req;
    park_interrupted(&op->parked);
}

void op_wait(struct op *op, const char *what, int64_t timeout_ms)
{
    /* Before it is parked: of a request that was interrupted in an earlier wait libfuse calls
     * the function at once, and would not survive that it is answered there. */
    fuse_req_interrupt_func(op->req, op_interrupted, op);
    op->parked.give_up = op_give_up;
    park(&op->fs->parking, &op->parked, what, fuse_req_ctx(op->req)->pid,
         timeout_ms + OP_SLACK_MS);
}

void op_end(struct op *op)
{
    unpark(&op->parked);
}

/* ---- answering ---- */

struct node *node_of_ino(struct fs *fs, fuse_ino_t ino)
{
    /* The kernel hands back only what it was given and has not forgotten. */
    return ino == FUSE_ROOT_ID ? fs->tree->root : (struct node *)ino;
}

fuse_ino_t ino_of_node(const struct fs *fs, const struct node *node)
{
    return node == fs->tree->root ? FUSE_ROOT_ID : (fuse_ino_t)node;
}

void reply_status(struct fs *fs, fuse_req_t req, int status)
{
    size_t sys = (size_t)-status;
    if (status < 0 && sys < ARRAY_LEN(fs->stats.failures))
        fs->stats.failures[sys]++;
    fuse_reply_err(req, -status);
}

void reply_failure(struct fs *fs, fuse_req_t req, struct node *node, const char *what,
                   int status)
{
    if (status == -ENOMEM)
        failure_note(fs, node, what, status, NULL);
    reply_status(fs, req, status);
}

double ttl_seconds(int64_t ttl_ms)
{
    return ttl_ms < 0 ? FOREVER_S : (double)ttl_ms / 1000;
}

static mode_t mode_of(const struct fs *fs, const struct node *node)
{
    if (node->type == ENTRY_DIRECTORY)
        return S_IFDIR | 0555;
    if (node->kind == FILE_EXCHANGE)
        return S_IFREG | 0666;
    /* As logs in /var/log. GNU tar opens no file that seems empty and that all may read, so it
     * would never learn the size (fs/growing.h); where only the owner gets in, that costs
     * nobody anything. */
    return S_IFREG | (node->kind == FILE_GROWS && fs->options.private ? 0440 : 0444);
}

static void fill_stat(const struct fs *fs, const struct node *node, struct stat *ret)
{
    bool directory = node->type == ENTRY_DIRECTORY;
    *ret = (struct stat){
        .st_ino = node->ino,
        .st_mode = mode_of(fs, node) & ~fs->options.umask,
        .st_nlink = directory ? 2 : 1,
        .st_uid = fs->options.uid,
        .st_gid = fs->options.gid,
        .st_size = (off_t)node->size,
        .st_blksize = 1024 * 1024,
        .st_blocks = (blkcnt_t)((node->size + 511) / 512),
        .st_mtim.tv_sec = node->mtime_s,
        .st_atim.tv_sec = node->mtime_s,
        .st_ctim.tv_sec = node->mtime_s,
    };
}

/* Attributes of a fixed file are its version's; of others they are what is known so far. */
static double attributes_ttl(const struct node *node)
{
    return node->kind == FILE_FIXED ? FOREVER_S : 0;
}

void reply_attributes(struct fs *fs, fuse_req_t req, const struct node *node)
{
    struct stat st;
    fill_stat(fs, node, &st);
    fuse_reply_attr(req, &st, attributes_ttl(node));
}

void fill_entry(const struct fs *fs, const struct node *node, struct fuse_entry_param *ret)
{
    *ret = (struct fuse_entry_param){
        .ino = ino_of_node(fs, node),
        .attr_timeout = attributes_ttl(node),
        .entry_timeout = ttl_seconds(node_fresh_ms(fs, node)),
    };
    fill_stat(fs, node, &ret->attr);
}

/* ---- the session ---- */

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
    (void)userdata;
    static const unsigned wanted = FUSE_CAP_ASYNC_READ | FUSE_CAP_READDIRPLUS |
                                   FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_PARALLEL_DIROPS;
    static const unsigned unwanted = FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
                                     FUSE_CAP_SPLICE_MOVE | FUSE_CAP_FLOCK_LOCKS |
                                     FUSE_CAP_POSIX_LOCKS;
    conn->want = (conn->want | (wanted & conn->capable)) & ~unwanted;
    conn->max_background = MAX_BACKGROUND;
    conn->congestion_threshold = MAX_BACKGROUND;
}

static void op_destroy(void *userdata)
{
    pool_done(&((struct fs *)userdata)->read_ops);
    dir_handles_done(userdata);
    channels_done(userdata);
}

static void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
    (void)ino;
    /* A bucket has no size; tools that check for room or divide by the total must not stumble.
     */
    const struct statvfs st = {
        .f_bsize = 1024 * 1024,
        .f_frsize = 4096,
        .f_blocks = UINT64_C(1) << 48,
        .f_bfree = UINT64_C(1) << 48,
        .f_bavail = UINT64_C(1) << 48,
        .f_files = UINT64_C(1) << 48,
        .f_ffree = UINT64_C(1) << 48,
        .f_namemax = SOURCE_NAME_MAX,
    };
    fuse_reply_statfs(req, &st);
}

static void op_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
    (void)ino;
    reply_status(fs_of(req), req, mask & W_OK ? -EROFS : 0);
}

/* ---- every way to write ---- */

static void refuse(fuse_req_t req)
{
    reply_status(fs_of(req), req, -EROFS);
}
static void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
                       struct fuse_file_info *fi)
{
    (void)ino, (void)attr, (void)to_set, (void)fi;
    refuse(req);
}
static void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
                     dev_t rdev)
{
    (void)parent, (void)name, (void)mode, (void)rdev;
    refuse(req);
}
static void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
    (void)parent, (void)name, (void)mode;
    refuse(req);
}
static void op_remove(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    (void)parent, (void)name;
    refuse(req);
}
static void op_symlink(fuse_req_t req, const char *link, fuse_ino_t parent, const char *name)
{
    (void)link, (void)parent, (void)name;
    refuse(req);
}
static void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to_parent,
                      const char *to_name, unsigned int flags)
{
    (void)parent, (void)name, (void)to_parent, (void)to_name, (void)flags;
    refuse(req);
}
static void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
    (void)ino, (void)parent, (void)name;
    refuse(req);
}
static void op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
                      struct fuse_file_info *fi)
{
    (void)parent, (void)name, (void)mode, (void)fi;
    refuse(req);
}
static void op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length,
                         struct fuse_file_info *fi)
{
    (void)ino, (void)mode, (void)offset, (void)length, (void)fi;
    refuse(req);
}
static void op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value,
                        size_t size, int flags)
{
    (void)ino, (void)name, (void)value, (void)size, (void)flags;
    refuse(req);
}
static void op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
    (void)ino, (void)name;
    refuse(req);
}

const struct fuse_lowlevel_ops fs_operations = {
    .init = op_init,
    .destroy = op_destroy,
    .lookup = op_lookup,
    .forget = op_forget,
    .forget_multi = op_forget_multi,
    .getattr = op_getattr,
    .opendir = op_opendir,
    .readdir = op_readdir,
    .readdirplus = op_readdirplus,
    .releasedir = op_releasedir,
    .open = op_open,
    .read = op_read,
    .release = op_release,
    .flush = op_flush,
    .getxattr = op_getxattr,
    .listxattr = op_listxattr,
    .statfs = op_statfs,
    .access = op_access,
    .setattr = op_setattr,
    .mknod = op_mknod,
    .mkdir = op_mkdir,
    .unlink = op_remove,
    .rmdir = op_remove,
    .symlink = op_symlink,
    .rename = op_rename,
    .link = op_link,
    .create = op_create,
    .write = op_write,
    .fallocate = op_fallocate,
    .setxattr = op_setxattr,
    .removexattr = op_removexattr,
};
