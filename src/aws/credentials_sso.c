/* Keys of a role in IAM Identity Center, asked for with the token that "aws sso login" has
 * left. */
#include "aws/credentials.h"

#include "aws/ask.h"
#include "aws/response.h"
#include "aws/table.h"
#include "base/date.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/when.h"
#include "base/whole_file.h"

#include <errno.h>
#include <pail/json.h>

#define CACHE_FILE_MAX 65536

struct sso_provider {
    struct credentials_provider base;
    const struct settings *settings;
    const char *profile; /* borrowed */
    struct ask ask;
};

/* ---- the operation, as far as it is needed here ---- */

static const struct pail_service sso = {
    .id = "SSO",
    .endpoint_prefix = "portal.sso",
    .signing_name = "awsssoportal",
    .protocol = PAIL_REST_JSON,
    .api_version = "2019-06-10",
};

struct sso_input {
    struct pail_str role_name, account_id, access_token;
};
struct sso_keys {
    struct pail_str id, secret, token;
    struct pail_int expiration_ms;
};
struct sso_output {
    struct pail_response response;
    const struct sso_keys *keys;
};

static const struct pail_member input_members[] = {
    PAIL_FIELD(struct sso_input, role_name, "roleName", "role_name", &pail_shape_string,
               PAIL_IN_QUERY, PAIL_REQUIRED),
    PAIL_FIELD(struct sso_input, account_id, "accountId", "account_id", &pail_shape_string,
               PAIL_IN_QUERY, PAIL_REQUIRED),
    PAIL_FIELD(struct sso_input, access_token, "accessToken", "x-amz-sso_bearer_token",
               &pail_shape_string, PAIL_IN_HEADER, PAIL_REQUIRED),
};
static const struct pail_shape input_shape =
    PAIL_STRUCTURE_SHAPE(struct sso_input, NULL, input_members);

static const struct pail_member keys_members[] = {
    BODY(struct sso_keys, id, "accessKeyId", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct sso_keys, secret, "secretAccessKey", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct sso_keys, token, "sessionToken", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct sso_keys, expiration_ms, "expiration", &pail_shape_long, PAIL_REQUIRED),
};
static const struct pail_shape keys_shape =
    PAIL_STRUCTURE_SHAPE(struct sso_keys, NULL, keys_members);

static const struct pail_member output_members[] = {
    BODY(struct sso_output, keys, "roleCredentials", &keys_shape, PAIL_REQUIRED),
};
static const struct pail_shape output_shape =
    PAIL_STRUCTURE_SHAPE(struct sso_output, NULL, output_members);

static const struct pail_operation get_role_credentials = {
    .name = "GetRoleCredentials",
    .service = &sso,
    .method = "GET",
    .uri = "/federation/credentials",
    .input = &input_shape,
    .output = &output_shape,
    .flags = PAIL_OP_UNSIGNED | PAIL_OP_SECRET,
};

/* ---- what the profile says ---- */

struct login {
    struct pail_str account_id, role_name, start_url, region;
    struct pail_str session; /* absent: it is said in the profile itself, as it used to be */
};

/* Of the profile, else of the sso-session that it names. */
static struct pail_str get(const struct sso_provider *p, struct pail_str session,
                           const char *key)
{
    struct pail_str said = profile_get(p->settings->files, p->profile, key);
    if (said.len > 0 || session.len == 0)
        return said;
    return profile_get_section(p->settings->files, "sso-session", session.ptr, key, NULL);
}

static int missing(const struct sso_provider *p, const char *what, struct pail_error *error)
{
    return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                     "profile \"%.60s\" logs in by SSO, but says no %s", p->profile, what);
}

/* -ENOENT: nothing of it. */
static int read_login(const struct sso_provider *p, struct login *ret, struct pail_error *error)
{
    struct login login = {.session = get(p, (struct pail_str){0}, "sso_session")};
    login.account_id = get(p, login.session, "sso_account_id");
    login.role_name = get(p, login.session, "sso_role_name");
    login.start_url = get(p, login.session, "sso_start_url");
    login.region = get(p, login.session, "sso_region");
    if (login.account_id.len == 0 && login.role_name.len == 0)
        return -ENOENT;
    if (login.session.len > 0 &&
        !profile_section_exists(p->settings->files, "sso-session", login.session.ptr))
        return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                         "profile \"%.60s\": there is no [sso-session %.60s]", p->profile,
                         login.session.ptr);
    if (login.account_id.len == 0 || login.role_name.len == 0)
        return missing(p, login.role_name.len > 0 ? "sso_account_id" : "sso_role_name", error);
    if (login.start_url.len == 0 || login.region.len == 0)
        return missing(p, login.region.len > 0 ? "sso_start_url" : "sso_region", error);
    *ret = login;
    return 0;
}

/* ---- the token ---- */

/* ~/.aws/sso/cache/SHA1.json of the session's name or, without, of the start URL. 0, -ENOMEM,
 * -EACCES: no home directory is known. */
static int add_path(const struct sso_provider *p, const struct login *login, struct buf *path)
{
    unsigned char digest[20];
    CLEANUP(heap) char *home = settings_home(p->settings);
    struct pail_str name = login->session.len > 0 ? login->session : login->start_url;
    if (!home)
        return -EACCES;
    if (digest_sha1(name, digest) < 0)
        return -ENOMEM;
    buf_add_c(path, home);
    buf_add_c(path, "/.aws/sso/cache/");
    buf_add_hex(path, digest, sizeof(digest));
    buf_add_c(path, ".json");
    return buf_failed(path) ? -ENOMEM : 0;
}

static int log_in_again(const struct sso_provider *p, const char *why, struct pail_error *error)
{
    return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                     "%s: \"aws sso login --profile %.60s\" is needed", why, p->profile);
}

/* The file as a value; its token, borrowed from that, which has not expired. */
static int find_token(const struct sso_provider *p, const char *path, struct pail_json **file,
                      struct pail_str *ret, struct pail_error *error)
{
    CLEANUP_DONE(buf) struct buf text;
    buf_init_secret(&text, CACHE_FILE_MAX);
    int r = whole_file_read(path, &text);
    bool there = r == 0;
    if (there)
        r = pail_json_parse(buf_str(&text), file, NULL);
    if (r == -ENOMEM)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (!there)
        return log_in_again(p, "there is no SSO token", error);
    struct pail_time expires;
    struct pail_str token = pail_json_string(pail_json_get(*file, "accessToken"));
    struct pail_str until = pail_json_string(pail_json_get(*file, "expiresAt"));
    if (r < 0 || token.len == 0 || date_parse_iso8601(until, &expires) < 0)
        return log_in_again(p, "the SSO token's file is malformed", error);
    if (expires.seconds <= clock_realtime_s(&clock_system))
        return log_in_again(p, "the SSO token has expired", error);
    *ret = token;
    return 0;
}

/* ---- the keys ---- */

static int understand(const struct sso_provider *p, const struct login *login,
                      const struct sso_output *out, struct credentials **ret,
                      struct pail_error *error)
{
    CLEANUP_DONE(buf) struct buf source;
    buf_init(&source, PROFILE_FILE_MAX);
    buf_addf(&source, "SSO role %s of profile %s", login->role_name.ptr, p->profile);
    struct credentials *keys = NULL;
    if (!buf_failed(&source))
        keys =
            credentials_new(out->keys->id, out->keys->secret, out->keys->token,
                            when_time(out->keys->expiration_ms.value).seconds, buf_c(&source));
    if (!keys)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    *ret = keys;
    return 0;
}

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    struct sso_provider *p = CONTAINER_OF(base, struct sso_provider, base);
    PAIL_CLEANUP(pail_json) struct pail_json *file = NULL;
    CLEANUP_DONE(buf) struct buf path;
    struct login login = {.session = {0}};
    buf_init(&path, PROFILE_FILE_MAX);
    int r = read_login(p, &login, error);
    if (r < 0)
        return r;
    r = add_path(p, &login, &path);
    if (r == -EACCES)
        return error_set(
            error, PAIL_ERROR_CREDENTIALS, EACCES,
            "the SSO token of profile \"%.60s\" is not found: no home directory is "
            "known",
            p->profile);
    if (r < 0)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    struct sso_input in = {.role_name = login.role_name, .account_id = login.account_id};
    r = find_token(p, buf_c(&path), &file, &in.access_token, error);
    if (r < 0)
        return r;
    const struct ask_how how = {.settings = p->settings, .region = login.region.ptr};
    struct sso_output out = {.response = {.http_status = 0}};
    struct pail_error failure = {0};
    r = ask_call(&p->ask, &how, NULL, &get_role_credentials, &in, &out, &failure);
    if (r == 0)
        r = understand(p, &login, &out, ret, error);
    else if (failure.http_status == 401)
        r = log_in_again(p, "the SSO token is no longer valid", error);
    else if (error)
        *error = failure;
    pail_output_free(&get_role_credentials, &out);
    return r;
}

static void cancel(struct credentials_provider *base)
{
    ask_cancel(&CONTAINER_OF(base, struct sso_provider, base)->ask);
}

static void release(struct credentials_provider *base)
{
    struct sso_provider *p = CONTAINER_OF(base, struct sso_provider, base);
    ask_done(&p->ask);
    free(p);
}

struct credentials_provider *credentials_sso_new(const struct settings *settings,
                                                 const char *profile)
{
    struct sso_provider *p = calloc(1, sizeof(*p));
    if (!p || ask_init(&p->ask) < 0) {
        free(p);
        return NULL;
    }
    p->base = (struct credentials_provider){
        .name = "SSO", .fetch = fetch, .cancel = cancel, .free = release};
    p->settings = settings;
    p->profile = profile;
    return &p->base;
}
