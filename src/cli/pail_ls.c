#include "cli/failure_line.h"
#include "cli/pail_output.h"

#include "base/date.h"

#include <inttypes.h>
#include <pail/s3.h>

#define PAGE_TEXT_MAX (16 * 1024 * 1024) /* of one page of names, printed */
#define DATE_COLUMN   20
#define SIZE_COLUMN   13

static void add_date(struct buf *b, struct pail_time time)
{
    size_t start = b->len;
    time.nanoseconds = 0;
    if (time.present)
        buf_add_iso8601(b, time);
    while (!buf_failed(b) && b->len - start < DATE_COLUMN)
        buf_add_byte(b, ' ');
}

static int print_buckets(struct pail_run *run)
{
    struct pail_s3_list_buckets_output out = {0};
    struct pail_error error = {0};
    const struct pail_operation *operation = &pail_s3_list_buckets_operation;
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, PAGE_TEXT_MAX);
    int status = EXIT_OK;
    if (pail_s3_list_buckets(run->client, NULL, &out, NULL, &error) < 0)
        status = pail_fail(run, PAIL_STR(""), PAIL_STR(""), &error);
    for (size_t i = 0; status == EXIT_OK && i < out.buckets.count; i++) {
        add_date(&b, out.buckets.items[i].creation_date);
        buf_add_byte(&b, ' ');
        pail_add_name(&b, out.buckets.items[i].name);
        buf_add_byte(&b, '\n');
    }
    pail_output_free(operation, &out);
    if (buf_failed(&b))
        return pail_fail_memory(run);
    return status == EXIT_OK ? pail_print(run, buf_str(&b)) : status;
}

/* Names are shown below `base`, the part of the asked prefix up to its last '/'. */
static void add_directory(struct buf *b, struct pail_str prefix, size_t base)
{
    buf_addf(b, "%*s ", DATE_COLUMN + SIZE_COLUMN, "DIR");
    pail_add_name(b, str_sub(prefix, base, prefix.len));
    buf_add_byte(b, '\n');
}

static void add_object(struct buf *b, const struct pail_s3_object *object, size_t base)
{
    add_date(b, object->last_modified);
    buf_addf(b, "%*" PRId64 " ", SIZE_COLUMN, object->size.value);
    pail_add_name(b, str_sub(object->key, base, object->key.len));
    buf_add_byte(b, '\n');
}

/* One page, directories and objects in one order. */
static void add_page(struct buf *b, const struct pail_s3_list_objects_v2_output *page,
                     size_t base)
{
    size_t d = 0, o = 0;
    while (d < page->common_prefixes.count || o < page->contents.count) {
        bool directory =
            o == page->contents.count ||
            (d < page->common_prefixes.count &&
             str_cmp(page->common_prefixes.items[d].prefix, page->contents.items[o].key) < 0);
        if (directory)
            add_directory(b, page->common_prefixes.items[d++].prefix, base);
        else
            add_object(b, &page->contents.items[o++], base);
    }
}

static size_t base_of(const struct pail_run *run, struct pail_str prefix)
{
    size_t slash = str_rfind(prefix, '/');
    return run->arguments->recursive || slash == prefix.len ? 0 : slash + 1;
}

static int print_objects(struct pail_run *run, struct pail_str bucket, struct pail_str prefix)
{
    const struct pail_operation *operation = &pail_s3_list_objects_v2_operation;
    CLEANUP_DONE(buf) struct buf text, cursor;
    buf_init(&text, PAGE_TEXT_MAX);
    buf_init(&cursor, 65536);
    struct pail_s3_list_objects_v2_input in = {.bucket = bucket, .prefix = prefix};
    if (!run->arguments->recursive)
        in.delimiter = PAIL_STR("/");
    size_t found = 0;
    int status;
    bool more;
    do {
        struct pail_s3_list_objects_v2_output out = {0};
        struct pail_error error = {0};
        if (pail_s3_list_objects_v2(run->client, &in, &out, NULL, &error) < 0) {
            pail_output_free(operation, &out);
            return pail_fail(run, bucket, prefix, &error);
        }
        found += out.contents.count + out.common_prefixes.count;
        buf_reset(&text);
        add_page(&text, &out, base_of(run, prefix));
        buf_reset(&cursor);
        buf_add_str(&cursor, out.next_continuation_token);
        in.continuation_token = buf_str(&cursor);
        more = out.is_truncated.value && cursor.len > 0;
        pail_output_free(operation, &out);
        if (buf_failed(&text) || buf_failed(&cursor))
            return pail_fail_memory(run);
        status = pail_print(run, buf_str(&text));
    } while (status == EXIT_OK && more);
    if (status == EXIT_OK && found == 0 && prefix.len > 0) {
        buf_add_c(&run->line, "s3://");
        buf_add_escaped(&run->line, bucket);
        buf_add_byte(&run->line, '/');
        buf_add_escaped(&run->line, prefix);
        buf_add_c(&run->line, ": no such key or prefix");
        return EXIT_MISSING;
    }
    return status;
}

static int run_ls(struct pail_run *run, struct pail_str bucket, struct pail_str key)
{
    return bucket.len == 0 ? print_buckets(run) : print_objects(run, bucket, key);
}

const struct pail_command pail_command_ls = {
    .name = "ls",
    .usage = "[-R|--recursive] s3://[BUCKET[/PREFIX]]...",
    .help = "lists buckets, or keys that start with PREFIX: up to the next '/', -R: all",
    .switches = TAKES_RECURSIVE,
    .run = run_ls,
};
