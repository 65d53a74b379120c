#include "peer/s3.h"

#include "suite.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct peer_s3 *s3;
static char answer[256 * 1024]; /* the last, head and body */
static const char *body;        /* in it */

static void setup(void)
{
    s3 = peer_s3_start();
    peer_s3_bucket(s3, "b");
}

static void teardown(void)
{
    peer_s3_stop(s3);
    s3 = NULL;
}

/* Ask on a connection of its own, wait for the whole answer; its status, 0 without a head. */
static int ask(const char *method, const char *target, const char *headers)
{
    char request[4096];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)peer_port(peer_s3_peer(s3))),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    int len =
        snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nConnection: close\r\n%s\r\n",
                 method, target, headers);
    ck_assert_int_eq(send(fd, request, (size_t)len, MSG_NOSIGNAL), len);
    size_t n = 0;
    ssize_t got;
    while ((got = recv(fd, answer + n, sizeof(answer) - 1 - n, 0)) > 0)
        n += (size_t)got;
    (void)close(fd);
    answer[n] = '\0';
    char *end = strstr(answer, "\r\n\r\n");
    body = end ? end + 4 : "";
    int status = 0;
    (void)sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

static int get(const char *target, const char *headers)
{
    return ask("GET", target, headers);
}

static bool has(const char *text)
{
    return strstr(answer, text) != NULL;
}

static void put_digits(void)
{
    peer_s3_put(s3, "b",
                &(struct peer_s3_object){.key = "k",
                                         .content = "0123456789",
                                         .etag = "\"e\"",
                                         .content_type = "text/plain",
                                         .headers = "x-amz-meta-who: me",
                                         .checksums = "x-amz-checksum-crc32: AAAAAA=="});
}

static const struct {
    const char *headers;
    int status;
    const char *holds, *body; /* NULL: any */
} GETS[] = {
    {"", 200, "Content-Length: 10\r\n", "0123456789"},
    {"", 200, "ETag: \"e\"\r\nLast-Modified: Fri, 02 Jan 2026 03:04:05 GMT\r\n", NULL},
    {"", 200, "Content-Type: text/plain\r\nx-amz-meta-who: me\r\n", NULL},
    {"x-amz-checksum-mode: ENABLED\r\n", 200, "x-amz-checksum-crc32: AAAAAA==\r\n", NULL},
    {"Range: bytes=2-4\r\n", 206, "Content-Range: bytes 2-4/10\r\n", "234"},
    {"Range: bytes=8-\r\n", 206, "Content-Range: bytes 8-9/10\r\n", "89"},
    {"Range: bytes=8-99\r\n", 206, "Content-Range: bytes 8-9/10\r\n", "89"},
    {"Range: bytes=-3\r\n", 206, "Content-Range: bytes 7-9/10\r\n", "789"},
    {"Range: bytes=-99\r\n", 206, "Content-Range: bytes 0-9/10\r\n", "0123456789"},
    {"Range: bytes=-0\r\n", 416, "Content-Range: bytes */10\r\n", NULL},
    {"Range: bytes=10-\r\n", 416, "<Code>InvalidRange</Code>", NULL},
    {"Range: bytes=4-2\r\n", 200, "", "0123456789"},
    {"Range: bytes=1-2,4-5\r\n", 200, "", "0123456789"},
    {"Range: lines=1-2\r\n", 200, "", "0123456789"},
    {"If-Match: \"e\"\r\n", 200, "", "0123456789"},
    {"If-Match: e\r\n", 200, "", "0123456789"},
    {"If-Match: \"f\"\r\n", 412, "<Code>PreconditionFailed</Code>", NULL},
    {"If-Match: \"f\"\r\nRange: bytes=99-\r\n", 412, "", NULL},
    {"If-None-Match: \"e\"\r\n", 304, "ETag: \"e\"\r\n", ""},
    {"If-None-Match: \"f\"\r\n", 200, "", "0123456789"},
};

START_TEST(ranges_and_conditions)
{
    put_digits();
    int status = get("/b/k", GETS[_i].headers);
    ck_assert_msg(status == GETS[_i].status && has(GETS[_i].holds) &&
                      has("x-amz-request-id: ") &&
                      (!GETS[_i].body || strcmp(body, GETS[_i].body) == 0),
                  "%s:\n%s", GETS[_i].headers, answer);
}
END_TEST

START_TEST(other_answers)
{
    static const struct {
        const char *method, *target;
        int status;
        const char *holds;
    } cases[] = {
        {"HEAD", "/b/k", 200, "Content-Length: 10\r\n"},
        {"HEAD", "/b/none", 404, "x-amz-id-2: "},
        {"GET", "/b/none", 404, "<Code>NoSuchKey</Code>"},
        {"GET", "/none/k", 404, "<Code>NoSuchBucket</Code>"},
        {"HEAD", "/b", 200, "x-amz-bucket-region: eu-west-1"},
        {"HEAD", "/none", 404, ""},
        {"GET", "/b?location", 200, ">eu-west-1</LocationConstraint>"},
        {"GET", "/", 200, "<Buckets><Bucket><Name>a</Name>"},
        {"GET", "/b/cold", 403, "<Code>InvalidObjectState</Code>"},
        {"HEAD", "/b/cold", 200, "x-amz-storage-class: GLACIER"},
        {"GET", "/b/secret", 403, "<Code>AccessDenied</Code>"},
        {"POST", "/b/k", 405, "<Code>MethodNotAllowed</Code>"},
        {"GET", "/b/empty", 200, "Content-Length: 0\r\n"},
        {"GET", "/b/k%20%2Fx%3F", 200, "odd"},
        {"GET", "/b?list-type=2&continuation-token=x", 400, "<Code>InvalidArgument</Code>"},
    };
    put_digits();
    peer_s3_bucket(s3, "a");
    peer_s3_set_region(s3, "eu-west-1");
    peer_s3_put(s3, "b", &(struct peer_s3_object){.key = "cold", .storage_class = "GLACIER"});
    peer_s3_put(s3, "b", &(struct peer_s3_object){.key = "secret", .denied = true});
    peer_s3_put_text(s3, "b", "empty", "");
    peer_s3_put_text(s3, "b", "k /x?", "odd");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status = ask(cases[i].method, cases[i].target, "");
        ck_assert_msg(status == cases[i].status && has(cases[i].holds), "%s %s:\n%s",
                      cases[i].method, cases[i].target, answer);
        if (cases[i].method[0] == 'H')
            ck_assert_str_eq(body, "");
    }
    ck_assert_int_eq(get("/k", "Host: b.localhost:80\r\n"), 200);
    ck_assert_str_eq(body, "0123456789");
    ck_assert_int_eq(get("/b/empty", "Range: bytes=0-0\r\n"), 416);
}
END_TEST

START_TEST(objects_change)
{
    char first[64], second[64];
    peer_s3_put_text(s3, "b", "k", "one");
    peer_s3_etag(s3, "b", "k", first);
    peer_s3_put_text(s3, "b", "k", "three");
    peer_s3_etag(s3, "b", "k", second);
    ck_assert_str_ne(first, second);
    ck_assert_int_eq(get("/b/k", ""), 200);
    ck_assert_str_eq(body, "three");
    ck_assert(peer_s3_delete(s3, "b", "k"));
    ck_assert(!peer_s3_delete(s3, "b", "k"));
    ck_assert_int_eq(get("/b/k", ""), 404);
    ck_assert_int_eq(ask("PUT", "/b/k", "x-amz-meta-a: 1\r\nContent-Length: 0\r\n"), 200);
    ck_assert_int_eq(get("/b/k", ""), 200);
    ck_assert(has("x-amz-meta-a: 1\r\n"));
    ck_assert_int_eq(ask("DELETE", "/b/k", ""), 204);
    for (size_t i = 0; i < 100; i++) { /* out of order, each twice */
        char key[16];
        (void)snprintf(key, sizeof(key), "k%02zu", i * 37 % 100);
        peer_s3_put_text(s3, "b", key, "old");
        peer_s3_put_text(s3, "b", key, key);
    }
    ck_assert_uint_eq(peer_s3_count(s3, "b"), 100);
    ck_assert_int_eq(get("/b/k63", ""), 200);
    ck_assert_str_eq(body, "k63");
    peer_s3_bucket_delete(s3, "b");
    ck_assert_int_eq(get("/b/k63", ""), 404);
}
END_TEST

START_TEST(large_without_memory)
{
    peer_s3_put_generated(s3, "b", "large", UINT64_C(5) << 40, 3);
    ck_assert_int_eq(get("/b/large", "Range: bytes=4398046511104-4398046611103\r\n"), 206);
    ck_assert(has("Content-Range: bytes 4398046511104-4398046611103/5497558138880\r\n"));
    ck_assert(peer_check(3, UINT64_C(4398046511104), body, 100000, NULL));
}
END_TEST

/* The keys ("k") and common prefixes ("p") of all pages, in the order of the answers. */
static void list_all(const char *query, char *ret, size_t size, unsigned *ret_pages)
{
    char token[512] = "";
    *ret_pages = 0;
    ret[0] = '\0';
    for (;;) {
        char target[1024];
        (void)snprintf(target, sizeof(target), "/b?list-type=2&%s%s%s", query,
                       token[0] ? "&continuation-token=" : "", token);
        ck_assert_int_eq(get(target, ""), 200);
        *ret_pages += 1;
        for (const char *at = body; (at = strchr(at, '<')); at++) {
            const char *text = NULL;
            if (strncmp(at, "<Key>", 5) == 0)
                text = at + 5;
            else if (strncmp(at, "<CommonPrefixes><Prefix>", 24) == 0)
                text = at + 24;
            if (text) {
                size_t len = strlen(ret);
                (void)snprintf(ret + len, size - len, "%s%.*s", len ? " " : "",
                               (int)strcspn(text, "<"), text);
            }
        }
        const char *next = strstr(body, "<NextContinuationToken>");
        ck_assert_int_eq(next != NULL, has("<IsTruncated>true<"));
        if (!next)
            return;
        ck_assert_int_eq(sscanf(next, "<NextContinuationToken>%511[^<]", token), 1);
    }
}

START_TEST(listings)
{
    static const char *const keys[] = {"a",   "b/",  "b/1", "b/2", "b/c/1", "b/c/2",
                                       "b-x", "b.y", "c d", "e<",  "z/1"};
    static const struct {
        const char *query, *found;
        unsigned pages;
    } cases[] = {
        {"prefix=", "a b-x b.y b/ b/1 b/2 b/c/1 b/c/2 c d e&#x3C; z/1", 1},
        {"max-keys=2&prefix=", "a b-x b.y b/ b/1 b/2 b/c/1 b/c/2 c d e&#x3C; z/1", 6},
        {"delimiter=/", "a b-x b.y c d e&#x3C; b/ z/", 1},
        {"delimiter=/&max-keys=1", "a b-x b.y b/ c d e&#x3C; z/", 7},
        {"delimiter=/&max-keys=3", "a b-x b.y c d e&#x3C; b/ z/", 3},
        {"prefix=b/&delimiter=/", "b/ b/1 b/2 b/c/", 1},
        {"prefix=b/c/&delimiter=/", "b/c/1 b/c/2", 1},
        {"prefix=b/c", "b/c/1 b/c/2", 1},
        {"start-after=b/1&prefix=b/", "b/2 b/c/1 b/c/2", 1},
        {"start-after=a&max-keys=6&delimiter=/", "b-x b.y c d e&#x3C; b/ z/", 1},
        {"encoding-type=url&prefix=c", "c+d", 1},
        {"encoding-type=url&prefix=e", "e%3C", 1},
        {"prefix=nothing", "", 1},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        peer_s3_put_text(s3, "b", keys[i], "x");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char found[1024];
        unsigned pages;
        list_all(cases[i].query, found, sizeof(found), &pages);
        ck_assert_msg(strcmp(found, cases[i].found) == 0 && pages == cases[i].pages,
                      "%s: %s in %u pages", cases[i].query, found, pages);
    }
    unsigned pages;
    char found[1024];
    peer_s3_set_page_size(s3, 4);
    list_all("prefix=", found, sizeof(found), &pages);
    ck_assert_uint_eq(pages, 3);
    ck_assert_str_eq(found, cases[0].found);
    ck_assert_int_eq(get("/b?list-type=2&max-keys=0", ""), 200);
    ck_assert(has("<KeyCount>0<") && has("<IsTruncated>false<"));
}
END_TEST

START_TEST(faults_laid_over)
{
    struct peer *peer = peer_s3_peer(s3);
    put_digits();
    (void)peer_on(peer, "GET /b/k",
                  PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_CUT, .after = 3}));
    ck_assert_int_eq(get("/b/k", "Range: bytes=5-9\r\n"), 206);
    ck_assert_str_eq(body, "567");
    ck_assert(has("Content-Length: 5\r\n"));
    (void)peer_rule_add(peer,
                        &(struct peer_rule){.match = PEER_S3_LISTING("b"),
                                            .skip = 1,
                                            .times = 1,
                                            PEER_ANSWERS(PEER_S3_ERROR(503, "SlowDown"))});
    ck_assert_int_eq(get("/b?list-type=2", ""), 200);
    ck_assert_int_eq(get("/b?list-type=2", ""), 503);
    ck_assert(has("<Code>SlowDown</Code>") && has("x-amz-request-id: "));
    ck_assert_int_eq(get("/b?list-type=2", ""), 200);
    peer_s3_check_region(s3, true);
    ck_assert_int_eq(
        get("/b/k", "Authorization: AWS4 Credential=x/1/eu-north-1/s3/aws4_request\r\n"), 301);
    ck_assert(has("x-amz-bucket-region: us-east-1"));
}
END_TEST

SUITE_PROGRAM("s3", 60, (void)0, tcase_add_checked_fixture(tc, setup, teardown);
              tcase_add_loop_test(tc, ranges_and_conditions, 0,
                                  (int)(sizeof(GETS) / sizeof(GETS[0])));
              tcase_add_test(tc, other_answers); tcase_add_test(tc, objects_change);
              tcase_add_test(tc, large_without_memory); tcase_add_test(tc, listings);
              tcase_add_test(tc, faults_laid_over));
