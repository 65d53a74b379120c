#include "fs/sweep_levels.h"

#include "fs/fs.h"
#include "fs/tree.h"

#include <errno.h>

int key_order(const struct source_entry *entry, struct pail_str key)
{
    struct pail_str name = entry->name;
    size_t common = name.len < key.len ? name.len : key.len;
    int order = common ? memcmp(name.ptr, key.ptr, common) : 0;
    if (order != 0)
        return order;
    if (name.len > common || entry->type == ENTRY_FILE)
        return name.len < key.len ? -1 : name.len > key.len;
    /* The directory's '/' comes next. */
    if (key.len == common)
        return 1;
    order = '/' - (unsigned char)key.ptr[common];
    return order != 0 ? order : key.len > common + 1 ? -1 : 0;
}

/* True if the directory `path` (without '/') has `key` below it. */
static bool key_below(struct pail_str path, struct pail_str key)
{
    return key.len > path.len + 1 && key.ptr[path.len] == '/' && str_starts(key, path);
}

void sweep_feed(struct sweep *s, struct listing *l)
{
    l->feeder = s;
    l->swept = true;
    node_ref(l->dir);
    LIST_INSERT_HEAD(&s->awaited, l, fed);
}

void sweep_unfeed(struct listing *l)
{
    struct fs *fs = l->fs;
    struct sweep *s = l->feeder;
    for (size_t i = 0; i < s->depth; i++) {
        if (s->levels[i].listing == l)
            s->levels[i].listing = NULL;
    }
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
    return push(s, s->root, NULL);
}

/* The listing of a directory that the sweep comes to now, if it is to be filled by it. */
static int listing_to_fill(struct sweep *s, struct node *dir, struct listing **ret)
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
    } else {
        s->late = 0;
    }
    timer_cancel(&fs->timers, &l->patience);
    LIST_REMOVE(l, fed);
    LIST_INSERT_HEAD(&s->filling, l, fed);
    l->started_ns = l->page_ns = s->page_ns;
    l->fed_page = s->pages;
    *ret = l;
    return 0;
}

/* The directory `name` below the top level, where that is listed by itself: counted. 0, 1:
 * there is no such directory any more, or -errno. */
static int known_directory(struct sweep *s, struct node *above, struct pail_str name,
                           struct node **ret)
{
    const struct source_entry entry = {.name = name, .type = ENTRY_DIRECTORY};
    struct node *dir = tree_child_directory(above, name);
    if (dir) {
        *ret = node_ref(dir);
        return 0;
    }
    /* Its listing has yet to come to the name, which stands in a page already. */
    const struct listing *l = tree_listing_to_come(s->fs, above);
    if (!l || l->state != LISTING_RUNNING || listing_covers(l, name))
        return 1;
    int r = tree_told(s->fs, above, name, &entry, s->page_ns, ret);
    if (r == 0 && (*ret)->type != ENTRY_DIRECTORY) {
        node_unref(s->fs, *ret);
        r = -ENOENT;
    }
    return r == -ENOENT ? 1 : r;
}

/* Goes down into the directory `name`, which is `path` from the root. 0, 1: there is no such
 * directory any more, or -errno. */
static int descend(struct sweep *s, struct pail_str name, struct pail_str path)
{
    struct level *top = &s->levels[s->depth - 1];
    struct node *dir;
    int r;
    if (top->listing) {
        const struct source_entry entry = {.name = name, .type = ENTRY_DIRECTORY};
        top->listing->page_ns = s->page_ns;
        r = tree_merge_page(s->fs, top->listing, &entry, 1);
        if (r == 0)
            dir = node_ref(top->listing->nodes[top->listing->count - 1]);
    } else {
        r = known_directory(s, top->dir, name, &dir);
    }
    if (r != 0)
        return r;
    /* Only whole directories: not those that reach beyond the range, or whose first keys were
     * passed over. */
    bool cut = key_below(path, buf_str(&s->at)) || key_below(path, buf_str(&s->end));
    struct listing *listing = NULL;
    r = cut ? 0 : listing_to_fill(s, dir, &listing);
    if (r == 0 && !push(s, dir, listing))
        r = -ENOMEM;
    node_unref(s->fs, dir);
    return r;
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

/* Its readers have waited until now. */
static void wake(struct listing *l)
{
    struct fs *fs = l->fs;
    if (!waiters_empty(&l->waiters))
        fs->sweeps.waited_ns += clock_now_ns(fs->clock) - l->wanted_ns;
    sweep_consumed(l);
    waiters_wake(&l->waiters);
}

void levels_wake(struct sweep *s)
{
    struct listing *l;
    while ((l = LIST_FIRST(&s->full))) {
        LIST_REMOVE(l, fed);
        wake(l);
        listing_unref(l);
    }
    LIST_FOREACH(l, &s->filling, fed)
    {
        wake(l);
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
        size_t len = (size_t)(name.ptr - entry->name.ptr) + name.len;
        int r = descend(s, name, str_sub(entry->name, 0, len));
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
