/* fs/caller.h: whether a thread that waits for us has been signalled in a way that should end
 * its system call. */
#ifndef FS_CALLER_H
#define FS_CALLER_H

#include <stdbool.h>
#include <sys/types.h>

/* True if the thread is gone, a zombie, or has a signal pending (its own or its process's) that
 * it neither blocks nor ignores and whose default is not to be ignored: anything but CHLD,
 * WINCH, URG, CONT, PROF, VTALRM, IO. Reads /proc/TID/status; a few microseconds. False for 0.
 */
bool caller_impatient(pid_t tid);

#define CALLER_NAME_SIZE 32

/* The name of the thread's program, as ps(1) shows it; "" for 0, or one that is gone. Any bytes
 * may be in it. Reads /proc/TID/comm. */
void caller_name(pid_t tid, char ret[CALLER_NAME_SIZE]);

/* The decision alone, on the text of a status file. Pure. */
bool caller_status_impatient(const char *status_text);

#endif
