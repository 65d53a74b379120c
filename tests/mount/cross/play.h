/* play.h: how a fault of the cross is played by the scripted peer. Test code. */
#ifndef CROSS_PLAY_H
#define CROSS_PLAY_H

#include "mount/cross/table.h"
#include "peer/peer.h"

#define CROSS_SHORT   (UINT64_C(600) * 1024)       /* bytes of a file that is fetched whole */
#define CROSS_LONG    (UINT64_C(20) * 1024 * 1024) /* and of one in parts */
#define CROSS_PART    (UINT64_C(1024) * 1024)      /* of it; part_size */
#define CROSS_FAR     (UINT64_C(10) * 1024 * 1024) /* where read+ reads it */
#define CROSS_STEP_MS 100 /* between the bytes of a trickle, below the read timeout */

/* What answers the request that a cell is about. */
struct cross_play {
    struct peer_response responses[3];
    size_t count;
    bool around; /* as in peer_rule */
    unsigned skip;
    char text[3][1024]; /* bodies */
    char headers[128];
};

/* `dir` is the cell's directory: its names are a, f, z1, z2, z3, of which a listing's page has
 * two. */
void cross_play(const struct cross_cell *cell, const char *dir, struct cross_play *ret);

/* The fault takes a GET with a Range. */
bool cross_takes_range(const struct cross_cell *cell);
/* The body of the cell's request is all there is of it: early and late. */
bool cross_in_body(const struct cross_cell *cell);
/* The network is taken away, once the cell's request is held by the peer. */
bool cross_loses_network(const struct cross_cell *cell);
/* The words of the log line that tells of the fault. */
void cross_words(const struct cross_cell *cell, char *ret, size_t size);

#endif
