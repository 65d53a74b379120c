/* logs_rig.h: CloudWatch Logs as a source whose answers are played, for the suites of its
 * names. */
#ifndef UNIT_FS_LOGS_RIG_H
#define UNIT_FS_LOGS_RIG_H

#include "unit/fs/service_rig.h"

#define GROUPS  "DescribeLogGroups"
#define STREAMS "DescribeLogStreams"
#define FILTER  "FilterLogEvents"
/* 2026-11-22, the clock's start, in milliseconds; groups are two hours older. */
#define NOW_MS  "1795305600000"
#define MADE_MS "1795298400000"

/* A source of logs://; rig_teardown ends it. */
void logs_rig_setup(void);
/* "a b" as a page of groups, or of streams; `next` NULL: the last. */
void logs_play_groups(const char *names, const char *next);
void logs_play_streams(const char *names, const char *next);
/* The page of a listing has those names; logs_check_list: and is all of it. */
void logs_check_names(const char *path, const char *names);
void logs_check_list(const char *path, const char *names);
/* A lookup comes to that status. */
void logs_check_lookup(const char *path, int status);

#endif
