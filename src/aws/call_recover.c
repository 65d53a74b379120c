#include "aws/call_steps.h"

#include <errno.h>

/* The keys are refused because of their age: the next attempt fetches new ones. */
static bool renew_keys(struct pail_call *call)
{
    static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException", "InvalidToken",
                                        "TokenRefreshRequired"};
    if (call->renewed || !call->client->credentials)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (strcmp(call->error.code, codes[i]) != 0)
            continue;
        call->renewed = true;
        credentials_invalidate(call->client->credentials);
        return true;
    }
    return false;
}

/* The request's date is refused: sign by the server's clock from now on. */
static bool learn_clock(struct pail_call *call)
{
    struct pail_client *client = call->client;
    if (call->resynced || call->facts.date_s == INT64_MIN ||
        (strcmp(call->error.code, "RequestTimeTooSkewed") != 0 &&
         strcmp(call->error.code, "RequestExpired") != 0))
        return false;
    call->resynced = true;
    client->clock_offset_s = call->facts.date_s - clock_realtime_s(client->transport->clock);
    return true;
}

void call_release_queued(struct pail_client *client)
{
    struct timers *timers = &client->transport->timers;
    int64_t now = transport_now(client->transport);
    struct retry_call *next;
    while ((next = retry_take(&client->retry, now)))
        timer_set(timers, &CONTAINER_OF(next, struct pail_call, retry)->pause,
                  next->not_before_ns > now ? next->not_before_ns : now);
    timer_set(timers, &client->quota, retry_due_ns(&client->retry));
}

/* True if the policy grants another attempt; it is on its way. */
static bool try_again(struct pail_call *call)
{
    struct pail_client *client = call->client;
    if (call->open && !call_resume_may(call))
        return false;
    const struct retry_outcome outcome = {.error = &call->error,
                                          .service = call->operation->service,
                                          .retry_after_ms = call->facts.retry_after_ms};
    int64_t wait_ms =
        retry_next(&client->retry, &call->retry, &outcome, transport_now(client->transport));
    if (wait_ms < 0 && wait_ms != RETRY_QUEUED)
        return false;
    call->retrying = true;
    if (wait_ms == RETRY_QUEUED) {
        call->state = CALL_BACKOFF;
        call_release_queued(client);
    } else {
        call_wait(call, CALL_BACKOFF, wait_ms);
    }
    return true;
}

void call_recover(struct pail_call *call)
{
    if (retry_is_throttling(&call->error))
        atomic_fetch_add(&call->client->stats.throttled, 1);
    if (!call->final) {
        if (call_redirect(call))
            return;
        if (renew_keys(call) || learn_clock(call)) {
            call_attempt(call);
            return;
        }
        if (try_again(call))
            return;
    }
    /* Whatever the tables make of it, a failure is not a success. */
    if (call->error.sys == 0)
        call->error.sys = EIO;
    call_finish(call, -call->error.sys);
}
