/* unit/fs/s3_rig.h: the S3 source over a real client and a fake S3 in this process: what its
 * suites share. */
#ifndef UNIT_FS_S3_RIG_H
#define UNIT_FS_S3_RIG_H

#include "unit/check.h"

#include "fs/s3_source.h"
#include "peer/s3.h"

#define LEN(a)  (sizeof(a) / sizeof((a)[0]))
#define WAIT_MS 20000

extern struct peer_s3 *s3;
extern struct peer *peer; /* of s3 */
extern struct pail_client *client;
extern struct mailbox *mailbox;
extern struct source *source;

/* A checked fixture: an empty bucket "bkt", a client that tries once, a source of the bucket.
 */
void s3_rig_setup(void);
void s3_rig_teardown(void);
/* Replaces the source; `bucket` NULL: of all buckets. */
void s3_rig_source(const char *bucket, const char *prefix);
/* Replaces the client and the source. */
void s3_rig_client(unsigned max_attempts);

struct pail_str text(const char *s); /* NULL: absent */
bool is(struct pail_str s, const char *want);

/* How often done came; count_done is the requests' `done`, and checks status against error. */
extern size_t dones;
void count_done(struct source_request *request);
/* Delivers the mailbox until done has come n times. */
void wait_done(size_t n);
void release(struct source_request *request);

#endif
