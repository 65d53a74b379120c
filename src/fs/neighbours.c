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
    bool backwards;
    bool up; /* it has left a directory */
};

/* The position of a slot as the neighbours count, and the slot at a position. */
static size_t turned(const struct neighbours *n, const struct listing *l, size_t slot)
{
    return n->backwards ? l->count - 1 - slot : slot;
}

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
    *at = (struct place){
        .dir = parent, .listing = l, .slot = slot, .backwards = at->backwards, .up = true};
    return l;
}

/* Goes before the first name of the directory at the place. False: its names are not known. */
static bool go_down(struct place *at)
{
    struct node *dir = node_at(at);
    const struct directory *d = dir->directory;
    const struct listing *l = d ? d->listing ? d->listing : d->next : NULL;
    if (!l || l->count == 0 || (at->backwards && l->state != LISTING_COMPLETE))
        return false;
    at->dir = dir;
    at->listing = l;
    at->slot = at->backwards ? l->count : SIZE_MAX;
    return true;
}

/* The next file. False: what comes next is not known. */
static bool next_file(const struct fs *fs, struct place *at, unsigned *left)
{
    while (*left > 0) {
        --*left;
        /* Beyond either end it is no slot. */
        at->slot = at->backwards ? at->slot - 1 : at->slot + 1;
        if (at->slot >= at->listing->count) {
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
           node->kind == FILE_FIXED && node->confirmed_ns >= 0 &&
           fs->options.metadata_ttl_ms != 0;
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
    if (n->listing == at->listing && n->backwards == at->backwards)
        return n;
    *n = (struct neighbours){
        .listing = at->listing,
        .streak = 1,
        .depth = from->depth,
        .pace_ns = from->pace_ns,
        .opened_ns = from->opened_ns,
        .guessed = true,
        .backwards = from->backwards,
        .picks = from->picks,
    };
    n->first = n->last = n->fetched = turned(n, at->listing, at->slot);
    return n;
}

static struct place place_of(struct node *dir, const struct listing *l)
{
    const struct neighbours *n = &dir->directory->neighbours;
    return (struct place){
        .dir = dir, .listing = l, .slot = turned(n, l, n->last), .backwards = n->backwards};
}

static void fetch_on(struct fs *fs, struct node *dir, const struct listing *l,
                     const struct node *opened)
{
    const struct neighbours *from = &dir->directory->neighbours;
    struct place at = place_of(dir, l);
    unsigned left = NEIGHBOURS_LOOK, depth = depth_now(fs, from);
    while (depth-- > 0 && next_file(fs, &at, &left)) {
        struct neighbours *n = numbers_of(&at, from);
        struct node *node = node_at(&at);
        size_t position = turned(n, at.listing, at.slot);
        if (position < n->fetched || !wanted(fs, node))
            continue;
        if (from->picks && !str_eq(ending(node), ending(opened)))
            continue;
        if (!file_fetch_ahead(fs, node))
            return;
        n->fetched = position + 1;
    }
}

/* ---- judging ---- */

/* Takes back what was fetched after the last file in order. */
static void take_back(struct fs *fs, struct node *dir, const struct listing *l)
{
    const struct neighbours *n = &dir->directory->neighbours;
    struct place at = place_of(dir, l);
    unsigned left = NEIGHBOURS_LOOK;
    for (unsigned i = 0; n->fetched > 0 && i < NEIGHBOURS_MAX && next_file(fs, &at, &left); i++)
        file_drop_ahead(node_at(&at));
}

/* The reader went from n->last to `position`: what it passed by was a wrong guess, perhaps not
 * yet of what is close. */
static void passed_by(struct neighbours *n, const struct listing *l, size_t position)
{
    struct node *const *nodes = l->nodes;
    struct pail_str opened = ending(nodes[turned(n, l, position)]);
    if (!str_eq(opened, ending(nodes[turned(n, l, n->last)])))
        n->picks = false;
    for (size_t i = n->last + 1; i < position; i++) {
        const struct node *node = nodes[turned(n, l, i)];
        const struct directory *d = node->type == ENTRY_DIRECTORY ? node->directory : NULL;
        if (node->type == ENTRY_FILE && !str_eq(ending(node), opened))
            n->picks = true;
        if (d && d->neighbours.guessed)
            n->stays = true;
    }
    size_t from = n->last < NEIGHBOURS_SLACK ? 0 : n->last - NEIGHBOURS_SLACK;
    size_t to = position < NEIGHBOURS_SLACK ? 0 : position - NEIGHBOURS_SLACK;
    for (size_t i = from; i < to; i++) {
        struct node *node = nodes[turned(n, l, i)];
        n->wasted += node->type == ENTRY_FILE && file_drop_ahead(node);
    }
}

static void note_pace(const struct fs *fs, struct neighbours *n)
{
    int64_t now_ns = clock_now_ns(fs->clock), passed_ns = now_ns - n->opened_ns;
    if (n->opened_ns > 0)
        n->pace_ns = n->pace_ns > 0 ? (3 * n->pace_ns + passed_ns) / 4 : passed_ns;
    n->opened_ns = now_ns;
}

/* Begins anew at a slot, which nothing else led to. */
static void start_at(struct fs *fs, struct node *dir, const struct listing *l, size_t slot,
                     bool backwards)
{
    struct neighbours *n = &dir->directory->neighbours;
    if (n->listing == l)
        take_back(fs, dir, l);
    *n = (struct neighbours){.listing = l,
                             .streak = 1,
                             .opened_ns = n->opened_ns,
                             .pace_ns = n->pace_ns,
                             .backwards = backwards};
    n->first = n->last = turned(n, l, slot);
    n->fetched = n->last + 1;
}

/* The open of a position before the last: true if the reader goes the other way. */
static bool turns_round(struct neighbours *n, const struct listing *l, size_t position)
{
    if (position >= n->first || l->state != LISTING_COMPLETE)
        return false;
    n->first = position;
    return ++n->back >= NEIGHBOURS_TURN;
}

static bool follows(const struct neighbours *n, const struct listing *l, size_t slot)
{
    if (n->listing != l || n->streak == 0)
        return false;
    size_t position = turned(n, l, slot);
    return position + NEIGHBOURS_SLACK >= n->last && position <= n->last + NEIGHBOURS_SLACK;
}

/* False: the file was not the next in order. */
static bool note_open(struct fs *fs, struct node *dir, const struct listing *l, size_t slot,
                      bool hit)
{
    struct neighbours *n = &dir->directory->neighbours;
    bool goes_on = follows(n, l, slot);
    if (!goes_on)
        start_at(fs, dir, l, slot, false);
    n->used += hit;
    n->guessed = false;
    note_pace(fs, n);
    if (!goes_on)
        return false;
    size_t position = turned(n, l, slot);
    bool first = hit && n->streak == 1 && n->last == position;
    if (position <= n->last && !first) {
        if (turns_round(n, l, position))
            start_at(fs, dir, l, slot, !n->backwards);
        return false;
    }
    bool missed = !hit && position < n->fetched && wanted(fs, l->nodes[slot]);
    if (!first)
        passed_by(n, l, position);
    n->wasted += missed;
    n->streak++;
    n->back = 0;
    n->last = position;
    if (n->fetched <= position)
        n->fetched = position + 1;
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
