/* Log groups, streams and hours as names. */
#include "unit/fs/service_rig.h"

#define GROUPS  "DescribeLogGroups"
#define STREAMS "DescribeLogStreams"
#define FILTER  "FilterLogEvents"
#define NONE    "{\"logGroups\":[]}"
/* 2026-11-22, the clock's start, in milliseconds; groups are two hours older. */
#define NOW_MS  "1795305600000"
#define MADE_MS "1795298400000"

static struct source_lookup look;
static struct source_list list;

static void setup(void)
{
    rig_setup();
    rig_make("logs://");
}

/* "a b" as a page of groups; `next` NULL: the last. */
static void play_groups(const char *names, const char *next)
{
    char text[1024], body[8192], *rest = text;
    size_t len = (size_t)snprintf(body, sizeof(body), "{\"logGroups\":[");
    (void)snprintf(text, sizeof(text), "%s", names);
    for (char *name; names[0] && (name = strsep(&rest, " "));)
        len += (size_t)snprintf(body + len, sizeof(body) - len,
                                "%s{\"logGroupName\":\"%s\",\"creationTime\":" MADE_MS "}",
                                body[len - 1] == '[' ? "" : ",", name);
    (void)snprintf(body + len, sizeof(body) - len, next ? "],\"nextToken\":\"%s\"}" : "]%.0s}",
                   next ? next : "");
    rig_play(GROUPS, body);
}

static void play_streams(const char *names, const char *next)
{
    char text[1024], body[8192], *rest = text;
    size_t len = (size_t)snprintf(body, sizeof(body), "{\"logStreams\":[");
    (void)snprintf(text, sizeof(text), "%s", names);
    for (char *name; names[0] && (name = strsep(&rest, " "));)
        len += (size_t)snprintf(body + len, sizeof(body) - len,
                                "%s{\"logStreamName\":\"%s\",\"creationTime\":" MADE_MS
                                ",\"lastEventTimestamp\":1795302000999}",
                                body[len - 1] == '[' ? "" : ",", name);
    (void)snprintf(body + len, sizeof(body) - len, next ? "],\"nextToken\":\"%s\"}" : "]%.0s}",
                   next ? next : "");
    rig_play(STREAMS, body);
}

static void check_names_of(const char *path, const char *names)
{
    ck_assert_msg(rig_list(&list, path) == 0, "%s", list.request.error.message);
    ck_assert_str_eq(rig_names(&list), names);
    rig_release(&list.request);
}

static void check_list(const char *path, const char *names)
{
    check_names_of(path, names);
    check_absent(list.next);
}

static void check_lookup(const char *path, int status)
{
    int r = rig_lookup(&look, path);
    ck_assert_msg(r == status, "%s: %d, %s", path, r, look.request.error.message);
    rig_release(&look.request);
}

/* ---- groups ---- */

START_TEST(lists_groups_of_all_pages)
{
    play_groups("/aws/lambda/f /aws/lambda/f-2", "t1");
    play_groups("", "t2"); /* an empty page is not the end */
    play_groups("/aws/lambda/f/sub plain plain/nested", NULL);
    check_list("", "aws/ plain/");
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
    ck_assert_ptr_null(strstr(rig_body(GROUPS, 0), "logGroupNamePrefix"));
    ck_assert_ptr_nonnull(strstr(rig_body(GROUPS, 2), "\"nextToken\":\"t2\""));
    /* One answer is good for all that is below, for a while. */
    check_list("aws", "lambda/");
    check_list("aws/lambda", "f-2/ f/");
    check_list("aws/lambda/f", "(@hours/) @streams/ (@tail) sub/");
    check_list("plain", "(@hours/) @streams/ (@tail) nested/");
    check_lookup("aws/lambda", 0);
    check_lookup("aws/lambda/f", 0);
    check_lookup("aws/lambda/f/@streams", 0);
    check_lookup("aws/lambda/f/@hours", 0);
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
    ck_assert_int_eq(rig_lookup(&look, "aws/lambda/f/@tail"), 0);
    ck_assert_int_eq(look.entry.kind, FILE_LIVE);
    ck_assert(look.entry.hidden);
    check_str(look.entry.etag, MADE_MS);
    ck_assert_int_ne(look.request.as_of_ns, 0);
    rig_release(&look.request);
    rig_run_for(5000);
    check_list("aws", "lambda/");
    ck_assert_uint_gt(rig_asked(GROUPS), 3);
}
END_TEST

START_TEST(the_view_that_is_shown_can_be_chosen)
{
    rig.config.options.logs_view = LOGS_VIEW_HOURS;
    rig_make("logs://");
    play_groups("/g", NULL);
    check_list("", "g/");
    check_list("g", "@hours/ (@streams/) (@tail)");
}
END_TEST

/* A part is asked for by itself while nothing is known of the whole. */
START_TEST(lists_a_part)
{
    play_groups("/a /a-b /a-c", "t"); /* what begins with "/a" */
    play_groups("/a/x /a/y/z", NULL); /* and with "/a/" */
    play_groups("", NULL);            /* and with "a" */
    check_list("a", "(@hours/) @streams/ (@tail) x/ y/");
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
    ck_assert_ptr_nonnull(strstr(rig_body(GROUPS, 0), "\"logGroupNamePrefix\":\"/a\""));
    ck_assert_ptr_nonnull(strstr(rig_body(GROUPS, 1), "\"logGroupNamePrefix\":\"/a/\""));
    ck_assert_ptr_null(strstr(rig_body(GROUPS, 1), "nextToken"));
    ck_assert_ptr_nonnull(strstr(rig_body(GROUPS, 2), "\"logGroupNamePrefix\":\"a\""));
    check_list("a/y", "z/");
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
}
END_TEST

START_TEST(stops_where_names_go_past)
{
    rig_make("logs:///a");
    play_groups("/a/x /a0 /ab", "t");
    check_list("", "x/");
    ck_assert_uint_eq(rig_asked(GROUPS), 1);
}
END_TEST

START_TEST(a_mount_of_one_group)
{
    rig_make("logs:///aws/lambda/f");
    play_groups("/aws/lambda/f", NULL);
    check_list("", "(@hours/) @streams/ (@tail)");
    ck_assert_uint_eq(rig_asked(GROUPS), 1); /* names without a '/' are not meant */
    rig_make("logs://aws/lambda/f");
    rig_forget(GROUPS);
    play_groups("", NULL);
    check_list("", "");
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
}
END_TEST

START_TEST(looks_names_up)
{
    rig_play(GROUPS, NONE);
    check_lookup("none", -ENOENT);
    ck_assert_uint_eq(rig_asked(GROUPS), 2); /* "/none" and "none" */
    rig_forget(GROUPS);
    play_groups("/aws/lambda/f", NULL);
    check_lookup("aws", 0);
    ck_assert_uint_eq(rig_asked(GROUPS), 3);
    rig_forget(GROUPS);
    play_groups("", NULL);
    play_groups("plain", NULL);
    check_lookup("plain/@streams", 0);
    ck_assert_uint_eq(rig_asked(GROUPS), 5);
    rig_forget(GROUPS);
    play_groups("/aws/lambda/f", NULL); /* a directory of groups is not a group */
    play_groups("", NULL);
    check_lookup("aws/@streams", -ENOENT);
    ck_assert_uint_eq(rig_asked(GROUPS), 7);
    check_lookup("a b", -ENOENT);
    check_lookup("aws/@other", -ENOENT);
    ck_assert_uint_eq(rig_asked(GROUPS), 7);
}
END_TEST

/* What is known to be there may be gone; what is not known may have come. */
START_TEST(absence_is_asked_for)
{
    play_groups("/a", NULL);
    check_list("", "a/");
    rig_forget(GROUPS);
    play_groups("/b", NULL);
    check_lookup("b", 0);
    ck_assert_uint_eq(rig_asked(GROUPS), 2);
}
END_TEST

START_TEST(who_lists_at_the_same_time_waits_for_one_answer)
{
    struct source_list second, third;
    play_groups("/a/x", "t");
    play_groups("/b", NULL);
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
        play_groups("/a", i < 29 ? next : NULL);
    }
    check_list("", "a/");
    ck_assert_uint_eq(rig_asked(GROUPS), 30);
    for (size_t i = 10; i < 30; i++)
        ck_assert_int_ge(rig_asked_ms(GROUPS, i) - rig_asked_ms(GROUPS, i - 10), 400);
    ck_assert_int_eq(rig_asked_ms(GROUPS, 29), 2500);
}
END_TEST

START_TEST(an_unmount_ends_what_waits)
{
    for (int i = 0; i < 10; i++)
        play_groups("/a", i % 2 ? "t" : "u");
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
        play_groups("/g", NULL);
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
    check_lookup(failures[_i].path[0] == 'g' ? "g/@streams/d/x" : "a",
                 strcmp(failures[_i].operation, FILTER) == 0
                     ? -EIO /* 500: nothing was played for it */
                     : failures[_i].status);
}
END_TEST

START_TEST(a_directory_that_has_gone)
{
    play_groups("/a/x", NULL);
    check_list("", "a/");
    check_list("a", "x/");
    rig_run_for(6000);
    rig_forget(GROUPS);
    rig_play(GROUPS, NONE);
    ck_assert_int_eq(rig_list(&list, "a"), -ENOENT);
    rig_release(&list.request);
    check_list("", "");
    ck_assert_int_eq(rig_list(&list, "a"), -ENOENT);
    rig_release(&list.request);
}
END_TEST

START_TEST(counts_what_no_path_can_name)
{
    play_groups("/a//b /a/ok /../c", NULL);
    ck_assert_int_eq(rig_list(&list, ""), 0);
    ck_assert_str_eq(rig_names(&list), "a/");
    ck_assert_uint_eq(list.unreachable, 1);
    check_str(list.unreachable_example, "/../c");
    rig_release(&list.request);
    play_streams("/x a//b ok", NULL);
    ck_assert_int_eq(rig_list(&list, "a/ok/@streams"), 0);
    ck_assert_str_eq(rig_names(&list), "a/ ok");
    ck_assert_uint_eq(list.unreachable, 1);
    check_str(list.unreachable_example, "/x");
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
    play_groups("/g", NULL);
    play_streams("a b/1 b/2", "t1");
    play_streams("b/3 b/4/5", "t2");
    play_streams("b/5 c", "t3");
    play_streams("", NULL);
    ck_assert_str_eq(rig_list_all("g/@streams"), "a b/ c");
    ck_assert_uint_eq(rig_asked(STREAMS), 4);
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 0), "\"logGroupName\":\"/g\""));
    ck_assert_ptr_null(strstr(rig_body(STREAMS, 0), "Prefix"));
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 3), "\"nextToken\":\"t3\""));
    rig_forget(STREAMS);
    play_streams("b/1 b/4/5", NULL);
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
    play_groups("/g", NULL);
    play_streams("a", "t");
    play_streams("b", "t");
    ck_assert_str_eq(rig_list_all("g/@streams"), "a EPROTO");
}
END_TEST

START_TEST(looks_streams_up)
{
    play_groups("/g", NULL);
    check_lookup("g", 0);
    play_streams("", NULL);  /* below "s/" */
    play_streams("s", NULL); /* "s" */
    ck_assert_int_eq(rig_lookup(&look, "g/@streams/s"), 0);
    ck_assert_int_eq(look.entry.type, ENTRY_FILE);
    ck_assert_int_eq(look.entry.kind, FILE_GROWS);
    check_str(look.entry.name, "s");
    check_str(look.entry.etag, MADE_MS);
    ck_assert_int_eq(look.entry.mtime_s, 1795302000);
    rig_release(&look.request);
    rig_forget(STREAMS);
    play_streams("d/s/x", NULL);
    play_streams("d/s", NULL);
    ck_assert_int_eq(rig_lookup(&look, "g/@streams/d/s"), 0);
    ck_assert_int_eq(look.entry.type, ENTRY_DIRECTORY);
    check_str(look.entry.name, "s");
    rig_release(&look.request);
    rig_forget(STREAMS);
    play_streams("", NULL);
    play_streams("sx", NULL); /* begins like it */
    check_lookup("g/@streams/s", -ENOENT);
}
END_TEST

/* Which of two names a path means is tried, when nothing is known. */
START_TEST(tries_both_names_of_a_group)
{
    rig_play_error(STREAMS, 400, "ResourceNotFoundException");
    play_streams("a", NULL);
    check_list("g/@streams", "a");
    ck_assert_uint_eq(rig_asked(STREAMS), 2);
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 0), "\"logGroupName\":\"/g\""));
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 1), "\"logGroupName\":\"g\""));
    rig_forget(STREAMS);
    rig_play_error(STREAMS, 400, "ResourceNotFoundException");
    rig_play_error(STREAMS, 400, "ResourceNotFoundException");
    play_streams("", NULL);
    play_streams("s", NULL);
    check_lookup("g/@streams/s", 0);
    rig_forget(STREAMS);
    rig_play_error(STREAMS, 400, "ResourceNotFoundException");
    check_lookup("g/@streams/s", -ENOENT);
    ck_assert_uint_eq(rig_asked(STREAMS), 10);
}
END_TEST

/* ---- hours ---- */

START_TEST(hours_go_back_to_the_group)
{
    play_groups("/g", NULL);
    rig_play(FILTER, "{\"events\":[]}");
    check_list("g/@hours", "2026/");
    check_list("g/@hours/2026", "11/");
    check_list("g/@hours/2026/11", "21/ 22/");
    check_list("g/@hours/2026/11/21", "22 23");
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
    check_lookup("g/@hours/2026/11/21/22", 0);
    check_lookup("g/@hours/2026/11/21/21", -ENOENT);
    check_lookup("g/@hours/2026/11/22/01", -ENOENT);
    check_lookup("g/@hours/2026/11/22/0", -ENOENT);
    check_lookup("g/@hours/2027", -ENOENT);
    ck_assert_int_eq(rig_lookup(&look, "g/@hours/2026/11/21/22"), 0);
    check_str(look.entry.name, "22");
    ck_assert_int_eq(look.entry.kind, FILE_GROWS);
    ck_assert_int_eq(look.entry.mtime_s, 1795298400);
    rig_release(&look.request);
}
END_TEST

START_TEST(hours_go_back_to_the_oldest_event)
{
    play_groups("/g", NULL);
    rig_play(FILTER, "{\"events\":[],\"nextToken\":\"t\"}");
    rig_play(FILTER, "{\"events\":[{\"timestamp\":1795294800000},"
                     "{\"timestamp\":1795291199999}],\"nextToken\":\"u\"}");
    check_list("g/@hours/2026/11/21", "19 20 21 22 23");
    ck_assert_uint_eq(rig_asked(FILTER), 2);
    rig_run_for(6000); /* more may come, and be older */
    rig_forget(FILTER);
    rig_play(FILTER, "{\"events\":[]}");
    check_list("g/@hours/2026/11/21", "22 23");
    ck_assert_uint_eq(rig_asked(FILTER), 3);
}
END_TEST

START_TEST(hours_end_with_the_bounds)
{
    rig_play(GROUPS, "{\"logGroups\":[{\"logGroupName\":\"/g\",\"creationTime\":1700000000000,"
                     "\"retentionInDays\":1}]}");
    rig_play(FILTER, "{\"events\":[]}");
    check_list("g/@hours/2026/11", "21/ 22/");
    check_list("g/@hours/2023", "");
    rig.config.options.since = PAIL_INT(1795302000000);
    rig.config.options.until = PAIL_INT(1795303000000);
    rig_make("logs://");
    check_list("g/@hours/2026/11/21", "23");
    check_list("g/@hours/2026/11/22", "");
    check_lookup("g/@hours/2026/11/21/23", 0);
    check_lookup("g/@hours/2026/11/21/22", -ENOENT);
    size_t asked = rig_asked(FILTER);
    rig_run_for(6000); /* no event can be older than this group any more */
    check_list("g/@hours/2026/11/21", "23");
    ck_assert_uint_eq(rig_asked(FILTER), asked);
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
    play_groups("/aws/lambda/f plain", NULL);
    check_list("", "aws/ plain/");
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
    play_groups("/g", NULL);
    check_list("", "g/");
    check_lookup("g", 0);
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
    play_groups("/g /g/h", NULL);
    play_streams("s/t", "more");
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
            check_names_of(operations[_i].path, operations[_i].names);
        else if (status < 0)
            check_lookup(operations[_i].path, 0);
    }
}
END_TEST

SUITE_MAIN("fs/logs_source", tcase_add_checked_fixture(tc, setup, rig_teardown);
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
           tcase_add_test(tc, tries_both_names_of_a_group);
           tcase_add_test(tc, hours_go_back_to_the_group);
           tcase_add_test(tc, hours_go_back_to_the_oldest_event);
           tcase_add_test(tc, hours_end_with_the_bounds); tcase_add_test(tc, uris);
           tcase_add_test(tc, counters);
           tcase_add_loop_test(tc, memory_ends, 0, (int)OPERATIONS));
