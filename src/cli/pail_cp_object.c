#include "cli/pail_cp.h"

#include "aws/checksum.h"
#include "cli/pail_copy.h"
#include "cli/partial_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pail/s3.h>
#include <unistd.h>

#define WORDS_MAX 65536 /* of a failure */

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

/* ---- failures ---- */

int cp_fail_local(struct pail_run *run, struct pail_str bucket, struct pail_str key,
                  const char *path, int r)
{
    CLEANUP_DONE(buf) struct buf words;
    buf_init(&words, WORDS_MAX);
    if (r == -EPIPE && !path)
        return EXIT_PIPE;
    if (!path)
        path = "standard output";
    buf_addf(&words, "%s: %s", path, strerror(-r));
    if (key.len > 0 && (r == -ENOTDIR || r == -EISDIR) && !buf_failed(&words))
        return pail_fail_because(run, bucket, key, buf_c(&words), EXIT_FAILED);
    return pail_fail_saying(run, path, strerror(-r), EXIT_FAILED);
}

static int fail_local(struct cp *cp, int r)
{
    return cp_fail_local(cp->run, cp->bucket, cp->key, cp->path, r);
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
        .part_size = cp_part_size(settings),
        .parallel = cp_parallel(settings),
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

int cp_object(struct pail_run *run, struct pail_str bucket, struct pail_str key,
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
