#include "fs/mount_point.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOCK_MS         5000 /* how long another who mounts there is waited for */
#define LOCK_STEP_MS    20
#define DEAD_MOUNTS_MAX 16 /* filesystems that died one on top of the other */

extern char **environ;

static int fusermount_lazily(const char *path)
{
    char program[] = "fusermount3", unmount[] = "-uqz", end[] = "--";
    CLEANUP(heap) char *target = str_dup(str_c(path));
    if (!target)
        return -ENOMEM;
    char *argv[] = {program, unmount, end, target, NULL};
    pid_t pid;
    int r = posix_spawnp(&pid, program, NULL, NULL, argv, environ);
    if (r != 0)
        return -r;
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

static int unmount_dead(const char *path)
{
    if (umount2(path, MNT_DETACH) == 0)
        return 0;
    return errno == EPERM ? fusermount_lazily(path) : -errno;
}

static int fail(int sys, const char *path, const char *what, char *reason, size_t reason_size)
{
    snprintf(reason, reason_size, "mount point %s: %s", path, what);
    return -sys;
}

/* Asks until no dead filesystem answers: itself, as attributes that the kernel remembers
 * outlive it. */
static int stat_alive(const char *path, struct statx *ret)
{
    for (int dead = 0;; dead++) {
        if (statx(AT_FDCWD, path, AT_STATX_FORCE_SYNC, STATX_TYPE | STATX_INO, ret) == 0)
            return 0;
        if (errno != ENOTCONN || dead == DEAD_MOUNTS_MAX || unmount_dead(path) < 0)
            return -errno;
    }
}

static int check(const char *path, char *reason, size_t reason_size)
{
    struct statx found;
    int r = stat_alive(path, &found);
    if (r == -ENOENT)
        return fail(ENOENT, path, "no such directory", reason, reason_size);
    if (r == -ENOTCONN)
        return fail(ENOTCONN, path,
                    "a dead filesystem is mounted there and cannot be unmounted", reason,
                    reason_size);
    if (r < 0)
        return fail(-r, path, strerror(-r), reason, reason_size);
    if (!S_ISDIR(found.stx_mode))
        return fail(ENOTDIR, path, "not a directory", reason, reason_size);
    if (found.stx_attributes & found.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
        return fail(EBUSY, path, "something is already mounted there", reason, reason_size);
    return 0;
}

/* A name that only one process has at a time, and nobody after it has ended: not a lock of the
 * directory itself, which others may hold for reasons of their own. -1: somebody has it. */
static int take_name(const struct statx *directory)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int len = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "pailfs/%u:%u/%" PRIu64,
                       directory->stx_dev_major, directory->stx_dev_minor,
                       (uint64_t)directory->stx_ino);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&name, size) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Of several who found the directory free one goes on at a time, and looks again. Who waited in
 * vain goes on if it is still free: the name may be taken by others. */
static int lock(struct mount_point *point, const char *path, char *reason, size_t reason_size)
{
    const struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000};
    struct statx found;
    int r = stat_alive(path, &found);
    if (r < 0)
        return fail(-r, path, strerror(-r), reason, reason_size);
    for (int ms = 0; ms < LOCK_MS; ms += LOCK_STEP_MS) {
        point->lock_fd = take_name(&found);
        r = check(path, reason, reason_size);
        if (r < 0 || point->lock_fd >= 0)
            return r;
        nanosleep(&step, NULL);
    }
    return check(path, reason, reason_size);
}

int mount_point_prepare(struct mount_point *point, const char *path, char *reason,
                        size_t reason_size)
{
    *point = (struct mount_point){.lock_fd = -1};
    int r = check(path, reason, reason_size);
    if (r < 0)
        return r;
    r = lock(point, path, reason, reason_size);
    if (r == 0) {
        point->path = realpath(path, NULL);
        if (!point->path)
            r = fail(errno, path, strerror(errno), reason, reason_size);
    }
    if (r < 0)
        mount_point_done(point);
    return r;
}

void mount_point_mounted(struct mount_point *point)
{
    if (point->lock_fd >= 0)
        close(point->lock_fd);
    point->lock_fd = -1;
}

void mount_point_done(struct mount_point *point)
{
    mount_point_mounted(point);
    free(STEAL(point->path));
}

int mount_point_set_readahead(const char *path, unsigned kilobytes)
{
    struct statx found;
    if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, 0, &found) < 0)
        return -errno;
    char file[96], text[24];
    snprintf(file, sizeof(file), "/sys/class/bdi/%u:%u/read_ahead_kb", found.stx_dev_major,
             found.stx_dev_minor);
    int len = snprintf(text, sizeof(text), "%u", kilobytes);
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = write(fd, text, (size_t)len) == len ? 0 : -errno;
    close(fd);
    return r;
}
