#include "driver.h"

#include <pail/s3.h>
#include <string.h>

const struct pail_operation *operation_find(const char *service, const char *operation)
{
    static const struct {
        const char *service;
        const struct pail_operation *operation;
    } operations[] = {
        {"s3", &pail_s3_get_object_operation},   {"s3", &pail_s3_head_object_operation},
        {"s3", &pail_s3_head_bucket_operation},  {"s3", &pail_s3_list_objects_v2_operation},
        {"s3", &pail_s3_list_buckets_operation}, {"s3", &pail_s3_get_bucket_location_operation},
    };
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(operations[i].service, service) == 0 &&
            strcmp(operations[i].operation->name, operation) == 0)
            return operations[i].operation;
    driver_die("no such operation", operation);
}
