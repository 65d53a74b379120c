/* aws/profile.h: AWS's INI-like profile files: ~/.aws/config and ~/.aws/credentials.
 *
 * The grammar is botocore's (Python's RawConfigParser): "key = value" or "key: value" under
 * [section] lines; keys in any case; whole lines that start with # or ; are comments, and
 * nothing else is; a line indented deeper than its key goes on with the value; after an empty
 * value such lines are a nested block of "key = value"; a section or a key said twice is an
 * error. A section of the config file that is none of [default], [profile x], [sso-session x],
 * [services x] (x quoted as in a shell) is skipped; those of the credentials file are bare
 * profile names. */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "base/buf.h"

#define PROFILE_FILE_MAX     (1024 * 1024) /* bytes of one file */
#define PROFILE_SECTIONS_MAX 5000          /* of one file */
#define PROFILE_KEYS_MAX     1000          /* of one section, and of one nested block */

struct profile_files;

enum profile_file {
    PROFILE_CONFIG_FILE,
    PROFILE_CREDENTIALS_FILE,
};

/* Parses both texts (absent: no such file). 0; -EINVAL with "FILE:LINE: what" in `reason` (cut
 * to size); -ENOMEM. */
int profile_parse(struct pail_str config_text, const char *config_name,
                  struct pail_str credentials_text, const char *credentials_name,
                  struct profile_files **ret, char *reason, size_t reason_size);
/* Reads and parses; a file that does not exist, or whose path is NULL, is empty. 0, -EINVAL
 * with `reason` (also unreadable or too long), -ENOMEM. Blocks. */
int profile_load(const char *config_path, const char *credentials_path,
                 struct profile_files **ret, char *reason, size_t reason_size);
void profile_free(struct profile_files *files);

/* True if either file has the profile. */
bool profile_exists(const struct profile_files *files, const char *profile);
/* A key (in lower case) of a profile, absent if there is none or it is a nested block; the
 * credentials file's hides the config file's. It ends in a NUL that is not counted. Borrowed;
 * so are all below. */
struct pail_str profile_get(const struct profile_files *files, const char *profile,
                            const char *key);
/* The same from one of the files alone. */
struct pail_str profile_get_from(const struct profile_files *files, enum profile_file file,
                                 const char *profile, const char *key);
/* A key nested under another (`s3 =` with an indented block); its case counts. */
struct pail_str profile_get_nested(const struct profile_files *files, const char *profile,
                                   const char *key, const char *nested);
/* A key of a [kind name] section of the config file, `nested` as above or NULL. */
struct pail_str profile_get_section(const struct profile_files *files, const char *kind,
                                    const char *name, const char *key, const char *nested);
/* True if the config file has a [kind name] section. */
bool profile_section_exists(const struct profile_files *files, const char *kind,
                            const char *name);
/* "FILE:LINE" of profile_get's answer (of the whole block, where the key is one), for messages,
 * in `text` (cut to size); "" if there is none. */
void profile_where(const struct profile_files *files, const char *profile, const char *key,
                   char *text, size_t size);

DEFINE_CLEANUP(profile, struct profile_files *, profile_free);

#endif
