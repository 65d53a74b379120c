/* cli/pail_command.h: what a subcommand of pail is. Each is a file pail_NAME.c with one of
 * these; pail_commands.c lists them. Main thread. */
#ifndef CLI_PAIL_COMMAND_H
#define CLI_PAIL_COMMAND_H

#include "cli/options.h"

#include <pail/client.h>

#define PAIL_PROGRAM "pail"

/* A command line that was read. */
struct pail_arguments {
    struct options options; /* those that every command has */
    const struct pail_family *family;
    const struct pail_command *command;
    void *settings;     /* the command's own, as its options fill them */
    const char **words; /* what is not an option, as often as the command takes it */
    size_t word_count;
};

/* What a command works with. */
struct pail_run {
    const struct pail_arguments *arguments;
    struct pail_client *client;
    struct buf line; /* what went wrong, for people */
    bool headed;     /* a heading was printed */
};

/* Commands whose names are two words, of which the first is the same. */
struct pail_family {
    const char *name;
    const char *summary; /* one line, for pail --help */
};

#define PAIL_NO_WORDS SIZE_MAX

struct pail_command {
    const char *name;            /* "ls", or in a family "logs get" */
    const char *usage;           /* its words, after the options */
    const char *summary;         /* one line, for pail --help */
    const char *about;           /* more lines, for pail NAME --help; NULL: none */
    struct option_table options; /* of its own; offsets into `settings`, all zero where a row
                                    has no default */
    size_t settings_size;
    size_t words_min, words_max; /* words_max 0: any number; PAIL_NO_WORDS: none */
    bool makes_client;           /* run makes its client itself: pail_run's is NULL */
    /* Judges the settings together. 0, or -EINVAL with one line in `reason`; NULL: always 0. */
    int (*settle)(void *settings, struct buf *reason);
    /* Does it. EXIT_OK; or another exit status with run->line filled, or empty where all has
     * been told. */
    int (*run)(struct pail_run *run);
};

/* Rows of pail_command.options. */
#define PAIL_ROW(settings_, name_, kind_, field_, ...)                                         \
    {                                                                                          \
        .name = (name_), .kind = (kind_), .programs = OPTION_PAIL,                             \
        .offset = offsetof(settings_, field_), .width = sizeof(((settings_ *)NULL)->field_),   \
        __VA_ARGS__                                                                            \
    }
#define PAIL_OPTIONS(rows_)                                                                    \
    {                                                                                          \
        .rows = (rows_), .count = ARRAY_LEN(rows_), .separator = '-', .prefix = "--"           \
    }

extern const struct pail_command *const pail_commands[]; /* ends in NULL */

extern const struct pail_family pail_families[]; /* ends in a name that is NULL */

extern const struct pail_command pail_command_ls, pail_command_cat, pail_command_lines,
    pail_command_head, pail_command_cp, pail_command_select, pail_command_logs_groups,
    pail_command_logs_streams, pail_command_logs_get, pail_command_logs_filter,
    pail_command_logs_tail, pail_command_kinesis_streams, pail_command_kinesis_shards,
    pail_command_kinesis_get, pail_command_invoke, pail_command_functions, pail_command_whoami,
    pail_command_doctor;

#endif
