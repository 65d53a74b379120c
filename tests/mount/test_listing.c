/* Names: all of them, each once, whatever they are, as soon as they are known. */
#include "mount/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void put_numbered(unsigned count)
{
    char key[64];
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(key, sizeof(key), "k%05u", i);
        put(key, i, i);
    }
}

static void check_numbered(const char *path, unsigned count)
{
    struct names names;
    char name[32];
    ck_assert_int_eq(names_read(path, &names), 0);
    ck_assert_uint_eq(names.count, count);
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(name, sizeof(name), "k%05u", i);
        ck_assert_str_eq(names.list[i], name);
    }
    names_done(&names);
}

START_TEST(several_pages)
{
    static const unsigned counts[] = {0, 1, 999, 1000, 1001, 2000, 2500, 5000};
    put_numbered(counts[_i]);
    fixture_mount(NULL);
    check_numbered(top(), counts[_i]);
    size_t pages = counts[_i] ? (counts[_i] + 999) / 1000 : 1;
    /* More than one: whether there are others further on is asked at the same time. */
    ck_assert_uint_ge(listings(NULL), pages);
    ck_assert_uint_le(listings(NULL), pages > 1 ? pages + 1 : 1);
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.method = "HEAD")), 0);
}
END_TEST

START_TEST(small_pages)
{
    put_numbered(300);
    peer_s3_set_page_size(s3, (unsigned)_i);
    fixture_mount(NULL);
    check_numbered(top(), 300);
}
END_TEST

/* ---- soon ---- */

/* Ranges further on are listed at the same time. */
START_TEST(a_long_directory)
{
    put_numbered(20000);
    fixture_mount("metadata_ttl=0");
    check_numbered(top(), 20000);
    ck_assert_uint_le(listings(NULL), 20 + 5);
    ck_assert_uint_ge(peer_count(peer, PEER_MATCH(.method = "GET", .param = "start-after")), 4);
    peer_clear(peer);
    /* Now it is known where the names are. */
    check_numbered(top(), 20000);
    ck_assert_uint_eq(listings(NULL), 20);
}
END_TEST

/* Reads names until there are `*arg`; result 1 if they came. */
static int read_some(void *arg, void *result)
{
    unsigned wanted = *(unsigned *)arg, count = 0;
    DIR *dir = opendir(top());
    (void)result;
    while (dir && count < wanted && readdir(dir))
        count++;
    return dir && count == wanted;
}

START_TEST(a_page_is_answered_as_it_comes)
{
    unsigned wanted = 1900;
    put_numbered(2500);
    (void)peer_rule_add(peer,
                        &(struct peer_rule){
                            .match = {.method = "GET", .param = "continuation-token"},
                            .skip = 1, /* the third page */
                            PEER_ANSWERS({.over = true, .fault = {.end = PEER_END_STALL}}),
                        });
    fixture_mount(NULL);
    ck_assert_int_eq(harness_run(read_some, &wanted, NULL, 0, LONG_MS), 1);
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS)); /* asked for ahead of the reader */
    ck_assert_int_eq(try_stat(at("k01234")), 0);
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.method = "HEAD")), 0);
    peer_release(peer);
    check_numbered(top(), 2500);
}
END_TEST

/* ---- right ---- */

START_TEST(a_later_page_that_fails)
{
    struct names names;
    put_numbered(2500);
    int rule =
        peer_rule_add(peer, &(struct peer_rule){
                                .match = {.method = "GET", .param = "continuation-token"},
                                .skip = 1,
                                PEER_ANSWERS(PEER_S3_ERROR(403, "AccessDenied")),
                            });
    fixture_mount("metadata_ttl=60");
    ck_assert_int_eq(names_read(top(), &names), -EACCES);
    ck_assert_uint_eq(names.count, 2000);
    names_done(&names);
    peer_rule_remove(peer, rule);
    /* It was no complete listing: what it did not show is asked for. */
    ck_assert_int_eq(try_stat(at("k02222")), 0);
    ck_assert_int_eq(try_stat(at("k00001")), 0);
    check_numbered(top(), 2500);
}
END_TEST

#define PAGE(contents, rest)                                                                   \
    "<?xml version=\"1.0\"?><ListBucketResult><Name>bkt</Name>" contents rest                  \
    "</ListBucketResult>"
#define KEY(key)                                                                               \
    "<Contents><Key>" key "</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"        \
    "<ETag>&quot;e&quot;</ETag><Size>1</Size></Contents>"
#define MORE(token)                                                                            \
    "<IsTruncated>true</IsTruncated><NextContinuationToken>" token "</NextContinuationToken>"
#define LAST "<IsTruncated>false</IsTruncated>"

/* Listings that lie: an error, after what could be believed, and soon. */
static const struct {
    const char *name, *first, *second;
    size_t before; /* names shown before the error */
} lies[] = {
    {"a repeated token", PAGE(KEY("a"), MORE("t")), PAGE(KEY("b"), MORE("t")), 1},
    {"a repeated page", PAGE(KEY("a") KEY("b"), MORE("t")), PAGE(KEY("a") KEY("b"), LAST), 2},
    {"keys that go back", PAGE(KEY("b"), MORE("t")), PAGE(KEY("a"), LAST), 1},
    {"keys out of order", PAGE(KEY("b") KEY("a"), LAST), "", 0},
    {"a key twice", PAGE(KEY("a") KEY("a"), LAST), "", 0},
    {"no token", PAGE(KEY("a"), "<IsTruncated>true</IsTruncated>"), "", 0},
    {"no word of the end", PAGE(KEY("a"), ""), "", 0},
    {"nothing of a size", PAGE("<Contents><Key>a</Key><ETag>\"e\"</ETag></Contents>", LAST), "",
     0},
    {"a negative size", PAGE("<Contents><Key>a</Key><Size>-1</Size></Contents>", LAST), "", 0},
    {"an uncut key", PAGE(KEY("a/b"), LAST), "", 0},
    {"an empty second page", PAGE(KEY("a"), MORE("t")), "", 1},
    {"half a second page", PAGE(KEY("a"), MORE("t")), "<ListBucketResult><Cont", 1},
};
#define LIES (sizeof(lies) / sizeof(lies[0]))

START_TEST(listings_that_lie)
{
    struct names names;
    fixture_mount("max_attempts=1");
    peer_rules_set(
        peer,
        (const struct peer_rule[]){
            {.match = {.method = "GET", .param = "continuation-token"},
             PEER_ANSWERS({.body = lies[_i].second})},
            {.match = PEER_S3_LISTING("bkt"), PEER_ANSWERS({.body = lies[_i].first})},
        },
        2);
    int r = names_read(top(), &names);
    ck_assert_msg(r == -EPROTO, "%s: %s", lies[_i].name, r ? strerrorname_np(-r) : "success");
    ck_assert_uint_eq(names.count, lies[_i].before);
    names_done(&names);
    ck_assert_uint_le(peer_count(peer, NULL), 2);
}
END_TEST

/* ---- one name, two things ---- */

static mode_t type_of(const char *path)
{
    struct stat attributes;
    ck_assert_msg(stat(path, &attributes) == 0, "%s: %s", path, strerrorname_np(errno));
    return attributes.st_mode & S_IFMT;
}

/* A file and a directory of one name, on one page or pages apart; `_i`: keys of a page. */
START_TEST(a_file_and_a_directory_of_one_name)
{
    static const char *const keys[] = {"a",       "dir",    "dir!", "dir-x",
                                       "dir.log", "dir/in", "dir0", "z"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        put(keys[i], 5, i);
    peer_s3_set_page_size(s3, (unsigned)_i);
    fixture_mount(NULL);
    struct names names;
    ck_assert_int_eq(names_read(top(), &names), 0);
    ck_assert_uint_eq(names_of(&names, "dir"), 1);
    ck_assert_uint_eq(names.count, 7);
    names_done(&names);
    ck_assert_uint_eq(type_of(at("dir")), S_IFDIR);
    check_names(at("dir"), "in");
    check_content(at("dir-x"), 5, 3);
    check_content(at("dir/in"), 5, 5);
    ck_assert_int_eq(names_read(top(), &names), 0);
    ck_assert_uint_eq(names_of(&names, "dir"), 1);
    names_done(&names);
}
END_TEST

/* Thousands of keys sort between them: the name is shown before it is known what it is. */
START_TEST(a_directory_far_behind_its_file)
{
    char key[32];
    for (unsigned i = 0; i < 3500; i++) {
        (void)snprintf(key, sizeof(key), "dir-%04u", i);
        put(key, i, i);
    }
    put("dir", 5, 1);
    put("dir/in", 6, 2);
    put("file", 7, 3);
    fixture_mount(_i ? "metadata_ttl=0" : NULL);
    for (int round = 0; round < 2; round++) {
        struct names names;
        ck_assert_int_eq(names_read(top(), &names), 0);
        ck_assert_uint_eq(names_of(&names, "dir"), 1);
        ck_assert_uint_eq(names.count, 3502);
        names_done(&names);
        char output[64];
        ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                       "find . -type d; find . -type f | wc -l"),
                         0);
        ck_assert_str_eq(output, ".\n./dir\n3502\n");
    }
    ck_assert_uint_eq(type_of(at("dir")), S_IFDIR);
    check_content(at("dir/in"), 6, 2);
}
END_TEST

START_TEST(a_directory_wins_without_a_listing)
{
    put("dir", 5, 1);
    put("dir-x", 5, 2);
    put("dir/in", 5, 3);
    fixture_mount(NULL);
    ck_assert_uint_eq(type_of(at("dir")), S_IFDIR);
    check_content(at("dir/in"), 5, 3);
    ck_assert_uint_eq(type_of(at("dir-x")), S_IFREG);
}
END_TEST

/* ---- odd names ---- */

static const char *const odd[] = {
    " ",
    " leading and trailing ",
    "!\"#$%&'()*,-.:;<=>?@[\\]^_`{|}~",
    "%",
    "%2F",
    "%41",
    "&amp;",
    "+",
    "...",
    "..a",
    ".hidden",
    "<Key>",
    "a+b c%20d",
    "back\\slash",
    "bell\aand\x01",
    "caf\xc3\xa9",
    "cafe\xcc\x81",
    "line\nbreak",
    "not utf-8 \xff\xfe",
    "return\rand\ttab",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
    "\xf0\x9f\x98\x80",
    "~tilde",
};
#define ODD (sizeof(odd) / sizeof(odd[0]))

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* `_i` 0: by listing; 1: each by itself. As files, and as directories. */
START_TEST(odd_names)
{
    char key[256];
    for (size_t i = 0; i < ODD; i++) {
        (void)snprintf(key, sizeof(key), "files/%s", odd[i]);
        put(key, 100, i);
        (void)snprintf(key, sizeof(key), "dirs/%s/%s", odd[i], odd[ODD - 1 - i]);
        put(key, 200, i);
    }
    fixture_mount(NULL);
    if (_i == 0) {
        const char *sorted[ODD];
        struct names names;
        memcpy(sorted, odd, sizeof(odd));
        qsort(sorted, ODD, sizeof(sorted[0]), by_bytes);
        ck_assert_int_eq(names_read(at("files"), &names), 0);
        ck_assert_uint_eq(names.count, ODD);
        for (size_t i = 0; i < ODD; i++)
            ck_assert_str_eq(names.list[i], sorted[i]);
        names_done(&names);
        ck_assert_int_eq(names_read(at("dirs"), &names), 0);
        ck_assert_uint_eq(names.count, ODD);
        names_done(&names);
    }
    for (size_t i = 0; i < ODD; i++) {
        if (_i == 0)
            check_names(at("dirs/%s", odd[i]), odd[ODD - 1 - i]);
        check_content(at("files/%s", odd[i]), 100, i);
        check_content(at("dirs/%s/%s", odd[i], odd[ODD - 1 - i]), 200, i);
    }
    if (_i == 0)
        ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.method = "HEAD")) -
                              requests("HEAD", "files") - requests("HEAD", "dirs"),
                          0);
}
END_TEST

static char *repeated(size_t len, const char *unit)
{
    static char text[2048];
    for (size_t i = 0; i < len; i++)
        text[i] = unit[i % strlen(unit)];
    text[len] = '\0';
    return text;
}

START_TEST(long_names)
{
    static const size_t lens[] = {255, 256, 300, 1000, 1023, 1024};
    put("a", 1, 1);
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
        put(repeated(lens[i], "n"), 10, i);
    fixture_mount(NULL);
    struct names names;
    ck_assert_int_eq(names_read(top(), &names), 0);
    ck_assert_uint_eq(names.count, 1 + sizeof(lens) / sizeof(lens[0]));
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        ck_assert_str_eq(names.list[1 + i], repeated(lens[i], "n"));
        check_content(at("%s", repeated(lens[i], "n")), 10, i);
    }
    names_done(&names);
    ck_assert_int_eq(try_stat(at("%s", repeated(1025, "n"))), -ENAMETOOLONG);
}
END_TEST

/* A key of 1,024 bytes in 512 components. */
START_TEST(a_deep_name)
{
    char *key = repeated(1023, "d/");
    put(key, 10, 1);
    fixture_mount("negative_ttl=0");
    check_content(at("%s", key), 10, 1);
    char output[256];
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "find . | wc -l; find . -type f | wc -c"),
                     0);
    ck_assert_str_eq(output, "513\n1026\n");
    ck_assert_int_eq(try_stat(at("%s/x", repeated(1023, "d/"))), -ENOTDIR);
    peer_s3_put_text(s3, "bkt", "e/x", "");
    ck_assert_int_eq(try_stat(at("e/%s", repeated(1023, "e"))), -ENAMETOOLONG);
}
END_TEST

/* Keys that no path can name are not shown, and hide nothing. */
START_TEST(unreachable_keys)
{
    static const char *const keys[] = {
        "/leading", "a//b", "a/./b",  "a/../b", "a/ok", "..",     "../up",   ".",
        "./here",   "dir/", "dir/in", "empty/", "z//",  "z/y/..", "zz/y//x", "zzz",
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        put(keys[i], keys[i][strlen(keys[i]) - 1] == '/' ? 0 : 4, i);
    fixture_mount(NULL);
    check_names(top(), "a|dir|empty|z|zz|zzz");
    check_names(at("a"), "ok");
    check_names(at("dir"), "in");
    check_names(at("empty"), "");
    check_names(at("z"), "y");
    check_names(at("z/y"), "");
    check_names(at("zz/y"), "");
    check_content(at("a/ok"), 4, 4);
    ck_assert(harness_mount_wait_log(mount, "names that no path can have", LONG_MS));
}
END_TEST

START_TEST(an_empty_directory_by_itself)
{
    put("empty/", 0, 1);
    put("x/empty/", 0, 1);
    fixture_mount(NULL);
    ck_assert_uint_eq(type_of(at("empty")), S_IFDIR);
    check_names(at("empty"), "");
    ck_assert_uint_eq(type_of(at("x/empty")), S_IFDIR);
    ck_assert_int_eq(try_stat(at("empty/none")), -ENOENT);
}
END_TEST

/* ---- what is mounted ---- */

START_TEST(a_prefix)
{
    static const char *const sources[] = {"s3://bkt/some/prefix", "s3://bkt/some/prefix/"};
    put("some/prefix", 1, 1);
    put("some/prefix/f", 10, 2);
    put("some/prefix/d/g", 20, 3);
    put("some/prefix2", 1, 1);
    put("some/prefix2/x", 1, 1);
    put("top", 1, 1);
    fixture_mount_source(sources[_i], NULL);
    check_names(top(), "d|f");
    check_content(at("f"), 10, 2);
    check_content(at("d/g"), 20, 3);
    ck_assert_int_eq(try_stat(at("top")), -ENOENT);
    char uri[128];
    ck_assert_int_gt(try_xattr(at("d/g"), "user.pail.uri", uri, sizeof(uri)), 0);
    ck_assert_str_eq(uri, "s3://bkt/some/prefix/d/g");
}
END_TEST

START_TEST(an_empty_prefix)
{
    put("top", 1, 1);
    fixture_mount_source("s3://bkt/none", "negative_ttl=0");
    ck_assert(harness_mount_wait_log(mount, "no key begins with the prefix none/", LONG_MS));
    check_names(top(), "");
    put("none/f", 10, 1);
    ck_assert_int_eq(try_stat(at("f")), 0);
}
END_TEST

/* In the background too, where the log is elsewhere. */
START_TEST(an_empty_prefix_is_told_who_mounts)
{
    char options[256];
    put("top", 1, 1);
    (void)snprintf(options, sizeof(options), "log_file=%s/empty.log", harness_root());
    fixture_mount_config(&(struct harness_mount_config){.source = "s3://bkt/none",
                                                        .endpoint = peer_url(peer),
                                                        .options = options,
                                                        .daemon = true});
    ck_assert_int_eq(harness_mount_state(mount), 0);
    ck_assert_str_eq(harness_mount_log(mount),
                     "pailfs: warning: no key begins with the prefix none/: the mount is empty "
                     "until one does\n");
    char log[1024];
    ck_assert_int_eq(harness_shell(harness_root(), LONG_MS, log, sizeof(log), "cat empty.log"),
                     0);
    ck_assert_ptr_nonnull(strstr(log, "warn no key begins with the prefix none/"));
}
END_TEST

START_TEST(all_buckets)
{
    peer_s3_bucket(s3, "other");
    peer_s3_bucket(s3, "third.bucket");
    put("f", 10, 1);
    put("d/g", 20, 2);
    peer_s3_put_generated(s3, "other", "f", 30, 3);
    fixture_mount_source("s3://", NULL);
    check_names(top(), "bkt|other|third.bucket");
    check_names(at("bkt"), "d|f");
    check_content(at("bkt/f"), 10, 1);
    check_content(at("bkt/d/g"), 20, 2);
    check_content(at("other/f"), 30, 3);
    check_names(at("third.bucket"), "");
    ck_assert_int_eq(try_stat(at("nosuch")), -ENOENT);
    ck_assert_int_eq(try_stat(at("no such")), -ENOENT);
    ck_assert_int_eq(try_stat(at("bkt/none")), -ENOENT);
    char uri[128];
    ck_assert_int_gt(try_xattr(at("bkt/d/g"), "user.pail.uri", uri, sizeof(uri)), 0);
    ck_assert_str_eq(uri, "s3://bkt/d/g");
}
END_TEST

START_TEST(a_bucket_by_itself_among_all)
{
    put("f", 10, 1);
    fixture_mount_source("s3://", NULL);
    check_content(at("bkt/f"), 10, 1);
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.path = "/")), 0);
}
END_TEST

/* ---- readdir's finer points ---- */

START_TEST(places_in_a_directory)
{
    put_numbered(1500);
    fixture_mount("metadata_ttl=0");
    DIR *dir = opendir(top());
    ck_assert_ptr_nonnull(dir);
    long places[1502];
    char names[1502][16];
    for (int i = 0; i < 1502; i++) {
        places[i] = telldir(dir);
        struct dirent *entry = readdir(dir);
        ck_assert_ptr_nonnull(entry);
        (void)snprintf(names[i], sizeof(names[i]), "%.15s", entry->d_name);
    }
    ck_assert_ptr_null(readdir(dir));
    for (int i = 1501; i >= 2; i -= 37) {
        seekdir(dir, places[i]);
        struct dirent *entry = readdir(dir);
        ck_assert_ptr_nonnull(entry);
        ck_assert_str_eq(entry->d_name, names[i]);
    }
    put("new", 1, 1);
    rewinddir(dir);
    int count = 0;
    while (readdir(dir))
        count++;
    ck_assert_int_eq(count, 1503);
    (void)closedir(dir);
}
END_TEST

/* Through buffers in which few names fit. */
START_TEST(small_buffers)
{
    put_numbered(1200);
    fixture_mount(NULL);
    int fd = open(top(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    union {
        struct dirent64 entry;
        char bytes[80];
    } buffer;
    unsigned count = 0;
    long n;
    while ((n = syscall(SYS_getdents64, fd, &buffer, sizeof(buffer))) > 0)
        for (long offset = 0; offset < n; count++) {
            const struct dirent64 *entry = (const void *)(buffer.bytes + offset);
            offset += entry->d_reclen;
        }
    ck_assert_int_eq(n, 0);
    ck_assert_uint_eq(count, 1202);
    (void)close(fd);
}
END_TEST

/* Attributes by listing and by asking are the same. */
START_TEST(attributes)
{
    struct stat listed, asked;
    peer_s3_put(s3, "bkt",
                &(struct peer_s3_object){.key = "f", .size = 12345, .mtime = 1700000000});
    fixture_mount("uid=1234,gid=2345,umask=027,metadata_ttl=0");
    check_names(top(), "f");
    ck_assert_int_eq(stat(at("f"), &listed), 0);
    ck_assert_uint_eq((uint64_t)listed.st_size, 12345);
    ck_assert_int_eq(listed.st_mtim.tv_sec, 1700000000);
    ck_assert_int_eq(listed.st_mtim.tv_nsec, 0);
    ck_assert_uint_eq(listed.st_mode, S_IFREG | 0440);
    ck_assert_uint_eq(listed.st_uid, 1234);
    ck_assert_uint_eq(listed.st_gid, 2345);
    ck_assert_uint_eq((uint64_t)listed.st_blocks, (12345 + 511) / 512);
    ck_assert_int_eq(stat(at("f"), &asked), 0);
    ck_assert_uint_eq(asked.st_ino, listed.st_ino);
    ck_assert_int_eq(asked.st_mtim.tv_sec, listed.st_mtim.tv_sec);
    ck_assert_int_eq(stat(top(), &asked), 0);
    ck_assert_uint_eq(asked.st_mode, S_IFDIR | 0550);
}
END_TEST

MOUNT_SUITE("mount/listing", 60, tcase_add_loop_test(tc, several_pages, 0, 8);
            tcase_add_loop_test(tc, small_pages, 1, 4); tcase_add_test(tc, a_long_directory);
            tcase_add_test(tc, a_page_is_answered_as_it_comes);
            tcase_add_test(tc, a_later_page_that_fails);
            tcase_add_loop_test(tc, listings_that_lie, 0, (int)LIES);
            tcase_add_loop_test(tc, a_file_and_a_directory_of_one_name, 1, 10);
            tcase_add_loop_test(tc, a_directory_far_behind_its_file, 0, 2);
            tcase_add_test(tc, a_directory_wins_without_a_listing);
            tcase_add_loop_test(tc, odd_names, 0, 2); tcase_add_test(tc, long_names);
            tcase_add_test(tc, a_deep_name); tcase_add_test(tc, unreachable_keys);
            tcase_add_test(tc, an_empty_directory_by_itself);
            tcase_add_loop_test(tc, a_prefix, 0, 2); tcase_add_test(tc, an_empty_prefix);
            tcase_add_test(tc, an_empty_prefix_is_told_who_mounts);
            tcase_add_test(tc, all_buckets); tcase_add_test(tc, a_bucket_by_itself_among_all);
            tcase_add_test(tc, places_in_a_directory); tcase_add_test(tc, small_buffers);
            tcase_add_test(tc, attributes));
