#include "fs/tree_internal.h"

#include "fs/fs.h"

#include <errno.h>

struct directory *tree_directory(struct node *dir)
{
    if (!dir->directory)
        dir->directory = calloc(1, sizeof *dir->directory);
    if (dir->directory)
        dir->directory->dir = dir;
    return dir->directory;
}

int64_t tree_absence_ms(const struct fs *fs, int64_t asked_ns)
{
    if (fs->options.metadata_ttl_ms < 0)
        return -1;
    int64_t age_ms = (clock_now_ns(fs->clock) - asked_ns) / NS_PER_MS;
    return age_ms < fs->options.negative_ttl_ms ? fs->options.negative_ttl_ms - age_ms : 0;
}

/* ---- what a name means ---- */

const struct listing *tree_covering(const struct directory *d, struct pail_str name)
{
    if (d->next && listing_covers(d->next, name))
        return d->next;
    return d->listing && listing_covers(d->listing, name) ? d->listing : NULL;
}

/* True if the listing has named it: a superseded slot says nothing of what there is now. */
static bool has_slot(const struct listing *l, struct pail_str name)
{
    return listing_node(l, name, ENTRY_DIRECTORY) || listing_node(l, name, ENTRY_FILE);
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
    if (known && tree_absence_ms(fs, known->asked_ns) != 0) {
        *ret_absent = true;
        return NULL;
    }
    const struct listing *l = tree_covering(d, name);
    struct node *node = listing_means(l, name);
    if (node)
        return node_fresh_ms(fs, node) != 0 ? node : NULL;
    *ret_absent = l && !has_slot(l, name) && tree_absence_ms(fs, l->started_ns) != 0;
    return NULL;
}

int64_t tree_absent_ms(const struct fs *fs, const struct node *dir, struct pail_str name)
{
    const struct directory *d = dir->directory;
    const struct known *known = d ? known_find(d, name) : NULL;
    if (known && known->node)
        return 0;
    int64_t ms = known ? tree_absence_ms(fs, known->asked_ns) : 0;
    const struct listing *l = d && ms == 0 ? tree_covering(d, name) : NULL;
    return l && !has_slot(l, name) ? tree_absence_ms(fs, l->started_ns) : ms;
}

struct node *tree_newer(const struct directory *d, struct pail_str name, int64_t since_ns)
{
    const struct known *known = known_find(d, name);
    /* A file in a listing that has not come to where the directory would stand says nothing. */
    bool next = d->next && listing_covers(d->next, name);
    bool old = d->listing && listing_covers(d->listing, name);
    struct node *nodes[] = {known ? known->node : NULL,
                            next ? listing_means(d->next, name) : NULL,
                            old ? listing_means(d->listing, name) : NULL};
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
        struct node *node = listing_node(order[i], entry->name, entry->type);
        if (node && !node->superseded && node_is(node, entry))
            return node;
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
    for (size_t i = 0; !before && i < ARRAY_LEN(order); i++)
        before = listing_node(order[i], node_name(node), node->type);
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
