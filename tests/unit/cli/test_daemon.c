#include "unit/check.h"

#include "cli/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct seen {
    int status; /* as waitpid says */
    char text[8192];
    char from_daemon[64]; /* what it wrote to fd 3 of its own */
};

static size_t read_all(int fd, char *text, size_t size)
{
    size_t len = 0;
    ssize_t n;
    while (len < size - 1 && (n = read(fd, text + len, size - 1 - len)) > 0)
        len += (size_t)n;
    text[len] = '\0';
    close(fd);
    return len;
}

/* A command that goes into the background and there does `work`. */
static struct seen command(void (*work)(struct daemon *daemon, int fd))
{
    struct seen seen = {0};
    int errors[2], own[2];
    ck_assert(pipe2(errors, O_CLOEXEC) == 0 && pipe2(own, O_CLOEXEC) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct daemon daemon;
        dup2(errors[1], STDERR_FILENO);
        close(errors[1]);
        if (daemon_begin(&daemon, false, "tool") < 0)
            _exit(99);
        work(&daemon, own[1]);
        _exit(0);
    }
    close(errors[1]);
    close(own[1]);
    ck_assert_int_eq(waitpid(pid, &seen.status, 0), pid);
    read_all(errors[0], seen.text, sizeof(seen.text));
    read_all(own[0], seen.from_daemon, sizeof(seen.from_daemon));
    return seen;
}

static void say(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0)
        _exit(98);
}

static void is_ready(struct daemon *daemon, int fd)
{
    daemon_ready(daemon);
    char here[16];
    say(fd, getcwd(here, sizeof(here)) && strcmp(here, "/") == 0 ? "root " : "elsewhere ");
    say(fd, getsid(0) == getpid() ? "leader " : "follower ");
    struct stat null_stat, st;
    stat("/dev/null", &null_stat);
    for (int i = 0; i < 3; i++)
        say(fd, fstat(i, &st) == 0 && st.st_rdev == null_stat.st_rdev ? "0" : "x");
    daemon_ready(daemon); /* a second time: nothing */
}

static void fails(struct daemon *daemon, int fd)
{
    say(fd, daemon_failed(daemon, "tool", 3, "s3://nope: NoSuchBucket") == 3 ? "3" : "?");
}

static void fails_at_length(struct daemon *daemon, int fd)
{
    (void)fd;
    char line[8000];
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    daemon_failed(daemon, "tool", 1, line);
}

static void crashes(struct daemon *daemon, int fd)
{
    (void)daemon, (void)fd;
    raise(SIGKILL);
}

static void forgets(struct daemon *daemon, int fd)
{
    (void)daemon, (void)fd;
}

START_TEST(ready_ends_the_command)
{
    struct seen seen = command(is_ready);
    ck_assert(WIFEXITED(seen.status) && WEXITSTATUS(seen.status) == 0);
    ck_assert_str_eq(seen.text, "");
    ck_assert_str_eq(seen.from_daemon, "root leader 000");
}
END_TEST

static const struct {
    void (*work)(struct daemon *daemon, int fd);
    int status;
    const char *text;
} failures[] = {
    {fails, 3, "tool: s3://nope: NoSuchBucket\n"},
    {crashes, 1, "tool: ended by signal 9 before it was ready\n"},
    {forgets, 1, "tool: ended before it was ready\n"},
};

START_TEST(failure_is_told)
{
    struct seen seen = command(failures[_i].work);
    ck_assert(WIFEXITED(seen.status));
    ck_assert_int_eq(WEXITSTATUS(seen.status), failures[_i].status);
    ck_assert_str_eq(seen.text, failures[_i].text);
}
END_TEST

START_TEST(long_line_is_cut)
{
    struct seen seen = command(fails_at_length);
    ck_assert_int_eq(WEXITSTATUS(seen.status), 1);
    ck_assert_uint_gt(strlen(seen.text), 4000);
    ck_assert_uint_lt(strlen(seen.text), 4200);
    ck_assert_ptr_eq(strchr(seen.text, '\n'), seen.text + strlen(seen.text) - 1);
}
END_TEST

/* The command is killed while it waits: so is what it started. */
START_TEST(dies_with_the_command)
{
    int alive[2];
    ck_assert_int_eq(pipe2(alive, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct daemon daemon;
        signal(SIGINT, SIG_DFL); /* libcheck has a handler of its own */
        signal(SIGTERM, SIG_DFL);
        if (daemon_begin(&daemon, false, "tool") < 0)
            _exit(99);
        say(alive[1], "a");
        for (;;)
            pause();
    }
    close(alive[1]);
    char byte;
    ck_assert_int_eq(read(alive[0], &byte, 1), 1);
    kill(pid, SIGINT);
    int status;
    waitpid(pid, &status, 0);
    ck_assert(WIFSIGNALED(status));
    struct pollfd end = {.fd = alive[0], .events = POLLIN};
    ck_assert_int_eq(poll(&end, 1, CASE_TIMEOUT_S * 1000), 1);
    ck_assert_int_eq(read(alive[0], &byte, 1), 0);
    close(alive[0]);
}
END_TEST

START_TEST(in_front_nothing_forks)
{
    struct daemon daemon;
    pid_t before = getpid();
    ck_assert_int_eq(daemon_begin(&daemon, true, "tool"), 0);
    ck_assert_int_eq(getpid(), before);
    char here[4096];
    ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
    daemon_ready(&daemon);
    char after[4096];
    ck_assert_ptr_nonnull(getcwd(after, sizeof(after)));
    ck_assert_str_eq(here, after);
}
END_TEST

SUITE_MAIN("cli/daemon", tcase_add_test(tc, ready_ends_the_command);
           tcase_add_loop_test(tc, failure_is_told, 0,
                               (int)(sizeof(failures) / sizeof(failures[0])));
           tcase_add_test(tc, long_line_is_cut); tcase_add_test(tc, dies_with_the_command);
           tcase_add_test(tc, in_front_nothing_forks));
