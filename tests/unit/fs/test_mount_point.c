#include "unit/check.h"

#include "fs/mount_point.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char directory[64];

static const char *below(const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static void setup(void)
{
    snprintf(directory, sizeof(directory), "/tmp/mount_point.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void teardown(void)
{
    unlink(below("file"));
    unlink(below("link"));
    rmdir(directory);
}

START_TEST(a_directory_is_made_absolute)
{
    setup();
    ck_assert_int_eq(symlink(directory, below("link")), 0);
    char reason[256] = "";
    struct mount_point point;
    ck_assert_int_eq(mount_point_prepare(&point, below("link"), reason, sizeof(reason)), 0);
    ck_assert_str_eq(point.path, directory);
    ck_assert_str_eq(reason, "");
    mount_point_done(&point);
    teardown();
}
END_TEST

static void check_refused(const char *path, int r, const char *why)
{
    char reason[256] = "", expected[512];
    struct mount_point point;
    snprintf(expected, sizeof(expected), "mount point %s: %s", path, why);
    ck_assert_int_eq(mount_point_prepare(&point, path, reason, sizeof(reason)), r);
    ck_assert_str_eq(reason, expected);
    ck_assert_ptr_null(point.path);
    ck_assert_int_lt(point.lock_fd, 0);
}

START_TEST(others_are_refused)
{
    setup();
    close(open(below("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    check_refused(below("missing"), -ENOENT, "no such directory");
    check_refused("", -ENOENT, "no such directory");
    check_refused(below("file"), -ENOTDIR, "not a directory");
    check_refused(below("file/x"), -ENOTDIR, "Not a directory");
    check_refused("/proc", -EBUSY, "something is already mounted there");
    teardown();
}
END_TEST

/* Several may find it free: the first is to mount there. */
START_TEST(one_at_a_time)
{
    setup();
    char reason[256] = "";
    struct mount_point first, second;
    ck_assert_int_eq(mount_point_prepare(&first, directory, reason, sizeof(reason)), 0);
    ck_assert_int_ge(first.lock_fd, 0);
    /* Whoever has the name and mounts nothing keeps nobody away. */
    ck_assert_int_eq(mount_point_prepare(&second, directory, reason, sizeof(reason)), 0);
    ck_assert_int_lt(second.lock_fd, 0);
    mount_point_done(&second);
    mount_point_mounted(&first);
    ck_assert_int_lt(first.lock_fd, 0);
    ck_assert_int_eq(mount_point_prepare(&second, directory, reason, sizeof(reason)), 0);
    ck_assert_int_ge(second.lock_fd, 0);
    mount_point_done(&first);
    mount_point_done(&second);
    teardown();
}
END_TEST

SUITE_MAIN("fs/mount_point", tcase_add_test(tc, a_directory_is_made_absolute);
           tcase_add_test(tc, others_are_refused); tcase_add_test(tc, one_at_a_time));
