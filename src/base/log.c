#include "base/log.h"

#include "base/encode.h"
#include "base/thread.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define HALF_SIZE   ((size_t)128 << 10) /* bytes of lines that may wait, twice */
#define STOP_ROUNDS 10                  /* of LOG_STOP_MS */
#define NO_LEVEL    (LOG_NOTICE_LEVEL - 1)

struct record {
    int64_t time_ms;
    size_t len; /* of the line after it, with its NUL */
    enum log_level level;
};

/* One half is filled while the thread hands out the other. Once a line did not fit, none is
 * added before the halves change, so that the dropped ones are all newer than what is in it. */
struct half {
    size_t len;
    uint64_t dropped;
    char bytes[HALF_SIZE];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER, ending = PTHREAD_COND_INITIALIZER;
static struct half halves[2];
static struct half *filling; /* under the mutex, as what follows; NULL when not started */
static bool stopping, over, left_behind; /* over: the thread has nothing to do any more */
static _Atomic uint64_t handed_out;      /* lines, by the log's thread */

static atomic_int keep_level = NO_LEVEL;
static _Atomic uint64_t dropped_total;

static log_sink *sink; /* set while no thread of the log runs */
static void *sink_user;
static pthread_t thread;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void hand_out(struct half *half)
{
    struct record record;
    for (size_t at = 0; at < half->len; at += sizeof(record) + record.len) {
        memcpy(&record, half->bytes + at, sizeof(record));
        sink(sink_user, record.level, record.time_ms, half->bytes + at + sizeof(record));
        atomic_fetch_add(&handed_out, 1);
    }
    if (half->dropped > 0) {
        char text[64];
        snprintf(text, sizeof(text), "%" PRIu64 " log lines were dropped", half->dropped);
        sink(sink_user, LOG_WARN_LEVEL, now_ms(), text);
    }
    half->len = 0;
    half->dropped = 0;
}

static void *run(void *arg)
{
    bool last = false;
    while (!last) {
        pthread_mutex_lock(&mutex);
        while (filling->len == 0 && !stopping)
            pthread_cond_wait(&work, &mutex);
        struct half *full = filling;
        filling = full == &halves[0] ? &halves[1] : &halves[0];
        last = stopping; /* nothing is added any more */
        pthread_mutex_unlock(&mutex);
        hand_out(full);
    }
    pthread_mutex_lock(&mutex);
    over = true;
    pthread_cond_signal(&ending);
    pthread_mutex_unlock(&mutex);
    return arg;
}

int log_start(enum log_level level, log_sink *line_sink, void *user)
{
    pthread_mutex_lock(&mutex);
    bool started = filling;
    if (!started) {
        filling = &halves[0];
        stopping = over = false;
    }
    pthread_mutex_unlock(&mutex);
    if (started)
        return -EALREADY;

    sink = line_sink;
    sink_user = user;
    atomic_store(&dropped_total, 0);
    int r = thread_start(&thread, "pail-log", run, NULL);
    if (r < 0) {
        pthread_mutex_lock(&mutex);
        filling = NULL;
        pthread_mutex_unlock(&mutex);
        return r;
    }
    atomic_store(&keep_level, (int)level);
    return 0;
}

/* Joins the thread unless its sink takes nothing any more, or all too slowly. */
static bool join(void)
{
    for (int round = 0; round < STOP_ROUNDS; round++) {
        struct timespec end;
        uint64_t before = atomic_load(&handed_out);
        clock_gettime(CLOCK_MONOTONIC, &end);
        end.tv_nsec += LOG_STOP_MS * 1000000L;
        end.tv_sec += end.tv_nsec / 1000000000L;
        end.tv_nsec %= 1000000000L;
        pthread_mutex_lock(&mutex);
        for (int r = 0; !over && r == 0;)
            r = pthread_cond_clockwait(&ending, &mutex, CLOCK_MONOTONIC, &end);
        bool ended = over;
        pthread_mutex_unlock(&mutex);
        if (ended) {
            pthread_join(thread, NULL);
            return true;
        }
        if (atomic_load(&handed_out) == before)
            break;
    }
    pthread_detach(thread);
    return false;
}

bool log_stop(void)
{
    pthread_mutex_lock(&mutex);
    bool started = filling, left = left_behind;
    stopping = true;
    pthread_cond_signal(&work);
    pthread_mutex_unlock(&mutex);
    if (!started || left)
        return !left;
    atomic_store(&keep_level, NO_LEVEL);
    bool ended = join();
    pthread_mutex_lock(&mutex);
    left_behind = !ended;
    if (ended)
        filling = NULL;
    pthread_mutex_unlock(&mutex);
    return ended;
}

bool log_enabled(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&keep_level, memory_order_relaxed);
}

static void add_record(const struct record *record, const char *line)
{
    pthread_mutex_lock(&mutex);
    if (filling && !stopping) {
        size_t need = sizeof(*record) + record->len;
        if (filling->dropped > 0 || need > HALF_SIZE - filling->len) {
            filling->dropped++;
            atomic_fetch_add(&dropped_total, 1);
        } else {
            memcpy(filling->bytes + filling->len, record, sizeof(*record));
            memcpy(filling->bytes + filling->len + sizeof(*record), line, record->len);
            if (filling->len == 0)
                pthread_cond_signal(&work);
            filling->len += need;
        }
    }
    pthread_mutex_unlock(&mutex);
}

void log_line(enum log_level level, const char *format, ...)
{
    if (!log_enabled(level))
        return;
    int saved = errno; /* who logs a failure may still want it */
    /* Longer than a line, so that what the formatting cuts apart is not in the line. */
    char raw[LOG_LINE_MAX + 8], line[LOG_LINE_MAX + 1];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    if (len >= 0) {
        size_t raw_len = (size_t)len < sizeof(raw) ? (size_t)len : sizeof(raw) - 1;
        escape_text(line, sizeof(line), str_of(raw, raw_len), KEEP_BACKSLASH);
        struct record record = {.time_ms = now_ms(), .len = strlen(line) + 1, .level = level};
        add_record(&record, line);
    }
    errno = saved;
}

uint64_t log_dropped(void)
{
    return atomic_load(&dropped_total);
}

static const struct {
    const char *name;
    int priority; /* syslog's */
} levels[] = {
    [LOG_ERROR_LEVEL] = {"error", LOG_ERR},
    [LOG_WARN_LEVEL] = {"warn", LOG_WARNING},
    [LOG_INFO_LEVEL] = {"info", LOG_INFO},
    [LOG_DEBUG_LEVEL] = {"debug", LOG_DEBUG},
};

int log_level_parse(struct pail_str s, enum log_level *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        if (str_eq_c(s, levels[i].name)) {
            *ret = (enum log_level)i;
            return 0;
        }
    }
    return -EINVAL;
}

static void write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n >= 0) {
            text += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
            poll(&poll_fd, 1, -1);
        } else if (errno != EINTR) {
            return; /* there is nowhere else to say so */
        }
    }
}

void log_to_fd(void *user, enum log_level level, int64_t time_ms, const char *line)
{
    char text[LOG_LINE_MAX + 128], date[32];
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm) || !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
        date[0] = '\0';
    const char *name = level == LOG_NOTICE_LEVEL ? "notice" : levels[level].name;
    int len = snprintf(text, sizeof(text), "%s.%03dZ %s %s\n", date, (int)(time_ms % 1000),
                       name, line);
    if (len > 0)
        write_all(*(int *)user, text,
                  (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

void log_to_syslog(void *user, enum log_level level, int64_t time_ms, const char *line)
{
    (void)user;
    (void)time_ms;
    syslog(level == LOG_NOTICE_LEVEL ? LOG_NOTICE : levels[level].priority, "%s", line);
}
