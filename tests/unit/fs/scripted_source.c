#include "unit/fs/scripted_source.h"

#include "unit/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

/* ---- asked by the filesystem ---- */

static void keep_text(char out[SCRIPTED_TEXT], struct pail_str s)
{
    size_t len = s.len < SCRIPTED_TEXT ? s.len : SCRIPTED_TEXT - 1;
    if (len)
        memcpy(out, s.ptr, len);
    out[len] = '\0';
}

static struct scripted *note(struct source *source, enum scripted_kind kind,
                             struct source_request *request, struct pail_str path)
{
    struct scripted_source *ss = CONTAINER_OF(source, struct scripted_source, source);
    MUST(ss->count < SCRIPTED_MAX);
    struct scripted *s = &ss->requests[ss->count++];
    s->kind = kind;
    s->source = ss;
    s->request = request;
    keep_text(s->path, path);
    request->status = 0;
    request->error = (struct pail_error){0};
    request->first = 1;
    request->last = 0;
    request->state = s;
    ss->asked[kind]++;
    return s;
}

static void scripted_lookup(struct source *source, struct source_lookup *lookup)
{
    note(source, SCRIPTED_LOOKUP, &lookup->request, lookup->path);
}

static void scripted_list(struct source *source, struct source_list *list)
{
    struct scripted *s = note(source, SCRIPTED_LIST, &list->request, list->path);
    keep_text(s->cursor, list->cursor);
    keep_text(s->start_after, list->start_after);
    s->flat = list->flat;
}

static bool scripted_pages(struct source *source, struct pail_str path)
{
    (void)path;
    return !CONTAINER_OF(source, struct scripted_source, source)->unpaged;
}

static void scripted_read(struct source *source, struct source_read *read)
{
    struct scripted *s = note(source, SCRIPTED_READ, &read->request, read->path);
    keep_text(s->etag, read->etag);
    s->offset = read->offset;
    s->size = read->size;
    s->timeout_ms = read->timeout_ms;
    MUST(read->count > 0);
    for (size_t i = 0; i < read->count; i++) {
        MUST(read->stretches[i].size > 0);
        MUST(read->stretches[i].read == read);
        s->len += read->stretches[i].size;
    }
    MUST(read->offset + s->len <= read->size);
}

static void scripted_attributes(struct source *source, struct source_attributes *attributes)
{
    struct scripted *s =
        note(source, SCRIPTED_ATTRIBUTES, &attributes->request, attributes->path);
    keep_text(s->etag, attributes->etag);
}

struct source_reader {
    struct pail_str path; /* the copy is behind it */
    char text[SCRIPTED_TEXT];
};

static int scripted_reader_open(struct source *source, struct pail_str path,
                                struct pail_str etag, struct source_reader **ret)
{
    struct scripted_source *ss = CONTAINER_OF(source, struct scripted_source, source);
    (void)etag;
    if (ss->reader_status < 0)
        return ss->reader_status;
    struct source_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return -ENOMEM;
    keep_text(reader->text, path);
    reader->path = str_c(reader->text);
    ss->readers++;
    *ret = reader;
    return 0;
}

static void scripted_ask_more(struct source *source, struct source_more *more)
{
    note(source, SCRIPTED_MORE, &more->request, more->reader->path);
}

static void scripted_reader_close(struct source *source, struct source_reader *reader)
{
    CONTAINER_OF(source, struct scripted_source, source)->readers--;
    free(reader);
}

static void scripted_exchange(struct source *source, struct source_exchange *exchange)
{
    struct scripted *s = note(source, SCRIPTED_EXCHANGE, &exchange->request, exchange->path);
    keep_text(s->payload, exchange->payload);
}

static void scripted_cancel(struct source *source, struct source_request *request)
{
    struct scripted_source *ss = CONTAINER_OF(source, struct scripted_source, source);
    struct scripted *s = request->state;
    MUST(s->request == request);
    ss->cancels++;
    s->cancelled = true;
    if (!s->answered && !ss->slow_cancel)
        scripted_fail(s, -ECANCELED);
}

static void free_results(struct scripted *s)
{
    for (size_t i = 0; i < ARRAY_LEN(s->results); i++)
        free(STEAL(s->results[i]));
}

static void scripted_release(struct source *source, struct source_request *request)
{
    (void)source;
    struct scripted *s = request->state;
    MUST(s && s->done && !s->released);
    s->released = true;
    request->state = NULL;
    free_results(s);
}

static void scripted_uri(struct source *source, struct pail_str path, struct buf *b)
{
    (void)source;
    buf_add_c(b, "s3://bucket/");
    buf_add_str(b, path);
}

static void scripted_stats(struct source *source, struct buf *b)
{
    struct scripted_source *ss = CONTAINER_OF(source, struct scripted_source, source);
    buf_addf(b, "requests %zu\n", ss->count);
}

static void scripted_free(struct source *source)
{
    (void)source;
}

static const struct source_ops operations = {
    .lookup = scripted_lookup,
    .list = scripted_list,
    .pages = scripted_pages,
    .read = scripted_read,
    .attributes = scripted_attributes,
    .reader_open = scripted_reader_open,
    .more = scripted_ask_more,
    .reader_close = scripted_reader_close,
    .exchange = scripted_exchange,
    .cancel = scripted_cancel,
    .release = scripted_release,
    .uri = scripted_uri,
    .stats = scripted_stats,
    .free = scripted_free,
};

void scripted_init(struct scripted_source *s, struct mailbox *mailbox)
{
    /* Mapped: tests make allocations fail while requests are noted. */
    void *requests = mmap(NULL, SCRIPTED_MAX * sizeof(struct scripted), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert_ptr_ne(requests, MAP_FAILED);
    *s = (struct scripted_source){
        .source.ops = &operations, .mailbox = mailbox, .requests = requests};
}

void scripted_done(struct scripted_source *s)
{
    ck_assert_uint_eq(s->readers, 0);
    for (size_t i = 0; i < s->count; i++) {
        struct scripted *r = &s->requests[i];
        ck_assert_msg(r->done, "request %zu (%d, %s) was left under way", i, (int)r->kind,
                      r->path);
        for (size_t k = 0; k < ARRAY_LEN(r->results); k++)
            ck_assert_msg(!r->results[k], "results of request %zu (%d, %s) were not released",
                          i, (int)r->kind, r->path);
    }
    munmap(s->requests, SCRIPTED_MAX * sizeof(struct scripted));
}

struct scripted *scripted_at(struct scripted_source *s, size_t index)
{
    ck_assert_uint_lt(index, s->count);
    return &s->requests[index];
}

struct scripted *scripted_last(struct scripted_source *s)
{
    ck_assert_uint_gt(s->count, 0);
    return &s->requests[s->count - 1];
}

struct scripted *scripted_next(struct scripted_source *s, enum scripted_kind kind)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->requests[i].kind == kind && !s->requests[i].answered)
            return &s->requests[i];
    }
    ck_abort_msg("no request of kind %d waits", (int)kind);
}

size_t scripted_waiting(const struct scripted_source *s)
{
    size_t waiting = 0;
    for (size_t i = 0; i < s->count; i++)
        waiting += !s->requests[i].answered;
    return waiting;
}

/* ---- answered by the test ---- */

static void deliver_done(struct message *message)
{
    struct source_request *request = CONTAINER_OF(message, struct source_request, message);
    struct scripted *s = request->state;
    s->done = true;
    s->request = NULL;
    request->done(request);
}

static void answer(struct scripted *s, int status)
{
    MUST(!s->answered);
    s->answered = true;
    s->request->status = status;
    s->request->message.deliver = deliver_done;
    mailbox_post(s->source->mailbox, &s->request->message);
}

void scripted_fail_as(struct scripted *s, int status, const struct pail_error *error)
{
    s->request->error = *error;
    s->request->error.sys = -status;
    if (s->kind == SCRIPTED_READ) {
        s->request->first = s->offset;
        s->request->last = s->offset + s->len - 1;
    }
    answer(s, status);
}

void scripted_fail(struct scripted *s, int status)
{
    static const struct pail_error error = {
        .kind = PAIL_ERROR_CLIENT,
        .http_status = 500,
        .attempts = 3,
        .code = "Scripted",
        .operation = "Operation",
        .request_id = "ID",
        .message = "as the test wants it",
    };
    scripted_fail_as(s, status, &error);
}

static char *copy(const char *text, size_t len)
{
    char *out = malloc(len + 1);
    ck_assert_ptr_nonnull(out);
    memcpy(out, text, len);
    out[len] = '\0';
    return out;
}

/* One "NAME:ETAG:SIZE", cut up in place. */
static struct source_entry entry_of(char *text)
{
    struct source_entry entry = {.type = ENTRY_FILE, .size = SCRIPTED_SIZE};
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '/') {
        entry.type = ENTRY_DIRECTORY;
        entry.size = 0;
        entry.name = str_of(text, len - 1);
        return entry;
    }
    char *etag = strchr(text, ':');
    char *size = etag ? strchr(etag + 1, ':') : NULL;
    entry.name = str_of(text, etag ? (size_t)(etag - text) : len);
    entry.etag = PAIL_STR("v1");
    if (etag)
        entry.etag = str_of(etag + 1, size ? (size_t)(size - etag - 1) : strlen(etag + 1));
    if (size)
        ck_assert_int_eq(sscanf(size + 1, "%" SCNu64, &entry.size), 1);
    if (str_eq_c(entry.etag, "grows"))
        entry.kind = FILE_GROWS;
    else if (str_eq_c(entry.etag, "live"))
        entry.kind = FILE_LIVE;
    else if (str_eq_c(entry.etag, "exchange"))
        entry.kind = FILE_EXCHANGE;
    entry.mtime_s = SCRIPTED_MTIME;
    entry.hidden = text[0] == '@';
    return entry;
}

/* Entries in two of the results, which it takes. */
static const struct source_entry *entries_of(struct scripted *s, size_t result,
                                             const char *entries, size_t *ret_count)
{
    char *text = copy(entries, strlen(entries));
    struct source_entry *array = calloc(strlen(entries) / 2 + 1, sizeof *array);
    ck_assert_ptr_nonnull(array);
    s->results[result] = text;
    s->results[result + 1] = array;
    *ret_count = 0;
    for (char *rest = text, *one; (one = strsep(&rest, " "));) {
        if (*one)
            array[(*ret_count)++] = entry_of(one);
    }
    return array;
}

static struct source_lookup *found(struct scripted *s, const char *entry)
{
    ck_assert_int_eq(s->kind, SCRIPTED_LOOKUP);
    struct source_lookup *lookup = CONTAINER_OF(s->request, struct source_lookup, request);
    size_t count;
    lookup->entry = *entries_of(s, 0, entry, &count);
    return lookup;
}

void scripted_found(struct scripted *s, const char *entry)
{
    found(s, entry);
    answer(s, 0);
}

void scripted_found_names(struct scripted *s, const char *entry, const char *names,
                          bool complete)
{
    struct source_lookup *lookup = found(s, entry);
    lookup->names = (struct source_names){.seen = true, .complete = complete};
    lookup->names.entries = entries_of(s, 2, names, &lookup->names.count);
    answer(s, 0);
}

void scripted_page_unreachable(struct scripted *s, const char *entries, const char *next,
                               size_t unreachable, const char *example)
{
    ck_assert_int_eq(s->kind, SCRIPTED_LIST);
    struct source_list *list = CONTAINER_OF(s->request, struct source_list, request);
    list->entries = entries_of(s, 0, entries, &list->count);
    list->next = (struct pail_str){0};
    if (next) {
        s->results[2] = copy(next, strlen(next));
        list->next = str_c(s->results[2]);
    }
    list->unreachable = unreachable;
    if (example) {
        s->results[3] = copy(example, strlen(example));
        list->unreachable_example = str_c(s->results[3]);
    }
    answer(s, 0);
}

void scripted_page(struct scripted *s, const char *entries, const char *next)
{
    scripted_page_unreachable(s, entries, next, 0, NULL);
}

void scripted_values(struct scripted *s, const char *values)
{
    ck_assert_int_eq(s->kind, SCRIPTED_ATTRIBUTES);
    struct source_attributes *attributes =
        CONTAINER_OF(s->request, struct source_attributes, request);
    char *text = copy(values, strlen(values));
    struct source_attribute *array = calloc(strlen(values) / 2 + 1, sizeof *array);
    ck_assert_ptr_nonnull(array);
    s->results[0] = text;
    s->results[1] = array;
    attributes->count = 0;
    for (char *rest = text, *one; (one = strsep(&rest, " "));) {
        char *value = strchr(one, '=');
        ck_assert_ptr_nonnull(value);
        array[attributes->count++] = (struct source_attribute){
            .name = str_of(one, (size_t)(value - one)), .value = str_c(value + 1)};
    }
    attributes->items = array;
    answer(s, 0);
}

/* ---- readers and exchanges ---- */

static void bring(struct scripted *s, const char *data, bool end, bool finished)
{
    ck_assert_int_eq(s->kind, SCRIPTED_MORE);
    struct source_more *more = CONTAINER_OF(s->request, struct source_more, request);
    if (data) {
        s->results[0] = copy(data, strlen(data));
        more->data = str_c(s->results[0]);
        more->mtime_s = SCRIPTED_MTIME + 1;
    }
    more->end = end;
    more->finished = finished;
    answer(s, 0);
}

void scripted_more(struct scripted *s, const char *data, bool end)
{
    bring(s, data, end, false);
}

void scripted_finished(struct scripted *s, const char *data)
{
    bring(s, data, true, true);
}

void scripted_response(struct scripted *s, const char *response)
{
    ck_assert_int_eq(s->kind, SCRIPTED_EXCHANGE);
    struct source_exchange *exchange =
        CONTAINER_OF(s->request, struct source_exchange, request);
    s->results[0] = copy(response, strlen(response));
    exchange->response = str_c(s->results[0]);
    answer(s, 0);
}

/* ---- reads ---- */

static void deliver_opened(struct message *message)
{
    struct source_read *read = CONTAINER_OF(message, struct source_read, opened_message);
    read->opened(read);
}

static void deliver_filled(struct message *message)
{
    struct source_stretch *stretch = CONTAINER_OF(message, struct source_stretch, message);
    stretch->read->filled(stretch->read, (size_t)(stretch - stretch->read->stretches));
}

static struct source_read *read_of(struct scripted *s)
{
    ck_assert_int_eq(s->kind, SCRIPTED_READ);
    MUST(!s->answered);
    return CONTAINER_OF(s->request, struct source_read, request);
}

void scripted_open(struct scripted *s)
{
    struct source_read *read = read_of(s);
    ck_assert(!s->opened);
    s->opened = true;
    read->opened_message.deliver = deliver_opened;
    mailbox_post(s->source->mailbox, &read->opened_message);
}

void scripted_fill(struct scripted *s)
{
    struct source_read *read = read_of(s);
    if (!s->opened)
        scripted_open(s);
    ck_assert_uint_lt(s->filled, read->count);
    uint64_t offset = s->offset;
    for (size_t i = 0; i < s->filled; i++)
        offset += read->stretches[i].size;
    struct source_stretch *stretch = &read->stretches[s->filled++];
    scripted_bytes(s->etag, offset, stretch->data, stretch->size);
    stretch->message.deliver = deliver_filled;
    mailbox_post(s->source->mailbox, &stretch->message);
}

void scripted_finish(struct scripted *s)
{
    struct source_read *read = read_of(s);
    while (s->filled < read->count)
        scripted_fill(s);
    answer(s, 0);
}

/* ---- contents ---- */

static uint64_t word_at(uint64_t version, uint64_t index)
{
    uint64_t word = (index + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ version;
    return word ^ word >> 29;
}

static uint64_t version_of(const char *etag)
{
    uint64_t version = UINT64_C(0xcbf29ce484222325);
    for (; *etag; etag++)
        version = (version ^ (unsigned char)*etag) * UINT64_C(0x100000001b3);
    return version;
}

void scripted_bytes(const char *etag, uint64_t offset, char *data, size_t len)
{
    uint64_t version = version_of(etag);
    while (len > 0) {
        uint64_t word = word_at(version, offset / 8);
        size_t skip = (size_t)(offset % 8), take = 8 - skip < len ? 8 - skip : len;
        memcpy(data, (const char *)&word + skip, take);
        data += take;
        offset += take;
        len -= take;
    }
}

bool scripted_same(const char *etag, uint64_t offset, const char *data, size_t len)
{
    uint64_t version = version_of(etag);
    while (len > 0) {
        uint64_t word = word_at(version, offset / 8);
        size_t skip = (size_t)(offset % 8), take = 8 - skip < len ? 8 - skip : len;
        if (memcmp(data, (const char *)&word + skip, take) != 0)
            return false;
        data += take;
        offset += take;
        len -= take;
    }
    return true;
}
