/* The time of the client that a case runs with. Waits before requests are noted instead of
 * waited for, and jitter is always one half: the linker puts these in place of the library's
 * own
 * (--wrap). */
#include "driver.h"

#include "aws/retry.h"

#define BEGIN_NS (1000 * NS_PER_SEC + 250 * NS_PER_MS)

static json_t *waits;
static int64_t now, step; /* nanoseconds; of the client's net thread while it makes calls */

double __wrap_random_unit(struct random *r);
void __real_retry_init(struct retry_state *state, enum pail_retry_mode mode, bool quota_waits,
                       int64_t now_ns);
void __wrap_retry_init(struct retry_state *state, enum pail_retry_mode mode, bool quota_waits,
                       int64_t now_ns);
int64_t __real_retry_admit(struct retry_state *state, struct retry_call *call, int64_t now_ns);
int64_t __wrap_retry_admit(struct retry_state *state, struct retry_call *call, int64_t now_ns);
int64_t __real_retry_next(struct retry_state *state, struct retry_call *call,
                          const struct retry_outcome *outcome, int64_t now_ns);
int64_t __wrap_retry_next(struct retry_state *state, struct retry_call *call,
                          const struct retry_outcome *outcome, int64_t now_ns);

void clock_begin(int64_t step_ms)
{
    waits = json_array();
    now = BEGIN_NS;
    step = step_ms * NS_PER_MS;
}

json_t *clock_waits(void)
{
    return waits;
}

static int64_t waited(int64_t wait_ms)
{
    if (wait_ms > 0)
        json_array_append_new(waits, json_integer(wait_ms));
    now += wait_ms * NS_PER_MS;
    return 0;
}

double __wrap_random_unit(struct random *r)
{
    (void)r;
    return 0.5;
}

void __wrap_retry_init(struct retry_state *state, enum pail_retry_mode mode, bool quota_waits,
                       int64_t now_ns)
{
    (void)now_ns;
    __real_retry_init(state, mode, quota_waits, now);
}

int64_t __wrap_retry_admit(struct retry_state *state, struct retry_call *call, int64_t now_ns)
{
    (void)now_ns;
    return waited(__real_retry_admit(state, call, now));
}

int64_t __wrap_retry_next(struct retry_state *state, struct retry_call *call,
                          const struct retry_outcome *outcome, int64_t now_ns)
{
    (void)now_ns;
    now += step;
    int64_t wait_ms = __real_retry_next(state, call, outcome, now);
    return wait_ms < 0 ? wait_ms : waited(wait_ms);
}
