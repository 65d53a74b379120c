#include "cli/pail_copy.h"

#include "base/buf.h"
#include "base/mailbox.h"
#include "base/num.h"

#include <errno.h>
#include <inttypes.h>
#include <pail/s3.h>
#include <sys/mman.h>

#define PAGE_BYTES ((size_t)512 * 1024) /* handed over at a time */
#define TICK_MS    200
#define RANGE_MAX  64 /* "bytes=A-B" */

struct part;

/* A piece of a part's memory. The net thread's while `buffer` is posted; its message brings it
 * back. */
struct page {
    struct pail_buffer buffer;
    struct message message;
    struct part *part;
    int status;
    bool back;
};

/* One request. */
struct part {
    struct copying *copying;
    uint64_t size;
    struct page *pages;
    size_t page_count, back, taken; /* pages: in all, back, handed over */
    struct pail_call *call;
    struct pail_s3_get_object_output out;
    struct message message; /* the call is done */
    bool answered;
    bool over; /* answered, and every page is back */
    /* The net thread's, until the message of the first page that failed. */
    bool failed;
    struct pail_error error;
};

/* One pail_copy(), on the caller's thread. */
struct copying {
    const struct pail_copy *copy;
    struct mailbox *mailbox;
    char *memory;
    size_t memory_size;
    struct page *pages;
    size_t pages_each;  /* of a part that is whole */
    struct part *parts; /* a ring: part n of the object is at n % part_count */
    size_t part_count;
    uint64_t first, next, end; /* parts: being handed over, to be started, their number */
    unsigned running;          /* requests */
    struct page *failed;       /* the first page that was told to have failed */
};

/* ---- messages ---- */

static void settle(struct part *part)
{
    part->over = part->answered && part->back == part->page_count;
    if (!part->over)
        return;
    pail_output_free(&pail_s3_get_object_operation, &part->out);
    pail_call_release(STEAL(part->call));
    part->copying->running--;
}

static void deliver_page(struct message *message)
{
    struct page *page = CONTAINER_OF(message, struct page, message);
    struct copying *c = page->part->copying;
    page->back = true;
    page->part->back++;
    if (page->status < 0 && !c->failed)
        c->failed = page;
    settle(page->part);
}

static void deliver_answer(struct message *message)
{
    struct part *part = CONTAINER_OF(message, struct part, message);
    part->answered = true;
    settle(part);
}

/* ---- on the net thread ---- */

static void buffer_done(struct pail_buffer *buffer, int status, const struct pail_error *error)
{
    struct page *page = CONTAINER_OF(buffer, struct page, buffer);
    struct part *part = page->part;
    page->status = status;
    if (status == 0 && buffer->filled < buffer->size) {
        page->status = -EIO;
        part->error = (struct pail_error){.sys = EIO, .kind = PAIL_ERROR_INCOMPLETE_READ};
        part->failed = true;
    } else if (status < 0 && !part->failed && error) {
        part->error = *error;
        part->failed = true;
    }
    mailbox_post(part->copying->mailbox, &page->message);
}

/* A failure was told by the part's pages. */
static void call_done(struct pail_call *call, int status, const struct pail_error *error,
                      void *user)
{
    struct part *part = user;
    (void)call;
    (void)status;
    (void)error;
    mailbox_post(part->copying->mailbox, &part->message);
}

/* ---- requests ---- */

/* Lays the part's pages out over its piece of the memory. */
static void prepare(struct copying *c, struct part *part, size_t slot, uint64_t size)
{
    char *memory = c->memory + slot * (size_t)c->copy->part_size;
    *part = (struct part){.copying = c, .size = size, .pages = c->pages + slot * c->pages_each};
    part->message.deliver = deliver_answer;
    for (uint64_t at = 0; at < size; at += PAGE_BYTES) {
        struct page *page = &part->pages[part->page_count++];
        uint64_t left = size - at;
        *page = (struct page){.part = part, .message = {.deliver = deliver_page}};
        page->buffer.data = memory + at;
        page->buffer.size = left < PAGE_BYTES ? (size_t)left : PAGE_BYTES;
        page->buffer.done = buffer_done;
        if (at > 0)
            page[-1].buffer.next = &page->buffer;
    }
}

static int start_part(struct copying *c, struct pail_error *error)
{
    const struct pail_copy *copy = c->copy;
    size_t slot = (size_t)(c->next % c->part_count);
    struct part *part = &c->parts[slot];
    uint64_t offset = c->next * copy->part_size, left = copy->size - offset;
    prepare(c, part, slot, left < copy->part_size ? left : copy->part_size);
    char range[RANGE_MAX];
    int len = snprintf(range, sizeof(range), "bytes=%" PRIu64 "-%" PRIu64, offset,
                       offset + part->size - 1);
    const struct pail_s3_get_object_input in = {
        .bucket = copy->bucket,
        .key = copy->key,
        .version_id = copy->version_id,
        .if_match = copy->etag,
        .range = str_of(range, (size_t)len),
    };
    const struct pail_call_options options = {
        .timeout_ms = copy->timeout_ms,
        .timeout_restarts = true,
        .resume = true,
        .exact_range = true,
        .buffers = &part->pages[0].buffer,
    };
    int r = pail_call_start(copy->client, &pail_s3_get_object_operation, &in, &part->out,
                            &options, call_done, part, &part->call, error);
    if (r < 0)
        return r;
    c->next++;
    c->running++;
    return 0;
}

static int start_parts(struct copying *c, struct pail_error *error)
{
    int r = 0;
    while (r == 0 && c->next < c->end && c->next - c->first < c->part_count &&
           c->running < c->copy->parallel)
        r = start_part(c, error);
    return r;
}

/* ---- handing over ---- */

/* What is at hand, in order. 0, or what `take` returned. */
static int hand_over(struct copying *c)
{
    while (c->first < c->next) {
        struct part *part = &c->parts[c->first % c->part_count];
        while (part->taken < part->page_count && part->pages[part->taken].back) {
            const struct pail_buffer *buffer = &part->pages[part->taken].buffer;
            int r = c->copy->take(c->copy->user, buffer->data, buffer->filled);
            if (r < 0)
                return r;
            part->taken++;
        }
        if (part->taken < part->page_count || !part->over)
            return 0;
        c->first++;
    }
    return 0;
}

static int copy_parts(struct copying *c, struct pail_error *error)
{
    for (;;) {
        int r = start_parts(c, error);
        if (r == 0 && !c->failed)
            r = hand_over(c);
        if (c->failed) {
            *error = c->failed->part->error;
            return c->failed->status;
        }
        if (r < 0 || c->first == c->end)
            return r;
        if (c->copy->tick)
            c->copy->tick(c->copy->user);
        mailbox_wait(c->mailbox, TICK_MS);
    }
}

/* ---- beginning and end ---- */

static int copying_init(struct copying *c)
{
    const struct pail_copy *copy = c->copy;
    c->end = copy->size / copy->part_size + (copy->size % copy->part_size != 0);
    c->part_count = copy->parallel + PAIL_COPY_SPARE;
    if (c->part_count > c->end)
        c->part_count = (size_t)c->end;
    uint64_t largest = copy->size < copy->part_size ? copy->size : copy->part_size;
    c->pages_each = (size_t)(largest / PAGE_BYTES + (largest % PAGE_BYTES != 0));
    if (mul_overflow(c->part_count, copy->part_size, &c->memory_size))
        return -ENOMEM;
    /* Touched, and so there, only as far as it is needed. */
    c->memory =
        mmap(NULL, c->memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (c->memory == MAP_FAILED) {
        c->memory = NULL;
        return -ENOMEM;
    }
    c->parts = calloc(c->part_count, sizeof(*c->parts));
    c->pages = calloc(c->part_count * c->pages_each, sizeof(*c->pages));
    c->mailbox = mailbox_new();
    return c->parts && c->pages && c->mailbox ? 0 : -ENOMEM;
}

static void copying_done(struct copying *c)
{
    for (size_t i = 0; c->running > 0 && i < c->part_count; i++) {
        if (c->parts[i].call)
            pail_call_cancel(c->parts[i].call);
    }
    while (c->running > 0)
        mailbox_wait(c->mailbox, -1);
    mailbox_free(c->mailbox);
    free(c->pages);
    free(c->parts);
    if (c->memory)
        munmap(c->memory, c->memory_size);
}

int pail_copy(const struct pail_copy *copy, struct pail_error *error)
{
    struct copying c = {.copy = copy};
    *error = (struct pail_error){0};
    if (copy->size == 0)
        return 0;
    int r = copying_init(&c);
    if (r == 0)
        r = copy_parts(&c, error);
    copying_done(&c);
    return r;
}
