/* fs/kinesis_source.h: streams of Kinesis as a source: each a directory of its shards, or one
 * stream's shards. */
#ifndef FS_KINESIS_SOURCE_H
#define FS_KINESIS_SOURCE_H

#include "fs/sources.h"

extern const struct source_scheme kinesis_scheme;

#endif
