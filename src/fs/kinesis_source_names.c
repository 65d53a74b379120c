/* fs/kinesis_source_names.c: streams as directories and shards as files: looking them up and
 * listing them. */
#include "fs/kinesis_source_internal.h"
#include "fs/source_entries.h"

#include <errno.h>

#define PAGE_MAX 10000 /* streams or shards asked for at once */

static struct kinesis_source *kinesis_of_state(struct source_state *state)
{
    return kinesis_source_of(&state->source->source);
}

/* ---- when streams were made: what is known of a shard's time before it is read ---- */

struct known_stream {
    TAILQ_ENTRY(known_stream) link;
    int64_t creation_s; /* 0: it could not be found out */
    size_t name_len;
    char name[];
};

static struct known_stream *find_stream(const struct kinesis_source *kinesis,
                                        struct pail_str name)
{
    struct known_stream *known;
    TAILQ_FOREACH(known, &kinesis->streams, link)
    {
        if (str_eq(str_of(known->name, known->name_len), name))
            return known;
    }
    return NULL;
}

/* For want of memory it stays unknown. */
static void remember(struct kinesis_source *kinesis, struct pail_str name,
                     const struct pail_time *creation)
{
    struct known_stream *known = find_stream(kinesis, name);
    if (!known && (known = calloc(1, sizeof *known + name.len))) {
        known->name_len = name.len;
        memcpy(known->name, name.ptr, name.len);
        TAILQ_INSERT_HEAD(&kinesis->streams, known, link);
    }
    if (known)
        known->creation_s = creation->present ? creation->seconds : 0;
}

void kinesis_streams_done(struct kinesis_source *kinesis)
{
    struct known_stream *known;
    while ((known = TAILQ_FIRST(&kinesis->streams))) {
        TAILQ_REMOVE(&kinesis->streams, known, link);
        free(known);
    }
}

/* ---- a stream ---- */

struct stream_lookup {
    struct source_state state;
    struct source_call call;
    struct pail_kinesis_describe_stream_summary_input in;
    struct pail_kinesis_describe_stream_summary_output out;
    struct source_lookup *lookup;
    struct kinesis_place place;
};

static void stream_lookup_free(struct source_state *state)
{
    struct stream_lookup *sl = CONTAINER_OF(state, struct stream_lookup, state);
    pail_output_free(&pail_kinesis_describe_stream_summary_operation, &sl->out);
    free(sl);
}

static void stream_described(struct source_call *call)
{
    struct stream_lookup *sl = CONTAINER_OF(call, struct stream_lookup, call);
    int r = call->status;
    if (r == 0 && !sl->out.stream_description_summary)
        r = source_call_error(&call->error, call->operation, &sl->out.response,
                              PAIL_ERROR_PARSE, EPROTO, "the answer describes no stream");
    if (r == 0)
        remember(kinesis_of_state(&sl->state), kinesis_stream(&sl->place),
                 &sl->out.stream_description_summary->stream_creation_timestamp);
    sl->lookup->entry =
        (struct source_entry){.name = kinesis_stream(&sl->place), .type = ENTRY_DIRECTORY};
    source_finish(&sl->state, r, &call->error);
}

static void stream_lookup(struct kinesis_source *kinesis, struct source_lookup *lookup,
                          const struct kinesis_place *place)
{
    struct stream_lookup *sl = calloc(1, sizeof *sl);
    if (!sl) {
        source_refuse(&kinesis->base, &lookup->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&sl->state, &kinesis->base, &lookup->request, stream_lookup_free);
    sl->lookup = lookup;
    sl->place = *place;
    sl->in.stream_name = kinesis_stream(&sl->place);
    const struct pail_call_options options = {.timeout_ms = kinesis->base.metadata_timeout_ms};
    source_call_init(&sl->state, &sl->call, &pail_kinesis_describe_stream_summary_operation,
                     &sl->out, NULL, stream_described);
    source_pace_start(&kinesis->paces[KINESIS_DESCRIBE_CALL], &sl->call, &sl->in, &options);
}

/* ---- all pages of streams, or of a stream's shards ---- */

struct names_state {
    struct source_state state;
    struct source_call call, describe;
    struct pail_kinesis_describe_stream_summary_input describe_in;
    struct pail_kinesis_describe_stream_summary_output describe_out;
    union {
        struct pail_kinesis_list_streams_input streams;
        struct pail_kinesis_list_shards_input shards;
    } in;
    union {
        struct pail_kinesis_list_streams_output streams;
        struct pail_kinesis_list_shards_output shards;
    } out;
    const struct pail_operation *operation;
    struct list_pages pages;
    bool by_name; /* the token is the last stream's name */
    struct source_entries entries;
    struct source_list *list; /* or, of one shard: */
    struct source_lookup *lookup;
    struct kinesis_place place;
};

static void names_free(struct source_state *state)
{
    struct names_state *ns = CONTAINER_OF(state, struct names_state, state);
    pail_output_free(ns->operation, &ns->out);
    pail_output_free(&pail_kinesis_describe_stream_summary_operation, &ns->describe_out);
    source_entries_done(&ns->entries);
    list_pages_done(&ns->pages);
    free(ns);
}

static void ask_page(struct names_state *ns);

/* Shards can be listed all the same where it fails. */
static void made_known(struct source_call *call)
{
    struct names_state *ns = CONTAINER_OF(call, struct names_state, describe);
    const struct pail_kinesis_stream_description_summary *summary =
        call->status == 0 ? ns->describe_out.stream_description_summary : NULL;
    static const struct pail_time unknown;
    /* That it may not be asked stays so; any other failure passes. */
    if (summary || call->status == -EACCES)
        remember(kinesis_of_state(&ns->state), kinesis_stream(&ns->place),
                 summary ? &summary->stream_creation_timestamp : &unknown);
    ask_page(ns);
}

static void ask_when_made(struct names_state *ns)
{
    struct kinesis_source *kinesis = kinesis_of_state(&ns->state);
    const struct pail_call_options options = {.timeout_ms = kinesis->base.metadata_timeout_ms};
    ns->describe_in.stream_name = kinesis_stream(&ns->place);
    source_call_init(&ns->state, &ns->describe, &pail_kinesis_describe_stream_summary_operation,
                     &ns->describe_out, NULL, made_known);
    source_pace_start(&kinesis->paces[KINESIS_DESCRIBE_CALL], &ns->describe, &ns->describe_in,
                      &options);
}

static int add_streams(struct names_state *ns)
{
    const struct pail_kinesis_list_streams_output *out = &ns->out.streams;
    for (size_t i = 0; i < out->stream_names.count; i++) {
        struct pail_str name = out->stream_names.items[i];
        const struct source_entry entry = {.name = name, .type = ENTRY_DIRECTORY};
        int r = source_entries_add_path(&ns->entries, &entry, name);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < out->stream_summaries.count; i++) {
        if (out->stream_summaries.items[i].stream_name.len == 0)
            continue;
        remember(kinesis_of_state(&ns->state), out->stream_summaries.items[i].stream_name,
                 &out->stream_summaries.items[i].stream_creation_timestamp);
    }
    ns->by_name = out->next_token.len == 0;
    return 0;
}

/* When its last record came is not said: not before its stream was made. */
static int add_shards(struct names_state *ns)
{
    const struct pail_kinesis_list_shards_output *out = &ns->out.shards;
    const struct known_stream *known =
        find_stream(kinesis_of_state(&ns->state), kinesis_stream(&ns->place));
    for (size_t i = 0; i < out->shards.count; i++) {
        const struct pail_kinesis_shard *shard = &out->shards.items[i];
        const struct pail_kinesis_sequence_number_range *range = shard->sequence_number_range;
        struct source_entry entry = {.name = shard->shard_id,
                                     .type = ENTRY_FILE,
                                     .kind = FILE_GROWS,
                                     .mtime_s = known ? known->creation_s : 0};
        if (range)
            entry.etag = range->starting_sequence_number;
        if (shard->shard_id.len == 0)
            return -EPROTO;
        int r = source_entries_add_path(&ns->entries, &entry, shard->shard_id);
        if (r < 0)
            return r;
    }
    return 0;
}

/* 1: another page is asked for; 0: that was all; -errno. */
static int take_page(struct names_state *ns, const char **ret_reason)
{
    bool shards = ns->place.stream_len > 0;
    int more = list_pages_take(&ns->pages, shards ? &list_of_shards : &list_of_streams,
                               &ns->out, ret_reason);
    if (more < 0)
        return more;
    int r = shards ? add_shards(ns) : add_streams(ns);
    return r < 0 ? r : more;
}

static int answer_lookup(struct names_state *ns)
{
    for (size_t i = 0; i < ns->entries.count; i++) {
        if (str_eq(ns->entries.items[i].name, kinesis_shard(&ns->place))) {
            ns->lookup->entry = ns->entries.items[i];
            return 0;
        }
    }
    return -ENOENT;
}

static int answer(struct names_state *ns)
{
    if (ns->lookup)
        return answer_lookup(ns);
    source_entries_sort(&ns->entries);
    source_entries_answer(&ns->entries, ns->list);
    return 0;
}

static void page_ended(struct source_call *call)
{
    struct names_state *ns = CONTAINER_OF(call, struct names_state, call);
    const char *reason = "the answer is not a list of streams or shards";
    int r = call->status == 0 ? take_page(ns, &reason) : call->status;
    if (r > 0) {
        ask_page(ns);
        return;
    }
    if (r == 0)
        r = answer(ns);
    if (r < 0 && call->status == 0)
        source_call_error(&call->error, call->operation, call->out,
                          r == -EPROTO   ? PAIL_ERROR_PARSE
                          : r == -ENOENT ? PAIL_ERROR_CLIENT
                                         : PAIL_ERROR_MEMORY,
                          -r,
                          r == -EPROTO   ? reason
                          : r == -ENOENT ? "the stream has no such shard"
                                         : "out of memory");
    source_finish(&ns->state, r, &call->error);
}

static void ask_page(struct names_state *ns)
{
    struct kinesis_source *kinesis = kinesis_of_state(&ns->state);
    const struct pail_call_options options = {.timeout_ms = kinesis->base.metadata_timeout_ms};
    struct pail_str token = str_c(ns->pages.token), none = {0};
    bool shards = ns->place.stream_len > 0;
    if (shards)
        ns->in.shards = (struct pail_kinesis_list_shards_input){
            .stream_name = token.ptr ? none : kinesis_stream(&ns->place),
            .next_token = token,
            .max_results = token.ptr ? (struct pail_int){0} : PAIL_INT(PAGE_MAX)};
    else
        ns->in.streams = (struct pail_kinesis_list_streams_input){
            .limit = PAIL_INT(PAGE_MAX),
            .next_token = ns->by_name ? none : token,
            .exclusive_start_stream_name = ns->by_name ? token : none};
    pail_output_free(ns->operation, &ns->out);
    memset(&ns->out, 0, sizeof(ns->out));
    source_call_init(&ns->state, &ns->call, ns->operation, &ns->out, NULL, page_ended);
    source_pace_start(&kinesis->paces[shards ? KINESIS_SHARDS_CALL : KINESIS_LIST_CALL],
                      &ns->call, &ns->in, &options);
}

static void names_start(struct kinesis_source *kinesis, struct source_request *request,
                        struct source_lookup *lookup, struct source_list *list,
                        const struct kinesis_place *place)
{
    struct names_state *ns = calloc(1, sizeof *ns);
    if (!ns) {
        source_refuse(&kinesis->base, request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&ns->state, &kinesis->base, request, names_free);
    ns->operation = place->stream_len > 0 ? &pail_kinesis_list_shards_operation
                                          : &pail_kinesis_list_streams_operation;
    ns->lookup = lookup;
    ns->list = list;
    ns->place = *place;
    if (place->stream_len > 0 && !find_stream(kinesis, kinesis_stream(place)))
        ask_when_made(ns);
    else
        ask_page(ns);
}

/* ---- the operations ---- */

void kinesis_lookup(struct source *source, struct source_lookup *lookup)
{
    struct kinesis_source *kinesis = kinesis_source_of(source);
    struct kinesis_place place;
    kinesis->stats.lookups++;
    if (kinesis_place_of(kinesis, lookup->path, &place) < 0)
        source_refuse(&kinesis->base, &lookup->request, -ENOENT, "nothing can have that name");
    else if (place.shard_len == 0)
        stream_lookup(kinesis, lookup, &place);
    else
        names_start(kinesis, &lookup->request, lookup, NULL, &place);
}

void kinesis_list(struct source *source, struct source_list *list)
{
    struct kinesis_source *kinesis = kinesis_source_of(source);
    struct kinesis_place place;
    kinesis->stats.lists++;
    if (list->flat)
        source_refuse(&kinesis->base, &list->request, -ENOTSUP,
                      "streams are listed one at a time");
    else if (kinesis_place_of(kinesis, list->path, &place) < 0)
        source_refuse(&kinesis->base, &list->request, -ENOENT, "nothing can have that name");
    else if (place.shard_len > 0)
        source_refuse(&kinesis->base, &list->request, -ENOTDIR, "a file, not a directory");
    else
        names_start(kinesis, &list->request, NULL, list, &place);
}
