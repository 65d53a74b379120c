#include "unit/cli/pail_peer.h"

struct peer *pail_peer;

void pail_peer_setup(void)
{
    pail_use_test_keys();
    pail_peer = peer_start();
}

void pail_peer_teardown(void)
{
    peer_stop(pail_peer);
}

int pail_peer_run(const char *line)
{
    return pail_run_line(line, peer_url(pail_peer));
}
