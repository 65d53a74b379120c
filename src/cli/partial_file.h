/* cli/partial_file.h: a file that is there whole or not at all. It is written without a name,
 * or under a hidden one in the same directory where the filesystem has no nameless files, and
 * gets its own at the end, at once. Until then nothing of it stays behind, whether the program
 * fails, is interrupted (SIGHUP, SIGINT, SIGQUIT and SIGTERM remove a hidden name) or, where
 * files may be nameless, killed. One at a time; main thread. */
#ifndef CLI_PARTIAL_FILE_H
#define CLI_PARTIAL_FILE_H

#include <stdbool.h>

/* All zero before, but for `hidden`. */
struct partial_file {
    bool hidden;     /* wanted: a hidden name even where there are nameless files */
    int fd;          /* what to write to */
    bool in_place;   /* a device or a pipe: written to as it is, it cannot be replaced */
    char *path;      /* where it will be: `path` with its symbolic links resolved */
    char *temporary; /* the hidden name; NULL: it has none */
};

/* Begins it at `path`. A file that is there already is replaced, with its permissions; a new
 * one has those that the umask leaves. 0 or -errno (-EISDIR: a directory). */
int partial_file_open(struct partial_file *file, const char *path);
/* Gives it its name. 0 or -errno, which may be that of an earlier write. Once. */
int partial_file_commit(struct partial_file *file);
/* Ends it; what was not committed is gone. Repeatable. */
void partial_file_done(struct partial_file *file);

#endif
