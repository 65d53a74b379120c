/* fs/mount_point.h: the directory that is mounted on, before and after. Any thread but the fs
 * thread while mounted there. */
#ifndef FS_MOUNT_POINT_H
#define FS_MOUNT_POINT_H

#include <stddef.h>

struct mount_point {
    char *path;  /* absolute; NULL: none. Owned */
    int lock_fd; /* -1: none */
};

/* Makes sure that `path` can be mounted on: a directory, and nothing mounted there. Others who
 * ask wait until mount_point_mounted or _done, for some seconds. What a dead filesystem left
 * there ("Transport endpoint is not connected") is unmounted. 0, or -errno with one line for
 * people in `reason` (-EBUSY: something is mounted there). */
int mount_point_prepare(struct mount_point *point, const char *path, char *reason,
                        size_t reason_size);
/* It is mounted: that is seen now by those who ask. Lets go of the directory below. */
void mount_point_mounted(struct mount_point *point);
/* Frees what it holds. */
void mount_point_done(struct mount_point *point);

/* Sets the kernel's read-ahead of the filesystem mounted there; needs root. Asks the filesystem
 * nothing: the fs thread may call it. 0 or -errno. */
int mount_point_set_readahead(const char *path, unsigned kilobytes);

#endif
