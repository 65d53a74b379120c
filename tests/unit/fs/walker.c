/* Walkers of unit/fs/keys.h. */
#include "unit/fs/keys.h"

#include "fs/sweep.h"

#include <errno.h>
#include <stdio.h>

void found_add(struct found *found, const char *path)
{
    if (found->count == found->capacity) {
        found->capacity = found->capacity ? 2 * found->capacity : 64;
        found->list = realloc(found->list, found->capacity * sizeof(char *));
        MUST(found->list);
    }
    found->list[found->count++] = strdup(path);
}

void found_done(struct found *found)
{
    for (size_t i = 0; i < found->count; i++)
        free(found->list[i]);
    free(found->list);
    *found = (struct found){0};
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void found_sort(struct found *found)
{
    if (found->count)
        qsort(found->list, found->count, sizeof(char *), by_bytes);
}

/* ---- what the keys say ---- */

static void add_key(struct found *found, const char *key, size_t skip)
{
    char path[2048];
    size_t at = skip;
    for (;;) {
        size_t len = strcspn(key + at, "/");
        bool bad = len == 0 || (len == 1 && key[at] == '.') ||
                   (len == 2 && key[at] == '.' && key[at + 1] == '.');
        if (bad)
            return;
        bool directory = key[at + len] == '/';
        (void)snprintf(path, sizeof path, "%.*s", (int)(at + len + directory - skip),
                       key + skip);
        found_add(found, path);
        at += len + 1;
        if (!directory)
            return;
    }
}

/* Sorted, each once, of a file and a directory of one name the directory. */
static void found_reduce(struct found *found)
{
    struct found reduced = {0};
    char directory[2048];
    found_sort(found);
    for (size_t i = 0; i < found->count; i++) {
        const char *path = found->list[i];
        (void)snprintf(directory, sizeof directory, "%s/", path);
        const char *wanted = directory;
        if (i > 0 && strcmp(path, found->list[i - 1]) == 0)
            continue;
        if (bsearch(&wanted, found->list, found->count, sizeof(char *), by_bytes))
            continue;
        found_add(&reduced, path);
    }
    found_done(found);
    *found = reduced;
}

static void keys_found(const struct keys *keys, const char *below, struct found *ret)
{
    char prefix[2050];
    *ret = (struct found){0};
    (void)snprintf(prefix, sizeof prefix, "%s%s", below, *below ? "/" : "");
    size_t skip = strlen(prefix);
    for (size_t i = 0; i < keys->count; i++) {
        if (strncmp(keys->list[i].name, prefix, skip) == 0)
            add_key(ret, keys->list[i].name, skip);
    }
    found_reduce(ret);
}

static void path_of(const struct node *node, char *text, size_t size)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, PATH_BYTES_MAX);
    node_add_path(node, &b);
    MUST(!buf_failed(&b));
    (void)snprintf(text, size, "%s%s", b.len ? buf_c(&b) : "",
                   node->type == ENTRY_DIRECTORY && b.len ? "/" : "");
}

void walker_check(struct walker *w, const struct keys *keys)
{
    char below[2048];
    struct found truth;
    path_of(w->steps[0].dir, below, sizeof below);
    if (*below)
        below[strlen(below) - 1] = '\0';
    keys_found(keys, below, &truth);
    found_sort(&w->found);
    for (size_t i = 0; i < truth.count || i < w->found.count; i++) {
        const char *is = i < w->found.count ? w->found.list[i] : "nothing";
        const char *should = i < truth.count ? truth.list[i] : "nothing";
        ck_assert_msg(strcmp(is, should) == 0, "found %s instead of %s, %zu instead of %zu", is,
                      should, w->found.count, truth.count);
    }
    found_done(&truth);
}

/* ---- walking ---- */

static void go(struct walker *w);

static struct step *top_of(struct walker *w)
{
    return &w->steps[w->depth - 1];
}

static void push(struct walker *w, struct node *dir)
{
    MUST(w->depth < ARRAY_LEN(w->steps));
    w->steps[w->depth++] = (struct step){.dir = dir, .listing = read_start(w->f, dir)};
}

static void step_end(struct walker *w, struct step *s)
{
    if (s->listing)
        listing_reader_gone(STEAL(s->listing));
    for (size_t i = 0; i < s->count; i++) {
        if (s->nodes[i] && w->forgets)
            forget(w->f, s->nodes[i]);
        free(s->names[i]);
    }
    free(STEAL(s->nodes));
    free(STEAL(s->names));
    s->count = 0;
}

/* What a slot shows, as fs/ops_dir.c has it; false: that has yet to be waited for. */
static bool take_slot(struct walker *w, struct step *s)
{
    const struct listing *l = s->listing;
    struct node *node = l->nodes[s->slot];
    struct pail_str name = node_name(node);
    if (l->state == LISTING_RUNNING && s->slot + 1 == l->count && node->type == ENTRY_FILE &&
        !listing_covers(l, name))
        return false;
    s->slot++;
    if (node->type == ENTRY_DIRECTORY && listing_find(l, name, ENTRY_FILE) >= 0)
        return true;
    bool unknown = node->type == ENTRY_FILE && !listing_covers(l, name);
    if (!unknown && node->superseded) {
        ssize_t twin = listing_find(l, name, ENTRY_DIRECTORY);
        node = twin >= 0 ? l->nodes[twin] : node;
        unknown = node->superseded;
    }
    size_t count = s->count + 1;
    s->nodes = realloc(s->nodes, count * sizeof(struct node *));
    s->names = realloc(s->names, count * sizeof(char *));
    MUST(s->nodes && s->names);
    s->names[s->count] = unknown ? strdup(node->text) : NULL;
    s->nodes[s->count++] = unknown ? NULL : node;
    if (!unknown)
        node_kernel_ref(&w->f->fs, node);
    return true;
}

static void swap(struct step *s, size_t a, size_t b)
{
    struct node *node = s->nodes[a];
    char *name = s->names[a];
    s->nodes[a] = s->nodes[b];
    s->names[a] = s->names[b];
    s->nodes[b] = node;
    s->names[b] = name;
}

/* In which order it goes down. */
static void shuffle(struct walker *w, struct step *s)
{
    for (size_t i = s->count; w->random && i > 1; i--)
        swap(s, random_below(w->random, i), i - 1);
    for (size_t i = 0; w->backwards && i < s->count / 2; i++)
        swap(s, i, s->count - 1 - i);
}

/* Reads on; false: it waits. */
static bool read_on(struct walker *w, struct step *s)
{
    struct listing *l = s->listing;
    for (;;) {
        listing_want(l, s->slot);
        size_t before = s->slot;
        while (s->slot < l->count && take_slot(w, s))
            ;
        if (l->state == LISTING_COMPLETE && s->slot == l->count)
            break;
        if (l->state == LISTING_FAILED) {
            if (w->status == 0)
                w->status = l->status;
            break;
        }
        if (s->slot == before) {
            wait_on(&l->waiters, &w->waiter);
            return false;
        }
    }
    listing_reader_gone(STEAL(s->listing));
    sweep_left(&w->f->fs, s->dir);
    w->directories++;
    shuffle(w, s);
    return true;
}

static void note(struct walker *w, struct node *node)
{
    char path[2048], below[2048];
    path_of(node, path, sizeof path);
    path_of(w->steps[0].dir, below, sizeof below);
    MUST(strncmp(path, below, strlen(below)) == 0);
    found_add(&w->found, path + strlen(below));
}

static void looked(struct waiter *waiter)
{
    struct name_wait *wait = CONTAINER_OF(waiter, struct name_wait, waiter);
    struct look *look = CONTAINER_OF(wait, struct look, wait);
    look->over = true;
    look->status = wait->status;
    if (wait->status == 0) {
        look->node = wait->node;
        node_kernel_ref(&look->f->fs, wait->node);
    }
    alloc_spare(true);
    go(CONTAINER_OF(look, struct walker, look));
    alloc_spare(false);
}

/* The node of a name whose entry has expired, or that was only a name. False: it waits. */
static bool look_again(struct walker *w, struct step *s)
{
    struct node **node = &s->nodes[s->next];
    struct look *look = &w->look;
    if (!look->f) {
        if (*node && node_fresh_ms(&w->f->fs, *node) != 0)
            return true;
        const char *name = *node ? (*node)->text : s->names[s->next];
        look_start(w->f, look, s->dir, name);
        look->wait.waiter.ready = looked;
        if (!look->over)
            return false;
    }
    MUST(look->over);
    if (*node)
        forget(w->f, *node);
    *node = look->node;
    look->f = NULL;
    return true;
}

static void go(struct walker *w)
{
    while (!w->over) {
        struct step *s = top_of(w);
        if (s->listing && !read_on(w, s))
            return;
        bool stop = w->stop_after > 0 && w->directories >= w->stop_after;
        if (s->next == s->count || stop) {
            step_end(w, s);
            w->over = --w->depth == 0;
            continue;
        }
        if (!look_again(w, s))
            return;
        struct node *node = s->nodes[s->next++];
        if (!node)
            continue;
        note(w, node);
        if (node->type == ENTRY_DIRECTORY)
            push(w, node);
    }
}

static void walker_woken(struct waiter *waiter)
{
    alloc_spare(true);
    go(CONTAINER_OF(waiter, struct walker, waiter));
    alloc_spare(false);
}

void walker_start(struct walker *w, struct fixture *f, struct node *dir)
{
    w->f = f;
    w->waiter.ready = walker_woken;
    push(w, dir);
    go(w);
}

void walker_done(struct walker *w)
{
    wait_stop(&w->waiter);
    wait_stop(&w->look.wait.waiter);
    while (w->depth > 0)
        step_end(w, &w->steps[--w->depth]);
    found_done(&w->found);
}

/* A request that waits: any of them, or the oldest; NULL: none. */
static struct scripted *pick(struct fixture *f, uint64_t *random, size_t *first)
{
    struct scripted_source *source = &f->source;
    while (*first < source->count && source->requests[*first].answered)
        ++*first;
    size_t waiting = 0;
    for (size_t i = *first; i < source->count; i++)
        waiting += !source->requests[i].answered;
    size_t n = random ? random_below(random, waiting) : 0;
    for (size_t i = *first; i < source->count; i++) {
        if (!source->requests[i].answered && n-- == 0)
            return &source->requests[i];
    }
    return NULL;
}

static void pass_time(struct fixture *f, const struct weather *weather)
{
    int64_t ms = weather->step_ms;
    if (weather->random)
        ms = (int64_t)random_below(weather->random, (size_t)ms + 1);
    f->now_ns += ms * NS_PER_MS;
}

void walkers_run(struct walker *const *walkers, size_t count, const struct keys *keys,
                 const struct weather *weather)
{
    struct fixture *f = walkers[0]->f;
    size_t first = 0;
    for (size_t answers = 0;;) {
        settle(f);
        size_t over = 0;
        for (size_t i = 0; i < count; i++)
            over += walkers[i]->over;
        if (over == count || (weather->stop_after > 0 && answers == weather->stop_after))
            return;
        struct scripted *s = pick(f, weather->random, &first);
        if (s) {
            pass_time(f, weather);
            answers++;
            if (s->flat && weather->flat_failing > 0 &&
                random_below(weather->random, weather->flat_failing) == 0)
                scripted_fail(s, -EBUSY);
            else
                keys_answer(keys, s);
            if (answers == weather->poor_at) {
                alloc_fail_after(weather->poor_after);
                mailbox_deliver(f->mailbox);
                alloc_fail_after(-1);
            }
            continue;
        }
        int64_t next_ns = timers_next(&f->fs.timers);
        ck_assert_msg(next_ns != TIME_NEVER, "a walker waits for nothing");
        f->now_ns = next_ns > f->now_ns ? next_ns : f->now_ns;
    }
}
