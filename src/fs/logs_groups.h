/* fs/logs_groups.h: what is known of log groups, by their paths (fs/logs_place.h). Pure; one
 * thread at a time. */
#ifndef FS_LOGS_GROUPS_H
#define FS_LOGS_GROUPS_H

#include "fs/source_entries.h"

#include <pail/logs.h>

struct logs_group {
    int64_t seen_ns;      /* when it was last known to be there */
    int64_t creation_ms;  /* 0: not known */
    int64_t retention_ms; /* 0: for ever */
    /* Its oldest event, as far as events older than itself were looked for. */
    int64_t first_ms;  /* INT64_MAX: none was found */
    int64_t looked_ns; /* 0: they were not */
    bool slash;        /* its name begins with '/' */
    bool shadows;      /* another group has the same path */
    size_t path_len;
    char path[];
};

/* Sorted by path. All zero: none. */
struct logs_groups {
    struct logs_group **items;
    size_t count, capacity;
};

void logs_groups_done(struct logs_groups *groups);

/* Borrowed until the set changes; NULL: not known. */
struct logs_group *logs_groups_find(const struct logs_groups *groups, struct pail_str path);
/* Whether one is there or below. */
bool logs_groups_within(const struct logs_groups *groups, struct pail_str path);

/* Takes in what the service says of a group, asked at `now_ns`; what was found out of it
 * besides stays. 0; -EPROTO: it has no name; -ENOMEM. */
int logs_groups_put(struct logs_groups *groups, const struct pail_logs_log_group *group,
                    int64_t now_ns);
/* Forgets one. */
void logs_groups_remove(struct logs_groups *groups, struct pail_str path);
/* Takes over what `by` has, which is left empty. 0, or -ENOMEM with nothing changed. */
int logs_groups_merge(struct logs_groups *groups, struct logs_groups *by);
/* The same, and what `by` does not have of what is there and below is forgotten. */
int logs_groups_replace(struct logs_groups *groups, struct pail_str path,
                        struct logs_groups *by);

/* The names below the path, unsorted, and what of them is unreachable or taken. 0 or -ENOMEM.
 */
int logs_groups_list(const struct logs_groups *groups, struct pail_str path,
                     struct source_entries *ret);

#endif
