/* fs/tree_listing.c: which listing a directory has, and what its pages say of its names. */
#include "fs/fs.h"
#include "fs/sweep.h"
#include "fs/tree_internal.h"

#include <errno.h>

/* A name asked for so soon after one that was not there is one of several such. */
#define ABSENT_MS 500

bool tree_listing_fresh(const struct fs *fs, const struct listing *l)
{
    int64_t ttl_ms = fs->options.metadata_ttl_ms;
    return ttl_ms < 0 || (clock_now_ns(fs->clock) - l->started_ns) / NS_PER_MS < ttl_ms;
}

struct listing *tree_listing_to_come(struct fs *fs, struct node *dir)
{
    const struct directory *d = dir->directory;
    return d && d->next && tree_listing_fresh(fs, d->next) ? d->next : NULL;
}

bool tree_has_listing(struct fs *fs, struct node *dir)
{
    const struct directory *d = dir->directory;
    return d && d->listing && d->listing->state == LISTING_COMPLETE &&
           tree_listing_fresh(fs, d->listing);
}

/* What of a listing that is let go the kernel holds stays known: it keeps its node. */
static void keep_held(struct fs *fs, struct directory *d, const struct listing *l)
{
    for (size_t i = 0; i < l->count; i++) {
        struct node *node = l->nodes[i];
        if (node->lookups == 0 || node->superseded || known_find(d, node_name(node)))
            continue;
        if (listing_node(d->listing, node_name(node), node->type) != node)
            known_put(fs, d, node_name(node), node, 0);
    }
}

/* The listing being made will not be the directory's. What it has is of use as long as there is
 * no complete one: the next takes over its nodes. */
static void put_aside(struct fs *fs, struct directory *d)
{
    struct listing *gone = STEAL(d->next);
    if (gone && (!d->listing || d->listing->state != LISTING_COMPLETE)) {
        struct listing *before = d->listing;
        d->listing = gone;
        gone = before;
    }
    if (gone)
        keep_held(fs, d, gone);
    listing_unref(gone);
}

void tree_drop_listings(struct fs *fs, struct directory *d)
{
    struct listing *gone[] = {STEAL(d->next), STEAL(d->listing)};
    struct node *dir = node_ref(d->dir);
    for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
        tree_drop_below(fs, gone[i]);
        if (gone[i])
            keep_held(fs, d, gone[i]);
        listing_unref(gone[i]);
    }
    node_unref(fs, dir);
}

int tree_set_listing(struct fs *fs, struct node *dir, struct listing *l)
{
    struct directory *d = tree_directory(dir);
    if (!d)
        return -ENOMEM;
    tree_first_over(fs, d);
    put_aside(fs, d);
    d->next = listing_ref(l);
    if (dir->parent && dir->lookups == 0)
        tree_keep_ahead(fs, d);
    return 0;
}

struct node *tree_child_directory(const struct node *dir, struct pail_str name)
{
    const struct directory *d = dir->directory;
    const struct known *known = d ? known_find(d, name) : NULL;
    if (known && known->node)
        return known->node->type == ENTRY_DIRECTORY ? known->node : NULL;
    const struct listing *const order[] = {d ? d->next : NULL, d ? d->listing : NULL};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        struct node *node = listing_means(order[i], name);
        if (node)
            return node->type == ENTRY_DIRECTORY ? node : NULL;
    }
    return NULL;
}

struct listing *tree_list(struct fs *fs, struct node *dir)
{
    struct directory *d = tree_directory(dir);
    if (!d)
        return NULL;
    tree_first_over(fs, d);
    struct node *walk = sweep_walk(fs, dir);
    sweep_back(fs, dir);
    struct listing *l = tree_listing_to_come(fs, dir);
    if (!l && !d->next && tree_has_listing(fs, dir))
        l = d->listing;
    if (l) {
        l->ahead = false;
        return listing_ref(l);
    }
    l = sweep_list(fs, walk, dir);
    if (!l)
        l = listing_start(fs, dir);
    if (l)
        tree_set_listing(fs, dir, l);
    return l;
}

static void list_unread(struct fs *fs, struct node *dir)
{
    struct listing *l = listing_start(fs, dir);
    if (!l)
        return;
    l->ahead = true;
    (void)tree_set_listing(fs, dir, l);
    listing_unref(l);
}

void tree_list_ahead(struct fs *fs, struct node *dir)
{
    if (!tree_listing_to_come(fs, dir) && !tree_has_listing(fs, dir))
        list_unread(fs, dir);
}

void tree_list_for_absent(struct fs *fs, struct node *dir)
{
    const struct directory *d = dir->directory;
    const struct listing *l = d->next ? d->next : d->listing;
    int64_t now_ns = clock_now_ns(fs->clock);
    bool of_lookup = d->first_cost > 0;
    if (fs->options.metadata_ttl_ms == 0 || d->absent_ns == 0 ||
        now_ns - d->absent_ns > ABSENT_MS * NS_PER_MS)
        return;
    /* Its absences would be too old when it comes. */
    if (tree_absence_ms(fs, now_ns - 2 * fs->sweeps.page_took_ns) == 0)
        return;
    /* One that did not end with its first page would not again; one that is fresh is of more
     * use to readers. */
    if (l && !of_lookup &&
        (l->state != LISTING_COMPLETE || l->count > SWEEP_PAGE || tree_has_listing(fs, dir)))
        return;
    /* Where one is of pages it tells of all that lookups find: that of buckets leaves out those
     * of others. */
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    node_add_path(dir, &path);
    if (!buf_failed(&path) && fs_has_pages(fs, buf_str(&path)))
        list_unread(fs, dir);
}

/* `name` is a directory in this listing: a file of that name listed before it means nothing. It
 * keeps its slot, where readers of the directory find the name. */
static void supersede_file(struct listing *l, struct pail_str name)
{
    struct node *file = listing_node(l, name, ENTRY_FILE);
    if (file)
        file->superseded = true;
}

/* What was looked up by itself against what a page of `l` says of the name. Returns true if the
 * name was found absent since the page was asked for. */
static bool merge_known(struct fs *fs, struct directory *d, const struct listing *l,
                        const struct node *node)
{
    struct known *known = known_find(d, node_name(node));
    if (!known)
        return false;
    if (!known->node) {
        bool absent = known->asked_ns > l->page_ns;
        if (!absent)
            known_drop(fs, d, known);
        return absent;
    }
    /* A file does not refute a directory of the same name, which may come later. */
    if (known->node != node &&
        (known->node->type == node->type ||
         (node->type == ENTRY_DIRECTORY && known->node->confirmed_ns <= l->page_ns)))
        known->node->superseded = true;
    if (known->node->superseded)
        known_drop(fs, d, known);
    return false;
}

/* The listing that `l` will replace must not show an old version to anybody meanwhile. */
static void merge_old(struct fs *fs, struct directory *d, const struct listing *l,
                      struct node *node)
{
    ssize_t slot = d->listing && d->listing != l
                       ? listing_find(d->listing, node_name(node), node->type)
                       : -1;
    if (slot < 0 || d->listing->nodes[slot] == node)
        return;
    struct node *before = d->listing->nodes[slot];
    before->superseded = true;
    d->listing->nodes[slot] = node_ref(node);
    node_unref(fs, before);
}

static int merge_entry(struct fs *fs, struct directory *d, struct listing *l,
                       const struct source_entry *entry)
{
    /* A version that was asked for later than this page is the newer one. */
    struct node *node = tree_newer(d, entry->name, l->page_ns);
    if (node && node->type == entry->type)
        node_ref(node);
    else
        node = tree_node_of(fs, l->dir, entry, INT64_MIN); /* listing_append confirms it */
    if (!node)
        return -ENOMEM;
    if (merge_known(fs, d, l, node))
        tree_distrust(fs, node);
    merge_old(fs, d, l, node);
    int r = listing_append(l, node);
    if (r < 0) {
        node_unref(fs, node);
        return r;
    }
    if (node->type == ENTRY_DIRECTORY)
        supersede_file(l, node_name(node));
    return 0;
}

int tree_merge_page(struct fs *fs, struct listing *l, const struct source_entry *entries,
                    size_t count)
{
    struct directory *d = tree_directory(l->dir);
    int r = d ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = merge_entry(fs, d, l, &entries[i]);
    return r;
}

void tree_listing_complete(struct fs *fs, struct listing *l)
{
    struct directory *d = l->dir->directory;
    listing_confirm(l);
    listing_trim(l);
    if (!d || d->next != l)
        return;
    struct listing *old = d->listing;
    if (old)
        listing_supersede(old, l);
    known_listed(fs, d, l);
    d->listing = d->next;
    d->next = NULL;
    listing_unref(old);
}

void tree_listing_failed(struct fs *fs, struct listing *l)
{
    struct directory *d = l->dir->directory;
    if (d && d->next == l)
        put_aside(fs, d);
}
