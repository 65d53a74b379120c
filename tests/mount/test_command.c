/* The command itself: what it refuses and how it says so, how it starts, and how it ends. */
#include "peer/harness.h"
#include "peer/peer_hole.h"
#include "peer/s3.h"

#include "suite.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONG_MS  20000
#define SOON_MS  10000 /* far more than it takes, even with sanitizers */
#define TEXT_MAX 8192

static struct peer_s3 *s3;
static char work[256]; /* of the running test */

static void setup(void)
{
    ck_assert_msg(!harness_cannot_mount(), "%s", harness_cannot_mount());
    s3 = peer_s3_start();
    peer_s3_bucket(s3, "bucket");
    peer_s3_put_text(s3, "bucket", "dir/hello", "hello\n");
    peer_s3_put_generated(s3, "bucket", "big", 50 << 20, 1);
    (void)snprintf(work, sizeof(work), "%s/command-%d", harness_root(), getpid());
    ck_assert(mkdir(work, 0700) == 0 || errno == EEXIST);
}

static void teardown(void)
{
    peer_s3_stop(s3);
    s3 = NULL;
}

static bool mounted_below(const char *dir)
{
    char line[4096];
    bool found = false;
    FILE *table = fopen("/proc/self/mountinfo", "re");
    while (table && fgets(line, sizeof(line), table))
        found |= strstr(line, dir) != NULL;
    if (table)
        (void)fclose(table);
    return found;
}

static const char *binary(void)
{
    const char *named = getenv("PAILFS_BIN");
    ck_assert_ptr_nonnull(named);
    return named;
}

/* Run pailfs in the test's directory, where "mnt" is empty and "file" a file. `environment` is
 * "A=b C=d", over a good pair of keys. */
static int command(char *output, const char *environment, const char *arguments)
{
    const char *sanitizers = getenv("ASAN_OPTIONS");
    return harness_shell(
        work, LONG_MS, output, TEXT_MAX,
        "mkdir -p mnt home; echo x >file; env -i HOME=$PWD/home PATH=\"$PATH\" "
        "AWS_ACCESS_KEY_ID=AKIATEST AWS_SECRET_ACCESS_KEY=secret AWS_REGION=us-east-1 "
        "AWS_EC2_METADATA_DISABLED=true ASAN_OPTIONS='%s' %s %s %s",
        sanitizers ? sanitizers : "", environment, binary(), arguments);
}

/* ---- what is refused ---- */

static const struct {
    const char *arguments, *environment;
    int status;
    const char *says;
} refused[] = {
    {"", "", 2, "what is to be mounted? pailfs s3://BUCKET DIR"},
    {"s3://bucket", "", 2, "on which directory? pailfs SOURCE DIR"},
    {"s3://bucket mnt more", "", 2, "one argument too many: \"more\""},
    {"s3://bucket mnt -o metdata_ttl=5", "", 2,
     "unknown option \"metdata_ttl\"; did you mean metadata_ttl?"},
    {"s3://bucket mnt -o memory_limit=lots", "", 2, "option memory_limit: \"lots\""},
    {"s3://bucket mnt --bogus", "", 2, "unknown option \"--bogus\""},
    {"s3://b mnt", "", 2, "s3://b: a bucket's name has"},
    {"s3://bucket//x mnt", "", 2, "the prefix has an empty name in it"},
    {"s3:/bucket mnt", "", 2, "s3:/bucket: what can be mounted starts with s3://"},
    {"bucket mnt", "", 2, "bucket: what can be mounted starts with s3://"},
    {"ftp://host mnt", "", 2, "ftp://host: what can be mounted starts with s3://"},
    {"s3://bucket missing", "", 1, "mount point missing: no such directory"},
    {"s3://bucket file", "", 1, "mount point file: not a directory"},
    {"s3://bucket /proc", "", 1, "mount point /proc: something is already mounted there"},
    {"s3://bucket mnt -o log_file=no/such", "", 2, "option log_file: "},
    {"s3://bucket mnt -o log_file=pipe", "", 2,
     "/pipe: No such device or address"}, /* nobody reads it */
    {"s3://bucket mnt -o profile=nobody", "", 2, "the profile \"nobody\""},
    {"s3://bucket mnt", "AWS_PROFILE=nobody", 2, "the profile \"nobody\""},
    {"s3://bucket mnt", "AWS_CONFIG_FILE=$PWD/broken", 2, "broken"},
    {"s3://bucket mnt", "AWS_CONFIG_FILE=$PWD", 2, "command-"},
    {"s3://bucket mnt", "AWS_SHARED_CREDENTIALS_FILE=$PWD/broken", 2, "broken"},
    {"s3://bucket mnt -o region=no/where", "", 2, "option region: \"no/where\""},
    {"s3://bucket mnt -o endpoint=ftp://host", "", 2, "option endpoint: \"ftp://host\""},
    {"s3://bucket mnt", "AWS_SECRET_ACCESS_KEY=", 2, "AWS_SECRET_ACCESS_KEY"},
    {"s3://bucket mnt", "AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY=", 1, "credentials"},
    {"s3://bucket mnt", "AWS_RETRY_MODE=often", 2, "often"},
};

START_TEST(refuses)
{
    char output[TEXT_MAX];
    const char *arguments = refused[_i].arguments;
    (void)harness_shell(work, LONG_MS, output, sizeof(output),
                        "echo '[broken' >broken; mkfifo pipe");
    int64_t start = harness_now_ms();
    int status = command(output, refused[_i].environment, arguments);
    ck_assert_int_lt(harness_now_ms() - start, SOON_MS);
    ck_assert_msg(status == refused[_i].status, "%s: %d: %s", arguments, status, output);
    ck_assert_msg(strncmp(output, "pailfs: ", 8) == 0, "%s", output);
    ck_assert_msg(strstr(output, refused[_i].says), "%s", output);
    ck_assert(status == 1 || !strstr(output, "pail doctor"));
    ck_assert_ptr_eq(strchr(output, '\n'), output + strlen(output) - 1);
    ck_assert(!mounted_below(work));
    ck_assert_uint_eq(peer_count(peer_s3_peer(s3), NULL), 0);
}
END_TEST

/* ---- services that do not let it in ---- */

static const struct {
    const char *bucket;
    struct peer_response response;
    const char *says;
} unwilling[] = {
    {"nobucket", {.over = true}, "s3://nobucket: ENOENT: NoSuchBucket: "},
    {"bucket", PEER_S3_ERROR(403, "AccessDenied"),
     "s3://bucket: EACCES: AccessDenied: As the test says. (403, "},
    {"bucket", PEER_S3_ERROR(403, "InvalidAccessKeyId"),
     "s3://bucket: EACCES: InvalidAccessKeyId: "},
    {"bucket", PEER_S3_ERROR(503, "SlowDown"), "s3://bucket: EBUSY: SlowDown: "},
    {"bucket", {.body = "<html>Welcome</html>"}, "s3://bucket: EPROTO: malformed response: "},
    {"bucket",
     {.fault = {.instead_of_head = "SSH-2.0-OpenSSH_9.2\r\n"}},
     "s3://bucket: EPROTO: malformed response: "},
    {"bucket",
     {.fault = {.end = PEER_END_CUT, .in_head = true}},
     "s3://bucket: ECONNRESET: connection closed: "},
    {"bucket", {.fault = {.end = PEER_END_STALL, .in_head = true}}, "s3://bucket: ETIMEDOUT: "},
};

/* The line's end: where more can be learned. */
static void check_hints(const char *output, const char *source)
{
    char hint[256];
    (void)snprintf(hint, sizeof(hint), "; pail doctor %s says more\n", source);
    size_t len = strlen(output), end = strlen(hint);
    ck_assert_msg(len > end && strcmp(output + len - end, hint) == 0, "%s", output);
}

/* In front and in the background alike. */
START_TEST(service_refuses)
{
    int at = _i / 2;
    const char *front = _i % 2 ? "-f" : "";
    struct peer_rule rule = {
        .match = {.method = "GET"}, .responses = &unwilling[at].response, .response_count = 1};
    peer_rule_add(peer_s3_peer(s3), &rule);
    char output[TEXT_MAX], arguments[512];
    (void)snprintf(arguments, sizeof(arguments),
                   "s3://%s mnt %s -o endpoint=%s,read_timeout=0.5,operation_timeout=4",
                   unwilling[at].bucket, front, peer_s3_url(s3));
    int64_t start = harness_now_ms();
    int status = command(output, "", arguments);
    ck_assert_int_lt(harness_now_ms() - start, SOON_MS);
    ck_assert_msg(status == 1, "%d: %s", status, output);
    ck_assert_msg(strncmp(output, "pailfs: ", 8) == 0, "%s", output);
    ck_assert_msg(strstr(output, unwilling[at].says), "%s", output);
    (void)snprintf(arguments, sizeof(arguments), "s3://%s", unwilling[at].bucket);
    check_hints(output, arguments);
    ck_assert_ptr_eq(strchr(output, '\n'), output + strlen(output) - 1);
    ck_assert(!mounted_below(work));
    ck_assert_uint_le(peer_count(peer_s3_peer(s3), NULL), 3);
}
END_TEST

static void check_unreachable(unsigned port, const char *says)
{
    char output[TEXT_MAX], arguments[512];
    (void)snprintf(arguments, sizeof(arguments),
                   "s3://bucket mnt -o endpoint=http://127.0.0.1:%u,connect_timeout=0.3", port);
    int64_t start = harness_now_ms();
    int status = command(output, "", arguments);
    ck_assert_int_lt(harness_now_ms() - start, SOON_MS);
    ck_assert_int_eq(status, 1);
    ck_assert_msg(strstr(output, says), "%s", output);
    check_hints(output, "s3://bucket");
    ck_assert_ptr_eq(strchr(output, '\n'), output + strlen(output) - 1);
    ck_assert(!mounted_below(work));
}

START_TEST(service_is_not_there)
{
    peer_listen(peer_s3_peer(s3), false);
    check_unreachable(peer_port(peer_s3_peer(s3)),
                      "s3://bucket: ECONNREFUSED: cannot connect: ");
    struct peer_hole *hole = peer_hole_start();
    check_unreachable(peer_hole_port(hole), "s3://bucket: ETIMEDOUT: connect timeout: ");
    peer_hole_stop(hole);
}
END_TEST

START_TEST(help_and_version)
{
    char output[TEXT_MAX];
    ck_assert_int_eq(command(output, "", "--help"), 0);
    ck_assert_msg(strncmp(output, "usage: pailfs ", 14) == 0, "%s", output);
    ck_assert_int_eq(command(output, "", "-V"), 0);
    ck_assert_msg(strncmp(output, "pailfs ", 7) == 0, "%s", output);
    static const char *const untold[] = {"--help >/dev/full", "-V >/dev/full"};
    for (size_t i = 0; i < sizeof(untold) / sizeof(untold[0]); i++) {
        ck_assert_int_eq(command(output, "", untold[i]), 1);
        ck_assert_str_eq(output, "pailfs: standard output: No space left on device\n");
    }
}
END_TEST

/* A command that is interrupted while it waits leaves nothing behind. */
START_TEST(interrupted_start)
{
    peer_on(peer_s3_peer(s3), "GET /bucket*",
            PEER_RESPONSE(.fault = {.end = PEER_END_STALL, .in_head = true}));
    char output[TEXT_MAX], arguments[512];
    (void)snprintf(arguments, sizeof(arguments), "s3://bucket mnt -o endpoint=%s & ",
                   peer_s3_url(s3));
    ck_assert_int_eq(command(output, "timeout -s INT 0.5", arguments), 0);
    ck_assert(peer_wait_stalled(peer_s3_peer(s3), 1, LONG_MS));
    ck_assert(peer_wait_connections(peer_s3_peer(s3), 0, LONG_MS));
    ck_assert(!mounted_below(work));
}
END_TEST

/* ---- starting ---- */

static struct harness_mount *start(bool daemon, const char *options)
{
    struct harness_mount *mount =
        harness_mount_start(&(struct harness_mount_config){.source = "s3://bucket",
                                                           .endpoint = peer_s3_url(s3),
                                                           .options = options,
                                                           .daemon = daemon});
    ck_assert_msg(harness_mount_state(mount) == 0, "%s", harness_mount_log(mount));
    return mount;
}

static void check_works(struct harness_mount *mount)
{
    char output[TEXT_MAX];
    int status = harness_shell(harness_mount_dir(mount), LONG_MS, output, sizeof(output),
                               "cat dir/hello && ls");
    ck_assert_msg(status == 0, "%d: %s\n%.2000s", status, output, harness_mount_log(mount));
    ck_assert_str_eq(output, "hello\nbig\ndir\n");
}

START_TEST(in_front_logs_to_stderr)
{
    struct harness_mount *mount = start(false, NULL);
    ck_assert(harness_mount_wait_log(mount, " info mounted s3://bucket on ", LONG_MS));
    check_works(mount);
    char output[TEXT_MAX];
    peer_on(peer_s3_peer(s3), "GET /bucket/big",
            &(struct peer_response)PEER_S3_ERROR(403, "AccessDenied"));
    ck_assert_int_ne(
        harness_shell(harness_mount_dir(mount), LONG_MS, output, sizeof(output), "cat big"), 0);
    ck_assert(harness_mount_wait_log(mount, "EACCES: AccessDenied", LONG_MS));
    ck_assert_int_eq(harness_mount_stop(mount), 0);
}
END_TEST

START_TEST(in_the_background_it_works_when_the_command_ends)
{
    char options[512];
    (void)snprintf(options, sizeof(options), "log_file=%s/log", work);
    struct harness_mount *mount = start(true, options);
    ck_assert_str_eq(harness_mount_log(mount), "");
    check_works(mount);
    char output[TEXT_MAX];
    ck_assert_int_eq(harness_shell("/", LONG_MS, output, sizeof(output),
                                   "readlink /proc/%d/cwd /proc/%d/fd/0 /proc/%d/fd/2; "
                                   "test $(ps -o sid= -p %d) = %d",
                                   harness_mount_pid(mount), harness_mount_pid(mount),
                                   harness_mount_pid(mount), harness_mount_pid(mount),
                                   harness_mount_pid(mount)),
                     0);
    ck_assert_str_eq(output, "/\n/dev/null\n/dev/null\n");
    ck_assert_int_eq(harness_mount_stop(mount), 0);
    ck_assert_int_eq(
        harness_shell(work, LONG_MS, output, sizeof(output), "grep -c mounted log"), 0);
    ck_assert_str_eq(output, "2\n");
}
END_TEST

START_TEST(shown_in_the_table_of_mounts)
{
    struct harness_mount *mount = start(false, "noatime,noexec,fsname=my\\,files");
    char output[TEXT_MAX];
    ck_assert_int_eq(harness_shell("/", LONG_MS, output, sizeof(output),
                                   "grep ' %s ' /proc/mounts", harness_mount_dir(mount)),
                     0);
    static const char *const words[] = {
        "my,files ", " fuse.pailfs ro,",   "nosuid", "nodev", "noexec",
        "noatime",   "default_permissions"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        ck_assert_msg(strstr(output, words[i]), "%s: %s", words[i], output);
    ck_assert_int_eq(harness_mount_stop(mount), 0);
}
END_TEST

START_TEST(mount_point_in_use)
{
    struct harness_mount *mount = start(false, NULL);
    char output[TEXT_MAX], arguments[1024];
    (void)snprintf(arguments, sizeof(arguments), "s3://bucket %s -o endpoint=%s",
                   harness_mount_dir(mount), peer_s3_url(s3));
    ck_assert_int_eq(command(output, "", arguments), 1);
    ck_assert_msg(strstr(output, ": something is already mounted there\n"), "%s", output);
    check_works(mount);
    ck_assert_int_eq(harness_mount_stop(mount), 0);
}
END_TEST

/* Of several that are started at once one mounts. */
START_TEST(started_several_times_at_once)
{
    char output[TEXT_MAX], arguments[1024];
    peer_on(peer_s3_peer(s3), "GET /bucket",
            PEER_RESPONSE(.over = true, .fault = {.delay_ms = 200}));
    (void)snprintf(arguments, sizeof(arguments),
                   "--version; for i in 1 2 3 4; do env AWS_ACCESS_KEY_ID=AKIATEST "
                   "AWS_SECRET_ACCESS_KEY=secret %s s3://bucket mnt -o "
                   "endpoint=%s,log_file=$PWD/log & done; wait; "
                   "echo ; echo \"mounted $(grep -c \" $PWD/mnt \" /proc/mounts)\"; "
                   "while grep -q \" $PWD/mnt \" /proc/mounts; do umount -l mnt; done",
                   binary(), peer_s3_url(s3));
    ck_assert_int_eq(command(output, "", arguments), 0);
    ck_assert_msg(strstr(output, "\nmounted 1\n"), "%s", output);
    ck_assert_msg(strstr(output, "mounted there\n"), "%s", output);
}
END_TEST

/* What a mount in the background says where its log is lost. */
static const char *warns_of_no_log(void)
{
    return access("/dev/log", W_OK) == 0
               ? ""
               : "pailfs: warning: there is no syslog here: say -o log_file=FILE to keep a "
                 "log\n";
}

START_TEST(a_log_that_is_lost_is_told_of)
{
    struct harness_mount *mount = start(true, NULL);
    ck_assert_str_eq(harness_mount_log(mount), warns_of_no_log());
    check_works(mount);
    ck_assert_int_eq(harness_mount_stop(mount), 0);
}
END_TEST

START_TEST(a_dead_mount_is_replaced)
{
    struct harness_mount *mount = start(false, NULL);
    struct stat st;
    check_works(mount);
    if (_i == 1) /* the kernel goes on answering stat */
        ck_assert_int_eq(stat(harness_mount_dir(mount), &st), 0);
    ck_assert_int_eq(kill(harness_mount_pid(mount), SIGKILL), 0);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 128 + SIGKILL);
    char output[TEXT_MAX], arguments[1024];
    (void)snprintf(arguments, sizeof(arguments),
                   "s3://bucket %s -o endpoint=%s && cat %s/dir/hello; fusermount3 -u %s",
                   harness_mount_dir(mount), peer_s3_url(s3), harness_mount_dir(mount),
                   harness_mount_dir(mount));
    ck_assert_int_eq(command(output, "", arguments), 0);
    size_t warned = strlen(warns_of_no_log());
    ck_assert_msg(strncmp(output, warns_of_no_log(), warned) == 0, "%s", output);
    ck_assert_str_eq(output + warned, "hello\n");
    ck_assert_int_eq(harness_mount_stop(mount), 128 + SIGKILL);
}
END_TEST

/* ---- ending ---- */

/* Whoever reads the log may sleep. */
START_TEST(ended_while_the_log_is_stuck)
{
    char path[512], options[600], filling[4096] = "";
    (void)snprintf(path, sizeof(path), "%s/stuck", work);
    (void)snprintf(options, sizeof(options), "log_file=%s", path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert(reader >= 0 && writer >= 0);
    while (write(writer, filling, sizeof(filling)) > 0)
        ;
    ck_assert_int_eq(errno, EAGAIN);
    struct harness_mount *mount = start(true, options);
    check_works(mount);
    ck_assert_int_eq(kill(harness_mount_pid(mount), SIGTERM), 0);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 0);
    ck_assert_int_eq(harness_mount_stop(mount), 0);
    (void)close(reader);
    (void)close(writer);
}
END_TEST

/* A read that the service does not answer: its errno. */
static int read_stalled(void *arg, void *result)
{
    (void)result;
    char byte;
    int fd = open(arg, O_RDONLY | O_CLOEXEC);
    return fd < 0 || read(fd, &byte, 1) < 0 ? errno : 0;
}

static const struct {
    int signal;
    const char *shell; /* the mount point follows */
    bool parked;
} ends[] = {
    {SIGTERM, NULL, false},       {SIGTERM, NULL, true}, {SIGINT, NULL, false},
    {SIGINT, NULL, true},         {SIGHUP, NULL, true},  {0, "fusermount3 -u", false},
    {0, "fusermount3 -uz", true}, {0, "umount", false},  {0, "umount -l", true},
};

START_TEST(ends_cleanly)
{
    struct harness_mount *mount = start(false, "read_timeout=60,operation_timeout=60");
    struct harness_job *job = NULL;
    char path[512], output[TEXT_MAX];
    check_works(mount);
    if (ends[_i].parked) {
        peer_on(peer_s3_peer(s3), "GET /bucket/big",
                PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_STALL}));
        (void)snprintf(path, sizeof(path), "%s/big", harness_mount_dir(mount));
        job = harness_job_start(read_stalled, path, 1);
        ck_assert(peer_wait_stalled(peer_s3_peer(s3), 1, LONG_MS));
    }
    int64_t begin = harness_now_ms();
    if (ends[_i].shell) {
        ck_assert_msg(harness_shell("/", LONG_MS, output, sizeof(output), "%s %s",
                                    ends[_i].shell, harness_mount_dir(mount)) == 0,
                      "%s", output);
        if (job)
            ck_assert_int_eq(kill(harness_job_pid(job), SIGINT), 0);
    } else {
        ck_assert_int_eq(kill(harness_mount_pid(mount), ends[_i].signal), 0);
    }
    ck_assert_int_eq(harness_mount_exit_status(mount, SOON_MS), 0);
    ck_assert_int_lt(harness_now_ms() - begin, SOON_MS);
    if (job)
        ck_assert_int_ne(harness_job_join(job, NULL, LONG_MS), 0);
    ck_assert_ptr_nonnull(strstr(harness_mount_log(mount), "unmounted"));
    ck_assert(!mounted_below(harness_mount_dir(mount)));
    ck_assert_int_eq(harness_mount_stop(mount), 0);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

SUITE_PROGRAM("mount/command", 120, harness_begin(),
              tcase_add_checked_fixture(tc, setup, teardown);
              tcase_add_loop_test(tc, refuses, 0, COUNT(refused));
              tcase_add_loop_test(tc, service_refuses, 0, 2 * COUNT(unwilling));
              tcase_add_test(tc, service_is_not_there); tcase_add_test(tc, help_and_version);
              tcase_add_test(tc, interrupted_start);
              tcase_add_test(tc, in_front_logs_to_stderr);
              tcase_add_test(tc, in_the_background_it_works_when_the_command_ends);
              tcase_add_test(tc, shown_in_the_table_of_mounts);
              tcase_add_test(tc, mount_point_in_use);
              tcase_add_test(tc, started_several_times_at_once);
              tcase_add_test(tc, a_log_that_is_lost_is_told_of);
              tcase_add_loop_test(tc, a_dead_mount_is_replaced, 0, 2);
              tcase_add_test(tc, ended_while_the_log_is_stuck);
              tcase_add_loop_test(tc, ends_cleanly, 0, COUNT(ends)));
