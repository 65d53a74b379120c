#include "fs/mount.h"

#include "base/log.h"
#include "fs/mount_init.h"
#include "fs/mount_messages.h"
#include "fs/mount_point.h"
#include "fs/ops.h"

#define FUSE_USE_VERSION 314
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/uio.h>
#include <unistd.h>

#define REQUESTS_A_TURN 64 /* taken from the kernel before the mailbox is looked at again */

/* fs thread only. */
struct session {
    struct fs *fs;
    const struct mount *mount;
    struct fuse_session *fuse;
    struct mount_init init;
    struct fuse_buf request;
    int signal_fd;
    bool told_ready;
    bool ended; /* by a signal */
};

/* ---- between libfuse and the kernel ---- */

static ssize_t device_read(int fd, void *data, size_t size, void *user)
{
    struct session *s = ((struct fs *)user)->session;
    ssize_t n = read(fd, data, size);
    /* Of a read that the unmount overtook; libfuse knows only the other word for the end. */
    if (n < 0 && errno == ECONNABORTED)
        errno = ENODEV;
    if (n > 0 && !s->init.answered)
        mount_init_request(&s->init, data, (size_t)n);
    return n;
}

static ssize_t device_write(int fd, struct iovec *iov, int count, void *user)
{
    struct session *s = ((struct fs *)user)->session;
    bool answers_init = !s->init.answered && mount_init_reply(&s->init, iov, count);
    ssize_t n = writev(fd, iov, count);
    if (n > 0 && answers_init)
        s->init.answered = true;
    return n;
}

static const struct fuse_custom_io device_io = {.read = device_read, .writev = device_write};

/* ---- the loop ---- */

/* Takes requests until none waits. 0 or -errno; the end of the mount shows in
 * fuse_session_exited. */
static int take_requests(struct session *s)
{
    for (int i = 0; i < REQUESTS_A_TURN; i++) {
        int n = fuse_session_receive_buf(s->fuse, &s->request);
        if (n == -EAGAIN)
            return 0;
        if (n == -EINTR)
            continue;
        if (n <= 0)
            return n;
        fuse_session_process_buf(s->fuse, &s->request);
        if (fuse_session_exited(s->fuse))
            return 0;
    }
    return 0;
}

static void take_signal(struct session *s)
{
    struct signalfd_siginfo info;
    if (read(s->signal_fd, &info, sizeof(info)) != sizeof(info))
        return;
    if (info.ssi_signo == SIGUSR1) {
        ops_log_waiting(s->fs);
        return;
    }
    log_info("unmounting %s: signal %u (%s)", s->mount->mountpoint, info.ssi_signo,
             sigabbrev_np((int)info.ssi_signo));
    s->ended = true;
}

static void tell_ready(struct session *s)
{
    s->told_ready = true;
    if (s->mount->readahead_kb > 0) {
        int r = mount_point_set_readahead(s->mount->mountpoint, s->mount->readahead_kb);
        if (r < 0 && geteuid() == 0)
            log_warn("readahead_kb is not set: %s", strerror(-r));
    }
    if (s->mount->ready)
        s->mount->ready(s->mount->user);
}

static int serve(struct session *s)
{
    struct fs *fs = s->fs;
    enum { DEVICE, MAILBOX, SIGNAL };
    struct pollfd fds[] = {
        [DEVICE] = {.fd = fuse_session_fd(s->fuse), .events = POLLIN},
        [MAILBOX] = {.fd = mailbox_fd(fs->mailbox), .events = POLLIN},
        [SIGNAL] = {.fd = s->signal_fd, .events = POLLIN},
    };
    while (!s->ended && !fuse_session_exited(s->fuse)) {
        int64_t now = clock_now_ns(fs->clock);
        timers_run(&fs->timers, now);
        int n = poll(fds, ARRAY_LEN(fds), timers_poll_ms(timers_next(&fs->timers), now));
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n <= 0)
            continue;
        if (fds[SIGNAL].revents)
            take_signal(s);
        if (fds[DEVICE].revents) {
            int r = take_requests(s);
            if (r < 0)
                return r;
        }
        if (fds[MAILBOX].revents)
            mailbox_deliver(fs->mailbox);
        if (s->init.answered && !s->told_ready)
            tell_ready(s);
    }
    return 0;
}

/* ---- from mounting to unmounting ---- */

static int add_options(struct fuse_args *args, const struct mount *mount)
{
    CLEANUP_DONE(buf) struct buf name;
    buf_init(&name, 8192);
    buf_addf(&name, "fsname=%s", mount->fsname);
    char *options = NULL;
    int r = buf_failed(&name) ? -1 : fuse_opt_add_opt_escaped(&options, buf_c(&name));
    r = r < 0 ? r : fuse_opt_add_opt(&options, "subtype=pailfs,default_permissions");
    if (r == 0 && mount->mount_options && mount->mount_options[0])
        r = fuse_opt_add_opt(&options, mount->mount_options);
    if (r == 0 && mount->read_only)
        r = fuse_opt_add_opt(&options, "ro");
    if (r == 0 && mount->allow_other)
        r = fuse_opt_add_opt(&options, "allow_other");
    if (r == 0 && mount->debug)
        r = fuse_opt_add_opt(&options, "debug");
    r = r < 0 ? r : fuse_opt_add_arg(args, "pailfs");
    r = r < 0 ? r : fuse_opt_add_arg(args, "-o");
    r = r < 0 ? r : fuse_opt_add_arg(args, options);
    free(options);
    return r < 0 ? -ENOMEM : 0;
}

static int open_signals(struct session *s)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signal_fd < 0 ? -errno : 0;
}

static int session_open(struct session *s)
{
    struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
    int r = add_options(&args, s->mount);
    if (r == 0) {
        s->fuse = fuse_session_new(&args, &fs_operations, sizeof(fs_operations), s->fs);
        s->fs->fuse = s->fuse;
        r = s->fuse ? 0 : -EINVAL;
    }
    fuse_opt_free_args(&args);
    if (r < 0)
        return r;
    r = open_signals(s);
    if (r < 0)
        return r;
    errno = 0;
    if (fuse_session_mount(s->fuse, s->mount->mountpoint) < 0)
        return errno ? -errno : -EIO;
    int fd = fuse_session_fd(s->fuse);
    if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
        return -errno;
    return fuse_session_custom_io(s->fuse, &device_io, fd) == 0 ? 0 : -ENOMEM;
}

static void session_close(struct session *s)
{
    /* Answered before the connection ends, so that readers get an errno of ours. */
    if (s->fs->parking.count > 0)
        log_warn("unmounting %s: %zu operations that waited end with EIO", s->mount->mountpoint,
                 s->fs->parking.count);
    parking_close(&s->fs->parking, EIO);
    if (s->fuse) {
        fuse_session_unmount(s->fuse);
        fuse_session_destroy(s->fuse);
    }
    if (s->signal_fd >= 0)
        close(s->signal_fd);
    free(s->request.mem);
    s->fs->session = NULL;
    s->fs->fuse = NULL;
}

int mount_run(struct fs *fs, const struct mount *mount, char *reason, size_t reason_size)
{
    struct session s = {.fs = fs, .mount = mount, .signal_fd = -1};
    char said[256];
    fs->session = &s;
    mount_messages_catch();
    int r = session_open(&s);
    mount_messages_release(said, sizeof(said));
    if (r < 0) {
        snprintf(reason, reason_size, "cannot mount on %s: %s", mount->mountpoint,
                 said[0] ? said : strerror(-r));
    } else {
        r = serve(&s);
        if (r < 0) {
            snprintf(reason, reason_size, "the FUSE device failed: %s", strerror(-r));
        } else if (!s.told_ready && !s.ended) {
            r = -EPROTO;
            snprintf(reason, reason_size, "unmounted from %s before it was ready",
                     mount->mountpoint);
        }
    }
    session_close(&s);
    return r;
}
