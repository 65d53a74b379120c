/* What reading costs: requests, bytes, copies and blocks of memory, for each way of reading.
 * Nothing here is measured in seconds. */
#include "mount/fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define KIB   UINT64_C(1024)
#define MIB   (1024 * KIB)
#define BIG   (64 * MIB)
#define LOGS  200
#define BLOCK (64 * KIB)

static uint64_t counter(const char *name)
{
    char stats[8192], line[64];
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", stats + 1, sizeof(stats) - 1), 0);
    stats[0] = '\n';
    (void)snprintf(line, sizeof(line), "\n%s ", name);
    const char *at = strstr(stats, line);
    ck_assert_msg(at != NULL, "no %s in %s", name, stats);
    return strtoull(at + strlen(line), NULL, 10);
}

static int open_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s: %s", path, strerrorname_np(errno));
    return fd;
}

/* The bytes of contents that the bucket sent: of all, less what lookups and listings took. */
static void check_sent(uint64_t before, uint64_t bytes)
{
    uint64_t sent = peer_body_sent(peer) - before;
    ck_assert_uint_ge(sent, bytes);
    ck_assert_uint_le(sent, bytes + 16 * KIB);
}

/* Reads it to its end, as dd bs=1M does. */
static void read_all(const char *path, uint64_t size)
{
    char *buffer = malloc(MIB);
    int fd = open_file(path);
    uint64_t sum = 0;
    ssize_t n;
    while ((n = read(fd, buffer, MIB)) > 0)
        sum += (uint64_t)n;
    ck_assert_int_eq(n, 0);
    ck_assert_uint_eq(sum, size);
    (void)close(fd);
    free(buffer);
}

/* ---- one large file ---- */

/* Each byte is asked for once, in parts; it is not copied between our own buffers; from the
 * second file on no block of memory is made for a read. `_i`: with the kernel's own read-ahead,
 * or the larger one that root gets. */
START_TEST(from_end_to_end)
{
    put("big", BIG, 1);
    put("other", BIG, 2);
    fixture_mount(_i ? NULL : "readahead_kb=0");
    read_all(at("big"), BIG);
    check_sent(0, BIG);
    ck_assert_uint_le(requests("GET", "big"), 6 + BIG / (8 * MIB));
    ck_assert_uint_eq(counter("read_bytes"), BIG);
    ck_assert_uint_eq(counter("fetched_bytes"), BIG);
    ck_assert_uint_eq(counter("read_bytes_gathered"), 0);
    uint64_t reads = counter("reads"), blocks = counter("read_blocks");
    ck_assert_uint_le(reads, BIG / (_i ? MIB : 128 * KIB) * 5 / 4);
    ck_assert_uint_le(blocks, 32);
    read_all(at("other"), BIG);
    ck_assert_uint_eq(counter("read_blocks"), blocks);
    ck_assert_uint_eq(counter("page_bytes"), 0);
}
END_TEST

/* What was read is the kernel's, which may have let some of it go. */
START_TEST(a_second_time)
{
    put("big", BIG, 1);
    fixture_mount("metadata_ttl=60");
    read_all(at("big"), BIG);
    peer_clear(peer);
    uint64_t reads = counter("reads");
    read_all(at("big"), BIG);
    ck_assert_uint_le(peer_count(peer, NULL), counter("reads") - reads);
}
END_TEST

/* No byte that was not asked for, but of the first response, which comes with the open. */
START_TEST(here_and_there)
{
    enum { READS = 60 };
    put("big", BIG, 1);
    fixture_mount(NULL);
    int fd = open_file(at("big"));
    for (uint64_t i = 1; i <= READS; i++) {
        /* Steps of a MiB and more, back and forth. */
        uint64_t offset = (i * 37 % 61 + 1) * MIB + i * 4096;
        check_bytes(fd, 1, offset, BLOCK);
    }
    (void)close(fd);
    ck_assert_uint_eq(requests("GET", "big"), 1 + READS);
    check_sent(0, MIB + READS * BLOCK);
}
END_TEST

/* ---- many small files ---- */

static char name[32];

static const char *name_of(unsigned i)
{
    (void)snprintf(name, sizeof(name), "logs/f%03u", i);
    return name;
}

/* One GET each, whatever was fetched ahead, in listing order and against it. */
START_TEST(one_after_the_other)
{
    for (unsigned i = 0; i < LOGS; i++)
        put(name_of(i), 36 * KIB, i);
    fixture_mount("metadata_ttl=60");
    size_t count;
    ck_assert_int_eq(try_list(at("logs"), &count), 0);
    ck_assert_uint_eq(count, LOGS);
    peer_clear(peer);
    uint64_t before = peer_body_sent(peer);
    for (unsigned i = 0; i < LOGS; i++) {
        unsigned number = _i ? LOGS - 1 - i : i;
        check_content(at("%s", name_of(number)), 36 * KIB, number);
    }
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.method = "GET")), LOGS);
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.method = "HEAD")), 0);
    check_sent(before, LOGS * 36 * KIB);
    ck_assert_uint_ge(counter("fetched_ahead_hits"), LOGS - 5);
}
END_TEST

/* ---- many at once ---- */

struct reader {
    char path[512];
};

static int read_as(void *arg, void *result)
{
    const struct reader *reader = arg;
    (void)result;
    read_all(reader->path, 8 * MIB);
    return 1; /* a failed assertion exits, which is no 1 */
}

/* However many read, what lies between the wire and the kernel stays within the limit. */
START_TEST(within_the_limit)
{
    enum { READERS = 64 };
    static struct reader readers[READERS];
    struct harness_job *jobs[READERS];
    fixture_mount("memory_limit=32M");
    for (unsigned i = 0; i < READERS; i++) {
        (void)snprintf(name, sizeof(name), "r%02u", i);
        put(name, 8 * MIB, i);
        (void)snprintf(readers[i].path, sizeof(readers[i].path), "%s", at("%s", name));
    }
    for (unsigned i = 0; i < READERS; i++)
        jobs[i] = harness_job_start(read_as, &readers[i], 1);
    for (unsigned i = 0; i < READERS; i++)
        ck_assert_int_eq(harness_job_join(jobs[i], NULL, 60000), 1);
    ck_assert_uint_le(counter("page_bytes_peak"), 40 * MIB);
    ck_assert_uint_le(counter("page_bytes") + counter("page_bytes_idle"), 40 * MIB);
}
END_TEST

static int read_slow(void *arg, void *result)
{
    const struct reader *reader = arg;
    uint64_t count;
    (void)result;
    return try_read(reader->path, 1, &count);
}

/* Readers of as many files of slow/, none of which gets an answer until slow_end. */
static struct slow {
    struct reader readers[40];
    struct harness_job *jobs[40];
    unsigned count;
    int rule;
} slow;

static void slow_put(unsigned count)
{
    slow.count = count;
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(name, sizeof(name), "slow/f%02u", i);
        put(name, 2 * MIB, 1);
    }
}

static void slow_start(void)
{
    static const struct peer_response stall = {
        .over = true, .fault = {.end = PEER_END_STALL, .in_head = true}};
    slow.rule = peer_on(peer, "GET /bkt/slow/*", &stall);
    for (unsigned i = 0; i < slow.count; i++) {
        struct reader *r = &slow.readers[i];
        (void)snprintf(r->path, sizeof(r->path), "%s", at("slow/f%02u", i));
        slow.jobs[i] = harness_job_start(read_slow, r, 1);
    }
}

static void slow_end(void)
{
    peer_rule_remove(peer, slow.rule);
    peer_release(peer);
    for (unsigned i = 0; i < slow.count; i++)
        ck_assert_int_eq(harness_job_join(slow.jobs[i], NULL, LONG_MS), 0);
}

/* More GETs than there are connections or memory for get no answer: another file is read all
 * the same, and they are when the server answers at last. */
START_TEST(beside_more_than_there_is_room_for)
{
    size_t count;
    slow_put(40);
    put("quick/f", 3 * MIB, 2);
    fixture_mount(_i ? "metadata_ttl=60,max_connections=20"
                     : "metadata_ttl=60,memory_limit=12M");
    ck_assert_int_eq(try_list(at("slow"), &count), 0);
    ck_assert_int_eq(try_list(at("quick"), &count), 0);
    slow_start();
    ck_assert(peer_wait_requests(peer, PEER_MATCH(.path_prefix = "/bkt/slow/"), 20, LONG_MS));
    check_content(at("quick/f"), 3 * MIB, 2);
    ck_assert_uint_ge(peer_stalled(peer), 15);
    slow_end();
}
END_TEST

/* Memory is short, and what is at hand of a file was not touched for a second: files that may
 * be opened next are not fetched into the place of what a read is being answered with. */
START_TEST(not_in_the_place_of_what_is_read)
{
    enum { READERS = 9, SIZE = 1280 * KIB, STEP = 128 * KIB };
    size_t count;
    slow_put(READERS);
    put("files/f0", 1, 2);
    put("files/f1", SIZE, 3);
    put("files/f2", 2 * MIB, 4);
    fixture_mount("metadata_ttl=60,memory_limit=8M,part_size=512K");
    ck_assert_int_eq(try_list(at("slow"), &count), 0);
    ck_assert_int_eq(try_list(at("files"), &count), 0);
    check_content(at("files/f0"), 1, 2);
    int fd = open(at("files/f1"), O_RDONLY | O_CLOEXEC | O_DIRECT);
    ck_assert_int_ge(fd, 0);
    /* All of it is on its way now, but nothing behind it yet. */
    check_bytes(fd, 3, 0, STEP);
    check_bytes(fd, 3, STEP, STEP);
    ck_assert(peer_wait_ended(peer, PEER_MATCH(.pattern = "GET /bkt/files/f1"), 3, LONG_MS));
    ck_assert_uint_eq(requests("GET", "files/f2"), 0);
    slow_start();
    ck_assert(peer_wait_stalled(peer, 2 * (size_t)READERS, LONG_MS));
    (void)usleep(1100 * 1000); /* pailfs's clock cannot be set */
    /* A reader that is in a hurry. */
    int again = open(at("files/f1"), O_RDONLY | O_CLOEXEC | O_DIRECT);
    ck_assert_int_ge(again, 0);
    check_bytes(fd, 3, 2 * (uint64_t)STEP, STEP);
    check_bytes(fd, 3, 3 * (uint64_t)STEP, SIZE - 3 * STEP);
    (void)close(fd);
    (void)close(again);
    slow_end();
}
END_TEST

MOUNT_SUITE("mount/reads", 120, {
    tcase_add_loop_test(tc, from_end_to_end, 0, 2);
    tcase_add_test(tc, a_second_time);
    tcase_add_test(tc, here_and_there);
    tcase_add_loop_test(tc, one_after_the_other, 0, 2);
    tcase_add_test(tc, within_the_limit);
    tcase_add_loop_test(tc, beside_more_than_there_is_room_for, 0, 2);
    tcase_add_test(tc, not_in_the_place_of_what_is_read);
});
