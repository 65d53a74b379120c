/* unit/aws/provider_rig.h: credentials providers that ask services, with the peer in their
 * place. */
#ifndef UNIT_AWS_PROVIDER_RIG_H
#define UNIT_AWS_PROVIDER_RIG_H

#include "unit/check.h"

#include "aws/credentials.h"
#include "peer/peer.h"
#include "unit/aws/environment.h"

#define RIG_PAIRS 16

struct rig {
    struct peer *peer;
    struct test_file config, credentials;
    const char *env[2 * RIG_PAIRS + 1];
    size_t env_count;
    struct settings *settings;
    struct credentials_provider *provider;
    struct pail_error error;
};

static struct rig rig;

/* From now on; both are borrowed. */
static void rig_env(const char *name, const char *value)
{
    ck_assert_uint_lt(rig.env_count, 2 * RIG_PAIRS);
    rig.env[rig.env_count++] = name;
    rig.env[rig.env_count++] = value;
}

static void rig_start(void)
{
    rig = (struct rig){.peer = peer_start()};
    rig_env("AWS_EC2_METADATA_DISABLED", "true");
    rig_env("AWS_REGION", "eu-west-1");
    rig_env("AWS_ENDPOINT_URL", peer_url(rig.peer));
}

/* Makes the chain, with what the files hold; `profile` is said in code unless NULL. */
static void rig_open(const char *profile, const char *config, const char *credentials)
{
    write_file(&rig.config, config);
    write_file(&rig.credentials, credentials);
    rig_env("AWS_CONFIG_FILE", rig.config.path);
    rig_env("AWS_SHARED_CREDENTIALS_FILE", rig.credentials.path);
    const struct pail_config code = {.profile = profile};
    int r = settings_load(&code, test_getenv, rig.env, &rig.settings, &rig.error);
    ck_assert_msg(r == 0, "%s", rig.error.message);
    rig.provider = credentials_chain_new(rig.settings);
    ck_assert_ptr_nonnull(rig.provider);
}

static void rig_stop(void)
{
    credentials_provider_free(rig.provider);
    settings_free(rig.settings);
    if (rig.settings) {
        drop_file(&rig.config);
        drop_file(&rig.credentials);
    }
    peer_stop(rig.peer);
}

/* What the chain gives: 0 with keys the caller frees, or -errno with rig.error. */
static int rig_fetch(struct credentials **ret)
{
    *ret = NULL;
    rig.error = (struct pail_error){0};
    return rig.provider->fetch(rig.provider, ret, &rig.error);
}

/* It gives these. */
__attribute__((unused)) static void check_keys(const char *id, const char *token,
                                               int64_t expires_s, const char *source)
{
    CLEANUP(credentials) struct credentials *keys = NULL;
    int r = rig_fetch(&keys);
    ck_assert_msg(r == 0, "%s", rig.error.message);
    ck_assert_str_eq(keys->access_key_id, id);
    ck_assert_pstr_eq(keys->session_token, token);
    if (expires_s >= 0)
        ck_assert_int_eq(keys->expires_s, expires_s);
    ck_assert_str_eq(keys->source, source);
}

/* It fails so; `part` is in the message. */
__attribute__((unused)) static void check_failure(int sys, int kind, const char *part)
{
    struct credentials *keys;
    ck_assert_int_eq(rig_fetch(&keys), -sys);
    ck_assert_ptr_null(keys);
    ck_assert_msg(rig.error.kind == kind && rig.error.sys == sys, "%d: %s", rig.error.kind,
                  rig.error.message);
    ck_assert_msg(strstr(rig.error.message, part), "%s", rig.error.message);
}

__attribute__((unused)) static const struct peer_request *asked(size_t index)
{
    const struct peer_request *request = peer_request_at(rig.peer, NULL, index);
    ck_assert_ptr_nonnull(request);
    return request;
}

/* A header of the index-th request has that part. */
__attribute__((unused)) static void check_header(size_t index, const char *name,
                                                 const char *part)
{
    const char *value = peer_request_header(asked(index), name);
    ck_assert_msg(value && strstr(value, part), "%s: %s", name, value ? value : "none");
}

#endif
