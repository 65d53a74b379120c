#include "aws/body.h"

#include <errno.h>

/* Gives the first buffer back. */
static void give_back(struct pail_body *body, int status, const struct pail_error *error)
{
    struct pail_buffer *buffer = body->first;
    body->first = buffer->next;
    if (!body->first)
        body->last = NULL;
    buffer->next = NULL;
    atomic_fetch_add(&body->told, buffer->filled);
    buffer->done(buffer, status, error);
}

void body_append(struct pail_body *body, struct pail_buffer *buffers)
{
    while (buffers) {
        struct pail_buffer *buffer = buffers;
        buffers = buffer->next;
        buffer->next = NULL;
        buffer->filled = 0;
        if (body->last)
            body->last->next = buffer;
        else
            body->first = buffer;
        body->last = buffer;
    }
    while (body->ended && body->first)
        give_back(body, body->status, body->status < 0 ? &body->error : NULL);
}

bool body_is_full(const struct pail_body *body)
{
    return body->expected.present && body->received == (uint64_t)body->expected.value;
}

ssize_t body_fill(struct pail_body *body, const char *data, size_t len)
{
    if (body->expected.present && len > (uint64_t)body->expected.value - body->received)
        return -EMSGSIZE;
    size_t taken = 0;
    while (taken < len && body->first) {
        struct pail_buffer *buffer = body->first;
        /* A full one was held back because it might have held the last byte: it did not. */
        if (buffer->filled == buffer->size) {
            give_back(body, 0, NULL);
            continue;
        }
        size_t n = buffer->size - buffer->filled;
        if (n > len - taken)
            n = len - taken;
        memcpy((char *)buffer->data + buffer->filled, data + taken, n);
        checksum_update(&body->checksum, data + taken, n);
        buffer->filled += n;
        body->received += n;
        taken += n;
        if (buffer->filled == buffer->size && body->expected.present && !body_is_full(body))
            give_back(body, 0, NULL);
    }
    struct pail_buffer *first = body->first;
    if (first && first->least > 0 && first->filled >= first->least && !body_is_full(body))
        give_back(body, 0, NULL);
    return (ssize_t)taken;
}

bool body_is_short(const struct pail_body *body)
{
    return body->expected.present && !body_is_full(body);
}

bool body_matches(struct pail_body *body)
{
    if (checksum_verify(&body->checksum) == 0)
        return true;
    if (body->first)
        body->first->filled = 0;
    return false;
}

void body_end(struct pail_body *body, int status, const struct pail_error *error)
{
    body->ended = true;
    body->status = status;
    if (status < 0)
        body->error = *error;
    checksum_done(&body->checksum);
    body_append(body, NULL);
}

void body_done(struct pail_body *body)
{
    checksum_done(&body->checksum);
}

struct pail_int pail_body_length(const struct pail_body *body)
{
    return body->length;
}

bool pail_body_readable(const struct pail_body *body)
{
    return !atomic_load(&body->closed);
}

void pail_body_post(struct pail_body *body, struct pail_buffer *buffers)
{
    if (buffers)
        body->source->post(body, buffers);
}

void pail_body_set_read_timeout(struct pail_body *body, int64_t timeout_ms)
{
    if (pail_body_readable(body))
        body->source->set_read_timeout(body, timeout_ms);
}

void pail_body_close(struct pail_body *body)
{
    if (body && !atomic_exchange(&body->closed, true))
        body->source->close(body);
}
