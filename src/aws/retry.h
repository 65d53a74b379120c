/* aws/retry.h: whether and when to try again: botocore's legacy, standard and adaptive modes.
 * Pure but for the state handed in; one owner. The one place that knows which failures are
 * transient. */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include "base/clock.h"
#include "base/random.h"

#include <pail/config.h>
#include <pail/error.h>
#include <pail/model.h>

#define RETRY_QUOTA_MAX       500
#define RETRY_COST            14
#define RETRY_COST_THROTTLING 5
/* Tokens a second that flow back where retries wait for quota (pail_config.retry_quota_waits),
 * which they then do in legacy mode too: with it used up, a mount still makes one retry a
 * second, or nearly three throttled ones. */
#define RETRY_REFILL_PER_S RETRY_COST

/* State of one client: the retry quota, the adaptive limiter. */
struct retry_state {
    enum pail_retry_mode mode;
    struct random random;
    unsigned quota;           /* tokens left, of RETRY_QUOTA_MAX */
    bool quota_waits;         /* pail_config.retry_quota_waits */
    int64_t quota_refill_ns;  /* until when tokens have flowed back */
    struct retry_call *queue; /* who waits for tokens, in order */
    struct {                  /* adaptive: see botocore's adaptive, throttling and bucket */
        bool enabled;
        /* The bucket, as filled at last_fill_s: later than now, it is what those who wait
         * leave of it. */
        double fill_rate, capacity, tokens, last_fill_s;
        double measured_rate, last_tx_bucket_s, request_count; /* what is really sent */
        double last_max_rate, window_time, last_throttle_s;    /* CUBIC */
    } limiter;
};

/* One call's. All zero but max_attempts to begin with; it stays where it is while it waits in
 * the queue. */
struct retry_call {
    unsigned attempts; /* outcomes handed to retry_next so far (it counts; redirects are not its
                          business) */
    unsigned max_attempts;
    unsigned quota_taken;  /* by the last retry */
    bool quota_reached;    /* the quota was used up: the reason to give up, or to wait longer */
    bool max_reached;      /* a failure that could be tried again was the last allowed */
    bool queued;           /* waits for `quota_taken` tokens */
    int64_t not_before_ns; /* of one that waited: when its delay is over, tokens or not */
    double limited_s;      /* of the limiter's time taken by the attempt that waits */
    struct retry_call *prev, *next;
};

#define RETRY_QUEUED INT64_C(-2) /* of retry_next */

/* What one attempt came to. */
struct retry_outcome {
    const struct pail_error *error; /* NULL: success */
    const struct pail_service *service;
    int64_t retry_after_ms; /* x-amz-retry-after, or Retry-After in seconds; < 0: none */
};

/* Seeds state->random from the system; `mode` DEFAULT is standard. */
void retry_init(struct retry_state *state, enum pail_retry_mode mode, bool quota_waits,
                int64_t now_ns);
/* Milliseconds an attempt must wait before it is sent (adaptive's limiter; 0 in other modes).
 * Takes its token. */
int64_t retry_admit(struct retry_state *state, struct retry_call *call, int64_t now_ns);
/* The attempt that was to wait is not made: its token is the next one's. */
void retry_withdraw(struct retry_state *state, struct retry_call *call);
/* After an attempt: milliseconds until the next (>= 0), or -1: give up (call->quota_reached,
 * max_reached say why; a success is always -1 and refunds the quota), or RETRY_QUEUED: when
 * retry_take hands the call out. */
int64_t retry_next(struct retry_state *state, struct retry_call *call,
                   const struct retry_outcome *outcome, int64_t now_ns);
/* The first in the queue if its tokens are there, which it takes; NULL: nobody's turn. */
struct retry_call *retry_take(struct retry_state *state, int64_t now_ns);
/* When the turn of the first in the queue comes at the latest; TIME_NEVER: nobody waits. Sooner
 * if calls succeed: ask retry_take after each. */
int64_t retry_due_ns(const struct retry_state *state);
/* The call waits no longer. No-op if it does not. */
void retry_leave(struct retry_state *state, struct retry_call *call);
/* True if the failure is throttling: by code, or a 429. A bare 503 is not. Pure. */
bool retry_is_throttling(const struct pail_error *error);
/* True if a later try may succeed, by standard mode's tables. Looks at kind, code and
 * http_status only. Pure. */
bool retry_is_retryable(const struct pail_error *error);

#endif
