#include "aws/setting.h"

#include "aws/response.h"
#include "base/num.h"

#include <errno.h>

bool setting_in_code(const char *value, const char *name, struct setting *ret)
{
    if (!value || !*value)
        return false;
    ret->value = str_c(value);
    snprintf(ret->where, sizeof(ret->where), "option %s", name);
    return true;
}

bool setting_in_env(const struct settings *s, const char *name, struct setting *ret)
{
    struct pail_str value = settings_env(s, name);
    if (!value.ptr)
        return false;
    ret->value = value;
    str_copy(ret->where, sizeof(ret->where), str_c(name));
    return true;
}

static bool found_at(const struct settings *s, struct pail_str value, const char *place_of,
                     const char *key, struct setting *ret)
{
    if (value.len == 0)
        return false;
    ret->value = value;
    char place[96];
    profile_where(s->files, s->profile, place_of, place, sizeof(place));
    snprintf(ret->where, sizeof(ret->where), "%s: %s", place, key);
    return true;
}

bool setting_in_profile(const struct settings *s, const char *key, struct setting *ret)
{
    return found_at(s, profile_get(s->files, s->profile, key), key, key, ret);
}

bool setting_in_block(const struct settings *s, const char *section, const char *key,
                      struct setting *ret)
{
    return found_at(s, profile_get_nested(s->files, s->profile, section, key), section, key,
                    ret);
}

int setting_refuse(const struct setting *setting, struct pail_error *error, const char *allowed)
{
    int shown =
        (int)(setting->value.len < SETTING_SHOWN_MAX ? setting->value.len : SETTING_SHOWN_MAX);
    return error_set(error, PAIL_ERROR_CONFIG, EINVAL, "%s: \"%.*s\" is not allowed: %s",
                     setting->where, shown, setting->value.ptr, allowed);
}

int setting_refuse_url(const struct setting *setting, struct pail_error *error,
                       const char *allowed)
{
    struct pail_str value = setting->value;
    size_t at = str_rfind(value, '@'), slash = str_find(value, '/', 0);
    size_t colon = str_find(value, ':', slash < value.len ? slash : 0);
    uint64_t port;
    if (at < value.len)
        return error_set(error, PAIL_ERROR_CONFIG, EINVAL,
                         "%s: \"...@%.*s\" is not allowed: %s", setting->where,
                         PAIL_ARGS(str_sub(value, at + 1, SETTING_SHOWN_MAX)), allowed);
    if (colon == value.len ||
        num_u64(str_sub(value, colon + 1, value.len), UINT64_MAX, &port) == 0)
        return setting_refuse(setting, error, allowed);
    if (colon > SETTING_SHOWN_MAX)
        colon = SETTING_SHOWN_MAX;
    return error_set(error, PAIL_ERROR_CONFIG, EINVAL, "%s: \"%.*s:...\" is not allowed: %s",
                     setting->where, PAIL_ARGS(str_sub(value, 0, colon)), allowed);
}
