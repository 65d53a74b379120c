/* fs/live.h: an open live file (FILE_LIVE): what comes while it is open, once, for one reader.
 * At most one answer of the source is in memory; the next is asked for when it has been read.
 * fs thread only. */
#ifndef FS_LIVE_H
#define FS_LIVE_H

#include "fs/node.h"
#include "fs/source_reader.h"

struct live {
    struct fs *fs;
    struct node *node; /* held */
    struct source_reader *reader;
    struct source_more more;
    size_t taken;          /* bytes of more.data that were read */
    bool asking, answered; /* more is under way; its results are here */
    bool closed;           /* it goes when what is under way is done */
    struct waiter waiters; /* struct live_wait */
};

struct live_wait {
    struct waiter waiter;
    struct live *live;
    int status; /* in ready: 0: read again; or -errno */
};

/* 0 with *ret, or -errno. What comes from now on is read. */
int live_open(struct fs *fs, struct node *node, struct live **ret);
/* NULL-safe. */
void live_close(struct live *live);
/* The next bytes, at most `max`: > 0 with *ret_data (borrowed until the next call), 0: the end,
 * for ever; -EINPROGRESS: wait->waiter is woken later, and until then can be taken back with
 * wait_stop. */
ssize_t live_read(struct live_wait *wait, size_t max, const char **ret_data);

#endif
