/* Calls whose every allocation fails in turn. The transport here is the test's hand: it
 * allocates nothing, so that only the library's own memory is wanting. */
#include "aws/call.h"
#include "unit/aws/call_fixture.h"

struct hand {
    struct transport transport;
    struct mailbox *mailbox;
    const struct http_handler *handler;
    void *user;
    bool running;
};

static struct hand *hand_of(struct transport *t)
{
    return CONTAINER_OF(t, struct hand, transport);
}

static int hand_start(struct transport *t, const struct http_request *request,
                      const struct http_handler *handler, void *user,
                      struct http_exchange **ret)
{
    struct hand *hand = hand_of(t);
    (void)request;
    hand->handler = handler;
    hand->user = user;
    hand->running = true;
    *ret = (struct http_exchange *)(void *)hand;
    return 0;
}

static void hand_cancel(struct transport *t, struct http_exchange *exchange)
{
    (void)exchange;
    hand_of(t)->running = false;
}

static void hand_resume(struct transport *t, struct http_exchange *exchange)
{
    (void)t;
    (void)exchange;
}

static void hand_set_read_timeout(struct transport *t, struct http_exchange *exchange,
                                  int64_t ms)
{
    (void)t;
    (void)exchange;
    (void)ms;
}

static void hand_post(struct transport *t, struct message *message)
{
    mailbox_post(hand_of(t)->mailbox, message);
}

static void hand_free(struct transport *t)
{
    struct hand *hand = hand_of(t);
    while (mailbox_deliver(hand->mailbox) > 0)
        continue;
    mailbox_free(hand->mailbox);
    free(hand);
}

static const struct transport_ops hand_ops = {
    .start = hand_start,
    .cancel = hand_cancel,
    .resume = hand_resume,
    .set_read_timeout = hand_set_read_timeout,
    .post = hand_post,
    .free = hand_free,
};

/* Responses in the order they are given; the last repeats. */
struct script {
    int status;
    const char *headers[4][2];
    const char *body;
    int kind;
};

/* Hands a response over. False if nobody asked for one. */
static bool play(struct hand *hand, const struct script *script,
                 const struct http_headers *headers)
{
    if (!hand->running)
        return false;
    size_t len = script->body ? strlen(script->body) : 0;
    struct http_head head = {
        .status = script->status, .reason = PAIL_STR("reason"), .headers = headers};
    struct http_result result = {.kind = script->kind, .sys = script->kind ? EIO : 0};
    const struct http_handler *handler = hand->handler;
    bool dropped = handler->head(hand->user, &head) < 0;
    if (!dropped && len > 0)
        dropped = handler->body(hand->user, script->body, len) < 0;
    if (dropped)
        result = (struct http_result){.kind = PAIL_ERROR_CANCELLED, .sys = ECANCELED};
    hand->running = false;
    handler->end(hand->user, &result);
    return true;
}

#define RANGE_OK                                                                               \
    {"Content-Range", "bytes 3-9/10"},                                                         \
    {                                                                                          \
        "ETag", "\"e\""                                                                        \
    }

static const struct {
    const struct pail_operation *operation;
    const void *in;
    int status; /* where memory suffices */
    struct script scripts[3];
} calls[] = {
    {&pail_s3_list_objects_v2_operation,
     &list_input,
     0,
     {{200, {{"x-amz-request-id", "r"}}, LIST_XML, 0}}},
    {&pail_s3_list_objects_v2_operation,
     &list_input,
     -ENOENT,
     {{404, {{NULL}}, ERROR_XML("NoSuchBucket"), 0}}},
    {&pail_s3_list_objects_v2_operation,
     &list_input,
     0,
     {{503, {{NULL}}, ERROR_XML("SlowDown"), 0}, {200, {{NULL}}, LIST_XML, 0}}},
    {&pail_s3_list_objects_v2_operation,
     &list_input,
     0,
     {{301, {{NULL}}, ERROR_XML("PermanentRedirect"), 0},
      {200, {{"x-amz-bucket-region", "eu-west-1"}}, NULL, 0},
      {200, {{NULL}}, LIST_XML, 0}}},
    {&pail_s3_get_object_operation,
     &get_input,
     0,
     {{200, {{"ETag", "\"e\""}, {"x-amz-checksum-crc32", "DUoRhQ=="}}, "hello world", 0}}},
    {&pail_s3_get_object_operation,
     &get_input,
     0,
     {{200, {{"ETag", "\"e\""}, {"Content-Length", "10"}}, "012", PAIL_ERROR_STREAMING},
      {503, {{NULL}}, ERROR_XML("SlowDown"), 0},
      {206, {RANGE_OK}, "3456789", 0}}},
};

/* Plays the call with that many allocations granted. Returns what became of it. */
static int run(size_t which, long allowed)
{
    struct hand *hand = calloc(1, sizeof(*hand));
    hand->transport.ops = &hand_ops;
    hand->transport.clock = &clock_system;
    hand->mailbox = mailbox_new();
    struct fixture f = {.t = &hand->transport};
    struct settings *settings;
    struct pail_error error;
    const struct pail_config config = {
        .endpoint_url = "http://s3.test", .region = "us-east-1", .no_sign_request = true};
    ck_assert_int_eq(settings_load(&config, no_env, NULL, &settings, &error), 0);
    const struct client_parts parts = {f.t, settings, NULL};
    ck_assert_int_eq(client_new_with(&parts, &f.client), 0);
    struct http_headers headers[3];
    for (size_t i = 0; i < 3; i++) {
        http_headers_init(&headers[i]);
        for (size_t k = 0; k < 4 && calls[which].scripts[i].headers[k][0]; k++)
            http_headers_add(&headers[i], str_c(calls[which].scripts[i].headers[k][0]),
                             str_c(calls[which].scripts[i].headers[k][1]));
    }
    struct sink sink;
    bool streamed = calls[which].operation == &pail_s3_get_object_operation;
    sink_init(&sink, &f, streamed ? 2 : 0, 64);
    sink.keep = true;
    struct pail_s3_list_objects_v2_output list = {0};
    void *out = streamed ? (void *)&sink.out : (void *)&list;

    alloc_fail_after(allowed);
    int r = pail_call_start(
        f.client, calls[which].operation, calls[which].in, out,
        &(struct pail_call_options){.resume = true, .buffers = streamed ? sink.buffers : NULL},
        outcome_done, &sink.outcome, NULL, NULL);
    bool started = r == 0;
    for (size_t i = 0; started && i < 16; i++) {
        mailbox_deliver(hand->mailbox);
        timers_run(&f.t->timers, INT64_MAX - 1);
        play(hand, &calls[which].scripts[i < 3 && calls[which].scripts[i].status ? i : 2],
             &headers[i < 3 ? i : 2]);
    }
    alloc_fail_after(-1);

    ck_assert_uint_eq(sink.outcome.count, started ? 1 : 0);
    ck_assert_uint_eq(sink.lent, started || !streamed ? 0 : 2);
    if (started)
        r = sink.outcome.status ? sink.outcome.status : sink.status;
    pail_output_free(calls[which].operation, out);
    sink_done(&sink);
    client_stop(f.client);
    pail_client_free(f.client);
    for (size_t i = 0; i < 3; i++)
        http_headers_done(&headers[i]);
    return r;
}

START_TEST(survives)
{
    size_t which = (size_t)_i;
    ck_assert_int_eq(run(which, -1), calls[which].status);
    unsigned failed = 0;
    for (long allowed = 0; allowed < 10000; allowed++) {
        int r = run(which, allowed);
        if (r != -ENOMEM) {
            /* Some memory is not needed for the call itself (a region to be remembered). */
            ck_assert_int_eq(r, calls[which].status);
            if (run(which, allowed + 1) != -ENOMEM && run(which, allowed + 2) != -ENOMEM &&
                run(which, allowed + 3) != -ENOMEM)
                break;
        }
        failed++;
    }
    ck_assert_uint_gt(failed, 5);
}
END_TEST

SUITE_MAIN("aws/call_memory", tcase_add_loop_test(tc, survives, 0, ARRAY_LEN(calls)));
