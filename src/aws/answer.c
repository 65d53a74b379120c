#include "aws/answer.h"

#include "aws/response.h"

#include <errno.h>

int answer_mailbox(struct mailbox **mailbox, struct pail_error *error)
{
    if (!*mailbox)
        *mailbox = mailbox_new();
    return *mailbox ? 0 : error_set_want(error, -errno);
}

static void deliver(struct message *message)
{
    CONTAINER_OF(message, struct answer, message)->came = true;
}

void answer_init(struct answer *answer, struct mailbox *mailbox, struct pail_error *error)
{
    *answer = (struct answer){.message.deliver = deliver, .mailbox = mailbox, .error = error};
}

void answer_post(struct answer *answer, int status, const struct pail_error *error)
{
    answer->status = status;
    if (status < 0 && answer->error)
        *answer->error = *error;
    if (answer->mailbox)
        mailbox_post(answer->mailbox, &answer->message);
    else
        answer->came = true;
}

int answer_wait(struct answer *answer)
{
    while (!answer->came)
        mailbox_wait(answer->mailbox, -1);
    return answer->status;
}
