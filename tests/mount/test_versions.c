/* One open file shows one version; a name shows what it means now, within its time. */
#include "mount/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIB   UINT64_C(1024)
#define MIB   (1024 * KIB)
#define BLOCK (64 * KIB)

/* What becomes of an object of one size. Its mtime stays; its ETag never does. */
static const struct {
    uint64_t before, after;
} changes[] = {
    {100 * KIB, 100 * KIB}, {100 * KIB, 3},       {100 * KIB, 300 * KIB}, {100 * KIB, 0},
    {20 * MIB, 20 * MIB},   {20 * MIB, 90 * KIB}, {20 * MIB, 30 * MIB},   {3, 20 * MIB},
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

enum { OLD = 11, NEW = 22 };

static int open_file(const char *name)
{
    int fd = open(at("%s", name), O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s: %s", name, strerrorname_np(errno));
    return fd;
}

/* Every block of a handle: whole and of that version, or ESTALE. Returns how many were read. */
static size_t check_one_version(int fd, uint64_t seed, uint64_t size)
{
    static char buffer[BLOCK];
    size_t good = 0;
    struct stat attributes;
    ck_assert_int_eq(fstat(fd, &attributes), 0);
    ck_assert_uint_eq((uint64_t)attributes.st_size, size);
    for (uint64_t offset = 0; offset < size; offset += BLOCK) {
        size_t len = size - offset < BLOCK ? (size_t)(size - offset) : BLOCK;
        ssize_t n = pread(fd, buffer, BLOCK, (off_t)offset);
        if (n < 0) {
            ck_assert_int_eq(errno, ESTALE);
            continue;
        }
        /* The page cache may have the front of a block, and the rest be gone. */
        ck_assert_uint_gt((uint64_t)n, 0);
        ck_assert_uint_le((uint64_t)n, len);
        ck_assert(peer_check(seed, offset, buffer, (size_t)n, NULL));
        if ((size_t)n < len)
            ck_assert(pread(fd, buffer, 1, (off_t)(offset + (uint64_t)n)) < 0 &&
                      errno == ESTALE);
        good++;
    }
    ck_assert_int_eq(pread(fd, buffer, 1, (off_t)size), 0);
    return good;
}

/* `_i`: the change; how much was read of the old version before. */
static void replaced(const char *options, int change, bool read_all)
{
    uint64_t before = changes[change].before, after = changes[change].after;
    put("f", before, OLD);
    fixture_mount(options);
    int old = open_file("f");
    check_bytes(old, OLD, 0, read_all ? (size_t)before : 3);
    put("f", after, NEW);
    check_content(at("f"), after, NEW);
    size_t good = check_one_version(old, OLD, before);
    ck_assert_uint_ge(good, 1);
    if (read_all && before <= 100 * KIB)
        ck_assert_uint_eq(good, (before + BLOCK - 1) / BLOCK);
    int fresh = open_file("f");
    (void)check_one_version(old, OLD, before);
    ck_assert_uint_eq(check_one_version(fresh, NEW, after), (after + BLOCK - 1) / BLOCK);
    struct stat attributes[2];
    ck_assert_int_eq(fstat(old, &attributes[0]), 0);
    ck_assert_int_eq(fstat(fresh, &attributes[1]), 0);
    ck_assert_uint_ne(attributes[0].st_ino, attributes[1].st_ino);
    (void)close(old);
    check_content(at("f"), after, NEW);
    (void)close(fresh);
}

START_TEST(replaced_while_open)
{
    replaced("metadata_ttl=0", _i, false);
}
END_TEST

START_TEST(replaced_after_it_was_read)
{
    replaced("metadata_ttl=0", _i, true);
}
END_TEST

/* Within the TTL: an open that has to fetch notices, and the program does not. */
START_TEST(replaced_between_listing_and_open)
{
    uint64_t read_bytes;
    put("f", changes[_i].before, OLD);
    fixture_mount("metadata_ttl=60");
    check_names(top(), "f");
    ck_assert_int_eq(try_stat(at("f")), 0);
    put("f", changes[_i].after, NEW);
    ck_assert_int_eq(try_read(at("f"), NEW, &read_bytes), 0);
    ck_assert_uint_eq(read_bytes, changes[_i].after);
    check_content(at("f"), changes[_i].after, NEW);
}
END_TEST

/* A part of a long file, fetched after the object changed, is of the old version or is none. */
START_TEST(replaced_while_it_is_read)
{
    static char buffer[BLOCK];
    put("f", 40 * MIB, OLD);
    fixture_mount("metadata_ttl=60");
    int fd = open_file("f");
    uint64_t done = 0;
    int r = 0;
    for (;;) {
        ssize_t n = read(fd, buffer, BLOCK);
        if (n <= 0) {
            r = n < 0 ? errno : 0;
            break;
        }
        ck_assert(peer_check(OLD, done, buffer, (size_t)n, NULL));
        done += (uint64_t)n;
        if (done == 1 * MIB)
            put("f", 40 * MIB, NEW);
    }
    ck_assert_int_eq(r, ESTALE);
    ck_assert_uint_lt(done, 40 * MIB);
    check_content(at("f"), 40 * MIB, NEW);
    (void)close(fd);
}
END_TEST

/* ---- deleted ---- */

START_TEST(deleted)
{
    static char buffer[BLOCK];
    put("f", 20 * MIB, OLD);
    put("g", 10, OLD);
    fixture_mount(_i ? "metadata_ttl=60" : "metadata_ttl=0");
    check_names(top(), "f|g");
    ck_assert_int_eq(try_stat(at("g")), 0);
    int fd = open_file("f");
    check_bytes(fd, OLD, 0, 4096);
    ck_assert(peer_s3_delete(s3, "bkt", "f"));
    ck_assert(peer_s3_delete(s3, "bkt", "g"));
    ck_assert_int_eq(try_open(at("g")), -ENOENT);
    if (_i == 0)
        ck_assert_int_eq(try_stat(at("g")), -ENOENT);
    ck_assert_int_eq(pread(fd, buffer, BLOCK, 15 * MIB), -1);
    ck_assert(errno == ESTALE || errno == ENOENT);
    (void)close(fd);
    ck_assert_int_eq(try_open(at("f")), -ENOENT);
    if (_i == 0)
        check_names(top(), "");
}
END_TEST

/* ---- names ---- */

static mode_t type_of(const char *path)
{
    struct stat attributes;
    ck_assert_msg(stat(path, &attributes) == 0, "%s: %s", path, strerrorname_np(errno));
    return attributes.st_mode & S_IFMT;
}

START_TEST(files_become_directories)
{
    put("x", 10, OLD);
    fixture_mount("metadata_ttl=0,negative_ttl=0");
    int fd = open_file("x");
    check_names(top(), "x");
    ck_assert_uint_eq(type_of(at("x")), S_IFREG);
    ck_assert(peer_s3_delete(s3, "bkt", "x"));
    put("x/y", 5, NEW);
    ck_assert_uint_eq(type_of(at("x")), S_IFDIR);
    check_names(at("x"), "y");
    check_content(at("x/y"), 5, NEW);
    check_bytes(fd, OLD, 0, 10);
    (void)close(fd);
    ck_assert(peer_s3_delete(s3, "bkt", "x/y"));
    put("x", 7, NEW);
    ck_assert_uint_eq(type_of(at("x")), S_IFREG);
    check_content(at("x"), 7, NEW);
    check_names(top(), "x");
    /* Both: the directory wins. */
    put("x/z", 5, NEW);
    ck_assert_uint_eq(type_of(at("x")), S_IFDIR);
    check_names(top(), "x");
    ck_assert(peer_s3_delete(s3, "bkt", "x/z"));
    ck_assert_uint_eq(type_of(at("x")), S_IFREG);
}
END_TEST

START_TEST(names_appear_and_go_at_once)
{
    put("a", 1, 1);
    put("d/a", 1, 1);
    fixture_mount("metadata_ttl=0,negative_ttl=0");
    check_names(top(), "a|d");
    ck_assert_int_eq(try_stat(at("b")), -ENOENT);
    put("b", 2, 2);
    check_content(at("b"), 2, 2);
    check_names(top(), "a|b|d");
    put("d/e/f", 3, 3);
    check_content(at("d/e/f"), 3, 3);
    check_names(at("d"), "a|e");
    ck_assert(peer_s3_delete(s3, "bkt", "a"));
    ck_assert_int_eq(try_stat(at("a")), -ENOENT);
    check_names(top(), "b|d");
    ck_assert(peer_s3_delete(s3, "bkt", "d/a"));
    ck_assert(peer_s3_delete(s3, "bkt", "d/e/f"));
    check_names(top(), "b");
    ck_assert_int_eq(try_stat(at("d")), -ENOENT);
}
END_TEST

START_TEST(absence_is_remembered)
{
    fixture_mount("negative_ttl=60,metadata_ttl=0");
    ck_assert_int_eq(try_stat(at("f")), -ENOENT);
    ck_assert_uint_eq(requests("HEAD", "f"), 1);
    put("f", 1, 1);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(try_stat(at("f")), -ENOENT);
    ck_assert_uint_eq(requests("HEAD", "f"), 1);
    ck_assert_uint_eq(probes("f/"), 1);
    /* A listing knows better. */
    check_names(top(), "f");
}
END_TEST

/* Ask again and again until it is so; how many milliseconds that took. */
static int64_t until(int (*ask)(void), int wanted)
{
    int64_t start = harness_now_ms();
    while (ask() != wanted)
        ck_assert_int_lt(harness_now_ms() - start, LONG_MS);
    return harness_now_ms() - start;
}

static int ask_stat(void)
{
    return try_stat(at("f"));
}

static int ask_count(void)
{
    size_t count;
    ck_assert_int_eq(try_list(top(), &count), 0);
    return (int)count;
}

START_TEST(absence_is_forgotten)
{
    fixture_mount("negative_ttl=0.5,metadata_ttl=60");
    ck_assert_int_eq(try_stat(at("f")), -ENOENT);
    put("f", 1, 1);
    int64_t took = until(ask_stat, 0);
    ck_assert_int_ge(took, 200);
    ck_assert_int_le(took, 5000);
    ck_assert_uint_le(requests("HEAD", "f"), 3);
}
END_TEST

START_TEST(a_listing_is_believed_for_its_time)
{
    put("a", 1, 1);
    fixture_mount("metadata_ttl=1,negative_ttl=0");
    ck_assert_int_eq(ask_count(), 1);
    put("f", 1, 1);
    int64_t took = until(ask_count, 2);
    ck_assert_int_ge(took, 500);
    ck_assert_int_le(took, 5000);
    ck_assert_uint_le(listings(NULL), 3);
    ck_assert(peer_s3_delete(s3, "bkt", "f"));
    ck_assert_int_le(until(ask_stat, -ENOENT), 5000);
    ck_assert_int_le(until(ask_count, 1), 5000);
}
END_TEST

START_TEST(what_never_changes_is_asked_once)
{
    char output[64];
    put("a", 1, 1);
    put("d/b", 1, 1);
    fixture_mount("metadata_ttl=indefinite");
    size_t asked = 0;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                       "ls -lR >/dev/null; cat a d/b | wc -c"),
                         0);
        ck_assert_str_eq(output, "2\n");
        asked = i == 0 ? listings(NULL) : asked;
    }
    ck_assert_uint_le(asked, 3); /* two, or one more when the walk's page is late */
    ck_assert_uint_eq(listings(NULL), asked);
    ck_assert_uint_eq(requests("GET", "a"), 1);
    ck_assert_uint_eq(requests("GET", "d/b"), 1);
    ck_assert_int_eq(try_stat(at("none")), -ENOENT);
    ck_assert_uint_eq(requests("HEAD", "none"), 0);
}
END_TEST

/* Names come and go while a directory is read: those that stay are there once. */
START_TEST(a_directory_that_changes_while_it_is_read)
{
    char key[32];
    for (unsigned i = 0; i < 2500; i++) {
        (void)snprintf(key, sizeof(key), "k%04u", i);
        put(key, i, i);
    }
    fixture_mount("metadata_ttl=0");
    unsigned seen[2500] = {0};
    DIR *dir = opendir(top());
    ck_assert_ptr_nonnull(dir);
    struct dirent *entry;
    for (unsigned count = 0; (entry = readdir(dir)); count++) {
        unsigned number;
        if (sscanf(entry->d_name, "k%u", &number) == 1 && number < 2500)
            seen[number]++;
        if (count % 100 != 50)
            continue;
        (void)snprintf(key, sizeof(key), "k%04u-new", count * 7 % 2500);
        put(key, 1, 1);
        (void)snprintf(key, sizeof(key), "k%04u", count / 100 * 100 + 77);
        (void)peer_s3_delete(s3, "bkt", key);
        (void)try_stat(at("k%04u", count * 3 % 2500));
        size_t others;
        if (count % 500 == 50)
            ck_assert_int_eq(try_list(top(), &others), 0);
    }
    (void)closedir(dir);
    for (unsigned i = 0; i < 2500; i++) {
        if (i % 100 != 77)
            ck_assert_msg(seen[i] == 1, "k%04u was there %u times", i, seen[i]);
        else
            ck_assert_uint_le(seen[i], 1);
    }
}
END_TEST

MOUNT_SUITE("mount/versions", 60, tcase_add_loop_test(tc, replaced_while_open, 0, (int)CHANGES);
            tcase_add_loop_test(tc, replaced_after_it_was_read, 0, (int)CHANGES);
            tcase_add_loop_test(tc, replaced_between_listing_and_open, 0, (int)CHANGES);
            tcase_add_test(tc, replaced_while_it_is_read);
            tcase_add_loop_test(tc, deleted, 0, 2);
            tcase_add_test(tc, files_become_directories);
            tcase_add_test(tc, names_appear_and_go_at_once);
            tcase_add_test(tc, absence_is_remembered); tcase_add_test(tc, absence_is_forgotten);
            tcase_add_test(tc, a_listing_is_believed_for_its_time);
            tcase_add_test(tc, what_never_changes_is_asked_once);
            tcase_add_test(tc, a_directory_that_changes_while_it_is_read));
