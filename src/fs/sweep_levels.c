#include "fs/sweep_levels.h"

#include "fs/fs.h"
#include "fs/tree.h"

#include <errno.h>

void sweep_feed(struct sweep *s, struct listing *l)
{
    l->feeder = s;
    l->swept = true;
    node_ref(l->dir);
    LIST_INSERT_HEAD(&s->fed, l, fed);
}

void sweep_unfeed(struct listing *l)
{
    struct fs *fs = l->fs;
    timer_cancel(&fs->timers, &l->patience);
    LIST_REMOVE(l, fed);
    l->feeder = NULL;
    node_unref(fs, l->dir);
}

static bool push(struct sweep *s, struct node *dir, struct listing *listing)
{
    if (s->depth == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 8;
        struct level *levels = realloc(s->levels, capacity * sizeof(struct level));
        if (!levels)
            return false;
        s->levels = levels;
        s->capacity = capacity;
    }
    s->levels[s->depth++] = (struct level){.dir = node_ref(dir), .listing = listing};
    return true;
}

bool levels_begin(struct sweep *s)
{
    LIST_INIT(&s->full);
    return push(s, s->root, NULL);
}

/* The listing of a directory that the sweep comes to now, if it is to be filled by it. */
static int listing_to_feed(struct sweep *s, struct node *dir, struct listing **ret)
{
    struct fs *fs = s->fs;
    struct listing *l = tree_listing_to_come(fs, dir);
    *ret = NULL;
    if (l && (l->feeder != s || l->count > 0))
        return 0;
    if (!l) {
        if (tree_has_listing(fs, dir))
            return 0;
        l = listing_new(fs, dir);
        if (!l)
            return -ENOMEM;
        if (tree_set_listing(fs, dir, l) < 0) {
            listing_unref(l);
            return -ENOMEM;
        }
        sweep_feed(s, l);
    }
    timer_cancel(&fs->timers, &l->patience);
    l->started_ns = l->page_ns = s->page_ns;
    *ret = l;
    return 0;
}

/* Goes down into `name`. 0, 1: there is no such directory any more, or -errno. */
static int descend(struct sweep *s, struct pail_str name)
{
    struct level *top = &s->levels[s->depth - 1];
    struct node *dir;
    if (top->listing) {
        const struct source_entry entry = {.name = name, .type = ENTRY_DIRECTORY};
        top->listing->page_ns = s->page_ns;
        int r = tree_merge_page(s->fs, top->listing, &entry, 1);
        if (r < 0)
            return r;
        dir = top->listing->nodes[top->listing->count - 1];
    } else {
        dir = tree_child_directory(top->dir, name);
        if (!dir)
            return 1;
    }
    struct listing *listing;
    int r = listing_to_feed(s, dir, &listing);
    if (r < 0)
        return r;
    return push(s, dir, listing) ? 0 : -ENOMEM;
}

void levels_finish(struct sweep *s, size_t depth)
{
    while (s->depth > depth) {
        struct level level = s->levels[--s->depth];
        struct listing *l = level.listing;
        if (l) {
            sweep_unfeed(l);
            l->state = LISTING_COMPLETE;
            tree_listing_complete(s->fs, l);
            if (l->readers > 0)
                s->fs->sweeps.consumed += l->count;
            LIST_INSERT_HEAD(&s->full, l, fed);
        }
        node_unref(s->fs, level.dir);
    }
}

void levels_drop(struct sweep *s)
{
    while (s->depth > 0)
        node_unref(s->fs, s->levels[--s->depth].dir);
}

void levels_wake(struct sweep *s)
{
    while (!LIST_EMPTY(&s->full)) {
        struct listing *l = LIST_FIRST(&s->full);
        LIST_REMOVE(l, fed);
        waiters_wake(&l->waiters);
        listing_unref(l);
    }
    /* Those that are being filled: what they have can be shown. A reader may end a listing, so
     * start over after each. */
    for (size_t i = 0; i < s->depth; i++) {
        struct listing *l = s->levels[i].listing;
        if (l && l->count > 0)
            waiters_wake(&l->waiters);
    }
}

int levels_take(struct sweep *s, const struct source_entry *entry)
{
    struct pail_str rest = entry->name, name;
    size_t slash = str_rfind(rest, '/');
    if (entry->type == ENTRY_FILE)
        rest = str_sub(rest, 0, slash < rest.len ? slash : 0);
    size_t depth = 1;
    while (rest.len > 0 && str_next(&rest, '/', &name)) {
        if (depth < s->depth && str_eq(node_name(s->levels[depth].dir), name)) {
            depth++;
            continue;
        }
        levels_finish(s, depth);
        int r = descend(s, name);
        if (r != 0)
            return r < 0 ? r : 0;
        depth++;
    }
    levels_finish(s, depth);
    struct listing *l = s->levels[depth - 1].listing;
    if (entry->type == ENTRY_DIRECTORY || !l)
        return 0;
    struct source_entry file = *entry;
    if (slash < entry->name.len)
        file.name = str_sub(entry->name, slash + 1, entry->name.len);
    l->page_ns = s->page_ns;
    return tree_merge_page(s->fs, l, &file, 1);
}
