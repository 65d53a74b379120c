#include "unit/fs/keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

uint64_t random_next(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void keys_init(struct keys *keys, size_t page_size)
{
    *keys = (struct keys){.page_size = page_size};
}

void keys_done(struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        free(keys->list[i].name);
    free(keys->list);
}

void keys_start(struct keys *keys, struct fixture *f, int64_t ttl_ms)
{
    fixture_init(f);
    f->options.metadata_ttl_ms = ttl_ms;
    fixture_start(f);
    keys_init(keys, KEYS_PAGE);
}

void keys_stop(struct keys *keys, struct fixture *f)
{
    keys_done(keys);
    fixture_done(f);
}

/* The first key that is not before `name`. */
static size_t place_of(const struct keys *keys, const char *name)
{
    size_t low = 0, high = keys->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(keys->list[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct key *find(const struct keys *keys, const char *name)
{
    size_t i = place_of(keys, name);
    return i < keys->count && strcmp(keys->list[i].name, name) == 0 ? &keys->list[i] : NULL;
}

void keys_put_size(struct keys *keys, const char *name, uint64_t size)
{
    struct key *key = find(keys, name);
    if (key) {
        key->version++;
        key->size = size;
        return;
    }
    if (keys->count == keys->capacity) {
        keys->capacity = keys->capacity ? 2 * keys->capacity : 64;
        keys->list = realloc(keys->list, keys->capacity * sizeof(struct key));
        ck_assert_ptr_nonnull(keys->list);
    }
    size_t at = place_of(keys, name);
    memmove(&keys->list[at + 1], &keys->list[at], (keys->count - at) * sizeof(struct key));
    keys->list[at] = (struct key){.name = strdup(name), .version = 1, .size = size};
    keys->count++;
}

void keys_put(struct keys *keys, const char *format, ...)
{
    char name[2048];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    keys_put_size(keys, name, SCRIPTED_SIZE);
}

void keys_remove(struct keys *keys, const char *name)
{
    struct key *key = find(keys, name);
    ck_assert_ptr_nonnull(key);
    free(key->name);
    size_t at = (size_t)(key - keys->list);
    memmove(key, key + 1, (--keys->count - at) * sizeof(struct key));
}

/* ---- listings ---- */

static bool component_good(const char *at, size_t len)
{
    return len > 0 && !(len == 1 && at[0] == '.') &&
           !(len == 2 && at[0] == '.' && at[1] == '.');
}

/* A page as scripted_page takes it. */
struct page_text {
    struct buf text;
    size_t count, unreachable;
    char last[SCRIPTED_TEXT]; /* what was added last, a directory with its '/' */
};

static void add_entry(struct page_text *p, const char *name, size_t len, const struct key *file)
{
    if (file)
        buf_addf(&p->text, "%.*s:v%u:%" PRIu64 " ", (int)len, name, file->version, file->size);
    else
        buf_addf(&p->text, "%.*s/ ", (int)len, name);
    (void)snprintf(p->last, sizeof p->last, "%.*s%s", (int)len, name, file ? "" : "/");
}

/* A key below the listed directory, of a flat listing. */
static void add_flat(struct page_text *p, const char *name, const struct key *key)
{
    size_t len = strlen(name), good = 0;
    bool marker = name[len - 1] == '/';
    len -= marker;
    for (size_t at = 0; at <= len;) {
        size_t end = at + strcspn(name + at, "/");
        if (end > len || !component_good(name + at, end - at))
            break;
        good = end;
        at = end + 1;
    }
    if (good == len && len > 0) {
        add_entry(p, name, len, marker ? NULL : key);
        return;
    }
    p->unreachable++;
    if (good > 0 && (strncmp(p->last, name, good) != 0 || p->last[good] != '/'))
        add_entry(p, name, good, NULL);
}

static void answer_list(const struct keys *keys, struct scripted *s)
{
    struct page_text p = {0};
    buf_init(&p.text, 16 << 20);
    char prefix[2 * SCRIPTED_TEXT], after[3 * SCRIPTED_TEXT], token[4 * SCRIPTED_TEXT] = "";
    (void)snprintf(prefix, sizeof prefix, "%s%s", s->path, *s->path ? "/" : "");
    size_t skip = strlen(prefix), after_len = 0;
    bool marked = *s->cursor || *s->start_after;
    (void)snprintf(after, sizeof after, "%s%s", prefix,
                   *s->cursor ? s->cursor + 1 : s->start_after);
    after_len = strlen(after);
    size_t i = place_of(keys, *prefix ? prefix : "");
    if (marked && strcmp(after, keys->count > i ? keys->list[i].name : "") > 0)
        i = place_of(keys, after);
    const char *more = NULL;
    for (; i < keys->count; i++) {
        const struct key *key = &keys->list[i];
        const char *name = key->name + skip;
        if (strncmp(key->name, prefix, skip) != 0)
            break;
        size_t slash = strcspn(name, "/");
        bool directory = !s->flat && name[slash];
        if (marked && strcmp(key->name, after) == 0)
            continue;
        if (directory && marked && after[after_len - 1] == '/' &&
            strncmp(key->name, after, after_len) == 0 && skip + slash + 1 == after_len)
            continue;
        if (p.count == keys->page_size) {
            more = token;
            break;
        }
        (void)snprintf(token, sizeof token, "@%.*s",
                       (int)(directory ? slash + 1 : strlen(name)), name);
        p.count++;
        if (!*name)
            continue;
        if (s->flat)
            add_flat(&p, name, key);
        else if (component_good(name, slash))
            add_entry(&p, name, slash, directory ? NULL : key);
        else
            p.unreachable++;
        while (directory && i + 1 < keys->count &&
               strncmp(keys->list[i + 1].name, key->name, skip + slash + 1) == 0)
            i++;
    }
    scripted_page_unreachable(s, buf_c(&p.text) ? buf_c(&p.text) : "", more, p.unreachable,
                              p.unreachable ? "unreachable" : NULL);
    buf_done(&p.text);
}

static void answer_lookup(const struct keys *keys, struct scripted *s)
{
    char text[2 * SCRIPTED_TEXT];
    size_t len = strlen(s->path);
    const char *slash = strrchr(s->path, '/'), *name = slash ? slash + 1 : s->path;
    (void)snprintf(text, sizeof text, "%s/", s->path);
    size_t i = place_of(keys, text);
    const struct key *key = find(keys, s->path);
    if (i < keys->count && strncmp(keys->list[i].name, text, len + 1) == 0)
        (void)snprintf(text, sizeof text, "%s/", name);
    else if (key)
        (void)snprintf(text, sizeof text, "%s:v%u:%" PRIu64, name, key->version, key->size);
    else
        *text = '\0';
    if (*text)
        scripted_found(s, text);
    else
        scripted_fail(s, -ENOENT);
}

static void answer_read(const struct keys *keys, struct scripted *s)
{
    char etag[32] = "";
    const struct key *key = find(keys, s->path);
    if (key)
        (void)snprintf(etag, sizeof etag, "v%u", key->version);
    if (!key)
        scripted_fail(s, -ENOENT);
    else if (strcmp(etag, s->etag) != 0)
        scripted_fail(s, -ESTALE);
    else
        scripted_finish(s);
}

void keys_answer(const struct keys *keys, struct scripted *s)
{
    switch (s->kind) {
    case SCRIPTED_LIST:
        answer_list(keys, s);
        break;
    case SCRIPTED_LOOKUP:
        answer_lookup(keys, s);
        break;
    case SCRIPTED_READ:
        answer_read(keys, s);
        break;
    case SCRIPTED_ATTRIBUTES:
    case SCRIPTED_KINDS:
    default:
        ck_abort_msg("request of kind %d", (int)s->kind);
    }
}

bool keys_answer_next(const struct keys *keys, struct fixture *f)
{
    for (size_t i = 0; i < f->source.count; i++) {
        if (!f->source.requests[i].answered) {
            keys_answer(keys, &f->source.requests[i]);
            settle(f);
            return true;
        }
    }
    return false;
}

void keys_answer_all(const struct keys *keys, struct fixture *f)
{
    settle(f);
    while (keys_answer_next(keys, f))
        ;
}
