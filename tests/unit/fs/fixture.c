#include "unit/fs/fixture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define SETTLE_MAX 100000 /* steps after which something goes round in circles */

static int64_t fixture_monotonic_ns(const struct clock *clock)
{
    const char *at = (const char *)clock - offsetof(struct fixture, clock);
    return ((const struct fixture *)(const void *)at)->now_ns;
}

static int64_t fixture_realtime_s(const struct clock *clock)
{
    (void)clock;
    return FIXTURE_REALTIME;
}

void fixture_init(struct fixture *f)
{
    *f = (struct fixture){
        .clock = {.monotonic_ns = fixture_monotonic_ns, .realtime_s = fixture_realtime_s},
        .now_ns = 1000 * NS_PER_SEC,
        .options =
            {
                .uid = 1000,
                .gid = 1000,
                .umask = 0,
                .metadata_ttl_ms = FIXTURE_TTL_MS,
                .negative_ttl_ms = FIXTURE_NEGATIVE_MS,
                .operation_timeout_ms = 60000,
                .metadata_timeout_ms = 20000,
                .memory_limit = 128 * 1024 * 1024,
                .part_size = 8 * 1024 * 1024,
                .parallel_parts = 4,
                .connections = 256,
            },
    };
}

void fixture_start(struct fixture *f)
{
    f->mailbox = mailbox_new();
    ck_assert_ptr_nonnull(f->mailbox);
    scripted_init(&f->source, f->mailbox);
    ck_assert_int_eq(fs_init(&f->fs, &f->options, &f->source.source, f->mailbox, &f->clock), 0);
}

void fixture_done(struct fixture *f)
{
    f->source.slow_cancel = false;
    fs_done(&f->fs);
    ck_assert_ptr_null(f->fs.under_way);
    scripted_done(&f->source);
    mailbox_free(f->mailbox);
}

void step(struct fixture *f)
{
    mailbox_deliver(f->mailbox);
    timers_run(&f->fs.timers, f->now_ns);
    check_memory(f);
}

void settle(struct fixture *f)
{
    for (int i = 0; i < SETTLE_MAX; i++) {
        size_t delivered = mailbox_deliver(f->mailbox);
        bool due = timers_next(&f->fs.timers) <= f->now_ns;
        timers_run(&f->fs.timers, f->now_ns);
        check_memory(f);
        if (!delivered && !due)
            return;
    }
    ck_abort_msg("it does not settle");
}

void advance(struct fixture *f, int64_t ms)
{
    f->now_ns += ms * NS_PER_MS;
    settle(f);
}

void check_memory(const struct fixture *f)
{
    const struct pages *pages = f->fs.pages;
    ck_assert_uint_le(pages->used + pages->idle_bytes, pages->limit + PAGES_RESERVE);
}

/* ---- names ---- */

struct node *root_of(struct fixture *f)
{
    return f->fs.tree->root;
}

static void look_over(struct look *look, int status, struct node *node)
{
    MUST(!look->over);
    look->over = true;
    look->status = status;
    if (status == 0) {
        look->node = node;
        look->superseded = node->superseded;
        node_kernel_ref(&look->f->fs, node);
    }
}

static void look_ready(struct waiter *waiter)
{
    struct name_wait *wait = CONTAINER_OF(waiter, struct name_wait, waiter);
    look_over(CONTAINER_OF(wait, struct look, wait), wait->status, wait->node);
}

void look_start(struct fixture *f, struct look *look, struct node *dir, const char *name)
{
    *look = (struct look){.f = f, .wait.waiter.ready = look_ready};
    struct node *node = NULL;
    int r = tree_lookup(&f->fs, dir, str_c(name), &look->wait, &node);
    if (r != -EINPROGRESS)
        look_over(look, r, node);
}

struct node *look_up(struct fixture *f, struct node *dir, const char *name, const char *entry)
{
    struct look look;
    look_start(f, &look, dir, name);
    if (!look.over) {
        struct scripted *s = scripted_next(&f->source, SCRIPTED_LOOKUP);
        if (entry)
            scripted_found(s, entry);
        else
            scripted_fail(s, -ENOENT);
        settle(f);
    }
    ck_assert(look.over);
    ck_assert_int_eq(look.status, entry ? 0 : -ENOENT);
    return look.node;
}

int look_known(struct fixture *f, struct node *dir, const char *name, struct node **ret)
{
    struct name_wait wait = {.waiter.ready = NULL};
    struct node *node = NULL;
    size_t asked = f->source.count;
    int r = tree_lookup(&f->fs, dir, str_c(name), &wait, &node);
    if (r == -EINPROGRESS)
        wait_stop(&wait.waiter);
    else
        ck_assert_uint_eq(f->source.count, asked);
    if (ret)
        *ret = node;
    return r;
}

struct node *known_child(struct fixture *f, struct node *dir, const char *name)
{
    struct node *node;
    ck_assert_int_eq(look_known(f, dir, name, &node), 0);
    return node;
}

void forget(struct fixture *f, struct node *node)
{
    node_forget(&f->fs, node, 1);
}

struct listing *read_start(struct fixture *f, struct node *dir)
{
    struct listing *l = tree_list(&f->fs, dir);
    ck_assert_ptr_nonnull(l);
    listing_reader(l);
    return l;
}

const char *names_of(const struct listing *l)
{
    static char text[4096];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < l->count; i++) {
        const struct node *node = l->nodes[i];
        int n = snprintf(text + at, sizeof text - at, "%s%s%s%s%s", at ? " " : "",
                         node->superseded ? "[" : "", node->text,
                         node->type == ENTRY_DIRECTORY ? "/" : "", node->superseded ? "]" : "");
        ck_assert(n > 0 && (size_t)n < sizeof text - at);
        at += (size_t)n;
    }
    return text;
}

/* ---- files ---- */

static void opening_over(struct opening *o, int status)
{
    MUST(!o->over);
    o->over = true;
    o->status = status;
    if (status < 0)
        handle_free(STEAL(o->handle), 0);
}

static void opening_ready(struct waiter *waiter)
{
    struct open_wait *wait = CONTAINER_OF(waiter, struct open_wait, waiter);
    opening_over(CONTAINER_OF(wait, struct opening, wait), wait->status);
}

void open_start(struct fixture *f, struct opening *o, struct node *node)
{
    *o = (struct opening){.f = f, .wait.waiter.ready = opening_ready};
    o->handle = handle_new(&f->fs, node);
    ck_assert_ptr_nonnull(o->handle);
    int r = file_open(o->handle->file, &o->wait);
    if (r != -EINPROGRESS)
        opening_over(o, r);
}

struct handle *open_now(struct fixture *f, struct node *node)
{
    struct handle *handle = handle_new(&f->fs, node);
    ck_assert_ptr_nonnull(handle);
    return handle;
}

/* What a reply does: exactly the bytes that were asked for, in one or several goes where the
 * pages are many. */
static void take_data(struct reading *r)
{
    struct file *file = r->wait.handle->file;
    struct iovec slices[FILE_SLICES];
    uint64_t at = r->wait.offset, end = at + r->wait.len;
    while (at < end) {
        int count = file_slices(file, at, (size_t)(end - at), slices);
        MUST(count > 0);
        for (int i = 0; i < count; i++) {
            MUST(scripted_same(file->node->text + file->node->name_len + 1, at,
                               slices[i].iov_base, slices[i].iov_len));
            at += slices[i].iov_len;
        }
    }
    MUST(at == end);
    file_delivered(file, r->wait.offset, r->wait.len);
}

static void reading_over(struct reading *r, int status)
{
    MUST(!r->over);
    r->over = true;
    r->status = status;
    if (status == 0)
        take_data(r);
    if (r->then)
        reading_start(r->f, r->then, r->then->wait.handle, r->then->wait.offset,
                      r->then->wait.len);
}

static void reading_ready(struct waiter *waiter)
{
    struct read_wait *wait = CONTAINER_OF(waiter, struct read_wait, waiter);
    reading_over(CONTAINER_OF(wait, struct reading, wait), wait->status);
}

void reading_start(struct fixture *f, struct reading *r, struct handle *handle, uint64_t offset,
                   size_t len)
{
    struct reading *then = r->then;
    *r = (struct reading){
        .f = f,
        .then = then,
        .wait = {.waiter.ready = reading_ready, .handle = handle, .offset = offset, .len = len},
    };
    int status = file_read(&r->wait);
    if (status != -EINPROGRESS)
        reading_over(r, status);
}

struct node *file_node(struct fixture *f, const char *name, const char *etag, uint64_t size)
{
    char entry[256];
    snprintf(entry, sizeof entry, "%s:%s:%" PRIu64, name, etag, size);
    return look_up(f, root_of(f), name, entry);
}

/* ---- whole exchanges ---- */

struct scripted *read_request(struct fixture *f)
{
    return scripted_next(&f->source, SCRIPTED_READ);
}

size_t reads_asked(const struct fixture *f)
{
    return f->source.asked[SCRIPTED_READ];
}

void answer_reads(struct fixture *f)
{
    for (settle(f); scripted_waiting(&f->source) > 0; settle(f))
        scripted_finish(read_request(f));
}

struct handle *open_whole(struct fixture *f, struct node *node)
{
    struct opening o;
    open_start(f, &o, node);
    answer_reads(f);
    ck_assert(o.over);
    ck_assert_int_eq(o.status, 0);
    return o.handle;
}

void read_now(struct fixture *f, struct handle *handle, uint64_t offset, size_t len)
{
    struct reading r = {0};
    reading_start(f, &r, handle, offset, len);
    if (!r.over)
        answer_reads(f);
    ck_assert(r.over);
    ck_assert_int_eq(r.status, 0);
}

void check_request(const struct scripted *s, uint64_t offset, uint64_t len)
{
    ck_assert_uint_eq(s->offset, offset);
    ck_assert_uint_eq(s->len, len);
}

void files_done(struct fixture *f)
{
    settle(f);
    ck_assert_ptr_null(f->fs.under_way);
    ck_assert(TAILQ_EMPTY(&f->fs.files));
    ck_assert_uint_eq(f->fs.pages->used, 0);
    ck_assert_uint_eq(f->fs.pages->sequential, 0);
    ck_assert(waiters_empty(&f->fs.pages->waiters));
    fixture_done(f);
}

const char *failure_of(const struct node *node)
{
    static const char date[] = FIXTURE_DATE " ";
    ck_assert_ptr_nonnull(node->extra);
    ck_assert_ptr_nonnull(node->extra->failure);
    ck_assert_int_eq(strncmp(node->extra->failure, date, strlen(date)), 0);
    return node->extra->failure + strlen(date);
}
