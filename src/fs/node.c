#include "fs/node.h"

#include "fs/fs.h"
#include "fs/growing.h"
#include "fs/tree.h"
#include "fs/xattr.h"

#include <errno.h>

struct node *node_new(struct fs *fs, struct node *parent, const struct source_entry *entry,
                      int64_t confirmed_ns)
{
    /* The source bounds both: a component by 1,024 bytes, an ETag by the header limits. */
    if (entry->name.len > UINT16_MAX || entry->etag.len > UINT16_MAX)
        return NULL;
    struct node *node = calloc(1, sizeof *node + entry->name.len + entry->etag.len + 2);
    if (!node)
        return NULL;
    fs->tree->node_count++;
    node->parent = parent ? node_ref(parent) : NULL;
    node->ino = fs->tree->next_ino++;
    node->size = entry->type == ENTRY_FILE && entry->kind == FILE_FIXED ? entry->size : 0;
    node->mtime_s = entry->type == ENTRY_FILE ? entry->mtime_s : fs->started_s;
    node->confirmed_ns = confirmed_ns;
    node->refs = 1;
    node->type = (uint8_t)entry->type;
    node->kind = (uint8_t)entry->kind;
    node->hidden = entry->hidden;
    node->name_len = (uint16_t)entry->name.len;
    node->etag_len = (uint16_t)entry->etag.len;
    if (entry->name.len)
        memcpy(node->text, entry->name.ptr, entry->name.len);
    if (entry->etag.len)
        memcpy(node->text + entry->name.len + 1, entry->etag.ptr, entry->etag.len);
    return node;
}

struct node *node_ref(struct node *node)
{
    node->refs++;
    return node;
}

static void extra_free(struct fs *fs, struct node_extra *extra)
{
    if (!extra)
        return;
    free(extra->failure);
    attributes_free(fs, extra->kept);
    growing_forget(extra->growing);
    free(extra);
}

void node_unref(struct fs *fs, struct node *node)
{
    /* A chain of parents may go with it: a loop, as paths can be hundreds of components deep.
     */
    while (node && --node->refs == 0) {
        struct node *parent = node->parent;
        if (node->type == ENTRY_DIRECTORY)
            tree_clear_directory(fs, node);
        extra_free(fs, node->extra);
        free(node);
        fs->tree->node_count--;
        node = parent;
    }
}

void node_kernel_ref(struct fs *fs, struct node *node)
{
    if (node->lookups++ > 0)
        return;
    node_ref(node);
    LIST_INSERT_HEAD(&fs->tree->held, node, held);
    if (node->type == ENTRY_DIRECTORY)
        tree_held(fs, node);
}

void node_forget(struct fs *fs, struct node *node, uint64_t count)
{
    if (node->lookups == 0)
        return;
    node->lookups -= count < node->lookups ? count : node->lookups;
    if (node->lookups > 0)
        return;
    LIST_REMOVE(node, held);
    /* The kernel keeps a directory as long as any name below it: what is known of them can go,
     * and with it the references that would keep the directory itself. */
    if (node->type == ENTRY_DIRECTORY && node->parent)
        tree_clear_directory(fs, node);
    tree_forget_known(fs, node);
    node_unref(fs, node);
}

bool node_is(const struct node *node, const struct source_entry *entry)
{
    if (node->type != (uint8_t)entry->type)
        return false;
    return node->type == ENTRY_DIRECTORY ||
           (node->kind == (uint8_t)entry->kind &&
            (node->kind != FILE_FIXED || node->size == entry->size) &&
            node->etag_len == entry->etag.len &&
            (entry->etag.len == 0 ||
             memcmp(node_etag(node).ptr, entry->etag.ptr, entry->etag.len) == 0));
}

void node_add_path(const struct node *node, struct buf *b)
{
    size_t len = 0;
    for (const struct node *n = node; n->parent; n = n->parent)
        len += n->name_len + (n->parent->parent ? 1U : 0U);
    char *at = len ? buf_reserve(b, len) : NULL;
    if (!at)
        return;
    size_t end = len;
    for (const struct node *n = node; n->parent; n = n->parent) {
        end -= n->name_len;
        memcpy(at + end, n->text, n->name_len);
        if (n->parent->parent)
            at[--end] = '/';
    }
    buf_commit(b, len);
}

void node_add_path_of(const struct node *directory, struct pail_str name, struct buf *b)
{
    node_add_path(directory, b);
    if (directory->parent)
        buf_add_byte(b, '/');
    buf_add_str(b, name);
}

void node_confirm(struct node *node, int64_t at_ns)
{
    int64_t known_ns = node->confirmed_ns;
    if (known_ns < 0)
        known_ns -= INT64_MIN;
    if (at_ns >= known_ns)
        node->confirmed_ns = at_ns;
}

int64_t node_fresh_ms(const struct fs *fs, const struct node *node)
{
    if (node->superseded || node->confirmed_ns < 0)
        return 0;
    if (!node->parent || fs->options.metadata_ttl_ms < 0)
        return -1;
    int64_t age_ms = (clock_now_ns(fs->clock) - node->confirmed_ns) / NS_PER_MS;
    return age_ms < fs->options.metadata_ttl_ms ? fs->options.metadata_ttl_ms - age_ms : 0;
}

struct node_extra *node_extra(struct node *node)
{
    if (!node->extra)
        node->extra = calloc(1, sizeof *node->extra);
    return node->extra;
}
