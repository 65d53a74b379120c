#include "examples/runner.h"

#include <stdio.h>
#include <string.h>

static bool matches(const char *pattern, const char *text)
{
    const char *star = strchr(pattern, '*');
    size_t len = star ? (size_t)(star - pattern) : strlen(pattern);
    if (strncmp(pattern, text, len) != 0)
        return false;
    if (!star)
        return text[len] == '\0';
    for (text += len; *text && !matches(star + 1, text); text++)
        continue;
    return matches(star + 1, text);
}

void run_example(const char *environment, const char *example, const char *arguments,
                 const char *output, int status)
{
    char got[8192];
    int r = harness_shell(harness_root(), RUN_MS, got, sizeof(got),
                          "env -i HOME=%s AWS_EC2_METADATA_DISABLED=true AWS_REGION=us-east-1 "
                          "%s " PAIL_EXAMPLES "/example_%s %s",
                          harness_root(), environment, example, arguments);
    ck_assert_msg(matches(output, got), "%s %s printed:\n%sinstead of:\n%s", example, arguments,
                  got, output);
    ck_assert_int_eq(r, status);
}

void run_example_at(const char *endpoint, const char *example, const char *arguments,
                    const char *output, int status)
{
    char environment[256];
    (void)snprintf(environment, sizeof(environment),
                   "AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=secret AWS_ENDPOINT_URL=%s",
                   endpoint);
    run_example(environment, example, arguments, output, status);
}
