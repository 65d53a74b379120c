/* Events by callbacks, over the scripted transport: the test's thread is the net thread. */
#include "aws/event_stream.h"

#include "unit/aws/event_watcher.h"

/* Plays `body` to a watcher from the first byte to the last. */
static void play_to(struct watcher *w, struct pail_str body,
                    const struct scripted_response *with, const struct pail_operation *op)
{
    struct fixture f = fixture_plain();
    struct scripted_response response = *with;
    bool waits = w->waits, pauses = w->pauses, resumes = w->resumes;
    watcher_init(w, &f);
    w->waits = waits;
    w->pauses = pauses;
    w->resumes = resumes;
    response.status = response.status ? response.status : 200;
    response.body = body.ptr;
    response.body_len = body.len;
    scripted_respond(f.t, &response);
    watch(w, &f, op, NULL);
    pail_output_free(op, &w->out);
    scripted_run(f.t);
    pail_call_release(STEAL(w->call));
    fixture_free(&f);
}

/* Five messages, of which four are known; *ends: where each ends. */
static void make_stream(struct buf *b, size_t ends[5])
{
    add_event(b, "Text", PAIL_STR("a"));
    ends[0] = b->len;
    add_event(b, "Unheard", PAIL_STR("of"));
    ends[1] = b->len;
    add_event(b, "Details", PAIL_STR("<Stats><Count>5</Count></Stats>"));
    ends[2] = b->len;
    add_event(b, "Nothing", PAIL_STR(""));
    ends[3] = b->len;
    add_event(b, "End", PAIL_STR(""));
    ends[4] = b->len;
}

START_TEST(splits_anywhere)
{
    CLEANUP_DONE(buf) struct buf stream;
    size_t ends[5];
    buf_init(&stream, SIZE_MAX);
    make_stream(&stream, ends);
    for (size_t piece = 1; piece <= stream.len; piece++) {
        struct watcher w = {.pauses = _i == 2, .resumes = _i == 2};
        play_to(&w, buf_str(&stream),
                &(struct scripted_response){.piece = piece, .chunked = _i != 1}, &watch_xml);
        ck_assert_str_eq(buf_c(&w.seen), TEXT_A DETAILS NOTHING END);
        ck_assert_uint_eq(w.ends, 1);
        ck_assert_int_eq(w.status, 0);
        watcher_done_with(&w);
    }
}
END_TEST

/* However a stream is cut, its reader hears of it. */
START_TEST(notices_every_cut)
{
    CLEANUP_DONE(buf) struct buf stream;
    size_t ends[5];
    buf_init(&stream, SIZE_MAX);
    make_stream(&stream, ends);
    for (size_t len = 0; len < stream.len; len++) {
        struct watcher w = {.waits = false};
        size_t whole = 0, start = 0;
        for (; whole < 5 && ends[whole] <= len; whole++)
            start = ends[whole];
        /* No piece: a body of no bytes has none. */
        play_to(
            &w, str_sub(buf_str(&stream), 0, len),
            &(struct scripted_response){.chunked = true, .headers = "x-amz-request-id: r1\n"},
            &watch_xml);
        ck_assert_uint_eq(w.events, whole - (whole > 1));
        ck_assert_uint_eq(w.ends, 1);
        ck_assert_int_eq(w.status, -EIO);
        ck_assert_int_eq(w.error.kind, PAIL_ERROR_INCOMPLETE_READ);
        ck_assert_str_eq(w.error.operation, "Watch");
        ck_assert_str_eq(w.error.request_id, "r1");
        ck_assert_int_eq(w.error.http_status, 200);
        ck_assert_uint_eq(w.error.attempts, 1);
        ck_assert_uint_eq(w.error.actual_bytes, len - start);
        if (len == start)
            ck_assert_ptr_nonnull(strstr(w.error.message, "without its End event"));
        else
            ck_assert_uint_eq(w.error.expected_bytes,
                              len - start < 12 ? 12 : ends[whole] - start);
        watcher_done_with(&w);
    }
}
END_TEST

START_TEST(notices_every_corruption)
{
    CLEANUP_DONE(buf) struct buf stream;
    size_t ends[5];
    buf_init(&stream, SIZE_MAX);
    make_stream(&stream, ends);
    for (size_t at = ends[1]; at < ends[2]; at++) {
        struct watcher w = {.waits = false};
        stream.data[at] ^= 0x40;
        play_to(&w, buf_str(&stream), &(struct scripted_response){.chunked = true, .piece = 7},
                &watch_xml);
        stream.data[at] ^= 0x40;
        ck_assert_str_eq(buf_c(&w.seen), TEXT_A);
        ck_assert_uint_eq(w.ends, 1);
        ck_assert_int_eq(w.status, -EBADMSG);
        ck_assert_int_eq(w.error.kind, PAIL_ERROR_CHECKSUM);
        watcher_done_with(&w);
    }
}
END_TEST

static const struct {
    struct scripted_response response;
    int kind, sys;
} faults[] = {
    {{.chunked = true, .kind = PAIL_ERROR_STREAMING}, PAIL_ERROR_STREAMING, EIO},
    {{.chunked = true, .stall = true}, PAIL_ERROR_READ_TIMEOUT, ETIMEDOUT},
    {{.headers = "Content-Length: 10000\n", .kind = PAIL_ERROR_INCOMPLETE_READ},
     PAIL_ERROR_INCOMPLETE_READ,
     EIO},
    {{.headers = "Content-Length: 10000\n"}, PAIL_ERROR_INCOMPLETE_READ, EIO},
    {{.headers = "Content-Length: 10000\n", .stall = true}, PAIL_ERROR_READ_TIMEOUT, ETIMEDOUT},
};

/* Faults of the transfer keep their kind, between messages, inside one, and after the last. */
START_TEST(faults_keep_their_kind)
{
    CLEANUP_DONE(buf) struct buf stream;
    size_t ends[5];
    buf_init(&stream, SIZE_MAX);
    make_stream(&stream, ends);
    const size_t lens[] = {ends[0], ends[0] + 5, ends[0] + 20, ends[4]};
    for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
        struct watcher w = {.waits = false};
        play_to(&w, str_sub(buf_str(&stream), 0, lens[i]), &faults[_i].response, &watch_xml);
        ck_assert_uint_eq(w.events, i == 3 ? 4 : 1);
        ck_assert_uint_eq(w.ends, 1);
        ck_assert_int_eq(w.status, -faults[_i].sys);
        ck_assert_int_eq(w.error.kind, faults[_i].kind);
        ck_assert_str_eq(w.error.operation, "Watch");
        watcher_done_with(&w);
    }
}
END_TEST

static const struct {
    const char *kind, *code, *message;
} refusals[] = {
    {"error", "InternalError", "because"},
    {"exception", "Oops", "<Oops><Message>because</Message></Oops>"},
};

START_TEST(service_ends_it)
{
    CLEANUP_DONE(buf) struct buf stream;
    struct watcher w = {.waits = false};
    buf_init(&stream, SIZE_MAX);
    add_event(&stream, "Text", PAIL_STR("a"));
    add_failure(&stream, refusals[_i].kind, refusals[_i].code, refusals[_i].message);
    add_event(&stream, "Text", PAIL_STR("b"));
    play_to(&w, buf_str(&stream),
            &(struct scripted_response){.chunked = true,
                                        .headers = "x-amz-request-id: r1\nx-amz-id-2: h1\n"},
            &watch_xml);
    ck_assert_str_eq(buf_c(&w.seen), TEXT_A);
    ck_assert_uint_eq(w.ends, 1);
    ck_assert_int_eq(w.status, -EIO);
    ck_assert_int_eq(w.error.kind, PAIL_ERROR_EVENT_STREAM);
    ck_assert_str_eq(w.error.code, refusals[_i].code);
    ck_assert_str_eq(w.error.message, "because");
    ck_assert_str_eq(w.error.request_id, "r1");
    ck_assert_str_eq(w.error.host_id, "h1");
    ck_assert(!w.error.retryable);
    watcher_done_with(&w);
}
END_TEST

START_TEST(parses_or_says_so)
{
    CLEANUP_DONE(buf) struct buf stream;
    struct watcher w = {.waits = false};
    buf_init(&stream, SIZE_MAX);
    add_event(&stream, "Text", PAIL_STR("a"));
    if (_i == 0)
        add_event(&stream, "Details", PAIL_STR("<Stats"));
    else if (_i == 1)
        add_message(&stream, PAIL_STR("\x01"), PAIL_STR(""));
    else
        add_message_saying(&stream, 15, 0, PAIL_STR(""), PAIL_STR(""));
    add_event(&stream, "End", PAIL_STR(""));
    play_to(&w, buf_str(&stream), &(struct scripted_response){.chunked = true}, &watch_xml);
    ck_assert_str_eq(buf_c(&w.seen), TEXT_A);
    ck_assert_uint_eq(w.ends, 1);
    ck_assert_int_eq(w.status, -EPROTO);
    ck_assert_int_eq(w.error.kind, PAIL_ERROR_PARSE);
    watcher_done_with(&w);
}
END_TEST

/* An event is told when its last byte has come, not when the next comes. */
START_TEST(tells_at_once)
{
    CLEANUP_DONE(buf) struct buf stream;
    struct fixture f = fixture_plain();
    struct watcher w;
    watcher_init(&w, &f);
    buf_init(&stream, SIZE_MAX);
    add_event(&stream, "Nothing", PAIL_STR(""));
    size_t len = stream.len;
    add_event(&stream, "Nothing", PAIL_STR(""));
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .body = stream.data,
                                                      .body_len = stream.len,
                                                      .piece = len,
                                                      .piece_delay_ms = 10000,
                                                      .end_delay_ms = _i == 1 ? 10000 : 0,
                                                      .chunked = _i == 1});
    pail_call_start(f.client, &watch_xml, NULL, &w.out, NULL, watcher_done, &w, NULL, NULL);
    scripted_run_for(f.t, 0);
    ck_assert_uint_eq(w.outcome.count, 1);
    ck_assert_uint_eq(w.events, 0);
    scripted_run_for(f.t, 10000);
    ck_assert_uint_eq(w.events, 1);
    scripted_run_for(f.t, 10000);
    ck_assert_uint_eq(w.events, 2);
    ck_assert_uint_eq(w.ends, _i == 1 ? 0 : 1);
    scripted_run_for(f.t, 10000);
    ck_assert_uint_eq(w.ends, 1);
    watcher_done_with(&w);
    fixture_free(&f);
}
END_TEST

/* A pause holds the network back: what is not wanted is not read. */
START_TEST(pauses)
{
    CLEANUP_DONE(buf) struct buf stream;
    struct fixture f = fixture_plain();
    struct watcher w;
    size_t ends[5];
    static const unsigned told[] = {0, 2, 3, 4}; /* messages taken for each event */
    watcher_init(&w, &f);
    w.pauses = true;
    buf_init(&stream, SIZE_MAX);
    make_stream(&stream, ends);
    scripted_respond(
        f.t, &(struct scripted_response){
                 .status = 200, .body = stream.data, .body_len = stream.len, .chunked = true});
    watch(&w, &f, &watch_xml, &(struct pail_call_options){.read_timeout_ms = 1000});
    for (unsigned i = 0; i < 4; i++) {
        /* However long the reader takes: it is not the server that is slow. */
        scripted_run_for(f.t, 100000);
        ck_assert_uint_eq(w.events, i + 1);
        ck_assert_uint_eq(w.ends, 0);
        ck_assert_uint_eq(scripted_request(f.t, 0)->delivered, ends[told[i]]);
        pail_event_stream_resume(w.out.happenings);
    }
    scripted_run(f.t);
    ck_assert_uint_eq(w.ends, 1);
    ck_assert_int_eq(w.status, 0);
    watcher_done_with(&w);
    fixture_free(&f);
}
END_TEST

enum {
    CLOSED_UNSTARTED,
    CLOSED_BY_EVENT,
    CLOSED_PAUSED,
    CLOSED_RUNNING,
    CLOSED_ENDED,
    CLOSINGS
};

/* The client is gone: nothing more happens but what it does to those who begin only now. */
static void use_late(struct watcher *w)
{
    struct pail_event_stream *stream = w->out.happenings;
    if (!stream)
        return;
    pail_event_stream_set_read_timeout(stream, 1000);
    if (w->waits) {
        pail_event_stream_start(stream, watcher_event, watcher_end, w);
        ck_assert_uint_eq(w->events, 0);
        ck_assert_uint_eq(w->ends, 1);
        ck_assert_int_eq(w->status, -ECANCELED);
        ck_assert_int_eq(w->error.kind, PAIL_ERROR_CANCELLED);
    }
    pail_event_stream_resume(stream);
    pail_event_stream_set_read_timeout(stream, -1);
}

/* Closed at any time: the end is told once to whoever waits for it. */
START_TEST(closes)
{
    CLEANUP_DONE(buf) struct buf stream;
    size_t ends[5];
    buf_init(&stream, SIZE_MAX);
    make_stream(&stream, ends);
    for (int how = 0; how < CLOSINGS; how++) {
        struct fixture f = fixture_plain();
        struct watcher w;
        watcher_init(&w, &f);
        w.waits = how == CLOSED_UNSTARTED;
        w.closes = how == CLOSED_BY_EVENT;
        w.pauses = how == CLOSED_PAUSED;
        scripted_respond(f.t, &(struct scripted_response){
                                  .status = 200,
                                  .body = stream.data,
                                  .body_len = how == CLOSED_ENDED ? stream.len : ends[3],
                                  .chunked = true,
                                  .end_delay_ms = 1000});
        pail_call_start(f.client, &watch_xml, NULL, &w.out, NULL, watcher_done, &w, NULL, NULL);
        scripted_run_for(f.t, how == CLOSED_ENDED ? 2000 : 500);
        ck_assert_uint_eq(w.outcome.count, 1);
        if (_i == 0) {
            pail_event_stream_close(w.out.happenings);
            pail_event_stream_close(w.out.happenings);
            scripted_run(f.t);
        } else {
            /* The client goes first. */
            client_stop(f.client);
        }
        static const unsigned events[] = {0, 1, 1, 3, 4};
        ck_assert_uint_eq(w.events, events[how]);
        ck_assert_uint_eq(w.ends, how == CLOSED_UNSTARTED ? 0 : 1);
        if (w.ends) {
            ck_assert_int_eq(w.status, how == CLOSED_ENDED ? 0 : -ECANCELED);
            ck_assert_int_eq(w.error.sys, how == CLOSED_ENDED ? 0 : ECANCELED);
        }
        ck_assert_uint_eq(scripted_running(f.t), 0);
        fixture_free(&f);
        if (_i == 2)
            use_late(&w);
        watcher_done_with(&w);
        ck_assert_uint_eq(w.ends, how == CLOSED_UNSTARTED && _i < 2 ? 0 : 1);
    }
}
END_TEST

/* Cancelled or out of time: the reader hears of it, a paused one when it goes on. */
START_TEST(ends_from_outside)
{
    CLEANUP_DONE(buf) struct buf stream;
    size_t ends[5];
    struct fixture f = fixture_plain();
    struct watcher w;
    watcher_init(&w, &f);
    w.pauses = _i & 1;
    buf_init(&stream, SIZE_MAX);
    make_stream(&stream, ends);
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .body = stream.data,
                                                      .body_len = ends[0],
                                                      .chunked = true,
                                                      .stall = true});
    pail_call_start(f.client, &watch_xml, NULL, &w.out,
                    &(struct pail_call_options){.timeout_ms = 5000}, watcher_done, &w, &w.call,
                    NULL);
    scripted_run_for(f.t, 1000);
    ck_assert_uint_eq(w.events, 1);
    if (_i & 2)
        pail_call_cancel(w.call);
    scripted_run_for(f.t, 10000);
    if (w.pauses) {
        ck_assert_uint_eq(w.ends, 0);
        pail_event_stream_resume(w.out.happenings);
        scripted_run(f.t);
    }
    ck_assert_uint_eq(w.ends, 1);
    ck_assert_int_eq(w.status, _i & 2 ? -ECANCELED : -ETIMEDOUT);
    ck_assert_int_eq(w.error.kind, _i & 2 ? PAIL_ERROR_CANCELLED : PAIL_ERROR_DEADLINE);
    watcher_done_with(&w);
    fixture_free(&f);
}
END_TEST

/* ---- calls ---- */

START_TEST(fails_like_any_call)
{
    struct fixture f = fixture_plain();
    struct watcher w;
    watcher_init(&w, &f);
    scripted_respond(
        f.t, &(struct scripted_response){.status = 403, .body = ERROR_XML("AccessDenied")});
    watch(&w, &f, &watch_xml, NULL);
    ck_assert_int_eq(w.outcome.status, -EACCES);
    ck_assert_str_eq(w.outcome.error.code, "AccessDenied");
    watcher_done_with(&w);
    fixture_free(&f);
}
END_TEST

START_TEST(takes_no_buffers)
{
    struct fixture f = fixture_plain();
    struct watch_output out = {.happenings = NULL};
    struct pail_error error;
    struct pail_buffer buffer = {.size = 1};
    ck_assert_int_eq(pail_call_start(f.client, &watch_xml, NULL, &out,
                                     &(struct pail_call_options){.buffers = &buffer},
                                     outcome_done, NULL, NULL, &error),
                     -EINVAL);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARAM);
    fixture_free(&f);
}
END_TEST

START_TEST(survives_want_of_memory)
{
    CLEANUP_DONE(buf) struct buf stream;
    size_t ends[5];
    unsigned failed = 0;
    buf_init(&stream, SIZE_MAX);
    make_stream(&stream, ends);
    for (long allowed = 0;; allowed++) {
        struct fixture f = fixture_plain();
        struct watcher w;
        watcher_init(&w, &f);
        w.alloc_after = allowed;
        scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                          .body = stream.data,
                                                          .body_len = stream.len,
                                                          .chunked = true});
        watch(&w, &f, &watch_xml, NULL);
        ck_assert_int_eq(w.outcome.status, 0);
        ck_assert_uint_eq(w.ends, 1);
        int status = w.status;
        if (status < 0) {
            ck_assert_int_eq(status, -ENOMEM);
            ck_assert_int_eq(w.error.kind, PAIL_ERROR_MEMORY);
            failed++;
        }
        watcher_done_with(&w);
        fixture_free(&f);
        if (status == 0)
            break;
    }
    ck_assert_uint_gt(failed, 5);
}
END_TEST

SUITE_MAIN("aws/event_stream", tcase_add_loop_test(tc, splits_anywhere, 0, 3),
           tcase_add_test(tc, notices_every_cut), tcase_add_test(tc, notices_every_corruption),
           tcase_add_loop_test(tc, faults_keep_their_kind, 0, ARRAY_LEN(faults)),
           tcase_add_loop_test(tc, service_ends_it, 0, ARRAY_LEN(refusals)),
           tcase_add_loop_test(tc, parses_or_says_so, 0, 3),
           tcase_add_loop_test(tc, tells_at_once, 0, 2), tcase_add_test(tc, pauses),
           tcase_add_loop_test(tc, closes, 0, 3),
           tcase_add_loop_test(tc, ends_from_outside, 0, 4),
           tcase_add_test(tc, fails_like_any_call), tcase_add_test(tc, takes_no_buffers),
           tcase_add_test(tc, survives_want_of_memory));
