/* Following a group by Live Tail: sessions, their ends, and readers that are slow. */
#include "unit/fs/service_rig.h"

#include "unit/aws/event_messages.h"

#define GROUPS "DescribeLogGroups"
#define TAIL   "StartLiveTail"
#define ARN    "arn:aws:logs:us-east-1:1:log-group:/g"
#define HEADS  "Content-Type: application/vnd.amazon.eventstream\n"

static struct source_reader *reader;
static struct source_more more;
static struct buf stream; /* the next session, being written */

static void begin(void)
{
    buf_reset(&stream);
    add_event(&stream, "initial-response", PAIL_STR("{}"));
    add_event(&stream, "sessionStart", PAIL_STR("{\"sessionId\":\"x\"}"));
}

/* "a b": an update with these messages. */
static void update(const char *messages, bool sampled)
{
    char text[512], body[4096] = "{\"sessionResults\":[", *rest = text;
    size_t len = strlen(body);
    (void)snprintf(text, sizeof(text), "%s", messages);
    for (char *message; messages[0] && (message = strsep(&rest, " "));)
        len += (size_t)snprintf(body + len, sizeof(body) - len,
                                "%s{\"message\":\"%s\",\"timestamp\":1795305601000,"
                                "\"logStreamName\":\"s\",\"logGroupIdentifier\":\"g\"}",
                                body[len - 1] == '[' ? "" : ",", message);
    (void)snprintf(body + len, sizeof(body) - len, "],\"sessionMetadata\":{\"sampled\":%s}}",
                   sampled ? "true" : "false");
    add_event(&stream, "sessionUpdate", str_c(body));
}

static void end_of_session(const char *exception)
{
    add_failure(&stream, "exception", exception, "{\"message\":\"over\"}");
}

static void play_session(void)
{
    ck_assert_int_eq(buf_failed(&stream), 0);
    rig_play_bytes(TAIL, HEADS, buf_str(&stream));
}

static void setup(void)
{
    rig_setup();
    rig_make("logs://");
    rig_play(GROUPS, "{\"logGroups\":[{\"logGroupName\":\"/g\",\"arn\":\"" ARN ":*\"}]}");
    buf_init(&stream, 1 << 24);
    reader = rig_open("g/@tail");
    begin();
}

static void teardown(void)
{
    if (reader)
        rig_close(reader);
    reader = NULL;
    buf_done(&stream);
    rig_teardown();
}

static void check_more(const char *text)
{
    int r = rig_more(&more, reader);
    ck_assert_msg(r == 0, "%s", more.request.error.message);
    ck_assert_msg(str_eq_c(more.data, text), "%.*s", PAIL_ARGS(more.data));
    ck_assert(!more.end && !more.finished);
    ck_assert_int_eq(more.mtime_s, 1795305601);
    rig_release(&more.request);
}

START_TEST(gives_what_comes)
{
    update("a b", false);
    update("", false); /* nothing for a second */
    update("c", false);
    end_of_session("SessionStreamingException");
    play_session();
    check_more("a\nb\n");
    check_more("c\n");
    ck_assert_ptr_nonnull(strstr(rig_last(TAIL), "\"logGroupIdentifiers\":[\"" ARN "\"]"));
    rig_check_fails(&more, reader, -EIO);
    ck_assert_str_eq(more.request.error.code, "SessionStreamingException");
    ck_assert_uint_eq(rig_asked(TAIL), 1);
    ck_assert_uint_eq(rig_asked(GROUPS), 1);
}
END_TEST

START_TEST(begins_anew_when_a_session_ends)
{
    for (int i = 0; i < 2; i++) {
        begin();
        update(i ? "b" : "a", false);
        end_of_session("SessionTimeoutException");
        play_session();
    }
    begin(); /* an end without words */
    play_session();
    begin();
    update("c", false);
    end_of_session("SessionTimeoutException");
    play_session();
    check_more("a\n");
    check_more("b\n");
    check_more("c\n");
    ck_assert_uint_eq(rig_asked(TAIL), 4);
    for (size_t i = 0; i < 4; i++) /* of the same group */
        ck_assert_ptr_nonnull(
            strstr(rig_body(TAIL, i), "\"logGroupIdentifiers\":[\"" ARN "\"]"));
}
END_TEST

/* A service that ends every session at once is not asked more than once a second. */
START_TEST(sessions_keep_to_a_rate)
{
    end_of_session("SessionTimeoutException");
    play_session();
    rig_dones = 0;
    rig_more_start(&more, reader);
    rig_run_for(10000);
    ck_assert_uint_eq(rig_dones, 0);
    ck_assert_uint_le(rig_asked(TAIL), 13);
    ck_assert_uint_ge(rig_asked(TAIL), 11);
    rig_cancel(&more.request);
    rig_settle();
    ck_assert_uint_eq(rig_dones, 1);
    ck_assert_int_eq(more.request.status, -ECANCELED);
    rig_release(&more.request);
}
END_TEST

static const struct {
    const char *what;
    int status;
} broken[] = {{"cut", -EIO}, {"crc", -EBADMSG}, {"length", -EPROTO}, {"json", -EPROTO}};
#define BROKEN (sizeof(broken) / sizeof(broken[0]))

START_TEST(broken_frames)
{
    update("a", false);
    size_t good = stream.len;
    update("b", false);
    if (_i == 0)
        buf_truncate(&stream, stream.len - 3);
    else if (_i == 1)
        stream.data[stream.len - 20] ^= 1;
    else
        buf_truncate(&stream, good);
    if (_i == 2)
        add_message_saying(&stream, 5, 0, PAIL_STR(""), PAIL_STR(""));
    else if (_i == 3)
        add_event(&stream, "sessionUpdate", PAIL_STR("{\"sessionResults\":["));
    play_session();
    begin();
    update("c", false);
    end_of_session("SessionTimeoutException");
    play_session();
    check_more("a\n");
    rig_check_fails(&more, reader, broken[_i].status);
    ck_assert_str_eq(more.request.error.operation, TAIL);
    check_more("c\n"); /* asked again, it goes on */
}
END_TEST

START_TEST(no_session)
{
    rig_play_error(TAIL, 400, "AccessDeniedException");
    rig_check_fails(&more, reader, -EACCES);
    rig_forget(TAIL);
    rig_play_error(TAIL, 400, "LimitExceededException");
    rig_check_fails(&more, reader, -EBUSY);
    rig_forget(GROUPS);
    rig_play(GROUPS, "{\"logGroups\":[]}");
    rig_check_fails(&more, reader, -ENOENT);
    rig_forget(GROUPS);
    rig_play_error(GROUPS, 400, "AccessDeniedException");
    rig_check_fails(&more, reader, -EACCES);
}
END_TEST

/* What comes while nobody asks is kept, and a failure after it is told when it has been read.
 */
START_TEST(a_slow_reader_loses_nothing)
{
    update("a", false);
    update("b", true);
    update("c", true);
    end_of_session("SessionStreamingException");
    play_session();
    check_more("a\n");
    rig_run_for(5000);
    check_more("b\nc\n");
    rig_check_fails(&more, reader, -EIO);
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    rig.source->ops->stats(rig.source, &b);
    ck_assert_ptr_nonnull(strstr(buf_c(&b), "logs.sampled 2\n"));
    ck_assert_ptr_nonnull(strstr(buf_c(&b), "logs.sessions 1\n"));
    ck_assert_ptr_nonnull(strstr(buf_c(&b), "logs.events 3\n"));
}
END_TEST

/* More than is kept for a reader waits in the session. */
START_TEST(a_session_waits_for_a_slow_reader)
{
    enum { UPDATES = 30, LINE = 256 * 1024 };
    static char line[LINE + 256];
    for (int i = 0; i < UPDATES; i++) {
        int len = snprintf(line, sizeof(line), "{\"sessionResults\":[{\"message\":\"");
        memset(line + len, 'a' + i % 26, LINE);
        (void)snprintf(line + len + LINE, 64, "\",\"timestamp\":1795305601000}]}");
        add_event(&stream, "sessionUpdate", str_c(line));
    }
    end_of_session("SessionTimeoutException");
    play_session();
    ck_assert_int_eq(rig_more(&more, reader), 0);
    size_t total = more.data.len;
    rig_release(&more.request);
    rig_run_for(1000);
    while (total < UPDATES * (LINE + 1)) {
        ck_assert_int_eq(rig_more(&more, reader), 0);
        ck_assert_uint_le(more.data.len, 5 * 1024 * 1024);
        for (size_t at = 0; at < more.data.len; at += LINE + 1)
            ck_assert_int_eq(more.data.ptr[at], 'a' + (int)((total + at) / (LINE + 1)) % 26);
        total += more.data.len;
        rig_release(&more.request);
    }
    ck_assert_uint_eq(total, UPDATES * (LINE + 1));
    ck_assert_uint_eq(rig_asked(TAIL), 1);
}
END_TEST

/* At every moment: while the group is asked for, the session starts, or nothing comes. */
START_TEST(is_cancelled_and_closed)
{
    update("a", false);
    play_session();
    rig_dones = 0;
    rig_more_start(&more, reader);
    for (int i = 0; i < _i; i++) {
        scripted_run_for(rig.transport, 0);
        mailbox_deliver(rig.mailbox);
    }
    size_t before = rig_dones;
    rig_cancel(&more.request);
    ck_assert_uint_eq(rig_dones, before);
    rig_settle();
    ck_assert_uint_eq(rig_dones, 1);
    ck_assert(more.request.status == 0 || more.request.status == -ECANCELED);
    rig_release(&more.request);
    rig_close(STEAL(reader));
}
END_TEST

START_TEST(memory_ends)
{
    int status = -ENOMEM;
    update("a b", false);
    end_of_session("SessionTimeoutException");
    for (long count = 0; status < 0; count++) {
        rig_forget(TAIL);
        play_session();
        rig_close(reader);
        reader = rig_open("g/@tail");
        rig_dones = 0;
        alloc_fail_after(count);
        rig_more_start(&more, reader);
        rig_settle();
        alloc_fail_after(-1);
        while (rig_dones == 0)
            rig_run_for(100);
        status = more.request.status;
        ck_assert_msg(status == 0 || status == -ENOMEM || status == -EPROTO,
                      "after %ld: %d, %s", count, status, more.request.error.message);
        ck_assert_int_lt(count, 3000);
        if (status == 0)
            ck_assert(str_eq_c(more.data, "a\nb\n"));
        rig_release(&more.request);
    }
}
END_TEST

SUITE_MAIN("fs/logs_source_tail", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, gives_what_comes);
           tcase_add_test(tc, begins_anew_when_a_session_ends);
           tcase_add_test(tc, sessions_keep_to_a_rate);
           tcase_add_loop_test(tc, broken_frames, 0, (int)BROKEN);
           tcase_add_test(tc, no_session); tcase_add_test(tc, a_slow_reader_loses_nothing);
           tcase_add_test(tc, a_session_waits_for_a_slow_reader);
           tcase_add_loop_test(tc, is_cancelled_and_closed, 0, 8);
           tcase_add_test(tc, memory_ends));
