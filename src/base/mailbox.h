/* base/mailbox.h: how threads talk. Many post, one owner receives; with the log, whose writers
 * may not wait for an owner, the only place with a mutex.
 *
 * A message is embedded in what it is about, so posting never allocates and never fails.
 * Between post and deliver it belongs to the mailbox; deliver runs on the owner's thread and
 * may release or post it again. Messages of one sender arrive in the order they were posted. */
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

struct message {
    struct message *next; /* the mailbox's, while posted */
    void (*deliver)(struct message *message);
};

struct mailbox;

/* NULL with errno set on ENOMEM or if no eventfd is to be had. */
struct mailbox *mailbox_new(void);
/* Undelivered messages are dropped: what they are about must be released by whoever else knows
 * of it. */
void mailbox_free(struct mailbox *mailbox);

/* Any thread, also the owner's. Wakes the owner once for any number of messages. */
void mailbox_post(struct mailbox *mailbox, struct message *message);

/* Becomes readable when messages wait. Poll it; never read it. */
int mailbox_fd(const struct mailbox *mailbox);
/* The owner's thread: delivers what was posted before the call, in order. Returns how many. */
size_t mailbox_deliver(struct mailbox *mailbox);
/* The owner's thread: waits until something is posted or `timeout_ms` passed (negative: for
 * ever), then delivers. */
size_t mailbox_wait(struct mailbox *mailbox, int timeout_ms);

DEFINE_CLEANUP(mailbox, struct mailbox *, mailbox_free);

#endif
