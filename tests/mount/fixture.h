/* fixture.h: what the mount suites share: a fake S3 with the bucket "bkt", a pailfs on it, and
 * the ways of looking at what is mounted. Test code: failures of the system fail the test. */
#ifndef MOUNT_FIXTURE_H
#define MOUNT_FIXTURE_H

#include "peer/harness.h"
#include "peer/s3.h"

#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LONG_MS 30000 /* for what should take no time, on a busy machine */

/* The suite's main(): a program of one case, each test between fixture_setup and
 * fixture_teardown. */
#define MOUNT_SUITE(name, timeout_s, ...)                                                      \
    SUITE_PROGRAM(name, timeout_s, fixture_begin(),                                            \
                  tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);              \
                  __VA_ARGS__)

extern struct peer_s3 *s3;
extern struct peer *peer;
extern struct harness_mount *mount;

/* harness_begin, and when the suite is over prints the logs of tests that failed. */
void fixture_begin(void);
/* Starts the fake S3. */
void fixture_setup(void);
/* Unmounts: the program must end well, and must not have been reported by a sanitizer. Stops
 * the fake S3. */
void fixture_teardown(void);

/* Mount "s3://bkt" of the fake S3, or another source, with these -o options (NULL: none). The
 * requests that mounting took are cleared. */
void fixture_mount(const char *options);
void fixture_mount_source(const char *source, const char *options);
/* Mount what the configuration says: the fixture takes it down. */
void fixture_mount_config(const struct harness_mount_config *config);
/* The first half of fixture_teardown: for tests that look at how it ends. */
void fixture_unmount(void);

/* The mount's directory, and the path of a name (printf form) in it, good until some more are
 * asked for. */
const char *top(void);
const char *at(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Put an object of the bucket "bkt", whose content is its generated stream: seed and size. */
void put(const char *key, uint64_t size, uint64_t seed);

/* 0, or -errno of one system call on a path; the last also reads it all, into *ret_read what
 * came before the error. */
int try_stat(const char *path);
int try_open(const char *path);
int try_read(const char *path, uint64_t seed, uint64_t *ret_read);
int try_list(const char *path, size_t *ret_count);
/* The value's length, its bytes with a NUL in `value`, or -errno. */
int try_xattr(const char *path, const char *name, char *value, size_t size);

/* Reads `len` bytes at `offset`, all of which must be there and be those of the stream. */
void check_bytes(int fd, uint64_t seed, uint64_t offset, size_t len);
/* The file is exactly `size` bytes of the stream. */
void check_content(const char *path, uint64_t size, uint64_t seed);

/* The names in a directory but for "." and "..", in the order they came, each once or as often
 * as it came. */
struct names {
    char **list;
    size_t count;
};
/* 0 or -errno; what came before an error is there too. */
int names_read(const char *path, struct names *ret);
void names_done(struct names *names);
size_t names_of(const struct names *names, const char *name);
/* The directory has exactly these, separated by '|', in this order. */
void check_names(const char *path, const char *wanted);

/* Requests of the bucket "bkt": of an object's key; pages of listings with this prefix (NULL:
 * any); questions whether there is a directory of that prefix. */
size_t requests(const char *method, const char *key);
size_t listings(const char *prefix);
size_t probes(const char *prefix);

/* A thread: 0 or what the function returned. */
struct runner;
struct runner *run_start(int (*work)(void *arg), void *arg);
int run_join(struct runner *runner);

#endif
