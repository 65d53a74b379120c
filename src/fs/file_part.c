/* fs/file_part.c: parts: GETs of a stretch of a file, into pages. */
#include "fs/failure.h"
#include "fs/file_internal.h"
#include "fs/tree.h"

#include <errno.h>

#define PART_MIN (1024 * 1024) /* bytes of a GET of a long read are not made less */

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
    pages_put(part->file->fs, STEAL(page->data), page->size);
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

/* It has an answer, or will have none. */
static void part_not_slow(struct part *part)
{
    struct pages *pages = part->file->fs->pages;
    if (!part->slow)
        return;
    part->slow = false;
    pages->slow_bytes -= part->len;
    pages_wake(pages);
}

static void part_opened(struct source_read *read)
{
    struct part *part = CONTAINER_OF(read, struct part, read);
    struct file *file = part->file;
    struct pages *pages = file->fs->pages;
    part->opened = true;
    part_not_slow(part);
    pages->answer_ns +=
        (clock_now_ns(file->fs->clock) - part->started_ns - pages->answer_ns) / 4;
    file_answered(file);
    node_confirm(file->node, part->started_ns);
    file_wake_openers(file, 0, INT64_MAX);
}

/* Of a file in one part the checksum is known at the end: until then nobody sees a byte, or a
 * corrupt one would stay in the kernel's page cache. */
static bool part_is_whole(const struct part *part)
{
    return part->offset == 0 && part->len == part->file->node->size;
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

uint64_t file_part_size(const struct file *file)
{
    const struct fs_options *options = &file->fs->options;
    unsigned parts = file->parallel.parts;
    uint64_t size = options->part_size, share = pages_share(file->fs->pages);
    if (options->parallel_parts > 0 || parts <= PARALLEL_FIRST)
        return size;
    while (size / 2 >= PART_MIN && size * parts > share)
        size /= 2;
    return size;
}

/* Bytes came: perhaps more GETs at a time would bring more. */
static void note_rate(struct file *file, size_t bytes)
{
    struct fs *fs = file->fs;
    struct parallel *p = &file->parallel;
    size_t max = fs->options.connections / 2;
    if (fs->options.parallel_parts > 0)
        return;
    /* One that was just done makes room for the next with the next read. */
    bool waited = !waiters_empty(&file->reads) && parts_under_way(file) + 1 >= p->parts;
    int64_t now_ns = clock_now_ns(fs->clock);
    if (!parallel_came(p, bytes, waited, p->parts * file_part_size(file),
                       max < PARALLEL_MAX ? (unsigned)max : PARALLEL_MAX, now_ns))
        return;
    fs->parallel_parts = p->proven;
    fs->parallel_ns = now_ns;
}

static void part_filled(struct source_read *read, size_t index)
{
    struct part *part = CONTAINER_OF(read, struct part, read);
    struct fs *fs = part->file->fs;
    if (!part_is_whole(part))
        part->pages[index].state = PAGE_FULL;
    part->touched_ns = clock_now_ns(fs->clock);
    fs->stats.fetched_bytes += part->pages[index].size;
    note_rate(part->file, part->pages[index].size);
    if (!part->cancelled)
        file_wake_reads(part->file);
    /* If nobody has taken it, it can make room. */
    pages_wake(fs->pages);
}

static void part_verified(struct part *part)
{
    for (size_t i = 0; i < part->page_count; i++) {
        if (part->pages[i].state == PAGE_FILLING)
            part->pages[i].state = PAGE_FULL;
    }
}

/* Since when who shares its failure must have waited. */
static int64_t failure_latest(const struct part *part, int status)
{
    const struct fs *fs = part->file->fs;
    /* That the server's time is up was its answer: nobody waited for it in vain. */
    if (part->read.request.error.kind == PAIL_ERROR_CLIENT)
        return INT64_MAX;
    /* What timed out is no longer than that: bytes may have come before. */
    int64_t began_ns = clock_now_ns(fs->clock) - fs->options.operation_timeout_ms * NS_PER_MS;
    return file_failure_latest(part->file, status,
                               began_ns > part->started_ns ? began_ns : part->started_ns);
}

/* The pages that were not filled go back; what they should have held is remembered as failed.
 */
static void part_failed(struct part *part, int status)
{
    struct file *file = part->file;
    uint64_t first = part->offset + part->len;
    for (size_t i = part->page_count; i-- > 0;) {
        struct page *page = &part->pages[i];
        /* A checksum is of the whole: none of it can be trusted. */
        if (page->state == PAGE_GONE || (page->state == PAGE_FULL && status != -EBADMSG))
            continue;
        first = part->offset + i * part->page_size;
        pages_put(file->fs, STEAL(page->data), page->size);
        page->state = PAGE_GONE;
        part->live--;
    }
    uint64_t last = part->offset + part->len - 1;
    if (status == 0 || part->cancelled)
        return;
    if (status == -ESTALE || status == -ENOENT) {
        /* The whole version is gone, not only these bytes. */
        first = 0;
        last = UINT64_MAX;
        tree_distrust(file->fs, file->node);
    }
    if (first <= last)
        file_note_failure(file, first, last, status, failure_latest(part, status));
    if (!file->ahead)
        failure_note(file->fs, file->node, waiters_empty(&file->openers) ? "read" : "open",
                     status, &part->read.request);
}

static void part_done(struct source_request *request)
{
    struct part *part = CONTAINER_OF(request, struct part, read.request);
    struct file *file = part->file;
    struct fs *fs = file->fs;
    int status = request->status;
    bool failed_open = status < 0 && !part->cancelled && part->offset == 0;
    int64_t latest_ns = failure_latest(part, status);
    /* A failed guess is nobody's failure: whoever opens the file asks anew. */
    if (status < 0 && file->ahead)
        timer_cancel(&fs->timers, &file->linger);
    fs_request_end(fs, request);
    if (status == 0)
        part_verified(part);
    part_failed(part, status);
    fs->source->ops->release(fs->source, request);
    part->running = false;
    part_not_slow(part);
    if (part->live == 0 || part->cancelled)
        file_free_part(part);
    file->running--;
    fs->parts_running--;
    /* Only now callbacks, which may close the file: the part is as it stays. */
    file_hold(file);
    if (failed_open)
        file_wake_openers(file, status, latest_ns);
    /* The oldest first: those who share the failure, then those who try anew. */
    file_wake_reads(file);
    file_fetch_for_openers(file);
    pages_wake(fs->pages);
    file_let_go(file);
}

/* A part over [offset, offset + len) with its memory taken; shorter where the budget ends.
 * NULL: not even a page. */
static struct part *part_new(struct file *file, const struct file_stretch *s, uint64_t offset,
                             uint64_t len)
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
        char *data = file_page_memory(file, s, size, offset + part->len < s->need);
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
    part->slow = file->gave_way;
    fs->pages->slow_bytes += part->slow ? part->len : 0;
    part->started_ns = part->touched_ns = clock_now_ns(fs->clock);
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
    fs->parts_running++;
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

int file_fetch(struct file *file, uint64_t from, uint64_t need, uint64_t to, uint64_t worth)
{
    const struct fs_options *options = &file->fs->options;
    struct file_stretch stretch = {.from = from, .need = need, .to = to};
    uint64_t at = from, part_size = file_part_size(file);
    while (at < to) {
        struct part *part;
        const struct page *page = file_page(file, at, &part);
        if (page) {
            at = page_end(part, page);
            continue;
        }
        bool needed = at < need;
        if (!needed && (file->fs->parts_running > options->connections / 2 ||
                        parts_under_way(file) >= file->parallel.parts ||
                        (to - at < worth && to < file->node->size)))
            return 0;
        uint64_t end = gap_end(file, at, to);
        uint64_t boundary = (at / part_size + 1) * part_size;
        end = end < boundary ? end : boundary;
        /* What has just failed is left alone until somebody waits for it. */
        if (!needed && file_recent_failure(file, at, (size_t)(end - at), FILE_NEWCOMER) < 0)
            return 0;
        if (needed && !file_make_room(file, &stretch, at))
            return 0;
        part = part_new(file, &stretch, at, end - at);
        if (!part)
            return needed ? -ENOMEM : 0;
        at += part->len;
        part_start(part);
    }
    return 1;
}
