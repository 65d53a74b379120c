/* fs/growings.h: what a mount has of files that grow: fs/growing.h's. fs thread only. */
#ifndef FS_GROWINGS_H
#define FS_GROWINGS_H

#include <stdint.h>
#include <sys/queue.h>

struct growing;
struct spooler;

struct growings {
    struct spooler *spooler;                  /* NULL until the first is needed */
    TAILQ_HEAD(growing_list, growing) closed; /* least recently closed first */
    struct growing_list queue;                /* who waits for a turn to ask */
    uint64_t closed_bytes;
    unsigned closed_count;
    unsigned asking;
    unsigned fetching; /* jobs of readers under way */
};

#endif
