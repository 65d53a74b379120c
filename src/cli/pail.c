#include "cli/failure_line.h"
#include "cli/pail_arguments.h"
#include "cli/pail_output.h"

#include <stdio.h>

#define LINE_BYTES 16384 /* of a line for people */

static int complain(struct buf *line, int status)
{
    fprintf(stderr, PAIL_PROGRAM ": %s\n", buf_failed(line) ? "out of memory" : buf_c(line));
    buf_reset(line);
    return status;
}

/* Every URL is tried, as cat(1) does; the first failure is the exit status. */
static int run_all(struct pail_run *run)
{
    const struct pail_arguments *a = run->arguments;
    int first = EXIT_OK;
    for (size_t i = 0; i < a->url_count; i++) {
        struct pail_str bucket, key;
        int status = EXIT_USAGE;
        if (pail_arguments_url(a->urls[i], &bucket, &key, &run->line) == 0)
            status = a->command->run(run, bucket, key);
        if (status != EXIT_OK)
            complain(&run->line, status);
        if (first == EXIT_OK)
            first = status;
    }
    return first;
}

static int start(struct pail_run *run, struct pail_arguments *a, int argc, char **argv)
{
    if (pail_arguments_parse(a, argc, argv, &run->line) < 0)
        return complain(&run->line, EXIT_USAGE);
    if (a->options.help || a->options.version) {
        if (a->options.help)
            pail_arguments_help(&run->line);
        else
            buf_add_c(&run->line, PAIL_PROGRAM " " PAIL_VERSION "\n");
        fputs(buf_c(&run->line), stdout);
        return EXIT_OK;
    }
    struct pail_error error = {0};
    a->options.config.user_agent_extra = PAIL_PROGRAM "/" PAIL_VERSION;
    if (pail_client_new(&a->options.config, &run->client, &error) < 0) {
        buf_add_escaped(&run->line, str_c(error.message));
        return complain(&run->line, failure_exit_status(&error));
    }
    int status = run_all(run);
    pail_client_free(run->client);
    return status;
}

int main(int argc, char **argv)
{
    struct pail_arguments arguments;
    struct pail_run run = {.arguments = &arguments};
    buf_init(&run.line, LINE_BYTES);
    int status = start(&run, &arguments, argc, argv);
    pail_arguments_done(&arguments);
    buf_done(&run.line);
    return status;
}
