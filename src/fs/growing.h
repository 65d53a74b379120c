/* fs/growing.h: what was read of a file that grows (FILE_GROWS): its bytes so far, in a spool,
 * and getting the next ones from the source. Shared by all who have the file open; kept after
 * the last has closed it, so that reading it again asks the service nothing, until others need
 * the room. fs thread only.
 *
 * The size that stat(2) shows is 0 until the end was reached once, and from then on all that
 * was read: tools take any other size for the place of the last line (tail) or of the last byte
 * (mmap, tar, sendfile). Those who take 0 for an empty file would lose all of it, so who asks
 * for the size of an open one has it read on, and waits for the end; GROWING_SIZE_MS at most:
 * the others read a file of size 0 until it ends, as those of procfs. */
#ifndef FS_GROWING_H
#define FS_GROWING_H

#include "fs/growings.h"
#include "fs/node.h"
#include "fs/source_reader.h"
#include "fs/spool.h"

#define GROWING_POLL_MS                                                                        \
    1000 /* how long what was the end is believed to be it: reads there answer 0 bytes */
#define GROWING_AHEAD (1024 * 1024) /* bytes kept ready beyond what is read */
#define GROWING_ASKING                                                                         \
    16 /* requests for more at a time, of all files: what they bring is in memory until it is  \
          written */
#define GROWING_SIZE_MS                                                                        \
    5000 /* how long the end is waited for, since an open(2), by those who ask for the size */
#define GROWING_KEEP_FILES 256 /* closed files that are kept: each has a descriptor */
#define GROWING_KEEP       (UINT64_C(1) * 1024 * 1024 * 1024) /* bytes kept of closed files */

struct growing {
    struct fs *fs;
    struct node *node; /* held while somebody has it open or a request is under way */
    struct buf path;
    unsigned handles;
    TAILQ_ENTRY(growing) link;    /* of fs->growings.closed while nobody has it open */
    TAILQ_ENTRY(growing) turn;    /* of fs->growings.queue while `queued` */
    struct source_reader *reader; /* NULL: not opened yet */
    struct source_more more;
    struct spool_job write; /* of more's data */
    struct spool *spool;    /* NULL: nothing was read yet */
    uint64_t size;          /* bytes in the spool */
    uint64_t wanted;        /* how far to read on by itself */
    int64_t mtime_s;        /* of the newest, 0: not known */
    int64_t end_ns;         /* when the end was last seen to be at `size` */
    int64_t sized_ns; /* when the size was first asked for, since it was last opened, with the
                         end yet to be reached; 0: it was not */
    bool ended, finished; /* it was reached once; and nothing will follow any more */
    bool asking;          /* for more, or writing what came */
    bool writing, queued;
    bool cancelled;        /* the request under way: nobody had it open any more */
    struct waiter waiters; /* struct growing_wait */
};

/* Who waits for content at an offset, or for the size. */
struct growing_wait {
    struct waiter waiter;
    struct growing *growing;
    uint64_t offset; /* UINT64_MAX: any news of the end */
    int status;      /* in ready: 0 or -errno */
};

void growings_init(struct fs *fs);
/* All handles are closed and no request is under way. Waits for what is still written, releases
 * what was kept. */
void growings_done(struct fs *fs);

/* The node's content, with one handle more. 0 or -errno. */
int growing_open(struct fs *fs, struct node *node, struct growing **ret);
/* NULL-safe. */
void growing_close(struct growing *growing);
/* The node goes: what was kept of it does too. */
void growing_forget(struct growing *growing);

/* Whether a read at `offset` can be answered: > 0: so many bytes are there (`max` at most), 0:
 * it is the end for now, -errno, or -EINPROGRESS: wait->waiter is woken later, and until then
 * can be taken back with wait_stop. Asks for more, and ahead. */
ssize_t growing_read(struct growing_wait *wait, size_t max);
/* As growing_read, for who asks for the size: 0 when it is as new as a read would have it.
 * Woken with more of it, `ended` or not. */
int growing_poll(struct growing_wait *wait);
/* Until when who asks for the size is to wait for the end, `limit_ms` being the most; call it
 * before growing_poll. It may be past. */
int64_t growing_size_deadline(struct growing *growing, int64_t limit_ms);

#endif
