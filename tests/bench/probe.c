/* bench_probe: reads and lookups of a mounted filesystem, timed one by one; prints JSON. */
#include "samples.h"

#include "base/cleanup.h"
#include "base/num.h"
#include "base/random.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ_MAX      ((size_t)16 * 1024 * 1024)
#define DIRENTS_BYTES ((size_t)32 * 1024)
#define LINE_MAX_LEN  4096

static const char USAGE[] =
    "bench_probe random FILE SIZE COUNT SEED   COUNT reads of SIZE bytes at random multiples "
    "of SIZE\n"
    "bench_probe dirents DIR                   the first getdents and the rest (names only)\n"
    "bench_probe first                         open the files named on stdin and read one byte "
    "of each\n"
    "bench_probe stat                          stat the files named on stdin\n";

_Noreturn static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int open_or_die(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        die(path);
    return fd;
}

static int print(struct samples *s, int64_t began_ns)
{
    (void)printf("{\"seconds\": %.6f, ", (double)(samples_now_ns() - began_ns) / 1e9);
    samples_print(s);
    (void)printf("}\n");
    samples_done(s);
    return 0;
}

static int run_random(char **args)
{
    uint64_t size, count, seed;
    struct random random;
    struct samples s = {0};
    struct stat st;
    if (num_size(str_c(args[1]), READ_MAX, &size) < 0 || size == 0 ||
        num_u64(str_c(args[2]), 10000000, &count) < 0 ||
        num_u64(str_c(args[3]), UINT64_MAX, &seed) < 0)
        return -1;
    random_seed(&random, seed);
    int fd = open_or_die(args[0], O_RDONLY);
    if (fstat(fd, &st) < 0)
        die(args[0]);
    uint64_t places = (uint64_t)st.st_size / size;
    char *buffer = malloc(size);
    if (!buffer || places == 0)
        die("too small, or no memory");
    int64_t began = samples_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        off_t at = (off_t)(random_u64(&random) % places * size);
        int64_t start = samples_now_ns();
        if (pread(fd, buffer, size, at) != (ssize_t)size)
            die("pread");
        samples_add(&s, samples_now_ns() - start);
    }
    free(buffer);
    (void)close(fd);
    return print(&s, began);
}

static int run_dirents(char **args)
{
    char *buffer = malloc(DIRENTS_BYTES);
    int64_t began = samples_now_ns();
    int fd = open_or_die(args[0], O_RDONLY | O_DIRECTORY);
    int64_t first = 0;
    size_t bytes = 0;
    long n;
    if (!buffer)
        die("malloc");
    while ((n = syscall(SYS_getdents64, fd, buffer, DIRENTS_BYTES)) > 0) {
        if (first == 0)
            first = samples_now_ns() - began;
        bytes += (size_t)n;
    }
    if (n < 0)
        die(args[0]);
    free(buffer);
    (void)close(fd);
    (void)printf("{\"seconds\": %.6f, \"first_ms\": %.4f, \"bytes\": %zu}\n",
                 (double)(samples_now_ns() - began) / 1e9, (double)first / 1e6, bytes);
    return 0;
}

static void first_byte(const char *path)
{
    char byte;
    int fd = open_or_die(path, O_RDONLY);
    if (read(fd, &byte, 1) != 1)
        die(path);
    (void)close(fd);
}

static void stat_one(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        die(path);
}

static int run_named(void (*act)(const char *path))
{
    char line[LINE_MAX_LEN];
    struct samples s = {0};
    int64_t began = samples_now_ns();
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        int64_t start = samples_now_ns();
        act(line);
        samples_add(&s, samples_now_ns() - start);
    }
    return print(&s, began);
}

int main(int argc, char **argv)
{
    int r = -1;
    if (argc == 6 && strcmp(argv[1], "random") == 0)
        r = run_random(argv + 2);
    else if (argc == 3 && strcmp(argv[1], "dirents") == 0)
        r = run_dirents(argv + 2);
    else if (argc == 2 && strcmp(argv[1], "first") == 0)
        r = run_named(first_byte);
    else if (argc == 2 && strcmp(argv[1], "stat") == 0)
        r = run_named(stat_one);
    if (r < 0)
        (void)fputs(USAGE, stderr);
    return r < 0 ? 2 : r;
}
