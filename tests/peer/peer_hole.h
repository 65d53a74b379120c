/* peer_hole.h: a loopback port that drops what connects to it: connecting neither succeeds nor
 * fails. Test code, as peer.h. */
#ifndef PEER_PEER_HOLE_H
#define PEER_PEER_HOLE_H

struct peer_hole;

struct peer_hole *peer_hole_start(void);
unsigned peer_hole_port(const struct peer_hole *hole);
void peer_hole_stop(struct peer_hole *hole); /* NULL is ignored */

#endif
