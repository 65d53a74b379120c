/* Log groups as a mount, over the scripted peer: what is asked, and every way it fails. */
#include "mount/services.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define GROUPS  "Logs_20140328.DescribeLogGroups"
#define STREAMS "Logs_20140328.DescribeLogStreams"
#define EVENTS  "Logs_20140328.GetLogEvents"
#define FILTER  "Logs_20140328.FilterLogEvents"
#define TAIL    "Logs_20140328.StartLiveTail"
#define FRAMES  "Content-Type: application/vnd.amazon.eventstream"
#define STREAM  "g/@streams/s"

/* The names of the stream "s" of the group "/g", which are known from then on. */
static void mount_group(const char *options)
{
    char all[256];
    play(GROUPS, "{\"logGroups\":[{\"logGroupName\":\"/g\",\"creationTime\":1795298400000,"
                 "\"logGroupArn\":\"arn:g\"}],\"nextToken\":null}");
    play(STREAMS, "{\"logStreams\":[{\"logStreamName\":\"s\",\"creationTime\":1795298400000,"
                  "\"lastEventTimestamp\":1795302000000}],\"nextToken\":null}");
    (void)snprintf(all, sizeof(all), "max_attempts=1,metadata_ttl=3600%s%s", options ? "," : "",
                   options ? options : "");
    fixture_mount_source("logs:///", all);
    check_names(top(), "g");
    check_names(at("g/@streams"), "s");
}

#define PAGE(events, token)                                                                    \
    "{\"events\":[" events "],\"nextForwardToken\":\"" token "\",\"nextBackwardToken\":null}"
#define EVENT(ms, text)                                                                        \
    "{\"timestamp\":" #ms ",\"message\":\"" text "\",\"ingestionTime\":null}"

/* ---- streams ---- */

START_TEST(pages_tokens_and_nulls)
{
    mount_group(NULL);
    play_all(
        EVENTS,
        (const struct peer_response[]){
            {.body = PAGE(EVENT(1, "a") "," EVENT(1, "b"), "f/1")},
            {.body = PAGE("", "f/2")}, /* an empty page in the middle */
            {.body = PAGE(EVENT(1, "c"), "f/3")},
            {.status = 400, /* the token has expired */
             .body = "{\"__type\":\"InvalidParameterException\"}"},
            {.body = PAGE(EVENT(1, "a") "," EVENT(1, "b") "," EVENT(1, "c") "," EVENT(2, "d"),
                          "f/4")},
            {.body = PAGE("", "f/4")},
        },
        6);
    ck_assert_str_eq(content(STREAM), "a\nb\nc\nd\n");
    ck_assert_uint_eq(asked(EVENTS), 6);
    ck_assert_str_eq(content(STREAM), "a\nb\nc\nd\n");
    struct stat attributes;
    ck_assert_int_eq(stat(at(STREAM), &attributes), 0);
    ck_assert_int_eq(attributes.st_size, 8);
    ck_assert_int_eq(attributes.st_mtim.tv_sec, 1795302000);
}
END_TEST

static const struct failing {
    struct peer_response response;
    const char *name, *told;
} failing[] = {
    {{.status = 400, .body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"gone\"}"},
     "ENOENT",
     "ENOENT: ResourceNotFoundException: gone"},
    {{.status = 400, .body = "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}"},
     "EACCES",
     "EACCES: AccessDeniedException: no"},
    {{.status = 400, .body = "{\"__type\":\"ThrottlingException\",\"message\":\"slow\"}"},
     "EBUSY",
     "EBUSY: ThrottlingException: slow"},
    {{.status = 400, .body = "{\"__type\":\"LimitExceededException\",\"message\":\"many\"}"},
     "EBUSY",
     "EBUSY: LimitExceededException: many"},
    {{.status = 400, .body = "{\"__type\":\"ExpiredTokenException\",\"message\":\"old\"}"},
     "EACCES",
     "EACCES: ExpiredTokenException: old"},
    {{.status = 500, .body = "{\"__type\":\"InternalFailure\"}"},
     "EIO",
     "EIO: InternalFailure"},
    {{.status = 503, .body = "down"}, "EBUSY", "EBUSY"},
    {{.body = PAGE(EVENT(1, "a"), "f"), .fault = {.end = PEER_END_CUT, .after = 20}},
     "EIO",
     "EIO: incomplete read"},
    {{.body = PAGE(EVENT(1, "a"), "f"), .fault = {.shorten = true, .shorten_to = 20}},
     "EPROTO",
     "EPROTO"},
    {{.body = "{\"events\":null,\"nextForwardToken\":\"f\"}"},
     "EPROTO",
     "not a list of events"},
    {{.body = "{\"events\":[],\"nextForwardToken\":null}"}, "EPROTO", "where it goes on"},
    {{.body = "{}"}, "EPROTO", "not a list of events"},
    {{.fault = {.end = PEER_END_CUT, .in_head = true}}, "ECONNRESET", "ECONNRESET"},
    {{.body = PAGE("", "f"), .fault = {.end = PEER_END_STALL, .after = 5}},
     "ETIMEDOUT",
     "ETIMEDOUT"},
};
#define FAILING (sizeof(failing) / sizeof(failing[0]))

START_TEST(a_stream_fails_as_the_service_says)
{
    char told[4096], wanted[64];
    mount_group("operation_timeout=2");
    play_all(EVENTS,
             (const struct peer_response[]){{.body = PAGE(EVENT(1, "a"), "f/1")},
                                            failing[_i].response},
             2);
    (void)snprintf(wanted, sizeof(wanted), "a\n %s", failing[_i].name);
    ck_assert_str_eq(content(STREAM), wanted);
    ck_assert_int_gt(try_xattr(at(STREAM), "user.pail.error", told, sizeof(told)), 0);
    ck_assert_msg(strstr(told, failing[_i].told) != NULL, "%s", told);
    ck_assert_msg(strstr(told, "(logs:///g/@streams/s): ") != NULL, "%s", told);
}
END_TEST

/* It goes on from where it failed. */
START_TEST(a_failure_passes)
{
    char buffer[64];
    mount_group(NULL);
    play_all(EVENTS,
             (const struct peer_response[]){{.body = PAGE(EVENT(1, "a"), "f/1")},
                                            {.status = 500, .body = "{}"},
                                            {.body = PAGE(EVENT(1, "b"), "f/2")},
                                            {.body = PAGE("", "f/2")}},
             4);
    int fd = open(at(STREAM), O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(read(fd, buffer, sizeof(buffer)), 2);
    ssize_t n = read(fd, buffer, sizeof(buffer));
    if (n < 0) /* else what was read ahead has failed */
        n = read(fd, buffer, sizeof(buffer));
    ck_assert_int_eq(n, 2);
    ck_assert_int_eq(memcmp(buffer, "b\n", 2), 0);
    ck_assert_int_eq(read(fd, buffer, sizeof(buffer)), 0);
    (void)close(fd);
}
END_TEST

START_TEST(throttling_is_absorbed)
{
    play(GROUPS, "{\"logGroups\":[{\"logGroupName\":\"/g\"}]}");
    play(STREAMS, "{\"logStreams\":[{\"logStreamName\":\"s\"}]}");
    fixture_mount_source("logs:///", "max_attempts=5,metadata_ttl=3600");
    check_names(top(), "g");
    check_names(at("g/@streams"), "s");
    play_all(EVENTS,
             (const struct peer_response[]){
                 {.status = 400, .body = "{\"__type\":\"ThrottlingException\"}"},
                 {.status = 400, .body = "{\"__type\":\"ThrottlingException\"}"},
                 {.body = PAGE(EVENT(1, "a"), "f/1")},
                 {.body = PAGE("", "f/1")}},
             4);
    ck_assert_str_eq(content(STREAM), "a\n");
    ck_assert_uint_eq(asked(EVENTS), 4);
}
END_TEST

START_TEST(a_reader_can_be_interrupted)
{
    char output[64];
    mount_group(NULL);
    play_all(EVENTS, PEER_RESPONSE(.body = "{}", .fault = {.end = PEER_END_STALL}), 1);
    ck_assert_int_eq(
        harness_shell(top(), LONG_MS, output, sizeof(output), "timeout -s INT 1 cat " STREAM),
        124);
    ck_assert_int_eq(try_stat(at("g")), 0);
}
END_TEST

/* ---- names ---- */

static const struct {
    const char *target;
    struct peer_response response;
    int status;
} unlisted[] = {
    {GROUPS, {.status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"}, -EACCES},
    {GROUPS, {.status = 400, .body = "{\"__type\":\"ThrottlingException\"}"}, -EBUSY},
    {GROUPS, {.body = "{}"}, -EPROTO},
    {GROUPS, {.body = "{\"logGroups\":[{\"logGroupName\":\"/g"}, -EPROTO},
    {GROUPS, {.body = "{\"logGroups\":[]}", .fault = {.end = PEER_END_CUT, .after = 5}}, -EIO},
    {STREAMS, {.status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"}, -EACCES},
    {STREAMS, {.status = 400, .body = "{\"__type\":\"ResourceNotFoundException\"}"}, -ESTALE},
    {STREAMS, {.body = "{\"logStreams\":null}"}, -EPROTO},
    {STREAMS, {.status = 500, .body = "{}"}, -EIO},
    {STREAMS,
     {.body = "{\"logStreams\":[{\"logStreamName\":\"b\"},{\"logStreamName\":\"a\"}],"
              "\"nextToken\":\"t\"}"},
     -EPROTO}, /* the same page for ever */
};
#define UNLISTED (sizeof(unlisted) / sizeof(unlisted[0]))

START_TEST(a_failed_listing_is_no_empty_directory)
{
    size_t count;
    mount_group("metadata_ttl=0"); /* the last that is said holds */
    bool groups = strcmp(unlisted[_i].target, GROUPS) == 0;
    play_all(unlisted[_i].target, &unlisted[_i].response, 1);
    ck_assert_int_eq(try_list(groups ? top() : at("g/@streams"), &count), unlisted[_i].status);
}
END_TEST

START_TEST(names_that_are_not_shown)
{
    mount_group("negative_ttl=0");
    play(FILTER, "{\"events\":[]}");
    check_names(at("g"), "@streams");
    /* At once, though the listing has not shown them. */
    ck_assert_int_eq(try_stat(at("g/@tail")), 0);
    ck_assert_int_eq(try_stat(at("g/@hours")), 0);
    ck_assert_int_eq(try_stat(at("g/@none")), -ENOENT);
    size_t before = asked(GROUPS);
    ck_assert_uint_le(before, 1);
    play_error(STREAMS, 400, "AccessDeniedException");
    ck_assert_int_eq(try_stat(at("g/@streams/none")), -EACCES);
}
END_TEST

START_TEST(a_mount_without_access)
{
    play_error(GROUPS, 400, "AccessDeniedException");
    fixture_mount_config(&(struct harness_mount_config){
        .source = "logs://", .endpoint = peer_url(peer), .options = "max_attempts=1"});
    ck_assert_int_eq(harness_mount_state(mount), -ECHILD);
    ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), 1);
    ck_assert_ptr_nonnull(strstr(harness_mount_log(mount), "AccessDeniedException"));
}
END_TEST

/* ---- Live Tail ---- */

struct frames {
    unsigned char data[8192];
    size_t len;
};

static void add_u32(struct frames *f, uint32_t value)
{
    for (int i = 3; i >= 0; i--)
        f->data[f->len++] = (unsigned char)(value >> 8 * i);
}

static void add_header(struct frames *f, const char *name, const char *value)
{
    f->data[f->len++] = (unsigned char)strlen(name);
    memcpy(f->data + f->len, name, strlen(name));
    f->len += strlen(name);
    f->data[f->len++] = 7;
    f->data[f->len++] = 0;
    f->data[f->len++] = (unsigned char)strlen(value);
    memcpy(f->data + f->len, value, strlen(value));
    f->len += strlen(value);
}

/* One message: an event, or (`kind` "exception") what ends the stream. */
static void add_frame(struct frames *f, const char *kind, const char *type, const char *payload)
{
    struct frames headers = {.len = 0};
    size_t start = f->len;
    add_header(&headers, ":message-type", kind);
    add_header(&headers, strcmp(kind, "event") == 0 ? ":event-type" : ":exception-type", type);
    add_u32(f, (uint32_t)(16 + headers.len + strlen(payload)));
    add_u32(f, (uint32_t)headers.len);
    add_u32(f, (uint32_t)crc32(0, f->data + start, 8));
    memcpy(f->data + f->len, headers.data, headers.len);
    f->len += headers.len;
    memcpy(f->data + f->len, payload, strlen(payload));
    f->len += strlen(payload);
    add_u32(f, (uint32_t)crc32(0, f->data + start, (uInt)(f->len - start)));
}

static void begin_session(struct frames *f, const char *message)
{
    char update[256];
    (void)snprintf(update, sizeof(update),
                   "{\"sessionResults\":[{\"message\":\"%s\",\"timestamp\":1795302000000}]}",
                   message);
    f->len = 0;
    add_frame(f, "event", "initial-response", "{}");
    add_frame(f, "event", "sessionStart", "{}");
    add_frame(f, "event", "sessionUpdate", "{\"sessionResults\":[]}");
    add_frame(f, "event", "sessionUpdate", update);
}

START_TEST(sessions_follow_one_another)
{
    struct frames sessions[2];
    char output[64];
    mount_group(NULL);
    begin_session(&sessions[0], "one");
    add_frame(&sessions[0], "exception", "SessionTimeoutException", "{\"message\":\"over\"}");
    begin_session(&sessions[1], "two");
    play_all(TAIL,
             (const struct peer_response[]){
                 {.headers = FRAMES,
                  .body = sessions[0].data,
                  .body_len = sessions[0].len,
                  .framing = PEER_CHUNKED},
                 {.headers = FRAMES,
                  .body = sessions[1].data,
                  .body_len = sessions[1].len,
                  .framing = PEER_CHUNKED,
                  .fault = {.end = PEER_END_STALL, .after = sessions[1].len}}},
             2);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output), "head -n 2 g/@tail"),
                     0);
    ck_assert_str_eq(output, "one\ntwo\n");
    ck_assert_uint_eq(asked(TAIL), 2);
    for (size_t i = 0; i < 2; i++) {
        const struct peer_request *request = peer_request_at(peer, of(TAIL), i);
        ck_assert_ptr_nonnull(request);
        ck_assert_ptr_nonnull(memmem(request->body, request->body_len, "[\"arn:g\"]", 9));
    }
    /* Nothing comes: it can be interrupted. */
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "timeout -s INT 1 tail -n 5 g/@tail"),
                     124);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "ls g; timeout -s INT 2 grep -r one g; true"),
                     0);
}
END_TEST

static const struct {
    const char *how, *name;
} broken[] = {{"crc", "EBADMSG"}, {"prelude", "EBADMSG"}, {"cut", "EIO"},
              {"json", "EPROTO"}, {"exception", "EIO"},   {"reset", "EIO"}};
#define BROKEN (sizeof(broken) / sizeof(broken[0]))

START_TEST(broken_sessions)
{
    struct frames f;
    char wanted[64];
    const char *how = broken[_i].how;
    mount_group(NULL);
    begin_session(&f, "one");
    size_t good = f.len;
    if (strcmp(how, "json") == 0)
        add_frame(&f, "event", "sessionUpdate", "{\"sessionResults\":[");
    else if (strcmp(how, "exception") == 0)
        add_frame(&f, "exception", "SessionStreamingException", "{\"message\":\"broken\"}");
    else
        add_frame(&f, "event", "sessionUpdate", "{\"sessionResults\":[]}");
    if (strcmp(how, "crc") == 0)
        f.data[f.len - 10] ^= 1;
    else if (strcmp(how, "prelude") == 0)
        f.data[good + 3] ^= 1;
    struct peer_response response = {
        .headers = FRAMES, .body = f.data, .body_len = f.len, .framing = PEER_CHUNKED};
    if (strcmp(how, "cut") == 0)
        response.fault = (struct peer_fault){.shorten = true, .shorten_to = f.len - 5};
    else if (strcmp(how, "reset") == 0)
        response.fault = (struct peer_fault){.end = PEER_END_RESET, .after = f.len - 5};
    play_all(TAIL, &response, 1);
    (void)snprintf(wanted, sizeof(wanted), "one\n %s", broken[_i].name);
    ck_assert_str_eq(content("g/@tail"), wanted);
}
END_TEST

START_TEST(no_session)
{
    mount_group(NULL);
    play_error(TAIL, 400, "AccessDeniedException");
    ck_assert_str_eq(content("g/@tail"), " EACCES");
    play_error(TAIL, 400, "LimitExceededException");
    ck_assert_str_eq(content("g/@tail"), " EBUSY");
}
END_TEST

MOUNT_SUITE("mount/logs_faults", 60, tcase_add_test(tc, pages_tokens_and_nulls);
            tcase_add_loop_test(tc, a_stream_fails_as_the_service_says, 0, (int)FAILING);
            tcase_add_test(tc, a_failure_passes); tcase_add_test(tc, throttling_is_absorbed);
            tcase_add_test(tc, a_reader_can_be_interrupted);
            tcase_add_loop_test(tc, a_failed_listing_is_no_empty_directory, 0, (int)UNLISTED);
            tcase_add_test(tc, names_that_are_not_shown);
            tcase_add_test(tc, a_mount_without_access);
            tcase_add_test(tc, sessions_follow_one_another);
            tcase_add_loop_test(tc, broken_sessions, 0, (int)BROKEN);
            tcase_add_test(tc, no_session));
