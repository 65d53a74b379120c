#include "services/list_pages.h"

#include "base/str.h"

#include <errno.h>
#include <pail/kinesis.h>
#include <pail/lambda_functions.h>
#include <pail/logs.h>
#include <pail/s3.h>

/* ---- the listings ---- */

static struct list_page page_of(const void *items, size_t count, struct pail_str next)
{
    return (struct list_page){
        .listed = items, .count = count, .more = next.len > 0, .next = next};
}

static struct list_page read_buckets(const void *user)
{
    const struct pail_s3_list_buckets_output *out = user;
    return page_of(out->buckets.items, out->buckets.count, out->continuation_token);
}

/* Its lists are bare elements: absent ones are empty. */
static struct list_page read_objects(const void *user)
{
    const struct pail_s3_list_objects_v2_output *out = user;
    return (struct list_page){.listed = out->is_truncated.present,
                              .count = out->contents.count + out->common_prefixes.count,
                              .more = out->is_truncated.value,
                              .next = out->next_continuation_token};
}

static struct list_page read_log_groups(const void *user)
{
    const struct pail_logs_describe_log_groups_output *out = user;
    return page_of(out->log_groups.items, out->log_groups.count, out->next_token);
}

static struct list_page read_log_streams(const void *user)
{
    const struct pail_logs_describe_log_streams_output *out = user;
    return page_of(out->log_streams.items, out->log_streams.count, out->next_token);
}

/* Services without tokens go on after the last name. */
static struct list_page read_streams(const void *user)
{
    const struct pail_kinesis_list_streams_output *out = user;
    struct list_page page =
        page_of(out->stream_names.items, out->stream_names.count, out->next_token);
    bool more = out->has_more_streams.value;
    if (out->has_more_streams.present)
        page.more = more;
    if (more && page.next.len == 0 && page.count > 0)
        page.next = out->stream_names.items[page.count - 1];
    return page;
}

static struct list_page read_shards(const void *user)
{
    const struct pail_kinesis_list_shards_output *out = user;
    return page_of(out->shards.items, out->shards.count, out->next_token);
}

static struct list_page read_functions(const void *user)
{
    const struct pail_lambda_list_functions_output *out = user;
    return page_of(out->functions.items, out->functions.count, out->next_marker);
}

const struct list_form list_of_buckets = {&pail_s3_list_buckets_operation,
                                          "the answer is not a list of buckets", read_buckets};
const struct list_form list_of_objects = {&pail_s3_list_objects_v2_operation,
                                          "the answer is not a listing of a bucket",
                                          read_objects};
const struct list_form list_of_log_groups = {&pail_logs_describe_log_groups_operation,
                                             "the answer is not a list of log groups",
                                             read_log_groups};
const struct list_form list_of_log_streams = {&pail_logs_describe_log_streams_operation,
                                              "the answer is not a list of log streams",
                                              read_log_streams};
const struct list_form list_of_streams = {&pail_kinesis_list_streams_operation,
                                          "the answer is not a list of streams", read_streams};
const struct list_form list_of_shards = {&pail_kinesis_list_shards_operation,
                                         "the answer is not a list of shards", read_shards};
const struct list_form list_of_functions = {&pail_lambda_list_functions_operation,
                                            "the answer is not a list of functions",
                                            read_functions};

/* ---- pages ---- */

static int refuse(const char **ret_reason, const char *reason)
{
    *ret_reason = reason;
    return -EPROTO;
}

static int next_of(const struct list_form *form, const struct list_page *page,
                   struct pail_str sent, const char **ret_reason)
{
    if (!page->listed)
        return refuse(ret_reason, form->refusal);
    if (!page->more)
        return 0;
    if (page->next.len == 0)
        return refuse(ret_reason, "the listing goes on but does not say where");
    if (str_eq(page->next, sent))
        return refuse(ret_reason, "the listing repeats its continuation token");
    return 1;
}

int list_page_next(const struct list_form *form, const void *out, struct pail_str sent,
                   unsigned *empty, struct pail_str *ret_next, const char **ret_reason)
{
    struct list_page page = form->read(out);
    int r = next_of(form, &page, sent, ret_reason);
    if (r < 0)
        return r;
    if (empty)
        *empty = page.count > 0 ? 0 : *empty + 1;
    if (r > 0 && empty && *empty >= LIST_EMPTY_PAGES_MAX)
        return refuse(ret_reason, "the listing goes on and on without a name");
    if (r > 0)
        *ret_next = page.next;
    return r;
}

int list_pages_take(struct list_pages *pages, const struct list_form *form, const void *out,
                    const char **ret_reason)
{
    struct pail_str next;
    int r = list_page_next(form, out, str_c(pages->token), &pages->empty, &next, ret_reason);
    if (r < 0)
        return r;
    char *token = r > 0 ? str_dup(next) : NULL;
    if (r > 0 && !token)
        return -ENOMEM;
    free(pages->token);
    pages->token = token;
    return r;
}

void list_pages_done(struct list_pages *pages)
{
    free(STEAL(pages->token));
    pages->empty = 0;
}
