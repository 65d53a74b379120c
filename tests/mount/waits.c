#include "mount/waits.h"

#define KIB UINT64_C(1024)

const struct peer_response stall_head = {.over = true,
                                         .fault = {.end = PEER_END_STALL, .in_head = true}};
const struct peer_response stall_body = {.over = true,
                                         .fault = {.end = PEER_END_STALL, .after = 1000}};

const struct wait waits[WAITS] = {
    {"lookup", STAT, "d/none", "HEAD /bkt/d/none", NULL, &stall_head},
    {"open", OPEN, "d/o", "GET /bkt/d/o", NULL, &stall_head},
    {"read", READ, "d/f", "GET /bkt/d/f", NULL, &stall_body},
    {"readdir", LIST, "e/e", NULL, "e/e/", &stall_head},
    {"getxattr", XATTR, "d/f", "HEAD /bkt/d/f", NULL, &stall_head},
};

int do_call(void *arg, void *result)
{
    const struct call *call = arg;
    char value[64];
    size_t count;
    uint64_t read_bytes;
    int r = 0;
    (void)result;
    switch (call->kind) {
    case STAT:
        return try_stat(call->path);
    case OPEN:
        return try_open(call->path);
    case LIST:
        return try_list(call->path, &count);
    case XATTR:
        r = try_xattr(call->path, "user.s3.etag", value, sizeof(value));
        return r < 0 ? r : 0;
    case READ:
        return try_read(call->path, 1, &read_bytes);
    }
    return r;
}

struct harness_job *start_call(struct call *call)
{
    return harness_job_start(do_call, call, 0);
}

void put_waits(void)
{
    put("d/f", 100 * KIB, 1);
    put("d/o", 100 * KIB, 1);
    /* Below a directory that nobody reads, so that no walk brings its names; its lookup brings
     * one. */
    put("e/e/g", 10, 1);
    put("e/e/h", 10, 1);
    peer_s3_set_page_size(s3, 1);
}

void lay_wait(const struct wait *wait, const struct peer_response *response, struct call *call)
{
    ck_assert_int_eq(try_stat(at("e/e")), 0);
    check_names(at("d"), "f|o");
    struct peer_rule rule = {
        .match = {.pattern = wait->pattern}, .responses = response, .response_count = 1};
    rule.times =
        wait->prefix ? 1 : 0; /* the page after the one that stalled is none to wait for */
    if (wait->prefix)
        rule.match = (struct peer_match){.method = "GET",
                                         .param = "prefix",
                                         .param_value = wait->prefix,
                                         .without_param = "max-keys"};
    (void)peer_rule_add(peer, &rule);
    call->kind = wait->kind;
    (void)snprintf(call->path, sizeof(call->path), "%s", at("%s", wait->path));
}

/* Until the counter of the mount's is so high. */
static void wait_for_counter(const char *counter, unsigned count)
{
    char stats[16384], name[32];
    (void)snprintf(name, sizeof(name), "\n%s ", counter);
    unsigned found = 0;
    for (int64_t end = harness_now_ms() + LONG_MS; found < count;) {
        ck_assert_int_lt(harness_now_ms(), end);
        ck_assert_int_ge(try_xattr(top(), "user.pail.stats", stats, sizeof(stats)), 0);
        const char *at = strstr(stats, name);
        ck_assert_ptr_nonnull(at);
        ck_assert_int_eq(sscanf(at + strlen(name), "%u", &found), 1);
    }
}

void wait_for_waiting(unsigned count)
{
    wait_for_counter("waiting", count);
}

void wait_for_call(const struct wait *wait)
{
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    if (wait->kind == READ)
        wait_for_counter("reads", 1);
    wait_for_waiting(1);
}

struct harness_job *start_wait(const struct wait *wait, struct call *call)
{
    lay_wait(wait, wait->stall, call);
    struct harness_job *job = start_call(call);
    wait_for_call(wait);
    return job;
}

void put_around(void)
{
    char key[32];
    for (unsigned i = 0; i < 50; i++) {
        (void)snprintf(key, sizeof(key), "quick/f%u", i);
        put(key, 1000, i);
    }
    for (unsigned i = 0; i < STALLS; i++) {
        (void)snprintf(key, sizeof(key), "slow/f%u", i);
        put(key, 200 * KIB, 1);
    }
}
