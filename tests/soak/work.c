#include "soak.h"

#include "peer/peer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECES       16  /* that a random reader takes of a file */
#define BIG_ONE_IN   100 /* whole files that are of many parts */
#define DIRECT_BYTES 4096U

static bool interrupted(struct soaker *s)
{
    return atomic_load_explicit(&s->soak->interrupted, memory_order_relaxed);
}

static unsigned draw(struct soaker *s, unsigned below)
{
    return (unsigned)(random_u64(&s->random) % below);
}

static void full_path(const struct soaker *s, const char *name, char ret[SOAK_PATH])
{
    (void)snprintf(ret, SOAK_PATH, "%s/%s", s->soak->top, name);
}

static void close_file(struct soaker *s, int fd, const char *path)
{
    /* What was read must come over the network again. */
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    soak_begin(s, "close", path);
    (void)soak_end(s, close(fd), false);
}

/* Open an object's file and look at its size; the descriptor, or < 0: told. */
static int open_object(struct soaker *s, const struct object *object, int flags,
                       char path[SOAK_PATH])
{
    struct stat st;
    full_path(s, object->key, path);
    soak_begin(s, "open", path);
    int fd = (int)soak_end(s, open(path, O_RDONLY | O_CLOEXEC | flags), false);
    if (fd < 0)
        return fd;
    atomic_fetch_add(&s->soak->counts.opens, 1);
    soak_begin(s, "fstat", path);
    if (soak_end(s, fstat(fd, &st), false) == 0 && (uint64_t)st.st_size != object->size)
        soak_wrong(s, "size", path, (uint64_t)st.st_size);
    return fd;
}

/* Read `len` bytes at `offset`, fewer at the end of the file, and check them: their number, or
 * < 0: told. A read that breaks off is legitimate if the next says why. */
static long read_piece(struct soaker *s, int fd, const struct object *object, const char *path,
                       uint64_t offset, size_t len)
{
    size_t at;
    uint64_t left = offset < object->size ? object->size - offset : 0;
    size_t want = left < len ? (size_t)left : len;
    size_t done = 0;
    long n;
    do {
        soak_begin(s, "read", path);
        n = soak_end(s, pread(fd, s->buffer + done, len - done, (off_t)(offset + done)), false);
        if (n < 0)
            return n;
        done += (size_t)n;
    } while (n > 0 && done < want);
    if (done != want)
        soak_wrong(s, "length", path, offset + done);
    if (!peer_check(object->seed, offset, s->buffer, done, &at))
        soak_wrong(s, "data", path, offset + at);
    atomic_fetch_add(&s->soak->counts.reads, 1);
    atomic_fetch_add(&s->soak->counts.bytes, done);
    return (long)done;
}

void soak_read_whole(struct soaker *s, unsigned number)
{
    char path[SOAK_PATH];
    struct object object = object_of(number);
    int fd = open_object(s, &object, 0, path);
    if (fd < 0)
        return;
    uint64_t offset = 0;
    long n;
    while ((n = read_piece(s, fd, &object, path, offset, READ_BYTES)) > 0)
        offset += (uint64_t)n;
    close_file(s, fd, path);
}

static void round_whole(struct soaker *s)
{
    bool big = draw(s, BIG_ONE_IN) == 0;
    soak_read_whole(s, big ? draw(s, OBJECTS / 1000) * 1000 + 7 : draw(s, OBJECTS));
}

static void round_run(struct soaker *s)
{
    unsigned first = draw(s, DIRECTORIES) * OBJECTS_A_DIR;
    for (unsigned i = 0; i < OBJECTS_A_DIR && !interrupted(s); i++)
        soak_read_whole(s, first + i);
}

static void round_random(struct soaker *s)
{
    char path[SOAK_PATH];
    bool direct = s->number % 2 == 0;
    unsigned number = draw(s, 10) == 0 ? draw(s, OBJECTS / 1000) * 1000 + 7
                                       : draw(s, OBJECTS / 100) * 100 + 3;
    struct object object = object_of(number);
    int fd = open_object(s, &object, direct ? O_DIRECT : 0, path);
    if (fd < 0)
        return;
    for (unsigned i = 0; i < PIECES && !interrupted(s); i++) {
        uint64_t offset = random_u64(&s->random) % object.size;
        size_t len = 1 + draw(s, READ_BYTES);
        if (direct) {
            offset -= offset % DIRECT_BYTES;
            len = len / DIRECT_BYTES * DIRECT_BYTES + DIRECT_BYTES;
            len = len < READ_BYTES ? len : READ_BYTES;
        }
        if (read_piece(s, fd, &object, path, offset, len) < 0)
            break;
    }
    close_file(s, fd, path);
}

/* An entry of a directory is an object of it, not seen before, and as large. */
static void look_at(struct soaker *s, DIR *dir, unsigned directory, const char *name,
                    bool seen[OBJECTS_A_DIR])
{
    struct stat st;
    unsigned number;
    char relative[OBJECT_NAME_MAX];
    char path[SOAK_PATH];
    (void)snprintf(relative, sizeof(relative), "d%03u/%.32s", directory, name);
    full_path(s, relative, path);
    if (!object_number(directory, name, &number) || seen[number % OBJECTS_A_DIR]) {
        soak_wrong(s, "a name that is no object's, or twice there", path, 0);
        return;
    }
    seen[number % OBJECTS_A_DIR] = true;
    soak_begin(s, "stat", path);
    if (soak_end(s, fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW), false) < 0)
        return;
    if ((uint64_t)st.st_size != object_of(number).size || !S_ISREG(st.st_mode))
        soak_wrong(s, "attributes", path, (uint64_t)st.st_size);
    atomic_fetch_add(&s->soak->counts.names, 1);
}

/* The next entry but "." and "..", NULL at the end or, with *ret_failed, of an error: told. */
static struct dirent *next_entry(struct soaker *s, DIR *dir, const char *path, bool *ret_failed)
{
    struct dirent *entry;
    do {
        soak_begin(s, "readdir", path);
        errno = 0;
        entry = readdir(dir);
        *ret_failed = soak_end(s, entry || errno == 0 ? 0 : -1, false) < 0;
    } while (entry && entry->d_name[0] == '.');
    return entry;
}

static DIR *open_directory(struct soaker *s, const char *path)
{
    soak_begin(s, "opendir", path);
    DIR *dir = opendir(path);
    (void)soak_end(s, dir ? 0 : -1, false);
    return dir;
}

/* ls -l of a directory: all that is there. */
static void list_one(struct soaker *s, unsigned directory)
{
    char name[OBJECT_NAME_MAX];
    char path[SOAK_PATH];
    directory_name(directory, name);
    full_path(s, name, path);
    DIR *dir = open_directory(s, path);
    if (!dir)
        return;
    bool seen[OBJECTS_A_DIR] = {0};
    unsigned count = 0;
    bool failed;
    struct dirent *entry;
    while ((entry = next_entry(s, dir, path, &failed)) && !interrupted(s)) {
        look_at(s, dir, directory, entry->d_name, seen);
        count++;
    }
    if (!entry && !failed && count != OBJECTS_A_DIR)
        soak_wrong(s, "number of names", path, count);
    (void)closedir(dir);
}

static void round_walk(struct soaker *s)
{
    char path[SOAK_PATH];
    full_path(s, "", path);
    DIR *dir = open_directory(s, path);
    if (!dir)
        return;
    unsigned count = 0;
    bool failed;
    while (next_entry(s, dir, path, &failed))
        count++;
    if (!failed && count != DIRECTORIES)
        soak_wrong(s, "number of directories", path, count);
    (void)closedir(dir);
    for (unsigned i = 0; i < DIRECTORIES && !interrupted(s); i++)
        list_one(s, i);
}

static void round_missing(struct soaker *s)
{
    char name[OBJECT_NAME_MAX];
    char path[SOAK_PATH];
    (void)snprintf(name, sizeof(name), "d%03u/missing-%u", draw(s, DIRECTORIES * 2),
                   draw(s, 1000000));
    full_path(s, name, path);
    soak_begin(s, "open", path);
    int fd = (int)soak_end(s, open(path, O_RDONLY | O_CLOEXEC), true);
    if (fd < 0) {
        atomic_fetch_add(&s->soak->counts.missing, fd == -ENOENT);
        return;
    }
    soak_wrong(s, "a file that is not there", path, 0);
    (void)close(fd);
}

void soak_round(struct soaker *s)
{
    static void (*const rounds[])(struct soaker * s) = {round_whole, round_run, round_random,
                                                        round_walk, round_missing};
    rounds[s->kind](s);
    atomic_fetch_add(&s->soak->counts.rounds[s->kind], 1);
}
