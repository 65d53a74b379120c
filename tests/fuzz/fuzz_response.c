/* Any bytes as a response of every protocol: the first byte chooses the status, the second the
 * operation. */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <pail/kinesis.h>
#include <pail/lambda.h>
#include <pail/logs.h>
#include <pail/s3.h>
#include <pail/sts.h>
#include <stdlib.h>
#include <string.h>

static const struct pail_operation *const operations[] = {
    &pail_s3_list_buckets_operation,     &pail_s3_get_bucket_location_operation,
    &pail_logs_get_log_events_operation, &pail_kinesis_get_records_operation,
    &pail_sts_assume_role_operation,     &pail_s3_head_object_operation,
};
static const int statuses[] = {200, 204, 301, 304, 400, 403, 404, 412, 416, 500, 503, 599};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) char output[8192];
    if (size < 2)
        return 0;
    const struct pail_operation *op = operations[data[1] % ARRAY_LEN(operations)];
    if (op->output->size > sizeof(output))
        abort();
    memset(output, 0, sizeof(output));
    const struct pail_http_response response = {
        .status = statuses[data[0] % ARRAY_LEN(statuses)],
        .reason = PAIL_STR("Reason"),
        .body = str_of((const char *)data + 2, size - 2),
        .is_head = strcmp(op->method, "HEAD") == 0,
    };
    struct pail_error error;
    int r = pail_get_response(op, &response, output, &error);
    if (r < 0 && (error.sys != -r || !memchr(error.message, 0, sizeof(error.message))))
        abort();
    if (r == 0) {
        char *json = NULL;
        if (pail_output_json(op, output, &json) == 0)
            free(json);
    }
    pail_output_free(op, output);
    return 0;
}
