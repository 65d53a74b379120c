#include "mount/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define STOP_MS    20000
#define PATHS      16
#define PATH_BYTES 4096

struct peer_s3 *s3;
struct peer *peer;
struct harness_mount *mount;
static pid_t owner; /* of the logs: the process that forks the tests */

/* A test that fails leaves at once, and its log behind. */
static int tell_log(const char *path, const struct stat *attributes, int type, struct FTW *walk)
{
    char text[64 * 1024];
    (void)attributes;
    FILE *file =
        type == FTW_F && strcmp(path + walk->base, "log") == 0 ? fopen(path, "re") : NULL;
    if (!file)
        return 0;
    size_t len = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    (void)fprintf(stderr, "%s:\n%.*s\n", path, (int)len, text);
    return 0;
}

static void tell_logs(void)
{
    if (owner == getpid())
        (void)nftw(harness_root(), tell_log, 16, FTW_PHYS | FTW_MOUNT);
}

void fixture_begin(void)
{
    harness_begin();
    owner = getpid();
    (void)atexit(tell_logs);
}

void fixture_setup(void)
{
    const char *why_not = harness_cannot_mount();
    ck_assert_msg(!why_not, "%s", why_not ? why_not : "");
    s3 = peer_s3_start();
    peer = peer_s3_peer(s3);
    peer_s3_bucket(s3, "bkt");
}

static bool reported(const char *log)
{
    static const char *const signs[] = {"Sanitizer", "runtime error:", "Assertion"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (strstr(log, signs[i]))
            return true;
    return false;
}

void fixture_unmount(void)
{
    if (!mount)
        return;
    bool was_mounted = harness_mount_state(mount) == 0;
    if (was_mounted && harness_mount_exit_status(mount, 0) == -ETIME)
        (void)kill(harness_mount_pid(mount), SIGTERM);
    int status = harness_mount_exit_status(mount, STOP_MS);
    const char *log = harness_mount_log(mount);
    bool bad = reported(log) || (was_mounted && status != 0);
    if (bad)
        (void)fprintf(stderr, "pailfs wrote:\n%s\n", log);
    struct harness_mount *ending = mount;
    mount = NULL;
    int stopped = harness_mount_stop(ending);
    ck_assert_msg(!bad, "pailfs ended with %d; its log is above", status);
    ck_assert_int_ne(stopped, -EBUSY);
}

void fixture_teardown(void)
{
    fixture_unmount();
    peer_s3_stop(s3);
    s3 = NULL;
    peer = NULL;
}

void fixture_mount_config(const struct harness_mount_config *config)
{
    ck_assert_ptr_null(mount);
    mount = harness_mount_start(config);
    peer_clear(peer);
}

void fixture_mount_source(const char *source, const char *options)
{
    fixture_mount_config(&(struct harness_mount_config){
        .source = source, .endpoint = peer_s3_url(s3), .options = options});
    ck_assert_msg(harness_mount_state(mount) == 0, "%s: %s", source, harness_mount_log(mount));
}

void fixture_mount(const char *options)
{
    fixture_mount_source("s3://bkt", options);
}

const char *top(void)
{
    return harness_mount_dir(mount);
}

const char *at(const char *format, ...)
{
    static _Thread_local char paths[PATHS][PATH_BYTES];
    static _Thread_local unsigned next;
    char *path = paths[next++ % PATHS];
    int len = snprintf(path, PATH_BYTES, "%s/", harness_mount_dir(mount));
    va_list args;
    va_start(args, format);
    (void)vsnprintf(path + len, PATH_BYTES - (size_t)len, format, args);
    va_end(args);
    return path;
}

void put(const char *key, uint64_t size, uint64_t seed)
{
    peer_s3_put_generated(s3, "bkt", key, size, seed);
}

/* ---- system calls ---- */

int try_stat(const char *path)
{
    struct stat attributes;
    return stat(path, &attributes) < 0 ? -errno : 0;
}

int try_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    (void)close(fd);
    return 0;
}

int try_read(const char *path, uint64_t seed, uint64_t *ret_read)
{
    static _Thread_local char buffer[256 * 1024];
    int fd = open(path, O_RDONLY | O_CLOEXEC), r = 0;
    *ret_read = 0;
    if (fd < 0)
        return -errno;
    for (;;) {
        ssize_t n = read(fd, buffer, sizeof(buffer));
        if (n < 0)
            r = -errno;
        if (n <= 0)
            break;
        if (!peer_check(seed, *ret_read, buffer, (size_t)n, NULL)) {
            r = -EBADF; /* wrong bytes: no filesystem error that a test waits for */
            break;
        }
        *ret_read += (uint64_t)n;
    }
    (void)close(fd);
    return r;
}

int try_list(const char *path, size_t *ret_count)
{
    struct names names;
    int r = names_read(path, &names);
    *ret_count = names.count;
    names_done(&names);
    return r;
}

int try_xattr(const char *path, const char *name, char *value, size_t size)
{
    ssize_t n = getxattr(path, name, value, size ? size - 1 : 0);
    if (n < 0)
        return -errno;
    if (size)
        value[n] = '\0';
    return (int)n;
}

/* ---- contents ---- */

void check_bytes(int fd, uint64_t seed, uint64_t offset, size_t len)
{
    char *buffer = malloc(len + 1);
    size_t done = 0, wrong = 0;
    ck_assert_ptr_nonnull(buffer);
    while (done < len) {
        ssize_t n = pread(fd, buffer + done, len - done, (off_t)(offset + done));
        ck_assert_msg(n > 0, "%zd (%s) at %zu of %zu bytes from %zu on", n,
                      n < 0 ? strerrorname_np(errno) : "end", done, len, (size_t)offset);
        done += (size_t)n;
    }
    bool same = peer_check(seed, offset, buffer, len, &wrong);
    free(buffer);
    ck_assert_msg(same, "the byte at %zu is wrong", (size_t)offset + wrong);
}

void check_content(const char *path, uint64_t size, uint64_t seed)
{
    struct stat attributes;
    uint64_t read_bytes = 0;
    ck_assert_int_eq(stat(path, &attributes), 0);
    ck_assert_uint_eq((uint64_t)attributes.st_size, size);
    int r = try_read(path, seed, &read_bytes);
    ck_assert_msg(r == 0, "%s: %s after %zu bytes", path, strerrorname_np(-r),
                  (size_t)read_bytes);
    ck_assert_uint_eq(read_bytes, size);
}

/* ---- directories ---- */

int names_read(const char *path, struct names *ret)
{
    *ret = (struct names){0};
    DIR *dir = opendir(path);
    if (!dir)
        return -errno;
    size_t room = 0;
    int r = 0;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry) {
            r = -errno;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (ret->count == room) {
            room = room ? room * 2 : 64;
            ret->list = realloc(ret->list, room * sizeof(char *));
            ck_assert_ptr_nonnull(ret->list);
        }
        ret->list[ret->count++] = strdup(entry->d_name);
    }
    (void)closedir(dir);
    return r;
}

void names_done(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
    *names = (struct names){0};
}

size_t names_of(const struct names *names, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++)
        count += strcmp(names->list[i], name) == 0;
    return count;
}

void check_names(const char *path, const char *wanted)
{
    static char found[64 * 1024];
    struct names names;
    int r = names_read(path, &names);
    size_t len = 0;
    found[0] = '\0';
    for (size_t i = 0; i < names.count && len < sizeof(found) - 1; i++)
        len += (size_t)snprintf(found + len, sizeof(found) - len, "%s%s", i ? "|" : "",
                                names.list[i]);
    names_done(&names);
    ck_assert_msg(r == 0, "%s: %s", path, strerrorname_np(-r));
    ck_assert_str_eq(found, wanted);
}

/* ---- requests ---- */

size_t requests(const char *method, const char *key)
{
    char path[2048];
    (void)snprintf(path, sizeof(path), "/bkt/%s", key);
    return peer_count(peer, PEER_MATCH(.method = method, .path = path));
}

size_t listings(const char *prefix)
{
    if (!prefix)
        return peer_count(peer, PEER_MATCH(.method = "GET", .param = "list-type",
                                           .without_param = "max-keys"));
    return peer_count(peer, PEER_MATCH(.method = "GET", .param = "prefix",
                                       .param_value = prefix, .without_param = "max-keys"));
}

size_t probes(const char *prefix)
{
    const struct peer_match match = {.method = "GET", .param = "prefix", .param_value = prefix};
    return peer_count(peer, &match) - listings(prefix);
}

/* ---- threads ---- */

struct runner {
    pthread_t thread;
    int (*work)(void *arg);
    void *arg;
    int result;
};

static void *run(void *data)
{
    struct runner *runner = data;
    runner->result = runner->work(runner->arg);
    return NULL;
}

struct runner *run_start(int (*work)(void *arg), void *arg)
{
    struct runner *runner = calloc(1, sizeof(*runner));
    ck_assert_ptr_nonnull(runner);
    runner->work = work;
    runner->arg = arg;
    ck_assert_int_eq(pthread_create(&runner->thread, NULL, run, runner), 0);
    return runner;
}

int run_join(struct runner *runner)
{
    (void)pthread_join(runner->thread, NULL);
    int result = runner->result;
    free(runner);
    return result;
}
