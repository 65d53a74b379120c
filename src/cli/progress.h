/* cli/progress.h: a line on a terminal that tells how far a transfer is. Main thread. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/buf.h"
#include "base/clock.h"

#define PROGRESS_EVERY_MS 200
#define PROGRESS_UNKNOWN  UINT64_MAX /* a total that nobody knows */
#define PROGRESS_SAMPLES  16         /* the speed shown is that of the last so many lines */

struct progress {
    int fd; /* a terminal, or -1: nothing is shown */
    const struct clock *clock;
    const char *name; /* borrowed; its text may change */
    uint64_t total;   /* or PROGRESS_UNKNOWN */
    bool shown;       /* the line is on the terminal */
    int64_t shown_ns; /* when last */
    struct {
        int64_t ns;
        uint64_t bytes;
    } samples[PROGRESS_SAMPLES]; /* a ring; sample n is at n % PROGRESS_SAMPLES */
    size_t sample_count;
};

/* Shows on `fd` if that is a terminal, while the program is in front on it. */
void progress_start(struct progress *progress, int fd, const struct clock *clock,
                    const char *name, uint64_t total);
/* Shows the line anew if it is time for that. */
void progress_tell(struct progress *progress, uint64_t bytes);
/* Takes the line away until it is told again. */
void progress_hide(struct progress *progress);
/* Takes it away for good. Repeatable. */
void progress_end(struct progress *progress);

/* Appends the line for `bytes` now: name, share, bar, bytes, speed, time left; without a total
 * name, bytes, speed. In fewer columns the name is cut, then the bar, the speed and the bytes
 * are left out; nothing in very few. */
void progress_format(const struct progress *progress, uint64_t bytes, size_t width,
                     struct buf *b);

#endif
