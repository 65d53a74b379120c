/* Every byte right, however it is read, and no request too many. */
#include "mount/fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static const uint64_t sizes[] = {
    0,       1,   4095,    4096,        4097,    128 * KIB - 1, 128 * KIB, 128 * KIB + 1,
    MIB - 1, MIB, MIB + 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1,   40 * MIB,
};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static const char *key_of(size_t i)
{
    static char key[32];
    (void)snprintf(key, sizeof(key), "f%02zu", i);
    return key;
}

static void put_all(void)
{
    for (size_t i = 0; i < SIZES; i++)
        put(key_of(i), sizes[i], 100 + i);
}

/* How one file is read: from offset to offset until every byte was, each way of going. */
enum way { FORWARD, ODD, BACKWARD, RANDOM, MAPPED, DIRECT, WAYS };

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void read_forward(int fd, uint64_t seed, uint64_t size, size_t block)
{
    for (uint64_t offset = 0; offset < size; offset += block)
        check_bytes(fd, seed, offset, size - offset < block ? (size_t)(size - offset) : block);
}

static void read_backward(int fd, uint64_t seed, uint64_t size)
{
    const size_t block = 300007;
    for (uint64_t end = size; end > 0;) {
        size_t len = end < block ? (size_t)end : block;
        end -= len;
        check_bytes(fd, seed, end, len);
    }
}

static void read_random(int fd, uint64_t seed, uint64_t size)
{
    uint64_t state = seed * 7919 + 1;
    for (int i = 0; i < 60 && size > 0; i++) {
        uint64_t offset = next_random(&state) % size;
        uint64_t len = 1 + next_random(&state) % 200000;
        check_bytes(fd, seed, offset,
                    len < size - offset ? (size_t)len : (size_t)(size - offset));
    }
}

static void read_mapped(int fd, uint64_t seed, uint64_t size)
{
    if (size == 0)
        return;
    unsigned char *map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    ck_assert_ptr_ne(map, MAP_FAILED);
    size_t wrong = 0;
    /* The end first: the rest is then behind what was read. */
    ck_assert_uint_eq(map[size - 1], peer_byte(seed, size - 1));
    bool same = peer_check(seed, 0, map, (size_t)size, &wrong);
    (void)munmap(map, (size_t)size);
    ck_assert_msg(same, "the byte at %zu is wrong", wrong);
}

static void read_way(const char *path, enum way way, uint64_t seed, uint64_t size)
{
    static const size_t odd[] = {1, 777, 4097, 65537, 131071, 1048577, 3000001};
    int flags = O_RDONLY | O_CLOEXEC | (way == DIRECT ? O_DIRECT : 0);
    int fd = open(path, flags);
    ck_assert_msg(fd >= 0, "%s: %s", path, strerrorname_np(errno));
    if (way == FORWARD || way == DIRECT)
        read_forward(fd, seed, size, 65536);
    else if (way == ODD)
        read_forward(fd, seed, size, odd[size <= 4097 ? seed % 3 : 3 + seed % 4]);
    else if (way == BACKWARD)
        read_backward(fd, seed, size);
    else if (way == RANDOM)
        read_random(fd, seed, size);
    else
        read_mapped(fd, seed, size);
    /* Past the end there is nothing, at any distance. */
    static const uint64_t beyond[] = {0, 1, 4095, 1 << 20, UINT64_C(1) << 40};
    char byte;
    for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
        ck_assert_int_eq(pread(fd, &byte, 1, (off_t)(size + beyond[i])), 0);
    (void)close(fd);
}

/* One way for all sizes: everything comes from the bucket, as the mount is new. */
START_TEST(every_byte)
{
    put_all();
    fixture_mount(NULL);
    for (size_t i = 0; i < SIZES; i++)
        read_way(at("%s", key_of(i)), (enum way)_i, 100 + i, sizes[i]);
}
END_TEST

/* Asked for across the end: exactly what is left. */
START_TEST(reads_across_the_end)
{
    char *buffer = malloc(MIB);
    put_all();
    fixture_mount(NULL);
    for (size_t i = 0; i < SIZES; i++) {
        int fd = open(at("%s", key_of(i)), O_RDONLY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        uint64_t from = sizes[i] < 1000 ? 0 : sizes[i] - 1000;
        ssize_t n = pread(fd, buffer, MIB, (off_t)from);
        ck_assert_int_eq(n, (ssize_t)(sizes[i] - from));
        ck_assert(peer_check(100 + i, from, buffer, (size_t)n, NULL));
        (void)close(fd);
    }
    free(buffer);
}
END_TEST

/* ---- several readers ---- */

struct reader {
    const char *path;
    uint64_t size, seed;
    unsigned number;
};

static int read_as(void *arg, void *result)
{
    const struct reader *reader = arg;
    static const enum way ways[] = {FORWARD, RANDOM, BACKWARD, ODD};
    (void)result;
    read_way(reader->path, ways[reader->number % 4], reader->seed, reader->size);
    return 1; /* a failed assertion exits, which is no 1 */
}

static int read_in_thread(void *arg)
{
    return read_as(arg, NULL);
}

START_TEST(readers_together)
{
    enum { READERS = 8 };
    const uint64_t size = 24 * MIB + 5;
    put("big", size, 9);
    fixture_mount(NULL);
    struct reader readers[READERS];
    struct harness_job *jobs[READERS];
    struct runner *runners[READERS];
    char *path = strdup(at("big"));
    for (unsigned i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.path = path, .size = size, .seed = 9, .number = i};
        if (_i == 0)
            jobs[i] = harness_job_start(read_as, &readers[i], 1);
        else
            runners[i] = run_start(read_in_thread, &readers[i]);
    }
    for (unsigned i = 0; i < READERS; i++)
        ck_assert_int_eq(
            _i == 0 ? harness_job_join(jobs[i], NULL, 60000) : run_join(runners[i]), 1);
    free(path);
    /* Readers share what is fetched: nowhere near each one's own copy. */
    ck_assert_uint_lt(peer_body_sent(peer), 4 * size);
}
END_TEST

/* ---- the number of requests ---- */

/* `ls -l`, then `cat`, of a small file: the listing, which comes with the lookup of its
 * directory, and one GET. */
START_TEST(a_small_file_takes_one_get)
{
    static const uint64_t small[] = {1, 4096, 4097, 128 * KIB + 1, MIB};
    char output[65536], key[32];
    enum { COUNT = sizeof(small) / sizeof(small[0]) };
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(key, sizeof(key), "d/f%zu", i);
        put(key, small[i], i + 1);
    }
    fixture_mount("metadata_ttl=60");
    ck_assert_int_eq(harness_shell(at("d"), LONG_MS, output, sizeof(output), "ls -l"), 0);
    ck_assert_uint_eq(probes("d/"), 1);
    ck_assert_uint_eq(listings("d/"), 0);
    ck_assert_int_eq(harness_shell(at("d"), LONG_MS, output, sizeof(output), "ls -l; ls; find"),
                     0);
    ck_assert_uint_eq(peer_count(peer, NULL), 1 + requests("HEAD", "d"));
    peer_clear(peer);
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(key, sizeof(key), "d/f%zu", i);
        check_content(at("%s", key), small[i], i + 1);
        ck_assert_uint_eq(requests("GET", key), 1);
        ck_assert_uint_eq(requests("HEAD", key), 0);
    }
    ck_assert_uint_eq(peer_count(peer, NULL) - requests("HEAD", "d"), COUNT);
}
END_TEST

START_TEST(a_listed_directory_takes_no_head)
{
    char output[65536];
    for (unsigned i = 0; i < 300; i++) {
        char key[32];
        (void)snprintf(key, sizeof(key), "f%03u", i);
        put(key, i, i);
    }
    put("sub/x", 3, 3);
    fixture_mount(NULL);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output), "ls -l | wc -l"), 0);
    ck_assert_str_eq(output, "302\n");
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.method = "HEAD")), 0);
    ck_assert_uint_eq(listings(NULL), 1);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output), "stat -c %%s f123"),
                     0);
    ck_assert_str_eq(output, "123\n");
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
}
END_TEST

START_TEST(a_lone_name_takes_one_head_and_one_listing)
{
    put("d/a", 10, 1);
    put("d/f", 10, 1);
    peer_s3_set_page_size(s3, 1);
    fixture_mount(NULL);
    ck_assert_int_eq(try_stat(at("d/f")), 0);
    ck_assert_uint_le(requests("HEAD", "d"), 1); /* none if the listing was faster */
    ck_assert_uint_eq(probes("d/"), 1);
    ck_assert_uint_eq(requests("HEAD", "d/f"), 1);
    ck_assert_uint_eq(probes("d/f/"), 1);
    ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.method = "GET")), 2);
}
END_TEST

/* Unless it is among the first of its directory. */
START_TEST(a_first_name_takes_its_directory_s_requests)
{
    put("d/f", 10, 1);
    fixture_mount(NULL);
    ck_assert_int_eq(try_stat(at("d/f")), 0);
    ck_assert_uint_le(requests("HEAD", "d"), 1);
    ck_assert_uint_eq(probes("d/"), 1);
    ck_assert_int_eq(try_stat(at("d/absent")), -ENOENT);
    ck_assert_uint_eq(peer_count(peer, NULL), 1 + requests("HEAD", "d"));
}
END_TEST

START_TEST(an_empty_file_takes_no_request)
{
    put("empty", 0, 1);
    fixture_mount(NULL);
    check_names(top(), "empty");
    peer_clear(peer);
    check_content(at("empty"), 0, 1);
    ck_assert_uint_eq(peer_count(peer, NULL), 0);
}
END_TEST

/* Read again, through the page cache: nothing is asked while the version is believed. */
START_TEST(a_second_read_takes_no_request)
{
    static const uint64_t tried[] = {1, 5000, MIB, 3 * MIB + 1, 9 * MIB};
    fixture_mount("metadata_ttl=60");
    for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++) {
        char key[32];
        (void)snprintf(key, sizeof(key), "f%zu", i);
        put(key, tried[i], i);
        check_content(at("%s", key), tried[i], i);
        peer_clear(peer);
        check_content(at("%s", key), tried[i], i);
        ck_assert_msg(peer_count(peer, NULL) == 0, "%zu bytes: %zu requests", (size_t)tried[i],
                      peer_count(peer, NULL));
    }
}
END_TEST

START_TEST(every_get_is_of_one_version)
{
    put("big", 20 * MIB, 1);
    put("small", 20, 2);
    fixture_mount(NULL);
    check_content(at("small"), 20, 2);
    check_content(at("big"), 20 * MIB, 1);
    read_way(at("big"), RANDOM, 1, 20 * MIB);
    char etags[2][64];
    peer_s3_etag(s3, "bkt", "small", etags[0]);
    peer_s3_etag(s3, "bkt", "big", etags[1]);
    const struct peer_match match = {.method = "GET", .without_param = "list-type"};
    size_t count = peer_count(peer, &match);
    ck_assert_uint_ge(count, 3);
    for (size_t i = 0; i < count; i++) {
        const struct peer_request *request = peer_request_at(peer, &match, i);
        const char *condition = peer_request_header(request, "If-Match");
        ck_assert_ptr_nonnull(condition);
        ck_assert_str_eq(condition, etags[strcmp(request->path, "/bkt/big") == 0]);
    }
}
END_TEST

/* A random reader is sent little more than it reads. */
START_TEST(a_random_reader_gets_what_it_reads)
{
    put("big", 40 * MIB, 1);
    fixture_mount(NULL);
    int fd = open(at("big"), O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM), 0);
    for (uint64_t i = 0; i < 20; i++)
        check_bytes(fd, 1, (i * 13 % 20) * 2 * MIB + 12345, 4096);
    (void)close(fd);
    ck_assert_uint_lt(peer_body_sent(peer), 6 * MIB);
}
END_TEST

/* Sequentially: every byte once. */
START_TEST(a_sequential_reader_gets_every_byte_once)
{
    put("big", 40 * MIB + 77, 1);
    fixture_mount(NULL);
    check_content(at("big"), 40 * MIB + 77, 1);
    ck_assert_uint_eq(peer_body_sent(peer) / MIB, 40);
    ck_assert_uint_le(peer_count(peer, PEER_MATCH(.path = "/bkt/big", .method = "GET")), 16);
}
END_TEST

MOUNT_SUITE("mount/content", 120, tcase_add_loop_test(tc, every_byte, 0, WAYS);
            tcase_add_test(tc, reads_across_the_end);
            tcase_add_loop_test(tc, readers_together, 0, 2);
            tcase_add_test(tc, a_small_file_takes_one_get);
            tcase_add_test(tc, a_listed_directory_takes_no_head);
            tcase_add_test(tc, a_lone_name_takes_one_head_and_one_listing);
            tcase_add_test(tc, a_first_name_takes_its_directory_s_requests);
            tcase_add_test(tc, an_empty_file_takes_no_request);
            tcase_add_test(tc, a_second_read_takes_no_request);
            tcase_add_test(tc, every_get_is_of_one_version);
            tcase_add_test(tc, a_random_reader_gets_what_it_reads);
            tcase_add_test(tc, a_sequential_reader_gets_every_byte_once));
