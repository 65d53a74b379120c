/* All modes but legacy differ in nothing but the connect timeout: their retry mode, standard,
 * and STS's regional hosts are what legacy has too (botocore's sdk-default-configuration). */
#include "aws/defaults_mode.h"

#include "aws/imds.h"
#include "aws/setting.h"

#include <errno.h>

static const struct {
    const char *name;
    enum pail_defaults_mode mode;
    int64_t connect_timeout_ms;
} modes[] = {
    {"legacy", PAIL_DEFAULTS_LEGACY, 60000},
    {"standard", PAIL_DEFAULTS_STANDARD, 3100},
    {"in-region", PAIL_DEFAULTS_IN_REGION, 1100},
    {"cross-region", PAIL_DEFAULTS_CROSS_REGION, 3100},
    {"mobile", PAIL_DEFAULTS_MOBILE, 30000},
    {"auto", PAIL_DEFAULTS_AUTO, 3100},
};

int64_t defaults_mode_connect_timeout_ms(enum pail_defaults_mode mode)
{
    size_t i = 0;
    while (i < ARRAY_LEN(modes) - 1 && modes[i].mode != mode)
        i++;
    return modes[i].connect_timeout_ms;
}

static int load_mode(struct settings *s, const struct pail_config *config,
                     struct pail_error *error)
{
    struct setting found = {0};
    s->defaults_mode = config->defaults_mode;
    if (s->defaults_mode != PAIL_DEFAULTS_DEFAULT)
        return 0;
    s->defaults_mode = PAIL_DEFAULTS_LEGACY;
    if (!setting_in_env(s, "AWS_DEFAULTS_MODE", &found) &&
        !setting_in_profile(s, "defaults_mode", &found))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (str_eq_nocase(found.value, str_c(modes[i].name))) {
            s->defaults_mode = modes[i].mode;
            return 0;
        }
    return setting_refuse(
        &found, error, "it must be legacy, standard, in-region, cross-region, mobile or auto");
}

/* What AUTO is, as far as it can be known without asking the instance. */
static enum pail_defaults_mode settle(const struct settings *s, bool timeout_said)
{
    if (settings_env(s, "AWS_EXECUTION_ENV").ptr) {
        struct pail_str here = settings_env(s, "AWS_REGION");
        if (!here.ptr)
            here = settings_env(s, "AWS_DEFAULT_REGION");
        if (here.ptr)
            return s->region && str_eq_c(here, s->region) ? PAIL_DEFAULTS_IN_REGION
                                                          : PAIL_DEFAULTS_CROSS_REGION;
    }
    /* Only being in the region makes a difference, and only to a timeout that nobody said. */
    if (timeout_said || !s->region || imds_disabled(s))
        return PAIL_DEFAULTS_STANDARD;
    return PAIL_DEFAULTS_AUTO;
}

static int load_flag(const struct setting *found, bool wanted, const char *word, bool *ret,
                     struct pail_error *error)
{
    if (!wanted)
        return 0;
    if (!str_eq_c(found->value, "legacy") && !str_eq_c(found->value, "regional"))
        return setting_refuse(found, error, "it must be legacy or regional");
    *ret = str_eq_c(found->value, word);
    return 0;
}

int defaults_mode_load(struct settings *s, const struct pail_config *config,
                       struct pail_error *error)
{
    int r = load_mode(s, config, error);
    if (r < 0)
        return r;
    if (s->defaults_mode == PAIL_DEFAULTS_AUTO)
        s->defaults_mode = settle(s, config->connect_timeout_ms != 0);

    struct setting found = {0};
    s->s3_regional = s->defaults_mode != PAIL_DEFAULTS_LEGACY;
    bool said = setting_in_env(s, "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", &found) ||
                setting_in_profile(s, "s3_us_east_1_regional_endpoint", &found) ||
                setting_in_block(s, "s3", "us_east_1_regional_endpoint", &found);
    r = load_flag(&found, said, "regional", &s->s3_regional, error);
    if (r < 0)
        return r;
    said = setting_in_env(s, "AWS_STS_REGIONAL_ENDPOINTS", &found) ||
           setting_in_profile(s, "sts_regional_endpoints", &found);
    return load_flag(&found, said, "legacy", &s->sts_global, error);
}
