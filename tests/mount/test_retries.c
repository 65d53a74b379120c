/* Trying again: what mends a cause does so once, and however many fail at once, a service in
 * trouble is not made worse. */
#include "mount/fixture.h"

#include <stdlib.h>
#include <time.h>

#define FILES 100

/* ---- a storm ---- */

/* Retries that a mount makes at once, and in each second after that, in every mode: its quota
 * of 500, and the 14 that flow back, in what one costs. */
static const struct storm {
    const char *mode;
    struct peer_response response;
    int sys;
    unsigned at_once, a_second;
} storms[] = {
    {"legacy", PEER_S3_ERROR(503, "SlowDown"), EBUSY, 100, 3},
    {"standard", PEER_S3_ERROR(503, "SlowDown"), EBUSY, 100, 3},
    {"adaptive", PEER_S3_ERROR(503, "SlowDown"), EBUSY, 100, 3},
    {"legacy", PEER_S3_ERROR(500, "InternalError"), EIO, 35, 1},
    {"standard", PEER_S3_ERROR(500, "InternalError"), EIO, 35, 1},
    {"adaptive", PEER_S3_ERROR(500, "InternalError"), EIO, 35, 1},
};
#define STORMS    (sizeof(storms) / sizeof(storms[0]))
#define STORM_S   3
#define STORM_MAX "3"

struct reader {
    char path[512];
    unsigned seed;
    int result;
};

static int read_it(void *arg)
{
    struct reader *reader = arg;
    uint64_t read_bytes;
    reader->result = try_read(reader->path, reader->seed, &read_bytes);
    return 0;
}

static void read_all(struct reader readers[FILES])
{
    struct runner *runners[FILES];
    for (unsigned i = 0; i < FILES; i++)
        runners[i] = run_start(read_it, &readers[i]);
    for (unsigned i = 0; i < FILES; i++)
        (void)run_join(runners[i]);
}

/* Each file in a directory of its own, so that nothing is fetched ahead. */
START_TEST(a_storm)
{
    static struct reader readers[FILES];
    const struct storm *storm = &storms[_i];
    const struct peer_match attempts = {.method = "GET", .path_prefix = "/bkt/d/"};
    char key[32], options[128];
    for (unsigned i = 0; i < FILES; i++) {
        (void)snprintf(key, sizeof(key), "d/%u/f", i);
        put(key, 1000, i);
    }
    (void)snprintf(options, sizeof(options),
                   "retry_mode=%s,operation_timeout=" STORM_MAX ",metadata_ttl=600",
                   storm->mode);
    fixture_mount(options);
    for (unsigned i = 0; i < FILES; i++) {
        readers[i].seed = i;
        (void)snprintf(readers[i].path, sizeof(readers[i].path), "%s", at("d/%u/f", i));
        ck_assert_int_eq(try_stat(readers[i].path), 0);
    }
    int rule = peer_on(peer, "GET /bkt/d/*", &storm->response);
    read_all(readers);
    size_t sent = peer_count(peer, &attempts);
    for (unsigned i = 0; i < FILES; i++)
        ck_assert_msg(readers[i].result == -storm->sys || readers[i].result == -ETIMEDOUT, "%s",
                      strerrorname_np(-readers[i].result));
    (void)fprintf(stderr, "%s, %s: %zu requests\n", storm->mode, strerrorname_np(storm->sys),
                  sent);
    ck_assert_uint_le(sent, FILES + storm->at_once + (STORM_S + 1) * storm->a_second);
    peer_rule_remove(peer, rule);
    peer_clear(peer);
    if (strcmp(storm->mode, "adaptive") == 0) {
        /* It grows back slowly, but those who gave up do not keep this one waiting. */
        check_content(readers[0].path, 1000, 0);
        return;
    }
    ck_assert_uint_ge(sent, FILES);
    read_all(readers);
    for (unsigned i = 0; i < FILES; i++)
        ck_assert_int_eq(readers[i].result, 0);
    ck_assert_uint_eq(peer_count(peer, &attempts), FILES);
}
END_TEST

/* ---- what is mended ---- */

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

/* A service that says when to come back is not asked before; `_i`: in its own words, or HTTP's.
 */
START_TEST(asked_again_when_it_said)
{
    static const char *const headers[] = {"x-amz-retry-after: 700", "Retry-After: 1"};
    static const int64_t least_ns[] = {700000000, 1000000000};
    const struct peer_match fetches = {.method = "GET", .path = "/bkt/f"};
    const struct peer_response later = {.status = 500, .headers = headers[_i], .body = ""};
    put("f", 10, 1);
    fixture_mount(NULL);
    check_names(top(), "f");
    (void)peer_rule_add(
        peer, &(struct peer_rule){
                  .match = fetches, .responses = &later, .response_count = 1, .times = 1});
    check_content(at("f"), 10, 1);
    ck_assert_uint_eq(peer_count(peer, &fetches), 2);
    ck_assert_int_ge(peer_request_at(peer, &fetches, 1)->time_ns -
                         peer_request_at(peer, &fetches, 0)->time_ns,
                     least_ns[_i]);
}
END_TEST

MOUNT_SUITE("mount/retries", 60, tcase_add_loop_test(tc, a_storm, 0, (int)STORMS);
            tcase_add_loop_test(tc, corrected_once, 0, 2);
            tcase_add_loop_test(tc, asked_again_when_it_said, 0, 2));
