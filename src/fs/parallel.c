#include "fs/parallel.h"

#include "base/clock.h"

void parallel_init(struct parallel *p, unsigned parts)
{
    *p = (struct parallel){.parts = parts, .proven = parts};
}

unsigned parallel_first(unsigned proven, int64_t passed_ns)
{
    for (; passed_ns >= PARALLEL_KEPT_MS * NS_PER_MS && proven > PARALLEL_FIRST; proven /= 2)
        passed_ns -= PARALLEL_KEPT_MS * NS_PER_MS;
    return proven;
}

static bool turn_over(const struct parallel *p, uint64_t bytes, int64_t ms, int64_t now_ns)
{
    return p->bytes >= bytes && now_ns - p->since_ns >= ms * NS_PER_MS;
}

static void turn_begin(struct parallel *p, bool settled, int64_t now_ns)
{
    p->bytes = p->waited = 0;
    p->since_ns = now_ns;
    p->settled = settled;
}

static uint64_t rate_of(const struct parallel *p, int64_t now_ns)
{
    return (uint64_t)((double)p->bytes * 1e9 / (double)(now_ns - p->since_ns));
}

/* What the turn has shown of those proven, or of more on trial. */
static void judge(struct parallel *p, uint64_t rate)
{
    bool trial = p->parts > p->proven;
    if (trial && rate < p->rate + p->rate * PARALLEL_GAIN / 100) {
        p->parts = p->proven;
        p->hold = PARALLEL_HOLD;
        return;
    }
    p->proven = p->parts;
    /* A stall is not what a trial is to be better than. */
    p->rate = trial || rate > p->rate ? rate : p->rate - (p->rate - rate) / 8;
    if (!trial && p->hold > 0)
        p->hold--;
}

bool parallel_came(struct parallel *p, uint64_t bytes, bool waited, uint64_t turn, unsigned max,
                   int64_t now_ns)
{
    if (p->came_ns == 0 || now_ns - p->came_ns > PARALLEL_PAUSE_MS * NS_PER_MS)
        turn_begin(p, p->settled, now_ns);
    p->came_ns = now_ns;
    p->bytes += bytes;
    p->waited += waited ? bytes : 0;
    if (!p->settled && turn_over(p, turn / 2, PARALLEL_TURN_MS / 2, now_ns))
        turn_begin(p, true, now_ns);
    if (!p->settled || !turn_over(p, turn, PARALLEL_TURN_MS, now_ns))
        return false;
    unsigned before = p->parts;
    uint64_t rate = rate_of(p, now_ns);
    judge(p, rate);
    bool usual = rate >= p->rate - p->rate / 8;
    if (p->parts == p->proven && p->hold == 0 && p->waited > p->bytes / 2 && usual &&
        2 * p->parts <= max)
        p->parts *= 2;
    turn_begin(p, p->parts == before, now_ns);
    return true;
}
