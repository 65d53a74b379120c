#include "fs/live.h"

#include "fs/failure.h"
#include "fs/fs.h"

#include <errno.h>

static void live_free(struct live *live)
{
    struct fs *fs = live->fs;
    fs->source->ops->reader_close(fs->source, live->reader);
    node_unref(fs, live->node);
    free(live);
}

static void let_go(struct live *live)
{
    live->fs->source->ops->release(live->fs->source, &live->more.request);
    live->answered = false;
}

static void more_done(struct source_request *request)
{
    struct live *live = CONTAINER_OF(request, struct live, more.request);
    fs_request_end(live->fs, request);
    live->asking = false;
    live->answered = true;
    live->taken = 0;
    int status = request->status;
    if (status < 0 || live->closed)
        let_go(live);
    if (live->closed) {
        live_free(live);
        return;
    }
    if (status < 0)
        failure_note(live->fs, live->node, "read", status, request);
    for (struct waiter *w = live->waiters.next; w != &live->waiters; w = w->next)
        CONTAINER_OF(w, struct live_wait, waiter)->status = status;
    waiters_wake(&live->waiters);
}

static void ask(struct live *live)
{
    struct fs *fs = live->fs;
    if (live->asking)
        return;
    live->asking = true;
    live->more = (struct source_more){.request.done = more_done, .reader = live->reader};
    fs_request_begin(fs, &live->more.request);
    fs->source->ops->more(fs->source, &live->more);
}

int live_open(struct fs *fs, struct node *node, struct live **ret)
{
    CLEANUP_DONE(buf) struct buf path;
    CLEANUP(heap) struct live *live = calloc(1, sizeof *live);
    buf_init(&path, PATH_BYTES_MAX);
    node_add_path(node, &path);
    if (!live || buf_failed(&path))
        return -ENOMEM;
    *live = (struct live){.fs = fs, .node = node};
    waiters_init(&live->waiters);
    int r = fs->source->ops->reader_open(fs->source, buf_str(&path), node_etag(node),
                                         &live->reader);
    if (r < 0)
        return r;
    node_ref(node);
    /* Now, not at the first read: nothing that comes in between may be missed. */
    ask(live);
    *ret = STEAL(live);
    return 0;
}

void live_close(struct live *live)
{
    if (!live)
        return;
    if (live->asking) {
        live->closed = true;
        live->fs->source->ops->cancel(live->fs->source, &live->more.request);
        return;
    }
    if (live->answered)
        let_go(live);
    live_free(live);
}

ssize_t live_read(struct live_wait *wait, size_t max, const char **ret_data)
{
    struct live *live = wait->live;
    if (live->answered && live->taken == live->more.data.len) {
        if (live->more.finished)
            return 0;
        let_go(live);
    }
    if (!live->answered) {
        ask(live);
        wait_on(&live->waiters, &wait->waiter);
        return -EINPROGRESS;
    }
    size_t left = live->more.data.len - live->taken, n = left < max ? left : max;
    *ret_data = live->more.data.ptr + live->taken;
    live->taken += n;
    return (ssize_t)n;
}
