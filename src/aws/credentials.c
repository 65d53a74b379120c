#include "aws/credentials.h"

#include "base/secret.h"

#define SIGNING_PREFIX "AWS4"

static char *signing_secret(struct pail_str secret)
{
    size_t prefix = strlen(SIGNING_PREFIX);
    char *text = secret_alloc(prefix + secret.len + 1);
    if (!text)
        return NULL;
    memcpy(text, SIGNING_PREFIX, prefix);
    if (secret.len > 0)
        memcpy(text + prefix, secret.ptr, secret.len);
    return text;
}

struct credentials *credentials_new(struct pail_str id, struct pail_str secret,
                                    struct pail_str token, int64_t expires_s,
                                    const char *source)
{
    CLEANUP(credentials) struct credentials *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->access_key_id = str_dup(id);
    c->signing_secret = signing_secret(secret);
    c->source = str_dup(str_c(source));
    c->expires_s = expires_s;
    if (!c->access_key_id || !c->signing_secret || !c->source)
        return NULL;
    c->secret_access_key = c->signing_secret + strlen(SIGNING_PREFIX);
    if (token.len > 0) {
        c->session_token = secret_dup(token);
        if (!c->session_token)
            return NULL;
    }
    return STEAL(c);
}

struct credentials *credentials_copy(const struct credentials *c)
{
    return credentials_new(str_c(c->access_key_id), str_c(c->secret_access_key),
                           str_c(c->session_token), c->expires_s, c->source);
}

void credentials_free(struct credentials *c)
{
    if (!c)
        return;
    secret_free(c->signing_secret);
    secret_free(c->session_token);
    free(c->access_key_id);
    free(c->source);
    free(c);
}
