#include "unit/check.h"

#include "fs/s3_source_internal.h"

#include <errno.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

#define LONG_16  "abcdefghijklmnop"
#define LONG_128 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16
#define LONG_1008                                                                              \
    LONG_128 LONG_128 LONG_128 LONG_128 LONG_128 LONG_128 LONG_128 LONG_16 LONG_16 LONG_16     \
        LONG_16 LONG_16 LONG_16 LONG_16
#define LONG_1024 LONG_1008 LONG_16

static const struct {
    const char *url, *bucket, *prefix; /* bucket NULL: absent */
    const char *reason;                /* a part of it; NULL: the URL is good */
} urls[] = {
    {.url = "s3://", .prefix = ""},
    {.url = "s3://bucket", .bucket = "bucket", .prefix = ""},
    {.url = "s3://bucket/", .bucket = "bucket", .prefix = ""},
    {.url = "s3://bucket/a", .bucket = "bucket", .prefix = "a"},
    {.url = "s3://bucket/a/b/", .bucket = "bucket", .prefix = "a/b"},
    {.url = "s3://My_Bucket.1-x/a b%20", .bucket = "My_Bucket.1-x", .prefix = "a b%20"},
    {.url = "s3://bkt/../.", .bucket = "bkt", .prefix = "../."},
    {.url = "s3://bkt/" LONG_1008, .bucket = "bkt", .prefix = LONG_1008},
    {.url = "", .reason = "s3://"},
    {.url = "bucket", .reason = "s3://"},
    {.url = "s3:/bucket", .reason = "s3://"},
    {.url = "S3://bucket", .reason = "s3://"},
    {.url = "s3:///a", .reason = "bucket's name"},
    {.url = "s3://ab", .reason = "bucket's name"},
    {.url = "s3://buck et", .reason = "bucket's name"},
    {.url = "s3://b\xc3\xbc"
            "cket",
     .reason = "bucket's name"},
    {.url = "s3://bucket:80/a", .reason = "bucket's name"},
    {.url = "s3://" LONG_128 LONG_128 "/a", .reason = "bucket's name"},
    {.url = "s3://bucket//", .reason = "empty name"},
    {.url = "s3://bucket//a", .reason = "empty name"},
    {.url = "s3://bucket/a//b", .reason = "empty name"},
    {.url = "s3://bucket/a//", .reason = "empty name"},
    {.url = "s3://bucket/" LONG_1024 "/", .reason = "longer than any key"},
};

START_TEST(url)
{
    struct pail_str bucket = PAIL_STR("untouched"), prefix = PAIL_STR("untouched");
    const char *reason = NULL;
    int r = s3_url_parse(str_c(urls[_i].url), &bucket, &prefix, &reason);
    if (urls[_i].reason) {
        ck_assert_int_eq(r, -EINVAL);
        ck_assert_ptr_nonnull(reason);
        ck_assert_ptr_nonnull(strstr(reason, urls[_i].reason));
        check_str(bucket, "untouched");
        check_str(prefix, "untouched");
        return;
    }
    ck_assert_int_eq(r, 0);
    ck_assert(str_eq_c(bucket, urls[_i].bucket));
    ck_assert(str_eq_c(prefix, urls[_i].prefix));
}
END_TEST

static const struct {
    const char *source_bucket, *source_prefix, *path;
    int result, file_result;
    const char *bucket, *key;
    const char *below; /* NULL: -ENAMETOOLONG */
} places[] = {
    {"b01", "", "", 0, -EISDIR, "b01", "", ""},
    {"b01", "", "a", 0, 0, "b01", "a", "a/"},
    {"b01", "", "a/b", 0, 0, "b01", "a/b", "a/b/"},
    {"b01", "p/", "", 0, 0, "b01", "p/", "p/"},
    {"b01", "p/", "a", 0, 0, "b01", "p/a", "p/a/"},
    {"b01", "", LONG_1024, 0, 0, "b01", LONG_1024, NULL},
    {"b01", "", LONG_1024 "x", -ENAMETOOLONG, -ENAMETOOLONG, NULL, NULL, NULL},
    {"b01", "p/", LONG_1024, -ENAMETOOLONG, -ENAMETOOLONG, NULL, NULL, NULL},
    {NULL, "", "", 0, -EISDIR, NULL, "", ""},
    {NULL, "", "b01", 0, -EISDIR, "b01", "", ""},
    {NULL, "", "b01/a", 0, 0, "b01", "a", "a/"},
    {NULL, "", "b01/a/b", 0, 0, "b01", "a/b", "a/b/"},
    {NULL, "", "b01/" LONG_1024, 0, 0, "b01", LONG_1024, NULL},
    {NULL, "", "b01/x" LONG_1024, -ENAMETOOLONG, -ENAMETOOLONG, NULL, NULL, NULL},
    {NULL, "", "b0", -ENOENT, -ENOENT, NULL, NULL, NULL},
    {NULL, "", "no bucket/a", -ENOENT, -ENOENT, NULL, NULL, NULL},
};

START_TEST(place)
{
    const struct s3_source source = {.bucket = str_c(places[_i].source_bucket),
                                     .prefix = str_c(places[_i].source_prefix)};
    struct s3_place got;
    int r = s3_place_of_file(&source, str_c(places[_i].path), &got);
    ck_assert_int_eq(r, places[_i].file_result);
    ck_assert(r == 0 || s3_place_words(r)[0] != '\0');
    r = s3_place_of(&source, str_c(places[_i].path), &got);
    ck_assert_int_eq(r, places[_i].result);
    if (r < 0)
        return;
    ck_assert(str_eq_c(got.bucket, places[_i].bucket));
    ck_assert(str_eq_c(s3_place_key(&got), places[_i].key));
    r = s3_place_below(&got);
    ck_assert_int_eq(r, places[_i].below ? 0 : -ENAMETOOLONG);
    if (r == 0)
        ck_assert(str_eq_c(s3_place_key(&got), places[_i].below));
}
END_TEST

static const struct {
    const char *name;
    bool good;
} bucket_names[] = {
    {"abc", true},  {"a.b-c", true}, {"123", true},     {LONG_16 LONG_16, true},
    {"ab", false},  {"", false},     {".git", false},   {"a_b", false},
    {"Abc", false}, {"abc-", false}, {LONG_128, false}, {"a b", false},
};

START_TEST(by_the_book)
{
    ck_assert_int_eq(s3_bucket_by_the_book(str_c(bucket_names[_i].name)),
                     bucket_names[_i].good);
}
END_TEST

START_TEST(etags)
{
    struct pail_str none = {0}, a = PAIL_STR("\"a\""), b = PAIL_STR("\"b\"");
    ck_assert(s3_same_etag(a, a));
    ck_assert(!s3_same_etag(a, b));
    ck_assert(!s3_same_etag(a, none));
    ck_assert(s3_same_etag(none, b));
    ck_assert(s3_same_etag(PAIL_STR(""), b));
    check_str(s3_if_match(a), "\"a\"");
    check_absent(s3_if_match(PAIL_STR("")));
}
END_TEST

SUITE_MAIN("fs/s3_place", tcase_add_loop_test(tc, url, 0, (int)LEN(urls));
           tcase_add_loop_test(tc, place, 0, (int)LEN(places));
           tcase_add_loop_test(tc, by_the_book, 0, (int)LEN(bucket_names));
           tcase_add_test(tc, etags));
