#include "cli/pail_output.h"

#include "cli/failure_line.h"

#include <errno.h>
#include <unistd.h>

int pail_print(struct pail_run *run, struct pail_str text)
{
    while (text.len > 0) {
        ssize_t n = write(STDOUT_FILENO, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            buf_addf(&run->line, "standard output: %s", strerror(errno));
            return EXIT_FAILED;
        }
        text = str_sub(text, (size_t)n, text.len);
    }
    return EXIT_OK;
}

void pail_add_name(struct buf *b, struct pail_str name)
{
    if (isatty(STDOUT_FILENO))
        buf_add_escaped(b, name);
    else
        buf_add_str(b, name);
}

int pail_fail(struct pail_run *run, struct pail_str bucket, struct pail_str key,
              const struct pail_error *error)
{
    CLEANUP_DONE(buf) struct buf subject;
    buf_init(&subject, 65536);
    buf_add_c(&subject, "s3://");
    buf_add_str(&subject, bucket);
    if (key.len > 0)
        buf_add_byte(&subject, '/');
    buf_add_str(&subject, key);
    failure_line(&run->line, buf_c(&subject), error);
    return failure_exit_status(error);
}

int pail_fail_memory(struct pail_run *run)
{
    buf_add_c(&run->line, "out of memory");
    return EXIT_FAILED;
}
