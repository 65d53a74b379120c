/* aws/profile.h: AWS's INI-like profile files: ~/.aws/config and ~/.aws/credentials. */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "base/buf.h"

#define PROFILE_FILE_MAX (1024 * 1024) /* bytes of one file */

struct profile_files;

enum profile_file {
    PROFILE_CONFIG_FILE,
    PROFILE_CREDENTIALS_FILE,
};

/* Parses both texts (absent: no such file). Sections of the config file: [default], [profile
 * x], [sso-session x], [services x]; of the credentials file: bare names, whose keys override
 * the profile's. 0; -EINVAL with "FILE:LINE: what" in `reason` (cut to size). */
int profile_parse(struct pail_str config_text, const char *config_name,
                  struct pail_str credentials_text, const char *credentials_name,
                  struct profile_files **ret, char *reason, size_t reason_size);
/* Reads and parses; a file that does not exist is empty. 0, -EINVAL (also unreadable or too
 * long), -ENOMEM. */
int profile_load(const char *config_path, const char *credentials_path,
                 struct profile_files **ret, char *reason, size_t reason_size);
void profile_free(struct profile_files *files);

/* True if either file has the profile. */
bool profile_exists(const struct profile_files *files, const char *profile);
/* A key of a profile, absent if there is none. Borrowed. */
struct pail_str profile_get(const struct profile_files *files, const char *profile,
                            const char *key);
/* The same from one of the files alone. */
struct pail_str profile_get_from(const struct profile_files *files, enum profile_file file,
                                 const char *profile, const char *key);
/* A key nested under another (`s3 =` with an indented block). */
struct pail_str profile_get_nested(const struct profile_files *files, const char *profile,
                                   const char *key, const char *nested);
/* A key of a [kind name] section, `nested` as above or NULL. */
struct pail_str profile_get_section(const struct profile_files *files, const char *kind,
                                    const char *name, const char *key, const char *nested);
/* The path of the file that profile_get's answer came from, for messages; static words if none.
 */
const char *profile_source(const struct profile_files *files, const char *profile,
                           const char *key);

DEFINE_CLEANUP(profile, struct profile_files *, profile_free);

#endif
