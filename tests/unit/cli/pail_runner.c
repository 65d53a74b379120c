#include "unit/cli/pail_runner.h"

#include "cli/pail_arguments.h"
#include "unit/check.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARGS_MAX 24

char pail_printed[1024 * 1024], pail_said[4096];
int pail_no_reader = -1;
long pail_allocations = -1;

void pail_use_test_keys(void)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIATEST", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("AWS_REGION", "us-east-1", 1);
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
}

int pail_parse_line(struct pail_arguments *arguments, const char *line, struct buf *reason)
{
    static char text[2048];
    static char *argv[ARGS_MAX + 1];
    int argc = 0;
    str_copy(text, sizeof(text), str_c(line));
    for (char *at = text; *at && argc < ARGS_MAX;) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    for (int i = 0; i < argc; i++) {
        for (char *at = argv[i]; (at = strchr(at, '~')) != NULL;)
            *at = ' ';
    }
    return pail_arguments_parse(arguments, argc, argv, reason);
}

/* Into a file in place of a standard descriptor; restore() reads it back. */
static int divert(int fd, int *ret_before)
{
    int memory = memfd_create("output", MFD_CLOEXEC);
    *ret_before = dup(fd);
    ck_assert(memory >= 0 && *ret_before >= 0);
    dup2(memory, fd);
    return memory;
}

static void restore(int fd, int memory, int before, char *text, size_t size)
{
    dup2(before, fd);
    close(before);
    ssize_t n = pread(memory, text, size - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    close(memory);
}

int pail_run_line(const char *line, const char *endpoint)
{
    struct pail_arguments arguments;
    struct pail_run run = {.arguments = &arguments};
    struct pail_error error = {0};
    buf_init(&run.line, sizeof(pail_said) - 64);
    int r = pail_parse_line(&arguments, line, &run.line);
    ck_assert_msg(r == 0, "%s", buf_c(&run.line));
    if (endpoint)
        arguments.options.config.endpoint_url = endpoint;
    if (!arguments.command->makes_client)
        ck_assert_int_eq(pail_client_new(&arguments.options.config, &run.client, &error), 0);
    int out, err;
    int out_memory = divert(STDOUT_FILENO, &out), err_memory = divert(STDERR_FILENO, &err);
    if (pail_no_reader >= 0)
        dup2(pail_no_reader, STDOUT_FILENO);
    alloc_fail_after(pail_allocations);
    int status = pail_complain(&run, arguments.command->run(&run));
    alloc_fail_after(-1);
    restore(STDOUT_FILENO, out_memory, out, pail_printed, sizeof(pail_printed));
    restore(STDERR_FILENO, err_memory, err, pail_said, sizeof(pail_said));
    pail_client_free(run.client);
    pail_arguments_done(&arguments);
    buf_done(&run.line);
    return status;
}
