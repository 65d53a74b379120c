/* fs/window.h: how far ahead of a reader to fetch, judged from how it reads. Pure. */
#ifndef FS_WINDOW_H
#define FS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* One open handle's pattern; all zero at open, but for `before`. */
struct window {
    uint64_t next;     /* where a sequential reader reads next */
    uint64_t consumed; /* bytes read in sequence since the last jump */
    uint64_t before;   /* and of files before this one, of which it is the next; until a jump */
    unsigned streak;   /* reads in sequence, the first included */
};

#define WINDOW_SLACK                                                                           \
    (1024 * 1024) /* the kernel's own read-ahead comes a little out of order                   \
                   */
#define WINDOW_MIN                                                                             \
    (1024 * 1024) /* what a reader that has proved sequential reads ahead at least */
#define WINDOW_GAIN                                                                            \
    4 /* bytes fetched ahead for each byte consumed: bounds what a wrong guess wastes */

/* Notes a read of [offset, offset + len) and returns how many bytes beyond its end to fetch
 * ahead: 0 for the first read and after a jump, at most `max`. */
uint64_t window_read(struct window *window, uint64_t offset, uint64_t len, uint64_t max);

/* True for a reader that reads ahead. */
static inline bool window_sequential(const struct window *window)
{
    return window->streak > 1;
}

/* True if all up to `next` has been read. */
static inline bool window_from_start(const struct window *window)
{
    return window->consumed == window->next;
}

#endif
