#include "unit/fs/s3_rig.h"

#include <stdlib.h>

struct peer_s3 *s3;
struct peer *peer;
struct pail_client *client;
struct mailbox *mailbox;
struct source *source;
size_t dones;

static void set_environment(void)
{
    static const char *const unset[] = {
        "AWS_PROFILE",      "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3",
        "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE",      "AWS_CA_BUNDLE",    "HTTP_PROXY",
        "http_proxy",       "HTTPS_PROXY",         "https_proxy",      "ALL_PROXY",
        "all_proxy"};
    for (size_t i = 0; i < LEN(unset); i++)
        unsetenv(unset[i]);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
}

void s3_rig_source(const char *bucket, const char *prefix)
{
    if (source)
        source->ops->free(source);
    const struct s3_source_options options = {
        .client = client,
        .mailbox = mailbox,
        .bucket = {.ptr = bucket, .len = bucket ? strlen(bucket) : 0},
        .prefix = {.ptr = prefix, .len = strlen(prefix)},
        .metadata_timeout_ms = WAIT_MS,
    };
    ck_assert_int_eq(s3_source_new(&options, &source), 0);
}

static void new_client(unsigned max_attempts)
{
    const struct pail_config config = {
        .endpoint_url = peer_s3_url(s3),
        .region = "us-east-1",
        .access_key_id = "AKID",
        .secret_access_key = "secret",
        .addressing = PAIL_ADDRESSING_PATH,
        .max_attempts = max_attempts,
    };
    struct pail_error error = {0};
    ck_assert_msg(pail_client_new(&config, &client, &error) == 0, "%s", error.message);
}

void s3_rig_client(unsigned max_attempts)
{
    source->ops->free(source);
    source = NULL;
    pail_client_free(client);
    new_client(max_attempts);
    s3_rig_source("bkt", "");
}

void s3_rig_setup(void)
{
    set_environment();
    s3 = peer_s3_start();
    peer = peer_s3_peer(s3);
    peer_s3_bucket(s3, "bkt");
    mailbox = mailbox_new();
    new_client(1);
    s3_rig_source("bkt", "");
}

void s3_rig_teardown(void)
{
    source->ops->free(source);
    source = NULL;
    pail_client_free(client);
    peer_s3_stop(s3);
    mailbox_free(mailbox);
}

struct pail_str text(const char *s)
{
    return (struct pail_str){.ptr = s, .len = s ? strlen(s) : 0};
}

bool is(struct pail_str s, const char *want)
{
    return s.ptr && s.len == strlen(want) && memcmp(s.ptr, want, s.len) == 0;
}

void count_done(struct source_request *request)
{
    ck_assert_int_le(request->status, 0);
    ck_assert_int_eq(request->error.sys, -request->status);
    dones++;
}

void wait_done(size_t n)
{
    while (dones < n)
        ck_assert_uint_gt(mailbox_wait(mailbox, WAIT_MS), 0);
    ck_assert_uint_eq(dones, n);
}

void release(struct source_request *request)
{
    source->ops->release(source, request);
    ck_assert_ptr_null(request->state);
}
