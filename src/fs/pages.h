/* fs/pages.h: the memory that file contents pass through, under one budget for the whole mount.
 * fs thread only. */
#ifndef FS_PAGES_H
#define FS_PAGES_H

#include "base/timer.h"
#include "fs/wait.h"

#include <stdint.h>

struct fs;

#define PAGE_BYTES    (128 * 1024)      /* of a whole page: what the kernel reads at a time */
#define PAGES_RESERVE (8 * 1024 * 1024) /* what waiting reads may use beyond the limit */
#define GET_BYTES     (96 * 1024) /* of a GET under way beside its pages: buffers, structs */

struct pages {
    struct fs *fs;
    uint64_t limit;
    uint64_t used; /* lent out */
    uint64_t peak;
    struct page_memory *idle; /* whole pages kept for use again */
    uint64_t idle_bytes;
    unsigned sequential; /* handles that read ahead: they share the budget */
    /* Who waits for memory, each in turn; and who gave way to others (fs/file_memory.c) since
     * it last had an answer. */
    struct waiter waiters, slow;
    const struct waiter *turn; /* whose it is: it may take, once, what others wait for */
    bool slow_first;           /* the others were served last */
    uint64_t slow_bytes;       /* lent to GETs that have no answer, of those who gave way */
    int64_t answer_ns;         /* from a GET of content to its answer, lately */
    struct timer wake;
    struct timer trim;   /* gives idle memory that nobody needs back to the system */
    uint64_t idle_least; /* the least idle_bytes since the trim timer last looked */
    bool calm;           /* nothing was lent out or came back since then */
};

int pages_init(struct fs *fs, uint64_t limit);
void pages_done(struct fs *fs);

/* Memory of `size` bytes, at most PAGE_BYTES. `demand`: a read waits for it, so it may take
 * from the reserve. NULL: over budget or ENOMEM. Lent and idle memory, and GET_BYTES for each
 * GET of content under way, together stay within the limit and the reserve. */
char *pages_get(struct fs *fs, size_t size, bool demand);
void pages_put(struct fs *fs, char *data, size_t size);
/* How many bytes are missing for a read that waits to be given `size`; 0: it could be. */
uint64_t pages_lack(const struct pages *pages, uint64_t size);
/* How many bytes beyond their share, a quarter of it all, those who gave way would have with
 * `size` more: they must give such back when others wait. */
uint64_t pages_slow_beyond(const struct pages *pages, uint64_t size);
/* True if somebody waits. */
bool pages_waited_for(const struct pages *pages);
/* Memory came back, or could be taken now from those who hold it: who waits for it is woken
 * soon, one after the other, as long as there is some. */
void pages_wake(struct pages *pages);
/* At the latest after that time they are woken, as somebody may lose patience by then. */
void pages_wake_within(struct pages *pages, int64_t ms);

/* How far one sequential reader may read ahead now, in bytes. */
uint64_t pages_share(const struct pages *pages);

#endif
