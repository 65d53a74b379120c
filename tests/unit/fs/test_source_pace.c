#include "unit/fs/service_rig.h"

#include "fs/source_pace.h"

#include <pail/logs.h>

#define OPERATION "DescribeLogGroups"
#define COUNT     12

static struct client_source source;
static struct source_pace pace;

/* A request of one call. */
struct one {
    struct source_state state;
    struct source_call call;
    struct pail_logs_describe_log_groups_input in;
    struct pail_logs_describe_log_groups_output out;
    struct source_request request;
    unsigned again; /* how often the call is made once more */
    bool done;
};
static struct one ones[COUNT];
static size_t freed;

static void one_free(struct source_state *state)
{
    struct one *one = CONTAINER_OF(state, struct one, state);
    pail_output_free(one->call.operation, &one->out);
    freed++;
}

static void one_done(struct source_request *request)
{
    struct one *one = CONTAINER_OF(request, struct one, request);
    one->done = true;
    source_release(&source.source, request);
}

static void start(struct one *one);

static void ended(struct source_call *call)
{
    struct one *one = CONTAINER_OF(call, struct one, call);
    if (call->status == 0 && one->again-- > 0) {
        pail_output_free(call->operation, &one->out);
        one->out = (struct pail_logs_describe_log_groups_output){0};
        start(one);
        return;
    }
    source_finish(&one->state, call->status, &call->error);
}

static void start(struct one *one)
{
    const struct pail_call_options options = {.timeout_ms = 1000};
    source_call_init(&one->state, &one->call, &pail_logs_describe_log_groups_operation,
                     &one->out, NULL, ended);
    source_pace_start(&pace, &one->call, &one->in, &options);
}

static void begin(size_t i, unsigned again)
{
    ones[i] = (struct one){.again = again};
    ones[i].request.done = one_done;
    source_state_init(&ones[i].state, &source, &ones[i].request, one_free);
    start(&ones[i]);
}

static void setup(void)
{
    rig_setup();
    source = (struct client_source){.client = rig.client,
                                    .mailbox = rig.mailbox,
                                    .timers = &rig.timers,
                                    .clock = rig.clock};
    source_pace_init(&pace, &source, 10, 3);
    rig_play(OPERATION, "{\"logGroups\":[]}");
    freed = 0;
}

static void teardown(void)
{
    source_pace_done(&pace);
    ck_assert_uint_eq(source.running, 0);
    rig_teardown();
}

static void check_moments(const int64_t *moments, size_t count)
{
    ck_assert_uint_eq(rig_asked(OPERATION), count);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(rig_asked_ms(OPERATION, i), moments[i]);
}

START_TEST(calls_wait_for_their_turn)
{
    static const int64_t moments[] = {0, 0, 0, 100, 200, 300};
    for (size_t i = 0; i < 6; i++)
        begin(i, 0);
    rig_settle();
    ck_assert_uint_eq(rig_asked(OPERATION), 3);
    ck_assert(ones[2].done);
    ck_assert(!ones[3].done);
    rig_run();
    check_moments(moments, 6);
    ck_assert_uint_eq(pace.waited, 3);
    ck_assert_uint_eq(freed, 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_int_eq(ones[i].request.status, 0);
}
END_TEST

START_TEST(a_call_is_made_again_from_its_end)
{
    static const int64_t moments[] = {0, 0, 0, 100, 200};
    begin(0, 4);
    rig_run();
    check_moments(moments, 5);
    ck_assert(ones[0].done);
    ck_assert_uint_eq(freed, 1);
}
END_TEST

START_TEST(a_cancelled_call_gives_up_its_turn)
{
    static const int64_t moments[] = {0, 0, 0, 100};
    for (size_t i = 0; i < 6; i++)
        begin(i, 0);
    rig_settle();
    source_cancel(&source.source, &ones[3].request);
    source_cancel(&source.source, &ones[5].request);
    source_cancel(&source.source, &ones[5].request);
    ck_assert(!ones[3].done); /* not from inside the call */
    rig_settle();
    ck_assert(ones[3].done && ones[5].done && !ones[4].done);
    ck_assert_int_eq(ones[3].request.status, -ECANCELED);
    ck_assert_int_eq(ones[3].request.error.kind, PAIL_ERROR_CANCELLED);
    rig_run();
    check_moments(moments, 4);
    ck_assert(ones[4].done);
    ck_assert_int_eq(ones[4].request.status, 0);
    ck_assert_uint_eq(freed, 6);
}
END_TEST

START_TEST(the_last_that_gives_up_stops_the_clock)
{
    for (size_t i = 0; i < 4; i++)
        begin(i, 0);
    rig_settle();
    ck_assert(pace.timer.set);
    source_cancel(&source.source, &ones[3].request);
    ck_assert(!pace.timer.set);
    rig_settle();
    ck_assert_uint_eq(freed, 4);
}
END_TEST

/* Its next step, which would have to wait, is not begun. */
START_TEST(a_cancelled_request_goes_no_further)
{
    begin(0, 5);
    source_cancel(&source.source, &ones[0].request);
    rig_run();
    ck_assert_int_eq(ones[0].request.status, -ECANCELED);
    ones[1] = (struct one){.again = 0};
    ones[1].request.done = one_done;
    source_state_init(&ones[1].state, &source, &ones[1].request, one_free);
    ones[1].state.cancelled = true;
    start(&ones[1]);
    rig_settle();
    ck_assert_int_eq(ones[1].request.status, -ECANCELED);
    ck_assert_uint_eq(freed, 2);
}
END_TEST

static void stop(struct source_state *state)
{
    source_answer(state, -ECANCELED, &(struct pail_error){.kind = PAIL_ERROR_CANCELLED});
}

/* A request that waits for no call of its own. */
START_TEST(an_answer_is_posted)
{
    for (size_t i = 0; i < 2; i++) {
        ones[i] = (struct one){.again = 0};
        ones[i].request.done = one_done;
        source_state_init(&ones[i].state, &source, &ones[i].request, one_free);
        ones[i].state.stop = stop;
        source_call_init(&ones[i].state, &ones[i].call,
                         &pail_logs_describe_log_groups_operation, &ones[i].out, NULL, ended);
    }
    source_answer(&ones[0].state, 0, NULL);
    source_cancel(&source.source, &ones[0].request); /* too late */
    source_cancel(&source.source, &ones[1].request);
    ck_assert(!ones[0].done && !ones[1].done);
    rig_settle();
    ck_assert(ones[0].done && ones[1].done);
    ck_assert_int_eq(ones[0].request.status, 0);
    ck_assert_int_eq(ones[1].request.status, -ECANCELED);
    ck_assert_int_eq(ones[1].request.error.sys, ECANCELED);
    ck_assert_uint_eq(freed, 2);
}
END_TEST

SUITE_MAIN("fs/source_pace", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, calls_wait_for_their_turn);
           tcase_add_test(tc, a_call_is_made_again_from_its_end);
           tcase_add_test(tc, a_cancelled_call_gives_up_its_turn);
           tcase_add_test(tc, the_last_that_gives_up_stops_the_clock);
           tcase_add_test(tc, a_cancelled_request_goes_no_further);
           tcase_add_test(tc, an_answer_is_posted));
