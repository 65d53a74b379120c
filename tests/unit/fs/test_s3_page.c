#include "unit/check.h"

#include "base/str.h"
#include "fs/s3_page.h"

#include <errno.h>

#define NAMES_MAX 8
#define LEN(a)    (sizeof(a) / sizeof((a)[0]))

/* A page and what becomes of it. Directories end in '/' among the names. */
struct page_case {
    const char *prefix, *after, *cursor;
    bool flat, uncut;
    const char *keys[NAMES_MAX];
    const char *prefixes[NAMES_MAX];
    int truncated; /* -1: not said */
    const char *token;
    int result;
    const char *names[NAMES_MAX];
    size_t unreachable;
    const char *example;
};

#define LONG_16   "abcdefghijklmnop"
#define LONG_128  LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16
#define LONG_32   LONG_16 LONG_16
#define LONG_64   LONG_32 LONG_32
#define LONG_256  LONG_128 LONG_128
#define LONG_512  LONG_256 LONG_256
#define LONG_1024 LONG_128 LONG_128 LONG_128 LONG_128 LONG_128 LONG_128 LONG_128 LONG_128

static const struct page_case cases[] = {
    /* levels */
    {.prefix = ""},
    {.prefix = "", .keys = {"a", "b"}, .names = {"a", "b"}},
    {.prefix = "d/", .keys = {"d/a", "d/b"}, .names = {"a", "b"}},
    {.prefix = "d/", .keys = {"d/", "d/b"}, .names = {"b"}},
    {.prefix = "d/", .keys = {"d/"}},
    {.prefix = "d/", .prefixes = {"d/x/", "d/y/"}, .names = {"x/", "y/"}},
    {.prefix = "",
     .keys = {"a", "a-b", "a.b", "b"},
     .prefixes = {"a/", "b/"},
     .names = {"a", "a-b", "a.b", "a/", "b", "b/"}},
    {.prefix = "", .keys = {"x"}, .prefixes = {"x/"}, .names = {"x", "x/"}},
    {.prefix = "", .keys = {"\xff"}, .prefixes = {"\x01/"}, .names = {"\x01/", "\xff"}},
    {.prefix = "", .keys = {"new\nline", "tab\t"}, .names = {"new\nline", "tab\t"}},
    /* not reachable */
    {.prefix = "d/",
     .keys = {"d/a"},
     .prefixes = {"d//"},
     .names = {"a"},
     .unreachable = 1,
     .example = "d//"},
    {.prefix = "",
     .keys = {".", ".."},
     .prefixes = {"../", "./", "/", "a/"},
     .names = {"a/"},
     .unreachable = 5,
     .example = "."},
    {.prefix = "",
     .keys = {LONG_1024, LONG_1024 "x", "b"},
     .names = {LONG_1024, "b"},
     .unreachable = 1,
     .example = LONG_1024 "x"},
    {.prefix = "", .keys = {"...", "..a"}, .names = {"...", "..a"}},
    /* longer than any key, though its last part is not */
    {.prefix = LONG_512 "/" LONG_256 "/",
     .keys = {LONG_512 "/" LONG_256 "/" LONG_128 LONG_64 LONG_32 LONG_16 "abcdefghijklmn",
              LONG_512 "/" LONG_256 "/" LONG_128 LONG_64 LONG_32 LONG_16 "abcdefghijklmnx"},
     .names = {LONG_128 LONG_64 LONG_32 LONG_16 "abcdefghijklmn"},
     .unreachable = 1,
     .example = LONG_512 "/" LONG_256 "/" LONG_128 LONG_64 LONG_32 LONG_16 "abcdefghijklmnx"},
    {.prefix = LONG_512 "/",
     .prefixes = {LONG_512 "/" LONG_512 "/", LONG_512 "/b/"},
     .names = {"b/"},
     .unreachable = 1,
     .example = LONG_512 "/" LONG_512 "/"},
    /* flat */
    {.prefix = "d/",
     .flat = true,
     .keys = {"d/", "d/a", "d/b/", "d/b/c", "d/e/f/g"},
     .names = {"a", "b/", "b/c", "e/f/g"}},
    {.prefix = "",
     .flat = true,
     .keys = {"a//b", "a//c", "b"},
     .names = {"a/", "b"},
     .unreachable = 2,
     .example = "a//b"},
    {.prefix = "",
     .flat = true,
     .keys = {"/b", "a", "a/.", "a/../x", "a/b"},
     .names = {"a", "a/", "a/b"},
     .unreachable = 3,
     .example = "/b"},
    {.prefix = "",
     .flat = true,
     .keys = {"a/-", "a/./x", "a/b/c//", "a/b/d"},
     .names = {"a/-", "a/b/c/", "a/b/d"},
     .unreachable = 2,
     .example = "a/./x"},
    {.prefix = "", .flat = true, .keys = {"/"}, .unreachable = 1, .example = "/"},
    /* the directories above what is too long are there */
    {.prefix = "",
     .flat = true,
     .keys = {LONG_512 "/" LONG_256 "/" LONG_256},
     .names = {LONG_512 "/" LONG_256 "/"},
     .unreachable = 1,
     .example = LONG_512 "/" LONG_256 "/" LONG_256},
    {.prefix = LONG_512 "/",
     .flat = true,
     .keys = {LONG_512 "/" LONG_512 "/x", LONG_512 "/b"},
     .names = {"b"},
     .unreachable = 1,
     .example = LONG_512 "/" LONG_512 "/x"},
    {.prefix = "", .flat = true, .prefixes = {"a/"}, .result = -EPROTO},
    /* one level of what was not cut */
    {.prefix = "d/",
     .uncut = true,
     .keys = {"d/", "d/a", "d/a-", "d/a/", "d/a/b/c", "d/a/d", "d/b/c", "d/c"},
     .names = {"a", "a-", "a/", "b/", "c"}},
    {.prefix = "",
     .uncut = true,
     .keys = {"/x", "/y", "a//b", "a/c", "b/../c", "c"},
     .names = {"a/", "b/", "c"},
     .unreachable = 1,
     .example = "/x"},
    {.prefix = "", .uncut = true, .prefixes = {"a/"}, .result = -EPROTO},
    {.prefix = "", .uncut = true, .keys = {"a/b", "a/a"}, .result = -EPROTO},
    /* start_after: what the service should have left out is dropped */
    {.prefix = "d/", .after = "d/a", .keys = {"d/a", "d/b"}, .names = {"b"}},
    {.prefix = "d/",
     .after = "d/a/",
     .keys = {"d/a", "d/b"},
     .prefixes = {"d/a/"},
     .names = {"b"}},
    {.prefix = "", .after = "a", .prefixes = {"a/"}, .names = {"a/"}},
    {.prefix = "", .after = "a/x", .flat = true, .keys = {"a/x", "a/y"}, .names = {"a/y"}},
    /* what no listing may be */
    {.prefix = "d/", .keys = {"e"}, .result = -EPROTO},
    {.prefix = "d/", .keys = {"d"}, .result = -EPROTO},
    {.prefix = "", .keys = {"b", "a"}, .result = -EPROTO},
    {.prefix = "", .keys = {"a", "a"}, .result = -EPROTO},
    {.prefix = "", .prefixes = {"b/", "a/"}, .result = -EPROTO},
    {.prefix = "", .prefixes = {"a/", "a/"}, .result = -EPROTO},
    {.prefix = "", .prefixes = {"a"}, .result = -EPROTO},
    {.prefix = "", .prefixes = {"a/b/"}, .result = -EPROTO},
    {.prefix = "d/", .prefixes = {"d/"}, .result = -EPROTO},
    {.prefix = "", .keys = {"a/b"}, .result = -EPROTO},
    {.prefix = "", .keys = {"a"}, .truncated = -1, .result = -EPROTO},
    /* pages */
    {.prefix = "", .keys = {"a"}, .truncated = 1, .token = "t", .names = {"a"}},
    {.prefix = "", .keys = {"a"}, .token = "t", .names = {"a"}},
    {.prefix = "", .cursor = "s", .keys = {"a"}, .truncated = 1, .token = "t", .names = {"a"}},
    {.prefix = "", .truncated = 1, .token = "t"},
    {.prefix = "", .keys = {"a"}, .truncated = 1, .result = -EPROTO},
    {.prefix = "", .keys = {"a"}, .truncated = 1, .token = "", .result = -EPROTO},
    {.prefix = "", .cursor = "t", .truncated = 1, .token = "t", .result = -EPROTO},
};

/* The output a case's parts make, over arrays of the caller. */
static struct pail_s3_list_objects_v2_output output_of(const struct page_case *c,
                                                       struct pail_s3_object *objects,
                                                       struct pail_s3_common_prefix *prefixes)
{
    struct pail_s3_list_objects_v2_output out = {
        .is_truncated = {.value = c->truncated == 1, .present = c->truncated >= 0},
        .next_continuation_token = str_c(c->token),
        .contents.items = objects,
        .common_prefixes.items = prefixes,
    };
    for (size_t i = 0; i < NAMES_MAX && c->keys[i]; i++) {
        objects[i] = (struct pail_s3_object){
            .key = str_c(c->keys[i]),
            .size = PAIL_INT((int64_t)i),
            .etag = PAIL_STR("\"e\""),
            .last_modified = {.seconds = 1000 + (int64_t)i, .nanoseconds = 1, .present = true},
        };
        out.contents.count++;
    }
    for (size_t i = 0; i < NAMES_MAX && c->prefixes[i]; i++) {
        prefixes[i].prefix = str_c(c->prefixes[i]);
        out.common_prefixes.count++;
    }
    return out;
}

static void check_entry(const struct source_entry *entry, const char *name)
{
    struct pail_str want = str_c(name);
    bool directory = str_ends(want, PAIL_STR("/"));
    if (directory)
        want.len--;
    ck_assert_msg(str_eq(entry->name, want), "\"%.*s\" is not \"%s\"", (int)entry->name.len,
                  entry->name.ptr, name);
    ck_assert_int_eq(entry->type, directory ? ENTRY_DIRECTORY : ENTRY_FILE);
    ck_assert_int_eq(entry->kind, FILE_FIXED);
    if (directory) {
        check_absent(entry->etag);
        return;
    }
    check_str(entry->etag, "\"e\"");
    ck_assert_int_eq(entry->mtime_s, 1000 + (int64_t)entry->size);
}

START_TEST(objects)
{
    const struct page_case *c = &cases[_i];
    struct pail_s3_object contents[NAMES_MAX] = {{.key = {0}}};
    struct pail_s3_common_prefix prefixes[NAMES_MAX] = {{.prefix = {0}}};
    struct pail_s3_list_objects_v2_output out = output_of(c, contents, prefixes);
    const struct s3_page_query query = {.prefix = str_c(c->prefix),
                                        .start_after = str_c(c->after),
                                        .cursor = str_c(c->cursor),
                                        .flat = c->flat,
                                        .uncut = c->uncut};
    struct s3_page page = {0};
    const char *reason = NULL;
    int r = s3_page_of_objects(&out, &query, &page, &reason);
    ck_assert_int_eq(r, c->result);
    ck_assert_int_eq(reason != NULL, r < 0);
    if (r < 0) {
        ck_assert_ptr_null(page.entries);
        return;
    }
    size_t count = 0;
    for (; count < NAMES_MAX && c->names[count]; count++) {
        ck_assert_uint_lt(count, page.count);
        check_entry(&page.entries[count], c->names[count]);
    }
    ck_assert_uint_eq(page.count, count);
    ck_assert_uint_eq(page.unreachable, c->unreachable);
    ck_assert(str_eq(page.unreachable_example, str_c(c->example)));
    ck_assert(str_eq(page.next, str_c(c->truncated == 1 ? c->token : NULL)));
    s3_page_done(&page);
}
END_TEST

START_TEST(embedded_nul)
{
    const struct pail_s3_object contents[] = {{.key = PAIL_STR("a\0b"), .size = PAIL_INT(1)},
                                              {.key = PAIL_STR("c"), .size = PAIL_INT(2)}};
    const struct pail_s3_list_objects_v2_output out = {
        .is_truncated = PAIL_BOOL(false), .contents = {.items = contents, .count = 2}};
    const struct s3_page_query query = {.prefix = PAIL_STR("")};
    struct s3_page page;
    const char *reason;
    ck_assert_int_eq(s3_page_of_objects(&out, &query, &page, &reason), 0);
    ck_assert_uint_eq(page.count, 1);
    check_str(page.entries[0].name, "c");
    ck_assert_uint_eq(page.unreachable, 1);
    check_str(page.unreachable_example, "a\0b");
    s3_page_done(&page);
}
END_TEST

START_TEST(bad_sizes)
{
    static const struct pail_int sizes[] = {{.present = false}, {.value = -1, .present = true}};
    for (size_t i = 0; i < LEN(sizes); i++) {
        const struct pail_s3_object contents[] = {{.key = PAIL_STR("a"), .size = sizes[i]}};
        const struct pail_s3_list_objects_v2_output out = {
            .is_truncated = PAIL_BOOL(false), .contents = {.items = contents, .count = 1}};
        const struct s3_page_query query = {.prefix = PAIL_STR("")};
        struct s3_page page;
        const char *reason;
        ck_assert_int_eq(s3_page_of_objects(&out, &query, &page, &reason), -EPROTO);
    }
}
END_TEST

START_TEST(etags_beyond_any)
{
    static char etag[S3_ETAG_MAX + 1];
    memset(etag, 'e', sizeof etag);
    for (size_t len = S3_ETAG_MAX; len <= S3_ETAG_MAX + 1; len++) {
        const struct pail_s3_object contents[] = {
            {.key = PAIL_STR("a"), .size = PAIL_INT(1), .etag = str_of(etag, len)}};
        const struct pail_s3_list_objects_v2_output out = {
            .is_truncated = PAIL_BOOL(false), .contents = {.items = contents, .count = 1}};
        const struct s3_page_query query = {.prefix = PAIL_STR("")};
        struct s3_page page;
        const char *reason;
        int r = s3_page_of_objects(&out, &query, &page, &reason);
        ck_assert_int_eq(r, len > S3_ETAG_MAX ? -EPROTO : 0);
        if (r == 0)
            s3_page_done(&page);
    }
}
END_TEST

START_TEST(no_memory)
{
    const struct pail_s3_object contents[] = {{.key = PAIL_STR("a"), .size = PAIL_INT(1)}};
    const struct pail_s3_list_objects_v2_output out = {
        .is_truncated = PAIL_BOOL(false), .contents = {.items = contents, .count = 1}};
    const struct s3_page_query query = {.prefix = PAIL_STR("")};
    struct s3_page page;
    const char *reason;
    alloc_fail_after(0);
    int r = s3_page_of_objects(&out, &query, &page, &reason);
    alloc_fail_after(-1);
    ck_assert_int_eq(r, -ENOMEM);
}
END_TEST

static const struct {
    const char *buckets[NAMES_MAX];
    const char *after, *cursor, *token;
    bool absent; /* the list */
    int result;
    const char *names[NAMES_MAX];
    size_t unreachable;
} bucket_cases[] = {
    {.result = 0},
    {.absent = true, .result = -EPROTO},
    {.buckets = {"b", "a"}, .names = {"a", "b"}},
    {.buckets = {"a", "a-b", "a.b", "a0"}, .names = {"a-b", "a.b", "a", "a0"}},
    {.buckets = {"a", "b"}, .token = "t", .names = {"a", "b"}},
    {.buckets = {"a"}, .token = "", .names = {"a"}},
    {.buckets = {"a"}, .cursor = "t", .token = "t", .result = -EPROTO},
    {.buckets = {"a", "b", "a"}, .result = -EPROTO},
    {.buckets = {"..", "a", "b/c", ""}, .names = {"a"}, .unreachable = 3},
    {.buckets = {"a", "a-b", "ab", "b"}, .after = "a/", .names = {"ab", "b"}},
    {.buckets = {"a", "a-b", "ab", "b"}, .after = "a", .names = {"a-b", "a", "ab", "b"}},
    {.buckets = {"a", "b"}, .after = "a/x", .names = {"b"}},
    {.buckets = {"a", "b"}, .after = "b", .names = {"b"}},
    {.buckets = {"a", "b"}, .after = "c"},
};

START_TEST(buckets)
{
    struct pail_s3_bucket items[NAMES_MAX] = {{.name = {0}}};
    struct pail_s3_list_buckets_output out = {
        .buckets.items = bucket_cases[_i].absent ? NULL : items,
        .continuation_token = str_c(bucket_cases[_i].token),
    };
    for (; bucket_cases[_i].buckets[out.buckets.count]; out.buckets.count++)
        items[out.buckets.count].name = str_c(bucket_cases[_i].buckets[out.buckets.count]);
    const struct s3_page_query query = {.start_after = str_c(bucket_cases[_i].after),
                                        .cursor = str_c(bucket_cases[_i].cursor)};
    struct s3_page page;
    const char *reason;
    int r = s3_page_of_buckets(&out, &query, &page, &reason);
    ck_assert_int_eq(r, bucket_cases[_i].result);
    if (r < 0)
        return;
    size_t count = 0;
    for (; bucket_cases[_i].names[count]; count++) {
        ck_assert_uint_lt(count, page.count);
        ck_assert(str_eq_c(page.entries[count].name, bucket_cases[_i].names[count]));
        ck_assert_int_eq(page.entries[count].type, ENTRY_DIRECTORY);
    }
    ck_assert_uint_eq(page.count, count);
    ck_assert_uint_eq(page.unreachable, bucket_cases[_i].unreachable);
    s3_page_done(&page);
}
END_TEST

SUITE_MAIN("fs/s3_page", tcase_add_loop_test(tc, objects, 0, (int)LEN(cases));
           tcase_add_test(tc, embedded_nul); tcase_add_test(tc, bad_sizes);
           tcase_add_test(tc, etags_beyond_any); tcase_add_test(tc, no_memory);
           tcase_add_loop_test(tc, buckets, 0, (int)LEN(bucket_cases)));
