#include "fs/wait.h"

void waiters_wake(struct waiter *head)
{
    struct waiter now;
    if (waiters_empty(head))
        return;
    now = *head;
    now.next->prev = &now;
    now.prev->next = &now;
    waiters_init(head);
    while (!waiters_empty(&now)) {
        struct waiter *first = now.next;
        wait_stop(first);
        first->ready(first);
    }
}
