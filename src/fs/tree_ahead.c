/* fs/tree_ahead.c: directories listed ahead of the kernel. It does not hold them, and so will
 * never say that what is known of their names can go; and those listed ahead of a reader, of
 * which there may never be one. */
#include "fs/fs.h"
#include "fs/tree_internal.h"

/* When the oldest is to go. */
static void set_ahead_timer(struct fs *fs)
{
    const struct directory *first = TAILQ_FIRST(&fs->tree->ahead);
    int64_t ttl_ms = fs->options.metadata_ttl_ms;
    if (!first || (first->ahead_ns > 0 && ttl_ms < 0))
        return;
    timer_set(&fs->timers, &fs->tree->ahead_timer,
              first->ahead_ns > 0 ? clock_after_ms(first->ahead_ns, ttl_ms)
                                  : clock_now_ns(fs->clock));
}

void tree_keep_ahead(struct fs *fs, struct directory *d)
{
    tree_held(fs, d->dir);
    d->ahead_ns = clock_now_ns(fs->clock);
    TAILQ_INSERT_TAIL(&fs->tree->ahead, d, ahead);
    if (!fs->tree->ahead_timer.set)
        set_ahead_timer(fs);
}

static void ahead_over(struct timer *timer)
{
    struct tree *tree = CONTAINER_OF(timer, struct tree, ahead_timer);
    struct fs *fs = tree->fs;
    int64_t ttl_ms = fs->options.metadata_ttl_ms, now_ns = clock_now_ns(fs->clock);
    struct directory *d;
    while ((d = TAILQ_FIRST(&tree->ahead)) &&
           (d->ahead_ns < 0 || (ttl_ms >= 0 && clock_after_ms(d->ahead_ns, ttl_ms) <= now_ns)))
        tree_clear_directory(fs, d->dir);
    set_ahead_timer(fs);
}

void tree_held(struct fs *fs, struct node *dir)
{
    struct directory *d = dir->directory;
    if (!d || d->ahead_ns == 0)
        return;
    TAILQ_REMOVE(&fs->tree->ahead, d, ahead);
    d->ahead_ns = 0;
}

void tree_drop_below(struct fs *fs, const struct listing *l)
{
    for (size_t i = 0; l && i < l->count; i++) {
        const struct node *node = l->nodes[i];
        struct directory *d = node->type == ENTRY_DIRECTORY ? node->directory : NULL;
        if (!d || d->ahead_ns == 0)
            continue;
        TAILQ_REMOVE(&fs->tree->ahead, d, ahead);
        TAILQ_INSERT_HEAD(&fs->tree->ahead, d, ahead);
        d->ahead_ns = INT64_MIN;
        timer_set(&fs->timers, &fs->tree->ahead_timer, clock_now_ns(fs->clock));
    }
}

void tree_first_over(struct fs *fs, struct directory *d)
{
    if (d->first_cost == 0)
        return;
    TAILQ_REMOVE(&fs->tree->first, d, first);
    fs->tree->first_cost -= d->first_cost;
    d->first_cost = 0;
}

void tree_keep_first(struct fs *fs, struct directory *d, const struct listing *l)
{
    struct tree *tree = fs->tree;
    tree_first_over(fs, d);
    d->first_cost = l->count + FIRST_LISTING;
    tree->first_cost += d->first_cost;
    TAILQ_INSERT_TAIL(&tree->first, d, first);
    struct directory *oldest;
    while (tree->first_cost > FIRST_NAMES_MAX && (oldest = TAILQ_FIRST(&tree->first)) != d) {
        tree_first_over(fs, oldest);
        tree_drop_listings(fs, oldest);
    }
}

void tree_ahead_init(struct fs *fs)
{
    TAILQ_INIT(&fs->tree->ahead);
    TAILQ_INIT(&fs->tree->first);
    TAILQ_INIT(&fs->tree->idle);
    fs->tree->ahead_timer.fire = ahead_over;
    fs->tree->fs = fs;
}

void tree_ahead_done(struct fs *fs)
{
    struct directory *d;
    while ((d = TAILQ_FIRST(&fs->tree->ahead)))
        tree_clear_directory(fs, d->dir);
    timer_cancel(&fs->timers, &fs->tree->ahead_timer);
}
