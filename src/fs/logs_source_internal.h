/* fs/logs_source_internal.h: what the files of the source of CloudWatch Logs share. */
#ifndef FS_LOGS_SOURCE_INTERNAL_H
#define FS_LOGS_SOURCE_INTERNAL_H

#include "fs/logs_groups.h"
#include "fs/logs_place.h"
#include "fs/logs_source.h"
#include "fs/source_pace.h"
#include "fs/source_reader.h"

#include "services/logs_pages.h"
#include "services/logs_search.h"

/* Kinds of calls, each with a rate of its own. */
enum logs_kind {
    LOGS_GROUPS_CALL,
    LOGS_STREAMS_CALL,
    LOGS_EVENTS_CALL,
    LOGS_FILTER_CALL,
    LOGS_TAIL_CALL,
    LOGS_KINDS
};

struct logs_scan;

/* fs thread. */
struct logs_source {
    struct client_source base;
    struct source_pace paces[LOGS_KINDS];
    int64_t operation_timeout_ms, metadata_ttl_ms;
    int64_t since_ms, until_ms; /* INT64_MIN, INT64_MAX: no bound */
    enum logs_view view;
    enum logs_format format;
    bool slash_only; /* of names that begin with '/' */

    /* What has been learned of groups, perhaps long ago; and where, and since when, it is all
     * there is. */
    struct logs_groups groups;
    TAILQ_HEAD(logs_scans, logs_scan) scans; /* under way */
    struct logs_place covered;
    int64_t covered_ns; /* INT64_MIN: nowhere */

    struct {
        uint64_t lookups, lists, pages, events, renewed, sessions, sampled;
    } stats;
    size_t prefix_len;
    char prefix[]; /* a group's path: the mount's root */
};

static inline struct logs_source *logs_source_of(struct source *source)
{
    return CONTAINER_OF(source, struct logs_source, base.source);
}
static inline struct logs_source *logs_of_state(struct source_state *state)
{
    return logs_source_of(&state->source->source);
}
static inline int64_t logs_now_ms(const struct logs_source *logs)
{
    return clock_realtime_s(logs->base.clock) * 1000;
}

/* Where a path of the mount is: as logs_place_of. */
int logs_source_place(const struct logs_source *logs, struct pail_str path,
                      struct logs_place *ret);
/* What its failures mean, in static words. */
const char *logs_place_words(int status);
/* Starts the call, in its turn; `timeout_ms` from then. `in` is lent until the call is over. */
void logs_start(struct logs_source *logs, enum logs_kind kind, struct source_call *call,
                const void *in, int64_t timeout_ms);

/* ---- which of two names a group's path means ---- */

struct logs_name {
    bool slash; /* it begins with '/' */
    bool sure;  /* or else another is tried when nothing has this one */
};
struct logs_name logs_name_of(const struct logs_source *logs, const struct logs_place *place);
/* The call failed. True: there is another name to try, which *name is now. */
bool logs_name_other(struct logs_name *name, const struct source_call *call);
/* A call about the group itself has failed: should it be gone, it is known no longer. */
void logs_note_failure(struct logs_source *logs, const struct logs_place *place, int status);

/* ---- answers ---- */

/* What tells a group, or a stream, from an earlier one of its name: when it was made. */
#define LOGS_ETAG_MAX 24
struct pail_str logs_etag(struct pail_int creation_ms, char text[LOGS_ETAG_MAX]);

/* ---- readers ---- */

#define LOGS_LATE_MS 60000 /* events come out of order, and late, by so much */

struct logs_tail;

/* The fs thread's; while a call runs what it reads with is the net thread's. */
struct source_reader {
    struct logs_source *logs;
    struct logs_place place;
    struct logs_name name;
    int64_t until_ms; /* INT64_MAX: no bound */
    bool nothing;     /* the bounds leave nothing to read */
    union {
        struct logs_pages pages;   /* LOGS_STREAMS */
        struct logs_search search; /* LOGS_HOURS */
        struct logs_tail *tail;    /* LOGS_TAIL */
    };
};

/* NULL on ENOMEM. */
struct logs_tail *logs_tail_new(struct source_reader *reader);
/* No request may be under way; the session may end later. */
void logs_tail_free(struct logs_tail *tail);
void logs_tail_more(struct logs_tail *tail, struct source_more *more);

/* ---- the operations ---- */

void logs_lookup(struct source *source, struct source_lookup *lookup);
void logs_list(struct source *source, struct source_list *list);
void logs_streams_lookup(struct logs_source *logs, struct source_lookup *lookup,
                         const struct logs_place *place);
void logs_streams_list(struct logs_source *logs, struct source_list *list,
                       const struct logs_place *place);
void logs_hours_lookup(struct logs_source *logs, struct source_lookup *lookup,
                       const struct logs_place *place);
void logs_hours_page(struct logs_source *logs, struct source_list *list,
                     const struct logs_place *place);
int logs_reader_open(struct source *source, struct pail_str path, struct pail_str etag,
                     struct source_reader **ret);
void logs_more(struct source *source, struct source_more *more);
void logs_reader_close(struct source *source, struct source_reader *reader);

#endif
