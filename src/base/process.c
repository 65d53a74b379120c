#include "base/process.h"

#include "base/clock.h"
#include "base/timer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK 4096 /* bytes of a read */

extern char **environ;

/* What is polled, by index. */
enum { EXITED, CANCELLED, OUT, ERR, FD_COUNT };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int spawn(char *const *argv, int out, int err, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    /* This thread may block every signal, and the program may ignore some: not what it starts.
     */
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int error =
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    if (!error)
        error = posix_spawnp(ret, argv[0], &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return -error;
}

/* Reads what is there. 1: more may come; 0: the end; -errno. With `drop`, what does not fit is
 * lost. */
static int read_some(int fd, struct buf *b, bool drop)
{
    for (;;) {
        char chunk[CHUNK];
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? 1 : -errno;
        size_t room = b->max - b->len, len = (size_t)n;
        if (len > room && !drop)
            return -EFBIG;
        buf_add(b, chunk, len < room ? len : room);
        explicit_bzero(chunk, len);
        if (buf_failed(b))
            return -ENOMEM;
        if (n == 0)
            return 0;
    }
}

static int read_both(struct pollfd *fds, struct buf *out, struct buf *err)
{
    struct buf *bufs[FD_COUNT] = {[OUT] = out, [ERR] = err};
    for (int i = OUT; i <= ERR; i++) {
        if (fds[i].fd < 0)
            continue;
        int r = read_some(fds[i].fd, bufs[i], i == ERR);
        if (r < 0)
            return r;
        if (r == 0)
            close_fd(&fds[i].fd);
    }
    return 0;
}

/* Until the program has ended: then everything it wrote itself is in the pipes. */
static int collect(struct pollfd *fds, int64_t deadline_ns, struct buf *out, struct buf *err)
{
    for (;;) {
        int64_t now = clock_now_ns(&clock_system);
        if (now >= deadline_ns)
            return -ETIMEDOUT;
        if (poll(fds, FD_COUNT, timers_poll_ms(deadline_ns, now)) < 0 && errno != EINTR)
            return -errno;
        if (fds[CANCELLED].revents)
            return -ECANCELED;
        bool ended = fds[EXITED].revents != 0;
        int r = read_both(fds, out, err);
        if (r < 0 || ended)
            return r;
    }
}

/* A pipe whose reading end does not block. */
static int make_pipe(int ret[2])
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    if (fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0) {
        int r = -errno;
        close(fds[0]);
        close(fds[1]);
        return r;
    }
    ret[0] = fds[0];
    ret[1] = fds[1];
    return 0;
}

static int run(char *const *argv, int64_t deadline_ns, struct pollfd *fds, int ends[2],
               struct buf *out, struct buf *err, int *ret_status)
{
    pid_t pid;
    int r = spawn(argv, ends[0], ends[1], &pid);
    close_fd(&ends[0]);
    close_fd(&ends[1]);
    if (r < 0)
        return r;
    fds[EXITED].fd = (int)syscall(SYS_pidfd_open, pid, 0);
    r = fds[EXITED].fd < 0 ? -errno : collect(fds, deadline_ns, out, err);
    if (r < 0)
        kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    close_fd(&fds[EXITED].fd);
    if (r == 0)
        *ret_status = status;
    return r;
}

int process_run(char *const *argv, int timeout_ms, int cancel_fd, struct buf *out,
                struct buf *err, int *ret_status)
{
    struct pollfd fds[FD_COUNT];
    for (int i = 0; i < FD_COUNT; i++)
        fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    fds[CANCELLED].fd = cancel_fd;
    int ends[2] = {-1, -1};
    int r = 0;
    for (int i = 0; i < 2 && r == 0; i++) {
        int both[2] = {-1, -1};
        r = make_pipe(both);
        if (r < 0)
            break;
        fds[OUT + i].fd = both[0];
        ends[i] = both[1];
    }
    int64_t deadline_ns = clock_after_ms(clock_now_ns(&clock_system), timeout_ms);
    if (r == 0)
        r = run(argv, deadline_ns, fds, ends, out, err, ret_status);
    for (int i = 0; i < 2; i++) {
        close_fd(&fds[OUT + i].fd);
        close_fd(&ends[i]);
    }
    return r;
}
