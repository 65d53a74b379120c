/* fs/spool.h: content that was read of growing files, in unlinked temporary files, so that
 * reading it again asks the service nothing. A thread of its own does all their I/O: a disk may
 * make it wait, and the fs thread never does. */
#ifndef FS_SPOOL_H
#define FS_SPOOL_H

#include "base/mailbox.h"

#include <stdint.h>

struct spooler; /* the thread */
struct spool;   /* one file */

/* A piece of work on one file. The caller's struct, lent until `done`. */
struct spool_job {
    struct message message; /* the spooler's */
    /* On the fs thread, from its mailbox, exactly once. */
    void (*done)(struct spool_job *job);
    struct spool *spool; /* the spooler's */
    char *data;          /* lent until done; written only by a read */
    size_t size;
    uint64_t offset;
    bool write;
    int status; /* in done: 0 (all of it) or -errno: -ENOSPC; -EIO also of a read beyond what
                   was written */
};

/* Starts the thread; files are made in `directory` (copied). `mailbox` is the fs thread's and
 * must outlive it. 0 or -errno. */
int spooler_new(struct mailbox *mailbox, const char *directory, struct spooler **ret);
/* No job may be under way. Closes what spool_free left, ends the thread. NULL-safe. */
void spooler_free(struct spooler *spooler);

/* A file without content; nothing is made on the disk before the first write. fs thread. NULL
 * on ENOMEM. */
struct spool *spool_new(struct spooler *spooler);
/* Gives its room back; none of its jobs may be under way. fs thread. NULL-safe. */
void spool_free(struct spool *spool);

/* Hands a job to the thread: `done`, `data`, `size`, `offset` and `write` filled in. Jobs are
 * done in the order they were started. fs thread. */
void spool_start(struct spool *spool, struct spool_job *job);

#endif
