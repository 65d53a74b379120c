#include "unit/check.h"

#include "base/thread.h"

#include <signal.h>

struct seen {
    sigset_t mask;
    int arg;
};

static void *look(void *arg)
{
    struct seen *seen = arg;
    pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
    seen->arg = 7;
    return seen;
}

START_TEST(blocks_signals)
{
    struct seen seen = {0};
    sigset_t mine;
    pthread_t thread;
    void *result;
    ck_assert_int_eq(thread_start(&thread, "a-name-that-is-too-long", look, &seen), 0);
    pthread_join(thread, &result);
    ck_assert_ptr_eq(result, &seen);
    ck_assert_int_eq(seen.arg, 7);
    static const int blocked[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE, SIGCHLD};
    for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
        ck_assert_int_eq(sigismember(&seen.mask, blocked[i]), 1);
    ck_assert_int_eq(sigismember(&seen.mask, SIGSEGV), 0);
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    ck_assert_int_eq(sigismember(&mine, SIGTERM), 0);
}
END_TEST

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *wait_at_gate(void *arg)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return arg;
}

START_TEST(is_named)
{
    pthread_t thread;
    char name[16];
    pthread_mutex_lock(&gate);
    ck_assert_int_eq(thread_start(&thread, "a-name-that-is-too-long", wait_at_gate, NULL), 0);
    ck_assert_int_eq(pthread_getname_np(thread, name, sizeof(name)), 0);
    pthread_mutex_unlock(&gate);
    pthread_join(thread, NULL);
    ck_assert_str_eq(name, "a-name-that-is-");
}
END_TEST

SUITE_MAIN("base/thread", tcase_add_test(tc, blocks_signals); tcase_add_test(tc, is_named));
