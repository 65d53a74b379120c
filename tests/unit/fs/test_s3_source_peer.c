/* The S3 source end to end: lookups, attributes, and what is common to all requests. */
#include "unit/fs/s3_rig.h"

#include <errno.h>

/* ---- lookup ---- */

static struct source_lookup *lookup(struct source_lookup *l, const char *path)
{
    *l = (struct source_lookup){.request.done = count_done, .path = text(path)};
    dones = 0;
    source->ops->lookup(source, l);
    ck_assert_uint_eq(dones, 0);
    wait_done(1);
    return l;
}

/* What answers the two requests of a lookup of "x". NULL: the service itself. */
enum answer { AS_IS, DENIED, BROKEN, GARBAGE, PAGE };

static const struct {
    const char *keys[4];
    const char *path;
    enum answer head, list;
    int status;
    enum entry_type type;
} lookups[] = {
    {{"x"}, "x", AS_IS, AS_IS, 0, ENTRY_FILE},
    {{"x/y"}, "x", AS_IS, AS_IS, 0, ENTRY_DIRECTORY},
    {{"x/"}, "x", AS_IS, AS_IS, 0, ENTRY_DIRECTORY},
    {{"x", "x/y"}, "x", AS_IS, AS_IS, 0, ENTRY_DIRECTORY},
    {{"x//y"}, "x", AS_IS, AS_IS, 0, ENTRY_DIRECTORY},
    {{"xy", "x-/z"}, "x", AS_IS, AS_IS, -ENOENT, ENTRY_FILE},
    {{"a b+c/%41/\xc3\xbc"}, "a b+c/%41/\xc3\xbc", AS_IS, AS_IS, 0, ENTRY_FILE},
    {{"a b+c/%41/\xc3\xbc"}, "a b+c/%41", AS_IS, AS_IS, 0, ENTRY_DIRECTORY},
    /* not allowed */
    {{"x"}, "x", AS_IS, DENIED, 0, ENTRY_FILE},
    {{"q"}, "x", AS_IS, DENIED, -EACCES, ENTRY_FILE},
    {{"x/y"}, "x", DENIED, AS_IS, 0, ENTRY_DIRECTORY},
    {{"x"}, "x", DENIED, AS_IS, -EACCES, ENTRY_FILE},
    {{"x"}, "x", DENIED, DENIED, -EACCES, ENTRY_FILE},
    /* broken */
    {{"x"}, "x", AS_IS, BROKEN, -EIO, ENTRY_FILE}, /* it may be a directory */
    {{"q"}, "x", AS_IS, BROKEN, -EIO, ENTRY_FILE},
    {{"x/y"}, "x", BROKEN, AS_IS, 0, ENTRY_DIRECTORY},
    {{"x"}, "x", BROKEN, AS_IS, -EIO, ENTRY_FILE},
    {{"x"}, "x", BROKEN, DENIED, -EACCES, ENTRY_FILE},
    {{"x"}, "x", DENIED, BROKEN, -EIO, ENTRY_FILE},
    {{"q"}, "x", AS_IS, GARBAGE, -EPROTO, ENTRY_FILE},
    {{"q"}, "x", GARBAGE, AS_IS, -EPROTO, ENTRY_FILE},
    {{"q"}, "x", PAGE, AS_IS, -EPROTO, ENTRY_FILE},
};

/* So many requests were sent; of a directory's the HEAD may have been cancelled before. */
static void check_count(size_t requests, bool directory)
{
    size_t count = peer_count(peer, NULL);
    ck_assert(count == requests || (directory && count == 1));
}

static void answer(struct peer_match match, enum answer how)
{
    static const struct peer_response answers[] = {
        [DENIED] = PEER_S3_ERROR(403, "AccessDenied"),
        [BROKEN] = PEER_S3_ERROR(500, "InternalError"),
        [GARBAGE] = {.headers = "!Content-Length", .body = "<a/>", .framing = PEER_CHUNKED},
        [PAGE] = {.headers = "Content-Type: text/html", .body = "<html>Welcome</html>"},
    };
    if (how == AS_IS)
        return;
    const struct peer_rule rule = {
        .match = match, .responses = &answers[how], .response_count = 1};
    peer_rule_add(peer, &rule);
}

START_TEST(looks_up)
{
    for (size_t i = 0; i < LEN(lookups[_i].keys) && lookups[_i].keys[i]; i++)
        peer_s3_put_text(s3, "bkt", lookups[_i].keys[i], "12345");
    answer((struct peer_match){.method = "HEAD"}, lookups[_i].head);
    answer((struct peer_match)PEER_S3_LISTING("bkt"), lookups[_i].list);
    struct source_lookup l;
    lookup(&l, lookups[_i].path);
    ck_assert_int_eq(l.request.status, lookups[_i].status);
    ck_assert_uint_gt(l.request.first, l.request.last);
    if (l.request.status == 0) {
        const char *slash = strrchr(lookups[_i].path, '/');
        ck_assert(is(l.entry.name, slash ? slash + 1 : lookups[_i].path));
        ck_assert_int_eq(l.entry.type, lookups[_i].type);
    }
    if (l.request.status == 0 && lookups[_i].type == ENTRY_FILE) {
        char etag[64];
        peer_s3_etag(s3, "bkt", lookups[_i].keys[0], etag);
        ck_assert_uint_eq(l.entry.size, 5);
        ck_assert_int_eq(l.entry.mtime_s, PEER_S3_MTIME);
        ck_assert(is(l.entry.etag, etag));
        ck_assert_int_eq(l.entry.kind, FILE_FIXED);
    }
    release(&l.request);
    check_count(2, l.request.status == 0 && l.entry.type == ENTRY_DIRECTORY);
}
END_TEST

/* The listing that tells a directory has its first names in it. */
START_TEST(lookup_brings_names)
{
    char key[32];
    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "x/many/%03d", i);
        peer_s3_put_text(s3, "bkt", key, "12345");
    }
    peer_s3_put_text(s3, "bkt", "y/", "");
    peer_s3_put_text(s3, "bkt", "y//1", "");
    peer_s3_put_text(s3, "bkt", "y//2", "");
    peer_s3_put_text(s3, "bkt", "y/a b", "1");
    peer_s3_put_text(s3, "bkt", "y/d/", "");
    peer_s3_put_text(s3, "bkt", "y/d//", "");
    peer_s3_put_text(s3, "bkt", "y/d/e/f", "");
    peer_s3_put_text(s3, "bkt", "y/d0", "");
    struct source_lookup l;
    lookup(&l, "y");
    ck_assert(l.names.seen && l.names.complete);
    ck_assert_uint_eq(l.names.count, 3);
    ck_assert(is(l.names.entries[0].name, "a b"));
    ck_assert_uint_eq(l.names.entries[0].size, 1);
    ck_assert(is(l.names.entries[1].name, "d"));
    ck_assert_int_eq(l.names.entries[1].type, ENTRY_DIRECTORY);
    ck_assert(is(l.names.entries[2].name, "d0"));
    ck_assert_uint_eq(l.names.unreachable, 1);
    ck_assert(is(l.names.unreachable_example, "y//1"));
    release(&l.request);
    lookup(&l, "x");
    ck_assert(l.names.seen && !l.names.complete);
    ck_assert_uint_eq(l.names.count, 1);
    ck_assert(is(l.names.entries[0].name, "many"));
    release(&l.request);
    lookup(&l, "x/many");
    ck_assert(l.names.seen && !l.names.complete);
    ck_assert(l.names.count > 1 && l.names.count < 200);
    release(&l.request);
    lookup(&l, "y/a b");
    ck_assert(!l.names.seen);
    release(&l.request);
}
END_TEST

/* The listing says directory; the HEAD that still hangs is not waited for. */
START_TEST(directory_at_once)
{
    peer_s3_put_text(s3, "bkt", "x/y", "");
    peer_on(peer, "HEAD /bkt/x",
            PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_STALL, .in_head = true}));
    struct source_lookup l;
    lookup(&l, "x");
    ck_assert_int_eq(l.request.status, 0);
    ck_assert_int_eq(l.entry.type, ENTRY_DIRECTORY);
    ck_assert(is(l.entry.name, "x"));
    release(&l.request);
}
END_TEST

START_TEST(lookup_without_request)
{
    static char path[1200];
    memset(path, 'a', sizeof(path) - 1);
    struct source_lookup l;
    ck_assert_int_eq(lookup(&l, path)->request.status, -ENAMETOOLONG);
    release(&l.request);
    path[1025] = '\0';
    ck_assert_int_eq(lookup(&l, path)->request.status, -ENAMETOOLONG);
    ck_assert_uint_eq(peer_count(peer, NULL), 0);
    /* The longest key: nothing can be below it. */
    path[1024] = '\0';
    ck_assert_int_eq(lookup(&l, path)->request.status, -ENOENT);
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
}
END_TEST

/* A service that refuses names that are not UTF-8 has none, whatever comes of the listing. */
START_TEST(lookup_odd_name)
{
    const struct peer_response refused = PEER_S3_ERROR(400, "InvalidObjectName");
    const struct peer_rule listing = {.match = PEER_S3_LISTING("bkt"),
                                      PEER_ANSWERS({.body = "<ListBucketResult>\xff"})};
    peer_on(peer, "* /*", &refused);
    if (_i == 1)
        peer_rule_add(peer, &listing);
    struct source_lookup l;
    ck_assert_int_eq(lookup(&l, "\xff")->request.status, -ENOENT);
    if (_i == 0)
        ck_assert_int_eq(lookup(&l, "a")->request.status, -EINVAL);
}
END_TEST

START_TEST(lookup_below_prefix)
{
    peer_s3_put_text(s3, "bkt", "p/q/x", "1");
    peer_s3_put_text(s3, "bkt", "x/y", "1");
    static const char *const prefixes[] = {"p/q", "p/q/"};
    for (size_t i = 0; i < LEN(prefixes); i++) {
        s3_rig_source("bkt", prefixes[i]);
        struct source_lookup l;
        ck_assert_int_eq(lookup(&l, "x")->request.status, 0);
        ck_assert_int_eq(l.entry.type, ENTRY_FILE);
        release(&l.request);
    }
}
END_TEST

static const struct {
    const char *path;
    int status;
    size_t requests;
} all_lookups[] = {
    {"bkt", 0, 1},         {"other", -ENOENT, 1},     {"denied", 0, 1}, {".git", -ENOENT, 1},
    {"no", -ENOENT, 0},    {"no bucket", -ENOENT, 0}, {"bkt/d", 0, 2},  {"bkt/d/x", 0, 2},
    {"bkt/z", -ENOENT, 2}, {"fails", -EIO, 1},
};

START_TEST(looks_up_in_all)
{
    peer_s3_put_text(s3, "bkt", "d/x", "1");
    const struct peer_response denied = PEER_S3_ERROR(403, "AccessDenied");
    const struct peer_response bad = PEER_S3_ERROR(400, "InvalidBucketName");
    const struct peer_response fails = PEER_S3_ERROR(500, "InternalError");
    peer_on(peer, "HEAD /denied", &denied);
    peer_on(peer, "HEAD /.git", &bad);
    peer_on(peer, "HEAD /fails", &fails);
    s3_rig_source(NULL, "");
    struct source_lookup l;
    lookup(&l, all_lookups[_i].path);
    ck_assert_int_eq(l.request.status, all_lookups[_i].status);
    check_count(all_lookups[_i].requests,
                l.request.status == 0 && l.entry.type == ENTRY_DIRECTORY);
    release(&l.request);
}
END_TEST

/* ---- attributes ---- */

static const struct source_attribute *attribute(const struct source_attributes *a,
                                                const char *name)
{
    for (size_t i = 0; i < a->count; i++) {
        if (is(a->items[i].name, name))
            return &a->items[i];
    }
    return NULL;
}

static int get_attributes(struct source_attributes *a, const char *path, const char *etag)
{
    *a = (struct source_attributes){
        .request.done = count_done, .path = text(path), .etag = text(etag)};
    dones = 0;
    source->ops->attributes(source, a);
    ck_assert_uint_eq(dones, 0);
    wait_done(1);
    return a->request.status;
}

START_TEST(attributes)
{
    static const char *const want[][2] = {
        {"user.s3.etag", "\"e\""},
        {"user.s3.content-type", "text/plain"},
        {"user.s3.content-length", "5"},
        {"user.s3.last-modified", "2026-01-02T03:04:05Z"},
        {"user.s3.cache-control", "no-cache"},
        {"user.s3.expires", "never"},
        {"user.s3.content-encoding", "gzip"},
        {"user.s3.content-language", "de"},
        {"user.s3.content-disposition", "inline"},
        {"user.s3.storage-class", "GLACIER"},
        {"user.s3.version-id", "v1"},
        {"user.s3.server-side-encryption", "AES256"},
        {"user.s3.restore", "ongoing-request=\"false\""},
        {"user.s3.checksum-crc32", "AAAAAA=="},
        {"user.s3.checksum-type", "FULL_OBJECT"},
        {"user.s3.meta.who", "me"},
        {"user.s3.meta.two-words", "a b"},
    };
    peer_s3_put(s3, "bkt",
                &(struct peer_s3_object){
                    .key = "d/x",
                    .content = "12345",
                    .etag = "\"e\"",
                    .content_type = "text/plain",
                    .storage_class = "GLACIER",
                    .headers = "x-amz-meta-who: me\nX-Amz-Meta-Two-Words: a b\n"
                               "Cache-Control: no-cache\nExpires: never\n"
                               "Content-Encoding: gzip\nContent-Language: de\n"
                               "Content-Disposition: inline\nx-amz-version-id: v1\n"
                               "x-amz-server-side-encryption: AES256\n"
                               "x-amz-restore: ongoing-request=\"false\"",
                    .checksums = "x-amz-checksum-crc32: AAAAAA==\n"
                                 "x-amz-checksum-type: FULL_OBJECT",
                });
    struct source_attributes a;
    ck_assert_int_eq(get_attributes(&a, "d/x", "\"e\""), 0);
    for (size_t i = 0; i < LEN(want); i++) {
        const struct source_attribute *got = attribute(&a, want[i][0]);
        ck_assert_msg(got && is(got->value, want[i][1]), "%s", want[i][0]);
    }
    ck_assert_uint_eq(a.count, LEN(want));
    release(&a.request);
    const struct peer_request *request = peer_request_at(peer, NULL, 0);
    ck_assert_str_eq(peer_request_header(request, "If-Match"), "\"e\"");
}
END_TEST

static const struct {
    const char *path, *etag;
    struct peer_response response;
    int status;
} attribute_failures[] = {
    {"x", "\"f\"", {.over = true}, -ESTALE},
    {"none", "\"e\"", {.over = true}, -ENOENT},
    {"x", "\"e\"", {.over = true, .headers = "ETag: \"f\""}, -ESTALE},
    {"x", "\"e\"", {.over = true, .headers = "!ETag"}, -EPROTO},
    {"x", "\"e\"", {.status = 403}, -EACCES},
    {"x", NULL, {.over = true}, 0},
    {"", "\"e\"", {.over = true}, -EISDIR},
};

START_TEST(attributes_fail)
{
    peer_s3_put(s3, "bkt",
                &(struct peer_s3_object){.key = "x", .content = "1", .etag = "\"e\""});
    const struct peer_rule rule = {.match = {.method = "HEAD"},
                                   .responses = &attribute_failures[_i].response,
                                   .response_count = 1};
    peer_rule_add(peer, &rule);
    struct source_attributes a;
    int r = get_attributes(&a, attribute_failures[_i].path, attribute_failures[_i].etag);
    ck_assert_int_eq(r, attribute_failures[_i].status);
    release(&a.request);
}
END_TEST

/* ---- the rest ---- */

static const struct {
    const char *bucket, *prefix;
    int status;
    const char *code;
} checks[] = {
    {"bkt", "", 0, NULL},
    {"bkt", "d/", 0, NULL},
    {"none", "", -ENOENT, "NoSuchBucket"},
    {"denied", "", -EACCES, "AccessDenied"},
    {"web", "", -EPROTO, ""},
    {NULL, "", 0, NULL},
};

START_TEST(checks_bucket)
{
    const struct peer_response denied = PEER_S3_ERROR(403, "AccessDenied");
    peer_on(peer, "GET /denied", &denied);
    peer_on(peer, "GET /web", PEER_RESPONSE(.body = "<html>Hello</html>"));
    const struct s3_source_options options = {
        .client = client,
        .mailbox = mailbox,
        .bucket = text(checks[_i].bucket),
        .prefix = text(checks[_i].prefix),
    };
    struct pail_error error = {0};
    ck_assert_int_eq(s3_source_check(&options, WAIT_MS, &error), checks[_i].status);
    ck_assert_int_eq(error.sys, -checks[_i].status);
    if (checks[_i].code) {
        ck_assert_str_eq(error.code, checks[_i].code);
        ck_assert_str_ne(error.message, "");
    }
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
}
END_TEST

#define EMPTY ": the mount is empty until one does"

static const struct {
    const char *prefix, *warning;
    unsigned requests;
} prefixes[] = {
    {"warn/", "", 1},
    {"none/", "no key begins with the prefix none/" EMPTY, 2},
    {"warn/f/",
     "warn/f is an object, not a directory: no key begins with the prefix warn/f/" EMPTY, 2},
    {"warn/closed/", "no key begins with the prefix warn/closed/" EMPTY, 2},
};

/* What a prefix without keys is, is asked once, and only then. */
START_TEST(check_warns_of_prefixes)
{
    const struct peer_response denied = PEER_S3_ERROR(403, "AccessDenied");
    CLEANUP_DONE(buf) struct buf warning;
    buf_init(&warning, 1024);
    peer_s3_put_text(s3, "bkt", "warn/f", "x");
    peer_on(peer, "HEAD /bkt/warn/closed", &denied);
    const struct s3_source_options options = {
        .client = client,
        .mailbox = mailbox,
        .bucket = PAIL_STR("bkt"),
        .prefix = text(prefixes[_i].prefix),
        .warning = &warning,
    };
    struct pail_error error = {0};
    ck_assert_int_eq(s3_source_check(&options, WAIT_MS, &error), 0);
    ck_assert(str_eq(buf_str(&warning), str_c(prefixes[_i].warning)));
    ck_assert_uint_eq(peer_count(peer, NULL), prefixes[_i].requests);
}
END_TEST

START_TEST(check_denied_buckets)
{
    const struct peer_response denied = PEER_S3_ERROR(403, "AccessDenied");
    peer_on(peer, "GET /", &denied);
    const struct s3_source_options options = {.client = client, .mailbox = mailbox};
    struct pail_error error = {0};
    ck_assert_int_eq(s3_source_check(&options, WAIT_MS, &error), -EACCES);
    ck_assert_str_eq(error.operation, "ListBuckets");
}
END_TEST

static const struct {
    const char *bucket, *prefix, *path, *uri;
} uris[] = {
    {"bkt", "", "", "s3://bkt/"},
    {"bkt", "", "a/b", "s3://bkt/a/b"},
    {"bkt", "p/q", "", "s3://bkt/p/q/"},
    {"bkt", "p/q", "a", "s3://bkt/p/q/a"},
    {NULL, "", "", "s3://"},
    {NULL, "", "bkt/a", "s3://bkt/a"},
};

START_TEST(writes_uri)
{
    s3_rig_source(uris[_i].bucket, uris[_i].prefix);
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    source->ops->uri(source, text(uris[_i].path), &b);
    ck_assert_str_eq(buf_c(&b), uris[_i].uri);
}
END_TEST

START_TEST(counts)
{
    peer_s3_put_text(s3, "bkt", "d/x", "1");
    struct source_lookup l;
    lookup(&l, "d/x");
    release(&l.request);
    struct source_list list = {.request.done = count_done, .path = text("d")};
    dones = 0;
    source->ops->list(source, &list);
    wait_done(1);
    release(&list.request);
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    source->ops->stats(source, &b);
    static const char *const want[] = {"s3.requests 3\n", "s3.retries 0\n",
                                       "s3.lookups 1\n",  "s3.lists 1\n",
                                       "s3.reads 0\n",    "s3.attributes 0\n"};
    for (size_t i = 0; i < LEN(want); i++)
        ck_assert_msg(strstr(buf_c(&b), want[i]) != NULL, "%sin:\n%s", want[i], buf_c(&b));
}
END_TEST

/* ---- cancelled, out of memory ---- */

START_TEST(cancels)
{
    bool before = _i == 0; /* else: once the requests have arrived */
    const struct peer_rule rule = {
        PEER_ANSWERS({.over = true, .fault = {.end = PEER_END_STALL, .in_head = true}})};
    peer_rule_add(peer, &rule);
    struct source_lookup l = {.request.done = count_done, .path = text("x")};
    struct source_list list = {.request.done = count_done, .path = text("d")};
    struct source_attributes a = {
        .request.done = count_done, .path = text("x"), .etag = text("\"e\"")};
    dones = 0;
    source->ops->lookup(source, &l);
    source->ops->list(source, &list);
    source->ops->attributes(source, &a);
    if (!before)
        ck_assert(peer_wait_stalled(peer, 4, WAIT_MS));
    source->ops->cancel(source, &l.request);
    source->ops->cancel(source, &l.request);
    source->ops->cancel(source, &list.request);
    source->ops->cancel(source, &a.request);
    ck_assert_uint_eq(dones, 0);
    wait_done(3);
    ck_assert_int_eq(l.request.status, -ECANCELED);
    ck_assert_int_eq(list.request.status, -ECANCELED);
    ck_assert_int_eq(a.request.status, -ECANCELED);
    release(&l.request);
}
END_TEST

/* A cancel that comes when the answer is on its way changes nothing, or says so. */
START_TEST(cancel_late)
{
    peer_s3_put_text(s3, "bkt", "x", "1");
    struct source_lookup l = {.request.done = count_done, .path = text("x")};
    dones = 0;
    source->ops->lookup(source, &l);
    ck_assert(peer_wait_requests(peer, NULL, 2, WAIT_MS));
    source->ops->cancel(source, &l.request);
    wait_done(1);
    ck_assert(l.request.status == 0 || l.request.status == -ECANCELED);
    release(&l.request);
}
END_TEST

START_TEST(no_memory)
{
    peer_s3_put_text(s3, "bkt", "x", "1");
    struct source_lookup l = {.request.done = count_done, .path = text("x")};
    struct source_list list = {.request.done = count_done, .path = text("d")};
    struct source_attributes a = {.request.done = count_done, .path = text("x")};
    char data[1];
    struct source_stretch stretch = {.data = data, .size = 1};
    struct source_read read = {.request.done = count_done,
                               .path = text("x"),
                               .size = 1,
                               .stretches = &stretch,
                               .count = 1};
    dones = 0;
    alloc_fail_after(0);
    source->ops->lookup(source, &l);
    source->ops->list(source, &list);
    source->ops->attributes(source, &a);
    source->ops->read(source, &read);
    source->ops->cancel(source, &l.request);
    alloc_fail_after(-1);
    ck_assert_uint_eq(dones, 0);
    wait_done(4);
    ck_assert_int_eq(l.request.status, -ENOMEM);
    ck_assert_int_eq(list.request.status, -ENOMEM);
    ck_assert_int_eq(a.request.status, -ENOMEM);
    ck_assert_int_eq(read.request.status, -ENOMEM);
    release(&l.request);
}
END_TEST

SUITE_MAIN("fs/s3_source_peer", tcase_add_checked_fixture(tc, s3_rig_setup, s3_rig_teardown);
           tcase_add_loop_test(tc, looks_up, 0, (int)LEN(lookups));
           tcase_add_test(tc, lookup_brings_names); tcase_add_test(tc, directory_at_once);
           tcase_add_test(tc, lookup_without_request);
           tcase_add_loop_test(tc, lookup_odd_name, 0, 2);
           tcase_add_test(tc, lookup_below_prefix);
           tcase_add_loop_test(tc, looks_up_in_all, 0, (int)LEN(all_lookups));
           tcase_add_test(tc, attributes);
           tcase_add_loop_test(tc, attributes_fail, 0, (int)LEN(attribute_failures));
           tcase_add_loop_test(tc, checks_bucket, 0, (int)LEN(checks));
           tcase_add_loop_test(tc, check_warns_of_prefixes, 0, (int)LEN(prefixes));
           tcase_add_test(tc, check_denied_buckets);
           tcase_add_loop_test(tc, writes_uri, 0, (int)LEN(uris)); tcase_add_test(tc, counts);
           tcase_add_loop_test(tc, cancels, 0, 2); tcase_add_test(tc, cancel_late);
           tcase_add_test(tc, no_memory));
