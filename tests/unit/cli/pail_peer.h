/* unit/cli/pail_peer.h: pail's commands run inside a test against a peer that says what a
 * service would, for the suites of commands that are not S3's. */
#ifndef UNIT_CLI_PAIL_PEER_H
#define UNIT_CLI_PAIL_PEER_H

#include "peer/peer.h"
#include "unit/cli/pail_runner.h"

extern struct peer *pail_peer;

/* A peer, and keys in the environment. */
void pail_peer_setup(void);
void pail_peer_teardown(void);
/* pail_run_line against the peer. */
int pail_peer_run(const char *line);

/* What the last command complained of, and printed, is that text. */
#define check_said(text)                                                                       \
    ck_assert_msg(strcmp(pail_said, text) == 0, "\"%s\" is not \"%s\"", pail_said, text)
#define check_output(text)                                                                     \
    ck_assert_msg(strcmp(pail_printed, text) == 0, "\"%s\" is not \"%s\"", pail_printed, text)

/* What the operation with that X-Amz-Target answers, one after another; the last again and
 * again. */
#define PAIL_PEER_TARGET(target)                                                               \
    {                                                                                          \
        .header = "X-Amz-Target", .header_value = target                                       \
    }
#define PAIL_PEER_ON(match_, ...)                                                              \
    peer_rule_add(pail_peer, &(struct peer_rule){.match = match_, PEER_ANSWERS(__VA_ARGS__)})

#endif
