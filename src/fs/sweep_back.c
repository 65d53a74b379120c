#include "fs/fs.h"
#include "fs/sweep_levels.h"
#include "fs/tree.h"

#define STEP_SLOTS 16 /* names that a step passes by at most: whoever jumps does not walk */

static const struct listing *listing_above(const struct node *dir, size_t *ret_slot)
{
    const struct directory *d = dir->parent ? dir->parent->directory : NULL;
    const struct listing *l = d ? d->listing : NULL;
    ssize_t slot = l && l->state == LISTING_COMPLETE
                       ? listing_find(l, node_name(dir), ENTRY_DIRECTORY)
                       : -1;
    *ret_slot = (size_t)slot;
    return slot >= 0 ? l : NULL;
}

static bool lately(const struct fs *fs, const struct steps_back *b)
{
    return clock_now_ns(fs->clock) - b->at_ns < WALK_MS * NS_PER_MS;
}

static void note_step(const struct fs *fs, struct steps_back *b, const struct listing *l,
                      size_t slot)
{
    int64_t now_ns = clock_now_ns(fs->clock), passed_ns = now_ns - b->at_ns;
    if (b->listing == l && slot == b->slot)
        return;
    bool back =
        b->listing == l && slot < b->slot && b->slot - slot <= STEP_SLOTS && lately(fs, b);
    b->pace_ns = !back ? 0 : b->count > 0 ? (3 * b->pace_ns + passed_ns) / 4 : passed_ns;
    b->count = back ? b->count + 1 : 0;
    b->asked = back && b->asked < slot ? b->asked : slot;
    b->listing = l;
    b->slot = slot;
    b->at_ns = now_ns;
}

/* Names in the directory in the slot, as far as they are known. */
static size_t names_in(const struct listing *above, size_t slot)
{
    const struct node *dir = slot < above->count ? above->nodes[slot] : NULL;
    const struct directory *d = dir && dir->type == ENTRY_DIRECTORY ? dir->directory : NULL;
    const struct listing *l = d ? d->listing ? d->listing : d->next : NULL;
    return l && l->count > 0 ? l->count : 1;
}

/* How many slots to be ahead: as many as were worth it for a walk that goes forwards,
 * and no more than come while what is said of absent names is believed. */
static size_t slots_ahead(const struct fs *fs, const struct steps_back *b, size_t names)
{
    const struct fs_options *options = &fs->options;
    size_t ahead = SWEEP_AHEAD / names + SWEEP_GAIN * (size_t)b->count;
    int64_t ms = options->metadata_ttl_ms;
    if (options->negative_ttl_ms > 0 && options->negative_ttl_ms < ms)
        ms = options->negative_ttl_ms;
    if (ms < 0 || b->pace_ns == 0)
        return ahead;
    int64_t in_time = ms * NS_PER_MS / 2 / b->pace_ns;
    return (size_t)in_time < ahead ? (size_t)in_time : ahead;
}

static bool known_or_to_come(struct fs *fs, struct node *dir)
{
    return tree_has_listing(fs, dir) || tree_listing_to_come(fs, dir) || sweep_ahead(fs, dir);
}

/* Neighbouring directories of one range, from the last to the first. */
struct range {
    size_t first, last; /* slots */
    size_t count;
};

static bool sweep_range(struct fs *fs, struct node *parent, const struct listing *l,
                        struct range *range)
{
    CLEANUP_DONE(buf) struct buf start, end;
    buf_init(&start, PATH_BYTES_MAX);
    buf_init(&end, PATH_BYTES_MAX);
    const struct node *after = l->nodes[range->last + 1];
    buf_add_str(&start, node_name(l->nodes[range->first]));
    buf_add_byte(&start, '/');
    buf_add_str(&end, node_name(after));
    if (after->type == ENTRY_DIRECTORY)
        buf_add_byte(&end, '/');
    if (fs->sweeps.count >= SWEEPS_MAX || buf_failed(&start) || buf_failed(&end) ||
        !sweep_new(fs, parent, buf_str(&start), buf_str(&end)))
        return false;
    parent->directory->back.asked = range->first;
    range->count = 0;
    return true;
}

/* Lists directories up to `ahead` slots before the reader, each once, so many to a range. A
 * smaller range is left for later unless the reader is just before it or nothing comes after.
 */
static void list_back(struct fs *fs, struct node *parent, const struct listing *l, size_t ahead,
                      size_t to_a_range)
{
    struct steps_back *b = &parent->directory->back;
    size_t slot = b->asked, end = b->slot > ahead ? b->slot - ahead : 0;
    struct range range = {0};
    if (slot < b->slot && b->slot - slot >= ahead / 2)
        return;
    while (slot > end) {
        struct node *dir = l->nodes[--slot];
        if (dir->type != ENTRY_DIRECTORY || dir->superseded)
            continue;
        bool known = known_or_to_come(fs, dir);
        if (range.count > 0 && (known || range.count == to_a_range) &&
            !sweep_range(fs, parent, l, &range))
            return;
        if (known)
            continue;
        if (range.count++ == 0)
            range.last = slot;
        range.first = slot;
    }
    if (range.count == 0)
        b->asked = slot < b->asked ? slot : b->asked;
    else if (slot == 0 || range.last + 1 == b->slot || range.count == to_a_range)
        (void)sweep_range(fs, parent, l, &range);
}

bool sweep_goes_back(const struct fs *fs, const struct node *dir, const struct node *root)
{
    for (const struct node *up = dir->parent; up; up = up->parent) {
        const struct directory *d = up->directory;
        if (d && d->back.count > 0 && lately(fs, &d->back))
            return true;
        if (up == root)
            break;
    }
    return false;
}

void sweep_back(struct fs *fs, struct node *dir)
{
    size_t slot;
    const struct listing *l = listing_above(dir, &slot);
    if (!l)
        return;
    struct directory *d = dir->parent->directory;
    struct steps_back *b = &d->back;
    size_t names = b->listing == l ? names_in(l, b->slot) : 1;
    note_step(fs, b, l, slot);
    if (b->count == 0 || d->one_level || fs->options.metadata_ttl_ms == 0 ||
        clock_now_ns(fs->clock) < fs->sweeps.not_before_ns)
        return;
    /* One more shows that the range is over. */
    size_t to_a_range = (SWEEP_PAGE - 1) / names;
    list_back(fs, dir->parent, l, slots_ahead(fs, b, names), to_a_range > 0 ? to_a_range : 1);
}
