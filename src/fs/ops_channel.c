/* fs/ops_channel.c: open files whose bytes are no fixed ones: that grow, are live, or answer
 * what is written. The kernel caches nothing of them, and a read may be short. */
#include "fs/exchange.h"
#include "fs/growing.h"
#include "fs/live.h"
#include "fs/ops_internal.h"
#include "fs/tree.h"

#include <errno.h>
#include <fcntl.h>

/* One open(2). */
struct channel {
    LIST_ENTRY(channel) link; /* of fs->channels */
    enum file_kind kind;
    bool write_only;
    pid_t opener;
    union {
        struct growing *growing;
        struct live *live;
        struct exchange *exchange;
    };
};

/* Bytes on their way from a spool to a reader. Its own block: when the reader loses patience,
 * the disk does not. */
struct fetch {
    struct spool_job job;
    struct channel_op *reader; /* NULL: it gave up */
    struct growing *growing;   /* a handle of its own */
    char data[];
};

struct channel_op {
    struct op op;
    struct channel *channel;
    size_t size;
    bool sends;          /* a flush: waits for the answer, takes nothing of it */
    struct fetch *fetch; /* under way */
    union {
        struct growing_wait growing;
        struct live_wait live;
        struct exchange_wait exchange;
    };
};

#define FOREVER_MS INT64_C(1000000000000) /* a live file's reader waits until interrupted */

/* ---- opening and closing ---- */

static int channel_start(struct fs *fs, struct node *node, struct channel *channel)
{
    switch (channel->kind) {
    case FILE_GROWS:
        return growing_open(fs, node, &channel->growing);
    case FILE_LIVE:
        return live_open(fs, node, &channel->live);
    case FILE_EXCHANGE:
        channel->exchange = exchange_open(fs, node);
        return channel->exchange ? 0 : -ENOMEM;
    case FILE_FIXED:
        break;
    }
    return -EIO;
}

static void channel_free(struct channel *channel, bool send)
{
    if (channel->kind == FILE_GROWS)
        growing_close(channel->growing);
    else if (channel->kind == FILE_LIVE)
        live_close(channel->live);
    else
        exchange_close(channel->exchange, send);
    LIST_REMOVE(channel, link);
    free(channel);
}

void channel_open(struct fs *fs, fuse_req_t req, struct node *node, struct fuse_file_info *fi)
{
    bool writes = (fi->flags & O_ACCMODE) != O_RDONLY || (fi->flags & O_TRUNC);
    if (writes && node->kind != FILE_EXCHANGE) {
        reply_status(fs, req, -EROFS);
        return;
    }
    if (node->superseded) {
        reply_status(fs, req, -ESTALE);
        return;
    }
    struct channel *channel = calloc(1, sizeof *channel);
    int r = -ENOMEM;
    if (channel) {
        channel->kind = node->kind;
        channel->write_only = (fi->flags & O_ACCMODE) == O_WRONLY;
        channel->opener = fuse_req_ctx(req)->pid;
        r = channel_start(fs, node, channel);
    }
    if (r < 0) {
        free(channel);
        reply_status(fs, req, r);
        return;
    }
    LIST_INSERT_HEAD(&fs->channels, channel, link);
    fi->fh = (uint64_t)(uintptr_t)channel;
    fi->direct_io = 1;
    /* Seeking in a live file means nothing, but head(1) wants to of what looks like a file. */
    fi->nonseekable = node->kind == FILE_EXCHANGE;
    fi->noflush = node->kind != FILE_EXCHANGE;
    if (fuse_reply_open(req, fi) < 0)
        channel_free(channel, false);
}

void channel_release(struct fuse_file_info *fi)
{
    channel_free((struct channel *)fi->fh, true);
}

void channels_done(struct fs *fs)
{
    while (!LIST_EMPTY(&fs->channels))
        channel_free(LIST_FIRST(&fs->channels), false);
}

/* ---- answering a read ---- */

static void answer(struct channel_op *c, const char *data, ssize_t n)
{
    struct fs *fs = c->op.fs;
    if (n < 0) {
        reply_status(fs, c->op.req, (int)n);
        return;
    }
    fs->stats.read_bytes += (uint64_t)n;
    fuse_reply_buf(c->op.req, data, (size_t)n);
}

static void finish(struct channel_op *c, const char *data, ssize_t n)
{
    op_end(&c->op);
    if (c->sends)
        reply_status(c->op.fs, c->op.req, n < 0 ? (int)n : 0);
    else
        answer(c, data, n);
    free(c);
}

static void fetched(struct spool_job *job)
{
    struct fetch *fetch = CONTAINER_OF(job, struct fetch, job);
    fetch->growing->fs->growings.fetching--;
    if (fetch->reader)
        finish(fetch->reader, fetch->data, job->status < 0 ? job->status : (ssize_t)job->size);
    growing_close(fetch->growing);
    free(fetch);
}

/* -EINPROGRESS: it is on its way; or -ENOMEM. */
static int fetch_start(struct channel_op *c, size_t n)
{
    struct growing *growing = c->channel->growing;
    struct fetch *fetch = malloc(sizeof *fetch + n);
    if (!fetch)
        return -ENOMEM;
    *fetch = (struct fetch){
        .job = {.done = fetched, .data = fetch->data, .size = n, .offset = c->growing.offset},
        .reader = c,
        .growing = growing,
    };
    growing->handles++;
    growing->fs->growings.fetching++;
    c->fetch = fetch;
    spool_start(growing->spool, &fetch->job);
    return -EINPROGRESS;
}

/* What the read can be answered with now, or -EINPROGRESS. */
static ssize_t attempt(struct channel_op *c, const char **ret_data)
{
    ssize_t n;
    switch (c->channel->kind) {
    case FILE_GROWS:
        n = growing_read(&c->growing, c->size);
        return n > 0 ? fetch_start(c, (size_t)n) : n;
    case FILE_LIVE:
        return live_read(&c->live, c->size, ret_data);
    case FILE_EXCHANGE:
        return c->sends ? exchange_send(&c->exchange)
                        : exchange_read(&c->exchange, c->size, ret_data);
    case FILE_FIXED:
        break;
    }
    return -EIO;
}

static void again(struct channel_op *c, int status)
{
    const char *data = NULL;
    ssize_t n = status < 0 ? status : attempt(c, &data);
    if (n != -EINPROGRESS)
        finish(c, data, n);
}

static void growing_ready(struct waiter *waiter)
{
    struct growing_wait *wait = CONTAINER_OF(waiter, struct growing_wait, waiter);
    again(CONTAINER_OF(wait, struct channel_op, growing), wait->status);
}

static void live_ready(struct waiter *waiter)
{
    struct live_wait *wait = CONTAINER_OF(waiter, struct live_wait, waiter);
    again(CONTAINER_OF(wait, struct channel_op, live), wait->status);
}

static void exchange_ready(struct waiter *waiter)
{
    struct exchange_wait *wait = CONTAINER_OF(waiter, struct exchange_wait, waiter);
    again(CONTAINER_OF(wait, struct channel_op, exchange), wait->status);
}

static void waits_for(struct op *op, struct buf *b)
{
    static const char *const words[] = {[FILE_GROWS] = "more of a growing file",
                                        [FILE_LIVE] = "what comes next",
                                        [FILE_EXCHANGE] = "the answer to what was written"};
    buf_add_c(b, words[CONTAINER_OF(op, struct channel_op, op)->channel->kind]);
}

static void abandon(struct op *op, int sys)
{
    (void)sys;
    struct channel_op *c = CONTAINER_OF(op, struct channel_op, op);
    if (c->fetch)
        c->fetch->reader = NULL;
    if (c->channel->kind == FILE_GROWS)
        wait_stop(&c->growing.waiter);
    else if (c->channel->kind == FILE_LIVE)
        wait_stop(&c->live.waiter);
    else
        wait_stop(&c->exchange.waiter);
}

static void start(struct fs *fs, fuse_req_t req, struct node *node, struct channel *channel,
                  size_t size, uint64_t offset, bool sends)
{
    const char *what = sends ? "flush" : "read";
    struct channel_op *c = calloc(1, sizeof *c);
    if (!c) {
        reply_failure(fs, req, node, what, -ENOMEM);
        return;
    }
    c->op = (struct op){
        .fs = fs, .req = req, .node = node, .waits_for = waits_for, .abandon = abandon};
    c->channel = channel;
    c->size = size;
    c->sends = sends;
    if (channel->kind == FILE_GROWS)
        c->growing = (struct growing_wait){
            .waiter.ready = growing_ready, .growing = channel->growing, .offset = offset};
    else if (channel->kind == FILE_LIVE)
        c->live = (struct live_wait){.waiter.ready = live_ready, .live = channel->live};
    else
        c->exchange = (struct exchange_wait){.waiter.ready = exchange_ready,
                                             .exchange = channel->exchange};
    const char *data = NULL;
    ssize_t n = attempt(c, &data);
    if (n != -EINPROGRESS)
        finish(c, data, n);
    else
        op_wait(&c->op, what,
                channel->kind == FILE_LIVE ? FOREVER_MS : fs->options.operation_timeout_ms);
}

void channel_read(struct fs *fs, fuse_req_t req, struct node *node, size_t size,
                  uint64_t offset, struct fuse_file_info *fi)
{
    start(fs, req, node, (struct channel *)fi->fh, size, offset, false);
}

void op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fs *fs = fs_of(req);
    struct node *node = node_of_ino(fs, ino);
    struct channel *channel = (struct channel *)fi->fh;
    /* A descriptor that can be read is asked for the answer later. Each close of a duplicate is
     * a flush, also a child's that ends: what they leave is sent at the release. */
    if (node->kind == FILE_EXCHANGE && channel->write_only &&
        channel->opener == fuse_req_ctx(req)->pid)
        start(fs, req, node, channel, 0, 0, true);
    else
        reply_status(fs, req, 0);
}

void op_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t offset,
              struct fuse_file_info *fi)
{
    (void)offset;
    struct fs *fs = fs_of(req);
    int r = -EROFS;
    if (node_of_ino(fs, ino)->kind == FILE_EXCHANGE)
        r = exchange_write(((struct channel *)fi->fh)->exchange, data, size);
    if (r < 0)
        reply_status(fs, req, r);
    else
        fuse_reply_write(req, size);
}
