#include "fs/mount_messages.h"

#include "base/log.h"
#include "base/str.h"

#include <fcntl.h>
#define FUSE_USE_VERSION 314
#include <fuse_log.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

/* libfuse's log function has no argument to find a state by; there is one mount a process. */
static char first_line[256];
static int saved_stderr = -1;
static int caught = -1;

__attribute__((format(printf, 2, 0))) static void keep(enum fuse_log_level level,
                                                       const char *format, va_list args)
{
    if (level < FUSE_LOG_INFO && !first_line[0])
        vsnprintf(first_line, sizeof(first_line), format, args);
}

__attribute__((format(printf, 2, 0))) static void hand_on(enum fuse_log_level level,
                                                          const char *format, va_list args)
{
    char line[LOG_LINE_MAX];
    vsnprintf(line, sizeof(line), format, args);
    struct pail_str said = str_trim(str_c(line));
    enum log_level at = LOG_DEBUG_LEVEL;
    if (level < FUSE_LOG_INFO)
        at = level <= FUSE_LOG_ERR ? LOG_ERROR_LEVEL : LOG_WARN_LEVEL;
    if (said.len > 0 && log_enabled(at))
        log_line(at, "libfuse: %.*s", (int)said.len, said.ptr);
}

void mount_messages_catch(void)
{
    first_line[0] = '\0';
    fuse_set_log_func(keep);
    caught = memfd_create("messages", MFD_CLOEXEC);
    saved_stderr = caught < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (saved_stderr >= 0)
        dup2(caught, STDERR_FILENO);
}

void mount_messages_release(char *text, size_t size)
{
    fuse_set_log_func(hand_on);
    if (saved_stderr >= 0) {
        dup2(saved_stderr, STDERR_FILENO);
        close(saved_stderr);
        ssize_t n = first_line[0] ? 0 : pread(caught, first_line, sizeof(first_line) - 1, 0);
        if (n > 0)
            first_line[n] = '\0';
    }
    if (caught >= 0)
        close(caught);
    saved_stderr = caught = -1;
    struct pail_str said = str_c(first_line), line, program;
    str_next(&said, '\n', &line);
    struct pail_str rest = line;
    if (str_next(&rest, ':', &program) && rest.ptr &&
        (str_eq_c(program, "fuse") || str_eq_c(program, "fusermount3")))
        line = rest;
    str_copy(text, size, str_trim(line));
}
