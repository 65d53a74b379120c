/* Extended attributes: what the service says of an object, what the mount says of it, and how
 * many requests that takes. */
#include "mount/fixture.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define HEADERS                                                                                \
    "Content-Encoding: gzip\nContent-Language: de\nContent-Disposition: attachment\n"          \
    "Cache-Control: max-age=60\nExpires: Thu, 01 Dec 2033 16:00:00 GMT\n"                      \
    "x-amz-version-id: v-17\nx-amz-server-side-encryption: aws:kms\n"                          \
    "x-amz-storage-class: STANDARD_IA\nx-amz-restore: ongoing-request=\"false\"\n"             \
    "x-amz-meta-who: me\nx-amz-meta-Upper-Case: Mixed Case\nx-amz-meta-empty:"

static void put_rich(const char *key)
{
    peer_s3_put(
        s3, "bkt",
        &(struct peer_s3_object){
            .key = key,
            .content = "0123456789",
            .etag = "\"abc-def\"",
            .content_type = "text/plain; charset=utf-8",
            .headers = HEADERS,
            .checksums = "x-amz-checksum-crc32: pqgOCA==\nx-amz-checksum-type: FULL_OBJECT",
        });
}

static const struct {
    const char *name, *value;
} attributes[] = {
    {"user.s3.etag", "\"abc-def\""},
    {"user.s3.content-type", "text/plain; charset=utf-8"},
    {"user.s3.content-encoding", "gzip"},
    {"user.s3.content-language", "de"},
    {"user.s3.content-disposition", "attachment"},
    {"user.s3.cache-control", "max-age=60"},
    {"user.s3.expires", "Thu, 01 Dec 2033 16:00:00 GMT"},
    {"user.s3.last-modified", "2026-01-02T03:04:05Z"},
    {"user.s3.storage-class", "STANDARD_IA"},
    {"user.s3.version-id", "v-17"},
    {"user.s3.server-side-encryption", "aws:kms"},
    {"user.s3.restore", "ongoing-request=\"false\""},
    {"user.s3.checksum-crc32", "pqgOCA=="},
    {"user.s3.meta.who", "me"},
    {"user.s3.meta.upper-case", "Mixed Case"},
    {"user.s3.meta.empty", ""},
    {"user.pail.uri", "s3://bkt/d/f"},
};
#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

static bool has_name(const char *list, size_t len, const char *name)
{
    for (size_t i = 0; i < len; i += strlen(list + i) + 1)
        if (strcmp(list + i, name) == 0)
            return true;
    return false;
}

START_TEST(values_and_names)
{
    char value[256], names[4096];
    put_rich("d/f");
    fixture_mount("metadata_ttl=60");
    check_names(at("d"), "f");
    for (size_t i = 0; i < ATTRIBUTES; i++) {
        int r = try_xattr(at("d/f"), attributes[i].name, value, sizeof(value));
        ck_assert_msg(r >= 0, "%s: %s", attributes[i].name, strerrorname_np(-r));
        ck_assert_str_eq(value, attributes[i].value);
        ck_assert_int_eq(r, (int)strlen(attributes[i].value));
    }
    ssize_t len = listxattr(at("d/f"), names, sizeof(names));
    ck_assert_int_gt(len, 0);
    for (size_t i = 0; i < ATTRIBUTES; i++)
        ck_assert_msg(has_name(names, (size_t)len, attributes[i].name), "%s",
                      attributes[i].name);
    ck_assert(!has_name(names, (size_t)len, "user.pail.error"));
    ck_assert(!has_name(names, (size_t)len, "user.pail.stats"));
    ck_assert_uint_eq(requests("HEAD", "d/f"), 1);
    char etag[64];
    peer_s3_etag(s3, "bkt", "d/f", etag);
    ck_assert_str_eq(
        peer_request_header(peer_request_at(peer, PEER_MATCH(.pattern = "HEAD /bkt/d/f"), 0),
                            "If-Match"),
        etag);
}
END_TEST

/* Every name that is listed has a value. */
START_TEST(what_is_listed_is_there)
{
    char names[4096], value[65536];
    put_rich("d/f");
    put("d/plain", 1, 1);
    fixture_mount(NULL);
    const char *paths[] = {strdup(at("d/f")), strdup(at("d/plain")), strdup(at("d")),
                           strdup(top())};
    for (size_t i = 0; i < 4; i++) {
        ssize_t len = listxattr(paths[i], names, sizeof(names));
        ck_assert_int_gt(len, 0);
        for (ssize_t k = 0; k < len; k += (ssize_t)strlen(names + k) + 1) {
            int r = try_xattr(paths[i], names + k, value, sizeof(value));
            ck_assert_msg(r >= 0, "%s of %s: %s", names + k, paths[i], strerrorname_np(-r));
        }
        free((void *)(uintptr_t)paths[i]);
    }
}
END_TEST

START_TEST(sizes)
{
    char buffer[4096];
    put_rich("d/f");
    fixture_mount("metadata_ttl=60");
    const char *path = at("d/f"), *name = "user.s3.content-encoding";
    ck_assert_int_eq(getxattr(path, name, NULL, 0), 4);
    memset(buffer, 'x', sizeof(buffer));
    ck_assert_int_eq(getxattr(path, name, buffer, 4), 4);
    ck_assert_mem_eq(buffer, "gzipx", 5);
    ck_assert_int_eq(getxattr(path, name, buffer, 3), -1);
    ck_assert_int_eq(errno, ERANGE);
    ck_assert_int_eq(getxattr(path, "user.s3.meta.empty", NULL, 0), 0);
    ssize_t len = listxattr(path, NULL, 0);
    ck_assert_int_gt(len, 100);
    ck_assert_int_eq(listxattr(path, buffer, (size_t)len), len);
    ck_assert_int_eq(listxattr(path, buffer, (size_t)len - 1), -1);
    ck_assert_int_eq(errno, ERANGE);
    ck_assert_uint_eq(requests("HEAD", "d/f"), 1);
}
END_TEST

START_TEST(names_that_are_none)
{
    static const struct {
        const char *name;
        int sys;
    } none[] = {
        {"user.none", ENODATA},
        {"user.s3.none", ENODATA},
        {"user.s3.meta.none", ENODATA},
        {"user.pail.none", ENODATA},
        {"user.pail.error", ENODATA},
        {"user.pail.stats", ENODATA}, /* the root's */
        {"security.selinux", EOPNOTSUPP},
        {"security.capability", EOPNOTSUPP},
        {"system.posix_acl_access", EOPNOTSUPP},
        {"system.posix_acl_default", EOPNOTSUPP},
        {"trusted.x", EOPNOTSUPP},
    };
    char value[64];
    put("d/f", 1, 1);
    fixture_mount("metadata_ttl=60");
    check_names(at("d"), "f");
    peer_clear(peer);
    /* Those of other namespaces first: they ask nothing of the service. */
    for (size_t i = sizeof(none) / sizeof(none[0]); i-- > 0;) {
        int r = try_xattr(at("d/f"), none[i].name, value, sizeof(value));
        ck_assert_msg(r == -none[i].sys, "%s: %s", none[i].name, strerrorname_np(-r));
        if (none[i].sys == EOPNOTSUPP)
            ck_assert_uint_eq(peer_count(peer, NULL), 0);
    }
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
}
END_TEST

/* What `ls -l` asks for every file must not cost a request each. */
START_TEST(tools_that_ask_for_labels)
{
    char key[32], output[64];
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof(key), "f%02u", i);
        put(key, i, i);
    }
    fixture_mount("metadata_ttl=60");
    ck_assert_int_eq(
        harness_shell(top(), LONG_MS, output, sizeof(output), "ls -lZ | wc -l; ls -l | wc -l"),
        0);
    ck_assert_str_eq(output, "101\n101\n");
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
}
END_TEST

START_TEST(a_head_each)
{
    char value[64];
    for (unsigned i = 0; i < 10; i++) {
        char key[32];
        (void)snprintf(key, sizeof(key), "d/f%u", i);
        put(key, 1, 1);
    }
    fixture_mount("metadata_ttl=60");
    size_t count;
    ck_assert_int_eq(try_list(at("d"), &count), 0);
    peer_clear(peer);
    for (unsigned round = 0; round < 5; round++)
        for (unsigned i = 0; i < 10; i++) {
            ck_assert_int_gt(try_xattr(at("d/f%u", i), "user.s3.etag", value, sizeof(value)),
                             0);
            ck_assert_int_gt(listxattr(at("d/f%u", i), NULL, 0), 0);
        }
    /* The directory's, which its listing made needless, may come late. */
    ck_assert_uint_eq(peer_count(peer, NULL) - requests("HEAD", "d"), 10);
}
END_TEST

static int ask_etag(void *arg)
{
    char value[64];
    return try_xattr(arg, "user.s3.etag", value, sizeof(value));
}

START_TEST(one_head_for_many_at_once)
{
    struct runner *runners[20];
    put_rich("d/f");
    fixture_mount("metadata_ttl=60");
    check_names(at("d"), "f");
    peer_clear(peer);
    (void)peer_on(peer, "HEAD /bkt/d/f",
                  PEER_RESPONSE(.over = true, .fault = {.delay_ms = 300}));
    char *path = strdup(at("d/f"));
    for (size_t i = 0; i < 20; i++)
        runners[i] = run_start(ask_etag, path);
    for (size_t i = 0; i < 20; i++)
        ck_assert_int_eq(run_join(runners[i]), 9);
    free(path);
    ck_assert_uint_eq(peer_count(peer, NULL) - requests("HEAD", "d"), 1);
}
END_TEST

START_TEST(a_version_each)
{
    char value[64], before[64], after[64];
    put("d/f", 10, 1);
    peer_s3_etag(s3, "bkt", "d/f", before);
    fixture_mount("metadata_ttl=0");
    ck_assert_int_gt(try_xattr(at("d/f"), "user.s3.etag", value, sizeof(value)), 0);
    ck_assert_str_eq(value, before);
    put("d/f", 10, 2);
    peer_s3_etag(s3, "bkt", "d/f", after);
    ck_assert_int_gt(try_xattr(at("d/f"), "user.s3.etag", value, sizeof(value)), 0);
    ck_assert_str_eq(value, after);
}
END_TEST

/* Names of attributes can be listed whatever the service does. */
START_TEST(listing_never_fails)
{
    char names[1024];
    static const struct peer_response answers[] = {
        PEER_S3_ERROR(403, "AccessDenied"),
        PEER_S3_ERROR(500, "InternalError"),
        {.over = true, .fault = {.end = PEER_END_CUT, .in_head = true}},
    };
    put("d/f", 10, 1);
    fixture_mount("max_attempts=1,metadata_ttl=60");
    check_names(at("d"), "f");
    (void)peer_on(peer, "HEAD /bkt/d/f", &answers[_i]);
    ssize_t len = listxattr(at("d/f"), names, sizeof(names));
    ck_assert_int_gt(len, 0);
    ck_assert(has_name(names, (size_t)len, "user.pail.uri"));
    ck_assert(has_name(names, (size_t)len, "user.pail.error"));
}
END_TEST

START_TEST(of_directories)
{
    char value[65536];
    put("d/f", 10, 1);
    fixture_mount(NULL);
    ck_assert_int_gt(try_xattr(at("d"), "user.pail.uri", value, sizeof(value)), 0);
    ck_assert_str_eq(value, "s3://bkt/d");
    ck_assert_int_gt(try_xattr(top(), "user.pail.uri", value, sizeof(value)), 0);
    ck_assert_str_eq(value, "s3://bkt/");
    ck_assert_int_eq(try_xattr(at("d"), "user.s3.etag", value, sizeof(value)), -ENODATA);
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", value, sizeof(value)), 100);
    ck_assert_ptr_nonnull(strstr(value, "lookups "));
    ck_assert_ptr_nonnull(strstr(value, "s3.requests "));
}
END_TEST

START_TEST(the_last_failure)
{
    char value[4096];
    put("d/f", 10, 1);
    fixture_mount("max_attempts=1,metadata_ttl=60");
    check_names(at("d"), "f");
    int rule = peer_on(peer, "GET /bkt/d/f",
                       PEER_RESPONSE(.status = 403,
                                     .headers = "x-amz-request-id: REQ1\n"
                                                "x-amz-id-2: HOST1",
                                     .body = "<Error><Code>AccessDenied</Code><Message>Not \n"
                                             "you</Message></Error>"));
    ck_assert_int_eq(try_open(at("d/f")), -EACCES);
    ck_assert_int_gt(try_xattr(at("d/f"), "user.pail.error", value, sizeof(value)), 0);
    static const char *const told[] = {"s3://bkt/d/f", "EACCES", "AccessDenied", "you",
                                       "403",          "REQ1",   "GetObject"};
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
        ck_assert_msg(strstr(value, told[i]), "%s is not in: %s", told[i], value);
    ck_assert_ptr_null(strchr(value, '\n'));
    ck_assert(harness_mount_wait_log(mount, "REQ1", LONG_MS));
    ck_assert_ptr_null(strstr(harness_mount_log(mount), "\nyou"));
    peer_rule_remove(peer, rule);
}
END_TEST

MOUNT_SUITE("mount/xattr", 60, tcase_add_test(tc, values_and_names);
            tcase_add_test(tc, what_is_listed_is_there); tcase_add_test(tc, sizes);
            tcase_add_test(tc, names_that_are_none);
            tcase_add_test(tc, tools_that_ask_for_labels); tcase_add_test(tc, a_head_each);
            tcase_add_test(tc, one_head_for_many_at_once); tcase_add_test(tc, a_version_each);
            tcase_add_loop_test(tc, listing_never_fails, 0, 3);
            tcase_add_test(tc, of_directories); tcase_add_test(tc, the_last_failure));
