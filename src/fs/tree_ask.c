/* fs/tree_ask.c: asking the source for one name. */
#include "fs/failure.h"
#include "fs/fs.h"
#include "fs/tree_internal.h"

#include <errno.h>

/* One name being looked up at the source. */
struct asking {
    UT_hash_handle hh;
    bool lost;
    struct fs *fs;
    struct node *dir;      /* held */
    struct waiter waiters; /* struct name_wait */
    struct source_lookup lookup;
    int64_t started_ns;
    struct buf path;
    size_t name_len;
    char name[];
};

static void settle(struct fs *fs, struct asking *a, struct node *node)
{
    struct directory *d = a->dir->directory;
    struct pail_str name = str_of(a->name, a->name_len);
    struct known *known = known_find(d, name);
    if (known && known->node && known->node != node)
        known->node->superseded = true;
    bool in_listing = tree_supersede_listed(fs, d->listing, name, node);
    /* The old listing will go. */
    if (d->next)
        in_listing =
            tree_supersede_listed(fs, d->next, name, node) && listing_covers(d->next, name);
    if (!in_listing || !node)
        known_put(fs, d, name, node, a->started_ns);
    else if (known)
        known_drop(fs, d, known);
}

/* The lookup of a directory has brought its first names. Without memory for them they are asked
 * for when they are needed. */
static void take_first_names(struct fs *fs, struct node *dir, const struct source_names *names,
                             int64_t asked_ns)
{
    if (!names->seen || tree_listing_to_come(fs, dir) || tree_has_listing(fs, dir))
        return;
    struct listing *l = listing_new(fs, dir);
    if (!l)
        return;
    l->started_ns = asked_ns;
    if (tree_listing_fresh(fs, l) && tree_set_listing(fs, dir, l) == 0 &&
        listing_begin_with(l, names, asked_ns) < 0)
        tree_listing_failed(fs, l);
    listing_unref(l);
}

/* Takes what the source said. 0 with *ret (one reference), -ENOENT or -ENOMEM. */
static int found(struct fs *fs, struct asking *a, int status, struct node **ret)
{
    struct node *node = NULL;
    if (status == 0) {
        struct source_entry entry = a->lookup.entry;
        entry.name = str_of(a->name, a->name_len);
        node = tree_node_of(fs, a->dir, &entry, a->started_ns);
        if (!node)
            return -ENOMEM;
        if (node->type == ENTRY_DIRECTORY)
            take_first_names(fs, node, &a->lookup.names, a->started_ns);
    }
    settle(fs, a, node);
    *ret = node;
    return status;
}

static void asking_free(struct asking *a)
{
    buf_done(&a->path);
    free(a);
}

static void lookup_done(struct source_request *request)
{
    struct asking *a = CONTAINER_OF(request, struct asking, lookup.request);
    struct fs *fs = a->fs;
    struct node *dir = a->dir, *node = NULL;
    int status = request->status;
    struct pail_str name = str_of(a->name, a->name_len);
    fs_request_end(fs, request);
    if (request->as_of_ns != 0 && request->as_of_ns < a->started_ns)
        a->started_ns = request->as_of_ns;
    if (status == 0 || status == -ENOENT) {
        node = tree_newer(dir->directory, name, a->started_ns);
        if (node) {
            /* Something that was asked for later has been answered before: that is what counts.
             */
            node_ref(node);
            status = 0;
        } else {
            status = found(fs, a, status, &node);
        }
    } else {
        failure_note_name(fs, dir, name, "lookup", status, request);
    }
    fs->source->ops->release(fs->source, request);
    HASH_DEL(dir->directory->asking, a);
    for (struct waiter *w = a->waiters.next; w != &a->waiters; w = w->next) {
        struct name_wait *wait = CONTAINER_OF(w, struct name_wait, waiter);
        wait->status = status;
        wait->node = node;
    }
    waiters_wake(&a->waiters);
    asking_free(a);
    node_unref(fs, node);
    /* A directory that the kernel forgot meanwhile must not be kept alive by the names below
     * it. */
    if (dir->lookups == 0 && dir->parent)
        tree_clear_directory(fs, dir);
    node_unref(fs, dir);
}

int tree_ask(struct fs *fs, struct node *dir, struct pail_str name, struct name_wait *wait)
{
    struct asking *a = NULL;
    HASH_FIND(hh, dir->directory->asking, name.ptr, name.len, a);
    if (!a) {
        a = calloc(1, sizeof *a + name.len);
        if (!a)
            return -ENOMEM;
        a->fs = fs;
        a->name_len = name.len;
        memcpy(a->name, name.ptr, name.len);
        a->started_ns = clock_now_ns(fs->clock);
        waiters_init(&a->waiters);
        buf_init(&a->path, PATH_BYTES_MAX);
        node_add_path_of(dir, name, &a->path);
        if (buf_failed(&a->path)) {
            int r = buf_failed(&a->path);
            asking_free(a);
            return r == -EOVERFLOW ? -ENAMETOOLONG : r;
        }
        HASH_ADD(hh, dir->directory->asking, name, name.len, a);
        if (a->lost) {
            asking_free(a);
            return -ENOMEM;
        }
        a->dir = node_ref(dir);
        a->lookup.request.done = lookup_done;
        a->lookup.path = buf_str(&a->path);
        fs_request_begin(fs, &a->lookup.request);
        fs->source->ops->lookup(fs->source, &a->lookup);
    }
    wait_on(&a->waiters, &wait->waiter);
    return -EINPROGRESS;
}
