#include "cli/pail_command.h"

const struct pail_command *const pail_commands[] = {
    &pail_command_ls,
    &pail_command_cat,
    &pail_command_lines,
    &pail_command_head,
    &pail_command_cp,
    &pail_command_doctor,
    &pail_command_select,
    &pail_command_logs_groups,
    &pail_command_logs_streams,
    &pail_command_logs_get,
    &pail_command_logs_filter,
    &pail_command_logs_tail,
    &pail_command_kinesis_streams,
    &pail_command_kinesis_shards,
    &pail_command_kinesis_get,
    &pail_command_functions,
    &pail_command_invoke,
    &pail_command_whoami,
    NULL,
};

const struct pail_family pail_families[] = {
    {"logs", "CloudWatch Logs: groups, streams, get, filter, tail"},
    {"kinesis", "Kinesis: streams, shards, get"},
    {NULL, NULL},
};
