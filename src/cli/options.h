/* cli/options.h: what the command line asks for. One table of options serves pailfs (-o a,b=c)
 * and, for what is about the client, pail (--a --b c). Any thread. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/log.h"
#include "cli/option.h"
#include "fs/mount.h"
#include "fs/sources.h"

#include <pail/config.h>

struct options {
    struct pail_config config;
    struct fs_options fs;
    struct source_options shown;
    struct mount mount; /* mountpoint as given */
    const char *source; /* "s3://bucket" as given */
    enum log_level log_level;
    const char *log_file; /* absolute; NULL: none was asked for */
    bool foreground, debug, help, version;
    bool path_style, virtual_style;
    int64_t timeout_ms;    /* pail: of one answer, or between two pieces of it; 0: not said */
    unsigned retries;      /* pail; UINT_MAX: not said */
    char mount_words[256]; /* what mount.mount_options points to */
    struct arena *arena;   /* what the strings live in */
};

extern const struct option_table options_of_pailfs; /* names with '_' */
extern const struct option_table options_of_pail;   /* the same rows, names with '-' */

/* All options at their defaults: pailfs's, or for pail the library's. 0 or -ENOMEM. */
int options_init(struct options *options, unsigned program);
void options_done(struct options *options);

/* Reads pailfs's command line. 0: source and mountpoint are there, or help or version was asked
 * for; -EINVAL with one line in `reason`; -ENOMEM. */
int options_parse(struct options *options, int argc, char **argv, struct buf *reason);
/* One "name" or "name=value" of a table, as between the commas of -o. As options_parse. */
int options_assign(struct options *options, const struct option_table *table, unsigned program,
                   struct pail_str text, struct buf *reason);
/* What several options decide together, when all have been said. As options_parse. */
int options_settle(struct options *options, struct buf *reason);

/* Appends pailfs's --help. */
void options_add_help(struct buf *b);

#endif
