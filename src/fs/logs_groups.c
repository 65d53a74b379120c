#include "fs/logs_groups.h"

#include "base/num.h"
#include "fs/logs_place.h"

#include <errno.h>

#define DAY_MS INT64_C(86400000)

void logs_groups_done(struct logs_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        free(groups->items[i]);
    free(groups->items);
    *groups = (struct logs_groups){0};
}

static struct pail_str path_of(const struct logs_group *group)
{
    return str_of(group->path, group->path_len);
}

/* Whether the group's path stands before `path`, or before all that is below it. */
static bool is_before(const struct logs_group *group, struct pail_str path, bool below)
{
    struct pail_str own = path_of(group);
    if (!below || !str_starts(own, path))
        return str_cmp(own, path) < 0;
    return path.len > 0 && (own.len == path.len || own.ptr[path.len] < '/');
}

static size_t lower_bound(const struct logs_groups *groups, struct pail_str path, bool below)
{
    size_t low = 0, high = groups->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(groups->items[middle], path, below))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Those below a path stand together, though others may stand between it and them: "a", "a-b",
 * "a/c". */
static void below(const struct logs_groups *groups, struct pail_str path, size_t *ret_from,
                  size_t *ret_to)
{
    size_t from = lower_bound(groups, path, true), to = from;
    while (to < groups->count && logs_path_within(path_of(groups->items[to]), path))
        to++;
    *ret_from = from;
    *ret_to = to;
}

struct logs_group *logs_groups_find(const struct logs_groups *groups, struct pail_str path)
{
    size_t i = lower_bound(groups, path, false);
    bool found = i < groups->count && str_cmp(path_of(groups->items[i]), path) == 0;
    return found ? groups->items[i] : NULL;
}

bool logs_groups_within(const struct logs_groups *groups, struct pail_str path)
{
    size_t from, to;
    below(groups, path, &from, &to);
    return from < to || logs_groups_find(groups, path);
}

/* ---- changes ---- */

static int make_room(struct logs_groups *groups, size_t more)
{
    size_t count, bytes, capacity = groups->capacity ? groups->capacity : 32;
    if (add_overflow(groups->count, more, &count))
        return -ENOMEM;
    if (count <= groups->capacity)
        return 0;
    while (capacity < count) {
        if (mul_overflow(capacity, 2, &capacity))
            return -ENOMEM;
    }
    if (mul_overflow(capacity, sizeof(*groups->items), &bytes))
        return -ENOMEM;
    struct logs_group **items = realloc(groups->items, bytes);
    if (!items)
        return -ENOMEM;
    groups->items = items;
    groups->capacity = capacity;
    return 0;
}

static struct logs_group *insert(struct logs_groups *groups, struct pail_str path)
{
    size_t at = lower_bound(groups, path, false);
    if (make_room(groups, 1) < 0)
        return NULL;
    struct logs_group *group = calloc(1, sizeof(*group) + path.len + 1);
    if (!group)
        return NULL;
    group->path_len = path.len;
    memcpy(group->path, path.ptr, path.len);
    memmove(groups->items + at + 1, groups->items + at,
            (groups->count - at) * sizeof(*groups->items));
    groups->items[at] = group;
    groups->count++;
    return group;
}

/* Events are refused that are older than the group's by more than two weeks, so what was found
 * out stays as long as it is the same group. */
static void describe(struct logs_group *group, const struct pail_logs_log_group *from)
{
    if (!group->looked_ns || group->creation_ms != from->creation_time.value) {
        group->looked_ns = 0;
        group->first_ms = INT64_MAX;
    }
    group->creation_ms = from->creation_time.value;
    group->retention_ms = from->retention_in_days.value * DAY_MS;
}

int logs_groups_put(struct logs_groups *groups, const struct pail_logs_log_group *from,
                    int64_t now_ns)
{
    struct pail_str path = from->log_group_name;
    if (path.len == 0)
        return -EPROTO;
    bool slash = path.ptr[0] == '/';
    path = str_sub(path, slash, path.len);
    struct logs_group *group = logs_groups_find(groups, path);
    bool is_new = !group;
    if (is_new && !(group = insert(groups, path)))
        return -ENOMEM;
    if (!is_new && group->slash != slash) {
        group->shadows = true;
        if (!slash)
            return 0;
    }
    group->slash = slash;
    group->seen_ns = now_ns;
    describe(group, from);
    return 0;
}

void logs_groups_remove(struct logs_groups *groups, struct pail_str path)
{
    size_t at = lower_bound(groups, path, false);
    if (!logs_groups_find(groups, path))
        return;
    free(groups->items[at]);
    groups->count--;
    memmove(groups->items + at, groups->items + at + 1,
            (groups->count - at) * sizeof(*groups->items));
}

static bool is_same(const struct logs_group *a, const struct logs_group *b)
{
    return a->creation_ms == b->creation_ms && a->slash == b->slash;
}

/* There is room. */
static void take_over(struct logs_groups *groups, struct logs_group *group)
{
    size_t at = lower_bound(groups, path_of(group), false);
    struct logs_group *old = logs_groups_find(groups, path_of(group));
    if (old) {
        if (is_same(old, group)) {
            group->first_ms = old->first_ms;
            group->looked_ns = old->looked_ns;
        }
        free(old);
    } else {
        memmove(groups->items + at + 1, groups->items + at,
                (groups->count - at) * sizeof(*groups->items));
        groups->count++;
    }
    groups->items[at] = group;
}

int logs_groups_merge(struct logs_groups *groups, struct logs_groups *by)
{
    if (make_room(groups, by->count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < by->count; i++)
        take_over(groups, by->items[i]);
    by->count = 0;
    logs_groups_done(by);
    return 0;
}

int logs_groups_replace(struct logs_groups *groups, struct pail_str path,
                        struct logs_groups *by)
{
    size_t from, to, kept;
    if (make_room(groups, by->count) < 0)
        return -ENOMEM;
    if (!logs_groups_find(by, path))
        logs_groups_remove(groups, path);
    below(groups, path, &from, &to);
    kept = from;
    for (size_t i = from; i < to; i++) {
        if (logs_groups_find(by, path_of(groups->items[i])))
            groups->items[kept++] = groups->items[i];
        else
            free(groups->items[i]);
    }
    if (from < to)
        memmove(groups->items + kept, groups->items + to,
                (groups->count - to) * sizeof(*groups->items));
    groups->count -= to - kept;
    return logs_groups_merge(groups, by);
}

/* ---- a directory ---- */

static struct pail_str name_of(const struct logs_group *group, bool slash, struct buf *b)
{
    buf_reset(b);
    buf_add_c(b, slash ? "/" : "");
    buf_add_str(b, path_of(group));
    return buf_failed(b) ? path_of(group) : buf_str(b);
}

int logs_groups_list(const struct logs_groups *groups, struct pail_str path,
                     struct source_entries *ret)
{
    CLEANUP_DONE(buf) struct buf name;
    size_t from, to, skip = path.len ? path.len + 1 : 0;
    int r = 0;
    buf_init(&name, 2 * LOGS_NAME_MAX);
    below(groups, path, &from, &to);
    for (size_t i = from; r == 0 && i < to; i++) {
        const struct logs_group *group = groups->items[i];
        struct pail_str rest = str_sub(path_of(group), skip, group->path_len);
        if (path.len == 0 && rest.len == 0)
            continue;
        struct source_entry entry = {.name = rest, .type = ENTRY_DIRECTORY};
        size_t end = str_find(rest, '/', 0);
        struct pail_str whole = name_of(group, group->slash, &name);
        /* What a lookup refuses is not shown. */
        r = logs_group_possible(str_sub(rest, 0, end))
                ? source_entries_add_path(ret, &entry, whole)
                : source_entries_add_unreachable(ret, whole);
        if (r == 0 && group->shadows && end == rest.len)
            r = source_entries_add_taken(ret, name_of(group, !group->slash, &name));
    }
    return r;
}
