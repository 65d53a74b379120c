#include "fs/file_internal.h"

#include <errno.h>

#define FAILED_MS                                                                              \
    1000 /* how long a failed range stays failed: others wait for its pages in the kernel */

/* Fetches what an open waits for. As file_fetch. */
static int fetch_first(struct file *file)
{
    uint64_t size = file->node->size;
    uint64_t to = size <= FILE_WHOLE_MAX ? size : FILE_FIRST;
    return file_fetch(file, 0, to, to, 0);
}

void file_wake_openers(struct file *file, int status, int64_t latest_ns)
{
    struct waiter over, *next;
    waiters_init(&over);
    for (struct waiter *w = file->openers.next; w != &file->openers; w = next) {
        struct open_wait *wait = CONTAINER_OF(w, struct open_wait, waiter);
        next = w->next;
        if (wait->since_ns > latest_ns)
            continue;
        wait->status = status;
        wait_stop(w);
        wait_on(&over, w);
    }
    file_hold(file);
    waiters_wake(&over);
    file_let_go(file);
}

void file_fetch_for_openers(struct file *file)
{
    int r = waiters_empty(&file->openers) ? 0 : fetch_first(file);
    if (r < 0)
        file_wake_openers(file, r, INT64_MAX);
}

static void memory_back(struct waiter *waiter)
{
    struct file *file = CONTAINER_OF(waiter, struct file, memory);
    file_hold(file);
    file_fetch_for_openers(file);
    file_wake_reads(file);
    file_let_go(file);
}

void file_settle(struct file *file)
{
    struct fs *fs = file->fs;
    if (file->handles > 0 || file->linger.set)
        return;
    struct part *part, *next;
    for (part = TAILQ_FIRST(&file->parts); part; part = next) {
        next = TAILQ_NEXT(part, link);
        if (part->running)
            file_cancel_part(part);
        else
            file_free_part(part);
    }
    if (file->running > 0)
        return;
    struct node *node = file->node;
    file_end_ahead(file);
    wait_stop(&file->memory);
    TAILQ_REMOVE(&fs->files, file, link);
    node->file = NULL;
    buf_done(&file->path);
    free(file);
    node_unref(fs, node);
}

void file_hold(struct file *file)
{
    file->handles++;
}

void file_let_go(struct file *file)
{
    file->handles--;
    file_settle(file);
}

static void linger_over(struct timer *timer)
{
    file_settle(CONTAINER_OF(timer, struct file, linger));
}

struct file *file_of(struct fs *fs, struct node *node)
{
    if (node->file)
        return node->file;
    struct file *file = calloc(1, sizeof *file);
    if (!file)
        return NULL;
    buf_init(&file->path, PATH_BYTES_MAX);
    node_add_path(node, &file->path);
    if (buf_failed(&file->path)) {
        free(file);
        return NULL;
    }
    file->fs = fs;
    file->node = node_ref(node);
    TAILQ_INIT(&file->parts);
    waiters_init(&file->reads);
    waiters_init(&file->openers);
    file->memory.ready = memory_back;
    int64_t proven_ns = clock_now_ns(fs->clock) - fs->parallel_ns;
    parallel_init(&file->parallel, fs->options.parallel_parts
                                       ? fs->options.parallel_parts
                                       : parallel_first(fs->parallel_parts, proven_ns));
    file->linger.fire = linger_over;
    TAILQ_INSERT_TAIL(&fs->files, file, link);
    node->file = file;
    return file;
}

struct handle *handle_new(struct fs *fs, struct node *node)
{
    struct handle *handle = calloc(1, sizeof *handle);
    if (!handle)
        return NULL;
    handle->file = file_of(fs, node);
    if (!handle->file) {
        free(handle);
        return NULL;
    }
    handle->file->handles++;
    handle->hit = file_end_ahead(handle->file);
    fs->stats.ahead_hits += handle->hit;
    LIST_INSERT_HEAD(&fs->handles, handle, link);
    timer_cancel(&fs->timers, &handle->file->linger);
    return handle;
}

void handle_free(struct handle *handle, int64_t linger_ms)
{
    if (!handle)
        return;
    struct file *file = handle->file;
    struct fs *fs = file->fs;
    fs->pages->sequential -= handle->sequential;
    LIST_REMOVE(handle, link);
    free(handle);
    if (--file->handles == 0 && linger_ms > 0 && file->running > 0)
        timer_set(&fs->timers, &file->linger,
                  clock_after_ms(clock_now_ns(fs->clock), linger_ms));
    file_settle(file);
}

void files_end(struct fs *fs)
{
    struct handle *handle;
    while ((handle = LIST_FIRST(&fs->handles)))
        handle_free(handle, 0);
    struct file *file, *next;
    for (file = TAILQ_FIRST(&fs->files); file; file = next) {
        next = TAILQ_NEXT(file, link);
        timer_cancel(&fs->timers, &file->linger);
        file_settle(file);
    }
}

bool file_at_hand(const struct file *file)
{
    struct part *part;
    return file->node->size == 0 || file->node->read_through ||
           (file_page(file, 0, &part) && (part->opened || !part->running));
}

bool file_whole_for_one(const struct file *file)
{
    const struct part *part = TAILQ_FIRST(&file->parts);
    return file->handles == 1 && part && !TAILQ_NEXT(part, link) && !part->running &&
           part->len == file->node->size && part->live == part->page_count;
}

int file_open(struct file *file, struct open_wait *wait)
{
    if (file_at_hand(file))
        return 0;
    int r = file_recent_failure(file, 0, 1, FILE_NEWCOMER);
    if (r < 0)
        return r;
    r = fetch_first(file);
    if (r < 0)
        return r;
    wait->since_ns = clock_now_ns(file->fs->clock);
    wait_on(&file->openers, &wait->waiter);
    return -EINPROGRESS;
}

/* ---- failures ---- */

int64_t file_failure_latest(const struct file *file, int status, int64_t began_ns)
{
    int64_t now_ns = clock_now_ns(file->fs->clock);
    return status == -ETIMEDOUT ? began_ns + (now_ns - began_ns) / 2 : INT64_MAX;
}

void file_note_failure(struct file *file, uint64_t first, uint64_t last, int status,
                       int64_t latest_ns)
{
    file->failed[file->failed_next++ % FILE_FAILED] = (struct failed_range){
        .first = first,
        .last = last,
        .status = status,
        .until_ns = clock_after_ms(clock_now_ns(file->fs->clock), FAILED_MS),
        .latest_ns = latest_ns,
    };
}

int file_recent_failure(const struct file *file, uint64_t offset, size_t len, int64_t since_ns)
{
    int64_t now_ns = clock_now_ns(file->fs->clock);
    for (size_t i = 0; i < FILE_FAILED; i++) {
        const struct failed_range *f = &file->failed[i];
        if (f->status < 0 && now_ns < f->until_ns && since_ns <= f->latest_ns &&
            f->first < offset + len && offset <= f->last)
            return f->status;
    }
    return 0;
}

void handle_owe(struct handle *handle, uint64_t offset, size_t len, int status)
{
    struct owed *owed = &handle->owed;
    const struct fs *fs = handle->file->fs;
    uint64_t end = offset + len;
    /* That cost no time, and there may be memory now. */
    if (status == -ENOMEM)
        return;
    /* The kernel had the page: it asked because somebody tried again, and asks no more. */
    if (owed->status == 0 && owed->first <= offset && end <= owed->end)
        return;
    bool adjoins = offset <= owed->end && owed->first <= end && owed->status == status;
    if (!adjoins)
        *owed = (struct owed){.first = offset, .end = end, .status = status};
    owed->first = offset < owed->first ? offset : owed->first;
    owed->end = end > owed->end ? end : owed->end;
    owed->until_ns = clock_after_ms(clock_now_ns(fs->clock), fs->options.operation_timeout_ms);
}

int handle_pay(struct handle *handle, uint64_t offset)
{
    struct owed *owed = &handle->owed;
    if (offset < owed->first || offset >= owed->end)
        return 0;
    int status = clock_now_ns(handle->file->fs->clock) < owed->until_ns ? owed->status : 0;
    owed->status = 0;
    return status;
}
