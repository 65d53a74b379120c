/* Unmounting always works, however many wait; and a mount that died says so. */
#include "mount/waits.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static bool mounted(const char *dir)
{
    char line[4096];
    bool found = false;
    FILE *table = fopen("/proc/self/mounts", "re");
    while (table && fgets(line, sizeof(line), table))
        found |= strstr(line, dir) != NULL;
    if (table)
        (void)fclose(table);
    return found;
}

START_TEST(ended_while_calls_wait)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    static struct call calls[WAITS];
    struct harness_job *jobs[WAITS];
    char *dir;
    put_waits();
    put("big", 40 * MIB, 1);
    fixture_mount("negative_ttl=0");
    dir = strdup(top());
    int fd = open(at("big"), O_RDONLY | O_CLOEXEC);
    check_bytes(fd, 1, 0, 100000);
    DIR *open_dir = opendir(at("d"));
    ck_assert_ptr_nonnull(open_dir);
    ck_assert_ptr_nonnull(readdir(open_dir));
    for (size_t i = 0; i < WAITS; i++) {
        jobs[i] = start_wait(&waits[i], &calls[i]);
        ck_assert(peer_wait_stalled(peer, i + 1, LONG_MS));
    }
    int64_t start = harness_now_ms();
    ck_assert_int_eq(kill(harness_mount_pid(mount), numbers[_i]), 0);
    int status = harness_mount_exit_status(mount, LONG_MS);
    int64_t took = harness_now_ms() - start;
    (void)fprintf(stderr, "ended after %d ms\n", (int)took);
    ck_assert_int_eq(status, 0);
    ck_assert_int_lt(took, 2 * SOON);
    ck_assert(!mounted(dir));
    for (size_t i = 0; i < WAITS; i++) {
        int r = harness_job_join(jobs[i], NULL, LONG_MS);
        ck_assert_msg(r == -EIO || r == -ENOTCONN || r == -ECONNABORTED, "%s: %s",
                      waits[i].name, r < 0 ? strerrorname_np(-r) : "success");
    }
    char byte;
    ck_assert_int_lt(pread(fd, &byte, 1, 30 * MIB), 0);
    (void)close(fd);
    (void)closedir(open_dir);
    free(dir);
}
END_TEST

/* Calls of every kind that wait, a process each. */
static void start_many(struct call calls[STALLS], struct harness_job *jobs[STALLS])
{
    static const unsigned kinds[] = {STAT, OPEN, READ, XATTR};
    size_t count;
    ck_assert_int_eq(try_list(at("slow"), &count), 0);
    ck_assert_int_eq(try_stat(at("slow/f1")), 0);
    (void)peer_on(peer, "* /bkt/slow/*", &stall_head);
    for (unsigned i = 0; i < STALLS; i++) {
        calls[i].kind = kinds[i % 4];
        (void)snprintf(calls[i].path, sizeof(calls[i].path), "%s",
                       at(calls[i].kind == STAT ? "slow/none%u" : "slow/f%u", i));
        jobs[i] = start_call(&calls[i]);
    }
    ck_assert(peer_wait_stalled(peer, STALLS, LONG_MS));
    wait_for_waiting(STALLS);
}

START_TEST(ended_while_a_hundred_wait)
{
    static struct call calls[STALLS];
    struct harness_job *jobs[STALLS];
    put_around();
    fixture_mount("negative_ttl=0,metadata_ttl=60");
    start_many(calls, jobs);
    char *dir = strdup(top());
    int64_t start = harness_now_ms();
    ck_assert_int_eq(kill(harness_mount_pid(mount), SIGTERM), 0);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 0);
    int64_t took = harness_now_ms() - start;
    (void)fprintf(stderr, "%d that wait: ended after %d ms\n", STALLS, (int)took);
    ck_assert_int_lt(took, 2 * SOON);
    ck_assert(!mounted(dir));
    for (unsigned i = 0; i < STALLS; i++) {
        int r = harness_job_join(jobs[i], NULL, LONG_MS);
        ck_assert_msg(r == -EIO || r == -ENOTCONN || r == -ECONNABORTED, "%s",
                      r < 0 ? strerrorname_np(-r) : "success");
    }
    free(dir);
}
END_TEST

/* The directory is free at once, also for another mount; those who wait are answered as they
 * would have been, and when the last of them is done so is the program. */
START_TEST(unmounted_lazily_while_a_hundred_wait)
{
    static struct call calls[STALLS];
    struct harness_job *jobs[STALLS];
    char output[1024];
    put_around();
    fixture_mount("negative_ttl=0,metadata_ttl=60");
    start_many(calls, jobs);
    int64_t start = harness_now_ms();
    ck_assert_int_eq(
        harness_shell("/", LONG_MS, output, sizeof(output), "fusermount3 -uz %s", top()), 0);
    ck_assert(!mounted(top()));
    ck_assert_int_lt(harness_now_ms() - start, SOON);
    ck_assert_int_eq(
        harness_shell("/", LONG_MS, output, sizeof(output),
                      "AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b '%s' s3://bkt "
                      "%s -o endpoint=%s,log_file=/dev/null && cat %s/quick/f1 | wc -c; "
                      "fusermount3 -u %s",
                      harness_binary(), top(), peer_s3_url(s3), top(), top()),
        0);
    ck_assert_str_eq(output, "1000\n");
    peer_rules_set(peer, NULL, 0);
    peer_release(peer);
    for (unsigned i = 0; i < STALLS; i++)
        ck_assert_int_eq(harness_job_join(jobs[i], NULL, LONG_MS),
                         calls[i].kind == STAT ? -ENOENT : 0);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 0);
}
END_TEST

START_TEST(unmounted_lazily)
{
    char output[256];
    put("f", 3 * MIB, 1);
    fixture_mount(NULL);
    int fd = open(at("f"), O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    check_bytes(fd, 1, 0, 1000);
    ck_assert_int_ne(
        harness_shell("/", LONG_MS, output, sizeof(output), "fusermount3 -u %s", top()),
        0); /* busy */
    ck_assert_int_eq(
        harness_shell("/", LONG_MS, output, sizeof(output), "fusermount3 -uz %s", top()), 0);
    ck_assert(!mounted(top()));
    check_bytes(fd, 1, 2 * MIB, MIB);
    (void)close(fd);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 0);
}
END_TEST

START_TEST(unmounted_lazily_while_a_call_waits)
{
    char output[256];
    struct call call = {.kind = READ};
    put("f", 100 * KIB, 1);
    fixture_mount(NULL);
    int rule = peer_on(peer, "GET /bkt/f", &stall_body);
    (void)snprintf(call.path, sizeof(call.path), "%s", at("f"));
    struct harness_job *job = start_call(&call);
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    ck_assert_int_eq(
        harness_shell("/", LONG_MS, output, sizeof(output), "fusermount3 -uz %s", top()), 0);
    peer_rule_remove(peer, rule);
    peer_release(peer);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), 0);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 0);
}
END_TEST

/* A program that was killed leaves nothing that keeps on waiting. */
START_TEST(killed)
{
    struct call call;
    put_waits();
    fixture_mount("negative_ttl=0");
    struct harness_job *job = start_wait(&waits[_i], &call);
    ck_assert_int_eq(kill(harness_mount_pid(mount), SIGKILL), 0);
    int r = harness_job_join(job, NULL, LONG_MS);
    ck_assert_msg(r == -ENOTCONN || r == -ECONNABORTED || r == -EIO, "%s",
                  r < 0 ? strerrorname_np(-r) : "success");
    size_t count;
    ck_assert_int_eq(try_list(top(), &count), -ENOTCONN);
    struct harness_mount *ending = mount;
    mount = NULL;
    (void)harness_mount_stop(ending);
}
END_TEST

MOUNT_SUITE("mount/ending", 60, tcase_add_loop_test(tc, ended_while_calls_wait, 0, 3);
            tcase_add_test(tc, ended_while_a_hundred_wait);
            tcase_add_test(tc, unmounted_lazily_while_a_hundred_wait);
            tcase_add_test(tc, unmounted_lazily);
            tcase_add_test(tc, unmounted_lazily_while_a_call_waits);
            tcase_add_loop_test(tc, killed, 0, WAITS));
