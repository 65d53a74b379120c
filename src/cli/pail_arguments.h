/* cli/pail_arguments.h: pail's command line. Any thread. */
#ifndef CLI_PAIL_ARGUMENTS_H
#define CLI_PAIL_ARGUMENTS_H

#include "cli/options.h"

#include <pail/client.h>

#define PAIL_PROGRAM "pail"

struct pail_arguments;

/* What a command works with. */
struct pail_run {
    const struct pail_arguments *arguments;
    struct pail_client *client;
    struct buf line; /* what went wrong, for people */
};

/* One of ls, cat, head. Its own switches are those of struct pail_arguments that `switches`
 * names. */
struct pail_command {
    const char *name;
    const char *usage; /* after the name */
    const char *help;
    unsigned switches; /* TAKES_RECURSIVE... */
    /* Does it for one "s3://..." and prints to standard output. EXIT_OK, or another exit status
     * with run->line filled. */
    int (*run)(struct pail_run *run, struct pail_str bucket, struct pail_str key);
};

#define TAKES_RECURSIVE 1U
#define TAKES_RANGE     2U
#define TAKES_JSON      4U

extern const struct pail_command pail_command_ls, pail_command_cat, pail_command_head;

struct pail_arguments {
    struct options options;
    const struct pail_command *command;
    struct pail_str range; /* "0-99", "100-", "-100"; absent: all */
    bool recursive, json;
    const char **urls; /* at least one */
    size_t url_count;
};

/* Reads the command line. 0: there is a command with a URL, or help or version was asked for;
 * -EINVAL with one line in `reason`; -ENOMEM. */
int pail_arguments_parse(struct pail_arguments *arguments, int argc, char **argv,
                         struct buf *reason);
void pail_arguments_done(struct pail_arguments *arguments);

/* "s3://bucket/key": the parts, key verbatim and maybe "". "s3://": no bucket. 0 or -EINVAL
 * with a line in `reason`. */
int pail_arguments_url(const char *url, struct pail_str *ret_bucket, struct pail_str *ret_key,
                       struct buf *reason);

void pail_arguments_help(struct buf *b);

#endif
