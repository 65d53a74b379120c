/* aws/answer.h: waiting for what another thread answers: a call's done, a filled buffer, keys.
 */
#ifndef AWS_ANSWER_H
#define AWS_ANSWER_H

#include "base/mailbox.h"

#include <pail/error.h>

/* One answer. The waiter's, but for what answer_post writes. */
struct answer {
    struct message message;
    struct mailbox *mailbox;  /* the waiter's; NULL: the answer is given on its own thread */
    struct pail_error *error; /* where a failure is told; may be NULL */
    int status;
    bool came;
};

/* Makes *mailbox if there is none yet. 0; -ENOMEM, -EMFILE, -ENFILE with *error filled if not
 * NULL. */
int answer_mailbox(struct mailbox **mailbox, struct pail_error *error);
/* Before it is asked for. */
void answer_init(struct answer *answer, struct mailbox *mailbox, struct pail_error *error);
/* Gives it: `status` 0, or -errno explained by *error (borrowed for the call). Any thread,
 * once; it may be gone when this returns. */
void answer_post(struct answer *answer, int status, const struct pail_error *error);
/* Waits for it, delivering what else comes to the mailbox. Its status. */
int answer_wait(struct answer *answer);

#endif
