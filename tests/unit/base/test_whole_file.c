#include "base/whole_file.h"

#include "unit/check.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static char path[64];

static void write_bytes(size_t len)
{
    (void)snprintf(path, sizeof(path), "/tmp/test_whole_file.XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    for (size_t i = 0; i < len; i++)
        ck_assert_int_eq(write(fd, i % 7 ? "x" : "\0", 1), 1);
    (void)close(fd);
}

START_TEST(reads)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 10000};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        CLEANUP_DONE(buf) struct buf b;
        buf_init(&b, 10003);
        buf_add_c(&b, "abc");
        write_bytes(sizes[i]);
        ck_assert_int_eq(whole_file_read(path, &b), 0);
        ck_assert_uint_eq(b.len, 3 + sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++)
            ck_assert_int_eq(b.data[3 + at], at % 7 ? 'x' : '\0');
        (void)unlink(path);
    }
}
END_TEST

START_TEST(fails)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100);
    ck_assert_int_eq(whole_file_read("/nonexistent", &b), -ENOENT);
    ck_assert_int_eq(whole_file_read("/dev/null/x", &b), -ENOTDIR);
    ck_assert_int_eq(whole_file_read("/", &b), -EISDIR);
    write_bytes(101);
    ck_assert_int_eq(whole_file_read(path, &b), -EFBIG);
    buf_done(&b);
    buf_init(&b, 1000);
    alloc_fail_after(0);
    int r = whole_file_read(path, &b);
    alloc_fail_after(-1);
    ck_assert_int_eq(r, -ENOMEM);
    (void)unlink(path);
}
END_TEST

SUITE_MAIN("base/whole_file", tcase_add_test(tc, reads); tcase_add_test(tc, fails));
