/* The S3 source where memory ends: wherever it happens, a request is done once and says so. */
#include "unit/fs/memory_rig.h"

#define BODY "0123456789"
#define PAGE                                                                                   \
    "<ListBucketResult><IsTruncated>true</IsTruncated>"                                        \
    "<NextContinuationToken>t</NextContinuationToken>"                                         \
    "<Contents><Key>d/x</Key><Size>10</Size><ETag>\"e\"</ETag></Contents>"                     \
    "<CommonPrefixes><Prefix>d/y/</Prefix></CommonPrefixes></ListBucketResult>"
#define EMPTY_PAGE "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"

static void respond(void *user, const struct scripted_request *request,
                    struct scripted_response *ret)
{
    (void)user;
    bool list = strstr(buf_c(&request->url), "list-type") != NULL;
    bool lookup = strstr(buf_c(&request->url), "max-keys=1") != NULL;
    *ret = (struct scripted_response){
        .status = 200,
        .headers = "ETag: \"e\"\nLast-Modified: Fri, 02 Jan 2026 03:04:05 GMT\n"
                   "Content-Type: text/plain\nx-amz-meta-a: b\nContent-Length: 10\n",
        .body = BODY,
    };
    if (list)
        *ret = (struct scripted_response){.status = 200, .body = lookup ? EMPTY_PAGE : PAGE};
}

static void setup(void)
{
    memory_rig_setup("s3://bkt", respond);
}

static void opened(struct source_read *read)
{
    (void)read;
}
static void filled(struct source_read *read, size_t index)
{
    (void)read, (void)index;
}

static struct source_lookup lookup;
static struct source_list list;
static struct source_attributes attributes;
static struct source_read file_read;
static char data[sizeof(BODY)];
static struct source_stretch stretches[2];

static void start_lookup(source_done *done)
{
    lookup = (struct source_lookup){.request.done = done, .path = PAIL_STR("d/x")};
    memory_source->ops->lookup(memory_source, &lookup);
}
static void start_list(source_done *done)
{
    list = (struct source_list){.request.done = done, .path = PAIL_STR("d")};
    memory_source->ops->list(memory_source, &list);
}
static void start_attributes(source_done *done)
{
    attributes = (struct source_attributes){
        .request.done = done, .path = PAIL_STR("d/x"), .etag = PAIL_STR("\"e\"")};
    memory_source->ops->attributes(memory_source, &attributes);
}
static void start_read(source_done *done)
{
    stretches[0] = (struct source_stretch){.data = data, .size = 4};
    stretches[1] = (struct source_stretch){.data = data + 4, .size = 6};
    file_read = (struct source_read){.request.done = done,
                                     .path = PAIL_STR("d/x"),
                                     .etag = PAIL_STR("\"e\""),
                                     .size = 10,
                                     .stretches = stretches,
                                     .count = 2,
                                     .opened = opened,
                                     .filled = filled};
    memory_source->ops->read(memory_source, &file_read);
}

static void check_lookup(void)
{
    ck_assert_int_eq(lookup.entry.type, ENTRY_FILE);
    ck_assert_uint_eq(lookup.entry.size, 10);
}
static void check_list(void)
{
    ck_assert_uint_eq(list.count, 2);
    check_str(list.entries[0].name, "x");
    check_str(list.entries[1].name, "y");
    check_str(list.next, "t");
}
static void check_attributes(void)
{
    ck_assert_uint_eq(attributes.count, 5);
    check_str(attributes.items[4].name, "user.s3.meta.a");
}
static void check_read(void)
{
    ck_assert_int_eq(memcmp(data, BODY, 10), 0);
}

static const struct memory_operation operations[] = {
    {start_lookup, check_lookup, &lookup.request},
    {start_list, check_list, &list.request},
    {start_attributes, check_attributes, &attributes.request},
    {start_read, check_read, &file_read.request},
};

START_TEST(memory_ends)
{
    memory_rig_run(&operations[_i]);
}
END_TEST

SUITE_MAIN("fs/s3_source_memory", tcase_add_checked_fixture(tc, setup, memory_rig_teardown);
           tcase_add_loop_test(tc, memory_ends, 0,
                               (int)(sizeof(operations) / sizeof(operations[0]))));
