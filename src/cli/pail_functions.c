#include "cli/pail_listing.h"

#include "base/date.h"

#include <pail/lambda_functions.h>

#define RUNTIME_COLUMN 12

struct functions_settings {
    bool detailed, json;
};

static const struct option rows[] = {
    PAIL_ROW(struct functions_settings, "long", OPTION_FLAG, detailed, .letter = 'l',
             .help = "with when it was changed, size, runtime"),
    PAIL_ROW(struct functions_settings, "json", OPTION_FLAG, json,
             .help = "a line of JSON for each"),
};

static void add_function(struct buf *b, const void *item, const void *settings)
{
    const struct pail_lambda_function_configuration *function = item;
    if (((const struct functions_settings *)settings)->detailed) {
        struct pail_time changed = {.present = false};
        (void)date_parse_iso8601(function->last_modified, &changed);
        pail_add_second(b, changed);
        pail_add_bytes(b, function->code_size);
        struct pail_str runtime = function->runtime.len ? function->runtime : PAIL_STR("-");
        size_t start = b->len;
        pail_add_name(b, runtime);
        while (!buf_failed(b) && b->len - start < RUNTIME_COLUMN)
            buf_add_byte(b, ' ');
        buf_add_byte(b, ' ');
    }
    pail_add_name(b, function->function_name);
}

static void turn(void *in, const void *out, struct pail_str token)
{
    (void)out;
    ((struct pail_lambda_list_functions_input *)in)->marker = token;
}

static int run_functions(struct pail_run *run)
{
    const struct functions_settings *settings = run->arguments->settings;
    struct pail_lambda_list_functions_input in = {0};
    struct pail_lambda_list_functions_output out = {0};
    struct pail_listing listing = {
        .subject = "functions",
        .form = &list_of_functions,
        .in = &in,
        .out = &out,
        .turn = turn,
        .member = "Functions",
        .json = settings->json,
        .add = add_function,
    };
    return pail_list(run, &listing);
}

const struct pail_command pail_command_functions = {
    .name = "functions",
    .usage = "",
    .summary = "lists Lambda functions",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct functions_settings),
    .words_max = PAIL_NO_WORDS,
    .run = run_functions,
};
