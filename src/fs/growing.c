#include "fs/growing.h"

#include "fs/failure.h"
#include "fs/fs.h"

#include <errno.h>

static int ask(struct growing *g);

/* ---- closed files: kept while there is room ---- */

static void free_growing(struct growing *g)
{
    struct fs *fs = g->fs;
    if (g->reader)
        fs->source->ops->reader_close(fs->source, g->reader);
    spool_free(g->spool);
    buf_done(&g->path);
    free(g);
}

static void take_from_closed(struct growing *g)
{
    TAILQ_REMOVE(&g->fs->growings.closed, g, link);
    g->fs->growings.closed_bytes -= g->size;
    g->fs->growings.closed_count--;
}

static void leave_queue(struct growing *g)
{
    if (g->queued)
        TAILQ_REMOVE(&g->fs->growings.queue, g, turn);
    g->queued = false;
}

void growing_forget(struct growing *g)
{
    if (!g)
        return;
    take_from_closed(g);
    free_growing(g);
}

/* The one that was closed longest ago goes: false if there is none. */
static bool evict_oldest(struct fs *fs)
{
    struct growing *oldest = TAILQ_FIRST(&fs->growings.closed);
    if (!oldest)
        return false;
    oldest->node->extra->growing = NULL;
    oldest->node->size = 0;
    growing_forget(oldest);
    return true;
}

/* Lets go of the node once nobody has it open and nothing is under way. */
static void settle(struct growing *g)
{
    struct fs *fs = g->fs;
    struct growings *all = &fs->growings;
    if (g->handles > 0 || g->asking)
        return;
    leave_queue(g);
    TAILQ_INSERT_TAIL(&all->closed, g, link);
    all->closed_bytes += g->size;
    all->closed_count++;
    struct node *node = g->node;
    while (all->closed_bytes > GROWING_KEEP || all->closed_count > GROWING_KEEP_FILES)
        evict_oldest(fs);
    node_unref(fs, node);
}

/* ---- asking for more ---- */

/* Wakes all who wait; those whose answer is not known yet wait again. */
static void wake(struct growing *g, int status)
{
    for (struct waiter *w = g->waiters.next; w != &g->waiters; w = w->next)
        CONTAINER_OF(w, struct growing_wait, waiter)->status = status;
    g->handles++; /* whoever is woken may close it */
    waiters_wake(&g->waiters);
    g->handles--;
}

static bool end_is_new(const struct growing *g)
{
    int64_t age_ns = clock_now_ns(g->fs->clock) - g->end_ns;
    return g->finished || (g->ended && age_ns < GROWING_POLL_MS * NS_PER_MS);
}

static void ask_next(struct growings *all)
{
    struct growing *next = TAILQ_FIRST(&all->queue);
    if (!next)
        return;
    TAILQ_REMOVE(&all->queue, next, turn);
    next->queued = false;
    int r = ask(next);
    if (r < 0)
        wake(next, r);
}

/* The answer to a request for more has been taken in, or failed. */
static void asked(struct growing *g, int status)
{
    struct fs *fs = g->fs;
    fs->source->ops->release(fs->source, &g->more.request);
    g->asking = false;
    fs->growings.asking--;
    ask_next(&fs->growings); /* before this one asks again */
    g->handles++;
    wake(g, status);
    if (status == 0 && g->size < g->wanted && !end_is_new(g) && g->handles > 1)
        ask(g);
    g->handles--;
    settle(g);
}

static void taken_in(struct growing *g)
{
    struct source_more *more = &g->more;
    g->size += more->data.len;
    if (more->mtime_s > g->node->mtime_s)
        g->node->mtime_s = more->mtime_s;
    if (more->end || more->finished) {
        g->ended = true;
        g->end_ns = clock_now_ns(g->fs->clock);
    }
    g->finished = more->finished;
    if (g->ended)
        g->node->size = g->size;
    asked(g, 0);
}

/* What the reader gave is lost: it begins anew. */
static void start_over(struct growing *g, int status)
{
    struct fs *fs = g->fs;
    fs->source->ops->reader_close(fs->source, STEAL(g->reader));
    spool_free(STEAL(g->spool));
    g->size = g->node->size = 0;
    g->ended = false;
    asked(g, status);
}

/* Of what closed files give back: blocks of the disk, or a descriptor. */
static bool lacks_room(int status)
{
    return status == -ENOSPC || status == -EDQUOT || status == -EMFILE || status == -ENFILE;
}

static void written(struct spool_job *job)
{
    struct growing *g = CONTAINER_OF(job, struct growing, write);
    /* The spooler does things in order: what is evicted is closed before it writes again. */
    if (lacks_room(job->status) && evict_oldest(g->fs)) {
        spool_start(g->spool, job);
        return;
    }
    g->writing = false;
    if (job->status == 0) {
        taken_in(g);
        return;
    }
    failure_note(g->fs, g->node, "keep", job->status, NULL);
    start_over(g, job->status);
}

static void more_done(struct source_request *request)
{
    struct growing *g = CONTAINER_OF(request, struct growing, more.request);
    fs_request_end(g->fs, request);
    if (request->status == -ECANCELED && g->cancelled && g->handles > 0) {
        asked(g, 0); /* opened again meanwhile: who waits asks anew */
        return;
    }
    if (request->status < 0) {
        failure_note(g->fs, g->node, "read", request->status, request);
        asked(g, request->status);
        return;
    }
    if (g->more.data.len == 0) {
        taken_in(g);
        return;
    }
    g->write = (struct spool_job){
        .done = written,
        .data = (char *)(uintptr_t)g->more.data.ptr, /* not written to */
        .size = g->more.data.len,
        .offset = g->size,
        .write = true,
    };
    g->writing = true;
    spool_start(g->spool, &g->write);
}

static int prepare(struct growing *g)
{
    struct fs *fs = g->fs;
    if (!fs->growings.spooler) {
        const char *directory = getenv("TMPDIR");
        int r = spooler_new(fs->mailbox, directory && directory[0] ? directory : "/tmp",
                            &fs->growings.spooler);
        if (r < 0)
            return r;
    }
    if (!g->spool)
        g->spool = spool_new(fs->growings.spooler);
    if (!g->spool)
        return -ENOMEM;
    return g->reader ? 0
                     : fs->source->ops->reader_open(fs->source, buf_str(&g->path),
                                                    node_etag(g->node), &g->reader);
}

/* 0 or -errno: it cannot be asked. */
static int ask(struct growing *g)
{
    struct fs *fs = g->fs;
    if (g->asking || g->queued)
        return 0;
    int r = prepare(g);
    if (r < 0)
        return r;
    if (fs->growings.asking >= GROWING_ASKING) {
        g->queued = true;
        TAILQ_INSERT_TAIL(&fs->growings.queue, g, turn);
        return 0;
    }
    g->asking = true;
    g->cancelled = false;
    fs->growings.asking++;
    g->more = (struct source_more){.request.done = more_done, .reader = g->reader};
    fs_request_begin(fs, &g->more.request);
    fs->source->ops->more(fs->source, &g->more);
    return 0;
}

/* ---- opening and closing ---- */

void growings_init(struct fs *fs)
{
    TAILQ_INIT(&fs->growings.closed);
    TAILQ_INIT(&fs->growings.queue);
}

void growings_done(struct fs *fs)
{
    while (fs->growings.asking > 0 || fs->growings.fetching > 0)
        mailbox_wait(fs->mailbox, -1);
    struct growing *g;
    while ((g = TAILQ_FIRST(&fs->growings.closed))) {
        g->node->extra->growing = NULL;
        growing_forget(g);
    }
    spooler_free(STEAL(fs->growings.spooler));
}

int growing_open(struct fs *fs, struct node *node, struct growing **ret)
{
    struct node_extra *extra = node_extra(node);
    if (!extra)
        return -ENOMEM;
    struct growing *g = extra->growing;
    if (!g) {
        g = calloc(1, sizeof *g);
        if (!g)
            return -ENOMEM;
        *g = (struct growing){.fs = fs, .node = node};
        waiters_init(&g->waiters);
        buf_init(&g->path, PATH_BYTES_MAX);
        node_add_path(node, &g->path);
        if (buf_failed(&g->path)) {
            buf_done(&g->path);
            free(g);
            return -ENOMEM;
        }
        extra->growing = g;
        node_ref(node);
    } else if (g->handles == 0 && !g->asking) {
        take_from_closed(g);
        node_ref(node);
    }
    g->handles++;
    g->sized_ns = 0;
    *ret = g;
    return 0;
}

void growing_close(struct growing *g)
{
    if (!g || --g->handles > 0)
        return;
    struct fs *fs = g->fs;
    leave_queue(g);
    g->wanted = 0;
    if (g->asking && !g->writing) {
        g->cancelled = true;
        fs->source->ops->cancel(fs->source, &g->more.request);
    }
    settle(g);
}

/* ---- what is there ---- */

ssize_t growing_read(struct growing_wait *wait, size_t max)
{
    struct growing *g = wait->growing;
    uint64_t left = g->size > wait->offset ? g->size - wait->offset : 0;
    size_t n = left < max ? (size_t)left : max;
    uint64_t wanted = wait->offset + (n > 0 ? n : 1) + GROWING_AHEAD;
    g->wanted = wanted > g->wanted ? wanted : g->wanted;
    if (n == 0 && end_is_new(g))
        return 0;
    int r = g->size < g->wanted && !end_is_new(g) ? ask(g) : 0;
    if (n > 0)
        return (ssize_t)n; /* what cannot be read ahead fails when it is read */
    if (r < 0)
        return r;
    wait_on(&g->waiters, &wait->waiter);
    return -EINPROGRESS;
}

int growing_poll(struct growing_wait *wait)
{
    struct growing *g = wait->growing;
    if (end_is_new(g))
        return 0;
    int r = ask(g);
    if (r < 0)
        return r;
    wait_on(&g->waiters, &wait->waiter);
    return -EINPROGRESS;
}

int64_t growing_size_deadline(struct growing *g, int64_t limit_ms)
{
    /* Counted from the first question: a program asks several times before it reads. */
    if (g->sized_ns == 0)
        g->sized_ns = clock_now_ns(g->fs->clock);
    return clock_after_ms(g->sized_ns, limit_ms < GROWING_SIZE_MS ? limit_ms : GROWING_SIZE_MS);
}
