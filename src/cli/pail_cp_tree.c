#include "cli/pail_cp.h"

#include "cli/pail_keys.h"
#include "cli/partial_file.h"
#include "cli/tree_path.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES_MAX 65536
#define DIRECTORY_MODE 0777 /* less the umask */
#define NAME_MAX_BYTES 32   /* "N files" */

/* One cp_tree(). */
struct tree {
    struct pail_run *run;
    struct pail_str bucket;
    size_t prefix_len; /* of the keys, which is no part of the paths */
    const char *directory;
    struct cp_few *few;
    bool made;             /* the directory is there */
    int first;             /* exit status that is not EXIT_OK */
    uint64_t files, bytes; /* copied */
    struct progress progress;
    char name[NAME_MAX_BYTES]; /* the progress's */
};

static void tick(void *user)
{
    struct tree *tree = user;
    snprintf(tree->name, sizeof(tree->name), "%" PRIu64 " files", tree->files);
    progress_tell(&tree->progress, tree->bytes);
}

/* What became of one object of `bytes`. */
static void told(void *user, int status, uint64_t bytes)
{
    struct tree *tree = user;
    if (status == EXIT_OK) {
        tree->files++;
        tree->bytes += bytes;
        tick(tree);
        return;
    }
    progress_hide(&tree->progress);
    pail_complain(tree->run, status);
    if (tree->first == EXIT_OK)
        tree->first = status;
}

static int refuse(struct tree *tree, struct pail_str key, const char *why)
{
    return pail_fail_because(tree->run, tree->bucket, key, why, EXIT_FAILED);
}

/* Makes the directories that lead to `path`, which the key has. */
static int make_way(struct tree *tree, struct pail_str key, char *path, bool whole)
{
    cp_few_wait_above(tree->few, path);
    int r = tree_path_make(path, tree->directory, whole);
    if (r == -ELOOP) {
        buf_add_escaped(&tree->run->line, str_c(path));
        buf_add_c(&tree->run->line, ": a symbolic link is in its way");
        return EXIT_FAILED;
    }
    return r < 0 ? cp_fail_local(tree->run, tree->bucket, key, path, r) : EXIT_OK;
}

/* A key that ends in '/': what some programs make for a directory to be there. */
static int make_directory(struct tree *tree, const struct pail_s3_object *object, char *path,
                          bool whole)
{
    if (object->size.value > 0)
        return refuse(tree, object->key, "it has content, and the name of a directory");
    return make_way(tree, object->key, path, whole);
}

static int make_empty_file(struct tree *tree, struct pail_str key, const char *path)
{
    struct partial_file file = {.hidden = false};
    int r = partial_file_open(&file, path);
    if (r == 0)
        r = partial_file_commit(&file);
    partial_file_done(&file);
    return r < 0 ? cp_fail_local(tree->run, tree->bucket, key, path, r) : EXIT_OK;
}

/* True if the listing says enough of it to fetch it by one request. */
static bool is_small(const struct tree *tree, const struct pail_s3_object *object)
{
    return object->size.present &&
           (uint64_t)object->size.value <= cp_part_size(tree->run->arguments->settings) &&
           object->etag.len > 0 && !str_starts(object->etag, PAIL_STR("W/"));
}

/* Copies it, or sets it going; tells of it unless it is still to be told. */
static void copy_to(struct tree *tree, const struct pail_s3_object *object, char *path)
{
    uint64_t size = (uint64_t)object->size.value;
    int status = make_way(tree, object->key, path, false);
    if (status != EXIT_OK) {
        told(tree, status, 0);
    } else if (is_small(tree, object) && size > 0) {
        cp_few_add(tree->few, object->key, object->etag, size, path);
    } else if (is_small(tree, object)) {
        told(tree, make_empty_file(tree, object->key, path), 0);
    } else {
        progress_hide(&tree->progress);
        told(tree, cp_object(tree->run, tree->bucket, object->key, path), size);
    }
}

static void take(struct tree *tree, const struct pail_s3_object *object)
{
    struct pail_str name = str_sub(object->key, tree->prefix_len, object->key.len);
    bool marker = name.len == 0 || str_ends(name, PAIL_STR("/"));
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, PATH_BYTES_MAX);
    int r = 0;
    if (name.len > 0)
        r = tree_path_add(&b, tree->directory, name);
    else
        buf_addf(&b, "%s/", tree->directory);
    CLEANUP(heap) char *path = buf_steal(&b);
    if (r == 0 && path && !marker) {
        copy_to(tree, object, path);
        return;
    }
    int status = r < 0   ? refuse(tree, object->key, "no file can have its name")
                 : !path ? pail_fail_memory(tree->run)
                         : make_directory(tree, object, path, name.len > 0);
    if (status != EXIT_OK)
        told(tree, status, 0);
}

/* Not before there is something to put into it. */
static int make_root(struct tree *tree)
{
    if (!tree->made && mkdir(tree->directory, DIRECTORY_MODE) < 0 && errno != EEXIST)
        return cp_fail_local(tree->run, tree->bucket, str_of(NULL, 0), tree->directory, -errno);
    tree->made = true;
    return EXIT_OK;
}

/* Takes every object of a page. */
static int take_page(struct tree *tree, struct pail_keys *keys, size_t *found)
{
    struct pail_s3_list_objects_v2_output page = {0};
    int status = pail_keys_next(tree->run, keys, &page);
    if (status == EXIT_OK && page.contents.count > 0)
        status = make_root(tree);
    for (size_t i = 0; status == EXIT_OK && i < page.contents.count; i++)
        take(tree, &page.contents.items[i]);
    *found += page.contents.count;
    pail_output_free(&pail_s3_list_objects_v2_operation, &page);
    return status;
}

int cp_tree(struct pail_run *run, struct pail_str bucket, struct pail_str prefix,
            const char *directory, size_t *ret_found)
{
    const struct cp_settings *settings = run->arguments->settings;
    struct tree tree = {
        .run = run, .bucket = bucket, .prefix_len = prefix.len, .directory = directory};
    struct pail_keys keys;
    int status = EXIT_OK;
    *ret_found = 0;
    tree.few = cp_few_new(run, bucket, told, tick, &tree);
    if (!tree.few)
        return pail_fail_memory(run);
    progress_start(&tree.progress, settings->quiet ? -1 : STDERR_FILENO, &clock_system,
                   tree.name, PROGRESS_UNKNOWN);
    pail_keys_init(&keys, bucket, prefix);
    while (status == EXIT_OK && keys.more)
        status = take_page(&tree, &keys, ret_found);
    if (status != EXIT_OK)
        told(&tree, status, 0);
    cp_few_finish(tree.few);
    progress_end(&tree.progress);
    pail_keys_done(&keys);
    cp_few_free(tree.few);
    return tree.first;
}
