/* fs/sweep_share.c: sharing what is left of a long walk out over several sweeps. */
#include "fs/fs.h"
#include "fs/sweep_levels.h"
#include "fs/tree.h"

/* The directories of one level of a sweep that it has yet to come to. */
struct rest {
    const struct listing *listing; /* NULL: none is known */
    size_t level;                  /* of the sweep */
    size_t first;                  /* slot of the first of them */
    size_t count;
    size_t done; /* directories before them, from the sweep's start on */
};

/* What of a key lies below `path`, which ends with '/' unless it is the root's; absent if it is
 * not below it. */
static struct pail_str below(struct pail_str key, struct pail_str path)
{
    return str_starts(key, path) ? str_sub(key, path.len, key.len) : (struct pail_str){0};
}

static struct rest rest_of(const struct sweep *s, size_t level, const struct listing *l,
                           struct pail_str path)
{
    struct rest rest = {.listing = l, .level = level};
    struct pail_str start = below(buf_str(&s->start), path);
    struct pail_str at = below(buf_str(&s->at), path);
    struct pail_str end = below(buf_str(&s->end), path);
    for (size_t i = 0; i < l->count; i++) {
        const struct source_entry dir = {.name = node_name(l->nodes[i]),
                                         .type = ENTRY_DIRECTORY};
        if (l->nodes[i]->type != ENTRY_DIRECTORY || (start.ptr && key_order(&dir, start) < 0))
            continue;
        if (end.len > 0 && key_order(&dir, end) >= 0)
            break;
        if (at.ptr && key_order(&dir, at) <= 0)
            rest.done++;
        else if (rest.count++ == 0)
            rest.first = i;
    }
    return rest;
}

static void add_level(const struct sweep *s, size_t level, struct buf *path)
{
    if (level == 0)
        return;
    buf_add_str(path, node_name(s->levels[level].dir));
    buf_add_byte(path, '/');
}

/* The level with the most directories left, among those whose names are known otherwise. */
static struct rest find_rest(const struct sweep *s)
{
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    struct rest most = {0};
    for (size_t i = 0; i < s->depth && !s->levels[i].listing; i++) {
        const struct directory *d = s->levels[i].dir->directory;
        add_level(s, i, &path);
        if (buf_failed(&path))
            return (struct rest){0};
        if (!d || !d->listing || d->listing->state != LISTING_COMPLETE)
            continue;
        struct rest rest = rest_of(s, i, d->listing, buf_str(&path));
        if (rest.count > most.count)
            most = rest;
    }
    return most;
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
    for (size_t i = 1; i <= rest->level; i++)
        add_level(s, i, &bound);
    size_t path_len = bound.len;
    for (size_t i = parts; i-- > 1;) {
        size_t slot = nth_directory(rest->listing, rest->first, i * count / parts);
        buf_truncate(&bound, path_len);
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
    if (!s->unshared || s->pages == 0 || s->fs->sweeps.consumed < SWEEP_PROOF ||
        room_for(s) == 0)
        return;
    s->unshared = false;
    struct rest rest = find_rest(s);
    if (!rest.listing)
        return;
    size_t count, parts = parts_of(s, &rest, &count);
    hand_over(s, &rest, parts, count);
}
