#include "peer/harness_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOUNT_MS    20000
#define STOP_MS     10000
#define KILLED_MS   5000
#define ENVIRONMENT 64

extern char **environ;

struct harness_mount {
    char home[256], dir[272], log_path[272], pid_path[272];
    char *log;
    pid_t pid;
    int state;
    bool ended;
    int exit_code;
};

const char *harness_binary(void)
{
    const char *named = getenv("PAILFS_BIN");
    return named && named[0] ? named : PAILFS_DEFAULT_BIN;
}

const char *harness_cannot_mount(void)
{
    static char why[512];
    if (access("/dev/fuse", R_OK | W_OK) < 0)
        (void)snprintf(why, sizeof(why), "/dev/fuse: %s", strerror(errno));
    else if (access(harness_binary(), X_OK) < 0)
        (void)snprintf(why, sizeof(why), "%s: %s", harness_binary(), strerror(errno));
    else
        return NULL;
    return why;
}

/* A list of texts that owns them. */
struct words {
    char *list[ENVIRONMENT + 1];
    size_t count;
};

__attribute__((format(printf, 2, 3))) static void add(struct words *words, const char *format,
                                                      ...)
{
    va_list args;
    va_start(args, format);
    if (words->count == ENVIRONMENT ||
        vasprintf(&words->list[words->count++], format, args) < 0)
        peer_die("too many words");
    va_end(args);
}

static void words_done(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->list[i]);
}

static void add_environment(struct words *words, const char *home, const char *const *further)
{
    static const char *const kept[] = {"PATH",         "LANG",         "TMPDIR",
                                       "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS",
                                       "LSAN_OPTIONS"};
    add(words, "HOME=%s", home);
    add(words, "AWS_ACCESS_KEY_ID=AKIATESTTESTTEST");
    add(words, "AWS_SECRET_ACCESS_KEY=a-secret-for-tests");
    add(words, "AWS_REGION=us-east-1");
    add(words, "AWS_EC2_METADATA_DISABLED=true");
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (getenv(kept[i]))
            add(words, "%s=%s", kept[i], getenv(kept[i]));
    for (; further && *further; further++) {
        size_t name_len = strcspn(*further, "=");
        for (size_t i = 0; i < words->count; i++) {
            if (strncmp(words->list[i], *further, name_len + 1) != 0)
                continue;
            free(words->list[i]);
            words->list[i] = words->list[--words->count];
            break;
        }
        add(words, "%s", *further);
    }
}

static void add_arguments(struct words *words, const char *dir,
                          const struct harness_mount_config *config)
{
    add(words, "%s", harness_binary());
    add(words, "%s", config->source);
    add(words, "%s", dir);
    if (config->endpoint)
        add(words, "-oendpoint=%s", config->endpoint);
    if (config->options)
        add(words, "-o%s", config->options);
    if (!config->daemon)
        add(words, "-f");
    for (const char *const *more = config->arguments; more && *more; more++)
        add(words, "%s", *more);
}

static pid_t spawn(struct harness_mount *mount, const struct harness_mount_config *config)
{
    struct words arguments = {0}, environment = {0};
    add_arguments(&arguments, mount->dir, config);
    add_environment(&environment, mount->home, config->environment);
    posix_spawn_file_actions_t actions;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&actions, 1, mount->log_path,
                                           O_WRONLY | O_CREAT | O_APPEND, 0600);
    (void)posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid;
    errno =
        posix_spawn(&pid, arguments.list[0], &actions, NULL, arguments.list, environment.list);
    if (errno)
        peer_die(arguments.list[0]);
    (void)posix_spawn_file_actions_destroy(&actions);
    words_done(&arguments);
    words_done(&environment);
    return pid;
}

static void record_pid(struct harness_mount *mount, pid_t pid)
{
    mount->pid = pid;
    FILE *file = fopen(mount->pid_path, "we");
    if (!file || fprintf(file, "%d\n", pid) < 0 || fclose(file) != 0)
        peer_die(mount->pid_path);
}

/* The orphan that came to us (PR_SET_CHILD_SUBREAPER) and was told this directory, 0 if there
 * is none. */
static pid_t find_daemon(const char *dir)
{
    DIR *processes = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *entry; processes && !found && (entry = readdir(processes));) {
        char path[300];
        int pid = 0, parent = 0;
        if (sscanf(entry->d_name, "%d", &pid) != 1)
            continue;
        (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        char *text = harness_read_file(path);
        const char *end = strrchr(text, ')');
        bool ours = end && sscanf(end, ") %*c %d", &parent) == 1 && parent == getpid();
        free(text);
        if (!ours)
            continue;
        char words[4096];
        (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, words, sizeof(words));
        if (fd >= 0)
            (void)close(fd);
        if (n > 0 && memmem(words, (size_t)n, dir, strlen(dir) + 1))
            found = pid;
    }
    if (processes)
        (void)closedir(processes);
    return found;
}

static void note_end(struct harness_mount *mount, int wait_status)
{
    mount->ended = true;
    mount->exit_code = harness_exit_code(wait_status);
}

/* Wait until the directory is mounted or the child has ended. */
static int wait_mounted(struct harness_mount *mount, int timeout_ms)
{
    int table = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    int child = (int)syscall(SYS_pidfd_open, mount->pid, 0);
    if (table < 0 || child < 0)
        peer_die("mountinfo or pidfd");
    struct pollfd pollers[] = {{.fd = table, .events = POLLPRI},
                               {.fd = child, .events = POLLIN}};
    int64_t end = harness_now_ms() + timeout_ms;
    int r = -ETIME;
    for (;;) {
        if (harness_is_mounted(mount->dir)) {
            r = 0;
            break;
        }
        int64_t left = end - harness_now_ms();
        if (left <= 0)
            break;
        if (poll(pollers, 2, (int)left) < 0 && errno != EINTR)
            peer_die("poll");
        if (pollers[1].revents) {
            r = -ECHILD;
            break;
        }
    }
    (void)close(table);
    (void)close(child);
    return r;
}

struct harness_mount *harness_mount_start(const struct harness_mount_config *config)
{
    static atomic_uint numbers;
    struct harness_mount *mount = peer_zalloc(sizeof(*mount));
    int timeout_ms = config->timeout_ms ? config->timeout_ms : MOUNT_MS;
    if (harness_root()[0] == '\0')
        harness_begin();
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)snprintf(mount->home, sizeof(mount->home), "%s/%d/%u", harness_root(), getpid(),
                   atomic_fetch_add(&numbers, 1) + 1);
    (void)snprintf(mount->dir, sizeof(mount->dir), "%s/mnt", mount->home);
    (void)snprintf(mount->log_path, sizeof(mount->log_path), "%s/log", mount->home);
    (void)snprintf(mount->pid_path, sizeof(mount->pid_path), "%s/pid", mount->home);
    char own[160];
    (void)snprintf(own, sizeof(own), "%s/%d", harness_root(), getpid());
    if ((mkdir(own, 0700) < 0 && errno != EEXIST) || mkdir(mount->home, 0700) < 0 ||
        mkdir(mount->dir, 0700) < 0)
        peer_die(mount->home);
    record_pid(mount, spawn(mount, config));
    if (!config->daemon) {
        mount->state = wait_mounted(mount, timeout_ms);
        return mount;
    }
    int status;
    mount->state = harness_wait(mount->pid, timeout_ms, &status);
    if (mount->state < 0)
        return mount;
    note_end(mount, status);
    pid_t daemon = mount->exit_code == 0 ? find_daemon(mount->dir) : 0;
    mount->state = daemon && harness_is_mounted(mount->dir) ? 0 : -ECHILD;
    if (daemon) {
        record_pid(mount, daemon);
        mount->ended = false;
    }
    return mount;
}

int harness_mount_state(const struct harness_mount *mount)
{
    return mount->state;
}

const char *harness_mount_dir(const struct harness_mount *mount)
{
    return mount->dir;
}

pid_t harness_mount_pid(const struct harness_mount *mount)
{
    return mount->pid;
}

const char *harness_mount_log(struct harness_mount *mount)
{
    free(mount->log);
    mount->log = harness_read_file(mount->log_path);
    return mount->log;
}

bool harness_mount_wait_log(struct harness_mount *mount, const char *text, int timeout_ms)
{
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch < 0 || inotify_add_watch(watch, mount->log_path, IN_MODIFY) < 0)
        peer_die("inotify");
    int64_t end = harness_now_ms() + timeout_ms;
    bool found;
    while (!(found = strstr(harness_mount_log(mount), text)) && harness_now_ms() < end) {
        struct pollfd poller = {.fd = watch, .events = POLLIN};
        char events[4096];
        if (poll(&poller, 1, (int)(end - harness_now_ms())) == 1)
            (void)!read(watch, events, sizeof(events));
    }
    (void)close(watch);
    return found;
}

int harness_mount_exit_status(struct harness_mount *mount, int timeout_ms)
{
    int status;
    if (!mount->ended && harness_wait(mount->pid, timeout_ms, &status) == 0)
        note_end(mount, status);
    return mount->ended ? mount->exit_code : -ETIME;
}

int harness_mount_stop(struct harness_mount *mount)
{
    if (!mount)
        return 0;
    if (!mount->ended)
        (void)kill(mount->pid, SIGTERM);
    int r = harness_mount_exit_status(mount, STOP_MS);
    if (harness_is_mounted(mount->dir)) {
        harness_unmount(mount->dir);
        r = r == -ETIME ? r : -EBUSY;
    }
    if (!mount->ended) {
        (void)kill(mount->pid, SIGKILL);
        (void)harness_mount_exit_status(mount, KILLED_MS);
    }
    if (mount->ended) {
        (void)unlink(mount->pid_path);
        (void)unlink(mount->log_path);
        (void)rmdir(mount->dir);
        (void)rmdir(mount->home); /* what the program left in its home stays for the sweep */
    }
    free(mount->log);
    free(mount);
    return r;
}
