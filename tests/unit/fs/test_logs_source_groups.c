/* Scans of all log groups: how long they are waited for, and who goes on with them. */
#include "unit/fs/service_rig.h"

#define GROUPS "DescribeLogGroups"

static struct source_lookup look;
static struct source_list list;

#define MANY 60

static void play_many(void)
{
    rig_forget(GROUPS);
    for (int i = 0; i < MANY; i++) {
        char next[32] = "", body[256];
        if (i < MANY - 1)
            (void)snprintf(next, sizeof(next), ",\"nextToken\":\"t%d\"", i);
        (void)snprintf(body, sizeof(body), "{\"logGroups\":[{\"logGroupName\":\"/g%02d\"}]%s}",
                       i, next);
        rig_play(GROUPS, body);
    }
}

/* As many groups as 10,000 are for the usual deadline. */
START_TEST(more_groups_than_one_deadline_can_list)
{
    rig.config.metadata_timeout_ms = 2000;
    rig_make("logs://");
    play_many();
    ck_assert_int_eq(rig_list(&list, ""), -ETIMEDOUT);
    ck_assert_ptr_nonnull(strstr(list.request.error.message, " log groups were listed so far"));
    ck_assert_str_eq(list.request.error.operation, GROUPS);
    rig_release(&list.request);
    rig_run_for(1000);
    size_t asked = rig_asked(GROUPS);
    ck_assert_uint_gt(asked, 10);
    ck_assert_uint_lt(asked, MANY / 2);
    rig_run_for(20000); /* nobody waits: nobody asks */
    ck_assert_uint_eq(rig_asked(GROUPS), asked);
    int r = rig_list(&list, "");
    ck_assert_int_eq(r, -ETIMEDOUT);
    rig_release(&list.request);
    ck_assert_uint_gt(rig_asked(GROUPS), asked);
    while ((r = rig_list(&list, "")) == -ETIMEDOUT)
        rig_release(&list.request);
    ck_assert_int_eq(r, 0);
    ck_assert_uint_eq(list.count, MANY);
    rig_release(&list.request);
    ck_assert_uint_eq(rig_asked(GROUPS), MANY); /* no page twice */
}
END_TEST

START_TEST(what_is_paused_too_long_begins_anew)
{
    rig.config.metadata_timeout_ms = 2000;
    rig.config.metadata_ttl_ms = 600000;
    rig_make("logs://");
    play_many();
    ck_assert_int_eq(rig_list(&list, ""), -ETIMEDOUT);
    rig_release(&list.request);
    rig_run_for(61000);
    size_t asked = rig_asked(GROUPS);
    play_many();
    ck_assert_int_eq(rig_list(&list, ""), -ETIMEDOUT);
    rig_release(&list.request);
    ck_assert_ptr_null(strstr(rig_body(GROUPS, asked), "nextToken"));
    /* What the first had learned is known all the same. */
    size_t before = rig_asked(GROUPS);
    ck_assert_int_eq(rig_lookup(&look, "g00"), 0);
    rig_release(&look.request);
    ck_assert_uint_le(rig_asked(GROUPS), before + 1); /* the page that was under way */
}
END_TEST

SUITE_MAIN("fs/logs_source_groups", tcase_add_checked_fixture(tc, rig_setup, rig_teardown);
           tcase_add_test(tc, more_groups_than_one_deadline_can_list);
           tcase_add_test(tc, what_is_paused_too_long_begins_anew));
