/* base/log.h: log lines that never block the thread that writes them.
 *
 * Lines go into a bounded ring; a thread of the log's own hands them to the sink. When the ring
 * is full a line is dropped and counted, and the count is logged when there is room again.
 * Before log_start and after log_stop lines are dropped (threads must not be made before the
 * fork that daemonizes). */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <pail/types.h>

enum log_level {
    LOG_NOTICE_LEVEL = -1, /* what somebody has asked for: kept at every level */
    LOG_ERROR_LEVEL,
    LOG_WARN_LEVEL,
    LOG_INFO_LEVEL,
    LOG_DEBUG_LEVEL,
};

#define LOG_STOP_MS  500
#define LOG_LINE_MAX 4096 /* bytes of one line, the rest is cut */

/* Called on the log's thread, for one line without its newline, written at `time_ms` (since
 * 1970 UTC). May block. */
typedef void log_sink(void *user, enum log_level level, int64_t time_ms, const char *line);

/* Starts the thread. `sink` and `user` must stay until log_stop is true. 0 or -errno. */
int log_start(enum log_level level, log_sink *sink, void *user);
/* Hands over what waits, ends the thread. Does nothing if not started. A sink that takes
 * nothing for LOG_STOP_MS (a pipe whose reader sleeps) does not keep the program: false, its
 * thread is left behind, with `sink` and `user`, for the process's end, and log_start fails
 * from then on. */
bool log_stop(void);
/* True if a line of that level would be kept: guards costly arguments. Any thread. */
bool log_enabled(enum log_level level);
/* One line; control characters are escaped. Never blocks on I/O. Any thread. */
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Lines dropped since log_start. */
uint64_t log_dropped(void);

/* "error", "warn", "info", "debug". 0 or -EINVAL. */
int log_level_parse(struct pail_str s, enum log_level *ret);

/* Ready-made sinks: a file descriptor (user = int *, lines with time and level), and syslog
 * (user ignored). */
log_sink log_to_fd;
log_sink log_to_syslog;

#define log_notice(...) log_line(LOG_NOTICE_LEVEL, __VA_ARGS__)
#define log_error(...)  log_line(LOG_ERROR_LEVEL, __VA_ARGS__)
#define log_warn(...)   log_line(LOG_WARN_LEVEL, __VA_ARGS__)
#define log_info(...)   log_line(LOG_INFO_LEVEL, __VA_ARGS__)
#define log_debug(...)                                                                         \
    do {                                                                                       \
        if (log_enabled(LOG_DEBUG_LEVEL))                                                      \
            log_line(LOG_DEBUG_LEVEL, __VA_ARGS__);                                            \
    } while (0)

#endif
