#include "unit/check.h"

#include "fs/caller.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *own, *shared, *blocked, *ignored;
    char state;
    bool impatient;
} statuses[] = {
    {"0000000000000000", "0000000000000000", "0000000000000000", "0000000000000000", 'S',
     false},
    {"0000000000000002", "0000000000000000", "0000000000000000", "0000000000000000", 'S', true},
    {"0000000000000000", "0000000000000002", "0000000000000000", "0000000000000000", 'D', true},
    {"0000000000000002", "0000000000000002", "0000000000000002", "0000000000000000", 'S',
     false},
    {"0000000000000002", "0000000000000002", "0000000000000000", "0000000000000002", 'S',
     false},
    {"0000000000000100", "0000000000000000", "fffffffffffffeff", "0000000000000000", 'D', true},
    {"0000000000000000", "0000000000010000", "0000000000000000", "0000000000000000", 'S',
     false},
    {"0000000000000000", "0000000000014002", "0000000000000002", "0000000000000000", 'S', true},
    {"8000000000000000", "0000000000000000", "0000000000000000", "0000000000000000", 'S', true},
    {"0000000000000000", "0000000000000000", "0000000000000000", "0000000000000000", 'Z', true},
    {"0000000000000000", "0000000000000000", "0000000000000000", "0000000000000000", 'X', true},
    /* CHLD, CONT, URG, VTALRM, PROF, WINCH, IO */
    {"000000001e430000", "0000000000000000", "0000000000000000", "0000000000000000", 'S',
     false},
    /* STOP, TSTP, TTIN, TTOU; the same and INT */
    {"0000000000040000", "0000000000380000", "0000000000000000", "0000000000000000", 'D',
     false},
    {"0000000000040000", "0000000000380002", "0000000000000000", "0000000000000000", 'D', true},
};

START_TEST(decides_by_the_status)
{
    char text[1024];
    snprintf(text, sizeof(text),
             "Name:\tcat\nUmask:\t0022\nState:\t%c (words)\nTgid:\t5\nSigQ:\t0/1\nSigPnd:\t%s\n"
             "ShdPnd:\t%s\nSigBlk:\t%s\nSigIgn:\t%s\nSigCgt:\t0000000000000000\n",
             statuses[_i].state, statuses[_i].own, statuses[_i].shared, statuses[_i].blocked,
             statuses[_i].ignored);
    ck_assert(caller_status_impatient(text) == statuses[_i].impatient);
}
END_TEST

START_TEST(what_cannot_be_read_is_patience)
{
    static const char *const texts[] = {
        "",
        "State:\tS (sleeping)\n",
        "SigPnd:\t0000000000000002\nShdPnd:\t0000000000000000\nSigBlk:\t0000000000000000\n",
        "SigPnd:\t2g\nShdPnd:\t0\nSigBlk:\t0\nSigIgn:\t0\n",
        "SigPnd:\t\nShdPnd:\t0\nSigBlk:\t0\nSigIgn:\t0\n",
        "SigPnd:\t10000000000000002\nShdPnd:\t0\nSigBlk:\t0\nSigIgn:\t0\n",
        "SigPnd\nShdPnd\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(!caller_status_impatient(texts[i]), "%s", texts[i]);
}
END_TEST

/* A child that is stopped, so that what it is sent stays pending. */
struct child {
    pid_t pid;
};

static struct child child_start(int ignored, int blocked)
{
    struct child child = {.pid = fork()};
    if (child.pid == 0) {
        sigset_t set;
        sigemptyset(&set);
        if (blocked)
            sigaddset(&set, blocked);
        sigprocmask(SIG_SETMASK, &set, NULL);
        if (ignored)
            signal(ignored, SIG_IGN);
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child.pid, &status, WUNTRACED), child.pid);
    ck_assert(WIFSTOPPED(status));
    return child;
}

static void child_end(struct child child)
{
    kill(child.pid, SIGKILL);
    waitpid(child.pid, NULL, 0);
}

static const struct {
    int sent, ignored, blocked;
    bool impatient;
} pending[] = {
    {0, 0, 0, false},           {SIGTERM, 0, 0, true},      {SIGINT, 0, 0, true},
    {SIGINT, SIGINT, 0, false}, {SIGINT, 0, SIGINT, false}, {SIGUSR1, 0, SIGINT, true},
    {SIGCHLD, 0, 0, false},     {SIGWINCH, 0, 0, false},
};

START_TEST(looks_at_a_process)
{
    struct child child = child_start(pending[_i].ignored, pending[_i].blocked);
    if (pending[_i].sent)
        kill(child.pid, pending[_i].sent);
    ck_assert(caller_impatient(child.pid) == pending[_i].impatient);
    child_end(child);
}
END_TEST

START_TEST(zombies_and_the_dead_are_impatient)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    siginfo_t info;
    ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    ck_assert(caller_impatient(pid));
    waitpid(pid, NULL, 0);
    ck_assert(caller_impatient(pid));
}
END_TEST

START_TEST(itself_and_nobody_are_patient)
{
    ck_assert(!caller_impatient((pid_t)syscall(SYS_gettid)));
    ck_assert(!caller_impatient(getppid()));
    ck_assert(!caller_impatient(0));
}
END_TEST

START_TEST(names)
{
    char name[CALLER_NAME_SIZE], before[16];
    prctl(PR_GET_NAME, before);
    prctl(PR_SET_NAME, "a b\n\x1b(c");
    caller_name(getpid(), name);
    prctl(PR_SET_NAME, before);
    ck_assert_str_eq(name, "a b\n\x1b(c");
    caller_name(0, name);
    ck_assert_str_eq(name, "");
    caller_name(INT_MAX, name);
    ck_assert_str_eq(name, "");
}
END_TEST

SUITE_MAIN("fs/caller", tcase_add_loop_test(tc, decides_by_the_status, 0,
                                            (int)(sizeof(statuses) / sizeof(statuses[0])));
           tcase_add_test(tc, what_cannot_be_read_is_patience);
           tcase_add_loop_test(tc, looks_at_a_process, 0,
                               (int)(sizeof(pending) / sizeof(pending[0])));
           tcase_add_test(tc, zombies_and_the_dead_are_impatient);
           tcase_add_test(tc, itself_and_nobody_are_patient); tcase_add_test(tc, names));
