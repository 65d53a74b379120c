#include "fs/park.h"

#include "base/cleanup.h"
#include "fs/caller.h"

#include <errno.h>

#define SEEN_SLOTS 256 /* callers remembered within one tick */

static void set_tick(struct parking *lot, int64_t now_ns, int64_t after_ms)
{
    int64_t at = clock_after_ms(now_ns, after_ms);
    int64_t first_look = clock_after_ms(lot->oldest->since_ns, PARK_GRACE_MS);
    timer_set(lot->timers, &lot->tick, at > first_look ? at : first_look);
}

static void take_out(struct parked *parked)
{
    struct parking *lot = parked->lot;
    *(parked->older ? &parked->older->newer : &lot->oldest) = parked->newer;
    *(parked->newer ? &parked->newer->older : &lot->newest) = parked->older;
    if (lot->next_look == parked)
        lot->next_look = parked->newer;
    lot->count--;
    timer_cancel(lot->timers, &parked->deadline);
    if (lot->count == 0)
        timer_cancel(lot->timers, &lot->tick);
    parked->lot = NULL;
    parked->older = parked->newer = NULL;
}

static void end(struct parked *parked, int sys)
{
    take_out(parked);
    parked->give_up(parked, sys);
}

static void deadline_passed(struct timer *timer)
{
    end(CONTAINER_OF(timer, struct parked, deadline), ETIMEDOUT);
}

struct seen {
    pid_t tid;
    bool impatient;
};

/* One thread may wait for many requests (its read-ahead): it is looked at once a tick. */
static bool look(const struct parking *lot, struct seen *seen, pid_t tid)
{
    struct seen *slot = &seen[(unsigned)tid % SEEN_SLOTS];
    if (slot->tid != tid)
        *slot = (struct seen){.tid = tid, .impatient = lot->impatient(tid)};
    return slot->impatient;
}

static void tick(struct timer *timer)
{
    struct parking *lot = CONTAINER_OF(timer, struct parking, tick);
    struct seen seen[SEEN_SLOTS] = {{0}};
    int64_t started = clock_now_ns(lot->clock);
    bool time_left = true;
    if (!lot->next_look)
        lot->old_enough_ns = started - PARK_GRACE_MS * NS_PER_MS;
    struct parked *parked = lot->next_look ? lot->next_look : lot->oldest;
    /* The lot is in order of age, so the young ones are all at its end. `next_look` moves on
     * before give_up, which may take out any other. */
    while (parked && parked->since_ns <= lot->old_enough_ns && time_left) {
        lot->next_look = parked->newer;
        bool leaves = parked->caller ? look(lot, seen, parked->caller) : parked->interrupted;
        if (leaves)
            end(parked, EINTR);
        time_left = clock_now_ns(lot->clock) - started < PARK_LOOK_US * NS_PER_US;
        parked = lot->next_look;
    }
    bool all = !parked || parked->since_ns > lot->old_enough_ns;
    if (all)
        lot->next_look = NULL;
    if (lot->oldest)
        set_tick(lot, clock_now_ns(lot->clock), all ? PARK_TICK_MS : PARK_REST_MS);
}

void parking_init(struct parking *lot, struct timers *timers, const struct clock *clock)
{
    *lot = (struct parking){
        .timers = timers,
        .clock = clock,
        .tick = {.fire = tick},
        .impatient = caller_impatient,
    };
}

void parking_close(struct parking *lot, int sys)
{
    while (lot->oldest)
        end(lot->oldest, sys);
}

void park(struct parking *lot, struct parked *parked, const char *what, pid_t caller,
          int64_t timeout_ms)
{
    int64_t now = clock_now_ns(lot->clock);
    parked->what = what;
    parked->caller = caller;
    parked->since_ns = now;
    parked->lot = lot;
    parked->older = lot->newest;
    parked->newer = NULL;
    *(lot->newest ? &lot->newest->newer : &lot->oldest) = parked;
    lot->newest = parked;
    lot->count++;
    parked->deadline = (struct timer){.fire = deadline_passed};
    timer_set(lot->timers, &parked->deadline, clock_after_ms(now, timeout_ms));
    if (lot->count == 1)
        set_tick(lot, now, 0);
}

void unpark(struct parked *parked)
{
    if (parked->lot)
        take_out(parked);
}

void park_interrupted(struct parked *parked)
{
    if (!parked->lot) {
        parked->interrupted = true;
        return;
    }
    if (parked->caller == 0 || parked->lot->impatient(parked->caller))
        end(parked, EINTR);
}

int64_t parking_oldest_ms(const struct parking *lot)
{
    if (!lot->oldest)
        return 0;
    return (clock_now_ns(lot->clock) - lot->oldest->since_ns) / NS_PER_MS;
}
