/* cli/doctor_service.c: what the service says to a question without a signature: that it is
 * one, its time, whether there is the bucket, and where. */
#include "cli/doctor.h"

#include "base/date.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define CLOCK_GOOD_S    60
#define CLOCK_REFUSED_S (15 * 60) /* signatures of a clock that is further off are refused */

union answer {
    struct pail_response response;
    struct pail_s3_head_bucket_output bucket;
    struct pail_s3_list_buckets_output buckets;
};

/* ---- the service ---- */

static bool is_s3(const struct pail_response *response)
{
    return pail_response_header(response, "x-amz-request-id").ptr ||
           pail_response_header(response, "x-amz-id-2").ptr;
}

static int tell_service(struct doctor *d, const struct pail_response *response,
                        const struct pail_error *error)
{
    CLEANUP_DONE(finding) struct finding f;
    finding_init(&f, "service", FINDING_OK);
    struct pail_str server = pail_response_header(response, "server");
    if (response->http_status == 0) {
        f.result = FINDING_FAILED;
        f.error = *error;
        finding_says(&f, "%s does not answer a request: %s", d->facts.url,
                     error->message[0] ? error->message : pail_error_kind_name(error->kind));
        finding_advises(&f,
                        "Is it an S3 service, and http:// or https:// as it wants? A proxy may "
                        "be in between");
    } else {
        finding_says(&f, "it answers, status %d", response->http_status);
        if (server.ptr)
            finding_says(&f, ", and calls itself %.*s", PAIL_ARGS(server));
        if (!is_s3(response)) {
            f.result = FINDING_WARNING;
            finding_says(&f, "; it has no x-amz-request-id, as S3's answers do");
            finding_advises(&f, "Is the endpoint an S3 service?");
        }
    }
    return doctor_tell(d, &f);
}

/* ---- the clock ---- */

static int tell_clock(struct doctor *d, const struct pail_response *response)
{
    struct pail_time theirs;
    struct pail_str date = pail_response_header(response, "date");
    if (!date.ptr || date_parse_http(date, &theirs) < 0)
        return doctor_skip(d, "clock", "the service's answers have no date");
    int64_t ahead_s = (int64_t)time(NULL) - theirs.seconds, off_s = llabs(ahead_s);
    const char *where = ahead_s < 0 ? "behind" : "ahead of";
    CLEANUP_DONE(finding) struct finding f;
    finding_init(&f, "clock", FINDING_OK);
    if (off_s <= 1)
        finding_says(&f, "this machine's clock is the service's");
    else
        finding_says(&f, "this machine's clock is %" PRId64 " s %s the service's", off_s,
                     where);
    if (off_s > CLOCK_REFUSED_S) {
        f.result = FINDING_FAILED;
        f.error.sys = EACCES;
        f.error.kind = PAIL_ERROR_CLIENT;
        finding_says(&f, ", which refuses signatures that are %d s off", CLOCK_REFUSED_S);
        finding_advises(
            &f, "Set the clock, by NTP. pail and pailfs mend it for themselves by asking "
                "twice; certificates, and what other programs sign, stay wrong");
    } else if (off_s > CLOCK_GOOD_S) {
        f.result = FINDING_WARNING;
        finding_advises(&f, "Set the clock, by NTP: from %d s on signatures are refused",
                        CLOCK_REFUSED_S);
    }
    return doctor_tell(d, &f);
}

/* ---- the bucket and its region ---- */

static int tell_bucket(struct doctor *d, int r, const struct pail_error *error)
{
    CLEANUP_DONE(finding) struct finding f;
    finding_init(&f, "bucket", FINDING_OK);
    bool there = r == 0 || error->http_status == 403 || error->http_status == 401 ||
                 error->http_status == 301 || error->http_status == 307;
    if (there)
        finding_says(&f, "there is a bucket \"%.*s\"%s", PAIL_ARGS(d->bucket),
                     r == 0 ? ", open to everybody" : "");
    else
        doctor_explain(d, &f, MATTER_BUCKET, error);
    return doctor_tell(d, &f);
}

static int tell_region(struct doctor *d, int r, const struct pail_error *error)
{
    CLEANUP_DONE(finding) struct finding f;
    finding_init(&f, "region", FINDING_OK);
    const char *configured = d->facts.region;
    const char *source = d->facts.region_source[0] ? d->facts.region_source
                                                   : "the default, as none is configured";
    if (r < 0 && (error->http_status == 301 || error->http_status == 307 ||
                  error->kind == PAIL_ERROR_REDIRECT)) {
        doctor_explain(d, &f, MATTER_BUCKET, error);
    } else if (!d->server_region[0]) {
        finding_says(&f, "%s (%s); the service does not say the bucket's", configured, source);
    } else if (strcmp(d->server_region, configured) == 0) {
        finding_says(&f, "the bucket is in %s, as configured (%s)", configured, source);
    } else {
        f.result = FINDING_WARNING;
        finding_says(&f, "the bucket is in %s, but requests are signed for %s (%s)",
                     d->server_region, configured, source);
        finding_advises(
            &f,
            "Say --region %s (for a mount -o region=%s), or set AWS_REGION: it works "
            "without, but every start asks the wrong region first",
            d->server_region, d->server_region);
    }
    return doctor_tell(d, &f);
}

/* Asks without a signature, so that it is answered whatever the keys are. */
static int ask(struct doctor *d, struct pail_operation *operation, union answer *out,
               struct pail_error *error)
{
    const struct pail_call_options limits = doctor_limits(d);
    const struct pail_s3_head_bucket_input in = {.bucket = d->bucket};
    bool bucket = d->bucket.ptr != NULL;
    *operation = bucket ? pail_s3_head_bucket_operation : pail_s3_list_buckets_operation;
    operation->flags |= PAIL_OP_UNSIGNED;
    return pail_call(d->client, operation, bucket ? &in : NULL, out, &limits, error);
}

static void keep_region(struct doctor *d, const struct pail_response *response)
{
    struct pail_str region = pail_response_header(response, "x-amz-bucket-region");
    if (region.ptr)
        (void)str_copy(d->server_region, sizeof(d->server_region), region);
}

bool doctor_check_service(struct doctor *d, int *ret_status)
{
    union answer out = {.response = {0}};
    struct pail_operation operation;
    struct pail_error error = {0};
    memset(&out, 0, sizeof(out));
    int r = ask(d, &operation, &out, &error);
    bool answered = out.response.http_status != 0;
    keep_region(d, &out.response);
    *ret_status = tell_service(d, &out.response, &error);
    if (answered && *ret_status == EXIT_OK)
        *ret_status = tell_clock(d, &out.response);
    if (answered && d->bucket.ptr && *ret_status == EXIT_OK)
        *ret_status = tell_bucket(d, r, &error);
    bool there = d->status != EXIT_MISSING;
    if (answered && there && d->bucket.ptr && *ret_status == EXIT_OK)
        *ret_status = tell_region(d, r, &error);
    pail_output_free(&operation, &out);
    if (answered && there)
        return *ret_status == EXIT_OK;
    if (*ret_status == EXIT_OK)
        *ret_status = answered ? doctor_skip_from(d, "region", "there is no bucket")
                               : doctor_skip_from(d, "clock", "the service does not answer");
    return false;
}
