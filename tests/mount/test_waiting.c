/* Nothing hangs: others are answered beside what waits, a wait has an end, and a signal ends it
 * at once. */
#include "mount/waits.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIB         UINT64_C(1024)
#define MIB         (1024 * KIB)
#define PATIENCE_MS 150 /* after which a signal would have ended a wait */

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

/* `_i`: nothing comes, or a byte now and then. */
START_TEST(the_deadline)
{
    static const struct peer_response drops = {
        .over = true,
        .fault = {
            .head_piece = 1, .head_piece_delay_ms = 100, .piece = 1, .piece_delay_ms = 100}};
    const struct wait *wait = &waits[_i % WAITS];
    struct call call;
    put_waits();
    fixture_mount("operation_timeout=2,read_timeout=60,negative_ttl=0");
    lay_wait(wait, _i < WAITS ? wait->stall : &drops, &call);
    int64_t start = harness_now_ms();
    struct harness_job *job = start_call(&call);
    int r = harness_job_join(job, NULL, LONG_MS);
    int64_t took = harness_now_ms() - start;
    (void)fprintf(stderr, "%s: %s after %d ms\n", wait->name, strerrorname_np(-r), (int)took);
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

static void note_signal(int number)
{
    (void)number;
}

/* The call, of a program that handles the signal and is not to go on as if nothing had been. */
static int call_handling_one(void *arg, void *result)
{
    const struct sigaction action = {.sa_handler = note_signal};
    (void)sigaction(SIGUSR1, &action, NULL);
    return do_call(arg, result);
}

/* A cached read waits for a page, of which the kernel tells nobody. */
START_TEST(a_handled_signal_ends_the_wait)
{
    const struct wait *wait = &waits[_i];
    struct call call;
    put_waits();
    fixture_mount("negative_ttl=0");
    lay_wait(wait, wait->stall, &call);
    struct harness_job *job = harness_job_start(call_handling_one, &call, 0);
    wait_for_call(wait);
    int64_t start = harness_now_ms();
    ck_assert_int_eq(kill(harness_job_pid(job), SIGUSR1), 0);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), -EINTR);
    int64_t took = harness_now_ms() - start;
    (void)fprintf(stderr, "%s, handled: %d ms\n", wait->name, (int)took);
    ck_assert_int_lt(took, SOON);
}
END_TEST

/* What only a killed program waited for is not fetched on. */
START_TEST(what_only_it_needed_is_freed)
{
    const struct wait *wait = &waits[_i ? 2 : 1]; /* a read, an open */
    const struct peer_match fetch = {.pattern = wait->pattern};
    struct call call;
    put_waits();
    fixture_mount("read_timeout=60");
    struct harness_job *job = start_wait(wait, &call);
    ck_assert_int_eq(kill(harness_job_pid(job), SIGKILL), 0);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), -EINTR);
    ck_assert(peer_wait_ended(peer, &fetch, 1, LONG_MS));
    ck_assert(peer_outcome(peer, peer_request_at(peer, &fetch, 0)).dropped);
}
END_TEST

/* The program is in no namespace of pailfs's, which is told no process of the caller: the
 * kernel's word that it was interrupted has to do. */
START_TEST(a_caller_that_cannot_be_seen)
{
    const struct wait *wait = &waits[(const int[]){0, 1, 3, 4}[_i]];
    char script[600], output[512];
    struct call call;
    (void)snprintf(script, sizeof(script), "%s/unshared-%d", harness_root(), getpid());
    FILE *file = fopen(script, "we");
    ck_assert_ptr_nonnull(file);
    (void)fprintf(file, "#!/bin/sh\nexec unshare --pid --fork --kill-child '%s' \"$@\"\n",
                  harness_binary());
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(script, 0700), 0);
    ck_assert_int_eq(setenv("PAILFS_BIN", script, 1), 0);
    put_waits();
    fixture_mount("negative_ttl=0");
    struct harness_job *job = start_wait(wait, &call);
    int64_t start = harness_now_ms();
    ck_assert_int_eq(kill(harness_job_pid(job), SIGINT), 0);
    ck_assert_int_eq(harness_job_join(job, NULL, LONG_MS), -EINTR);
    ck_assert_int_lt(harness_now_ms() - start, SOON);
    ck_assert_int_eq(
        harness_shell("/", LONG_MS, output, sizeof(output), "fusermount3 -u %s", top()), 0);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 0);
    (void)unlink(script);
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

static const int patient[] = {SIGCHLD,   SIGWINCH, SIGURG,  SIGCONT, SIGPROF,
                              SIGVTALRM, SIGIO,    SIGTSTP, SIGTTIN, SIGTTOU};
#define PATIENT (sizeof(patient) / sizeof(patient[0]))

/* The call, of a program that has a handler for all of them. */
static int call_handling(void *arg, void *result)
{
    const struct sigaction action = {.sa_handler = note_signal};
    for (size_t i = 0; i < PATIENT; i++)
        (void)sigaction(patient[i], &action, NULL);
    return do_call(arg, result);
}

START_TEST(signals_that_are_lived_by)
{
    const struct wait *wait = &waits[_i];
    struct call call;
    put_waits();
    fixture_mount("negative_ttl=0,metadata_ttl=60");
    lay_wait(wait, wait->stall, &call);
    struct harness_job *job = harness_job_start(call_handling, &call, 0);
    wait_for_call(wait);
    for (size_t i = 0; i < PATIENT; i++) {
        ck_assert_int_eq(kill(harness_job_pid(job), patient[i]), 0);
        /* Nothing comes of it in the time in which something would. */
        ck_assert(!peer_wait_requests(peer, PEER_MATCH(.path = "/never"), 1, PATIENCE_MS));
    }
    peer_release(peer);
    int r = harness_job_join(job, NULL, LONG_MS);
    ck_assert_msg(r == (call.kind == STAT ? -ENOENT : 0), "%s: %s", wait->name,
                  r < 0 ? strerrorname_np(-r) : "success");
}
END_TEST

/* Ctrl-Z, a debugger: it stops when it has its answer, and goes on with that. */
START_TEST(a_program_that_is_stopped)
{
    const struct wait *wait = &waits[_i];
    struct call call;
    put_waits();
    fixture_mount("negative_ttl=0,metadata_ttl=60");
    struct harness_job *job = start_wait(wait, &call);
    ck_assert_int_eq(kill(harness_job_pid(job), SIGSTOP), 0);
    ck_assert(!peer_wait_requests(peer, PEER_MATCH(.path = "/never"), 1, PATIENCE_MS));
    peer_release(peer);
    ck_assert_int_eq(kill(harness_job_pid(job), SIGCONT), 0);
    int r = harness_job_join(job, NULL, LONG_MS);
    ck_assert_msg(r == (call.kind == STAT ? -ENOENT : 0), "%s: %s", wait->name,
                  r < 0 ? strerrorname_np(-r) : "success");
}
END_TEST

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

MOUNT_SUITE("mount/waiting", 60, tcase_add_loop_test(tc, beside_a_hundred_that_stall, 0, 3);
            tcase_add_test(tc, beside_a_storm_of_names);
            tcase_add_test(tc, beside_a_lookup_in_the_same_directory);
            tcase_add_loop_test(tc, the_deadline, 0, 2 * WAITS);
            tcase_add_test(tc, the_deadline_of_a_trickle);
            tcase_add_loop_test(tc, a_signal_ends_the_wait, 0, (int)(WAITS *DEADLY));
            tcase_add_loop_test(tc, a_handled_signal_ends_the_wait, 0, WAITS);
            tcase_add_loop_test(tc, what_only_it_needed_is_freed, 0, 2);
            tcase_add_loop_test(tc, a_caller_that_cannot_be_seen, 0, 4);
            tcase_add_test(tc, a_mapped_file);
            tcase_add_loop_test(tc, signals_that_are_lived_by, 0, WAITS);
            tcase_add_loop_test(tc, a_program_that_is_stopped, 0, WAITS);
            tcase_add_test(tc, a_child_that_ends); tcase_add_test(tc, a_handler_that_runs));
