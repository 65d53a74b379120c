#include "mount/cross/cell.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define NAMES  7     /* in a cell's directory, a page's worth of which... */
#define FIRST  2     /* ...come with its lookup */
#define HANG_S 60    /* after which a system call hangs */
#define LOG_MS 10000 /* for a line to come to the log */

static atomic_uint complaints;

unsigned cell_complaints(void)
{
    return complaints;
}

void cell_complain(struct cell *cell, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)fprintf(stderr, "cross.table:%u: %s %s %s: %s\n", cell->what->line,
                  cross_phases[cell->what->phase], cell->what->fault,
                  cross_operations[cell->what->operation], text);
    cell->wrong = true;
    complaints++;
}

static const char *name_of(int result)
{
    return result == 0 ? "success" : strerrorname_np(-result);
}

static uint64_t size_of(const struct cell *cell)
{
    const struct cross_cell *what = cell->what;
    bool parts =
        what->operation == READ_LATER || (what->operation == OPEN && cross_takes_range(what));
    return parts ? CROSS_LONG : CROSS_SHORT;
}

/* ---- system calls: 0 or -errno ---- */

static int try_stat(const char *path)
{
    struct stat attributes;
    return stat(path, &attributes) < 0 ? -errno : 0;
}

static int try_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    (void)close(fd);
    return 0;
}

/* *ret_count: names before the end, or the error. */
static int try_list(const char *path, size_t *ret_count)
{
    DIR *dir = opendir(path);
    *ret_count = 0;
    if (!dir)
        return -errno;
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(dir)); errno = 0)
        *ret_count += entry->d_name[0] != '.';
    int r = -errno;
    (void)closedir(dir);
    return r;
}

static int try_xattr(const char *path, const char *name, char *value, size_t size)
{
    ssize_t n = getxattr(path, name, value, size - 1);
    if (n < 0)
        return -errno;
    value[n] = '\0';
    return 0;
}

/* ---- before ---- */

/* x-amz-checksum-crc32 of the file, in base64 as S3 has it. */
static void crc32_line(const struct cell *cell, char ret[static 64])
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = (size_t)size_of(cell);
    unsigned char *content = malloc(size);
    if (!content)
        abort();
    peer_fill(cell->number, 0, content, size);
    uint64_t bits = (uint64_t)crc32(0, content, (unsigned)size) << 4; /* of 36 */
    free(content);
    char text[9] = "";
    for (int i = 0; i < 6; i++)
        text[i] = digits[bits >> (30 - 6 * i) & 63];
    (void)snprintf(ret, 64, "x-amz-checksum-crc32: %s==", text);
}

void cell_put(struct cell *cell)
{
    static const char *const others[] = {"0a", "0b", "a", "z1", "z2", "z3"};
    char key[32], checksum[64];
    (void)snprintf(cell->dir, sizeof(cell->dir), "d%02u", cell->number);
    (void)snprintf(cell->key, sizeof(cell->key), "d%02u/f", cell->number);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        (void)snprintf(key, sizeof(key), "%s/%s", cell->dir, others[i]);
        peer_s3_put_generated(cell->s3, "bkt", key, 1, 1);
    }
    bool checked = strcmp(cell->what->fault, "wrong-checksum") == 0;
    if (checked)
        crc32_line(cell, checksum);
    peer_s3_put(cell->s3, "bkt",
                &(struct peer_s3_object){.key = cell->key,
                                         .size = size_of(cell),
                                         .seed = cell->number,
                                         .checksums = checked ? checksum : NULL});
}

/* Reads to the end, or to the error; the bytes are checked. */
static int read_on(struct cell *cell, int fd)
{
    static _Thread_local char buffer[256 * 1024];
    ssize_t n;
    while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
        if (!peer_check(cell->number, cell->got, buffer, (size_t)n, NULL))
            cell_complain(cell, "wrong bytes from %" PRIu64 " on", cell->got);
        cell->got += (uint64_t)n;
    }
    return n < 0 ? -errno : 0;
}

static int read_whole(struct cell *cell, bool forget)
{
    int fd = open(cell->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    cell->got = 0;
    int r = read_on(cell, fd);
    if (forget)
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    (void)close(fd);
    return r;
}

static int read_far(struct cell *cell)
{
    char buffer[4096];
    ssize_t n = pread(cell->fd, buffer, sizeof(buffer), (off_t)CROSS_FAR);
    if (n < 0)
        return -errno;
    if (!peer_check(cell->number, CROSS_FAR, buffer, (size_t)n, NULL))
        cell_complain(cell, "wrong bytes");
    cell->got = (uint64_t)n;
    return 0;
}

static int prepare(struct cell *cell)
{
    enum cross_operation operation = cell->what->operation;
    size_t listed;
    if (operation == LOOKUP || operation == PROBE || operation == READDIR ||
        operation == READDIR_LATER)
        return try_stat(cell->dir_path);
    int r = try_list(cell->dir_path, &listed);
    if (r == 0)
        r = try_stat(cell->path);
    if (r == 0 && operation == READ && !cross_in_body(cell->what))
        r = read_whole(cell, true);
    if (r == 0 && operation == READ_LATER && cell->what->phase != BETWEEN) {
        char buffer[4096];
        cell->fd = open(cell->path, O_RDONLY | O_CLOEXEC);
        if (cell->fd < 0 ||
            pread(cell->fd, buffer, sizeof(buffer), 0) != (ssize_t)sizeof(buffer))
            r = -errno;
    }
    return r;
}

void cell_prepare(struct cell *cell)
{
    const char *top = harness_mount_dir(cell->mount);
    (void)snprintf(cell->dir_path, sizeof(cell->dir_path), "%s/%s", top, cell->dir);
    (void)snprintf(cell->path, sizeof(cell->path), "%s/f", cell->dir_path);
    cell->fd = -1;
    int r = prepare(cell);
    cell->prepared = r == 0;
    if (r < 0)
        cell_complain(cell, "before the fault: %s", name_of(r));
    cell->got = 0;
}

/* ---- the request that the cell is about ---- */

static bool is_listing(const struct peer_request *request, const char *prefix)
{
    const char *given = peer_request_param(request, "prefix");
    return given && strcmp(given, prefix) == 0;
}

/* Requests of a page count: the first, or the later one that the fault is laid on. */
static bool of_page(const struct cell *cell, const struct peer_request *request,
                    char tokens[3][128], size_t *count)
{
    const char *token = peer_request_param(request, "continuation-token");
    size_t page = cell->what->operation == READDIR ? 0 : cell->what->phase == BETWEEN ? 2 : 1;
    if (!token)
        token = "";
    size_t i = 0;
    while (i < *count && strcmp(tokens[i], token) != 0)
        i++;
    if (i == *count && *count < 3)
        (void)snprintf(tokens[(*count)++], sizeof(tokens[0]), "%s", token);
    return i == page;
}

static bool of_second_part(const struct peer_request *request)
{
    const char *range = peer_request_header(request, "Range");
    uint64_t first = 0;
    return range && sscanf(range, "bytes=%" SCNu64, &first) == 1 && first >= CROSS_PART &&
           first < 2 * CROSS_PART;
}

/* How many requests of the cell's the peer got; *ret_last is the newest. */
static size_t count_requests(struct cell *cell, const struct peer_request **ret_last)
{
    struct peer *peer = peer_s3_peer(cell->s3);
    char path[64], dir[64], below[64], tokens[3][128];
    size_t count = 0, pages = 0, all = peer_count(peer, NULL);
    (void)snprintf(path, sizeof(path), "/bkt/%s", cell->key);
    (void)snprintf(dir, sizeof(dir), "%s/", cell->dir);
    (void)snprintf(below, sizeof(below), "%s/", cell->key);
    *ret_last = NULL;
    for (size_t i = 0; i < all; i++) {
        const struct peer_request *r = peer_request_at(peer, NULL, i);
        bool get = strcmp(r->method, "GET") == 0, object = strcmp(r->path, path) == 0;
        bool ours = false;
        switch (cell->what->operation) {
        case LOOKUP:
            ours = !get && object;
            break;
        case PROBE:
            ours = get && is_listing(r, below);
            break;
        case READDIR:
        case READDIR_LATER:
            ours = get && is_listing(r, dir) && !peer_request_param(r, "max-keys") &&
                   of_page(cell, r, tokens, &pages);
            break;
        case OPEN:
        case READ:
            ours = get && object;
            break;
        case READ_LATER:
            ours = get && object && (cell->what->phase != BETWEEN || of_second_part(r));
            break;
        case GETXATTR:
            ours = !get && object && peer_request_header(r, "If-Match");
            break;
        case MOUNT:
            ours = get; /* a redirect has it ask the bucket for its region too */
            break;
        case OPERATIONS:
            break;
        }
        count += ours;
        if (ours)
            *ret_last = r;
    }
    return count;
}

void cell_lay(struct cell *cell)
{
    struct peer *peer = peer_s3_peer(cell->s3);
    struct cross_play play;
    char path[64], prefix[64];
    cross_play(cell->what, cell->dir, &play);
    (void)snprintf(path, sizeof(path), "/bkt/%s", cell->key);
    (void)snprintf(prefix, sizeof(prefix), "%s/", cell->dir);
    struct peer_match match = {.method = "GET"};
    switch (cell->what->operation) {
    case LOOKUP:
        match = (struct peer_match){.method = "HEAD", .path = path};
        break;
    case PROBE:
        (void)snprintf(prefix, sizeof(prefix), "%s/", cell->key);
        match.param = "prefix";
        match.param_value = prefix;
        break;
    case READDIR:
    case READDIR_LATER:
        match.param = "prefix";
        match.param_value = prefix;
        match.without_param = "max-keys";
        break;
    case GETXATTR:
        match = (struct peer_match){.method = "HEAD", .path = path, .header = "If-Match"};
        break;
    case MOUNT:
        match.param = "list-type";
        break;
    default:
        match.path = path;
        break;
    }
    (void)peer_rule_add(peer, &(struct peer_rule){.match = match,
                                                  .responses = play.responses,
                                                  .response_count = play.count,
                                                  .skip = play.skip,
                                                  .around = play.around});
}

/* ---- the call ---- */

static void *call(void *arg)
{
    struct cell *cell = arg;
    char value[256];
    switch (cell->what->operation) {
    case LOOKUP:
    case PROBE:
        cell->result = try_stat(cell->path);
        break;
    case READDIR:
    case READDIR_LATER:
        cell->result = try_list(cell->dir_path, &cell->listed);
        break;
    case OPEN:
        cell->result = try_open(cell->path);
        break;
    case READ:
        cell->result = read_whole(cell, false);
        break;
    case READ_LATER:
        cell->result = cell->what->phase == BETWEEN ? read_whole(cell, false) : read_far(cell);
        break;
    case GETXATTR:
        cell->result = try_xattr(cell->path, "user.s3.content-type", value, sizeof(value));
        break;
    case MOUNT:
    case OPERATIONS:
        break;
    }
    return NULL;
}

void cell_start(struct cell *cell)
{
    cell->running = cell->prepared && pthread_create(&cell->thread, NULL, call, cell) == 0;
}

void cell_join(struct cell *cell)
{
    struct timespec end;
    if (!cell->running)
        return;
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += HANG_S;
    if (pthread_timedjoin_np(cell->thread, NULL, &end) == 0)
        return;
    cell_complain(cell, "hangs");
    cell->prepared = false;
    (void)pthread_detach(cell->thread);
}

/* ---- after ---- */

static void check_delivered(struct cell *cell)
{
    const struct cross_cell *what = cell->what;
    bool good = what->sys == 0;
    switch (what->operation) {
    case READDIR:
        if (good ? cell->listed != NAMES : cell->listed > FIRST)
            cell_complain(cell, "%zu names were listed", cell->listed);
        break;
    case READDIR_LATER:
        if (good ? cell->listed != NAMES
                 : cell->listed > FIRST + (what->phase == BETWEEN ? 4 : 2))
            cell_complain(cell, "%zu names were listed", cell->listed);
        break;
    case READ:
        if (cell->got != (good ? CROSS_SHORT : 0))
            cell_complain(cell, "%" PRIu64 " bytes were read", cell->got);
        break;
    case READ_LATER:
        if (what->phase == BETWEEN ? cell->got != (good ? CROSS_LONG : CROSS_PART)
                                   : cell->got != (good ? 4096 : 0))
            cell_complain(cell, "%" PRIu64 " bytes were read", cell->got);
        break;
    default:
        break;
    }
}

/* True if the peer can have counted: there was a connection. */
static bool was_asked(const struct cross_cell *what)
{
    return what->phase >= HEADERS && !cross_loses_network(what) &&
           strcmp(what->fault, "endless") != 0;
}

static void check_count(struct cell *cell, size_t sent)
{
    const struct cross_cell *what = cell->what;
    size_t expected = what->attempts;
    /* The kernel looks the name up again, and opens it once more. */
    if (what->sys == ESTALE &&
        (what->operation == OPEN || what->operation == LOOKUP || what->operation == PROBE))
        expected *= 2;
    if (was_asked(what) && sent != expected)
        cell_complain(cell, "%zu requests, not %zu", sent, expected);
}

/* What a line tells of the failure. */
static void check_told(struct cell *cell, const char *where, const char *line)
{
    const struct cross_cell *what = cell->what;
    const char *name = strerrorname_np(what->sys), *attempts = strstr(line, " attempt");
    char words[96];
    cross_words(what, words, sizeof(words));
    if (!strstr(line, name))
        cell_complain(cell, "no %s in the %s: %s", name, where, line);
    if (!strstr(line, words))
        cell_complain(cell, "no \"%s\" in the %s: %s", words, where, line);
    if (what->words && !what->words[0])
        return; /* it was not a request's end that ended it */
    unsigned told = 1;
    while (attempts && attempts > line && attempts[-1] >= '0' && attempts[-1] <= '9')
        attempts--;
    if (attempts)
        (void)sscanf(attempts, "%u", &told);
    if (told != what->attempts)
        cell_complain(cell, "%u attempts in the %s, not %u: %s", told, where, what->attempts,
                      line);
}

/* The line of the log about the cell's directory or file: nothing else failed there. */
static void check_log(struct cell *cell)
{
    static const char *const verbs[OPERATIONS] = {
        [LOOKUP] = " lookup ",         [PROBE] = " lookup ",      [READDIR] = " readdir ",
        [READDIR_LATER] = " readdir ", [OPEN] = " open ",         [READ] = " read ",
        [READ_LATER] = " read ",       [GETXATTR] = " getxattr ",
    };
    const char *verb = verbs[cell->what->operation];
    char uri[64];
    (void)snprintf(uri, sizeof(uri), "s3://bkt/%s", cell->dir);
    if (!harness_mount_wait_log(cell->mount, uri, LOG_MS)) {
        cell_complain(cell, "no line of %s in the log", uri);
        return;
    }
    const char *log = harness_mount_log(cell->mount), *line = strstr(log, uri);
    while (line > log && line[-1] != '\n')
        line--;
    char *copy = strndup(line, strcspn(line, "\n"));
    /* An open fails as the GET that is to read the file does. */
    if (!strstr(copy, verb) && (cell->what->operation != OPEN || !strstr(copy, " read ")))
        cell_complain(cell, "no%sin the log: %s", verb, copy);
    check_told(cell, "log", copy);
    free(copy);
}

static void check_attribute(struct cell *cell, const struct peer_request *last)
{
    enum cross_operation operation = cell->what->operation;
    bool by_dir = operation == LOOKUP || operation == PROBE || operation == READDIR ||
                  operation == READDIR_LATER;
    char told[4096], id[32];
    int r =
        try_xattr(by_dir ? cell->dir_path : cell->path, "user.pail.error", told, sizeof(told));
    if (r < 0) {
        cell_complain(cell, "no user.pail.error: %s", name_of(r));
        return;
    }
    check_told(cell, "attribute", told);
    const char *code = strchr(cell->what->fault, ':');
    if (!code || !last || !was_asked(cell->what))
        return;
    peer_request_id(last, id);
    /* Of several reads at a time any may be the one that failed last. */
    if (operation == READ || operation == READ_LATER)
        (void)snprintf(id, sizeof(id), "request id PEER");
    if (!strstr(told, id))
        cell_complain(cell, "no request id %s in the attribute: %s", id, told);
}

void cell_check(struct cell *cell)
{
    const struct cross_cell *what = cell->what;
    const struct peer_request *last;
    if (!cell->prepared)
        return;
    size_t sent = count_requests(cell, &last);
    if (cell->result != -what->sys)
        cell_complain(cell, "%s, not %s", name_of(cell->result), name_of(-what->sys));
    check_count(cell, sent);
    check_delivered(cell);
    bool absent =
        what->sys == ENOENT && (what->operation == LOOKUP || what->operation == PROBE);
    if (what->sys && !absent && cell->result == -what->sys) {
        check_log(cell);
        check_attribute(cell, last);
    }
    if (cell->fd >= 0)
        (void)close(cell->fd);
}

void cell_check_mount(struct cell *cell)
{
    const struct cross_cell *what = cell->what;
    const struct peer_request *last;
    int state = harness_mount_state(cell->mount);
    check_count(cell, count_requests(cell, &last));
    if (what->sys == 0) {
        if (state != 0)
            cell_complain(cell, "no mount: %s", harness_mount_log(cell->mount));
        return;
    }
    const char *log = harness_mount_log(cell->mount), *end = strchr(log, '\n');
    if (state != -ECHILD || harness_mount_exit_status(cell->mount, 0) != 1)
        cell_complain(cell, "it mounts, or ends with %d",
                      harness_mount_exit_status(cell->mount, 0));
    if (!end || end[1] != '\0')
        cell_complain(cell, "not one line: %s", log);
    check_told(cell, "line", log);
}
