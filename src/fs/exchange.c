#include "fs/exchange.h"

#include "fs/failure.h"
#include "fs/fs.h"

#include <errno.h>

static void let_go(struct exchange *x)
{
    if (x->done)
        x->fs->source->ops->release(x->fs->source, &x->request.request);
    x->done = x->answered = false;
}

static void exchange_free(struct exchange *x)
{
    struct fs *fs = x->fs;
    let_go(x);
    buf_done(&x->path);
    buf_done(&x->payload);
    node_unref(fs, x->node);
    free(x);
}

static void answered(struct source_request *request)
{
    struct exchange *x = CONTAINER_OF(request, struct exchange, request.request);
    fs_request_end(x->fs, request);
    x->asking = false;
    x->done = true;
    x->answered = request->status == 0;
    x->taken = 0;
    if (request->status < 0)
        failure_note(x->fs, x->node, "invoke", request->status, request);
    if (x->closed) {
        exchange_free(x);
        return;
    }
    x->failed = waiters_empty(&x->waiters) ? request->status : 0;
    for (struct waiter *w = x->waiters.next; w != &x->waiters; w = w->next)
        CONTAINER_OF(w, struct exchange_wait, waiter)->status = request->status;
    waiters_wake(&x->waiters);
}

static void start(struct exchange *x)
{
    struct fs *fs = x->fs;
    x->pending = false;
    x->asking = true;
    x->request = (struct source_exchange){
        .request.done = answered,
        .path = buf_str(&x->path),
        .payload = buf_str(&x->payload),
    };
    fs_request_begin(fs, &x->request.request);
    fs->source->ops->exchange(fs->source, &x->request);
}

struct exchange *exchange_open(struct fs *fs, struct node *node)
{
    struct exchange *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    *x = (struct exchange){.fs = fs, .node = node_ref(node)};
    waiters_init(&x->waiters);
    buf_init(&x->path, PATH_BYTES_MAX);
    buf_init(&x->payload, EXCHANGE_MAX);
    node_add_path(node, &x->path);
    if (buf_failed(&x->path)) {
        exchange_free(x);
        return NULL;
    }
    return x;
}

void exchange_close(struct exchange *x, bool send)
{
    if (!x)
        return;
    if (x->pending && send)
        start(x);
    x->closed = x->asking;
    if (!x->asking)
        exchange_free(x);
}

int exchange_write(struct exchange *x, const char *data, size_t size)
{
    if (x->asking)
        return -EBUSY;
    if (x->spoiled)
        return x->failed;
    if (!x->pending) {
        let_go(x);
        x->failed = 0;
        buf_done(&x->payload);
        buf_init(&x->payload, EXCHANGE_MAX);
    }
    int r = size > EXCHANGE_MAX - x->payload.len ? -EFBIG : 0;
    if (r == 0) {
        buf_add(&x->payload, data, size);
        r = buf_failed(&x->payload);
    }
    /* A part of a payload is none. */
    x->pending = r == 0;
    x->spoiled = r < 0;
    x->failed = r;
    return r;
}

int exchange_send(struct exchange_wait *wait)
{
    struct exchange *x = wait->exchange;
    if (x->pending)
        start(x);
    if (x->asking) {
        wait_on(&x->waiters, &wait->waiter);
        return -EINPROGRESS;
    }
    int failed = x->failed;
    x->failed = 0;
    x->spoiled = false;
    return failed;
}

ssize_t exchange_read(struct exchange_wait *wait, size_t max, const char **ret_data)
{
    struct exchange *x = wait->exchange;
    int r = exchange_send(wait);
    if (r < 0)
        return r;
    size_t len = x->answered ? x->request.response.len : 0;
    size_t left = len - x->taken, n = left < max ? left : max;
    if (n == 0)
        return 0;
    *ret_data = x->request.response.ptr + x->taken;
    x->taken += n;
    return (ssize_t)n;
}
