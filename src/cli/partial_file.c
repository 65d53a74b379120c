#include "cli/partial_file.h"

#include "base/buf.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define HIDDEN_TRIES 100

static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/* ---- the hidden name, and the signals that remove it ---- */

/* What the handler removes; changed only while the signals are blocked. */
static char *hidden_name;
static struct sigaction before[ARRAY_LEN(signals)];

static void remove_and_die(int number)
{
    if (hidden_name)
        (void)unlink(hidden_name);
    (void)signal(number, SIG_DFL);
    (void)raise(number); /* comes when this handler returns, and ends the process */
}

static void block(sigset_t *ret_before)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaddset(&set, signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, ret_before);
}

static void unblock(const sigset_t *mask)
{
    pthread_sigmask(SIG_SETMASK, mask, NULL);
}

/* The signals blocked: from now on they remove `name`. Those that are ignored stay so. */
static void guard(char *name)
{
    hidden_name = name;
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        struct sigaction action = {.sa_handler = remove_and_die};
        (void)sigaction(signals[i], NULL, &before[i]);
        if (before[i].sa_handler == SIG_DFL)
            (void)sigaction(signals[i], &action, NULL);
    }
}

static void unguard(void)
{
    hidden_name = NULL;
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        if (before[i].sa_handler == SIG_DFL)
            (void)sigaction(signals[i], &before[i], NULL);
    }
}

/* "DIR/.pail-RANDOM" beside `path`. NULL on ENOMEM. */
static char *name_beside(const char *path)
{
    struct pail_str whole = str_c(path);
    size_t slash = str_rfind(whole, '/');
    struct random random;
    random_init(&random);
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, whole.len + 32);
    if (slash < whole.len)
        buf_add_str(&b, str_sub(whole, 0, slash + 1));
    buf_addf(&b, ".pail-%016" PRIx64, random_u64(&random));
    return buf_steal(&b);
}

/* ---- opening ---- */

/* 0, or -EOPNOTSUPP where the filesystem or the system cannot name it later. */
static int open_nameless(struct partial_file *file, mode_t mode)
{
    struct pail_str whole = str_c(file->path);
    size_t slash = str_rfind(whole, '/');
    CLEANUP(heap) char *dir =
        slash == whole.len ? str_dup(PAIL_STR(".")) : str_dup(str_sub(whole, 0, slash + 1));
    if (!dir)
        return -ENOMEM;
    if (file->hidden || access("/proc/self/fd", X_OK) < 0)
        return -EOPNOTSUPP;
    file->fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (file->fd >= 0)
        return 0;
    return errno == EISDIR || errno == EINVAL ? -EOPNOTSUPP : -errno;
}

static int open_hidden(struct partial_file *file, mode_t mode)
{
    int r = -EEXIST;
    for (int i = 0; r == -EEXIST && i < HIDDEN_TRIES; i++) {
        sigset_t mask;
        char *name = name_beside(file->path);
        if (!name)
            return -ENOMEM;
        block(&mask);
        file->fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        r = file->fd < 0 ? -errno : 0;
        if (r == 0) {
            file->temporary = name;
            guard(name);
        }
        unblock(&mask);
        if (r < 0)
            free(name);
    }
    return r;
}

int partial_file_open(struct partial_file *file, const char *path)
{
    struct stat st;
    bool exists = stat(path, &st) == 0;
    file->fd = -1;
    if (!exists && errno != ENOENT)
        return -errno;
    if (exists && S_ISDIR(st.st_mode))
        return -EISDIR;
    if (exists && !S_ISREG(st.st_mode)) {
        file->in_place = true;
        file->fd = open(path, O_WRONLY | O_CLOEXEC);
        return file->fd < 0 ? -errno : 0;
    }
    if (exists && access(path, W_OK) < 0)
        return -errno;
    file->path = exists ? realpath(path, NULL) : str_dup(str_c(path));
    if (!file->path)
        return -errno;
    int r = open_nameless(file, 0666);
    if (r == -EOPNOTSUPP)
        r = open_hidden(file, 0666);
    if (r == 0 && exists && fchmod(file->fd, st.st_mode & 0777) < 0)
        r = -errno;
    return r;
}

/* ---- the end ---- */

/* A name can only replace another one, so the nameless gets a hidden one first. The signals are
 * blocked. */
static int name_it(struct partial_file *file)
{
    char from[64];
    snprintf(from, sizeof(from), "/proc/self/fd/%d", file->fd);
    int r = -EEXIST;
    for (int i = 0; r == -EEXIST && i < HIDDEN_TRIES; i++) {
        CLEANUP(heap) char *name = name_beside(file->path);
        if (!name)
            return -ENOMEM;
        r = linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
        if (r == 0)
            file->temporary = STEAL(name);
    }
    return r;
}

int partial_file_commit(struct partial_file *file)
{
    sigset_t mask;
    int r = 0;
    block(&mask);
    if (!file->in_place && !file->temporary)
        r = name_it(file);
    if (close(file->fd) < 0 && r == 0)
        r = -errno;
    file->fd = -1;
    if (r == 0 && !file->in_place && rename(file->temporary, file->path) < 0)
        r = -errno;
    if (r < 0 && file->temporary)
        (void)unlink(file->temporary);
    if (hidden_name)
        unguard();
    free(STEAL(file->temporary));
    unblock(&mask);
    return r;
}

void partial_file_done(struct partial_file *file)
{
    sigset_t mask;
    block(&mask);
    if (file->temporary)
        (void)unlink(file->temporary);
    if (hidden_name)
        unguard();
    free(STEAL(file->temporary));
    unblock(&mask);
    if (file->fd >= 0 && (file->path || file->in_place))
        (void)close(file->fd);
    file->fd = -1;
    free(STEAL(file->path));
}
