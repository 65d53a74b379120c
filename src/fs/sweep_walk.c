/* fs/sweep_walk.c: who walks, and which sweep is to feed a directory. */
#include "fs/fs.h"
#include "fs/sweep_levels.h"
#include "fs/tree.h"

static bool walked_lately(const struct fs *fs, const struct directory *d)
{
    return d && d->walked_ns + WALK_MS * NS_PER_MS > clock_now_ns(fs->clock);
}

/* What reads a directory as soon as it is through with the one above goes on to the others too:
 * people and shells take longer. */
static bool walks_on(const struct directory *above, int64_t now_ns)
{
    return above->left_ns > 0 && now_ns - above->left_ns < WALK_ON_MS * NS_PER_MS;
}

struct node *sweep_walk(struct fs *fs, struct node *dir)
{
    struct node *root = NULL;
    int64_t now_ns = clock_now_ns(fs->clock);
    if (!walked_lately(fs, dir->directory))
        dir->directory->walked = 0;
    dir->directory->walked_ns = now_ns;
    for (struct node *up = dir->parent; up && walked_lately(fs, up->directory);
         up = up->parent) {
        up->directory->walked_ns = now_ns;
        if (up->directory->walked < 2)
            up->directory->walked++;
        if (up == dir->parent && walks_on(up->directory, now_ns))
            up->directory->walked = 2;
        if (up->directory->walked >= 2 && !up->directory->one_level)
            root = up;
    }
    return root;
}

void sweep_left(struct fs *fs, struct node *dir)
{
    if (dir->directory)
        dir->directory->left_ns = clock_now_ns(fs->clock);
}

void sweep_walk_on(struct fs *fs, struct node *dir)
{
    for (struct node *up = dir; up && walked_lately(fs, up->directory); up = up->parent)
        up->directory->walked_ns = clock_now_ns(fs->clock);
}

bool sweep_walking(const struct fs *fs, const struct node *dir)
{
    return walked_lately(fs, dir->directory);
}

bool sweep_key(const struct node *root, const struct node *dir, struct buf *b)
{
    const struct node *up = dir;
    while (up && up != root)
        up = up->parent;
    if (!up || dir == root)
        return false;
    CLEANUP_DONE(buf) struct buf path, above;
    buf_init(&path, PATH_BYTES_MAX);
    buf_init(&above, PATH_BYTES_MAX);
    node_add_path(dir, &path);
    node_add_path(root, &above);
    size_t skip = above.len ? above.len + 1 : 0;
    buf_add_str(b, str_sub(buf_str(&path), skip, path.len));
    buf_add_byte(b, '/');
    return !buf_failed(&path) && !buf_failed(&above) && !buf_failed(b);
}

struct sweep *sweep_ahead(struct fs *fs, const struct node *dir)
{
    struct sweep *s;
    LIST_FOREACH(s, &fs->sweeps.active, link)
    {
        CLEANUP_DONE(buf) struct buf key;
        buf_init(&key, PATH_BYTES_MAX);
        if (s->over || !sweep_key(s->root, dir, &key))
            continue;
        if (str_cmp(buf_str(&key), buf_str(&s->at)) >= 0 &&
            (s->end.len == 0 || str_cmp(buf_str(&key), buf_str(&s->end)) < 0))
            return s;
    }
    return NULL;
}

/* True if a sweep may begin at the root of a walk. */
static bool may_begin(const struct fs *fs, const struct node *root)
{
    const struct sweep *s;
    LIST_FOREACH(s, &fs->sweeps.active, link)
    {
        if (s->root == root)
            return false;
    }
    return fs->sweeps.count < SWEEPS_MAX && clock_now_ns(fs->clock) >= fs->sweeps.not_before_ns;
}

struct listing *sweep_list(struct fs *fs, struct node *root, struct node *dir)
{
    if (fs->options.metadata_ttl_ms == 0)
        return NULL;
    struct sweep *s = sweep_ahead(fs, dir);
    if (!s && root && may_begin(fs, root) && !sweep_goes_back(fs, dir, root)) {
        CLEANUP_DONE(buf) struct buf start;
        buf_init(&start, PATH_BYTES_MAX);
        if (sweep_key(root, dir, &start))
            s = sweep_new(fs, root, buf_str(&start), PAIL_STR(""));
    }
    if (!s || s->late >= SWEEP_LATE)
        return NULL;
    struct listing *l = listing_new(fs, dir);
    if (!l)
        return NULL;
    int64_t patience_ms = 4 * fs->sweeps.page_took_ns / NS_PER_MS;
    sweep_feed(s, listing_ref(l));
    listing_be_patient(l, patience_ms > SWEEP_PATIENCE ? patience_ms : SWEEP_PATIENCE);
    sweep_want(s);
    return l;
}
