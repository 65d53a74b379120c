/* fs/sources.h: the sources that a mount can have, by the scheme of its URL. A row a source. */
#ifndef FS_SOURCES_H
#define FS_SOURCES_H

#include "base/timer.h"
#include "fs/source.h"
#include "services/kinesis_format.h"
#include "services/logs_format.h"

#include <pail/client.h>

/* Which view of a log group its directory shows; the others are there too. */
enum logs_view { LOGS_VIEW_STREAMS, LOGS_VIEW_HOURS };

/* What the options of a mount say of what sources show. All zero is the default. */
struct source_options {
    struct pail_int since, until; /* events, milliseconds since 1970: from, and up to but not
                                     with; absent: no bound */
    enum logs_view logs_view;
    enum logs_format logs_format;
    enum kinesis_format kinesis_format;
};

/* What every source is made with. */
struct source_config {
    struct pail_client *client;   /* must outlive the source */
    struct mailbox *mailbox;      /* of the fs thread; must outlive the source */
    struct pail_str url;          /* the mount's; copied where it is needed */
    int64_t metadata_timeout_ms;  /* deadline of lookups, listings and attributes */
    int64_t operation_timeout_ms; /* of reads */
    unsigned check_attempts;      /* requests of a check at most; 0: as the client */
    struct buf *warning;          /* what a check that succeeds has to say; NULL: not wanted */
    int64_t metadata_ttl_ms;      /* how old what a source remembers may be; < 0: indefinite */
    struct timers *timers;        /* of the fs thread; must outlive the source */
    const struct clock *clock;    /* likewise */
    struct source_options options;
};

struct source_scheme {
    const char *prefix; /* "s3://" */
    bool writes;        /* some of its files take what is written: the mount is not ro */
    bool events;        /* files hold events: options bound and shape them */
    /* Whether the URL is one: 0, or -EINVAL with static words in *ret_reason. */
    int (*parse)(struct pail_str url, const char **ret_reason);
    /* Asks the service whether there is something to mount, waiting at most `timeout_ms`: what
     * a mount does before it says it is mounted. Blocks: before the fs thread runs. 0 or -errno
     * with *error. */
    int (*check)(const struct source_config *config, int64_t timeout_ms,
                 struct pail_error *error);
    /* 0 or -ENOMEM. fs thread. */
    int (*make)(const struct source_config *config, struct source **ret);
};

/* The row of a URL, NULL: no source has its scheme. Any thread. */
const struct source_scheme *source_scheme_of(struct pail_str url);
/* All of them, NULL-terminated: "s3://", ... */
extern const struct source_scheme *const source_schemes[];

#endif
