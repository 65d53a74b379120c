/* Reading a body by waiting for it. */
#include "aws/body.h"

#include "aws/answer.h"
#include "aws/response.h"
#include "base/num.h"

#include <errno.h>
#include <limits.h>

#define READ_ALL_FIRST (64 * 1024) /* bytes asked for first where the length is not known */

static void take_filled(struct pail_buffer *buffer, int status, const struct pail_error *error)
{
    answer_post(buffer->user, status, error);
}

static int no_memory(struct pail_error *error)
{
    return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

/* 0, or -ECANCELED. */
static int check_open(const struct pail_body *body, struct pail_error *error)
{
    if (pail_body_readable(body))
        return 0;
    return error_set(error, PAIL_ERROR_CANCELLED, ECANCELED, "the body was closed");
}

/* Has `size` bytes filled, fewer if `least` are there, and waits for them. The count, 0 at the
 * end, or -errno: a failure stays with the body, so the next fetch meets it again. */
static ssize_t fetch(struct pail_body *body, void *data, size_t size, size_t least,
                     struct pail_error *error)
{
    struct answer answer;
    int r = body->source->immediate ? 0 : answer_mailbox(&body->mailbox, error);
    if (r < 0)
        return r;
    answer_init(&answer, body->mailbox, error);
    struct pail_buffer buffer = {
        .data = data, .size = size, .least = least, .done = take_filled, .user = &answer};
    pail_body_post(body, &buffer);
    r = answer_wait(&answer);
    return r < 0 && buffer.filled == 0 ? r : (ssize_t)buffer.filled;
}

/* Reads ahead, `least` bytes, if nothing is at hand. As fetch. */
static ssize_t fetch_ahead(struct pail_body *body, size_t least, size_t most,
                           struct pail_error *error)
{
    if (!body->ahead)
        body->ahead = malloc(PAIL_BODY_AHEAD);
    if (!body->ahead)
        return no_memory(error);
    ssize_t n = fetch(body, body->ahead, most, least, error);
    body->ahead_first = 0;
    body->ahead_len = n > 0 ? (size_t)n : 0;
    return n;
}

static size_t take_ahead(struct pail_body *body, char *data, size_t size)
{
    size_t n = size < body->ahead_len ? size : body->ahead_len;
    if (n > 0)
        memcpy(data, body->ahead + body->ahead_first, n);
    body->ahead_first += n;
    body->ahead_len -= n;
    return n;
}

static void tell_progress(struct pail_body *body)
{
    if (body->progress)
        body->progress(body->progress_user, pail_body_tell(body), body->length);
}

int body_peek(struct pail_body *body, size_t most, struct pail_str *ret,
              struct pail_error *error)
{
    int r = check_open(body, error);
    if (r < 0)
        return r;
    if (body->ahead_len == 0) {
        size_t size = most < PAIL_BODY_AHEAD ? most : PAIL_BODY_AHEAD;
        ssize_t n = fetch_ahead(body, 1, size, error);
        if (n <= 0)
            return (int)n;
    }
    *ret = str_of(body->ahead + body->ahead_first, body->ahead_len);
    return 1;
}

void body_consume(struct pail_body *body, size_t n)
{
    body->ahead_first += n;
    body->ahead_len -= n;
    if (n > 0)
        tell_progress(body);
}

ssize_t pail_body_read(struct pail_body *body, void *data, size_t size,
                       struct pail_error *error)
{
    if (size > SSIZE_MAX)
        return error_set(error, PAIL_ERROR_PARAM, EINVAL, "too many bytes to read at once");
    int r = check_open(body, error);
    if (r < 0)
        return r;
    size_t have = take_ahead(body, data, size);
    if (have < size) {
        char *rest = (char *)data + have;
        size_t left = size - have;
        ssize_t n = left < PAIL_BODY_AHEAD ? fetch_ahead(body, left, PAIL_BODY_AHEAD, error)
                                           : fetch(body, rest, left, 0, error);
        if (n <= 0 && have == 0)
            return n;
        if (left < PAIL_BODY_AHEAD)
            have += take_ahead(body, rest, left);
        else if (n > 0)
            have += (size_t)n;
    }
    if (have > 0)
        tell_progress(body);
    return (ssize_t)have;
}

int body_too_long(const char *what, size_t max, struct pail_error *error)
{
    return error_set(error, PAIL_ERROR_PARAM, EFBIG, "%s is longer than %zu bytes", what, max);
}

uint64_t pail_body_tell(const struct pail_body *body)
{
    return atomic_load(&body->told) - body->ahead_len;
}

void pail_body_set_progress(struct pail_body *body, pail_progress *progress, void *user)
{
    body->progress = progress;
    body->progress_user = user;
}

void pail_body_free(struct pail_body *body)
{
    if (!body)
        return;
    pail_body_close(body);
    pail_lines_free(body->readline);
    mailbox_free(body->mailbox);
    free(body->ahead);
    body->readline = NULL;
    body->mailbox = NULL;
    body->ahead = NULL;
    body->source->free(body);
}

/* How large the block becomes that is full with `have` bytes: the rest and one more where the
 * length is known, which meets the end; else twice as much each time. Never more than one past
 * `max`. */
static size_t next_room(const struct pail_body *body, size_t have, size_t max)
{
    size_t more = have ? have : READ_ALL_FIRST;
    if (body->length.present) {
        uint64_t told = pail_body_tell(body), length = (uint64_t)body->length.value;
        more = told < length ? (size_t)(length - told) + 1 : 1;
    }
    size_t left = max - have;
    return have + (more > left ? (left < SIZE_MAX ? left + 1 : left) : more);
}

int pail_body_read_all(struct pail_body *body, size_t max, char **ret, size_t *ret_size,
                       struct pail_error *error)
{
    CLEANUP(heap) char *data = NULL;
    size_t have = 0, room = 0;
    size_t piece = body->progress ? pail_chunk_size(body->length) : SSIZE_MAX;

    if (body->length.present && (uint64_t)body->length.value - pail_body_tell(body) > max)
        return body_too_long("the body", max, error);
    for (;;) {
        if (have == room) {
            room = next_room(body, have, max);
            char *grown = room < SIZE_MAX ? realloc(data, room + 1) : NULL;
            if (!grown)
                return no_memory(error);
            data = grown;
        }
        size_t size = room - have < piece ? room - have : piece;
        ssize_t n = pail_body_read(body, data + have, size, error);
        if (n < 0)
            return (int)n;
        have += (size_t)n;
        if (have > max)
            return body_too_long("the body", max, error);
        if (n == 0)
            break;
    }
    data[have] = '\0';
    *ret = STEAL(data);
    *ret_size = have;
    return 0;
}
