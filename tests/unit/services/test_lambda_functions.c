#include <pail/lambda_functions.h>

#include "unit/services/service_check.h"

START_TEST(asks)
{
    const struct pail_lambda_list_functions_input list = {
        .master_region = PAIL_STR("ALL"),
        .function_version = PAIL_STR("ALL"),
        .marker = PAIL_STR("m/1"),
        .max_items = PAIL_INT(50),
    };
    check_request(&pail_lambda_list_functions_operation, &list,
                  "GET /2015-03-31/functions?MasterRegion=ALL&FunctionVersion=ALL&Marker=m%2F1"
                  "&MaxItems=50\n\n");
    struct pail_lambda_get_function_configuration_input get = {
        .function_name = PAIL_STR("f"),
        .qualifier = PAIL_STR("$LATEST"),
    };
    check_request(&pail_lambda_get_function_configuration_operation, &get,
                  "GET /2015-03-31/functions/f/configuration?Qualifier=%24LATEST\n\n");
    get.function_name = (struct pail_str){0};
    check_required(&pail_lambda_get_function_configuration_operation, &get, "FunctionName");
}
END_TEST

#define CONFIGURATION                                                                          \
    "\"FunctionName\":\"f\",\"Runtime\":\"python3.12\",\"CodeSize\":5000000000,"               \
    "\"Timeout\":3,\"LastModified\":\"2026-01-02T03:04:05.000+0000\","                         \
    "\"VpcConfig\":{\"SubnetIds\":[\"s\"],\"Ipv6AllowedForDualStack\":false},"                 \
    "\"Environment\":{\"Variables\":{\"A\":\"b\"}},"                                           \
    "\"Layers\":[{\"Arn\":\"a\",\"CodeSize\":1}],\"Architectures\":[\"arm64\"],"               \
    "\"EphemeralStorage\":{\"Size\":512}"

START_TEST(takes_configurations)
{
    struct pail_lambda_list_functions_output list = {0};
    check_output(&pail_lambda_list_functions_operation,
                 "{\"NextMarker\":null,\"Functions\":[{" CONFIGURATION "},{}]}", &list,
                 "{\"Functions\":[{" CONFIGURATION "},{}]}");
    ck_assert_uint_eq(list.functions.count, 2);
    ck_assert_int_eq(list.functions.items[0].code_size.value, 5000000000);
    check_str(list.functions.items[0].environment->variables.items[0].value, "b");
    check_absent(list.functions.items[1].function_name);
    pail_output_free(&pail_lambda_list_functions_operation, &list);

    struct pail_lambda_get_function_configuration_output get = {0};
    check_output(&pail_lambda_get_function_configuration_operation, "{" CONFIGURATION "}", &get,
                 "{" CONFIGURATION "}");
    check_str(get.configuration.function_name, "f");
    check_str(get.configuration.layers.items[0].arn, "a");
    pail_output_free(&pail_lambda_get_function_configuration_operation, &get);
}
END_TEST

START_TEST(refuses)
{
    struct pail_lambda_list_functions_output list = {0};
    check_refused(&pail_lambda_list_functions_operation, "{\"Functions\":{}}", &list);
    check_refused(&pail_lambda_list_functions_operation, "", &list);
}
END_TEST

SUITE_MAIN("services/lambda_functions", tcase_add_test(tc, asks);
           tcase_add_test(tc, takes_configurations); tcase_add_test(tc, refuses));
