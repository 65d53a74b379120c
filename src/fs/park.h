/* fs/park.h: requests that wait. Each has a deadline and a caller who may lose patience;
 * whichever comes first of answer, deadline, signal and unmount ends it, exactly once. fs
 * thread only. */
#ifndef FS_PARK_H
#define FS_PARK_H

#include "base/timer.h"

#include <sys/types.h>

struct parked {
    /* Ends the wait from outside: lets go of what it waits for, answers with errno `sys`,
     * releases itself. Called after it was taken out of the lot. */
    void (*give_up)(struct parked *parked, int sys);
    const char *what; /* static: "read" */
    bool interrupted; /* park_interrupted was called before it was parked */
    /* The lot's: */
    struct timer deadline;
    struct parking *lot; /* NULL: not parked */
    struct parked *older, *newer;
    int64_t since_ns;
    pid_t caller;
};

struct parking {
    struct timers *timers;
    const struct clock *clock;
    struct parked *oldest, *newest;
    size_t count;
    struct timer tick;
    int64_t old_enough_ns;    /* who has waited since then is looked at this time */
    struct parked *next_look; /* where the next tick's look starts; NULL: at the oldest */
    /* The seam to caller.h, for tests: true if the thread's request should end. */
    bool (*impatient)(pid_t tid);
};

#define PARK_TICK_MS  25  /* from looking at all callers to the next time */
#define PARK_GRACE_MS 50  /* age before the first look */
#define PARK_LOOK_US  400 /* the most that others may have to wait for it... */
#define PARK_REST_MS  5   /* ...before it goes on: two milliseconds in PARK_TICK_MS */

void parking_init(struct parking *lot, struct timers *timers, const struct clock *clock);
/* Ends the wait of all with `sys`. */
void parking_close(struct parking *lot, int sys);
/* `caller` is fuse_req_ctx's pid: 0 when it is in another pid namespace, and then it is not
 * looked at. The deadline ends the wait with ETIMEDOUT. */
void park(struct parking *lot, struct parked *parked, const char *what, pid_t caller,
          int64_t timeout_ms);
/* The wait is over: takes it out before its answer is sent. No-op if it is not parked. */
void unpark(struct parked *parked);
/* The kernel sent an INTERRUPT for it: looks at the caller now; with caller 0 it ends at once.
 * EINTR. One that is yet to be parked ends at its first look. libfuse calls an interrupt
 * function with the request locked: give_up may reply there, but fuse_req_interrupt_func on
 * that request would wait for ever. */
void park_interrupted(struct parked *parked);
/* Age of the oldest in milliseconds, 0 if none. */
int64_t parking_oldest_ms(const struct parking *lot);

#endif
