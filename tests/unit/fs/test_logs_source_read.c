/* Reading streams and hours: what is asked for, and that every event comes once. */
#include "unit/fs/service_rig.h"

#define GROUPS "DescribeLogGroups"
#define EVENTS "GetLogEvents"
#define FILTER "FilterLogEvents"
#define STREAM "g/@streams/s"
#define HOUR   "g/@hours/2026/11/22/00" /* the present one */
#define BEFORE "g/@hours/2026/11/21/23"
#define GONE   "ResourceNotFoundException"
#define BAD    "InvalidParameterException"

static struct source_reader *reader;
static struct source_more more;

static void make(const char *url)
{
    rig_make(url);
    /* The group is known. */
    struct source_list list;
    rig_play(GROUPS, "{\"logGroups\":[{\"logGroupName\":\"/g\",\"creationTime\":1}]}");
    ck_assert_int_eq(rig_list(&list, ""), 0);
    rig_release(&list.request);
}

static void setup(void)
{
    rig_setup();
    make("logs://");
    reader = rig_open(STREAM);
}

static void open_instead(const char *path)
{
    rig_close(reader);
    reader = rig_open(path);
}

static void teardown(void)
{
    rig_close(reader);
    rig_teardown();
}

/* Appends events "1:a 1:b 2:c", whose times are seconds after the clock's start; ids are the
 * messages. */
static void add_events(char *body, size_t size, const char *events)
{
    char text[1024], *rest = text;
    size_t len = strlen(body);
    (void)snprintf(text, sizeof(text), "%s", events);
    for (char *event; events[0] && (event = strsep(&rest, " "));) {
        long long seconds = 0;
        const char *message = strchr(event, ':') + 1;
        ck_assert_int_eq(sscanf(event, "%lld", &seconds), 1);
        len += (size_t)snprintf(
            body + len, size - len,
            "%s{\"timestamp\":%lld,\"ingestionTime\":1795305600000,\"message\":\"%s\","
            "\"logStreamName\":\"s\",\"eventId\":\"%s\"}",
            body[len - 1] == '[' ? "" : ",", 1795305600000 + seconds * 1000, message, message);
    }
}

static void play_events(const char *events, const char *token)
{
    char body[8192] = "{\"events\":[";
    add_events(body, sizeof(body), events);
    size_t len = strlen(body);
    (void)snprintf(body + len, sizeof(body) - len,
                   "],\"nextForwardToken\":\"%s\",\"nextBackwardToken\":\"b\"}", token);
    rig_play(EVENTS, body);
}

static void play_filter(const char *events, const char *token)
{
    char body[8192] = "{\"events\":[";
    add_events(body, sizeof(body), events);
    size_t len = strlen(body);
    (void)snprintf(body + len, sizeof(body) - len, token ? "],\"nextToken\":\"%s\"}" : "]%.0s}",
                   token ? token : "");
    rig_play(FILTER, body);
}

/* ---- streams ---- */

START_TEST(reads_a_stream_and_follows_it)
{
    play_events("1:a 1:b", "f/1");
    play_events("", "f/2"); /* an empty page in the middle */
    play_events("2:c", "f/3");
    play_events("", "f/3");
    rig_check_more(&more, reader, "a\nb\n", MORE);
    rig_check_more(&more, reader, "", MORE);
    ck_assert_int_eq(rig_more(&more, reader), 0);
    ck_assert(str_eq_c(more.data, "c\n"));
    ck_assert_int_eq(more.mtime_s, 1795305602);
    rig_release(&more.request);
    rig_check_more(&more, reader, "", END);
    ck_assert_int_eq(more.mtime_s, 0);
    rig_check_more(&more, reader, "", END);
    ck_assert_uint_eq(rig_asked(EVENTS), 5);
    ck_assert_ptr_nonnull(strstr(rig_body(EVENTS, 0), "\"logGroupName\":\"/g\""));
    ck_assert_ptr_nonnull(strstr(rig_body(EVENTS, 0), "\"logStreamName\":\"s\""));
    ck_assert_ptr_nonnull(strstr(rig_body(EVENTS, 0), "\"startFromHead\":true"));
    ck_assert_ptr_null(strstr(rig_body(EVENTS, 0), "nextToken"));
    ck_assert_ptr_nonnull(strstr(rig_body(EVENTS, 4), "\"nextToken\":\"f/3\""));
    rig_forget(EVENTS);
    play_events("2:d", "f/4"); /* it has grown */
    play_events("", "f/4");
    rig_check_more(&more, reader, "d\n", MORE);
    rig_check_more(&more, reader, "", END);
}
END_TEST

/* A service that gives its last page again, with what came since. */
START_TEST(a_page_that_comes_again_is_passed_over)
{
    play_events("1:a 1:b", "f/1");
    play_events("1:b 1:c", "f/2");
    play_events("1:b 1:c", "f/2");
    play_events("1:b 1:c 1:c 1:d", "f/2");
    rig_check_more(&more, reader, "a\nb\n", MORE);
    rig_check_more(&more, reader, "b\nc\n", MORE);
    rig_check_more(&more, reader, "b\nc\n", END); /* with its own token for the first time */
    rig_check_more(&more, reader, "c\nd\n", END);
    rig_check_more(&more, reader, "", END);
}
END_TEST

START_TEST(a_token_that_expired_is_replaced)
{
    play_events("1:a 2:b 2:c", "f/1");
    rig_play_error(EVENTS, 400, BAD);
    play_events("2:b 2:c 2:d 3:e", "f/8");
    play_events("", "f/8");
    rig_check_more(&more, reader, "a\nb\nc\n", MORE);
    rig_check_more(&more, reader, "d\ne\n", MORE);
    ck_assert_uint_eq(rig_asked(EVENTS), 3);
    ck_assert_ptr_nonnull(strstr(rig_body(EVENTS, 2), "\"startTime\":1795305602000"));
    ck_assert_ptr_null(strstr(rig_body(EVENTS, 2), "nextToken"));
    rig_check_more(&more, reader, "", END);
}
END_TEST

START_TEST(the_reader_stays_where_it_failed)
{
    play_events("1:a", "f/1");
    rig_play_error(EVENTS, 400, "ThrottlingException");
    rig_play_error(EVENTS, 500, "InternalFailure");
    rig_play(EVENTS, "{\"events\":[{\"timestamp\":1,\"message\":\"lost?\"}]}"); /* no token */
    play_events("2:b", "f/2");
    rig_check_more(&more, reader, "a\n", MORE);
    rig_check_fails(&more, reader, -EBUSY);
    rig_check_fails(&more, reader, -EIO);
    rig_check_fails(&more, reader, -EPROTO);
    rig_check_more(&more, reader, "b\n", MORE);
    for (size_t i = 1; i < 5; i++)
        ck_assert_ptr_nonnull(strstr(rig_body(EVENTS, i), "\"nextToken\":\"f/1\""));
}
END_TEST

static const struct {
    const char *code, *body;
    int status;
} failures[] = {
    {"AccessDeniedException", NULL, -EACCES},
    {"ResourceNotFoundException", NULL, -ENOENT},
    {"InvalidParameterException", NULL, -EINVAL},
    {"ServiceUnavailableException", NULL, -EINVAL}, /* by its status, 400 */
    {NULL, "{}", -EPROTO},
    {NULL, "{\"events\":null,\"nextForwardToken\":\"f\"}", -EPROTO},
    {NULL, "{\"events\":[],\"nextForwardToken\":null}", -EPROTO},
    {NULL, "{\"events\":[{\"timestamp\":\"x\"}],\"nextForwardToken\":\"f\"}", -EPROTO},
    {NULL, "{\"events\":[{\"timestamp\":1,\"mess", -EPROTO},
    {NULL, "[]", -EPROTO},
};
#define FAILURES (sizeof(failures) / sizeof(failures[0]))

START_TEST(failures_of_a_stream)
{
    if (failures[_i].code)
        rig_play_error(EVENTS, 400, failures[_i].code);
    else
        rig_play(EVENTS, failures[_i].body);
    rig_check_fails(&more, reader, failures[_i].status);
    ck_assert_uint_eq(rig_asked(EVENTS), 1);
}
END_TEST

START_TEST(events_that_lack_something)
{
    rig_play(EVENTS, "{\"events\":[{\"timestamp\":null,\"message\":\"a\"},{\"timestamp\":1},"
                     "{\"message\":\"b\\nc\\n\",\"ingestionTime\":null}],"
                     "\"nextForwardToken\":\"f\"}");
    rig_check_more(&more, reader, "a\n\nb\n\tc\n", MORE);
}
END_TEST

START_TEST(bounds_are_the_services)
{
    rig_close(reader);
    rig.config.options.since = PAIL_INT(5);
    rig.config.options.until = PAIL_INT(1795305500000);
    make("logs://");
    reader = rig_open(STREAM);
    play_events("", "f");
    play_events("", "f");
    rig_check_more(&more, reader, "", MORE);
    ck_assert_ptr_nonnull(strstr(rig_last(EVENTS), "\"startTime\":5"));
    ck_assert_ptr_nonnull(strstr(rig_last(EVENTS), "\"endTime\":1795305500000"));
    rig_check_more(&more, reader, "",
                   FINISHED); /* nothing can come before the bound any more */
    rig_close(reader);
    rig.config.options.since = PAIL_INT(1795305500000);
    make("logs://");
    reader = rig_open(STREAM);
    size_t asked = rig_asked(EVENTS);
    rig_check_more(&more, reader, "", FINISHED);
    ck_assert_uint_eq(rig_asked(EVENTS), asked);
}
END_TEST

static const struct {
    enum logs_format format;
    const char *path, *text;
} formats[] = {
    {LOGS_MESSAGE, STREAM, "a\n"},
    {LOGS_TIMESTAMP, STREAM, "2026-11-22T00:00:01.000Z a\n"},
    {LOGS_JSON, STREAM,
     "{\"timestamp\":\"2026-11-22T00:00:01.000Z\",\"ingestionTime\":"
     "\"2026-11-22T00:00:00.000Z\",\"message\":\"a\"}\n"},
    {LOGS_MESSAGE, HOUR, "a\n"},
    {LOGS_TIMESTAMP, HOUR, "2026-11-22T00:00:01.000Z s a\n"},
    {LOGS_JSON, HOUR,
     "{\"timestamp\":\"2026-11-22T00:00:01.000Z\",\"ingestionTime\":"
     "\"2026-11-22T00:00:00.000Z\",\"logStreamName\":\"s\",\"eventId\":\"a\","
     "\"message\":\"a\"}\n"},
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

START_TEST(formats_of_lines)
{
    rig_close(reader);
    rig.config.options.logs_format = formats[_i].format;
    make("logs://");
    reader = rig_open(formats[_i].path);
    play_events("1:a", "f");
    play_filter("1:a", "t");
    rig_check_more(&more, reader, formats[_i].text, MORE);
}
END_TEST

/* Nothing is known of the group when it is opened. */
START_TEST(both_names_of_a_group_are_tried)
{
    open_instead("other/@streams/s");
    rig_play_error(EVENTS, 400, GONE);
    play_events("1:a", "f/1");
    play_events("", "f/1");
    rig_check_more(&more, reader, "a\n", MORE);
    rig_check_more(&more, reader, "", END);
    ck_assert_uint_eq(rig_asked(EVENTS), 3);
    ck_assert_ptr_nonnull(strstr(rig_body(EVENTS, 0), "\"logGroupName\":\"/other\""));
    ck_assert_ptr_nonnull(strstr(rig_body(EVENTS, 2), "\"logGroupName\":\"other\""));
    rig_forget(EVENTS);
    rig_play_error(EVENTS, 400, GONE);
    rig_check_fails(&more, reader, -ENOENT);
    ck_assert_uint_eq(rig_asked(EVENTS), 4);
}
END_TEST

START_TEST(many_readers_keep_to_the_rate)
{
    enum { READERS = 40 };
    struct source_reader *readers[READERS];
    struct source_more asked[READERS];
    play_events("1:a", "f");
    rig_dones = 0;
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = rig_open(STREAM);
        rig_more_start(&asked[i], readers[i]);
    }
    rig_settle();
    ck_assert_uint_eq(rig_dones, 10);
    rig_cancel(&asked[READERS - 1].request);
    rig_settle();
    ck_assert_uint_eq(rig_dones, 11);
    ck_assert_int_eq(asked[READERS - 1].request.status, -ECANCELED);
    rig_run();
    ck_assert_uint_eq(rig_dones, READERS);
    ck_assert_uint_eq(rig_asked(EVENTS), READERS - 1);
    for (size_t i = 20; i < READERS - 1; i++)
        ck_assert_int_ge(rig_asked_ms(EVENTS, i) - rig_asked_ms(EVENTS, i - 20), 1000);
    for (size_t i = 0; i < READERS; i++) {
        rig_release(&asked[i].request);
        rig_close(readers[i]);
    }
}
END_TEST

/* ---- hours ---- */

START_TEST(reads_an_hour_that_is_past)
{
    open_instead(BEFORE);
    play_filter("-60:a -60:b", "t1");
    play_filter("", "t2");
    play_filter("-59:c -59:b", NULL);
    rig_check_more(&more, reader, "a\nb\n", MORE);
    rig_check_more(&more, reader, "", MORE);
    rig_check_more(&more, reader, "c\n", END);
    ck_assert_ptr_nonnull(strstr(rig_body(FILTER, 0), "\"startTime\":1795302000000"));
    ck_assert_ptr_nonnull(strstr(rig_body(FILTER, 0), "\"endTime\":1795305599999"));
    ck_assert_ptr_nonnull(strstr(rig_body(FILTER, 2), "\"nextToken\":\"t2\""));
    rig_run_for(61000); /* late ones have come */
    rig_check_more(&more, reader, "", FINISHED);
}
END_TEST

START_TEST(follows_the_present_hour)
{
    open_instead(HOUR);
    play_filter("0:a 1:b", NULL);
    play_filter("0:a 0:late 1:b 2:c", NULL);
    play_filter("0:late 2:c", NULL);
    rig_check_more(&more, reader, "a\nb\n", END);
    rig_check_more(&more, reader, "late\nc\n", END);
    rig_check_more(&more, reader, "", END);
    ck_assert_ptr_nonnull(strstr(rig_body(FILTER, 2), "\"startTime\":1795305600000"));
}
END_TEST

START_TEST(an_hours_token_that_expired_is_replaced)
{
    open_instead(HOUR);
    play_filter("0:a 1:b", "t");
    rig_play_error(FILTER, 400, BAD);
    play_filter("0:a 1:b 1:c", NULL);
    rig_check_more(&more, reader, "a\nb\n", MORE);
    rig_check_more(&more, reader, "c\n", END);
    ck_assert_uint_eq(rig_asked(FILTER), 3);
}
END_TEST

START_TEST(hours_without_a_page)
{
    open_instead(HOUR);
    rig_play(FILTER, "{}");
    rig_check_fails(&more, reader, -EPROTO);
    rig_forget(FILTER);
    rig_play_error(FILTER, 400, "AccessDeniedException");
    rig_check_fails(&more, reader, -EACCES);
}
END_TEST

START_TEST(bounds_cut_an_hour)
{
    rig_close(reader);
    rig.config.options.since = PAIL_INT(1795303000000);
    rig.config.options.until = PAIL_INT(1795304000000);
    make("logs://");
    reader = rig_open(BEFORE);
    play_filter("", NULL);
    rig_check_more(&more, reader, "", FINISHED);
    ck_assert_ptr_nonnull(strstr(rig_last(FILTER), "\"startTime\":1795303000000"));
    ck_assert_ptr_nonnull(strstr(rig_last(FILTER), "\"endTime\":1795303999999"));
    open_instead(HOUR);
    rig_check_more(&more, reader, "", FINISHED);
    ck_assert_uint_eq(rig_asked(FILTER), 1);
}
END_TEST

START_TEST(only_files_can_be_read)
{
    static const char *const paths[] = {"", "g", "g/@streams", "g/@hours", "g/@hours/2026/11"};
    struct source_reader *none = NULL;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        ck_assert_int_eq(rig.source->ops->reader_open(rig.source, str_c(paths[i]),
                                                      (struct pail_str){0}, &none),
                         -EISDIR);
    ck_assert_int_eq(rig.source->ops->reader_open(rig.source, PAIL_STR("g/@hours/26"),
                                                  (struct pail_str){0}, &none),
                     -ENOENT);
    ck_assert_ptr_null(none);
}
END_TEST

/* ---- memory ---- */

/* Wherever it ends, the request is done once and says so, and nothing of the page is lost. */
START_TEST(memory_ends)
{
    const char *path = _i ? HOUR : STREAM, *operation = _i ? FILTER : EVENTS;
    int status = -ENOMEM;
    for (long count = 0; status < 0; count++) {
        open_instead(path);
        rig_forget(operation);
        if (_i)
            play_filter("0:a 1:b", "t");
        else
            play_events("0:a 1:b", "t");
        rig_dones = 0;
        alloc_fail_after(count);
        rig_more_start(&more, reader);
        rig_settle();
        alloc_fail_after(-1);
        while (rig_dones == 0)
            rig_run_for(100);
        status = more.request.status;
        ck_assert_msg(status == 0 || status == -ENOMEM, "after %ld: %d, %s", count, status,
                      more.request.error.message);
        ck_assert_int_lt(count, 2000);
        if (status < 0) {
            rig_release(&more.request);
            ck_assert_int_eq(rig_more(&more, reader), 0);
        }
        ck_assert_msg(str_eq_c(more.data, "a\nb\n"), "after %ld: %.*s", count,
                      PAIL_ARGS(more.data));
        rig_release(&more.request);
    }
}
END_TEST

SUITE_MAIN("fs/logs_source_read", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, reads_a_stream_and_follows_it);
           tcase_add_test(tc, a_page_that_comes_again_is_passed_over);
           tcase_add_test(tc, a_token_that_expired_is_replaced);
           tcase_add_test(tc, the_reader_stays_where_it_failed);
           tcase_add_loop_test(tc, failures_of_a_stream, 0, (int)FAILURES);
           tcase_add_test(tc, events_that_lack_something);
           tcase_add_test(tc, bounds_are_the_services);
           tcase_add_loop_test(tc, formats_of_lines, 0, (int)FORMATS);
           tcase_add_test(tc, both_names_of_a_group_are_tried);
           tcase_add_test(tc, many_readers_keep_to_the_rate);
           tcase_add_test(tc, reads_an_hour_that_is_past);
           tcase_add_test(tc, follows_the_present_hour);
           tcase_add_test(tc, an_hours_token_that_expired_is_replaced);
           tcase_add_test(tc, hours_without_a_page); tcase_add_test(tc, bounds_cut_an_hour);
           tcase_add_test(tc, only_files_can_be_read);
           tcase_add_loop_test(tc, memory_ends, 0, 2));
