#include "unit/fs/fixture.h"

#include "fs/live.h"

#include <errno.h>

static struct fixture f;
static struct node *node;
static struct live *live;

static void setup(void)
{
    fixture_init(&f);
    fixture_start(&f);
    node = look_up(&f, root_of(&f), "@tail", "@tail:live");
    ck_assert_int_eq(live_open(&f.fs, node, &live), 0);
}

static void teardown(void)
{
    live_close(live);
    settle(&f);
    fixture_done(&f);
}

static size_t woken;

static void ready(struct waiter *waiter)
{
    (void)waiter;
    woken++;
}

static struct live_wait wait_for(void)
{
    woken = 0;
    return (struct live_wait){.waiter.ready = ready, .live = live};
}

static void bring(const char *data)
{
    scripted_more(scripted_next(&f.source, SCRIPTED_MORE), data, false);
    settle(&f);
}

START_TEST(listens_from_its_opening)
{
    struct live_wait wait = wait_for();
    const char *data;
    ck_assert_uint_eq(f.source.asked[SCRIPTED_MORE], 1);
    bring("one\n");
    ck_assert_int_eq(live_read(&wait, 3, &data), 3);
    ck_assert_int_eq(memcmp(data, "one", 3), 0);
    ck_assert_int_eq(live_read(&wait, 3, &data), 1);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_MORE], 1); /* nothing more before it is wanted */
    ck_assert_int_eq(live_read(&wait, 3, &data), -EINPROGRESS);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_MORE], 2);
    bring("two\n");
    ck_assert_uint_eq(woken, 1);
    ck_assert_int_eq(wait.status, 0);
    ck_assert_int_eq(live_read(&wait, 100, &data), 4);
}
END_TEST

START_TEST(a_failure_is_told_and_it_goes_on)
{
    struct live_wait wait = wait_for();
    const char *data;
    ck_assert_int_eq(live_read(&wait, 3, &data), -EINPROGRESS);
    scripted_fail(scripted_next(&f.source, SCRIPTED_MORE), -EACCES);
    settle(&f);
    ck_assert_int_eq(wait.status, -EACCES);
    ck_assert_ptr_nonnull(node->extra->failure);
    wait = wait_for();
    ck_assert_int_eq(live_read(&wait, 3, &data), -EINPROGRESS);
    bring("one\n");
    ck_assert_int_eq(live_read(&wait, 100, &data), 4);
}
END_TEST

START_TEST(ends_when_it_is_finished)
{
    struct live_wait wait = wait_for();
    const char *data;
    scripted_finished(scripted_next(&f.source, SCRIPTED_MORE), "last\n");
    settle(&f);
    ck_assert_int_eq(live_read(&wait, 100, &data), 5);
    ck_assert_int_eq(live_read(&wait, 100, &data), 0);
    ck_assert_int_eq(live_read(&wait, 100, &data), 0);
}
END_TEST

START_TEST(each_open_has_a_reader_of_its_own)
{
    struct live *second;
    ck_assert_int_eq(live_open(&f.fs, node, &second), 0);
    ck_assert_uint_eq(f.source.readers, 2);
    live_close(second); /* while it asks */
    settle(&f);
    ck_assert_uint_eq(f.source.readers, 1);
    f.source.reader_status = -EACCES;
    ck_assert_int_eq(live_open(&f.fs, node, &second), -EACCES);
    bring("unread\n"); /* released at the close */
}
END_TEST

SUITE_MAIN("fs/live", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, listens_from_its_opening);
           tcase_add_test(tc, a_failure_is_told_and_it_goes_on);
           tcase_add_test(tc, ends_when_it_is_finished);
           tcase_add_test(tc, each_open_has_a_reader_of_its_own));
