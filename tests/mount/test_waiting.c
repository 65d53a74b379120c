/* Nothing hangs: others are answered beside what waits, a wait has an end, and a signal ends it
 * at once. */
#include "mount/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIB    UINT64_C(1024)
#define MIB    (1024 * KIB)
#define SOON   1000 /* ms: what "at once" may take on a busy machine */
#define STALLS 100

static const struct peer_response stall_head = {
    .over = true, .fault = {.end = PEER_END_STALL, .in_head = true}};
static const struct peer_response stall_body = {
    .over = true, .fault = {.end = PEER_END_STALL, .after = 1000}};

/* A system call in a process of its own. */
struct call {
    enum { STAT, OPEN, READ, LIST, XATTR, MAP } kind;
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
    case MAP:
        return try_read(call->path, 1, &read_bytes);
    }
    return 0;
}

static struct harness_job *start_call(struct call *call)
{
    return harness_job_start(do_call, call, 0);
}

/* ---- others are answered ---- */

/* How long it takes to look at everything else. */
static int64_t look_around(void)
{
    char output[256];
    int64_t start = harness_now_ms();
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "cat quick/* | wc -c; ls -l quick | wc -l; [ -e none ] || "
                                   "echo no; getfattr --only-values -n user.s3.etag quick/f1 "
                                   "| wc -c"),
                     0);
    ck_assert_str_eq(output, "50000\n51\nno\n34\n");
    return harness_now_ms() - start;
}

static void put_around(void)
{
    char key[32];
    for (unsigned i = 0; i < 50; i++) {
        (void)snprintf(key, sizeof(key), "quick/f%u", i);
        put(key, 1000, i);
    }
    for (unsigned i = 0; i < STALLS; i++) {
        (void)snprintf(key, sizeof(key), "slow/f%u", i);
        put(key, 200 * KIB, 1);
    }
}

/* `_i`: stalled before the head, in the body, or one of each kind of wait. */
START_TEST(beside_a_hundred_that_stall)
{
    static struct call calls[STALLS];
    struct harness_job *jobs[STALLS];
    put_around();
    fixture_mount("metadata_ttl=60");
    size_t count;
    ck_assert_int_eq(try_list(at("slow"), &count), 0);
    ck_assert_int_eq(try_stat(at("slow/f1")), 0);
    int rule = peer_on(peer, _i == 1 ? "GET /bkt/slow/*" : "* /bkt/slow/*",
                       _i == 1 ? &stall_body : &stall_head);
    for (unsigned i = 0; i < STALLS; i++) {
        bool other = _i == 2 && i % 2;
        calls[i].kind = other ? STAT : READ;
        (void)snprintf(calls[i].path, sizeof(calls[i].path), "%s",
                       at(other ? "slow/none%u" : "slow/f%u", i));
        jobs[i] = start_call(&calls[i]);
    }
    ck_assert(
        peer_wait_requests(peer, PEER_MATCH(.path_prefix = "/bkt/slow/"), STALLS, LONG_MS));
    int64_t took = look_around();
    (void)fprintf(stderr, "beside %d that stall (%d): %d ms\n", STALLS, _i, (int)took);
    ck_assert_int_lt(took, 5 * SOON);
    peer_rule_remove(peer, rule);
    peer_release(peer);
    for (unsigned i = 0; i < STALLS; i++)
        ck_assert_int_eq(harness_job_join(jobs[i], NULL, LONG_MS),
                         calls[i].kind == STAT ? -ENOENT : 0);
}
END_TEST

static int storm(void *arg)
{
    char path[600];
    int asked = 0;
    int64_t end = harness_now_ms() + 1000;
    for (; harness_now_ms() < end; asked++) {
        (void)snprintf(path, sizeof(path), "%s/f%d", (const char *)arg, asked % 50);
        if (try_stat(path) != 0)
            return -1;
        (void)snprintf(path, sizeof(path), "%s/none%d", (const char *)arg, asked);
        if (try_stat(path) != -ENOENT)
            return -1;
    }
    return asked;
}

/* Threads that ask for names without end, while one reader stalls and another reads. */
START_TEST(beside_a_storm_of_names)
{
    enum { THREADS = 4 };
    struct runner *runners[THREADS];
    put_around();
    put("big", 40 * MIB, 3);
    fixture_mount("metadata_ttl=0.05,negative_ttl=0.05");
    int rule = peer_on(peer, "GET /bkt/slow/f1", &stall_head);
    struct call slow = {.kind = READ};
    (void)snprintf(slow.path, sizeof(slow.path), "%s", at("slow/f1"));
    struct harness_job *job = start_call(&slow);
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    char *quick = strdup(at("quick"));
    for (int i = 0; i < THREADS; i++)
        runners[i] = run_start(storm, quick);
    int64_t start = harness_now_ms();
    check_content(at("big"), 40 * MIB, 3);
    (void)look_around();
    int64_t took = harness_now_ms() - start;
    int asked = 0;
    for (int i = 0; i < THREADS; i++) {
        int n = run_join(runners[i]);
        ck_assert_int_gt(n, 0);
        asked += n;
    }
    free(quick);
    (void)fprintf(stderr, "beside %d questions: %d ms\n", asked, (int)took);
    ck_assert_int_lt(took, 10 * SOON);
    peer_rule_remove(peer, rule);
    peer_release(peer);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), 0);
}
END_TEST

/* A lookup that waits keeps no other name of its directory waiting, nor its listing. */
START_TEST(beside_a_lookup_in_the_same_directory)
{
    put("d/a", 10, 1);
    put("d/b", 10, 1);
    fixture_mount("negative_ttl=0");
    ck_assert_int_eq(try_stat(at("d")), 0);
    int rule = peer_on(peer, "HEAD /bkt/d/slow", &stall_head);
    struct call slow = {.kind = STAT};
    (void)snprintf(slow.path, sizeof(slow.path), "%s", at("d/slow"));
    struct harness_job *job = start_call(&slow);
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    int64_t start = harness_now_ms();
    check_content(at("d/a"), 10, 1);
    ck_assert_int_eq(try_stat(at("d/none")), -ENOENT);
    check_names(at("d"), "a|b");
    ck_assert_int_lt(harness_now_ms() - start, SOON);
    peer_rule_remove(peer, rule);
    peer_release(peer);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), -ENOENT);
}
END_TEST

/* ---- a wait has an end ---- */

/* What each kind of call waits for, when this stalls. */
static const struct wait {
    const char *name;
    int kind;
    const char *path;
    const char *pattern, *prefix; /* the request: by pattern, or the listing of that prefix */
    const struct peer_response *stall;
} waits[] = {
    {"lookup", STAT, "d/none", "HEAD /bkt/d/none", NULL, &stall_head},
    {"open", OPEN, "d/o", "GET /bkt/d/o", NULL, &stall_head},
    {"read", READ, "d/f", "GET /bkt/d/f", NULL, &stall_body},
    {"readdir", LIST, "d/e", NULL, "d/e/", &stall_head},
    {"getxattr", XATTR, "d/f", "HEAD /bkt/d/f", NULL, &stall_head},
};
#define WAITS (sizeof(waits) / sizeof(waits[0]))

/* Start the call that waits, and wait until it does. */
static struct harness_job *start_wait(const struct wait *wait, struct call *call)
{
    ck_assert_int_eq(try_stat(at("d/e")), 0);
    check_names(at("d"), "e|f|o");
    struct peer_rule rule = {
        .match = {.pattern = wait->pattern}, .responses = wait->stall, .response_count = 1};
    if (wait->prefix)
        rule.match = (struct peer_match){.method = "GET",
                                         .param = "prefix",
                                         .param_value = wait->prefix,
                                         .without_param = "max-keys"};
    (void)peer_rule_add(peer, &rule);
    call->kind = (unsigned)wait->kind;
    (void)snprintf(call->path, sizeof(call->path), "%s", at("%s", wait->path));
    struct harness_job *job = start_call(call);
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    return job;
}

static void put_waits(void)
{
    put("d/f", 100 * KIB, 1);
    put("d/o", 100 * KIB, 1);
    put("d/e/g", 10, 1);
}

START_TEST(the_deadline)
{
    struct call call;
    put_waits();
    fixture_mount("operation_timeout=2,read_timeout=60,negative_ttl=0");
    int64_t start = harness_now_ms();
    struct harness_job *job = start_wait(&waits[_i], &call);
    int r = harness_job_join(job, NULL, LONG_MS);
    int64_t took = harness_now_ms() - start;
    (void)fprintf(stderr, "%s: %s after %d ms\n", waits[_i].name, strerrorname_np(-r),
                  (int)took);
    ck_assert_int_eq(r, -ETIMEDOUT);
    ck_assert_int_ge(took, 1900);
    ck_assert_int_lt(took, 3900); /* one deadline, not two */
}
END_TEST

/* A server that sends a byte now and then does not keep a read beyond the deadline. */
START_TEST(the_deadline_of_a_trickle)
{
    uint64_t read_bytes;
    put("f", 20 * MIB, 1);
    (void)peer_on(peer, "GET /bkt/f",
                  PEER_RESPONSE(.over = true, .fault = {.piece = 100, .piece_delay_ms = 100}));
    fixture_mount("operation_timeout=2,read_timeout=60,negative_ttl=0");
    int64_t start = harness_now_ms();
    ck_assert_int_eq(try_read(at("f"), 1, &read_bytes), -ETIMEDOUT);
    ck_assert_int_lt(harness_now_ms() - start, 5 * SOON);
}
END_TEST

/* ---- a signal ends it ---- */

static const int deadly[] = {SIGINT, SIGTERM, SIGKILL, SIGHUP, SIGUSR1, SIGALRM};
#define DEADLY (sizeof(deadly) / sizeof(deadly[0]))

START_TEST(a_signal_ends_the_wait)
{
    const struct wait *wait = &waits[(size_t)_i / DEADLY];
    int number = deadly[(size_t)_i % DEADLY];
    struct call call;
    put_waits();
    fixture_mount("negative_ttl=0");
    struct harness_job *job = start_wait(wait, &call);
    int64_t start = harness_now_ms();
    ck_assert_int_eq(kill(harness_job_pid(job), number), 0);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), -EINTR);
    int64_t took = harness_now_ms() - start;
    (void)fprintf(stderr, "%s, SIG%s: %d ms\n", wait->name, sigabbrev_np(number), (int)took);
    ck_assert_int_lt(took, SOON);
}
END_TEST

/* A page fault waits for a page, and only a killing signal ends it. */
START_TEST(a_mapped_file)
{
    char output[256];
    put("f", 100 * KIB, 1);
    (void)peer_on(peer, "GET /bkt/f", &stall_body);
    fixture_mount(NULL);
    int64_t start = harness_now_ms();
    ck_assert_int_eq(
        harness_shell(top(), LONG_MS, output, sizeof(output),
                      "timeout -s KILL 0.5 python3 -c \"import mmap; f = open('f', 'rb'); "
                      "print(mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)[0])\""),
        128 + SIGKILL);
    ck_assert_int_lt(harness_now_ms() - start, 500 + 2 * SOON);
}
END_TEST

/* ---- a signal that a program lives by does not end it ---- */

START_TEST(a_child_that_ends)
{
    char output[64];
    put("d/f", 10, 1);
    fixture_mount("metadata_ttl=0");
    static const struct peer_response late = {.over = true, .fault = {.delay_ms = 700}};
    (void)peer_on(peer, "HEAD /bkt/d/f", &late);
    (void)peer_on(peer, "GET /bkt/d/f", &late);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "bash -c 'trap : CHLD; (sleep 0.2) & (sleep 0.4) & "
                                   "if [ -e d/f ]; then echo yes; else echo no; fi; "
                                   "wc -c <d/f; wait'"),
                     0);
    ck_assert_str_eq(output, "yes\n10\n");
}
END_TEST

/* Python runs its handler in the middle of the wait, asks again and gets what it asked for:
 * what was begun goes on meanwhile, or it would never end with an alarm every 150 ms. */
START_TEST(a_handler_that_runs)
{
    char output[4096];
    put("d/f", 10, 1);
    fixture_mount("metadata_ttl=60");
    check_names(at("d"), "f");
    ck_assert_int_eq(try_stat(at("d/f")), 0);
    (void)peer_on(
        peer, "GET /bkt/d/f",
        PEER_RESPONSE(.over = true, .fault = {.delay_ms = 500, .body_delay_ms = 500}));
    int r = harness_shell(top(), LONG_MS, output, sizeof(output),
                          "python3 -c \"\n"
                          "import signal, time\n"
                          "ran = []\n"
                          "signal.signal(signal.SIGALRM, lambda *a: ran.append(time.time()))\n"
                          "signal.setitimer(signal.ITIMER_REAL, 0.15, 0.15)\n"
                          "text = open('d/f', 'rb').read()\n"
                          "end = time.time()\n"
                          "signal.setitimer(signal.ITIMER_REAL, 0)\n"
                          "print(len(text), ran[0] < end - 0.3 if ran else 'none')\n"
                          "\"");
    ck_assert_msg(r == 0 && strcmp(output, "10 True\n") == 0, "%d: %s", r, output);
    ck_assert_uint_eq(requests("GET", "d/f"), 1);
}
END_TEST

/* ---- unmounting ---- */

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
    struct harness_mount *ending = mount;
    mount = NULL;
    (void)harness_mount_stop(ending);
}
END_TEST

MOUNT_SUITE("mount/waiting", 60, tcase_add_loop_test(tc, beside_a_hundred_that_stall, 0, 3);
            tcase_add_test(tc, beside_a_storm_of_names);
            tcase_add_test(tc, beside_a_lookup_in_the_same_directory);
            tcase_add_loop_test(tc, the_deadline, 0, (int)WAITS);
            tcase_add_test(tc, the_deadline_of_a_trickle);
            tcase_add_loop_test(tc, a_signal_ends_the_wait, 0, (int)(WAITS *DEADLY));
            tcase_add_test(tc, a_mapped_file); tcase_add_test(tc, a_child_that_ends);
            tcase_add_test(tc, a_handler_that_runs);
            tcase_add_loop_test(tc, ended_while_calls_wait, 0, 3);
            tcase_add_test(tc, unmounted_lazily);
            tcase_add_test(tc, unmounted_lazily_while_a_call_waits);
            tcase_add_loop_test(tc, killed, 0, (int)WAITS));
