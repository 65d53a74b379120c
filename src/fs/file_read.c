/* fs/file_read.c: answering reads from the pages of a file, and telling what to fetch. */
#include "fs/file_internal.h"

#include <errno.h>
#include <inttypes.h>

/* What of a page went to the kernel is noted in blocks, a bit each. The kernel reads in pages
 * of its own, so a block whose last byte was read was read. */
#define DELIVERED_BLOCKS 32
#define DELIVERED_BLOCK  (PAGE_BYTES / DELIVERED_BLOCKS)

/* 0: all of it is at hand; -EINPROGRESS: the rest is on its way; -ENODATA: some of it has not
 * been asked for. */
static int availability(const struct file *file, uint64_t offset, size_t len)
{
    int result = 0;
    for (uint64_t at = offset; at < offset + len;) {
        struct part *part;
        const struct page *page = file_page(file, at, &part);
        if (!page)
            return -ENODATA;
        if (page->state == PAGE_FILLING)
            result = -EINPROGRESS;
        at = page_end(part, page);
    }
    return result;
}

/* Asks for what a read needs, and up to `to` beyond it. Of a short file that is the rest of it,
 * once: what went to the kernel is not fetched again because something behind it is read. As
 * file_fetch. */
static int fetch(struct file *file, uint64_t offset, size_t len, uint64_t to, uint64_t worth)
{
    uint64_t size = file->node->size;
    if (size > FILE_WHOLE_MAX)
        return file_fetch(file, offset, offset + len, to, worth);
    return availability(file, offset, len) == -ENODATA ? file_fetch(file, offset, size, size, 0)
                                                       : 1;
}

/* What a waiting read can be told now; -EINPROGRESS: nothing yet. */
static int progress(const struct read_wait *wait)
{
    struct file *file = wait->handle->file;
    int r = availability(file, wait->offset, wait->len);
    if (r != -ENODATA)
        return r;
    r = file_recent_failure(file, wait->offset, wait->len, wait->since_ns);
    if (r == 0)
        r = fetch(file, wait->offset, wait->len, wait->offset + wait->len, 0);
    return r < 0 ? r : -EINPROGRESS;
}

void file_wake_reads(struct file *file)
{
    struct waiter *w = file->reads.next;
    file_hold(file);
    while (w != &file->reads) {
        struct read_wait *wait = CONTAINER_OF(w, struct read_wait, waiter);
        w = w->next;
        int r = progress(wait);
        if (r == -EINPROGRESS)
            continue;
        wait_stop(&wait->waiter);
        wait->status = r;
        if (r < 0)
            handle_owe(wait->handle, wait->offset, wait->len, r);
        wait->waiter.ready(&wait->waiter);
        /* Its answer may have changed the list. */
        w = file->reads.next;
    }
    file_let_go(file);
}

/* Notes the reader's pattern; returns how far to fetch, perhaps beyond the end. */
static uint64_t fetch_until(struct handle *handle, uint64_t offset, size_t len,
                            uint64_t *ret_worth)
{
    struct file *file = handle->file;
    struct pages *pages = file->fs->pages;
    const struct fs_options *options = &file->fs->options;
    uint64_t max = 2 * options->part_size * file->parallel.parts, share = pages_share(pages);
    uint64_t ahead = window_read(&handle->window, offset, len, share < max ? share : max);
    bool sequential = window_sequential(&handle->window);
    if (sequential && !handle->sequential)
        pages->sequential++;
    else if (!sequential && handle->sequential)
        pages->sequential--;
    handle->sequential = sequential;
    uint64_t part_size = file_part_size(file);
    *ret_worth = ahead / 2 < part_size ? ahead / 2 : part_size;
    return offset + len + ahead;
}

static int read_start(struct read_wait *wait)
{
    struct handle *handle = wait->handle;
    struct file *file = handle->file;
    struct fs *fs = file->fs;
    uint64_t size = file->node->size;
    uint64_t worth, until = fetch_until(handle, wait->offset, wait->len, &worth);
    uint64_t to = until < size ? until : size;
    TAILQ_REMOVE(&fs->files, file, link);
    TAILQ_INSERT_TAIL(&fs->files, file, link);
    int r = availability(file, wait->offset, wait->len);
    int failed = file_recent_failure(file, wait->offset, wait->len, FILE_NEWCOMER);
    if (r == -ENODATA && failed < 0)
        return failed;
    int fetched = failed < 0 ? 0 : fetch(file, wait->offset, wait->len, to, worth);
    bool to_the_end = fetched > 0 && until > size && window_from_start(&handle->window);
    handle->beyond = to_the_end ? until - size : 0;
    if (r == 0)
        return 0;
    if (fetched < 0)
        return fetched;
    wait->since_ns = clock_now_ns(fs->clock);
    wait_on(&file->reads, &wait->waiter);
    return -EINPROGRESS;
}

int file_read(struct read_wait *wait)
{
    struct handle *handle = wait->handle;
    handle->beyond = 0;
    int owed = handle_pay(handle, wait->offset);
    if (owed < 0 && availability(handle->file, wait->offset, wait->len) < 0)
        return owed;
    int r = read_start(wait);
    if (r < 0 && r != -EINPROGRESS)
        handle_owe(handle, wait->offset, wait->len, r);
    return r;
}

void file_add_wait(const struct file *file, uint64_t offset, size_t len, struct buf *b)
{
    int64_t now_ns = clock_now_ns(file->fs->clock);
    struct part *part = NULL;
    uint64_t at = offset;
    const struct page *page = file_page(file, at, &part);
    while (page && page->state == PAGE_FULL && page_end(part, page) < offset + len) {
        at = page_end(part, page);
        page = file_page(file, at, &part);
    }
    buf_addf(b, "bytes %" PRIu64 "-%" PRIu64, at, offset + len - 1);
    if (!page || !part->running) {
        buf_add_c(b, waiting(&file->memory) ? ", for which there is no memory (memory_limit)"
                                            : ", not asked for yet");
        return;
    }
    buf_addf(b, " from a request for %" PRIu64 "-%" PRIu64 ", sent %" PRId64 " ms ago, %s",
             part->offset, part->offset + part->len - 1,
             (now_ns - part->started_ns) / NS_PER_MS,
             part->opened ? "which is being answered" : "not answered yet");
}

/* A read reached its deadline: what has brought nothing since it came is given up. */
static void read_failed(const struct read_wait *wait, int status)
{
    struct file *file = wait->handle->file;
    uint64_t offset = wait->offset, end = offset + wait->len;
    handle_owe(wait->handle, offset, wait->len, status);
    file_note_failure(file, offset, end - 1, status,
                      file_failure_latest(file, status, wait->since_ns));
    struct part *part, *next;
    for (part = TAILQ_FIRST(&file->parts); part; part = next) {
        next = TAILQ_NEXT(part, link);
        if (part->running && part->offset < end && offset < part->offset + part->len &&
            part->touched_ns <= wait->since_ns)
            file_cancel_part(part);
    }
    file_wake_reads(file);
}

void file_read_abandon(struct read_wait *wait, int sys)
{
    struct file *file = wait->handle->file;
    wait_stop(&wait->waiter);
    if (sys != EINTR)
        read_failed(wait, -sys);
    /* What only this read kept may make room for others. */
    pages_wake(file->fs->pages);
}

int file_slices(const struct file *file, uint64_t offset, size_t len,
                struct iovec slices[FILE_SLICES])
{
    int count = 0;
    while (len > 0 && count < FILE_SLICES) {
        struct part *part;
        const struct page *page = file_page(file, offset, &part);
        if (!page || page->state != PAGE_FULL)
            break;
        size_t skip = (size_t)((offset - part->offset) % part->page_size);
        size_t take = page->size - skip < len ? page->size - skip : len;
        slices[count++] = (struct iovec){.iov_base = page->data + skip, .iov_len = take};
        offset += take;
        len -= take;
    }
    return count;
}

bool file_waited_for(const struct file *file, uint64_t first, uint64_t end)
{
    for (struct waiter *w = file->reads.next; w != &file->reads; w = w->next) {
        const struct read_wait *wait = CONTAINER_OF(w, struct read_wait, waiter);
        if (wait->offset < end && first < wait->offset + wait->len)
            return true;
    }
    return false;
}

/* Notes that [skip, skip + len) of the page went to the kernel; true if all of it has. */
static bool page_delivered(struct page *page, size_t skip, size_t len)
{
    size_t count = (page->size + DELIVERED_BLOCK - 1) / DELIVERED_BLOCK;
    for (size_t i = skip / DELIVERED_BLOCK; i < count; i++) {
        size_t end = (i + 1) * DELIVERED_BLOCK;
        if ((end < page->size ? end : page->size) > skip + len)
            break;
        page->delivered |= UINT32_C(1) << i;
    }
    return page->delivered == UINT32_MAX >> (DELIVERED_BLOCKS - count);
}

void file_delivered(struct file *file, uint64_t offset, size_t len)
{
    int64_t now_ns = clock_now_ns(file->fs->clock);
    while (len > 0) {
        struct part *part;
        struct page *page = file_page(file, offset, &part);
        if (!page)
            return;
        size_t skip = (size_t)((offset - part->offset) % part->page_size);
        size_t take = page->size - skip < len ? page->size - skip : len;
        uint64_t start = offset - skip;
        part->touched_ns = now_ns;
        if (page_delivered(page, skip, take) &&
            !file_waited_for(file, start, start + page->size)) {
            file->drained += page->size;
            file_drop_page(part, page);
        }
        offset += take;
        len -= take;
    }
    if (file->drained >= file->node->size)
        file->node->read_through = true;
}
