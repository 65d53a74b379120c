/* bench_raw: the requests that a filesystem would make, made by nothing but libcurl; prints
 * JSON. */
#include "samples.h"
#include "wire.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define LISTING_MAX ((size_t)8 * 1024 * 1024)
#define KEYS_MAX    ((size_t)1 << 30)
#define TEXT_BYTES  ((size_t)1024 * 1024)

static const char USAGE[] =
    "bench_raw get CONNECTIONS PART BUCKET/KEY SIZE [BUCKET/KEY SIZE]...   in ranges of PART "
    "bytes\n"
    "bench_raw list BUCKET PREFIX                        every key, a page after the other\n"
    "bench_raw small CONNECTIONS BUCKET PREFIX           the same, and get every one\n"
    "bench_raw random BUCKET/KEY OBJECT COUNT SEED SIZE  COUNT ranges of SIZE, one after the "
    "other\n"
    "bench_raw first                                     the first byte of each BUCKET/KEY on "
    "stdin\n"
    "bench_raw put CONNECTIONS BUCKET                    log text to each `SIZE KEY` on stdin\n"
    "bench_raw bucket BUCKET                             make it\n"
    "Endpoint, keys and region are taken from the environment, as the AWS command line does.\n";

/* What a run works through. */
struct work {
    struct wire *wire;
    char **names; /* get: pairs of a name and a size; first: NULL, from stdin */
    const char *bucket, *prefix;
    uint64_t part, offset, size, left;
    struct random random;
    struct samples samples;
    struct buf page;  /* list: the answer so far */
    struct buf token; /* and where the next page begins */
    struct buf keys;  /* every key, each NUL-terminated */
    size_t key_at;
    bool more, keep_keys;
    uint64_t keys_count;
    char *text;
};

static double cpu_seconds(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static uint64_t number(const char *text, uint64_t max)
{
    uint64_t value;
    if (num_size(str_c(text), max, &value) < 0) {
        (void)fprintf(stderr, "bench_raw: %s: not a number up to %llu\n", text,
                      (unsigned long long)max);
        exit(2);
    }
    return value;
}

static void set_object(struct wire_job *job, const char *name)
{
    job->target[0] = '/';
    job->target[1] = '\0';
    wire_add(job->target, name, strlen(name), true);
}

/* ---- get ---- */

static bool next_part(void *user, struct wire_job *job)
{
    struct work *work = user;
    if (work->offset == work->size) {
        if (!work->names[0])
            return false;
        work->prefix = *work->names++;
        work->size = number(*work->names++, UINT64_MAX);
        work->offset = 0;
    }
    set_object(job, work->prefix);
    job->offset = work->offset;
    job->len = work->size - work->offset < work->part ? work->size - work->offset : work->part;
    work->offset += job->len;
    return true;
}

/* ---- list ---- */

static bool next_page(void *user, struct wire_job *job)
{
    struct work *work = user;
    if (!work->more)
        return false;
    work->more = false;
    set_object(job, work->bucket);
    char *t = job->target;
    size_t len = strlen(t);
    t[len] = '?';
    t[len + 1] = '\0';
    if (work->token.len > 0) {
        len = strlen(t);
        (void)snprintf(t + len, WIRE_URL_MAX - len, "continuation-token=");
        wire_add(t, work->token.data, work->token.len, false);
        wire_add(t, "", 0, false);
        len = strlen(t);
        (void)snprintf(t + len, WIRE_URL_MAX - len, "&");
    }
    len = strlen(t);
    (void)snprintf(t + len, WIRE_URL_MAX - len, "list-type=2&max-keys=1000&prefix=");
    wire_add(t, work->prefix, strlen(work->prefix), false);
    buf_reset(&work->page);
    return true;
}

static void page_data(void *user, const char *data, size_t len)
{
    struct work *work = user;
    buf_add(&work->page, data, len);
}

/* The text of the element at or after *at, which moves behind it. Only names that need no
 * escapes are looked for. */
static bool element(const struct buf *page, const char *open, const char *close, size_t *at,
                    struct pail_str *ret)
{
    const char *from = page->data + *at;
    const char *begin = memmem(from, page->len - *at, open, strlen(open));
    if (!begin)
        return false;
    begin += strlen(open);
    const char *end =
        memmem(begin, (size_t)(page->data + page->len - begin), close, strlen(close));
    if (!end)
        return false;
    *ret = str_of(begin, (size_t)(end - begin));
    *at = (size_t)(end - page->data);
    return true;
}

static void page_done(void *user, int64_t began_ns, int64_t first_ns)
{
    struct work *work = user;
    struct pail_str key;
    size_t at = 0;
    (void)began_ns;
    (void)first_ns;
    if (buf_failed(&work->page))
        wire_die("a page is too large");
    while (element(&work->page, "<Key>", "</Key>", &at, &key)) {
        work->keys_count++;
        if (!work->keep_keys)
            continue;
        buf_add_str(&work->keys, key);
        buf_add_byte(&work->keys, '\0');
    }
    at = 0;
    buf_reset(&work->token);
    if (element(&work->page, "<NextContinuationToken>", "</NextContinuationToken>", &at,
                &key)) {
        buf_add_str(&work->token, key);
        work->more = true;
    }
}

static void list_all(struct work *work, const char *bucket, const char *prefix)
{
    const struct wire_calls calls = {
        .next = next_page, .data = page_data, .done = page_done, .user = work};
    work->bucket = bucket;
    work->prefix = prefix;
    buf_init(&work->page, LISTING_MAX);
    buf_init(&work->token, WIRE_URL_MAX);
    buf_init(&work->keys, KEYS_MAX);
    work->more = true;
    wire_run(work->wire, &calls);
}

/* ---- small: what was listed ---- */

static bool next_key(void *user, struct wire_job *job)
{
    struct work *work = user;
    if (work->key_at >= work->keys.len)
        return false;
    const char *key = work->keys.data + work->key_at;
    set_object(job, work->bucket);
    wire_add(job->target, "/", 1, true);
    wire_add(job->target, key, strlen(key), true);
    work->key_at += strlen(key) + 1;
    return true;
}

/* ---- random ---- */

static bool next_random(void *user, struct wire_job *job)
{
    struct work *work = user;
    if (work->left == 0)
        return false;
    work->left--;
    set_object(job, work->bucket);
    job->offset = random_u64(&work->random) % (work->size / work->part) * work->part;
    job->len = work->part;
    return true;
}

static void note_whole(void *user, int64_t began_ns, int64_t first_ns)
{
    struct work *work = user;
    (void)first_ns;
    samples_add(&work->samples, samples_now_ns() - began_ns);
}

/* ---- first ---- */

static bool next_line(char *line, size_t size)
{
    if (!fgets(line, (int)size, stdin))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static bool next_first(void *user, struct wire_job *job)
{
    char line[WIRE_URL_MAX / 4];
    (void)user;
    if (!next_line(line, sizeof(line)))
        return false;
    set_object(job, line);
    return true;
}

static void note_first(void *user, int64_t began_ns, int64_t first_ns)
{
    struct work *work = user;
    samples_add(&work->samples, first_ns - began_ns);
}

/* ---- put ---- */

static bool next_put(void *user, struct wire_job *job)
{
    struct work *work = user;
    char line[WIRE_URL_MAX / 4];
    if (!next_line(line, sizeof(line)))
        return false;
    char *key = strchr(line, ' ');
    if (!key)
        wire_die("a line is no `SIZE KEY`");
    *key++ = '\0';
    set_object(job, work->bucket);
    wire_add(job->target, "/", 1, true);
    wire_add(job->target, key, strlen(key), true);
    job->put = true;
    job->len = number(line, UINT64_MAX);
    job->offset = work->left++ * 4099; /* so that objects differ */
    return true;
}

static void fill_text(void *user, uint64_t offset, char *data, size_t len)
{
    const struct work *work = user;
    while (len > 0) {
        size_t at = (size_t)(offset % TEXT_BYTES);
        size_t step = len < TEXT_BYTES - at ? len : TEXT_BYTES - at;
        memcpy(data, work->text + at, step);
        data += step;
        len -= step;
        offset += step;
    }
}

/* A MiB of log lines, one in fifty or so an error. */
static void make_text(struct work *work)
{
    static const char *const levels[] = {"INFO ", "DEBUG", "WARN "};
    size_t at = 0;
    work->text = malloc(TEXT_BYTES + 256);
    if (!work->text)
        wire_die("no memory");
    random_seed(&work->random, 1);
    while (at < TEXT_BYTES) {
        uint64_t r = random_u64(&work->random);
        const char *level = r % 50 == 0 ? "ERROR" : levels[r % ARRAY_LEN(levels)];
        at += (size_t)snprintf(
            work->text + at, 256,
            "2026-11-22T10:%02u:%02u.%03uZ %s request=%016llx path=/v1/items/%u "
            "status=%u took=%ums\n",
            (unsigned)(r >> 8) % 60, (unsigned)(r >> 16) % 60, (unsigned)(r >> 24) % 1000,
            level, (unsigned long long)r, (unsigned)(r >> 32) % 10000, r % 50 == 0 ? 500 : 200,
            (unsigned)(r >> 44) % 900);
    }
}

static bool next_bucket(void *user, struct wire_job *job)
{
    struct work *work = user;
    if (!work->more)
        return false;
    work->more = false;
    set_object(job, work->bucket);
    job->put = true;
    return true;
}

/* ---- the modes ---- */

static int run_get(struct work *work, char **args)
{
    const struct wire_calls calls = {.next = next_part, .user = work};
    work->wire = wire_new((unsigned)number(args[0], 128));
    work->part = number(args[1], UINT32_MAX);
    work->names = args + 2;
    wire_run(work->wire, &calls);
    return 0;
}

static int run_list(struct work *work, char **args)
{
    work->wire = wire_new(1);
    list_all(work, args[0], args[1]);
    return 0;
}

static int run_small(struct work *work, char **args)
{
    const struct wire_calls calls = {.next = next_key, .user = work};
    work->wire = wire_new((unsigned)number(args[0], 128));
    work->keep_keys = true;
    list_all(work, args[1], args[2]);
    if (buf_failed(&work->keys))
        wire_die("too many keys");
    wire_run(work->wire, &calls);
    return 0;
}

static int run_random(struct work *work, char **args)
{
    const struct wire_calls calls = {.next = next_random, .done = note_whole, .user = work};
    work->wire = wire_new(1);
    work->bucket = args[0];
    work->size = number(args[1], UINT64_MAX);
    work->left = number(args[2], UINT32_MAX);
    random_seed(&work->random, number(args[3], UINT32_MAX));
    work->part = number(args[4], UINT32_MAX);
    if (work->part == 0 || work->size < work->part)
        wire_die("the object is smaller than a read");
    wire_run(work->wire, &calls);
    return 0;
}

static int run_first(struct work *work, char **args)
{
    const struct wire_calls calls = {.next = next_first, .done = note_first, .user = work};
    (void)args;
    work->wire = wire_new(1);
    wire_run(work->wire, &calls);
    return 0;
}

static int run_put(struct work *work, char **args)
{
    const struct wire_calls calls = {.next = next_put, .fill = fill_text, .user = work};
    work->wire = wire_new((unsigned)number(args[0], 128));
    work->bucket = args[1];
    make_text(work);
    wire_run(work->wire, &calls);
    return 0;
}

static int run_bucket(struct work *work, char **args)
{
    const struct wire_calls calls = {.next = next_bucket, .fill = fill_text, .user = work};
    work->wire = wire_new(1);
    work->bucket = args[0];
    work->more = true;
    wire_run(work->wire, &calls);
    return 0;
}

static const struct mode {
    const char *name;
    int least; /* arguments after the name */
    int most;
    int (*run)(struct work *work, char **args);
} MODES[] = {
    {"get", 4, 1000, run_get},    {"list", 2, 2, run_list},   {"small", 3, 3, run_small},
    {"random", 5, 5, run_random}, {"first", 0, 0, run_first}, {"put", 2, 2, run_put},
    {"bucket", 1, 1, run_bucket},
};

static void report(struct work *work, int64_t began_ns, double cpu_before)
{
    (void)printf(
        "{\"seconds\": %.6f, \"cpu_seconds\": %.3f, \"requests\": %llu, \"bytes\": %llu, "
        "\"keys\": %llu, ",
        (double)(samples_now_ns() - began_ns) / 1e9, cpu_seconds() - cpu_before,
        (unsigned long long)wire_requests(work->wire),
        (unsigned long long)wire_bytes(work->wire), (unsigned long long)work->keys_count);
    samples_print(&work->samples);
    (void)printf("}\n");
}

static void work_done(struct work *work)
{
    wire_free(work->wire);
    samples_done(&work->samples);
    buf_done(&work->page);
    buf_done(&work->token);
    buf_done(&work->keys);
    free(work->text);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < ARRAY_LEN(MODES); i++) {
        const struct mode *mode = &MODES[i];
        int count = argc - 2;
        if (strcmp(argv[1], mode->name) != 0 || count < mode->least || count > mode->most)
            continue;
        struct work work = {0};
        double cpu = cpu_seconds();
        int64_t began = samples_now_ns();
        (void)mode->run(&work, argv + 2);
        report(&work, began, cpu);
        work_done(&work);
        return 0;
    }
    (void)fputs(USAGE, stderr);
    return 2;
}
