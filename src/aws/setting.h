/* aws/setting.h: one setting: finding it in code, the environment or the profile files, and
 * refusing it. */
#ifndef AWS_SETTING_H
#define AWS_SETTING_H

#include "aws/settings.h"

#define SETTING_SHOWN_MAX 80 /* bytes of a bad value in a message */

/* A value and where it comes from, in words. */
struct setting {
    struct pail_str value; /* absent: nowhere; else not empty, borrowed */
    char where[128];
};

/* Each: whether something is said there; only then is *ret written. */
bool setting_in_code(const char *value, const char *name, struct setting *ret);
bool setting_in_env(const struct settings *settings, const char *name, struct setting *ret);
bool setting_in_profile(const struct settings *settings, const char *key, struct setting *ret);
/* In an indented block of the profile: `section` =, then `key` = below it. */
bool setting_in_block(const struct settings *settings, const char *section, const char *key,
                      struct setting *ret);

/* -EINVAL, with *error filled: where it is, what is there and what is `allowed`. */
int setting_refuse(const struct setting *setting, struct pail_error *error,
                   const char *allowed);
/* As setting_refuse; of a URL with a user only what follows that is shown, of one without what
 * comes before a port: there may be a password. */
int setting_refuse_url(const struct setting *setting, struct pail_error *error,
                       const char *allowed);

#endif
