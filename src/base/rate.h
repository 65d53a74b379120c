/* base/rate.h: keeping to a service's calls a second: a token bucket, kept as the moment at
 * which it will be full. Pure: the time is handed in, and nothing allocates. Owner's thread
 * only. */
#ifndef BASE_RATE_H
#define BASE_RATE_H

#include <stdint.h>

struct rate {
    int64_t period_ns; /* from one token to the next */
    int64_t depth_ns;  /* how far ahead of the time a full bucket is: all tokens but one */
    int64_t full_ns;   /* when it will be full */
};

/* `per_second` and `burst` at least 1. Full at first. */
void rate_init(struct rate *rate, unsigned per_second, unsigned burst);
/* Takes a token: 0. Or, where there is none, nothing: how many nanoseconds to wait for it. */
int64_t rate_take(struct rate *rate, int64_t now_ns);

#endif
