#include "unit/fs/fixture.h"

#include "base/log.h"
#include "fs/failure.h"

#include <errno.h>
#include <stdio.h>

#define LINES_BYTES 65536

static struct fixture f;
static char lines[LINES_BYTES]; /* of the log, each with its newline; the log's thread's until
                                   log_stop */
static enum log_level level;

static void keep_line(void *user, enum log_level line_level, int64_t time_ms, const char *line)
{
    (void)user, (void)time_ms;
    size_t at = strlen(lines);
    level = line_level;
    snprintf(lines + at, sizeof lines - at, "%s\n", line);
}

static void strcat_line(char text[LINES_BYTES], const char *line)
{
    size_t at = strlen(text);
    snprintf(text + at, LINES_BYTES - at, "%s\n", line);
}

static void start(void)
{
    lines[0] = '\0';
    fixture_init(&f);
    fixture_start(&f);
    ck_assert_int_eq(log_start(LOG_DEBUG_LEVEL, keep_line, NULL), 0);
}

static const char *logged(void)
{
    log_stop();
    return lines;
}

static const struct {
    int status;
    uint64_t first, last;
    struct pail_error error;
    const char *text;
} failures[] = {
    {-ESTALE,
     100,
     199,
     {.sys = ESTALE,
      .kind = PAIL_ERROR_CLIENT,
      .http_status = 412,
      .attempts = 1,
      .code = "PreconditionFailed",
      .operation = "GetObject",
      .request_id = "4442587FB7D0A2F9",
      .message = "At least one of the pre-conditions you specified did not hold"},
     "read s3://bucket/x bytes 100-199: ESTALE: PreconditionFailed: At least one of the "
     "pre-conditions you specified did not hold (GetObject, status 412, request id "
     "4442587FB7D0A2F9, 1 attempt, 7 ms)"},
    /* No response. */
    {-ECONNREFUSED,
     1,
     0,
     {.sys = ECONNREFUSED,
      .kind = PAIL_ERROR_CONNECT,
      .attempts = 10,
      .operation = "HeadObject",
      .message = "Failed to connect"},
     "read s3://bucket/x: ECONNREFUSED: %s: Failed to connect (HeadObject, 10 attempts, 7 ms)"},
    {-EIO,
     0,
     1048575,
     {.sys = EIO,
      .kind = PAIL_ERROR_INCOMPLETE_READ,
      .http_status = 206,
      .attempts = 3,
      .expected_bytes = 1048576,
      .actual_bytes = 77,
      .operation = "GetObject"},
     "read s3://bucket/x bytes 0-1048575: EIO: %s (GetObject, status 206, 77 of 1048576 bytes, "
     "3 attempts, 7 ms)"},
    {-EBUSY,
     1,
     0,
     {.sys = EBUSY,
      .kind = PAIL_ERROR_CLIENT,
      .http_status = 503,
      .attempts = 2,
      .quota_exhausted = true,
      .code = "SlowDown",
      .operation = "GetObject"},
     "read s3://bucket/x: EBUSY: SlowDown (GetObject, status 503, 2 attempts, 7 ms, retry "
     "quota "
     "used up)"},
    /* Nothing was sent. */
    {-EINVAL,
     1,
     0,
     {.sys = EINVAL, .kind = PAIL_ERROR_PARAM, .message = "the bytes are not within the file"},
     "read s3://bucket/x: EINVAL: %s: the bytes are not within the file (no request, 0 "
     "attempts, 7 ms)"},
    /* What the server said is shown as text, not obeyed. */
    {-EACCES,
     1,
     0,
     {.sys = EACCES,
      .kind = PAIL_ERROR_CLIENT,
      .http_status = 403,
      .attempts = 1,
      .code = "A\nB",
      .operation = "GetObject",
      .request_id = "\x1b[2J",
      .message = "100%s \\ \t\xff"},
     "read s3://bucket/x: EACCES: A\\nB: 100%%s \\\\ \\t\\xff (GetObject, status 403, request "
     "id "
     "\\x1b[2J, 1 attempt, 7 ms)"},
};

START_TEST(tells_it_three_times)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 1 << 20);
    const struct source_request request = {.status = failures[_i].status,
                                           .error = failures[_i].error,
                                           .first = failures[_i].first,
                                           .last = failures[_i].last,
                                           .started_ns = clock_now_ns(f.fs.clock)};
    advance(&f, 7);
    char text[1024];
    /* The kind's words are the library's to choose. */
    const char *kind = pail_error_kind_name(failures[_i].error.kind);
    const char *at = strstr(failures[_i].text, "%s");
    if (at && (at == failures[_i].text || at[-1] != '%'))
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - failures[_i].text),
                 failures[_i].text, kind, at + 2);
    else
        snprintf(text, sizeof text, "%s", failures[_i].text);
    char *twice = strstr(text, "%%");
    if (twice)
        memmove(twice, twice + 1, strlen(twice));
    failure_note(&f.fs, node, "read", failures[_i].status, &request);
    ck_assert_str_eq(node->extra->failure, text);
    size_t len = strlen(text);
    ck_assert_int_eq(strncmp(logged(), text, len), 0);
    ck_assert_str_eq(lines + len, "\n");
    ck_assert_int_eq(level, LOG_WARN_LEVEL);
    fixture_done(&f);
}
END_TEST

START_TEST(without_a_request)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 5);
    failure_note(&f.fs, node, "open", -ENOMEM, NULL);
    ck_assert_str_eq(node->extra->failure, "open s3://bucket/x: ENOMEM");
    /* The last one stands. */
    failure_note(&f.fs, node, "read", -EIO, NULL);
    ck_assert_str_eq(node->extra->failure, "read s3://bucket/x: EIO");
    ck_assert_str_eq(logged(), "open s3://bucket/x: ENOMEM\nread s3://bucket/x: EIO\n");
    fixture_done(&f);
}
END_TEST

/* A server that fails everything does not fill the log: what was left out is counted. */
START_TEST(logs_no_more_than_it_can_use)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 5);
    for (unsigned i = 0; i < FAILURE_LINES + 3; i++)
        failure_note(&f.fs, node, "read", -EIO, NULL);
    failure_note(&f.fs, node, "read", -EBUSY, NULL);
    ck_assert_str_eq(node->extra->failure, "read s3://bucket/x: EBUSY");
    advance(&f, FAILURE_WINDOW_MS);
    failure_note(&f.fs, node, "read", -EIO, NULL);
    char expected[LINES_BYTES] = "";
    for (unsigned i = 0; i < FAILURE_LINES; i++)
        strcat_line(expected, "read s3://bucket/x: EIO");
    strcat_line(expected, "read s3://bucket/x: EBUSY");
    strcat_line(expected, "3 more failures with EIO in 10 s were not logged");
    strcat_line(expected, "read s3://bucket/x: EIO");
    ck_assert_str_eq(logged(), expected);
    fixture_done(&f);
}
END_TEST

START_TEST(cancelled_is_no_failure)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 5);
    const struct source_request request = {.status = -ECANCELED, .error = {.sys = ECANCELED}};
    failure_note(&f.fs, node, "read", -ECANCELED, &request);
    ck_assert_ptr_null(node->extra);
    ck_assert_str_eq(logged(), "");
    fixture_done(&f);
}
END_TEST

START_TEST(of_a_name_on_its_directory)
{
    start();
    struct node *dir = look_up(&f, root_of(&f), "d", "d/");
    failure_note_name(&f.fs, dir, PAIL_STR("a\nb\x80"), "lookup", -EBUSY, NULL);
    ck_assert_str_eq(dir->extra->failure, "lookup s3://bucket/d/a\\nb\\x80: EBUSY");
    ck_assert_str_eq(logged(), "lookup s3://bucket/d/a\\nb\\x80: EBUSY\n");
    fixture_done(&f);
}
END_TEST

START_TEST(unreachable_keys)
{
    start();
    struct node *dir = look_up(&f, root_of(&f), "d\xff", "d\xff/");
    failure_unreachable(&f.fs, dir, 3, PAIL_STR("d\xff//x\ny"));
    ck_assert_str_eq(logged(),
                     "s3://bucket/d\\xff: 3 keys that no path can name are not shown, "
                     "such as d\\xff//x\\ny\n");
    ck_assert_ptr_null(dir->extra);
    fixture_done(&f);
}
END_TEST

/* However long and strange the name, the failure is told. */
START_TEST(longest_name)
{
    start();
    static char name[SOURCE_NAME_MAX + 1];
    memset(name, '\x01', SOURCE_NAME_MAX);
    struct node *dir = root_of(&f), *first = NULL;
    for (int i = 0; i < 7; i++) {
        const struct source_entry entry = {.name = str_c(name), .type = ENTRY_DIRECTORY};
        struct node *below = node_new(&f.fs, dir, &entry, f.now_ns);
        if (first)
            node_unref(&f.fs, dir);
        first = first ? first : below;
        dir = below;
    }
    failure_note_name(&f.fs, dir, str_c(name), "lookup", -ENAMETOOLONG, NULL);
    ck_assert_ptr_nonnull(dir->extra);
    ck_assert_ptr_nonnull(strstr(dir->extra->failure, "ENAMETOOLONG"));
    ck_assert_int_eq(strncmp(logged(), "lookup s3://bucket/\\x01", 22), 0);
    node_unref(&f.fs, dir);
    fixture_done(&f);
}
END_TEST

START_TEST(out_of_memory_is_silent)
{
    for (long after = 0; after < 10; after++) {
        start();
        struct node *node = file_node(&f, "x", "v1", 5);
        alloc_fail_after(after);
        failure_note(&f.fs, node, "read", -EIO, NULL);
        alloc_fail_after(-1);
        logged();
        fixture_done(&f);
    }
}
END_TEST

SUITE_MAIN("fs/failure",
           tcase_add_loop_test(tc, tells_it_three_times, 0, (int)ARRAY_LEN(failures));
           tcase_add_test(tc, without_a_request);
           tcase_add_test(tc, logs_no_more_than_it_can_use);
           tcase_add_test(tc, cancelled_is_no_failure);
           tcase_add_test(tc, of_a_name_on_its_directory); tcase_add_test(tc, unreachable_keys);
           tcase_add_test(tc, longest_name); tcase_add_test(tc, out_of_memory_is_silent));
