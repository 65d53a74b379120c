#include "cli/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATHS      4
#define PATH_BYTES 1024

struct peer_s3 *s3;
struct peer *peer;
char work[256];
char said[TEXT_MAX];

void fixture_setup(void)
{
    char root[128];
    s3 = peer_s3_start();
    peer = peer_s3_peer(s3);
    peer_s3_bucket(s3, "bkt");
    (void)snprintf(root, sizeof(root), "%s/cli-XXXXXX", harness_root());
    ck_assert_ptr_nonnull(mkdtemp(root));
    (void)snprintf(work, sizeof(work), "%s/work", root);
    ck_assert_int_eq(mkdir(work, 0755), 0);
}

void fixture_teardown(void)
{
    peer_s3_stop(s3);
}

#define ENVIRONMENT                                                                            \
    "env -i HOME=\"$PWD\"/.. PATH=\"$PATH\" ASAN_OPTIONS=\"$ASAN_OPTIONS\" "                   \
    "TSAN_OPTIONS=\"$TSAN_OPTIONS\" AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=secret "      \
    "AWS_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL=%s "

static const char *program(void)
{
    const char *named = getenv("PAIL_BIN");
    ck_assert_ptr_nonnull(named);
    return named;
}

int pail_after(const char *before, const char *arguments)
{
    return harness_shell(work, LONG_MS, said, sizeof(said), "%s" ENVIRONMENT "%s %s", before,
                         peer_s3_url(s3), program(), arguments);
}

int pail(const char *arguments)
{
    return pail_after("", arguments);
}

struct harness_command *pail_start(const char *arguments)
{
    return harness_command_start(work, "exec " ENVIRONMENT "%s %s", peer_s3_url(s3), program(),
                                 arguments);
}

int pail_join(struct harness_command *command)
{
    return harness_command_join(command, LONG_MS, said, sizeof(said));
}

void check_said(const char *start)
{
    const char *own = "pail: ";
    ck_assert_msg(strncmp(said, own, strlen(own)) == 0, "%s", said);
    ck_assert_msg(strncmp(said + strlen(own), start, strlen(start)) == 0, "%sinstead of %s",
                  said, start);
    ck_assert_msg(said_lines() == 1, "%s", said);
}

size_t said_lines(void)
{
    size_t lines = 0;
    for (const char *at = said; *at; lines++) {
        ck_assert_msg(strncmp(at, "pail: ", 6) == 0, "%s", said);
        const char *end = strchr(at, '\n');
        ck_assert_msg(end != NULL, "%s", said);
        at = end + 1;
    }
    return lines;
}

const char *in_work(const char *name)
{
    static char paths[PATHS][PATH_BYTES];
    static unsigned next;
    char *path = paths[next++ % PATHS];
    ck_assert_int_lt(snprintf(path, PATH_BYTES, "%s/%s", work, name), PATH_BYTES);
    return path;
}

size_t names_in(const char *name)
{
    size_t count = 0;
    DIR *names = opendir(in_work(name));
    ck_assert_ptr_nonnull(names);
    for (struct dirent *entry; (entry = readdir(names));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(names);
    return count;
}

void write_text(const char *name, const char *text)
{
    int fd = open(in_work(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

/* The file's bytes, which are the caller's to free. */
static char *read_whole(const char *name, size_t *ret_size)
{
    struct stat st;
    int fd = open(in_work(name), O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s: %s", name, strerror(errno));
    ck_assert_int_eq(fstat(fd, &st), 0);
    char *bytes = calloc(1, (size_t)st.st_size + 1);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_int_eq(read(fd, bytes, (size_t)st.st_size), st.st_size);
    (void)close(fd);
    *ret_size = (size_t)st.st_size;
    return bytes;
}

void check_text(const char *name, const char *text)
{
    size_t size;
    char *bytes = read_whole(name, &size);
    ck_assert_msg(size == strlen(text) && memcmp(bytes, text, size) == 0,
                  "%s has \"%s\" instead of \"%s\"", name, bytes, text);
    free(bytes);
}

void check_generated(const char *name, uint64_t size, uint64_t seed)
{
    size_t found;
    char *bytes = read_whole(name, &found);
    ck_assert_uint_eq(found, size);
    ck_assert(peer_check(seed, 0, bytes, found, NULL));
    free(bytes);
}

void check_missing(const char *name)
{
    struct stat st;
    ck_assert_int_eq(lstat(in_work(name), &st), -1);
    ck_assert_int_eq(errno, ENOENT);
}
