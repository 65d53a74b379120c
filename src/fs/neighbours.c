#include "fs/neighbours.h"

#include "fs/file.h"
#include "fs/fs.h"
#include "fs/sweep.h"
#include "fs/tree.h"

/* ---- the order of files ---- */

/* A slot of a directory's listing. */
struct place {
    struct node *dir;
    const struct listing *listing;
    size_t slot;
    bool up; /* it has left a directory */
};

/* The listing of the directory in which the node stands now, and where. */
static const struct listing *listing_of(const struct directory *d, const struct node *node,
                                        size_t *ret_slot)
{
    const struct listing *const order[] = {d->listing, d->next};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        ssize_t slot = order[i] ? listing_find(order[i], node_name(node), node->type) : -1;
        if (slot >= 0 && order[i]->nodes[slot] == node) {
            *ret_slot = (size_t)slot;
            return order[i];
        }
    }
    return NULL;
}

static struct node *node_at(const struct place *at)
{
    return at->listing->nodes[at->slot];
}

/* Goes to where the directory stands in the one above, if that is being walked. */
static bool go_up(const struct fs *fs, struct place *at)
{
    struct node *parent = at->dir->parent;
    size_t slot;
    if (at->listing->state != LISTING_COMPLETE || !parent || !sweep_walking(fs, parent))
        return false;
    const struct listing *l = listing_of(parent->directory, at->dir, &slot);
    *at = (struct place){.dir = parent, .listing = l, .slot = slot, .up = true};
    return l;
}

/* Goes before the first slot of the directory at the place. False: its names are not known. */
static bool go_down(struct place *at)
{
    struct node *dir = node_at(at);
    const struct directory *d = dir->directory;
    const struct listing *l = d ? d->listing ? d->listing : d->next : NULL;
    if (!l || l->count == 0)
        return false;
    *at = (struct place){.dir = dir, .listing = l, .slot = SIZE_MAX, .up = at->up};
    return true;
}

/* The next file. False: what comes next is not known. */
static bool next_file(const struct fs *fs, struct place *at, unsigned *left)
{
    while (*left > 0) {
        --*left;
        if (++at->slot >= at->listing->count) {
            if (!go_up(fs, at))
                return false;
            continue;
        }
        const struct node *node = node_at(at);
        if (node->type == ENTRY_FILE && !node->superseded)
            return true;
        if (node->type == ENTRY_FILE || at->dir->directory->neighbours.stays)
            continue;
        if (!go_down(at) && at->up)
            return false;
    }
    return false;
}

/* ---- fetching ---- */

static struct pail_str ending(const struct node *node)
{
    struct pail_str name = node_name(node);
    size_t dot = str_rfind(name, '.');
    return str_sub(name, dot, name.len);
}

static bool wanted(const struct fs *fs, const struct node *node)
{
    /* Whether the name still means this version the GET will say. */
    return node->size > 0 && node->size <= FILE_WHOLE_MAX && !node->read_through &&
           node->kind == FILE_FIXED && node->confirmed_ns >= 0 && fs->options.metadata_ttl_ms != 0;
}

static unsigned depth_now(const struct fs *fs, const struct neighbours *n)
{
    int64_t ttl_ms = fs->options.metadata_ttl_ms;
    int64_t ms = ttl_ms > 0 && ttl_ms / 2 < NEIGHBOURS_MS ? ttl_ms / 2 : NEIGHBOURS_MS;
    int64_t pace_depth = n->pace_ns > 0 ? ms * NS_PER_MS / n->pace_ns : INT64_MAX;
    if (pace_depth < 1)
        pace_depth = 1;
    return pace_depth < n->depth ? (unsigned)pace_depth : n->depth;
}

/* The numbers of the directory that is gone on into. */
static struct neighbours *numbers_of(const struct place *at, const struct neighbours *from)
{
    struct neighbours *n = &at->dir->directory->neighbours;
    if (n->listing != at->listing)
        *n = (struct neighbours){
            .listing = at->listing,
            .last = at->slot,
            .fetched = at->slot,
            .streak = 1,
            .depth = from->depth,
            .pace_ns = from->pace_ns,
            .opened_ns = from->opened_ns,
            .picks = from->picks,
        };
    return n;
}

static void fetch_on(struct fs *fs, struct node *dir, const struct listing *l,
                     const struct node *opened)
{
    const struct neighbours *from = &dir->directory->neighbours;
    struct place at = {.dir = dir, .listing = l, .slot = from->last};
    unsigned left = NEIGHBOURS_LOOK, depth = depth_now(fs, from);
    while (depth-- > 0 && next_file(fs, &at, &left)) {
        struct neighbours *n = numbers_of(&at, from);
        struct node *node = node_at(&at);
        if (at.slot < n->fetched || !wanted(fs, node))
            continue;
        if (from->picks && !str_eq(ending(node), ending(opened)))
            continue;
        if (!file_fetch_ahead(fs, node))
            return;
        n->fetched = at.slot + 1;
    }
}

/* ---- judging ---- */

/* Takes back what was fetched after the last file in order. */
static void take_back(struct fs *fs, struct node *dir, const struct listing *l)
{
    const struct neighbours *n = &dir->directory->neighbours;
    struct place at = {.dir = dir, .listing = l, .slot = n->last};
    unsigned left = NEIGHBOURS_LOOK;
    for (unsigned i = 0; n->fetched > 0 && i < NEIGHBOURS_MAX && next_file(fs, &at, &left); i++)
        file_drop_ahead(node_at(&at));
}

/* The reader went from slot n->last to `slot`: what it passed by was a wrong guess, perhaps not
 * yet of what is close. */
static void passed_by(struct neighbours *n, const struct listing *l, size_t slot)
{
    struct pail_str opened = ending(l->nodes[slot]);
    if (!str_eq(opened, ending(l->nodes[n->last])))
        n->picks = false;
    for (size_t i = n->last + 1; i < slot; i++) {
        const struct node *node = l->nodes[i];
        const struct directory *d = node->type == ENTRY_DIRECTORY ? node->directory : NULL;
        if (node->type == ENTRY_FILE && !str_eq(ending(node), opened))
            n->picks = true;
        if (d && d->neighbours.streak == 1 && d->neighbours.used == 0)
            n->stays = true;
    }
    size_t from = n->last < NEIGHBOURS_SLACK ? 0 : n->last - NEIGHBOURS_SLACK;
    size_t to = slot < NEIGHBOURS_SLACK ? 0 : slot - NEIGHBOURS_SLACK;
    for (size_t i = from; i < to; i++)
        n->wasted += l->nodes[i]->type == ENTRY_FILE && file_drop_ahead(l->nodes[i]);
}

static void note_pace(const struct fs *fs, struct neighbours *n)
{
    int64_t now_ns = clock_now_ns(fs->clock), passed_ns = now_ns - n->opened_ns;
    if (n->opened_ns > 0)
        n->pace_ns = n->pace_ns > 0 ? (3 * n->pace_ns + passed_ns) / 4 : passed_ns;
    n->opened_ns = now_ns;
}

/* False: the file was not the next in order. */
static bool note_open(struct fs *fs, struct node *dir, const struct listing *l, size_t slot,
                      bool hit)
{
    struct neighbours *n = &dir->directory->neighbours;
    bool follows = n->listing == l && n->streak > 0 && slot + NEIGHBOURS_SLACK >= n->last &&
                   slot <= n->last + NEIGHBOURS_SLACK;
    n->used += hit;
    if (!follows) {
        if (n->listing == l)
            take_back(fs, dir, l);
        *n = (struct neighbours){
            .listing = l, .last = slot, .fetched = slot + 1, .streak = 1, .used = hit};
        note_pace(fs, n);
        return false;
    }
    note_pace(fs, n);
    bool first = hit && n->streak == 1 && n->last == slot;
    if (slot <= n->last && !first)
        return false;
    bool missed = !hit && slot < n->fetched && wanted(fs, l->nodes[slot]);
    if (!first)
        passed_by(n, l, slot);
    n->wasted += missed;
    n->streak++;
    n->last = slot;
    if (n->fetched <= slot)
        n->fetched = slot + 1;
    if (n->depth < NEIGHBOURS_MIN)
        n->depth = NEIGHBOURS_MIN;
    else if (missed)
        n->depth = n->depth / 2 > NEIGHBOURS_MIN ? n->depth / 2 : NEIGHBOURS_MIN;
    else if (hit && n->depth < NEIGHBOURS_MAX)
        n->depth *= 2;
    return n->wasted <= n->used + NEIGHBOURS_WASTE;
}

void neighbours_opened(struct fs *fs, struct node *node, bool hit)
{
    struct node *dir = node->parent;
    struct directory *d = dir ? dir->directory : NULL;
    size_t slot;
    const struct listing *l = d ? listing_of(d, node, &slot) : NULL;
    if (!l)
        return;
    sweep_walk_on(fs, dir);
    if (note_open(fs, dir, l, slot, hit))
        fetch_on(fs, dir, l, node);
}
