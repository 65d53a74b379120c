#include "fs/listing_ranges.h"

#include "fs/fs.h"
#include "fs/outlook.h"
#include "fs/sweep.h"
#include "fs/tree.h"

#include <errno.h>

STAILQ_HEAD(page_list, listing_page);

/* Names after `start` up to the start of the next one. */
struct range {
    TAILQ_ENTRY(range) link;
    struct buf start, cursor;
    struct listing_page *page; /* under way; NULL: none */
    struct page_list pages;    /* answered, in order */
    struct outlook outlook;    /* from its newest page */
    bool whole;                /* it has come to the next range */
    bool failed;               /* the listing will ask again when it comes here */
};

/* Of a listing of more than a page. */
struct ranges {
    TAILQ_HEAD(range_list, range) list; /* in order of names */
    struct outlook outlook;             /* from the listing's own newest page */
    size_t ahead;                       /* entries of pages that wait or are under way */
    unsigned useful, wasted;            /* pages of ranges */
    bool ended;                         /* the last range has come to the directory's end */
    bool stopped;                       /* something failed: no further ones */
};

/* ---- making and dropping ---- */

static struct range *range_new(struct pail_str start)
{
    struct range *range = calloc(1, sizeof *range);
    if (!range)
        return NULL;
    buf_init(&range->start, SOURCE_NAME_MAX);
    buf_init(&range->cursor, PATH_BYTES_MAX);
    STAILQ_INIT(&range->pages);
    outlook_init(&range->outlook);
    buf_add_str(&range->start, start);
    if (buf_failed(&range->start)) {
        buf_done(&range->start);
        free(range);
        return NULL;
    }
    return range;
}

static void range_free(struct listing *l, struct range *range)
{
    struct listing_page *page;
    TAILQ_REMOVE(&l->ranges->list, range, link);
    while ((page = STAILQ_FIRST(&range->pages))) {
        STAILQ_REMOVE_HEAD(&range->pages, link);
        l->ranges->ahead -= page->request.count;
        listing_page_free(page);
    }
    outlook_done(&range->outlook);
    buf_done(&range->start);
    buf_done(&range->cursor);
    free(range);
}

/* Its page under way comes for nobody. */
static void range_give_up(struct listing *l, struct range *range)
{
    struct fs *fs = l->fs;
    if (range->page) {
        l->ranges->ahead -= SWEEP_PAGE;
        range->page->range = NULL;
        fs->source->ops->cancel(fs->source, &range->page->request.request);
    }
    range_free(l, range);
}

void ranges_drop(struct listing *l)
{
    struct ranges *all = l->ranges;
    if (!all)
        return;
    while (!TAILQ_EMPTY(&all->list))
        range_give_up(l, TAILQ_FIRST(&all->list));
    outlook_done(&all->outlook);
    free(STEAL(l->ranges));
}

/* ---- where ranges begin ---- */

void ranges_learn(struct listing *l, const struct listing_page *page)
{
    const struct source_list *list = &page->request;
    if (!l->ranges) {
        if (!list->next.ptr || !fs_has_pages(l->fs, buf_str(&page->path)))
            return;
        l->ranges = calloc(1, sizeof *l->ranges);
        if (!l->ranges)
            return;
        TAILQ_INIT(&l->ranges->list);
        outlook_init(&l->ranges->outlook);
    }
    outlook_learn(&l->ranges->outlook, list->entries, list->count);
}

/* The directory's names as they were when it was last listed whole; NULL: it was not. */
static const struct listing *before(const struct listing *l)
{
    const struct directory *d = l->dir->directory;
    const struct listing *old = d ? d->listing : NULL;
    return old && old != l && old->state == LISTING_COMPLETE ? old : NULL;
}

/* About where the names stand that come `ahead` after those that the outlook is from. */
static bool name_ahead(const struct listing *l, const struct outlook *outlook, size_t ahead,
                       struct buf *ret)
{
    const struct listing *old = before(l);
    if (!old)
        return outlook_name(outlook, ahead, ret);
    struct pail_str last = buf_str(&outlook->last);
    size_t slot = listing_lower_bound(old, last, ENTRY_FILE) + ahead;
    buf_reset(ret);
    /* Not one that would be short. */
    if (last.len == 0 || slot + SWEEP_PAGE >= old->count)
        return false;
    buf_add_str(ret, node_name(old->nodes[slot]));
    /* The last may be a directory's. */
    return !buf_failed(ret) && key_cmp(buf_str(ret), ENTRY_FILE, last, ENTRY_DIRECTORY) > 0;
}

static size_t unfinished(const struct ranges *all)
{
    size_t count = 0;
    const struct range *range;
    TAILQ_FOREACH(range, &all->list, link)
    {
        count += !range->whole;
    }
    return count;
}

/* How many there may be: what guesses have been worth so far says. */
static size_t allowed(const struct listing *l)
{
    const struct ranges *all = l->ranges;
    if (all->stopped || all->wasted > RANGES_WASTE + all->useful / RANGES_WORTH)
        return 0;
    size_t most = before(l) ? RANGES_MAX - 1 : 1 + 2 * all->useful;
    return most < RANGES_MAX - 1 ? most : RANGES_MAX - 1;
}

/* True if a range may begin there, in front of `next` (NULL: the last). A directory stands
 * after files whose names go on from its own, so its name may be before where it was found. */
static bool in_order(const struct ranges *all, struct pail_str start, const struct range *next)
{
    const struct range *before =
        next ? TAILQ_PREV(next, range_list, link) : TAILQ_LAST(&all->list, range_list);
    return (!before || str_cmp(start, buf_str(&before->start)) > 0) &&
           (!next || str_cmp(start, buf_str(&next->start)) < 0);
}

/* Begins ranges between where the outlook is from and `next` (NULL: the directory's end). */
static void begin_between(struct listing *l, const struct outlook *outlook, struct range *next)
{
    struct ranges *all = l->ranges;
    CLEANUP_DONE(buf) struct buf name;
    buf_init(&name, SOURCE_NAME_MAX);
    for (size_t i = 1; unfinished(all) < allowed(l); i++) {
        /* Not one that would be short. */
        if (next && (!name_ahead(l, outlook, (i + 1) * RANGE_PAGES * SWEEP_PAGE, &name) ||
                     str_cmp(buf_str(&name), buf_str(&next->start)) >= 0))
            return;
        if (!name_ahead(l, outlook, i * RANGE_PAGES * SWEEP_PAGE, &name) ||
            !in_order(all, buf_str(&name), next))
            return;
        struct range *range = range_new(buf_str(&name));
        if (!range)
            return;
        if (next)
            TAILQ_INSERT_BEFORE(next, range, link);
        else
            TAILQ_INSERT_TAIL(&all->list, range, link);
    }
}

static void begin(struct listing *l)
{
    struct ranges *all = l->ranges;
    struct range *range = TAILQ_FIRST(&all->list), *next;
    if (range || !all->ended)
        begin_between(l, &all->outlook, range);
    for (; range; range = next) {
        next = TAILQ_NEXT(range, link);
        if (!range->whole && !range->failed && (next || !all->ended))
            begin_between(l, &range->outlook, next);
    }
}

/* ---- pages ---- */

/* Where an entry stands to the beginning of a range, which is still the one's before it. */
static int order_to(const struct source_entry *entry, const struct range *range)
{
    return key_cmp(entry->name, entry->type, buf_str(&range->start), ENTRY_FILE);
}

size_t ranges_before(const struct listing *l, const struct range *range,
                     const struct source_list *page, bool *ret_whole)
{
    const struct range *next = !l->ranges ? NULL
                               : range    ? TAILQ_NEXT(range, link)
                                          : TAILQ_FIRST(&l->ranges->list);
    size_t count = page->count;
    int order = -1;
    while (next && count > 0 && (order = order_to(&page->entries[count - 1], next)) > 0)
        count--;
    *ret_whole = count < page->count || order == 0;
    return count;
}

void ranges_go_on(struct listing *l)
{
    struct ranges *all = l->ranges;
    if (!all || l->wanted < RANGES_PROOF)
        return;
    begin(l);
    size_t most = LISTING_AHEAD + l->wanted * RANGES_GAIN;
    struct range *range;
    TAILQ_FOREACH(range, &all->list, link)
    {
        if (all->ahead + SWEEP_PAGE > (most < RANGES_AHEAD ? most : RANGES_AHEAD))
            return;
        if (range->page || range->whole || range->failed)
            continue;
        range->page = listing_ask(l, buf_str(&range->cursor), buf_str(&range->start));
        if (!range->page)
            return;
        range->page->range = range;
        all->ahead += SWEEP_PAGE;
    }
}

/* It has come to the directory's end: those after it have nothing. */
static void end_with(struct listing *l, struct range *range)
{
    struct range *after;
    l->ranges->ended = range->whole = true;
    while ((after = TAILQ_NEXT(range, link)))
        range_give_up(l, after);
}

/* Nothing came of its request. The one before it goes on into it, or, if that has ended where
 * this one begins, the listing asks again when it comes here. */
static void give_up(struct listing *l, struct range *range)
{
    const struct range *previous = TAILQ_PREV(range, range_list, link);
    l->ranges->stopped = true;
    range->failed = true;
    buf_reset(&range->cursor);
    if (STAILQ_EMPTY(&range->pages) && !(previous && previous->whole))
        range_free(l, range);
}

void ranges_page_done(struct listing_page *page)
{
    struct listing *l = page->listing;
    struct ranges *all = l->ranges;
    struct range *range = STEAL(page->range);
    const struct source_list *list = &page->request;
    range->page = NULL;
    all->ahead -= SWEEP_PAGE;
    buf_reset(&range->cursor);
    buf_add_str(&range->cursor, list->next);
    /* A server that does not know start-after begins at the beginning: nothing is left of that.
     */
    bool empty = list->count == 0 && list->next.ptr;
    if (list->request.status < 0 || empty || buf_failed(&range->cursor)) {
        give_up(l, range);
        listing_page_free(page);
        return;
    }
    page->used = ranges_before(l, range, list, &range->whole);
    all->useful += page->used > 0;
    all->wasted += page->used == 0;
    if (!range->whole && !list->next.ptr)
        end_with(l, range);
    outlook_learn(&range->outlook, list->entries, page->used);
    all->ahead += list->count;
    STAILQ_INSERT_TAIL(&range->pages, page, link);
}

/* Takes the first range's pages that wait. */
static int take_waiting(struct listing *l, struct range *range)
{
    const struct listing_page *page;
    STAILQ_FOREACH(page, &range->pages, link)
    {
        int r = listing_take(l, page, page->used);
        if (r < 0)
            return r;
    }
    return 0;
}

int ranges_adopt(struct listing *l)
{
    struct ranges *all = l->ranges;
    bool whole = true;
    int r = 0;
    /* It may be complete before the last one: where that begins the directory may end. */
    while (r == 0 && whole && l->state == LISTING_RUNNING && !TAILQ_EMPTY(&all->list)) {
        struct range *range = TAILQ_FIRST(&all->list);
        whole = range->whole;
        r = take_waiting(l, range);
        if (range->page) {
            all->ahead -= SWEEP_PAGE;
            l->page = STEAL(range->page);
            l->page->range = NULL;
        }
        buf_reset(&l->cursor);
        buf_add_str(&l->cursor, buf_str(&range->cursor));
        outlook_done(&all->outlook);
        all->outlook = range->outlook;
        outlook_init(&range->outlook);
        range_free(l, range);
    }
    if (r == 0 && buf_failed(&l->cursor))
        r = -ENOMEM;
    if (r == 0 && whole)
        l->state = LISTING_COMPLETE;
    return r;
}
