#include "driver.h"

#include <pail/kinesis.h>
#include <pail/lambda_functions.h>
#include <pail/logs.h>
#include <pail/s3_select.h>
#include <pail/sts.h>
#include <string.h>

/* clang-format off */
static const struct {
    const char *service; /* botocore's name of it */
    const struct pail_operation *operation;
} operations[] = {
    {"s3", &pail_s3_get_object_operation},
    {"s3", &pail_s3_head_object_operation},
    {"s3", &pail_s3_head_bucket_operation},
    {"s3", &pail_s3_list_objects_v2_operation},
    {"s3", &pail_s3_list_buckets_operation},
    {"s3", &pail_s3_get_bucket_location_operation},
    {"s3", &pail_s3_select_object_content_operation},
    {"logs", &pail_logs_describe_log_groups_operation},
    {"logs", &pail_logs_describe_log_streams_operation},
    {"logs", &pail_logs_get_log_events_operation},
    {"logs", &pail_logs_filter_log_events_operation},
    {"logs", &pail_logs_start_live_tail_operation},
    {"kinesis", &pail_kinesis_list_streams_operation},
    {"kinesis", &pail_kinesis_describe_stream_summary_operation},
    {"kinesis", &pail_kinesis_list_shards_operation},
    {"kinesis", &pail_kinesis_get_shard_iterator_operation},
    {"kinesis", &pail_kinesis_get_records_operation},
    {"lambda", &pail_lambda_invoke_operation},
    {"lambda", &pail_lambda_invoke_with_response_stream_operation},
    {"lambda", &pail_lambda_list_functions_operation},
    {"lambda", &pail_lambda_get_function_configuration_operation},
    {"sts", &pail_sts_get_caller_identity_operation},
    {"sts", &pail_sts_assume_role_operation},
    {"sts", &pail_sts_assume_role_with_web_identity_operation},
    {"things-rest-xml", &things_rest_xml},
    {"things-rest-json", &things_rest_json},
    {"things-json", &things_json},
    {"things-query", &things_query},
};
/* clang-format on */

const struct pail_operation *operation_find(const char *service, const char *operation)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(operations[i].service, service) == 0 &&
            strcmp(operations[i].operation->name, operation) == 0)
            return operations[i].operation;
    driver_die("no such operation", operation);
}
