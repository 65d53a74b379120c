/* cli/pail_arguments.h: pail's command line. Any thread. */
#ifndef CLI_PAIL_ARGUMENTS_H
#define CLI_PAIL_ARGUMENTS_H

#include "cli/pail_command.h"

/* Reads the command line. 0: there is a command with its words, or help or version was asked
 * for; -EINVAL with one line in `reason`;
 * -ENOMEM. */
int pail_arguments_parse(struct pail_arguments *arguments, int argc, char **argv,
                         struct buf *reason);
void pail_arguments_done(struct pail_arguments *arguments);

/* "s3://bucket/key": the parts, key verbatim and maybe "". "s3://": no bucket. 0 or -EINVAL
 * with a line in `reason`. */
int pail_arguments_url(const char *url, struct pail_str *ret_bucket, struct pail_str *ret_key,
                       struct buf *reason);

/* Appends the command's usage line, without its end. */
void pail_arguments_usage(const struct pail_command *command, struct buf *b);
/* Appends what --help says: of the command that was named, of a family, or of the program. */
void pail_arguments_help(const struct pail_arguments *arguments, struct buf *b);

#endif
