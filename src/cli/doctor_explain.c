/* cli/doctor_explain.c: failures in plain words, and what to do about them. */
#include "cli/doctor.h"

#include "base/date.h"

#include <errno.h>
#include <time.h>

/* ---- connections ---- */

static void add_date(char text[32], struct pail_time time)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 64);
    if (time.present)
        buf_add_iso8601(&b, time);
    (void)str_copy(text, 32, str_c(time.present ? buf_c(&b) : "?"));
}

static void explain_certificate(const struct doctor *d, struct finding *f,
                                const struct pail_probe *probe, const struct pail_error *error)
{
    const struct pail_certificate *c = &probe->certificate;
    char from[32], until[32], now[32];
    add_date(from, c->not_before);
    add_date(until, c->not_after);
    add_date(now, (struct pail_time){.seconds = time(NULL), .present = true});
    switch (probe->fault) {
    case PAIL_CERTIFICATE_EXPIRED:
        finding_says(f, "the certificate (%s) expired at %s", c->subject, until);
        finding_advises(f,
                        "The server's administrator has to renew it, unless this machine's "
                        "clock is wrong: it says %s",
                        now);
        break;
    case PAIL_CERTIFICATE_NOT_YET_VALID:
        finding_says(f, "the certificate (%s) is valid only from %s on", c->subject, from);
        finding_advises(f, "Set this machine's clock if it is wrong: it says %s", now);
        break;
    case PAIL_CERTIFICATE_OTHER_HOST:
        finding_says(f, "the certificate is for %s (%s), not for the host of %s",
                     c->names[0] ? c->names : "no name", c->subject, d->facts.url);
        finding_advises(f,
                        "Use a name that it is for as the endpoint; for a bucket in the host "
                        "name, --path-style may do");
        break;
    case PAIL_CERTIFICATE_UNTRUSTED:
        finding_says(f,
                     "nobody whom this machine trusts vouches for the certificate of %s, made "
                     "by %s: %s",
                     c->subject, c->issuer, error->message);
        finding_advises(
            f, "If the server is the right one, give the certificate of its authority: "
               "--ca-bundle FILE, or AWS_CA_BUNDLE. A proxy that looks into TLS has one "
               "of its own");
        break;
    case PAIL_CERTIFICATE_GOOD:
        finding_says(f, "the certificates to trust cannot be used: %s", error->message);
        finding_advises(f, "Check --ca-bundle, AWS_CA_BUNDLE, or the package ca-certificates");
        break;
    }
}

/* It answers 407. */
static void explain_proxy_password(const struct doctor *d, struct finding *f)
{
    if (d->proxy_user) {
        finding_says(f, "the proxy refuses the name and the password that it is given");
        finding_advises(f, "Check both in its URL, in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY: "
                           "what is neither a letter nor a digit is written %%XX");
    } else {
        finding_says(f, "the proxy wants a name and a password");
        finding_advises(f, "Give them in its URL, in HTTP_PROXY or HTTPS_PROXY: "
                           "http://NAME:PASSWORD@HOST:PORT");
    }
}

static void explain_proxy(const struct doctor *d, struct finding *f,
                          const struct pail_probe *probe, const struct pail_error *error)
{
    if (probe->proxy_status == 407) {
        explain_proxy_password(d, f);
        return;
    }
    finding_says(f, "the proxy%s%s does not let requests through: %s",
                 probe->address[0] ? " " : "", probe->address, error->message);
    finding_advises(
        f, "Check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in the environment; in "
           "lower case they count first");
}

static void explain_refusal(const struct doctor *d, struct finding *f,
                            const struct pail_probe *probe, const struct pail_error *error)
{
    if (error->sys == EHOSTUNREACH) {
        finding_says(f, "there is no route to %s", probe->address);
        finding_advises(f, "Check this machine's network, its VPN and its routes");
    } else {
        finding_says(f, "nothing accepts connections at %s", probe->address);
        finding_advises(f, "Is the service running, and %s its address and port (%s)?",
                        d->facts.url,
                        d->facts.endpoint_source[0] ? d->facts.endpoint_source : "AWS's own");
    }
}

void doctor_explain_probe(const struct doctor *d, struct finding *f,
                          const struct pail_probe *probe, const struct pail_error *error)
{
    f->error = *error;
    switch (error->kind) {
    case PAIL_ERROR_RESOLVE:
        finding_says(f, "the name in %s is not known", d->facts.url);
        finding_advises(f,
                        "Check its spelling (endpoint, region, bucket), and that this machine "
                        "resolves names: getent hosts NAME");
        break;
    case PAIL_ERROR_CONNECT:
        explain_refusal(d, f, probe, error);
        break;
    case PAIL_ERROR_CONNECT_TIMEOUT:
        if (probe->reached == PAIL_PROBE_TLS) {
            finding_says(f, "%s accepts the connection, but does not answer the TLS handshake",
                         probe->address);
            finding_advises(
                f, "Does that port speak TLS? For plain HTTP the endpoint says http://");
        } else {
            finding_says(f, "%s does not answer",
                         probe->address[0] ? probe->address : "the resolver");
            finding_advises(f,
                            "A firewall or security group may drop what is sent; a network "
                            "without a way to the internet needs an endpoint of S3, or a proxy "
                            "(HTTPS_PROXY)");
        }
        break;
    case PAIL_ERROR_PROXY:
        explain_proxy(d, f, probe, error);
        break;
    case PAIL_ERROR_CERTIFICATE:
        explain_certificate(d, f, probe, error);
        break;
    case PAIL_ERROR_TLS:
        finding_says(f, "the TLS handshake with %s fails: %s", probe->address, error->message);
        finding_advises(f,
                        "Does that port speak TLS? For plain HTTP the endpoint says http://");
        break;
    default:
        finding_says(f, "%s: %s", pail_error_kind_name(error->kind), error->message);
        break;
    }
}

/* ---- answers ---- */

/* What was asked of the keys, and what they need for it. */
static const struct {
    const char *doing, *permission;
    bool of_objects;
} matters[] = {
    [MATTER_SERVICE] = {"list the account's buckets", "s3:ListAllMyBuckets", false},
    [MATTER_BUCKET] = {"look at the bucket", "s3:ListBucket", false},
    [MATTER_LIST] = {"list the bucket", "s3:ListBucket", false},
    [MATTER_HEAD] = {"look at objects", "s3:GetObject", true},
    [MATTER_GET] = {"read objects", "s3:GetObject", true},
};

static const struct {
    const char *code, *says, *advises;
} codes[] = {
    {"InvalidAccessKeyId", "the service does not know the access key",
     "Is it a key of this service and account, and still active? A temporary one needs its "
     "session "
     "token (AWS_SESSION_TOKEN)"},
    {"SignatureDoesNotMatch", "the secret key does not belong to the access key",
     "Copy the secret again, whole; a proxy that changes requests has the same effect"},
    {"ExpiredToken", "the session token has expired", "Get new temporary keys"},
    {"ExpiredTokenException", "the session token has expired", "Get new temporary keys"},
    {"TokenRefreshRequired", "the session token has expired", "Get new temporary keys"},
    {"InvalidToken", "the session token is not one of this access key's",
     "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN together, or unset "
     "the "
     "token"},
    {"RequestTimeTooSkewed", "the service refuses the time in the signature",
     "Set this machine's clock, by NTP"},
    {"NotSignedUp", "the account is not signed up for S3",
     "Sign up, or use another account's keys"},
    {"AccountProblem", "there is a problem with the account", "Ask the service's support"},
    {"NoSuchKey", "there is no such object", "Check the key's spelling"},
    {"InvalidObjectState", "the object is archived",
     "Restore it before it is read, or name another "
     "one to check with"},
    {"SlowDown", "the service asks to slow down", "Later it may work"},
    {"ServiceUnavailable", "the service is not available now", "Later it may work"},
    {"InternalError", "the service has a fault of its own", "Later it may work"},
    {"NotImplemented", "the service cannot do that", "Is it an S3 service, and new enough?"},
    {"MethodNotAllowed", "the service cannot do that", "Is it an S3 service, and new enough?"},
};

static bool explain_code(struct finding *f, const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (strcmp(codes[i].code, code) != 0)
            continue;
        finding_says(f, "%s", codes[i].says);
        finding_advises(f, "%s", codes[i].advises);
        return true;
    }
    return false;
}

bool doctor_blames_keys(const struct pail_error *error)
{
    static const char *const blamed[] = {"InvalidAccessKeyId",   "SignatureDoesNotMatch",
                                         "ExpiredToken",         "ExpiredTokenException",
                                         "TokenRefreshRequired", "InvalidToken",
                                         "NotSignedUp",          "AccountProblem"};
    for (size_t i = 0; i < ARRAY_LEN(blamed); i++)
        if (strcmp(error->code, blamed[i]) == 0)
            return true;
    return error->http_status == 0 && (error->kind == PAIL_ERROR_NO_CREDENTIALS ||
                                       error->kind == PAIL_ERROR_PARTIAL_CREDENTIALS ||
                                       error->kind == PAIL_ERROR_CREDENTIALS);
}

static void explain_denied(const struct doctor *d, struct finding *f, enum doctor_matter matter)
{
    char resource[512] = "*";
    bool of_objects = matters[matter].of_objects;
    if (d->bucket.ptr)
        snprintf(resource, sizeof(resource), "arn:aws:s3:::%.*s%s", PAIL_ARGS(d->bucket),
                 of_objects ? "/*" : "");
    if (d->keyless)
        finding_says(f, "nobody may %s without keys", matters[matter].doing);
    else
        finding_says(f, "these keys may not %s", matters[matter].doing);
    finding_advises(f, "%s %s on %s, and no policy that denies it",
                    d->keyless ? "The bucket has to allow everybody" : "They need",
                    matters[matter].permission, resource);
    if (of_objects)
        finding_advises(
            f, "; objects encrypted with KMS also need kms:Decrypt on their key. Where "
               "keys may not list, an object that is not there is refused the same way");
    else if (!d->keyless)
        finding_advises(f, "; of a bucket whose requester pays, say --requester-pays");
    if (!d->keyless && d->facts.endpoint_source[0])
        finding_advises(f, "; some services also answer so to keys that they do not know");
}

static void explain_region(const struct doctor *d, struct finding *f)
{
    finding_says(f, "the bucket is in another region than %s", d->facts.region);
    if (d->server_region[0])
        finding_says(f, ": %s", d->server_region);
    finding_advises(f, "Say --region %s, or set AWS_REGION",
                    d->server_region[0] ? d->server_region : "with the right one");
}

static bool is_region(const struct pail_error *e)
{
    return e->kind == PAIL_ERROR_REDIRECT || e->http_status == 301 || e->http_status == 307 ||
           strcmp(e->code, "PermanentRedirect") == 0 ||
           strcmp(e->code, "AuthorizationHeaderMalformed") == 0 ||
           strcmp(e->code, "IllegalLocationConstraintException") == 0;
}

void doctor_explain(const struct doctor *d, struct finding *f, enum doctor_matter matter,
                    const struct pail_error *e)
{
    f->result = FINDING_FAILED;
    f->error = *e;
    bool missing = e->http_status == 404 && strcmp(e->code, "NoSuchKey") != 0;
    if (explain_code(f, e->code))
        return;
    if (is_region(e)) {
        explain_region(d, f);
    } else if (strcmp(e->code, "NoSuchBucket") == 0 ||
               (missing && matter <= MATTER_LIST && d->bucket.ptr)) {
        finding_says(f, "there is no bucket \"%.*s\" at %s", PAIL_ARGS(d->bucket),
                     d->facts.url);
        finding_advises(f, "Check its spelling, and that the endpoint is the service it is on");
    } else if (missing) {
        finding_says(f, "there is no such object");
        finding_advises(f, "Check the key's spelling");
    } else if (e->http_status == 403 || e->http_status == 401) {
        explain_denied(d, f, matter);
    } else if (e->http_status == 407) {
        explain_proxy_password(d, f);
    } else {
        finding_says(f, "%s%s%s", e->code[0] ? e->code : pail_error_kind_name(e->kind),
                     e->message[0] ? ": " : "", e->message);
        if (e->kind == PAIL_ERROR_PARSE)
            finding_advises(f, "Is the endpoint an S3 service? A proxy, or a page to log in "
                               "with, may answer in its place");
        else if (e->retryable)
            finding_advises(f, "Later it may work");
    }
}
