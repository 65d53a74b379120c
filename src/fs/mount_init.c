#include "fs/mount_init.h"

#include <linux/fuse.h>
#include <string.h>
#include <sys/uio.h>

void mount_init_request(struct mount_init *init, const void *request, size_t len)
{
    struct fuse_in_header header;
    uint32_t flags;
    size_t flags_at = sizeof(header) + offsetof(struct fuse_init_in, flags);
    if (len < flags_at + sizeof(flags))
        return;
    memcpy(&header, request, sizeof(header));
    if (header.opcode != FUSE_INIT)
        return;
    memcpy(&flags, (const char *)request + flags_at, sizeof(flags));
    init->unique = header.unique;
    init->offered = flags & FUSE_PARALLEL_DIROPS;
}

bool mount_init_reply(const struct mount_init *init, const struct iovec *iov, int count)
{
    struct fuse_out_header header;
    uint32_t flags;
    size_t flags_at = offsetof(struct fuse_init_out, flags);
    if (init->unique == 0 || count < 2 || iov[0].iov_len != sizeof(header) ||
        iov[1].iov_len < flags_at + sizeof(flags))
        return false;
    memcpy(&header, iov[0].iov_base, sizeof(header));
    if (header.unique != init->unique || header.error != 0)
        return false;
    if (init->offered) {
        memcpy(&flags, (char *)iov[1].iov_base + flags_at, sizeof(flags));
        flags |= FUSE_PARALLEL_DIROPS;
        memcpy((char *)iov[1].iov_base + flags_at, &flags, sizeof(flags));
    }
    return true;
}
