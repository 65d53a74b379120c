/* fs/logs_source.h: log groups of CloudWatch Logs as a source: all of them, or those at and
 * below one name. What is where: fs/logs_place.h. */
#ifndef FS_LOGS_SOURCE_H
#define FS_LOGS_SOURCE_H

#include "fs/sources.h"

extern const struct source_scheme logs_scheme;

#endif
