/* aws/retry.h: whether and when to try again: botocore's legacy, standard and adaptive modes.
 * Pure but for the state handed in; one owner. */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include "base/clock.h"
#include "base/random.h"

#include <pail/config.h>
#include <pail/error.h>
#include <pail/model.h>

/* State of one client: the retry quota, the adaptive limiter. */
struct retry_state {
    enum pail_retry_mode mode;
    struct random random;
    unsigned quota;          /* tokens left, of RETRY_QUOTA_MAX */
    int64_t quota_refill_ns; /* when waiting retries were last credited */
    bool quota_waits;        /* pail_config.retry_quota_waits */
    struct {                 /* adaptive: see botocore's adaptive, throttling and bucket */
        bool enabled;
        double fill_rate, capacity, tokens, measured_rate, last_max_rate, window_time;
        double last_throttle_s, last_tx_bucket_s, request_count, last_fill_s;
    } limiter;
};

#define RETRY_QUOTA_MAX       500
#define RETRY_COST            14
#define RETRY_COST_THROTTLING 5

/* One call's. */
struct retry_call {
    unsigned attempts; /* requests answered or failed so far (redirects not counted) */
    unsigned max_attempts;
    unsigned quota_taken; /* by the last retry */
    bool quota_reached, max_reached;
};

/* What one attempt came to. */
struct retry_outcome {
    const struct pail_error *error; /* NULL: success */
    const struct pail_service *service;
    int64_t retry_after_ms; /* x-amz-retry-after, or Retry-After in seconds; < 0: none */
};

void retry_init(struct retry_state *state, enum pail_retry_mode mode, bool quota_waits,
                int64_t now_ns);
/* Milliseconds an attempt must wait before it is sent (adaptive's limiter; 0 in other modes).
 * Takes its token. */
int64_t retry_admit(struct retry_state *state, int64_t now_ns);
/* After an attempt: milliseconds until the next (>= 0), or -1: give up (call->quota_reached,
 * max_reached say why; a success is always -1 and refunds the quota). */
int64_t retry_next(struct retry_state *state, struct retry_call *call,
                   const struct retry_outcome *outcome, int64_t now_ns);
/* True if the failure is throttling. Pure. */
bool retry_is_throttling(const struct pail_error *error);
/* True if a later try may succeed, by standard mode's tables. Pure. */
bool retry_is_retryable(const struct pail_error *error);

#endif
