/* frame.h: where the messages of one direction of an HTTP/1.1 connection begin and end. */
#ifndef PROXY_FRAME_H
#define PROXY_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEAD_MAX ((size_t)64 * 1024)

enum frame_step {
    FRAME_IN_HEAD,
    FRAME_IN_BODY, /* `left` bytes of it to come */
    FRAME_IN_CHUNK_SIZE,
    FRAME_IN_CHUNK, /* `left` bytes to come, its line end included */
    FRAME_IN_TRAILER,
    FRAME_UNTIL_CLOSE,
};

/* What frame_take has found. */
enum frame_found {
    FRAME_MORE, /* all was taken */
    FRAME_HEAD, /* `head` is whole: call frame_body before the next frame_take */
    FRAME_BODY, /* what was taken is body, as it is on the wire */
    FRAME_END,  /* the same, and the message ends with it */
    FRAME_BAD,
};

/* One thread's. Zeroed is ready. */
struct frame {
    enum frame_step step;
    char head[FRAME_HEAD_MAX + 1]; /* NUL-terminated when whole, its empty line included */
    size_t head_len;
    uint64_t left;
    bool line_empty; /* nothing but a line end since the last: the trailer ends */
};

/* Take bytes of `data`, as many as *ret_taken says, up to the next event. */
enum frame_found frame_take(struct frame *f, const char *data, size_t len, size_t *ret_taken);

/* After FRAME_HEAD: how the body of this message is framed. `bodiless`: it has none whatever
 * its headers say; `request`: without a length it has none. True if a body follows, false if
 * the next head does. */
bool frame_body(struct frame *f, bool bodiless, bool request);

/* The value of a header of the whole head, without blanks around it; its length, or -1 if
 * absent. */
int frame_header(const struct frame *f, const char *name, const char **ret_value);

#endif
