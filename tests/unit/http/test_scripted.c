/* The tests' own transport keeps the contract of http/transport.h that it stands in for. */
#include "unit/scripted_transport.h"

#include "unit/check.h"

#include <errno.h>
#include <semaphore.h>

struct seen {
    struct transport *t;
    struct http_exchange *exchange;
    int heads, ends, status;
    struct pail_int length;
    struct buf body;
    size_t take; /* most bytes taken a time */
    int head_returns;
    struct http_result result;
    struct message message;
    sem_t *done;
};

static int on_head(void *user, const struct http_head *head)
{
    struct seen *seen = user;
    seen->heads++;
    seen->status = head->status;
    seen->length = head->content_length;
    return seen->head_returns;
}

static ssize_t on_body(void *user, const char *data, size_t len)
{
    struct seen *seen = user;
    if (len > seen->take)
        len = seen->take;
    buf_add(&seen->body, data, len);
    return (ssize_t)len;
}

static void on_end(void *user, const struct http_result *result)
{
    struct seen *seen = user;
    seen->ends++;
    seen->result = *result;
    if (seen->done)
        sem_post(seen->done);
}

static const struct http_handler handler = {on_head, on_body, on_end};

static void begin(struct transport *t, struct seen *seen, const char *method)
{
    *seen = (struct seen){.t = t, .take = SIZE_MAX, .done = seen->done};
    buf_init(&seen->body, SIZE_MAX);
    struct http_request request = {.method = method, .read_timeout_ms = 1000};
    http_headers_init(&request.headers);
    buf_init(&request.query, URL_MAX);
    buf_init(&request.body, SIZE_MAX);
    buf_add_c(&request.query, "a=b");
    ck_assert_int_eq(url_parse(PAIL_STR("http://h:1/p"), &request.url, NULL), 0);
    ck_assert_int_eq(http_headers_add(&request.headers, PAIL_STR("X"), PAIL_STR("y")), 0);
    ck_assert_int_eq(http_start(t, &request, &handler, seen, &seen->exchange), 0);
    url_done(&request.url);
    http_headers_done(&request.headers);
    buf_done(&request.query);
    buf_done(&request.body);
}

START_TEST(plays_a_response)
{
    struct transport *t = scripted_new();
    scripted_respond(t, &(struct scripted_response){.status = 200,
                                                    .headers = "ETag: x\n",
                                                    .body = "hello",
                                                    .piece = 2,
                                                    .head_delay_ms = 900,
                                                    .piece_delay_ms = 900});
    struct seen seen = {0};
    begin(t, &seen, "GET");
    ck_assert_int_eq(seen.heads, 0);
    scripted_run(t);
    ck_assert(seen.heads == 1 && seen.ends == 1 && seen.status == 200);
    ck_assert(seen.length.present && seen.length.value == 5);
    ck_assert_str_eq(buf_c(&seen.body), "hello");
    ck_assert_int_eq(seen.result.kind, PAIL_ERROR_NONE);
    ck_assert_int_eq(transport_now(t) - SCRIPTED_START_NS, 3600 * NS_PER_MS);
    const struct scripted_request *r = scripted_request(t, 0);
    ck_assert_str_eq(buf_c(&r->url), "http://h:1/p?a=b");
    ck_assert(str_eq_c(http_headers_get(&r->headers, "x"), "y"));
    ck_assert(r->ended && r->delivered == 5 && scripted_running(t) == 0);
    buf_done(&seen.body);
    transport_free(t);
}
END_TEST

START_TEST(pauses_and_times_out)
{
    struct transport *t = scripted_new();
    scripted_respond(
        t, &(struct scripted_response){.status = 200, .body = "hello", .stall = true});
    struct seen seen = {0};
    begin(t, &seen, "GET");
    seen.take = 1;
    scripted_run_for(t, 100000);
    ck_assert_str_eq(buf_c(&seen.body), "h");
    seen.take = SIZE_MAX;
    http_resume(t, seen.exchange);
    ck_assert_str_eq(buf_c(&seen.body), "h");
    scripted_run(t);
    ck_assert_str_eq(buf_c(&seen.body), "hello");
    ck_assert(seen.result.kind == PAIL_ERROR_READ_TIMEOUT && seen.result.sys == ETIMEDOUT);
    ck_assert_int_eq(transport_now(t) - SCRIPTED_START_NS, 101000 * NS_PER_MS);
    buf_done(&seen.body);
    transport_free(t);
}
END_TEST

START_TEST(drops_and_cancels)
{
    struct transport *t = scripted_new();
    for (int i = 0; i < 3; i++)
        scripted_respond(t, &(struct scripted_response){.status = 200, .body = "hello"});
    struct seen dropped = {0}, cancelled = {0}, left = {0};
    begin(t, &dropped, "GET");
    begin(t, &cancelled, "GET");
    dropped.head_returns = -1;
    http_cancel(t, cancelled.exchange);
    scripted_run(t);
    ck_assert(dropped.ends == 1 && dropped.result.kind == PAIL_ERROR_CANCELLED);
    ck_assert_int_eq(cancelled.ends, 0);
    ck_assert(scripted_request(t, 1)->cancelled);
    begin(t, &left, "GET");
    transport_free(t);
    ck_assert(left.ends == 1 && left.result.kind == PAIL_ERROR_CANCELLED);
}
END_TEST

static void deliver_begin(struct message *message)
{
    struct seen *seen = CONTAINER_OF(message, struct seen, message);
    begin(seen->t, seen, "HEAD");
}

START_TEST(runs_on_its_own_thread)
{
    struct transport *t = scripted_new();
    scripted_respond(t, &(struct scripted_response){.status = 404, .body = "not sent"});
    scripted_start_thread(t);
    sem_t done;
    sem_init(&done, 0, 0);
    struct seen seen = {.t = t, .message.deliver = deliver_begin, .done = &done};
    transport_post(t, &seen.message);
    sem_wait(&done);
    transport_free(t);
    ck_assert(seen.ends == 1 && seen.status == 404 && seen.body.len == 0);
}
END_TEST

SUITE_MAIN("http/scripted transport", tcase_add_test(tc, plays_a_response);
           tcase_add_test(tc, pauses_and_times_out); tcase_add_test(tc, drops_and_cancels);
           tcase_add_test(tc, runs_on_its_own_thread));
