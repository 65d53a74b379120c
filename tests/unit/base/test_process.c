#include "unit/check.h"

#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct result {
    int result, status;
    struct buf out, err;
};

static void run(const char *script, int timeout_ms, int cancel_fd, size_t max, struct result *r)
{
    char shell[] = "sh", dash_c[] = "-c", text[512];
    snprintf(text, sizeof(text), "%s", script);
    char *argv[] = {shell, dash_c, text, NULL};
    *r = (struct result){.status = -1};
    buf_init(&r->out, max);
    buf_init(&r->err, max);
    r->result = process_run(argv, timeout_ms, cancel_fd, &r->out, &r->err, &r->status);
}

static void done(struct result *r)
{
    buf_done(&r->out);
    buf_done(&r->err);
}

START_TEST(output_and_status)
{
    struct result r;
    run("printf out; printf err >&2; cat; exit 3", 60000, -1, 100, &r);
    ck_assert_int_eq(r.result, 0);
    ck_assert(WIFEXITED(r.status));
    ck_assert_int_eq(WEXITSTATUS(r.status), 3);
    ck_assert_str_eq(buf_c(&r.out), "out");
    ck_assert_str_eq(buf_c(&r.err), "err");
    done(&r);
    run("kill -TERM $$", 60000, -1, 100, &r);
    ck_assert_int_eq(r.result, 0);
    ck_assert(WIFSIGNALED(r.status));
    done(&r);
}
END_TEST

START_TEST(signals_are_as_usual)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    void (*was)(int) = signal(SIGPIPE, SIG_IGN);
    struct result r;
    run("grep -E '^Sig(Blk|Ign):' /proc/self/status | tr -d '\\t\\n'", 60000, -1, 200, &r);
    signal(SIGPIPE, was);
    sigprocmask(SIG_SETMASK, &before, NULL);
    /* The two that are the C library's own may be as they were before it. */
    unsigned long long blocked = 1, ignored = 1, common = 0x7fffffff;
    ck_assert_int_eq(sscanf(buf_c(&r.out), "SigBlk:%llxSigIgn:%llx", &blocked, &ignored), 2);
    ck_assert_uint_eq(blocked & common, 0);
    ck_assert_uint_eq(ignored & common, 0);
    done(&r);
}
END_TEST

START_TEST(bounds)
{
    struct result r;
    run("yes", 60000, -1, 10000, &r);
    ck_assert_int_eq(r.result, -EFBIG);
    done(&r);
    /* Of the error output the head is kept. */
    run("yes | head -c 100000 >&2", 60000, -1, 10, &r);
    ck_assert_int_eq(r.result, 0);
    ck_assert_str_eq(buf_c(&r.err), "y\ny\ny\ny\ny\n");
    done(&r);
    run("yes | head -c 1000000", 60000, -1, 1000000, &r);
    ck_assert_int_eq(r.result, 0);
    ck_assert_uint_eq(r.out.len, 1000000);
    done(&r);
}
END_TEST

START_TEST(ends_in_time)
{
    struct result r;
    run("exec sleep 600", 1, -1, 100, &r);
    ck_assert_int_eq(r.result, -ETIMEDOUT);
    ck_assert_int_eq(r.status, -1);
    done(&r);
    int fd = eventfd(1, EFD_CLOEXEC);
    run("exec sleep 600", 600000, fd, 100, &r);
    ck_assert_int_eq(r.result, -ECANCELED);
    done(&r);
    close(fd);
    /* Something it left behind holds its output open. */
    run("sleep 60 & printf '%s ' $!", 600000, -1, 100, &r);
    ck_assert_int_eq(r.result, 0);
    long pid = 0;
    ck_assert_int_eq(sscanf(buf_c(&r.out), "%ld", &pid), 1);
    kill((pid_t)pid, SIGKILL);
    done(&r);
}
END_TEST

START_TEST(cannot_start)
{
    CLEANUP_DONE(buf) struct buf out, err;
    buf_init(&out, 10);
    buf_init(&err, 10);
    char name[] = "/nonexistent/program";
    char *argv[] = {name, NULL};
    int status;
    ck_assert_int_eq(process_run(argv, 60000, -1, &out, &err, &status), -ENOENT);
    char directory[] = "/";
    argv[0] = directory;
    ck_assert_int_eq(process_run(argv, 60000, -1, &out, &err, &status), -EACCES);
}
END_TEST

START_TEST(leaves_nothing_open)
{
    int before = dup(0);
    close(before);
    for (int i = 0; i < 3; i++) {
        struct result r;
        run(i == 0 ? "exec sleep 600" : "true", i == 0 ? 1 : 60000, -1, 10, &r);
        done(&r);
    }
    int after = dup(0);
    close(after);
    ck_assert_int_eq(before, after);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

static int run_once(void *user)
{
    struct result r;
    (void)user;
    run("printf out; printf err >&2", 60000, -1, 100, &r);
    done(&r);
    return r.result;
}

START_TEST(survives_every_failure_of_memory)
{
    ck_assert_int_gt(alloc_fail_each(run_once, NULL, 0), 0);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

SUITE_MAIN("base/process", tcase_add_test(tc, output_and_status);
           tcase_add_test(tc, signals_are_as_usual); tcase_add_test(tc, bounds);
           tcase_add_test(tc, ends_in_time); tcase_add_test(tc, cannot_start);
           tcase_add_test(tc, leaves_nothing_open);
           tcase_add_test(tc, survives_every_failure_of_memory));
