#include "fs/fs.h"

#include "fs/failure.h"
#include "fs/file.h"
#include "fs/growing.h"
#include "fs/pages.h"
#include "fs/parallel.h"
#include "fs/sweep.h"
#include "fs/tree.h"

#include <errno.h>

void fs_request_begin(struct fs *fs, struct source_request *request)
{
    request->prev = NULL;
    request->next = fs->under_way;
    if (request->next)
        request->next->prev = request;
    fs->under_way = request;
    request->started_ns = clock_now_ns(fs->clock);
}

void fs_request_end(struct fs *fs, struct source_request *request)
{
    if (request->prev)
        request->prev->next = request->next;
    else
        fs->under_way = request->next;
    if (request->next)
        request->next->prev = request->prev;
    request->next = request->prev = NULL;
}

bool fs_has_pages(const struct fs *fs, struct pail_str path)
{
    const struct source_ops *ops = fs->source->ops;
    return ops->pages && ops->pages(fs->source, path);
}

int fs_init(struct fs *fs, const struct fs_options *options, struct source *source,
            struct mailbox *mailbox, const struct clock *clock)
{
    *fs = (struct fs){
        .options = *options,
        .clock = clock,
        .mailbox = mailbox,
        .source = source,
        .parallel_parts = options->parallel_parts ? options->parallel_parts : PARALLEL_FIRST,
        .started_s = clock_realtime_s(clock),
    };
    TAILQ_INIT(&fs->files);
    growings_init(fs);
    LIST_INIT(&fs->sweeps.active);
    failures_init(fs);
    parking_init(&fs->parking, &fs->timers, clock);
    int r = pages_init(fs, options->memory_limit);
    if (r == 0)
        r = tree_init(fs);
    if (r < 0)
        fs_done(fs);
    return r;
}

void fs_done(struct fs *fs)
{
    parking_close(&fs->parking, EIO);
    files_end(fs);
    sweeps_end(fs);
    while (fs->under_way) {
        for (struct source_request *r = fs->under_way; r; r = r->next)
            fs->source->ops->cancel(fs->source, r);
        mailbox_wait(fs->mailbox, -1);
    }
    growings_done(fs);
    failures_done(fs);
    tree_done(fs);
    pages_done(fs);
}
