#include "unit/fs/fixture.h"

#include "fs/exchange.h"

#include <errno.h>

static struct fixture f;
static struct node *node;
static struct exchange *exchange;

static void setup(void)
{
    fixture_init(&f);
    fixture_start(&f);
    node = look_up(&f, root_of(&f), "invoke", "invoke:exchange");
    exchange = exchange_open(&f.fs, node);
    ck_assert_ptr_nonnull(exchange);
}

static void teardown(void)
{
    exchange_close(exchange, true);
    settle(&f);
    fixture_done(&f);
}

static void ready(struct waiter *waiter)
{
    (void)waiter;
}

static ssize_t read_some(struct exchange_wait *wait, const char **ret_data)
{
    *wait = (struct exchange_wait){.waiter.ready = ready, .exchange = exchange};
    return exchange_read(wait, 4, ret_data);
}

START_TEST(gives_the_answer_to_what_was_written)
{
    struct exchange_wait wait;
    const char *data;
    ck_assert_int_eq(read_some(&wait, &data), 0); /* nothing was written */
    ck_assert_int_eq(exchange_write(exchange, "ab", 2), 0);
    ck_assert_int_eq(exchange_write(exchange, "c", 1), 0);
    ck_assert_uint_eq(f.source.count, 1); /* the lookup */
    ck_assert_int_eq(read_some(&wait, &data), -EINPROGRESS);
    struct scripted *asked = scripted_next(&f.source, SCRIPTED_EXCHANGE);
    ck_assert_str_eq(asked->payload, "abc");
    ck_assert_str_eq(asked->path, "invoke");
    ck_assert_int_eq(exchange_write(exchange, "d", 1), -EBUSY);
    scripted_response(asked, "answer");
    settle(&f);
    ck_assert_int_eq(wait.status, 0);
    ck_assert_int_eq(read_some(&wait, &data), 4);
    ck_assert_int_eq(memcmp(data, "answ", 4), 0);
    ck_assert_int_eq(read_some(&wait, &data), 2);
    ck_assert_int_eq(read_some(&wait, &data), 0);
    ck_assert_int_eq(exchange_write(exchange, "next", 4), 0);
    ck_assert_int_eq(read_some(&wait, &data), -EINPROGRESS);
    scripted_response(scripted_next(&f.source, SCRIPTED_EXCHANGE), "2");
    settle(&f);
    ck_assert_int_eq(read_some(&wait, &data), 1);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_EXCHANGE], 2);
}
END_TEST

START_TEST(a_failure_is_told_once)
{
    struct exchange_wait wait;
    const char *data;
    ck_assert_int_eq(exchange_write(exchange, "x", 1), 0);
    ck_assert_int_eq(read_some(&wait, &data), -EINPROGRESS);
    scripted_fail(scripted_next(&f.source, SCRIPTED_EXCHANGE), -EREMOTEIO);
    settle(&f);
    ck_assert_int_eq(wait.status, -EREMOTEIO);
    ck_assert_ptr_nonnull(node->extra->failure);
    ck_assert_int_eq(read_some(&wait, &data), 0);
}
END_TEST

START_TEST(one_that_lost_patience_finds_the_answer_later)
{
    struct exchange_wait wait;
    const char *data;
    ck_assert_int_eq(exchange_write(exchange, "x", 1), 0);
    ck_assert_int_eq(read_some(&wait, &data), -EINPROGRESS);
    wait_stop(&wait.waiter);
    scripted_fail(scripted_next(&f.source, SCRIPTED_EXCHANGE), -EREMOTEIO);
    settle(&f);
    ck_assert_int_eq(read_some(&wait, &data), -EREMOTEIO);
    ck_assert_int_eq(read_some(&wait, &data), 0);
}
END_TEST

START_TEST(sends_what_was_not_read_when_it_is_closed)
{
    ck_assert_int_eq(exchange_write(exchange, "x", 1), 0);
    exchange_close(exchange, true);
    scripted_response(scripted_next(&f.source, SCRIPTED_EXCHANGE), "unread");
    settle(&f);
    exchange = exchange_open(&f.fs, node);
    ck_assert_int_eq(exchange_write(exchange, "x", 1), 0);
    exchange_close(exchange, false); /* the mount ends */
    ck_assert_uint_eq(f.source.asked[SCRIPTED_EXCHANGE], 1);
    exchange = NULL;
}
END_TEST

START_TEST(takes_no_more_than_it_may)
{
    char *block = calloc(1, EXCHANGE_MAX);
    ck_assert_ptr_nonnull(block);
    ck_assert_int_eq(exchange_write(exchange, block, EXCHANGE_MAX), 0);
    ck_assert_int_eq(exchange_write(exchange, block, 1), -EFBIG);
    ck_assert_int_eq(exchange_write(exchange, block, 1), -EFBIG); /* nor the rest of it alone */
    free(block);
    struct exchange_wait wait = {.waiter.ready = ready, .exchange = exchange};
    ck_assert_int_eq(exchange_send(&wait), -EFBIG);
    ck_assert_int_eq(exchange_send(&wait), 0); /* told once */
    exchange_close(exchange, true);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_EXCHANGE], 0); /* a part of it is not sent */
    exchange = NULL;
}
END_TEST

SUITE_MAIN("fs/exchange", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, gives_the_answer_to_what_was_written);
           tcase_add_test(tc, a_failure_is_told_once);
           tcase_add_test(tc, one_that_lost_patience_finds_the_answer_later);
           tcase_add_test(tc, sends_what_was_not_read_when_it_is_closed);
           tcase_add_test(tc, takes_no_more_than_it_may));
