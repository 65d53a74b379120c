#include "unit/cli/doctor_rig.h"

#include "unit/check.h"

#include <stdlib.h>

struct peer_s3 *doctor_s3;
struct peer *doctor_peer;

void doctor_setup(void)
{
    static const char *const unset[] = {
        "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",    "AWS_DEFAULT_REGION", "NO_PROXY",
        "no_proxy",          "HTTPS_PROXY", "https_proxy",   "http_proxy",         "HTTP_PROXY",
        "ALL_PROXY",         "all_proxy",   "AWS_CA_BUNDLE", "AWS_RETRY_MODE"};
    for (size_t i = 0; i < ARRAY_LEN(unset); i++)
        unsetenv(unset[i]);
    setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI", 1);
    setenv("AWS_CONFIG_FILE", "/nonexistent/config", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials", 1);
    doctor_s3 = peer_s3_start();
    doctor_peer = peer_s3_peer(doctor_s3);
    peer_s3_bucket(doctor_s3, "bkt");
    peer_s3_put_text(doctor_s3, "bkt", "dir/", "");
    peer_s3_put_text(doctor_s3, "bkt", "dir/a", "0123456789");
    peer_s3_bucket(doctor_s3, "empty");
}

void doctor_teardown(void)
{
    peer_s3_stop(doctor_s3);
}

const char *const doctor_checks[DOCTOR_CHECKS] = {
    "configuration", "name",   "connection",  "tls",  "service", "clock",
    "bucket",        "region", "credentials", "list", "head",    "get"};

/* The check's line; its result in `result`. Fails the test if there is none. */
static struct pail_str line_of(const char *check, char result[16])
{
    struct pail_str rest = str_c(pail_printed), line;
    while (str_next(&rest, '\n', &line)) {
        size_t space = str_find(line, ' ', 0);
        struct pail_str name = str_trim(str_sub(line, space, line.len));
        name = str_sub(name, 0, str_find(name, ' ', 0));
        if (!str_eq_c(name, check))
            continue;
        str_copy(result, 16, str_sub(line, 0, space));
        return line;
    }
    ck_abort_msg("no line of %s in:\n%s", check, pail_printed);
}

void doctor_result(const char *check, const char *wanted)
{
    char result[16];
    struct pail_str line = line_of(check, result);
    ck_assert_msg(strcmp(result, wanted) == 0, "%s is %s, not %s: %.*s", check, result, wanted,
                  PAIL_ARGS(line));
}

void doctor_says(const char *check, const char *says)
{
    char result[16];
    struct pail_str line = line_of(check, result), rest = str_c(says), part;
    while (says[0] && str_next(&rest, '|', &part))
        ck_assert_msg(memmem(line.ptr, line.len, part.ptr, part.len),
                      "\"%.*s\" is not in: %.*s", PAIL_ARGS(part), PAIL_ARGS(line));
}

void doctor_skipped_from(const char *first)
{
    bool reached = false;
    for (size_t i = 0; i < DOCTOR_CHECKS; i++) {
        reached = reached || strcmp(doctor_checks[i], first) == 0;
        if (reached && strcmp(doctor_checks[i], "credentials") != 0)
            doctor_result(doctor_checks[i], "skipped");
    }
}
