/* aws/table.h: what the operation tables of services/ are made with. */
#ifndef AWS_TABLE_H
#define AWS_TABLE_H

#include <pail/call.h>

/* A member that is in the body under its own name. */
#define BODY(type_, field_, name_, shape_, ...)                                                \
    PAIL_FIELD(type_, field_, name_, NULL, shape_, PAIL_IN_BODY, __VA_ARGS__)

/* The typed call of the operation symbol_##_operation. */
#define TABLE_CALL(symbol_)                                                                    \
    int symbol_(struct pail_client *client, const struct symbol_##_input *in,                  \
                struct symbol_##_output *out, const struct pail_call_options *options,         \
                struct pail_error *error)                                                      \
    {                                                                                          \
        return pail_call(client, &symbol_##_operation, in, out, options, error);               \
    }
#define TABLE_CALL_WITHOUT_INPUT(symbol_)                                                      \
    int symbol_(struct pail_client *client, struct symbol_##_output *out,                      \
                const struct pail_call_options *options, struct pail_error *error)             \
    {                                                                                          \
        return pail_call(client, &symbol_##_operation, NULL, out, options, error);             \
    }

#endif
