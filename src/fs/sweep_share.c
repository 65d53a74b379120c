/* fs/sweep_share.c: sharing what is left of a long walk out over several sweeps. */
#include "fs/fs.h"
#include "fs/sweep_levels.h"
#include "fs/tree.h"

/* The directories of one level of a sweep that it has yet to come to. */
struct rest {
    const struct listing *listing; /* NULL: none is known */
    struct buf path;               /* of the level, with a '/' unless it is the root */
    size_t first;                  /* slot of the first of them */
    size_t count;
    size_t done; /* directories before them, from the sweep's start on */
};

/* What of a key lies below `path`; absent if it is not below it. */
static struct pail_str below(struct pail_str key, const struct buf *path)
{
    if (!str_starts(key, buf_str(path)))
        return (struct pail_str){0};
    return str_sub(key, path->len, key.len);
}

static void count_rest(const struct sweep *s, const struct listing *l, struct rest *rest)
{
    struct pail_str start = below(buf_str(&s->start), &rest->path);
    struct pail_str at = below(buf_str(&s->at), &rest->path);
    struct pail_str end = below(buf_str(&s->end), &rest->path);
    rest->listing = l;
    rest->count = rest->done = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct source_entry dir = {.name = node_name(l->nodes[i]),
                                         .type = ENTRY_DIRECTORY};
        if (l->nodes[i]->type != ENTRY_DIRECTORY || (start.ptr && key_order(&dir, start) < 0))
            continue;
        if (end.len > 0 && key_order(&dir, end) >= 0)
            break;
        if (at.ptr && key_order(&dir, at) <= 0)
            rest->done++;
        else if (rest->count++ == 0)
            rest->first = i;
    }
}

/* The level with the most directories left, among those whose names are known otherwise. */
static bool find_rest(const struct sweep *s, struct rest *ret)
{
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    ret->listing = NULL;
    ret->count = 0;
    for (size_t i = 0; i < s->depth && !s->levels[i].listing; i++) {
        if (i > 0) {
            buf_add_str(&path, node_name(s->levels[i].dir));
            buf_add_byte(&path, '/');
        }
        const struct directory *d = s->levels[i].dir->directory;
        if (!d || !d->listing || d->listing->state != LISTING_COMPLETE)
            continue;
        struct rest rest = {.path = path};
        count_rest(s, d->listing, &rest);
        if (rest.count <= ret->count)
            continue;
        rest.path = ret->path;
        *ret = rest;
        buf_reset(&ret->path);
        buf_add_str(&ret->path, buf_str(&path));
    }
    return ret->listing && !buf_failed(&path) && !buf_failed(&ret->path);
}

/* The slot of the n-th directory from `slot` on. */
static size_t nth_directory(const struct listing *l, size_t slot, size_t n)
{
    for (;; slot++) {
        if (l->nodes[slot]->type == ENTRY_DIRECTORY && n-- == 0)
            return slot;
    }
}

/* How many further sweeps of its walk there may be. */
static size_t room_for(const struct sweep *s)
{
    size_t mine = 0, room = SWEEPS_MAX - s->fs->sweeps.count;
    const struct sweep *other;
    LIST_FOREACH(other, &s->fs->sweeps.active, link)
    {
        mine += other->root == s->root;
    }
    size_t more = mine < SWEEPS_A_WALK ? SWEEPS_A_WALK - mine : 0;
    return more < room ? more : room;
}

/* How many sweeps are to do the rest, and how many directories of it: large parts while much is
 * left, small ones at the end, so that none is waited for alone. The last one has all beyond.
 */
static size_t parts_of(const struct sweep *s, const struct rest *rest, size_t *ret_count)
{
    double ratio = (double)rest->count / (double)(rest->done ? rest->done : 1);
    double pages = (double)s->pages * ratio, entries = (double)s->taken * ratio;
    double horizon = (double)sweep_horizon(s->fs), share = 1;
    size_t parts = 1 + room_for(s);
    double part = pages / (2 * SWEEPS_A_WALK);
    if (part < SWEEP_PART)
        part = SWEEP_PART;
    if (part * (double)parts < pages)
        share = part * (double)parts / pages;
    if (entries * share > horizon)
        share = horizon / entries;
    pages *= share;
    *ret_count = (size_t)((double)rest->count * share);
    if ((double)parts > pages / 2)
        parts = pages < 4 ? 1 : (size_t)(pages / 2);
    return parts < *ret_count ? parts : *ret_count;
}

/* Hands all but the first of `parts` of the rest over, the last one first. */
static void hand_over(struct sweep *s, const struct rest *rest, size_t parts, size_t count)
{
    CLEANUP_DONE(buf) struct buf bound;
    buf_init(&bound, PATH_BYTES_MAX);
    for (size_t i = parts; i-- > 1;) {
        size_t slot = nth_directory(rest->listing, rest->first, i * count / parts);
        buf_reset(&bound);
        buf_add_str(&bound, buf_str(&rest->path));
        buf_add_str(&bound, node_name(rest->listing->nodes[slot]));
        buf_add_byte(&bound, '/');
        if (buf_failed(&bound) || !sweep_new(s->fs, s->root, buf_str(&bound), buf_str(&s->end)))
            return;
        buf_reset(&s->end);
        buf_add_str(&s->end, buf_str(&bound));
    }
}

void sweep_share(struct sweep *s)
{
    struct rest rest = {0};
    size_t count;
    if (!s->unshared || s->pages == 0 || s->fs->sweeps.consumed < SWEEP_PROOF ||
        room_for(s) == 0)
        return;
    s->unshared = false;
    buf_init(&rest.path, PATH_BYTES_MAX);
    if (find_rest(s, &rest)) {
        size_t parts = parts_of(s, &rest, &count);
        hand_over(s, &rest, parts, count);
    }
    buf_done(&rest.path);
}
