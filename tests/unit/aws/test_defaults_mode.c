#include "unit/check.h"

#include "aws/defaults_mode.h"
#include "unit/aws/environment.h"

#include <errno.h>

#define PAIRS_MAX 12
#define AUTO      "AWS_DEFAULTS_MODE", "auto"
#define RUNS_IN   "AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"

/* What a test says where, and what settings_load makes of it. */
struct given {
    struct pail_config code;
    const char *env[PAIRS_MAX]; /* name, value, ... */
    const char *file;
};

static int load(const struct given *given, struct settings **ret, struct pail_error *error)
{
    struct test_file file;
    const char *env[PAIRS_MAX + 5] = {"AWS_CONFIG_FILE", file.path,
                                      "AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"};
    write_file(&file, given->file ? given->file : "");
    memcpy(&env[4], given->env, sizeof(given->env));
    int r = settings_load(&given->code, test_getenv, env, ret, error);
    drop_file(&file);
    return r;
}

static const struct {
    struct given given;
    enum pail_defaults_mode mode;
    int64_t connect_timeout_ms;
    bool s3_regional, sts_global;
} rows[] = {
    {{{0}, {0}, NULL}, PAIL_DEFAULTS_LEGACY, 60000, false, false},
    {{{0}, {"AWS_DEFAULTS_MODE", "legacy"}, NULL}, PAIL_DEFAULTS_LEGACY, 60000, false, false},
    {{{0}, {"AWS_DEFAULTS_MODE", "standard"}, NULL}, PAIL_DEFAULTS_STANDARD, 3100, true, false},
    {{{0}, {"AWS_DEFAULTS_MODE", "in-region"}, NULL},
     PAIL_DEFAULTS_IN_REGION,
     1100,
     true,
     false},
    {{{0}, {"AWS_DEFAULTS_MODE", "Cross-Region"}, NULL},
     PAIL_DEFAULTS_CROSS_REGION,
     3100,
     true,
     false},
    {{{0}, {"AWS_DEFAULTS_MODE", "MOBILE"}, NULL}, PAIL_DEFAULTS_MOBILE, 30000, true, false},
    /* Code, environment, profile. */
    {{{.defaults_mode = PAIL_DEFAULTS_MOBILE},
      {"AWS_DEFAULTS_MODE", "in-region"},
      "[default]\ndefaults_mode = standard\n"},
     PAIL_DEFAULTS_MOBILE,
     30000,
     true,
     false},
    {{{.defaults_mode = PAIL_DEFAULTS_LEGACY}, {"AWS_DEFAULTS_MODE", "in-region"}, NULL},
     PAIL_DEFAULTS_LEGACY,
     60000,
     false,
     false},
    {{{0}, {"AWS_DEFAULTS_MODE", "in-region"}, "[default]\ndefaults_mode = mobile\n"},
     PAIL_DEFAULTS_IN_REGION,
     1100,
     true,
     false},
    {{{0}, {"AWS_DEFAULTS_MODE", ""}, "[default]\ndefaults_mode = mobile\n"},
     PAIL_DEFAULTS_MOBILE,
     30000,
     true,
     false},
    {{{.profile = "x"}, {0}, "[default]\n[profile x]\ndefaults_mode = standard\n"},
     PAIL_DEFAULTS_STANDARD,
     3100,
     true,
     false},
    /* What is said of one thing goes before the mode. */
    {{{.connect_timeout_ms = 7}, {"AWS_DEFAULTS_MODE", "standard"}, NULL},
     PAIL_DEFAULTS_STANDARD,
     7,
     true,
     false},
    {{{0},
      {"AWS_DEFAULTS_MODE", "standard", "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "legacy"},
      "[default]\ns3 =\n  us_east_1_regional_endpoint = regional\n"},
     PAIL_DEFAULTS_STANDARD,
     3100,
     false,
     false},
    {{{0}, {0}, "[default]\ns3 =\n  us_east_1_regional_endpoint = regional\n"},
     PAIL_DEFAULTS_LEGACY,
     60000,
     true,
     false},
    {{{0}, {0}, "[default]\ns3_us_east_1_regional_endpoint = regional\n"},
     PAIL_DEFAULTS_LEGACY,
     60000,
     true,
     false},
    {{{0},
      {"AWS_DEFAULTS_MODE", "standard", "AWS_STS_REGIONAL_ENDPOINTS", "legacy"},
      "[default]\nsts_regional_endpoints = regional\n"},
     PAIL_DEFAULTS_STANDARD,
     3100,
     true,
     true},
    {{{0}, {0}, "[default]\nsts_regional_endpoints = legacy\n"},
     PAIL_DEFAULTS_LEGACY,
     60000,
     false,
     true},
    {{{.legacy_connect_timeout_ms = 7}, {0}, NULL}, PAIL_DEFAULTS_LEGACY, 7, false, false},
    {{{.legacy_connect_timeout_ms = 7, .connect_timeout_ms = 8}, {0}, NULL},
     PAIL_DEFAULTS_LEGACY,
     8,
     false,
     false},
    {{{.legacy_connect_timeout_ms = 7}, {"AWS_DEFAULTS_MODE", "mobile"}, NULL},
     PAIL_DEFAULTS_MOBILE,
     30000,
     true,
     false},
    /* auto: known from the environment... */
    {{{.region = "eu-west-1"}, {AUTO, RUNS_IN, "AWS_REGION", "eu-west-1"}, NULL},
     PAIL_DEFAULTS_IN_REGION,
     1100,
     true,
     false},
    {{{.region = "eu-west-2"},
      {AUTO, RUNS_IN, "AWS_REGION", "eu-west-1", "AWS_DEFAULT_REGION", "eu-west-2"},
      NULL},
     PAIL_DEFAULTS_CROSS_REGION,
     3100,
     true,
     false},
    {{{0}, {AUTO, RUNS_IN, "AWS_DEFAULT_REGION", "eu-west-2"}, NULL},
     PAIL_DEFAULTS_IN_REGION,
     1100,
     true,
     false},
    /* ...of no consequence... */
    {{{.region = "eu-west-1", .connect_timeout_ms = 7}, {AUTO}, NULL},
     PAIL_DEFAULTS_STANDARD,
     7,
     true,
     false},
    {{{0}, {AUTO}, NULL}, PAIL_DEFAULTS_STANDARD, 3100, true, false},
    {{{.region = "eu-west-1"}, {AUTO, "AWS_EC2_METADATA_DISABLED", "true"}, NULL},
     PAIL_DEFAULTS_STANDARD,
     3100,
     true,
     false},
    /* ...or for the instance to tell. */
    {{{.region = "eu-west-1"}, {AUTO, RUNS_IN}, NULL}, PAIL_DEFAULTS_AUTO, 3100, true, false},
    {{{0}, {AUTO, "AWS_REGION", "eu-west-1"}, NULL}, PAIL_DEFAULTS_AUTO, 3100, true, false},
};

START_TEST(modes)
{
    CLEANUP(settings) struct settings *s = NULL;
    struct pail_error error = {0};
    int r = load(&rows[_i].given, &s, &error);
    ck_assert_msg(r == 0, "row %d: %s", _i, error.message);
    ck_assert_int_eq(s->defaults_mode, rows[_i].mode);
    ck_assert_int_eq(s->connect_timeout_ms, rows[_i].connect_timeout_ms);
    ck_assert_int_eq(s->s3_regional, rows[_i].s3_regional);
    ck_assert_int_eq(s->sts_global, rows[_i].sts_global);
    ck_assert_int_eq(s->retry_mode, PAIL_RETRY_STANDARD);
    ck_assert_uint_eq(s->max_attempts, 3);
    ck_assert_int_eq(s->read_timeout_ms, 60000);
}
END_TEST

START_TEST(a_retry_mode_goes_before_the_mode)
{
    const struct given given = {
        .env = {"AWS_DEFAULTS_MODE", "standard", "AWS_RETRY_MODE", "legacy"}};
    CLEANUP(settings) struct settings *s = NULL;
    ck_assert_int_eq(load(&given, &s, NULL), 0);
    ck_assert_int_eq(s->retry_mode, PAIL_RETRY_LEGACY);
    ck_assert_uint_eq(s->max_attempts, 5);
}
END_TEST

static const struct {
    struct given given;
    const char *parts[3];
} faults[] = {
    {{{0}, {"AWS_DEFAULTS_MODE", "fast"}, NULL},
     {"AWS_DEFAULTS_MODE", "\"fast\"",
      "legacy, standard, in-region, cross-region, mobile or auto"}},
    {{{0}, {0}, "[default]\n\ndefaults_mode = in_region\n"},
     {":3: defaults_mode", "\"in_region\""}},
    {{{0}, {"AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "true"}, NULL},
     {"AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "\"true\"", "legacy or regional"}},
    {{{0}, {0}, "[default]\ns3 =\n  us_east_1_regional_endpoint = no\n"},
     {":2: us_east_1_regional_endpoint", "\"no\""}},
    {{{0}, {"AWS_STS_REGIONAL_ENDPOINTS", "Regional"}, NULL},
     {"AWS_STS_REGIONAL_ENDPOINTS", "\"Regional\"", "legacy or regional"}},
};

START_TEST(names_faults)
{
    struct settings *s = NULL;
    struct pail_error error = {0};
    ck_assert_int_eq(load(&faults[_i].given, &s, &error), -EINVAL);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CONFIG);
    for (size_t i = 0; i < ARRAY_LEN(faults[_i].parts) && faults[_i].parts[i]; i++)
        ck_assert_msg(strstr(error.message, faults[_i].parts[i]), "row %d: %s", _i,
                      error.message);
}
END_TEST

SUITE_MAIN("aws/defaults_mode", tcase_add_loop_test(tc, modes, 0, (int)ARRAY_LEN(rows));
           tcase_add_test(tc, a_retry_mode_goes_before_the_mode);
           tcase_add_loop_test(tc, names_faults, 0, (int)ARRAY_LEN(faults)));
