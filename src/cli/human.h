/* cli/human.h: numbers for people. Pure; any thread. */
#ifndef CLI_HUMAN_H
#define CLI_HUMAN_H

#include "base/buf.h"

#define HUMAN_SIZE_MAX 5 /* characters of a size */

/* Appends bytes as "999", "1.0K", "10K", "1023M" (powers of 1,024), rounded up as ls(1) does.
 */
void human_add_size(struct buf *b, uint64_t bytes);
/* Appends "0:07", "12:34", "1:02:03". */
void human_add_time(struct buf *b, uint64_t seconds);

#endif
