#include "base/timer.h"

/* A pairing heap: `child` is a node's first child, `sibling` the next child of the same parent,
 * `previous` the sibling before or, for a first child, the parent; NULL for a root. */

static struct timer *meld(struct timer *a, struct timer *b)
{
    if (!a)
        return b;
    if (!b)
        return a;
    if (b->at_ns < a->at_ns) {
        struct timer *swap = a;
        a = b;
        b = swap;
    }
    b->sibling = a->child;
    if (b->sibling)
        b->sibling->previous = b;
    b->previous = a;
    a->child = b;
    return a;
}

/* Melds the siblings from `first` on into one heap, by pairs and then from the last pair back.
 */
static struct timer *meld_siblings(struct timer *first)
{
    struct timer *pairs = NULL;
    while (first) {
        struct timer *a = first;
        struct timer *b = a->sibling;
        first = b ? b->sibling : NULL;
        a->sibling = a->previous = NULL;
        if (b)
            b->sibling = b->previous = NULL;
        a = meld(a, b);
        a->sibling = pairs;
        pairs = a;
    }
    struct timer *root = NULL;
    while (pairs) {
        struct timer *next = pairs->sibling;
        pairs->sibling = NULL;
        root = meld(root, pairs);
        pairs = next;
    }
    return root;
}

/* Takes `timer` out; what was below it goes to its place. */
static void detach(struct timers *timers, struct timer *timer)
{
    struct timer *below = meld_siblings(timer->child);
    if (timer == timers->root) {
        timers->root = below;
    } else if (timer == timers->firing) {
        timers->firing = below;
    } else {
        struct timer *in_place = below ? below : timer->sibling;
        if (timer->previous->child == timer)
            timer->previous->child = in_place;
        else
            timer->previous->sibling = in_place;
        if (below) {
            below->previous = timer->previous;
            below->sibling = timer->sibling;
            if (below->sibling)
                below->sibling->previous = below;
        } else if (timer->sibling) {
            timer->sibling->previous = timer->previous;
        }
    }
    timer->child = timer->sibling = timer->previous = NULL;
    timer->set = false;
}

void timer_set(struct timers *timers, struct timer *timer, int64_t at_ns)
{
    timer_cancel(timers, timer);
    timer->at_ns = at_ns;
    if (at_ns == TIME_NEVER)
        return;
    timer->child = timer->sibling = timer->previous = NULL;
    timer->set = true;
    timers->root = meld(timers->root, timer);
}

void timer_cancel(struct timers *timers, struct timer *timer)
{
    if (timer->set)
        detach(timers, timer);
}

void timers_run(struct timers *timers, int64_t now_ns)
{
    /* What is set from now on goes to the other heap, and so waits for the next call. */
    timers->firing = timers->root;
    timers->root = NULL;
    while (timers->firing && timers->firing->at_ns <= now_ns) {
        struct timer *due = timers->firing;
        detach(timers, due);
        due->fire(due);
    }
    timers->root = meld(timers->root, timers->firing);
    timers->firing = NULL;
}

int64_t timers_next(const struct timers *timers)
{
    int64_t next = timers->root ? timers->root->at_ns : TIME_NEVER;
    if (timers->firing && timers->firing->at_ns < next)
        next = timers->firing->at_ns;
    return next;
}

int timers_poll_ms(int64_t at_ns, int64_t now_ns)
{
    if (at_ns == TIME_NEVER)
        return -1;
    if (at_ns <= now_ns)
        return 0;
    int64_t wait_ns;
    if (__builtin_sub_overflow(at_ns, now_ns, &wait_ns))
        return INT32_MAX;
    int64_t ms = wait_ns / NS_PER_MS + (wait_ns % NS_PER_MS != 0);
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}
