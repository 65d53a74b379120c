/* Any text as what people name in S3: pail's URLs, what pailfs mounts, keys as paths. */
#include "fuzz/fuzz.h"

#include "cli/pail_arguments.h"
#include "cli/tree_path.h"
#include "fs/sources.h"

#include <stdlib.h>

#define REASON_MAX (64 * 1024 * 1024)

/* What is read of it, written down, is it again. */
static void read_url(const char *text)
{
    CLEANUP_DONE(buf) struct buf reason, again;
    struct pail_str bucket, key;
    buf_init(&reason, REASON_MAX);
    buf_init(&again, REASON_MAX);
    if (pail_arguments_url(text, &bucket, &key, &reason) < 0) {
        if (reason.len == 0)
            abort();
        return;
    }
    buf_add_c(&again, "s3://");
    buf_add_str(&again, bucket);
    bool slash = strlen(text) > again.len;
    buf_add_c(&again, slash ? "/" : "");
    buf_add_str(&again, key);
    if (strcmp(buf_c(&again), text) != 0 || memchr(bucket.ptr, '/', bucket.len))
        abort();
}

static void mount_url(struct pail_str text)
{
    const struct source_scheme *scheme = source_scheme_of(text);
    const char *reason = NULL;
    if (scheme && scheme->parse(text, &reason) < 0 && (!reason || !reason[0]))
        abort();
}

/* A path below the root, with the key's parts and no others. */
static void name_path(struct pail_str key)
{
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, REASON_MAX);
    if (tree_path_add(&path, "root", key) < 0) {
        if (path.len > 0)
            abort();
        return;
    }
    struct pail_str name = str_sub(buf_str(&path), strlen("root/"), path.len), part;
    if (!str_starts(buf_str(&path), PAIL_STR("root/")) || !str_starts(key, name) ||
        strlen(buf_c(&path)) != path.len)
        abort();
    while (str_next(&name, '/', &part))
        if (part.len == 0 || str_eq_c(part, ".") || str_eq_c(part, ".."))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pail_str text = str_of((const char *)data, size);
    char *copy = str_dup(text);
    if (!copy)
        abort();
    read_url(copy);
    mount_url(text);
    name_path(text);
    free(copy);
    return 0;
}
