/* unit/aws/call_fixture.h: a client over the scripted transport, and readers that keep what
 * they are told. The test's thread is the net thread unless it starts the transport's own. */
#ifndef UNIT_AWS_CALL_FIXTURE_H
#define UNIT_AWS_CALL_FIXTURE_H

#include "aws/client.h"
#include "base/buf.h"
#include "unit/check.h"
#include "unit/scripted_transport.h"

#include <errno.h>
#include <pail/s3.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#define UNUSED __attribute__((unused))

/* ---- the client ---- */

/* Hands out a new key each time: AKID1, AKID2... */
struct keys {
    struct credentials_provider provider;
    _Atomic unsigned fetched;
    int fails; /* -errno for every fetch */
};

struct fixture {
    struct transport *t;
    struct pail_client *client;
    struct keys *keys; /* NULL: anonymous */
};

UNUSED static int keys_fetch(struct credentials_provider *provider, struct credentials **ret,
                             struct pail_error *error)
{
    struct keys *keys = CONTAINER_OF(provider, struct keys, provider);
    char id[32];
    unsigned n = atomic_fetch_add(&keys->fetched, 1) + 1;
    if (keys->fails < 0) {
        *error = (struct pail_error){.kind = PAIL_ERROR_NO_CREDENTIALS, .sys = -keys->fails};
        return keys->fails;
    }
    snprintf(id, sizeof(id), "AKID%u", n);
    *ret = credentials_new(str_c(id), PAIL_STR("secret"), (struct pail_str){0}, INT64_MAX,
                           "the test");
    return *ret ? 0 : -ENOMEM;
}

UNUSED static void keys_free(struct credentials_provider *provider)
{
    free(CONTAINER_OF(provider, struct keys, provider));
}

UNUSED static const char *no_env(const char *name, void *user)
{
    (void)user;
    if (strcmp(name, "AWS_CONFIG_FILE") == 0 ||
        strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0)
        return "/nonexistent";
    return NULL;
}

UNUSED static struct fixture fixture_new(const struct pail_config *config)
{
    struct fixture f = {.t = scripted_new()};
    struct pail_error error;
    struct settings *settings;
    ck_assert_ptr_nonnull(f.t);
    ck_assert_int_eq(settings_load(config, no_env, NULL, &settings, &error), 0);
    if (!config->no_sign_request) {
        f.keys = calloc(1, sizeof(*f.keys));
        ck_assert_ptr_nonnull(f.keys);
        f.keys->provider = (struct credentials_provider){
            .name = "test", .fetch = keys_fetch, .free = keys_free};
    }
    const struct client_parts parts = {f.t, settings, f.keys ? &f.keys->provider : NULL};
    ck_assert_int_eq(client_new_with(&parts, &f.client), 0);
    return f;
}

/* Anonymous, at http://s3.test:80, three attempts. */
UNUSED static struct fixture fixture_plain(void)
{
    return fixture_new(&(struct pail_config){
        .endpoint_url = "http://s3.test", .region = "us-east-1", .no_sign_request = true});
}

UNUSED static void fixture_free(struct fixture *f)
{
    client_stop(f->client);
    scripted_run_for(f->t, 0);
    pail_client_free(f->client);
}

/* ---- a call's outcome ---- */

/* In callbacks, where libcheck's own want of memory must not matter. */
UNUSED static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

struct outcome {
    unsigned count; /* how often done came */
    int status;
    struct pail_error error;
    struct transport *t;
    int64_t at_ns;
};

UNUSED static void outcome_done(struct pail_call *call, int status,
                                const struct pail_error *error, void *user)
{
    struct outcome *outcome = user;
    (void)call;
    outcome->count++;
    outcome->status = status;
    must((status < 0) == (error != NULL), "an error comes with a failure, and only then");
    if (error)
        outcome->error = *error;
    outcome->at_ns = transport_now(outcome->t);
}

/* Runs until done has come. */
UNUSED static void fixture_wait(struct fixture *f, const struct outcome *outcome)
{
    do {
        scripted_run(f->t);
        if (outcome->count == 0)
            sched_yield(); /* the credentials' thread is at work */
    } while (outcome->count == 0);
    ck_assert_uint_eq(outcome->count, 1);
}

/* ---- operations ---- */

UNUSED static const struct pail_s3_get_object_input get_input = {.bucket = {"bucket", 6},
                                                                 .key = {"a/key", 5}};
UNUSED static const struct pail_s3_list_objects_v2_input list_input = {.bucket = {"bucket", 6}};
UNUSED static const struct pail_s3_head_object_input head_input = {.bucket = {"bucket", 6},
                                                                   .key = {"a/key", 5}};

#define LIST_XML                                                                               \
    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name>"  \
    "<IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>"
#define ERROR_XML(code) "<Error><Code>" code "</Code><Message>because</Message></Error>"

/* Starts a listing, waits, and returns its outcome; the output is freed unless wanted. */
UNUSED static struct outcome list_once(struct fixture *f,
                                       const struct pail_call_options *options,
                                       struct pail_s3_list_objects_v2_output *ret)
{
    struct outcome outcome = {.t = f->t};
    struct pail_s3_list_objects_v2_output out = {0};
    ck_assert_int_eq(pail_call_start(f->client, &pail_s3_list_objects_v2_operation, &list_input,
                                     &out, options, outcome_done, &outcome, NULL, NULL),
                     0);
    fixture_wait(f, &outcome);
    if (ret)
        *ret = out;
    else
        pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    return outcome;
}

/* ---- a reader of a streamed body ---- */

#define SINK_BUFFERS 3

/* Posts each buffer again until the body ends, and keeps the bytes. */
struct sink {
    struct outcome outcome;
    struct pail_s3_get_object_output out;
    struct pail_buffer buffers[SINK_BUFFERS];
    char *data[SINK_BUFFERS]; /* on the heap, so that the sanitizer sees what is past them */
    struct buf got;
    struct pail_call *call;
    unsigned lent; /* buffers that are the library's */
    bool ended;    /* a buffer came back short, or failed */
    int status;    /* of the first that failed */
    struct pail_error error;
    bool keep; /* do not post again */
};

UNUSED static void sink_filled(struct pail_buffer *buffer, int status,
                               const struct pail_error *error)
{
    struct sink *sink = buffer->user;
    sink->lent--;
    must(buffer->filled <= buffer->size, "a buffer is overfull");
    must(!sink->ended || buffer->filled == 0, "bytes after the end");
    buf_add(&sink->got, buffer->data, buffer->filled);
    must((status < 0) == (error != NULL), "an error comes with a failure, and only then");
    if (status < 0 && sink->status == 0) {
        sink->status = status;
        sink->error = *error;
    }
    if (status < 0 || buffer->filled < buffer->size)
        sink->ended = true;
    if (sink->ended || sink->keep || !sink->out.body)
        return;
    sink->lent++;
    pail_body_post(sink->out.body, buffer);
}

UNUSED static void sink_init(struct sink *sink, struct fixture *f, unsigned count, size_t size)
{
    *sink = (struct sink){.outcome.t = f->t, .lent = count};
    buf_init(&sink->got, SIZE_MAX);
    for (unsigned i = 0; i < count; i++) {
        sink->data[i] = malloc(size);
        sink->buffers[i] =
            (struct pail_buffer){.data = sink->data[i],
                                 .size = size,
                                 .done = sink_filled,
                                 .user = sink,
                                 .next = i + 1 < count ? &sink->buffers[i + 1] : NULL};
    }
}

/* Starts GetObject with the sink's buffers (options->buffers is set here). */
UNUSED static void sink_start(struct sink *sink, struct fixture *f,
                              const struct pail_s3_get_object_input *in,
                              const struct pail_call_options *options)
{
    struct pail_call_options with = options ? *options : (struct pail_call_options){0};
    with.buffers = sink->lent > 0 ? sink->buffers : NULL;
    ck_assert_int_eq(pail_call_start(f->client, &pail_s3_get_object_operation, in, &sink->out,
                                     &with, outcome_done, &sink->outcome, &sink->call, NULL),
                     0);
}

UNUSED static void sink_done(struct sink *sink)
{
    pail_call_release(sink->call);
    pail_output_free(&pail_s3_get_object_operation, &sink->out);
    for (unsigned i = 0; i < SINK_BUFFERS; i++)
        free(sink->data[i]);
    buf_done(&sink->got);
}

UNUSED static const char *request_header(struct fixture *f, size_t i, const char *name)
{
    struct pail_str value = http_headers_get(&scripted_request(f->t, i)->headers, name);
    static char text[1024];
    if (!value.ptr)
        return NULL;
    str_copy(text, sizeof(text), value);
    return text;
}

#endif
