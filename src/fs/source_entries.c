#include "fs/source_entries.h"

#include "base/num.h"

#include <errno.h>

#define BYTES_MAX (256 * 1024 * 1024) /* of all names of a directory */

void source_entries_done(struct source_entries *entries)
{
    free(entries->items);
    arena_free(entries->arena);
    *entries = (struct source_entries){0};
}

/* True if it can be one component of a path. */
static bool name_fits(struct pail_str name)
{
    return name.len > 0 && name.len <= SOURCE_NAME_MAX && !str_eq(name, PAIL_STR(".")) &&
           !str_eq(name, PAIL_STR("..")) && !memchr(name.ptr, '\0', name.len) &&
           !memchr(name.ptr, '/', name.len);
}

static int make_room(struct source_entries *entries)
{
    size_t bytes, capacity = entries->capacity ? 2 * entries->capacity : 64;
    if (!entries->arena && !(entries->arena = arena_new(BYTES_MAX)))
        return -ENOMEM;
    if (entries->count < entries->capacity)
        return 0;
    if (mul_overflow(capacity, sizeof(*entries->items), &bytes))
        return -ENOMEM;
    struct source_entry *items = realloc(entries->items, bytes);
    if (!items)
        return -ENOMEM;
    entries->items = items;
    entries->capacity = capacity;
    return 0;
}

/* A copy; an empty one needs no memory. */
static int copy(struct source_entries *entries, struct pail_str *s)
{
    if (s->len == 0)
        return 0;
    *s = arena_str(entries->arena, *s);
    return s->ptr ? 0 : -ENOMEM;
}

int source_entries_add(struct source_entries *entries, const struct source_entry *entry)
{
    struct source_entry own = *entry;
    if (make_room(entries) < 0 || copy(entries, &own.name) < 0 || copy(entries, &own.etag) < 0)
        return -ENOMEM;
    entries->items[entries->count++] = own;
    return 0;
}

static int leave_out(struct source_entries *entries, struct pail_str whole, size_t *count,
                     struct pail_str *example)
{
    if (*count == 0) {
        if (make_room(entries) < 0 || copy(entries, &whole) < 0)
            return -ENOMEM;
        *example = whole;
    }
    ++*count;
    return 0;
}

int source_entries_add_unreachable(struct source_entries *entries, struct pail_str whole)
{
    return leave_out(entries, whole, &entries->unreachable, &entries->unreachable_example);
}

int source_entries_add_taken(struct source_entries *entries, struct pail_str whole)
{
    return leave_out(entries, whole, &entries->taken, &entries->taken_example);
}

int source_entries_add_path(struct source_entries *entries, const struct source_entry *entry,
                            struct pail_str whole)
{
    struct pail_str path = entry->name;
    size_t slash = str_find(path, '/', 0);
    struct pail_str name = str_sub(path, 0, slash);
    if (!name_fits(name))
        return source_entries_add_unreachable(entries, whole);
    if (slash == path.len)
        return source_entries_add(entries, entry);
    const struct source_entry *last =
        entries->count ? &entries->items[entries->count - 1] : NULL;
    if (last && last->type == ENTRY_DIRECTORY && str_eq(last->name, name))
        return 0;
    return source_entries_add(entries,
                              &(struct source_entry){.name = name, .type = ENTRY_DIRECTORY});
}

/* The byte of the entry's key at `i`; -1: the key has ended. */
static int key_byte(const struct source_entry *entry, size_t i)
{
    if (i < entry->name.len)
        return (unsigned char)entry->name.ptr[i];
    return i == entry->name.len && entry->type == ENTRY_DIRECTORY ? '/' : -1;
}

static int by_key(const void *a, const void *b)
{
    const struct source_entry *left = a, *right = b;
    size_t len = left->name.len < right->name.len ? left->name.len : right->name.len;
    int order = len ? memcmp(left->name.ptr, right->name.ptr, len) : 0;
    for (size_t i = len; order == 0 && i <= len + 1; i++) {
        order = key_byte(left, i) - key_byte(right, i);
        if (key_byte(left, i) < 0)
            break;
    }
    return order;
}

void source_entries_sort(struct source_entries *entries)
{
    size_t kept = 0;
    if (entries->count > 1)
        qsort(entries->items, entries->count, sizeof(*entries->items), by_key);
    for (size_t i = 0; i < entries->count; i++) {
        const struct source_entry *entry = &entries->items[i];
        if (kept == 0 || by_key(&entries->items[kept - 1], entry) != 0)
            entries->items[kept++] = *entry;
    }
    entries->count = kept;
}

void source_entries_answer(const struct source_entries *entries, struct source_list *list)
{
    struct source_entry after = {.name = list->start_after};
    size_t first = 0;
    if (!list->cursor.ptr && after.name.len > 0) {
        if (str_ends(after.name, PAIL_STR("/"))) {
            after.name.len--;
            after.type = ENTRY_DIRECTORY;
        }
        while (first < entries->count && by_key(&entries->items[first], &after) <= 0)
            first++;
    }
    list->entries = entries->count > first ? entries->items + first : NULL;
    list->count = entries->count - first;
    list->next = str_of(NULL, 0);
    list->unreachable = entries->unreachable;
    list->unreachable_example = entries->unreachable_example;
    list->taken = entries->taken;
    list->taken_example = entries->taken_example;
}
