/* fs/mount_init.h: the one reply that libfuse does not write as we need it. libfuse 3.14 knows
 * PARALLEL_DIROPS but never asks for it, and without it the kernel lets no second lookup into a
 * directory while one waits. Pure. */
#ifndef FS_MOUNT_INIT_H
#define FS_MOUNT_INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct iovec;

struct mount_init {
    uint64_t unique; /* of the kernel's INIT; 0: not seen yet */
    bool offered;    /* the kernel can do it */
    bool answered;   /* the caller's: the reply was sent */
};

/* Looks at a request from the kernel before libfuse does. */
void mount_init_request(struct mount_init *init, const void *request, size_t len);
/* Looks at a reply before it is sent: to the INIT that was seen, if that offered it, it is
 * added to the flags, in place. True if the reply is a good one to the INIT. */
bool mount_init_reply(const struct mount_init *init, const struct iovec *iov, int count);

#endif
