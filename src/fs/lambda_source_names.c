/* fs/lambda_source_names.c: functions as directories: looking them up and listing them. */
#include "fs/lambda_source_internal.h"

#include "base/date.h"

#include <errno.h>
#include <pail/lambda_functions.h>

/* What a function's answer says of its config.json: another revision is another file. */
static struct source_entry config_entry(const struct pail_lambda_function_configuration *config)
{
    struct source_entry entry = {
        .name = PAIL_STR("config.json"),
        .type = ENTRY_FILE,
        .kind = FILE_GROWS,
        .etag = config->revision_id.ptr ? config->revision_id : config->last_modified,
    };
    struct pail_time modified;
    if (config->last_modified.ptr && date_parse_iso8601(config->last_modified, &modified) == 0)
        entry.mtime_s = modified.seconds;
    return entry;
}

static struct source_entry invoke_entry(const struct pail_lambda_function_configuration *config)
{
    struct source_entry entry = config_entry(config);
    entry.name = PAIL_STR("invoke");
    entry.kind = FILE_EXCHANGE;
    entry.etag = (struct pail_str){0};
    return entry;
}

/* ---- one function ---- */

/* A lookup of a function or of what is in it, or the list of what is in it: one call tells. */
struct function_state {
    struct source_state state;
    struct source_call call;
    struct pail_lambda_get_function_configuration_output out;
    struct source_lookup *lookup; /* or: */
    struct source_list *list;
    enum lambda_what what;
    struct source_entry entries[2];
    char name[LAMBDA_NAME_MAX];
    size_t name_len;
};

static void function_free(struct source_state *state)
{
    struct function_state *fs = CONTAINER_OF(state, struct function_state, state);
    pail_output_free(fs->call.operation, &fs->out);
    free(fs);
}

static void function_ended(struct source_call *call)
{
    struct function_state *fs = CONTAINER_OF(call, struct function_state, call);
    if (call->status == 0) {
        fs->entries[0] = config_entry(&fs->out.configuration);
        fs->entries[1] = invoke_entry(&fs->out.configuration);
        if (fs->list) {
            fs->list->entries = fs->entries;
            fs->list->count = ARRAY_LEN(fs->entries);
        } else if (fs->what == LAMBDA_FUNCTION) {
            fs->lookup->entry = (struct source_entry){.name = str_of(fs->name, fs->name_len),
                                                      .type = ENTRY_DIRECTORY};
        } else {
            fs->lookup->entry = fs->entries[fs->what == LAMBDA_INVOKE];
        }
    }
    source_finish(&fs->state, call->status, &call->error);
}

static void function_start(struct lambda_source *lambda, struct source_request *request,
                           const struct lambda_place *place, struct source_lookup *lookup,
                           struct source_list *list)
{
    struct function_state *fs = calloc(1, sizeof *fs);
    if (!fs) {
        source_refuse(&lambda->base, request, -ENOMEM, "out of memory");
        return;
    }
    fs->lookup = lookup;
    fs->list = list;
    fs->what = place->what;
    fs->name_len = place->function.len;
    memcpy(fs->name, place->function.ptr, place->function.len);
    source_state_init(&fs->state, &lambda->base, request, function_free);
    source_call_init(&fs->state, &fs->call, &pail_lambda_get_function_configuration_operation,
                     &fs->out, NULL, function_ended);
    const struct pail_lambda_get_function_configuration_input in = {
        .function_name = str_of(fs->name, fs->name_len)};
    const struct pail_call_options options = {.timeout_ms = lambda->base.metadata_timeout_ms};
    source_call_start(&fs->call, &in, &options, source_call_done);
}

void lambda_lookup(struct source *source, struct source_lookup *lookup)
{
    struct lambda_source *lambda = lambda_source_of(source);
    struct lambda_place place;
    lambda->lookups++;
    int r = lambda_place_of(lookup->path, &place);
    if (r < 0)
        source_refuse(&lambda->base, &lookup->request, r, "no function can have that name");
    else
        function_start(lambda, &lookup->request, &place, lookup, NULL);
}

/* ---- all functions ---- */

/* The service lists them in no promised order, so all pages make one, sorted. The calls take
 * turns: one is over only after it has started the next. */
struct functions_state {
    struct source_state state;
    struct source_call calls[2];
    struct pail_lambda_list_functions_output out[2];
    unsigned turn;
    unsigned empty; /* pages in a row */
    struct source_list *list;
    struct source_entry *entries;
    size_t count, room;
};

static void functions_free(struct source_state *state)
{
    struct functions_state *fs = CONTAINER_OF(state, struct functions_state, state);
    for (size_t i = 0; i < fs->count; i++)
        free((char *)(uintptr_t)fs->entries[i].name.ptr);
    free(fs->entries);
    for (unsigned i = 0; i < 2; i++)
        pail_output_free(&pail_lambda_list_functions_operation, &fs->out[i]);
    free(fs);
}

static int by_name(const void *a, const void *b)
{
    const struct source_entry *left = a, *right = b;
    return str_cmp(left->name, right->name);
}

static int add_function(struct functions_state *fs, struct pail_str name)
{
    if (fs->count == LAMBDA_FUNCTIONS)
        return -EPROTO;
    if (fs->count == fs->room) {
        size_t room = fs->room ? 2 * fs->room : 64;
        struct source_entry *entries = realloc(fs->entries, room * sizeof *entries);
        if (!entries)
            return -ENOMEM;
        fs->entries = entries;
        fs->room = room;
    }
    char *copy = str_dup(name);
    if (!copy)
        return -ENOMEM;
    fs->entries[fs->count++] =
        (struct source_entry){.name = str_of(copy, name.len), .type = ENTRY_DIRECTORY};
    return 0;
}

static void functions_start(struct functions_state *fs, struct pail_str marker);

/* 0: the last page was taken; 1: another was asked for; -errno. */
static int take_page(struct functions_state *fs, unsigned turn, const char **ret_reason)
{
    const struct pail_lambda_list_functions_output *out = &fs->out[turn];
    struct lambda_place place;
    struct pail_str next;
    int more = list_page_next(&list_of_functions, out, fs->out[!turn].next_marker, &fs->empty,
                              &next, ret_reason);
    if (more < 0)
        return more;
    for (size_t i = 0; i < out->functions.count; i++) {
        struct pail_str name = out->functions.items[i].function_name;
        int r = name.ptr ? lambda_place_of(name, &place) : -EPROTO;
        if (r == 0)
            r = add_function(fs, name);
        if (r < 0)
            return r == -ENOENT ? -EPROTO : r;
    }
    if (more)
        functions_start(fs, next);
    return more;
}

static void functions_ended(struct source_call *call)
{
    struct functions_state *fs = CONTAINER_OF(call->state, struct functions_state, state);
    int r = call->status;
    const char *reason = list_of_functions.refusal;
    if (r == 0)
        r = fs->state.cancelled ? -ECANCELED
                                : take_page(fs, (unsigned)(call - fs->calls), &reason);
    if (r > 0)
        return;
    if (r == 0) {
        if (fs->count > 0)
            qsort(fs->entries, fs->count, sizeof *fs->entries, by_name);
        fs->list->entries = fs->entries;
        fs->list->count = fs->count;
    } else if (call->status == 0) {
        source_call_error(&call->error, call->operation, call->out,
                          r == -EPROTO ? PAIL_ERROR_PARSE : PAIL_ERROR_MEMORY, -r,
                          r == -EPROTO ? reason : "out of memory");
    }
    source_finish(&fs->state, r, &call->error);
}

static void functions_start(struct functions_state *fs, struct pail_str marker)
{
    struct lambda_source *lambda = lambda_source_of(&fs->state.source->source);
    unsigned turn = fs->turn;
    fs->turn = !turn;
    struct source_call *call = &fs->calls[turn];
    const struct pail_lambda_list_functions_input in = {.marker = marker};
    const struct pail_call_options options = {.timeout_ms = lambda->base.metadata_timeout_ms};
    pail_output_free(&pail_lambda_list_functions_operation, &fs->out[turn]);
    fs->out[turn] = (struct pail_lambda_list_functions_output){0};
    source_call_init(&fs->state, call, &pail_lambda_list_functions_operation, &fs->out[turn],
                     NULL, functions_ended);
    source_call_start(call, &in, &options, source_call_done);
}

void lambda_list(struct source *source, struct source_list *list)
{
    struct lambda_source *lambda = lambda_source_of(source);
    struct lambda_place place;
    lambda->lists++;
    int r = list->flat ? -ENOTSUP : lambda_place_of(list->path, &place);
    if (r == 0 && place.what == LAMBDA_FUNCTION) {
        function_start(lambda, &list->request, &place, NULL, list);
        return;
    }
    struct functions_state *fs = r == 0 ? calloc(1, sizeof *fs) : NULL;
    if (!fs) {
        source_refuse(&lambda->base, &list->request, r < 0 ? r : -ENOMEM,
                      r < 0 ? "functions are listed one level at a time" : "out of memory");
        return;
    }
    fs->list = list;
    source_state_init(&fs->state, &lambda->base, &list->request, functions_free);
    functions_start(fs, str_of(NULL, 0));
}
