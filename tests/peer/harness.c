#include "peer/harness_private.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char root[128];
static pid_t root_owner; /* forked tests sweep what is theirs; the root's maker sweeps all */

int64_t harness_now_ms(void)
{
    return peer_now_ns() / 1000000;
}

const char *harness_root(void)
{
    return root;
}

const char *harness_server_endpoint(void)
{
    return getenv("AWS_ENDPOINT_URL");
}

const char *const *harness_server_environment(void)
{
    static const char *const names[] = {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID",
                                        "AWS_SECRET_ACCESS_KEY", "AWS_REGION"};
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    static char texts[COUNT][512];
    static const char *environment[COUNT + 1];
    if (!harness_server_endpoint())
        return NULL;
    for (size_t i = 0, n = 0; i < COUNT; i++) {
        if (!getenv(names[i]))
            continue;
        (void)snprintf(texts[i], sizeof(texts[i]), "%s=%s", names[i], getenv(names[i]));
        environment[n++] = texts[i];
    }
    return environment;
}

char *harness_read_file(const char *path)
{
    struct peer_text text = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;
    do {
        char *to = peer_text_reserve(&text, 4096);
        n = fd < 0 ? 0 : read(fd, to, 4096);
        text.len += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    if (fd >= 0)
        (void)close(fd);
    text.data[text.len] = '\0';
    return text.data;
}

/* Call visit(dir) for every FUSE mount at or below `under`. */
static void each_mount(const char *under, void (*visit)(const char *dir, void *user),
                       void *user)
{
    char *table = harness_read_file("/proc/self/mountinfo");
    char *next = NULL;
    for (char *line = strtok_r(table, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
        char dir[4096];
        const char *type = strstr(line, " - ");
        size_t len = strlen(under);
        if (sscanf(line, "%*s %*s %*s %*s %4095s", dir) == 1 && type &&
            strncmp(type, " - fuse", 7) == 0 && strncmp(dir, under, len) == 0 &&
            (dir[len] == '/' || dir[len] == '\0'))
            visit(dir, user);
    }
    free(table);
}

struct sought {
    const char *dir;
    bool found;
};

static void compare_dir(const char *dir, void *user)
{
    struct sought *sought = user;
    sought->found |= strcmp(dir, sought->dir) == 0;
}

bool harness_is_mounted(const char *dir)
{
    struct sought sought = {.dir = dir};
    each_mount(dir, compare_dir, &sought);
    return sought.found;
}

void harness_unmount(const char *dir)
{
    if (umount2(dir, MNT_DETACH) == 0)
        return;
    char program[] = "fusermount3", option[] = "-uz";
    char *copy = peer_strndup(dir, strlen(dir));
    char *argv[] = {program, option, copy, NULL};
    pid_t pid;
    int status;
    if (posix_spawnp(&pid, program, NULL, NULL, argv, environ) == 0)
        (void)harness_wait(pid, 5000, &status);
    free(copy);
}

static void unmount(const char *dir, void *user)
{
    (void)user;
    harness_unmount(dir);
}

/* Kill the process whose number is in the file, if it is still the one that the harness
 * started: it was told a directory below the root. */
static void kill_recorded(const char *path)
{
    char *text = harness_read_file(path);
    char cmdline[64];
    int pid = 0;
    if (sscanf(text, "%d", &pid) == 1 && pid > 1) {
        (void)snprintf(cmdline, sizeof(cmdline), "/proc/%d/cmdline", pid);
        int fd = open(cmdline, O_RDONLY | O_CLOEXEC);
        char words[4096];
        ssize_t n = fd < 0 ? -1 : read(fd, words, sizeof(words));
        if (fd >= 0)
            (void)close(fd);
        if (n > 0 && memmem(words, (size_t)n, root, strlen(root)))
            (void)kill(pid, SIGKILL);
    }
    free(text);
}

static int sweep_entry(const char *path, const struct stat *attributes, int type,
                       struct FTW *walk)
{
    (void)attributes;
    (void)type;
    const char *name = path + walk->base;
    if (strcmp(name, "pid") == 0)
        kill_recorded(path);
    (void)remove(path);
    return 0;
}

static void sweep(void)
{
    char *base = root_owner == getpid() ? peer_strndup(root, strlen(root)) : NULL;
    if (!base && asprintf(&base, "%s/%d", root, getpid()) < 0)
        return;
    each_mount(base, unmount, NULL);
    (void)nftw(base, sweep_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    free(base);
}

void harness_begin(void)
{
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(root, sizeof(root), "%s/pailfs-test-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(root))
        peer_die("a temporary directory");
    root_owner = getpid();
    (void)atexit(sweep);
}

int harness_wait(pid_t pid, int timeout_ms, int *ret_status)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    int64_t end = harness_now_ms() + timeout_ms;
    int ready = 0;
    while (fd >= 0 && ready == 0) {
        int64_t left = end - harness_now_ms();
        ready = poll(&poller, 1, left > 0 ? (int)left : 0);
        if (ready < 0 && errno == EINTR)
            ready = 0;
        else if (ready == 0 && left <= 0)
            break;
    }
    if (fd >= 0)
        (void)close(fd);
    if (ready != 1)
        return -ETIME;
    return waitpid(pid, ret_status, 0) == pid ? 0 : -errno;
}

int harness_exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
