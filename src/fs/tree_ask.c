/* fs/tree_ask.c: asking the source for one name. */
#include "fs/failure.h"
#include "fs/fs.h"
#include "fs/tree_internal.h"

#include <errno.h>

/* The name means the node now; NULL: nothing. */
static void settle(struct fs *fs, struct directory *d, struct pail_str name, struct node *node,
                   int64_t asked_ns)
{
    struct known *known = known_find(d, name);
    if (known && known->node && known->node != node)
        known->node->superseded = true;
    bool in_listing = tree_supersede_listed(fs, d->listing, name, node);
    /* The old listing will go. */
    if (d->next)
        in_listing =
            tree_supersede_listed(fs, d->next, name, node) && listing_covers(d->next, name);
    if (!in_listing || !node)
        known_put(fs, d, name, node, asked_ns);
    else if (known)
        known_drop(fs, d, known);
}

int tree_told(struct fs *fs, struct node *dir, struct pail_str name,
              const struct source_entry *entry, int64_t asked_ns, struct node **ret)
{
    struct directory *d = dir->directory;
    const struct known *known = known_find(d, name);
    struct node *node = tree_newer(d, name, asked_ns);
    if (node) {
        *ret = node_ref(node);
        return 0;
    }
    if (known && !known->node && known->asked_ns > asked_ns)
        return -ENOENT;
    if (entry) {
        struct source_entry named = *entry;
        named.name = name;
        node = tree_node_of(fs, dir, &named, asked_ns);
        if (!node)
            return -ENOMEM;
    }
    settle(fs, d, name, node, asked_ns);
    if (!node)
        return -ENOENT;
    *ret = node;
    return 0;
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
    if (tree_listing_fresh(fs, l) && tree_set_listing(fs, dir, l) == 0) {
        if (listing_begin_with(l, names, asked_ns) < 0)
            tree_listing_failed(fs, l);
        else
            tree_keep_first(fs, dir->directory, l);
    }
    listing_unref(l);
}

static void asking_free(struct asking *a)
{
    buf_done(&a->path);
    free(a);
}

void tree_ask_end(struct asking *a, int status, struct node *node)
{
    struct fs *fs = a->fs;
    struct node *dir = a->dir;
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

static void lookup_done(struct source_request *request)
{
    struct asking *a = CONTAINER_OF(request, struct asking, lookup.request);
    struct fs *fs = a->fs;
    struct node *node = NULL;
    int status = request->status;
    struct pail_str name = str_of(a->name, a->name_len);
    fs_request_end(fs, request);
    if (request->as_of_ns != 0 && request->as_of_ns < a->started_ns)
        a->started_ns = request->as_of_ns;
    if (status == 0 || status == -ENOENT)
        status = tree_told(fs, a->dir, name, status == 0 ? &a->lookup.entry : NULL,
                           a->started_ns, &node);
    else
        failure_note_name(fs, a->dir, name, "lookup", status, request);
    if (status == -ENOENT)
        a->dir->directory->absent_ns = a->started_ns;
    if (node && node->type == ENTRY_DIRECTORY)
        take_first_names(fs, node, &a->lookup.names, a->started_ns);
    fs->source->ops->release(fs->source, request);
    tree_ask_end(a, status, node);
}

void tree_ask_source(struct asking *a)
{
    struct fs *fs = a->fs;
    a->started_ns = clock_now_ns(fs->clock);
    a->lookup.request.done = lookup_done;
    a->lookup.path = buf_str(&a->path);
    fs_request_begin(fs, &a->lookup.request);
    fs->source->ops->lookup(fs->source, &a->lookup);
}

/* 0 with *ret, -ENAMETOOLONG or -ENOMEM. */
static int asking_new(struct fs *fs, struct node *dir, struct pail_str name,
                      struct asking **ret)
{
    struct asking *a = calloc(1, sizeof *a + name.len);
    if (!a)
        return -ENOMEM;
    a->fs = fs;
    a->name_len = name.len;
    memcpy(a->name, name.ptr, name.len);
    waiters_init(&a->waiters);
    buf_init(&a->path, PATH_BYTES_MAX);
    node_add_path_of(dir, name, &a->path);
    int r = buf_failed(&a->path);
    if (r == 0) {
        HASH_ADD(hh, dir->directory->asking, name, name.len, a);
        r = a->lost ? -ENOMEM : 0;
    }
    if (r < 0) {
        asking_free(a);
        return r == -EOVERFLOW ? -ENAMETOOLONG : r;
    }
    a->dir = node_ref(dir);
    *ret = a;
    return 0;
}

int tree_ask(struct fs *fs, struct node *dir, struct pail_str name, struct name_wait *wait)
{
    struct asking *a = NULL;
    HASH_FIND(hh, dir->directory->asking, name.ptr, name.len, a);
    if (!a) {
        int r = asking_new(fs, dir, name, &a);
        if (r < 0)
            return r;
        if (!tree_confirm(a)) {
            tree_ask_source(a);
            tree_list_for_absent(fs, dir);
        }
    }
    wait_on(&a->waiters, &wait->waiter);
    return -EINPROGRESS;
}
