/* The S3 source where memory ends: over a client that this thread drives, so that nothing else
 * allocates meanwhile. Wherever it happens, a request is done once and says so. */
#include "unit/check.h"

#include "aws/client.h"
#include "aws/settings.h"
#include "fs/s3_source.h"
#include "unit/scripted_transport.h"

#include <errno.h>

#define ALLOCATIONS_MAX 2000
#define BODY            "0123456789"
#define PAGE                                                                                   \
    "<ListBucketResult><IsTruncated>true</IsTruncated>"                                        \
    "<NextContinuationToken>t</NextContinuationToken>"                                         \
    "<Contents><Key>d/x</Key><Size>10</Size><ETag>\"e\"</ETag></Contents>"                     \
    "<CommonPrefixes><Prefix>d/y/</Prefix></CommonPrefixes></ListBucketResult>"
#define EMPTY_PAGE "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"

static struct transport *transport;
static struct pail_client *client;
static struct mailbox *mailbox;
static struct source *source;
static size_t dones;

static const char *no_environment(const char *name, void *user)
{
    (void)name, (void)user;
    return NULL;
}

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
    const struct pail_config config = {.endpoint_url = "http://localhost:1",
                                       .region = "us-east-1",
                                       .no_sign_request = true,
                                       .addressing = PAIL_ADDRESSING_PATH,
                                       .max_attempts = 1};
    struct pail_error error;
    struct settings *settings;
    ck_assert_int_eq(settings_load(&config, no_environment, NULL, &settings, &error), 0);
    transport = scripted_new();
    scripted_set_responder(transport, NULL, respond);
    const struct client_parts parts = {.transport = transport, .settings = settings};
    ck_assert_int_eq(client_new_with(&parts, &client), 0);
    mailbox = mailbox_new();
    const struct s3_source_options options = {
        .client = client, .mailbox = mailbox, .bucket = PAIL_STR("bkt")};
    ck_assert_int_eq(s3_source_new(&options, &source), 0);
}

static void teardown(void)
{
    source->ops->free(source);
    client_stop(client);
    pail_client_free(client);
    mailbox_free(mailbox);
}

static void done(struct source_request *request)
{
    (void)request;
    dones++;
}
static void opened(struct source_read *read)
{
    (void)read;
}
static void filled(struct source_read *read, size_t index)
{
    (void)read, (void)index;
}

union request {
    struct source_request request;
    struct source_lookup lookup;
    struct source_list list;
    struct source_attributes attributes;
    struct source_read read;
};

static char data[sizeof(BODY)];
static struct source_stretch stretches[2];

static void start_lookup(union request *r)
{
    r->lookup = (struct source_lookup){.request.done = done, .path = PAIL_STR("d/x")};
    source->ops->lookup(source, &r->lookup);
}
static void start_list(union request *r)
{
    r->list = (struct source_list){.request.done = done, .path = PAIL_STR("d")};
    source->ops->list(source, &r->list);
}
static void start_attributes(union request *r)
{
    r->attributes = (struct source_attributes){
        .request.done = done, .path = PAIL_STR("d/x"), .etag = PAIL_STR("\"e\"")};
    source->ops->attributes(source, &r->attributes);
}
static void start_read(union request *r)
{
    stretches[0] = (struct source_stretch){.data = data, .size = 4};
    stretches[1] = (struct source_stretch){.data = data + 4, .size = 6};
    r->read = (struct source_read){.request.done = done,
                                   .path = PAIL_STR("d/x"),
                                   .etag = PAIL_STR("\"e\""),
                                   .size = 10,
                                   .stretches = stretches,
                                   .count = 2,
                                   .opened = opened,
                                   .filled = filled};
    source->ops->read(source, &r->read);
}

static void check_lookup(const union request *r)
{
    ck_assert_int_eq(r->lookup.entry.type, ENTRY_FILE);
    ck_assert_uint_eq(r->lookup.entry.size, 10);
}
static void check_list(const union request *r)
{
    ck_assert_uint_eq(r->list.count, 2);
    check_str(r->list.entries[0].name, "x");
    check_str(r->list.entries[1].name, "y");
    check_str(r->list.next, "t");
}
static void check_attributes(const union request *r)
{
    ck_assert_uint_eq(r->attributes.count, 5);
    check_str(r->attributes.items[4].name, "user.s3.meta.a");
}
static void check_read(const union request *r)
{
    (void)r;
    ck_assert_int_eq(memcmp(data, BODY, 10), 0);
}

static const struct {
    void (*start)(union request *r);
    void (*check)(const union request *r);
} operations[] = {
    {start_lookup, check_lookup},
    {start_list, check_list},
    {start_attributes, check_attributes},
    {start_read, check_read},
};

START_TEST(memory_ends)
{
    int status = -ENOMEM;
    for (long count = 0; status != 0; count++) {
        union request r;
        ck_assert_int_lt(count, ALLOCATIONS_MAX);
        dones = 0;
        alloc_fail_after(count);
        operations[_i].start(&r);
        do {
            scripted_run(transport);
        } while (mailbox_deliver(mailbox) > 0);
        alloc_fail_after(-1);
        ck_assert_uint_eq(dones, 1);
        status = r.request.status;
        ck_assert_msg(status == 0 || status == -ENOMEM, "after %ld: %d, %s", count, status,
                      r.request.error.message);
        ck_assert_int_eq(r.request.error.sys, -status);
        if (status == 0)
            operations[_i].check(&r);
        source->ops->release(source, &r.request);
    }
}
END_TEST

SUITE_MAIN("fs/s3_source_memory", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_loop_test(tc, memory_ends, 0,
                               (int)(sizeof(operations) / sizeof(operations[0]))));
