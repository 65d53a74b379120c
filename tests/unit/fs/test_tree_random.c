/* Names that change while they are looked up and listed, answered in every order: what is told
 * is never older than it may be, and what did not change keeps its node. */
#include "unit/fs/fixture.h"

#include "base/random.h"

#include <errno.h>
#include <stdio.h>

enum { NAMES = 24, CHANGES = 4000, LOOKS = 12, READERS = 4, STEPS = 6000, ABSENT = -1 };

/* What a name meant from then on. */
struct state {
    int64_t since_ns;
    int version; /* of the file; ABSENT: there is none */
    bool directory;
};

struct name {
    char text[16];
    struct state states[CHANGES];
    size_t count;
    struct node *last; /* what the last lookup gave; held */
    size_t last_count; /* how many states there were when it was asked for */
    bool last_calm; /* no answer that may be older than the last change was on its way then */
};

struct pending {
    struct look look;
    struct name *name; /* NULL: not in use */
    int64_t asked_ns;
    size_t asked_count;
};

struct reader {
    struct listing *listing; /* NULL: not in use */
};

static struct world {
    struct fixture f;
    struct random random;
    struct node *dir;
    struct name names[NAMES];
    struct pending looks[LOOKS];
    struct reader readers[READERS];
    int next_version;
    size_t answered; /* requests before this one are done */
    size_t found, absent, at_once, listed, kept, paged;
    size_t walked; /* names, by the one that walks */
} w;

/* When each request was asked: its answer is of a moment since. */
static int64_t asked_ns[SCRIPTED_MAX];
static bool confirms[SCRIPTED_MAX]; /* a page that a lookup asked for */
static size_t noted;

static uint64_t below(uint64_t n)
{
    return random_u64(&w.random) % n;
}

static bool one_in(uint64_t n)
{
    return below(n) == 0;
}

static void note_requests(void)
{
    for (; noted < w.f.source.count; noted++)
        asked_ns[noted] = w.f.now_ns;
}

/* ---- what is true ---- */

static const struct state *state_at(const struct name *name, int64_t at_ns)
{
    size_t i = name->count;
    while (i > 1 && name->states[i - 1].since_ns > at_ns)
        i--;
    return &name->states[i - 1];
}

static void change(struct name *name)
{
    ck_assert_uint_lt(name->count, CHANGES);
    const struct state *now = &name->states[name->count - 1];
    struct state next = {
        .since_ns = w.f.now_ns, .version = now->version, .directory = now->directory};
    switch (below(4)) {
    case 0:
        next.version = ABSENT;
        break;
    case 1:
        next.directory = !next.directory;
        break;
    default:
        next.version = ++w.next_version;
        break;
    }
    name->states[name->count++] = next;
}

static bool matches(const struct state *state, const struct node *node)
{
    if (!node)
        return !state->directory && state->version == ABSENT;
    if (state->directory)
        return node->type == ENTRY_DIRECTORY;
    char etag[16];
    snprintf(etag, sizeof etag, "v%d", state->version);
    return state->version != ABSENT && node->type == ENTRY_FILE &&
           str_eq_c(node_etag(node), etag);
}

/* True if the name meant that at some time since. */
static bool was(const struct name *name, const struct node *node, int64_t since_ns)
{
    for (size_t i = name->count; i-- > 0;) {
        if (matches(&name->states[i], node))
            return true;
        if (name->states[i].since_ns <= since_ns)
            return false;
    }
    return false;
}

static size_t oldest_request(void)
{
    while (w.answered < w.f.source.count && w.f.source.requests[w.answered].done)
        w.answered++;
    return w.answered;
}

/* When the oldest request that waits was asked, or a listing that has not come to its end. */
static int64_t oldest_running(void)
{
    const struct listing *l = w.dir->directory->next;
    int64_t listing_ns = l ? l->started_ns : TIME_NEVER;
    oldest_request();
    int64_t request_ns = w.answered < noted ? asked_ns[w.answered] : TIME_NEVER;
    return request_ns < listing_ns ? request_ns : listing_ns;
}

static bool same_version(const struct node *a, const struct node *b)
{
    return a->type == b->type && str_eq(node_etag(a), node_etag(b));
}

/* ---- the kernel's side ---- */

static void let_go(struct name *name)
{
    if (name->last)
        forget(&w.f, STEAL(name->last));
}

static void check_result(const struct pending *p)
{
    struct name *name = p->name;
    int status = p->look.status;
    struct node *node = p->look.node;
    size_t count = p->asked_count;
    int64_t ttl_ms = status == 0 ? FIXTURE_TTL_MS : FIXTURE_NEGATIVE_MS;
    /* Ages are counted in whole milliseconds. */
    int64_t since_ns = w.f.now_ns - (ttl_ms + 1) * NS_PER_MS;
    if (status == -EIO)
        return;
    ck_assert(status == 0 || status == -ENOENT);
    if (p->asked_ns < since_ns)
        since_ns = p->asked_ns;
    ck_assert_msg(was(name, status == 0 ? node : NULL, since_ns),
                  "%s has not been %s for too long", name->text,
                  status == 0 ? node->type == ENTRY_DIRECTORY ? "a directory" : "that version"
                              : "absent");
    w.found += status == 0;
    w.absent += status != 0;
    if (status != 0)
        return;
    ck_assert_msg(!p->look.superseded, "%s: superseded", name->text);
    if (node->superseded)
        return; /* since then */
    /* Nothing has changed since the kernel was given the node that it holds. */
    if (name->last && name->last_calm && name->last_count == name->count &&
        count == name->count && same_version(name->last, node)) {
        ck_assert_msg(name->last == node, "%s: another node of the same version", name->text);
        w.kept++;
    }
    node_kernel_ref(&w.f.fs, node);
    let_go(name);
    name->last = node;
    name->last_count = count;
    name->last_calm = oldest_running() > name->states[name->count - 1].since_ns;
}

static void finish_looks(void)
{
    for (int i = 0; i < LOOKS; i++) {
        struct pending *p = &w.looks[i];
        if (!p->name || !p->look.over)
            continue;
        check_result(p);
        if (p->look.status == 0)
            forget(&w.f, p->look.node);
        p->name = NULL;
    }
}

static void start_look(struct pending *p, struct name *name)
{
    if (p->name)
        return;
    *p = (struct pending){.name = name, .asked_ns = w.f.now_ns, .asked_count = name->count};
    size_t pages = w.f.source.asked[SCRIPTED_LIST];
    look_start(&w.f, &p->look, w.dir, name->text);
    w.at_once += p->look.over;
    if (w.f.source.asked[SCRIPTED_LIST] > pages) {
        confirms[w.f.source.count - 1] = true;
        w.paged++;
    }
    note_requests();
    /* It may join one that was asked before. */
    for (size_t i = oldest_request(); i < noted; i++) {
        const struct scripted *s = &w.f.source.requests[i];
        bool tells =
            s->kind == SCRIPTED_LOOKUP ? strcmp(s->path + 2, name->text) == 0 : confirms[i];
        if (tells && !s->done && asked_ns[i] < p->asked_ns)
            p->asked_ns = asked_ns[i];
    }
    finish_looks();
}

/* A listing that came to its end has what was there all the time, and nothing that never was.
 */
static void check_listing(const struct listing *l)
{
    for (int i = 0; i < NAMES; i++) {
        const struct name *name = &w.names[i];
        bool listed = listing_find(l, str_c(name->text), ENTRY_FILE) >= 0 ||
                      listing_find(l, str_c(name->text), ENTRY_DIRECTORY) >= 0;
        bool always = true, never = true;
        for (size_t k = name->count; k-- > 0;) {
            bool there = name->states[k].directory || name->states[k].version != ABSENT;
            always &= there;
            never &= !there;
            if (name->states[k].since_ns <= l->started_ns)
                break;
        }
        ck_assert_msg(!always || listed, "%s is missing", name->text);
        ck_assert_msg(!never || !listed, "%s is listed", name->text);
    }
    w.listed++;
}

static void use_reader(struct reader *r)
{
    if (!r->listing) {
        r->listing = read_start(&w.f, w.dir);
        listing_want(r->listing, 0);
    } else if (r->listing->state == LISTING_COMPLETE || one_in(10)) {
        if (r->listing->state == LISTING_COMPLETE)
            check_listing(r->listing);
        listing_reader_gone(STEAL(r->listing));
    } else if (r->listing->state == LISTING_FAILED) {
        listing_reader_gone(STEAL(r->listing));
    }
    note_requests();
}

/* ---- the source's side ---- */

static void answer_lookup(struct scripted *s, int64_t at_ns)
{
    for (int i = 0; i < NAMES; i++) {
        struct name *name = &w.names[i];
        if (strcmp(s->path + 2, name->text) != 0)
            continue;
        const struct state *state = state_at(name, at_ns);
        char entry[32];
        snprintf(entry, sizeof entry, state->directory ? "%s/" : "%s:v%d", name->text,
                 state->version);
        if (state->directory || state->version != ABSENT)
            scripted_found(s, entry);
        else
            scripted_fail(s, -ENOENT);
        return;
    }
    ck_abort_msg("%s was asked for", s->path);
}

/* Some entries after the cursor, which is the last one given: "NAME" or "NAME/". */
static void answer_page(struct scripted *s, int64_t at_ns)
{
    char text[NAMES * 40] = "", last[16] = "";
    size_t left = 1 + below(10), at = 0;
    bool more = false;
    /* The names are such that a directory comes right after the file of its name. */
    for (int i = 0; i < 2 * NAMES; i++) {
        const struct name *name = &w.names[i / 2];
        const struct state *state = state_at(name, at_ns);
        char key[16];
        snprintf(key, sizeof key, i % 2 ? "%s/" : "%s", name->text);
        bool there = i % 2 ? state->directory : state->version != ABSENT;
        const char *after = s->cursor[0] ? s->cursor : s->start_after;
        if (!there || (after[0] && strcmp(key, after) <= 0))
            continue;
        if (left-- == 0) {
            more = true;
            break;
        }
        at += (size_t)snprintf(text + at, sizeof text - at, i % 2 ? "%s%s" : "%s%s:v%d",
                               at ? " " : "", key, state->version);
        snprintf(last, sizeof last, "%s", key);
    }
    scripted_page(s, text, more ? last : NULL);
}

static void answer_one(void)
{
    struct scripted_source *source = &w.f.source;
    size_t waiting = 0, picked = 0;
    note_requests();
    size_t from = source->count > 200 ? source->count - 200 : 0;
    for (size_t i = from; i < source->count; i++) {
        if (!source->requests[i].answered && one_in(++waiting))
            picked = i;
    }
    if (waiting == 0)
        return;
    struct scripted *s = &source->requests[picked];
    int64_t at_ns = asked_ns[picked];
    at_ns += (int64_t)below((uint64_t)(w.f.now_ns - at_ns) + 1);
    if (one_in(30))
        scripted_fail(s, -EIO);
    else if (s->kind == SCRIPTED_LOOKUP)
        answer_lookup(s, at_ns);
    else
        answer_page(s, at_ns);
}

/* ---- all of it ---- */

static void setup(int seed)
{
    memset(&w, 0, sizeof w);
    noted = 0;
    memset(confirms, 0, sizeof confirms);
    random_seed(&w.random, (uint64_t)seed + 100);
    fixture_init(&w.f);
    fixture_start(&w.f);
    w.dir = look_up(&w.f, root_of(&w.f), "d", "d/");
    note_requests();
    for (int i = 0; i < NAMES; i++) {
        struct name *name = &w.names[i];
        snprintf(name->text, sizeof name->text, "n%02d", i);
        name->count = 1;
        name->states[0] = (struct state){.version = i % 3 ? ++w.next_version : ABSENT,
                                         .directory = i % 5 == 0};
    }
}

START_TEST(any_order)
{
    setup(_i);
    bool quiet = _i % 3 == 0; /* changes are rare: nodes are compared */
    for (int i = 0; i < STEPS; i++) {
        uint64_t what = below(20);
        w.f.now_ns += 1 + (int64_t)below(one_in(50) ? 2000000000 : 30000000);
        if (what < 5)
            start_look(&w.looks[below(LOOKS)], &w.names[below(NAMES)]);
        else if (what < 9)
            start_look(&w.looks[below(LOOKS)], &w.names[w.walked++ % NAMES]);
        else if (what < 11)
            use_reader(&w.readers[below(READERS)]);
        else if (what < 16)
            answer_one();
        else if (what < 17 && one_in(quiet ? 60 : 2))
            change(&w.names[below(NAMES)]);
        else if (what < 18 && one_in(4))
            let_go(&w.names[below(NAMES)]);
        else
            settle(&w.f);
        note_requests();
        finish_looks();
    }
    for (settle(&w.f); scripted_waiting(&w.f.source) > 0; settle(&w.f)) {
        answer_one();
        note_requests();
    }
    finish_looks();
    for (int i = 0; i < LOOKS; i++)
        ck_assert_msg(!w.looks[i].name, "a lookup waits for nothing");
    for (int i = 0; i < READERS; i++) {
        if (w.readers[i].listing)
            listing_reader_gone(STEAL(w.readers[i].listing));
    }
    ck_assert(w.found > 300 && w.absent > 100 && w.at_once > 300 && w.listed > 30);
    ck_assert_uint_gt(w.paged, 10);
    ck_assert(!quiet || w.kept > 100);
    for (int i = 0; i < NAMES; i++)
        let_go(&w.names[i]);
    /* A directory that has a failure to tell stays known. */
    unsigned told = w.dir->extra && w.dir->extra->failure ? 1 : 0;
    forget(&w.f, w.dir);
    settle(&w.f);
    ck_assert_uint_eq(root_of(&w.f)->refs, 1 + told);
    fixture_done(&w.f);
}
END_TEST

SUITE_MAIN("fs/tree_random", tcase_add_loop_test(tc, any_order, 0, 40));
