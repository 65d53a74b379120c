/* pail doctor against a real S3 server (scripts/s3-server, as the environment names it). */
#include "mount/fixture.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

static char bucket[64], output[64 * 1024];

static void setup(void)
{
    ck_assert_msg(harness_server_endpoint(), "no S3 server: scripts/test starts one");
    ck_assert_ptr_nonnull(getenv("PAIL_BIN"));
    (void)snprintf(bucket, sizeof(bucket), "pail-doctor-%d", getpid());
    int r = harness_shell(harness_root(), LONG_MS, output, sizeof(output),
                          "printf 0123456789 >content && " PAIL_SCRIPTS
                          "/s3-load put content s3://%s/dir/a",
                          bucket);
    ck_assert_msg(r == 0, "%s", output);
}

static void teardown(void)
{
    (void)harness_shell(harness_root(), LONG_MS, output, sizeof(output),
                        PAIL_SCRIPTS "/s3-load rb s3://%s", bucket);
}

/* The exit status; what it printed is in `output`. */
__attribute__((format(printf, 1, 2))) static int doctor(const char *format, ...)
{
    char command[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    return harness_shell(harness_root(), LONG_MS, output, sizeof(output), "%s", command);
}

static void check_line(const char *check, const char *result, const char *says)
{
    char start[64];
    (void)snprintf(start, sizeof(start), "%-8s %-14s", result, check);
    const char *line = strstr(output, start);
    ck_assert_msg(line != NULL, "no \"%s\" in\n%s", start, output);
    ck_assert_msg(memmem(line, strcspn(line, "\n"), says, strlen(says)), "\"%s\" is not in %s",
                  says, line);
}

START_TEST(all_is_well)
{
    static const char *const good[] = {"configuration", "name",   "connection", "service",
                                       "clock",         "bucket", "region",     "credentials",
                                       "list",          "head",   "get"};
    int status = doctor("\"$PAIL_BIN\" doctor s3://%s", bucket);
    ck_assert_msg(status == 0, "%d\n%s", status, output);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        check_line(good[i], "ok", "");
    check_line("tls", "warning", "not encrypted");
    check_line("configuration", "ok", harness_server_endpoint());
    check_line("credentials", "ok", "from environment");
    check_line("head", "ok", "dir/a, 10 bytes");
    ck_assert_ptr_null(strstr(output, getenv("AWS_SECRET_ACCESS_KEY")));
    ck_assert_int_eq(doctor("\"$PAIL_BIN\" doctor s3://"), 0);
    check_line("list", "ok", "the account's buckets can be listed");
}
END_TEST

START_TEST(what_is_wrong)
{
    ck_assert_int_eq(doctor("\"$PAIL_BIN\" doctor s3://%s-none", bucket), 3);
    check_line("bucket", "FAILED", "there is no bucket");
    ck_assert_int_eq(
        doctor("AWS_ACCESS_KEY_ID=AKIANOBODY \"$PAIL_BIN\" doctor s3://%s", bucket), 4);
    /* Which this server does not tell from any other denial. */
    check_line("list", "FAILED", "also answer so to keys that they do not know");
    ck_assert_int_eq(
        doctor("AWS_SECRET_ACCESS_KEY=another \"$PAIL_BIN\" doctor s3://%s", bucket), 4);
    check_line("list", "FAILED", "also answer so to keys that they do not know");
    ck_assert_int_eq(doctor("\"$PAIL_BIN\" doctor --no-sign-request s3://%s/dir/a", bucket), 4);
    check_line("credentials", "ok", "none are used");
    check_line("list", "FAILED", "nobody may list the bucket without keys");
    check_line("get", "FAILED", "nobody may read objects without keys");
}
END_TEST

SUITE_PROGRAM("mount/doctor", 120, harness_begin(),
              tcase_add_checked_fixture(tc, setup, teardown);
              tcase_add_test(tc, all_is_well); tcase_add_test(tc, what_is_wrong));
