#include "fs/pages.h"

#include "fs/fs.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

#define TRIM_MS 1000 /* idle memory that was not needed for so long goes back */

/* An idle page holds the link to the next in its own memory. */
struct page_memory {
    struct page_memory *next;
};

static void give_back(struct pages *pages, uint64_t bytes)
{
    while (pages->idle && bytes >= PAGE_BYTES) {
        struct page_memory *page = pages->idle;
        pages->idle = page->next;
        munmap(page, PAGE_BYTES);
        bytes -= PAGE_BYTES;
        pages->idle_bytes -= PAGE_BYTES;
    }
    if (pages->idle_bytes < pages->idle_least)
        pages->idle_least = pages->idle_bytes;
}

static void trim_due(struct timer *timer)
{
    struct pages *pages = CONTAINER_OF(timer, struct pages, trim);
    struct fs *fs = pages->fs;
    give_back(pages, pages->idle_least);
    pages->idle_least = pages->idle_bytes;
    if (pages->idle || !pages->calm) {
        pages->calm = true;
        timer_set(&fs->timers, timer, clock_after_ms(clock_now_ns(fs->clock), TRIM_MS));
        return;
    }
    /* Short pages, and what else was on the heap beside them, leave holes that malloc keeps. */
    (void)malloc_trim(0);
}

/* Gives each in turn what it waits for, until there is nothing for the first. Who got some and
 * wants more goes behind the others. */
static void serve(struct pages *pages, struct waiter *queue)
{
    bool served = true;
    while (served && !waiters_empty(queue)) {
        struct waiter *first = queue->next;
        wait_stop(first);
        pages->turn = first;
        first->ready(first);
        /* It may be gone: only compared. */
        bool waits_again = queue->prev == first;
        if (!pages->turn)
            pages->slow_first = queue == &pages->waiters;
        served = !pages->turn || !waits_again;
        pages->turn = NULL;
        if (!served) {
            wait_stop(first);
            wait_on_first(queue, first);
        }
    }
}

static void wake_due(struct timer *timer)
{
    struct pages *pages = CONTAINER_OF(timer, struct pages, wake);
    bool slow_first = pages->slow_first;
    serve(pages, slow_first ? &pages->slow : &pages->waiters);
    serve(pages, slow_first ? &pages->waiters : &pages->slow);
}

int pages_init(struct fs *fs, uint64_t limit)
{
    fs->pages = calloc(1, sizeof *fs->pages);
    if (!fs->pages)
        return -ENOMEM;
    fs->pages->fs = fs;
    fs->pages->limit = limit;
    fs->pages->trim.fire = trim_due;
    fs->pages->wake.fire = wake_due;
    waiters_init(&fs->pages->waiters);
    waiters_init(&fs->pages->slow);
    return 0;
}

void pages_done(struct fs *fs)
{
    if (!fs->pages)
        return;
    timer_cancel(&fs->timers, &fs->pages->trim);
    timer_cancel(&fs->timers, &fs->pages->wake);
    give_back(fs->pages, fs->pages->idle_bytes);
    free(STEAL(fs->pages));
}

static char *whole_page(struct pages *pages)
{
    struct page_memory *page = pages->idle;
    if (page) {
        pages->idle = page->next;
        pages->idle_bytes -= PAGE_BYTES;
        if (pages->idle_bytes < pages->idle_least)
            pages->idle_least = pages->idle_bytes;
        return (char *)page;
    }
    void *memory =
        mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Memory lent out, and what goes with GETs under way. */
static uint64_t used(const struct pages *pages)
{
    return pages->used + pages->fs->parts_running * GET_BYTES;
}

char *pages_get(struct fs *fs, size_t size, bool demand)
{
    struct pages *pages = fs->pages;
    uint64_t limit = pages->limit + (demand ? PAGES_RESERVE : 0);
    if (used(pages) + size > limit)
        return NULL;
    /* Only a whole page comes out of what is idle. */
    uint64_t held = used(pages) + pages->idle_bytes;
    if (size != PAGE_BYTES || !pages->idle)
        held += size;
    if (held > limit)
        give_back(pages, held - limit + PAGE_BYTES - 1);
    char *data = size == PAGE_BYTES ? whole_page(pages) : malloc(size);
    if (!data)
        return NULL;
    pages->calm = false;
    pages->used += size;
    if (pages->used > pages->peak)
        pages->peak = pages->used;
    return data;
}

void pages_put(struct fs *fs, char *data, size_t size)
{
    struct pages *pages = fs->pages;
    pages->used -= size;
    if (size != PAGE_BYTES) {
        free(data);
    } else {
        struct page_memory *page = (struct page_memory *)(void *)data;
        page->next = pages->idle;
        pages->idle = page;
        pages->idle_bytes += PAGE_BYTES;
    }
    pages->calm = false;
    /* Set first when no page was idle: idle_least is 0. */
    if (!pages->trim.set)
        timer_set(&fs->timers, &pages->trim, clock_after_ms(clock_now_ns(fs->clock), TRIM_MS));
    pages_wake(pages);
}

static uint64_t beyond(uint64_t wanted, uint64_t limit)
{
    return wanted > limit ? wanted - limit : 0;
}

uint64_t pages_lack(const struct pages *pages, uint64_t size)
{
    return beyond(used(pages) + size, pages->limit + PAGES_RESERVE);
}

uint64_t pages_slow_beyond(const struct pages *pages, uint64_t size)
{
    return beyond(pages->slow_bytes + size, (pages->limit + PAGES_RESERVE) / 4);
}

bool pages_waited_for(const struct pages *pages)
{
    return !waiters_empty(&pages->waiters) || !waiters_empty(&pages->slow);
}

void pages_wake(struct pages *pages)
{
    /* Not from here: whoever gives memory back is in the middle of something. */
    pages_wake_within(pages, 0);
}

void pages_wake_within(struct pages *pages, int64_t ms)
{
    struct fs *fs = pages->fs;
    int64_t at_ns = clock_after_ms(clock_now_ns(fs->clock), ms);
    if (pages_waited_for(pages) && (!pages->wake.set || at_ns < pages->wake.at_ns))
        timer_set(&fs->timers, &pages->wake, at_ns);
}

uint64_t pages_share(const struct pages *pages)
{
    return pages->limit / 2 / (pages->sequential ? pages->sequential : 1);
}
