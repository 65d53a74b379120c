#include "services/list_pages.h"

#include "base/str.h"
#include "unit/check.h"

#include <errno.h>
#include <pail/kinesis.h>
#include <pail/lambda_functions.h>
#include <pail/logs.h>
#include <pail/s3.h>
#include <stdio.h>

/* An output of any of the operations, with items that nobody looks into but for names. */
union output {
    struct pail_s3_list_buckets_output buckets;
    struct pail_s3_list_objects_v2_output objects;
    struct pail_logs_describe_log_groups_output log_groups;
    struct pail_logs_describe_log_streams_output log_streams;
    struct pail_kinesis_list_streams_output streams;
    struct pail_kinesis_list_shards_output shards;
    struct pail_lambda_list_functions_output functions;
};

static const struct pail_str names[] = {PAIL_STR("a"), PAIL_STR("b")};

/* Each listing: a page with `count` names on it and a token, either as absent as asked for. */
static void set_buckets(union output *out, size_t count, struct pail_str next)
{
    out->buckets.buckets.items = (const void *)names;
    out->buckets.buckets.count = count;
    out->buckets.continuation_token = next;
}

static void set_objects(union output *out, size_t count, struct pail_str next)
{
    out->objects.is_truncated = PAIL_BOOL(next.len > 0);
    out->objects.contents.count = count;
    out->objects.next_continuation_token = next;
}

static void set_log_groups(union output *out, size_t count, struct pail_str next)
{
    out->log_groups.log_groups.items = (const void *)names;
    out->log_groups.log_groups.count = count;
    out->log_groups.next_token = next;
}

static void set_log_streams(union output *out, size_t count, struct pail_str next)
{
    out->log_streams.log_streams.items = (const void *)names;
    out->log_streams.log_streams.count = count;
    out->log_streams.next_token = next;
}

static void set_streams(union output *out, size_t count, struct pail_str next)
{
    out->streams.stream_names.items = names;
    out->streams.stream_names.count = count;
    out->streams.next_token = next;
}

static void set_shards(union output *out, size_t count, struct pail_str next)
{
    out->shards.shards.items = (const void *)names;
    out->shards.shards.count = count;
    out->shards.next_token = next;
}

static void set_functions(union output *out, size_t count, struct pail_str next)
{
    out->functions.functions.items = (const void *)names;
    out->functions.functions.count = count;
    out->functions.next_marker = next;
}

static const struct {
    const struct list_form *form;
    void (*set)(union output *out, size_t count, struct pail_str next);
    const char *refusal;
} lists[] = {
    {&list_of_buckets, set_buckets, "the answer is not a list of buckets"},
    {&list_of_objects, set_objects, "the answer is not a listing of a bucket"},
    {&list_of_log_groups, set_log_groups, "the answer is not a list of log groups"},
    {&list_of_log_streams, set_log_streams, "the answer is not a list of log streams"},
    {&list_of_streams, set_streams, "the answer is not a list of streams"},
    {&list_of_shards, set_shards, "the answer is not a list of shards"},
    {&list_of_functions, set_functions, "the answer is not a list of functions"},
};

START_TEST(absent_is_not_empty)
{
    union output out = {.buckets = {.owner = NULL}};
    struct list_pages pages = {0};
    struct pail_str next;
    const char *reason = NULL;
    const struct list_form *form = lists[_i].form;
    ck_assert_int_eq(list_pages_take(&pages, form, &out, &reason), -EPROTO);
    ck_assert_str_eq(reason, lists[_i].refusal);
    ck_assert_int_eq(list_page_next(form, &out, str_of(NULL, 0), NULL, &next, &reason),
                     -EPROTO);
    lists[_i].set(&out, 0, str_of(NULL, 0));
    ck_assert_int_eq(list_pages_take(&pages, form, &out, &reason), 0);
    ck_assert_int_eq(list_page_next(form, &out, str_of(NULL, 0), NULL, &next, &reason), 0);
    ck_assert_ptr_null(pages.token);
}
END_TEST

START_TEST(goes_on_until_no_token_comes)
{
    union output out = {.buckets = {.owner = NULL}};
    CLEANUP_DONE(list_pages) struct list_pages pages = {0};
    const char *reason = NULL;
    const struct list_form *form = lists[_i].form;
    lists[_i].set(&out, 2, PAIL_STR("t"));
    ck_assert_int_eq(list_pages_take(&pages, form, &out, &reason), 1);
    ck_assert_str_eq(pages.token, "t");
    ck_assert_int_eq(list_pages_take(&pages, form, &out, &reason), -EPROTO);
    ck_assert_str_eq(reason, "the listing repeats its continuation token");
    ck_assert_str_eq(pages.token, "t");
    lists[_i].set(&out, 2, PAIL_STR("u"));
    ck_assert_int_eq(list_pages_take(&pages, form, &out, &reason), 1);
    ck_assert_str_eq(pages.token, "u");
    lists[_i].set(&out, 1, str_of(NULL, 0));
    ck_assert_int_eq(list_pages_take(&pages, form, &out, &reason), 0);
    ck_assert_ptr_null(pages.token);
}
END_TEST

/* One with a name on it begins the count anew. */
START_TEST(empty_pages_end)
{
    union output out = {.buckets = {.owner = NULL}};
    CLEANUP_DONE(list_pages) struct list_pages pages = {0};
    const char *reason = NULL;
    char token[16];
    int taken = 0, r = 1;
    for (int i = 1; r > 0 && i < 3 * LIST_EMPTY_PAGES_MAX; i++, taken++) {
        (void)snprintf(token, sizeof(token), "%d", i);
        lists[_i].set(&out, i == 500, str_c(token));
        r = list_pages_take(&pages, lists[_i].form, &out, &reason);
    }
    ck_assert_int_eq(r, -EPROTO);
    ck_assert_int_eq(taken, 500 + LIST_EMPTY_PAGES_MAX);
    ck_assert_str_eq(reason, "the listing goes on and on without a name");
}
END_TEST

START_TEST(more_without_a_place_is_refused)
{
    union output out = {.objects = {.is_truncated = PAIL_BOOL(true)}};
    struct pail_str next;
    const char *reason = NULL;
    ck_assert_int_eq(
        list_page_next(&list_of_objects, &out, str_of(NULL, 0), NULL, &next, &reason), -EPROTO);
    ck_assert_str_eq(reason, "the listing goes on but does not say where");
    out = (union output){.streams = {.has_more_streams = PAIL_BOOL(true)}};
    out.streams.stream_names.items = names;
    ck_assert_int_eq(
        list_page_next(&list_of_streams, &out, str_of(NULL, 0), NULL, &next, &reason), -EPROTO);
    out.streams.stream_names.count = 2;
    ck_assert_int_eq(
        list_page_next(&list_of_streams, &out, str_of(NULL, 0), NULL, &next, &reason), 1);
    check_str(next, "b");
    out.streams.next_token = PAIL_STR("t");
    ck_assert_int_eq(
        list_page_next(&list_of_streams, &out, str_of(NULL, 0), NULL, &next, &reason), 1);
    check_str(next, "t");
}
END_TEST

START_TEST(without_memory_nothing_changes)
{
    union output out = {.buckets = {.owner = NULL}};
    CLEANUP_DONE(list_pages) struct list_pages pages = {0};
    const char *reason = NULL;
    set_functions(&out, 1, PAIL_STR("t"));
    ck_assert_int_eq(list_pages_take(&pages, &list_of_functions, &out, &reason), 1);
    set_functions(&out, 1, PAIL_STR("u"));
    alloc_fail_after(0);
    int r = list_pages_take(&pages, &list_of_functions, &out, &reason);
    alloc_fail_after(-1);
    ck_assert_int_eq(r, -ENOMEM);
    ck_assert_str_eq(pages.token, "t");
}
END_TEST

SUITE_MAIN("services/list_pages",
           tcase_add_loop_test(tc, absent_is_not_empty, 0, (int)ARRAY_LEN(lists));
           tcase_add_loop_test(tc, goes_on_until_no_token_comes, 0, (int)ARRAY_LEN(lists));
           tcase_add_loop_test(tc, empty_pages_end, 0, (int)ARRAY_LEN(lists));
           tcase_add_test(tc, more_without_a_place_is_refused);
           tcase_add_test(tc, without_memory_nothing_changes));
