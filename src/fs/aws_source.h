/* fs/aws_source.h: all the other sources in one mount, each below a directory of its scheme's
 * name: s3/BUCKET/..., logs/GROUP/..., kinesis/STREAM/..., lambda/FUNCTION/... Each answers,
 * and fails, on its own. */
#ifndef FS_AWS_SOURCE_H
#define FS_AWS_SOURCE_H

#include "fs/sources.h"

extern const struct source_scheme aws_scheme;

#endif
