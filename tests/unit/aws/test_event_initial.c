/* Event streams of the JSON protocol, whose first message completes the output. */
#include "aws/event_stream.h"

#include "unit/aws/event_watcher.h"

START_TEST(completes_the_output)
{
    CLEANUP_DONE(buf) struct buf stream;
    buf_init(&stream, SIZE_MAX);
    add_event(&stream, "initial-response", PAIL_STR("{\"greeting\":\"hi\"}"));
    add_event(&stream, "Text", PAIL_STR("a"));
    add_event(&stream, "initial-response", PAIL_STR("{}"));
    add_event(&stream, "End", PAIL_STR(""));
    for (size_t piece = 1; piece <= stream.len; piece++) {
        struct fixture f = fixture_plain();
        struct watcher w;
        char *text;
        watcher_init(&w, &f);
        scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                          .headers = "x-trace: t\n",
                                                          .body = stream.data,
                                                          .body_len = stream.len,
                                                          .piece = piece,
                                                          .chunked = true});
        watch(&w, &f, &watch_json, NULL);
        ck_assert_int_eq(w.outcome.status, 0);
        ck_assert_int_eq(pail_output_json(&watch_json, &w.out, &text), 0);
        ck_assert_str_eq(text, "{\"Happenings\":null,\"greeting\":\"hi\",\"trace\":\"t\"}");
        free(text);
        ck_assert_str_eq(buf_c(&w.seen), TEXT_A END);
        ck_assert_uint_eq(w.ends, 1);
        ck_assert_int_eq(w.status, 0);
        watcher_done_with(&w);
        fixture_free(&f);
    }
}
END_TEST

enum {
    FIRST_IS_ANOTHER,
    FIRST_IS_EXCEPTION,
    FIRST_IS_DAMAGED,
    FIRST_IS_MISSING,
    FIRST_IS_CUT,
    FIRST_RESET,
    FIRST_STALLS,
    FIRST_UNPARSABLE,
    FIRSTS
};

static const struct {
    int kind, sys;
    const char *code;
    unsigned attempts;
} first_failures[] = {
    [FIRST_IS_ANOTHER] = {PAIL_ERROR_PARSE, EPROTO, "", 1},
    [FIRST_IS_EXCEPTION] = {PAIL_ERROR_EVENT_STREAM, EACCES, "AccessDeniedException", 1},
    [FIRST_IS_DAMAGED] = {PAIL_ERROR_CHECKSUM, EBADMSG, "", 1},
    [FIRST_IS_MISSING] = {PAIL_ERROR_INCOMPLETE_READ, EIO, "", 3},
    [FIRST_IS_CUT] = {PAIL_ERROR_INCOMPLETE_READ, EIO, "", 3},
    [FIRST_RESET] = {PAIL_ERROR_STREAMING, EIO, "", 3},
    [FIRST_STALLS] = {PAIL_ERROR_READ_TIMEOUT, ETIMEDOUT, "", 3},
    [FIRST_UNPARSABLE] = {PAIL_ERROR_PARSE, EPROTO, "", 1},
};

/* Nothing follows it: with a known length it is held back until the body's end. */
START_TEST(first_is_all_there_is)
{
    CLEANUP_DONE(buf) struct buf stream;
    struct fixture f = fixture_plain();
    struct watcher w;
    bool fails = _i & 1;
    watcher_init(&w, &f);
    buf_init(&stream, SIZE_MAX);
    if (fails)
        add_failure(&stream, "exception", "AccessDeniedException", "{\"message\":\"no\"}");
    else
        add_event(&stream, "initial-response", PAIL_STR("{}"));
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .headers = "x-amzn-requestid: r1\n",
                                                      .body = stream.data,
                                                      .body_len = stream.len,
                                                      .chunked = _i & 2});
    watch(&w, &f, &watch_json, NULL);
    ck_assert_int_eq(w.outcome.status, fails ? -EACCES : 0);
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    if (fails) {
        ck_assert_int_eq(w.outcome.error.kind, PAIL_ERROR_EVENT_STREAM);
        ck_assert_str_eq(w.outcome.error.code, "AccessDeniedException");
        ck_assert_str_eq(w.outcome.error.request_id, "r1");
    }
    ck_assert_uint_eq(w.ends, fails ? 0 : 1);
    ck_assert_uint_eq(scripted_running(f.t), 0);
    watcher_done_with(&w);
    fixture_free(&f);
}
END_TEST

/* A stream that does not begin well is a call that fails. */
START_TEST(fails_with_the_first_message)
{
    CLEANUP_DONE(buf) struct buf stream;
    struct fixture f = fixture_plain();
    struct watcher w;
    watcher_init(&w, &f);
    buf_init(&stream, SIZE_MAX);
    if (_i == FIRST_IS_EXCEPTION)
        add_failure(&stream, "exception", "AccessDeniedException", "{\"message\":\"no\"}");
    else if (_i == FIRST_IS_ANOTHER)
        add_event(&stream, "Text", PAIL_STR("a"));
    else if (_i != FIRST_IS_MISSING)
        add_event(&stream, "initial-response", str_c(_i == FIRST_UNPARSABLE ? "{" : "{}"));
    size_t len = stream.len;
    if (_i == FIRST_IS_CUT || _i == FIRST_RESET || _i == FIRST_STALLS)
        len = 20;
    else if (_i != FIRST_IS_MISSING)
        add_event(&stream, "Text", PAIL_STR("a"));
    if (_i == FIRST_IS_DAMAGED)
        stream.data[30] ^= 1;
    for (unsigned i = 0; i < 3; i++)
        scripted_respond(f.t, &(struct scripted_response){
                                  .status = 200,
                                  .headers = "x-amzn-requestid: r1\n",
                                  .body = len ? stream.data : "",
                                  .body_len = len,
                                  .chunked = true,
                                  .kind = _i == FIRST_RESET ? PAIL_ERROR_STREAMING : 0,
                                  .stall = _i == FIRST_STALLS});
    watch(&w, &f, &watch_json, NULL);
    ck_assert_int_eq(w.outcome.status, -first_failures[_i].sys);
    ck_assert_int_eq(w.outcome.error.kind, first_failures[_i].kind);
    ck_assert_str_eq(w.outcome.error.code, first_failures[_i].code);
    ck_assert_uint_eq(w.outcome.error.attempts, first_failures[_i].attempts);
    ck_assert_uint_eq(scripted_request_count(f.t), first_failures[_i].attempts);
    ck_assert_str_eq(w.outcome.error.operation, "Watch");
    if (first_failures[_i].attempts == 1) {
        ck_assert_str_eq(w.outcome.error.request_id, "r1");
        ck_assert_int_eq(w.outcome.error.http_status, 200);
    }
    ck_assert_uint_eq(w.ends, 0);
    ck_assert_uint_eq(scripted_running(f.t), 0);
    watcher_done_with(&w);
    fixture_free(&f);
}
END_TEST

/* Until the output is complete, the call is tried again like any other. */
START_TEST(retries_the_first_message)
{
    CLEANUP_DONE(buf) struct buf stream;
    struct fixture f = fixture_plain();
    struct watcher w;
    watcher_init(&w, &f);
    buf_init(&stream, SIZE_MAX);
    add_event(&stream, "initial-response", PAIL_STR("{\"greeting\":\"hi\"}"));
    add_event(&stream, "End", PAIL_STR(""));
    scripted_respond(f.t, &(struct scripted_response){.status = 503});
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .body = stream.data,
                                                      .body_len = 30,
                                                      .chunked = true,
                                                      .kind = PAIL_ERROR_STREAMING});
    scripted_respond(
        f.t, &(struct scripted_response){
                 .status = 200, .body = stream.data, .body_len = stream.len, .piece = 11});
    watch(&w, &f, &watch_json, NULL);
    ck_assert_int_eq(w.outcome.status, 0);
    check_str(w.out.greeting, "hi");
    ck_assert_uint_eq(w.out.response.retry_attempts, 2);
    ck_assert_str_eq(buf_c(&w.seen), END);
    ck_assert_int_eq(w.status, 0);
    watcher_done_with(&w);
    fixture_free(&f);
}
END_TEST

/* An abort while the first message is awaited ends the call. */
START_TEST(aborts_before_the_first_message)
{
    CLEANUP_DONE(buf) struct buf stream;
    struct fixture f = fixture_plain();
    struct watcher w;
    watcher_init(&w, &f);
    buf_init(&stream, SIZE_MAX);
    add_event(&stream, "initial-response", PAIL_STR("{}"));
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .body = stream.data,
                                                      .body_len = 20,
                                                      .chunked = true,
                                                      .stall = true});
    pail_call_start(f.client, &watch_json, NULL, &w.out,
                    &(struct pail_call_options){.timeout_ms = 5000}, watcher_done, &w, &w.call,
                    NULL);
    scripted_run_for(f.t, 1000);
    ck_assert_uint_eq(w.outcome.count, 0);
    if (_i == 0)
        pail_call_cancel(w.call);
    else if (_i == 1)
        client_stop(f.client);
    scripted_run(f.t);
    ck_assert_uint_eq(w.outcome.count, 1);
    ck_assert_int_eq(w.outcome.status, _i == 2 ? -ETIMEDOUT : -ECANCELED);
    ck_assert_ptr_null(w.out.happenings);
    watcher_done_with(&w);
    fixture_free(&f);
}
END_TEST

SUITE_MAIN("aws/event_initial", tcase_add_test(tc, completes_the_output),
           tcase_add_loop_test(tc, first_is_all_there_is, 0, 4),
           tcase_add_loop_test(tc, fails_with_the_first_message, 0, FIRSTS),
           tcase_add_test(tc, retries_the_first_message),
           tcase_add_loop_test(tc, aborts_before_the_first_message, 0, 3));
