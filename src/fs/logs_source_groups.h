/* fs/logs_source_groups.h: asking what log groups there are. fs thread only. */
#ifndef FS_LOGS_SOURCE_GROUPS_H
#define FS_LOGS_SOURCE_GROUPS_H

#include "fs/logs_source_internal.h"

enum logs_goal {
    LOGS_ALL, /* all there are, at the path and below */
    LOGS_ANY, /* whether there is one */
    LOGS_ONE, /* the group of that path */
};
/* Within a request's state: makes calls until it is known. */
struct logs_ask {
    struct source_state *state;
    const struct logs_place *place; /* must stay */
    enum logs_goal goal;
    void (*ended)(struct logs_ask *ask,
                  int status); /* from the end of a call; ask->call.error */
    /* Whether the next page is to be asked for now, or when somebody wants it; NULL: now. */
    bool (*wanted)(struct logs_ask *ask);
    struct logs_groups found;
    int64_t started_ns;
    /* fs/logs_source_groups.c's. */
    struct source_call call;
    struct pail_logs_describe_log_groups_input in;
    struct pail_logs_describe_log_groups_output out;
    bool slash, below; /* names that begin with '/'; only those below the path */
    struct list_pages pages;
    char prefix[LOGS_NAME_MAX + 3]; /* a '/' before and after, a NUL */
};
/* `ask` all zero but for the first five. `ended` comes with 0 also if nothing was found. */
void logs_ask_start(struct logs_ask *ask);
void logs_ask_done(struct logs_ask *ask);
/* What was found is known from now on; or that nothing is there. 0 or -ENOMEM. */
int logs_ask_learn(struct logs_source *logs, struct logs_ask *ask);

/* Who waits for all groups at a path and below: for base.metadata_timeout_ms at most. Groups
 * that are too many for that are asked for no longer when nobody waits any more; who asks again
 * within LOGS_PAUSE_MS has the rest of them asked for. */
#define LOGS_PAUSE_MS 60000
struct logs_wait {
    TAILQ_ENTRY(logs_wait) link;
    struct logs_scan *scan; /* NULL: it does not wait */
    struct timer deadline;
    /* 0: logs->groups has them, as they were at `as_of_ns`; or -errno with *error. */
    void (*ready)(struct logs_wait *wait, int status, const struct pail_error *error,
                  int64_t as_of_ns);
};
/* True if they are known freshly enough. */
bool logs_covered(const struct logs_source *logs, struct pail_str path);
/* When the group was last known to be there; 0: too long ago. */
int64_t logs_seen_ns(const struct logs_source *logs, const struct logs_group *group);
/* Has them asked for, or waits for who does. 0 or -ENOMEM. */
int logs_scan_wait(struct logs_source *logs, const struct logs_place *place,
                   struct logs_wait *wait);
void logs_scan_leave(struct logs_wait *wait);
/* Before the source is freed: nobody waits any more. */
void logs_scans_cancel(struct logs_source *logs);

#endif
