#include "fs/spool.h"

#include "base/str.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct spooler {
    struct mailbox *mailbox; /* the fs thread's */
    struct mailbox *jobs;    /* the spooler's own */
    pthread_t thread;
    struct message stop;
    bool stopped; /* spooler's thread */
    char directory[];
};

struct spool {
    struct spooler *spooler;
    struct message close;
    int fd; /* spooler's thread; -1: nothing was written */
};

/* ---- the spooler's thread ---- */

/* An unlinked file; where the filesystem has no O_TMPFILE, one that is unlinked at once. */
static int open_unlinked(const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd >= 0 ? fd : -errno;
    CLEANUP(heap) char *path = NULL;
    if (asprintf(&path, "%s/pailfs-XXXXXX", directory) < 0)
        return -ENOMEM;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(path);
    return fd;
}

static int move(struct spool *spool, struct spool_job *job)
{
    if (spool->fd < 0 && job->write)
        spool->fd = open_unlinked(spool->spooler->directory);
    if (spool->fd < 0)
        return job->write ? spool->fd : -EIO;
    for (size_t at = 0; at < job->size;) {
        off_t offset = (off_t)(job->offset + at);
        ssize_t n = job->write ? pwrite(spool->fd, job->data + at, job->size - at, offset)
                               : pread(spool->fd, job->data + at, job->size - at, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        at += (size_t)n;
    }
    return 0;
}

static void deliver_done(struct message *message)
{
    struct spool_job *job = CONTAINER_OF(message, struct spool_job, message);
    job->done(job);
}

static void deliver_job(struct message *message)
{
    struct spool_job *job = CONTAINER_OF(message, struct spool_job, message);
    struct spool *spool = job->spool;
    job->status = move(spool, job);
    job->message.deliver = deliver_done;
    mailbox_post(spool->spooler->mailbox, &job->message);
}

static void deliver_close(struct message *message)
{
    struct spool *spool = CONTAINER_OF(message, struct spool, close);
    if (spool->fd >= 0)
        close(spool->fd);
    free(spool);
}

static void deliver_stop(struct message *message)
{
    CONTAINER_OF(message, struct spooler, stop)->stopped = true;
}

static void *run(void *arg)
{
    struct spooler *spooler = arg;
    while (!spooler->stopped)
        mailbox_wait(spooler->jobs, -1);
    return NULL;
}

/* ---- the fs thread ---- */

int spooler_new(struct mailbox *mailbox, const char *directory, struct spooler **ret)
{
    size_t len = strlen(directory) + 1;
    CLEANUP(heap) struct spooler *spooler = calloc(1, sizeof *spooler + len);
    if (!spooler)
        return -ENOMEM;
    memcpy(spooler->directory, directory, len);
    spooler->mailbox = mailbox;
    spooler->stop.deliver = deliver_stop;
    CLEANUP(mailbox) struct mailbox *jobs = mailbox_new();
    if (!jobs)
        return -ENOMEM;
    spooler->jobs = jobs;
    int r = thread_start(&spooler->thread, "pailfs-spool", run, spooler);
    if (r < 0)
        return r;
    STEAL(jobs);
    *ret = STEAL(spooler);
    return 0;
}

void spooler_free(struct spooler *spooler)
{
    if (!spooler)
        return;
    mailbox_post(spooler->jobs, &spooler->stop);
    pthread_join(spooler->thread, NULL);
    mailbox_free(spooler->jobs);
    free(spooler);
}

struct spool *spool_new(struct spooler *spooler)
{
    struct spool *spool = calloc(1, sizeof *spool);
    if (!spool)
        return NULL;
    spool->spooler = spooler;
    spool->close.deliver = deliver_close;
    spool->fd = -1;
    return spool;
}

void spool_free(struct spool *spool)
{
    if (spool)
        mailbox_post(spool->spooler->jobs, &spool->close);
}

void spool_start(struct spool *spool, struct spool_job *job)
{
    job->spool = spool;
    job->message.deliver = deliver_job;
    mailbox_post(spool->spooler->jobs, &job->message);
}
