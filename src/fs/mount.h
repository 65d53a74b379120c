/* fs/mount.h: one FUSE session, from mounting to unmounting: the fs thread's loop. */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "fs/fs.h"

struct mount {
    const char *mountpoint;
    const char *fsname; /* shown in /proc/mounts: "s3://bucket" */
    bool allow_other;
    bool read_only;            /* the kernel refuses every way to write */
    const char *mount_options; /* passed on to the kernel or fusermount3, comma-separated:
                                  "nosuid,nodev,..." */
    bool debug;                /* libfuse's own trace to stderr */
    unsigned readahead_kb;     /* of the kernel, where its user may set it: root; 0: as it is */
    /* On this thread, when the kernel's INIT was answered: the mount is usable. */
    void (*ready)(void *user);
    void *user;
};

/* Mounts, serves until unmounted or SIGTERM, SIGINT, SIGHUP, unmounts; SIGUSR1 logs the
 * operations that wait (all blocked in every thread by the caller beforehand; read here through
 * a signalfd). The calling thread becomes the fs thread. 0 after a clean end; -errno with one
 * line for people in `reason` if it could not be mounted or the session broke. */
int mount_run(struct fs *fs, const struct mount *mount, char *reason, size_t reason_size);

#endif
