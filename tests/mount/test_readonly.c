/* Every way to write is EROFS, and asks nothing of the service. */
#include "mount/fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

static int opened(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0644);
    if (fd >= 0)
        (void)close(fd);
    return fd;
}

static int of_write_only(const char *f)
{
    return opened(f, O_WRONLY);
}
static int of_read_write(const char *f)
{
    return opened(f, O_RDWR);
}
static int of_truncating(const char *f)
{
    return opened(f, O_RDONLY | O_TRUNC);
}
static int of_appending(const char *f)
{
    return opened(f, O_WRONLY | O_APPEND);
}
static int of_creating(const char *f)
{
    (void)f;
    return opened(at("new"), O_WRONLY | O_CREAT);
}
static int of_creating_below(const char *f)
{
    (void)f;
    return opened(at("d/new"), O_RDONLY | O_CREAT | O_EXCL);
}
static int of_tmpfile(const char *f)
{
    (void)f;
    return opened(at("d"), O_TMPFILE | O_RDWR);
}
static int of_mkdir(const char *f)
{
    (void)f;
    return mkdir(at("newdir"), 0755);
}
static int of_mkfifo(const char *f)
{
    (void)f;
    return mkfifo(at("fifo"), 0644);
}
static int of_mknod(const char *f)
{
    (void)f;
    return mknod(at("node"), S_IFREG | 0644, 0);
}
static int of_symlink(const char *f)
{
    return symlink(f, at("symlink"));
}
static int of_link(const char *f)
{
    return link(f, at("link"));
}
static int of_unlink(const char *f)
{
    return unlink(f);
}
static int of_rmdir(const char *f)
{
    (void)f;
    return rmdir(at("d"));
}
static int of_rename(const char *f)
{
    return rename(f, at("renamed"));
}
static int of_rename_directory(const char *f)
{
    (void)f;
    return rename(at("d"), at("renamed"));
}
static int of_rename_over(const char *f)
{
    return rename(f, at("d/g"));
}
static int of_exchange(const char *f)
{
    return renameat2(AT_FDCWD, f, AT_FDCWD, at("d/g"), RENAME_EXCHANGE);
}
static int of_chmod(const char *f)
{
    return chmod(f, 0600);
}
static int of_chown(const char *f)
{
    return chown(f, 1, 1);
}
static int of_chmod_directory(const char *f)
{
    (void)f;
    return chmod(at("d"), 0700);
}
static int of_truncate(const char *f)
{
    return truncate(f, 3);
}
static int of_grow(const char *f)
{
    return truncate(f, 300);
}
static int of_utimes(const char *f)
{
    return utimensat(AT_FDCWD, f, NULL, 0);
}
static int of_setxattr(const char *f)
{
    return setxattr(f, "user.x", "y", 1, 0);
}
static int of_removexattr(const char *f)
{
    return removexattr(f, "user.s3.etag");
}
static int of_access(const char *f)
{
    return access(f, W_OK);
}
static int of_access_root(const char *f)
{
    (void)f;
    return access(top(), W_OK);
}

static const struct {
    const char *name;
    int (*write)(const char *file);
} writes[] = {
#define WAY(name_)                                                                             \
    {                                                                                          \
#name_, name_                                                                          \
    }
    WAY(of_write_only),
    WAY(of_read_write),
    WAY(of_truncating),
    WAY(of_appending),
    WAY(of_creating),
    WAY(of_creating_below),
    WAY(of_tmpfile),
    WAY(of_mkdir),
    WAY(of_mkfifo),
    WAY(of_mknod),
    WAY(of_symlink),
    WAY(of_link),
    WAY(of_unlink),
    WAY(of_rmdir),
    WAY(of_rename),
    WAY(of_rename_directory),
    WAY(of_rename_over),
    WAY(of_exchange),
    WAY(of_chmod),
    WAY(of_chown),
    WAY(of_chmod_directory),
    WAY(of_truncate),
    WAY(of_grow),
    WAY(of_utimes),
    WAY(of_setxattr),
    WAY(of_removexattr),
    WAY(of_access),
    WAY(of_access_root),
#undef WAY
};
#define WRITES (sizeof(writes) / sizeof(writes[0]))

static void put_files(void)
{
    put("f", 100, 1);
    put("d/g", 100, 2);
}

/* `_i`: as mounted by default, and where somebody asks for "rw". */
START_TEST(every_way_to_write)
{
    put_files();
    fixture_mount(_i ? "rw" : NULL);
    char *file = strdup(at("f"));
    for (size_t i = 0; i < WRITES; i++) {
        int r = writes[i].write(file);
        ck_assert_msg(r < 0 && errno == EROFS, "%s: %s", writes[i].name,
                      r < 0 ? strerrorname_np(errno) : "success");
    }
    free(file);
    ck_assert_uint_eq(peer_count(peer, NULL),
                      peer_count(peer, PEER_MATCH(.method = "GET")) +
                          peer_count(peer, PEER_MATCH(.method = "HEAD")));
    check_content(at("f"), 100, 1);
    check_content(at("d/g"), 100, 2);
    check_names(top(), "d|f");
}
END_TEST

/* Through a descriptor that is open for reading. */
START_TEST(through_a_descriptor)
{
    put_files();
    fixture_mount(NULL);
    int fd = open(at("f"), O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert(write(fd, "x", 1) < 0 && errno == EBADF);
    ck_assert(ftruncate(fd, 1) < 0 && (errno == EINVAL || errno == EBADF));
    ck_assert(fchmod(fd, 0600) < 0 && errno == EROFS);
    ck_assert(futimens(fd, NULL) < 0 && errno == EROFS);
    ck_assert(fsetxattr(fd, "user.x", "y", 1, 0) < 0 && errno == EROFS);
    ck_assert(mmap(NULL, 100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED &&
              errno == EACCES);
    /* One's own copy can be written to. */
    char *map = mmap(NULL, 100, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    ck_assert_ptr_ne(map, MAP_FAILED);
    map[0] = 'x';
    (void)munmap(map, 100);
    (void)close(fd);
    check_content(at("f"), 100, 1);
}
END_TEST

START_TEST(tools)
{
    char output[4096];
    put_files();
    fixture_mount(NULL);
    ck_assert_int_ne(harness_shell(top(), LONG_MS, output, sizeof(output), "echo x >f"), 0);
    ck_assert_int_ne(harness_shell(top(), LONG_MS, output, sizeof(output), "echo x >new"), 0);
    ck_assert_int_ne(harness_shell(top(), LONG_MS, output, sizeof(output), "cp f copy"), 0);
    ck_assert_ptr_nonnull(strstr(output, "Read-only file system"));
    ck_assert_int_ne(harness_shell(top(), LONG_MS, output, sizeof(output), "rm -rf d f"), 0);
    ck_assert_int_ne(harness_shell(top(), LONG_MS, output, sizeof(output), "mv f g"), 0);
    ck_assert_int_ne(harness_shell(top(), LONG_MS, output, sizeof(output), "touch f"), 0);
    check_names(top(), "d|f");
    check_content(at("f"), 100, 1);
}
END_TEST

START_TEST(the_mount_says_so)
{
    struct statvfs info;
    fixture_mount(NULL);
    ck_assert_int_eq(statvfs(top(), &info), 0);
    ck_assert_uint_ne(info.f_flag & ST_RDONLY, 0);
    ck_assert_uint_ne(info.f_flag & ST_NOSUID, 0);
    ck_assert_uint_ne(info.f_flag & ST_NODEV, 0);
    ck_assert_uint_eq(info.f_namemax, 1024);
    ck_assert_uint_gt(info.f_blocks, 0);
}
END_TEST

MOUNT_SUITE("mount/readonly", 60, tcase_add_loop_test(tc, every_way_to_write, 0, 2);
            tcase_add_test(tc, through_a_descriptor); tcase_add_test(tc, tools);
            tcase_add_test(tc, the_mount_says_so));
