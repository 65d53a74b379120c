/* aws/ask.h: the calls that a credentials provider makes: with a client of its own for each, on
 * the provider's thread, ended from another. */
#ifndef AWS_ASK_H
#define AWS_ASK_H

#include "aws/credentials.h"

#include <pail/call.h>
#include <stdatomic.h>

struct ask {
    /* Any thread. */
    struct mailbox *mailbox; /* the provider's thread waits there */
    struct message cancel_message;
    _Atomic bool cancel_posted;
    /* The provider's thread. */
    bool cancelled;
    struct pail_call *call; /* that runs */
};

/* How an operation is called. */
struct ask_how {
    const struct settings *settings; /* whose environment, profile and region it is */
    const char *endpoint_url; /* of a service on this machine or network, reached without a
                               * proxy; NULL: the service's as the environment and the
                               * profile have it, as an endpoint said in code is not meant
                               * for these calls */
    const char *region;       /* NULL: that of the settings */
    int64_t timeout_ms;       /* to connect, and without a byte; 0: as usual */
    unsigned attempts;        /* 0: as configured */
};

/* 0; -ENOMEM, -EMFILE, -ENFILE, as errno then says too. */
int ask_init(struct ask *ask);
/* No call may run. Repeatable. */
void ask_done(struct ask *ask);
/* Ends the call that runs, and every later one, with -ECANCELED. Any thread; repeatable. */
void ask_cancel(struct ask *ask);

/* Calls the operation and waits, on the provider's thread. `keys` (taken over; NULL: it is not
 * signed) sign it. 0 or -errno with *error filled if not NULL; `out` must be freed with
 * pail_output_free in either case. What the service does not find is -EACCES: among providers
 * -ENOENT says that another is to be asked. */
int ask_call(struct ask *ask, const struct ask_how *how, struct credentials_provider *keys,
             const struct pail_operation *operation, const void *in, void *out,
             struct pail_error *error);

#endif
