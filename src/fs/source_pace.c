#include "fs/source_pace.h"

static int64_t take(struct source_pace *pace)
{
    return rate_take(&pace->rate, clock_now_ns(pace->source->clock));
}

static void wait_for_turn(struct source_pace *pace, int64_t wait_ns)
{
    timer_set(pace->source->timers, &pace->timer, clock_now_ns(pace->source->clock) + wait_ns);
}

static void run(struct source_turn *turn)
{
    struct source_call *call = CONTAINER_OF(turn, struct source_call, turn);
    source_pace_leave(turn);
    call->running = false;
    call->state->source->running--;
    source_call_start(call, turn->in, &turn->options, source_call_done);
}

static void its_turn(struct timer *timer)
{
    struct source_pace *pace = CONTAINER_OF(timer, struct source_pace, timer);
    struct source_turn *turn;
    while ((turn = TAILQ_FIRST(&pace->waiting))) {
        int64_t wait_ns = take(pace);
        if (wait_ns > 0) {
            wait_for_turn(pace, wait_ns);
            return;
        }
        run(turn);
    }
}

void source_pace_init(struct source_pace *pace, struct client_source *source,
                      unsigned per_second, unsigned burst)
{
    *pace = (struct source_pace){.source = source, .timer.fire = its_turn};
    rate_init(&pace->rate, per_second, burst);
    TAILQ_INIT(&pace->waiting);
}

void source_pace_start(struct source_pace *pace, struct source_call *call, const void *in,
                       const struct pail_call_options *options)
{
    bool others = !TAILQ_EMPTY(&pace->waiting);
    int64_t wait_ns = others || call->state->cancelled ? 0 : take(pace);
    if (call->state->cancelled || (!others && wait_ns == 0)) {
        source_call_start(call, in, options, source_call_done);
        return;
    }
    call->turn.pace = pace;
    call->turn.in = in;
    call->turn.options = *options;
    call->running = true;
    pace->source->running++;
    pace->waited++;
    if (!others)
        wait_for_turn(pace, wait_ns);
    TAILQ_INSERT_TAIL(&pace->waiting, &call->turn, link);
}

void source_pace_leave(struct source_turn *turn)
{
    struct source_pace *pace = turn->pace;
    TAILQ_REMOVE(&pace->waiting, turn, link);
    turn->pace = NULL;
    if (TAILQ_EMPTY(&pace->waiting))
        timer_cancel(pace->source->timers, &pace->timer);
}

void source_pace_done(struct source_pace *pace)
{
    timer_cancel(pace->source->timers, &pace->timer);
}
