/* fs/failures.h: what a mount has logged of its failures lately. fs thread only. */
#ifndef FS_FAILURES_H
#define FS_FAILURES_H

#include "base/timer.h"

#define FAILURE_ERRNOS    134 /* one more than the largest errno */
#define FAILURE_LINES     20 /* of one errno that are logged in a window; the rest are counted */
#define FAILURE_WINDOW_MS 10000

struct failures {
    struct timer window; /* set while one is open */
    struct {
        unsigned logged, left_out;
    } by_errno[FAILURE_ERRNOS];
    uint64_t left_out_total;
};

#endif
