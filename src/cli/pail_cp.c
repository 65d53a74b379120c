#include "cli/pail_arguments.h"
#include "cli/pail_copy.h"
#include "cli/pail_output.h"

#include "aws/checksum.h"
#include "cli/partial_file.h"
#include "cli/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <pail/s3.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES_MAX   65536
#define PART_DEFAULT     (8 * UINT64_C(1024) * 1024)
#define PARALLEL_DEFAULT 8

struct cp_settings {
    bool quiet;
    uint64_t part_size;
    unsigned parallel;
    const char *version_id;
};

static const struct option rows[] = {
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

/* One object on its way. */
struct cp {
    struct pail_run *run;
    struct pail_str bucket, key;
    const char *path; /* NULL: standard output */
    struct pail_s3_head_object_output head;
    struct checksum checksum;
    struct partial_file file;
    int fd;
    uint64_t copied;
    struct progress progress;
};

/* ---- local failures ---- */

static int fail_local(struct cp *cp, int r)
{
    if (r == -EPIPE && !cp->path)
        return EXIT_PIPE;
    buf_add_escaped(&cp->run->line, str_c(cp->path ? cp->path : "standard output"));
    buf_addf(&cp->run->line, ": %s", strerror(-r));
    return EXIT_FAILED;
}

static int fail_protocol(struct cp *cp, int kind, int sys, const char *words)
{
    struct pail_error error = {.sys = sys, .kind = kind};
    str_copy(error.request_id, sizeof(error.request_id), cp->head.response.request_id);
    str_copy(error.message, sizeof(error.message), str_c(words));
    return pail_fail(cp->run, cp->bucket, cp->key, &error);
}

/* ---- what the object is ---- */

/* Its checksum, where the service has one of the whole. 0 or -ENOMEM. */
static int choose_checksum(struct cp *cp)
{
    CLEANUP_DONE(http_headers) struct http_headers headers;
    http_headers_init(&headers);
    const struct pail_response *response = &cp->head.response;
    for (size_t i = 0; i < response->header_count; i++) {
        if (http_headers_add(&headers, response->headers[i].name, response->headers[i].value) <
            0)
            return -ENOMEM;
    }
    return checksum_choose(&cp->checksum, &headers);
}

static int ask(struct cp *cp)
{
    const struct cp_settings *settings = cp->run->arguments->settings;
    const struct pail_call_options limits = pail_limits(cp->run);
    const struct pail_s3_head_object_input in = {
        .bucket = cp->bucket,
        .key = cp->key,
        .version_id = str_c(settings->version_id),
        .checksum_mode = PAIL_STR("ENABLED"),
    };
    struct pail_error error = {0};
    if (pail_s3_head_object(cp->run->client, &in, &cp->head, &limits, &error) < 0)
        return pail_fail(cp->run, cp->bucket, cp->key, &error);
    struct pail_str etag = cp->head.etag;
    if (!cp->head.content_length.present || cp->head.content_length.value < 0)
        return fail_protocol(cp, PAIL_ERROR_PARSE, EPROTO, "the service does not say its size");
    if (etag.len == 0 || str_starts(etag, PAIL_STR("W/")))
        return fail_protocol(cp, PAIL_ERROR_PARSE, EPROTO,
                             "the service gives it no strong ETag, by which its parts could be "
                             "told to be of one version");
    return choose_checksum(cp) < 0 ? pail_fail_memory(cp->run) : EXIT_OK;
}

/* ---- the content ---- */

static int take(void *user, const void *data, size_t len)
{
    struct cp *cp = user;
    checksum_update(&cp->checksum, data, len);
    cp->copied += len;
    return pail_write(cp->fd, data, len);
}

static void tick(void *user)
{
    struct cp *cp = user;
    progress_tell(&cp->progress, cp->copied);
}

static int fetch(struct cp *cp)
{
    const struct pail_arguments *a = cp->run->arguments;
    const struct cp_settings *settings = a->settings;
    const struct pail_copy copy = {
        .client = cp->run->client,
        .bucket = cp->bucket,
        .key = cp->key,
        .version_id = str_c(settings->version_id),
        .etag = cp->head.etag,
        .size = (uint64_t)cp->head.content_length.value,
        .part_size = settings->part_size ? settings->part_size : PART_DEFAULT,
        .parallel = settings->parallel ? settings->parallel : PARALLEL_DEFAULT,
        .timeout_ms = a->options.timeout_ms,
        .take = take,
        .tick = tick,
        .user = cp,
    };
    struct pail_error error = {0};
    int r = pail_copy(&copy, &error);
    if (error.sys == ESTALE)
        str_copy(error.message, sizeof(error.message),
                 PAIL_STR("the object was replaced while it was copied"));
    if (error.sys != 0)
        return pail_fail(cp->run, cp->bucket, cp->key, &error);
    if (r < 0)
        return fail_local(cp, r);
    if (checksum_verify(&cp->checksum) < 0) {
        CLEANUP_DONE(buf) struct buf words;
        buf_init(&words, 256);
        buf_addf(&words, "what arrived has not the %s of the object", cp->checksum.name);
        return fail_protocol(cp, PAIL_ERROR_CHECKSUM, EBADMSG, buf_c(&words));
    }
    return EXIT_OK;
}

static int fetch_shown(struct cp *cp)
{
    const struct cp_settings *settings = cp->run->arguments->settings;
    CLEANUP(heap) char *name = str_dup(cp->key);
    if (!name)
        return pail_fail_memory(cp->run);
    bool shown = !settings->quiet && !isatty(cp->fd);
    progress_start(&cp->progress, shown ? STDERR_FILENO : -1, &clock_system, name,
                   (uint64_t)cp->head.content_length.value);
    int status = fetch(cp);
    progress_end(&cp->progress);
    return status;
}

/* ---- where it goes ---- */

/* A disk that is too full is told before anything is fetched; what cannot tell is tried. */
static int reserve(struct cp *cp)
{
    off_t size = (off_t)cp->head.content_length.value;
    if (cp->file.in_place || size == 0 || fallocate(cp->fd, FALLOC_FL_KEEP_SIZE, 0, size) == 0)
        return 0;
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? -errno : 0;
}

static int to_file(struct cp *cp)
{
    int r = partial_file_open(&cp->file, cp->path);
    cp->fd = cp->file.fd;
    if (r == 0)
        r = reserve(cp);
    int status = r < 0 ? fail_local(cp, r) : fetch_shown(cp);
    if (status == EXIT_OK) {
        r = partial_file_commit(&cp->file);
        status = r < 0 ? fail_local(cp, r) : EXIT_OK;
    }
    partial_file_done(&cp->file);
    return status;
}

static int copy_one(struct pail_run *run, struct pail_str bucket, struct pail_str key,
                    const char *path)
{
    struct cp cp = {
        .run = run, .bucket = bucket, .key = key, .path = path, .fd = STDOUT_FILENO};
    int status = ask(&cp);
    if (status == EXIT_OK)
        status = path ? to_file(&cp) : fetch_shown(&cp);
    checksum_done(&cp.checksum);
    pail_output_free(&pail_s3_head_object_operation, &cp.head);
    return status;
}

/* ---- the words ---- */

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

static int copy_word(struct pail_run *run, const char *url, const char *target, bool into)
{
    struct pail_str bucket, key;
    CLEANUP_DONE(buf) struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    if (pail_arguments_url(url, &bucket, &key, &run->line) < 0)
        return EXIT_USAGE;
    if (key.len == 0 || (into && !add_path_in(&path, target, key))) {
        buf_add_escaped(&run->line, str_c(url));
        buf_add_c(&run->line, key.len == 0 ? ": names no object"
                                           : ": its last part cannot be the name of a file");
        return EXIT_USAGE;
    }
    if (buf_failed(&path))
        return pail_fail_memory(run);
    if (into)
        target = buf_c(&path);
    return copy_one(run, bucket, key, str_eq_c(str_c(target), "-") ? NULL : target);
}

static int run_cp(struct pail_run *run)
{
    const struct pail_arguments *a = run->arguments;
    const char *target = a->words[a->word_count - 1];
    bool into = is_directory(target);
    bool several = a->word_count > 2 && !into && !str_eq_c(str_c(target), "-");
    if (several || !*target || str_starts(str_c(target), PAIL_STR("s3://"))) {
        buf_add_escaped(&run->line, str_c(target));
        buf_add_c(&run->line, several ? ": is not a directory" : ": is not a file to write to");
        return EXIT_USAGE;
    }
    int first = EXIT_OK;
    for (size_t i = 0; i + 1 < a->word_count && first != EXIT_PIPE; i++) {
        int status = pail_complain(run, copy_word(run, a->words[i], target, into));
        if (first == EXIT_OK || status == EXIT_PIPE)
            first = status;
    }
    return first;
}

const struct pail_command pail_command_cp = {
    .name = "cp",
    .usage = "s3://BUCKET/KEY... FILE|DIRECTORY|-",
    .summary = "copies objects to files, by several requests at a time",
    .about = "A file is there when it is whole and verified; else nothing is left of it.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct cp_settings),
    .words_min = 2,
    .run = run_cp,
};
