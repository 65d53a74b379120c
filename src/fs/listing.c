#include "fs/listing.h"

#include "fs/failure.h"
#include "fs/fs.h"
#include "fs/listing_ranges.h"
#include "fs/sweep.h"
#include "fs/tree.h"

#include <errno.h>

int key_cmp(struct pail_str a, enum entry_type a_type, struct pail_str b,
            enum entry_type b_type)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order != 0)
        return order;
    int a_next = a.len > common              ? (unsigned char)a.ptr[common]
                 : a_type == ENTRY_DIRECTORY ? '/'
                                             : -1;
    int b_next = b.len > common              ? (unsigned char)b.ptr[common]
                 : b_type == ENTRY_DIRECTORY ? '/'
                                             : -1;
    if (a_next != b_next)
        return a_next < b_next ? -1 : 1;
    return a.len < b.len ? -1 : a.len > b.len;
}

/* ---- requests ---- */

static void page_done(struct source_request *request);

struct listing_page *listing_ask(struct listing *l, struct pail_str cursor,
                                 struct pail_str start)
{
    struct fs *fs = l->fs;
    struct listing_page *page = calloc(1, sizeof *page);
    if (!page)
        return NULL;
    page->listing = l;
    buf_init(&page->path, PATH_BYTES_MAX);
    buf_init(&page->cursor, PATH_BYTES_MAX);
    buf_init(&page->start, PATH_BYTES_MAX);
    node_add_path(l->dir, &page->path);
    buf_add_str(&page->cursor, cursor);
    buf_add_str(&page->start, cursor.len ? PAIL_STR("") : start);
    if (buf_failed(&page->path) || buf_failed(&page->cursor) || buf_failed(&page->start)) {
        listing_page_free(page);
        return NULL;
    }
    page->request = (struct source_list){
        .request = {.done = page_done},
        .path = buf_str(&page->path),
        .cursor = page->cursor.len ? buf_str(&page->cursor) : (struct pail_str){0},
        .start_after = page->start.len ? buf_str(&page->start) : (struct pail_str){0},
    };
    listing_ref(l);
    node_ref(l->dir);
    fs_request_begin(fs, &page->request.request);
    fs->source->ops->list(fs->source, &page->request);
    return page;
}

void listing_page_free(struct listing_page *page)
{
    struct fs *fs = page->listing->fs;
    if (page->answered)
        fs->source->ops->release(fs->source, &page->request.request);
    buf_done(&page->path);
    buf_done(&page->cursor);
    buf_done(&page->start);
    free(page);
}

/* A listing that was fed in part, or that ranges were taken over into, goes on after its last
 * name. */
static int ask_page(struct listing *l)
{
    CLEANUP_DONE(buf) struct buf start;
    buf_init(&start, PATH_BYTES_MAX);
    if (l->cursor.len == 0 && l->count > 0) {
        const struct node *last = l->nodes[l->count - 1];
        buf_add_str(&start, node_name(last));
        if (last->type == ENTRY_DIRECTORY)
            buf_add_byte(&start, '/');
    }
    if (buf_failed(&start))
        return -ENOMEM;
    l->page_ns = clock_now_ns(l->fs->clock);
    l->page = listing_ask(l, buf_str(&l->cursor), buf_str(&start));
    return l->page ? 0 : -ENOMEM;
}

/* `request`: that failed; NULL: none could be made. */
static void failed(struct listing *l, int status, const struct source_request *request)
{
    /* readdir(3) takes ENOENT for the end of the directory. */
    l->status = status == -ENOENT ? -ESTALE : status;
    l->state = LISTING_FAILED;
    if (!l->ahead)
        failure_note(l->fs, l->dir, "readdir", l->status, request);
    struct listing_page *page = STEAL(l->page);
    if (page) /* taken over from a range: it must not complete what lacks names */
        l->fs->source->ops->cancel(l->fs->source, &page->request.request);
    ranges_drop(l);
    tree_listing_failed(l->fs, l);
}

bool listing_short(const struct listing *l)
{
    return l->state == LISTING_RUNNING && l->readers > 0 &&
           l->count < l->wanted + LISTING_AHEAD;
}

/* Asks for the next page if that is its turn. The listing is the caller's. */
static void ask_ahead(struct listing *l)
{
    if (l->feeder && !sweep_outgrown(l)) {
        sweep_want(l->feeder);
        return;
    }
    if (l->state != LISTING_RUNNING || l->readers == 0)
        return;
    int r = l->page || !listing_short(l) ? 0 : ask_page(l);
    if (r == 0) {
        ranges_go_on(l);
        return;
    }
    failed(l, r, NULL);
    waiters_wake(&l->waiters);
}

/* ---- names ---- */

static int take_names(struct listing *l, const struct source_names *names)
{
    int r = tree_merge_page(l->fs, l, names->entries, names->count);
    if (r < 0)
        return r;
    if (names->unreachable > 0 && l->unreachable == 0)
        failure_unreachable(l->fs, l->dir, names->unreachable, names->unreachable_example);
    l->unreachable += names->unreachable;
    l->empty = names->count > 0 || names->unreachable > 0 ? 0 : l->empty + 1;
    if (names->complete)
        l->state = LISTING_COMPLETE;
    /* A service that always names another page would never end. */
    return !names->complete && l->empty >= LISTING_EMPTY_MAX ? -EPROTO : 0;
}

int listing_take(struct listing *l, const struct listing_page *page, size_t count)
{
    const struct source_list *list = &page->request;
    l->page_ns = list->request.started_ns;
    if (list->request.as_of_ns != 0 && list->request.as_of_ns < l->page_ns)
        l->page_ns = list->request.as_of_ns;
    if (l->page_ns < l->started_ns)
        l->started_ns = l->page_ns;
    if (list->taken > 0 && l->taken == 0)
        failure_taken(l->fs, l->dir, list->taken, list->taken_example);
    l->taken += list->taken;
    return take_names(l, &(struct source_names){
                             .entries = list->entries,
                             .count = count,
                             .complete = count == list->count && !list->next.ptr,
                             .unreachable = list->unreachable,
                             .unreachable_example = list->unreachable_example,
                         });
}

static void completed(struct listing *l)
{
    ranges_drop(l);
    tree_listing_complete(l->fs, l);
}

/* A page of the listing's own. */
static int take_page(struct listing *l, const struct listing_page *page)
{
    const struct source_list *list = &page->request;
    if (list->request.status < 0)
        return list->request.status;
    buf_reset(&l->cursor);
    buf_add_str(&l->cursor, list->next);
    if (buf_failed(&l->cursor))
        return -ENOMEM;
    ranges_learn(l, page);
    bool whole;
    size_t count = ranges_before(l, NULL, list, &whole);
    int r = listing_take(l, page, count);
    if (r == 0 && whole && l->state == LISTING_RUNNING)
        r = ranges_adopt(l);
    if (r == 0 && l->state == LISTING_COMPLETE)
        completed(l);
    return r;
}

static void own_page_done(struct listing_page *page)
{
    struct listing *l = page->listing;
    struct fs *fs = l->fs;
    int64_t took_ns = clock_now_ns(fs->clock) - page->request.request.started_ns;
    l->page = NULL;
    int r = take_page(l, page);
    if (r < 0)
        failed(l, r, &page->request.request);
    else
        fs->sweeps.page_took_ns = took_ns;
    listing_page_free(page);
}

static void page_done(struct source_request *request)
{
    struct listing_page *page = CONTAINER_OF(request, struct listing_page, request.request);
    struct listing *l = page->listing;
    struct fs *fs = l->fs;
    struct node *dir = l->dir;
    fs_request_end(fs, request);
    page->answered = true;
    if (page->range)
        ranges_page_done(page);
    else if (page == l->page)
        own_page_done(page);
    else
        listing_page_free(page);
    ask_ahead(l);
    waiters_wake(&l->waiters);
    listing_unref(l);
    node_unref(fs, dir);
}

static void patience_over(struct timer *timer)
{
    struct listing *l = CONTAINER_OF(timer, struct listing, patience);
    sweep_missed(l);
    ask_ahead(l);
    listing_unref(l);
}

struct listing *listing_new(struct fs *fs, struct node *dir)
{
    struct listing *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->fs = fs;
    l->dir = dir;
    l->refs = 1;
    l->started_ns = clock_now_ns(fs->clock);
    l->patience.fire = patience_over;
    waiters_init(&l->waiters);
    buf_init(&l->cursor, PATH_BYTES_MAX);
    return l;
}

struct listing *listing_start(struct fs *fs, struct node *dir)
{
    struct listing *l = listing_new(fs, dir);
    if (l && ask_page(l) < 0)
        listing_unref(STEAL(l));
    return l;
}

int listing_begin_with(struct listing *l, const struct source_names *names, int64_t asked_ns)
{
    l->started_ns = l->page_ns = asked_ns;
    int r = take_names(l, names);
    if (r == 0 && l->state == LISTING_COMPLETE)
        completed(l);
    return r;
}

void listing_be_patient(struct listing *l, int64_t wait_ms)
{
    struct fs *fs = l->fs;
    timer_set(&fs->timers, &l->patience, clock_after_ms(clock_now_ns(fs->clock), wait_ms));
}

void listing_go_on(struct listing *l)
{
    ask_ahead(l);
}

struct listing *listing_ref(struct listing *l)
{
    l->refs++;
    return l;
}

void listing_unref(struct listing *l)
{
    if (!l || --l->refs > 0)
        return;
    ranges_drop(l);
    for (size_t i = 0; i < l->count; i++)
        node_unref(l->fs, l->nodes[i]);
    free(l->nodes);
    buf_done(&l->cursor);
    free(l);
}

void listing_reader(struct listing *l)
{
    l->readers++;
    if (l->swept)
        sweep_consumed(l);
}

void listing_reader_gone(struct listing *l)
{
    if (--l->readers == 0)
        ranges_drop(l);
    listing_unref(l);
}

void listing_want(struct listing *l, size_t index)
{
    if (index >= l->wanted)
        l->wanted = index + 1;
    l->wanted_ns = clock_now_ns(l->fs->clock);
    ask_ahead(l);
}

size_t listing_lower_bound(const struct listing *l, struct pail_str name, enum entry_type type)
{
    size_t low = 0, high = l->count;
    /* What pages bring comes last. */
    const struct node *last = high ? l->nodes[high - 1] : NULL;
    if (last && key_cmp(node_name(last), last->type, name, type) < 0)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct node *node = l->nodes[middle];
        if (key_cmp(node_name(node), node->type, name, type) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

ssize_t listing_find(const struct listing *l, struct pail_str name, enum entry_type type)
{
    size_t i = listing_lower_bound(l, name, type);
    if (i < l->count && l->nodes[i]->type == type && str_eq(node_name(l->nodes[i]), name))
        return (ssize_t)i;
    return -1;
}

struct node *listing_node(const struct listing *l, struct pail_str name, enum entry_type type)
{
    ssize_t slot = l ? listing_find(l, name, type) : -1;
    return slot >= 0 ? l->nodes[slot] : NULL;
}

struct node *listing_means(const struct listing *l, struct pail_str name)
{
    static const enum entry_type order[] = {ENTRY_DIRECTORY, ENTRY_FILE};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        struct node *node = listing_node(l, name, order[i]);
        if (node && !node->superseded)
            return node;
    }
    return NULL;
}

bool listing_covers(const struct listing *l, struct pail_str name)
{
    if (l->state == LISTING_COMPLETE)
        return true;
    if (l->count == 0)
        return false;
    const struct node *last = l->nodes[l->count - 1];
    return key_cmp(node_name(last), last->type, name, ENTRY_DIRECTORY) >= 0;
}

void listing_confirm(struct listing *l)
{
    while (l->confirmed < l->count && listing_covers(l, node_name(l->nodes[l->confirmed])))
        node_confirm(l->nodes[l->confirmed++],
                     l->page_ns < l->unclear_ns ? l->page_ns : l->unclear_ns);
}

void listing_supersede(const struct listing *old, const struct listing *l)
{
    size_t at = 0;
    for (size_t i = 0; i < old->count; i++) {
        struct node *node = old->nodes[i];
        /* Both are in the same order. */
        while (at < l->count && key_cmp(node_name(l->nodes[at]), l->nodes[at]->type,
                                        node_name(node), node->type) < 0)
            at++;
        bool held = at < l->count && l->nodes[at] == node;
        if (!held && node->confirmed_ns < l->started_ns)
            node->superseded = true;
    }
}

int listing_append(struct listing *l, struct node *node)
{
    if (l->count > 0) {
        const struct node *last = l->nodes[l->count - 1];
        if (key_cmp(node_name(last), last->type, node_name(node), node->type) >= 0)
            return -EPROTO;
    }
    if (l->count == l->capacity) {
        size_t capacity = l->capacity ? l->capacity * 2 : 64;
        struct node **nodes = realloc(l->nodes, capacity * sizeof(struct node *));
        if (!nodes)
            return -ENOMEM;
        l->nodes = nodes;
        l->capacity = capacity;
    }
    if (l->confirmed == l->count)
        l->unclear_ns = l->page_ns;
    l->nodes[l->count++] = node;
    listing_confirm(l);
    if (l->confirmed + 1 == l->count)
        l->unclear_ns = l->page_ns;
    return 0;
}

void listing_trim(struct listing *l)
{
    struct node **nodes = l->count ? realloc(l->nodes, l->count * sizeof(struct node *)) : NULL;
    if (!nodes)
        return;
    l->nodes = nodes;
    l->capacity = l->count;
}
