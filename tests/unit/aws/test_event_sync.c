/* Events over sockets: by waiting, and by callbacks whose pauses another thread ends. */
#include "base/thread.h"
#include "peer/peer.h"
#include "unit/aws/event_messages.h"
#include "unit/aws/event_shapes.h"
#include "unit/check.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <pail/call.h>
#include <semaphore.h>

struct world {
    struct peer *peer;
    struct pail_client *client;
    struct buf stream;
    struct watch_output out;
};

static struct world world_new(void)
{
    struct world w = {.peer = peer_start()};
    const struct pail_config config = {.endpoint_url = peer_url(w.peer),
                                       .region = "us-east-1",
                                       .no_sign_request = true,
                                       .max_attempts = 1};
    buf_init(&w.stream, SIZE_MAX);
    ck_assert_int_eq(pail_client_new(&config, &w.client, NULL), 0);
    return w;
}

static void world_free(struct world *w)
{
    pail_output_free(&watch_xml, &w->out);
    pail_client_free(w->client);
    peer_stop(w->peer);
    buf_done(&w->stream);
}

/* Has the peer play the stream, and opens it. */
static int world_open(struct world *w, const struct pail_operation *op,
                      const struct peer_response *with, const struct pail_call_options *options,
                      struct pail_error *error)
{
    struct peer_response response = *with;
    response.body = w->stream.data;
    response.body_len = w->stream.len;
    peer_on(w->peer, "POST /", &response);
    return pail_call(w->client, op, NULL, &w->out, options, error);
}

static void check_event(const struct pail_event *event, const char *expected)
{
    char *text;
    ck_assert_int_eq(pail_event_json(event, &text), 0);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(reads)
{
    struct world w = world_new();
    struct pail_event event;
    struct pail_error error;
    static char payload[300 * 1024];
    memset(payload, 'x', sizeof(payload));
    add_event(&w.stream, "initial-response", PAIL_STR("{\"greeting\":\"hi\"}"));
    add_event(&w.stream, "Unheard", PAIL_STR(""));
    add_event(&w.stream, "Note", PAIL_STR("{\"lines\":[\"a\"]}"));
    for (int i = 0; i < 20; i++)
        add_event(&w.stream, "Headed", str_of(payload, sizeof(payload) - (size_t)i));
    add_event(&w.stream, "End", PAIL_STR(""));
    const struct peer_response response = {.framing = _i == 0 ? PEER_CHUNKED : PEER_LENGTH,
                                           .chunk = 1000};
    ck_assert_int_eq(world_open(&w, &watch_json, &response, NULL, &error), 0);
    check_str(w.out.greeting, "hi");
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    check_event(&event, "{\"Note\":{\"lines\":[\"a\"]}}");
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
        const struct happening *happening = event.data;
        ck_assert(
            str_eq(happening->headed->payload, str_of(payload, sizeof(payload) - (size_t)i)));
    }
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    check_event(&event, "{\"End\":{}}");
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 0);
    const struct peer_request *request =
        peer_request_at(w.peer, PEER_MATCH(.method = "POST"), 0);
    ck_assert_str_eq(peer_request_header(request, "X-Amz-Target"), "Watcher_1.Watch");
    world_free(&w);
}
END_TEST

/* How the stream goes on after its first event. */
static const struct {
    struct peer_response response;
    int kind, sys;
} endings[] = {
    {{.framing = PEER_CHUNKED}, PAIL_ERROR_INCOMPLETE_READ, EIO},
    {{.framing = PEER_CLOSE}, PAIL_ERROR_INCOMPLETE_READ, EIO},
    {{.framing = PEER_CHUNKED, .fault = {.end = PEER_END_CUT}}, PAIL_ERROR_STREAMING, EIO},
    {{.framing = PEER_CHUNKED, .fault = {.end = PEER_END_RESET}}, PAIL_ERROR_STREAMING, EIO},
    {{.framing = PEER_CHUNKED, .fault = {.end = PEER_END_STALL}},
     PAIL_ERROR_READ_TIMEOUT,
     ETIMEDOUT},
};

START_TEST(fails)
{
    struct world w = world_new();
    struct pail_event event;
    struct pail_error error;
    add_event(&w.stream, "Text", PAIL_STR("a"));
    size_t len = w.stream.len;
    add_event(&w.stream, "Text", PAIL_STR("b"));
    struct peer_response response = endings[_i].response;
    if (response.fault.end != PEER_END_WELL)
        response.fault.after = len + 20;
    ck_assert_int_eq(world_open(&w, &watch_xml, &response,
                                &(struct pail_call_options){.read_timeout_ms = 300}, &error),
                     0);
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    check_event(&event, "{\"Text\":{\"Text\":\"a\"}}");
    if (response.fault.end == PEER_END_WELL)
        ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    for (int i = 0; i < 3; i++) {
        error = (struct pail_error){.sys = 0};
        ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error),
                         -endings[_i].sys);
        ck_assert_int_eq(error.kind, endings[_i].kind);
        ck_assert_int_eq(error.sys, endings[_i].sys);
        ck_assert_int_eq(error.http_status, 200);
        ck_assert_str_eq(error.operation, "Watch");
    }
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, NULL), -endings[_i].sys);
    world_free(&w);
}
END_TEST

/* An event is there when its last byte is, whatever comes later. */
START_TEST(tells_at_once)
{
    struct world w = world_new();
    struct pail_event event;
    struct pail_error error;
    add_event(&w.stream, "Text", PAIL_STR("a"));
    size_t len = w.stream.len;
    add_event(&w.stream, "End", PAIL_STR(""));
    const struct peer_response response = {.framing = _i == 0 ? PEER_CHUNKED : PEER_LENGTH,
                                           .fault = {.end = PEER_END_STALL, .after = len}};
    ck_assert_int_eq(world_open(&w, &watch_xml, &response, NULL, &error), 0);
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    ck_assert(peer_wait_stalled(w.peer, 1, 10000));
    peer_release(w.peer);
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    check_event(&event, "{\"End\":{}}");
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 0);
    world_free(&w);
}
END_TEST

/* Closed, or its client freed, with a stream that would go on for ever. */
START_TEST(closes)
{
    struct world w = world_new();
    struct pail_event event;
    struct pail_error error;
    for (int i = 0; i < 100; i++)
        add_event(&w.stream, "Text", PAIL_STR("a"));
    const struct peer_response response = {
        .framing = PEER_CHUNKED, .fault = {.end = PEER_END_STALL, .after = w.stream.len}};
    ck_assert_int_eq(world_open(&w, &watch_xml, &response, NULL, &error), 0);
    for (int i = 0; i < _i; i++)
        ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    if (_i % 2 == 0) {
        pail_output_free(&watch_xml, &w.out);
        ck_assert(peer_wait_connections(w.peer, 0, 10000));
    } else {
        pail_client_free(STEAL(w.client));
        for (int i = 0; i < 3; i++) {
            error = (struct pail_error){.sys = 0};
            pail_event_stream_set_read_timeout(w.out.happenings, 1000);
            ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error),
                             -ECANCELED);
            ck_assert_int_eq(error.kind, PAIL_ERROR_CANCELLED);
            ck_assert_str_eq(error.operation, "Watch");
        }
    }
    world_free(&w);
}
END_TEST

struct canceller {
    struct peer *peer;
    struct pail_call *call;
};

static void *cancel(void *arg)
{
    struct canceller *canceller = arg;
    peer_wait_stalled(canceller->peer, 1, 10000);
    pail_call_cancel(canceller->call);
    return NULL;
}

static void post(struct pail_call *call, int status, const struct pail_error *error, void *user)
{
    (void)call;
    (void)status;
    (void)error;
    sem_post(user);
}

START_TEST(is_cancelled_while_waiting)
{
    struct world w = world_new();
    struct canceller canceller = {.peer = w.peer};
    struct pail_event event;
    struct pail_error error;
    pthread_t thread;
    sem_t opened;
    sem_init(&opened, 0, 0);
    add_event(&w.stream, "Text", PAIL_STR("a"));
    const struct peer_response response = {
        .body = w.stream.data,
        .body_len = w.stream.len,
        .framing = PEER_CHUNKED,
        .fault = {.end = PEER_END_STALL, .after = w.stream.len}};
    peer_on(w.peer, "POST /", &response);
    ck_assert_int_eq(pail_call_start(w.client, &watch_xml, NULL, &w.out, NULL, post, &opened,
                                     &canceller.call, &error),
                     0);
    sem_wait(&opened);
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    ck_assert_int_eq(thread_start(&thread, "canceller", cancel, &canceller), 0);
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), -ECANCELED);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CANCELLED);
    pthread_join(thread, NULL);
    pail_call_release(canceller.call);
    sem_destroy(&opened);
    world_free(&w);
}
END_TEST

/* Callbacks, each followed by a pause that this thread ends. */
struct follower {
    sem_t told;
    unsigned events;
    bool ended;
    int status;
};

static enum pail_event_flow follow(struct pail_event_stream *stream,
                                   const struct pail_event *event, void *user)
{
    struct follower *follower = user;
    (void)stream;
    (void)event;
    follower->events++;
    sem_post(&follower->told);
    return PAIL_EVENT_PAUSE;
}

static void follow_end(struct pail_event_stream *stream, int status,
                       const struct pail_error *error, void *user)
{
    struct follower *follower = user;
    (void)stream;
    (void)error;
    follower->ended = true;
    follower->status = status;
    sem_post(&follower->told);
}

START_TEST(follows)
{
    struct world w = world_new();
    struct follower follower = {.events = 0};
    struct pail_error error;
    sem_init(&follower.told, 0, 0);
    for (int i = 0; i < 1000; i++)
        add_event(&w.stream, "Text", PAIL_STR("some text"));
    add_event(&w.stream, "End", PAIL_STR(""));
    const struct peer_response response = {.framing = PEER_CHUNKED};
    ck_assert_int_eq(world_open(&w, &watch_xml, &response, NULL, &error), 0);
    pail_event_stream_start(w.out.happenings, follow, follow_end, &follower);
    for (unsigned i = 1; i <= (_i == 0 ? 1001 : 500); i++) {
        sem_wait(&follower.told);
        ck_assert_uint_eq(follower.events, i);
        ck_assert(!follower.ended);
        pail_event_stream_resume(w.out.happenings);
    }
    if (_i > 0) {
        sem_wait(&follower.told);
        ck_assert_uint_eq(follower.events, 501);
        if (_i == 1)
            pail_output_free(&watch_xml, &w.out);
        else
            pail_client_free(STEAL(w.client));
    }
    sem_wait(&follower.told);
    ck_assert(follower.ended);
    ck_assert_int_eq(follower.status, _i == 0 ? 0 : -ECANCELED);
    world_free(&w);
    sem_destroy(&follower.told);
}
END_TEST

/* Want of what waiting takes is not the stream's end. */
START_TEST(waits_again_when_it_can)
{
    struct world w = world_new();
    struct pail_error error;
    struct pail_event event;
    add_event(&w.stream, "Text", PAIL_STR("a"));
    add_event(&w.stream, "End", PAIL_STR(""));
    ck_assert_int_eq(world_open(&w, &watch_xml,
                                PEER_RESPONSE(.fault = {.end = PEER_END_STALL, .after = 0}),
                                NULL, &error),
                     0);
    ck_assert(peer_wait_stalled(w.peer, 1, 10000));
    alloc_fail_after(0);
    int r = pail_event_stream_next(w.out.happenings, &event, &error);
    alloc_fail_after(-1);
    ck_assert_int_eq(r, -ENOMEM);
    ck_assert_int_eq(error.kind, PAIL_ERROR_MEMORY);
    struct rlimit before = descriptors_leave(0);
    r = pail_event_stream_next(w.out.happenings, &event, &error);
    descriptors_restore(before);
    ck_assert_int_eq(r, -EMFILE);
    ck_assert_int_eq(error.sys, EMFILE);
    peer_release(w.peer);
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    check_event(&event, "{\"Text\":{\"Text\":\"a\"}}");
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 1);
    ck_assert_int_eq(pail_event_stream_next(w.out.happenings, &event, &error), 0);
    world_free(&w);
}
END_TEST

SUITE_MAIN("aws/event_sync", tcase_add_test(tc, waits_again_when_it_can);
           tcase_add_loop_test(tc, reads, 0, 2),
           tcase_add_loop_test(tc, fails, 0, ARRAY_LEN(endings)),
           tcase_add_loop_test(tc, tells_at_once, 0, 2), tcase_add_loop_test(tc, closes, 0, 4),
           tcase_add_test(tc, is_cancelled_while_waiting),
           tcase_add_loop_test(tc, follows, 0, 3));
