/* fs/file_memory.c: memory for parts, and who makes room for whom. */
#include "fs/file_internal.h"

#define STALE_MS 1000 /* content that was not touched for so long may go for read-ahead */
#define PATIENCE_MS                                                                            \
    1000 /* a GET that has had no answer for so long makes room for those who wait */

static uint64_t evict_part(struct part *part, uint64_t keep_from, uint64_t keep_to)
{
    uint64_t freed = 0;
    size_t count = part->page_count, live = part->live;
    for (size_t i = 0; i < count && live > 0; i++) {
        struct page *page = &part->pages[i];
        uint64_t start = part->offset + i * part->page_size;
        uint64_t end = start + page->size;
        if (page->state != PAGE_FULL || (start < keep_to && keep_from < end) ||
            file_waited_for(part->file, start, end))
            continue;
        freed += page->size;
        live--;
        file_drop_page(part, page);
    }
    return freed;
}

/* Drops content that no read waits for and that was last touched before `before_ns`, least
 * recently read files first, until `bytes` are free; of `file` not [from, to), which is being
 * fetched. Returns how many. */
static uint64_t evict(uint64_t bytes, int64_t before_ns, const struct file *file, uint64_t from,
                      uint64_t to)
{
    uint64_t freed = 0;
    struct file *other;
    TAILQ_FOREACH(other, &file->fs->files, link)
    {
        struct part *part, *next;
        for (part = TAILQ_FIRST(&other->parts); part && freed < bytes; part = next) {
            next = TAILQ_NEXT(part, link);
            if (part->touched_ns < before_ns)
                freed += evict_part(part, from, other == file ? to : from);
        }
        if (freed >= bytes)
            break;
    }
    return freed;
}

/* ---- giving way ---- */

static bool unanswered(const struct part *part, int64_t now_ns)
{
    return part->running && !part->opened &&
           now_ns - part->started_ns >= PATIENCE_MS * NS_PER_MS;
}

/* Has GETs of other files that wait for an answer give their memory back, the least recently
 * read first. Their readers queue for memory with everybody else, and take from nobody. */
static void make_others_give_way(const struct file *file, uint64_t bytes)
{
    int64_t now_ns = clock_now_ns(file->fs->clock);
    uint64_t promised = 0;
    struct file *other;
    TAILQ_FOREACH(other, &file->fs->files, link)
    {
        struct part *part, *next;
        for (part = TAILQ_FIRST(&other->parts); part; part = next) {
            next = TAILQ_NEXT(part, link);
            if (!part->cancelled && (other == file || !unanswered(part, now_ns)))
                continue;
            other->gave_way |= !part->cancelled;
            file_cancel_part(part);
            promised += part->len;
            if (promised >= bytes)
                return;
        }
    }
}

/* ---- taking ---- */

char *file_page_memory(struct file *file, const struct file_stretch *s, size_t size, bool need)
{
    struct fs *fs = file->fs;
    char *data = pages_get(fs, size, need);
    if (data)
        return data;
    int64_t before_ns = need ? INT64_MAX : clock_now_ns(fs->clock) - STALE_MS * NS_PER_MS;
    if (evict(size, before_ns, file, s->from, s->to) < size)
        return NULL;
    return pages_get(fs, size, need);
}

static bool wait_for_memory(struct file *file)
{
    struct pages *pages = file->fs->pages;
    if (!waiting(&file->memory))
        wait_on(&pages->waiters, &file->memory);
    pages_wake_within(pages, PATIENCE_MS);
    return false;
}

bool file_make_room(struct file *file, const struct file_stretch *s, uint64_t at)
{
    struct pages *pages = file->fs->pages;
    uint64_t bytes = s->need - at + PAGE_BYTES; /* the last page reaches beyond it */
    if (file->gave_way && !waiters_empty(&pages->waiters))
        return wait_for_memory(file);
    if (pages_lack(pages, bytes) == 0)
        return true;
    (void)evict(bytes, INT64_MAX, file, s->from, s->to);
    uint64_t lack = pages_lack(pages, bytes);
    if (lack == 0)
        return true;
    if (!file->gave_way)
        make_others_give_way(file, lack);
    return wait_for_memory(file);
}
