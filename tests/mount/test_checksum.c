/* A body that is not what its checksum says gives no byte to anybody. */
#include "mount/fixture.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#define KIB  1024
#define SIZE (500U * KIB) /* fetched whole, several of pailfs's pages and the kernel's */

/* Puts a generated object with its true checksum. */
static void put_checked(const char *key, uint64_t size, uint64_t seed)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char *content = malloc(size);
    char line[64], text[7] = "";
    ck_assert_ptr_nonnull(content);
    peer_fill(seed, 0, content, size);
    uint64_t bits = (uint64_t)crc32(0, content, (unsigned)size) << 4;
    free(content);
    for (int i = 0; i < 6; i++)
        text[i] = digits[bits >> (30 - 6 * i) & 63];
    (void)snprintf(line, sizeof(line), "x-amz-checksum-crc32: %s==", text);
    peer_s3_put(
        s3, "bkt",
        &(struct peer_s3_object){.key = key, .size = size, .seed = seed, .checksums = line});
}

START_TEST(a_good_one)
{
    put_checked("f", SIZE, 3);
    fixture_mount(NULL);
    check_content(at("f"), SIZE, 3);
    ck_assert_uint_eq(requests("GET", "f"), 1);
}
END_TEST

static const uint64_t places[] = {0, 1, 128 * KIB, SIZE / 2, SIZE - 1};
#define PLACES (sizeof(places) / sizeof(places[0]))

/* No attempt is made after it: what a server has stored wrongly stays so. */
START_TEST(a_corrupt_byte)
{
    uint64_t read_bytes;
    put_checked("f", SIZE, 3);
    fixture_mount(NULL);
    (void)peer_on(
        peer, "GET /bkt/f",
        PEER_RESPONSE(.over = true, .fault = {.corrupt = true, .corrupt_at = places[_i]}));
    ck_assert_int_eq(try_read(at("f"), 3, &read_bytes), -EBADMSG);
    ck_assert_uint_eq(read_bytes, 0);
    ck_assert_uint_eq(requests("GET", "f"), 1);
}
END_TEST

START_TEST(a_wrong_checksum)
{
    uint64_t read_bytes;
    peer_s3_put(s3, "bkt",
                &(struct peer_s3_object){.key = "f",
                                         .content = "content",
                                         .checksums = "x-amz-checksum-crc32: AAAAAA=="});
    fixture_mount("max_attempts=2");
    ck_assert_int_eq(try_read(at("f"), 1, &read_bytes), -EBADMSG);
    ck_assert_uint_eq(read_bytes, 0);
}
END_TEST

/* Reads it all, telling what it got so far. */
struct progress {
    _Atomic uint64_t got;
    _Atomic int wrong;
};

struct reading {
    const char *path;
    struct progress *progress;
};

static int read_telling(void *arg, void *result)
{
    const struct reading *reading = arg;
    struct progress *progress = reading->progress;
    char buffer[4096];
    ssize_t n;
    (void)result;
    int fd = open(reading->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
        progress->wrong |= !peer_check(3, progress->got, buffer, (size_t)n, NULL);
        progress->got += (uint64_t)n;
    }
    return n < 0 ? -errno : 0;
}

/* A bad body that comes slowly, then good ones: who reads while half of it is there sees
 * nothing, then the error, and none of it is left for those who come after. */
START_TEST(a_bad_body_that_pauses)
{
    const uint64_t paused_at[] = {4096, 128 * KIB, SIZE / 2, SIZE - 1};
    struct progress *progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(progress != MAP_FAILED);
    put_checked("f", SIZE, 3);
    put_checked("g", SIZE, 3);
    fixture_mount("metadata_ttl=60");
    check_names(top(), "f|g");
    (void)peer_rule_add(peer, &(struct peer_rule){
                                  .match = {.pattern = "GET /bkt/f"},
                                  .times = 1,
                                  PEER_ANSWERS({.over = true,
                                                .fault = {.corrupt = true,
                                                          .corrupt_at = 100,
                                                          .end = PEER_END_STALL,
                                                          .after = paused_at[_i]}}),
                              });
    struct reading reading = {.path = at("f"), .progress = progress};
    struct harness_job *jobs[3];
    for (size_t i = 0; i < 3; i++)
        jobs[i] = harness_job_start(read_telling, &reading, 0);
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    /* Other files' content comes after it, and is read meanwhile. */
    check_content(at("g"), SIZE, 3);
    ck_assert_uint_eq(progress->got, 0);
    peer_release(peer);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(harness_job_join(jobs[i], NULL, LONG_MS), -EBADMSG);
    ck_assert_uint_eq(progress->got, 0);
    ck_assert_uint_eq(requests("GET", "f"), 1);
    check_content(at("f"), SIZE, 3);
    ck_assert_uint_eq(requests("GET", "f"), 2);
    (void)munmap(progress, sizeof(*progress));
}
END_TEST

MOUNT_SUITE("mount/checksum", 60, tcase_add_test(tc, a_good_one);
            tcase_add_loop_test(tc, a_corrupt_byte, 0, (int)PLACES);
            tcase_add_test(tc, a_wrong_checksum);
            tcase_add_loop_test(tc, a_bad_body_that_pauses, 0, 4));
