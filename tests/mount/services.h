/* services.h: what the mount suites of Kinesis and of CloudWatch Logs share: real servers
 * (scripts/aws-server, as the environment names them), and the scripted peer in their place.
 * Test code, as fixture.h. */
#ifndef MOUNT_SERVICES_H
#define MOUNT_SERVICES_H

#include "mount/fixture.h"

/* ---- real servers: "ministack", "moto" ---- */

/* A directory that tests of a suite work in; make_scratch is its unchecked fixture. */
extern char scratch[256];
void make_scratch(void);

const char *server_url(const char *server);
void mount_server(const char *server, const char *source, const char *options);
/* Runs it in a directory; it must end well. Its output, until the next but one. */
const char *shell(const char *dir, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* botocore at the command line: then a server and what to do. */
#define AWS PAIL_VENV "/bin/python " PAIL_TESTS "/mount/aws.py "
/* A name of this test's own that begins so, until the next. */
const char *unique(const char *name);

/* ---- the scripted peer; an operation is named as in X-Amz-Target ---- */

/* Requests for an operation, until the next call. */
const struct peer_match *of(const char *target);
size_t asked(const char *target);
/* Responses to it, one after another; the last repeats. */
void play_all(const char *target, const struct peer_response *responses, size_t count);
void play(const char *target, const char *body);
void play_error(const char *target, int status, const char *code);

/* What a file of the mount has, or the errno after it: "a\nb\n EIO". In a static buffer. */
const char *content(const char *name);

#endif
