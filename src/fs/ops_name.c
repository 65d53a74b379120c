/* fs/ops_name.c: names and attributes: lookup, forget, getattr. */
#include "fs/ops_internal.h"
#include "fs/tree.h"

#include <errno.h>

struct lookup_op {
    struct op op;
    struct name_wait wait;
    struct node *dir; /* the kernel holds it while it waits */
    size_t name_len;
    char name[];
};

static void answer(struct fs *fs, fuse_req_t req, struct node *dir, struct pail_str name,
                   int status, struct node *node)
{
    if (status == -ENOENT) {
        int64_t keep_ms = tree_absent_ms(fs, dir, name);
        const struct fuse_entry_param absent = {.entry_timeout = ttl_seconds(keep_ms)};
        if (keep_ms != 0)
            fuse_reply_entry(req, &absent);
        else
            reply_status(fs, req, -ENOENT);
        return;
    }
    if (status < 0) {
        reply_failure(fs, req, dir, "lookup", status);
        return;
    }
    struct fuse_entry_param entry;
    fill_entry(fs, node, &entry);
    node_kernel_ref(fs, node);
    if (fuse_reply_entry(req, &entry) < 0)
        node_forget(fs, node, 1);
}

static void lookup_ready(struct waiter *waiter)
{
    struct name_wait *wait = CONTAINER_OF(waiter, struct name_wait, waiter);
    struct lookup_op *l = CONTAINER_OF(wait, struct lookup_op, wait);
    op_end(&l->op);
    answer(l->op.fs, l->op.req, l->dir, str_of(l->name, l->name_len), wait->status, wait->node);
    free(l);
}

static void lookup_waits_for(struct op *op, struct buf *b)
{
    (void)op;
    buf_add_c(b, "what the name means");
}

static void lookup_abandon(struct op *op, int sys)
{
    (void)sys;
    wait_stop(&CONTAINER_OF(op, struct lookup_op, op)->wait.waiter);
}

void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct fs *fs = fs_of(req);
    struct node *dir = node_of_ino(fs, parent), *node = NULL;
    struct pail_str s = str_c(name);
    fs->stats.lookups++;
    struct lookup_op *l = calloc(1, sizeof *l + s.len);
    if (!l) {
        reply_failure(fs, req, dir, "lookup", -ENOMEM);
        return;
    }
    l->op = (struct op){.fs = fs,
                        .req = req,
                        .node = dir,
                        .name = str_of(l->name, s.len),
                        .waits_for = lookup_waits_for,
                        .abandon = lookup_abandon};
    l->wait.waiter.ready = lookup_ready;
    l->dir = dir;
    l->name_len = s.len;
    memcpy(l->name, s.ptr, s.len);
    int r = tree_lookup(fs, dir, s, &l->wait, &node);
    if (r == -EINPROGRESS) {
        op_wait(&l->op, "lookup", fs->options.metadata_timeout_ms);
        return;
    }
    free(l);
    fs->stats.lookups_answered++;
    answer(fs, req, dir, s, r, node);
}

void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count)
{
    struct fs *fs = fs_of(req);
    if (ino != FUSE_ROOT_ID)
        node_forget(fs, node_of_ino(fs, ino), count);
    fuse_reply_none(req);
}

void op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
    struct fs *fs = fs_of(req);
    for (size_t i = 0; i < count; i++) {
        if (forgets[i].ino != FUSE_ROOT_ID)
            node_forget(fs, node_of_ino(fs, forgets[i].ino), forgets[i].nlookup);
    }
    fuse_reply_none(req);
}

void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fs *fs = fs_of(req);
    struct node *node = node_of_ino(fs, ino);
    (void)fi;
    if (!size_getattr(fs, req, node))
        reply_attributes(fs, req, node);
}
