/* Any keys as a page of a listing, however they are sorted and cut: entries are components in
 * the order of their keys, below the prefix and after where the page starts, each once. The
 * first line says what was asked: flags, then prefix, start and cursor; then a key a line, with
 * its size. */
#include "fuzz/fuzz.h"

#include "fs/s3_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 200

static void require(bool promise)
{
    if (!promise)
        abort();
}

struct reading {
    struct pail_str rest;
    struct pail_s3_object objects[KEYS_MAX];
    struct pail_s3_common_prefix prefixes[KEYS_MAX];
    struct pail_s3_bucket buckets[KEYS_MAX];
    size_t object_count, prefix_count;
};

static struct pail_str next(struct reading *r)
{
    struct pail_str line = PAIL_STR("");
    (void)str_next(&r->rest, '\n', &line);
    return line;
}

/* A line that starts with '/' is a common prefix; with '-', an object without a size. */
static void read_keys(struct reading *r)
{
    struct pail_str line;
    while (r->object_count < KEYS_MAX && r->prefix_count < KEYS_MAX &&
           str_next(&r->rest, '\n', &line)) {
        char kind = line.len > 0 ? line.ptr[0] : ' ';
        struct pail_str key = str_sub(line, 1, line.len);
        if (kind == '/') {
            r->prefixes[r->prefix_count++].prefix = key;
            continue;
        }
        r->buckets[r->object_count].name = kind == '?' ? (struct pail_str){0} : key;
        r->objects[r->object_count++] = (struct pail_s3_object){
            .key = kind == '?' ? (struct pail_str){0} : key,
            .size = {.value = kind == '-' ? -1 : (int64_t)line.len, .present = kind != '+'},
            .etag = PAIL_STR("\"e\""),
        };
    }
}

static bool component(struct pail_str name)
{
    return name.len > 0 && name.len <= S3_COMPONENT_MAX && !str_eq_c(name, ".") &&
           !str_eq_c(name, "..") && !memchr(name.ptr, '\0', name.len) &&
           !memchr(name.ptr, '/', name.len);
}

static void check_name(struct pail_str name, bool flat)
{
    struct pail_str rest = name, part;
    if (!flat) {
        require(component(name));
        return;
    }
    require(name.len > 0);
    while (str_next(&rest, '/', &part))
        require(component(part));
}

/* Byte by byte of the names as keys: a directory counts with its '/'. */
static int compare(const struct source_entry *a, const struct source_entry *b)
{
    size_t alen = a->name.len + (a->type == ENTRY_DIRECTORY);
    size_t blen = b->name.len + (b->type == ENTRY_DIRECTORY);
    for (size_t i = 0; i < alen && i < blen; i++) {
        unsigned char x = i < a->name.len ? (unsigned char)a->name.ptr[i] : '/';
        unsigned char y = i < b->name.len ? (unsigned char)b->name.ptr[i] : '/';
        if (x != y)
            return x < y ? -1 : 1;
    }
    return alen < blen ? -1 : alen > blen;
}

static void check_page(const struct s3_page *page, const struct s3_page_query *query,
                       size_t most, bool buckets)
{
    require(page->count <= most);
    for (size_t i = 0; i < page->count; i++) {
        const struct source_entry *entry = &page->entries[i];
        check_name(entry->name, query->flat);
        require(query->prefix.len + entry->name.len + (entry->type == ENTRY_DIRECTORY) <=
                    S3_KEY_MAX ||
                buckets);
        require(entry->type == ENTRY_DIRECTORY || entry->size <= INT64_MAX);
        if (i > 0)
            require(compare(&page->entries[i - 1], entry) < 0);
    }
    require(page->unreachable == 0 || page->unreachable_example.ptr);
    if (page->next.ptr)
        require(page->next.len > 0 &&
                !(query->cursor.ptr && str_eq(page->next, query->cursor)));
}

static void check_result(int r, const char *reason)
{
    require(r == 0 || r == -ENOMEM || (r == -EPROTO && reason && reason[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reading r;
    memset(&r, 0, sizeof(r));
    r.rest = str_of((const char *)data, size);
    struct pail_str flags = next(&r);
    unsigned char f = flags.len > 0 ? (unsigned char)flags.ptr[0] : 0;
    struct s3_page_query query = {.prefix = next(&r), .flat = f & 1};
    if (f & 2)
        query.start_after = next(&r);
    if (f & 4)
        query.cursor = next(&r);
    struct pail_str token = f & 8 ? next(&r) : (struct pail_str){0};
    read_keys(&r);
    const struct pail_s3_list_objects_v2_output objects = {
        .is_truncated = {.value = (f & 16) != 0, .present = (f & 32) == 0},
        .next_continuation_token = token,
        .contents = {r.objects, r.object_count},
        .common_prefixes = {r.prefixes, r.prefix_count},
    };
    struct s3_page page;
    const char *reason = NULL;
    int result = s3_page_of_objects(&objects, &query, &page, &reason);
    check_result(result, reason);
    if (result == 0) {
        check_page(&page, &query, r.object_count + r.prefix_count, false);
        s3_page_done(&page);
    }
    const struct pail_s3_list_buckets_output buckets = {.continuation_token = token,
                                                        .buckets = {r.buckets, r.object_count}};
    query.flat = false;
    result = s3_page_of_buckets(&buckets, &query, &page, &reason);
    check_result(result, reason);
    if (result == 0) {
        check_page(&page, &query, r.object_count, true);
        s3_page_done(&page);
    }
    return 0;
}
