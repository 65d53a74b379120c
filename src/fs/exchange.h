/* fs/exchange.h: an open file that takes a payload and gives the answer to it (FILE_EXCHANGE).
 * What is written, in one piece or several, is sent at the first read after it, or when the
 * file is closed without one; the answer is read from its beginning wherever the descriptor
 * stands. A write after that begins the next payload. fs thread only. */
#ifndef FS_EXCHANGE_H
#define FS_EXCHANGE_H

#include "fs/node.h"
#include "fs/source_reader.h"

#define EXCHANGE_MAX (20 * 1024 * 1024) /* bytes of a payload; the service may take fewer */

struct exchange {
    struct fs *fs;
    struct node *node; /* held */
    struct buf path, payload;
    struct source_exchange request;
    size_t taken;                /* bytes of the answer that were read */
    bool pending;                /* a payload that was not sent */
    bool asking, done, answered; /* it is under way; over, and what it holds not released; with
                                    an answer */
    int failed;                  /* -errno of the last, until it was told once; 0 */
    bool spoiled;          /* `failed` is of a write: the rest of that payload is refused too */
    bool closed;           /* it goes when what is under way is done */
    struct waiter waiters; /* struct exchange_wait */
};

struct exchange_wait {
    struct waiter waiter;
    struct exchange *exchange;
    int status; /* in ready: 0: read again; or -errno */
};

/* NULL on ENOMEM. */
struct exchange *exchange_open(struct fs *fs, struct node *node);
/* `send`: sends what was not; its failure is noted, and known to nobody else. NULL-safe. */
void exchange_close(struct exchange *exchange, bool send);
/* Adds to the payload: 0, -EFBIG, -ENOMEM, -EBUSY: the answer to the last is not there yet. */
int exchange_write(struct exchange *exchange, const char *data, size_t size);
/* The next bytes of the answer, at most `max`: > 0 with *ret_data (borrowed until the next
 * call), 0: the end of it, or nothing was written yet; -errno; -EINPROGRESS: wait->waiter is
 * woken later, and until then can be taken back with wait_stop. */
ssize_t exchange_read(struct exchange_wait *wait, size_t max, const char **ret_data);
/* Sends what was not: 0: it was answered or there is nothing to send; -errno; -EINPROGRESS as
 * exchange_read. */
int exchange_send(struct exchange_wait *wait);

#endif
