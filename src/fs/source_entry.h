/* fs/source_entry.h: names as a source has them. Part of the seam fs/source.h. */
#ifndef FS_SOURCE_ENTRY_H
#define FS_SOURCE_ENTRY_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_NAME_MAX 1024 /* bytes of one component: what the kernel and S3 allow */

enum entry_type {
    ENTRY_FILE,
    ENTRY_DIRECTORY,
};

/* How a file is read. */
enum file_kind {
    FILE_FIXED,    /* bytes and size are one version's: `read` */
    FILE_GROWS,    /* from its beginning; more may come at its end: a reader's `more` */
    FILE_LIVE,     /* from the moment it is opened, each open for itself; its end is never
                      reached: a reader's `more` */
    FILE_EXCHANGE, /* takes what is written, gives the answer to it; each open for itself:
                      `exchange` */
};

/* One name as the source has it. Strings live as long as the request they came with. */
struct source_entry {
    struct pail_str
        name; /* one component; of a flat listing: the path below the listed directory */
    enum entry_type type;
    uint64_t size;   /* files of a fixed size */
    int64_t mtime_s; /* seconds since 1970; files */
    struct pail_str
        etag; /* files: the version's validator as the service gave it, quotes included; of
                 others than fixed ones what tells this file from an earlier one of its name */
    enum file_kind kind;
    bool hidden; /* there, to be asked for by name, but not shown to who reads the directory */
};

/* The first of a directory's names, in the order of a listing's. */
struct source_names {
    bool seen; /* false: the source has not looked */
    const struct source_entry *entries;
    size_t count;
    bool complete; /* there are no others */
    size_t unreachable;
    struct pail_str unreachable_example;
};

#endif
