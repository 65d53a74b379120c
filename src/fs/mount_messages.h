/* fs/mount_messages.h: what libfuse and fusermount3 say, kept off the terminal. */
#ifndef FS_MOUNT_MESSAGES_H
#define FS_MOUNT_MESSAGES_H

#include <stddef.h>

/* From now on what they say is kept: libfuse's messages, and all that is written to standard
 * error (fusermount3 writes there). */
void mount_messages_catch(void);
/* Standard error is as before. Copies the first line that was said into `text` ("": none).
 * libfuse's later messages go to the log. */
void mount_messages_release(char *text, size_t size);

#endif
