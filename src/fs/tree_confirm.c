/* fs/tree_confirm.c: expired names that are asked for in the order of the directory's listing,
 * as a walk does: a page of a new listing, from the one that is asked for on, tells what all
 * its names mean now. */
#include "fs/fs.h"
#include "fs/tree_internal.h"

#include <errno.h>

#define CONFIRM_ROW         3     /* the so manieth in order is asked for by a page */
#define CONFIRM_AHEAD       64    /* slots that the next in order may be further on... */
#define CONFIRM_BACK        16    /* ...or back: several threads walk a little out of order */
#define CONFIRM_PAGE        1000  /* slots that a page tells of, as S3 has it */
#define CONFIRM_PATIENCE_MS 2000  /* who waits for a page that long asks by itself */
#define CONFIRM_AGAIN_MS    10000 /* after a page that did not come */
#define TWIN_BACK           64    /* slots from a directory back to where its file would be */

/* How the expired names of a directory are asked for. */
struct confirming {
    const struct listing *listing; /* whose slots these are; only compared */
    size_t slot;                   /* of the furthest name asked for in order */
    size_t end;                    /* before it a page has told of all */
    unsigned row;                  /* names asked for in order */
    int64_t asked_ns;              /* the last one */
    int64_t not_before_ns;         /* no page until then */
    struct confirm_page *page;     /* under way; NULL: none */
};

/* One request. */
struct confirm_page {
    struct fs *fs;
    struct node *dir; /* held */
    struct source_list request;
    struct buf path, start;
    struct source_entry after; /* it begins after it, whose name is in `start`; no name: at the
                                  first */
    int64_t started_ns;
    const struct listing *listing; /* whose slots are meant; only compared */
    size_t slot;                   /* where it begins */
    struct timer patience;
    TAILQ_HEAD(asking_list, asking) askings; /* that wait for it */
};

static struct source_entry entry_of(const struct node *node)
{
    return (struct source_entry){.name = node_name(node), .type = (enum entry_type)node->type};
}

static int entry_order(const struct source_entry *a, const struct source_entry *b)
{
    return key_cmp(a->name, a->type, b->name, b->type);
}

/* ---- what a page says ---- */

static const struct source_entry *find(const struct source_list *list, struct pail_str name,
                                       enum entry_type type)
{
    const struct source_entry key = {.name = name, .type = type};
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entry_order(&list->entries[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < list->count && entry_order(&list->entries[low], &key) == 0;
    return found ? &list->entries[low] : NULL;
}

/* True if the page reaches past both places where the name would stand. */
static bool covers(const struct confirm_page *p, struct pail_str name)
{
    const struct source_list *list = &p->request;
    const struct source_entry file = {.name = name, .type = ENTRY_FILE};
    const struct source_entry directory = {.name = name, .type = ENTRY_DIRECTORY};
    if (p->after.name.len > 0 && entry_order(&file, &p->after) <= 0)
        return false;
    if (!list->next.ptr)
        return true;
    return list->count > 0 && entry_order(&directory, &list->entries[list->count - 1]) <= 0;
}

/* False: it says nothing of the name. *ret NULL: the name means nothing. A directory wins over
 * a file, which may stand pages before it. */
static bool says(const struct confirm_page *p, struct pail_str name,
                 const struct source_entry **ret)
{
    *ret = find(&p->request, name, ENTRY_DIRECTORY);
    if (*ret)
        return true;
    if (!covers(p, name))
        return false;
    *ret = find(&p->request, name, ENTRY_FILE);
    return true;
}

static bool in_order(const struct confirm_page *p)
{
    const struct source_list *list = &p->request;
    const struct source_entry *before = p->after.name.len > 0 ? &p->after : NULL;
    for (size_t i = 0; i < list->count; before = &list->entries[i++]) {
        if (before && entry_order(before, &list->entries[i]) >= 0)
            return false;
    }
    return true;
}

/* ---- taking it ---- */

/* What is known of the name is confirmed or corrected. */
static void correct(struct confirm_page *p, struct pail_str name)
{
    const struct source_entry *entry;
    struct node *node;
    if (!tree_newer(p->dir->directory, name, INT64_MIN) || !says(p, name, &entry))
        return;
    if (tree_told(p->fs, p->dir, name, entry, p->started_ns, &node) == 0)
        node_unref(p->fs, node);
}

static void correct_listed(struct confirm_page *p, struct listing *l)
{
    const struct source_list *list = &p->request;
    const struct source_entry *last =
        list->next.ptr && list->count > 0 ? &list->entries[list->count - 1] : NULL;
    size_t slot =
        l && p->after.name.len > 0 ? listing_lower_bound(l, p->after.name, p->after.type) : 0;
    for (; l && slot < l->count; slot++) {
        struct node *node = node_ref(l->nodes[slot]); /* its name is used to the end */
        const struct source_entry entry = entry_of(node);
        bool past = last && entry_order(&entry, last) > 0;
        if (!past)
            correct(p, entry.name);
        node_unref(p->fs, node);
        if (past)
            return;
    }
}

static void correct_known(struct confirm_page *p)
{
    const struct source_list *list = &p->request;
    for (size_t i = 0; i < list->count; i++) {
        const struct known *known = known_find(p->dir->directory, list->entries[i].name);
        if (known && known->node)
            correct(p, list->entries[i].name);
    }
}

static void tell(struct confirm_page *p, struct asking *a)
{
    struct pail_str name = str_of(a->name, a->name_len);
    const struct source_entry *entry;
    if (!says(p, name, &entry))
        return;
    a->told = true;
    a->status = tree_told(p->fs, p->dir, name, entry, p->started_ns, &a->node);
}

static int take_page(struct confirm_page *p)
{
    const struct source_request *request = &p->request.request;
    struct directory *d = p->dir->directory;
    if (request->status < 0)
        return request->status;
    if (!in_order(p))
        return -EPROTO;
    if (request->as_of_ns != 0 && request->as_of_ns < p->started_ns)
        p->started_ns = request->as_of_ns;
    struct asking *a;
    TAILQ_FOREACH(a, &p->askings, link)
    {
        tell(p, a);
    }
    if (!d)
        return 0;
    correct_listed(p, d->listing);
    correct_listed(p, d->next);
    correct_known(p);
    return 0;
}

/* ---- the request ---- */

static void page_free(struct confirm_page *p)
{
    timer_cancel(&p->fs->timers, &p->patience);
    buf_done(&p->path);
    buf_done(&p->start);
    free(p);
}

/* Those that the page told are answered, the others ask by themselves. */
static void let_go(struct confirm_page *p)
{
    struct asking *a;
    while ((a = TAILQ_FIRST(&p->askings))) {
        TAILQ_REMOVE(&p->askings, a, link);
        if (a->told)
            tree_ask_end(a, a->status, STEAL(a->node));
        else if (waiters_empty(&a->waiters))
            tree_ask_end(a, -ECANCELED, NULL);
        else
            tree_ask_source(a);
    }
}

/* What the page was good for, for the next. */
static void judge(const struct confirm_page *p, struct confirming *c, int status)
{
    const struct source_list *list = &p->request;
    const struct directory *d = p->dir->directory;
    const struct asking *first = TAILQ_FIRST(&p->askings);
    /* A server that takes no notice of where a page is to begin brings none of its names. */
    if (status < 0 || (list->count == 0 && list->next.ptr))
        c->not_before_ns = clock_after_ms(clock_now_ns(p->fs->clock), CONFIRM_AGAIN_MS);
    if (status < 0 || (first && !first->told))
        c->row = 0;
    const struct listing *l = d->listing == c->listing ? d->listing : d->next;
    if (status < 0 || l != p->listing || l != c->listing)
        return;
    const struct source_entry *last = list->count ? &list->entries[list->count - 1] : NULL;
    if (!list->next.ptr)
        c->end = l->count;
    else if (last)
        c->end = listing_lower_bound(l, last->name, last->type);
}

static void page_done(struct source_request *request)
{
    struct confirm_page *p = CONTAINER_OF(request, struct confirm_page, request.request);
    struct fs *fs = p->fs;
    struct node *dir = p->dir;
    struct directory *d = dir->directory;
    fs_request_end(fs, request);
    int status = take_page(p);
    struct confirming *c = d ? d->confirming : NULL;
    if (c && c->page == p) {
        c->page = NULL;
        judge(p, c, status);
    }
    fs->source->ops->release(fs->source, request);
    let_go(p);
    page_free(p);
    node_unref(fs, dir);
}

/* It is not waited for any longer; what it says is taken when it comes. */
static void patience_over(struct timer *timer)
{
    struct confirm_page *p = CONTAINER_OF(timer, struct confirm_page, patience);
    struct confirming *c = p->dir->directory ? p->dir->directory->confirming : NULL;
    if (c && c->page == p) {
        c->page = NULL;
        c->row = 0;
        c->not_before_ns = clock_after_ms(clock_now_ns(p->fs->clock), CONFIRM_AGAIN_MS);
    }
    let_go(p);
}

/* The slot to begin at, so that the page has both places where the name may stand. */
static size_t begin_at(const struct listing *l, size_t slot)
{
    const struct source_entry file = {.name = node_name(l->nodes[slot]), .type = ENTRY_FILE};
    for (size_t back = 0; back <= TWIN_BACK && back <= slot; back++) {
        struct source_entry before;
        if (back < slot)
            before = entry_of(l->nodes[slot - back - 1]);
        if (back == slot || entry_order(&before, &file) < 0)
            return slot - back;
    }
    return slot; /* the directory alone */
}

static struct confirm_page *page_new(struct fs *fs, struct node *dir, const struct listing *l,
                                     size_t slot)
{
    struct confirm_page *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->fs = fs;
    p->listing = l;
    p->slot = begin_at(l, slot);
    p->patience.fire = patience_over;
    TAILQ_INIT(&p->askings);
    buf_init(&p->path, PATH_BYTES_MAX);
    buf_init(&p->start, PATH_BYTES_MAX);
    node_add_path(dir, &p->path);
    if (p->slot > 0) {
        p->after = entry_of(l->nodes[p->slot - 1]);
        buf_add_str(&p->start, p->after.name);
        p->after.name = buf_str(&p->start);
        if (p->after.type == ENTRY_DIRECTORY)
            buf_add_byte(&p->start, '/');
        p->after.name.ptr = buf_str(&p->start).ptr;
    }
    if (buf_failed(&p->path) || buf_failed(&p->start) || !fs_has_pages(fs, buf_str(&p->path))) {
        page_free(p);
        return NULL;
    }
    p->dir = node_ref(dir);
    return p;
}

static struct confirm_page *ask_page(struct fs *fs, struct node *dir, const struct listing *l,
                                     size_t slot)
{
    struct confirm_page *p = page_new(fs, dir, l, slot);
    if (!p)
        return NULL;
    p->started_ns = clock_now_ns(fs->clock);
    p->request = (struct source_list){
        .request = {.done = page_done},
        .path = buf_str(&p->path),
        .start_after = p->start.len ? buf_str(&p->start) : (struct pail_str){0},
    };
    timer_set(&fs->timers, &p->patience, clock_after_ms(p->started_ns, CONFIRM_PATIENCE_MS));
    fs_request_begin(fs, &p->request.request);
    fs->source->ops->list(fs->source, &p->request);
    return p;
}

/* ---- who walks ---- */

/* Further apart than that a page would be of no use to the next. */
static bool lately(const struct fs *fs, const struct confirming *c, int64_t now_ns)
{
    return clock_after_ms(c->asked_ns, 2 * fs->options.metadata_ttl_ms) > now_ns;
}

static void note(const struct fs *fs, struct confirming *c, const struct listing *l,
                 size_t slot)
{
    int64_t now_ns = clock_now_ns(fs->clock);
    bool goes_on = c->listing == l && lately(fs, c, now_ns) && slot + CONFIRM_BACK >= c->slot &&
                   slot <= c->end + CONFIRM_AHEAD;
    if (!goes_on) {
        c->listing = l;
        c->slot = c->end = slot;
        c->row = 1;
    } else if (slot > c->slot) {
        c->slot = slot;
        if (c->end < slot)
            c->end = slot;
        c->row++;
    }
    c->asked_ns = now_ns;
}

static ssize_t slot_of(const struct listing *l, struct pail_str name)
{
    ssize_t slot = l ? listing_find(l, name, ENTRY_FILE) : -1;
    return slot < 0 && l ? listing_find(l, name, ENTRY_DIRECTORY) : slot;
}

bool tree_confirm(struct asking *a)
{
    struct fs *fs = a->fs;
    struct directory *d = a->dir->directory;
    struct pail_str name = str_of(a->name, a->name_len);
    if (fs->options.metadata_ttl_ms <= 0 || !fs->source->ops->pages)
        return false;
    const struct listing *l = tree_covering(d, name);
    ssize_t slot = slot_of(l, name);
    /* What was refuted is asked for since then. */
    if (slot < 0 || l->nodes[slot]->confirmed_ns < 0)
        return false;
    struct confirming *c = d->confirming;
    if (!c)
        c = d->confirming = calloc(1, sizeof *c);
    if (!c)
        return false;
    size_t at = (size_t)slot;
    note(fs, c, l, at);
    if (!c->page && c->row >= CONFIRM_ROW && clock_now_ns(fs->clock) >= c->not_before_ns)
        c->page = ask_page(fs, a->dir, l, at);
    struct confirm_page *p = c->page;
    if (!p || p->listing != l || at < p->slot || at >= p->slot + CONFIRM_PAGE)
        return false;
    TAILQ_INSERT_TAIL(&p->askings, a, link);
    return true;
}
