/* Bodies whose bytes come from memory or from a user's reader, on the thread that wants them.
 */
#include "aws/body.h"

#include "aws/response.h"

#include <errno.h>
#include <inttypes.h>

struct local {
    struct pail_body body;
    struct pail_body_reader reader; /* read NULL: memory */
    const char *at;                 /* bytes that are still to be filled in */
    size_t len;
    bool filling; /* `fill` is at work further up the stack */
    char read[];  /* PAIL_BODY_AHEAD bytes; memory: none */
};

static struct local *local_of(struct pail_body *body)
{
    return CONTAINER_OF(body, struct local, body);
}

static int kind_of(int sys)
{
    switch (sys) {
    case ETIMEDOUT:
        return PAIL_ERROR_READ_TIMEOUT;
    case ENOMEM:
        return PAIL_ERROR_MEMORY;
    case ECANCELED:
        return PAIL_ERROR_CANCELLED;
    default:
        return PAIL_ERROR_STREAMING;
    }
}

static void end(struct local *local, const struct pail_error *error)
{
    local->len = 0;
    body_end(&local->body, -error->sys, error);
}

/* The body is over: well, or short of what was promised. */
static void end_of_bytes(struct local *local)
{
    struct pail_body *body = &local->body;
    struct pail_error error = {0};
    if (body_is_short(body)) {
        error_set(&error, PAIL_ERROR_INCOMPLETE_READ, EIO, "%" PRIu64 " bytes came of %" PRId64,
                  body->received, body->expected.value);
        error.expected_bytes = (uint64_t)body->expected.value;
        error.actual_bytes = body->received;
    }
    end(local, &error);
}

static void end_too_long(struct local *local)
{
    struct pail_body *body = &local->body;
    struct pail_error error;
    error_set(&error, PAIL_ERROR_INCOMPLETE_READ, EIO,
              "the body is longer than the %" PRId64 " bytes promised", body->expected.value);
    error.expected_bytes = (uint64_t)body->expected.value;
    error.actual_bytes = body->received + local->len;
    end(local, &error);
}

/* Gets the next bytes. False if there are none: the body has then been ended. */
static bool get_more(struct local *local)
{
    struct pail_error error = {0};
    ssize_t n = 0;
    if (local->reader.read)
        n = local->reader.read(local->reader.user, local->read, PAIL_BODY_AHEAD, &error);
    if (local->body.ended) /* closed meanwhile */
        return false;
    if (n == 0) {
        end_of_bytes(local);
    } else if (n < 0) {
        if (error.kind == PAIL_ERROR_NONE)
            error_set(&error, kind_of((int)-n), (int)-n, "reading failed: %s",
                      pail_errno_name((int)-n));
        error.sys = (int)-n;
        end(local, &error);
    } else {
        local->at = local->read;
        local->len = (size_t)n;
    }
    return n > 0;
}

/* Fills buffers until none is left. */
static void fill(struct local *local)
{
    struct pail_body *body = &local->body;
    if (local->filling)
        return;
    local->filling = true;
    while (body->first && !body->ended && (local->len > 0 || get_more(local))) {
        ssize_t taken = body_fill(body, local->at, local->len);
        if (taken < 0) {
            end_too_long(local);
            break;
        }
        local->at += taken;
        local->len -= (size_t)taken;
    }
    local->filling = false;
}

static void post_buffers(struct pail_body *body, struct pail_buffer *buffers)
{
    body_append(body, buffers);
    fill(local_of(body));
}

static void set_read_timeout(struct pail_body *body, int64_t timeout_ms)
{
    const struct pail_body_reader *reader = &local_of(body)->reader;
    if (reader->set_read_timeout)
        reader->set_read_timeout(reader->user, timeout_ms);
}

static void close_body(struct pail_body *body)
{
    struct local *local = local_of(body);
    struct pail_error error;
    if (!body->ended) {
        error_set(&error, PAIL_ERROR_CANCELLED, ECANCELED, "the body was closed");
        end(local, &error);
    }
    if (local->reader.close)
        local->reader.close(local->reader.user);
}

static void free_body(struct pail_body *body)
{
    body_done(body);
    free(local_of(body));
}

static const struct body_source local_source = {
    .post = post_buffers,
    .set_read_timeout = set_read_timeout,
    .close = close_body,
    .free = free_body,
    .immediate = true,
};

static struct local *local_new(struct pail_int length, size_t room)
{
    struct local *local = calloc(1, sizeof(*local) + room);
    if (!local)
        return NULL;
    local->body.source = &local_source;
    local->body.length = local->body.expected = length;
    return local;
}

int pail_body_from_memory(const void *data, size_t size, struct pail_int length,
                          struct pail_body **ret)
{
    struct local *local = local_new(length, 0);
    if (!local)
        return -ENOMEM;
    local->at = data;
    local->len = size;
    *ret = &local->body;
    return 0;
}

int pail_body_from_reader(const struct pail_body_reader *reader, struct pail_int length,
                          struct pail_body **ret)
{
    struct local *local = local_new(length, PAIL_BODY_AHEAD);
    if (!local)
        return -ENOMEM;
    local->reader = *reader;
    *ret = &local->body;
    return 0;
}
