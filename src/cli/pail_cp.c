#include "cli/pail_cp.h"

#include "cli/pail_arguments.h"

#include <errno.h>
#include <pail/s3.h>
#include <sys/stat.h>

#define PATH_BYTES_MAX 65536

static const struct option rows[] = {
    PAIL_ROW(struct cp_settings, "recursive", OPTION_FLAG, recursive, .letter = 'r',
             .help = "every key below s3://BUCKET/PREFIX/, into DIRECTORY"),
    PAIL_ROW(struct cp_settings, "quiet", OPTION_FLAG, quiet, .letter = 'q',
             .help = "no progress on the terminal"),
    PAIL_ROW(struct cp_settings, "part_size", OPTION_SIZE, part_size, .argument = "SIZE",
             .min = 64 * 1024, .max = 1024 * 1024 * 1024,
             .help = "of one request; 8M by default"),
    PAIL_ROW(struct cp_settings, "parallel", OPTION_NUMBER, parallel, .argument = "N", .min = 1,
             .max = 64, .help = "such requests at a time; 8 by default"),
    PAIL_ROW(struct cp_settings, "version_id", OPTION_TEXT, version_id, .argument = "ID",
             .help = "of the object, where the bucket keeps several"),
};

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Appends the directory and what follows the key's last '/'. False if that is no file's name.
 */
static bool add_path_in(struct buf *b, const char *directory, struct pail_str key)
{
    size_t slash = str_rfind(key, '/');
    struct pail_str name = slash == key.len ? key : str_sub(key, slash + 1, key.len);
    if (name.len == 0 || str_eq_c(name, ".") || str_eq_c(name, ".."))
        return false;
    buf_add_c(b, directory);
    buf_add_c(b, str_ends(str_c(directory), PAIL_STR("/")) ? "" : "/");
    buf_add_str(b, name);
    return true;
}

/* Fills run->line: what was written, and what is wrong with it. */
static int refuse(struct pail_run *run, const char *word, const char *why)
{
    buf_add_escaped(&run->line, str_c(word));
    buf_add_c(&run->line, why);
    return EXIT_USAGE;
}

/* Whether there are objects below what is none itself. A question that fails answers nothing.
 */
static bool is_prefix(struct pail_run *run, struct pail_str bucket, struct pail_str key)
{
    const struct pail_operation *operation = &pail_s3_list_objects_v2_operation;
    const struct pail_call_options limits = pail_limits(run);
    CLEANUP_DONE(buf) struct buf prefix;
    buf_init(&prefix, PATH_BYTES_MAX);
    buf_add_str(&prefix, key);
    buf_add_byte(&prefix, '/');
    if (buf_failed(&prefix))
        return false;
    const struct pail_s3_list_objects_v2_input in = {
        .bucket = bucket, .prefix = buf_str(&prefix), .max_keys = PAIL_INT(1)};
    struct pail_s3_list_objects_v2_output out = {0};
    bool found = pail_call(run->client, operation, &in, &out, &limits, NULL) == 0 &&
                 out.contents.count > 0;
    pail_output_free(operation, &out);
    return found;
}

static int copy_word(struct pail_run *run, const char *url, const char *target)
{
    const struct cp_settings *settings = run->arguments->settings;
    struct pail_str bucket, key;
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    if (pail_arguments_url(url, &bucket, &key, &run->line) < 0)
        return EXIT_USAGE;
    if (key.len == 0)
        return refuse(run, url, ": names no object; -r copies all that is below it");
    if (is_directory(target)) {
        if (!add_path_in(&path, target, key))
            return refuse(run, url,
                          ": its last part cannot be the name of a file; -r copies all that is "
                          "below it");
        target = buf_c(&path);
    }
    if (buf_failed(&path))
        return pail_fail_memory(run);
    int status = cp_object(run, bucket, key, str_eq_c(str_c(target), "-") ? NULL : target);
    if (status == EXIT_MISSING && !settings->recursive && is_prefix(run, bucket, key)) {
        buf_reset(&run->line);
        (void)refuse(run, url,
                     ": is no object, but a directory; -r copies all that is below it");
    }
    return status;
}

/* -r: all that is below it, or, as with cp(1), the one object of that name. */
static int copy_word_below(struct pail_run *run, const char *url, const char *target)
{
    struct pail_str bucket, key;
    CLEANUP_DONE(buf) struct buf prefix;
    buf_init(&prefix, PATH_BYTES_MAX);
    if (pail_arguments_url(url, &bucket, &key, &run->line) < 0)
        return EXIT_USAGE;
    if (bucket.len == 0)
        return refuse(run, url, ": names no bucket");
    bool whole = key.len == 0 || str_ends(key, PAIL_STR("/"));
    buf_add_str(&prefix, key);
    buf_add_c(&prefix, whole ? "" : "/");
    if (buf_failed(&prefix))
        return pail_fail_memory(run);
    size_t found;
    int status = cp_tree(run, bucket, buf_str(&prefix), target, &found);
    if (status != EXIT_OK || found > 0 || key.len == 0)
        return status;
    return whole ? pail_fail_because(run, bucket, key, "no such prefix", EXIT_MISSING)
                 : copy_word(run, url, target);
}

/* NULL, or why nothing can be copied there. */
static const char *objection(const struct pail_arguments *a, const char *target)
{
    const struct cp_settings *settings = a->settings;
    struct stat st;
    bool there = stat(target, &st) == 0;
    bool directory = there && S_ISDIR(st.st_mode);
    if (str_starts(str_c(target), PAIL_STR("s3://")))
        return ": is not a file to write to; objects are copied to files only";
    if (!*target)
        return ": is not a file to write to";
    if (str_eq_c(str_c(target), "-"))
        return settings->recursive ? ": is not a directory" : NULL;
    bool must = settings->recursive ? there : a->word_count > 2;
    return must && !directory ? ": is not a directory" : NULL;
}

static int run_cp(struct pail_run *run)
{
    const struct pail_arguments *a = run->arguments;
    const struct cp_settings *settings = a->settings;
    const char *target = a->words[a->word_count - 1];
    const char *why = objection(a, target);
    if (why)
        return refuse(run, target, why);
    int first = EXIT_OK;
    for (size_t i = 0; i + 1 < a->word_count && first != EXIT_PIPE; i++) {
        int status = settings->recursive ? copy_word_below(run, a->words[i], target)
                                         : copy_word(run, a->words[i], target);
        pail_complain(run, status);
        if (first == EXIT_OK || status == EXIT_PIPE)
            first = status;
    }
    return first;
}

static int settle(void *settings, struct buf *reason)
{
    const struct cp_settings *cp = settings;
    if (!cp->recursive || !cp->version_id)
        return 0;
    buf_add_c(reason, "option --version-id: with --recursive there is no one object");
    return -EINVAL;
}

const struct pail_command pail_command_cp = {
    .name = "cp",
    .usage = "s3://BUCKET/KEY... FILE|DIRECTORY|-",
    .summary = "copies objects to files, by several requests at a time",
    .about = "A file is there when it is whole and verified; else nothing is left of it.\n"
             "-r s3://BUCKET[/PREFIX]... DIRECTORY copies all keys below PREFIX/.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct cp_settings),
    .words_min = 2,
    .settle = settle,
    .run = run_cp,
};
