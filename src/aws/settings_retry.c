#include "aws/settings_steps.h"

#include "aws/response.h"
#include "aws/setting.h"
#include "base/num.h"

#include <errno.h>

#define ATTEMPTS_DEFAULT 3
#define ATTEMPTS_LEGACY  5

static int load_mode(struct settings *s, const struct pail_config *config,
                     struct pail_error *error)
{
    static const struct {
        const char *name;
        enum pail_retry_mode value;
    } modes[] = {
        {"legacy", PAIL_RETRY_LEGACY},
        {"standard", PAIL_RETRY_STANDARD},
        {"adaptive", PAIL_RETRY_ADAPTIVE},
    };
    struct setting found = {0};
    s->retry_mode = config->retry_mode;
    if (s->retry_mode != PAIL_RETRY_DEFAULT)
        return 0;
    s->retry_mode = PAIL_RETRY_STANDARD;
    if (!setting_in_env(s, "AWS_RETRY_MODE", &found) &&
        !setting_in_profile(s, "retry_mode", &found))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (str_eq_c(found.value, modes[i].name)) {
            s->retry_mode = modes[i].value;
            return 0;
        }
    return setting_refuse(&found, error, "it must be legacy, standard or adaptive");
}

static int check_attempts_in_code(const struct pail_config *config, struct pail_error *error)
{
    if (config->max_attempts > SETTINGS_ATTEMPTS_MAX)
        return error_set(error, PAIL_ERROR_CONFIG, EINVAL,
                         "option max_attempts: %u is not allowed: it must be 1 to %u",
                         config->max_attempts, SETTINGS_ATTEMPTS_MAX);
    if (config->retries.present &&
        (config->retries.value < 0 || config->retries.value >= SETTINGS_ATTEMPTS_MAX))
        return error_set(error, PAIL_ERROR_CONFIG, EINVAL,
                         "option retries: %lld is not allowed: it must be 0 to %u",
                         (long long)config->retries.value, SETTINGS_ATTEMPTS_MAX - 1);
    return 0;
}

/* The mode is known. */
static int load_attempts(struct settings *s, const struct pail_config *config,
                         struct pail_error *error)
{
    struct setting found = {0};
    uint64_t attempts = s->retry_mode == PAIL_RETRY_LEGACY ? ATTEMPTS_LEGACY : ATTEMPTS_DEFAULT;
    int r = check_attempts_in_code(config, error);
    if (r < 0)
        return r;
    if (config->max_attempts > 0)
        attempts = config->max_attempts;
    else if (config->retries.present)
        attempts = (uint64_t)config->retries.value + 1;
    else if ((setting_in_env(s, "AWS_MAX_ATTEMPTS", &found) ||
              setting_in_profile(s, "max_attempts", &found)) &&
             (num_u64(found.value, SETTINGS_ATTEMPTS_MAX, &attempts) < 0 || attempts == 0))
        return setting_refuse(&found, error, "it must be a number from 1 to 1000");
    s->max_attempts = (unsigned)attempts;
    return 0;
}

int settings_load_retries(struct settings *s, const struct pail_config *config,
                          struct pail_error *error)
{
    s->retry_quota_waits = config->retry_quota_waits;
    int r = load_mode(s, config, error);
    return r < 0 ? r : load_attempts(s, config, error);
}
