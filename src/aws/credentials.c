#include "aws/credentials.h"

struct credentials *credentials_new(struct pail_str id, struct pail_str secret,
                                    struct pail_str token, int64_t expires_s,
                                    const char *source)
{
    CLEANUP(credentials) struct credentials *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->access_key_id = str_dup(id);
    c->secret_access_key = str_dup(secret);
    c->source = str_dup(str_c(source));
    c->expires_s = expires_s;
    if (!c->access_key_id || !c->secret_access_key || !c->source)
        return NULL;
    if (token.len > 0) {
        c->session_token = str_dup(token);
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

static void wipe(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void credentials_free(struct credentials *c)
{
    if (!c)
        return;
    wipe(c->secret_access_key);
    wipe(c->session_token);
    free(c->access_key_id);
    free(c->source);
    free(c);
}
