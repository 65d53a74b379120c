#include "frame.h"

#include "base/num.h"
#include "base/str.h"

#define BODY_MAX ((uint64_t)1 << 50)

static enum frame_found take_head(struct frame *f, const char *data, size_t len,
                                  size_t *ret_taken)
{
    size_t taken = 0;
    while (taken < len) {
        if (f->head_len == FRAME_HEAD_MAX)
            return FRAME_BAD;
        f->head[f->head_len++] = data[taken++];
        if (data[taken - 1] != '\n' || f->head_len < 4 ||
            memcmp(f->head + f->head_len - 4, "\r\n\r\n", 4) != 0)
            continue;
        f->head[f->head_len] = '\0';
        *ret_taken = taken;
        return FRAME_HEAD;
    }
    *ret_taken = taken;
    return FRAME_MORE;
}

static void message_ended(struct frame *f)
{
    f->step = FRAME_IN_HEAD;
    f->head_len = 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A chunk's size line; extensions are not expected. */
static enum frame_found take_size(struct frame *f, const char *data, size_t len,
                                  size_t *ret_taken)
{
    for (size_t i = 0; i < len; i++) {
        int digit = hex_digit(data[i]);
        if (digit >= 0) {
            if (f->left > BODY_MAX)
                return FRAME_BAD;
            f->left = f->left * 16 + (uint64_t)digit;
        } else if (data[i] == '\n') {
            f->step = f->left ? FRAME_IN_CHUNK : FRAME_IN_TRAILER;
            f->left += f->left ? 2 : 0;
            f->line_empty = true;
            *ret_taken = i + 1;
            return FRAME_BODY;
        } else if (data[i] != '\r') {
            return FRAME_BAD;
        }
    }
    *ret_taken = len;
    return FRAME_BODY;
}

static enum frame_found take_trailer(struct frame *f, const char *data, size_t len,
                                     size_t *ret_taken)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\n' && f->line_empty) {
            message_ended(f);
            *ret_taken = i + 1;
            return FRAME_END;
        }
        f->line_empty = data[i] == '\n' || (data[i] == '\r' && f->line_empty);
    }
    *ret_taken = len;
    return FRAME_BODY;
}

static enum frame_found take_counted(struct frame *f, size_t len, size_t *ret_taken)
{
    *ret_taken = len < f->left ? len : (size_t)f->left;
    f->left -= *ret_taken;
    if (f->left > 0)
        return FRAME_BODY;
    if (f->step == FRAME_IN_CHUNK) {
        f->step = FRAME_IN_CHUNK_SIZE;
        return FRAME_BODY;
    }
    message_ended(f);
    return FRAME_END;
}

enum frame_found frame_take(struct frame *f, const char *data, size_t len, size_t *ret_taken)
{
    switch (f->step) {
    case FRAME_IN_HEAD:
        return take_head(f, data, len, ret_taken);
    case FRAME_IN_BODY:
    case FRAME_IN_CHUNK:
        return take_counted(f, len, ret_taken);
    case FRAME_IN_CHUNK_SIZE:
        return take_size(f, data, len, ret_taken);
    case FRAME_IN_TRAILER:
        return take_trailer(f, data, len, ret_taken);
    case FRAME_UNTIL_CLOSE:
        *ret_taken = len;
        return FRAME_BODY;
    }
    return FRAME_BAD;
}

int frame_header(const struct frame *f, const char *name, const char **ret_value)
{
    struct pail_str rest = str_of(f->head, f->head_len);
    struct pail_str line;
    while (str_next(&rest, '\n', &line)) {
        size_t colon = str_find(line, ':', 0);
        if (colon == line.len || !str_eq_nocase(str_sub(line, 0, colon), str_c(name)))
            continue;
        struct pail_str value = str_trim(str_sub(line, colon + 1, line.len));
        *ret_value = value.ptr;
        return (int)value.len;
    }
    return -1;
}

bool frame_body(struct frame *f, bool bodiless, bool request)
{
    const char *value;
    int len;
    f->left = 0;
    if (!bodiless) {
        len = frame_header(f, "Transfer-Encoding", &value);
        if (len > 0 && str_eq_nocase(str_of(value, (size_t)len), str_c("chunked"))) {
            f->step = FRAME_IN_CHUNK_SIZE;
            return true;
        }
        len = frame_header(f, "Content-Length", &value);
        bool known = len > 0 && num_u64(str_of(value, (size_t)len), BODY_MAX, &f->left) == 0;
        if (known && f->left > 0) {
            f->step = FRAME_IN_BODY;
            return true;
        }
        if (!known && !request) {
            f->step = FRAME_UNTIL_CLOSE;
            return true;
        }
    }
    message_ended(f);
    return false;
}
