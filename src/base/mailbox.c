#include "base/mailbox.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue {
    struct message *first;
    struct message *last;
};

/* Under the mutex the eventfd is readable exactly while `posted` holds something. */
struct mailbox {
    pthread_mutex_t mutex;
    struct queue posted; /* under the mutex */
    struct queue taken;  /* the owner's: being delivered */
    int fd;
};

struct mailbox *mailbox_new(void)
{
    struct mailbox *mailbox = malloc(sizeof(*mailbox));
    if (!mailbox) {
        errno = ENOMEM;
        return NULL;
    }
    *mailbox = (struct mailbox){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (mailbox->fd < 0) {
        int saved = errno;
        free(mailbox);
        errno = saved;
        return NULL;
    }
    pthread_mutex_init(&mailbox->mutex, NULL);
    return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    close(mailbox->fd);
    pthread_mutex_destroy(&mailbox->mutex);
    free(mailbox);
}

void mailbox_post(struct mailbox *mailbox, struct message *message)
{
    message->next = NULL;
    pthread_mutex_lock(&mailbox->mutex);
    bool wake = !mailbox->posted.first;
    if (wake)
        mailbox->posted.first = message;
    else
        mailbox->posted.last->next = message;
    mailbox->posted.last = message;
    if (wake) {
        /* From 0 to 1: it cannot fail, nor be interrupted without having an effect. */
        ssize_t n = write(mailbox->fd, &(uint64_t){1}, sizeof(uint64_t));
        (void)n;
    }
    pthread_mutex_unlock(&mailbox->mutex);
}

int mailbox_fd(const struct mailbox *mailbox)
{
    return mailbox->fd;
}

static void take_posted(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->mutex);
    struct queue posted = mailbox->posted;
    mailbox->posted = (struct queue){0};
    if (posted.first) {
        uint64_t count;
        ssize_t n = read(mailbox->fd, &count, sizeof(count));
        (void)n;
    }
    pthread_mutex_unlock(&mailbox->mutex);

    if (!posted.first)
        return;
    if (mailbox->taken.first)
        mailbox->taken.last->next = posted.first;
    else
        mailbox->taken.first = posted.first;
    mailbox->taken.last = posted.last;
}

size_t mailbox_deliver(struct mailbox *mailbox)
{
    take_posted(mailbox);
    size_t delivered = 0;
    /* `taken` is the mailbox's, so that a deliver that calls this again keeps the order. */
    while (mailbox->taken.first) {
        struct message *message = mailbox->taken.first;
        mailbox->taken.first = message->next;
        message->next = NULL;
        message->deliver(message);
        delivered++;
    }
    return delivered;
}

size_t mailbox_wait(struct mailbox *mailbox, int timeout_ms)
{
    int64_t end = clock_after_ms(clock_now_ns(&clock_system), timeout_ms);
    struct pollfd poll_fd = {.fd = mailbox->fd, .events = POLLIN};
    while (poll(&poll_fd, 1, timeout_ms) < 0 && errno == EINTR) {
        if (timeout_ms < 0)
            continue;
        int64_t left = end - clock_now_ns(&clock_system);
        timeout_ms = left > 0 ? (int)((left + NS_PER_MS - 1) / NS_PER_MS) : 0;
    }
    return mailbox_deliver(mailbox);
}
