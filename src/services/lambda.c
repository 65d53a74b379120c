#include <pail/lambda.h>

#include "aws/table.h"

const struct pail_service pail_lambda_service = {
    .id = "Lambda",
    .endpoint_prefix = "lambda",
    .signing_name = "lambda",
    .protocol = PAIL_REST_JSON,
    .api_version = "2015-03-31",
};

/* Invoke */

static const struct pail_member invoke_input_members[] = {
    PAIL_FIELD(struct pail_lambda_invoke_input, function_name, "FunctionName", NULL,
               &pail_shape_string, PAIL_IN_URI, PAIL_REQUIRED),
    PAIL_FIELD(struct pail_lambda_invoke_input, invocation_type, "InvocationType",
               "X-Amz-Invocation-Type", &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_input, log_type, "LogType", "X-Amz-Log-Type",
               &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_input, client_context, "ClientContext",
               "X-Amz-Client-Context", &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_input, durable_execution_name, "DurableExecutionName",
               "X-Amz-Durable-Execution-Name", &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_input, payload, "Payload", NULL, &pail_shape_blob,
               PAIL_IN_PAYLOAD, 0),
    PAIL_FIELD(struct pail_lambda_invoke_input, qualifier, "Qualifier", NULL,
               &pail_shape_string, PAIL_IN_QUERY, 0),
    PAIL_FIELD(struct pail_lambda_invoke_input, tenant_id, "TenantId", "X-Amz-Tenant-Id",
               &pail_shape_string, PAIL_IN_HEADER, 0),
};
static const struct pail_shape invoke_input =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_invoke_input, NULL, invoke_input_members);

static const struct pail_member invoke_output_members[] = {
    PAIL_FIELD(struct pail_lambda_invoke_output, status_code, "StatusCode", NULL,
               &pail_shape_integer, PAIL_IN_STATUS, 0),
    PAIL_FIELD(struct pail_lambda_invoke_output, function_error, "FunctionError",
               "X-Amz-Function-Error", &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_output, log_result, "LogResult", "X-Amz-Log-Result",
               &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_output, payload, "Payload", NULL, &pail_shape_stream,
               PAIL_IN_PAYLOAD, 0),
    PAIL_FIELD(struct pail_lambda_invoke_output, executed_version, "ExecutedVersion",
               "X-Amz-Executed-Version", &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_output, durable_execution_arn, "DurableExecutionArn",
               "X-Amz-Durable-Execution-Arn", &pail_shape_string, PAIL_IN_HEADER, 0),
};
static const struct pail_shape invoke_output =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_invoke_output, NULL, invoke_output_members);

const struct pail_operation pail_lambda_invoke_operation = {
    .name = "Invoke",
    .service = &pail_lambda_service,
    .method = "POST",
    .uri = "/2015-03-31/functions/{FunctionName}/invocations",
    .input = &invoke_input,
    .output = &invoke_output,
};
TABLE_CALL(pail_lambda_invoke)

/* InvokeWithResponseStream */

static const struct pail_member invoke_with_response_stream_input_members[] = {
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_input, function_name,
               "FunctionName", NULL, &pail_shape_string, PAIL_IN_URI, PAIL_REQUIRED),
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_input, log_type, "LogType",
               "X-Amz-Log-Type", &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_input, client_context,
               "ClientContext", "X-Amz-Client-Context", &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_input, qualifier, "Qualifier",
               NULL, &pail_shape_string, PAIL_IN_QUERY, 0),
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_input, payload, "Payload", NULL,
               &pail_shape_blob, PAIL_IN_PAYLOAD, 0),
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_input, tenant_id, "TenantId",
               "X-Amz-Tenant-Id", &pail_shape_string, PAIL_IN_HEADER, 0),
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_input, invocation_type,
               "InvocationType", "X-Amz-Invocation-Type", &pail_shape_string, PAIL_IN_HEADER,
               0),
};
static const struct pail_shape invoke_with_response_stream_input =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_invoke_with_response_stream_input, NULL,
                         invoke_with_response_stream_input_members);

static const struct pail_member payload_chunk_members[] = {
    PAIL_FIELD(struct pail_lambda_payload_chunk, payload, "Payload", NULL, &pail_shape_blob,
               PAIL_IN_EVENT_PAYLOAD, 0),
};
static const struct pail_shape payload_chunk =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_payload_chunk, NULL, payload_chunk_members);

static const struct pail_member invoke_complete_members[] = {
    BODY(struct pail_lambda_invoke_complete, error_code, "ErrorCode", &pail_shape_string, 0),
    BODY(struct pail_lambda_invoke_complete, error_details, "ErrorDetails", &pail_shape_string,
         0),
    BODY(struct pail_lambda_invoke_complete, log_result, "LogResult", &pail_shape_string, 0),
};
static const struct pail_shape invoke_complete =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_invoke_complete, NULL, invoke_complete_members);

static const struct pail_member invoke_with_response_stream_event_members[] = {
    BODY(struct pail_lambda_invoke_with_response_stream_event, payload_chunk, "PayloadChunk",
         &payload_chunk, 0),
    BODY(struct pail_lambda_invoke_with_response_stream_event, invoke_complete,
         "InvokeComplete", &invoke_complete, PAIL_LAST_EVENT),
};
static const struct pail_shape invoke_with_response_stream_events =
    PAIL_EVENT_STREAM_SHAPE(struct pail_lambda_invoke_with_response_stream_event,
                            invoke_with_response_stream_event_members);

static const struct pail_member invoke_with_response_stream_output_members[] = {
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_output, status_code, "StatusCode",
               NULL, &pail_shape_integer, PAIL_IN_STATUS, 0),
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_output, executed_version,
               "ExecutedVersion", "X-Amz-Executed-Version", &pail_shape_string, PAIL_IN_HEADER,
               0),
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_output, event_stream,
               "EventStream", NULL, &invoke_with_response_stream_events, PAIL_IN_PAYLOAD, 0),
    PAIL_FIELD(struct pail_lambda_invoke_with_response_stream_output,
               response_stream_content_type, "ResponseStreamContentType", "Content-Type",
               &pail_shape_string, PAIL_IN_HEADER, 0),
};
static const struct pail_shape invoke_with_response_stream_output =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_invoke_with_response_stream_output, NULL,
                         invoke_with_response_stream_output_members);

const struct pail_operation pail_lambda_invoke_with_response_stream_operation = {
    .name = "InvokeWithResponseStream",
    .service = &pail_lambda_service,
    .method = "POST",
    .uri = "/2021-11-15/functions/{FunctionName}/response-streaming-invocations",
    .input = &invoke_with_response_stream_input,
    .output = &invoke_with_response_stream_output,
};
TABLE_CALL(pail_lambda_invoke_with_response_stream)
