/* cli/failure_line.h: a failure of the library as one line for people, and as an exit status.
 * Any thread. */
#ifndef CLI_FAILURE_LINE_H
#define CLI_FAILURE_LINE_H

#include "base/buf.h"

#include <pail/error.h>

#define EXIT_OK      0
#define EXIT_FAILED  1
#define EXIT_USAGE   2 /* the command line or the configuration */
#define EXIT_MISSING 3 /* no such bucket, key or version */
#define EXIT_DENIED  4 /* no access: credentials, permission, an archived object */
#define EXIT_NETWORK                                                                           \
    5 /* not reached, no answer in time, or asked to slow down: later it may work */
#define EXIT_FUNCTION 6 /* a function was called, and failed */

/* Appends "SUBJECT: CODE: MESSAGE (STATUS, request id ID, N attempts)" with control characters
 * escaped; what is not known is left out. */
void failure_line(struct buf *b, const char *subject, const struct pail_error *error);
/* The same without the subject. */
void failure_cause(struct buf *b, const struct pail_error *error);

/* The exit status that says what kind of failure it was. */
int failure_exit_status(const struct pail_error *error);

#endif
