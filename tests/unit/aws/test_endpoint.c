#include "unit/check.h"

#include "aws/endpoint.h"
#include "unit/aws/environment.h"

#include <errno.h>
#include <pail/sts.h>

static const struct pail_service s3 = {
    .id = "S3", .endpoint_prefix = "s3", .signing_name = "s3", .default_region = "us-east-1"};
static const struct pail_service logs = {
    .id = "CloudWatch Logs", .endpoint_prefix = "logs", .signing_name = "logs"};
static const struct pail_service lambda = {
    .id = "Lambda", .endpoint_prefix = "lambda", .signing_name = "lambda"};
static const struct pail_service portal = {
    .id = "SSO", .endpoint_prefix = "portal.sso", .signing_name = "awsssoportal"};

static const struct pail_operation get = {.name = "GetObject", .service = &s3},
                                   location = {.name = "GetBucketLocation",
                                               .service = &s3,
                                               .flags = PAIL_OP_PATH_STYLE},
                                   get_logs = {.name = "GetLogEvents", .service = &logs},
                                   invoke = {.name = "Invoke", .service = &lambda},
                                   accounts = {.name = "ListAccounts", .service = &portal};

#define WHOAMI &pail_sts_get_caller_identity_operation
enum { DUALSTACK = 1, FIPS = 2, IN_HOST = 4, REGIONAL = 8, GLOBAL = 16 };
#define A   PAIL_ADDRESSING_AUTO
#define P   PAIL_ADDRESSING_PATH
#define V   PAIL_ADDRESSING_VIRTUAL
#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* What botocore sends each where; `region` is the signing region too unless `signing` says
 * another. */
static const struct {
    const struct pail_operation *op;
    const char *region, *bucket, *endpoint;
    enum pail_addressing addressing;
    int flags;
    const char *url, *signing;
} hosts[] = {
    {&get, "us-east-1", "bucket", NULL, A, IN_HOST, "https://bucket.s3.amazonaws.com", NULL},
    {&get, "eu-west-1", "bucket", NULL, A, IN_HOST, "https://bucket.s3.eu-west-1.amazonaws.com",
     NULL},
    {&get, NULL, "bucket", NULL, A, IN_HOST, "https://bucket.s3.amazonaws.com", "us-east-1"},
    {&get, "aws-global", "bucket", NULL, A, IN_HOST, "https://bucket.s3.amazonaws.com",
     "us-east-1"},
    {&get, "us-east-1", "bucket", NULL, P, 0, "https://s3.amazonaws.com", NULL},
    {&get, "eu-west-1", "bucket", NULL, P, 0, "https://s3.eu-west-1.amazonaws.com", NULL},
    {&get, "eu-west-1", NULL, NULL, A, 0, "https://s3.eu-west-1.amazonaws.com", NULL},
    {&location, "eu-west-1", "bucket", NULL, A, 0, "https://s3.eu-west-1.amazonaws.com", NULL},
    {&location, "eu-west-1", "bucket", "http://m", V, 0, "http://m", NULL},
    /* Names that cannot be one label of a host. */
    {&get, "eu-west-1", "my.bucket", NULL, A, 0, "https://s3.eu-west-1.amazonaws.com", NULL},
    {&get, "eu-west-1", "my.bucket", NULL, V, 0, "https://s3.eu-west-1.amazonaws.com", NULL},
    {&get, "us-east-1", "My_Bucket", NULL, A, 0, "https://s3.amazonaws.com", NULL},
    {&get, "us-east-1", "UPPER", NULL, A, 0, "https://s3.amazonaws.com", NULL},
    {&get, "us-east-1", "ab", NULL, A, 0, "https://s3.amazonaws.com", NULL},
    {&get, "us-east-1", "-abc", NULL, A, 0, "https://s3.amazonaws.com", NULL},
    {&get, "us-east-1", "abc-", NULL, A, 0, "https://s3.amazonaws.com", NULL},
    {&get, "us-east-1", "a..b", NULL, A, 0, "https://s3.amazonaws.com", NULL},
    {&get, "us-east-1", "192.168.1.1", NULL, A, 0, "https://s3.amazonaws.com", NULL},
    {&get, "us-east-1", A63, NULL, A, IN_HOST, "https://" A63 ".s3.amazonaws.com", NULL},
    {&get, "us-east-1", A63 "a", NULL, A, 0, "https://s3.amazonaws.com", NULL},
    {&get, "us-east-1", "xn--abc", NULL, A, IN_HOST, "https://xn--abc.s3.amazonaws.com", NULL},
    /* Partitions. */
    {&get, "cn-north-1", "bucket", NULL, A, IN_HOST,
     "https://bucket.s3.cn-north-1.amazonaws.com.cn", NULL},
    {&get, "us-gov-west-1", "bucket", NULL, A, IN_HOST,
     "https://bucket.s3.us-gov-west-1.amazonaws.com", NULL},
    {&get, "us-iso-east-1", "bucket", NULL, A, IN_HOST,
     "https://bucket.s3.us-iso-east-1.c2s.ic.gov", NULL},
    {&get, "us-isob-east-1", "bucket", NULL, A, IN_HOST,
     "https://bucket.s3.us-isob-east-1.sc2s.sgov.gov", NULL},
    {&get, "eusc-de-east-1", "bucket", NULL, A, IN_HOST,
     "https://bucket.s3.eusc-de-east-1.amazonaws.eu", NULL},
    {&get, "mars-north-1", "bucket", NULL, A, IN_HOST,
     "https://bucket.s3.mars-north-1.amazonaws.com", NULL},
    /* Dualstack and FIPS. */
    {&get, "us-east-1", "bucket", NULL, A, IN_HOST | DUALSTACK,
     "https://bucket.s3.dualstack.us-east-1.amazonaws.com", NULL},
    {&get, "eu-west-1", "bucket", NULL, P, DUALSTACK,
     "https://s3.dualstack.eu-west-1.amazonaws.com", NULL},
    {&get, "cn-north-1", "bucket", NULL, A, IN_HOST | DUALSTACK,
     "https://bucket.s3.dualstack.cn-north-1.amazonaws.com.cn", NULL},
    {&get, "us-east-1", "bucket", NULL, A, IN_HOST | FIPS,
     "https://bucket.s3-fips.us-east-1.amazonaws.com", NULL},
    {&get, "eu-west-1", "bucket", NULL, A, IN_HOST | DUALSTACK | FIPS,
     "https://bucket.s3-fips.dualstack.eu-west-1.amazonaws.com", NULL},
    {&get, "us-gov-west-1", "bucket", NULL, A, IN_HOST | FIPS,
     "https://bucket.s3-fips.us-gov-west-1.amazonaws.com", NULL},
    /* Configured endpoints. */
    {&get, "us-east-1", "bucket", "http://localhost:9000", A, 0, "http://localhost:9000", NULL},
    {&get, "eu-west-1", "bucket", "http://localhost:9000/base/", A, 0,
     "http://localhost:9000/base", NULL},
    {&get, NULL, "bucket", "http://localhost:9000", A, 0, "http://localhost:9000", "us-east-1"},
    {&get, "us-east-1", "bucket", "https://minio.example.com", V, IN_HOST,
     "https://bucket.minio.example.com", NULL},
    {&get, "us-east-1", "bucket", "https://minio.example.com/base", V, IN_HOST,
     "https://bucket.minio.example.com/base", NULL},
    {&get, "us-east-1", "my.bucket", "http://minio.example.com", V, IN_HOST,
     "http://my.bucket.minio.example.com", NULL},
    {&get, "us-east-1", "my.bucket", "https://minio.example.com", V, 0,
     "https://minio.example.com", NULL},
    {&get, "us-east-1", "My_Bucket", "https://minio.example.com", V, 0,
     "https://minio.example.com", NULL},
    {&get, "us-east-1", "bucket", "http://127.0.0.1:9000", V, 0, "http://127.0.0.1:9000", NULL},
    {&get, "us-east-1", "bucket", "http://[::1]:9000", V, 0, "http://[::1]:9000", NULL},
    {&get, "us-east-1", "bucket", "https://minio.example.com", P, 0,
     "https://minio.example.com", NULL},
    {&get, "us-east-1", "bucket", "https://minio.example.com", A, DUALSTACK | FIPS,
     "https://minio.example.com", NULL},
    {&get, "us-east-1", "bucket--use1-az4--x-s3", "http://m", A, 0, "http://m", NULL},
    /* Other services. */
    {&get_logs, "us-east-1", NULL, NULL, A, 0, "https://logs.us-east-1.amazonaws.com", NULL},
    {&get_logs, "cn-north-1", NULL, NULL, A, 0, "https://logs.cn-north-1.amazonaws.com.cn",
     NULL},
    {&get_logs, "us-east-1", NULL, NULL, A, DUALSTACK, "https://logs.us-east-1.api.aws", NULL},
    {&get_logs, "us-east-1", NULL, NULL, A, FIPS, "https://logs-fips.us-east-1.amazonaws.com",
     NULL},
    {&get_logs, "us-east-1", NULL, NULL, A, DUALSTACK | FIPS,
     "https://logs-fips.us-east-1.api.aws", NULL},
    {&get_logs, "us-gov-west-1", NULL, NULL, A, FIPS,
     "https://logs.us-gov-west-1.amazonaws.com", NULL},
    {&get_logs, "us-gov-west-1", NULL, NULL, A, DUALSTACK | FIPS,
     "https://logs-fips.us-gov-west-1.api.aws", NULL},
    {&get_logs, "cn-north-1", NULL, NULL, A, DUALSTACK,
     "https://logs.cn-north-1.api.amazonwebservices.com.cn", NULL},
    {&get_logs, "cn-north-1", NULL, NULL, A, FIPS,
     "https://logs-fips.cn-north-1.amazonaws.com.cn", NULL},
    {&get_logs, "us-east-1", NULL, "http://localhost:4566/b/", A, 0, "http://localhost:4566/b",
     NULL},
    {&invoke, "us-gov-west-1", NULL, NULL, A, FIPS,
     "https://lambda-fips.us-gov-west-1.amazonaws.com", NULL},
    {&accounts, "us-east-1", NULL, NULL, A, FIPS,
     "https://portal.sso-fips.us-east-1.amazonaws.com", NULL},
    {&accounts, "us-gov-west-1", NULL, NULL, A, FIPS,
     "https://portal.sso.us-gov-west-1.amazonaws.com", NULL},
    /* Global hosts and regional ones. */
    {&get, "us-east-1", "bucket", NULL, A, IN_HOST | REGIONAL,
     "https://bucket.s3.us-east-1.amazonaws.com", NULL},
    {&get, "us-east-1", "bucket", NULL, P, REGIONAL, "https://s3.us-east-1.amazonaws.com",
     NULL},
    {&get, NULL, "bucket", NULL, A, IN_HOST | REGIONAL, "https://bucket.s3.amazonaws.com",
     "us-east-1"},
    {&get, "aws-global", "bucket", NULL, A, IN_HOST | REGIONAL,
     "https://bucket.s3.amazonaws.com", "us-east-1"},
    {&get, "eu-west-1", "bucket", NULL, A, IN_HOST | REGIONAL,
     "https://bucket.s3.eu-west-1.amazonaws.com", NULL},
    {&get, "us-east-1", "bucket", NULL, A, IN_HOST | REGIONAL | DUALSTACK,
     "https://bucket.s3.dualstack.us-east-1.amazonaws.com", NULL},
    {WHOAMI, NULL, NULL, NULL, A, REGIONAL, "https://sts.amazonaws.com", "us-east-1"},
    {WHOAMI, "aws-global", NULL, NULL, A, 0, "https://sts.amazonaws.com", "us-east-1"},
    {WHOAMI, "us-east-1", NULL, NULL, A, 0, "https://sts.us-east-1.amazonaws.com", NULL},
    {WHOAMI, "us-east-1", NULL, NULL, A, GLOBAL, "https://sts.amazonaws.com", NULL},
    {WHOAMI, "eu-west-1", NULL, NULL, A, GLOBAL, "https://sts.amazonaws.com", "us-east-1"},
    {WHOAMI, "eu-south-1", NULL, NULL, A, GLOBAL, "https://sts.eu-south-1.amazonaws.com", NULL},
    {WHOAMI, "cn-north-1", NULL, NULL, A, GLOBAL, "https://sts.cn-north-1.amazonaws.com.cn",
     NULL},
    {WHOAMI, "us-east-1", NULL, NULL, A, GLOBAL | FIPS,
     "https://sts-fips.us-east-1.amazonaws.com", NULL},
    {WHOAMI, "eu-west-1", NULL, NULL, A, GLOBAL | DUALSTACK, "https://sts.eu-west-1.api.aws",
     NULL},
    {WHOAMI, "eu-west-1", NULL, "http://localhost:4566", A, GLOBAL, "http://localhost:4566",
     NULL},
    {&invoke, "us-east-1", NULL, NULL, A, GLOBAL | REGIONAL,
     "https://lambda.us-east-1.amazonaws.com", NULL},
};

static struct settings *configure(const char *region, const char *endpoint,
                                  enum pail_addressing addressing, int flags)
{
    struct pail_config config = {
        .region = region, .endpoint_url = endpoint, .addressing = addressing};
    const char *env[] = {"AWS_CONFIG_FILE",
                         "/nonexistent",
                         "AWS_SHARED_CREDENTIALS_FILE",
                         "/nonexistent",
                         "AWS_USE_DUALSTACK_ENDPOINT",
                         flags & DUALSTACK ? "true" : "false",
                         "AWS_USE_FIPS_ENDPOINT",
                         flags & FIPS ? "true" : "false",
                         "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
                         flags & REGIONAL ? "regional" : "",
                         "AWS_STS_REGIONAL_ENDPOINTS",
                         flags & GLOBAL ? "legacy" : "",
                         NULL};
    struct settings *settings = NULL;
    struct pail_error error;
    ck_assert_msg(settings_load(&config, test_getenv, env, &settings, &error) == 0, "%s",
                  error.message);
    /* The environment above is gone when this returns. */
    settings->getenv_user = NULL;
    return settings;
}

START_TEST(as_botocore)
{
    CLEANUP(settings) struct settings *settings =
        configure(hosts[_i].region, hosts[_i].endpoint, hosts[_i].addressing, hosts[_i].flags);
    CLEANUP_DONE(endpoint) struct endpoint endpoint = {0};
    struct pail_error error = {0};
    int r = endpoint_resolve(settings, hosts[_i].op, NULL, str_c(hosts[_i].bucket),
                             str_of(NULL, 0), &endpoint, &error);
    ck_assert_msg(r == 0, "row %d: %s", _i, error.message);
    CLEANUP_DONE(buf) struct buf url;
    buf_init(&url, 1000);
    buf_add_c(&url, endpoint.url.tls ? "https://" : "http://");
    buf_add_authority(&url, &endpoint.url);
    buf_add_c(&url, endpoint.url.path);
    ck_assert_msg(strcmp(buf_c(&url), hosts[_i].url) == 0, "row %d: %s", _i, buf_c(&url));
    ck_assert_str_eq(endpoint.signing_region,
                     hosts[_i].signing ? hosts[_i].signing : hosts[_i].region);
    ck_assert_int_eq(endpoint.bucket_in_host, !!(hosts[_i].flags & IN_HOST));
    ck_assert_int_eq(endpoint.custom, hosts[_i].endpoint != NULL);
}
END_TEST

static const struct {
    const struct pail_operation *op;
    const char *region, *bucket, *prefix;
    int flags, kind;
    const char *message;
} refusals[] = {
    {&get_logs, NULL, NULL, NULL, 0, PAIL_ERROR_NO_REGION, "AWS_REGION"},
    {&get, "bad_region", "bucket", NULL, 0, PAIL_ERROR_PARAM, "\"bad_region\""},
    {&get, "-bad", "bucket", NULL, 0, PAIL_ERROR_PARAM, "\"-bad\""},
    {&get, "a.b", "bucket", NULL, 0, PAIL_ERROR_PARAM, "\"a.b\""},
    {&get, "x@evil.com/", "bucket", NULL, 0, PAIL_ERROR_PARAM, "evil"},
    {&get, "1234", "bucket", NULL, 0, PAIL_ERROR_PARAM, "\"1234\""},
    {&get, "", "bucket", NULL, 0, PAIL_ERROR_PARAM, "\"\""},
    {&get, "us-east-1", "", NULL, 0, PAIL_ERROR_PARAM, "bucket \"\""},
    {&get, "us-east-1", "a b", NULL, 0, PAIL_ERROR_PARAM, "bucket \"a b\""},
    {&get, "us-east-1", "a/b", NULL, 0, PAIL_ERROR_PARAM, "bucket \"a/b\""},
    {&get, "us-east-1", "..", NULL, 0, PAIL_ERROR_PARAM, "bucket \"..\""},
    {&get, "us-east-1", "arn:aws:s3:us-east-1:123456789012:accesspoint/ap", NULL, 0,
     PAIL_ERROR_PARAM, "not supported"},
    {&get, "us-east-1", "b--use1-az4--x-s3", NULL, 0, PAIL_ERROR_PARAM, "not supported"},
    {&get, "cn-north-1", "bucket", NULL, FIPS, PAIL_ERROR_CONFIG, "FIPS"},
    {&get_logs, "us-east-1", NULL, "a/b.", 0, PAIL_ERROR_PARAM, "not a host name"},
    {&get_logs, "us-east-1", NULL, ".", 0, PAIL_ERROR_PARAM, "not a host name"},
    {&get_logs, "us-east-1", NULL, A63 "a.", 0, PAIL_ERROR_PARAM, "not a host name"},
};

START_TEST(refuses)
{
    CLEANUP(settings) struct settings *settings = configure(NULL, NULL, A, refusals[_i].flags);
    struct endpoint endpoint = {0};
    struct pail_error error = {0};
    ck_assert_int_eq(endpoint_resolve(settings, refusals[_i].op, refusals[_i].region,
                                      str_c(refusals[_i].bucket), str_c(refusals[_i].prefix),
                                      &endpoint, &error),
                     -EINVAL);
    ck_assert_int_eq(error.kind, refusals[_i].kind);
    ck_assert_int_eq(error.sys, EINVAL);
    ck_assert_msg(strstr(error.message, refusals[_i].message), "row %d: %s", _i, error.message);
    ck_assert_ptr_null(endpoint.url.host);
}
END_TEST

START_TEST(host_prefix)
{
    CLEANUP(settings) struct settings *own = configure("us-east-1", NULL, A, 0);
    CLEANUP(settings) struct settings *custom = configure("us-east-1", "http://h:1", A, 0);
    CLEANUP_DONE(endpoint) struct endpoint endpoint = {0};
    ck_assert_int_eq(endpoint_resolve(own, &get_logs, "eu-west-1", str_of(NULL, 0),
                                      PAIL_STR("stream-"), &endpoint, NULL),
                     0);
    ck_assert_str_eq(endpoint.url.host, "stream-logs.eu-west-1.amazonaws.com");
    ck_assert_str_eq(endpoint.signing_region, "eu-west-1");
    endpoint_done(&endpoint);
    ck_assert_int_eq(endpoint_resolve(custom, &get_logs, NULL, str_of(NULL, 0),
                                      PAIL_STR("stream-"), &endpoint, NULL),
                     0);
    ck_assert_str_eq(endpoint.url.host, "h");
    ck_assert_uint_eq(endpoint.url.port, 1);
}
END_TEST

START_TEST(out_of_memory)
{
    CLEANUP(settings) struct settings *own = configure("eu-west-1", NULL, A, 0);
    CLEANUP(settings) struct settings *custom = configure("eu-west-1", "http://host", V, 0);
    struct settings *both[] = {own, custom};
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        int r = -ENOMEM;
        for (long n = 0; r != 0; n++) {
            CLEANUP_DONE(endpoint) struct endpoint endpoint = {0};
            alloc_fail_after(n);
            r = endpoint_resolve(both[i], &get, NULL, PAIL_STR("bucket"), str_of(NULL, 0),
                                 &endpoint, NULL);
            alloc_fail_after(-1);
            ck_assert(r == 0 || r == -ENOMEM);
            ck_assert(r != 0 || n > 1);
        }
    }
}
END_TEST

SUITE_MAIN("aws/endpoint", tcase_add_loop_test(tc, as_botocore, 0, (int)ARRAY_LEN(hosts));
           tcase_add_loop_test(tc, refuses, 0, (int)ARRAY_LEN(refusals));
           tcase_add_test(tc, host_prefix); tcase_add_test(tc, out_of_memory));
