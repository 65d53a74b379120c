/* fs/logs_place.h: paths of a mount of CloudWatch Logs as groups, streams and hours. Pure; any
 * thread.
 *
 * A group's path is its name without the '/' that most names begin with: "/aws/lambda/f" and
 * "aws/lambda/f" have the same, and should both exist, the former has it. */
#ifndef FS_LOGS_PLACE_H
#define FS_LOGS_PLACE_H

#include "base/str.h"

#define LOGS_NAME_MAX 512 /* bytes of a group's or a stream's name */

enum logs_where {
    LOGS_GROUP,   /* a group, or the directory of groups, or both */
    LOGS_STREAMS, /* @streams, or below it */
    LOGS_HOURS,   /* @hours, or below it */
    LOGS_TAIL,    /* @tail */
};

struct logs_place {
    enum logs_where where;
    size_t group_len, rest_len;
    char group[1 + LOGS_NAME_MAX]; /* '/' and the path */
    char rest[LOGS_NAME_MAX];      /* below @streams or @hours */
};

/* `path` below `prefix`, which is a group's path itself. 0; -ENOENT: nothing can have that
 * path; -ENAMETOOLONG: what has it would be longer than any name. */
int logs_place_of(struct pail_str prefix, struct pail_str path, struct logs_place *ret);

/* The group's path; its name, if that begins with a '/' or not; what follows the view. */
static inline struct pail_str logs_place_group(const struct logs_place *place)
{
    return str_of(place->group + 1, place->group_len);
}
static inline struct pail_str logs_place_name(const struct logs_place *place, bool slash)
{
    return str_of(place->group + !slash, place->group_len + slash);
}
static inline struct pail_str logs_place_rest(const struct logs_place *place)
{
    return str_of(place->rest, place->rest_len);
}

/* Whether they can be in the path of a group, or of a stream. */
bool logs_group_possible(struct pail_str path);
bool logs_stream_possible(struct pail_str name);

/* Whether `path` is `above` or below it. */
bool logs_path_within(struct pail_str path, struct pail_str above);

/* Splits "logs://[GROUP-PREFIX]": *ret_prefix is a group's path (in `url`), *ret_slash whether
 * only names that begin with '/' are meant, as the prefix does. 0, or -EINVAL with static words
 * in *ret_reason. */
int logs_url_parse(struct pail_str url, struct pail_str *ret_prefix, bool *ret_slash,
                   const char **ret_reason);

#endif
