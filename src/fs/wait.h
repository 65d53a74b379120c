/* fs/wait.h: who waits for something to become known. fs thread only. */
#ifndef FS_WAIT_H
#define FS_WAIT_H

#include <stdbool.h>
#include <stddef.h>

/* A circular list; its head is a waiter that is never woken. */
struct waiter {
    struct waiter *next, *prev;
    /* Called once, after it was taken off its list. May queue it again, or release it. */
    void (*ready)(struct waiter *waiter);
};

static inline void waiters_init(struct waiter *head)
{
    head->next = head->prev = head;
}
static inline bool waiters_empty(const struct waiter *head)
{
    return head->next == head;
}
static inline bool waiting(const struct waiter *waiter)
{
    return waiter->next != NULL;
}
static inline void wait_on(struct waiter *head, struct waiter *waiter)
{
    waiter->next = head;
    waiter->prev = head->prev;
    head->prev->next = waiter;
    head->prev = waiter;
}
/* The same, before those who wait already. */
static inline void wait_on_first(struct waiter *head, struct waiter *waiter)
{
    wait_on(head->next, waiter);
}
/* No-op on one that does not wait. */
static inline void wait_stop(struct waiter *waiter)
{
    if (!waiter->next)
        return;
    waiter->next->prev = waiter->prev;
    waiter->prev->next = waiter->next;
    waiter->next = waiter->prev = NULL;
}
/* Wakes those that wait now, in order; one that waits again inside its ready is not woken a
 * second time. */
void waiters_wake(struct waiter *head);

#endif
