#include "unit/fs/service_rig.h"

#include "aws/client.h"
#include "aws/settings.h"

#include <inttypes.h>
#include <stdlib.h>

#define PLAYED_MAX 256
#define STEPS_MAX  100000

struct rig rig;
size_t rig_dones;

static struct played {
    char operation[48];
    int status;
    char *headers, *body;
    size_t body_len;
    bool given, forgotten;
} played[PLAYED_MAX];
static size_t played_count;

static const char *no_environment(const char *name, void *user)
{
    (void)name, (void)user;
    return NULL;
}

/* "Logs_20140328.GetLogEvents" is of GetLogEvents. */
static bool is_of(const struct scripted_request *request, const char *operation)
{
    struct pail_str target = http_headers_get(&request->headers, "X-Amz-Target");
    size_t dot = str_find(target, '.', 0);
    return str_eq_c(str_sub(target, dot + 1, target.len), operation);
}

static void respond(void *user, const struct scripted_request *request,
                    struct scripted_response *ret)
{
    (void)user;
    struct played *chosen = NULL;
    for (size_t i = 0; i < played_count; i++) {
        if (played[i].forgotten || !is_of(request, played[i].operation))
            continue;
        chosen = &played[i];
        if (!played[i].given)
            break;
    }
    *ret = (struct scripted_response){.status = 500, .body = "{}"};
    if (!chosen)
        return;
    chosen->given = true;
    *ret = (struct scripted_response){.status = chosen->status,
                                      .headers = chosen->headers,
                                      .body = chosen->body,
                                      .body_len = chosen->body_len};
}

static void play(const char *operation, int status, const char *headers, struct pail_str body)
{
    ck_assert_uint_lt(played_count, PLAYED_MAX);
    struct played *p = &played[played_count++];
    *p = (struct played){.status = status, .body_len = body.len};
    (void)snprintf(p->operation, sizeof(p->operation), "%s", operation);
    p->body = malloc(body.len + 1);
    ck_assert_ptr_nonnull(p->body);
    memcpy(p->body, body.ptr, body.len);
    p->body[body.len] = '\0';
    p->headers = headers ? strdup(headers) : NULL;
}

void rig_play(const char *operation, const char *body)
{
    play(operation, 200, NULL, str_c(body));
}

void rig_play_bytes(const char *operation, const char *headers, struct pail_str body)
{
    play(operation, 200, headers, body);
}

void rig_play_error(const char *operation, int status, const char *code)
{
    char body[256];
    (void)snprintf(body, sizeof(body), "{\"__type\":\"%s\",\"message\":\"played\"}", code);
    play(operation, status, NULL, str_c(body));
}

void rig_forget(const char *operation)
{
    for (size_t i = 0; i < played_count; i++)
        played[i].forgotten |= strcmp(played[i].operation, operation) == 0;
}

static const struct scripted_request *request_of(const char *operation, size_t index)
{
    for (size_t i = 0; i < scripted_request_count(rig.transport); i++) {
        const struct scripted_request *request = scripted_request(rig.transport, i);
        if (is_of(request, operation) && index-- == 0)
            return request;
    }
    return NULL;
}

size_t rig_asked(const char *operation)
{
    size_t count = 0;
    while (request_of(operation, count))
        count++;
    return count;
}

const char *rig_body(const char *operation, size_t i)
{
    const struct scripted_request *request = request_of(operation, i);
    ck_assert_msg(request != NULL, "%s was asked %zu times", operation, rig_asked(operation));
    return buf_c(&request->body);
}

const char *rig_last(const char *operation)
{
    return rig_body(operation, rig_asked(operation) - 1);
}

int64_t rig_asked_ms(const char *operation, size_t i)
{
    const struct scripted_request *request = request_of(operation, i);
    ck_assert_ptr_nonnull(request);
    return (request->started_ns - SCRIPTED_START_NS) / NS_PER_MS;
}

/* ---- setting up ---- */

void rig_setup(void)
{
    const struct pail_config config = {.endpoint_url = "http://localhost:1",
                                       .region = "us-east-1",
                                       .no_sign_request = true,
                                       .max_attempts = 1};
    struct pail_error error;
    struct settings *settings;
    played_count = 0;
    rig = (struct rig){.transport = scripted_new(), .mailbox = mailbox_new()};
    ck_assert_int_eq(settings_load(&config, no_environment, NULL, &settings, &error), 0);
    scripted_set_responder(rig.transport, NULL, respond);
    const struct client_parts parts = {.transport = rig.transport, .settings = settings};
    ck_assert_int_eq(client_new_with(&parts, &rig.client), 0);
    rig.clock = rig.transport->clock;
    rig.config = (struct source_config){.client = rig.client,
                                        .mailbox = rig.mailbox,
                                        .metadata_timeout_ms = 20000,
                                        .operation_timeout_ms = 60000,
                                        .metadata_ttl_ms = 5000,
                                        .timers = &rig.timers,
                                        .clock = rig.clock};
}

void rig_make(const char *url)
{
    if (rig.source)
        rig.source->ops->free(rig.source);
    rig.source = NULL;
    rig.config.url = str_c(url);
    const struct source_scheme *scheme = source_scheme_of(rig.config.url);
    ck_assert_msg(scheme != NULL, "%s", url);
    ck_assert_int_eq(scheme->make(&rig.config, &rig.source), 0);
}

void rig_teardown(void)
{
    rig_settle();
    if (rig.source)
        rig.source->ops->free(rig.source);
    client_stop(rig.client);
    pail_client_free(rig.client);
    while (mailbox_deliver(rig.mailbox) > 0)
        ;
    mailbox_free(rig.mailbox);
    for (size_t i = 0; i < played_count; i++) {
        free(played[i].headers);
        free(played[i].body);
    }
}

/* ---- running ---- */

static bool do_what_is_due(void)
{
    size_t before = scripted_request_count(rig.transport);
    timers_run(&rig.timers, clock_now_ns(rig.clock));
    scripted_run_for(rig.transport, 0);
    return mailbox_deliver(rig.mailbox) > 0 || scripted_request_count(rig.transport) > before;
}

void rig_settle(void)
{
    while (do_what_is_due())
        ;
}

void rig_run_for(int64_t ms)
{
    int64_t end_ns = clock_now_ns(rig.clock) + ms * NS_PER_MS;
    for (int i = 0; i < STEPS_MAX; i++) {
        rig_settle();
        int64_t now_ns = clock_now_ns(rig.clock), next_ns = timers_next(&rig.timers);
        if (now_ns >= end_ns)
            return;
        int64_t to_ns = next_ns < end_ns ? next_ns : end_ns;
        int64_t step_ms = (to_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
        scripted_run_for(rig.transport, step_ms > 0 ? step_ms : 1);
    }
    ck_abort_msg("it never ends");
}

void rig_run(void)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        rig_settle();
        if (timers_next(&rig.timers) == TIME_NEVER && scripted_running(rig.transport) == 0)
            return;
        rig_run_for(1);
    }
    ck_abort_msg("it never ends");
}

/* ---- requests ---- */

static void done(struct source_request *request)
{
    (void)request;
    rig_dones++;
}

void rig_lookup_start(struct source_lookup *lookup, const char *path)
{
    *lookup = (struct source_lookup){.request.done = done, .path = str_c(path)};
    rig.source->ops->lookup(rig.source, lookup);
}

void rig_list_start(struct source_list *list, const char *path, struct pail_str cursor)
{
    *list = (struct source_list){.request.done = done, .path = str_c(path), .cursor = cursor};
    rig.source->ops->list(rig.source, list);
}

void rig_more_start(struct source_more *more, struct source_reader *reader)
{
    *more = (struct source_more){.request.done = done, .reader = reader};
    rig.source->ops->more(rig.source, more);
}

void rig_cancel(struct source_request *request)
{
    rig.source->ops->cancel(rig.source, request);
}

void rig_release(struct source_request *request)
{
    rig.source->ops->release(rig.source, request);
    ck_assert_ptr_null(request->state);
}

static int run_one(struct source_request *request)
{
    rig_dones = 0;
    for (int i = 0; rig_dones == 0 && i < STEPS_MAX; i++) {
        rig_settle();
        if (rig_dones == 0)
            rig_run_for(1);
    }
    ck_assert_uint_eq(rig_dones, 1);
    ck_assert_int_eq(request->error.sys, -request->status);
    return request->status;
}

int rig_lookup(struct source_lookup *lookup, const char *path)
{
    rig_lookup_start(lookup, path);
    return run_one(&lookup->request);
}

int rig_list(struct source_list *list, const char *path)
{
    rig_list_start(list, path, (struct pail_str){0});
    return run_one(&list->request);
}

int rig_more(struct source_more *more, struct source_reader *reader)
{
    rig_more_start(more, reader);
    return run_one(&more->request);
}

void rig_check_more(struct source_more *more, struct source_reader *reader, const char *text,
                    int how)
{
    int r = rig_more(more, reader);
    ck_assert_msg(r == 0, "%s", more->request.error.message);
    if (text[0])
        ck_assert_msg(str_eq_c(more->data, text), "%.*s", PAIL_ARGS(more->data));
    else
        check_absent(more->data);
    ck_assert_int_eq(more->end, how != MORE);
    ck_assert_int_eq(more->finished, how == FINISHED);
    rig_release(&more->request);
}

void rig_check_fails(struct source_more *more, struct source_reader *reader, int status)
{
    ck_assert_int_eq(rig_more(more, reader), status);
    rig_release(&more->request);
}

struct source_reader *rig_open(const char *path)
{
    struct source_reader *reader;
    ck_assert_int_eq(
        rig.source->ops->reader_open(rig.source, str_c(path), (struct pail_str){0}, &reader),
        0);
    return reader;
}

void rig_close(struct source_reader *reader)
{
    rig.source->ops->reader_close(rig.source, reader);
}

static size_t add_names(char *text, size_t len, size_t size, const struct source_list *list)
{
    for (size_t i = 0; i < list->count && len < size; i++) {
        const struct source_entry *entry = &list->entries[i];
        len += (size_t)snprintf(text + len, size - len, "%s%s%.*s%s%s", len ? " " : "",
                                entry->hidden ? "(" : "", PAIL_ARGS(entry->name),
                                entry->type == ENTRY_DIRECTORY ? "/" : "",
                                entry->hidden ? ")" : "");
    }
    return len;
}

const char *rig_names(const struct source_list *list)
{
    static char text[16384];
    text[0] = '\0';
    add_names(text, 0, sizeof(text), list);
    return text;
}

const char *rig_list_all(const char *path)
{
    static char text[65536];
    CLEANUP_DONE(buf) struct buf cursor;
    size_t len = 0;
    buf_init(&cursor, 65536);
    text[0] = '\0';
    for (;;) {
        struct source_list list;
        rig_list_start(&list, path, cursor.len ? buf_str(&cursor) : str_of(NULL, 0));
        int status = run_one(&list.request);
        if (status < 0) {
            (void)snprintf(text + len, sizeof(text) - len, "%s%s", len ? " " : "",
                           pail_errno_name(-status));
            return text;
        }
        len = add_names(text, len, sizeof(text), &list);
        buf_reset(&cursor);
        buf_add_str(&cursor, list.next);
        rig_release(&list.request);
        if (cursor.len == 0)
            return text;
    }
}
