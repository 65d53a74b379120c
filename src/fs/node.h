/* fs/node.h: an inode: one version of one key (key, ETag, size), or a directory.
 *
 * Attributes of a file's node never change; a changed object gets a new node, and the old one
 * is superseded. A node lives as long as somebody holds it: the kernel (lookups), listings and
 * known names of its directory, open handles, children (their parent). The FUSE node id is the
 * address; the kernel has forgotten it before it can be used again. fs thread only. */
#ifndef FS_NODE_H
#define FS_NODE_H

#include "fs/source.h"
#include "fs/wait.h"

#include <sys/queue.h>

struct directory;
struct file;
struct node_extra;
struct attributes_fetch;
struct fs;
struct growing;

struct node {
    struct node *parent;   /* held; NULL: the root, or a name no longer in the tree's reach */
    uint64_t ino;          /* st_ino: ascending in listing order, never used twice */
    uint64_t lookups;      /* references the kernel holds */
    LIST_ENTRY(node) held; /* of tree->held, while it holds any */
    uint64_t size;
    int64_t mtime_s;
    int64_t confirmed_ns; /* when the name was last known to mean this version; INT64_MIN + t:
                             refuted at t */
    union {
        struct directory *directory; /* what is known of its names; NULL: nothing */
        struct file *file;           /* what is at hand of its content; NULL: nothing */
    };
    struct node_extra *extra; /* what few nodes have: last failure, attributes */
    uint32_t refs;
    uint8_t type;      /* enum entry_type */
    bool superseded;   /* the name means something else now, or nothing */
    bool read_through; /* every byte was handed to the kernel at least once */
    bool hidden;       /* not shown to who reads the directory */
    uint8_t kind;      /* enum file_kind */
    uint16_t name_len, etag_len;
    char text[]; /* name NUL etag NUL */
};

/* What few nodes have: their last failure, as user.pail.error tells it, and what getxattr has
 * fetched. */
struct node_extra {
    char *failure;                  /* NULL: none */
    bool failure_of_asking;         /* it is one of asking for attributes */
    struct attributes_fetch *kept;  /* the newest answer; NULL: none */
    struct attributes_fetch *fetch; /* under way; NULL: none */
    struct growing *growing;        /* what was read of a file that grows; NULL: nothing */
};

/* A node with one reference, its parent held. NULL on ENOMEM. */
struct node *node_new(struct fs *fs, struct node *parent, const struct source_entry *entry,
                      int64_t confirmed_ns);
struct node *node_ref(struct node *node);
/* Releases at the last reference. NULL-safe. */
void node_unref(struct fs *fs, struct node *node);
/* The kernel took a reference (one entry reply), or gave `count` back. */
void node_kernel_ref(struct fs *fs, struct node *node);
void node_forget(struct fs *fs, struct node *node, uint64_t count);

static inline struct pail_str node_name(const struct node *node)
{
    return str_of(node->text, node->name_len);
}
static inline struct pail_str node_etag(const struct node *node)
{
    return str_of(node->text + node->name_len + 1, node->etag_len);
}
/* True if the entry is the version that the node is. */
bool node_is(const struct node *node, const struct source_entry *entry);
/* Its path from the root, without a leading '/', appended. */
void node_add_path(const struct node *node, struct buf *b);
/* The same with `name` below it. */
void node_add_path_of(const struct node *directory, struct pail_str name, struct buf *b);
/* The name meant this version at `at_ns`. No-op if something newer is known. */
void node_confirm(struct node *node, int64_t at_ns);
/* Milliseconds for which its name may still be trusted: 0 when it must be asked again, -1 for
 * ever. */
int64_t node_fresh_ms(const struct fs *fs, const struct node *node);
/* node->extra, made if there is none; NULL on ENOMEM. */
struct node_extra *node_extra(struct node *node);

#define PATH_BYTES_MAX 8192 /* of a path handed to the source */

#endif
