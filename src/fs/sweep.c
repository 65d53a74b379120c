#include "fs/failure.h"
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
    fs->sweeps.count--;
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

/* It asks by itself from now on. */
static void let_go(struct listing *l)
{
    sweep_unfeed(l);
    listing_go_on(l);
    listing_unref(l);
}

/* What was not finished goes on by itself. */
static void sweep_end(struct sweep *s)
{
    struct fs *fs = s->fs;
    s->over = true;
    levels_drop(s);
    timer_cancel(&fs->timers, &s->idle);
    while (!LIST_EMPTY(&s->filling))
        let_go(LIST_FIRST(&s->filling));
    while (!LIST_EMPTY(&s->awaited))
        let_go(LIST_FIRST(&s->awaited));
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
    sweep_end(CONTAINER_OF(timer, struct sweep, idle));
}

static void keep_alive(struct sweep *s)
{
    timer_set(&s->fs->timers, &s->idle,
              clock_after_ms(clock_now_ns(s->fs->clock), SWEEP_IDLE_MS));
}

struct sweep *sweep_new(struct fs *fs, struct node *root, struct pail_str start,
                        struct pail_str end)
{
    struct sweep *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->fs = fs;
    s->root = node_ref(root);
    s->idle.fire = idle_over;
    if (fs->sweeps.count++ == 0) {
        fs->sweeps.taken = fs->sweeps.consumed = 0;
        fs->sweeps.began_ns = clock_now_ns(fs->clock);
        fs->sweeps.waited_ns = 0;
    }
    LIST_INSERT_HEAD(&fs->sweeps.active, s, link);
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
        sweep_free(s);
        return NULL;
    }
    keep_alive(s);
    ask_page(s);
    return s;
}

/* ---- pages ---- */

static bool waited_for(const struct sweep *s)
{
    const struct listing *l;
    if (!LIST_EMPTY(&s->awaited))
        return true;
    LIST_FOREACH(l, &s->filling, fed)
    {
        if (listing_short(l))
            return true;
    }
    return false;
}

size_t sweep_horizon(const struct fs *fs)
{
    const struct sweeps *all = &fs->sweeps;
    int64_t ttl_ms = fs->options.metadata_ttl_ms;
    if (ttl_ms < 0)
        return SIZE_MAX;
    double half_ns = (double)ttl_ms * (double)NS_PER_MS / 2;
    /* Several walkers may have waited at the same time. */
    int64_t passed_ns = clock_now_ns(fs->clock) - all->began_ns + 1;
    int64_t worked_ns = passed_ns - all->waited_ns;
    if (worked_ns < passed_ns / 16 + 1)
        worked_ns = passed_ns / 16 + 1;
    double page_ns = (double)(all->page_took_ns > NS_PER_MS ? all->page_took_ns : NS_PER_MS);
    double read = (double)all->consumed * half_ns / (double)worked_ns;
    double brought = half_ns / page_ns * SWEEPS_A_WALK * SWEEP_PAGE;
    return (size_t)(read < brought ? read : brought);
}

static bool far_ahead(const struct fs *fs)
{
    const struct sweeps *all = &fs->sweeps;
    size_t gain = all->consumed * SWEEP_GAIN, horizon = sweep_horizon(fs);
    return all->taken > all->consumed + SWEEP_AHEAD + (gain < horizon ? gain : horizon);
}

static void go_on(struct sweep *s)
{
    if (!s->asking && !s->over && (waited_for(s) || !far_ahead(s->fs)))
        ask_page(s);
}

/* Takes an entry, which must come after all others. 0 or -errno; s->over: it is beyond the
 * range. */
static int take_entry(struct sweep *s, const struct source_entry *entry)
{
    struct pail_str at = buf_str(&s->at);
    bool onward = key_order(entry, at) > 0;
    /* Directories are named once a page because of unreachable keys below them. */
    if (!onward && !(entry->type == ENTRY_DIRECTORY && str_starts(at, entry->name) &&
                     at.len > entry->name.len && at.ptr[entry->name.len] == '/'))
        return -EPROTO;
    s->over = s->end.len > 0 && key_order(entry, buf_str(&s->end)) >= 0;
    if (s->over)
        return 0;
    int r = levels_take(s, entry);
    if (r < 0)
        return r;
    s->taken++;
    s->fs->sweeps.taken++;
    if (!onward)
        return 0;
    buf_reset(&s->at);
    buf_add_str(&s->at, entry->name);
    if (entry->type == ENTRY_DIRECTORY)
        buf_add_byte(&s->at, '/');
    return buf_failed(&s->at);
}

static int take_page(struct sweep *s)
{
    const struct source_list *page = &s->request;
    if (page->request.status < 0)
        return page->request.status;
    for (size_t i = 0; i < page->count && !s->over; i++) {
        int r = take_entry(s, &page->entries[i]);
        if (r < 0)
            return r;
    }
    if (page->unreachable > 0 && !s->unreachable)
        failure_unreachable(s->fs, s->root, page->unreachable, page->unreachable_example);
    s->unreachable |= page->unreachable > 0;
    buf_reset(&s->cursor);
    buf_add_str(&s->cursor, page->next);
    if (buf_failed(&s->cursor))
        return -ENOMEM;
    s->pages++;
    s->unshared = true;
    s->fs->sweeps.page_took_ns = clock_now_ns(s->fs->clock) - s->page_ns;
    if (s->over || !page->next.ptr) {
        s->over = true;
        levels_finish(s, 0);
    }
    return 0;
}

/* Directories that the sweep has passed without filling their listings, because they are gone,
 * or empty, or are others now: whoever waits asks by itself. */
static void let_passed_go(struct sweep *s)
{
    struct listing *l, *next;
    for (l = LIST_FIRST(&s->awaited); l; l = next) {
        next = LIST_NEXT(l, fed);
        CLEANUP_DONE(buf) struct buf key;
        buf_init(&key, PATH_BYTES_MAX);
        if (!sweep_key(s->root, l->dir, &key) || str_cmp(buf_str(&key), buf_str(&s->at)) < 0)
            let_go(l);
    }
}

static bool outgrown(const struct listing *l)
{
    return l->readers > 0 && l->count > 0 && l->nodes[l->count - 1]->type == ENTRY_DIRECTORY &&
           l->feeder->pages >= l->fed_page + 2;
}

static void let_outgrown_go(struct sweep *s)
{
    struct listing *l, *next;
    for (l = LIST_FIRST(&s->filling); l; l = next) {
        next = LIST_NEXT(l, fed);
        if (outgrown(l))
            let_go(l);
    }
}

bool sweep_outgrown(struct listing *l)
{
    if (!outgrown(l))
        return false;
    sweep_unfeed(l);
    listing_unref(l);
    return true;
}

/* Those that are being filled do not wait for ever for the next page. */
static void be_patient(struct sweep *s)
{
    struct listing *l;
    int64_t wait_ms = 4 * s->fs->sweeps.page_took_ns / NS_PER_MS;
    LIST_FOREACH(l, &s->filling, fed)
    {
        if (l->readers > 0)
            listing_be_patient(l, wait_ms > SWEEP_STALLED ? wait_ms : SWEEP_STALLED);
    }
}

static void page_failed(struct sweep *s, int status)
{
    struct fs *fs = s->fs;
    struct directory *d = s->root->directory;
    s->over = true;
    if (status == -ENOTSUP && d)
        d->one_level = true;
    else
        fs->sweeps.not_before_ns = clock_after_ms(clock_now_ns(fs->clock), SWEEP_AGAIN_MS);
}

/* Ends a sweep: those of the same walk that are left share their ranges out anew. */
static void make_room(struct sweep *s)
{
    struct fs *fs = s->fs;
    struct node *root = node_ref(s->root);
    sweep_end(s);
    struct sweep *other, *next;
    for (other = LIST_FIRST(&fs->sweeps.active); other; other = next) {
        next = LIST_NEXT(other, link);
        if (other->root != root || other->over)
            continue;
        other->unshared = true;
        sweep_share(other);
    }
    node_unref(fs, root);
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
    if (r < 0)
        page_failed(s, r);
    /* The kernel forgot where the walk began: nobody walks any more. */
    if (s->root->parent && s->root->lookups == 0)
        s->over = true;
    if (!s->over) {
        let_passed_go(s);
        let_outgrown_go(s);
        sweep_share(s);
        go_on(s);
        be_patient(s);
    }
    levels_wake(s);
    if (s->over)
        make_room(s);
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

void sweep_missed(struct listing *l)
{
    struct sweep *s = l->feeder;
    s->late += l->count == 0;
    if (l->count == 0 && s->end.len > 0)
        sweep_back_late(s->root);
    sweep_unfeed(l);
}

void sweep_consumed(struct listing *l)
{
    struct fs *fs = l->fs;
    if (l->readers == 0)
        return;
    fs->sweeps.consumed += l->count - l->consumed;
    l->consumed = l->count;
    struct sweep *s, *next;
    for (s = LIST_FIRST(&fs->sweeps.active); s; s = next) {
        next = LIST_NEXT(s, link);
        if (s->over)
            continue;
        keep_alive(s);
        sweep_share(s);
        go_on(s);
    }
}
