#include "aws/retry.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <math.h>
#include <utlist.h>

#define BACKOFF_MAX_S        20.0
#define BACKOFF_THROTTLING_S 1.0
#define BACKOFF_S            0.05
#define BACKOFF_DYNAMODB_S   0.025
#define RETRY_AFTER_EXTRA_S  5.0 /* the most that a service may add to the delay */
#define DOUBLINGS_MAX        30U
#define TOKEN_NS             (NS_PER_SEC / RETRY_REFILL_PER_S)

/* The limiter, as botocore has it. */
#define RATE_MIN           0.5 /* requests a second */
#define RATE_BUCKET_S      0.5 /* the rate is measured over */
#define RATE_SMOOTHING     0.8
#define CUBIC_SCALE        0.4
#define CUBIC_BETA         0.7
#define RATE_OVER_MEASURED 2.0

static bool is_one_of(const char *code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

bool retry_is_throttling(const struct pail_error *error)
{
    static const char *const codes[] = {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
        /* What S3 and Kinesis pass on of KMS; botocore does not know them. */
        "KMS.ThrottlingException",
        "KMSThrottlingException",
    };
    return error->kind == PAIL_ERROR_CLIENT &&
           (is_one_of(error->code, codes, ARRAY_LEN(codes)) || error->http_status == 429);
}

static bool is_transient_answer(const struct pail_error *error)
{
    static const char *const codes[] = {
        "RequestTimeout",
        "RequestTimeoutException",
        "PriorRequestNotComplete",
        "IDPCommunicationError",
    };
    static const int statuses[] = {500, 502, 503, 504, 200 /* an error in a success's body */};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (error->http_status == statuses[i])
            return true;
    return is_one_of(error->code, codes, ARRAY_LEN(codes));
}

/* A failure below HTTP, or a response that is not one: the exchange as such did not work. */
static bool is_transport_failure(int kind)
{
    switch (kind) {
    case PAIL_ERROR_RESOLVE:
    case PAIL_ERROR_CONNECT:
    case PAIL_ERROR_CONNECT_TIMEOUT:
    case PAIL_ERROR_READ_TIMEOUT:
    case PAIL_ERROR_PROXY:
    case PAIL_ERROR_TLS:
    case PAIL_ERROR_CERTIFICATE:
    case PAIL_ERROR_CONNECTION_CLOSED:
    case PAIL_ERROR_STREAMING:
    case PAIL_ERROR_INCOMPLETE_READ:
    case PAIL_ERROR_PARSE:
        return true;
    default:
        return false;
    }
}

bool retry_is_retryable(const struct pail_error *error)
{
    if (error->kind == PAIL_ERROR_CLIENT)
        return is_transient_answer(error) || retry_is_throttling(error);
    return is_transport_failure(error->kind);
}

static bool is_service(const struct pail_service *service, const char *id)
{
    return service && service->id && strcmp(service->id, id) == 0;
}

static bool legacy_is_retryable(const struct pail_error *error,
                                const struct pail_service *service)
{
    static const int statuses[] = {429, 500, 502, 503, 504, 509, 200};
    static const struct {
        const char *service, *code; /* service NULL: every one. With status 400 only */
    } codes[] = {
        {NULL, "Throttling"},
        {NULL, "ThrottlingException"},
        {NULL, "ThrottledException"},
        {NULL, "RequestThrottledException"},
        {NULL, "ProvisionedThroughputExceededException"},
        {"S3", "RequestTimeout"},
        {"S3", "BadDigest"},
        {"Kinesis", "LimitExceededException"},
        {"STS", "IDPCommunicationError"},
    };
    if (error->kind != PAIL_ERROR_CLIENT)
        return is_transport_failure(error->kind);
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (error->http_status == statuses[i])
            return true;
    if (error->http_status != 400)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (strcmp(error->code, codes[i].code) == 0 &&
            (!codes[i].service || is_service(service, codes[i].service)))
            return true;
    return false;
}

static double seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_SEC;
}

void retry_init(struct retry_state *state, enum pail_retry_mode mode, bool quota_waits,
                int64_t now_ns)
{
    *state = (struct retry_state){
        .mode = mode == PAIL_RETRY_DEFAULT ? PAIL_RETRY_STANDARD : mode,
        .quota = RETRY_QUOTA_MAX,
        .quota_refill_ns = now_ns,
        .quota_waits = quota_waits,
    };
    random_init(&state->random);
    double now = seconds(now_ns);
    state->limiter.fill_rate = 1;
    state->limiter.capacity = 1;
    state->limiter.last_fill_s = now;
    state->limiter.last_tx_bucket_s = floor(now);
    state->limiter.last_throttle_s = now;
}

static void limiter_fill(struct retry_state *state, double now)
{
    if (now < state->limiter.last_fill_s)
        return;
    double filled =
        state->limiter.tokens + (now - state->limiter.last_fill_s) * state->limiter.fill_rate;
    state->limiter.tokens = fmin(state->limiter.capacity, filled);
    state->limiter.last_fill_s = now;
}

int64_t retry_admit(struct retry_state *state, struct retry_call *call, int64_t now_ns)
{
    double now = seconds(now_ns);
    call->limited_s = 0;
    if (state->mode != PAIL_RETRY_ADAPTIVE || !state->limiter.enabled)
        return 0;
    limiter_fill(state, now);
    if (state->limiter.tokens >= 1) {
        state->limiter.tokens -= 1;
        return 0;
    }
    /* What is missing is taken from the time to come, at the rate there is now: a debt in
     * tokens would take for ever to pay back at a rate that has fallen since. */
    double ahead_s = state->limiter.last_fill_s - now;
    call->limited_s = (1 - state->limiter.tokens) / state->limiter.fill_rate;
    state->limiter.tokens = 0;
    state->limiter.last_fill_s += call->limited_s;
    return (int64_t)ceil((ahead_s + call->limited_s) * 1000);
}

void retry_withdraw(struct retry_state *state, struct retry_call *call)
{
    state->limiter.last_fill_s -= call->limited_s;
    call->limited_s = 0;
}

static double limiter_measure(struct retry_state *state, double now)
{
    double bucket = floor(now / RATE_BUCKET_S) * RATE_BUCKET_S;
    state->limiter.request_count += 1;
    double width = bucket - state->limiter.last_tx_bucket_s;
    if (width > 0) {
        double rate = state->limiter.request_count / width;
        state->limiter.measured_rate =
            rate * RATE_SMOOTHING + state->limiter.measured_rate * (1 - RATE_SMOOTHING);
        state->limiter.request_count = 0;
        state->limiter.last_tx_bucket_s = bucket;
    }
    return state->limiter.measured_rate;
}

/* Every outcome moves the rate: CUBIC, as TCP does it. */
static void limiter_adjust(struct retry_state *state, bool throttled, double now)
{
    double measured = limiter_measure(state, now);
    double rate;
    if (throttled) {
        double sent =
            state->limiter.enabled ? fmin(measured, state->limiter.fill_rate) : measured;
        state->limiter.last_max_rate = sent;
        state->limiter.window_time = cbrt(sent * (1 - CUBIC_BETA) / CUBIC_SCALE);
        state->limiter.last_throttle_s = now;
        state->limiter.enabled = true;
        rate = sent * CUBIC_BETA;
    } else {
        double since = now - state->limiter.last_throttle_s - state->limiter.window_time;
        rate = CUBIC_SCALE * since * since * since + state->limiter.last_max_rate;
    }
    rate = fmin(rate, RATE_OVER_MEASURED * measured);
    limiter_fill(state, now);
    state->limiter.fill_rate = fmax(rate, RATE_MIN);
    state->limiter.capacity = fmax(rate, 1);
    state->limiter.tokens = fmin(state->limiter.tokens, state->limiter.capacity);
}

static void quota_give(struct retry_state *state, unsigned tokens)
{
    unsigned room = RETRY_QUOTA_MAX - state->quota;
    state->quota += tokens < room ? tokens : room;
}

/* What a success gives. One that was tried again says that others may be: where they wait, each
 * is the turn of two, so that a thousand do not come back one after the other, and of none if
 * more than half of them fail. */
static unsigned refund(const struct retry_state *state, const struct retry_call *call)
{
    if (call->quota_taken == 0)
        return 1;
    return state->queue ? 2 * call->quota_taken : call->quota_taken;
}

static void quota_refill(struct retry_state *state, int64_t now_ns)
{
    if (now_ns < state->quota_refill_ns)
        return;
    int64_t tokens = (now_ns - state->quota_refill_ns) / TOKEN_NS;
    quota_give(state, tokens < RETRY_QUOTA_MAX ? (unsigned)tokens : RETRY_QUOTA_MAX);
    state->quota_refill_ns += tokens * TOKEN_NS;
}

/* Takes the cost of a retry, or has the call wait for it, or refuses it. */
static int64_t quota_take(struct retry_state *state, struct retry_call *call, unsigned cost,
                          int64_t now_ns)
{
    if (state->quota_waits)
        quota_refill(state, now_ns);
    if (!state->queue && cost <= state->quota) {
        state->quota -= cost;
        call->quota_taken = cost;
        return 0;
    }
    call->quota_reached = true;
    if (!state->quota_waits)
        return -1;
    call->quota_taken = cost;
    call->queued = true;
    DL_APPEND(state->queue, call);
    return RETRY_QUEUED;
}

struct retry_call *retry_take(struct retry_state *state, int64_t now_ns)
{
    struct retry_call *first = state->queue;
    if (!first)
        return NULL;
    quota_refill(state, now_ns);
    if (first->quota_taken > state->quota)
        return NULL;
    state->quota -= first->quota_taken;
    retry_leave(state, first);
    return first;
}

int64_t retry_due_ns(const struct retry_state *state)
{
    const struct retry_call *first = state->queue;
    if (!first)
        return TIME_NEVER;
    unsigned missing =
        first->quota_taken > state->quota ? first->quota_taken - state->quota : 0;
    return state->quota_refill_ns + missing * TOKEN_NS;
}

void retry_leave(struct retry_state *state, struct retry_call *call)
{
    if (!call->queued)
        return;
    DL_DELETE(state->queue, call);
    call->queued = false;
}

static double doubled(double base, unsigned attempts)
{
    unsigned times = attempts > 0 ? attempts - 1 : 0;
    return ldexp(base, (int)(times < DOUBLINGS_MAX ? times : DOUBLINGS_MAX));
}

static double standard_delay_s(struct retry_state *state, const struct retry_call *call,
                               const struct retry_outcome *outcome, bool throttled)
{
    double base = throttled ? BACKOFF_THROTTLING_S
                  : is_service(outcome->service, "DynamoDB") ||
                          is_service(outcome->service, "DynamoDB Streams")
                      ? BACKOFF_DYNAMODB_S
                      : BACKOFF_S;
    double delay =
        random_unit(&state->random) * fmin(doubled(base, call->attempts), BACKOFF_MAX_S);
    if (outcome->retry_after_ms >= 0) {
        double after = (double)outcome->retry_after_ms / 1000;
        delay = fmax(delay, fmin(after, delay + RETRY_AFTER_EXTRA_S));
    }
    return delay;
}

static double legacy_delay_s(struct retry_state *state, const struct retry_call *call)
{
    return random_unit(&state->random) * doubled(1, call->attempts);
}

int64_t retry_next(struct retry_state *state, struct retry_call *call,
                   const struct retry_outcome *outcome, int64_t now_ns)
{
    bool legacy = state->mode == PAIL_RETRY_LEGACY;
    /* botocore's legacy mode has none; where retries wait for it all modes have. */
    bool has_quota = !legacy || state->quota_waits;
    bool throttled = outcome->error && retry_is_throttling(outcome->error);
    call->attempts++;
    call->quota_reached = false;
    call->max_reached = false;
    if (state->mode == PAIL_RETRY_ADAPTIVE)
        limiter_adjust(state, throttled, seconds(now_ns));
    if (!outcome->error) {
        if (has_quota)
            quota_give(state, refund(state, call));
        call->quota_taken = 0;
        return -1;
    }
    if (legacy ? !legacy_is_retryable(outcome->error, outcome->service)
               : !retry_is_retryable(outcome->error))
        return -1;
    call->max_reached = call->attempts >= call->max_attempts;
    if (call->max_reached)
        return -1;
    double delay_s = legacy ? legacy_delay_s(state, call)
                            : standard_delay_s(state, call, outcome, throttled);
    int64_t delay_ms = llround(delay_s * 1000);
    call->not_before_ns = clock_after_ms(now_ns, delay_ms);
    unsigned cost = throttled ? RETRY_COST_THROTTLING : RETRY_COST;
    int64_t refused = has_quota ? quota_take(state, call, cost, now_ns) : 0;
    return refused ? refused : delay_ms;
}
