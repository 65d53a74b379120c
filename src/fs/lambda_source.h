/* fs/lambda_source.h: functions of AWS Lambda as a source. Each function is a directory with
 * `config.json`, what the service says of it, and `invoke`, which takes a payload and gives the
 * function's answer on the same descriptor.
 *
 * An invocation is sent once: whether a function ran is not known after a failure, and running
 * it again is for its caller to decide. A function that fails is EREMOTEIO, with its error's
 * type and message in the record. */
#ifndef FS_LAMBDA_SOURCE_H
#define FS_LAMBDA_SOURCE_H

#include "fs/sources.h"

#define LAMBDA_NAME_MAX   64                 /* bytes of a function's name */
#define LAMBDA_FUNCTIONS  100000             /* in one listing */
#define LAMBDA_ANSWER_MAX (20 * 1024 * 1024) /* bytes of an answer */

extern const struct source_scheme lambda_scheme;

#endif
