/* aws/role_keys.h: the keys of a role, asked of STS. */
#ifndef AWS_ROLE_KEYS_H
#define AWS_ROLE_KEYS_H

#include "aws/ask.h"

struct role {
    struct pail_str arn;
    struct pail_str session_name; /* absent: one of this library's, with the time in it */
    struct pail_str token;        /* of an identity provider; absent: keys sign the request */
    struct pail_str external_id;  /* with keys; absent: none */
    struct pail_int duration_s;   /* with keys; absent: the service's choice, an hour */
    const char *profile; /* that says so, for the keys' source; NULL: the environment does */
};

/* AssumeRole with `keys` (taken over), or AssumeRoleWithWebIdentity with the token. Waits. 0
 * with *ret, or -errno with *error filled: the service's own error, or what kept it from being
 * asked. */
int role_keys(struct ask *ask, const struct settings *settings,
              struct credentials_provider *keys, const struct role *role,
              struct credentials **ret, struct pail_error *error);

#endif
