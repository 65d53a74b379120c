#include "fs/lambda_source_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <pail/lambda_functions.h>

static bool is_function_name(struct pail_str name)
{
    if (name.len == 0 || name.len > LAMBDA_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
        if (!ok)
            return false;
    }
    return true;
}

int lambda_place_of(struct pail_str path, struct lambda_place *ret)
{
    *ret = (struct lambda_place){.what = LAMBDA_ROOT};
    if (path.len == 0)
        return 0;
    size_t slash = str_find(path, '/', 0);
    ret->function = str_sub(path, 0, slash);
    ret->what = LAMBDA_FUNCTION;
    if (!is_function_name(ret->function))
        return -ENOENT;
    if (slash == path.len)
        return 0;
    struct pail_str name = str_sub(path, slash + 1, path.len);
    if (str_eq_c(name, "config.json"))
        ret->what = LAMBDA_CONFIG;
    else if (str_eq_c(name, "invoke"))
        ret->what = LAMBDA_INVOKE;
    else
        return -ENOENT;
    return 0;
}

/* ---- the source ---- */

static void source_uri(struct source *source, struct pail_str path, struct buf *b)
{
    (void)source;
    buf_add_c(b, "lambda://");
    buf_add_str(b, path);
}

static void source_stats(struct source *source, struct buf *b)
{
    struct lambda_source *lambda = lambda_source_of(source);
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"lambda.lookups", lambda->lookups},
        {"lambda.lists", lambda->lists},
        {"lambda.reads", lambda->reads},
        {"lambda.invocations", lambda->invocations},
    };
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        buf_addf(b, "%s %" PRIu64 "\n", counters[i].name, counters[i].value);
}

static void source_free(struct source *source)
{
    struct lambda_source *lambda = lambda_source_of(source);
    client_source_drain(&lambda->base);
    free(lambda);
}

static const struct source_ops lambda_source_ops = {
    .lookup = lambda_lookup,
    .list = lambda_list,
    .reader_open = lambda_reader_open,
    .more = lambda_more,
    .reader_close = lambda_reader_close,
    .exchange = lambda_exchange,
    .cancel = source_cancel,
    .release = source_release,
    .uri = source_uri,
    .stats = source_stats,
    .free = source_free,
};

/* ---- the scheme ---- */

static int parse(struct pail_str url, const char **ret_reason)
{
    if (str_eq_c(url, lambda_scheme.prefix))
        return 0;
    *ret_reason = "lambda:// takes nothing behind it: functions are directories of the mount";
    return -EINVAL;
}

static int check(const struct source_config *config, int64_t timeout_ms,
                 struct pail_error *error)
{
    const struct pail_call_options call = {
        .timeout_ms = timeout_ms,
        .max_attempts = config->check_attempts,
    };
    const struct pail_lambda_list_functions_input in = {.max_items = PAIL_INT(1)};
    struct pail_lambda_list_functions_output out = {0};
    int r = pail_lambda_list_functions(config->client, &in, &out, &call, error);
    if (r == 0)
        r = source_call_listed(error, &list_of_functions, &out);
    pail_output_free(&pail_lambda_list_functions_operation, &out);
    return r;
}

static int make(const struct source_config *config, struct source **ret)
{
    struct lambda_source *lambda = calloc(1, sizeof *lambda);
    if (!lambda)
        return -ENOMEM;
    lambda->base = (struct client_source){
        .source.ops = &lambda_source_ops,
        .client = config->client,
        .mailbox = config->mailbox,
        .metadata_timeout_ms = config->metadata_timeout_ms,
    };
    lambda->operation_timeout_ms = config->operation_timeout_ms;
    *ret = &lambda->base.source;
    return 0;
}

const struct source_scheme lambda_scheme = {
    .prefix = "lambda://", .writes = true, .parse = parse, .check = check, .make = make};
