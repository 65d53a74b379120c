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
    f.options.top = "/mnt";
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
     "read /mnt/x (s3://bucket/x bytes 100-199): ESTALE: PreconditionFailed: At least one of "
     "the "
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
     "read /mnt/x (s3://bucket/x): ECONNREFUSED: %s: Failed to connect (HeadObject, 10 "
     "attempts, 7 ms)"},
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
     "read /mnt/x (s3://bucket/x bytes 0-1048575): EIO: %s (GetObject, status 206, 77 of "
     "1048576 bytes, "
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
     "read /mnt/x (s3://bucket/x): EBUSY: SlowDown (GetObject, status 503, 2 attempts, 7 ms, "
     "retry "
     "quota "
     "used up)"},
    /* Nothing was sent. */
    {-EINVAL,
     1,
     0,
     {.sys = EINVAL, .kind = PAIL_ERROR_PARAM, .message = "the bytes are not within the file"},
     "read /mnt/x (s3://bucket/x): EINVAL: %s: the bytes are not within the file (no request, "
     "0 "
     "attempts, 7 ms)"},
    /* What the server said is shown as text, not obeyed. */
    /* All that a service's support asks for. */
    {-EIO,
     0,
     99,
     {.sys = EIO,
      .kind = PAIL_ERROR_CLIENT,
      .http_status = 500,
      .attempts = 3,
      .code = "InternalError",
      .operation = "GetObject",
      .request_id = "REQ",
      .host_id = "HOST",
      .message = "We encountered an internal error"},
     "read /mnt/x (s3://bucket/x bytes 0-99): EIO: InternalError: We encountered an internal "
     "error (GetObject, status 500, request id REQ, host id HOST, 3 attempts, 7 ms)"},
    /* An answer that makes no sense to the filesystem. */
    {-EPROTO, 1, 0, {0}, "read /mnt/x (s3://bucket/x): EPROTO (7 ms)"},
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
     "read /mnt/x (s3://bucket/x): EACCES: A\\nB: 100%%s \\\\ \\t\\xff (GetObject, status 403, "
     "request "
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
    ck_assert_str_eq(failure_of(node), text);
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
    ck_assert_str_eq(failure_of(node), "open /mnt/x (s3://bucket/x): ENOMEM");
    /* The last one stands. */
    failure_note(&f.fs, node, "read", -EIO, NULL);
    ck_assert_str_eq(failure_of(node), "read /mnt/x (s3://bucket/x): EIO");
    ck_assert_str_eq(logged(),
                     "open /mnt/x (s3://bucket/x): ENOMEM\nread /mnt/x (s3://bucket/x): EIO\n");
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
    ck_assert_str_eq(failure_of(node), "read /mnt/x (s3://bucket/x): EBUSY");
    advance(&f, FAILURE_WINDOW_MS);
    failure_note(&f.fs, node, "read", -EIO, NULL);
    char expected[LINES_BYTES] = "";
    for (unsigned i = 0; i < FAILURE_LINES; i++)
        strcat_line(expected, "read /mnt/x (s3://bucket/x): EIO");
    strcat_line(expected, "read /mnt/x (s3://bucket/x): EBUSY");
    strcat_line(expected, "3 more failures with EIO in 10 s were not logged");
    strcat_line(expected, "read /mnt/x (s3://bucket/x): EIO");
    ck_assert_str_eq(logged(), expected);
    fixture_done(&f);
}
END_TEST

/* The service answered; that it does not have what was asked for is no error of its own. */
START_TEST(an_answer_that_says_it_is_not_there)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 5);
    struct source_request request = {.status = -ENOENT,
                                     .error = {.sys = ENOENT,
                                               .kind = PAIL_ERROR_CLIENT,
                                               .http_status = 200,
                                               .attempts = 1,
                                               .operation = "DescribeLogGroups",
                                               .message = "no log group has that name"}};
    request.started_ns = clock_now_ns(f.fs.clock);
    failure_note(&f.fs, node, "lookup", -ENOENT, &request);
    ck_assert_str_eq(failure_of(node),
                     "lookup /mnt/x (s3://bucket/x): ENOENT: no log group has "
                     "that name (DescribeLogGroups, 1 attempt, 0 ms)");
    logged();
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

/* Its name may not be looked up any more. */
START_TEST(of_a_file_that_is_gone_on_its_directory)
{
    static const int gone[] = {-ENOENT, -ESTALE};
    static const char *const text[] = {"read /mnt/x (s3://bucket/x): ENOENT",
                                       "read /mnt/x (s3://bucket/x): ESTALE"};
    start();
    struct node *node = file_node(&f, "x", "v1", 5), *dir = root_of(&f);
    failure_note(&f.fs, node, "read", -EIO, NULL);
    ck_assert_ptr_null(dir->extra);
    failure_note(&f.fs, node, "read", gone[_i], NULL);
    ck_assert_str_eq(failure_of(node), text[_i]);
    ck_assert_str_eq(failure_of(dir), text[_i]);
    failure_note(&f.fs, dir, "readdir", gone[_i], NULL);
    logged();
    fixture_done(&f);
}
END_TEST

START_TEST(of_a_name_on_its_directory)
{
    start();
    struct node *dir = look_up(&f, root_of(&f), "d", "d/");
    failure_note_name(&f.fs, dir, PAIL_STR("a\nb\x80"), "lookup", -EBUSY, NULL);
    ck_assert_str_eq(failure_of(dir),
                     "lookup /mnt/d/a\\nb\\x80 (s3://bucket/d/a\\nb\\x80): EBUSY");
    ck_assert_str_eq(logged(), "lookup /mnt/d/a\\nb\\x80 (s3://bucket/d/a\\nb\\x80): EBUSY\n");
    fixture_done(&f);
}
END_TEST

START_TEST(names_that_are_not_shown)
{
    start();
    struct node *dir = look_up(&f, root_of(&f), "d\xff", "d\xff/");
    failure_unreachable(&f.fs, dir, 3, PAIL_STR("d\xff//x\ny"));
    failure_unreachable(&f.fs, root_of(&f), 1, PAIL_STR("/"));
    failure_taken(&f.fs, root_of(&f), 1, PAIL_STR("x"));
    ck_assert_str_eq(
        logged(),
        "/mnt/d\\xff (s3://bucket/d\\xff): 3 names that no path can have are not shown, "
        "such as d\\xff//x\\ny\n"
        "/mnt (s3://bucket/): 1 name that no path can have is not shown, such as /\n"
        "/mnt (s3://bucket/): 1 name whose path another name has is not shown, such as x\n");
    ck_assert_ptr_null(dir->extra);
    fixture_done(&f);
}
END_TEST

/* However long and strange the names and what the service says, the line is whole: its end is
 * there, and both ends of the names. */
START_TEST(a_size_that_is_not_known)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 5);
    for (int i = 0; i < FAILURE_LINES + 2; i++)
        failure_size_unknown(&f.fs, node, 7);
    ck_assert_ptr_null(node->extra ? node->extra->failure : NULL); /* it is none */
    static const char line[] =
        "getattr /mnt/x (s3://bucket/x): the size is told as 0: 7 bytes were read so far, but "
        "the end is further away. What copies by the size takes it for empty: cat it first\n";
    size_t count = 0;
    for (const char *at = logged(); (at = strstr(at, line)); at += sizeof(line) - 1)
        count++;
    ck_assert_uint_eq(count, FAILURE_LINES);
    fixture_done(&f);
}
END_TEST

START_TEST(longest_line)
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
    struct source_request request = {.status = -EIO,
                                     .first = UINT64_MAX - 1,
                                     .last = UINT64_MAX,
                                     .started_ns = clock_now_ns(f.fs.clock),
                                     .error = {.sys = EIO,
                                               .http_status = 599,
                                               .attempts = UINT32_MAX,
                                               .expected_bytes = UINT64_MAX,
                                               .quota_exhausted = true}};
    memset(request.error.code, '\x80', sizeof request.error.code - 1);
    memset(request.error.message, '\n', sizeof request.error.message - 1);
    memset(request.error.operation, 'o', sizeof request.error.operation - 1);
    memset(request.error.request_id, '\x9b', sizeof request.error.request_id - 1);
    memset(request.error.host_id, '\x1b', sizeof request.error.host_id - 1);
    name[SOURCE_NAME_MAX - 1] = 'z';
    failure_note_name(&f.fs, dir, str_c(name), "getxattr", -EADDRNOTAVAIL, &request);
    const char *line = logged();
    ck_assert_uint_lt(strlen(line), LOG_LINE_MAX);
    ck_assert_int_eq(strncmp(line, "getxattr /mnt/\\x01\\x01", 22), 0);
    static const char *const told[] = {"...\\x01",
                                       "z (s3://bucket/",
                                       "z bytes 18446744073709551614-",
                                       "): EADDRNOTAVAIL: ",
                                       ", status 599, request id ",
                                       " attempts, 0 ms, retry quota used up)\n"};
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        ck_assert_msg(strstr(line, told[i]), "%s is not in %s", told[i], line);
    for (const char *at = line; *at; at++)
        ck_assert_msg((unsigned char)*at >= ' ' || at[1] == '\0', "%02x in the line", *at);
    ck_assert_ptr_null(strpbrk(failure_of(dir), "\n\x1b\x01"));
    node_unref(&f.fs, dir);
    fixture_done(&f);
}
END_TEST

START_TEST(deadlines_say_what_was_waited_for)
{
    start();
    struct node *node = file_node(&f, "x", "v1", 5);
    failure_note_deadline(&f.fs, node, str_of(NULL, 0), "read", 60500, PAIL_STR("bytes 0-4"));
    ck_assert_str_eq(failure_of(node),
                     "read /mnt/x (s3://bucket/x): ETIMEDOUT: not done after 60500 "
                     "ms, waiting for bytes 0-4");
    failure_note_deadline(&f.fs, root_of(&f), PAIL_STR("y"), "lookup", 20500,
                          PAIL_STR("what the name means"));
    ck_assert_str_eq(
        failure_of(root_of(&f)),
        "lookup /mnt/y (s3://bucket/y): ETIMEDOUT: not done after 20500 ms, waiting "
        "for what the name means");
    logged();
    fixture_done(&f);
}
END_TEST

START_TEST(of_the_root)
{
    start();
    failure_note(&f.fs, root_of(&f), "readdir", -EIO, NULL);
    ck_assert_str_eq(failure_of(root_of(&f)), "readdir /mnt (s3://bucket/): EIO");
    logged();
    fixture_done(&f);
    lines[0] = '\0';
    fixture_init(&f);
    fixture_start(&f);
    failure_note(&f.fs, root_of(&f), "readdir", -EIO, NULL);
    ck_assert_str_eq(failure_of(root_of(&f)), "readdir / (s3://bucket/): EIO");
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
           tcase_add_test(tc, an_answer_that_says_it_is_not_there);
           tcase_add_test(tc, cancelled_is_no_failure);
           tcase_add_loop_test(tc, of_a_file_that_is_gone_on_its_directory, 0, 2);
           tcase_add_test(tc, of_a_name_on_its_directory);
           tcase_add_test(tc, names_that_are_not_shown);
           tcase_add_test(tc, a_size_that_is_not_known); tcase_add_test(tc, longest_line);
           tcase_add_test(tc, of_the_root);
           tcase_add_test(tc, deadlines_say_what_was_waited_for);
           tcase_add_test(tc, out_of_memory_is_silent));
