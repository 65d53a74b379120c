#include "base/encode.h"

#include <errno.h>

static const char upper_digits[] = "0123456789ABCDEF";
static const char lower_digits[] = "0123456789abcdef";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

void buf_add_encoded(struct buf *b, struct pail_str s, enum percent_mode mode)
{
    size_t len = s.len;
    for (size_t i = 0; i < s.len; i++) {
        bool keep = is_unreserved(s.ptr[i]) || (mode == KEEP_SLASH && s.ptr[i] == '/');
        len += keep ? 0 : 2;
    }
    char *out = buf_reserve(b, len);
    if (!out)
        return;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (is_unreserved(s.ptr[i]) || (mode == KEEP_SLASH && c == '/')) {
            *out++ = s.ptr[i];
        } else {
            *out++ = '%';
            *out++ = upper_digits[c >> 4];
            *out++ = upper_digits[c & 15];
        }
    }
    buf_commit(b, len);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* `out` may be `data`: what is written never overtakes what is read. */
static size_t decode_into(char *out, const char *data, size_t len, bool plus)
{
    size_t written = 0;
    for (size_t i = 0; i < len; i++) {
        char c = data[i];
        if (c == '%' && len - i > 2) {
            int high = hex_value(data[i + 1]), low = hex_value(data[i + 2]);
            if (high >= 0 && low >= 0) {
                c = (char)(high << 4 | low);
                i += 2;
            }
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[written++] = c;
    }
    return written;
}

void buf_add_decoded(struct buf *b, struct pail_str s, bool plus)
{
    char *out = buf_reserve(b, s.len);
    if (out)
        buf_commit(b, decode_into(out, s.ptr, s.len, plus));
}

size_t percent_decode(char *data, size_t len, bool plus)
{
    return decode_into(data, data, len, plus);
}

void buf_add_base64(struct buf *b, const void *data, size_t len)
{
    const unsigned char *in = data;
    if (len > SIZE_MAX / 4 * 3 - 3) {
        buf_reserve(b, SIZE_MAX); /* fails: over any limit */
        return;
    }
    size_t out_len = (len + 2) / 3 * 4;
    char *out = buf_reserve(b, out_len);
    if (!out)
        return;
    for (size_t i = 0; i < len; i += 3) {
        unsigned second = len - i > 1 ? in[i + 1] : 0, third = len - i > 2 ? in[i + 2] : 0;
        unsigned group = (unsigned)in[i] << 16 | second << 8 | third;
        *out++ = base64_digits[group >> 18];
        *out++ = base64_digits[group >> 12 & 63];
        *out++ = len - i > 1 ? base64_digits[group >> 6 & 63] : '=';
        *out++ = len - i > 2 ? base64_digits[group & 63] : '=';
    }
    buf_commit(b, out_len);
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The number of digits in `s`, whose groups of four are whole with their padding; -EINVAL if it
 * is not base64. */
static int base64_check(struct pail_str s, size_t *ret_digits)
{
    size_t digits = 0, padding = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (is_space(s.ptr[i]))
            continue;
        if (s.ptr[i] == '=')
            padding++;
        else if (base64_value(s.ptr[i]) < 0 || padding > 0)
            return -EINVAL;
        else
            digits++;
    }
    if (digits % 4 == 1 || padding != (4 - digits % 4) % 4)
        return -EINVAL;
    *ret_digits = digits;
    return 0;
}

int buf_add_base64_decoded(struct buf *b, struct pail_str s)
{
    size_t digits;
    int r = base64_check(s, &digits);
    if (r < 0)
        return r;
    size_t len = digits / 4 * 3 + (digits % 4 ? digits % 4 - 1 : 0);
    char *out = buf_reserve(b, len);
    if (!out)
        return 0;

    unsigned group = 0, bits = 0;
    for (size_t i = 0; i < s.len; i++) {
        int value = base64_value(s.ptr[i]);
        if (value < 0)
            continue;
        group = group << 6 | (unsigned)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *out++ = (char)(group >> bits);
        }
    }
    buf_commit(b, len);
    return 0;
}

void buf_add_hex(struct buf *b, const void *data, size_t len)
{
    const unsigned char *in = data;
    char *out = buf_reserve(b, len > SIZE_MAX / 2 ? SIZE_MAX : len * 2);
    if (!out)
        return;
    for (size_t i = 0; i < len; i++) {
        *out++ = lower_digits[in[i] >> 4];
        *out++ = lower_digits[in[i] & 15];
    }
    buf_commit(b, len * 2);
}

#define ESCAPED_MAX 16 /* bytes of one character, escaped */

/* True of characters that are there to control how others look: U+0080 to U+009F, to a
 * terminal; the line and paragraph separators (U+2028, U+2029), which end a line to some
 * readers of logs; what turns text around (U+202A to U+202E, U+2066 to U+2069). */
static bool controls(struct pail_str s, size_t step)
{
    const unsigned char *c = (const unsigned char *)s.ptr;
    if (step == 2)
        return c[0] == 0xc2 && c[1] < 0xa0;
    if (step != 3 || c[0] != 0xe2)
        return false;
    return (c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
           (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
}

/* What stands for the character of `step` bytes at s (0: no character) in a log line. Returns
 * its length. */
static size_t escape_one(struct pail_str s, size_t step, enum escape_mode mode,
                         char out[ESCAPED_MAX])
{
    unsigned char c = (unsigned char)s.ptr[0];
    if (c == '\n' || c == '\t' || (c == '\\' && mode == ESCAPE_ALL)) {
        out[0] = '\\';
        out[1] = c == '\n' ? 'n' : c == '\t' ? 't' : '\\';
        return 2;
    }
    if (step > 0 && c >= 0x20 && c != 0x7f && !controls(s, step)) {
        memcpy(out, s.ptr, step);
        return step;
    }
    size_t len = 0;
    for (size_t i = 0; i < (step ? step : 1); i++) {
        unsigned char byte = (unsigned char)s.ptr[i];
        out[len++] = '\\';
        out[len++] = 'x';
        out[len++] = lower_digits[byte >> 4];
        out[len++] = lower_digits[byte & 15];
    }
    return len;
}

size_t escape_text(char *dst, size_t size, struct pail_str s, enum escape_mode mode)
{
    size_t total = 0, written = 0;
    while (s.len > 0) {
        char piece[ESCAPED_MAX];
        size_t step = str_utf8_step(s);
        size_t len = escape_one(s, step, mode, piece);
        /* After the first piece that does not fit nothing more is written, however short. */
        if (written == total && size > 0 && len < size - written) {
            memcpy(dst + written, piece, len);
            written += len;
        }
        total += len;
        s = str_sub(s, step ? step : 1, s.len);
    }
    if (size > 0)
        dst[written] = '\0';
    return total;
}

/* The first and the last bytes of `s` that take at most `room` bytes each, escaped. */
static struct pail_str head_of(struct pail_str s, size_t room)
{
    char piece[ESCAPED_MAX];
    struct pail_str rest = s;
    while (rest.len > 0) {
        size_t step = str_utf8_step(rest), len = escape_one(rest, step, ESCAPE_ALL, piece);
        if (len > room)
            break;
        room -= len;
        rest = str_sub(rest, step ? step : 1, rest.len);
    }
    return str_sub(s, 0, s.len - rest.len);
}

static struct pail_str tail_of(struct pail_str s, size_t room)
{
    size_t len = escape_text(NULL, 0, s, ESCAPE_ALL);
    char piece[ESCAPED_MAX];
    while (len > room) {
        size_t step = str_utf8_step(s);
        len -= escape_one(s, step, ESCAPE_ALL, piece);
        s = str_sub(s, step ? step : 1, s.len);
    }
    return s;
}

void buf_add_shortened(struct buf *b, struct pail_str s, size_t max)
{
    static const char gap[] = "...";
    if (escape_text(NULL, 0, s, ESCAPE_ALL) <= max) {
        buf_add_escaped(b, s);
        return;
    }
    size_t room = max - strlen(gap);
    buf_add_escaped(b, head_of(s, room / 2));
    buf_add_c(b, gap);
    buf_add_escaped(b, tail_of(s, room - room / 2));
}
