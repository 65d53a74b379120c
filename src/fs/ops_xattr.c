/* fs/ops_xattr.c: reading extended attributes. */
#include "fs/failure.h"
#include "fs/ops_internal.h"
#include "fs/xattr.h"

#include <errno.h>

#define XATTR_BYTES_MAX                                                                        \
    (64 * 1024) /* the kernel's limit for a value, and for a list of names */

/* One question; name_len 0: for the list of names. */
struct xattr_op {
    struct op op;
    struct waiter waiter;
    size_t size;
    size_t name_len;
    char name[];
};

/* True if it was answered; false: it waits. */
static bool ask(struct xattr_op *x)
{
    struct fs *fs = x->op.fs;
    fuse_req_t req = x->op.req;
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, XATTR_BYTES_MAX);
    struct node *node = x->op.node;
    int r = x->name_len ? xattr_get(fs, node, str_of(x->name, x->name_len), &x->waiter, &b)
                        : xattr_list(fs, node, &x->waiter, &b);
    if (r == -EINPROGRESS)
        return false;
    op_end(&x->op);
    if (r == -EOVERFLOW)
        r = -E2BIG;
    if (r < 0)
        reply_failure(fs, req, node, FAILURE_OF_ASKING, r);
    else if (x->size == 0)
        fuse_reply_xattr(req, b.len);
    else if (b.len > x->size)
        reply_status(fs, req, -ERANGE);
    else
        fuse_reply_buf(req, buf_c(&b), b.len);
    return true;
}

static void xattr_ready(struct waiter *waiter)
{
    struct xattr_op *x = CONTAINER_OF(waiter, struct xattr_op, waiter);
    if (ask(x))
        free(x);
}

static void xattr_waits_for(struct op *op, struct buf *b)
{
    const struct xattr_op *x = CONTAINER_OF(op, struct xattr_op, op);
    buf_add_c(b, "what the service says of it");
    if (x->name_len) {
        buf_add_c(b, ", to answer ");
        buf_add_escaped(b, str_of(x->name, x->name_len));
    }
}

static void xattr_abandon(struct op *op, int sys)
{
    (void)sys;
    wait_stop(&CONTAINER_OF(op, struct xattr_op, op)->waiter);
}

static void start(fuse_req_t req, fuse_ino_t ino, struct pail_str name, size_t size)
{
    struct fs *fs = fs_of(req);
    struct node *node = node_of_ino(fs, ino);
    struct xattr_op *x = calloc(1, sizeof *x + name.len);
    fs->stats.xattrs++;
    if (!x) {
        reply_failure(fs, req, node, FAILURE_OF_ASKING, -ENOMEM);
        return;
    }
    x->op = (struct op){.fs = fs,
                        .req = req,
                        .node = node,
                        .waits_for = xattr_waits_for,
                        .abandon = xattr_abandon};
    x->waiter.ready = xattr_ready;
    x->size = size;
    x->name_len = name.len;
    if (name.len)
        memcpy(x->name, name.ptr, name.len);
    bool answered = ask(x);
    fs->stats.xattrs_answered += answered;
    if (answered)
        free(x);
    else
        op_wait(&x->op, FAILURE_OF_ASKING, fs->options.metadata_timeout_ms);
}

void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
    struct pail_str s = str_c(name);
    /* Answered from the first question on, or `ls -l` asks twice for every file. */
    if (!str_starts(s, PAIL_STR("user.")))
        reply_status(fs_of(req), req, -EOPNOTSUPP);
    else
        start(req, ino, s, size);
}

void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
    start(req, ino, (struct pail_str){0}, size);
}
