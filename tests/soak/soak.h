/* soak.h: what the files of soak_load share: threads that read a mounted bucket of known
 * objects (objects.h) and tell of everything that is not as it must be.
 *
 * Lines of JSON on stdout, one a finding; times are milliseconds of CLOCK_MONOTONIC:
 *   {"event": "error", "op": ..., "path": ..., "errno": ..., "began": ..., "ended": ...}
 *   {"event": "wrong", "what": ..., "path": ..., "offset": ...}    data or names that are lies
 *   {"event": "stuck", "op": ..., "path": ..., "age": ...}         a system call that does not
 *                                                                  come back
 *   {"event": "quiet", ...}, {"event": "tick", ...}                counts since the start */
#ifndef SOAK_SOAK_H
#define SOAK_SOAK_H

#include "objects.h"

#include "base/random.h"

#include <pthread.h>
#include <stdatomic.h>

#define READ_BYTES ((size_t)128 * 1024)
#define SOAK_PATH  256

enum soak_kind {
    SOAK_WHOLE,   /* a file from beginning to end */
    SOAK_RUN,     /* every file of a directory, in order */
    SOAK_RANDOM,  /* pieces of a larger file, half of the readers past the page cache */
    SOAK_WALK,    /* ls -lR */
    SOAK_MISSING, /* names that are not there */
    SOAK_KINDS,
};

enum soak_order {
    SOAK_QUIET, /* wait */
    SOAK_PASS,  /* read every file once */
    SOAK_LOAD,  /* each kind what it does, on and on */
    SOAK_END,
};

struct soak_counts {
    _Atomic uint64_t opens, reads, bytes, names, missing;
    _Atomic uint64_t rounds[SOAK_KINDS]; /* each kind's: files, directories, walks, names */
    _Atomic uint64_t errors, wrong, stuck;
    _Atomic int64_t longest_ms; /* the longest system call */
};

struct soak;

/* A thread's, but for what is atomic. */
struct soaker {
    struct soak *soak;
    enum soak_kind kind;
    unsigned number;
    unsigned turn; /* of the order that was taken last */
    struct random random;
    pthread_t thread;
    unsigned char *buffer; /* READ_BYTES, aligned for O_DIRECT */
    const char *op;        /* the call under way */
    char path[SOAK_PATH];  /* what it is made on; guarded, as `op`, by `telling` */
    pthread_mutex_t telling;
    _Atomic int64_t began_ms; /* 0: none is under way */
    bool told;                /* the main thread's: that it is stuck */
};

struct soak {
    const char *top;
    int64_t stuck_ms; /* what no system call may take */
    struct soaker *soakers;
    unsigned count;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum soak_order order;     /* guarded by the mutex, as are: */
    unsigned turn;             /* the number of the order */
    unsigned finished;         /* threads that have carried it out */
    _Atomic unsigned pass_at;  /* the next file of a pass */
    _Atomic bool interrupted;  /* the order has changed: return soon */
    struct soak_counts counts; /* the threads' */
};

int64_t soak_now_ms(void);

/* ---- report.c ---- */

/* A system call on `path` (copied) begins; it ends with -errno or a result, which is returned.
 * An errno but ENOENT where `absent` is told of as an error. */
void soak_begin(struct soaker *s, const char *op, const char *path);
long soak_end(struct soaker *s, long result, bool absent);
/* Something is not what it must be. `offset` of a file. */
void soak_wrong(struct soaker *s, const char *what, const char *path, uint64_t offset);
/* Tells of calls that are older than they may be. Main thread. */
void soak_look(struct soak *soak);
void soak_tell_counts(struct soak *soak, const char *event);

/* ---- work.c ---- */

/* One round of what the kind does, in load. */
void soak_round(struct soaker *s);
/* Read one file whole and check it. */
void soak_read_whole(struct soaker *s, unsigned number);

#endif
