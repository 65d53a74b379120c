#include "unit/check.h"

#include "base/mailbox.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#define PRODUCERS 4
#define MESSAGES  2000

struct item {
    struct message message;
    struct mailbox *mailbox;
    int producer;
    int number;
};

static int delivered[16];
static size_t delivered_count;

static void record(struct message *message)
{
    delivered[delivered_count++] = CONTAINER_OF(message, struct item, message)->number;
}

static bool readable(struct mailbox *mailbox)
{
    struct pollfd poll_fd = {.fd = mailbox_fd(mailbox), .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 1;
}

START_TEST(delivers_in_order)
{
    CLEANUP(mailbox) struct mailbox *mailbox = mailbox_new();
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    delivered_count = 0;
    ck_assert(!readable(mailbox));
    ck_assert_uint_eq(mailbox_deliver(mailbox), 0);
    for (size_t i = 0; i < 3; i++) {
        items[i].message.deliver = record;
        mailbox_post(mailbox, &items[i].message);
        ck_assert(readable(mailbox));
    }
    ck_assert_uint_eq(mailbox_deliver(mailbox), 3);
    ck_assert(!readable(mailbox));
    ck_assert(delivered[0] == 1 && delivered[1] == 2 && delivered[2] == 3);
    ck_assert_uint_eq(mailbox_wait(mailbox, 0), 0);
    ck_assert_uint_eq(mailbox_wait(mailbox, 1), 0);
}
END_TEST

static void post_again(struct message *message)
{
    struct item *item = CONTAINER_OF(message, struct item, message);
    delivered_count++;
    mailbox_post(item->mailbox, message);
}

START_TEST(posted_again_waits_for_the_next_call)
{
    CLEANUP(mailbox) struct mailbox *mailbox = mailbox_new();
    struct item item = {.message = {.deliver = post_again}, .mailbox = mailbox};
    delivered_count = 0;
    mailbox_post(mailbox, &item.message);
    for (size_t i = 1; i < 4; i++) {
        ck_assert_uint_eq(mailbox_deliver(mailbox), 1);
        ck_assert_uint_eq(delivered_count, i);
        ck_assert(readable(mailbox));
    }
}
END_TEST

static void deliver_the_rest(struct message *message)
{
    record(message);
    mailbox_deliver(CONTAINER_OF(message, struct item, message)->mailbox);
}

START_TEST(nested_delivery_keeps_order)
{
    CLEANUP(mailbox) struct mailbox *mailbox = mailbox_new();
    struct item items[4];
    delivered_count = 0;
    for (int i = 0; i < 4; i++) {
        items[i] = (struct item){.mailbox = mailbox, .number = i};
        items[i].message.deliver = i == 0 ? deliver_the_rest : record;
        mailbox_post(mailbox, &items[i].message);
    }
    ck_assert_uint_eq(mailbox_deliver(mailbox), 1);
    ck_assert_uint_eq(delivered_count, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(delivered[i], i);
}
END_TEST

static void release(struct message *message)
{
    free(CONTAINER_OF(message, struct item, message));
}

START_TEST(deliver_may_release)
{
    CLEANUP(mailbox) struct mailbox *mailbox = mailbox_new();
    for (int i = 0; i < 10; i++) {
        struct item *item = calloc(1, sizeof(*item));
        item->message.deliver = release;
        mailbox_post(mailbox, &item->message);
    }
    ck_assert_uint_eq(mailbox_deliver(mailbox), 10);
}
END_TEST

static struct item stream[PRODUCERS][MESSAGES];
static int next_number[PRODUCERS];

static void check_order(struct message *message)
{
    struct item *item = CONTAINER_OF(message, struct item, message);
    ck_assert_int_eq(item->number, next_number[item->producer]);
    next_number[item->producer]++;
}

static void *produce(void *arg)
{
    struct item *items = arg;
    for (int i = 0; i < MESSAGES; i++)
        mailbox_post(items[i].mailbox, &items[i].message);
    return NULL;
}

START_TEST(many_producers)
{
    CLEANUP(mailbox) struct mailbox *mailbox = mailbox_new();
    pthread_t threads[PRODUCERS];
    for (int p = 0; p < PRODUCERS; p++) {
        next_number[p] = 0;
        for (int i = 0; i < MESSAGES; i++)
            stream[p][i] = (struct item){{.deliver = check_order}, mailbox, p, i};
        ck_assert_int_eq(thread_start(&threads[p], "producer", produce, stream[p]), 0);
    }
    size_t count = 0;
    while (count < PRODUCERS * MESSAGES)
        count += mailbox_wait(mailbox, -1);
    for (int p = 0; p < PRODUCERS; p++) {
        pthread_join(threads[p], NULL);
        ck_assert_int_eq(next_number[p], MESSAGES);
    }
    ck_assert_uint_eq(mailbox_deliver(mailbox), 0);
    ck_assert(!readable(mailbox));
}
END_TEST

static void on_signal(int number)
{
    (void)number;
}

static void *interrupt_then_post(void *arg)
{
    struct item *item = arg;
    for (int i = 0; i < 20; i++)
        kill(getpid(), SIGUSR1);
    mailbox_post(item->mailbox, &item->message);
    return NULL;
}

START_TEST(signals_do_not_end_a_wait)
{
    CLEANUP(mailbox) struct mailbox *mailbox = mailbox_new();
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    struct item item = {.message = {.deliver = record}, .mailbox = mailbox};
    pthread_t thread;
    for (int timeout_ms = -1; timeout_ms <= 60000; timeout_ms += 60001) {
        delivered_count = 0;
        ck_assert_int_eq(thread_start(&thread, "interrupter", interrupt_then_post, &item), 0);
        ck_assert_uint_eq(mailbox_wait(mailbox, timeout_ms), 1);
        pthread_join(thread, NULL);
    }
}
END_TEST

START_TEST(dropped_when_freed)
{
    struct mailbox *mailbox = mailbox_new();
    struct item item = {.message = {.deliver = record}};
    delivered_count = 0;
    mailbox_post(mailbox, &item.message);
    mailbox_free(mailbox);
    mailbox_free(NULL);
    ck_assert_uint_eq(delivered_count, 0);
    alloc_fail_after(0);
    mailbox = mailbox_new();
    alloc_fail_after(-1);
    ck_assert_ptr_null(mailbox);
}
END_TEST

START_TEST(no_descriptors)
{
    struct rlimit none = {0}, before;
    getrlimit(RLIMIT_NOFILE, &before);
    none.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_NOFILE, &none);
    errno = 0;
    struct mailbox *mailbox = mailbox_new();
    int error = errno;
    setrlimit(RLIMIT_NOFILE, &before);
    ck_assert_ptr_null(mailbox);
    ck_assert_int_eq(error, EMFILE);
}
END_TEST

SUITE_MAIN("base/mailbox", tcase_add_test(tc, delivers_in_order);
           tcase_add_test(tc, posted_again_waits_for_the_next_call);
           tcase_add_test(tc, nested_delivery_keeps_order);
           tcase_add_test(tc, deliver_may_release); tcase_add_test(tc, many_producers);
           tcase_add_test(tc, signals_do_not_end_a_wait);
           tcase_add_test(tc, dropped_when_freed); tcase_add_test(tc, no_descriptors));
