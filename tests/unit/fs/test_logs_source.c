/* Log groups and streams as names. */
#include "unit/fs/logs_rig.h"

#define NONE "{\"logGroups\":[]}"

static struct source_lookup look;
static struct source_list list;

/* ---- groups ---- */

START_TEST(lists_groups_of_all_pages)
{
    logs_play_groups("/aws/lambda/f /aws/lambda/f-2", "t1");
    logs_play_groups("", "t2"); /* an empty page is not the end */
    logs_play_groups("/aws/lambda/f/sub plain plain/nested", NULL);
    logs_check_list("", "aws/ plain/");
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
    ck_assert_ptr_null(strstr(rig_body(GROUPS, 0), "logGroupNamePrefix"));
    ck_assert_ptr_nonnull(strstr(rig_body(GROUPS, 2), "\"nextToken\":\"t2\""));
    /* One answer is good for all that is below, for a while. */
    logs_check_list("aws", "lambda/");
    logs_check_list("aws/lambda", "f-2/ f/");
    logs_check_list("aws/lambda/f", "(@hours/) @streams/ (@tail) sub/");
    logs_check_list("plain", "(@hours/) @streams/ (@tail) nested/");
    logs_check_lookup("aws/lambda", 0);
    logs_check_lookup("aws/lambda/f", 0);
    logs_check_lookup("aws/lambda/f/@streams", 0);
    logs_check_lookup("aws/lambda/f/@hours", 0);
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
    ck_assert_int_eq(rig_lookup(&look, "aws/lambda/f/@tail"), 0);
    ck_assert_int_eq(look.entry.kind, FILE_LIVE);
    ck_assert(look.entry.hidden);
    check_str(look.entry.etag, MADE_MS);
    ck_assert_int_ne(look.request.as_of_ns, 0);
    rig_release(&look.request);
    rig_run_for(5000);
    logs_check_list("aws", "lambda/");
    ck_assert_uint_gt(rig_asked(GROUPS), 3);
}
END_TEST

START_TEST(the_view_that_is_shown_can_be_chosen)
{
    rig.config.options.logs_view = LOGS_VIEW_HOURS;
    rig_make("logs://");
    logs_play_groups("/g", NULL);
    logs_check_list("", "g/");
    logs_check_list("g", "@hours/ (@streams/) (@tail)");
}
END_TEST

/* A part is asked for by itself while nothing is known of the whole. */
START_TEST(lists_a_part)
{
    logs_play_groups("/a /a-b /a-c", "t"); /* what begins with "/a" */
    logs_play_groups("/a/x /a/y/z", NULL); /* and with "/a/" */
    logs_play_groups("", NULL);            /* and with "a" */
    logs_check_list("a", "(@hours/) @streams/ (@tail) x/ y/");
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
    ck_assert_ptr_nonnull(strstr(rig_body(GROUPS, 0), "\"logGroupNamePrefix\":\"/a\""));
    ck_assert_ptr_nonnull(strstr(rig_body(GROUPS, 1), "\"logGroupNamePrefix\":\"/a/\""));
    ck_assert_ptr_null(strstr(rig_body(GROUPS, 1), "nextToken"));
    ck_assert_ptr_nonnull(strstr(rig_body(GROUPS, 2), "\"logGroupNamePrefix\":\"a\""));
    logs_check_list("a/y", "z/");
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
}
END_TEST

START_TEST(stops_where_names_go_past)
{
    rig_make("logs:///a");
    logs_play_groups("/a/x /a0 /ab", "t");
    logs_check_list("", "x/");
    ck_assert_uint_eq(rig_asked(GROUPS), 1);
}
END_TEST

START_TEST(a_mount_of_one_group)
{
    rig_make("logs:///aws/lambda/f");
    logs_play_groups("/aws/lambda/f", NULL);
    logs_check_list("", "(@hours/) @streams/ (@tail)");
    ck_assert_uint_eq(rig_asked(GROUPS), 1); /* names without a '/' are not meant */
    rig_make("logs://aws/lambda/f");
    rig_forget(GROUPS);
    logs_play_groups("", NULL);
    logs_check_list("", "");
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
}
END_TEST

START_TEST(looks_names_up)
{
    rig_play(GROUPS, NONE);
    logs_check_lookup("none", -ENOENT);
    ck_assert_uint_eq(rig_asked(GROUPS), 2); /* "/none" and "none" */
    rig_forget(GROUPS);
    logs_play_groups("/aws/lambda/f", NULL);
    logs_check_lookup("aws", 0);
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
    rig_forget(GROUPS);
    logs_play_groups("", NULL);
    logs_play_groups("plain", NULL);
    logs_check_lookup("plain/@streams", 0);
    ck_assert_uint_eq(rig_asked(GROUPS), 5);
    rig_forget(GROUPS);
    logs_play_groups("/aws/lambda/f", NULL); /* a directory of groups is not a group */
    logs_play_groups("", NULL);
    logs_check_lookup("aws/@streams", -ENOENT);
    ck_assert_uint_eq(rig_asked(GROUPS), 7);
    logs_check_lookup("a b", -ENOENT);
    logs_check_lookup("aws/@other", -ENOENT);
    ck_assert_uint_eq(rig_asked(GROUPS), 7);
}
END_TEST

/* What is known to be there may be gone; what is not known may have come. */
START_TEST(absence_is_asked_for)
{
    logs_play_groups("/a", NULL);
    logs_check_list("", "a/");
    rig_forget(GROUPS);
    logs_play_groups("/b", NULL);
    logs_check_lookup("b", 0);
    ck_assert_uint_eq(rig_asked(GROUPS), 2);
}
END_TEST

START_TEST(who_lists_at_the_same_time_waits_for_one_answer)
{
    struct source_list second, third;
    logs_play_groups("/a/x", "t");
    logs_play_groups("/b", NULL);
    rig_dones = 0;
    rig_list_start(&list, "", (struct pail_str){0});
    rig_list_start(&second, "a", (struct pail_str){0});
    rig_list_start(&third, "b", (struct pail_str){0});
    rig_cancel(&third.request);
    rig_settle();
    ck_assert_uint_eq(rig_dones, 3);
    ck_assert_int_eq(third.request.status, -ECANCELED);
    ck_assert_uint_eq(rig_asked(GROUPS), 2);
    ck_assert_str_eq(rig_names(&list), "a/ b/");
    ck_assert_str_eq(rig_names(&second), "x/");
    rig_release(&list.request);
    rig_release(&second.request);
    rig_release(&third.request);
}
END_TEST

START_TEST(keeps_to_the_rate_while_listing)
{
    char next[16];
    for (int i = 0; i < 30; i++) {
        (void)snprintf(next, sizeof(next), "t%d", i);
        logs_play_groups("/a", i < 29 ? next : NULL);
    }
    logs_check_list("", "a/");
    ck_assert_uint_eq(rig_asked(GROUPS), 30);
    for (size_t i = 10; i < 30; i++)
        ck_assert_int_ge(rig_asked_ms(GROUPS, i) - rig_asked_ms(GROUPS, i - 10), 400);
    ck_assert_int_eq(rig_asked_ms(GROUPS, 29), 2500);
}
END_TEST

START_TEST(an_unmount_ends_what_waits)
{
    for (int i = 0; i < 10; i++)
        logs_play_groups("/a", i % 2 ? "t" : "u");
    rig_dones = 0;
    rig_list_start(&list, "", (struct pail_str){0});
    rig_run_for(300);
    rig_cancel(&list.request);
    rig_settle();
    ck_assert_uint_eq(rig_dones, 1);
    ck_assert_int_eq(list.request.status, -ECANCELED);
    rig_release(&list.request);
}
END_TEST

static const struct {
    const char *operation, *path, *body, *code;
    int http, status;
} failures[] = {
    {GROUPS, "", NULL, "AccessDeniedException", 400, -EACCES},
    {GROUPS, "", NULL, "ThrottlingException", 400, -EBUSY},
    {GROUPS, "", NULL, "ServiceUnavailableException", 500, -EIO},
    {GROUPS, "", "{}", NULL, 200, -EPROTO},
    {GROUPS, "", "{\"logGroups\":null}", NULL, 200, -EPROTO},
    {GROUPS, "", "{\"logGroups\":[{}]}", NULL, 200, -EPROTO},
    {GROUPS, "", "{\"logGroups\":[", NULL, 200, -EPROTO},
    {GROUPS, "", "{\"logGroups\":[],\"nextToken\":\"t\"}", NULL, 200, -EPROTO},
    {GROUPS, "a", "{\"logGroups\":[{\"logGroupName\":\"/b\"}]}", NULL, 200, -EPROTO},
    {STREAMS, "g/@streams", NULL, "ResourceNotFoundException", 400, -ENOENT},
    {STREAMS, "g/@streams", NULL, "AccessDeniedException", 400, -EACCES},
    {STREAMS, "g/@streams", "{}", NULL, 200, -EPROTO},
    {STREAMS, "g/@streams", "{\"logStreams\":[{}]}", NULL, 200, -EPROTO},
    {STREAMS, "g/@streams/d", "{\"logStreams\":[{\"logStreamName\":\"x\"}]}", NULL, 200,
     -EPROTO},
    {FILTER, "g/@hours", NULL, "AccessDeniedException", 400, -EACCES},
    {FILTER, "g/@hours", "{}", NULL, 200, -EPROTO},
    {FILTER, "g/@hours", "{\"events\":[],\"nextToken\":\"t\"}", NULL, 200, -EPROTO},
};
#define FAILURES (sizeof(failures) / sizeof(failures[0]))

START_TEST(a_failure_is_no_empty_directory)
{
    if (strcmp(failures[_i].operation, GROUPS) != 0)
        logs_play_groups("/g", NULL);
    if (failures[_i].code)
        rig_play_error(failures[_i].operation, failures[_i].http, failures[_i].code);
    else
        rig_play(failures[_i].operation, failures[_i].body);
    ck_assert_int_eq(rig_list(&list, failures[_i].path), failures[_i].status);
    ck_assert_str_eq(list.request.error.operation, failures[_i].operation);
    if (failures[_i].code)
        ck_assert_str_eq(list.request.error.code, failures[_i].code);
    else
        ck_assert_uint_gt(strlen(list.request.error.message), 0);
    rig_release(&list.request);
    logs_check_lookup(failures[_i].path[0] == 'g' ? "g/@streams/d/x" : "a",
                      strcmp(failures[_i].operation, FILTER) == 0
                          ? -EIO /* 500: nothing was played for it */
                          : failures[_i].status);
}
END_TEST

START_TEST(a_directory_that_has_gone)
{
    logs_play_groups("/a/x", NULL);
    logs_check_list("", "a/");
    logs_check_list("a", "x/");
    rig_run_for(6000);
    rig_forget(GROUPS);
    rig_play(GROUPS, NONE);
    ck_assert_int_eq(rig_list(&list, "a"), -ENOENT);
    rig_release(&list.request);
    logs_check_list("", "");
    ck_assert_int_eq(rig_list(&list, "a"), -ENOENT);
    rig_release(&list.request);
}
END_TEST

START_TEST(counts_what_no_path_can_name)
{
    logs_play_groups("/a//b /a/ok /../c", NULL);
    ck_assert_int_eq(rig_list(&list, ""), 0);
    ck_assert_str_eq(rig_names(&list), "a/");
    ck_assert_uint_eq(list.unreachable, 1);
    check_str(list.unreachable_example, "/../c");
    rig_release(&list.request);
    logs_play_streams("/x a//b ok", NULL);
    ck_assert_int_eq(rig_list(&list, "a/ok/@streams"), 0);
    ck_assert_str_eq(rig_names(&list), "a/ ok");
    ck_assert_uint_eq(list.unreachable, 1);
    check_str(list.unreachable_example, "/x");
    rig_release(&list.request);
    rig_forget(STREAMS);
    logs_play_streams("a:b c/x*y d e*", NULL);
    ck_assert_int_eq(rig_list(&list, "a/ok/@streams"), 0);
    ck_assert_str_eq(rig_names(&list), "c/ d");
    ck_assert_uint_eq(list.unreachable, 2);
    check_str(list.unreachable_example, "a:b");
    rig_release(&list.request);
    ck_assert_int_eq(rig_list(&list, "a"), 0);
    ck_assert_uint_eq(list.unreachable, 1);
    rig_release(&list.request);
}
END_TEST

START_TEST(groups_and_streams_are_not_listed_flat)
{
    list = (struct source_list){.request.done = NULL, .path = PAIL_STR(""), .flat = true};
    rig_dones = 0;
    rig_list_start(&list, "", (struct pail_str){0});
    rig_cancel(&list.request);
    rig_settle();
    rig_release(&list.request);
    struct source_list flat = list;
    flat.flat = true;
    rig.source->ops->list(rig.source, &flat);
    rig_settle();
    ck_assert_int_eq(flat.request.status, -ENOTSUP);
}
END_TEST

/* ---- streams ---- */

START_TEST(lists_streams_page_by_page)
{
    logs_play_groups("/g", NULL);
    logs_play_streams("a b/1 b/2", "t1");
    logs_play_streams("b/3 b/4/5", "t2");
    logs_play_streams("b/5 c", "t3");
    logs_play_streams("", NULL);
    ck_assert_str_eq(rig_list_all("g/@streams"), "a b/ c");
    ck_assert_uint_eq(rig_asked(STREAMS), 4);
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 0), "\"logGroupName\":\"/g\""));
    ck_assert_ptr_null(strstr(rig_body(STREAMS, 0), "Prefix"));
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 3), "\"nextToken\":\"t3\""));
    rig_forget(STREAMS);
    logs_play_streams("b/1 b/4/5", NULL);
    ck_assert_int_eq(rig_list(&list, "g/@streams/b"), 0);
    ck_assert_str_eq(rig_names(&list), "1 4/");
    ck_assert_ptr_nonnull(strstr(rig_last(STREAMS), "\"logStreamNamePrefix\":\"b/\""));
    ck_assert_int_eq(list.entries[0].kind, FILE_GROWS);
    ck_assert_int_eq(list.entries[0].mtime_s, 1795302000);
    check_str(list.entries[0].etag, MADE_MS);
    rig_release(&list.request);
}
END_TEST

START_TEST(a_page_that_comes_again_is_a_failure)
{
    logs_play_groups("/g", NULL);
    logs_play_streams("a", "t");
    logs_play_streams("b", "t");
    ck_assert_str_eq(rig_list_all("g/@streams"), "a EPROTO");
}
END_TEST

START_TEST(looks_streams_up)
{
    logs_play_groups("/g", NULL);
    logs_check_lookup("g", 0);
    logs_play_streams("", NULL);  /* below "s/" */
    logs_play_streams("s", NULL); /* "s" */
    ck_assert_int_eq(rig_lookup(&look, "g/@streams/s"), 0);
    ck_assert_int_eq(look.entry.type, ENTRY_FILE);
    ck_assert_int_eq(look.entry.kind, FILE_GROWS);
    check_str(look.entry.name, "s");
    check_str(look.entry.etag, MADE_MS);
    ck_assert_int_eq(look.entry.mtime_s, 1795302000);
    rig_release(&look.request);
    rig_forget(STREAMS);
    logs_play_streams("d/s/x", NULL);
    logs_play_streams("d/s", NULL);
    ck_assert_int_eq(rig_lookup(&look, "g/@streams/d/s"), 0);
    ck_assert_int_eq(look.entry.type, ENTRY_DIRECTORY);
    check_str(look.entry.name, "s");
    rig_release(&look.request);
    rig_forget(STREAMS);
    logs_play_streams("", NULL);
    logs_play_streams("sx", NULL); /* begins like it */
    logs_check_lookup("g/@streams/s", -ENOENT);
}
END_TEST

/* Which of two names a path means is tried, when nothing is known. */
START_TEST(tries_both_names_of_a_group)
{
    rig_play_error(STREAMS, 400, "ResourceNotFoundException");
    logs_play_streams("a", NULL);
    logs_check_list("g/@streams", "a");
    ck_assert_uint_eq(rig_asked(STREAMS), 2);
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 0), "\"logGroupName\":\"/g\""));
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 1), "\"logGroupName\":\"g\""));
    rig_forget(STREAMS);
    rig_play_error(STREAMS, 400, "ResourceNotFoundException");
    rig_play_error(STREAMS, 400, "ResourceNotFoundException");
    logs_play_streams("", NULL);
    logs_play_streams("s", NULL);
    logs_check_lookup("g/@streams/s", 0);
    rig_forget(STREAMS);
    rig_play_error(STREAMS, 400, "ResourceNotFoundException");
    logs_check_lookup("g/@streams/s", -ENOENT);
    ck_assert_uint_eq(rig_asked(STREAMS), 10);
}
END_TEST

/* ---- what it is called ---- */

static const char *uri_of(const char *path)
{
    static char text[1024];
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 1000);
    rig.source->ops->uri(rig.source, str_c(path), &b);
    (void)snprintf(text, sizeof(text), "%s", buf_c(&b));
    return text;
}

START_TEST(uris)
{
    ck_assert_str_eq(uri_of(""), "logs://");
    ck_assert_str_eq(uri_of("aws/lambda"), "logs://aws/lambda");
    logs_play_groups("/aws/lambda/f plain", NULL);
    logs_check_list("", "aws/ plain/");
    ck_assert_str_eq(uri_of("aws/lambda/f/@streams/2026/x"),
                     "logs:///aws/lambda/f/@streams/2026/x");
    ck_assert_str_eq(uri_of("plain/@hours/2026"), "logs://plain/@hours/2026");
    ck_assert_str_eq(uri_of("plain/@tail"), "logs://plain/@tail");
    ck_assert_str_eq(uri_of("bad name"), "logs://bad name");
    rig_make("logs:///aws");
    ck_assert_str_eq(uri_of(""), "logs:///aws");
    ck_assert_str_eq(uri_of("lambda/f/@streams/x"), "logs:///aws/lambda/f/@streams/x");
}
END_TEST

START_TEST(counters)
{
    CLEANUP_DONE(buf) struct buf b;
    logs_play_groups("/g", NULL);
    logs_check_list("", "g/");
    logs_check_lookup("g", 0);
    buf_init(&b, 4096);
    rig.source->ops->stats(rig.source, &b);
    ck_assert_ptr_nonnull(strstr(buf_c(&b), "logs.requests 1\n"));
    ck_assert_ptr_nonnull(strstr(buf_c(&b), "logs.lists 1\n"));
    ck_assert_ptr_nonnull(strstr(buf_c(&b), "logs.lookups 1\n"));
    ck_assert_ptr_nonnull(strstr(buf_c(&b), "logs.groups 1\n"));
    ck_assert_ptr_nonnull(strstr(buf_c(&b), "logs.waited_groups 0\n"));
}
END_TEST

/* ---- memory ---- */

static const struct {
    bool lists;
    const char *path, *names;
} operations[] = {
    {true, "", "g/"},
    {true, "g", "(@hours/) @streams/ (@tail) h/"},
    {true, "g/@streams", "s/"},
    {true, "g/@hours/2026/11/22", "00"},
    {false, "g", NULL},
    {false, "g/@streams", NULL},
    {false, "g/@tail", NULL},
    {false, "g/@streams/s", NULL},
    {false, "g/@hours/2026/11/22/00", NULL},
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* Wherever it ends, a request is done once and says so, and asked again it is answered. */
START_TEST(memory_ends)
{
    int status = -ENOMEM;
    logs_play_groups("/g /g/h", NULL);
    logs_play_streams("s/t", "more");
    rig_play(FILTER, "{\"events\":[]}");
    for (long count = 0; status < 0; count++) {
        rig_make("logs:///");
        rig_dones = 0;
        struct source_request *request = operations[_i].lists ? &list.request : &look.request;
        alloc_fail_after(count);
        if (operations[_i].lists)
            rig_list_start(&list, operations[_i].path, (struct pail_str){0});
        else
            rig_lookup_start(&look, operations[_i].path);
        rig_settle();
        alloc_fail_after(-1);
        while (rig_dones == 0)
            rig_run_for(100);
        ck_assert_uint_eq(rig_dones, 1);
        status = request->status;
        ck_assert_msg(status == 0 || status == -ENOMEM, "after %ld: %d, %s", count, status,
                      request->error.message);
        ck_assert_int_eq(request->error.sys, -status);
        ck_assert_int_lt(count, 3000);
        if (status == 0 && operations[_i].lists)
            ck_assert_str_eq(rig_names(&list), operations[_i].names);
        rig_release(request);
        if (status < 0 && operations[_i].lists)
            logs_check_names(operations[_i].path, operations[_i].names);
        else if (status < 0)
            logs_check_lookup(operations[_i].path, 0);
    }
}
END_TEST

SUITE_MAIN("fs/logs_source", tcase_add_checked_fixture(tc, logs_rig_setup, rig_teardown);
           tcase_add_test(tc, lists_groups_of_all_pages);
           tcase_add_test(tc, the_view_that_is_shown_can_be_chosen);
           tcase_add_test(tc, lists_a_part); tcase_add_test(tc, stops_where_names_go_past);
           tcase_add_test(tc, a_mount_of_one_group); tcase_add_test(tc, looks_names_up);
           tcase_add_test(tc, absence_is_asked_for);
           tcase_add_test(tc, who_lists_at_the_same_time_waits_for_one_answer);
           tcase_add_test(tc, keeps_to_the_rate_while_listing);
           tcase_add_test(tc, an_unmount_ends_what_waits);
           tcase_add_loop_test(tc, a_failure_is_no_empty_directory, 0, (int)FAILURES);
           tcase_add_test(tc, a_directory_that_has_gone);
           tcase_add_test(tc, counts_what_no_path_can_name);
           tcase_add_test(tc, groups_and_streams_are_not_listed_flat);
           tcase_add_test(tc, lists_streams_page_by_page);
           tcase_add_test(tc, a_page_that_comes_again_is_a_failure);
           tcase_add_test(tc, looks_streams_up);
           tcase_add_test(tc, tries_both_names_of_a_group); tcase_add_test(tc, uris);
           tcase_add_test(tc, counters);
           tcase_add_loop_test(tc, memory_ends, 0, (int)OPERATIONS));
