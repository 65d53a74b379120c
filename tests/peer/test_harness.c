#include "peer/harness.h"

#include "suite.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONG_MS 10000

static int fill(void *arg, void *result)
{
    (void)snprintf(result, 16, "%s", (const char *)arg);
    return (int)strlen(arg);
}

__attribute__((noreturn)) static int stay(void *arg, void *result)
{
    (void)arg;
    (void)result;
    for (;;)
        (void)pause();
}

START_TEST(jobs)
{
    char text[16], hello[] = "hello";
    ck_assert_int_eq(harness_run(fill, hello, text, sizeof(text), LONG_MS), 5);
    ck_assert_str_eq(text, "hello");
    ck_assert_int_eq(harness_run(stay, NULL, text, sizeof(text), 50), -ETIME);
    struct harness_job *job = harness_job_start(stay, NULL, 16);
    ck_assert_int_eq(kill(harness_job_pid(job), SIGINT), 0);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), -EINTR);
}
END_TEST

START_TEST(shell)
{
    char text[64];
    ck_assert_int_eq(harness_shell("/", LONG_MS, text, sizeof(text), "pwd; exit %d", 3), 3);
    ck_assert_str_eq(text, "/\n");
    ck_assert_int_eq(harness_shell("/", LONG_MS, text, 4, "echo error >&2"), 0);
    ck_assert_str_eq(text, "err");
    ck_assert_int_eq(harness_shell("/", LONG_MS, text, sizeof(text), "kill -9 $$"), 128 + 9);
    ck_assert_int_eq(harness_shell("/", 500, text, sizeof(text), "echo a; sleep 100 & wait"),
                     -ETIME);
    ck_assert_str_eq(text, "a\n");
}
END_TEST

/* Have a script take the place of pailfs. */
static struct harness_mount *start_script(const char *script, bool daemon, int timeout_ms)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/script", harness_root());
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_gt(fprintf(file, "#!/bin/sh\n%s\n", script), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0700), 0);
    ck_assert_int_eq(setenv("PAILFS_BIN", path, 1), 0);
    static const char *const environment[] = {"AWS_REGION=eu-west-1", "X=1", NULL};
    return harness_mount_start(&(struct harness_mount_config){.source = "s3://b",
                                                              .endpoint = "http://e",
                                                              .options = "ro",
                                                              .daemon = daemon,
                                                              .environment = environment,
                                                              .timeout_ms = timeout_ms});
}

START_TEST(a_command_that_fails)
{
    struct harness_mount *mount =
        start_script("echo \"$@\"; echo $AWS_REGION $X $HOME >&2; exit 2", _i == 1, LONG_MS);
    ck_assert_int_eq(harness_mount_state(mount), -ECHILD);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 2);
    char want[1024];
    const char *dir = harness_mount_dir(mount);
    (void)snprintf(want, sizeof(want),
                   "s3://b %s -oendpoint=http://e -oro%s\neu-west-1 1 %.*s\n", dir,
                   _i == 1 ? "" : " -f", (int)strlen(dir) - 4, dir);
    ck_assert_str_eq(harness_mount_log(mount), want);
    ck_assert_int_eq(harness_mount_stop(mount), 2);
}
END_TEST

START_TEST(a_command_that_never_mounts)
{
    struct harness_mount *mount = start_script("echo ready; exec sleep 100", false, 50);
    ck_assert_int_eq(harness_mount_state(mount), -ETIME);
    ck_assert(harness_mount_wait_log(mount, "ready", LONG_MS));
    ck_assert(!harness_mount_wait_log(mount, "more", 1));
    ck_assert_int_eq(harness_mount_exit_status(mount, 0), -ETIME);
    ck_assert_int_eq(harness_mount_stop(mount), 128 + SIGTERM);
}
END_TEST

SUITE_PROGRAM("harness", 60, harness_begin(), tcase_add_test(tc, jobs);
              tcase_add_test(tc, shell); tcase_add_loop_test(tc, a_command_that_fails, 0, 2);
              tcase_add_test(tc, a_command_that_never_mounts));
