#include "unit/fs/cats.h"

#include "fs/neighbours.h"

#include <stdio.h>
#include <string.h>

struct fixture f;
struct keys keys;
pid_t cats_caller;

void cats_start(void)
{
    fixture_init(&f);
    cats_caller = 1;
    f.options.metadata_ttl_ms = 60000;
    keys_init(&keys, 1000);
}

void cats_finish(void)
{
    keys_done(&keys);
    fixture_done(&f);
}

struct node *directory(const char *path)
{
    struct node *dir = root_of(&f);
    char text[256];
    (void)snprintf(text, sizeof text, "%s", path);
    for (char *rest = text, *name; *text && (name = strsep(&rest, "/"));) {
        struct look look;
        look_start(&f, &look, dir, name);
        keys_answer_all(&keys, &f);
        ck_assert_int_eq(look.status, 0);
        dir = look.node;
    }
    return dir;
}

struct node *list(const char *path)
{
    struct node *dir = directory(path);
    struct listing *l = read_start(&f, dir);
    listing_want(l, SIZE_MAX - 1);
    keys_answer_all(&keys, &f);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    for (size_t i = 0; i < l->count; i++)
        node_kernel_ref(&f.fs, l->nodes[i]);
    listing_reader_gone(l);
    return dir;
}

struct node *child(struct node *dir, const char *name)
{
    return known_child(&f, dir, name);
}

struct scripted *read_of(const char *path)
{
    for (size_t i = 0; i < f.source.count; i++) {
        struct scripted *s = &f.source.requests[i];
        if (s->kind == SCRIPTED_READ && !s->answered && strcmp(s->path, path) == 0)
            return s;
    }
    return NULL;
}

/* Answers the reads of the node that wait, until it is over. */
static void answer_until(const bool *over, const struct node *node)
{
    struct scripted *s;
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    node_add_path(node, &path);
    while (!*over && (s = read_of(buf_c(&path)))) {
        keys_answer(&keys, s);
        settle(&f);
    }
    ck_assert(*over);
    ck_assert_uint_le(f.fs.ahead_bytes, f.fs.pages->limit / 4);
}

struct handle *cats_open(struct node *node)
{
    struct opening o;
    open_start(&f, &o, node);
    ck_assert(o.handle);
    o.handle->window.before = neighbours_opened(&f.fs, node, o.handle->hit, cats_caller);
    answer_until(&o.over, node);
    ck_assert_int_eq(o.status, 0);
    return o.handle;
}

void cats_read(struct handle *handle, uint64_t from, uint64_t to)
{
    struct node *node = handle->file->node;
    for (uint64_t at = from; at < to; at += CATS_READ) {
        struct reading r = {0};
        reading_start(&f, &r, handle, at, (size_t)(to - at < CATS_READ ? to - at : CATS_READ));
        if (handle->beyond > 0)
            neighbours_read(&f.fs, node, &handle->window, handle->beyond);
        answer_until(&r.over, node);
        ck_assert_int_eq(r.status, 0);
    }
}

void cats_close(struct handle *handle)
{
    neighbours_closed(handle->file->node, &handle->window);
    handle_free(handle, 0);
}

bool cat_node(struct node *node)
{
    struct handle *handle = cats_open(node);
    bool hit = handle->hit;
    cats_read(handle, 0, node->size);
    cats_close(handle);
    settle(&f);
    return hit;
}

bool cat(struct node *dir, const char *name)
{
    return cat_node(child(dir, name));
}

bool cat_number(struct node *dir, unsigned number)
{
    char name[16];
    (void)snprintf(name, sizeof name, "f%04u", number);
    return cat(dir, name);
}

void put_numbers(const char *prefix, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        keys_put(&keys, "%sf%04u", prefix, i);
}

void start_directories(void)
{
    for (unsigned d = 0; d < 6; d++) {
        char prefix[16];
        (void)snprintf(prefix, sizeof prefix, "d%u/", d);
        put_numbers(prefix, 20);
    }
    fixture_start(&f);
    list("");
}

struct node *list_numbered(unsigned number)
{
    char path[16];
    (void)snprintf(path, sizeof path, "d%u", number);
    return list(path);
}

size_t under_way(void)
{
    return scripted_waiting(&f.source);
}
