/* fs/source_entries.h: the names of a directory, gathered in any order from answers that know
 * no directories. Pure; one thread at a time. */
#ifndef FS_SOURCE_ENTRIES_H
#define FS_SOURCE_ENTRIES_H

#include "base/arena.h"
#include "fs/source.h"

/* All zero: none. Strings are copies in the arena. */
struct source_entries {
    struct source_entry *items;
    size_t count, capacity;
    struct arena *arena;
    size_t unreachable; /* what no path can name */
    struct pail_str unreachable_example;
    size_t taken; /* what has the path of something else */
    struct pail_str taken_example;
};

void source_entries_done(struct source_entries *entries);

/* The entry as it is. 0 or -ENOMEM. */
int source_entries_add(struct source_entries *entries, const struct source_entry *entry);
/* What has the path `entry->name` below the directory: the entry, if that is one component;
 * else the directory that it is in. `whole` is its name for people, should a component be none
 * that a path can have ("", ".", ".."). 0 or -ENOMEM. */
int source_entries_add_path(struct source_entries *entries, const struct source_entry *entry,
                            struct pail_str whole);
/* What is left out: it is counted, and the first of each kind kept. 0 or -ENOMEM. */
int source_entries_add_unreachable(struct source_entries *entries, struct pail_str whole);
int source_entries_add_taken(struct source_entries *entries, struct pail_str whole);
/* Puts them in the order of a listing (bytewise, a directory counts with its '/'), each
 * directory once. */
void source_entries_sort(struct source_entries *entries);
/* They are the answer to a listing, but for those up to its `start_after`. They must outlive
 * it. */
void source_entries_answer(const struct source_entries *entries, struct source_list *list);

#endif
