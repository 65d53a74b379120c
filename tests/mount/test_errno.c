/* Every failure is the errno that names it: each fault, laid over each request that can meet
 * it, through the system call that sends that request. */
#include "mount/fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

/* The system calls, by the request they send. */
enum call {
    LOOKUP,     /* stat of a name not listed: HEAD */
    FIRST_PAGE, /* readdir: LIST */
    LATER_PAGE,
    OPEN,       /* the head of the first GET */
    FIRST_READ, /* its body */
    LATER_READ, /* a later GET's head or body */
    XATTR,      /* HEAD */
    CALLS
};
#define BIT(call) (1U << (call))
#define HEADS     (BIT(LOOKUP) | BIT(XATTR))
#define LISTS     (BIT(FIRST_PAGE) | BIT(LATER_PAGE))
#define GETS      (BIT(OPEN) | BIT(LATER_READ)) /* before a good response head */
#define BODIES    (BIT(FIRST_READ) | BIT(LATER_READ))
#define ALL       (HEADS | LISTS | GETS)

struct fault {
    const char *name;
    unsigned calls; /* that can meet it */
    int sys;
    bool retried;
    const char *code; /* told in user.pail.error, where the response has a body */
    struct peer_response response;
};

#define ERROR(status_, code_, calls_, sys_, retried_, ...)                                     \
    {                                                                                          \
        .name = #status_ " " code_, .calls = (calls_), .sys = (sys_), .retried = (retried_),   \
        .code = (code_), .response = PEER_S3_ERROR(status_, code_, __VA_ARGS__)                \
    }
#define STATUS(status_, calls_, sys_, retried_)                                                \
    {                                                                                          \
        .name = #status_, .calls = (calls_), .sys = (sys_), .retried = (retried_),             \
        .response = {                                                                          \
            .status = (status_),                                                               \
            .body = ""                                                                         \
        }                                                                                      \
    }
#define FAULT(name_, calls_, sys_, retried_, ...)                                              \
    {                                                                                          \
        .name = (name_), .calls = (calls_), .sys = (sys_), .retried = (retried_),              \
        .response = {                                                                          \
            __VA_ARGS__                                                                        \
        }                                                                                      \
    }

static const struct fault faults[] = {
    ERROR(404, "NoSuchKey", ALL, ENOENT, false),
    ERROR(404, "NoSuchBucket", LISTS | GETS, ENOENT, false),
    ERROR(404, "NoSuchVersion", GETS, ENOENT, false),
    STATUS(404, ALL, ENOENT, false),
    ERROR(403, "AccessDenied", ALL, EACCES, false),
    STATUS(403, ALL, EACCES, false),
    STATUS(401, ALL, EACCES, false),
    ERROR(403, "InvalidAccessKeyId", LISTS | GETS, EACCES, false),
    ERROR(403, "SignatureDoesNotMatch", LISTS | GETS, EACCES, false),
    ERROR(403, "InvalidObjectState", BIT(OPEN), EACCES, false),
    ERROR(503, "SlowDown", ALL, EBUSY, true),
    STATUS(503, ALL, EBUSY, true),
    STATUS(429, ALL, EBUSY, true),
    ERROR(400, "Throttling", LISTS | GETS, EBUSY, true),
    ERROR(409, "OperationAborted", ALL, EBUSY, false),
    ERROR(400, "RequestTimeout", LISTS | GETS, ETIMEDOUT, true),
    STATUS(408, ALL, ETIMEDOUT, false),
    STATUS(504, ALL, ETIMEDOUT, true),
    ERROR(500, "InternalError", ALL, EIO, true),
    STATUS(500, ALL, EIO, true),
    STATUS(502, ALL, EIO, true),
    ERROR(501, "NotImplemented", ALL, ENOTSUP, false),
    ERROR(405, "MethodNotAllowed", ALL, ENOTSUP, false),
    ERROR(400, "InvalidRequest", ALL, EINVAL, false),
    STATUS(400, ALL, EINVAL, false),
    ERROR(400, "KeyTooLongError", GETS, ENAMETOOLONG, false),
    STATUS(418, ALL, EINVAL, false),
    FAULT("delete marker", HEADS | GETS, ENOENT, false, .status = 405,
          .headers = "x-amz-delete-marker: true", .body = ""),
    ERROR(412, "PreconditionFailed", GETS, ESTALE, false),
    ERROR(416, "InvalidRange", BIT(LATER_READ), ESTALE, false),

    FAULT("stalled before the head", ALL, ETIMEDOUT, true, .over = true,
          .fault = {.end = PEER_END_STALL, .in_head = true}),
    FAULT("stalled in the head", ALL, ETIMEDOUT, true, .over = true,
          .fault = {.end = PEER_END_STALL, .in_head = true, .after = 20}),
    FAULT("closed without a response", ALL, ECONNRESET, true, .over = true,
          .fault = {.end = PEER_END_CUT, .in_head = true}),
    FAULT("reset without a response", ALL, ECONNRESET, true, .over = true,
          .fault = {.end = PEER_END_RESET, .in_head = true}),
    FAULT("closed in the head", ALL, ECONNRESET, true, .over = true,
          .fault = {.end = PEER_END_CUT, .in_head = true, .after = 25}),
    FAULT("reset in the head", ALL, ECONNRESET, true, .over = true,
          .fault = {.end = PEER_END_RESET, .in_head = true, .after = 25}),
    FAULT("not HTTP", ALL, EPROTO, true, .over = true,
          .fault = {.instead_of_head = "SSH-2.0-OpenSSH_9.2\r\n\r\n"}),
    FAULT("a header of 200 KB", ALL, EPROTO, true, .over = true,
          .fault = {.huge_header = 200 * 1000}),
    FAULT("a header of 400 KB", ALL, EPROTO, true, .over = true,
          .fault = {.huge_header = 400 * 1000}),

    FAULT("a whole object for a range", BIT(LATER_READ), EPROTO, false, .over = true,
          .status = 200, .headers = "!Content-Range"),
    FAULT("another range", BIT(LATER_READ), EPROTO, false, .over = true,
          .headers = "Content-Range: bytes 5-1048580/20971520"),
    FAULT("no Content-Range", BIT(LATER_READ), EPROTO, false, .over = true,
          .headers = "!Content-Range"),
    FAULT("nonsense for a Content-Range", BIT(LATER_READ), EPROTO, false, .over = true,
          .headers = "Content-Range: bytes all"),
    FAULT("another ETag", GETS | BIT(XATTR), ESTALE, false, .over = true,
          .headers = "ETag: \"another\""),

    FAULT("a body that ends early", BODIES | LISTS, EIO, true, .over = true,
          .fault = {.end = PEER_END_CUT}),
    FAULT("a body that is reset", BODIES | LISTS, EIO, true, .over = true,
          .fault = {.end = PEER_END_RESET}),
    FAULT("a body that stalls", BODIES | LISTS, ETIMEDOUT, true, .over = true,
          .fault = {.end = PEER_END_STALL}),
    FAULT("chunks in place of a length", GETS, EPROTO, false, .over = true,
          .framing = PEER_CHUNKED),
    FAULT("broken chunks", LISTS, EIO, true, .over = true, .framing = PEER_CHUNKED,
          .fault = {.end = PEER_END_BAD_CHUNK}),
    FAULT("chunks without an end", LISTS, EIO, true, .over = true, .framing = PEER_CHUNKED,
          .fault = {.end = PEER_END_CUT}),

    FAULT("an empty listing", LISTS, EPROTO, true, .body = ""),
    FAULT("a listing in HTML", LISTS, EPROTO, true, .body = "<html><body>Hello</body></html>"),
    FAULT("half a listing", LISTS, EPROTO, true, .over = true,
          .fault = {.shorten = true, .shorten_to = 200}),
    FAULT("a listing that is an error", LISTS, EIO, true,
          .body = "<?xml version=\"1.0\"?><Error><Code>InternalError</Code></Error>"),
    FAULT("a listing with an entity", LISTS, EPROTO, true,
          .body = "<!DOCTYPE x [<!ENTITY a \"b\">]><ListBucketResult>&a;</ListBucketResult>"),
    FAULT("a listing without an end", LISTS, EPROTO, false,
          .body = "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

#define SMALL (100 * KIB)
#define BIG   (20 * MIB)

/* One fault meeting one call. */
struct meeting {
    const struct fault *fault;
    unsigned number;
    enum call call;
    char dir[16], path[4096], key[64];
    int result;
    uint64_t read_bytes;
    size_t listed;
};

static bool ranged(enum call call)
{
    return call == LATER_READ;
}

/* Everything in a directory of its own, so nothing is known of it before. */
static void put_objects(const struct meeting *m)
{
    char key[96];
    (void)snprintf(key, sizeof(key), "%s/a", m->dir);
    put(key, 1, 1);
    put(m->key, ranged(m->call) ? BIG : SMALL, m->number);
    (void)snprintf(key, sizeof(key), "%s/z1", m->dir);
    put(key, 1, 1);
    (void)snprintf(key, sizeof(key), "%s/z2", m->dir);
    put(key, 1, 1);
}

static struct peer_match match_of(const struct meeting *m, char prefix[static 32],
                                  char path[static 96])
{
    (void)snprintf(prefix, 32, "%s/", m->dir);
    (void)snprintf(path, 96, "/bkt/%s", m->key);
    if (BIT(m->call) & LISTS)
        return (struct peer_match){.method = "GET",
                                   .param = "prefix",
                                   .param_value = prefix,
                                   .without_param = "max-keys"};
    /* Of one version; a name's may be asked again, and is none of the call's. */
    if (m->call == XATTR)
        return (struct peer_match){.method = "HEAD", .path = path, .header = "If-Match"};
    return (struct peer_match){.method = m->call == LOOKUP ? "HEAD" : "GET", .path = path};
}

static void lay_fault(const struct meeting *m)
{
    char prefix[32], path[96];
    struct peer_rule rule = {
        .match = match_of(m, prefix, path),
        .responses = &m->fault->response,
        .response_count = 1,
        .skip = m->call == LATER_PAGE || m->call == LATER_READ ? 1 : 0,
    };
    (void)peer_rule_add(peer, &rule);
}

static int read_later(struct meeting *m)
{
    char buffer[4096];
    int fd = open(m->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -EBADF;
    int r = pread(fd, buffer, sizeof(buffer), 0) == (ssize_t)sizeof(buffer) &&
                    peer_check(m->number, 0, buffer, sizeof(buffer), NULL)
                ? 0
                : -EBADF;
    if (r == 0 && pread(fd, buffer, sizeof(buffer), 10 * MIB) < 0)
        r = -errno;
    /* The kernel's second question, and another of the reader's: the same answer. */
    if (r < 0 && (pread(fd, buffer, sizeof(buffer), 10 * MIB) >= 0 || errno != -r))
        r = -EBADF;
    (void)close(fd);
    return r;
}

static int meet(void *arg)
{
    struct meeting *m = arg;
    char value[64];
    switch (m->call) {
    case LOOKUP:
        m->result = try_stat(m->path);
        break;
    case FIRST_PAGE:
    case LATER_PAGE:
        m->result = try_list(m->path, &m->listed);
        break;
    case OPEN:
    case FIRST_READ:
        m->result = try_read(m->path, m->number, &m->read_bytes);
        break;
    case LATER_READ:
        m->result = read_later(m);
        break;
    case XATTR:
        m->result = try_xattr(m->path, "user.s3.content-type", value, sizeof(value));
        break;
    case CALLS:
        break;
    }
    return 0;
}

/* readdir(3) takes ENOENT for the end of the directory, so it is never its errno. */
static int expected_errno(const struct meeting *m)
{
    return BIT(m->call) & LISTS && m->fault->sys == ENOENT ? ESTALE : m->fault->sys;
}

static void check_told(const struct meeting *m, const struct peer_match *match)
{
    char told[4096], id[32];
    const char *name = strerrorname_np(expected_errno(m));
    if (m->call == LOOKUP && m->fault->sys == ENOENT)
        return; /* that is no failure */
    char *place = strdup(m->call == LOOKUP ? at("%s", m->dir) : m->path);
    int r = try_xattr(place, "user.pail.error", told, sizeof(told));
    free(place);
    ck_assert_msg(r >= 0, "%s, %d: no user.pail.error: %s", m->fault->name, (int)m->call,
                  strerrorname_np(-r));
    ck_assert_msg(strstr(told, name), "%s: %s is not in %s", m->fault->name, name, told);
    if (m->fault->code && !(BIT(m->call) & HEADS)) {
        ck_assert_msg(strstr(told, m->fault->code), "%s", told);
        size_t count = peer_count(peer, match);
        peer_request_id(peer_request_at(peer, match, count - 1), id);
        ck_assert_msg(strstr(told, id), "%s is not in %s", id, told);
    }
}

static size_t expected_requests(const struct meeting *m, unsigned attempts)
{
    size_t count = m->fault->retried ? attempts : 1;
    if (m->call == LATER_PAGE || m->call == LATER_READ)
        count++;
    /* The kernel looks the name up again and opens it once more. */
    if (m->call == OPEN && m->fault->sys == ESTALE)
        count *= 2;
    return count;
}

static void check_meeting(const struct meeting *m, unsigned attempts)
{
    static const char *const calls[] = {
        "lookup", "first page", "later page", "open", "first read", "later read", "getxattr",
    };
    char prefix[32], path[96];
    struct peer_match match = match_of(m, prefix, path);
    size_t sent = peer_count(peer, &match), expected = expected_requests(m, attempts);
    ck_assert_msg(m->result == -expected_errno(m), "%s at %s: %s (%d), not %s", m->fault->name,
                  calls[m->call], m->result < 0 ? strerrorname_np(-m->result) : "success",
                  m->result, strerrorname_np(expected_errno(m)));
    /* On a connection that was used before, curl takes this for the end of its life and asks
     * again on another, a few times. */
    bool idle_end = m->fault->sys == ECONNRESET;
    if (idle_end && sent > expected && sent <= 6 * expected)
        sent = expected;
    ck_assert_msg(sent == expected, "%s at %s: %zu requests, not %zu", m->fault->name,
                  calls[m->call], sent, expected);
    ck_assert_uint_eq(m->read_bytes, 0);
    ck_assert_uint_le(m->listed, m->call == LATER_PAGE ? 2 : 0);
    check_told(m, &match);
}

/* One call and all its faults, each at once: they wait together. */
static void meet_all(enum call call, unsigned attempts)
{
    static struct meeting meetings[FAULTS];
    struct runner *runners[FAULTS];
    char options[256];
    unsigned count = 0;
    for (unsigned i = 0; i < FAULTS; i++) {
        if (!(faults[i].calls & BIT(call)))
            continue;
        struct meeting *m = &meetings[count++];
        *m = (struct meeting){.fault = &faults[i], .number = i + 1, .call = call};
        (void)snprintf(m->dir, sizeof(m->dir), "d%02u", i);
        (void)snprintf(m->key, sizeof(m->key), "d%02u/f", i);
        put_objects(m);
        lay_fault(m);
    }
    peer_s3_set_page_size(s3, call == LATER_PAGE ? 2 : 1000);
    (void)snprintf(options, sizeof(options),
                   "max_attempts=%u,read_timeout=0.4,connect_timeout=2,operation_timeout=20,"
                   "metadata_ttl=60",
                   attempts);
    fixture_mount(options);
    for (unsigned i = 0; i < count; i++) {
        size_t listed;
        bool by_list = call != LOOKUP && !(BIT(call) & LISTS);
        if (by_list)
            ck_assert_int_eq(try_list(at("%s", meetings[i].dir), &listed), 0);
        else
            ck_assert_int_eq(try_stat(at("%s", meetings[i].dir)), 0);
        (void)snprintf(meetings[i].path, sizeof(meetings[i].path), "%s",
                       at("%s", BIT(call) & LISTS ? meetings[i].dir : meetings[i].key));
    }
    peer_clear(peer);
    for (unsigned i = 0; i < count; i++)
        runners[i] = run_start(meet, &meetings[i]);
    for (unsigned i = 0; i < count; i++)
        (void)run_join(runners[i]);
    for (unsigned i = 0; i < count; i++)
        check_meeting(&meetings[i], attempts);
}

START_TEST(one_attempt)
{
    meet_all((enum call)_i, 1);
}
END_TEST

START_TEST(two_attempts)
{
    meet_all((enum call)_i, 2);
}
END_TEST

/* ---- what cannot be laid over one request ---- */

START_TEST(nobody_listens)
{
    put("f", 10, 1);
    put("g", 10, 1);
    fixture_mount("max_attempts=2,negative_ttl=0");
    check_names(top(), "f|g");
    peer_listen(peer, false);
    peer_drop(peer, false, false);
    ck_assert_int_eq(try_stat(at("none")), -ECONNREFUSED);
    ck_assert_int_eq(try_open(at("f")), -ECONNREFUSED);
    peer_listen(peer, true);
    check_content(at("g"), 10, 1);
}
END_TEST

/* A dead server in the middle of a long file: what came before is right, then the error. */
START_TEST(a_long_read_that_fails)
{
    uint64_t read_bytes;
    put("big", BIG, 7);
    (void)peer_rule_add(
        peer,
        &(struct peer_rule){
            .match = {.pattern = "GET /bkt/big"},
            .skip = 2,
            PEER_ANSWERS({.over = true, .fault = {.end = PEER_END_CUT, .after = 100 * KIB}},
                         PEER_S3_ERROR(500, "InternalError")),
        });
    fixture_mount("max_attempts=2,operation_timeout=20");
    ck_assert_int_eq(try_read(at("big"), 7, &read_bytes), -EIO);
    ck_assert_uint_ge(read_bytes, MIB);
    ck_assert_uint_lt(read_bytes, BIG);
}
END_TEST

/* Connections that break at random are none of the reader's business: parts are resumed. */
START_TEST(broken_parts_are_resumed)
{
    static const struct peer_fault breaks[] = {
        {.end = PEER_END_CUT, .after = 300001},
        {.end = PEER_END_RESET, .after = 300001},
        {.end = PEER_END_STALL, .after = 300001},
    };
    put("big", BIG, 7);
    (void)peer_rule_add(peer,
                        &(struct peer_rule){.match = {.pattern = "GET /bkt/big"},
                                            .times = 6,
                                            PEER_ANSWERS({.over = true, .fault = breaks[_i]})});
    fixture_mount("read_timeout=0.3");
    check_content(at("big"), BIG, 7);
    const struct peer_match parts = {.method = "GET", .path = "/bkt/big"};
    for (size_t i = 0; i < peer_count(peer, &parts); i++)
        ck_assert_ptr_nonnull(
            peer_request_header(peer_request_at(peer, &parts, i), "If-Match"));
    /* Nothing was fetched twice, but for what was on its way when a connection was reset. */
    ck_assert_uint_lt(peer_body_sent(peer), BIG + 7 * MIB);
}
END_TEST

START_TEST(a_wrong_checksum)
{
    uint64_t read_bytes;
    peer_s3_put(s3, "bkt",
                &(struct peer_s3_object){.key = "f",
                                         .content = "content",
                                         .checksums = "x-amz-checksum-crc32: AAAAAA=="});
    fixture_mount("max_attempts=2");
    int fd = open(at("f"), O_RDONLY | O_CLOEXEC);
    char byte;
    ck_assert(fd < 0 ? errno == EBADMSG : read(fd, &byte, 1) < 0 && errno == EBADMSG);
    if (fd >= 0)
        (void)close(fd);
    ck_assert_int_eq(try_read(at("f"), 1, &read_bytes), -EBADMSG);
    ck_assert_uint_eq(read_bytes, 0);
}
END_TEST

START_TEST(a_corrupt_byte)
{
    uint64_t read_bytes;
    peer_s3_put(s3, "bkt",
                &(struct peer_s3_object){.key = "f",
                                         .content = "123456789",
                                         .checksums = "x-amz-checksum-crc32: y/Q5Jg=="});
    fixture_mount(NULL);
    char text[16];
    int fd = open(at("f"), O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(read(fd, text, sizeof(text)), 9);
    ck_assert_mem_eq(text, "123456789", 9);
    (void)close(fd);
    fixture_unmount();
    (void)peer_on(peer, "GET /bkt/f",
                  PEER_RESPONSE(.over = true, .fault = {.corrupt = true, .corrupt_at = 4}));
    fixture_mount(NULL);
    ck_assert_int_eq(try_read(at("f"), 1, &read_bytes), -EBADMSG);
    ck_assert_uint_eq(read_bytes, 0);
}
END_TEST

/* Keys that are refused once are renewed once; a clock that is wrong is corrected once. */
START_TEST(corrected_once)
{
    uint64_t read_bytes;
    char headers[128], date[64];
    time_t now = time(NULL);
    struct tm tm;
    (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
    (void)snprintf(headers, sizeof(headers), "Date: %s", date);
    const struct peer_response refusal = {
        .status = _i ? 403 : 400,
        .headers = headers,
        .body = _i ? "<Error><Code>RequestTimeTooSkewed</Code></Error>"
                   : "<Error><Code>ExpiredToken</Code></Error>",
    };
    put("f", 10, 1);
    put("g", 10, 1);
    fixture_mount("max_attempts=1");
    check_names(top(), "f|g");
    (void)peer_rule_add(peer, &(struct peer_rule){.match = {.pattern = "GET /bkt/f"},
                                                  .responses = &refusal,
                                                  .response_count = 1,
                                                  .times = 1});
    (void)peer_on(peer, "GET /bkt/g", &refusal);
    check_content(at("f"), 10, 1);
    ck_assert_int_eq(try_read(at("g"), 1, &read_bytes), -EACCES);
    ck_assert_uint_eq(requests("GET", "f"), 2);
    ck_assert_uint_eq(requests("GET", "g"), 2);
}
END_TEST

START_TEST(a_redirect_that_leads_nowhere)
{
    static const struct peer_response moved =
        PEER_S3_ERROR(301, "PermanentRedirect", .over = false);
    uint64_t read_bytes;
    put("f", 10, 1);
    fixture_mount("max_attempts=2");
    check_names(top(), "f");
    (void)peer_on(peer, "GET /bkt/f", &moved);
    ck_assert_int_eq(try_read(at("f"), 1, &read_bytes), -ENXIO);
}
END_TEST

START_TEST(a_mapped_file_gets_a_signal)
{
    char output[256];
    put("f", 100, 1);
    (void)peer_on(peer, "GET /bkt/f",
                  PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_CUT, .after = 10}));
    fixture_mount("max_attempts=1");
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "python3 -c \"import mmap; f = open('f', 'rb'); "
                                   "mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)[0]\""),
                     128 + 7);
}
END_TEST

/* ---- mounting ---- */

static const struct {
    const char *name, *source, *endpoint; /* NULL: the peer's */
    const char *options;
    struct peer_response response; /* to everything, if it has a status or a fault */
    const char *told;              /* in the one line */
} refusals[] = {
    {.name = "no such bucket", .source = "s3://none", .told = "NoSuchBucket"},
    {.name = "denied", .response = PEER_S3_ERROR(403, "AccessDenied"), .told = "AccessDenied"},
    {.name = "a wrong key",
     .response = PEER_S3_ERROR(403, "SignatureDoesNotMatch"),
     .told = "SignatureDoesNotMatch"},
    {.name = "busy", .response = PEER_S3_ERROR(503, "SlowDown"), .told = "SlowDown"},
    {.name = "broken",
     .response = PEER_S3_ERROR(500, "InternalError"),
     .told = "InternalError"},
    {.name = "no S3", .response = {.status = 200, .body = "<html></html>"}, .told = ""},
    {.name = "empty", .response = {.status = 200, .body = ""}, .told = ""},
    {.name = "nobody listens", .endpoint = "http://127.0.0.1:1", .told = ""},
    {.name = "nobody has the name", .endpoint = "http://no-such-host.invalid:80", .told = ""},
    {.name = "no TLS", .endpoint = "https", .told = ""},
    {.name = "silent",
     .options = "max_attempts=1,read_timeout=0.3",
     .response = {.status = 200, .fault = {.end = PEER_END_STALL, .in_head = true}},
     .told = ""},
    {.name = "a bad option", .options = "no_such_option=1", .told = "no_such_option"},
    {.name = "a bad value", .options = "part_size=7", .told = "part_size"},
};
#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

START_TEST(mounting_that_fails)
{
    char tls[64];
    const char *endpoint = refusals[_i].endpoint ? refusals[_i].endpoint : peer_s3_url(s3);
    (void)snprintf(tls, sizeof(tls), "https://127.0.0.1:%u", peer_port(peer));
    if (strcmp(endpoint, "https") == 0) {
        endpoint = tls;
        peer_set_accept(peer, PEER_ACCEPT_CLOSE, 0);
    }
    if (refusals[_i].response.status)
        (void)peer_on(peer, "*", &refusals[_i].response);
    int64_t start = harness_now_ms();
    fixture_mount_config(&(struct harness_mount_config){
        .source = refusals[_i].source ? refusals[_i].source : "s3://bkt",
        .endpoint = endpoint,
        .options = refusals[_i].options ? refusals[_i].options : "max_attempts=2"});
    ck_assert_int_eq(harness_mount_state(mount), -ECHILD);
    ck_assert_int_ne(harness_mount_exit_status(mount, 0), 0);
    ck_assert_int_lt(harness_mount_exit_status(mount, 0), 128);
    const char *log = harness_mount_log(mount), *end = strchr(log, '\n');
    ck_assert_msg(end && end[1] == '\0' && strstr(log, refusals[_i].told), "%s: %s",
                  refusals[_i].name, log);
    ck_assert_int_lt(harness_now_ms() - start, 10000);
}
END_TEST

MOUNT_SUITE("mount/errno", 60, tcase_add_loop_test(tc, one_attempt, 0, CALLS);
            tcase_add_loop_test(tc, two_attempts, 0, CALLS); tcase_add_test(tc, nobody_listens);
            tcase_add_test(tc, a_long_read_that_fails);
            tcase_add_loop_test(tc, broken_parts_are_resumed, 0, 3);
            tcase_add_test(tc, a_wrong_checksum); tcase_add_test(tc, a_corrupt_byte);
            tcase_add_loop_test(tc, corrected_once, 0, 2);
            tcase_add_test(tc, a_redirect_that_leads_nowhere);
            tcase_add_test(tc, a_mapped_file_gets_a_signal);
            tcase_add_loop_test(tc, mounting_that_fails, 0, (int)REFUSALS));
