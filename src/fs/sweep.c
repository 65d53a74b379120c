#include "fs/sweep.h"

#include "fs/fs.h"
#include "fs/sweep_levels.h"
#include "fs/tree.h"

#include <errno.h>

static void ask_page(struct sweep *s);

/* ---- beginning and ending ---- */

static void sweep_free(struct sweep *s)
{
    struct fs *fs = s->fs;
    LIST_REMOVE(s, link);
    if (--fs->sweeps.count == 0)
        fs->sweeps.taken = fs->sweeps.consumed = 0;
    timer_cancel(&fs->timers, &s->idle);
    node_unref(fs, s->root);
    free(s->levels);
    buf_done(&s->path);
    buf_done(&s->cursor);
    buf_done(&s->start);
    buf_done(&s->end);
    buf_done(&s->at);
    free(s);
}

/* What was not finished goes on by itself. */
static void sweep_end(struct sweep *s)
{
    struct fs *fs = s->fs;
    s->over = true;
    levels_drop(s);
    while (!LIST_EMPTY(&s->fed)) {
        struct listing *l = LIST_FIRST(&s->fed);
        sweep_unfeed(l);
        listing_go_on(l);
        listing_unref(l);
    }
    if (s->asking)
        fs->source->ops->cancel(fs->source, &s->request.request);
    else
        sweep_free(s);
}

void sweeps_end(struct fs *fs)
{
    struct sweep *s, *next;
    for (s = LIST_FIRST(&fs->sweeps.active); s; s = next) {
        next = LIST_NEXT(s, link);
        if (!s->over)
            sweep_end(s);
    }
}

static void idle_over(struct timer *timer)
{
    struct sweep *s = CONTAINER_OF(timer, struct sweep, idle);
    sweep_end(s);
}

static void keep_alive(struct sweep *s)
{
    timer_set(&s->fs->timers, &s->idle,
              clock_after_ms(clock_now_ns(s->fs->clock), SWEEP_IDLE_MS));
}

/* A sweep of `root`'s subtree, of the keys after `start` and before `end` ("": no bound),
 * relative to it. NULL on ENOMEM. */
static struct sweep *sweep_new(struct fs *fs, struct node *root, struct pail_str start,
                               struct pail_str end)
{
    struct sweep *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->fs = fs;
    s->root = node_ref(root);
    s->idle.fire = idle_over;
    LIST_INIT(&s->fed);
    LIST_INSERT_HEAD(&fs->sweeps.active, s, link);
    fs->sweeps.count++;
    buf_init(&s->path, PATH_BYTES_MAX);
    buf_init(&s->cursor, PATH_BYTES_MAX);
    buf_init(&s->start, PATH_BYTES_MAX);
    buf_init(&s->end, PATH_BYTES_MAX);
    buf_init(&s->at, PATH_BYTES_MAX);
    node_add_path(root, &s->path);
    buf_add_str(&s->start, start);
    buf_add_str(&s->end, end);
    buf_add_str(&s->at, start);
    if (buf_failed(&s->path) || buf_failed(&s->start) || buf_failed(&s->end) ||
        buf_failed(&s->at) || !levels_begin(s)) {
        levels_drop(s);
        sweep_free(s);
        return NULL;
    }
    keep_alive(s);
    return s;
}

/* ---- sharing a long walk out ---- */

/* Directories of the root's listing that the sweep has yet to come to: the first slot, and how
 * many. */
static size_t directories_left(const struct sweep *s, const struct listing *l,
                               size_t *ret_first)
{
    size_t count = 0;
    struct pail_str at = buf_str(&s->at), end = buf_str(&s->end);
    struct pail_str now = str_sub(at, 0, str_find(at, '/', 0));
    for (size_t i = 0; i < l->count; i++) {
        const struct node *node = l->nodes[i];
        if (!node || node->type != ENTRY_DIRECTORY || str_cmp(node_name(node), now) <= 0)
            continue;
        if (end.len > 0 && str_cmp(node_name(node), end) >= 0)
            break;
        if (count++ == 0)
            *ret_first = i;
    }
    return count;
}

/* The slot of the n-th directory from `slot` on. */
static size_t nth_directory(const struct listing *l, size_t slot, size_t n)
{
    for (;; slot++) {
        if (l->nodes[slot] && l->nodes[slot]->type == ENTRY_DIRECTORY && n-- == 0)
            return slot;
    }
}

static void share_out(struct sweep *s)
{
    struct fs *fs = s->fs;
    const struct directory *d = s->root->directory;
    const struct listing *l = d ? d->listing : NULL;
    size_t first = 0, left = l ? directories_left(s, l, &first) : 0;
    s->shared = true;
    size_t parts = SWEEPS_MAX - fs->sweeps.count + 1;
    if (left < 4 * parts)
        return;
    CLEANUP_DONE(buf) struct buf bound;
    buf_init(&bound, PATH_BYTES_MAX);
    for (size_t i = parts - 1; i > 0; i--) {
        const struct node *node = l->nodes[nth_directory(l, first, i * left / parts)];
        buf_reset(&bound);
        buf_add_str(&bound, node_name(node));
        buf_add_byte(&bound, '/');
        if (buf_failed(&bound))
            return;
        struct sweep *part = sweep_new(fs, s->root, buf_str(&bound), buf_str(&s->end));
        if (!part)
            return;
        part->shared = true;
        buf_reset(&s->end);
        buf_add_str(&s->end, buf_str(&bound));
        ask_page(part);
    }
}

/* ---- pages ---- */

static bool waited_for(const struct sweep *s)
{
    const struct listing *l;
    LIST_FOREACH(l, &s->fed, fed)
    {
        if (l->readers > 0)
            return true;
    }
    return false;
}

static void go_on(struct sweep *s)
{
    const struct sweeps *all = &s->fs->sweeps;
    if (s->asking || s->over)
        return;
    if (waited_for(s) || all->taken <= all->consumed * (SWEEP_GAIN + 1) + SWEEP_AHEAD)
        ask_page(s);
}

static int take_page(struct sweep *s)
{
    struct source_list *page = &s->request;
    if (page->request.status < 0)
        return page->request.status;
    for (size_t i = 0; i < page->count && !s->over; i++) {
        struct pail_str name = page->entries[i].name;
        if (s->end.len > 0 && str_cmp(name, buf_str(&s->end)) >= 0) {
            s->over = true;
            break;
        }
        int r = levels_take(s, &page->entries[i]);
        if (r < 0)
            return r;
        s->fs->sweeps.taken++;
    }
    if (page->count > 0) {
        buf_reset(&s->at);
        buf_add_str(&s->at, page->entries[page->count - 1].name);
    }
    buf_reset(&s->cursor);
    buf_add_str(&s->cursor, page->next);
    if (!page->next.ptr)
        s->over = true;
    s->pages++;
    s->page_took_ns = clock_now_ns(s->fs->clock) - s->page_ns;
    return buf_failed(&s->cursor) || buf_failed(&s->at) ? -ENOMEM : 0;
}

static void page_done(struct source_request *request)
{
    struct sweep *s = CONTAINER_OF(request, struct sweep, request.request);
    struct fs *fs = s->fs;
    fs_request_end(fs, request);
    bool ended = s->over;
    int r = ended ? -ECANCELED : take_page(s);
    fs->source->ops->release(fs->source, request);
    s->asking = false;
    if (ended) {
        sweep_free(s);
        return;
    }
    if (r == 0 && s->over)
        levels_finish(s, 0);
    if (r == 0 && !s->over) {
        if (s->pages >= SWEEP_SPLIT && !s->shared && fs->sweeps.count == 1)
            share_out(s);
        go_on(s);
    }
    s->over |= r < 0;
    levels_wake(s);
    if (s->over)
        sweep_end(s);
}

static void ask_page(struct sweep *s)
{
    struct fs *fs = s->fs;
    s->request = (struct source_list){
        .request = {.done = page_done},
        .path = buf_str(&s->path),
        .flat = true,
    };
    if (s->cursor.len > 0)
        s->request.cursor = buf_str(&s->cursor);
    else
        s->request.start_after = buf_str(&s->start);
    s->asking = true;
    s->page_ns = clock_now_ns(fs->clock);
    fs_request_begin(fs, &s->request.request);
    fs->source->ops->list(fs->source, &s->request);
}

void sweep_want(struct sweep *s)
{
    go_on(s);
}

void sweep_consumed(struct fs *fs, size_t entries)
{
    fs->sweeps.consumed += entries;
    struct sweep *s, *next;
    for (s = LIST_FIRST(&fs->sweeps.active); s; s = next) {
        next = LIST_NEXT(s, link);
        keep_alive(s);
        go_on(s);
    }
}

/* ---- who walks ---- */

static bool walked_lately(const struct fs *fs, const struct directory *d)
{
    return d && d->walked_ns + WALK_MS * NS_PER_MS > clock_now_ns(fs->clock);
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
        if (up->directory->walked >= 2)
            root = up;
    }
    return root;
}

/* "path/" of `dir` below `root`; false if it is not below it. */
static bool path_below(const struct node *root, const struct node *dir, struct buf *b)
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

/* The sweep that has yet to come to the directory. */
static struct sweep *sweep_ahead(struct fs *fs, const struct node *dir)
{
    struct sweep *s;
    LIST_FOREACH(s, &fs->sweeps.active, link)
    {
        CLEANUP_DONE(buf) struct buf key;
        buf_init(&key, PATH_BYTES_MAX);
        if (s->over || !path_below(s->root, dir, &key))
            continue;
        bool begun = str_starts(buf_str(&s->at), buf_str(&key)) && s->at.len > key.len;
        if (!begun && str_cmp(buf_str(&key), buf_str(&s->at)) >= 0 &&
            (s->end.len == 0 || str_cmp(buf_str(&key), buf_str(&s->end)) < 0))
            return s;
    }
    return NULL;
}

/* True if the walk has had its sweep, or no more are to be had. */
static bool swept(const struct fs *fs, const struct node *root)
{
    const struct sweep *s;
    LIST_FOREACH(s, &fs->sweeps.active, link)
    {
        if (s->root == root)
            return true;
    }
    return fs->sweeps.count >= SWEEPS_MAX;
}

struct listing *sweep_list(struct fs *fs, struct node *root, struct node *dir)
{
    if (fs->options.metadata_ttl_ms == 0)
        return NULL;
    struct sweep *s = sweep_ahead(fs, dir);
    if (!s && root && !swept(fs, root)) {
        CLEANUP_DONE(buf) struct buf start;
        buf_init(&start, PATH_BYTES_MAX);
        if (path_below(root, dir, &start))
            s = sweep_new(fs, root, buf_str(&start), PAIL_STR(""));
        if (s)
            ask_page(s);
    }
    if (!s)
        return NULL;
    struct listing *l = listing_new(fs, dir);
    if (!l)
        return NULL;
    int64_t patience_ms = 3 * s->page_took_ns / NS_PER_MS;
    sweep_feed(s, listing_ref(l));
    listing_be_patient(l, patience_ms > SWEEP_PATIENCE ? patience_ms : SWEEP_PATIENCE);
    return l;
}
