#include <pail/lambda_functions.h>

#include "aws/table.h"

static const struct pail_member vpc_config_members[] = {
    BODY(struct pail_lambda_vpc_config, subnet_ids, "SubnetIds", &pail_shape_string_list, 0),
    BODY(struct pail_lambda_vpc_config, security_group_ids, "SecurityGroupIds",
         &pail_shape_string_list, 0),
    BODY(struct pail_lambda_vpc_config, vpc_id, "VpcId", &pail_shape_string, 0),
    BODY(struct pail_lambda_vpc_config, ipv6_allowed_for_dual_stack, "Ipv6AllowedForDualStack",
         &pail_shape_boolean, 0),
};
static const struct pail_shape vpc_config =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_vpc_config, NULL, vpc_config_members);

static const struct pail_member dead_letter_config_members[] = {
    BODY(struct pail_lambda_dead_letter_config, target_arn, "TargetArn", &pail_shape_string, 0),
};
static const struct pail_shape dead_letter_config = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_dead_letter_config, NULL, dead_letter_config_members);

static const struct pail_member config_error_members[] = {
    BODY(struct pail_lambda_config_error, error_code, "ErrorCode", &pail_shape_string, 0),
    BODY(struct pail_lambda_config_error, message, "Message", &pail_shape_string, 0),
};
static const struct pail_shape config_error =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_config_error, NULL, config_error_members);

static const struct pail_member environment_members[] = {
    BODY(struct pail_lambda_environment, variables, "Variables", &pail_shape_string_map, 0),
    BODY(struct pail_lambda_environment, error, "Error", &config_error, 0),
};
static const struct pail_shape environment =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_environment, NULL, environment_members);

static const struct pail_member tracing_config_members[] = {
    BODY(struct pail_lambda_tracing_config, mode, "Mode", &pail_shape_string, 0),
};
static const struct pail_shape tracing_config =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_tracing_config, NULL, tracing_config_members);

static const struct pail_member layer_members[] = {
    BODY(struct pail_lambda_layer, arn, "Arn", &pail_shape_string, 0),
    BODY(struct pail_lambda_layer, code_size, "CodeSize", &pail_shape_long, 0),
    BODY(struct pail_lambda_layer, signing_profile_version_arn, "SigningProfileVersionArn",
         &pail_shape_string, 0),
    BODY(struct pail_lambda_layer, signing_job_arn, "SigningJobArn", &pail_shape_string, 0),
};
static const struct pail_shape layer =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_layer, NULL, layer_members);

static const struct pail_shape layers = PAIL_LIST_SHAPE(&layer, NULL);

static const struct pail_member s3_files_config_members[] = {
    BODY(struct pail_lambda_s3_files_config, direct_s3_read, "DirectS3Read", &pail_shape_string,
         0),
};
static const struct pail_shape s3_files_config =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_s3_files_config, NULL, s3_files_config_members);

static const struct pail_member file_system_config_members[] = {
    BODY(struct pail_lambda_file_system_config, arn, "Arn", &pail_shape_string, 0),
    BODY(struct pail_lambda_file_system_config, local_mount_path, "LocalMountPath",
         &pail_shape_string, 0),
    BODY(struct pail_lambda_file_system_config, s3_files_config, "S3FilesConfig",
         &s3_files_config, 0),
};
static const struct pail_shape file_system_config = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_file_system_config, NULL, file_system_config_members);

static const struct pail_shape file_system_configs = PAIL_LIST_SHAPE(&file_system_config, NULL);

static const struct pail_member image_config_members[] = {
    BODY(struct pail_lambda_image_config, entry_point, "EntryPoint", &pail_shape_string_list,
         0),
    BODY(struct pail_lambda_image_config, command, "Command", &pail_shape_string_list, 0),
    BODY(struct pail_lambda_image_config, working_directory, "WorkingDirectory",
         &pail_shape_string, 0),
};
static const struct pail_shape image_config =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_image_config, NULL, image_config_members);

static const struct pail_member image_config_response_members[] = {
    BODY(struct pail_lambda_image_config_response, image_config, "ImageConfig", &image_config,
         0),
    BODY(struct pail_lambda_image_config_response, error, "Error", &config_error, 0),
};
static const struct pail_shape image_config_response = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_image_config_response, NULL, image_config_response_members);

static const struct pail_member ephemeral_storage_members[] = {
    BODY(struct pail_lambda_ephemeral_storage, size, "Size", &pail_shape_integer, 0),
};
static const struct pail_shape ephemeral_storage =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_ephemeral_storage, NULL, ephemeral_storage_members);

static const struct pail_member snap_start_members[] = {
    BODY(struct pail_lambda_snap_start, apply_on, "ApplyOn", &pail_shape_string, 0),
    BODY(struct pail_lambda_snap_start, optimization_status, "OptimizationStatus",
         &pail_shape_string, 0),
};
static const struct pail_shape snap_start =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_snap_start, NULL, snap_start_members);

static const struct pail_member runtime_version_config_members[] = {
    BODY(struct pail_lambda_runtime_version_config, runtime_version_arn, "RuntimeVersionArn",
         &pail_shape_string, 0),
    BODY(struct pail_lambda_runtime_version_config, error, "Error", &config_error, 0),
};
static const struct pail_shape runtime_version_config = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_runtime_version_config, NULL, runtime_version_config_members);

static const struct pail_member logging_config_members[] = {
    BODY(struct pail_lambda_logging_config, log_format, "LogFormat", &pail_shape_string, 0),
    BODY(struct pail_lambda_logging_config, application_log_level, "ApplicationLogLevel",
         &pail_shape_string, 0),
    BODY(struct pail_lambda_logging_config, system_log_level, "SystemLogLevel",
         &pail_shape_string, 0),
    BODY(struct pail_lambda_logging_config, log_group, "LogGroup", &pail_shape_string, 0),
};
static const struct pail_shape logging_config =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_logging_config, NULL, logging_config_members);

static const struct pail_member tenancy_config_members[] = {
    BODY(struct pail_lambda_tenancy_config, tenant_isolation_mode, "TenantIsolationMode",
         &pail_shape_string, 0),
};
static const struct pail_shape tenancy_config =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_tenancy_config, NULL, tenancy_config_members);

static const struct pail_member managed_instances_config_members[] = {
    BODY(struct pail_lambda_managed_instances_config, capacity_provider_arn,
         "CapacityProviderArn", &pail_shape_string, 0),
    BODY(struct pail_lambda_managed_instances_config, per_execution_environment_max_concurrency,
         "PerExecutionEnvironmentMaxConcurrency", &pail_shape_integer, 0),
    BODY(struct pail_lambda_managed_instances_config, execution_environment_memory_gib_per_vcpu,
         "ExecutionEnvironmentMemoryGiBPerVCpu", &pail_shape_double, 0),
};
static const struct pail_shape managed_instances_config = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_managed_instances_config, NULL, managed_instances_config_members);

static const struct pail_member capacity_provider_config_members[] = {
    BODY(struct pail_lambda_capacity_provider_config,
         lambda_managed_instances_capacity_provider_config,
         "LambdaManagedInstancesCapacityProviderConfig", &managed_instances_config, 0),
};
static const struct pail_shape capacity_provider_config = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_capacity_provider_config, NULL, capacity_provider_config_members);

static const struct pail_member durable_config_members[] = {
    BODY(struct pail_lambda_durable_config, kms_key_arn, "KMSKeyArn", &pail_shape_string, 0),
    BODY(struct pail_lambda_durable_config, retention_period_in_days, "RetentionPeriodInDays",
         &pail_shape_integer, 0),
    BODY(struct pail_lambda_durable_config, execution_timeout, "ExecutionTimeout",
         &pail_shape_integer, 0),
};
static const struct pail_shape durable_config =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_durable_config, NULL, durable_config_members);

static const struct pail_member runtime_config_members[] = {
    BODY(struct pail_lambda_runtime_config, runtime_arn, "RuntimeArn", &pail_shape_string, 0),
    BODY(struct pail_lambda_runtime_config, runtime_alias, "RuntimeAlias", &pail_shape_string,
         0),
};
static const struct pail_shape runtime_config =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_runtime_config, NULL, runtime_config_members);

static const struct pail_member accelerator_config_members[] = {
    BODY(struct pail_lambda_accelerator_config, accelerator_memory_size,
         "AcceleratorMemorySize", &pail_shape_integer, 0),
};
static const struct pail_shape accelerator_config = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_accelerator_config, NULL, accelerator_config_members);

/* What is known of a function: as an item of a list, and as an output. */
#define CONFIGURATION_ROWS(type_, at_)                                                         \
    BODY(type_, at_ function_name, "FunctionName", &pail_shape_string, 0),                     \
        BODY(type_, at_ function_arn, "FunctionArn", &pail_shape_string, 0),                   \
        BODY(type_, at_ runtime, "Runtime", &pail_shape_string, 0),                            \
        BODY(type_, at_ role, "Role", &pail_shape_string, 0),                                  \
        BODY(type_, at_ handler, "Handler", &pail_shape_string, 0),                            \
        BODY(type_, at_ code_size, "CodeSize", &pail_shape_long, 0),                           \
        BODY(type_, at_ description, "Description", &pail_shape_string, 0),                    \
        BODY(type_, at_ timeout, "Timeout", &pail_shape_integer, 0),                           \
        BODY(type_, at_ memory_size, "MemorySize", &pail_shape_integer, 0),                    \
        BODY(type_, at_ last_modified, "LastModified", &pail_shape_string, 0),                 \
        BODY(type_, at_ code_sha256, "CodeSha256", &pail_shape_string, 0),                     \
        BODY(type_, at_ version, "Version", &pail_shape_string, 0),                            \
        BODY(type_, at_ vpc_config, "VpcConfig", &vpc_config, 0),                              \
        BODY(type_, at_ dead_letter_config, "DeadLetterConfig", &dead_letter_config, 0),       \
        BODY(type_, at_ environment, "Environment", &environment, 0),                          \
        BODY(type_, at_ kms_key_arn, "KMSKeyArn", &pail_shape_string, 0),                      \
        BODY(type_, at_ tracing_config, "TracingConfig", &tracing_config, 0),                  \
        BODY(type_, at_ master_arn, "MasterArn", &pail_shape_string, 0),                       \
        BODY(type_, at_ revision_id, "RevisionId", &pail_shape_string, 0),                     \
        BODY(type_, at_ layers, "Layers", &layers, 0),                                         \
        BODY(type_, at_ state, "State", &pail_shape_string, 0),                                \
        BODY(type_, at_ state_reason, "StateReason", &pail_shape_string, 0),                   \
        BODY(type_, at_ state_reason_code, "StateReasonCode", &pail_shape_string, 0),          \
        BODY(type_, at_ last_update_status, "LastUpdateStatus", &pail_shape_string, 0),        \
        BODY(type_, at_ last_update_status_reason, "LastUpdateStatusReason",                   \
             &pail_shape_string, 0),                                                           \
        BODY(type_, at_ last_update_status_reason_code, "LastUpdateStatusReasonCode",          \
             &pail_shape_string, 0),                                                           \
        BODY(type_, at_ file_system_configs, "FileSystemConfigs", &file_system_configs, 0),    \
        BODY(type_, at_ signing_profile_version_arn, "SigningProfileVersionArn",               \
             &pail_shape_string, 0),                                                           \
        BODY(type_, at_ signing_job_arn, "SigningJobArn", &pail_shape_string, 0),              \
        BODY(type_, at_ package_type, "PackageType", &pail_shape_string, 0),                   \
        BODY(type_, at_ image_config_response, "ImageConfigResponse", &image_config_response,  \
             0),                                                                               \
        BODY(type_, at_ architectures, "Architectures", &pail_shape_string_list, 0),           \
        BODY(type_, at_ ephemeral_storage, "EphemeralStorage", &ephemeral_storage, 0),         \
        BODY(type_, at_ snap_start, "SnapStart", &snap_start, 0),                              \
        BODY(type_, at_ runtime_version_config, "RuntimeVersionConfig",                        \
             &runtime_version_config, 0),                                                      \
        BODY(type_, at_ logging_config, "LoggingConfig", &logging_config, 0),                  \
        BODY(type_, at_ tenancy_config, "TenancyConfig", &tenancy_config, 0),                  \
        BODY(type_, at_ capacity_provider_config, "CapacityProviderConfig",                    \
             &capacity_provider_config, 0),                                                    \
        BODY(type_, at_ config_sha256, "ConfigSha256", &pail_shape_string, 0),                 \
        BODY(type_, at_ durable_config, "DurableConfig", &durable_config, 0),                  \
        BODY(type_, at_ runtime_config, "RuntimeConfig", &runtime_config, 0),                  \
        BODY(type_, at_ accelerator_config, "AcceleratorConfig", &accelerator_config, 0),
static const struct pail_member function_configuration_members[] = {
    CONFIGURATION_ROWS(struct pail_lambda_function_configuration, )};
static const struct pail_shape function_configuration = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_function_configuration, NULL, function_configuration_members);

/* ListFunctions */

static const struct pail_member list_functions_input_members[] = {
    PAIL_FIELD(struct pail_lambda_list_functions_input, master_region, "MasterRegion", NULL,
               &pail_shape_string, PAIL_IN_QUERY, 0),
    PAIL_FIELD(struct pail_lambda_list_functions_input, function_version, "FunctionVersion",
               NULL, &pail_shape_string, PAIL_IN_QUERY, 0),
    PAIL_FIELD(struct pail_lambda_list_functions_input, marker, "Marker", NULL,
               &pail_shape_string, PAIL_IN_QUERY, 0),
    PAIL_FIELD(struct pail_lambda_list_functions_input, max_items, "MaxItems", NULL,
               &pail_shape_integer, PAIL_IN_QUERY, 0),
};
static const struct pail_shape list_functions_input = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_list_functions_input, NULL, list_functions_input_members);

static const struct pail_shape function_configurations =
    PAIL_LIST_SHAPE(&function_configuration, NULL);

static const struct pail_member list_functions_output_members[] = {
    BODY(struct pail_lambda_list_functions_output, next_marker, "NextMarker",
         &pail_shape_string, 0),
    BODY(struct pail_lambda_list_functions_output, functions, "Functions",
         &function_configurations, 0),
};
static const struct pail_shape list_functions_output = PAIL_STRUCTURE_SHAPE(
    struct pail_lambda_list_functions_output, NULL, list_functions_output_members);

const struct pail_operation pail_lambda_list_functions_operation = {
    .name = "ListFunctions",
    .service = &pail_lambda_service,
    .method = "GET",
    .uri = "/2015-03-31/functions",
    .input = &list_functions_input,
    .output = &list_functions_output,
};
TABLE_CALL(pail_lambda_list_functions)

/* GetFunctionConfiguration */

static const struct pail_member get_function_configuration_input_members[] = {
    PAIL_FIELD(struct pail_lambda_get_function_configuration_input, function_name,
               "FunctionName", NULL, &pail_shape_string, PAIL_IN_URI, PAIL_REQUIRED),
    PAIL_FIELD(struct pail_lambda_get_function_configuration_input, qualifier, "Qualifier",
               NULL, &pail_shape_string, PAIL_IN_QUERY, 0),
};
static const struct pail_shape get_function_configuration_input =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_get_function_configuration_input, NULL,
                         get_function_configuration_input_members);

static const struct pail_member get_function_configuration_output_members[] = {
    CONFIGURATION_ROWS(struct pail_lambda_get_function_configuration_output, configuration.)};
static const struct pail_shape get_function_configuration_output =
    PAIL_STRUCTURE_SHAPE(struct pail_lambda_get_function_configuration_output, NULL,
                         get_function_configuration_output_members);

const struct pail_operation pail_lambda_get_function_configuration_operation = {
    .name = "GetFunctionConfiguration",
    .service = &pail_lambda_service,
    .method = "GET",
    .uri = "/2015-03-31/functions/{FunctionName}/configuration",
    .input = &get_function_configuration_input,
    .output = &get_function_configuration_output,
};
TABLE_CALL(pail_lambda_get_function_configuration)
