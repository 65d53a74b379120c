#include "aws/answer.h"

#include "base/thread.h"
#include "unit/check.h"
#include "unit/descriptors.h"

#include <errno.h>

static const struct pail_error failure = {.kind = PAIL_ERROR_STREAMING, .sys = EIO};

struct giver {
    struct answer answer;
    int status;
};

static void *give(void *arg)
{
    struct giver *giver = arg;
    answer_post(&giver->answer, giver->status, giver->status < 0 ? &failure : NULL);
    return NULL;
}

/* From another thread, whether it comes before the waiting or not; from the waiter's own. */
START_TEST(hands_on)
{
    static const int statuses[] = {0, 5, -EIO};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        CLEANUP(mailbox) struct mailbox *mailbox = NULL;
        struct pail_error error = {.sys = 1};
        struct giver giver = {.status = statuses[i]};
        if (_i < 2)
            ck_assert_int_eq(answer_mailbox(&mailbox, &error), 0);
        answer_init(&giver.answer, mailbox, i == 0 ? NULL : &error);
        pthread_t thread;
        if (_i < 2)
            ck_assert_int_eq(thread_start(&thread, "giver", give, &giver), 0);
        else
            give(&giver);
        if (_i == 1)
            pthread_join(thread, NULL);
        ck_assert_int_eq(answer_wait(&giver.answer), statuses[i]);
        if (_i == 0)
            pthread_join(thread, NULL);
        ck_assert_int_eq(error.sys, statuses[i] < 0 ? EIO : 1);
    }
}
END_TEST

struct other {
    struct message message;
    struct giver *giver;
};

static void deliver_other(struct message *message)
{
    give(CONTAINER_OF(message, struct other, message)->giver);
}

/* What else comes to the mailbox is delivered meanwhile, and does not end the waiting. */
START_TEST(waits_for_its_own)
{
    CLEANUP(mailbox) struct mailbox *mailbox = NULL;
    struct giver giver = {.status = 7};
    struct other other = {.message.deliver = deliver_other, .giver = &giver};
    ck_assert_int_eq(answer_mailbox(&mailbox, NULL), 0);
    answer_init(&giver.answer, mailbox, NULL);
    mailbox_post(mailbox, &other.message);
    ck_assert_int_eq(answer_wait(&giver.answer), 7);
}
END_TEST

START_TEST(tells_what_is_wanting)
{
    CLEANUP(mailbox) struct mailbox *mailbox = NULL;
    struct pail_error error;
    struct rlimit before = descriptors_leave(0);
    int r = answer_mailbox(&mailbox, &error);
    descriptors_restore(before);
    ck_assert_int_eq(r, -EMFILE);
    ck_assert_int_eq(error.sys, EMFILE);
    ck_assert_int_eq(error.kind, PAIL_ERROR_MEMORY);
    ck_assert_str_eq(error.message, "the process has no descriptors left (EMFILE)");
    alloc_fail_after(0);
    r = answer_mailbox(&mailbox, &error);
    alloc_fail_after(-1);
    ck_assert_int_eq(r, -ENOMEM);
    ck_assert_int_eq(error.sys, ENOMEM);
    ck_assert_str_eq(error.message, "out of memory");
    ck_assert_int_eq(answer_mailbox(&mailbox, NULL), 0);
    struct mailbox *made = mailbox;
    ck_assert_int_eq(answer_mailbox(&mailbox, NULL), 0);
    ck_assert_ptr_eq(mailbox, made);
}
END_TEST

SUITE_MAIN("aws/answer", tcase_add_loop_test(tc, hands_on, 0, 3);
           tcase_add_test(tc, waits_for_its_own); tcase_add_test(tc, tells_what_is_wanting));
