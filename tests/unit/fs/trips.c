/* Walks of unit/fs/trips.h. */
#include "unit/fs/trips.h"

#include "fs/sweep.h"

/* The oldest request that waits; NULL: none. */
static struct scripted *oldest(struct fixture *f, size_t *first)
{
    while (*first < f->source.count && f->source.requests[*first].answered)
        ++*first;
    return *first < f->source.count ? &f->source.requests[*first] : NULL;
}

int64_t walk(struct walker *w, struct fixture *f, const struct keys *keys, struct node *dir)
{
    size_t first = 0;
    int64_t began_ns = f->now_ns;
    walker_start(w, f, dir);
    for (;;) {
        settle(f);
        if (w->over)
            return (f->now_ns - began_ns + TRIP_MS * NS_PER_MS - 1) / (TRIP_MS * NS_PER_MS);
        struct scripted *s = oldest(f, &first);
        int64_t timer_ns = timers_next(&f->fs.timers);
        int64_t due_ns = s ? s->request->started_ns + TRIP_MS * NS_PER_MS : TIME_NEVER;
        ck_assert_msg(s || timer_ns != TIME_NEVER, "the walker waits for nothing");
        if (timer_ns < due_ns) {
            f->now_ns = timer_ns > f->now_ns ? timer_ns : f->now_ns;
            continue;
        }
        f->now_ns = due_ns > f->now_ns ? due_ns : f->now_ns;
        keys_answer(keys, s);
    }
}

struct node *keys_top(const struct keys *keys, struct fixture *f)
{
    struct look look;
    look_start(f, &look, root_of(f), "t");
    keys_answer(keys, scripted_last(&f->source));
    settle(f);
    ck_assert_int_eq(look.status, 0);
    return look.node;
}

size_t asked(const struct fixture *f, bool flat)
{
    size_t count = 0;
    for (size_t i = 0; i < f->source.count; i++)
        count +=
            f->source.requests[i].kind == SCRIPTED_LIST && f->source.requests[i].flat == flat;
    return count;
}

void keys_read(const struct keys *keys, struct fixture *f, struct node *dir)
{
    struct listing *l = read_start(f, dir);
    listing_want(l, 0);
    while (l->state == LISTING_RUNNING) {
        ck_assert(keys_answer_next(keys, f));
        listing_want(l, l->count);
    }
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    listing_reader_gone(l);
    sweep_left(&f->fs, dir);
}
