/* Reading a body by waiting for it. */
#include "aws/body.h"

#include "aws/response.h"
#include "base/num.h"

#include <errno.h>
#include <limits.h>

#define READ_ALL_FIRST (64 * 1024) /* bytes asked for first where the length is not known */

/* One wait of the reader's thread. */
struct reader {
    struct pail_buffer buffer;
    struct message message;
    struct mailbox *mailbox;
    int status;
    bool came;
    struct pail_error *error;
};

static void reader_woken(struct message *message)
{
    CONTAINER_OF(message, struct reader, message)->came = true;
}

static void reader_filled(struct pail_buffer *buffer, int status,
                          const struct pail_error *error)
{
    struct reader *reader = buffer->user;
    reader->status = status;
    if (status < 0 && reader->error)
        *reader->error = *error;
    mailbox_post(reader->mailbox, &reader->message);
}

static struct mailbox *mailbox_of(struct pail_body *body)
{
    if (!body->mailbox)
        body->mailbox = mailbox_new();
    return body->mailbox;
}

ssize_t pail_body_read(struct pail_body *body, void *data, size_t size,
                       struct pail_error *error)
{
    struct reader reader = {.mailbox = mailbox_of(body), .error = error};
    if (!reader.mailbox)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (size > SSIZE_MAX)
        return error_set(error, PAIL_ERROR_PARAM, EINVAL, "too many bytes to read at once");
    if (size == 0)
        return 0;
    reader.buffer = (struct pail_buffer){
        .data = data, .size = size, .done = reader_filled, .user = &reader};
    reader.message.deliver = reader_woken;
    pail_body_post(body, &reader.buffer);
    while (!reader.came)
        mailbox_wait(reader.mailbox, -1);
    /* A failure stays with the body: the next read meets it again. */
    return reader.status < 0 && reader.buffer.filled == 0 ? reader.status
                                                          : (ssize_t)reader.buffer.filled;
}

static int too_long(size_t max, struct pail_error *error)
{
    return error_set(error, PAIL_ERROR_PARAM, EFBIG, "the body is longer than %zu bytes", max);
}

/* How much to read next, given what was read: the rest and one more where the length is known,
 * which meets the end; else twice as much each time. Never more than one past `max`. */
static size_t next_size(const struct pail_body *body, size_t have, size_t max)
{
    size_t size = have ? have : READ_ALL_FIRST;
    if (body->length.present) {
        uint64_t told = pail_body_tell(body), length = (uint64_t)body->length.value;
        size = told < length ? (size_t)(length - told) : 1;
    }
    size_t left = max - have;
    return size > left ? (left < SIZE_MAX ? left + 1 : left) : size;
}

int pail_body_read_all(struct pail_body *body, size_t max, char **ret, size_t *ret_size,
                       struct pail_error *error)
{
    CLEANUP(heap) char *data = NULL;
    size_t have = 0;

    if (body->length.present && (uint64_t)body->length.value - pail_body_tell(body) > max)
        return too_long(max, error);
    for (;;) {
        size_t size = next_size(body, have, max), whole;
        if (add_overflow(have, size, &whole) || add_overflow(whole, 1, &whole))
            return too_long(max, error);
        char *grown = realloc(data, whole);
        if (!grown)
            return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
        data = grown;
        ssize_t n = pail_body_read(body, data + have, size, error);
        if (n < 0)
            return (int)n;
        have += (size_t)n;
        if (have > max)
            return too_long(max, error);
        if (n == 0)
            break;
    }
    data[have] = '\0';
    *ret = STEAL(data);
    *ret_size = have;
    return 0;
}
