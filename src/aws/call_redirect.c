/* A bucket answers only in its own region. The region is learned from the response, or from a
 * HEAD of the bucket, and remembered for the client; where the response says to go (Location)
 * is never followed. Behaviour: botocore utils.S3RegionRedirectorv2. */
#include "aws/call_steps.h"

#include <errno.h>

static bool operation_is(const struct pail_call *call, const char *name)
{
    return strcmp(call->operation->name, name) == 0;
}

static bool says_elsewhere(const struct pail_call *call)
{
    const struct pail_error *error = &call->error;
    bool region_known = call->facts.region[0] != '\0';
    bool bare = strcmp(error->code, "301") == 0 || strcmp(error->code, "400") == 0;

    if (error->kind != PAIL_ERROR_CLIENT)
        return false;
    if (strcmp(error->code, "PermanentRedirect") == 0)
        return true;
    if (error->http_status == 301 || error->http_status == 302 || error->http_status == 307)
        return true;
    if (strcmp(error->code, "AuthorizationHeaderMalformed") == 0)
        return region_known;
    if (strcmp(error->code, "IllegalLocationConstraintException") == 0)
        return !operation_is(call, "CreateBucket");
    return bare && (operation_is(call, "HeadObject") ||
                    (operation_is(call, "HeadBucket") && region_known));
}

/* Goes to `region`. False if the request was sent there already. */
static bool move_to(struct pail_call *call, const char *region)
{
    if (!region_valid(str_c(region))) {
        call->error.kind = PAIL_ERROR_REDIRECT;
        call->error.sys = ENXIO;
        call->error.retryable = false;
        snprintf(call->error.message, sizeof(call->error.message),
                 "the service names \"%s\" as the bucket's region", region);
        call_finish(call, -ENXIO);
        return true;
    }
    if (strcmp(region, call->signing_region) == 0)
        return false;
    str_copy(call->region, sizeof(call->region), str_c(region));
    /* Without memory for it the next call learns it again. */
    (void)regions_set(&call->client->regions, call->input.bucket, region);
    call_attempt(call);
    return true;
}

bool call_redirect(struct pail_call *call)
{
    struct pail_str bucket = call->input.bucket;
    bool is_arn = bucket.ptr && str_starts(bucket, PAIL_STR("arn:"));
    if (call->redirected || !bucket.ptr || is_arn || !says_elsewhere(call))
        return false;
    call->redirected = true;
    if (call->facts.region[0])
        return move_to(call, call->facts.region);
    call->probing = true;
    call_attempt(call);
    return true;
}

static int on_probe_head(void *user, const struct http_head *head)
{
    struct pail_call *call = user;
    struct pail_str region = http_headers_get(head->headers, "x-amz-bucket-region");
    if (region.ptr)
        str_copy(call->facts.region, sizeof(call->facts.region), region);
    return 0;
}

static ssize_t on_probe_body(void *user, const char *data, size_t len)
{
    (void)user;
    (void)data;
    return (ssize_t)len;
}

/* call->error is still the failure that led here. */
static void on_probe_end(void *user, const struct http_result *result)
{
    struct pail_call *call = user;
    (void)result;
    call->exchange = NULL;
    call->probing = false;
    if (!call->facts.region[0] || !move_to(call, call->facts.region))
        call_recover(call);
}

const struct http_handler call_probe_handler = {on_probe_head, on_probe_body, on_probe_end};
