#include "aws/settings.h"

#include "aws/defaults_mode.h"
#include "aws/regions.h"
#include "aws/response.h"
#include "aws/setting.h"
#include "aws/settings_steps.h"
#include "base/num.h"
#include "base/secret.h"

#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIMEOUT_DEFAULT_MS  60000
#define CONNECTIONS_DEFAULT 10
#define USER_AGENT_MAX      1024 /* bytes */
#define APP_ID_MAX          50

static const char *process_getenv(const char *name, void *user)
{
    (void)user;
    return getenv(name);
}

struct pail_str settings_env(const struct settings *settings, const char *name)
{
    struct pail_str value = str_c(settings->getenv(name, settings->getenv_user));
    return value.len > 0 ? value : (struct pail_str){0};
}

static int no_memory(struct pail_error *error)
{
    return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

/* *ret a copy, NULL for an absent str. 0 or -ENOMEM. */
static int copy(struct pail_str value, char **ret)
{
    *ret = value.ptr ? str_dup(value) : NULL;
    return value.ptr && !*ret ? -ENOMEM : 0;
}

static int copy_nonempty(const char *value, char **ret)
{
    return copy(str_c(value && *value ? value : NULL), ret);
}

char *settings_home(const struct settings *s)
{
    struct pail_str value = settings_env(s, "HOME");
    if (value.ptr)
        return str_dup(value);
    if (s->getenv != process_getenv)
        return NULL;
    char space[4096];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(getuid(), &entry, space, sizeof(space), &found) != 0 || !found)
        return NULL;
    return str_dup(str_c(found->pw_dir));
}

/* *ret `path` with a leading ~ replaced; NULL if the home directory is not known. 0 or -ENOMEM.
 */
static int expand(const struct settings *s, struct pail_str path, char **ret)
{
    *ret = NULL;
    if (!str_eq_c(path, "~") && !str_starts(path, PAIL_STR("~/")))
        return copy(path, ret);
    CLEANUP(heap) char *dir = settings_home(s);
    if (!dir)
        return 0;
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 2 * URL_MAX);
    buf_add_c(&b, dir);
    buf_add_str(&b, str_sub(path, 1, path.len));
    *ret = buf_steal(&b);
    return *ret ? 0 : -ENOMEM;
}

static int load_files(struct settings *s, const struct pail_config *config,
                      struct pail_error *error)
{
    struct setting found = {.value = PAIL_STR("default"), .where = ""};
    s->profile_in_code = setting_in_code(config->profile, "profile", &found);
    bool named = s->profile_in_code || setting_in_env(s, "AWS_DEFAULT_PROFILE", &found) ||
                 setting_in_env(s, "AWS_PROFILE", &found);
    struct pail_str config_path = settings_env(s, "AWS_CONFIG_FILE");
    struct pail_str credentials_path = settings_env(s, "AWS_SHARED_CREDENTIALS_FILE");
    if (!config_path.ptr)
        config_path = PAIL_STR("~/.aws/config");
    if (!credentials_path.ptr)
        credentials_path = PAIL_STR("~/.aws/credentials");
    if (copy(found.value, &s->profile) < 0 || expand(s, config_path, &s->config_path) < 0 ||
        expand(s, credentials_path, &s->credentials_path) < 0)
        return no_memory(error);

    char reason[200] = "";
    int r =
        profile_load(s->config_path, s->credentials_path, &s->files, reason, sizeof(reason));
    if (r == -ENOMEM)
        return no_memory(error);
    if (r < 0)
        return error_set(error, PAIL_ERROR_CONFIG, EINVAL, "%s", reason);
    if (named && !profile_exists(s->files, s->profile))
        return error_set(error, PAIL_ERROR_CONFIG, EINVAL,
                         "%s: the profile \"%.80s\" is in neither %.60s nor %.60s", found.where,
                         s->profile, s->config_path ? s->config_path : "~/.aws/config",
                         s->credentials_path ? s->credentials_path : "~/.aws/credentials");
    return 0;
}

static int load_region(struct settings *s, const struct pail_config *config,
                       struct pail_error *error)
{
    struct setting found = {0};
    if (!setting_in_code(config->region, "region", &found) &&
        !setting_in_env(s, "AWS_REGION", &found) &&
        !setting_in_env(s, "AWS_DEFAULT_REGION", &found) &&
        !setting_in_profile(s, "region", &found))
        return 0;
    if (!region_valid(found.value))
        return setting_refuse(
            &found, error,
            "a region is up to 63 letters, digits and hyphens, as in \"eu-west-1\"");
    if (copy(found.value, &s->region) < 0 || copy(str_c(found.where), &s->region_source) < 0)
        return no_memory(error);
    return 0;
}

static int check_endpoint(const struct setting *found, struct url *ret,
                          struct pail_error *error)
{
    const char *reason = "";
    int r = url_parse(found->value, ret, &reason);
    if (r == -ENOMEM)
        return no_memory(error);
    return r < 0 ? setting_refuse_url(found, error, reason) : 0;
}

static int load_endpoints(struct settings *s, const struct pail_config *config,
                          struct pail_error *error)
{
    struct setting found = {0};
    if (setting_in_env(s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", &found) ||
        setting_in_profile(s, "ignore_configured_endpoint_urls", &found))
        s->ignore_endpoint_urls = num_config_bool(found.value);
    if (setting_in_env(s, "AWS_USE_DUALSTACK_ENDPOINT", &found) ||
        setting_in_profile(s, "use_dualstack_endpoint", &found))
        s->dualstack = num_config_bool(found.value);
    if (setting_in_env(s, "AWS_USE_FIPS_ENDPOINT", &found) ||
        setting_in_profile(s, "use_fips_endpoint", &found))
        s->fips = num_config_bool(found.value);

    if (copy_nonempty(config->endpoint_url, &s->endpoint_url) < 0)
        return no_memory(error);
    /* Those of one service are looked at when it is called. */
    if (!setting_in_code(config->endpoint_url, "endpoint", &found) &&
        (s->ignore_endpoint_urls || (!setting_in_env(s, "AWS_ENDPOINT_URL", &found) &&
                                     !setting_in_profile(s, "endpoint_url", &found))))
        return 0;
    CLEANUP_DONE(url) struct url url = {0};
    return check_endpoint(&found, &url, error);
}

static int load_addressing(struct settings *s, const struct pail_config *config,
                           struct pail_error *error)
{
    static const struct {
        const char *name;
        enum pail_addressing value;
    } styles[] = {
        {"auto", PAIL_ADDRESSING_AUTO},
        {"path", PAIL_ADDRESSING_PATH},
        {"virtual", PAIL_ADDRESSING_VIRTUAL},
    };
    s->addressing = config->addressing;
    if (s->addressing != PAIL_ADDRESSING_DEFAULT)
        return 0;
    s->addressing = PAIL_ADDRESSING_AUTO;
    struct setting found = {0};
    if (!setting_in_block(s, "s3", "addressing_style", &found))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(styles); i++)
        if (str_eq_c(found.value, styles[i].name)) {
            s->addressing = styles[i].value;
            return 0;
        }
    return setting_refuse(&found, error, "it must be auto, path or virtual");
}

/* The first of code, AWS_CA_BUNDLE, the profile and REQUESTS_CA_BUNDLE: 1, 0 if none says
 * anything, -EINVAL. A blank where a path was meant must not be taken for "the system's". */
static int find_ca_bundle(const struct settings *s, const struct pail_config *config,
                          struct setting *ret, struct pail_error *error)
{
    static const char *const empty = "%s is empty: it must name a file";
    if (setting_in_code(config->ca_bundle, "ca_bundle", ret) ||
        setting_in_env(s, "AWS_CA_BUNDLE", ret))
        return 1;
    if (s->getenv("AWS_CA_BUNDLE", s->getenv_user))
        return error_set(error, PAIL_ERROR_CONFIG, EINVAL, empty, "AWS_CA_BUNDLE");
    if (setting_in_profile(s, "ca_bundle", ret))
        return 1;
    if (profile_get(s->files, s->profile, "ca_bundle").ptr)
        return error_set(error, PAIL_ERROR_CONFIG, EINVAL, empty, "ca_bundle");
    return setting_in_env(s, "REQUESTS_CA_BUNDLE", ret);
}

static int load_ca_bundle(struct settings *s, const struct pail_config *config,
                          struct pail_error *error)
{
    struct setting found = {0};
    int r = find_ca_bundle(s, config, &found, error);
    if (r <= 0)
        return r;
    if (expand(s, found.value, &s->ca_bundle) < 0)
        return no_memory(error);
    struct stat st;
    if (!s->ca_bundle || stat(s->ca_bundle, &st) < 0 || access(s->ca_bundle, R_OK) < 0)
        return setting_refuse(&found, error,
                              s->ca_bundle ? strerror(errno) : "no home directory is known");
    if (S_ISDIR(st.st_mode))
        return setting_refuse(&found, error, "it is a directory, and must be a file");
    return 0;
}

static bool plain_text(struct pail_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < ' ' || s.ptr[i] > '~')
            return false;
    return true;
}

/* What may stand in a token of the header, as botocore has it: anything else becomes '-'. */
static char app_id_byte(char c)
{
    bool kept = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                (c && strchr("!#$%&'*+-.^_`|~", c));
    return kept ? c : '-';
}

static int load_user_agent(struct settings *s, const struct pail_config *config,
                           struct pail_error *error)
{
    struct setting found = {0};
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, USER_AGENT_MAX);
    buf_add_c(&b, "pail/" PAIL_VERSION " os/linux lang/c");
    if (setting_in_env(s, "AWS_SDK_UA_APP_ID", &found) ||
        setting_in_profile(s, "sdk_ua_app_id", &found)) {
        buf_add_c(&b, " app/");
        for (size_t i = 0; i < found.value.len && i < APP_ID_MAX; i++)
            buf_add_byte(&b, app_id_byte(found.value.ptr[i]));
    }
    if (setting_in_code(config->user_agent_extra, "user_agent_extra", &found)) {
        if (!plain_text(found.value) || found.value.len > USER_AGENT_MAX / 2)
            return setting_refuse(&found, error,
                                  "it must be up to 512 printable ASCII characters");
        buf_add_byte(&b, ' ');
        buf_add_str(&b, found.value);
    }
    s->user_agent = buf_steal(&b);
    return s->user_agent ? 0 : no_memory(error);
}

static int copy_secret(const char *value, char **ret)
{
    *ret = value && *value ? secret_dup(str_c(value)) : NULL;
    return value && *value && !*ret ? -ENOMEM : 0;
}

static int load_keys(struct settings *s, const struct pail_config *config,
                     struct pail_error *error)
{
    if (copy_nonempty(config->access_key_id, &s->access_key_id) < 0 ||
        copy_secret(config->secret_access_key, &s->secret_access_key) < 0 ||
        copy_secret(config->session_token, &s->session_token) < 0)
        return no_memory(error);
    bool any = s->access_key_id || s->secret_access_key || s->session_token;
    if (!any || (s->access_key_id && s->secret_access_key))
        return 0;
    return error_set(error, PAIL_ERROR_PARTIAL_CREDENTIALS, EACCES,
                     "half a credential pair in the options: %s is missing",
                     s->access_key_id ? "the secret access key" : "the access key id");
}

static int load_rest(struct settings *s, const struct pail_config *config,
                     struct pail_error *error)
{
    (void)error;
    s->no_sign_request = config->no_sign_request;
    s->requester_pays = config->requester_pays;
    s->insecure = config->insecure;
    struct setting found = {0};
    s->tcp_keepalive = config->tcp_keepalive;
    if (!s->tcp_keepalive && (setting_in_env(s, "BOTOCORE_TCP_KEEPALIVE", &found) ||
                              setting_in_profile(s, "tcp_keepalive", &found)))
        s->tcp_keepalive = num_config_bool(found.value);
    s->connect_timeout_ms = config->connect_timeout_ms;
    if (!s->connect_timeout_ms && s->defaults_mode == PAIL_DEFAULTS_LEGACY)
        s->connect_timeout_ms = config->legacy_connect_timeout_ms;
    if (!s->connect_timeout_ms)
        s->connect_timeout_ms = defaults_mode_connect_timeout_ms(s->defaults_mode);
    s->read_timeout_ms = config->read_timeout_ms ? config->read_timeout_ms : TIMEOUT_DEFAULT_MS;
    s->max_connections =
        config->max_connections ? config->max_connections : CONNECTIONS_DEFAULT;
    return 0;
}

int settings_load(const struct pail_config *config, settings_getenv *lookup, void *user,
                  struct settings **ret, struct pail_error *error)
{
    static const struct pail_config nothing = {0};
    static int (*const steps[])(struct settings *, const struct pail_config *,
                                struct pail_error *) = {
        load_keys,
        load_files,
        load_region,
        defaults_mode_load,
        load_endpoints,
        load_addressing,
        settings_load_retries,
        load_ca_bundle,
        settings_load_proxies,
        load_user_agent,
        load_rest,
    };
    CLEANUP(settings) struct settings *s = calloc(1, sizeof(*s));
    if (!s)
        return no_memory(error);
    s->getenv = lookup ? lookup : process_getenv;
    s->getenv_user = user;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        int r = steps[i](s, config ? config : &nothing, error);
        if (r < 0)
            return r;
    }
    *ret = STEAL(s);
    return 0;
}

void settings_free(struct settings *s)
{
    if (!s)
        return;
    secret_free(s->secret_access_key);
    secret_free(s->session_token);
    free(s->access_key_id);
    free(s->profile);
    free(s->config_path);
    free(s->credentials_path);
    free(s->region);
    free(s->region_source);
    free(s->endpoint_url);
    profile_free(s->files);
    free(s->ca_bundle);
    free(s->http_proxy);
    free(s->https_proxy);
    free(s->no_proxy);
    free(s->user_agent);
    free(s);
}

/* "CloudWatch Logs" as "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" or "cloudwatch_logs". False if it
 * does not fit. */
static bool service_name(const char *id, const char *prefix, bool upper, char *ret, size_t size)
{
    int len = snprintf(ret, size, "%s%s", prefix, id);
    if (len < 0 || (size_t)len >= size)
        return false;
    for (char *c = ret + strlen(prefix); *c; c++) {
        if (*c == ' ' || *c == '-')
            *c = '_';
        else if (upper && *c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        else if (!upper && *c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    return true;
}

/* The services section that the profile names: 1, 0 (it says nothing of the service), -EINVAL.
 */
static int from_services(const struct settings *s, const char *service, struct setting *ret,
                         struct pail_error *error)
{
    struct setting section = {0};
    if (!setting_in_profile(s, "services", &section))
        return 0;
    if (!profile_section_exists(s->files, "services", section.value.ptr))
        return setting_refuse(&section, error, "there is no such services section");
    struct pail_str value =
        profile_get_section(s->files, "services", section.value.ptr, service, "endpoint_url");
    if (value.len == 0)
        return 0;
    ret->value = value;
    snprintf(ret->where, sizeof(ret->where), "[services %.60s] %.40s: endpoint_url",
             section.value.ptr, service);
    return 1;
}

/* 1 with *ret, 0 if none is configured, -EINVAL. */
static int find_endpoint(const struct settings *s, const struct pail_service *service,
                         struct setting *ret, struct pail_error *error)
{
    char variable[96], key[80];
    if (!service_name(service->id, "AWS_ENDPOINT_URL_", true, variable, sizeof(variable)) ||
        !service_name(service->id, "", false, key, sizeof(key)))
        return error_set(error, PAIL_ERROR_PARAM, EINVAL, "the service's id is too long");
    if (setting_in_code(s->endpoint_url, "endpoint", ret))
        return 1;
    if (s->ignore_endpoint_urls)
        return 0;
    if (setting_in_env(s, variable, ret) || setting_in_env(s, "AWS_ENDPOINT_URL", ret))
        return 1;
    int r = from_services(s, key, ret, error);
    return r == 0 ? setting_in_profile(s, "endpoint_url", ret) : r;
}

int settings_endpoint(const struct settings *s, const struct pail_service *service,
                      struct url *ret, struct pail_error *error)
{
    struct setting found = {0};
    int r = find_endpoint(s, service, &found, error);
    if (r <= 0)
        return r;
    r = check_endpoint(&found, ret, error);
    return r < 0 ? r : 1;
}

void settings_endpoint_source(const struct settings *s, const struct pail_service *service,
                              char *text, size_t size)
{
    struct setting found = {0};
    bool any = find_endpoint(s, service, &found, NULL) > 0;
    str_copy(text, size, str_c(any ? found.where : ""));
}
