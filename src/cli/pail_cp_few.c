#include "cli/pail_cp.h"

#include "base/mailbox.h"
#include "cli/partial_file.h"

#include <errno.h>
#include <pail/s3.h>

#define TICK_MS PROGRESS_EVERY_MS

/* One object on its way, or room for one. The net thread's while messages are to come. */
struct slot {
    struct cp_few *few;
    bool busy;
    unsigned expected; /* messages */
    struct message filled, answered;
    struct pail_call *call;
    struct pail_s3_get_object_output out;
    struct pail_buffer buffer;
    int status; /* of the buffer, explained by `error` */
    struct pail_error error;
    struct pail_str key;
    char *memory, *key_text, *path;
};

struct cp_few {
    struct pail_run *run;
    struct pail_str bucket;
    cp_few_told *told;
    void (*tick)(void *user);
    void *user;
    struct mailbox *mailbox;
    size_t count;
    struct slot slots[];
};

static void deliver(struct slot *slot)
{
    slot->expected--;
}

static void deliver_filled(struct message *message)
{
    deliver(CONTAINER_OF(message, struct slot, filled));
}

static void deliver_answered(struct message *message)
{
    deliver(CONTAINER_OF(message, struct slot, answered));
}

/* ---- on the net thread ---- */

static void buffer_done(struct pail_buffer *buffer, int status, const struct pail_error *error)
{
    struct slot *slot = CONTAINER_OF(buffer, struct slot, buffer);
    slot->status = status;
    if (status < 0 && error)
        slot->error = *error;
    mailbox_post(slot->few->mailbox, &slot->filled);
}

/* A failure was told by the buffer. */
static void call_done(struct pail_call *call, int status, const struct pail_error *error,
                      void *user)
{
    struct slot *slot = user;
    (void)call;
    (void)status;
    (void)error;
    mailbox_post(slot->few->mailbox, &slot->answered);
}

/* ---- an object that has come ---- */

static void empty(struct slot *slot)
{
    pail_output_free(&pail_s3_get_object_operation, &slot->out);
    pail_call_release(slot->call);
    free(slot->memory);
    free(slot->key_text);
    free(slot->path);
    *slot = (struct slot){.few = slot->few};
}

/* The object is not the one that was listed. */
static bool is_another(const struct slot *slot)
{
    if (slot->status < 0)
        return slot->status == -ESTALE;
    return slot->buffer.filled < slot->buffer.size ||
           slot->out.content_length.value != (int64_t)slot->buffer.size;
}

static int write_file(struct pail_run *run, const struct slot *slot)
{
    struct partial_file file = {.hidden = false};
    int r = partial_file_open(&file, slot->path);
    if (r == 0)
        r = pail_write(file.fd, slot->memory, slot->buffer.size);
    if (r == 0)
        r = partial_file_commit(&file);
    partial_file_done(&file);
    return r < 0 ? cp_fail_local(run, slot->few->bucket, slot->key, slot->path, r) : EXIT_OK;
}

static void settle(struct slot *slot)
{
    struct cp_few *few = slot->few;
    uint64_t size = slot->buffer.size;
    int status;
    if (is_another(slot))
        status = cp_object(few->run, few->bucket, slot->key, slot->path);
    else if (slot->status < 0)
        status = pail_fail(few->run, few->bucket, slot->key, &slot->error);
    else
        status = write_file(few->run, slot);
    empty(slot);
    few->told(few->user, status, size);
}

/* ---- waiting ---- */

/* Waits for the slot's object and writes it. */
static void wait_for(struct slot *slot)
{
    struct cp_few *few = slot->few;
    while (slot->expected > 0) {
        mailbox_wait(few->mailbox, few->tick ? TICK_MS : -1);
        if (few->tick)
            few->tick(few->user);
    }
    settle(slot);
}

/* One that is free, or will be first. */
static struct slot *free_slot(struct cp_few *few)
{
    for (;;) {
        for (size_t i = 0; i < few->count; i++) {
            struct slot *slot = &few->slots[i];
            if (slot->busy && slot->expected == 0)
                settle(slot);
            if (!slot->busy)
                return slot;
        }
        mailbox_wait(few->mailbox, few->tick ? TICK_MS : -1);
        if (few->tick)
            few->tick(few->user);
    }
}

void cp_few_wait_above(struct cp_few *few, const char *path)
{
    for (size_t i = 0; i < few->count; i++) {
        struct slot *slot = &few->slots[i];
        size_t len = slot->busy ? strlen(slot->path) : 0;
        if (slot->busy && strncmp(path, slot->path, len) == 0 && path[len] == '/')
            wait_for(slot);
    }
}

void cp_few_finish(struct cp_few *few)
{
    for (size_t i = 0; i < few->count; i++) {
        if (few->slots[i].busy)
            wait_for(&few->slots[i]);
    }
}

/* ---- beginning and end ---- */

/* 0, -ENOMEM, or as pail_call_start. */
static int start(struct slot *slot, struct pail_str etag)
{
    struct cp_few *few = slot->few;
    const struct pail_s3_get_object_input in = {
        .bucket = few->bucket, .key = slot->key, .if_match = etag};
    const struct pail_call_options options = {
        .timeout_ms = few->run->arguments->options.timeout_ms,
        .timeout_restarts = true,
        .resume = true,
        .buffers = &slot->buffer,
    };
    slot->filled.deliver = deliver_filled;
    slot->answered.deliver = deliver_answered;
    slot->expected = 2;
    slot->busy = true;
    return pail_call_start(few->run->client, &pail_s3_get_object_operation, &in, &slot->out,
                           &options, call_done, slot, &slot->call, &slot->error);
}

void cp_few_add(struct cp_few *few, struct pail_str key, struct pail_str etag, uint64_t size,
                const char *path)
{
    struct slot *slot = free_slot(few);
    slot->key_text = str_dup(key);
    slot->key = str_of(slot->key_text, key.len);
    slot->path = str_dup(str_c(path));
    slot->memory = malloc((size_t)size);
    slot->buffer =
        (struct pail_buffer){.data = slot->memory, .size = (size_t)size, .done = buffer_done};
    if (!slot->key_text || !slot->path || !slot->memory) {
        empty(slot);
        few->told(few->user, pail_fail_memory(few->run), 0);
        return;
    }
    if (start(slot, etag) == 0)
        return;
    int status = pail_fail(few->run, few->bucket, slot->key, &slot->error);
    empty(slot);
    few->told(few->user, status, 0);
}

struct cp_few *cp_few_new(struct pail_run *run, struct pail_str bucket, cp_few_told *told,
                          void (*tick)(void *user), void *user)
{
    size_t count = cp_parallel(run->arguments->settings);
    struct cp_few *few = calloc(1, sizeof(*few) + count * sizeof(few->slots[0]));
    if (!few)
        return NULL;
    few->run = run;
    few->bucket = bucket;
    few->told = told;
    few->tick = tick;
    few->user = user;
    few->count = count;
    for (size_t i = 0; i < count; i++)
        few->slots[i].few = few;
    few->mailbox = mailbox_new();
    if (!few->mailbox) {
        free(few);
        return NULL;
    }
    return few;
}

void cp_few_free(struct cp_few *few)
{
    if (!few)
        return;
    mailbox_free(few->mailbox);
    free(few);
}
