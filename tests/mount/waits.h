/* waits.h: system calls that wait for the fake S3, a process each. Test code, as fixture.h. */
#ifndef MOUNT_WAITS_H
#define MOUNT_WAITS_H

#include "mount/fixture.h"

#define SOON   1000 /* ms: what "at once" may take on a busy machine */
#define STALLS 100
#define WAITS  5

extern const struct peer_response stall_head, stall_body; /* nothing comes, or nothing more */

struct call {
    enum { STAT, OPEN, READ, LIST, XATTR } kind;
    char path[512];
};

/* 0 or -errno, as a job's work. A file's bytes must be those of seed 1. */
int do_call(void *call, void *result);
struct harness_job *start_call(struct call *call);

/* What each kind of call waits for, when this stalls. */
struct wait {
    const char *name;
    unsigned kind;
    const char *path;
    const char *pattern, *prefix; /* the request: by pattern, or the listing of that prefix */
    const struct peer_response *stall;
};
extern const struct wait waits[WAITS];

/* Puts what the calls are about: before mounting. */
void put_waits(void);
/* What the call waits for is answered so. */
void lay_wait(const struct wait *wait, const struct peer_response *response, struct call *call);
/* Starts the call that waits, and waits until it does. */
struct harness_job *start_wait(const struct wait *wait, struct call *call);

/* Until pailfs says that so many operations wait, or more. Requests alone do not tell: one may
 * be for a file that its reader has opened but not read yet, or for a neighbour of it. */
void wait_for_waiting(unsigned count);

/* Until the call, which was started, waits. */
void wait_for_call(const struct wait *wait);

/* Puts 50 files quick/fN and STALLS files slow/fN. */
void put_around(void);

#endif
