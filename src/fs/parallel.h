/* fs/parallel.h: how many requests of one reader are to be under way at a time: as many as
 * bring more than fewer would. A service that gives each connection a share of what it has is
 * read faster by more of them; where the wire or this machine is used up it is not. Pure. */
#ifndef FS_PARALLEL_H
#define FS_PARALLEL_H

#include <stdbool.h>
#include <stdint.h>

#define PARALLEL_FIRST 4
#define PARALLEL_MAX   32
#define PARALLEL_GAIN  30 /* per cent more that twice as many must bring to be kept */
#define PARALLEL_HOLD  16 /* turns after they did not, until it is tried again */
#define PARALLEL_PAUSE_MS                                                                      \
    1000 /* in which nothing comes: the reader rests, the turn begins anew */
#define PARALLEL_KEPT_MS                                                                       \
    60000 /* so long what was worth it is begun with; then with half as many, and so on */
#define PARALLEL_TURN_MS 200 /* a turn is not shorter: what is measured would be chance */

/* Of one file. A turn is as many bytes as the requests under way are to bring together, or more
 * where those come sooner than the time above. */
struct parallel {
    unsigned parts;   /* may be under way now */
    unsigned proven;  /* as many were worth it */
    unsigned hold;    /* turns */
    uint64_t bytes;   /* that came in this turn... */
    uint64_t waited;  /* ...of them while more would have been of use */
    uint64_t rate;    /* bytes a second with those proven, as a rule; 0: not known */
    int64_t since_ns; /* when the turn began */
    int64_t came_ns;  /* when bytes last came; 0: none did */
    bool settled;     /* what was under way before is over, the turn counts */
};

void parallel_init(struct parallel *parallel, unsigned parts);
/* With how many a reader begins, of whom nothing is known yet, so long after `proven` were
 * worth it. */
unsigned parallel_first(unsigned proven, int64_t passed_ns);
/* `bytes` came, at `now_ns`. `waited`: the reader waited, and as many as may be were under way.
 * `turn`: see above. Not more than `max` are tried. True: a turn is over. */
bool parallel_came(struct parallel *parallel, uint64_t bytes, bool waited, uint64_t turn,
                   unsigned max, int64_t now_ns);

#endif
