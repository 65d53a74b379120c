/* fs/ops_dir.c: reading directories, from a listing that may still be growing. */
#include "fs/ops_internal.h"
#include "fs/sweep.h"
#include "fs/tree.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/fuse.h>

/* One opendir(3). Offsets: 0 '.', 1 '..', then the slots of the listing; offset 0 takes a new
 * one. */
struct dir_handle {
    LIST_ENTRY(dir_handle) link; /* of fs->dir_handles */
    struct listing *listing;     /* counted; NULL: the first read takes one */
    bool reads;                  /* the count is a reader's */
};

#define DOT_ENTRIES 2

struct readdir_op {
    struct op op;
    struct waiter waiter;
    struct dir_handle *handle;
    size_t size;
    uint64_t offset;
    bool plus;
};

struct dir_buffer {
    struct fs *fs;
    fuse_req_t req;
    char *data;
    size_t size, used;
    bool plus;
};

static void drop_listing(struct dir_handle *handle)
{
    if (handle->reads)
        listing_reader_gone(STEAL(handle->listing));
    else
        listing_unref(STEAL(handle->listing));
    handle->reads = false;
}

/* The listing for the first read, or the first one after rewinddir(3): that of the open, unless
 * it is read already or too old. False: out of memory. */
static bool take_listing(struct fs *fs, struct dir_handle *handle, struct node *dir)
{
    const struct listing *l = handle->listing;
    if (l && (handle->reads || !tree_listing_fresh(fs, l)))
        drop_listing(handle);
    if (!handle->listing)
        handle->listing = tree_list(fs, dir);
    if (!handle->listing)
        return false;
    handle->reads = true;
    listing_reader(handle->listing);
    return true;
}

static void dir_handle_free(struct dir_handle *handle)
{
    drop_listing(handle);
    LIST_REMOVE(handle, link);
    free(handle);
}

void dir_handles_done(struct fs *fs)
{
    while (!LIST_EMPTY(&fs->dir_handles))
        dir_handle_free(LIST_FIRST(&fs->dir_handles));
}

/* How an entry shows its node. */
enum show {
    SHOW_NODE, /* handed to the kernel by readdirplus, which takes a reference to it */
    SHOW_TYPE, /* only its inode number and type */
    SHOW_NAME, /* not even the type: the name may mean something else */
};

/* Adds one name; false if it does not fit. */
static bool add_entry(struct dir_buffer *b, const char *name, struct node *node, enum show show,
                      uint64_t next)
{
    struct fuse_entry_param entry;
    fill_entry(b->fs, node, &entry);
    if (show != SHOW_NODE)
        entry.ino = 0;
    if (show == SHOW_NAME)
        entry.attr.st_mode = 0;
    char *at = b->data + b->used;
    size_t room = b->size - b->used;
    size_t len = b->plus ? fuse_add_direntry_plus(b->req, at, room, name, &entry, (off_t)next)
                         : fuse_add_direntry(b->req, at, room, name, &entry.attr, (off_t)next);
    if (len > room)
        return false;
    if (b->plus && show == SHOW_NODE)
        node_kernel_ref(b->fs, node);
    b->used += len;
    return true;
}

static bool add_dots(struct dir_buffer *b, struct node *dir, uint64_t *offset)
{
    static const char *const names[DOT_ENTRIES] = {".", ".."};
    while (*offset < DOT_ENTRIES) {
        struct node *node = *offset == 1 && dir->parent ? dir->parent : dir;
        if (!add_entry(b, names[*offset], node, SHOW_TYPE, *offset + 1))
            return false;
        ++*offset;
    }
    return true;
}

/* Adds what a slot shows. A file and a directory of one name, which can lie pages apart, show
 * in the file's slot, as the directory. Until the listing has passed where the directory would
 * stand it is not known what the name is: then it is only named, without a type, to be looked
 * up. False if it does not fit. */
static bool add_slot(struct dir_buffer *b, const struct listing *l, size_t index)
{
    struct node *node = l->nodes[index];
    struct pail_str name = node_name(node);
    uint64_t next = DOT_ENTRIES + index + 1;
    if (node->hidden)
        return true;
    if (node->type == ENTRY_DIRECTORY) {
        if (listing_node(l, name, ENTRY_FILE))
            return true;
    } else if (!listing_covers(l, name)) {
        return add_entry(b, node->text, node, SHOW_NAME, next);
    } else if (node->superseded) {
        struct node *twin = listing_node(l, name, ENTRY_DIRECTORY);
        node = twin ? twin : node;
    }
    return add_entry(b, node->text, node, node->superseded ? SHOW_NAME : SHOW_NODE, next);
}

/* True if it is better to wait for the page after it, which is on its way, than to show the
 * slot without its type. */
static bool slot_unknown(const struct listing *l, size_t index)
{
    const struct node *node = l->nodes[index];
    return l->state == LISTING_RUNNING && index + 1 == l->count && node->type == ENTRY_FILE &&
           !listing_covers(l, node_name(node));
}

/* Fills from what is listed. Returns 0 when there is something to answer (which may be the
 * end), -EINPROGRESS when the next page must be waited for, or the listing's failure. */
static int fill(struct dir_buffer *b, struct node *dir, const struct listing *l,
                uint64_t offset)
{
    bool room = add_dots(b, dir, &offset);
    for (size_t i = offset - DOT_ENTRIES; room && i < l->count && !slot_unknown(l, i); i++)
        room = add_slot(b, l, i);
    if (b->used > 0 || !room || l->state == LISTING_COMPLETE)
        return 0;
    return l->state == LISTING_FAILED ? l->status : -EINPROGRESS;
}

/* The kernel did not get the answer: references it would have held are taken back. */
static void take_back(struct dir_buffer *b)
{
    for (size_t at = 0; b->plus && at < b->used;) {
        const struct fuse_direntplus *entry = (const void *)(b->data + at);
        if (entry->entry_out.nodeid != 0)
            node_forget(b->fs, node_of_ino(b->fs, entry->entry_out.nodeid), 1);
        at += (size_t)FUSE_DIRENTPLUS_SIZE(entry);
    }
}

static int answer(struct fs *fs, fuse_req_t req, const struct readdir_op *r)
{
    struct listing *l = r->handle->listing;
    struct dir_buffer b = {.fs = fs, .req = req, .size = r->size, .plus = r->plus};
    b.data = malloc(r->size ? r->size : 1);
    if (!b.data)
        return -ENOMEM;
    listing_want(l, r->offset > DOT_ENTRIES ? r->offset - DOT_ENTRIES : 0);
    int status = fill(&b, r->op.node, l, r->offset);
    if (status == 0 && b.used == 0)
        sweep_left(fs, r->op.node);
    if (status == 0 && fuse_reply_buf(req, b.data, b.used) < 0)
        take_back(&b);
    free(b.data);
    return status;
}

static void readdir_ready(struct waiter *waiter)
{
    struct readdir_op *r = CONTAINER_OF(waiter, struct readdir_op, waiter);
    int status = answer(r->op.fs, r->op.req, r);
    if (status == -EINPROGRESS) {
        wait_on(&r->handle->listing->waiters, waiter);
        return;
    }
    op_end(&r->op);
    if (status < 0)
        reply_failure(r->op.fs, r->op.req, r->op.node, "readdir", status);
    free(r);
}

static void readdir_waits_for(struct op *op, struct buf *b)
{
    const struct readdir_op *r = CONTAINER_OF(op, struct readdir_op, op);
    uint64_t from = r->offset > DOT_ENTRIES ? r->offset - DOT_ENTRIES : 0;
    buf_addf(b, "names from the %" PRIu64 "th on; %zu are listed so far", from,
             r->handle->listing->count);
}

static void readdir_abandon(struct op *op, int sys)
{
    (void)sys;
    wait_stop(&CONTAINER_OF(op, struct readdir_op, op)->waiter);
}

static void read_directory(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
                           struct fuse_file_info *fi, bool plus)
{
    struct fs *fs = fs_of(req);
    struct dir_handle *handle = (struct dir_handle *)fi->fh;
    struct node *dir = node_of_ino(fs, ino);
    struct readdir_op now = {
        .op = {.fs = fs,
               .req = req,
               .node = dir,
               .waits_for = readdir_waits_for,
               .abandon = readdir_abandon},
        .handle = handle,
        .size = size,
        .offset = (uint64_t)offset,
        .plus = plus,
    };
    fs->stats.readdirs++;
    bool first = offset == 0 || !handle->reads;
    int status = first && !take_listing(fs, handle, dir) ? -ENOMEM : answer(fs, req, &now);
    if (status == -EINPROGRESS) {
        struct readdir_op *r = malloc(sizeof *r);
        if (r) {
            *r = now;
            r->waiter.ready = readdir_ready;
            wait_on(&handle->listing->waiters, &r->waiter);
            op_wait(&r->op, "readdir", fs->options.metadata_timeout_ms);
            return;
        }
        status = -ENOMEM;
    }
    fs->stats.readdirs_answered += status == 0;
    if (status < 0)
        reply_failure(fs, req, dir, "readdir", status);
}

void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct fs *fs = fs_of(req);
    struct dir_handle *handle = calloc(1, sizeof *handle);
    if (!handle) {
        reply_failure(fs, req, node_of_ino(fs, ino), "opendir", -ENOMEM);
        return;
    }
    LIST_INSERT_HEAD(&fs->dir_handles, handle, link);
    fi->fh = (uint64_t)(uintptr_t)handle;
    /* Only where nothing ever changes: the kernel's copy loses entries of a listing that does.
     */
    fi->cache_readdir = fi->keep_cache = fs->options.metadata_ttl_ms < 0;
    if (fuse_reply_open(req, fi) < 0) {
        dir_handle_free(handle);
        return;
    }
    /* Who opens a directory will read it, but may look for names in it first (.gitignore),
     * which the first page may know. */
    if (fs->options.metadata_ttl_ms != 0)
        handle->listing = tree_list(fs, node_of_ino(fs, ino));
}

void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
                struct fuse_file_info *fi)
{
    read_directory(req, ino, size, offset, fi, false);
}

void op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
                    struct fuse_file_info *fi)
{
    read_directory(req, ino, size, offset, fi, true);
}

void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    dir_handle_free((struct dir_handle *)fi->fh);
    fuse_reply_err(req, 0);
}
