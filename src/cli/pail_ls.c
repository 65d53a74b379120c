#include "cli/pail_keys.h"

#include "base/date.h"
#include "cli/human.h"
#include "cli/pail_listing.h"

#include <inttypes.h>

#define PAGE_TEXT_MAX (16 * 1024 * 1024) /* of one page of names, printed */
#define DATE_COLUMN   20
#define SIZE_COLUMN   13
#define HUMAN_COLUMN  (HUMAN_SIZE_MAX + 1)

struct ls_settings {
    bool recursive, human;
};

static const struct option rows[] = {
    PAIL_ROW(struct ls_settings, "recursive", OPTION_FLAG, recursive, .letter = 'R',
             .help = "every key that starts with PREFIX"),
    PAIL_ROW(struct ls_settings, "human", OPTION_FLAG, human, .letter = 'h',
             .help = "sizes as 1.5K, 20M, 3.1G"),
};

/* A listing as it is shown. */
struct shown {
    const struct ls_settings *settings;
    size_t
        base; /* names are shown below it: the length of the asked prefix up to its last '/' */
};

static void add_date(struct buf *b, struct pail_time time)
{
    size_t start = b->len;
    time.nanoseconds = 0;
    if (time.present)
        buf_add_iso8601(b, time);
    while (!buf_failed(b) && b->len - start < DATE_COLUMN)
        buf_add_byte(b, ' ');
}

/* ---- buckets ---- */

static void add_bucket(struct buf *b, const void *item, const void *settings)
{
    const struct pail_s3_bucket *bucket = item;
    (void)settings;
    add_date(b, bucket->creation_date);
    buf_add_byte(b, ' ');
    pail_add_name(b, bucket->name);
}

static void turn_buckets(void *in, const void *out, struct pail_str token)
{
    (void)out;
    ((struct pail_s3_list_buckets_input *)in)->continuation_token = token;
}

static int print_buckets(struct pail_run *run)
{
    struct pail_s3_list_buckets_input in = {0};
    struct pail_s3_list_buckets_output out = {0};
    struct pail_listing listing = {
        .subject = "s3://",
        .form = &list_of_buckets,
        .in = &in,
        .out = &out,
        .turn = turn_buckets,
        .member = "Buckets",
        .add = add_bucket,
    };
    return pail_list(run, &listing);
}

/* ---- keys ---- */

static void add_directory(struct buf *b, const struct shown *shown, struct pail_str prefix)
{
    int column = shown->settings->human ? HUMAN_COLUMN : SIZE_COLUMN;
    buf_addf(b, "%*s ", DATE_COLUMN + column, "DIR");
    pail_add_name(b, str_sub(prefix, shown->base, prefix.len));
    buf_add_byte(b, '\n');
}

static void add_object(struct buf *b, const struct shown *shown,
                       const struct pail_s3_object *object)
{
    add_date(b, object->last_modified);
    if (shown->settings->human && object->size.value >= 0) {
        CLEANUP_DONE(buf) struct buf size;
        buf_init(&size, 32);
        human_add_size(&size, (uint64_t)object->size.value);
        buf_addf(b, "%*s ", HUMAN_COLUMN, buf_c(&size));
    } else {
        buf_addf(b, "%*" PRId64 " ", SIZE_COLUMN, object->size.value);
    }
    pail_add_name(b, str_sub(object->key, shown->base, object->key.len));
    buf_add_byte(b, '\n');
}

/* One page, directories and objects in one order. */
static void add_page(struct buf *b, const struct shown *shown,
                     const struct pail_s3_list_objects_v2_output *page)
{
    size_t d = 0, o = 0;
    while (d < page->common_prefixes.count || o < page->contents.count) {
        bool directory =
            o == page->contents.count ||
            (d < page->common_prefixes.count &&
             str_cmp(page->common_prefixes.items[d].prefix, page->contents.items[o].key) < 0);
        if (directory)
            add_directory(b, shown, page->common_prefixes.items[d++].prefix);
        else
            add_object(b, shown, &page->contents.items[o++]);
    }
}

static struct shown shown_of(const struct pail_run *run, struct pail_str prefix)
{
    const struct ls_settings *settings = run->arguments->settings;
    size_t slash = str_rfind(prefix, '/');
    bool whole = settings->recursive || slash == prefix.len;
    return (struct shown){.settings = settings, .base = whole ? 0 : slash + 1};
}

/* Prints the next page, and counts what is on it. */
static int print_page(struct pail_run *run, const struct shown *shown, struct pail_keys *keys,
                      size_t *found)
{
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, PAGE_TEXT_MAX);
    struct pail_s3_list_objects_v2_output page = {0};
    int status = pail_keys_next(run, keys, &page);
    if (status == EXIT_OK)
        add_page(&text, shown, &page);
    *found += page.contents.count + page.common_prefixes.count;
    pail_output_free(&pail_s3_list_objects_v2_operation, &page);
    if (buf_failed(&text))
        return pail_fail_memory(run);
    return status == EXIT_OK ? pail_print(run, buf_str(&text)) : status;
}

static int print_objects(struct pail_run *run, struct pail_str bucket, struct pail_str prefix)
{
    const struct shown shown = shown_of(run, prefix);
    struct pail_keys keys;
    size_t found = 0;
    int status = EXIT_OK;
    pail_keys_init(&keys, bucket, prefix);
    if (!shown.settings->recursive)
        keys.in.delimiter = PAIL_STR("/");
    while (status == EXIT_OK && keys.more)
        status = print_page(run, &shown, &keys, &found);
    pail_keys_done(&keys);
    if (status != EXIT_OK || found > 0 || prefix.len == 0)
        return status;
    return pail_fail_because(run, bucket, prefix, "no such key or prefix", EXIT_MISSING);
}

static int ls_one(struct pail_run *run, struct pail_str bucket, struct pail_str key)
{
    int status = pail_print_heading(run, bucket, key);
    if (status != EXIT_OK)
        return status;
    return bucket.len == 0 ? print_buckets(run) : print_objects(run, bucket, key);
}

static int run_ls(struct pail_run *run)
{
    return run->arguments->word_count == 0 ? print_buckets(run) : pail_each_url(run, ls_one);
}

const struct pail_command pail_command_ls = {
    .name = "ls",
    .usage = "[s3://[BUCKET[/PREFIX]]...]",
    .summary = "lists buckets, or keys up to the next '/'",
    .about = "Without a URL: all buckets.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct ls_settings),
    .run = run_ls,
};
