/* Calling an operation by waiting for it. */
#include "aws/answer.h"

#include <pail/call.h>

static void take_done(struct pail_call *call, int status, const struct pail_error *error,
                      void *user)
{
    (void)call;
    answer_post(user, status, error);
}

int pail_call(struct pail_client *client, const struct pail_operation *operation,
              const void *in, void *out, const struct pail_call_options *options,
              struct pail_error *error)
{
    CLEANUP(mailbox) struct mailbox *mailbox = NULL;
    struct answer answer;
    int r = answer_mailbox(&mailbox, error);
    if (r < 0)
        return r;
    answer_init(&answer, mailbox, error);
    r = pail_call_start(client, operation, in, out, options, take_done, &answer, NULL, error);
    return r < 0 ? r : answer_wait(&answer);
}
