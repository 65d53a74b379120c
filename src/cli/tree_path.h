/* cli/tree_path.h: keys as paths below a directory, and the directories on their way. Nothing
 * outside of the directory is ever named or made, whatever a key holds and whatever symbolic
 * links are below it. Any thread. */
#ifndef CLI_TREE_PATH_H
#define CLI_TREE_PATH_H

#include "base/buf.h"

/* Appends "ROOT/NAME". A '/' at the end of the name is left out. 0; -EINVAL: no path has that
 * name: it is empty, or has a NUL or a part that is empty, "." or "..". */
int tree_path_add(struct buf *b, const char *root, struct pail_str name);

/* Makes what is missing of the directories that lead from `root`, which is there, to `path`;
 * with `whole` also the one at `path`. 0; -ELOOP: a symbolic link is on the way below
 * `root`, or at `path`; -ENOTDIR: something else is; or another -errno. `path` begins with
 * `root` and a '/', and is as it was afterwards. */
int tree_path_make(char *path, const char *root, bool whole);

#endif
