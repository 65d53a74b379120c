#include <pail/lambda.h>

#include "aws/event_decode.h"
#include "unit/aws/event_messages.h"
#include "unit/services/service_check.h"

START_TEST(asks_to_invoke)
{
    struct pail_lambda_invoke_input in = {
        .function_name = PAIL_STR("arn:aws:lambda:eu-west-1:1:function:f"),
        .invocation_type = PAIL_STR("Event"),
        .log_type = PAIL_STR("Tail"),
        .client_context = PAIL_STR("e30="),
        .durable_execution_name = PAIL_STR("d"),
        .payload = PAIL_STR("{\"a\":1}"),
        .qualifier = PAIL_STR("$LATEST"),
        .tenant_id = PAIL_STR("t"),
    };
    /* The payload is the function's own business: no Content-Type is said. */
    check_request(
        &pail_lambda_invoke_operation, &in,
        "POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Af"
        "/invocations?Qualifier=%24LATEST\n"
        "X-Amz-Invocation-Type: Event\nX-Amz-Log-Type: Tail\nX-Amz-Client-Context: e30=\n"
        "X-Amz-Durable-Execution-Name: d\nX-Amz-Tenant-Id: t\n\n{\"a\":1}");
    in = (struct pail_lambda_invoke_input){.function_name = PAIL_STR("f")};
    check_request(&pail_lambda_invoke_operation, &in,
                  "POST /2015-03-31/functions/f/invocations\n\n");
    in.function_name = (struct pail_str){0};
    check_required(&pail_lambda_invoke_operation, &in, "FunctionName");
}
END_TEST

START_TEST(asks_for_a_stream)
{
    const struct pail_lambda_invoke_with_response_stream_input in = {
        .function_name = PAIL_STR("f"),
        .log_type = PAIL_STR("Tail"),
        .client_context = PAIL_STR("e30="),
        .qualifier = PAIL_STR("1"),
        .payload = PAIL_STR("{}"),
        .tenant_id = PAIL_STR("t"),
        .invocation_type = PAIL_STR("RequestResponse"),
    };
    check_request(&pail_lambda_invoke_with_response_stream_operation, &in,
                  "POST /2021-11-15/functions/f/response-streaming-invocations?Qualifier=1\n"
                  "X-Amz-Log-Type: Tail\nX-Amz-Client-Context: e30=\nX-Amz-Tenant-Id: t\n"
                  "X-Amz-Invocation-Type: RequestResponse\n\n{}");
}
END_TEST

START_TEST(takes_heads)
{
    static const struct pail_header headers[] = {
        {{"X-Amz-Function-Error", 20}, {"Unhandled", 9}},
        {{"X-Amz-Log-Result", 16}, {"bG9n", 4}},
        {{"X-Amz-Executed-Version", 22}, {"7", 1}},
        {{"X-Amz-Durable-Execution-Arn", 27}, {"d", 1}},
        {{"Content-Type", 12}, {"text/plain", 10}},
    };
    const struct pail_http_response response = {
        .status = 202, .headers = headers, .header_count = ARRAY_LEN(headers)};
    struct pail_lambda_invoke_output invoked = {.payload = NULL};
    struct pail_lambda_invoke_with_response_stream_output streamed = {.event_stream = NULL};
    struct pail_error error;
    char *text;
    ck_assert_int_eq(
        pail_get_response(&pail_lambda_invoke_operation, &response, &invoked, &error), 0);
    ck_assert_int_eq(pail_output_json(&pail_lambda_invoke_operation, &invoked, &text), 0);
    ck_assert_str_eq(
        text, "{\"StatusCode\":202,\"FunctionError\":\"Unhandled\",\"LogResult\":\"bG9n\","
              "\"Payload\":null,\"ExecutedVersion\":\"7\",\"DurableExecutionArn\":\"d\"}");
    free(text);
    pail_output_free(&pail_lambda_invoke_operation, &invoked);
    ck_assert_int_eq(pail_get_response(&pail_lambda_invoke_with_response_stream_operation,
                                       &response, &streamed, &error),
                     0);
    ck_assert_int_eq(
        pail_output_json(&pail_lambda_invoke_with_response_stream_operation, &streamed, &text),
        0);
    ck_assert_str_eq(text, "{\"StatusCode\":202,\"ExecutedVersion\":\"7\",\"EventStream\":null,"
                           "\"ResponseStreamContentType\":\"text/plain\"}");
    free(text);
    pail_output_free(&pail_lambda_invoke_with_response_stream_operation, &streamed);
}
END_TEST

static const struct {
    const char *type;
    struct pail_str payload;
    const char *json;
} events[] = {
    {"PayloadChunk", PAIL_STR("\x00\xffh"), "{\"PayloadChunk\":{\"Payload\":\"AP9o\"}}"},
    {"InvokeComplete", PAIL_STR("{}"), "{\"InvokeComplete\":{}}"},
    {"InvokeComplete", PAIL_STR(""), "{\"InvokeComplete\":{}}"},
    {"InvokeComplete",
     PAIL_STR(
         "{\"ErrorCode\":\"Function.Timeout\",\"ErrorDetails\":\"d\",\"LogResult\":\"bG9n\"}"),
     "{\"InvokeComplete\":{\"ErrorCode\":\"Function.Timeout\",\"ErrorDetails\":\"d\","
     "\"LogResult\":\"bG9n\"}}"},
};

START_TEST(takes_events)
{
    CLEANUP_DONE(buf) struct buf message;
    CLEANUP(arena) struct arena *arena = arena_new(65536);
    struct pail_event event;
    struct pail_error error;
    char *text;
    buf_init(&message, SIZE_MAX);
    add_event(&message, events[_i].type, events[_i].payload);
    ck_assert_int_eq(event_decode(&pail_lambda_invoke_with_response_stream_operation,
                                  buf_str(&message), arena, &event, &error),
                     1);
    ck_assert_int_eq(pail_event_json(&event, &text), 0);
    ck_assert_str_eq(text, events[_i].json);
    free(text);
    ck_assert_int_eq(!(event.member->flags & PAIL_LAST_EVENT), _i == 0);
}
END_TEST

SUITE_MAIN("services/lambda", tcase_add_test(tc, asks_to_invoke),
           tcase_add_test(tc, asks_for_a_stream), tcase_add_test(tc, takes_heads),
           tcase_add_loop_test(tc, takes_events, 0, ARRAY_LEN(events)));
