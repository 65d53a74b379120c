/* Keys that stand in a profile file. They never expire, so they are fetched again only when the
 * service refused them: then the files are read anew, because somebody may have put new ones
 * there. */
#include "aws/credentials.h"

#include "aws/response.h"

#include <errno.h>

struct profile_provider {
    struct credentials_provider base;
    const struct settings *settings;
    const char *profile; /* borrowed */
    enum profile_file file;
    bool read_before;
};

static const char *file_path(const struct profile_provider *p)
{
    const char *path = p->file == PROFILE_CONFIG_FILE ? p->settings->config_path
                                                      : p->settings->credentials_path;
    return path ? path : "";
}

static int from_files(const struct profile_provider *p, const struct profile_files *files,
                      struct credentials **ret, struct pail_error *error)
{
    const char *profile = p->profile;
    struct pail_str id = profile_get_from(files, p->file, profile, "aws_access_key_id");
    struct pail_str secret = profile_get_from(files, p->file, profile, "aws_secret_access_key");
    struct pail_str token = profile_get_from(files, p->file, profile, "aws_security_token");
    if (token.len == 0)
        token = profile_get_from(files, p->file, profile, "aws_session_token");
    if (id.len == 0 && secret.len == 0)
        return -ENOENT;
    if (id.len == 0 || secret.len == 0)
        return error_set(error, PAIL_ERROR_PARTIAL_CREDENTIALS, EACCES,
                         "half a credential pair in profile \"%.64s\" of %.100s: %s is missing",
                         profile, file_path(p),
                         id.len == 0 ? "aws_access_key_id" : "aws_secret_access_key");
    CLEANUP_DONE(buf) struct buf source;
    buf_init(&source, PROFILE_FILE_MAX);
    buf_addf(&source, "profile %s in %s", profile, file_path(p));
    if (!buf_failed(&source))
        *ret = credentials_new(id, secret, token, INT64_MAX, buf_c(&source));
    return *ret ? 0 : error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    struct profile_provider *p = CONTAINER_OF(base, struct profile_provider, base);
    *ret = NULL;
    if (!p->read_before) {
        p->read_before = true;
        return from_files(p, p->settings->files, ret, error);
    }
    CLEANUP(profile) struct profile_files *files = NULL;
    char reason[200] = "";
    int r = profile_load(p->settings->config_path, p->settings->credentials_path, &files,
                         reason, sizeof(reason));
    if (r == -ENOMEM)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (r < 0)
        return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES, "%s", reason);
    return from_files(p, files, ret, error);
}

static void release(struct credentials_provider *base)
{
    free(CONTAINER_OF(base, struct profile_provider, base));
}

struct credentials_provider *credentials_profile_new(const struct settings *settings,
                                                     const char *profile,
                                                     enum profile_file file)
{
    struct profile_provider *p = malloc(sizeof(*p));
    if (!p)
        return NULL;
    *p = (struct profile_provider){
        .base = {.name = file == PROFILE_CONFIG_FILE ? "config file" : "credentials file",
                 .fetch = fetch,
                 .free = release},
        .settings = settings,
        .profile = profile,
        .file = file,
    };
    return &p->base;
}
