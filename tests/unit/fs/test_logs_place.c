#include "unit/check.h"

#include "fs/logs_place.h"

#include <errno.h>
#include <stdlib.h>

#define LONG_64  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789-_"
#define LONG_256 LONG_64 LONG_64 LONG_64 LONG_64
#define LONG_512 LONG_256 LONG_256

static const struct {
    const char *prefix, *path;
    int status;
    enum logs_where where;
    const char *group, *rest;
} places[] = {
    {"", "", 0, LOGS_GROUP, "", ""},
    {"", "aws/lambda/f", 0, LOGS_GROUP, "aws/lambda/f", ""},
    {"aws", "", 0, LOGS_GROUP, "aws", ""},
    {"aws", "lambda/f", 0, LOGS_GROUP, "aws/lambda/f", ""},
    {"", "f/@streams", 0, LOGS_STREAMS, "f", ""},
    {"", "f/@streams/2026/11/[$LATEST]abc", 0, LOGS_STREAMS, "f", "2026/11/[$LATEST]abc"},
    {"", "f/@streams/a@b/@hours", 0, LOGS_STREAMS, "f", "a@b/@hours"},
    {"p/q", "@streams/s", 0, LOGS_STREAMS, "p/q", "s"},
    {"", "@streams", 0, LOGS_STREAMS, "", ""},
    {"", "f/@hours", 0, LOGS_HOURS, "f", ""},
    {"", "f/@hours/2026/11", 0, LOGS_HOURS, "f", "2026/11"},
    {"", "f/@tail", 0, LOGS_TAIL, "f", ""},
    {"", LONG_512, 0, LOGS_GROUP, LONG_512, ""},
    {"", "f/@streams/" LONG_512, 0, LOGS_STREAMS, "f", LONG_512},
    {.prefix = "", .path = "f/@tail/x", .status = -ENOENT},
    {.prefix = "", .path = "f/@other", .status = -ENOENT},
    {.prefix = "", .path = "f/@", .status = -ENOENT},
    {.prefix = "", .path = "f@streams", .status = -ENOENT},
    {.prefix = "", .path = "f g", .status = -ENOENT},
    {.prefix = "", .path = "f*", .status = -ENOENT},
    {.prefix = "", .path = "gr\xc3\xbc\xc3\x9f", .status = -ENOENT},
    {.prefix = "", .path = "f/@streams/a:b", .status = -ENOENT},
    {.prefix = "", .path = "f/@streams/a*", .status = -ENOENT},
    {.prefix = "", .path = LONG_512 "x", .status = -ENAMETOOLONG},
    {.prefix = "p", .path = LONG_512, .status = -ENAMETOOLONG},
    {.prefix = "", .path = "f/@streams/" LONG_512 "x", .status = -ENAMETOOLONG},
};
#define PLACES (sizeof(places) / sizeof(places[0]))

START_TEST(path)
{
    struct logs_place place;
    int r = logs_place_of(str_c(places[_i].prefix), str_c(places[_i].path), &place);
    ck_assert_int_eq(r, places[_i].status);
    if (r < 0)
        return;
    ck_assert_int_eq(place.where, places[_i].where);
    ck_assert(str_eq_c(logs_place_group(&place), places[_i].group));
    ck_assert(str_eq_c(logs_place_name(&place, false), places[_i].group));
    struct pail_str name = logs_place_name(&place, true);
    ck_assert_int_eq(name.ptr[0], '/');
    ck_assert(str_eq_c(str_sub(name, 1, name.len), places[_i].group));
    ck_assert(str_eq_c(logs_place_rest(&place), places[_i].rest));
}
END_TEST

START_TEST(within)
{
    ck_assert(logs_path_within(PAIL_STR("a/b"), PAIL_STR("")));
    ck_assert(logs_path_within(PAIL_STR(""), PAIL_STR("")));
    ck_assert(logs_path_within(PAIL_STR("a/b"), PAIL_STR("a")));
    ck_assert(logs_path_within(PAIL_STR("a"), PAIL_STR("a")));
    ck_assert(!logs_path_within(PAIL_STR("ab"), PAIL_STR("a")));
    ck_assert(!logs_path_within(PAIL_STR("a"), PAIL_STR("a/b")));
}
END_TEST

static const struct {
    const char *url, *prefix;
    bool slash;
    const char *reason; /* a part of it; NULL: the URL is good */
} urls[] = {
    {"logs://", "", false, NULL},
    {"logs:///", "", true, NULL},
    {"logs:///aws/lambda", "aws/lambda", true, NULL},
    {"logs:///aws/lambda/", "aws/lambda", true, NULL},
    {"logs://aws/lambda", "aws/lambda", false, NULL},
    {"logs://" LONG_512, LONG_512, false, NULL},
    {"", .reason = "logs://"},
    {"logs:/x", .reason = "logs://"},
    {"logs:///aws/f/@streams", .reason = "has letters"},
    {"logs://a b", .reason = "has letters"},
    {"logs:////a", .reason = "empty name"},
    {"logs://a//b", .reason = "empty name"},
    {"logs://a//", .reason = "empty name"},
    {"logs://" LONG_512 "x", .reason = "longer"},
};
#define URLS (sizeof(urls) / sizeof(urls[0]))

START_TEST(url)
{
    struct pail_str prefix = PAIL_STR("untouched");
    bool slash = false;
    const char *reason = NULL;
    int r = logs_url_parse(str_c(urls[_i].url), &prefix, &slash, &reason);
    if (urls[_i].reason) {
        ck_assert_int_eq(r, -EINVAL);
        ck_assert_ptr_nonnull(strstr(reason, urls[_i].reason));
        check_str(prefix, "untouched");
        return;
    }
    ck_assert_int_eq(r, 0);
    ck_assert(str_eq_c(prefix, urls[_i].prefix));
    ck_assert_int_eq(slash, urls[_i].slash);
}
END_TEST

SUITE_MAIN("fs/logs_place", tcase_add_loop_test(tc, path, 0, (int)PLACES);
           tcase_add_test(tc, within); tcase_add_loop_test(tc, url, 0, (int)URLS));
