#include "fs/s3_page.h"

#include "base/num.h"
#include "base/str.h"
#include "services/list_pages.h"

#include <errno.h>

/* A page being made. */
struct builder {
    const struct s3_page_query *query;
    struct s3_page page;
    struct pail_str previous; /* key, absent before the first */
    struct pail_str cut;      /* uncut: the directory of the key before */
    const char *reason;
};

static int refuse(struct builder *b, const char *reason)
{
    b->reason = reason;
    return -EPROTO;
}

static bool component_good(struct pail_str name)
{
    return name.len > 0 && name.len <= S3_COMPONENT_MAX && !str_eq(name, PAIL_STR(".")) &&
           !str_eq(name, PAIL_STR("..")) && !memchr(name.ptr, '\0', name.len) &&
           !memchr(name.ptr, '/', name.len);
}

/* How much of a path, without the '/' after it, consists of good components from its start on,
 * with room for the '/' of a directory within `max` bytes. */
static size_t good_len(struct pail_str path, size_t max)
{
    size_t good = 0, at = 0;
    for (;;) {
        size_t end = str_find(path, '/', at);
        if (end + (end < path.len) > max || !component_good(str_sub(path, at, end - at)))
            return good;
        good = end;
        if (end == path.len)
            return good;
        at = end + 1;
    }
}

static void add(struct builder *b, struct source_entry entry)
{
    b->page.entries[b->page.count++] = entry;
}

static void add_directory(struct builder *b, struct pail_str name)
{
    add(b, (struct source_entry){.name = name, .type = ENTRY_DIRECTORY});
}

static void add_unreachable(struct builder *b, struct pail_str key)
{
    if (b->page.unreachable++ == 0)
        b->page.unreachable_example = key;
}

static int add_file(struct builder *b, struct pail_str name,
                    const struct pail_s3_object *object)
{
    if (!object->size.present || object->size.value < 0)
        return refuse(b, "the listing has an object without a size");
    if (object->etag.len > S3_ETAG_MAX)
        return refuse(b, "the listing has an ETag that is too long");
    add(b, (struct source_entry){.name = name,
                                 .type = ENTRY_FILE,
                                 .size = (uint64_t)object->size.value,
                                 .mtime_s = object->last_modified.seconds,
                                 .etag = object->etag});
    return 0;
}

/* True if the directory is the entry added last, or holds it. */
static bool known_directory(const struct builder *b, struct pail_str name)
{
    if (b->page.count == 0)
        return false;
    const struct source_entry *last = &b->page.entries[b->page.count - 1];
    if (last->name.len == name.len)
        return last->type == ENTRY_DIRECTORY && str_eq(last->name, name);
    return last->name.len > name.len && last->name.ptr[name.len] == '/' &&
           str_starts(last->name, name);
}

static int add_flat(struct builder *b, struct pail_str key, struct pail_str path,
                    const struct pail_s3_object *object)
{
    bool marker = path.ptr[path.len - 1] == '/';
    struct pail_str name = str_sub(path, 0, path.len - marker);
    size_t taken = key.len - path.len + marker;
    size_t good = good_len(name, taken < S3_KEY_MAX ? S3_KEY_MAX - taken : 0);
    if (name.len > 0 && good == name.len) {
        if (!marker)
            return add_file(b, name, object);
        add_directory(b, name);
        return 0;
    }
    add_unreachable(b, key);
    if (good > 0 && !known_directory(b, str_sub(name, 0, good)))
        add_directory(b, str_sub(name, 0, good));
    return 0;
}

/* `name`: what follows the prefix, up to and with the delimiter if the service cut there. */
static int add_level(struct builder *b, struct pail_str key, struct pail_str name,
                     const struct pail_s3_object *object)
{
    bool cut = !object;
    if (cut && !str_ends(name, PAIL_STR("/")))
        return refuse(b, "the listing has a common prefix without its delimiter");
    name = str_sub(name, 0, name.len - cut);
    if (str_find(name, '/', 0) < name.len)
        return refuse(b, "the listing was not cut at the delimiter");
    if (!component_good(name) || key.len > S3_KEY_MAX)
        add_unreachable(b, key);
    else if (cut)
        add_directory(b, name);
    else
        return add_file(b, name, object);
    return 0;
}

/* The same where the service was not asked to cut: each directory comes with all its keys. */
static int add_uncut(struct builder *b, struct pail_str key, struct pail_str path,
                     const struct pail_s3_object *object)
{
    size_t end = str_find(path, '/', 0);
    if (end == path.len)
        return add_level(b, key, path, object);
    struct pail_str name = str_sub(path, 0, end);
    if (b->cut.ptr && str_eq(b->cut, name))
        return 0;
    b->cut = name;
    if (component_good(name))
        add_directory(b, name);
    else
        add_unreachable(b, key);
    return 0;
}

/* One key in the merged order; `object` NULL: a common prefix. */
static int add_key(struct builder *b, struct pail_str key, const struct pail_s3_object *object)
{
    const struct s3_page_query *query = b->query;
    if (!key.ptr || !str_starts(key, query->prefix))
        return refuse(b, "the listing has a key outside its prefix");
    if (b->previous.ptr && str_cmp(b->previous, key) >= 0)
        return refuse(b, "the listing has keys out of order");
    b->previous = key;
    struct pail_str rest = str_sub(key, query->prefix.len, key.len);
    if (rest.len == 0 && object)
        return 0;
    if (query->start_after.ptr && str_cmp(key, query->start_after) <= 0)
        return 0;
    if (query->flat)
        return add_flat(b, key, rest, object);
    return query->uncut ? add_uncut(b, key, rest, object) : add_level(b, key, rest, object);
}

/* That it is a page, and where the next one begins. */
static int take_next(struct builder *b, const struct list_form *form, const void *out)
{
    int r = list_page_next(form, out, b->query->cursor, NULL, &b->page.next, &b->reason);
    return r < 0 ? r : 0;
}

static int merge(struct builder *b, const struct pail_s3_list_objects_v2_output *out)
{
    const struct pail_s3_objects *objects = &out->contents;
    const struct pail_s3_common_prefixes *prefixes = &out->common_prefixes;
    int r = take_next(b, &list_of_objects, out);
    if (r < 0)
        return r;
    if ((b->query->flat || b->query->uncut) && prefixes->count > 0)
        return refuse(b, "the listing has common prefixes that were not asked for");
    for (size_t i = 0, j = 0; i < objects->count || j < prefixes->count;) {
        bool object = j == prefixes->count ||
                      (i < objects->count &&
                       str_cmp(objects->items[i].key, prefixes->items[j].prefix) <= 0);
        struct pail_str key = object ? objects->items[i].key : prefixes->items[j].prefix;
        r = add_key(b, key, object ? &objects->items[i] : NULL);
        if (r < 0)
            return r;
        if (object)
            i++;
        else
            j++;
    }
    return 0;
}

/* Room for `count` entries, then `result` of filling them: hands the page over or drops it. */
static int builder_init(struct builder *b, const struct s3_page_query *query, size_t count)
{
    *b = (struct builder){.query = query};
    if (count == 0)
        return 0;
    b->page.entries = calloc(count, sizeof(*b->page.entries));
    return b->page.entries ? 0 : -ENOMEM;
}

static int builder_finish(struct builder *b, int result, struct s3_page *ret,
                          const char **ret_reason)
{
    if (result == 0) {
        *ret = b->page;
        return 0;
    }
    if (result == -EPROTO)
        *ret_reason = b->reason;
    s3_page_done(&b->page);
    return result;
}

int s3_page_of_objects(const struct pail_s3_list_objects_v2_output *out,
                       const struct s3_page_query *query, struct s3_page *ret,
                       const char **ret_reason)
{
    size_t count;
    if (add_overflow(out->contents.count, out->common_prefixes.count, &count))
        return -ENOMEM;
    struct builder b;
    int r = builder_init(&b, query, count);
    return builder_finish(&b, r < 0 ? r : merge(&b, out), ret, ret_reason);
}

/* The byte at `at` of a directory's name with its '/', -1 past its end. */
static int directory_byte(struct pail_str name, size_t at)
{
    return at < name.len ? (unsigned char)name.ptr[at] : at == name.len ? '/' : -1;
}

static int compare_directories(const void *left, const void *right)
{
    struct pail_str a = ((const struct source_entry *)left)->name;
    struct pail_str b = ((const struct source_entry *)right)->name;
    size_t common = a.len < b.len ? a.len : b.len;
    int r = memcmp(a.ptr, b.ptr, common);
    return r != 0 ? r : directory_byte(a, common) - directory_byte(b, common);
}

/* True if the directory with its '/' comes after `key`. */
static bool directory_after(struct pail_str name, struct pail_str key)
{
    size_t common = name.len < key.len ? name.len : key.len;
    int r = memcmp(name.ptr, key.ptr, common);
    if (r != 0 || key.len == common)
        return r >= 0;
    return directory_byte(name, common) > (unsigned char)key.ptr[common];
}

static int add_buckets(struct builder *b, const struct pail_s3_list_buckets_output *out)
{
    struct pail_str after = b->query->start_after;
    int r = take_next(b, &list_of_buckets, out);
    if (r < 0)
        return r;
    for (size_t i = 0; i < out->buckets.count; i++) {
        struct pail_str name = out->buckets.items[i].name;
        if (!name.ptr)
            return refuse(b, "the listing has a bucket without a name");
        if (!component_good(name))
            add_unreachable(b, name);
        else if (!after.ptr || directory_after(name, after))
            add_directory(b, name);
    }
    struct s3_page *page = &b->page;
    if (page->count > 0)
        qsort(page->entries, page->count, sizeof(*page->entries), compare_directories);
    for (size_t i = 1; i < page->count; i++) {
        if (str_eq(page->entries[i - 1].name, page->entries[i].name))
            return refuse(b, "the listing names a bucket twice");
    }
    return 0;
}

int s3_page_of_buckets(const struct pail_s3_list_buckets_output *out,
                       const struct s3_page_query *query, struct s3_page *ret,
                       const char **ret_reason)
{
    struct builder b;
    int r = builder_init(&b, query, out->buckets.count);
    return builder_finish(&b, r < 0 ? r : add_buckets(&b, out), ret, ret_reason);
}

void s3_page_done(struct s3_page *page)
{
    free(page->entries);
    *page = (struct s3_page){0};
}
