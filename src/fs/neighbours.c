#include "fs/neighbours.h"

#include "fs/file.h"
#include "fs/fs.h"
#include "fs/tree.h"

/* The listing of the directory in which the node stands now, and where. */
static struct listing *listing_of(const struct directory *d, const struct node *node,
                                  size_t *ret_slot)
{
    struct listing *const order[] = {d->listing, d->next};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        ssize_t slot = order[i] ? listing_find(order[i], node_name(node), node->type) : -1;
        if (slot >= 0 && order[i]->nodes[slot] == node) {
            *ret_slot = (size_t)slot;
            return order[i];
        }
    }
    return NULL;
}

/* Fetches the files of slots [n->fetched, target). False when the budget is used up. */
static bool fetch_until(struct fs *fs, struct neighbours *n, const struct listing *l,
                        size_t target)
{
    while (n->fetched < target && n->fetched < l->count) {
        struct node *node = l->nodes[n->fetched];
        bool wanted = node && node->type == ENTRY_FILE && node->size > 0 &&
                      node->size <= FILE_WHOLE_MAX && !node->read_through &&
                      node_fresh_ms(fs, node) != 0;
        if (wanted && !file_fetch_ahead(fs, node))
            return false;
        n->fetched++;
    }
    return true;
}

/* The next directory in listing order below the same parent whose names are all known. */
static struct node *next_directory(const struct node *dir)
{
    size_t slot;
    const struct directory *above = dir->parent ? dir->parent->directory : NULL;
    const struct listing *l = above ? listing_of(above, dir, &slot) : NULL;
    for (size_t i = l ? slot + 1 : 0; l && i < l->count; i++) {
        struct node *node = l->nodes[i];
        if (!node || node->type != ENTRY_DIRECTORY)
            continue;
        bool known = node->directory && node->directory->listing && !node->directory->next;
        return known ? node : NULL;
    }
    return NULL;
}

static void fetch_on(struct fs *fs, struct node *dir, struct neighbours *n,
                     const struct listing *l)
{
    size_t target = n->last + 1 + n->depth;
    for (unsigned i = 0; i < NEIGHBOURS_NEXT; i++) {
        if (!fetch_until(fs, n, l, target) || target <= l->count ||
            l->state != LISTING_COMPLETE)
            return;
        target -= l->count;
        dir = next_directory(dir);
        if (!dir)
            return;
        struct neighbours *next = &dir->directory->neighbours;
        if (next->listing != dir->directory->listing)
            *next = (struct neighbours){
                .listing = dir->directory->listing, .streak = 1, .depth = n->depth};
        n = next;
        l = dir->directory->listing;
    }
}

void neighbours_opened(struct fs *fs, struct node *node, bool hit)
{
    struct node *dir = node->parent;
    struct directory *d = dir ? dir->directory : NULL;
    size_t slot;
    const struct listing *l = d ? listing_of(d, node, &slot) : NULL;
    if (!l)
        return;
    struct neighbours *n = &d->neighbours;
    bool follows = n->listing == l && n->streak > 0 && slot + NEIGHBOURS_SLACK >= n->last &&
                   slot <= n->last + NEIGHBOURS_SLACK;
    if (!follows) {
        if (n->listing == l && n->fetched > n->last)
            file_drop_ahead(fs, dir);
        *n = (struct neighbours){.listing = l, .last = slot, .fetched = slot + 1};
    }
    n->streak++;
    if (slot > n->last)
        n->last = slot;
    if (n->fetched <= n->last)
        n->fetched = n->last + 1;
    if (n->streak < 2)
        return;
    if (n->depth < NEIGHBOURS_MIN)
        n->depth = NEIGHBOURS_MIN;
    else if (hit && n->depth < NEIGHBOURS_MAX)
        n->depth *= 2;
    fetch_on(fs, dir, n, l);
}
