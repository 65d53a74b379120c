/* pail/lambda.h: AWS Lambda. Members bear the names of AWS's model
 * (2015-03-31). Inputs: what is absent (all zero) is not sent. Outputs: all zero before the
 * call, released by pail_output_free with the operation. */
#ifndef PAIL_LAMBDA_H
#define PAIL_LAMBDA_H

#include <pail/call.h>
#include <pail/events.h>

#ifdef __cplusplus
extern "C" {
#endif

extern PAIL_API const struct pail_service pail_lambda_service;

/* Calls a function and reads what it answers. A function that fails still answers 200:
 * function_error says so, and the payload is its description as JSON. Answers may take minutes:
 * raise the read timeout. The call is tried again like any other, so the function may run more
 * than once unless max_attempts is 1. */
struct pail_lambda_invoke_input {
    struct pail_str function_name;   /* required: a name or ARN */
    struct pail_str invocation_type; /* "RequestResponse" unless set, "Event", "DryRun" */
    struct pail_str log_type;        /* "None" unless set, "Tail" */
    struct pail_str client_context;  /* base64 of JSON, at most 3,583 bytes */
    struct pail_str durable_execution_name;
    struct pail_str payload;   /* JSON, at most 6 MB, or 1 MB for an Event */
    struct pail_str qualifier; /* a version or alias */
    struct pail_str tenant_id;
};
struct pail_lambda_invoke_output {
    struct pail_response response;
    struct pail_int status_code;    /* 200, 202 for an Event, 204 for a DryRun */
    struct pail_str function_error; /* "Handled", "Unhandled"; absent: the function succeeded */
    struct pail_str log_result;     /* base64 of the log's last 4 KB */
    struct pail_body *payload;      /* pail_output_free frees it, unless it was taken */
    struct pail_str executed_version, durable_execution_arn;
};
extern PAIL_API const struct pail_operation pail_lambda_invoke_operation;
PAIL_API int pail_lambda_invoke(struct pail_client *client,
                                const struct pail_lambda_invoke_input *in,
                                struct pail_lambda_invoke_output *out,
                                const struct pail_call_options *options,
                                struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_lambda_invoke)

/* Calls a function and reads its answer while it is made. The stream ends with invoke_complete,
 * which tells of a failure (error_code is absent where there was none); one that ends without
 * it was cut off, which is a failure of reading: INCOMPLETE_READ. */
struct pail_lambda_invoke_with_response_stream_input {
    struct pail_str function_name; /* required */
    struct pail_str log_type, client_context, qualifier, payload, tenant_id;
    struct pail_str invocation_type; /* "RequestResponse" unless set, "DryRun" */
};
struct pail_lambda_payload_chunk {
    struct pail_str payload; /* raw bytes, cut anywhere */
};
struct pail_lambda_invoke_complete {
    struct pail_str error_code, error_details, log_result;
};
/* An event of the stream: one of them is present. */
struct pail_lambda_invoke_with_response_stream_event {
    const struct pail_lambda_payload_chunk *payload_chunk;
    const struct pail_lambda_invoke_complete *invoke_complete;
};
struct pail_lambda_invoke_with_response_stream_output {
    struct pail_response response;
    struct pail_int status_code;
    struct pail_str executed_version;
    /* Of pail_lambda_invoke_with_response_stream_event. */
    struct pail_event_stream *event_stream;
    struct pail_str response_stream_content_type;
};
extern PAIL_API const struct pail_operation pail_lambda_invoke_with_response_stream_operation;
PAIL_API int pail_lambda_invoke_with_response_stream(
    struct pail_client *client, const struct pail_lambda_invoke_with_response_stream_input *in,
    struct pail_lambda_invoke_with_response_stream_output *out,
    const struct pail_call_options *options, struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_lambda_invoke_with_response_stream)

#ifdef __cplusplus
}
#endif
#endif
