/* fs/ops_size.c: fstat(2) of an open file that grows: what tail -f asks, and who copies by the
 * size. It waits until it is known whether the file has grown. */
#include "fs/failure.h"
#include "fs/growing.h"
#include "fs/ops_internal.h"

#include <errno.h>

struct size_op {
    struct op op;
    struct growing_wait wait;
    struct timer late; /* set while the end was never reached: it is not waited for longer */
};

static void size_answer(struct size_op *s)
{
    struct fs *fs = s->op.fs;
    op_end(&s->op);
    timer_cancel(&fs->timers, &s->late);
    reply_attributes(fs, s->op.req, s->op.node);
    growing_close(s->wait.growing);
    free(s);
}

static void size_ready(struct waiter *waiter)
{
    struct growing_wait *wait = CONTAINER_OF(waiter, struct growing_wait, waiter);
    /* A failure is told to who reads; the size is what is known. */
    if (wait->status == 0 && !wait->growing->ended && growing_poll(wait) == -EINPROGRESS)
        return;
    size_answer(CONTAINER_OF(wait, struct size_op, wait));
}

static void size_late(struct timer *timer)
{
    struct size_op *s = CONTAINER_OF(timer, struct size_op, late);
    wait_stop(&s->wait.waiter);
    failure_size_unknown(s->op.fs, s->op.node, s->wait.growing->size);
    size_answer(s);
}

static void size_waits_for(struct op *op, struct buf *b)
{
    const struct growing *growing = CONTAINER_OF(op, struct size_op, op)->wait.growing;
    buf_add_c(b, growing->ended ? "whether the file has grown" : "the end of a growing file");
}

static void size_abandon(struct op *op, int sys)
{
    (void)sys;
    struct size_op *s = CONTAINER_OF(op, struct size_op, op);
    wait_stop(&s->wait.waiter);
    timer_cancel(&op->fs->timers, &s->late);
    growing_close(s->wait.growing);
}

/* True: the answer follows. */
static bool size_start(struct size_op *s)
{
    struct fs *fs = s->op.fs;
    struct growing *growing = s->wait.growing;
    /* Before the operation's own deadline, which would be a failure. */
    int64_t deadline_ns =
        growing->ended ? TIME_NEVER
                       : growing_size_deadline(growing, fs->options.metadata_timeout_ms / 2);
    if (clock_now_ns(fs->clock) >= deadline_ns || growing_poll(&s->wait) != -EINPROGRESS)
        return false;
    growing->handles++; /* it may be closed meanwhile */
    timer_set(&fs->timers, &s->late, deadline_ns);
    op_wait(&s->op, "getattr", fs->options.metadata_timeout_ms);
    return true;
}

bool size_getattr(struct fs *fs, fuse_req_t req, struct node *node)
{
    /* The kernel does not say which open file fstat(2) was called on. */
    struct growing *growing =
        node->kind == FILE_GROWS && node->extra ? node->extra->growing : NULL;
    if (!growing || growing->handles == 0)
        return false;
    struct size_op *s = calloc(1, sizeof *s);
    if (!s)
        return false;
    *s = (struct size_op){
        .op = {.fs = fs,
               .req = req,
               .node = node,
               .waits_for = size_waits_for,
               .abandon = size_abandon},
        .wait = {.waiter.ready = size_ready, .growing = growing, .offset = UINT64_MAX},
        .late.fire = size_late,
    };
    if (size_start(s))
        return true;
    free(s);
    return false;
}
