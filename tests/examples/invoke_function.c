/* Calls a Lambda function and parses what it answers. */
#include "example.h"

#include <pail/json.h>
#include <pail/lambda.h>

#define MOST (6U * 1024 * 1024) /* bytes of an answer, as the service has it */

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FUNCTION\n", argv[0]);
        return 2;
    }
    const struct pail_lambda_invoke_input in = {
        .function_name = pail_str_of(argv[1]),
        .invocation_type = PAIL_STR("RequestResponse"),
        .payload = PAIL_STR("{\"key\":\"value\"}"),
    };
    /* It may run once only, and take minutes. */
    const struct pail_call_options options = {.max_attempts = 1, .read_timeout_ms = 900000};
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_lambda_invoke_output) struct pail_lambda_invoke_output out = {0};
    PAIL_CLEANUP(pail_json) struct pail_json *answer = NULL;
    struct pail_error error;
    char *text;
    size_t size;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_lambda_invoke(client, &in, &out, &options, &error) < 0 ||
        pail_body_read_all(out.payload, MOST, &text, &size, &error) < 0)
        return failed(&error);
    struct pail_str data = {text, size};
    int r = pail_json_parse(data, &answer, &error);
    free(text);
    if (r < 0)
        return failed(&error);

    struct pail_str message = pail_json_string(pail_json_get(answer, "errorMessage"));
    if (out.function_error.ptr) {
        printf("The function failed: %.*s\n", PAIL_ARGS(message));
        return 1;
    }
    if (pail_json_text(answer, &text) < 0)
        return 1;
    printf("Lambda result: %s\n", text);
    free(text);
    return 0;
}
