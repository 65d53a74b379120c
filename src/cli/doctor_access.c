/* cli/doctor_access.c: the keys, and what they may do. */
#include "cli/doctor.h"

#include "base/date.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

#define KEYS_LISTED 10 /* of which one is chosen to be read */

/* ---- credentials ---- */

/* The ends of an access key's id: enough to tell it from others. It is no secret, but what is
 * printed here is pasted into tickets. */
static void add_key_id(struct finding *f, const char *id)
{
    size_t len = strlen(id);
    if (len > 12)
        finding_says(f, "%.4s...%s", id, id + len - 4);
    else
        finding_says(f, "%s", id);
}

static void say_credentials(struct finding *f, const struct pail_credentials_facts *facts)
{
    finding_says(f, "access key ");
    add_key_id(f, facts->access_key_id);
    finding_says(f, ", %sfrom %s", facts->temporary ? "temporary, " : "", facts->source);
    if (!facts->expires.present)
        return;
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 64);
    buf_add_iso8601(&b, facts->expires);
    finding_says(f, ", until %s", buf_c(&b));
}

/* `refused`: the failure of the first call that was signed; NULL: none. */
static int tell_credentials(struct doctor *d, const struct pail_error *refused)
{
    CLEANUP_DONE(finding) struct finding f;
    struct pail_credentials_facts facts;
    finding_init(&f, "credentials", FINDING_OK);
    if (d->keyless) {
        finding_says(&f, "none are used: anonymous access was asked for");
    } else if (pail_client_get_credentials(d->client, &facts, &f.error) < 0) {
        f.result = FINDING_FAILED;
        finding_says(&f, "%s", f.error.message);
        if (f.error.kind == PAIL_ERROR_NO_CREDENTIALS)
            finding_advises(&f, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a "
                                "profile (--profile); for a bucket that is open to everybody "
                                "say --no-sign-request");
    } else {
        if (refused && doctor_blames_keys(refused)) {
            doctor_explain(d, &f, MATTER_LIST, refused);
            finding_says(&f, ": ");
        } else {
            /* Whether they are right, only what is asked with them shows. */
            finding_says(&f, "found: ");
        }
        say_credentials(&f, &facts);
    }
    return doctor_tell(d, &f);
}

int doctor_check_credentials(struct doctor *d)
{
    return tell_credentials(d, NULL);
}

/* ---- list ---- */

/* How good an object is to try with: the one that was named, else one that has bytes that can
 * be read at once. */
static int worth(const struct doctor *d, const struct pail_s3_object *object)
{
    struct pail_str class = object->storage_class;
    bool archived =
        class.ptr && (str_eq_c(class, "GLACIER") || str_eq_c(class, "DEEP_ARCHIVE"));
    if (str_eq(object->key, d->key))
        return 3;
    return archived ? 0 : object->size.value > 0 ? 2 : 1;
}

static void choose(struct doctor *d, const struct pail_s3_list_objects_v2_output *out)
{
    const struct pail_s3_object *best = NULL;
    for (size_t i = 0; i < out->contents.count; i++)
        if (!best || worth(d, &out->contents.items[i]) > worth(d, best))
            best = &out->contents.items[i];
    if (!best)
        return;
    buf_add_str(&d->found_key, best->key);
    d->found_size = best->size;
}

static int list(struct doctor *d, struct pail_error *error, size_t *ret_count)
{
    const struct pail_call_options limits = doctor_limits(d);
    if (!d->bucket.ptr) {
        struct pail_s3_list_buckets_output out = {0};
        int r = pail_s3_list_buckets(d->client, NULL, &out, &limits, error);
        *ret_count = out.buckets.count;
        pail_output_free(&pail_s3_list_buckets_operation, &out);
        return r;
    }
    const struct pail_s3_list_objects_v2_input in = {
        .bucket = d->bucket, .prefix = d->key, .max_keys = PAIL_INT(KEYS_LISTED)};
    struct pail_s3_list_objects_v2_output out = {0};
    int r = pail_s3_list_objects_v2(d->client, &in, &out, &limits, error);
    *ret_count = out.contents.count;
    if (r == 0)
        choose(d, &out);
    else
        buf_add_str(&d->found_key, d->key);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    return r;
}

static int tell_list(struct doctor *d, int r, const struct pail_error *error, size_t count)
{
    CLEANUP_DONE(finding) struct finding f;
    finding_init(&f, "list", FINDING_OK);
    if (r < 0) {
        doctor_explain(d, &f, d->bucket.ptr ? MATTER_LIST : MATTER_SERVICE, error);
    } else if (!d->bucket.ptr) {
        finding_says(&f, "the account's buckets can be listed: %zu", count);
    } else if (count == 0) {
        f.result = d->key.len > 0 ? FINDING_WARNING : FINDING_OK;
        finding_says(&f, "the bucket can be listed, but %s",
                     d->key.len > 0 ? "nothing starts with that key" : "it is empty");
        finding_advises(&f, "%s", d->key.len > 0 ? "Check its spelling" : "");
    } else {
        finding_says(&f, "the bucket can be listed");
    }
    return doctor_tell(d, &f);
}

/* ---- head and get ---- */

static int check_head(struct doctor *d)
{
    const struct pail_call_options limits = doctor_limits(d);
    const struct pail_s3_head_object_input in = {.bucket = d->bucket,
                                                 .key = buf_str(&d->found_key)};
    struct pail_s3_head_object_output out = {0};
    CLEANUP_DONE(finding) struct finding f;
    finding_init(&f, "head", FINDING_OK);
    struct pail_error error = {0};
    if (pail_s3_head_object(d->client, &in, &out, &limits, &error) < 0)
        doctor_explain(d, &f, MATTER_HEAD, &error);
    else
        finding_says(&f, "%.*s, %" PRId64 " bytes", PAIL_ARGS(in.key),
                     out.content_length.value);
    if (f.result == FINDING_OK)
        d->found_size = out.content_length;
    pail_output_free(&pail_s3_head_object_operation, &out);
    return doctor_tell(d, &f);
}

static int check_get(struct doctor *d)
{
    struct pail_call_options limits = doctor_limits(d);
    struct pail_s3_get_object_input in = {.bucket = d->bucket, .key = buf_str(&d->found_key)};
    struct pail_s3_get_object_output out = {0};
    struct pail_error error = {0};
    CLEANUP_DONE(finding) struct finding f;
    finding_init(&f, "get", FINDING_OK);
    if (!d->found_size.present || d->found_size.value > 0)
        in.range = PAIL_STR("bytes=0-0");
    int r = pail_s3_get_object(d->client, &in, &out, &limits, &error);
    char byte;
    if (r == 0 && out.body && pail_body_read(out.body, &byte, 1, &error) < 0)
        r = -1;
    if (r < 0 && error.http_status == 416)
        r = 0; /* it is empty */
    if (r < 0)
        doctor_explain(d, &f, MATTER_GET, &error);
    else
        finding_says(&f, "%.*s can be read", PAIL_ARGS(in.key));
    pail_output_free(&pail_s3_get_object_operation, &out);
    return doctor_tell(d, &f);
}

bool doctor_check_access(struct doctor *d, int *ret_status)
{
    struct pail_error refused = {0};
    size_t count = 0;
    int listed = list(d, &refused, &count);
    bool keys_good = listed == 0 || !doctor_blames_keys(&refused);
    *ret_status = tell_credentials(d, listed < 0 ? &refused : NULL);
    if (*ret_status == EXIT_OK && !keys_good)
        *ret_status = doctor_skip_from(d, "list", "there are no keys that are accepted");
    else if (*ret_status == EXIT_OK)
        *ret_status = tell_list(d, listed, &refused, count);
    if (*ret_status != EXIT_OK || !keys_good || !d->bucket.ptr)
        return false;
    if (d->found_key.len == 0) {
        *ret_status = doctor_skip_from(
            d, "head",
            listed < 0 ? "no object is known; name one: pail doctor s3://BUCKET/KEY"
                       : "there is no object to try it with");
        return false;
    }
    *ret_status = check_head(d);
    if (*ret_status == EXIT_OK)
        *ret_status = check_get(d);
    return true;
}
