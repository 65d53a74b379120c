/* The S3 source end to end: listings. */
#include "unit/fs/s3_rig.h"

#include <errno.h>
#include <stdio.h>

/* ---- list ---- */

struct listing {
    struct source_list list;
    char names[4096]; /* "a b/ ", directories with their '/' */
    size_t pages, unreachable;
};

static void note_names(struct listing *l)
{
    size_t len = strlen(l->names);
    for (size_t i = 0; i < l->list.count; i++) {
        const struct source_entry *e = &l->list.entries[i];
        len += (size_t)snprintf(l->names + len, sizeof(l->names) - len, "%.*s%s ",
                                (int)e->name.len, e->name.ptr,
                                e->type == ENTRY_DIRECTORY ? "/" : "");
        ck_assert_uint_lt(len, sizeof(l->names));
    }
}

static int list_page(struct source_list *l)
{
    l->request.done = count_done;
    dones = 0;
    source->ops->list(source, l);
    ck_assert_uint_eq(dones, 0);
    wait_done(1);
    return l->request.status;
}

/* Lists to the end. */
static int list_all(struct listing *l, const char *path, bool flat, const char *after)
{
    char token[256];
    *l = (struct listing){
        .list = {.path = text(path), .flat = flat, .start_after = text(after)}};
    for (;;) {
        int r = list_page(&l->list);
        if (r < 0)
            return r;
        l->pages++;
        l->unreachable += l->list.unreachable;
        note_names(l);
        struct pail_str next = l->list.next;
        ck_assert_uint_lt(next.len, sizeof(token));
        if (next.ptr)
            memcpy(token, next.ptr, next.len);
        release(&l->list.request);
        if (!next.ptr)
            return 0;
        l->list.cursor = (struct pail_str){.ptr = token, .len = next.len};
    }
}

static const struct {
    const char *prefix, *path, *after;
    bool flat;
    unsigned page;
    const char *names;
    size_t unreachable;
} lists[] = {
    {"", "", NULL, false, 1000, "a%20 a+b a/ b/ c/ empty/ x x-y x/ ", 1},
    {"", "", NULL, false, 1, "a%20 a+b a/ b/ c/ empty/ x x-y x/ ", 1},
    {"", "", NULL, false, 2, "a%20 a+b a/ b/ c/ empty/ x x-y x/ ", 1},
    {"", "", "b/", false, 1000, "c/ empty/ x x-y x/ ", 0},
    {"", "", "x", false, 2, "x-y x/ ", 0},
    {"", "a", NULL, false, 1000, "1 2 3/ ", 0},
    {"", "a", NULL, false, 1, "1 2 3/ ", 0},
    {"", "c", NULL, false, 1000, "", 3},
    {"", "empty", NULL, false, 1000, "", 0},
    {"", "none", NULL, false, 1000, "", 0},
    {"a", "", NULL, false, 1000, "1 2 3/ ", 0},
    {"", "", NULL, true, 1000, "a%20 a+b a/1 a/2 a/3/4 b/new\nline c/ empty/ x x-y x/\xc3\xbc ",
     4},
    {"", "", NULL, true, 3, "a%20 a+b a/1 a/2 a/3/4 b/new\nline c/ c/ empty/ x x-y x/\xc3\xbc ",
     4},
    {"", "", "a/2", true, 1000, "a/3/4 b/new\nline c/ empty/ x x-y x/\xc3\xbc ", 3},
    {"", "a", NULL, true, 1000, "1 2 3/4 ", 0},
    {"a", "3", NULL, true, 1000, "4 ", 0},
};

START_TEST(lists_names)
{
    static const char *const keys[] = {"/y",     "a%20",        "a+b",  "a/1",       "a/2",
                                       "a/3/4",  "b/new\nline", "c//x", "c/./x",     "c/..",
                                       "empty/", "x",           "x-y",  "x/\xc3\xbc"};
    for (size_t i = 0; i < LEN(keys); i++)
        peer_s3_put_text(s3, "bkt", keys[i], "1");
    peer_s3_set_page_size(s3, lists[_i].page);
    s3_rig_source("bkt", lists[_i].prefix);
    struct listing l;
    int r = list_all(&l, lists[_i].path, lists[_i].flat, lists[_i].after);
    ck_assert_int_eq(r, 0);
    ck_assert_str_eq(l.names, lists[_i].names);
    ck_assert_uint_eq(l.unreachable, lists[_i].unreachable);
}
END_TEST

START_TEST(list_entries)
{
    char etag[64];
    peer_s3_put_text(s3, "bkt", "d/file", "12345");
    peer_s3_put_text(s3, "bkt", "d//bad", "");
    peer_s3_etag(s3, "bkt", "d/file", etag);
    struct source_list l = {.path = text("d")};
    ck_assert_int_eq(list_page(&l), 0);
    ck_assert_uint_eq(l.count, 1);
    ck_assert(is(l.entries[0].name, "file"));
    ck_assert_uint_eq(l.entries[0].size, 5);
    ck_assert_int_eq(l.entries[0].mtime_s, PEER_S3_MTIME);
    ck_assert(is(l.entries[0].etag, etag));
    ck_assert_uint_eq(l.unreachable, 1);
    ck_assert(is(l.unreachable_example, "d//"));
    check_absent(l.next);
    release(&l.request);
}
END_TEST

START_TEST(list_thousands)
{
    char key[32];
    for (unsigned i = 0; i < 2500; i++) {
        snprintf(key, sizeof(key), "n/%05u", i);
        peer_s3_put_text(s3, "bkt", key, "");
    }
    struct source_list l = {.path = text("n")};
    ck_assert_int_eq(list_page(&l), 0);
    ck_assert_uint_eq(l.count, 1000);
    ck_assert_ptr_nonnull(l.next.ptr);
    release(&l.request);
}
END_TEST

/* Keys can be listed from anywhere on, buckets only all of them. */
START_TEST(has_pages)
{
    ck_assert(source->ops->pages(source, text("")));
    ck_assert(source->ops->pages(source, text("a/b")));
    s3_rig_source(NULL, "");
    ck_assert(!source->ops->pages(source, text("")));
    ck_assert(source->ops->pages(source, text("bkt")));
}
END_TEST

START_TEST(lists_buckets)
{
    peer_s3_bucket(s3, "bkt-two");
    peer_s3_bucket(s3, "abc");
    peer_s3_put_text(s3, "bkt", "x/y", "");
    s3_rig_source(NULL, "");
    struct listing l;
    ck_assert_int_eq(list_all(&l, "", false, NULL), 0);
    ck_assert_str_eq(l.names, "abc/ bkt-two/ bkt/ ");
    ck_assert_int_eq(list_all(&l, "bkt", false, NULL), 0);
    ck_assert_str_eq(l.names, "x/ ");
    ck_assert_int_eq(list_all(&l, "bkt/x", true, NULL), 0);
    ck_assert_str_eq(l.names, "y ");
    ck_assert_int_eq(list_all(&l, "", true, NULL), -ENOTSUP);
    ck_assert_int_eq(list_all(&l, "??", false, NULL), -ENOENT);
}
END_TEST

#define LISTING(...) "<ListBucketResult>" __VA_ARGS__ "</ListBucketResult>"
#define KEY(key)     "<Contents><Key>" key "</Key><Size>1</Size></Contents>"
#define MORE         "<IsTruncated>true</IsTruncated>"
#define LAST         "<IsTruncated>false</IsTruncated>"
#define TOKEN(t)     "<NextContinuationToken>" t "</NextContinuationToken>"

static const struct {
    const char *body; /* NULL: an empty one */
    int status;
    const char *names; /* of pages that are right */
} pages[] = {
    {LISTING(LAST KEY("d/a")), 0, "a "},
    {LISTING(LAST KEY("d/b") KEY("d/a")), -EPROTO, NULL},
    {LISTING(LAST KEY("e")), -EPROTO, NULL},
    {LISTING(LAST KEY("d/a/b")), -EPROTO, NULL},
    {LISTING(MORE KEY("d/a") TOKEN("t")), -EPROTO, NULL}, /* the same again */
    {LISTING(MORE KEY("d/a")), -EPROTO, NULL},
    {LISTING(KEY("d/a")), -EPROTO, NULL},
    {LISTING(LAST "<Contents><Key>d/a</Key></Contents>"), -EPROTO, NULL},
    {LISTING(LAST "<Contents><Key>d/a</Key><Size>x</Size></Contents>"), -EPROTO, NULL},
    {LISTING(LAST KEY("d/%41+b") "<EncodingType>url</EncodingType>"), 0, "A b "},
    {LISTING(LAST KEY("d/%41+b")), 0, "%41+b "},
    {"<html/>", -EPROTO, NULL},
    {"", -EPROTO, NULL},
};

START_TEST(wrong_lists)
{
    const struct peer_response page = {.headers = "Content-Type: application/xml",
                                       .body = pages[_i].body};
    const struct peer_rule rule = {
        .match = PEER_S3_LISTING("bkt"), .responses = &page, .response_count = 1};
    peer_rule_add(peer, &rule);
    struct listing l;
    int r = list_all(&l, "d", false, NULL);
    ck_assert_msg(r == pages[_i].status, "%s: %d, %s", pages[_i].body, r,
                  l.list.request.error.message);
    if (r == 0) {
        ck_assert_str_eq(l.names, pages[_i].names);
        return;
    }
    ck_assert_str_eq(l.list.request.error.operation, "ListObjectsV2");
    ck_assert_str_ne(l.list.request.error.message, "");
    ck_assert_str_ne(l.list.request.error.request_id, "");
    ck_assert_uint_eq(l.list.request.error.attempts, 1);
    release(&l.list.request);
}
END_TEST

static const struct {
    struct peer_response response;
    int status;
} list_failures[] = {
    {PEER_S3_ERROR(403, "AccessDenied"), -EACCES},
    {PEER_S3_ERROR(404, "NoSuchBucket"), -ENOENT},
    {PEER_S3_ERROR(503, "SlowDown"), -EBUSY},
    {PEER_S3_ERROR(200, "InternalError"), -EIO},
    {{.over = true, .fault = {.end = PEER_END_CUT, .after = 150}}, -EIO},
    {{.over = true, .fault = {.end = PEER_END_CUT, .in_head = true}}, -ECONNRESET},
    {{.over = true, .fault = {.shorten = true, .shorten_to = 150}}, -EPROTO},
};

START_TEST(list_fails)
{
    peer_s3_put_text(s3, "bkt", "d/a", "");
    const struct peer_rule rule = {.match = PEER_S3_LISTING("bkt"),
                                   .responses = &list_failures[_i].response,
                                   .response_count = 1};
    peer_rule_add(peer, &rule);
    struct listing l;
    int r = list_all(&l, "d", false, NULL);
    ck_assert_msg(r == list_failures[_i].status, "%d, %s", r, l.list.request.error.message);
}
END_TEST

SUITE_MAIN("fs/s3_source_list", tcase_add_checked_fixture(tc, s3_rig_setup, s3_rig_teardown);
           tcase_add_loop_test(tc, lists_names, 0, (int)LEN(lists));
           tcase_add_test(tc, list_entries); tcase_add_test(tc, list_thousands);
           tcase_add_test(tc, has_pages); tcase_add_test(tc, lists_buckets);
           tcase_add_loop_test(tc, wrong_lists, 0, (int)LEN(pages));
           tcase_add_loop_test(tc, list_fails, 0, (int)LEN(list_failures)));
