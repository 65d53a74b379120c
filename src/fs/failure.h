/* fs/failure.h: a failure is told three times: as the errno, as one log line, and as
 * user.pail.error. fs thread only. */
#ifndef FS_FAILURE_H
#define FS_FAILURE_H

#include "fs/node.h"

/* Logs the failure `status` (-errno) of `what` on `node` and keeps it as the node's
 * user.pail.error. `request`: the source's request that failed, with its error record; NULL:
 * none was sent. */
void failure_note(struct fs *fs, struct node *node, const char *what, int status,
                  const struct source_request *request);
/* The same for a name that has no node: kept on its directory. */
void failure_note_name(struct fs *fs, struct node *dir, struct pail_str name, const char *what,
                       int status, const struct source_request *request);
/* Keys under `dir` that no path can name, once a listing. */
void failure_unreachable(struct fs *fs, struct node *dir, size_t count,
                         struct pail_str example);

#endif
