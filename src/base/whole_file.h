/* base/whole_file.h: a small file, whole. Blocks; any thread. */
#ifndef BASE_WHOLE_FILE_H
#define BASE_WHOLE_FILE_H

#include "base/buf.h"

/* Appends what the file holds. 0; -errno of opening or reading; -EFBIG: it does not fit into
 * the buf's limit; -ENOMEM. After a failure the buf holds anything. */
int whole_file_read(const char *path, struct buf *ret);

#endif
