/* What walking costs: requests of each kind, for each of the programs that people walk with.
 * Nothing here is measured in seconds. */
#include "mount/fixture.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define DIRECTORIES 20
#define FILES       60 /* in each */
#define ALL         (DIRECTORIES * FILES)
#define SIZE        3000
#define PAGES       (ALL / 1000 + 1)

/* The number that the shell command prints, run in the mount's directory; it must succeed. */
static unsigned long long found_by(const char *command)
{
    char text[64], line[4096 + 256];
    (void)snprintf(line, sizeof line, "cd '%s' && %s", top(), command);
    FILE *out = popen(line, "r"); /* NOLINT(cert-env33-c): the test's own words */
    ck_assert_ptr_nonnull(out);
    size_t len = fread(text, 1, sizeof text - 1, out);
    text[len] = '\0';
    ck_assert_msg(pclose(out) == 0, "%s", command);
    return strtoull(text, NULL, 10);
}

static void put_tree(void)
{
    char key[64];
    for (unsigned i = 0; i < ALL; i++) {
        (void)snprintf(key, sizeof key, "d%02u/f%03u.log", i / FILES, i % FILES);
        put(key, SIZE, i);
    }
}

/* Each counts what it should find. Of those that read: each file by one GET. */
static const struct {
    const char *command;
    unsigned found;
    bool reads;
} walks[] = {
    {"find . -type f | wc -l", ALL, false},
    {"ls -lR . | grep -c ^-", ALL, false},
    {"du -a . | wc -l", ALL + DIRECTORIES + 1, false},
    {"find . -type f -size +2 -newermt 1990-01-01 | wc -l", ALL, false},
    {"grep -rc pailfs . | wc -l", ALL, true},
    {"cat */* | wc -c", ALL *SIZE, true},
    {"tar c . | tar t | grep -c log", ALL, true},
    {"md5sum */* | wc -l", ALL, true},
    {"sh -c 'c=$(mktemp -d) && cp -r . $c && find $c -type f -size 3000c | wc -l; rm -rf $c'",
     ALL, true},
    {"find . -type f | xargs -P 4 -n 50 cat | wc -c", ALL *SIZE, true},
};

START_TEST(costs)
{
    put_tree();
    fixture_mount("metadata_ttl=60");
    ck_assert_uint_eq(found_by(walks[_i].command), walks[_i].found);
    size_t wanted = walks[_i].reads ? ALL : 0;
    size_t lists = listings(NULL), heads = peer_count(peer, PEER_MATCH(.method = "HEAD"));
    size_t others = peer_count(peer, NULL) - lists - heads;
    /* The directories by the way until it is known that it is a walk, then a page for each
     * thousand keys, and what several ranges have in common. */
    ck_assert_msg(heads == 0 && lists <= 3 + 2 * PAGES + 4 && others == wanted,
                  "%s: %zu HEAD, %zu LIST, %zu others", walks[_i].command, heads, lists,
                  others);
}
END_TEST

/* As rg goes: it takes directories, and the files in them, from the last to the first. */
START_TEST(from_the_last)
{
    put_tree();
    fixture_mount("metadata_ttl=60");
    const char *command =
        "for d in $(ls -r); do cat $(ls -r $d | sed \"s,^,$d/,\"); done | wc -c";
    ck_assert_uint_eq(found_by(command), ALL * SIZE);
    size_t lists = listings(NULL), all = peer_count(peer, NULL);
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.method = "HEAD")), 0);
    ck_assert_uint_eq(all - lists, ALL);
    ck_assert_uint_le(lists, DIRECTORIES + 1 + PAGES);
}
END_TEST

/* A number of user.pail.stats. */
static unsigned long long stat_of(const char *name)
{
    char stats[8192], start[64];
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", stats, sizeof(stats)), 0);
    (void)snprintf(start, sizeof start, "\n%s ", name);
    const char *line = strstr(stats, start);
    ck_assert_ptr_nonnull(line);
    return strtoull(line + strlen(start), NULL, 10);
}

/* What the kernel has asked to read, so far. */
static unsigned long long reads(void)
{
    return stat_of("reads");
}

/* The same once more, while what was listed is fresh and what was read is the kernel's, which
 * may have let some of it go. */
START_TEST(again)
{
    put_tree();
    fixture_mount("metadata_ttl=60");
    ck_assert_uint_eq(found_by(walks[_i].command), walks[_i].found);
    peer_clear(peer);
    unsigned long long before = reads();
    ck_assert_uint_eq(found_by(walks[_i].command), walks[_i].found);
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.param = "list-type")), 0);
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.method = "HEAD")), 0);
    ck_assert_uint_le(peer_count(peer, NULL), reads() - before);
}
END_TEST

/* A walk that is left soon has listed and read little for nothing. */
START_TEST(left)
{
    put_tree();
    fixture_mount("metadata_ttl=60");
    (void)found_by("find . -type f | head -5");
    ck_assert_uint_le(peer_count(peer, NULL), 6);
    (void)found_by("cat d00/f000.log d00/f001.log | wc -c");
    ck_assert_uint_le(
        peer_count(peer, PEER_MATCH(.method = "GET", .without_param = "list-type")), 2 + 8);
}
END_TEST

/* Longer files are fetched ahead as well, whole or a GET's bytes at a time, once two of them
 * have been read in order. */
START_TEST(long_files)
{
    enum { LONG_FILES = 24, LONG_SIZE = 2 * 1024 * 1024 };
    char key[64];
    for (unsigned i = 0; i < LONG_FILES; i++) {
        (void)snprintf(key, sizeof key, "long/f%02u", i);
        put(key, LONG_SIZE, i);
    }
    fixture_mount("metadata_ttl=60");
    ck_assert_uint_eq(found_by("cat long/* | wc -c"), LONG_FILES * LONG_SIZE);
    /* The first two in pieces as the window grows. */
    ck_assert_uint_le(
        peer_count(peer, PEER_MATCH(.method = "GET", .without_param = "list-type")),
        LONG_FILES + 6);
    ck_assert_uint_ge(stat_of("fetched_ahead_hits"), LONG_FILES - 3);
    ck_assert_uint_eq(stat_of("fetched_bytes"), LONG_FILES * LONG_SIZE);
    /* They are read: storing so much with an open would keep others waiting. */
    ck_assert_uint_eq(stat_of("stored_bytes"), 0);
}
END_TEST

/* What was fetched ahead goes to the kernel with the answer to the open, each byte once. */
START_TEST(handed_over_with_the_open)
{
    put_tree();
    fixture_mount("metadata_ttl=60");
    ck_assert_uint_eq(found_by("cat */* | wc -c"), ALL * SIZE);
    ck_assert_uint_gt(stat_of("stored_bytes"), 0);
    /* The kernel may have let some of it go before it was read. */
    ck_assert_uint_ge(stat_of("stored_bytes") + stat_of("read_bytes"), ALL * SIZE);
    ck_assert_uint_le(stat_of("reads"), ALL);
}
END_TEST

/* Not while others have the file open, whose READs may hold the pages: several programs read
 * the same files, and the kernel lets go of pages all the time. */
START_TEST(handed_over_to_several)
{
    put_tree();
    fixture_mount("metadata_ttl=60,memory_limit=8M");
    const char *command =
        "{ (while :; do echo 1 >/proc/sys/vm/drop_caches; sleep 0.02; done) & "
        "d=$!; (for i in 1 2 3; do cat */* | md5sum & done; wait) "
        "| sort -u | wc -l; kill $d; }";
    ck_assert_uint_eq(found_by(command), 1);
}
END_TEST

/* Who opens a directory will read it: names that are looked for first (.gitignore) are known to
 * be absent from its first page. */
START_TEST(names_of_an_open_directory)
{
    static const char *const names[] = {".git", ".rgignore", ".ignore", ".gitignore"};
    put_tree();
    fixture_mount("metadata_ttl=60");
    DIR *dir = opendir(top());
    ck_assert_ptr_nonnull(dir);
    while (stat_of("requests_under_way") > 0)
        continue;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_int_eq(try_stat(at("%s", names[i])), -ENOENT);
    unsigned count = 0;
    while (readdir(dir))
        count++;
    ck_assert_uint_eq(count, 2 + DIRECTORIES);
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
    closedir(dir);
}
END_TEST

/* No names are shown that are older than metadata_ttl says, however long the directory has been
 * open; and what is opened and not read costs its first page. */
START_TEST(open_for_long)
{
    put_tree();
    fixture_mount("metadata_ttl=0.1");
    DIR *dir = opendir(top());
    ck_assert_ptr_nonnull(dir);
    while (stat_of("requests_under_way") > 0)
        continue;
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
    put("e/f", SIZE, 1);
    (void)usleep(150000); /* pailfs's clock cannot be set */
    unsigned count = 0;
    while (readdir(dir))
        count++;
    ck_assert_uint_eq(count, 2 + DIRECTORIES + 1);
    closedir(dir);
}
END_TEST

/* Listings of all that is below a prefix. */
static size_t flat_listings(void)
{
    return listings(NULL) - peer_count(peer, PEER_MATCH(.method = "GET", .param = "delimiter",
                                                        .without_param = "max-keys"));
}

/* What a reader does with the directory of which it then reads one below. */
enum before { OPENS_IT, READS_SOME, READS_IT };

static DIR *open_and_read(const char *path, bool to_the_end)
{
    DIR *dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    while (readdir(dir) && to_the_end)
        continue;
    return dir;
}

/* Who goes on to a directory below one that it has read to the end walks, as fts(3), which
 * keeps it open; not who has only opened it, or read some of it. It must come at once, which a
 * busy machine may prevent: there are several to try. */
START_TEST(begins_at_the_end_of_a_directory)
{
    char key[64];
    for (unsigned i = 0; i < DIRECTORIES * 6; i++) {
        (void)snprintf(key, sizeof key, "w%02u/d%u/f%u", i / 6, i / 2 % 3, i % 2);
        put(key, SIZE, i);
    }
    fixture_mount("metadata_ttl=60");
    enum before before = (enum before)_i;
    for (unsigned i = 0; i < DIRECTORIES && flat_listings() == 0; i++) {
        const char *path = at("w%02u", i);
        DIR *dir = before == OPENS_IT ? opendir(path) : open_and_read(path, before == READS_IT);
        ck_assert_ptr_nonnull(dir);
        if (before == OPENS_IT)
            ck_assert_int_eq(closedir(dir), 0);
        ck_assert_int_eq(closedir(open_and_read(at("w%02u/d0", i), true)), 0);
        if (before != OPENS_IT)
            ck_assert_int_eq(closedir(dir), 0);
        while (stat_of("requests_under_way") > 0)
            continue;
    }
    if (before == READS_IT)
        ck_assert_uint_gt(flat_listings(), 0);
    else
        ck_assert_uint_eq(flat_listings(), 0);
}
END_TEST

MOUNT_SUITE("mount/walks", 60, tcase_add_loop_test(tc, costs, 0, sizeof walks / sizeof *walks);
            tcase_add_loop_test(tc, again, 0, sizeof walks / sizeof *walks);
            tcase_add_test(tc, from_the_last); tcase_add_test(tc, names_of_an_open_directory);
            tcase_add_test(tc, long_files); tcase_add_test(tc, handed_over_with_the_open);
            tcase_add_test(tc, handed_over_to_several); tcase_add_test(tc, open_for_long);
            tcase_add_test(tc, left);
            tcase_add_loop_test(tc, begins_at_the_end_of_a_directory, OPENS_IT, READS_IT + 1));
