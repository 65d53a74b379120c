#include "fs/tree_internal.h"

#include "fs/fs.h"
#include "fs/sweep.h"

#include <errno.h>

struct directory *tree_directory(struct node *dir)
{
    if (!dir->directory)
        dir->directory = calloc(1, sizeof *dir->directory);
    if (dir->directory)
        dir->directory->dir = dir;
    return dir->directory;
}

/* A name asked for so soon after one that was not there is one of several such. */
#define ABSENT_MS 500

/* For how long absence that was asked for then may be believed: 0 no longer, -1 for ever. */
static int64_t absence_ms(const struct fs *fs, int64_t asked_ns)
{
    if (fs->options.metadata_ttl_ms < 0)
        return -1;
    int64_t age_ms = (clock_now_ns(fs->clock) - asked_ns) / NS_PER_MS;
    return age_ms < fs->options.negative_ttl_ms ? fs->options.negative_ttl_ms - age_ms : 0;
}

/* ---- what a name means ---- */

/* The node that a listing has for the name, a directory before a file; superseded ones are
 * none. */
static struct node *listed(const struct listing *l, struct pail_str name)
{
    static const enum entry_type order[] = {ENTRY_DIRECTORY, ENTRY_FILE};
    for (size_t i = 0; l && i < ARRAY_LEN(order); i++) {
        ssize_t slot = listing_find(l, name, order[i]);
        if (slot >= 0 && !l->nodes[slot]->superseded)
            return l->nodes[slot];
    }
    return NULL;
}

const struct listing *tree_covering(const struct directory *d, struct pail_str name)
{
    if (d->next && listing_covers(d->next, name))
        return d->next;
    return d->listing && listing_covers(d->listing, name) ? d->listing : NULL;
}

/* True if the listing has named it: a superseded slot says nothing of what there is now. */
static bool has_slot(const struct listing *l, struct pail_str name)
{
    return listing_find(l, name, ENTRY_DIRECTORY) >= 0 ||
           listing_find(l, name, ENTRY_FILE) >= 0;
}

/* What the name means as far as is known freshly: the node, or NULL with *ret_absent, or NULL:
 * must be asked. */
static struct node *current(const struct fs *fs, const struct directory *d,
                            struct pail_str name, bool *ret_absent)
{
    *ret_absent = false;
    const struct known *known = known_find(d, name);
    if (known && known->node)
        return node_fresh_ms(fs, known->node) != 0 ? known->node : NULL;
    if (known && absence_ms(fs, known->asked_ns) != 0) {
        *ret_absent = true;
        return NULL;
    }
    const struct listing *l = tree_covering(d, name);
    struct node *node = listed(l, name);
    if (node)
        return node_fresh_ms(fs, node) != 0 ? node : NULL;
    *ret_absent = l && !has_slot(l, name) && absence_ms(fs, l->started_ns) != 0;
    return NULL;
}

int64_t tree_absent_ms(const struct fs *fs, const struct node *dir, struct pail_str name)
{
    const struct directory *d = dir->directory;
    const struct known *known = d ? known_find(d, name) : NULL;
    if (known && known->node)
        return 0;
    int64_t ms = known ? absence_ms(fs, known->asked_ns) : 0;
    const struct listing *l = d && ms == 0 ? tree_covering(d, name) : NULL;
    return l && !has_slot(l, name) ? absence_ms(fs, l->started_ns) : ms;
}

struct node *tree_newer(const struct directory *d, struct pail_str name, int64_t since_ns)
{
    const struct known *known = known_find(d, name);
    /* A file in a listing that has not come to where the directory would stand says nothing. */
    bool next = d->next && listing_covers(d->next, name);
    bool old = d->listing && listing_covers(d->listing, name);
    struct node *nodes[] = {known ? known->node : NULL, next ? listed(d->next, name) : NULL,
                            old ? listed(d->listing, name) : NULL};
    for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
        if (nodes[i] && !nodes[i]->superseded && nodes[i]->confirmed_ns > since_ns)
            return nodes[i];
    }
    return NULL;
}

/* The node that stands for exactly this version already, or NULL. */
static struct node *same_version(const struct directory *d, const struct source_entry *entry)
{
    const struct known *known = known_find(d, entry->name);
    if (known && known->node && !known->node->superseded && node_is(known->node, entry))
        return known->node;
    const struct listing *order[] = {d->next, d->listing};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        ssize_t slot = order[i] ? listing_find(order[i], entry->name, entry->type) : -1;
        if (slot >= 0 && !order[i]->nodes[slot]->superseded &&
            node_is(order[i]->nodes[slot], entry))
            return order[i]->nodes[slot];
    }
    return NULL;
}

/* Another version of a name goes on telling the name's last failure. Out of memory it does not.
 */
static void inherit_failure(const struct directory *d, struct node *node)
{
    const struct known *known = known_find(d, node_name(node));
    const struct node *before = known ? known->node : NULL;
    const struct listing *order[] = {d->next, d->listing};
    for (size_t i = 0; !before && i < ARRAY_LEN(order); i++) {
        ssize_t slot = order[i] ? listing_find(order[i], node_name(node), node->type) : -1;
        if (slot >= 0)
            before = order[i]->nodes[slot];
    }
    if (before && before->extra && before->extra->failure && node_extra(node))
        node->extra->failure = str_dup(str_c(before->extra->failure));
}

struct node *tree_node_of(struct fs *fs, struct node *dir, const struct source_entry *entry,
                          int64_t confirmed_ns)
{
    struct node *node = same_version(dir->directory, entry);
    if (!node) {
        node = node_new(fs, dir, entry, confirmed_ns);
        if (node)
            inherit_failure(dir->directory, node);
        return node;
    }
    node_confirm(node, confirmed_ns);
    /* What has been read of a file that grows may be newer than what is said of it. */
    if (node->type == ENTRY_FILE &&
        (node->kind == FILE_FIXED || entry->mtime_s > node->mtime_s))
        node->mtime_s = entry->mtime_s;
    return node_ref(node);
}

bool tree_supersede_listed(struct fs *fs, struct listing *l, struct pail_str name,
                           struct node *node)
{
    static const enum entry_type order[] = {ENTRY_DIRECTORY, ENTRY_FILE};
    bool stands = false;
    for (size_t i = 0; l && i < ARRAY_LEN(order); i++) {
        ssize_t slot = listing_find(l, name, order[i]);
        if (slot < 0)
            continue;
        struct node *old = l->nodes[slot];
        if (old == node) {
            stands = true;
        } else {
            old->superseded = true;
            if (node && node->type == old->type) {
                l->nodes[slot] = node_ref(node);
                node_unref(fs, old);
                stands = true;
            }
        }
    }
    return stands;
}

int tree_lookup(struct fs *fs, struct node *dir, struct pail_str name, struct name_wait *wait,
                struct node **ret)
{
    if (name.len > SOURCE_NAME_MAX)
        return -ENAMETOOLONG;
    struct directory *d = tree_directory(dir);
    if (!d)
        return -ENOMEM;
    bool absent;
    struct node *node = current(fs, d, name, &absent);
    if (node) {
        *ret = node;
        return 0;
    }
    return absent ? -ENOENT : tree_ask(fs, dir, name, wait);
}

/* ---- listings ---- */

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
        ssize_t slot = d->listing ? listing_find(d->listing, node_name(node), node->type) : -1;
        if (slot < 0 || d->listing->nodes[slot] != node)
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
        struct node *node = listed(order[i], name);
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
    if (absence_ms(fs, now_ns - 2 * fs->sweeps.page_took_ns) == 0)
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
    ssize_t slot = listing_find(l, name, ENTRY_FILE);
    if (slot >= 0)
        l->nodes[slot]->superseded = true;
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

void tree_distrust(struct fs *fs, struct node *node)
{
    node->confirmed_ns = INT64_MIN + clock_now_ns(fs->clock);
}

void tree_clear_directory(struct fs *fs, struct node *dir)
{
    struct directory *d = dir->directory;
    if (!d)
        return;
    tree_held(fs, dir);
    tree_first_over(fs, d);
    tree_drop_below(fs, d->listing);
    tree_drop_below(fs, d->next);
    struct listing *listing = STEAL(d->listing), *next_listing = STEAL(d->next);
    /* Perhaps only the names below it still hold it. */
    bool held = dir->refs > 0;
    if (held)
        node_ref(dir);
    known_clear(fs, d);
    neighbours_done(&d->neighbours);
    if (!d->asking) {
        free(d->confirming);
        free(STEAL(dir->directory));
    }
    listing_unref(listing);
    listing_unref(next_listing);
    if (held)
        node_unref(fs, dir);
}

int tree_init(struct fs *fs)
{
    fs->tree = calloc(1, sizeof *fs->tree);
    if (!fs->tree)
        return -ENOMEM;
    tree_ahead_init(fs);
    fs->tree->next_ino = 1; /* FUSE_ROOT_ID's number for the root */
    struct source_entry root = {.name = PAIL_STR(""), .type = ENTRY_DIRECTORY};
    fs->tree->root = node_new(fs, NULL, &root, clock_now_ns(fs->clock));
    if (!fs->tree->root) {
        free(STEAL(fs->tree));
        return -ENOMEM;
    }
    return 0;
}

void tree_done(struct fs *fs)
{
    if (!fs->tree)
        return;
    struct node *held;
    while ((held = LIST_FIRST(&fs->tree->held)))
        node_forget(fs, held, held->lookups);
    tree_clear_directory(fs, fs->tree->root);
    tree_ahead_done(fs);
    node_unref(fs, fs->tree->root);
    free(STEAL(fs->tree));
}
