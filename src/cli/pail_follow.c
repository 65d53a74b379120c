#include "cli/pail_follow.h"

#include "base/clock.h"

#include <errno.h>

#define IDLE_NS      NS_PER_SEC
#define DELAY_MIN_NS NS_PER_SEC
#define DELAY_MAX_NS (30 * NS_PER_SEC)

int pail_follow_pace(struct rate *rate)
{
    int64_t wait_ns;
    int status = EXIT_OK;
    while (status == EXIT_OK && (wait_ns = rate_take(rate, clock_now_ns(&clock_system))) > 0)
        status = pail_pause(wait_ns);
    return status;
}

int pail_follow_idle(void)
{
    return pail_pause(IDLE_NS);
}

void pail_follow_answered(struct pail_follow *follow)
{
    follow->begun = true;
    follow->delay_ns = 0;
}

/* Not what is wrong with the request, nor what was before the first answer: whoever has
 * mistyped an address wants to know. */
static bool will_pass(const struct pail_follow *follow, const struct pail_error *error)
{
    return follow->follows && follow->begun &&
           (error->retryable || failure_exit_status(error) == EXIT_NETWORK);
}

int pail_follow_failed(struct pail_run *run, struct pail_follow *follow,
                       const struct pail_error *error)
{
    int status = pail_fail_at(run, follow->subject, error);
    if (!will_pass(follow, error))
        return status;
    pail_complain(run, status);
    follow->delay_ns = follow->delay_ns ? 2 * follow->delay_ns : DELAY_MIN_NS;
    if (follow->delay_ns > DELAY_MAX_NS)
        follow->delay_ns = DELAY_MAX_NS;
    return pail_pause(follow->delay_ns);
}
