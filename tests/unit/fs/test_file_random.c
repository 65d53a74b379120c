/* Readers, answers, failures, signals and closes in every order: whatever happens, a read is
 * answered with the right bytes or an error that really occurred, and none waits for nothing.
 */
#include "unit/fs/fixture.h"

#include "base/random.h"

#include <errno.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

enum { FILES = 9, SLOTS = 48, READS = 3, STEPS = 4000, DRAIN_EVERY = 500 };

static const uint64_t sizes[FILES] = {1,       5000,         PAGE_BYTES,   MIB - 1,        MIB,
                                      MIB + 1, 3 * MIB + 77, 20 * MIB + 5, 60 * MIB + 4095};

/* One open file. */
struct slot {
    struct opening opening;
    struct node *node; /* NULL: closed */
    uint64_t next;     /* of a sequential reader */
    struct reading reads[READS];
    bool busy[READS];
};

static struct world {
    struct fixture f;
    struct random random;
    bool hostile;       /* requests fail, deadlines pass */
    bool crowded;       /* more is asked for than there is memory for */
    bool injected[200]; /* errnos that happened */
    struct node *nodes[FILES];
    struct slot slots[SLOTS];
    size_t answered; /* requests before this one are */
    size_t good, failed;
} w;

static uint64_t below(uint64_t n)
{
    return random_u64(&w.random) % n;
}

static bool one_in(uint64_t n)
{
    return below(n) == 0;
}

static void check_status(int status)
{
    if (status == 0) {
        w.good++;
        return;
    }
    w.failed++;
    ck_assert_msg(w.injected[-status], "%d was no failure of the source", status);
}

/* Notes what has ended. */
static void look(struct slot *slot)
{
    if (!slot->node)
        return;
    if (slot->opening.over && slot->opening.status < 0) {
        check_status(slot->opening.status);
        slot->node = NULL;
        return;
    }
    for (int i = 0; i < READS; i++) {
        if (slot->busy[i] && slot->reads[i].over) {
            check_status(slot->reads[i].status);
            slot->busy[i] = false;
        }
    }
}

static void look_all(void)
{
    for (int i = 0; i < SLOTS; i++)
        look(&w.slots[i]);
}

static void open_one(struct slot *slot)
{
    *slot = (struct slot){.node = w.nodes[below(FILES)]};
    open_start(&w.f, &slot->opening, slot->node);
    look(slot);
}

static void read_one(struct slot *slot, int i)
{
    static const size_t lens[] = {1, 100, 4096, 65536, 131072, 131072, 131072, 1048576};
    uint64_t size = slot->node->size;
    size_t len = lens[below(ARRAY_LEN(lens))];
    if (w.crowded && one_in(2))
        len = MIB;
    if (one_in(10) || slot->next >= size)
        slot->next = below(size);
    if (size - slot->next < len)
        len = (size_t)(size - slot->next);
    slot->busy[i] = true;
    slot->reads[i] = (struct reading){0};
    reading_start(&w.f, &slot->reads[i], slot->opening.handle, slot->next, len);
    slot->next += len;
    look(slot);
}

static void abandon(struct slot *slot, int i)
{
    bool late = w.hostile && one_in(3);
    slot->busy[i] = false;
    w.injected[ETIMEDOUT] |= late;
    file_read_abandon(&slot->reads[i].wait, late ? ETIMEDOUT : EINTR);
}

static void close_one(struct slot *slot)
{
    for (int i = 0; i < READS; i++) {
        if (slot->busy[i])
            abandon(slot, i);
    }
    look(slot);
    if (!slot->node)
        return;
    wait_stop(&slot->opening.wait.waiter);
    handle_free(slot->opening.handle, one_in(2) ? 0 : (int64_t)below(3000));
    slot->node = NULL;
}

static void use_one(struct slot *slot)
{
    if (!slot->node) {
        open_one(slot);
        return;
    }
    int i = (int)below(READS);
    if (one_in(40))
        close_one(slot);
    else if (slot->busy[i] && one_in(15))
        abandon(slot, i);
    else if (slot->opening.over && !slot->busy[i])
        read_one(slot, i);
}

/* A request that waits, any of them. */
static struct scripted *any_request(void)
{
    struct scripted_source *source = &w.f.source;
    while (w.answered < source->count && source->requests[w.answered].answered)
        w.answered++;
    if (w.answered == source->count)
        return NULL;
    size_t from = w.answered + below(source->count - w.answered);
    for (size_t i = from; i < source->count; i++) {
        if (!source->requests[i].answered)
            return &source->requests[i];
    }
    return &source->requests[w.answered];
}

static void answer_one(void)
{
    static const int failures[] = {EIO, ECONNRESET, EBUSY, EBADMSG, EIO, ESTALE};
    struct scripted *s = any_request();
    if (!s)
        return;
    size_t pages = (size_t)((s->len + PAGE_BYTES - 1) / PAGE_BYTES);
    if (w.hostile && one_in(25)) {
        int sys = failures[below(ARRAY_LEN(failures))];
        w.injected[sys] = true;
        scripted_fail(s, -sys);
    } else if (!s->opened && one_in(2)) {
        scripted_open(s);
    } else if (one_in(4)) {
        scripted_finish(s);
    } else {
        for (uint64_t n = 1 + below(pages); n > 0 && s->filled < pages; n--)
            scripted_fill(s);
        if (s->filled == pages)
            scripted_finish(s);
    }
}

/* Every request is answered as it should be: then every wait must come to its end. */
static void drain(void)
{
    for (int round = 0; round < 2; round++) {
        advance(&w.f, 1500); /* failures are forgotten */
        for (struct scripted *s; (s = any_request()); settle(&w.f))
            scripted_finish(s);
        look_all();
    }
    for (int i = 0; i < SLOTS; i++) {
        const struct slot *slot = &w.slots[i];
        if (!slot->node)
            continue;
        ck_assert_msg(slot->opening.over, "an open waits for nothing");
        for (int k = 0; k < READS; k++)
            ck_assert_msg(!slot->busy[k], "a read waits for nothing");
    }
}

static void setup(int seed)
{
    static const uint64_t limits[] = {MIB, 4 * MIB, 24 * MIB, 128 * MIB};
    static const uint64_t part_sizes[] = {256 * KIB, MIB, 8 * MIB, 3 * MIB + 4096};
    memset(&w, 0, sizeof w);
    random_seed(&w.random, (uint64_t)seed + 1);
    w.hostile = seed % 2;
    w.crowded = seed % 4 < 2;
    fixture_init(&w.f);
    w.f.options.memory_limit = limits[w.crowded ? 0 : seed / 4 % 4];
    w.f.options.part_size = part_sizes[below(4)];
    w.f.options.parallel_parts = (unsigned)(1 + below(5));
    fixture_start(&w.f);
    for (int i = 0; i < FILES; i++) {
        char name[] = {'f', (char)('0' + i), '\0'};
        char etag[] = {'v', (char)('0' + i), '\0'};
        w.nodes[i] = file_node(&w.f, name, etag, sizes[i]);
    }
}

START_TEST(any_order)
{
    setup(_i);
    for (int i = 1; i <= STEPS; i++) {
        uint64_t what = below(10);
        if (what < 5 || (w.crowded && i % DRAIN_EVERY < DRAIN_EVERY / 2))
            use_one(&w.slots[below(w.crowded ? SLOTS : SLOTS / 4)]);
        else if (what < 8)
            answer_one();
        else if (what < 9)
            step(&w.f);
        else
            advance(&w.f, one_in(30) ? 2000 : (int64_t)below(50));
        look_all();
        w.f.source.slow_cancel = i / 100 % 2;
        if (i % DRAIN_EVERY == 0)
            drain();
    }
    for (int i = 0; i < SLOTS; i++) {
        if (w.slots[i].node)
            close_one(&w.slots[i]);
    }
    w.f.source.slow_cancel = false;
    drain();
    advance(&w.f, 5000);
    ck_assert_uint_gt(w.good, STEPS / 20);
    ck_assert(w.hostile || w.failed == 0);
    files_done(&w.f);
}
END_TEST

SUITE_MAIN("fs/file_random", tcase_add_loop_test(tc, any_order, 0, 16));
