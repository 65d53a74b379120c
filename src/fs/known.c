#include "fs/known.h"

/* Absences remembered for one directory; past it all of them are forgotten, which costs only
 * requests. */
#define NEGATIVE_MAX 4096

struct known *known_find(const struct directory *d, struct pail_str name)
{
    struct known *known = NULL;
    HASH_FIND(hh, d->known, name.ptr, name.len, known);
    return known;
}

void known_drop(struct fs *fs, struct directory *d, struct known *known)
{
    HASH_DEL(d->known, known);
    if (known->node)
        node_unref(fs, known->node);
    else
        d->negative_count--;
    free(known);
}

static void forget_absences(struct fs *fs, struct directory *d)
{
    struct known *known, *next;
    HASH_ITER(hh, d->known, known, next)
    {
        if (!known->node)
            known_drop(fs, d, known);
    }
}

void known_put(struct fs *fs, struct directory *d, struct pail_str name, struct node *node,
               int64_t asked_ns)
{
    struct known *known = known_find(d, name);
    if (known)
        known_drop(fs, d, known);
    if (!node && d->negative_count >= NEGATIVE_MAX)
        forget_absences(fs, d);
    known = calloc(1, sizeof *known + name.len);
    if (!known)
        return;
    known->asked_ns = asked_ns;
    known->name_len = name.len;
    memcpy(known->name, name.ptr, name.len);
    HASH_ADD(hh, d->known, name, name.len, known);
    if (known->lost) {
        free(known);
        return;
    }
    if (node)
        known->node = node_ref(node);
    else
        d->negative_count++;
}

void tree_forget_known(struct fs *fs, struct node *node)
{
    if (!node->parent || !node->parent->directory)
        return;
    struct directory *d = node->parent->directory;
    struct known *known = known_find(d, node_name(node));
    /* One that has a failure to tell is kept for whoever asks. */
    if (known && known->node == node && !(node->extra && node->extra->failure))
        known_drop(fs, d, known);
}

void known_listed(struct fs *fs, struct directory *d, const struct listing *l)
{
    struct known *known, *next;
    HASH_ITER(hh, d->known, known, next)
    {
        if (!known->node)
            continue;
        ssize_t slot = listing_find(l, node_name(known->node), known->node->type);
        bool held = slot >= 0 && l->nodes[slot] == known->node;
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
