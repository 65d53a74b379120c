/* base/encode.h: percent, base64 and hex encodings. Pure; any thread. Failures of the buf are
 * sticky. */
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include "base/buf.h"

enum percent_mode {
    ENCODE_ALL, /* everything but A-Za-z0-9-._~ */
    KEEP_SLASH, /* the same, '/' kept: S3 keys in a path */
};

/* Appends `s` percent-encoded with upper-case digits, as SigV4 and S3 want it. */
void buf_add_encoded(struct buf *b, struct pail_str s, enum percent_mode mode);
/* Appends `s` with %XX decoded; a % without two digits stays as it is. With `plus`, '+' becomes
 * a space (unquote-plus). */
void buf_add_decoded(struct buf *b, struct pail_str s, bool plus);
/* Decodes in place; returns the new length (never longer). */
size_t percent_decode(char *data, size_t len, bool plus);

void buf_add_base64(struct buf *b, const void *data, size_t len);
/* Appends the bytes that `s` encodes; ASCII white space is skipped, padding is required. 0 or
 * -EINVAL. */
int buf_add_base64_decoded(struct buf *b, struct pail_str s);
/* Lower-case digits. */
void buf_add_hex(struct buf *b, const void *data, size_t len);

enum escape_mode {
    ESCAPE_ALL,
    KEEP_BACKSLASH, /* for text that may hold escaped parts already */
};

/* Writes `s` into `dst` (size bytes) safe for one log line: control characters (C1, line
 * separators and those that turn text around too) and bytes that are not UTF-8 as \n, \t, \xHH,
 * and a backslash as \\ unless it is kept. NUL-terminated when size > 0, cut between
 * characters. Returns the length uncut. */
size_t escape_text(char *dst, size_t size, struct pail_str s, enum escape_mode mode);

/* Appends `s` as buf_add_escaped does, in `max` bytes at most (4 or more): of what is longer
 * the middle is left out, "...", so that both ends of a name are seen. Bytes are cut between
 * characters. */
void buf_add_shortened(struct buf *b, struct pail_str s, size_t max);

#endif
