/* fs/ops_file.c: opening and reading files. */
#include "fs/file.h"
#include "fs/ops_internal.h"
#include "fs/tree.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>

#define LINGER_MS                                                                              \
    2000 /* how long an interrupted open's fetch goes on, so that a second try makes progress  \
          */

/* ---- open ---- */

struct open_op {
    struct op op;
    struct open_wait opened; /* the first GET's head */
    struct name_wait named;  /* content is at hand: only the name must be confirmed */
    struct handle *handle;
    struct fuse_file_info fi;
};

/* Gives the kernel a small file that was fetched ahead, which saves the READs; of a long one
 * they cost less than to store it all before it is read. Of a file that is open once only: with
 * others, READs may be on their way for pages whose locks the kernel would wait for here. What
 * it does not take it asks for. */
static void store(struct fs *fs, struct node *node, const struct fuse_file_info *fi)
{
    struct file *file = node->file;
    if (!file || node->size > FILE_WHOLE_MAX || fi->flags & O_DIRECT ||
        !file_whole_for_one(file))
        return;
    uint64_t at = 0;
    int r = 0;
    while (r == 0 && at < node->size) {
        struct iovec slice[FILE_SLICES];
        if (file_slices(file, at, (size_t)(node->size - at), slice) == 0)
            return;
        struct fuse_bufvec content = {
            .count = 1, .buf[0] = {.mem = slice[0].iov_base, .size = slice[0].iov_len}};
        r = fuse_lowlevel_notify_store(fs->fuse, ino_of_node(fs, node), (off_t)at, &content, 0);
        if (r == 0)
            file_delivered(file, at, slice[0].iov_len);
        at += slice[0].iov_len;
        fs->stats.stored_bytes += r == 0 ? slice[0].iov_len : 0;
    }
}

static void open_answer(struct fs *fs, fuse_req_t req, struct node *node, struct handle *handle,
                        struct fuse_file_info *fi, int status)
{
    if (status < 0) {
        handle_free(handle, 0);
        /* The kernel answers ESTALE by looking the name up again: that must not find what was
         * just refuted. */
        if (status == -ESTALE || status == -ENOENT)
            tree_distrust(fs, node);
        reply_failure(fs, req, node, "open", status);
        return;
    }
    if (handle->hit)
        store(fs, node, fi);
    fi->fh = (uint64_t)(uintptr_t)handle;
    fi->keep_cache = 1;
    fi->noflush = 1;
    if (fuse_reply_open(req, fi) < 0)
        handle_free(handle, 0);
}

static void open_finish(struct open_op *o, int status)
{
    op_end(&o->op);
    open_answer(o->op.fs, o->op.req, o->op.node, o->handle, &o->fi, status);
    free(o);
}

static void opened_ready(struct waiter *waiter)
{
    struct open_wait *wait = CONTAINER_OF(waiter, struct open_wait, waiter);
    open_finish(CONTAINER_OF(wait, struct open_op, opened), wait->status);
}

static int confirmed(const struct node *node, int status, const struct node *means)
{
    if (status == -ENOENT || (status == 0 && means != node))
        return -ESTALE;
    return status;
}

static void named_ready(struct waiter *waiter)
{
    struct name_wait *wait = CONTAINER_OF(waiter, struct name_wait, waiter);
    struct open_op *o = CONTAINER_OF(wait, struct open_op, named);
    open_finish(o, confirmed(o->op.node, wait->status, wait->node));
}

static void open_waits_for(struct op *op, struct buf *b)
{
    const struct open_op *o = CONTAINER_OF(op, struct open_op, op);
    if (waiting(&o->named.waiter))
        buf_add_c(b, "its name to be confirmed");
    else
        file_add_wait(o->handle->file, 0, 1, b);
}

static void open_abandon(struct op *op, int sys)
{
    struct open_op *o = CONTAINER_OF(op, struct open_op, op);
    wait_stop(&o->opened.waiter);
    wait_stop(&o->named.waiter);
    handle_free(o->handle, sys == EINTR ? LINGER_MS : 0);
}

/* Starts what the open has to wait for. 0 or -errno: nothing; -EINPROGRESS. */
static int open_start(struct open_op *o)
{
    struct fs *fs = o->op.fs;
    struct node *node = o->op.node, *means = NULL;
    if (node->superseded)
        return -ESTALE;
    if (!file_at_hand(o->handle->file))
        return file_open(o->handle->file, &o->opened);
    int r = tree_lookup(fs, node->parent, node_name(node), &o->named, &means);
    return confirmed(node, r, means);
}

void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fs *fs = fs_of(req);
    struct node *node = node_of_ino(fs, ino);
    fs->stats.opens++;
    if (node->kind != FILE_FIXED) {
        channel_open(fs, req, node, fi);
        return;
    }
    if ((fi->flags & O_ACCMODE) != O_RDONLY || (fi->flags & O_TRUNC)) {
        reply_status(fs, req, -EROFS);
        return;
    }
    struct open_op *o = calloc(1, sizeof *o);
    struct handle *handle = o ? handle_new(fs, node) : NULL;
    if (!handle) {
        free(o);
        reply_failure(fs, req, node, "open", -ENOMEM);
        return;
    }
    o->op = (struct op){.fs = fs,
                        .req = req,
                        .node = node,
                        .waits_for = open_waits_for,
                        .abandon = open_abandon};
    o->opened.waiter.ready = opened_ready;
    o->named.waiter.ready = named_ready;
    o->handle = handle;
    o->fi = *fi;
    bool hit = handle->hit;
    int r = open_start(o);
    handle->window.before = neighbours_opened(fs, node, hit, fuse_req_ctx(req)->pid);
    if (r == -EINPROGRESS) {
        op_wait(&o->op, "open", fs->options.operation_timeout_ms);
        return;
    }
    free(o);
    fs->stats.opens_answered++;
    open_answer(fs, req, node, handle, fi, r);
}

void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct node *node = node_of_ino(fs_of(req), ino);
    if (node->kind != FILE_FIXED) {
        channel_release(fi);
    } else {
        struct handle *handle = (struct handle *)fi->fh;
        neighbours_closed(node, &handle->window);
        handle_free(handle, 0);
    }
    fuse_reply_err(req, 0);
}

/* ---- read ---- */

struct read_op {
    struct op op;
    struct read_wait wait;
};

/* A copy of content that lies in more pieces than one reply takes. NULL on ENOMEM. */
static char *gather(const struct file *file, uint64_t offset, size_t len)
{
    char *copy = malloc(len);
    for (size_t at = 0; copy && at < len;) {
        struct iovec slices[FILE_SLICES];
        int count = file_slices(file, offset + at, len - at, slices);
        assert(count > 0);
        if (count == 0) {
            free(copy);
            return NULL;
        }
        for (int i = 0; i < count; i++) {
            memcpy(copy + at, slices[i].iov_base, slices[i].iov_len);
            at += slices[i].iov_len;
        }
    }
    return copy;
}

/* The one place that answers a READ with data: exactly `len` bytes. A shorter answer would end
 * the file for everybody who has it open. */
static void reply_exactly(struct fs *fs, fuse_req_t req, struct node *node, uint64_t offset,
                          size_t len)
{
    struct file *file = node->file;
    struct iovec slices[FILE_SLICES];
    int count = file_slices(file, offset, len, slices);
    size_t total = 0;
    for (int i = 0; i < count; i++)
        total += slices[i].iov_len;
    char *copy = total < len ? gather(file, offset, len) : NULL;
    if (total < len && !copy) {
        reply_failure(fs, req, node, "read", -ENOMEM);
        return;
    }
    fs->stats.read_bytes += len;
    fs->stats.gathered_bytes += copy ? len : 0;
    int r = copy ? fuse_reply_buf(req, copy, len) : fuse_reply_iov(req, slices, count);
    free(copy);
    if (r == 0)
        file_delivered(file, offset, len);
}

static void read_ready(struct waiter *waiter)
{
    struct read_wait *wait = CONTAINER_OF(waiter, struct read_wait, waiter);
    struct read_op *r = CONTAINER_OF(wait, struct read_op, wait);
    op_end(&r->op);
    if (wait->status < 0)
        reply_failure(r->op.fs, r->op.req, r->op.node, "read", wait->status);
    else
        reply_exactly(r->op.fs, r->op.req, r->op.node, wait->offset, wait->len);
    op_free(&r->op);
}

static void read_waits_for(struct op *op, struct buf *b)
{
    const struct read_wait *wait = &CONTAINER_OF(op, struct read_op, op)->wait;
    file_add_wait(wait->handle->file, wait->offset, wait->len, b);
}

static void read_abandon(struct op *op, int sys)
{
    file_read_abandon(&CONTAINER_OF(op, struct read_op, op)->wait, sys);
}

void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
             struct fuse_file_info *fi)
{
    struct fs *fs = fs_of(req);
    struct handle *handle = (struct handle *)fi->fh;
    struct node *node = node_of_ino(fs, ino);
    uint64_t at = (uint64_t)offset, end = node->size;
    fs->stats.reads++;
    if (node->kind != FILE_FIXED) {
        channel_read(fs, req, node, size, at, fi);
        return;
    }
    size_t len = at >= end ? 0 : end - at < size ? (size_t)(end - at) : size;
    if (len == 0) {
        fuse_reply_buf(req, NULL, 0);
        return;
    }
    struct read_op *r = op_new(&fs->read_ops, sizeof *r);
    if (!r) {
        reply_failure(fs, req, node, "read", -ENOMEM);
        return;
    }
    r->op = (struct op){.fs = fs,
                        .req = req,
                        .node = node,
                        .waits_for = read_waits_for,
                        .abandon = read_abandon,
                        .pool = &fs->read_ops};
    r->wait = (struct read_wait){
        .waiter.ready = read_ready, .handle = handle, .offset = at, .len = len};
    int status = file_read(&r->wait);
    if (status == -EINPROGRESS) {
        op_wait(&r->op, "read", fs->options.operation_timeout_ms);
    } else {
        op_free(&r->op);
        fs->stats.reads_answered++;
        if (status < 0)
            reply_failure(fs, req, node, "read", status);
        else
            reply_exactly(fs, req, node, at, len);
    }
    /* Only now: memory for a guess must not be taken from what the answer is of. */
    if (handle->beyond > 0)
        neighbours_read(fs, node, &handle->window, handle->beyond);
}
