/* Calling an operation by waiting for it. */
#include "aws/response.h"

#include <errno.h>

struct waiter {
    struct message message;
    struct mailbox *mailbox;
    int status;
    bool came;
    struct pail_error *error;
};

static void waiter_woken(struct message *message)
{
    CONTAINER_OF(message, struct waiter, message)->came = true;
}

static void waiter_done(struct pail_call *call, int status, const struct pail_error *error,
                        void *user)
{
    struct waiter *waiter = user;
    (void)call;
    waiter->status = status;
    if (status < 0 && waiter->error)
        *waiter->error = *error;
    mailbox_post(waiter->mailbox, &waiter->message);
}

int pail_call(struct pail_client *client, const struct pail_operation *operation,
              const void *in, void *out, const struct pail_call_options *options,
              struct pail_error *error)
{
    CLEANUP(mailbox) struct mailbox *mailbox = mailbox_new();
    struct waiter waiter = {
        .message.deliver = waiter_woken, .mailbox = mailbox, .error = error};
    if (!mailbox)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    int r =
        pail_call_start(client, operation, in, out, options, waiter_done, &waiter, NULL, error);
    if (r < 0)
        return r;
    while (!waiter.came)
        mailbox_wait(mailbox, -1);
    return waiter.status;
}
