/* fs/sweeps.h: all the sweeps (fs/sweep.h) of a mount. fs thread only. */
#ifndef FS_SWEEPS_H
#define FS_SWEEPS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct sweep;

struct sweeps {
    LIST_HEAD(, sweep) active;
    unsigned count;
    size_t taken;    /* entries brought since the first of them began */
    size_t consumed; /* of them, in listings that somebody read */
    int64_t began_ns;
    int64_t waited_ns;     /* of the time since: that readers waited for them */
    int64_t not_before_ns; /* one has failed: no other begins before */
    int64_t page_took_ns;  /* the latest page of any listing */
};

#endif
