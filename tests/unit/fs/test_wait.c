#include "unit/check.h"

#include "base/cleanup.h"
#include "fs/wait.h"

enum { WAITERS = 5 };

static struct waiter head;

struct one {
    struct waiter waiter;
    int woken;
    struct one *stops;    /* taken back inside ready */
    struct waiter *again; /* waits on it again inside ready */
};

static struct one ones[WAITERS];
static char order[64];

static void ready(struct waiter *waiter)
{
    struct one *one = CONTAINER_OF(waiter, struct one, waiter);
    ck_assert(!waiting(waiter));
    one->woken++;
    size_t len = strlen(order);
    ck_assert_uint_lt(len + 1, sizeof order);
    order[len] = (char)('0' + (one - ones));
    order[len + 1] = '\0';
    if (one->stops)
        wait_stop(&one->stops->waiter);
    if (one->again)
        wait_on(one->again, waiter);
}

static void setup(void)
{
    waiters_init(&head);
    order[0] = '\0';
    for (int i = 0; i < WAITERS; i++) {
        ones[i] = (struct one){.waiter.ready = ready};
        wait_on(&head, &ones[i].waiter);
        ck_assert(waiting(&ones[i].waiter));
    }
}

START_TEST(wakes_once_in_order)
{
    setup();
    waiters_wake(&head);
    ck_assert_str_eq(order, "01234");
    ck_assert(waiters_empty(&head));
    waiters_wake(&head);
    ck_assert_str_eq(order, "01234");
}
END_TEST

START_TEST(taken_back)
{
    setup();
    wait_stop(&ones[0].waiter);
    wait_stop(&ones[2].waiter);
    wait_stop(&ones[4].waiter);
    wait_stop(&ones[4].waiter);
    ck_assert(!waiting(&ones[2].waiter));
    waiters_wake(&head);
    ck_assert_str_eq(order, "13");
    wait_on(&head, &ones[4].waiter);
    wait_stop(&ones[4].waiter);
    ck_assert(waiters_empty(&head));
}
END_TEST

START_TEST(ready_takes_others_back)
{
    setup();
    ones[0].stops = &ones[1];
    ones[2].stops = &ones[4];
    ones[3].stops = &ones[0]; /* woken already */
    waiters_wake(&head);
    ck_assert_str_eq(order, "023");
    ck_assert(waiters_empty(&head));
}
END_TEST

START_TEST(waiting_again_is_for_the_next_wake)
{
    setup();
    ones[1].again = ones[3].again = &head;
    waiters_wake(&head);
    ck_assert_str_eq(order, "01234");
    ck_assert(waiting(&ones[1].waiter) && waiting(&ones[3].waiter));
    ones[1].again = NULL;
    ones[1].stops = &ones[3];
    waiters_wake(&head);
    ck_assert_str_eq(order, "012341");
    ck_assert(waiters_empty(&head));
}
END_TEST

/* What one of them releases may hold the list's head. */
static struct holder {
    struct waiter head;
    struct one last;
} * holder;

static void ready_frees(struct waiter *waiter)
{
    (void)waiter;
    free(STEAL(holder));
}

START_TEST(ready_releases_the_head)
{
    holder = calloc(1, sizeof *holder);
    waiters_init(&holder->head);
    holder->last.waiter.ready = ready_frees;
    wait_on(&holder->head, &holder->last.waiter);
    waiters_wake(&holder->head);
    ck_assert_ptr_null(holder);
}
END_TEST

SUITE_MAIN("fs/wait", tcase_add_test(tc, wakes_once_in_order); tcase_add_test(tc, taken_back);
           tcase_add_test(tc, ready_takes_others_back);
           tcase_add_test(tc, waiting_again_is_for_the_next_wake);
           tcase_add_test(tc, ready_releases_the_head));
