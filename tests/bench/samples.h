/* samples.h: times measured one by one, and their percentiles. One thread. */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
    int64_t *ns;
    size_t count;
    size_t room;
};

int64_t samples_now_ns(void);
/* Ends the process when there is no memory. */
void samples_add(struct samples *s, int64_t ns);
/* Print `"count": N, "p50_ms": ..., "p99_ms": ..., "max_ms": ...` (sorts them); nothing but a
 * count of 0 when there are none. */
void samples_print(struct samples *s);
void samples_done(struct samples *s);

#endif
