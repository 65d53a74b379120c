/* The hours of a log group as names. */
#include "unit/fs/logs_rig.h"

static struct source_lookup look;
static struct source_list list;

START_TEST(hours_go_back_to_the_group)
{
    logs_play_groups("/g", NULL);
    rig_play(FILTER, "{\"events\":[]}");
    logs_check_list("g/@hours", "2026/");
    logs_check_list("g/@hours/2026", "11/");
    logs_check_list("g/@hours/2026/11", "21/ 22/");
    logs_check_list("g/@hours/2026/11/21", "22 23");
    ck_assert_int_eq(rig_list(&list, "g/@hours/2026/11/22"), 0);
    ck_assert_str_eq(rig_names(&list), "00");
    ck_assert_int_eq(list.entries[0].kind, FILE_GROWS);
    ck_assert_int_eq(list.entries[0].mtime_s, 1795305600); /* its beginning */
    check_str(list.entries[0].etag, MADE_MS);
    rig_release(&list.request);
    ck_assert_uint_eq(rig_asked(FILTER), 1); /* whether there is anything older */
    ck_assert_ptr_nonnull(strstr(rig_last(FILTER), "\"startTime\":1794088800000"));
    ck_assert_ptr_nonnull(strstr(rig_last(FILTER), "\"endTime\":" MADE_MS));
    ck_assert_uint_eq(rig_asked(GROUPS), 1);
    logs_check_lookup("g/@hours/2026/11/21/22", 0);
    logs_check_lookup("g/@hours/2026/11/21/21", -ENOENT);
    logs_check_lookup("g/@hours/2026/11/22/01", -ENOENT);
    logs_check_lookup("g/@hours/2026/11/22/0", -ENOENT);
    logs_check_lookup("g/@hours/2027", -ENOENT);
    ck_assert_int_eq(rig_lookup(&look, "g/@hours/2026/11/21/22"), 0);
    check_str(look.entry.name, "22");
    ck_assert_int_eq(look.entry.kind, FILE_GROWS);
    ck_assert_int_eq(look.entry.mtime_s, 1795298400);
    rig_release(&look.request);
}
END_TEST

START_TEST(hours_go_back_to_the_oldest_event)
{
    logs_play_groups("/g", NULL);
    rig_play(FILTER, "{\"events\":[],\"nextToken\":\"t\"}");
    rig_play(FILTER, "{\"events\":[{\"timestamp\":1795294800000},"
                     "{\"timestamp\":1795291199999}],\"nextToken\":\"u\"}");
    logs_check_list("g/@hours/2026/11/21", "19 20 21 22 23");
    ck_assert_uint_eq(rig_asked(FILTER), 2);
    rig_run_for(6000); /* more may come, and be older */
    rig_forget(FILTER);
    rig_play(FILTER, "{\"events\":[]}");
    logs_check_list("g/@hours/2026/11/21", "22 23");
    ck_assert_uint_eq(rig_asked(FILTER), 3);
}
END_TEST

START_TEST(hours_end_with_the_bounds)
{
    rig_play(GROUPS, "{\"logGroups\":[{\"logGroupName\":\"/g\",\"creationTime\":1700000000000,"
                     "\"retentionInDays\":1}]}");
    rig_play(FILTER, "{\"events\":[]}");
    logs_check_list("g/@hours/2026/11", "21/ 22/");
    logs_check_list("g/@hours/2023", "");
    rig.config.options.since = PAIL_INT(1795302000000);
    rig.config.options.until = PAIL_INT(1795303000000);
    rig_make("logs://");
    logs_check_list("g/@hours/2026/11/21", "23");
    logs_check_list("g/@hours/2026/11/22", "");
    logs_check_lookup("g/@hours/2026/11/21/23", 0);
    logs_check_lookup("g/@hours/2026/11/21/22", -ENOENT);
    size_t asked = rig_asked(FILTER);
    rig_run_for(6000); /* no event can be older than this group any more */
    logs_check_list("g/@hours/2026/11/21", "23");
    ck_assert_uint_eq(rig_asked(FILTER), asked);
}
END_TEST

SUITE_MAIN("fs/logs_source_hours", tcase_add_checked_fixture(tc, logs_rig_setup, rig_teardown);
           tcase_add_test(tc, hours_go_back_to_the_group);
           tcase_add_test(tc, hours_go_back_to_the_oldest_event);
           tcase_add_test(tc, hours_end_with_the_bounds));
