/* fs/logs_source_streams.c: the streams of a group as files and, where their names have a '/',
 * directories. */
#include "fs/logs_source_internal.h"

#include <errno.h>

#define PAGE_MAX  50
#define TOKEN_MAX (64 * 1024) /* bytes of a cursor */

static const struct pail_operation *const describe = &pail_logs_describe_log_streams_operation;

static bool is_outside(const struct pail_logs_log_stream *stream, struct pail_str prefix)
{
    return stream->log_stream_name.len == 0 || !str_starts(stream->log_stream_name, prefix);
}

static struct source_entry file_of(const struct pail_logs_log_stream *stream,
                                   struct pail_str name, char etag[LOGS_ETAG_MAX])
{
    const struct pail_int *last = &stream->last_event_timestamp;
    return (struct source_entry){
        .name = name,
        .type = ENTRY_FILE,
        .kind = FILE_GROWS,
        .mtime_s = (last->present ? last->value : stream->creation_time.value) / 1000,
        .etag = logs_etag(stream->creation_time, etag),
    };
}

/* The answer is no list of streams below `prefix`: the call has failed. Returns -EPROTO. */
static int refuse(struct source_call *call, const struct pail_response *response,
                  const char *reason)
{
    return source_call_error(&call->error, call->operation, response, PAIL_ERROR_PARSE, EPROTO,
                             reason);
}

/* ---- one name: a stream, or what others are below ---- */

struct stream_lookup {
    struct source_state state;
    struct source_call exact, below;
    struct pail_logs_describe_log_streams_input exact_in, below_in;
    struct pail_logs_describe_log_streams_output exact_out, below_out;
    struct source_lookup *lookup;
    struct logs_name name;
    struct logs_place place;
    char prefix[LOGS_NAME_MAX + 1]; /* of what is below */
    char etag[LOGS_ETAG_MAX];
};

static void stream_lookup_free(struct source_state *state)
{
    struct stream_lookup *sl = CONTAINER_OF(state, struct stream_lookup, state);
    pail_output_free(describe, &sl->exact_out);
    pail_output_free(describe, &sl->below_out);
    free(sl);
}

static void stream_lookup_start(struct stream_lookup *sl);

static void found_directory(struct stream_lookup *sl)
{
    struct pail_str path = logs_place_rest(&sl->place);
    size_t slash = str_rfind(path, '/');
    sl->lookup->entry = (struct source_entry){
        .name = slash < path.len ? str_sub(path, slash + 1, path.len) : path,
        .type = ENTRY_DIRECTORY,
    };
    source_finish(&sl->state, 0, NULL);
}

static void found_file(struct stream_lookup *sl)
{
    struct pail_str path = logs_place_rest(&sl->place);
    size_t slash = str_rfind(path, '/');
    sl->lookup->entry =
        file_of(&sl->exact_out.log_streams.items[0],
                slash < path.len ? str_sub(path, slash + 1, path.len) : path, sl->etag);
    source_finish(&sl->state, 0, NULL);
}

static int judge(struct source_call *call,
                 const struct pail_logs_describe_log_streams_output *out,
                 struct pail_str prefix)
{
    bool listed = out->log_streams.items && (out->log_streams.count == 0 ||
                                             !is_outside(&out->log_streams.items[0], prefix));
    return listed ? 0 : refuse(call, &out->response, list_of_log_streams.refusal);
}

/* A directory wins over a stream of the same name. */
static void stream_asked(struct source_call *call)
{
    struct stream_lookup *sl = CONTAINER_OF(call->state, struct stream_lookup, state);
    struct pail_str path = logs_place_rest(&sl->place);
    bool is_below = call == &sl->below;
    if (call->status == 0)
        call->status = is_below ? judge(call, &sl->below_out, str_of(sl->prefix, path.len + 1))
                                : judge(call, &sl->exact_out, path);
    if (is_below && call->status == 0 && sl->below_out.log_streams.count > 0) {
        found_directory(sl);
        return;
    }
    if (!sl->exact.over || !sl->below.over)
        return;
    const struct source_call *failed = sl->below.status < 0 ? &sl->below : &sl->exact;
    if (failed->status < 0 && logs_name_other(&sl->name, failed)) {
        stream_lookup_start(sl);
        return;
    }
    logs_note_failure(logs_of_state(&sl->state), &sl->place, failed->status);
    if (failed->status < 0)
        source_finish(&sl->state, failed->status, &failed->error);
    else if (sl->exact_out.log_streams.count > 0 &&
             str_eq(sl->exact_out.log_streams.items[0].log_stream_name, path))
        found_file(sl);
    else
        source_finish(&sl->state,
                      source_call_error(&call->error, describe, &sl->exact_out.response,
                                        PAIL_ERROR_CLIENT, ENOENT,
                                        "no log stream has that name"),
                      &call->error);
}

static void ask_one(struct stream_lookup *sl, struct source_call *call,
                    struct pail_logs_describe_log_streams_input *in,
                    struct pail_logs_describe_log_streams_output *out, struct pail_str prefix)
{
    struct logs_source *logs = logs_of_state(&sl->state);
    *in = (struct pail_logs_describe_log_streams_input){
        .log_group_name = logs_place_name(&sl->place, sl->name.slash),
        .log_stream_name_prefix = prefix,
        .limit = PAIL_INT(1),
    };
    pail_output_free(describe, out);
    *out = (struct pail_logs_describe_log_streams_output){0};
    source_call_init(&sl->state, call, describe, out, NULL, stream_asked);
    logs_start(logs, LOGS_STREAMS_CALL, call, in, logs->base.metadata_timeout_ms);
}

static void stream_lookup_start(struct stream_lookup *sl)
{
    struct pail_str path = logs_place_rest(&sl->place);
    struct pail_str prefix = str_of(sl->prefix, path.len + 1);
    sl->exact.over = sl->below.over = false;
    ask_one(sl, &sl->below, &sl->below_in, &sl->below_out, prefix);
    ask_one(sl, &sl->exact, &sl->exact_in, &sl->exact_out, path);
}

void logs_streams_lookup(struct logs_source *logs, struct source_lookup *lookup,
                         const struct logs_place *place)
{
    struct stream_lookup *sl = calloc(1, sizeof *sl);
    if (!sl) {
        source_refuse(&logs->base, &lookup->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&sl->state, &logs->base, &lookup->request, stream_lookup_free);
    sl->lookup = lookup;
    sl->place = *place;
    sl->name = logs_name_of(logs, place);
    memcpy(sl->prefix, place->rest, place->rest_len);
    sl->prefix[place->rest_len] = '/';
    stream_lookup_start(sl);
}

/* ---- a page of a directory ---- */

struct stream_list {
    struct source_state state;
    struct source_call call;
    struct pail_logs_describe_log_streams_input in;
    struct pail_logs_describe_log_streams_output out;
    struct source_list *list;
    struct source_entries entries;
    struct logs_name name;
    struct logs_place place;
    size_t prefix_len;
    char prefix[LOGS_NAME_MAX + 1];
    struct pail_str directory; /* the last name of the pages before, should it be one */
    struct pail_str token;
    struct buf cursor, next; /* what these point into; what the next page begins with */
};

static void stream_list_free(struct source_state *state)
{
    struct stream_list *sl = CONTAINER_OF(state, struct stream_list, state);
    source_entries_done(&sl->entries);
    buf_done(&sl->cursor);
    buf_done(&sl->next);
    pail_output_free(describe, &sl->out);
    free(sl);
}

/* A cursor: whether the group's name begins with '/'; the last name, if it is a directory,
 * which the next page may have once more; a NUL; the service's token. */
static int read_cursor(struct stream_list *sl)
{
    struct pail_str cursor = sl->list->cursor;
    if (!cursor.ptr)
        return 0;
    buf_add_str(&sl->cursor, cursor);
    if (buf_failed(&sl->cursor))
        return -ENOMEM;
    cursor = buf_str(&sl->cursor);
    size_t nul = str_find(cursor, '\0', 0);
    if (nul == 0 || nul == cursor.len)
        return -EPROTO;
    sl->name = (struct logs_name){.slash = cursor.ptr[0] == '/', .sure = true};
    sl->directory = str_sub(cursor, 1, nul - 1);
    sl->token = str_sub(cursor, nul + 1, cursor.len);
    return 0;
}

static int write_cursor(struct stream_list *sl, struct pail_str next)
{
    const struct source_entries *e = &sl->entries;
    const struct source_entry *last = e->count > 0 ? &e->items[e->count - 1] : NULL;
    buf_add_byte(&sl->next, sl->name.slash ? '/' : '-');
    if (last && last->type == ENTRY_DIRECTORY)
        buf_add_str(&sl->next, last->name);
    else if (!last)
        buf_add_str(&sl->next, sl->directory);
    buf_add_byte(&sl->next, '\0');
    buf_add_str(&sl->next, next);
    sl->list->next = buf_str(&sl->next);
    return buf_failed(&sl->next) ? -ENOMEM : 0;
}

/* The directory that the pages before ended with is not named again. */
static void drop_known(struct stream_list *sl)
{
    struct source_entries *e = &sl->entries;
    if (sl->directory.len == 0 || e->count == 0 || e->items[0].type != ENTRY_DIRECTORY ||
        !str_eq(e->items[0].name, sl->directory))
        return;
    memmove(e->items, e->items + 1, --e->count * sizeof(*e->items));
}

static int take_page(struct stream_list *sl, const char **ret_reason)
{
    const struct pail_logs_log_streams *streams = &sl->out.log_streams;
    struct pail_str prefix = str_of(sl->prefix, sl->prefix_len), next;
    char etag[LOGS_ETAG_MAX];
    int more =
        list_page_next(&list_of_log_streams, &sl->out, sl->token, NULL, &next, ret_reason);
    if (more < 0)
        return more;
    for (size_t i = 0; i < streams->count; i++) {
        struct pail_str name = streams->items[i].log_stream_name;
        if (is_outside(&streams->items[i], prefix))
            return -EPROTO;
        struct pail_str rest = str_sub(name, prefix.len, name.len);
        const struct source_entry entry = file_of(&streams->items[i], rest, etag);
        /* What a lookup refuses is not shown. */
        int r = logs_stream_possible(str_sub(rest, 0, str_find(rest, '/', 0)))
                    ? source_entries_add_path(&sl->entries, &entry, name)
                    : source_entries_add_unreachable(&sl->entries, name);
        if (r < 0)
            return r;
    }
    source_entries_sort(&sl->entries);
    drop_known(sl);
    source_entries_answer(&sl->entries, sl->list);
    sl->list->next = str_of(NULL, 0);
    return more ? write_cursor(sl, next) : 0;
}

static void stream_list_start(struct stream_list *sl);

static void page_ended(struct source_call *call)
{
    struct stream_list *sl = CONTAINER_OF(call, struct stream_list, call);
    if (logs_name_other(&sl->name, call)) {
        stream_list_start(sl);
        return;
    }
    logs_note_failure(logs_of_state(&sl->state), &sl->place, call->status);
    const char *reason = list_of_log_streams.refusal;
    int r = call->status == 0 ? take_page(sl, &reason) : call->status;
    if (call->status == 0 && r == -EPROTO)
        refuse(call, &sl->out.response, reason);
    else if (call->status == 0 && r < 0)
        source_call_error(&call->error, describe, &sl->out.response, PAIL_ERROR_MEMORY, ENOMEM,
                          "out of memory");
    source_finish(&sl->state, r, &call->error);
}

static void stream_list_start(struct stream_list *sl)
{
    struct logs_source *logs = logs_of_state(&sl->state);
    struct pail_str prefix = str_of(sl->prefix, sl->prefix_len);
    sl->in = (struct pail_logs_describe_log_streams_input){
        .log_group_name = logs_place_name(&sl->place, sl->name.slash),
        .log_stream_name_prefix = prefix.len > 0 ? prefix : str_of(NULL, 0),
        .order_by = PAIL_STR("LogStreamName"),
        .next_token = sl->token,
        .limit = PAIL_INT(PAGE_MAX),
    };
    source_call_init(&sl->state, &sl->call, describe, &sl->out, NULL, page_ended);
    logs_start(logs, LOGS_STREAMS_CALL, &sl->call, &sl->in, logs->base.metadata_timeout_ms);
}

void logs_streams_list(struct logs_source *logs, struct source_list *list,
                       const struct logs_place *place)
{
    struct stream_list *sl = calloc(1, sizeof *sl);
    if (!sl) {
        source_refuse(&logs->base, &list->request, -ENOMEM, "out of memory");
        return;
    }
    sl->list = list;
    sl->place = *place;
    sl->name = logs_name_of(logs, place);
    buf_init(&sl->cursor, TOKEN_MAX);
    buf_init(&sl->next, TOKEN_MAX);
    memcpy(sl->prefix, place->rest, place->rest_len);
    sl->prefix_len = place->rest_len;
    if (sl->prefix_len > 0)
        sl->prefix[sl->prefix_len++] = '/';
    int r = read_cursor(sl);
    source_state_init(&sl->state, &logs->base, &list->request, stream_list_free);
    if (r < 0) {
        struct pail_error error;
        source_call_error(&error, describe, NULL, PAIL_ERROR_MEMORY, -r, "out of memory");
        source_answer(&sl->state, r, &error);
        return;
    }
    stream_list_start(sl);
}
