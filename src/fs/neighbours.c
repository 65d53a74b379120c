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
static size_t turned(const struct stream *n, const struct listing *l, size_t slot)
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

static bool may_be_fetched(const struct fs *fs, const struct node *node)
{
    /* Whether the name still means this version the GET will say. */
    return node->size > 0 && !node->read_through && node->kind == FILE_FIXED &&
           node->confirmed_ns >= 0 && fs->options.metadata_ttl_ms != 0;
}

static bool is_long(const struct node *node)
{
    return node->size > FILE_WHOLE_MAX;
}

/* At its next open, before anything of it is read. */
static bool wanted(const struct fs *fs, const struct node *node)
{
    return may_be_fetched(fs, node) && !is_long(node);
}

static int64_t ahead_ns(const struct fs *fs)
{
    int64_t ttl_ms = fs->options.metadata_ttl_ms;
    return (ttl_ms > 0 && ttl_ms / 2 < NEIGHBOURS_MS ? ttl_ms / 2 : NEIGHBOURS_MS) * NS_PER_MS;
}

static unsigned depth_now(const struct fs *fs, const struct stream *n)
{
    int64_t pace_depth = n->pace_ns > 0 ? ahead_ns(fs) / n->pace_ns : INT64_MAX;
    if (pace_depth < 1)
        pace_depth = 1;
    return pace_depth < n->depth ? (unsigned)pace_depth : n->depth;
}

/* ---- streams ---- */

static void stream_free(struct stream *n)
{
    LIST_REMOVE(n, link);
    free(n);
}

void neighbours_done(struct neighbours *all)
{
    while (!LIST_EMPTY(&all->streams))
        stream_free(LIST_FIRST(&all->streams));
}

/* True if an open of the slot may be the stream's next. */
static bool follows(const struct stream *n, const struct listing *l, size_t slot)
{
    if (n->listing != l)
        return false;
    size_t position = turned(n, l, slot);
    return position + NEIGHBOURS_SLACK >= n->last && position <= n->last + NEIGHBOURS_SLACK;
}

/* The stream that stands nearest to the slot. NULL: it follows from none. */
static struct stream *stream_near(const struct neighbours *all, const struct listing *l,
                                  size_t slot)
{
    struct stream *n, *nearest = NULL;
    size_t least = SIZE_MAX;
    LIST_FOREACH(n, &all->streams, link)
    {
        size_t position = turned(n, l, slot);
        size_t distance = position > n->last ? position - n->last : n->last - position;
        if (follows(n, l, slot) && distance < least) {
            nearest = n;
            least = distance;
        }
    }
    return nearest;
}

static struct place place_of(struct node *dir, const struct listing *l, const struct stream *n)
{
    return (struct place){
        .dir = dir, .listing = l, .slot = turned(n, l, n->last), .backwards = n->backwards};
}

/* The stream in the directory of the place that goes the same way and has come to the slot, or
 * was guessed to, one of a reader before a guess; NULL: none. */
static struct stream *stream_at(const struct place *at)
{
    struct stream *n, *guessed = NULL;
    LIST_FOREACH(n, &at->dir->directory->neighbours.streams, link)
    {
        size_t position = turned(n, at->listing, at->slot);
        if (n->listing != at->listing || n->backwards != at->backwards || position < n->first ||
            position > n->fetched + NEIGHBOURS_SLACK)
            continue;
        if (!n->guessed)
            return n;
        guessed = guessed ? guessed : n;
    }
    return guessed;
}

/* Takes back what was fetched after the stream's last file in order: not what was fetched for
 * another. */
static void take_back(struct fs *fs, struct node *dir, const struct listing *l,
                      const struct stream *n)
{
    struct place at = place_of(dir, l, n);
    unsigned left = NEIGHBOURS_LOOK;
    for (unsigned i = 0; i < NEIGHBOURS_MAX && next_file(fs, &at, &left); i++) {
        const struct stream *into = at.dir == dir ? n : stream_at(&at);
        if (into != n && (!into || !into->guessed))
            return;
        size_t position = turned(into, at.listing, at.slot);
        if (position < into->fetched || position < into->begun)
            file_drop_ahead(node_at(&at));
    }
}

/* Ends streams that are over: those of another listing, of who begins anew now, and the one
 * that stood still longest if there are too many. What that fetched others may have come to. */
static void end_streams(struct fs *fs, struct node *dir, const struct listing *l, pid_t caller)
{
    struct stream *n, *next;
    size_t count = 0;
    for (n = LIST_FIRST(&dir->directory->neighbours.streams); n; n = next) {
        next = LIST_NEXT(n, link);
        bool ours = n->listing == l;
        if (ours && n->caller != caller && ++count < NEIGHBOURS_STREAMS)
            continue;
        if (ours && n->caller == caller)
            take_back(fs, dir, l, n);
        stream_free(n);
    }
}

/* The stream in the directory that is gone on into; NULL on ENOMEM. */
static struct stream *stream_into(const struct place *at, const struct stream *from)
{
    struct stream *n = stream_at(at);
    if (n)
        return n;
    n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    *n = (struct stream){
        .listing = at->listing,
        .streak = 1,
        .depth = from->depth,
        .pace_ns = from->pace_ns,
        .read = from->read,
        .opened_ns = from->opened_ns,
        .caller = from->caller,
        .guessed = true,
        .backwards = from->backwards,
        .picks = from->picks,
    };
    n->first = n->last = n->fetched = n->begun = turned(n, at->listing, at->slot);
    LIST_INSERT_HEAD(&at->dir->directory->neighbours.streams, n, link);
    return n;
}

/* ---- fetching on ---- */

static void fetch_on(struct fs *fs, struct node *dir, const struct listing *l,
                     struct stream *from, const struct node *opened)
{
    struct place at = place_of(dir, l, from);
    unsigned left = NEIGHBOURS_LOOK, depth = depth_now(fs, from);
    while (depth-- > 0 && next_file(fs, &at, &left)) {
        struct stream *n = at.dir == dir ? from : stream_into(&at, from);
        if (!n)
            return;
        struct node *node = node_at(&at);
        size_t position = turned(n, at.listing, at.slot);
        if (position < n->fetched || !wanted(fs, node))
            continue;
        if (from->picks && !str_eq(ending(node), ending(opened)))
            continue;
        if (!file_fetch_ahead(fs, node, node->size))
            return;
        n->fetched = position + 1;
    }
}

/* Lists the directories that come next. Forwards a sweep does. */
static void list_on(struct fs *fs, struct node *dir, const struct listing *l, struct stream *n)
{
    struct place at = place_of(dir, l, n);
    if (!n->backwards || n->listed_on || n->depth <= NEIGHBOURS_MIN || !go_up(fs, &at))
        return;
    n->listed_on = true;
    unsigned left = NEIGHBOURS_LOOK, listed = 0;
    while (at.slot-- > 0 && left-- > 0 && listed < NEIGHBOURS_LISTED) {
        struct node *node = node_at(&at);
        if (node->type != ENTRY_DIRECTORY || node->superseded)
            continue;
        tree_list_ahead(fs, node);
        listed++;
    }
}

/* ---- judging ---- */

/* Whether something in the directory was fetched because of what is read above it. */
static bool guessed_into(const struct node *node)
{
    const struct directory *d = node->type == ENTRY_DIRECTORY ? node->directory : NULL;
    const struct stream *n;
    if (!d)
        return false;
    LIST_FOREACH(n, &d->neighbours.streams, link)
    {
        if (n->guessed)
            return true;
    }
    return false;
}

/* The reader went from n->last to `position`: what it passed by was a wrong guess, perhaps not
 * yet of what is close. */
static void passed_by(struct neighbours *all, struct stream *n, const struct listing *l,
                      size_t position)
{
    struct node *const *nodes = l->nodes;
    struct pail_str opened = ending(nodes[turned(n, l, position)]);
    if (!str_eq(opened, ending(nodes[turned(n, l, n->last)])))
        n->picks = false;
    for (size_t i = n->last + 1; i < position; i++) {
        const struct node *node = nodes[turned(n, l, i)];
        if (node->type == ENTRY_FILE && !str_eq(ending(node), opened))
            n->picks = true;
        all->stays |= guessed_into(node);
    }
    size_t from = n->last < NEIGHBOURS_BEHIND ? 0 : n->last - NEIGHBOURS_BEHIND;
    size_t to = position < NEIGHBOURS_BEHIND ? 0 : position - NEIGHBOURS_BEHIND;
    for (size_t i = from; i < to; i++) {
        struct node *node = nodes[turned(n, l, i)];
        n->wasted += node->type == ENTRY_FILE && file_drop_ahead(node);
    }
}

static void note_pace(const struct fs *fs, struct stream *n)
{
    int64_t now_ns = clock_now_ns(fs->clock), passed_ns = now_ns - n->opened_ns;
    if (n->opened_ns > 0)
        n->pace_ns = n->pace_ns > 0 ? (3 * n->pace_ns + passed_ns) / 4 : passed_ns;
    n->opened_ns = now_ns;
}

/* A stream begins at a slot, which nothing else led to. */
static void begin_at(struct stream *n, const struct listing *l, size_t slot)
{
    n->listing = l;
    n->streak = 1;
    n->first = n->last = turned(n, l, slot);
    n->fetched = n->begun = n->last + 1;
}

static struct neighbours *above(const struct node *dir)
{
    struct directory *d = dir->parent ? dir->parent->directory : NULL;
    return d ? &d->neighbours : NULL;
}

static void note_proof(const struct fs *fs, const struct node *dir, const struct stream *n)
{
    struct neighbours *up = above(dir);
    if (!up || depth_now(fs, n) < NEIGHBOURS_NEXT)
        return;
    int64_t now_ns = clock_now_ns(fs->clock);
    if (n->beside || now_ns - up->proved_ns > NEIGHBOURS_NEXT_MS * NS_PER_MS)
        up->unproved = 0;
    up->proved_ns = now_ns;
    up->proved_pace_ns = n->pace_ns;
    up->proved_backwards = n->backwards;
}

/* True if the slot is where a reader begins that goes on as others do in the directories beside
 * this one. */
static bool next_of_walk(const struct fs *fs, const struct node *dir, const struct listing *l,
                         size_t slot)
{
    const struct neighbours *up = above(dir);
    if (!up || up->proved_ns == 0 || up->unproved >= NEIGHBOURS_STREAMS ||
        clock_now_ns(fs->clock) - up->proved_ns > NEIGHBOURS_NEXT_MS * NS_PER_MS)
        return false;
    struct place at = {.dir = NULL, .listing = l, .slot = slot};
    if (up->proved_backwards && l->state != LISTING_COMPLETE)
        return false;
    for (unsigned left = NEIGHBOURS_LOOK; left > 0; left--) {
        at.slot = up->proved_backwards ? at.slot + 1 : at.slot - 1;
        if (at.slot >= l->count)
            return true;
        if (node_at(&at)->type == ENTRY_FILE)
            return false;
    }
    return false;
}

static void begin(struct fs *fs, struct node *dir, const struct listing *l, size_t slot,
                  pid_t caller)
{
    struct neighbours *all = &dir->directory->neighbours;
    end_streams(fs, dir, l, caller);
    all->stays = false;
    struct stream *n = calloc(1, sizeof *n);
    if (!n)
        return;
    n->caller = caller;
    if (next_of_walk(fs, dir, l, slot)) {
        struct neighbours *up = above(dir);
        n->beside = true;
        n->depth = NEIGHBOURS_NEXT;
        n->backwards = up->proved_backwards;
        n->pace_ns = up->proved_pace_ns;
        up->unproved++;
    }
    begin_at(n, l, slot);
    note_pace(fs, n);
    LIST_INSERT_HEAD(&all->streams, n, link);
    fetch_on(fs, dir, l, n, l->nodes[slot]);
}

/* The open of a position before the last: the reader may go the other way. */
static void look_back(struct fs *fs, struct node *dir, struct stream *n,
                      const struct listing *l, size_t slot)
{
    size_t position = turned(n, l, slot);
    if (position >= n->first || l->state != LISTING_COMPLETE)
        return;
    n->first = position;
    if (++n->back < NEIGHBOURS_TURN)
        return;
    take_back(fs, dir, l, n);
    struct stream turned_round = {.link = n->link,
                                  .opened_ns = n->opened_ns,
                                  .pace_ns = n->pace_ns,
                                  .caller = n->caller,
                                  .backwards = !n->backwards};
    *n = turned_round;
    begin_at(n, l, slot);
}

static bool given_up(const struct stream *n)
{
    return n->wasted > n->used + NEIGHBOURS_WASTE;
}

/* False: the file was not the next in order. */
static bool note_open(struct fs *fs, struct node *dir, struct stream *n,
                      const struct listing *l, size_t slot, bool hit)
{
    size_t position = turned(n, l, slot);
    bool first = hit && n->streak == 1 && n->last == position;
    if (position <= n->last && !first) {
        look_back(fs, dir, n, l, slot);
        return false;
    }
    const struct node *node = l->nodes[slot];
    bool missed =
        !hit && may_be_fetched(fs, node) && position < (is_long(node) ? n->begun : n->fetched);
    if (!first)
        passed_by(&dir->directory->neighbours, n, l, position);
    n->wasted += missed;
    n->streak++;
    n->back = 0;
    n->last = position;
    if (n->fetched <= position)
        n->fetched = position + 1;
    if (n->begun <= position)
        n->begun = position + 1;
    if (n->depth < NEIGHBOURS_MIN)
        n->depth = NEIGHBOURS_MIN;
    else if (missed)
        n->depth = n->depth / 2 > NEIGHBOURS_MIN ? n->depth / 2 : NEIGHBOURS_MIN;
    else if (hit && n->depth < NEIGHBOURS_MAX)
        n->depth *= 2;
    return !given_up(n);
}

uint64_t neighbours_opened(struct fs *fs, struct node *node, bool hit, pid_t caller)
{
    struct node *dir = node->parent;
    struct directory *d = dir ? dir->directory : NULL;
    size_t slot;
    const struct listing *l = d ? listing_of(d, node, &slot) : NULL;
    if (!l)
        return 0;
    sweep_walk_on(fs, dir);
    struct stream *n = stream_near(&d->neighbours, l, slot);
    if (!n) {
        begin(fs, dir, l, slot, caller);
        return 0;
    }
    LIST_REMOVE(n, link);
    LIST_INSERT_HEAD(&d->neighbours.streams, n, link);
    n->used += hit;
    n->guessed = false;
    n->caller = caller;
    note_pace(fs, n);
    if (!note_open(fs, dir, n, l, slot, hit))
        return 0;
    if (hit)
        note_proof(fs, dir, n);
    list_on(fs, dir, l, n);
    fetch_on(fs, dir, l, n, node);
    return n->read;
}

/* ---- reading on ---- */

/* The stream whose last file is the one in the slot; NULL: it was not opened in order. */
static struct stream *stream_of_reader(const struct neighbours *all, const struct listing *l,
                                       size_t slot)
{
    struct stream *n;
    LIST_FOREACH(n, &all->streams, link)
    {
        if (n->listing == l && n->last == turned(n, l, slot) && n->depth > 0)
            return n;
    }
    return NULL;
}

/* How many bytes behind the file the reader will come to while what is fetched ahead is kept.
 */
static uint64_t bytes_soon(const struct fs *fs, const struct stream *n, uint64_t read,
                           uint64_t rest)
{
    int64_t passed_ns = clock_now_ns(fs->clock) - n->opened_ns;
    double soon = (double)read * (double)ahead_ns(fs) / (passed_ns > 0 ? (double)passed_ns : 1);
    if (soon <= (double)rest)
        return 0;
    soon -= (double)rest;
    return soon < (double)UINT32_MAX ? (uint64_t)soon : UINT32_MAX;
}

void neighbours_read(struct fs *fs, struct node *node, const struct window *w, uint64_t beyond)
{
    struct node *dir = node->parent;
    struct directory *d = dir ? dir->directory : NULL;
    size_t slot;
    const struct listing *l = d ? listing_of(d, node, &slot) : NULL;
    struct stream *from = l ? stream_of_reader(&d->neighbours, l, slot) : NULL;
    if (!from || given_up(from))
        return;
    from->read = w->before + w->consumed;
    uint64_t soon = bytes_soon(fs, from, w->next, node->size - w->next);
    uint64_t bytes = soon < beyond ? soon : beyond;
    /* A guess that none was right of so far costs no more than a GET. */
    if (from->used == 0 && bytes > fs->options.part_size)
        bytes = fs->options.part_size;
    struct place at = place_of(dir, l, from);
    unsigned left = NEIGHBOURS_LOOK;
    while (bytes > 0 && next_file(fs, &at, &left)) {
        struct stream *n = at.dir == dir ? from : stream_into(&at, from);
        struct node *next = node_at(&at);
        if (!n || !may_be_fetched(fs, next) ||
            (from->picks && !str_eq(ending(next), ending(node))))
            continue;
        size_t position = turned(n, at.listing, at.slot);
        size_t *begun = is_long(next) ? &n->begun : &n->fetched;
        if (position < *begun && !next->file)
            continue;
        if (bytes < next->size && bytes < fs->options.part_size)
            return;
        if (!file_fetch_ahead(fs, next, bytes))
            return;
        if (*begun <= position)
            *begun = position + 1;
        bytes -= next->size < bytes ? next->size : bytes;
    }
}

void neighbours_closed(struct node *node, const struct window *w)
{
    bool to_the_end = window_from_start(w) && w->next + WINDOW_SLACK >= node->size;
    if (!is_long(node) || to_the_end || node->read_through)
        return;
    struct directory *d = node->parent ? node->parent->directory : NULL;
    size_t slot;
    const struct listing *l = d ? listing_of(d, node, &slot) : NULL;
    struct stream *n = l ? stream_of_reader(&d->neighbours, l, slot) : NULL;
    if (n)
        n->read = 0;
}
