/* fuzz/frame.h: checksums keep a fuzzer out of a message; with them mended it gets to what they
 * guard. */
#ifndef FUZZ_FRAME_H
#define FUZZ_FRAME_H

#include "aws/event_frame.h"
#include "base/digest.h"

#include <stdlib.h>

static inline void frame_put_number(char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> (24 - 8 * i) & 0xff);
}

/* A heap copy with the length and the checksums that it should have; NULL: it is too short for
 * any. */
static inline char *frame_mend(struct pail_str message)
{
    if (message.len < EVENT_FRAME_MIN)
        return NULL;
    char *copy = malloc(message.len);
    if (!copy)
        abort();
    memcpy(copy, message.ptr, message.len);
    frame_put_number(copy, (uint32_t)message.len);
    frame_put_number(copy + 8, digest_crc32(0, copy, 8));
    frame_put_number(copy + message.len - 4, digest_crc32(0, copy, message.len - 4));
    return copy;
}

#endif
