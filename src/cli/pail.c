#include "aws/guard.h"
#include "cli/pail_arguments.h"
#include "cli/pail_output.h"

#include <fcntl.h>
#include <unistd.h>

#define LINE_BYTES (256 * 1024) /* of a line for people, or help */

/* No file or socket that is opened later may take the place of one of the three, and be written
 * to by mistake. What was closed fails when it is written to, as it should. */
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

static int tell(struct pail_run *run)
{
    const struct pail_arguments *a = run->arguments;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, LINE_BYTES);
    if (a->options.help)
        pail_arguments_help(a, &text);
    else
        buf_add_c(&text, PAIL_PROGRAM " " PAIL_VERSION "\n");
    return pail_complain(run, pail_print(run, buf_str(&text)));
}

static int start(struct pail_run *run, struct pail_arguments *a, int argc, char **argv)
{
    if (pail_arguments_parse(a, argc, argv, &run->line) < 0)
        return pail_complain(run, EXIT_USAGE);
    if (a->options.help || a->options.version)
        return tell(run);
    struct pail_error error = {0};
    a->options.config.user_agent_extra = PAIL_PROGRAM "/" PAIL_VERSION;
    if (!a->command->makes_client &&
        pail_client_new(&a->options.config, &run->client, &error) < 0) {
        buf_add_escaped(&run->line, str_c(error.message));
        return pail_complain(run, failure_exit_status(&error));
    }
    int status = pail_complain(run, a->command->run(run));
    pail_client_free(run->client);
    return status;
}

int main(int argc, char **argv)
{
    struct pail_arguments arguments;
    struct pail_run run = {.arguments = &arguments};
    buf_init(&run.line, LINE_BYTES);
    hold_standard_descriptors();
    if (guard_keys() < 0) {
        buf_add_c(&run.line, "out of memory");
        return pail_complain(&run, EXIT_FAILED);
    }
    /* Also for the sake of TLS connections, whose writes could raise it. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file over its limit is an error of its write */
    int status = start(&run, &arguments, argc, argv);
    pail_arguments_done(&arguments);
    buf_done(&run.line);
    if (status == EXIT_PIPE) {
        (void)signal(SIGPIPE, SIG_DFL);
        (void)raise(SIGPIPE);
    }
    return status;
}
