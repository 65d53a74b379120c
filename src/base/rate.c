#include "base/rate.h"

#include "base/clock.h"

void rate_init(struct rate *rate, unsigned per_second, unsigned burst)
{
    int64_t period_ns = NS_PER_SEC / per_second;
    *rate = (struct rate){
        .period_ns = period_ns, .depth_ns = period_ns * (burst - 1), .full_ns = INT64_MIN};
}

int64_t rate_take(struct rate *rate, int64_t now_ns)
{
    int64_t full_ns = rate->full_ns > now_ns ? rate->full_ns : now_ns;
    int64_t wait_ns = full_ns - now_ns - rate->depth_ns;
    if (wait_ns > 0)
        return wait_ns;
    rate->full_ns = full_ns + rate->period_ns;
    return 0;
}
