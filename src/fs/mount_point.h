/* fs/mount_point.h: the directory that is mounted on, before and after. Any thread but the fs
 * thread while mounted there. */
#ifndef FS_MOUNT_POINT_H
#define FS_MOUNT_POINT_H

#include <stddef.h>

/* Makes sure that `path` can be mounted on: a directory, and nothing mounted there. What a dead
 * filesystem left there ("Transport endpoint is not connected") is unmounted. 0 with its
 * absolute path, a heap string the caller frees, or -errno with one line for people in `reason`
 * (-EBUSY: something is mounted there). */
int mount_point_prepare(const char *path, char **ret_absolute, char *reason,
                        size_t reason_size);

/* Sets the kernel's read-ahead of the filesystem mounted there; needs root. Asks the filesystem
 * nothing: the fs thread may call it. 0 or -errno. */
int mount_point_set_readahead(const char *path, unsigned kilobytes);

#endif
