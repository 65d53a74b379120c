/* cell.h: one cell of the cross, driven through a mount: what is put up before, the system
 * call, and what is checked after. Test code. */
#ifndef CROSS_CELL_H
#define CROSS_CELL_H

#include "mount/cross/play.h"
#include "peer/harness.h"
#include "peer/s3.h"

#include <pthread.h>

struct cell {
    const struct cross_cell *what;
    unsigned number; /* in its mount; the seed of its file */
    struct peer_s3 *s3;
    struct harness_mount *mount;
    char dir[16], key[32];
    char dir_path[4096], path[4200];
    int fd; /* opened before, for read+; -1 */
    bool prepared;
    bool wrong; /* it was complained of */
    pthread_t thread;
    bool running;
    /* Of the system call: */
    int result;   /* 0 or -errno */
    uint64_t got; /* bytes, all of them right */
    size_t listed;
};

/* Puts the cell's objects. */
void cell_put(struct cell *cell);
/* What comes before the call, and must succeed. */
void cell_prepare(struct cell *cell);
/* Has the peer play the fault. */
void cell_lay(struct cell *cell);
/* The call, on a thread of its own; its end is waited for. */
void cell_start(struct cell *cell);
void cell_join(struct cell *cell);
/* Whether it came to what the table says. Counts what did not, and says so on stderr. */
void cell_check(struct cell *cell);

/* The same of pailfs itself, which ended or mounted: the cell is of `mount`. */
void cell_check_mount(struct cell *cell);

/* "cross.table:LINE: PHASE FAULT OPERATION: ..." and counted. Any thread. */
void cell_complain(struct cell *cell, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
unsigned cell_complaints(void);

#endif
