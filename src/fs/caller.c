#include "fs/caller.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STATUS_MAX 16384 /* the list of groups stands before the signals and can be long */

/* Signals that a program gets by living: to end its wait for them would be a lie. Those that
 * stop it do so when it has its answer, and it goes on from there: a grep that was suspended
 * (Ctrl-Z) must not report the file as unreadable. */
static const int patient_signals[] = {SIGCHLD, SIGWINCH, SIGURG,  SIGCONT, SIGPROF, SIGVTALRM,
                                      SIGIO,   SIGSTOP,  SIGTSTP, SIGTTIN, SIGTTOU};

static bool parse_hex(struct pail_str digits, uint64_t *ret)
{
    uint64_t value = 0;
    if (digits.len == 0 || digits.len > 16)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.ptr[i];
        unsigned digit;
        if (c >= '0' && c <= '9')
            digit = (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (unsigned)(c - 'a') + 10;
        else
            return false;
        value = value << 4 | digit;
    }
    *ret = value;
    return true;
}

/* The value of the line "NAME:\tVALUE". */
static bool field(struct pail_str text, const char *name, struct pail_str *ret)
{
    struct pail_str line;
    while (str_next(&text, '\n', &line)) {
        size_t colon = str_find(line, ':', 0);
        if (colon < line.len && str_eq_c(str_sub(line, 0, colon), name)) {
            *ret = str_trim(str_sub(line, colon + 1, line.len));
            return true;
        }
    }
    return false;
}

static bool signal_set(struct pail_str text, const char *name, uint64_t *ret)
{
    struct pail_str value;
    return field(text, name, &value) && parse_hex(value, ret);
}

bool caller_status_impatient(const char *status_text)
{
    struct pail_str text = str_c(status_text), state;
    if (field(text, "State", &state) && state.len > 0 &&
        (state.ptr[0] == 'Z' || state.ptr[0] == 'X' || state.ptr[0] == 'x'))
        return true;
    uint64_t own, shared, blocked, ignored;
    if (!signal_set(text, "SigPnd", &own) || !signal_set(text, "ShdPnd", &shared) ||
        !signal_set(text, "SigBlk", &blocked) || !signal_set(text, "SigIgn", &ignored))
        return false;
    uint64_t waiting = (own | shared) & ~blocked & ~ignored;
    for (size_t i = 0; i < sizeof(patient_signals) / sizeof(patient_signals[0]); i++)
        waiting &= ~(UINT64_C(1) << (patient_signals[i] - 1));
    return waiting != 0;
}

bool caller_impatient(pid_t tid)
{
    if (tid <= 0)
        return false;
    char path[32], text[STATUS_MAX];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        /* A /proc that hides other users' processes says ENOENT for living ones too. */
        return (errno == ENOENT || errno == ESRCH) && syscall(SYS_tkill, tid, 0) < 0 &&
               errno == ESRCH;
    }
    size_t len = 0;
    ssize_t n = 0;
    while (len < sizeof(text) - 1 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
        len += (size_t)n;
    bool gone = n < 0 && errno == ESRCH;
    close(fd);
    text[len] = '\0';
    return gone || caller_status_impatient(text);
}

void caller_name(pid_t tid, char ret[CALLER_NAME_SIZE])
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/%d/comm", (int)tid);
    int fd = tid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n = fd >= 0 ? read(fd, ret, CALLER_NAME_SIZE - 1) : 0;
    if (fd >= 0)
        close(fd);
    size_t len = n > 0 ? (size_t)n : 0;
    /* The newline at its end is not the name's. */
    ret[len > 0 && ret[len - 1] == '\n' ? len - 1 : len] = '\0';
}
