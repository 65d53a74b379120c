/* curl_rig.h: the transport over libcurl and a peer for it, for the suites http/curl*. */
#ifndef UNIT_HTTP_CURL_RIG_H
#define UNIT_HTTP_CURL_RIG_H

#include "peer/peer.h"
#include "unit/http/fetch.h"

extern struct peer *curl_peer;
extern struct transport *transport;

void curl_rig_setup(void);
void curl_rig_teardown(void);
/* Another transport in place of the one there is. */
void curl_rig_use(struct curl_options options);
/* fetch_init for a target of the peer's. */
void curl_rig_begin(struct fetch *f, const char *method, const char *target);
/* A whole GET, which must succeed. */
void curl_rig_get(const char *target);

#endif
