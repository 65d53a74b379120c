#include "aws/endpoint.h"

#include "aws/regions.h"
#include "aws/response.h"

#include <errno.h>

#define BUCKET_MAX 255

/* Which domain a region belongs to, by how its name starts. The last is for all others. */
static const struct partition {
    const char *prefix, *suffix, *dualstack_suffix;
    bool s3_fips;
} partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", false},
    {"us-gov-", "amazonaws.com", "api.aws", true},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud", true},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", true},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov", true},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", true},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu", true},
    {"", "amazonaws.com", "api.aws", true},
};

static const struct partition *partition_of(const char *region)
{
    const struct partition *p = partitions;
    while (!str_starts(str_c(region), str_c(p->prefix)))
        p++;
    return p;
}

static bool is_s3(const struct pail_service *service)
{
    return strcmp(service->id, "S3") == 0;
}

static bool is_sts(const struct pail_service *service)
{
    return strcmp(service->id, "STS") == 0;
}

/* The services whose ordinary hosts in us-gov regions are the FIPS ones. */
static bool plain_is_fips(const struct pail_service *service, const char *region)
{
    static const char *const prefixes[] = {"kinesis", "logs", "sts", "portal.sso"};
    if (!str_starts(str_c(region), PAIL_STR("us-gov-")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (strcmp(service->endpoint_prefix, prefixes[i]) == 0)
            return true;
    return false;
}

static void add_s3_host(struct buf *host, const struct settings *settings, const char *region,
                        bool global)
{
    const struct partition *p = partition_of(region);
    if (!settings->fips && !settings->dualstack && global) {
        buf_add_c(host, "s3.amazonaws.com");
        return;
    }
    buf_addf(host, "s3%s%s.%s.%s", settings->fips ? "-fips" : "",
             settings->dualstack ? ".dualstack" : "", region, p->suffix);
}

/* Whether STS's one host once served the region. */
static bool sts_serves(const char *region)
{
    static const char *const regions[] = {
        "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
        "eu-central-1",   "eu-north-1", "eu-west-1",      "eu-west-2",      "eu-west-3",
        "sa-east-1",      "us-east-1",  "us-east-2",      "us-west-1",      "us-west-2",
    };
    for (size_t i = 0; i < ARRAY_LEN(regions); i++)
        if (strcmp(region, regions[i]) == 0)
            return true;
    return false;
}

/* Whether the one host of all regions is meant, as the region is not said or the settings have
 * it. */
static bool is_global(const struct settings *settings, const struct pail_service *service,
                      const char *region, bool said)
{
    if (is_s3(service))
        return strcmp(region, "us-east-1") == 0 && (!said || !settings->s3_regional);
    return is_sts(service) && !settings->fips && !settings->dualstack &&
           (!said || (settings->sts_global && sts_serves(region)));
}

static void add_service_host(struct buf *host, const struct settings *settings,
                             const struct pail_service *service, const char *region)
{
    const struct partition *p = partition_of(region);
    bool fips = settings->fips && (settings->dualstack || !plain_is_fips(service, region));
    buf_addf(host, "%s%s.%s.%s", service->endpoint_prefix, fips ? "-fips" : "", region,
             settings->dualstack ? p->dualstack_suffix : p->suffix);
}

/* Three to 63 lower-case letters, digits and hyphens between letters or digits; with `dots`,
 * several such. */
static bool can_be_in_host(struct pail_str bucket, bool dots)
{
    if (bucket.len < 3 || bucket.len > 63)
        return false;
    bool address = true;
    for (size_t i = 0; i < bucket.len; i++) {
        char c = bucket.ptr[i];
        if (c >= 'A' && c <= 'Z')
            return false;
        address = address && (c == '.' || (c >= '0' && c <= '9'));
    }
    struct pail_str label;
    size_t labels = 0;
    while (str_next(&bucket, '.', &label)) {
        labels++;
        if (!host_label_valid(label))
            return false;
    }
    return labels == 1 || (dots && !address);
}

static bool is_address(const char *host)
{
    struct pail_str s = str_c(host);
    if (host[0] == '[')
        return true;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '.' && (s.ptr[i] < '0' || s.ptr[i] > '9'))
            return false;
    return true;
}

static int check_bucket(struct pail_str bucket, bool custom, struct pail_error *error)
{
    int shown = (int)(bucket.len < 80 ? bucket.len : 80);
    if (str_starts(bucket, PAIL_STR("arn:")))
        return error_set(error, PAIL_ERROR_PARAM, EINVAL,
                         "bucket \"%.*s\": ARNs of access points are not supported", shown,
                         bucket.ptr);
    if (!custom && str_ends(bucket, PAIL_STR("--x-s3")))
        return error_set(error, PAIL_ERROR_PARAM, EINVAL,
                         "bucket \"%.*s\": directory buckets are not supported", shown,
                         bucket.ptr);
    bool valid = bucket.len > 0 && bucket.len <= BUCKET_MAX && !str_eq_c(bucket, ".") &&
                 !str_eq_c(bucket, "..");
    for (size_t i = 0; valid && i < bucket.len; i++) {
        char c = bucket.ptr[i];
        valid = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '.' || c == '-' || c == '_';
    }
    if (valid)
        return 0;
    return error_set(error, PAIL_ERROR_PARAM, EINVAL,
                     "bucket \"%.*s\": a name has 1 to 255 letters, digits, '.', '-' and '_'",
                     shown, bucket.ptr);
}

static int choose_region(const struct settings *settings, const struct pail_service *service,
                         const char *asked, const char **ret, bool *ret_global,
                         struct pail_error *error)
{
    const char *region = asked              ? asked
                         : settings->region ? settings->region
                                            : service->default_region;
    if (!region)
        return error_set(
            error, PAIL_ERROR_NO_REGION, EINVAL,
            "no region is configured: say one, or set AWS_REGION, or region in the "
            "profile \"%.64s\"",
            settings->profile);
    if (!region_valid(str_c(region)))
        return error_set(error, PAIL_ERROR_PARAM, EINVAL,
                         "region \"%.80s\": a region is up to 63 letters, digits and hyphens",
                         region);
    bool said = asked || settings->region;
    if ((is_s3(service) || is_sts(service)) && strcmp(region, "aws-global") == 0) {
        region = "us-east-1";
        said = false;
    }
    *ret = region;
    *ret_global = is_global(settings, service, region, said);
    return 0;
}

/* All labels of a host that was put together. */
static bool host_valid(struct pail_str host)
{
    struct pail_str label;
    if (host.len > URL_HOST_MAX)
        return false;
    while (str_next(&host, '.', &label))
        if (!host_label_valid(label))
            return false;
    return true;
}

static int aws_host(const struct settings *settings, const struct pail_operation *op,
                    const char *region, bool global, struct pail_str host_prefix,
                    struct buf *host, struct pail_error *error)
{
    if (host_prefix.ptr)
        buf_add_str(host, host_prefix);
    if (global && is_sts(op->service)) {
        buf_add_c(host, "sts.amazonaws.com");
    } else if (!is_s3(op->service)) {
        add_service_host(host, settings, op->service, region);
    } else if (settings->fips && !partition_of(region)->s3_fips) {
        return error_set(error, PAIL_ERROR_CONFIG, EINVAL,
                         "use_fips_endpoint: S3 has no FIPS endpoint in region \"%.63s\"",
                         region);
    } else {
        add_s3_host(host, settings, region, global);
    }
    return 0;
}

static bool bucket_goes_in_host(const struct settings *settings,
                                const struct pail_operation *op,
                                const struct endpoint *endpoint, struct pail_str bucket)
{
    if (!bucket.ptr || (op->flags & PAIL_OP_PATH_STYLE))
        return false;
    bool wanted = settings->addressing != PAIL_ADDRESSING_PATH;
    if (endpoint->custom)
        wanted =
            settings->addressing == PAIL_ADDRESSING_VIRTUAL && !is_address(endpoint->url.host);
    /* A certificate for *.host does not cover bucket names with dots. */
    return wanted && can_be_in_host(bucket, !endpoint->url.tls);
}

static int resolve(const struct settings *settings, const struct pail_operation *op,
                   const char *region, struct pail_str bucket, struct pail_str host_prefix,
                   struct endpoint *endpoint, struct pail_error *error)
{
    int r = settings_endpoint(settings, op->service, &endpoint->url, error);
    if (r < 0)
        return r;
    endpoint->custom = r > 0;
    if (!endpoint->custom) {
        endpoint->url = (struct url){.tls = true, .port = 443, .path = str_dup(PAIL_STR(""))};
        if (!endpoint->url.path)
            return -ENOMEM;
    }
    if (bucket.ptr) {
        r = check_bucket(bucket, endpoint->custom, error);
        if (r < 0)
            return r;
    }

    CLEANUP_DONE(buf) struct buf host;
    buf_init(&host, URL_MAX);
    endpoint->bucket_in_host = bucket_goes_in_host(settings, op, endpoint, bucket);
    if (endpoint->bucket_in_host) {
        buf_add_str(&host, bucket);
        buf_add_byte(&host, '.');
    }
    if (endpoint->custom) {
        buf_add_c(&host, endpoint->url.host);
    } else {
        r = aws_host(settings, op, region, endpoint->global, host_prefix, &host, error);
        if (r < 0)
            return r;
        if (!buf_failed(&host) && !host_valid(buf_str(&host)))
            return error_set(error, PAIL_ERROR_PARAM, EINVAL, "\"%.120s\" is not a host name",
                             buf_c(&host));
    }
    free(endpoint->url.host);
    endpoint->url.host = buf_steal(&host);
    return endpoint->url.host ? 0 : -ENOMEM;
}

int endpoint_resolve(const struct settings *settings, const struct pail_operation *op,
                     const char *region, struct pail_str bucket, struct pail_str host_prefix,
                     struct endpoint *ret, struct pail_error *error)
{
    CLEANUP_DONE(endpoint) struct endpoint endpoint = {0};
    int r = choose_region(settings, op->service, region, &region, &endpoint.global, error);
    if (r < 0)
        return r;
    str_copy(endpoint.signing_region, sizeof(endpoint.signing_region), str_c(region));
    r = resolve(settings, op, region, bucket, host_prefix, &endpoint, error);
    if (r == -ENOMEM)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (r < 0)
        return r;
    if (!endpoint.custom && endpoint.global)
        str_copy(endpoint.signing_region, sizeof(endpoint.signing_region),
                 PAIL_STR("us-east-1"));
    *ret = endpoint;
    endpoint = (struct endpoint){0};
    return 0;
}

void endpoint_done(struct endpoint *endpoint)
{
    url_done(&endpoint->url);
    *endpoint = (struct endpoint){0};
}
