/* memory.h: what a core dump of a process would hold: its mappings but those marked "dd" (do
 * not dump) in /proc/PID/smaps. Test code: failures of the system end the process with a
 * message. */
#ifndef PEER_MEMORY_H
#define PEER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whether the mapping at `address` of the process has that mark. */
bool memory_undumped(pid_t pid, const void *address);

/* How often `text` is in the memory that would be dumped; *ret_where (if not NULL) is the line
 * of /proc/PID/smaps of the first such mapping, "" if there is none. Of another process: the
 * caller's own would hold the text too. */
size_t memory_find(pid_t pid, const char *text, char ret_where[256]);

#endif
