#include "base/clock.h"

#include <time.h>

static int64_t system_monotonic_ns(const struct clock *clock)
{
    (void)clock;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

static int64_t system_realtime_s(const struct clock *clock)
{
    (void)clock;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

const struct clock clock_system = {
    .monotonic_ns = system_monotonic_ns,
    .realtime_s = system_realtime_s,
};

int64_t clock_after_ms(int64_t now_ns, int64_t ms)
{
    int64_t after;
    if (ms < 0 || __builtin_mul_overflow(ms, NS_PER_MS, &after) ||
        __builtin_add_overflow(now_ns, after, &after))
        return TIME_NEVER;
    return after;
}
