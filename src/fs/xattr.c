#include "fs/xattr.h"

#include "fs/failure.h"
#include "fs/fs.h"
#include "fs/stats.h"
#include "fs/tree.h"

#include <errno.h>

/* One HEAD of a node, while it is under way and as long as its answer is kept. */
struct attributes_fetch {
    struct fs *fs;
    struct node *node; /* held while under way */
    struct source_attributes request;
    struct buf path;
    struct waiter waiters;
    int64_t started_ns;
    int64_t done_ns;
};

#define FAILED_MS 1000 /* how long a failed answer stands for those who ask again */

void attributes_free(struct fs *fs, struct attributes_fetch *fetch)
{
    if (!fetch)
        return;
    fs->source->ops->release(fs->source, &fetch->request.request);
    buf_done(&fetch->path);
    free(fetch);
}

static void attributes_done(struct source_request *request)
{
    struct attributes_fetch *fetch =
        CONTAINER_OF(request, struct attributes_fetch, request.request);
    struct fs *fs = fetch->fs;
    struct node *node = fetch->node;
    fs_request_end(fs, request);
    fetch->done_ns = clock_now_ns(fs->clock);
    if (request->status < 0)
        failure_note(fs, node, FAILURE_OF_ASKING, request->status, request);
    /* The kernel looks the name up again, and must not find what was just refuted. */
    if (request->status == -ESTALE || request->status == -ENOENT)
        tree_distrust(fs, node);
    attributes_free(fs, node->extra->kept);
    node->extra->kept = fetch;
    node->extra->fetch = NULL;
    waiters_wake(&fetch->waiters);
    node_unref(fs, node);
}

static int attributes_ask(struct fs *fs, struct node *node, struct waiter *wait)
{
    struct node_extra *extra = node_extra(node);
    if (!extra)
        return -ENOMEM;
    if (!extra->fetch) {
        struct attributes_fetch *fetch = calloc(1, sizeof *fetch);
        if (!fetch)
            return -ENOMEM;
        fetch->fs = fs;
        waiters_init(&fetch->waiters);
        buf_init(&fetch->path, PATH_BYTES_MAX);
        node_add_path(node, &fetch->path);
        if (buf_failed(&fetch->path)) {
            free(fetch);
            return -ENOMEM;
        }
        fetch->node = node_ref(node);
        fetch->started_ns = clock_now_ns(fs->clock);
        fetch->request = (struct source_attributes){
            .request = {.done = attributes_done},
            .path = buf_str(&fetch->path),
            .etag = node_etag(node),
        };
        extra->fetch = fetch;
        fs_request_begin(fs, &fetch->request.request);
        fs->source->ops->attributes(fs->source, &fetch->request);
    }
    wait_on(&extra->fetch->waiters, wait);
    return -EINPROGRESS;
}

/* The answer that may still be used. 0 with *ret, its failure, or -EINPROGRESS. */
static int attributes_of(struct fs *fs, struct node *node, struct waiter *wait,
                         const struct source_attributes **ret)
{
    const struct attributes_fetch *kept = node->extra ? node->extra->kept : NULL;
    if (kept) {
        bool failed = kept->request.request.status < 0;
        int64_t ttl_ms = failed ? FAILED_MS : fs->options.metadata_ttl_ms;
        int64_t since_ns = failed ? kept->done_ns : kept->started_ns;
        /* With a TTL of 0 an answer serves those who waited for it, and who ask again at once.
         */
        int64_t age_ms = (clock_now_ns(fs->clock) - since_ns) / NS_PER_MS;
        bool just_done = clock_now_ns(fs->clock) - kept->done_ns < NS_PER_MS;
        if (ttl_ms < 0 || age_ms < ttl_ms || just_done) {
            *ret = &kept->request;
            return kept->request.request.status;
        }
    }
    return attributes_ask(fs, node, wait);
}

/* ---- this mount's own ---- */

static int own_value(struct fs *fs, const struct node *node, struct pail_str name,
                     struct buf *b)
{
    if (str_eq_c(name, "user.pail.uri")) {
        CLEANUP_DONE(buf) struct buf path;
        buf_init(&path, PATH_BYTES_MAX);
        node_add_path(node, &path);
        fs->source->ops->uri(fs->source, buf_str(&path), b);
        return buf_failed(&path);
    }
    if (str_eq_c(name, "user.pail.error") && node->extra && node->extra->failure) {
        buf_add_c(b, node->extra->failure);
        return 0;
    }
    if (str_eq_c(name, "user.pail.stats") && !node->parent) {
        stats_add(fs, b);
        return 0;
    }
    return -ENODATA;
}

static void own_names(const struct node *node, struct buf *b)
{
    static const char uri[] = "user.pail.uri", error[] = "user.pail.error",
                      stats[] = "user.pail.stats";
    buf_add(b, uri, sizeof uri);
    if (node->extra && node->extra->failure)
        buf_add(b, error, sizeof error);
    if (!node->parent)
        buf_add(b, stats, sizeof stats);
}

int xattr_get(struct fs *fs, struct node *node, struct pail_str name, struct waiter *wait,
              struct buf *ret_value)
{
    if (!str_starts(name, PAIL_STR("user.")))
        return -EOPNOTSUPP;
    if (node->type == ENTRY_DIRECTORY || !str_starts(name, PAIL_STR("user.s3."))) {
        int r = own_value(fs, node, name, ret_value);
        return r < 0 ? r : buf_failed(ret_value);
    }
    const struct source_attributes *attributes;
    int r = fs->source->ops->attributes ? attributes_of(fs, node, wait, &attributes) : -ENODATA;
    if (r < 0)
        return r;
    for (size_t i = 0; i < attributes->count; i++) {
        if (str_eq(attributes->items[i].name, name)) {
            buf_add_str(ret_value, attributes->items[i].value);
            return buf_failed(ret_value);
        }
    }
    return -ENODATA;
}

int xattr_list(struct fs *fs, struct node *node, struct waiter *wait, struct buf *ret_names)
{
    if (node->type == ENTRY_FILE && fs->source->ops->attributes) {
        const struct source_attributes *attributes;
        int r = attributes_of(fs, node, wait, &attributes);
        if (r == -EINPROGRESS || r == -ENOMEM)
            return r;
        for (size_t i = 0; r == 0 && i < attributes->count; i++) {
            buf_add_str(ret_names, attributes->items[i].name);
            buf_add_byte(ret_names, '\0');
        }
    }
    own_names(node, ret_names);
    return buf_failed(ret_names);
}
