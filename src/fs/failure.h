/* fs/failure.h: a failure is told three times: as the errno, as one log line, and as
 * user.pail.error, which is the line with the time before it:
 *
 *   read /mnt/d/f (s3://bucket/d/f bytes 0-99): EIO: InternalError: MESSAGE (GetObject, status
 *   500, request id X, host id Y, 3 attempts, 210 ms)
 *
 * What servers and names say in it is escaped, and shortened in the middle where it would not
 * fit into a log line. fs thread only. */
#ifndef FS_FAILURE_H
#define FS_FAILURE_H

#include "fs/node.h"

/* `what` of those who ask for attributes. Their failure replaces none of anybody else: who asks
 * may want to see that one. */
#define FAILURE_OF_ASKING "getxattr"

void failures_init(struct fs *fs);
/* Logs how many were left out so far, and ends the window. */
void failures_done(struct fs *fs);

/* Logs the failure `status` (-errno) of `what` on `node` and keeps it as the node's
 * user.pail.error; that of a file that is gone (ENOENT, ESTALE) on its directory too, as its
 * name may not be looked up any more. Of one errno FAILURE_LINES are logged in a window; how
 * many were left out is logged at its end. `request`: the source's request that failed, with
 * its error record; NULL: none was sent. */
void failure_note(struct fs *fs, struct node *node, const char *what, int status,
                  const struct source_request *request);
/* The same for a name that has no node: kept on its directory. */
void failure_note_name(struct fs *fs, struct node *dir, struct pail_str name, const char *what,
                       int status, const struct source_request *request);
/* An operation's own deadline has passed: after `waited_ms` of waiting for `waited_for`. `name`
 * absent: it is about the node itself. */
void failure_note_deadline(struct fs *fs, struct node *node, struct pail_str name,
                           const char *what, int64_t waited_ms, struct pail_str waited_for);
/* Who asked for the size of a growing file was told 0, though `size` bytes of it were read: its
 * end was not reached in time. No failure; logged as one. */
void failure_size_unknown(struct fs *fs, struct node *node, uint64_t size);
/* Names under `dir` that are not shown, once a listing: as no path can be theirs, or as another
 * has it. */
void failure_unreachable(struct fs *fs, struct node *dir, size_t count,
                         struct pail_str example);
void failure_taken(struct fs *fs, struct node *dir, size_t count, struct pail_str example);

/* Appends "PATH (URI", as lines begin: where the node, or the name below it, is mounted and
 * where it comes from. */
void failure_add_place(struct fs *fs, const struct node *node, struct pail_str name,
                       struct buf *b);

#endif
