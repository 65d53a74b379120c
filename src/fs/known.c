#include "fs/known.h"

#include "fs/fs.h"

struct known *known_find(const struct directory *d, struct pail_str name)
{
    struct known *known = NULL;
    HASH_FIND(hh, d->known, name.ptr, name.len, known);
    return known;
}

/* ---- those that nobody holds ---- */

static void idle_remove(struct fs *fs, struct known *known)
{
    if (!known->idle)
        return;
    known->idle = false;
    TAILQ_REMOVE(&fs->tree->idle, known, link);
    fs->tree->idle_count--;
}

void known_drop(struct fs *fs, struct directory *d, struct known *known)
{
    idle_remove(fs, known);
    HASH_DEL(d->known, known);
    node_unref(fs, known->node);
    free(known);
}

/* The kernel may have taken one since, which then stays as long as that holds it. */
static void idle_add(struct fs *fs, struct known *known)
{
    struct tree *tree = fs->tree;
    idle_remove(fs, known);
    known->idle = true;
    TAILQ_INSERT_TAIL(&tree->idle, known, link);
    if (++tree->idle_count <= KNOWN_IDLE_MAX)
        return;
    struct known *oldest = TAILQ_FIRST(&tree->idle);
    if (oldest->node && oldest->node->lookups > 0)
        idle_remove(fs, oldest);
    else
        known_drop(fs, oldest->directory, oldest);
}

void known_put(struct fs *fs, struct directory *d, struct pail_str name, struct node *node,
               int64_t asked_ns)
{
    struct known *known = known_find(d, name);
    if (known)
        known_drop(fs, d, known);
    known = calloc(1, sizeof *known + name.len);
    if (!known)
        return;
    known->asked_ns = asked_ns;
    known->directory = d;
    known->name_len = name.len;
    memcpy(known->name, name.ptr, name.len);
    HASH_ADD(hh, d->known, name, name.len, known);
    if (known->lost) {
        free(known);
        return;
    }
    known->node = node ? node_ref(node) : NULL;
    if (!node || node->lookups == 0)
        idle_add(fs, known);
}

void tree_forget_known(struct fs *fs, struct node *node)
{
    if (!node->parent || !node->parent->directory)
        return;
    struct directory *d = node->parent->directory;
    struct known *known = known_find(d, node_name(node));
    if (!known || known->node != node)
        return;
    /* One that has a failure to tell is kept for whoever asks. What was read of one that grows
     * is not: it goes with the node. */
    bool fresh = node->kind == FILE_FIXED && node_fresh_ms(fs, node) != 0;
    if (fresh || (node->extra && node->extra->failure))
        idle_add(fs, known);
    else
        known_drop(fs, d, known);
}

void known_listed(struct fs *fs, struct directory *d, const struct listing *l)
{
    struct known *known, *next;
    HASH_ITER(hh, d->known, known, next)
    {
        if (!known->node)
            continue;
        bool held = listing_node(l, node_name(known->node), known->node->type) == known->node;
        if (!held && known->node->confirmed_ns < l->started_ns)
            known->node->superseded = true;
        if (held || known->node->superseded)
            known_drop(fs, d, known);
    }
}

void known_clear(struct fs *fs, struct directory *d)
{
    struct known *known, *next;
    HASH_ITER(hh, d->known, known, next)
    {
        known_drop(fs, d, known);
    }
}
