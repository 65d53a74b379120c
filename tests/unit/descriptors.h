/* unit/descriptors.h: how many descriptors a test may still open. */
#ifndef UNIT_DESCRIPTORS_H
#define UNIT_DESCRIPTORS_H

#include <fcntl.h>
#include <sys/resource.h>

/* Leaves `count` descriptors to be opened. Returns the limit that was, for
 * descriptors_restore. */
__attribute__((unused)) static struct rlimit descriptors_leave(unsigned count)
{
    struct rlimit before, now;
    getrlimit(RLIMIT_NOFILE, &before);
    now = before;
    now.rlim_cur = 0;
    for (int fd = 0; count > 0 || fcntl(fd, F_GETFD) >= 0; fd++, now.rlim_cur++)
        if (fcntl(fd, F_GETFD) < 0)
            count--;
    setrlimit(RLIMIT_NOFILE, &now);
    return before;
}

__attribute__((unused)) static void descriptors_restore(struct rlimit before)
{
    setrlimit(RLIMIT_NOFILE, &before);
}

#endif
