#include "fs/aws_source.h"

#include "base/str.h"
#include "fs/source_reader.h"

#include <errno.h>

#define CHILDREN_MAX 8

struct child {
    struct pail_str name; /* "s3", of its scheme's prefix */
    struct source *source;
};

struct aws_source {
    struct source source;
    struct mailbox *mailbox;
    struct child children[CHILDREN_MAX]; /* sorted by name */
    size_t count;
    struct source_entry entries[CHILDREN_MAX];
};

struct source_reader {
    struct child *child;
    struct source_reader *reader; /* the child's */
};

static struct aws_source *aws_of(struct source *source)
{
    return CONTAINER_OF(source, struct aws_source, source);
}

/* The child that has a path, NULL: none. `path` becomes what it is there. */
static struct child *child_of(struct aws_source *aws, struct pail_str *path)
{
    size_t slash = str_find(*path, '/', 0);
    struct pail_str name = str_sub(*path, 0, slash);
    for (size_t i = 0; i < aws->count; i++) {
        if (!str_eq(aws->children[i].name, name))
            continue;
        *path = slash < path->len ? str_sub(*path, slash + 1, path->len) : str_of("", 0);
        return &aws->children[i];
    }
    return NULL;
}

/* ---- what is answered here: the names of the children ---- */

static void deliver_own(struct message *message)
{
    struct source_request *request = CONTAINER_OF(message, struct source_request, message);
    request->done(request);
}

/* The request is done by a posted message: with success, or with -errno. */
static void answer(struct aws_source *aws, struct source_request *request, int status)
{
    request->owner = NULL;
    request->state = NULL;
    request->status = status;
    request->error = (struct pail_error){.sys = -status};
    request->first = 1;
    request->last = 0;
    if (status < 0)
        str_copy(request->error.message, sizeof(request->error.message),
                 PAIL_STR("no service has that name"));
    request->message.deliver = deliver_own;
    mailbox_post(aws->mailbox, &request->message);
}

/* Hands a request on: true. Else it was answered. */
static bool hand_on(struct aws_source *aws, struct source_request *request,
                    struct pail_str *path, struct child **ret)
{
    *ret = child_of(aws, path);
    if (*ret)
        request->owner = (*ret)->source;
    else
        answer(aws, request, -ENOENT);
    return *ret;
}

/* ---- the operations ---- */

static void aws_lookup(struct source *source, struct source_lookup *lookup)
{
    struct aws_source *aws = aws_of(source);
    struct child *child;
    if (!hand_on(aws, &lookup->request, &lookup->path, &child))
        return;
    if (lookup->path.len == 0) {
        lookup->entry = (struct source_entry){.name = child->name, .type = ENTRY_DIRECTORY};
        answer(aws, &lookup->request, 0);
        return;
    }
    child->source->ops->lookup(child->source, lookup);
}

static void aws_list(struct source *source, struct source_list *list)
{
    struct aws_source *aws = aws_of(source);
    struct child *child;
    if (list->path.len == 0) {
        list->entries = aws->entries;
        list->count = aws->count;
        list->next = (struct pail_str){0};
        list->unreachable = list->taken = 0;
        answer(aws, &list->request, list->flat ? -ENOTSUP : 0);
        return;
    }
    if (hand_on(aws, &list->request, &list->path, &child))
        child->source->ops->list(child->source, list);
}

static bool aws_pages(struct source *source, struct pail_str path)
{
    struct child *child = child_of(aws_of(source), &path);
    return child && child->source->ops->pages && child->source->ops->pages(child->source, path);
}

static void aws_read(struct source *source, struct source_read *read)
{
    struct child *child;
    if (hand_on(aws_of(source), &read->request, &read->path, &child))
        child->source->ops->read(child->source, read);
}

static void aws_attributes(struct source *source, struct source_attributes *attributes)
{
    struct aws_source *aws = aws_of(source);
    struct child *child;
    if (!hand_on(aws, &attributes->request, &attributes->path, &child))
        return;
    if (child->source->ops->attributes) {
        child->source->ops->attributes(child->source, attributes);
        return;
    }
    attributes->items = NULL;
    attributes->count = 0;
    answer(aws, &attributes->request, 0);
}

static void aws_exchange(struct source *source, struct source_exchange *exchange)
{
    struct child *child;
    if (hand_on(aws_of(source), &exchange->request, &exchange->path, &child))
        child->source->ops->exchange(child->source, exchange);
}

static int aws_reader_open(struct source *source, struct pail_str path, struct pail_str etag,
                           struct source_reader **ret)
{
    struct child *child = child_of(aws_of(source), &path);
    if (!child || !child->source->ops->reader_open)
        return -ENOENT;
    CLEANUP(heap) struct source_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return -ENOMEM;
    reader->child = child;
    int r = child->source->ops->reader_open(child->source, path, etag, &reader->reader);
    if (r < 0)
        return r;
    *ret = STEAL(reader);
    return 0;
}

static void aws_more(struct source *source, struct source_more *more)
{
    (void)source;
    struct child *child = more->reader->child;
    more->request.owner = child->source;
    more->reader = more->reader->reader;
    child->source->ops->more(child->source, more);
}

static void aws_reader_close(struct source *source, struct source_reader *reader)
{
    (void)source;
    struct source *child = reader->child->source;
    child->ops->reader_close(child, reader->reader);
    free(reader);
}

static void aws_cancel(struct source *source, struct source_request *request)
{
    (void)source;
    if (request->owner)
        request->owner->ops->cancel(request->owner, request);
}

static void aws_release(struct source *source, struct source_request *request)
{
    (void)source;
    if (request->owner)
        request->owner->ops->release(request->owner, request);
}

static void aws_uri(struct source *source, struct pail_str path, struct buf *b)
{
    struct child *child = child_of(aws_of(source), &path);
    if (child) {
        child->source->ops->uri(child->source, path, b);
        return;
    }
    buf_add_c(b, aws_scheme.prefix);
    buf_add_str(b, path);
}

static void aws_stats(struct source *source, struct buf *b)
{
    struct aws_source *aws = aws_of(source);
    for (size_t i = 0; i < aws->count; i++)
        aws->children[i].source->ops->stats(aws->children[i].source, b);
}

static void aws_free(struct source *source)
{
    struct aws_source *aws = aws_of(source);
    for (size_t i = 0; i < aws->count; i++)
        aws->children[i].source->ops->free(aws->children[i].source);
    free(aws);
}

static const struct source_ops aws_source_ops = {
    .lookup = aws_lookup,
    .list = aws_list,
    .pages = aws_pages,
    .read = aws_read,
    .attributes = aws_attributes,
    .reader_open = aws_reader_open,
    .more = aws_more,
    .reader_close = aws_reader_close,
    .exchange = aws_exchange,
    .cancel = aws_cancel,
    .release = aws_release,
    .uri = aws_uri,
    .stats = aws_stats,
    .free = aws_free,
};

/* ---- the scheme ---- */

static int parse(struct pail_str url, const char **ret_reason)
{
    if (str_eq_c(url, aws_scheme.prefix))
        return 0;
    *ret_reason = "aws:// takes nothing behind it: each service is a directory of the mount";
    return -EINVAL;
}

/* One service that answers is enough: the others say on their own what they lack. */
static int check(const struct source_config *config, int64_t timeout_ms,
                 struct pail_error *error)
{
    int first = 0;
    for (size_t i = 0; source_schemes[i]; i++) {
        if (source_schemes[i] == &aws_scheme)
            continue;
        struct source_config child = *config;
        struct pail_error failure = {0};
        child.url = str_c(source_schemes[i]->prefix);
        int r = source_schemes[i]->check(&child, timeout_ms, &failure);
        if (r == 0)
            return 0;
        if (first == 0) {
            first = r;
            *error = failure;
        }
    }
    return first;
}

static int by_name(const void *a, const void *b)
{
    const struct child *left = a, *right = b;
    return str_cmp(left->name, right->name);
}

static int make(const struct source_config *config, struct source **ret)
{
    struct aws_source *aws = calloc(1, sizeof *aws);
    if (!aws)
        return -ENOMEM;
    aws->source.ops = &aws_source_ops;
    aws->mailbox = config->mailbox;
    for (size_t i = 0; source_schemes[i] && aws->count < CHILDREN_MAX; i++) {
        const struct source_scheme *scheme = source_schemes[i];
        if (scheme == &aws_scheme)
            continue;
        struct source_config child = *config;
        struct child *one = &aws->children[aws->count];
        child.url = str_c(scheme->prefix);
        one->name = str_sub(child.url, 0, str_find(child.url, ':', 0));
        int r = scheme->make(&child, &one->source);
        if (r < 0) {
            aws_free(&aws->source);
            return r;
        }
        aws->count++;
    }
    qsort(aws->children, aws->count, sizeof *aws->children, by_name);
    for (size_t i = 0; i < aws->count; i++)
        aws->entries[i] =
            (struct source_entry){.name = aws->children[i].name, .type = ENTRY_DIRECTORY};
    *ret = &aws->source;
    return 0;
}

const struct source_scheme aws_scheme = {.prefix = "aws://",
                                         .writes = true,
                                         .events = true,
                                         .parse = parse,
                                         .check = check,
                                         .make = make};
