#include "unit/check.h"

#include "fs/spool.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 20000

static struct mailbox *mailbox;
static struct spooler *spooler;
static char directory[64];
static size_t dones;

static void setup(void)
{
    (void)snprintf(directory, sizeof(directory), "/tmp/pailfs-spool-%d", getpid());
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    dones = 0;
    mailbox = mailbox_new();
    ck_assert_int_eq(spooler_new(mailbox, directory, &spooler), 0);
}

static void teardown(void)
{
    spooler_free(spooler);
    mailbox_free(mailbox);
    /* Nothing was ever left in it. */
    ck_assert_int_eq(rmdir(directory), 0);
}

static void count_done(struct spool_job *job)
{
    (void)job;
    dones++;
}

static int run_job(struct spool *spool, bool write, uint64_t offset, char *data, size_t size)
{
    struct spool_job job = {
        .done = count_done, .data = data, .size = size, .offset = offset, .write = write};
    size_t before = dones;
    spool_start(spool, &job);
    while (dones == before)
        ck_assert_uint_gt(mailbox_wait(mailbox, WAIT_MS), 0);
    return job.status;
}

START_TEST(keeps_what_was_written)
{
    struct spool *spool = spool_new(spooler), *other = spool_new(spooler);
    char hello[] = "hello", world[] = "world", out[11] = "";
    ck_assert_int_eq(run_job(spool, true, 0, hello, 5), 0);
    ck_assert_int_eq(run_job(other, true, 0, world, 5), 0);
    ck_assert_int_eq(run_job(spool, true, 5, world, 5), 0);
    ck_assert_int_eq(run_job(spool, false, 0, out, 10), 0);
    ck_assert_str_eq(out, "helloworld");
    ck_assert_int_eq(run_job(other, false, 1, out, 4), 0);
    ck_assert_int_eq(memcmp(out, "orld", 4), 0);
    spool_free(spool);
    spool_free(other);
}
END_TEST

START_TEST(reads_nothing_that_was_not_written)
{
    struct spool *spool = spool_new(spooler);
    char hello[] = "hello", out[8];
    ck_assert_int_eq(run_job(spool, false, 0, out, 1), -EIO);
    ck_assert_int_eq(run_job(spool, true, 0, hello, 5), 0);
    ck_assert_int_eq(run_job(spool, false, 3, out, 3), -EIO);
    spool_free(spool);
}
END_TEST

START_TEST(says_why_it_cannot_write)
{
    ck_assert_int_eq(rmdir(directory), 0);
    struct spool *spool = spool_new(spooler);
    char hello[] = "hello";
    ck_assert_int_eq(run_job(spool, true, 0, hello, 5), -ENOENT);
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    ck_assert_int_eq(run_job(spool, true, 0, hello, 5), 0);
    spool_free(spool);
    spool_free(NULL);
}
END_TEST

SUITE_MAIN("fs/spool", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, keeps_what_was_written);
           tcase_add_test(tc, reads_nothing_that_was_not_written);
           tcase_add_test(tc, says_why_it_cannot_write));
