/* How long a call takes to fail, by the transport's clock: its attempts and the pauses between
 * them, and never beyond its deadline. */
#include "aws/call.h"
#include "unit/aws/call_fixture.h"

#define READ_TIMEOUT_MS 5000

/* How an attempt fails, in each phase, and the time that takes by itself. */
static const struct failure {
    const char *name;
    struct scripted_response response;
    int64_t takes_ms;
    int sys;
    bool throttled;
} failures[] = {
    {"resolve", {.kind = PAIL_ERROR_RESOLVE, .head_delay_ms = 30}, 30, EHOSTUNREACH, false},
    {"connect, refused", {.kind = PAIL_ERROR_CONNECT}, 0, ECONNREFUSED, false},
    {"connect, lost",
     {.kind = PAIL_ERROR_CONNECT_TIMEOUT, .head_delay_ms = 2000},
     2000,
     ETIMEDOUT,
     false},
    {"TLS", {.kind = PAIL_ERROR_TLS, .head_delay_ms = 70}, 70, EPROTO, false},
    {"head, closed",
     {.kind = PAIL_ERROR_CONNECTION_CLOSED, .head_delay_ms = 15},
     15,
     ECONNRESET,
     false},
    {"head, stalled",
     {.status = 200, .head_delay_ms = 3600000},
     READ_TIMEOUT_MS,
     ETIMEDOUT,
     false},
    {"head, late", {.status = 500, .head_delay_ms = 400}, 400, EIO, false},
    {"head, just in time", {.status = 500, .head_delay_ms = 4999}, 4999, EIO, false},
    {"head, throttled",
     {.status = 503, .body = ERROR_XML("SlowDown"), .head_delay_ms = 5},
     5,
     EBUSY,
     true},
    {"body, cut",
     {.status = 200,
      .headers = "Content-Length: 500\n",
      .body = LIST_XML,
      .kind = PAIL_ERROR_INCOMPLETE_READ,
      .head_delay_ms = 10,
      .end_delay_ms = 90},
     100,
     EIO,
     false},
    {"body, stalled",
     {.status = 200,
      .headers = "Content-Length: 500\n",
      .body = LIST_XML,
      .stall = true,
      .head_delay_ms = 10},
     10 + READ_TIMEOUT_MS,
     ETIMEDOUT,
     false},
    {"body, garbage", {.status = 200, .body = "<", .end_delay_ms = 7}, 7, EPROTO, false},
};

static const enum pail_retry_mode modes[] = {PAIL_RETRY_LEGACY, PAIL_RETRY_STANDARD,
                                             PAIL_RETRY_ADAPTIVE};

static const struct failure *playing;

static void play(void *user, const struct scripted_request *request,
                 struct scripted_response *ret)
{
    (void)user;
    (void)request;
    *ret = playing->response;
}

static struct fixture failing(const struct failure *failure, enum pail_retry_mode mode)
{
    struct fixture f = fixture_new(&(struct pail_config){.endpoint_url = "http://s3.test",
                                                         .region = "us-east-1",
                                                         .retry_mode = mode,
                                                         .read_timeout_ms = READ_TIMEOUT_MS,
                                                         .no_sign_request = true});
    playing = failure;
    scripted_set_responder(f.t, NULL, play);
    return f;
}

/* The most that the pauses before attempts 2 to `attempts` take in all, adaptive's limiter left
 * out, which lets pass half a request a second at the least. */
static int64_t pauses_ms(enum pail_retry_mode mode, const struct failure *failure,
                         unsigned attempts)
{
    int64_t sum = 0, pause = mode == PAIL_RETRY_LEGACY || failure->throttled ? 1000 : 50;
    for (unsigned i = 1; i < attempts; i++, pause *= 2) {
        sum += mode != PAIL_RETRY_LEGACY && pause > 20000 ? 20000 : pause;
        if (mode == PAIL_RETRY_ADAPTIVE && failure->throttled)
            sum += 2000;
    }
    return sum;
}

START_TEST(attempts_and_pauses)
{
    const struct failure *failure = &failures[_i];
    static const unsigned counts[] = {1, 2, 5, 10};
    for (size_t m = 0; m < ARRAY_LEN(modes); m++)
        for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
            unsigned attempts = counts[c];
            struct fixture f = failing(failure, modes[m]);
            struct outcome outcome =
                list_once(&f, &(struct pail_call_options){.max_attempts = attempts}, NULL);
            int64_t took_ms = (outcome.at_ns - SCRIPTED_START_NS) / NS_PER_MS;
            ck_assert_int_eq(outcome.status, -failure->sys);
            ck_assert_uint_eq(outcome.error.attempts, attempts);
            ck_assert_uint_eq(scripted_request_count(f.t), attempts);
            ck_assert_int_ge(took_ms, attempts * failure->takes_ms);
            ck_assert_msg(took_ms <= attempts * failure->takes_ms +
                                         pauses_ms(modes[m], failure, attempts),
                          "%s, mode %zu, %u attempts: %lld ms", failure->name, m, attempts,
                          (long long)took_ms);
            fixture_free(&f);
        }
}
END_TEST

/* Whatever fails and however long that takes, and whenever the deadline is. */
START_TEST(never_beyond_the_deadline)
{
    const struct failure *failure = &failures[_i];
    for (size_t m = 0; m < ARRAY_LEN(modes); m++)
        for (int64_t deadline_ms = 1; deadline_ms <= 32000; deadline_ms *= 2) {
            struct fixture f = failing(failure, modes[m]);
            struct outcome outcome = list_once(
                &f, &(struct pail_call_options){.max_attempts = 100, .timeout_ms = deadline_ms},
                NULL);
            int64_t took_ms = (outcome.at_ns - SCRIPTED_START_NS) / NS_PER_MS;
            ck_assert_int_lt(outcome.status, 0);
            ck_assert_int_le(took_ms, deadline_ms);
            if (outcome.error.kind == PAIL_ERROR_DEADLINE && outcome.error.attempts > 0) {
                ck_assert_int_eq(outcome.status, -ETIMEDOUT);
                ck_assert_int_eq(took_ms, deadline_ms);
            }
            ck_assert_uint_eq(scripted_running(f.t), 0);
            fixture_free(&f);
        }
}
END_TEST

/* Bytes that come just before the read timeout, without end: the deadline ends them, or with a
 * deadline that each byte sets again, nothing does. */
START_TEST(a_trickle)
{
    static const struct failure drops = {
        .response = {.status = 200,
                     .headers = "Content-Length: 500\nETag: \"e\"\n",
                     .body = LIST_XML,
                     .piece = 1,
                     .piece_delay_ms = READ_TIMEOUT_MS - 1}};
    struct fixture f = failing(&drops, PAIL_RETRY_STANDARD);
    const struct pail_call_options bounded = {.timeout_ms = 20000};
    struct outcome outcome = list_once(&f, &bounded, NULL);
    ck_assert_int_eq(outcome.status, -ETIMEDOUT);
    ck_assert_int_eq(outcome.at_ns - SCRIPTED_START_NS, 20000 * NS_PER_MS);

    struct sink sink;
    int64_t start_ns = transport_now(f.t);
    sink_init(&sink, &f, 1, 100);
    const struct pail_call_options restarts = {.timeout_ms = 6000, .timeout_restarts = true};
    sink_start(&sink, &f, &get_input, _i ? &restarts : &bounded);
    while (!sink.ended)
        scripted_run_for(f.t, 1000);
    int64_t took_ms = (transport_now(f.t) - start_ns) / NS_PER_MS;
    if (_i) {
        ck_assert_int_eq(sink.status, -EIO); /* the body was short */
        ck_assert_int_ge(took_ms, (int64_t)strlen(LIST_XML) * (READ_TIMEOUT_MS - 1));
    } else {
        ck_assert_int_eq(sink.status, -ETIMEDOUT);
        ck_assert_int_eq(took_ms, 20000);
    }
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* A body that breaks off again and again takes its pauses, and no more; the deadline is of the
 * whole, or counts from the last byte. */
static void answer_half(void *user, const struct scripted_request *request,
                        struct scripted_response *ret)
{
    static char headers[64][160];
    unsigned *count = user, first = 0;
    char place[64] = "";
    struct pail_str range = http_headers_get(&request->headers, "Range");
    str_copy(place, sizeof(place), range);
    if (range.ptr)
        ck_assert_int_eq(sscanf(place, "bytes=%u-", &first), 1);
    ck_assert_uint_lt(*count, ARRAY_LEN(headers));
    snprintf(headers[*count], sizeof(headers[0]),
             "ETag: \"e\"\nContent-Length: %u\nContent-Range: bytes %u-39/40\n", 40 - first,
             first);
    *ret = (struct scripted_response){.status = first ? 206 : 200,
                                      .headers = headers[*count],
                                      .body = "x",
                                      .kind = first == 39 ? 0 : PAIL_ERROR_STREAMING,
                                      .end_delay_ms = 1000};
    ++*count;
}

START_TEST(a_body_in_forty_pieces)
{
    struct fixture f = fixture_plain();
    unsigned count = 0;
    struct sink sink;
    sink_init(&sink, &f, 1, 100);
    scripted_set_responder(f.t, &count, answer_half);
    sink_start(&sink, &f, &get_input,
               &(struct pail_call_options){
                   .resume = true, .timeout_ms = _i ? 30000 : 1500, .timeout_restarts = !_i});
    while (!sink.ended)
        scripted_run_for(f.t, 10);
    int64_t took_ms = (transport_now(f.t) - SCRIPTED_START_NS) / NS_PER_MS;
    ck_assert_int_eq(sink.status, _i ? -ETIMEDOUT : 0);
    ck_assert_int_le(took_ms, _i ? 30000 : 40 * 1050 + 10);
    ck_assert_int_ge(took_ms, _i ? 28000 : 40 * 1000 - 1000);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

SUITE_MAIN("aws/call_elapsed",
           tcase_add_loop_test(tc, attempts_and_pauses, 0, ARRAY_LEN(failures));
           tcase_add_loop_test(tc, never_beyond_the_deadline, 0, ARRAY_LEN(failures));
           tcase_add_loop_test(tc, a_trickle, 0, 2);
           tcase_add_loop_test(tc, a_body_in_forty_pieces, 0, 2));
