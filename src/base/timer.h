/* base/timer.h: timers of one thread: an intrusive heap, so setting one never allocates and
 * never fails. Owner's thread only. */
#ifndef BASE_TIMER_H
#define BASE_TIMER_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct timer {
    int64_t at_ns;
    void (*fire)(struct timer *timer); /* may set the timer again, set or cancel others, or
                                          release its owner */
    struct timer *child, *sibling, *previous; /* the heap's */
    bool set;
};

struct timers {
    struct timer *root;
    struct timer *firing; /* while timers_run runs: what was set before it */
};

/* Sets `timer` (its fire filled in) for `at_ns` of the monotonic clock, moving it if it was
 * set. TIME_NEVER cancels. */
void timer_set(struct timers *timers, struct timer *timer, int64_t at_ns);
/* No-op on a timer that is not set. */
void timer_cancel(struct timers *timers, struct timer *timer);
/* Fires, earliest first, those due at `now_ns`; one set while firing to a time not after now
 * waits for the next call. Not from inside `fire`. */
void timers_run(struct timers *timers, int64_t now_ns);
/* When the next is due, or TIME_NEVER. */
int64_t timers_next(const struct timers *timers);
/* Milliseconds to wait in poll(2) for `at_ns`: rounded up, -1 for TIME_NEVER, 0 when due. */
int timers_poll_ms(int64_t at_ns, int64_t now_ns);

#endif
