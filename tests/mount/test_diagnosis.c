/* What a mount tells of itself: a line in the log for each failure, the same as
 * user.pail.error, the counters, and on SIGUSR1 what waits. */
#include "mount/fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MANY 130 /* more than are shown */

static const struct peer_response stall_head = {
    .over = true, .fault = {.end = PEER_END_STALL, .in_head = true}};
static const struct peer_response stall_body = {
    .over = true, .fault = {.end = PEER_END_STALL, .after = 200000}};

__attribute__((format(printf, 2, 3))) static bool contains(const char *text, const char *format,
                                                           ...)
{
    static char wanted[8192];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(wanted, sizeof(wanted), format, args);
    va_end(args);
    return strstr(text, wanted) != NULL;
}

/* A line of the log that has these parts, in order, separated by "*". */
static bool logged(const char *pattern)
{
    const char *line = harness_mount_log(mount);
    for (; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *at = line, *end = line + strcspn(line, "\n"), *part = pattern;
        while (at && *part) {
            size_t len = strcspn(part, "*");
            at = memmem(at, (size_t)(end - at), part, len);
            at = at ? at + len : NULL;
            part += len + (part[len] == '*');
        }
        if (at)
            return true;
    }
    return false;
}

static void check_logged(const char *pattern)
{
    ck_assert_msg(logged(pattern), "no line \"%s\" in:\n%.4000s", pattern,
                  harness_mount_log(mount));
}

static size_t count_logged(const char *text)
{
    size_t count = 0;
    for (const char *at = harness_mount_log(mount); (at = strstr(at, text)); at++)
        count++;
    return count;
}

static uint64_t counter(const char *stats, const char *name)
{
    char line[64];
    (void)snprintf(line, sizeof(line), "\n%s ", name);
    const char *at = strstr(stats, line);
    ck_assert_msg(at != NULL, "no %s in %s", name, stats);
    return strtoull(at + strlen(line), NULL, 10);
}

/* ---- what waits ---- */

enum kind { STAT, OPEN, READ, LIST, XATTR };
struct call {
    enum kind kind;
    char path[512];
};

static int do_call(void *arg, void *result)
{
    struct call *call = arg;
    char value[64];
    size_t count;
    uint64_t read_bytes;
    (void)result;
    switch (call->kind) {
    case STAT:
        return try_stat(call->path);
    case OPEN:
        return try_open(call->path);
    case LIST:
        return try_list(call->path, &count);
    case XATTR:
        return try_xattr(call->path, "user.s3.etag", value, sizeof(value));
    case READ:
        return try_read(call->path, 1, &read_bytes);
    }
    return 0;
}

static struct harness_job *start_call(struct call *call, enum kind kind, const char *path)
{
    call->kind = kind;
    (void)snprintf(call->path, sizeof(call->path), "%s", path);
    return harness_job_start(do_call, call, 0);
}

static void ask_what_waits(const char *until)
{
    ck_assert_int_eq(kill(harness_mount_pid(mount), SIGUSR1), 0);
    ck_assert_msg(harness_mount_wait_log(mount, until, LONG_MS), "no \"%s\" in:\n%.4000s",
                  until, harness_mount_log(mount));
}

START_TEST(every_kind_of_wait)
{
    struct call calls[5];
    struct harness_job *jobs[5];
    char pattern[1024];
    put("d/file", 200000, 1);
    put("d/big", 3 << 20, 1);
    put("d/named\n\x1b[31mred", 10, 1);
    put("d/sub/x", 10, 1);
    /* Also where the log holds nothing else. */
    fixture_mount_source("s3://bkt/d/", "metadata_ttl=60,log_level=error");
    check_names(top(), "big|file|named\n\x1b[31mred|sub");
    ask_what_waits(
        "waiting: 0 operations, the oldest for 0 ms; 0 requests of the service under "
        "way");
    (void)peer_on(peer, "GET /bkt/d/file", &stall_head);
    (void)peer_on(peer, "GET /bkt/d/big", &stall_body);
    (void)peer_on(peer, "HEAD /bkt/d/*", &stall_head);
    jobs[0] = start_call(&calls[0], OPEN, at("file"));
    jobs[1] = start_call(&calls[1], READ, at("big"));
    jobs[2] = start_call(&calls[2], STAT, at("sub/none"));
    jobs[3] = start_call(&calls[3], XATTR, at("named\n\x1b[31mred"));
    /* The file and the absent name, the first bytes of the big one, the attributes. */
    ck_assert(peer_wait_stalled(peer, 4, LONG_MS));
    static const char *const waits[] = {"waiting: open ", "waiting: read ", "waiting: lookup ",
                                        "waiting: getxattr "};
    for (size_t i = 0; i < 4; i++)
        while (!logged(waits[i]))
            ask_what_waits("waiting: ");
    check_logged(
        "waiting: * operations, the oldest for * ms; * requests of the service under way, "
        "the oldest for * ms; * bytes of contents held");
    (void)snprintf(pattern, sizeof(pattern),
                   "waiting: open %s/file (s3://bkt/d/file) for * ms, asked by *, thread %d: "
                   "bytes 0-0 from a request for 0-199999, sent * ms ago, not answered yet",
                   top(), (int)harness_job_pid(jobs[0]));
    check_logged(pattern);
    (void)snprintf(pattern, sizeof(pattern),
                   "waiting: read %s/big (s3://bkt/d/big) for * ms, asked by *, thread * bytes "
                   "* from a request for 0-1048575, sent * ms ago, which is being answered",
                   top());
    check_logged(pattern);
    (void)snprintf(
        pattern, sizeof(pattern),
        "waiting: lookup %s/sub/none (s3://bkt/d/sub/none) for * ms, asked by *, thread %d: "
        "what the name means",
        top(), (int)harness_job_pid(jobs[2]));
    check_logged(pattern);
    check_logged("notice waiting: getxattr */named\\n\\x1b[31mred (s3://bkt/d/"
                 "named\\n\\x1b[31mred) for * what the service says of it, to answer "
                 "user.s3.etag");
    /* Meanwhile it answers. */
    check_names(top(), "big|file|named\n\x1b[31mred|sub");
    peer_release(peer);
    peer_rules_set(peer, NULL, 0);
    static const int results[] = {0, 0, -ENOENT, 34};
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(harness_job_join(jobs[i], NULL, LONG_MS), results[i]);
    ask_what_waits("waiting: 0 operations");
}
END_TEST

START_TEST(directories_that_wait)
{
    struct call call;
    put("d/a", 10, 1);
    put("d/file", 10, 1);
    peer_s3_set_page_size(s3, 1); /* its lookup brings no more */
    fixture_mount(NULL);
    (void)peer_rule_add(peer, &(struct peer_rule){.match = PEER_S3_LISTING("bkt"),
                                                  .responses = &stall_head,
                                                  .response_count = 1});
    struct harness_job *job = start_call(&call, LIST, at("d"));
    /* The lookup comes first: HEAD and LIST. */
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    ask_what_waits("waiting: lookup ");
    peer_rules_set(peer, NULL, 0);
    (void)peer_rule_add(peer, &(struct peer_rule){.match = {.method = "GET",
                                                            .param = "prefix",
                                                            .param_value = "d/",
                                                            .without_param = "max-keys"},
                                                  .responses = &stall_head,
                                                  .response_count = 1});
    peer_release(peer);
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    while (
        !logged("waiting: readdir */d (s3://bkt/d) for * names from the 0th on; 1 are listed "
                "so far"))
        ask_what_waits("waiting: ");
    peer_release(peer);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), 0);
}
END_TEST

static int do_invoke(void *arg, void *result)
{
    char answer[64];
    (void)result;
    int fd = open(arg, O_RDWR | O_CLOEXEC);
    if (fd < 0 || write(fd, "{}", 2) != 2)
        return -errno;
    ssize_t n = read(fd, answer, sizeof(answer));
    n = n < 0 ? -errno : n;
    (void)close(fd);
    return (int)n;
}

/* Files that answer what is written wait in ways of their own. */
START_TEST(answers_that_are_waited_for)
{
    (void)peer_on(peer, "GET /2015-03-31/functions",
                  PEER_RESPONSE(.body = "{\"Functions\":[{\"FunctionName\":\"f\"}]}"));
    (void)peer_on(peer, "GET /2015-03-31/functions/f/configuration",
                  PEER_RESPONSE(.body = "{\"FunctionName\":\"f\",\"RevisionId\":\"r1\"}"));
    (void)peer_on(
        peer, "POST /2015-03-31/functions/f/invocations",
        PEER_RESPONSE(.body = "\"hello\"", .fault = {.end = PEER_END_STALL, .in_head = true}));
    fixture_mount_source("lambda://", NULL);
    char *path = strdup(at("f/invoke"));
    struct harness_job *job = harness_job_start(do_invoke, path, 0);
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    while (!logged("waiting: read */f/invoke (*) for * ms, asked by *: the answer to what was "
                   "written"))
        ask_what_waits("waiting: ");
    peer_release(peer);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), 7);
    free(path);
}
END_TEST

/* However many wait, the answer is bounded, and whoever asks does not hold the others up. */
START_TEST(not_more_than_can_be_read)
{
    static struct call calls[MANY];
    static char value[65536];
    struct harness_job *jobs[MANY];
    put("d/a", 10, 1);
    put("d/file", 10, 1);
    peer_s3_set_page_size(s3, 1); /* the directory's lookup says nothing of other names */
    fixture_mount("metadata_ttl=60");
    ck_assert_int_eq(try_stat(at("d/file")), 0);
    (void)peer_on(peer, "HEAD /bkt/d/none*", &stall_head);
    for (unsigned i = 0; i < MANY; i++)
        jobs[i] = start_call(&calls[i], STAT, at("d/none%u", i));
    ck_assert(peer_wait_stalled(peer, MANY, LONG_MS));
    do
        ck_assert_int_gt(try_xattr(top(), "user.pail.stats", value, sizeof(value)), 0);
    while (counter(value, "waiting") < MANY);
    ask_what_waits("waiting: 30 younger operations are not shown");
    ck_assert_uint_eq(count_logged("waiting: 130 operations, "), 1);
    ck_assert_uint_eq(count_logged("waiting: lookup "), 100);
    ck_assert_int_eq(try_stat(at("d/file")), 0);
    peer_release(peer);
    peer_rules_set(peer, NULL, 0);
    for (unsigned i = 0; i < MANY; i++)
        ck_assert_int_eq(harness_job_join(jobs[i], NULL, LONG_MS), -ENOENT);
}
END_TEST

/* ---- what failed ---- */

START_TEST(a_line_for_a_failure)
{
    char pattern[1024], value[4096];
    put("logs/d/f", 3 << 20, 1);
    fixture_mount_source("s3://bkt/logs", "max_attempts=2,metadata_ttl=60");
    ck_assert_int_eq(try_stat(at("d/f")), 0);
    (void)peer_on(peer, "GET /bkt/logs/d/f",
                  PEER_RESPONSE(.status = 500,
                                .headers = "x-amz-request-id: REQ1\nx-amz-id-2: HOST1",
                                .body = "<Error><Code>InternalError</Code>"
                                        "<Message>Oh</Message></Error>"));
    ck_assert_int_eq(try_open(at("d/f")), -EIO);
    (void)snprintf(
        pattern, sizeof(pattern),
        "warn open %s/d/f (s3://bkt/logs/d/f bytes 0-1048575): EIO: InternalError: Oh "
        "(GetObject, status 500, request id REQ1, host id HOST1, 2 attempts, * ms)",
        top());
    ck_assert(harness_mount_wait_log(mount, "REQ1", LONG_MS));
    check_logged(pattern);
    ck_assert_int_gt(try_xattr(at("d/f"), "user.pail.error", value, sizeof(value)), 0);
    const char *text = strstr(value, "Z open ");
    ck_assert_msg(text != NULL, "%s", value);
    /* The same words. */
    ck_assert_msg(contains(harness_mount_log(mount), " warn %s\n", text + 2), "%s", value);
}
END_TEST

/* A server that fails everything does not fill the log: what is left out is counted, by kind.
 */
START_TEST(not_a_line_for_each_of_many)
{
    enum { FILES = 33 };
    char key[32], value[65536];
    for (unsigned i = 0; i < FILES; i++) {
        (void)snprintf(key, sizeof(key), "d/f%02u", i);
        put(key, 10, 1);
    }
    fixture_mount("max_attempts=1,metadata_ttl=60");
    size_t count;
    ck_assert_int_eq(try_list(at("d"), &count), 0);
    const struct peer_response denied = PEER_S3_ERROR(403, "AccessDenied");
    (void)peer_on(peer, "GET /bkt/d/*", &denied);
    for (unsigned i = 0; i < FILES; i++)
        ck_assert_int_eq(try_open(at("d/f%02u", i)), -EACCES);
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", value, sizeof(value)), 0);
    ck_assert_msg(contains(value, "\nlog_lines_left_out 13\n"), "%s", value);
    ck_assert_msg(contains(value, "\nerrors_EACCES 33\n"), "%s", value);
    /* Every name has its own all the same. */
    for (unsigned i = 0; i < FILES; i++) {
        ck_assert_int_gt(try_xattr(at("d/f%02u", i), "user.pail.error", value, sizeof(value)),
                         0);
        ck_assert_msg(contains(value, "d/f%02u): EACCES", i) || contains(value, "EACCES"), "%s",
                      value);
    }
    ck_assert_int_eq(kill(harness_mount_pid(mount), SIGTERM), 0);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 0);
    ck_assert_uint_eq(count_logged(": EACCES: AccessDenied: "), 20);
    check_logged("warn 13 more failures with EACCES in * were not logged");
}
END_TEST

START_TEST(one_line_for_a_deadline)
{
    char value[4096];
    put("d/f", 10, 1);
    fixture_mount("operation_timeout=1,metadata_ttl=60,max_attempts=1");
    ck_assert_int_eq(try_stat(at("d/f")), 0);
    (void)peer_on(peer, "GET /bkt/d/f", &stall_head);
    ck_assert_int_eq(try_open(at("d/f")), -ETIMEDOUT);
    ck_assert_int_gt(try_xattr(at("d/f"), "user.pail.error", value, sizeof(value)), 0);
    ck_assert_msg(strstr(value, "): ETIMEDOUT: "), "%s", value);
    ck_assert(harness_mount_wait_log(mount, "ETIMEDOUT", LONG_MS));
    check_logged("warn open */d/f (s3://bkt/d/f*): ETIMEDOUT: ");
    ck_assert_uint_eq(count_logged("ETIMEDOUT"), 1);
}
END_TEST

/* ---- the counters ---- */

/* The man page explains every counter. */
START_TEST(counters_are_explained)
{
    static char page[65536];
    char value[65536], name[64];
    FILE *file = fopen(PAIL_SCRIPTS "/../src/cli/pailfs.1", "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_gt(fread(page, 1, sizeof(page) - 1, file), 0);
    (void)fclose(file);
    fixture_mount(NULL);
    ck_assert_int_eq(try_open(at("none")), -ENOENT);
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", value, sizeof(value)), 0);
    for (const char *line = value; *line; line = strchr(line, '\n') + 1) {
        size_t len = strcspn(line, " ");
        const char *answered = memmem(line, len, "_answered", 9);
        if (answered || strncmp(line, "errors_", 7) == 0)
            len = answered ? (size_t)(answered - line) : 7;
        (void)snprintf(name, sizeof(name), "%.*s", (int)len, line);
        ck_assert_msg(strstr(page, name) != NULL, "pailfs(1) does not explain %s", name);
    }
}
END_TEST

START_TEST(counters)
{
    char value[65536];
    put("d/f", 300000, 1);
    put("d/g", 10, 1);
    fixture_mount("metadata_ttl=60");
    size_t count;
    ck_assert_int_eq(try_list(at("d"), &count), 0);
    ck_assert_int_eq(try_list(at("d"), &count), 0);
    check_content(at("d/f"), 300000, 1);
    ck_assert_int_gt(try_xattr(at("d/g"), "user.s3.etag", value, sizeof(value)), 0);
    ck_assert_int_gt(try_xattr(at("d/g"), "user.s3.etag", value, sizeof(value)), 0);
    ck_assert_int_eq(try_open(at("none")), -ENOENT);
    int rule =
        peer_rule_add(peer, &(struct peer_rule){.match = {.pattern = "GET /bkt/d/g"},
                                                .times = 1,
                                                PEER_ANSWERS(PEER_S3_ERROR(503, "SlowDown"))});
    check_content(at("d/g"), 10, 1);
    peer_rule_remove(peer, rule);
    value[0] = '\n';
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", value + 1, sizeof(value) - 1), 0);
    static const struct {
        const char *name;
        uint64_t least, most;
    } wanted[] = {
        {"readdirs", 2, 20},
        {"readdirs_answered", 1, 19},
        {"opens", 2, 4},
        {"reads", 1, 8},
        {"read_bytes", 300010, 300010},
        {"fetched_bytes", 300010, 300010},
        {"xattrs", 2, 4},
        {"xattrs_answered", 1, 3},
        {"waiting", 0, 0},
        {"requests_under_way", 0, 3},
        {"nodes", 4, 10},
        {"resident_bytes", 1 << 20, 1 << 30},
        {"log_lines_left_out", 0, 0},
        {"log_lines_dropped", 0, 0},
        {"s3.requests", 6, 14},
        {"s3.retries", 1, 1},
        {"s3.throttled", 1, 1},
        {"s3.bytes_in", 300010, 400000},
        {"s3.connections", 1, 10},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        uint64_t got = counter(value, wanted[i].name);
        ck_assert_msg(got >= wanted[i].least && got <= wanted[i].most, "%s is %zu in%s",
                      wanted[i].name, (size_t)got, value);
    }
}
END_TEST

MOUNT_SUITE("mount/diagnosis", 60, tcase_add_test(tc, every_kind_of_wait);
            tcase_add_test(tc, directories_that_wait);
            tcase_add_test(tc, answers_that_are_waited_for);
            tcase_add_test(tc, not_more_than_can_be_read);
            tcase_add_test(tc, a_line_for_a_failure);
            tcase_add_test(tc, not_a_line_for_each_of_many);
            tcase_add_test(tc, one_line_for_a_deadline); tcase_add_test(tc, counters);
            tcase_add_test(tc, counters_are_explained));
