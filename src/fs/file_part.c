/* fs/file_part.c: parts: GETs of a stretch of a file, into pages. */
#include "fs/failure.h"
#include "fs/file.h"
#include "fs/fs.h"
#include "fs/tree.h"

#include <errno.h>

void file_free_part(struct part *part)
{
    struct file *file = part->file;
    for (size_t i = 0; i < part->page_count; i++) {
        if (part->pages[i].data)
            pages_put(file->fs, part->pages[i].data, part->pages[i].size);
    }
    TAILQ_REMOVE(&file->parts, part, link);
    free(part->stretches);
    free(part);
}

void file_drop_page(struct part *part, struct page *page)
{
    struct fs *fs = part->file->fs;
    pages_put(fs, STEAL(page->data), page->size);
    page->state = PAGE_GONE;
    part->live--;
    if (part->live == 0 && !part->running)
        file_free_part(part);
}

void file_cancel_part(struct part *part)
{
    struct fs *fs = part->file->fs;
    if (part->cancelled)
        return;
    part->cancelled = true;
    fs->source->ops->cancel(fs->source, &part->read.request);
}

static void part_opened(struct source_read *read)
{
    struct part *part = CONTAINER_OF(read, struct part, read);
    struct file *file = part->file;
    part->opened = true;
    if (part->started_ns > file->node->confirmed_ns)
        file->node->confirmed_ns = part->started_ns;
    for (struct waiter *w = file->openers.next; w != &file->openers; w = w->next)
        CONTAINER_OF(w, struct open_wait, waiter)->status = 0;
    waiters_wake(&file->openers);
}

static void part_filled(struct source_read *read, size_t index)
{
    struct part *part = CONTAINER_OF(read, struct part, read);
    part->pages[index].state = PAGE_FULL;
    part->file->fs->stats.fetched_bytes += part->pages[index].size;
    if (!part->cancelled)
        file_wake_reads(part->file);
}

/* The pages that were not filled go back; what they should have held is remembered as failed.
 */
static void part_failed(struct part *part, int status)
{
    struct file *file = part->file;
    uint64_t first = part->offset + part->len;
    for (size_t i = part->page_count; i-- > 0;) {
        struct page *page = &part->pages[i];
        if (page->state != PAGE_FILLING)
            continue;
        first = part->offset + i * part->page_size;
        pages_put(file->fs, STEAL(page->data), page->size);
        page->state = PAGE_GONE;
        part->live--;
    }
    if (status == 0 || part->cancelled)
        return;
    uint64_t last = part->offset + part->len - 1;
    if (status == -ESTALE || status == -ENOENT) {
        /* The whole version is gone, not only these bytes. */
        first = 0;
        last = UINT64_MAX;
        tree_distrust(file->fs, file->node);
    }
    file_note_failure(file, first, last, status);
    failure_note(file->fs, file->node, "read", status, &part->read.request);
    if (part->offset > 0)
        return;
    for (struct waiter *w = file->openers.next; w != &file->openers; w = w->next)
        CONTAINER_OF(w, struct open_wait, waiter)->status = status;
    waiters_wake(&file->openers);
}

static void part_done(struct source_request *request)
{
    struct part *part = CONTAINER_OF(request, struct part, read.request);
    struct file *file = part->file;
    struct fs *fs = file->fs;
    fs_request_end(fs, request);
    part->running = false;
    /* As a handle would, this keeps the file and its parts while waiters run: an open that
     * fails closes its own. */
    file->handles++;
    part_failed(part, request->status);
    fs->source->ops->release(fs->source, request);
    if (part->live == 0 || part->cancelled)
        file_free_part(part);
    if (!waiters_empty(&file->openers))
        (void)file_fetch_first(file);
    file_wake_reads(file);
    file->running--;
    file->handles--;
    file_settle(file);
}

/* Memory for the next page of the part; only `need` may take from the reserve and push others'
 * content out. */
static char *page_memory(struct file *file, size_t size, bool need)
{
    char *data = pages_get(file->fs, size, need);
    if (!data && need && file_evict(file->fs, size, file) > 0)
        data = pages_get(file->fs, size, need);
    return data;
}

/* A part over [offset, offset + len) with its memory taken, of which `need` bytes are waited
 * for; shorter where the budget ends. NULL: not even a page. */
static struct part *part_new(struct file *file, uint64_t offset, uint64_t len, uint64_t need)
{
    size_t count = (size_t)((len + PAGE_BYTES - 1) / PAGE_BYTES);
    struct part *part = calloc(1, sizeof *part + count * sizeof(struct page));
    struct source_stretch *stretches = calloc(count, sizeof *stretches);
    if (!part || !stretches) {
        free(part);
        free(stretches);
        return NULL;
    }
    part->file = file;
    part->offset = offset;
    part->page_size = PAGE_BYTES;
    part->stretches = stretches;
    while (part->page_count < count) {
        uint64_t rest = len - part->len;
        size_t size = rest < PAGE_BYTES ? (size_t)rest : PAGE_BYTES;
        char *data = page_memory(file, size, part->len < need);
        if (!data)
            break;
        stretches[part->page_count] = (struct source_stretch){.data = data, .size = size};
        part->pages[part->page_count++] = (struct page){.data = data, .size = (uint32_t)size};
        part->len += size;
    }
    part->live = part->page_count;
    TAILQ_INSERT_TAIL(&file->parts, part, link);
    if (part->page_count == 0) {
        file_free_part(part);
        return NULL;
    }
    return part;
}

static void part_start(struct part *part)
{
    struct file *file = part->file;
    struct fs *fs = file->fs;
    part->running = true;
    part->started_ns = clock_now_ns(fs->clock);
    part->read = (struct source_read){
        .request = {.done = part_done},
        .path = buf_str(&file->path),
        .etag = node_etag(file->node),
        .size = file->node->size,
        .offset = part->offset,
        .stretches = part->stretches,
        .count = part->page_count,
        .timeout_ms = fs->options.operation_timeout_ms,
        .opened = part_opened,
        .filled = part_filled,
    };
    for (size_t i = 0; i < part->page_count; i++)
        part->stretches[i].read = &part->read;
    file->running++;
    fs->stats.fetches++;
    fs_request_begin(fs, &part->read.request);
    fs->source->ops->read(fs->source, &part->read);
}

struct page *file_page(const struct file *file, uint64_t offset, struct part **ret_part)
{
    struct part *part;
    TAILQ_FOREACH(part, &file->parts, link)
    {
        if (part->cancelled || offset < part->offset || offset - part->offset >= part->len)
            continue;
        struct page *page = &part->pages[(offset - part->offset) / part->page_size];
        if (page->state == PAGE_GONE)
            continue;
        *ret_part = part;
        return page;
    }
    return NULL;
}

/* Where the next part or page after `offset` begins, at most `to`: a gap's end. */
static uint64_t gap_end(const struct file *file, uint64_t offset, uint64_t to)
{
    const struct part *part;
    TAILQ_FOREACH(part, &file->parts, link)
    {
        if (part->cancelled || part->offset >= to || part->offset + part->len <= offset)
            continue;
        for (size_t i = 0; i < part->page_count; i++) {
            uint64_t start = part->offset + i * part->page_size;
            if (part->pages[i].state != PAGE_GONE && start > offset && start < to) {
                to = start;
                break;
            }
        }
    }
    return to;
}

static size_t parts_under_way(const struct file *file)
{
    size_t count = 0;
    const struct part *part;
    TAILQ_FOREACH(part, &file->parts, link)
    {
        count += part->running && !part->cancelled;
    }
    return count;
}

/* Not enough memory for what is needed: tried again when some comes back. */
static int wait_for_memory(struct file *file)
{
    struct pages *pages = file->fs->pages;
    if (pages->used == 0)
        return -ENOMEM;
    if (!waiting(&file->memory))
        wait_on(&pages->waiters, &file->memory);
    return 0;
}

int file_fetch(struct file *file, uint64_t from, uint64_t need, uint64_t to, uint64_t worth)
{
    const struct fs_options *options = &file->fs->options;
    uint64_t at = from;
    while (at < to) {
        struct part *part;
        const struct page *page = file_page(file, at, &part);
        if (page) {
            at = page_end(part, page);
            continue;
        }
        bool needed = at < need;
        if (!needed && (parts_under_way(file) >= options->parallel_parts ||
                        (to - at < worth && to < file->node->size)))
            return 0;
        uint64_t end = gap_end(file, at, to);
        uint64_t boundary = (at / options->part_size + 1) * options->part_size;
        end = end < boundary ? end : boundary;
        part = part_new(file, at, end - at, needed ? need - at : 0);
        if (!part)
            return needed ? wait_for_memory(file) : 0;
        at += part->len;
        part_start(part);
    }
    return 0;
}
