/* cli/pail_follow.h: reading on as something grows, at a service's pace, past failures that
 * will pass. Main thread. */
#ifndef CLI_PAIL_FOLLOW_H
#define CLI_PAIL_FOLLOW_H

#include "base/rate.h"
#include "cli/pail_output.h"

struct pail_follow {
    const char *subject; /* what a failure is about */
    bool follows;        /* false: it ends with a failure, and at the end */
    bool begun;          /* something was answered */
    int64_t delay_ns;    /* after the last failure; 0: there was none since the last answer */
};

/* Waits for the calls that the service allows. EXIT_OK or EXIT_PIPE. */
int pail_follow_pace(struct rate *rate);
/* Waits at the end, for more to come. EXIT_OK or EXIT_PIPE. */
int pail_follow_idle(void);
/* A call was answered. */
void pail_follow_answered(struct pail_follow *follow);
/* A call failed. EXIT_OK: that will pass, was said on standard error and was waited for: call
 * again; else the exit status, with run->line filled. */
int pail_follow_failed(struct pail_run *run, struct pail_follow *follow,
                       const struct pail_error *error);

#endif
