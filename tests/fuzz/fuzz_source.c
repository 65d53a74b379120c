/* Any answer to any request of the filesystem's source: what comes back is a result that keeps
 * the source's promises, or an error; content is the answer's bytes, in order, or nothing. The
 * first two bytes choose request and status; then header lines up to an empty one; the rest is
 * the body, the same for every request. */
#include "fuzz/fuzz.h"

#include "aws/client.h"
#include "fs/s3_source.h"
#include "unit/scripted_transport.h"

#include <errno.h>
#include <pail/call.h>
#include <stdlib.h>

#define FILE_SIZE         5000 /* of what is read, in stretches */
#define STRETCHES         3
#define STRETCH_SIZE      1500
#define HEADERS_MAX_BYTES 4096
#define HEADERS_COUNT     200

static const int statuses[] = {200, 206, 200, 206, 204, 301, 304, 307, 400, 403,
                               404, 405, 409, 412, 416, 429, 500, 503, 0};

static void require(bool promise)
{
    if (!promise)
        abort();
}

struct answer {
    char headers[HEADERS_MAX_BYTES + 2];
    char unframed[HEADERS_MAX_BYTES + 2]; /* without a length: a transport sees to framing */
    const char *body;
    size_t body_len;
    int status;
    bool chunked, cut;
};

struct asked {
    struct source_lookup lookup;
    struct source_list list;
    struct source_read read;
    struct source_attributes attributes;
    struct source_stretch stretches[STRETCHES];
    char data[STRETCHES][STRETCH_SIZE];
    const struct answer *answer;
    unsigned dones, filled;
};

static struct asked *asked; /* one at a time */

static const char *no_environment(const char *name, void *user)
{
    (void)user;
    return strcmp(name, "AWS_CONFIG_FILE") == 0 ||
                   strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0
               ? "/nonexistent"
               : NULL;
}

static void respond(void *user, const struct scripted_request *request,
                    struct scripted_response *ret)
{
    const struct answer *a = user;
    bool head = strcmp(request->method, "HEAD") == 0;
    const char *headers = head ? a->headers : a->unframed;
    *ret = (struct scripted_response){
        .status = a->status,
        .reason = "Reason",
        .headers = headers[0] ? headers : NULL,
        .body = a->body,
        .body_len = a->body_len,
        .chunked = a->chunked,
        .piece = 700,
        .kind = a->cut || a->status == 0 ? PAIL_ERROR_CONNECTION_CLOSED : PAIL_ERROR_NONE,
    };
}

/* ---- what must hold of every result ---- */

static void check_error(const struct source_request *request)
{
    char line[4096];
    require(request->status <= 0);
    require(request->error.sys == -request->status);
    if (request->status == 0)
        return;
    pail_error_format(&request->error, line, sizeof(line));
    for (const char *at = line; *at; at++)
        require((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void done(struct source_request *request)
{
    asked->dones++;
    check_error(request);
}

static bool component(struct pail_str name)
{
    return name.len > 0 && name.len <= SOURCE_NAME_MAX && !memchr(name.ptr, '\0', name.len) &&
           !memchr(name.ptr, '/', name.len) && !str_eq_c(name, ".") && !str_eq_c(name, "..");
}

static void check_lookup(const struct source_lookup *lookup)
{
    if (lookup->request.status == 0)
        require(component(lookup->entry.name) && lookup->entry.size <= INT64_MAX);
}

static void check_list(const struct source_list *list)
{
    if (list->request.status < 0)
        return;
    for (size_t i = 0; i < list->count; i++) {
        struct pail_str rest = list->entries[i].name, part;
        require(list->flat || component(rest));
        while (str_next(&rest, '/', &part))
            require(component(part));
    }
    require(!list->next.ptr || !list->cursor.ptr || !str_eq(list->next, list->cursor));
}

static void check_attributes(const struct source_attributes *attributes)
{
    for (size_t i = 0; attributes->request.status == 0 && i < attributes->count; i++) {
        struct pail_str name = attributes->items[i].name;
        require(str_starts(name, PAIL_STR("user.s3.")) && name.len <= 255 &&
                !memchr(name.ptr, '\0', name.len) && attributes->items[i].value.ptr);
    }
}

/* Stretches come back full and in order, with the answer's bytes; all of them, or there is an
 * error. */
static void filled(struct source_read *read, size_t index)
{
    const struct answer *a = asked->answer;
    size_t at = index * STRETCH_SIZE;
    (void)read;
    require(index == asked->filled++);
    require(a->status == 206 || a->status == 200);
    require(a->body_len >= at + STRETCH_SIZE &&
            memcmp(asked->data[index], a->body + at, STRETCH_SIZE) == 0);
}

static void opened(struct source_read *read)
{
    (void)read;
    require(asked->filled == 0 && asked->dones == 0);
}

/* ---- asking ---- */

static struct source_request *ask(struct source *source, unsigned kind)
{
    struct source_request head = {.done = done};
    switch (kind % 8) {
    case 0:
    case 1:
        asked->lookup = (struct source_lookup){.request = head, .path = PAIL_STR("d/name")};
        source->ops->lookup(source, &asked->lookup);
        return &asked->lookup.request;
    case 2:
    case 3:
    case 4:
        asked->list = (struct source_list){.request = head,
                                           .path = PAIL_STR("d"),
                                           .flat = kind % 8 == 3,
                                           .cursor = kind % 8 == 4 ? PAIL_STR("token")
                                                                   : (struct pail_str){0}};
        source->ops->list(source, &asked->list);
        return &asked->list.request;
    case 5:
        asked->attributes = (struct source_attributes){
            .request = head, .path = PAIL_STR("d/f"), .etag = PAIL_STR("\"e\"")};
        source->ops->attributes(source, &asked->attributes);
        return &asked->attributes.request;
    default:
        for (size_t i = 0; i < STRETCHES; i++)
            asked->stretches[i] = (struct source_stretch){
                .data = asked->data[i], .size = STRETCH_SIZE, .read = &asked->read};
        asked->read =
            (struct source_read){.request = head,
                                 .path = PAIL_STR("d/f"),
                                 .etag = PAIL_STR("\"e\""),
                                 .size = kind % 8 == 6 ? FILE_SIZE : STRETCHES * STRETCH_SIZE,
                                 .stretches = asked->stretches,
                                 .count = STRETCHES,
                                 .timeout_ms = 10000,
                                 .opened = opened,
                                 .filled = filled};
        source->ops->read(source, &asked->read);
        return &asked->read.request;
    }
}

static void run(const struct answer *answer, unsigned kind)
{
    const struct pail_config config = {.endpoint_url = "http://s3.test",
                                       .region = "us-east-1",
                                       .no_sign_request = true,
                                       .max_attempts = 2};
    struct pail_error error;
    struct settings *settings = NULL;
    struct pail_client *client;
    struct source *source;
    struct mailbox *mailbox = mailbox_new();
    struct transport *transport = scripted_new();
    require(mailbox && transport &&
            settings_load(&config, no_environment, NULL, &settings, &error) == 0);
    const struct client_parts parts = {transport, settings, NULL};
    require(client_new_with(&parts, &client) == 0);
    scripted_set_responder(transport, (void *)(uintptr_t)answer, respond);
    const struct s3_source_options options = {.client = client,
                                              .mailbox = mailbox,
                                              .bucket = PAIL_STR("bkt"),
                                              .prefix = PAIL_STR("p/"),
                                              .metadata_timeout_ms = 20000};
    require(s3_source_new(&options, &source) == 0);
    asked->answer = answer;
    struct source_request *request = ask(source, kind);
    while (asked->dones == 0) {
        scripted_run(transport);
        mailbox_deliver(mailbox);
    }
    if (request == &asked->lookup.request)
        check_lookup(&asked->lookup);
    else if (request == &asked->list.request)
        check_list(&asked->list);
    else if (request == &asked->attributes.request)
        check_attributes(&asked->attributes);
    else
        require(request->status < 0 || asked->filled == STRETCHES);
    source->ops->release(source, request);
    scripted_run(transport);
    mailbox_deliver(mailbox);
    require(asked->dones == 1);
    source->ops->free(source);
    client_stop(client);
    scripted_run_for(transport, 0);
    pail_client_free(client);
    mailbox_free(mailbox);
}

static void add_line(char *text, struct pail_str line)
{
    size_t len = strlen(text);
    memcpy(text + len, line.ptr, line.len);
    text[len + line.len] = '\n';
    text[len + line.len + 1] = '\0';
}

/* The header lines, but for what no transport hands on. */
static void read_headers(struct answer *answer, struct pail_str *rest)
{
    struct pail_str line;
    size_t len = 0;
    for (unsigned count = 0;
         count < HEADERS_COUNT && str_next(rest, '\n', &line) && line.len > 0; count++) {
        size_t colon = str_find(line, ':', 0);
        if (colon == 0 || colon == line.len || memchr(line.ptr, '\0', line.len) ||
            memchr(line.ptr, '\r', line.len) || memchr(line.ptr, ' ', colon) ||
            len + line.len >= HEADERS_MAX_BYTES)
            continue;
        len += line.len + 1;
        add_line(answer->headers, line);
        if (!str_eq_nocase(str_sub(line, 0, colon), PAIL_STR("content-length")))
            add_line(answer->unframed, line);
    }
}

/* The scripted transport spares itself the failures of allocation that unit tests provoke. */
void alloc_spare(bool on);
void alloc_spare(bool on)
{
    (void)on;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct answer answer;
    static struct asked now;
    struct pail_str rest = str_of((const char *)data, size);
    if (size < 3)
        return 0;
    answer = (struct answer){.status = statuses[data[1] % (sizeof(statuses) / sizeof(int))],
                             .chunked = data[2] & 1,
                             .cut = data[2] & 2};
    rest = str_sub(rest, 3, rest.len);
    read_headers(&answer, &rest);
    answer.body = rest.len > 0 ? rest.ptr : "";
    answer.body_len = rest.len;
    memset(&now, 0, sizeof(now));
    asked = &now;
    run(&answer, data[0]);
    return 0;
}
