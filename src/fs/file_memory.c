/* fs/file_memory.c: memory for parts, and who makes room for whom. */
#include "fs/file_internal.h"

#define STALE_MS 1000 /* content that was not touched for so long may go for read-ahead */
#define PATIENCE_MS                                                                            \
    1000 /* a GET that has had no answer for so long, or for twice the time that answers take, \
          * makes room for those who wait... */
#define PATIENCE_MAX_MS 8000
#define PATIENCE_SLOW   4 /* ...after so many times that for those who gave way themselves */

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

/* For how long a GET may have no answer before it makes room for the file. */
static int64_t patience_ns(const struct file *file)
{
    int64_t ns = 2 * file->fs->pages->answer_ns;
    if (ns < PATIENCE_MS * NS_PER_MS)
        ns = PATIENCE_MS * NS_PER_MS;
    if (ns > PATIENCE_MAX_MS * NS_PER_MS)
        ns = PATIENCE_MAX_MS * NS_PER_MS;
    return file->gave_way ? PATIENCE_SLOW * ns : ns;
}

/* Has GETs of other files that wait for an answer give their memory back, the least recently
 * read first. Their readers queue with the others who gave way. `all`: memory is short, not
 * only the share of those. */
static void make_others_give_way(const struct file *file, uint64_t bytes, bool all)
{
    bool from_slow = file->gave_way || pages_slow_beyond(file->fs->pages, 0) > 0;
    int64_t before_ns = clock_now_ns(file->fs->clock) - patience_ns(file);
    uint64_t promised = 0;
    struct file *other;
    TAILQ_FOREACH(other, &file->fs->files, link)
    {
        struct part *part, *next;
        for (part = TAILQ_FIRST(&other->parts); part; part = next) {
            next = TAILQ_NEXT(part, link);
            bool gives = other != file && part->running && !part->opened &&
                         part->started_ns <= before_ns && (part->slow ? from_slow : all);
            if (!part->cancelled && !gives)
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
    if (!need && pages_waited_for(fs->pages))
        return NULL;
    char *data = pages_get(fs, size, need);
    if (data)
        return data;
    int64_t before_ns = need ? INT64_MAX : clock_now_ns(fs->clock) - STALE_MS * NS_PER_MS;
    if (evict(size, before_ns, file, s->from, s->to) < size)
        return NULL;
    return pages_get(fs, size, need);
}

static struct waiter *queue_of(const struct file *file)
{
    struct pages *pages = file->fs->pages;
    return file->gave_way ? &pages->slow : &pages->waiters;
}

static bool wait_for_memory(struct file *file)
{
    if (!waiting(&file->memory))
        wait_on(queue_of(file), &file->memory);
    pages_wake_within(file->fs->pages, PATIENCE_MS);
    return false;
}

void file_answered(struct file *file)
{
    bool waits = waiting(&file->memory) && file->gave_way;
    file->gave_way = false;
    if (!waits)
        return;
    wait_stop(&file->memory);
    (void)wait_for_memory(file);
}

static uint64_t lack(const struct file *file, uint64_t bytes)
{
    const struct pages *pages = file->fs->pages;
    uint64_t all = pages_lack(pages, bytes), share = 0;
    if (file->gave_way && !waiters_empty(&pages->waiters))
        share = pages_slow_beyond(pages, bytes);
    return all > share ? all : share;
}

bool file_make_room(struct file *file, struct file_stretch *s, uint64_t at)
{
    struct pages *pages = file->fs->pages;
    uint64_t bytes = s->need - at + PAGE_BYTES; /* the last page reaches beyond it */
    bool turn = pages->turn == &file->memory;
    /* Else those who come just then would take what others wait for. */
    bool waited_for =
        file->gave_way ? pages_waited_for(pages) : !waiters_empty(&pages->waiters);
    if (!turn && !s->granted && waited_for)
        return wait_for_memory(file);
    if (pages_lack(pages, bytes) > 0)
        (void)evict(bytes, INT64_MAX, file, s->from, s->to);
    uint64_t lacks = lack(file, bytes);
    if (lacks == 0) {
        if (turn)
            pages->turn = NULL;
        s->granted = true;
        return true;
    }
    make_others_give_way(file, lacks, pages_lack(pages, bytes) > 0);
    return wait_for_memory(file);
}
