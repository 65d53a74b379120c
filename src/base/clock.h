/* base/clock.h: the time, injectable. A seam: tests hand in a clock they advance by hand. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US  INT64_C(1000)
#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_SEC INT64_C(1000000000)
#define TIME_NEVER INT64_MAX

struct clock {
    /* Nanoseconds of a clock that never goes back (CLOCK_MONOTONIC). Any thread. */
    int64_t (*monotonic_ns)(const struct clock *clock);
    /* Seconds since 1970 UTC (CLOCK_REALTIME). Any thread. */
    int64_t (*realtime_s)(const struct clock *clock);
};

/* The system's clock. Static. */
extern const struct clock clock_system;

static inline int64_t clock_now_ns(const struct clock *clock)
{
    return clock->monotonic_ns(clock);
}
static inline int64_t clock_realtime_s(const struct clock *clock)
{
    return clock->realtime_s(clock);
}
/* `now + ms`, TIME_NEVER for ms < 0 or on overflow. */
int64_t clock_after_ms(int64_t now_ns, int64_t ms);

#endif
