#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK 4096

/* Bytes taken; 0 at the end; -errno. */
static ssize_t take(int fd, char *chunk, struct buf *ret)
{
    ssize_t n = read(fd, chunk, CHUNK);
    if (n < 0)
        return errno == EINTR ? 1 : -errno;
    buf_add(ret, chunk, (size_t)n);
    return n;
}

int whole_file_read(const char *path, struct buf *ret)
{
    char chunk[CHUNK];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = 1;
    while (n > 0 && !buf_failed(ret))
        n = take(fd, chunk, ret);
    (void)close(fd);
    explicit_bzero(chunk, sizeof(chunk)); /* it may have been a token */
    if (buf_failed(ret))
        return buf_failed(ret) == -ENOMEM ? -ENOMEM : -EFBIG;
    return n < 0 ? (int)n : 0;
}
