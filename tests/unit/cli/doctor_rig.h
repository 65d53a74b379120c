/* unit/cli/doctor_rig.h: pail doctor against the fake S3, for its suites: what its checks find.
 */
#ifndef UNIT_CLI_DOCTOR_RIG_H
#define UNIT_CLI_DOCTOR_RIG_H

#include "peer/s3.h"
#include "unit/cli/pail_runner.h"

/* It has s3://bkt/dir/a, of ten bytes, a marker of dir/, and s3://empty. */
extern struct peer_s3 *doctor_s3;
extern struct peer *doctor_peer;

/* The fake S3, keys in the environment, and nothing else there nor in anybody's files. */
void doctor_setup(void);
void doctor_teardown(void);

/* In the order of their lines. */
#define DOCTOR_CHECKS 12
extern const char *const doctor_checks[DOCTOR_CHECKS];

/* The last command's line of `check` has that result: "ok", "warning", "FAILED", "skipped". */
void doctor_result(const char *check, const char *wanted);
/* Each part of `says`, separated by '|', is in it. */
void doctor_says(const char *check, const char *says);
/* All from `first` on were not checked, but the credentials. */
void doctor_skipped_from(const char *first);

#endif
