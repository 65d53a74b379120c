#include "cli/pail_output.h"

#include "base/clock.h"
#include "cli/pail_arguments.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define SUBJECT_MAX 65536

int pail_write(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            (void)poll(&room, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            return -errno;
        } else if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

int pail_print(struct pail_run *run, struct pail_str text)
{
    int r = pail_write(STDOUT_FILENO, text.ptr, text.len);
    if (r == -EPIPE)
        return EXIT_PIPE;
    if (r < 0) {
        buf_addf(&run->line, "standard output: %s", strerror(-r));
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

int pail_pause(int64_t ns)
{
    struct pollfd reader = {
        .fd = STDOUT_FILENO}; /* no event is asked for: only its going shows */
    const struct timespec time = {.tv_sec = ns / NS_PER_SEC, .tv_nsec = ns % NS_PER_SEC};
    return ppoll(&reader, 1, &time, NULL) > 0 ? EXIT_PIPE : EXIT_OK;
}

void pail_add_name(struct buf *b, struct pail_str name)
{
    if (isatty(STDOUT_FILENO))
        buf_add_escaped(b, name);
    else
        buf_add_str(b, name);
}

int pail_print_heading(struct pail_run *run, struct pail_str bucket, struct pail_str key)
{
    CLEANUP_DONE(buf) struct buf heading;
    buf_init(&heading, SUBJECT_MAX);
    if (run->arguments->word_count < 2)
        return EXIT_OK;
    buf_addf(&heading, "%ss3://", run->headed ? "\n" : "");
    pail_add_name(&heading, bucket);
    buf_add_c(&heading, key.len > 0 ? "/" : "");
    pail_add_name(&heading, key);
    buf_add_c(&heading, ":\n");
    run->headed = true;
    return buf_failed(&heading) ? pail_fail_memory(run) : pail_print(run, buf_str(&heading));
}

static void add_url(struct buf *b, struct pail_str bucket, struct pail_str key)
{
    buf_add_c(b, "s3://");
    buf_add_str(b, bucket);
    buf_add_c(b, key.len > 0 ? "/" : "");
    buf_add_str(b, key);
}

int pail_fail_at(struct pail_run *run, const char *subject, const struct pail_error *error)
{
    failure_line(&run->line, subject, error);
    return failure_exit_status(error);
}

int pail_fail_saying(struct pail_run *run, const char *subject, const char *words, int status)
{
    buf_add_escaped(&run->line, str_c(subject));
    buf_add_c(&run->line, ": ");
    buf_add_escaped(&run->line, str_c(words));
    return status;
}

int pail_fail_malformed(struct pail_run *run, const char *subject, const char *reason)
{
    buf_add_escaped(&run->line, str_c(subject));
    buf_addf(&run->line, ": %s: %s", pail_error_kind_name(PAIL_ERROR_PARSE), reason);
    return EXIT_FAILED;
}

int pail_fail(struct pail_run *run, struct pail_str bucket, struct pail_str key,
              const struct pail_error *error)
{
    CLEANUP_DONE(buf) struct buf subject;
    buf_init(&subject, SUBJECT_MAX);
    add_url(&subject, bucket, key);
    return pail_fail_at(run, buf_c(&subject), error);
}

int pail_fail_because(struct pail_run *run, struct pail_str bucket, struct pail_str key,
                      const char *words, int status)
{
    CLEANUP_DONE(buf) struct buf subject;
    buf_init(&subject, SUBJECT_MAX);
    add_url(&subject, bucket, key);
    return pail_fail_saying(run, buf_c(&subject), words, status);
}

int pail_fail_keyless(struct pail_run *run, struct pail_str bucket)
{
    CLEANUP_DONE(buf) struct buf url;
    buf_init(&url, SUBJECT_MAX);
    add_url(&url, bucket, (struct pail_str){0});
    buf_add_escaped(&run->line, buf_str(&url));
    buf_add_c(&run->line, " names no object; ");
    pail_arguments_usage(run->arguments->command, &run->line);
    return EXIT_USAGE;
}

int pail_fail_memory(struct pail_run *run)
{
    buf_add_c(&run->line, "out of memory");
    return EXIT_FAILED;
}

int pail_complain(struct pail_run *run, int status)
{
    CLEANUP_DONE(buf) struct buf line;
    buf_init(&line, run->line.max + 64);
    if (run->line.len > 0 || buf_failed(&run->line)) {
        struct pail_str none = PAIL_STR(PAIL_PROGRAM ": out of memory\n");
        buf_addf(&line, PAIL_PROGRAM ": %s\n", buf_c(&run->line));
        bool whole = !buf_failed(&run->line) && !buf_failed(&line);
        struct pail_str text = whole ? buf_str(&line) : none;
        (void)pail_write(STDERR_FILENO, text.ptr, text.len);
    }
    buf_reset(&run->line);
    return status;
}

int pail_each_url(struct pail_run *run,
                  int (*one)(struct pail_run *run, struct pail_str bucket, struct pail_str key))
{
    const struct pail_arguments *a = run->arguments;
    int first = EXIT_OK;
    for (size_t i = 0; i < a->word_count && first != EXIT_PIPE; i++) {
        struct pail_str bucket, key;
        int status = EXIT_USAGE;
        if (pail_arguments_url(a->words[i], &bucket, &key, &run->line) == 0)
            status = one(run, bucket, key);
        pail_complain(run, status);
        if (first == EXIT_OK || status == EXIT_PIPE)
            first = status;
    }
    return first;
}

struct pail_call_options pail_limits(const struct pail_run *run)
{
    return (struct pail_call_options){.timeout_ms = run->arguments->options.timeout_ms};
}

static int64_t lesser(int64_t wait, int64_t said)
{
    return said > 0 && said < wait ? said : wait;
}

/* A deadline would also run while whoever reads standard output takes a break. */
struct pail_call_options pail_limits_of_stream(const struct pail_run *run)
{
    const struct options *o = &run->arguments->options;
    struct pail_call_options limits = {.resume = true};
    if (o->timeout_ms > 0) {
        limits.connect_timeout_ms = lesser(o->timeout_ms, o->config.connect_timeout_ms);
        limits.read_timeout_ms = lesser(o->timeout_ms, o->config.read_timeout_ms);
    }
    return limits;
}
