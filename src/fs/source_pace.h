/* fs/source_pace.h: calls of one kind, kept to as many a second as the service allows. What is
 * too many waits for its turn, in order, and nothing else waits for it. fs thread only. */
#ifndef FS_SOURCE_PACE_H
#define FS_SOURCE_PACE_H

#include "base/rate.h"
#include "fs/source_call.h"

struct source_pace {
    struct client_source *source;
    struct rate rate;
    struct timer timer; /* set while any waits */
    TAILQ_HEAD(source_turns, source_turn) waiting;
    uint64_t waited; /* how many had to */
};

/* `per_second` and `burst` at least 1; the source has timers and a clock. */
void source_pace_init(struct source_pace *pace, struct client_source *source,
                      unsigned per_second, unsigned burst);
/* source_call_start with source_call_done, now or when it is its turn: `in` is lent until the
 * call is over. Counts as running from now on. */
void source_pace_start(struct source_pace *pace, struct source_call *call, const void *in,
                       const struct pail_call_options *options);
/* It gives up its turn. */
void source_pace_leave(struct source_turn *turn);
/* None waits any more: the pace may go. */
void source_pace_done(struct source_pace *pace);

#endif
