#include "cli/daemon.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_BYTES 4096

/* What goes through the pipe, once: the exit status, then the line. */
struct report {
    unsigned char status;
    char line[LINE_BYTES];
};

static ssize_t read_report(int fd, struct report *report)
{
    size_t len = 0;
    while (len < sizeof(*report)) {
        ssize_t n = read(fd, (char *)report + len, sizeof(*report) - len);
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            len += (size_t)n;
    }
    return (ssize_t)len;
}

static int describe_death(pid_t pid, const char *program)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFSIGNALED(status))
        fprintf(stderr, "%s: ended by signal %d before it was ready\n", program,
                WTERMSIG(status));
    else
        fprintf(stderr, "%s: ended before it was ready\n", program);
    return 1;
}

static int await_report(pid_t pid, int fd, const char *program)
{
    struct report report = {0};
    ssize_t len = read_report(fd, &report);
    if (len <= 0)
        return describe_death(pid, program);
    if (len > 1)
        fprintf(stderr, "%s: %.*s\n", program, (int)(len - 1), report.line);
    return report.status;
}

static void become_daemon(pid_t parent)
{
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        raise(SIGTERM);
}

int daemon_begin(struct daemon *daemon, bool in_front, const char *program)
{
    *daemon = (struct daemon){.report_fd = -1, .in_front = in_front};
    if (in_front)
        return 0;
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    pid_t self = getpid(), pid = fork();
    if (pid < 0) {
        int r = -errno;
        close(fds[0]);
        close(fds[1]);
        return r;
    }
    if (pid > 0) {
        close(fds[1]);
        int status = await_report(pid, fds[0], program);
        fflush(stderr);
        _exit(status);
    }
    close(fds[0]);
    become_daemon(self);
    daemon->report_fd = fds[1];
    return 0;
}

static void send_report(struct daemon *daemon, int status, const char *line)
{
    struct report report = {.status = (unsigned char)status};
    str_copy(report.line, sizeof(report.line), str_c(line));
    size_t len = 1 + strlen(report.line);
    prctl(PR_SET_PDEATHSIG, 0);
    /* Less than a pipe holds: it is written whole. */
    while (write(daemon->report_fd, &report, len) < 0 && errno == EINTR)
        ;
    close(daemon->report_fd);
    daemon->report_fd = -1;
}

void daemon_ready(struct daemon *daemon)
{
    if (daemon->report_fd < 0)
        return;
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; null_fd >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(null_fd, fd);
    if (null_fd > STDERR_FILENO)
        close(null_fd);
    int stays = chdir("/"); /* else the directory it was started in cannot be unmounted */
    (void)stays;
    send_report(daemon, 0, "");
}

int daemon_failed(struct daemon *daemon, const char *program, int status, const char *line)
{
    if (daemon->report_fd >= 0)
        send_report(daemon, status, line);
    else
        fprintf(stderr, "%s: %s\n", program, line);
    return status;
}
