/* pail/lambda_functions.h: what AWS Lambda tells of functions without calling them. Names,
 * inputs and outputs as in pail/lambda.h. */
#ifndef PAIL_LAMBDA_FUNCTIONS_H
#define PAIL_LAMBDA_FUNCTIONS_H

#include <pail/lambda.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pail_lambda_vpc_config {
    struct pail_str_list subnet_ids, security_group_ids;
    struct pail_str vpc_id;
    struct pail_bool ipv6_allowed_for_dual_stack;
};
struct pail_lambda_dead_letter_config {
    struct pail_str target_arn;
};
struct pail_lambda_config_error {
    struct pail_str error_code, message;
};
struct pail_lambda_environment {
    struct pail_str_map variables;
    const struct pail_lambda_config_error *error;
};
struct pail_lambda_tracing_config {
    struct pail_str mode;
};
struct pail_lambda_layer {
    struct pail_str arn;
    struct pail_int code_size;
    struct pail_str signing_profile_version_arn, signing_job_arn;
};
struct pail_lambda_layers {
    const struct pail_lambda_layer *items;
    size_t count;
};
struct pail_lambda_s3_files_config {
    struct pail_str direct_s3_read;
};
struct pail_lambda_file_system_config {
    struct pail_str arn, local_mount_path;
    const struct pail_lambda_s3_files_config *s3_files_config;
};
struct pail_lambda_file_system_configs {
    const struct pail_lambda_file_system_config *items;
    size_t count;
};
struct pail_lambda_image_config {
    struct pail_str_list entry_point, command;
    struct pail_str working_directory;
};
struct pail_lambda_image_config_response {
    const struct pail_lambda_image_config *image_config;
    const struct pail_lambda_config_error *error;
};
struct pail_lambda_ephemeral_storage {
    struct pail_int size;
};
struct pail_lambda_snap_start {
    struct pail_str apply_on, optimization_status;
};
struct pail_lambda_runtime_version_config {
    struct pail_str runtime_version_arn;
    const struct pail_lambda_config_error *error;
};
struct pail_lambda_logging_config {
    struct pail_str log_format, application_log_level, system_log_level, log_group;
};
struct pail_lambda_tenancy_config {
    struct pail_str tenant_isolation_mode;
};
struct pail_lambda_managed_instances_config {
    struct pail_str capacity_provider_arn;
    struct pail_int per_execution_environment_max_concurrency;
    struct pail_double execution_environment_memory_gib_per_vcpu;
};
struct pail_lambda_capacity_provider_config {
    const struct pail_lambda_managed_instances_config
        *lambda_managed_instances_capacity_provider_config;
};
struct pail_lambda_durable_config {
    struct pail_str kms_key_arn;
    struct pail_int retention_period_in_days, execution_timeout;
};
struct pail_lambda_runtime_config {
    struct pail_str runtime_arn, runtime_alias;
};
struct pail_lambda_accelerator_config {
    struct pail_int accelerator_memory_size;
};
struct pail_lambda_function_configuration {
    struct pail_str function_name, function_arn, runtime, role, handler;
    struct pail_int code_size; /* bytes */
    struct pail_str description;
    struct pail_int timeout, memory_size; /* seconds, MB */
    struct pail_str last_modified;        /* ISO 8601 */
    struct pail_str code_sha256, version;
    const struct pail_lambda_vpc_config *vpc_config;
    const struct pail_lambda_dead_letter_config *dead_letter_config;
    const struct pail_lambda_environment *environment;
    struct pail_str kms_key_arn;
    const struct pail_lambda_tracing_config *tracing_config;
    struct pail_str master_arn, revision_id;
    struct pail_lambda_layers layers;
    struct pail_str state, state_reason, state_reason_code, last_update_status,
        last_update_status_reason, last_update_status_reason_code;
    struct pail_lambda_file_system_configs file_system_configs;
    struct pail_str signing_profile_version_arn, signing_job_arn, package_type;
    const struct pail_lambda_image_config_response *image_config_response;
    struct pail_str_list architectures;
    const struct pail_lambda_ephemeral_storage *ephemeral_storage;
    const struct pail_lambda_snap_start *snap_start;
    const struct pail_lambda_runtime_version_config *runtime_version_config;
    const struct pail_lambda_logging_config *logging_config;
    const struct pail_lambda_tenancy_config *tenancy_config;
    const struct pail_lambda_capacity_provider_config *capacity_provider_config;
    struct pail_str config_sha256;
    const struct pail_lambda_durable_config *durable_config;
    const struct pail_lambda_runtime_config *runtime_config;
    const struct pail_lambda_accelerator_config *accelerator_config;
};

/* Lists functions, up to 50 a page. */
struct pail_lambda_list_functions_input {
    struct pail_str master_region, function_version; /* "ALL" versions of them */
    struct pail_str marker;
    struct pail_int max_items;
};
struct pail_lambda_function_configurations {
    const struct pail_lambda_function_configuration *items;
    size_t count;
};
struct pail_lambda_list_functions_output {
    struct pail_response response;
    struct pail_str next_marker; /* absent: this was the last page */
    struct pail_lambda_function_configurations functions;
};
extern PAIL_API const struct pail_operation pail_lambda_list_functions_operation;
PAIL_API int pail_lambda_list_functions(struct pail_client *client,
                                        const struct pail_lambda_list_functions_input *in,
                                        struct pail_lambda_list_functions_output *out,
                                        const struct pail_call_options *options,
                                        struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_lambda_list_functions)

/* Says what is known of one function, its state included. */
struct pail_lambda_get_function_configuration_input {
    struct pail_str function_name; /* required: a name or ARN */
    struct pail_str qualifier;     /* a version or alias */
};
struct pail_lambda_get_function_configuration_output {
    struct pail_response response;
    struct pail_lambda_function_configuration configuration;
};
extern PAIL_API const struct pail_operation pail_lambda_get_function_configuration_operation;
PAIL_API int pail_lambda_get_function_configuration(
    struct pail_client *client, const struct pail_lambda_get_function_configuration_input *in,
    struct pail_lambda_get_function_configuration_output *out,
    const struct pail_call_options *options, struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_lambda_get_function_configuration)

#ifdef __cplusplus
}
#endif
#endif
