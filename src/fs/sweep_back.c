#include "fs/fs.h"
#include "fs/sweep_levels.h"
#include "fs/tree.h"

#define STEP_DIRECTORIES 16 /* that a step passes by at most: whoever jumps does not walk */
#define STEP_FILES       SWEEP_PAGE /* likewise: so many are a page of nothing else */

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

/* What lies from one slot back to the other. */
struct step {
    size_t directories, files;
};

static bool walkable(const struct node *node)
{
    return node->type == ENTRY_DIRECTORY && !node->superseded;
}

/* False: that is no step of somebody who walks. */
static bool step_back(const struct listing *l, size_t from, size_t to, struct step *step)
{
    *step = (struct step){0};
    if (to >= from || from >= l->count)
        return false;
    for (size_t slot = from; slot-- > to;) {
        bool directory = walkable(l->nodes[slot]);
        step->directories += directory;
        step->files += !directory;
        if (step->directories > STEP_DIRECTORIES || step->files > STEP_FILES)
            return false;
    }
    return step->directories > 0;
}

static void begin_at(struct steps_back *b, size_t slot)
{
    b->asked = slot;
    b->ahead = 0;
}

static void note_step(const struct fs *fs, struct steps_back *b, const struct listing *l,
                      size_t slot)
{
    int64_t now_ns = clock_now_ns(fs->clock);
    struct step step;
    if (b->listing == l && slot == b->slot)
        return;
    if (b->listing != l || !lately(fs, b) || !step_back(l, b->slot, slot, &step)) {
        *b = (struct steps_back){.listing = l, .slot = slot, .asked = slot, .at_ns = now_ns};
        return;
    }
    int64_t passed_ns = (now_ns - b->at_ns) / (int64_t)step.directories;
    b->pace_ns = b->count > 0 ? (3 * b->pace_ns + passed_ns) / 4 : passed_ns;
    b->files = step.files / step.directories;
    b->count++;
    b->slot = slot;
    b->at_ns = now_ns;
    if (b->asked < slot && b->ahead > step.directories)
        b->ahead -= step.directories;
    else
        begin_at(b, slot);
}

/* Names in the directory in the slot, as far as they are known. */
static size_t names_in(const struct listing *above, size_t slot)
{
    const struct node *dir = slot < above->count ? above->nodes[slot] : NULL;
    const struct directory *d = dir && dir->type == ENTRY_DIRECTORY ? dir->directory : NULL;
    const struct listing *l = d ? d->listing ? d->listing : d->next : NULL;
    return l && l->count > 0 ? l->count : 1;
}

/* How many directories of so many keys to be ahead: as many as were worth it for a walk that
 * goes forwards, and no more than come while what is said of absent names is believed. */
static size_t directories_ahead(const struct fs *fs, const struct steps_back *b, size_t keys)
{
    const struct fs_options *options = &fs->options;
    size_t ahead = SWEEP_AHEAD / keys + SWEEP_GAIN * (size_t)b->count;
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
    size_t count, keys;
    size_t files; /* before the first */
    size_t ahead; /* directories from the first to the reader */
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
    parent->directory->back.ahead = range->ahead;
    *range = (struct range){.files = range->files};
    return true;
}

static void range_add(struct range *range, size_t slot, size_t names, size_t ahead)
{
    if (range->count++ == 0)
        *range = (struct range){.last = slot, .count = 1};
    range->keys += range->files + names;
    range->files = 0;
    range->first = slot;
    range->ahead = ahead;
}

/* Lists up to `ahead` directories before the reader, each once, of so many names each. A range
 * of less than a page is left for later unless the reader is just before it or nothing comes
 * after. */
static void list_back(struct fs *fs, struct node *parent, const struct listing *l, size_t ahead,
                      size_t names)
{
    struct steps_back *b = &parent->directory->back;
    size_t slot = b->asked, count = b->ahead;
    struct range range = {0};
    if (count > 0 && count >= ahead / 2)
        return;
    while (slot > 0 && count < ahead) {
        struct node *dir = l->nodes[--slot];
        if (!walkable(dir)) {
            range.files++;
            continue;
        }
        bool known = known_or_to_come(fs, dir);
        /* One more key shows that the range is over. */
        bool full = range.keys + range.files + names >= SWEEP_PAGE;
        if (range.count > 0 && (known || full) && !sweep_range(fs, parent, l, &range))
            return;
        count++;
        if (!known)
            range_add(&range, slot, names, count);
    }
    if (range.count == 0) {
        b->asked = slot;
        b->ahead = count;
    } else if (slot == 0 || range.last + 1 == b->slot || range.keys + names >= SWEEP_PAGE) {
        (void)sweep_range(fs, parent, l, &range);
    }
}

/* What was listed ahead is listed once more where it is not there when the reader comes, too
 * old or given up; not again if that was of no use, as where directories are gone. */
static void note_found(struct fs *fs, struct steps_back *b, struct node *dir, size_t slot,
                       size_t asked)
{
    if (slot < asked)
        return;
    bool known = known_or_to_come(fs, dir);
    if (tree_has_listing(fs, dir))
        b->late = 0;
    if (!known && !b->missed)
        begin_at(b, slot);
    b->missed = !known;
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

void sweep_back_late(struct node *dir)
{
    if (dir->directory && dir->directory->back.count > 0)
        dir->directory->back.late++;
}

void sweep_back(struct fs *fs, struct node *dir)
{
    size_t slot;
    const struct listing *l = listing_above(dir, &slot);
    if (!l)
        return;
    struct directory *d = dir->parent->directory;
    struct steps_back *b = &d->back;
    size_t names = b->listing == l ? names_in(l, b->slot) : 1, asked = b->asked;
    note_step(fs, b, l, slot);
    if (b->count == 0 || b->late >= SWEEP_LATE || d->one_level ||
        fs->options.metadata_ttl_ms == 0)
        return;
    if (clock_now_ns(fs->clock) < fs->sweeps.not_before_ns) {
        begin_at(b, slot);
        return;
    }
    note_found(fs, b, dir, slot, asked);
    list_back(fs, dir->parent, l, directories_ahead(fs, b, names + b->files), names);
}
