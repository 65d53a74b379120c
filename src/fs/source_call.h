/* fs/source_call.h: calls of libpail as requests of the filesystem: what every source over a
 * service is built on.
 *
 * A request of the filesystem is a state on the heap with one or two calls in it. A call
 * belongs to the net thread from its start until its message is delivered: there the result is
 * converted; everything is decided, finished and freed on the fs thread. Nothing is shared, so
 * nothing is locked. */
#ifndef FS_SOURCE_CALL_H
#define FS_SOURCE_CALL_H

#include "base/timer.h"
#include "fs/source.h"
#include "services/list_pages.h"

#include <pail/call.h>
#include <sys/queue.h>

/* A source whose requests are calls of a client. Embedded in the service's own. */
struct client_source {
    struct source source;
    struct pail_client *client;
    struct mailbox *mailbox;
    int64_t metadata_timeout_ms; /* deadline of lookups, listings and attributes */
    size_t running;              /* calls under way, also of requests already done */
    /* Of the fs thread, for calls that wait for their turn (fs/source_pace.h); NULL where none
     * does. */
    struct timers *timers;
    const struct clock *clock;
};

struct source_more;
struct source_state;
struct source_pace;

/* A call that waits for its turn: what it is started with. */
struct source_turn {
    struct source_pace *pace; /* NULL: it does not wait */
    TAILQ_ENTRY(source_turn) link;
    const void *in;
    struct pail_call_options options;
};

/* One call of libpail within a request. */
struct source_call {
    struct message message;
    struct source_state *state;
    const struct pail_operation *operation;
    void *out; /* the operation's output, all zero before */
    /* Net thread, after success, before the message is posted: turns the output into results; a
     * failure is recorded by source_call_fail. NULL: nothing to do. */
    void (*convert)(struct source_call *call);
    /* fs thread: the call is over. */
    void (*ended)(struct source_call *call);
    int status;
    struct pail_error error;
    struct source_turn turn;
    struct pail_call *call; /* fs thread: the reference, while it runs */
    bool running;           /* fs thread: its message is not delivered yet */
    bool over;              /* fs thread: status and error are known */
};

/* The head of every request's state. fs thread. */
struct source_state {
    struct client_source *source;
    struct source_request *request; /* NULL: done was called */
    struct source_call *calls[2];
    void (*free)(struct source_state *state); /* releases what is the type's own, and itself */
    /* Cancelled while it waits for something else than its calls: has source_answer called.
     * NULL: it never does. */
    void (*stop)(struct source_state *state);
    bool cancelled, released, answered;
    bool delivering; /* one of its calls: it is kept */
};

/* Ends `request` by a posted message with -errno `status` and `words`: for what fails before a
 * state exists. */
void source_refuse(struct client_source *source, struct source_request *request, int status,
                   const char *words);

/* Puts a new state under the request. */
void source_state_init(struct source_state *state, struct client_source *source,
                       struct source_request *request,
                       void (*release)(struct source_state *state));
/* Describes a call of the state, which has two at most; one that is over can be described anew.
 */
void source_call_init(struct source_state *state, struct source_call *call,
                      const struct pail_operation *operation, void *out,
                      void (*convert)(struct source_call *call),
                      void (*ended)(struct source_call *call));
/* Starts a described call through `done` (usually source_call_done) with the call as its user.
 * If it cannot start, the message is posted with that failure; so it is if the request was
 * cancelled. */
void source_call_start(struct source_call *call, const void *in,
                       const struct pail_call_options *options, pail_done *done);
/* Keeps the result, converts, posts the message. Net thread; `user` is the source_call. */
pail_done source_call_done;
/* Makes the record of a failure that the library did not see; `response` (NULL: none) and
 * `words` explain it. Returns -sys. Any thread. */
int source_call_error(struct pail_error *error, const struct pail_operation *operation,
                      const struct pail_response *response, int kind, int sys,
                      const char *words);
/* The same of an output that is no page of what it should list. 0 or -EPROTO. */
int source_call_listed(struct pail_error *error, const struct list_form *form, const void *out);
/* The same as the call's result. The output is read for its response. Net thread. */
void source_call_fail(struct source_call *call, int kind, int sys, const char *words);
/* Of a call's failure: "not modified" (304), the answer to a condition that no call of the
 * filesystem sets, is one that cannot be right. Updates error->sys. */
int source_call_status(int status, struct pail_error *error);
/* Calls the request's done; what still runs is cancelled. Once, and only from within an
 * `ended`, which keeps the state. `error` (NULL: none) is that of a failed call. */
void source_finish(struct source_state *state, int status, const struct pail_error *error);
/* The same by a posted message: for what is decided elsewhere. No call of it may run. After it
 * source_cancel comes too late. */
void source_answer(struct source_state *state, int status, const struct pail_error *error);
/* The same for the state of a `more` whose reader has all there is, and ever will be. */
void source_answer_finished(struct source_state *state, struct source_more *more);
/* Appends the client's counters, "NAME.requests 5\n"... */
void client_source_stats(const struct client_source *source, const char *name, struct buf *b);
/* Waits for the calls of requests that are done already: before the source is freed. May
 * deliver the mailbox. */
void client_source_drain(struct client_source *source);

/* The source's operations of the same names. */
void source_cancel(struct source *source, struct source_request *request);
void source_release(struct source *source, struct source_request *request);

#endif
