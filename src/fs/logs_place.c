#include "fs/logs_place.h"

#include <errno.h>

bool logs_group_possible(struct pail_str path)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && !memchr("._-/#", c, 5))
            return false;
    }
    return true;
}

bool logs_stream_possible(struct pail_str name)
{
    return name.len == 0 ||
           (!memchr(name.ptr, ':', name.len) && !memchr(name.ptr, '*', name.len));
}

static int where_of(struct pail_str view, enum logs_where *ret)
{
    static const struct {
        struct pail_str name;
        enum logs_where where;
    } views[] = {
        {PAIL_STR("@streams"), LOGS_STREAMS},
        {PAIL_STR("@hours"), LOGS_HOURS},
        {PAIL_STR("@tail"), LOGS_TAIL},
    };
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        if (str_eq(view, views[i].name)) {
            *ret = views[i].where;
            return 0;
        }
    }
    return -ENOENT;
}

/* '@' is in no group's name: the first one begins the view. */
static int split(struct pail_str path, struct logs_place *place, struct pail_str *ret_group)
{
    size_t at = str_find(path, '@', 0);
    place->where = LOGS_GROUP;
    *ret_group = path;
    place->rest_len = 0;
    if (at == path.len)
        return 0;
    if (at > 0 && path.ptr[at - 1] != '/')
        return -ENOENT;
    size_t end = str_find(path, '/', at);
    struct pail_str rest = end < path.len ? str_sub(path, end + 1, path.len) : PAIL_STR("");
    *ret_group = str_sub(path, 0, at > 0 ? at - 1 : 0);
    int r = where_of(str_sub(path, at, end - at), &place->where);
    if (r == 0 && place->where == LOGS_TAIL && end < path.len)
        r = -ENOENT;
    if (r == 0 && place->where == LOGS_STREAMS && !logs_stream_possible(rest))
        r = -ENOENT;
    if (r < 0)
        return r;
    if (rest.len > LOGS_NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(place->rest, rest.ptr, rest.len);
    place->rest_len = rest.len;
    return 0;
}

int logs_place_of(struct pail_str prefix, struct pail_str path, struct logs_place *ret)
{
    struct pail_str group;
    int r = split(path, ret, &group);
    if (r < 0)
        return r;
    bool both = prefix.len > 0 && group.len > 0;
    if (!logs_group_possible(group))
        return -ENOENT;
    if (group.len > LOGS_NAME_MAX || prefix.len + both + group.len > LOGS_NAME_MAX)
        return -ENAMETOOLONG;
    char *at = ret->group;
    *at++ = '/';
    if (prefix.len > 0)
        memcpy(at, prefix.ptr, prefix.len);
    at += prefix.len;
    if (both)
        *at++ = '/';
    if (group.len > 0)
        memcpy(at, group.ptr, group.len);
    ret->group_len = prefix.len + both + group.len;
    return 0;
}

bool logs_path_within(struct pail_str path, struct pail_str above)
{
    return above.len == 0 ||
           (str_starts(path, above) && (path.len == above.len || path.ptr[above.len] == '/'));
}

int logs_url_parse(struct pail_str url, struct pail_str *ret_prefix, bool *ret_slash,
                   const char **ret_reason)
{
    struct pail_str scheme = PAIL_STR("logs://"), names, name;
    if (!str_starts(url, scheme)) {
        *ret_reason = "does not start with logs://";
        return -EINVAL;
    }
    struct pail_str prefix = str_sub(url, scheme.len, url.len);
    bool slash = str_starts(prefix, PAIL_STR("/"));
    prefix = str_sub(prefix, slash, prefix.len);
    if (str_ends(prefix, PAIL_STR("/")))
        prefix.len--;
    if (!logs_group_possible(prefix)) {
        *ret_reason = "a log group's name has letters, digits, '.', '-', '_', '#' and '/'";
        return -EINVAL;
    }
    if (prefix.len > LOGS_NAME_MAX) {
        *ret_reason = "the prefix is longer than any log group's name";
        return -EINVAL;
    }
    names = prefix;
    while (prefix.len > 0 && str_next(&names, '/', &name)) {
        if (name.len == 0) {
            *ret_reason = "the prefix has an empty name in it";
            return -EINVAL;
        }
    }
    *ret_prefix = prefix;
    *ret_slash = slash;
    return 0;
}
