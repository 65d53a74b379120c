#include "cli/pail_command.h"

const struct pail_command *const pail_commands[] = {
    &pail_command_ls,
    &pail_command_cat,
    &pail_command_lines,
    &pail_command_head,
    &pail_command_cp,
    &pail_command_doctor,
    NULL,
};
