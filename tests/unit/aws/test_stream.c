/* Streams over sockets: the fake S3. */
#include "base/cleanup.h"
#include "peer/s3.h"
#include "unit/check.h"

#include <errno.h>
#include <pail/s3.h>
#include <pail/stream.h>

static const struct pail_s3_get_object_input key = {.bucket = {"b", 1}, .key = {"k", 1}};

struct world {
    struct peer_s3 *s3;
    struct pail_client *client;
};

static struct world world_new(const char *text)
{
    struct world w = {.s3 = peer_s3_start()};
    const struct pail_config config = {.endpoint_url = peer_s3_url(w.s3),
                                       .region = "us-east-1",
                                       .no_sign_request = true,
                                       .max_attempts = 1};
    peer_s3_bucket(w.s3, "b");
    if (text)
        peer_s3_put_text(w.s3, "b", "k", text);
    ck_assert_int_eq(pail_client_new(&config, &w.client, NULL), 0);
    return w;
}

static void world_free(struct world *w)
{
    pail_client_free(w->client);
    peer_s3_stop(w->s3);
}

static struct pail_stream *open_key(struct world *w)
{
    struct pail_stream *stream = NULL;
    struct pail_error error;
    int r =
        pail_stream_open(w->client, &pail_s3_get_object_operation, &key, NULL, &stream, &error);
    ck_assert_msg(r == 0, "%s", error.message);
    return stream;
}

START_TEST(reads_in_every_way)
{
    struct world w = world_new("{\"n\":1}\n{\"n\":2}\n3\nrest\n");
    PAIL_CLEANUP(pail_stream) struct pail_stream *stream = open_key(&w);
    const struct pail_s3_get_object_output *out = pail_stream_output(stream);
    struct pail_lines *lines;
    struct pail_chunks *chunks;
    struct pail_pipeline *pipeline;
    struct pail_processor parse = pail_json_processor(PAIL_INVALID_FAIL);
    struct pail_item *item;
    struct pail_str got;
    ck_assert_int_eq(out->response.http_status, 200);
    ck_assert_int_eq(out->content_length.value, 23);
    ck_assert_ptr_eq(out->body, pail_stream_body(stream));
    ck_assert_int_eq(pail_stream_pipeline(stream, NULL, &parse, 1, &pipeline, NULL), 0);
    ck_assert_int_eq(pail_pipeline_next(pipeline, &item, NULL), 1);
    ck_assert_int_eq(pail_json_integer(pail_json_get(item->json, "n")).value, 1);
    ck_assert_int_eq(pail_stream_lines(stream, NULL, &lines, NULL), 0);
    ck_assert_int_eq(pail_lines_next(lines, &got, NULL), 1);
    check_str(got, "{\"n\":2}");
    /* Again, in the place of the first. */
    ck_assert_int_eq(pail_stream_lines(stream, NULL, &lines, NULL), 0);
    ck_assert_int_eq(pail_stream_pipeline(stream, NULL, &parse, 1, &pipeline, NULL), 0);
    ck_assert_int_eq(pail_pipeline_next(pipeline, &item, NULL), 1);
    ck_assert_int_eq(pail_stream_chunks(stream, 2, &chunks, NULL), 0);
    ck_assert_int_eq(pail_stream_chunks(stream, 3, &chunks, NULL), 0);
    ck_assert_int_eq(pail_chunks_next(chunks, &got, NULL), 1);
    check_str(got, "res");
    ck_assert_int_eq(pail_lines_next(lines, &got, NULL), 1);
    check_str(got, "t");
    ck_assert_int_eq(pail_lines_next(lines, &got, NULL), 0);
    pail_stream_close(STEAL(stream));
    world_free(&w);
}
END_TEST

/* Whatever way the scope is left. */
START_TEST(closing_ends_the_transfer)
{
    struct world w = world_new(NULL);
    struct peer *peer = peer_s3_peer(w.s3);
    peer_s3_put_generated(w.s3, "b", "k", UINT64_C(1) << 40, 1);
    {
        PAIL_CLEANUP(pail_stream) struct pail_stream *stream = open_key(&w);
        char byte;
        ck_assert_int_eq(pail_body_read(pail_stream_body(stream), &byte, 1, NULL), 1);
    }
    ck_assert(peer_wait_ended(peer, NULL, 1, 10000));
    ck_assert(peer_outcome(peer, peer_request_at(peer, NULL, 0)).dropped);
    world_free(&w);
}
END_TEST

START_TEST(says_why_not)
{
    struct world w = world_new(NULL);
    struct pail_stream *stream = NULL;
    struct pail_error error;
    static const struct pail_s3_head_object_input head = {.bucket = {"b", 1}, .key = {"k", 1}};
    ck_assert_int_eq(
        pail_stream_open(w.client, &pail_s3_get_object_operation, &key, NULL, &stream, &error),
        -ENOENT);
    ck_assert_str_eq(error.code, "NoSuchKey");
    ck_assert_int_eq(pail_stream_open(w.client, &pail_s3_head_object_operation, &head, NULL,
                                      &stream, &error),
                     -EINVAL);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARAM);
    ck_assert_str_eq(error.operation, "HeadObject");
    ck_assert_int_eq(pail_stream_open(w.client, &pail_s3_get_object_operation, &key,
                                      &(struct pail_call_options){.max_attempts = 1}, &stream,
                                      NULL),
                     -ENOENT);
    ck_assert_ptr_null(stream);
    pail_stream_close(NULL);
    world_free(&w);
}
END_TEST

START_TEST(outlives_the_client)
{
    struct world w = world_new("text");
    struct pail_stream *stream = open_key(&w);
    world_free(&w);
    pail_stream_close(stream);
}
END_TEST

/* Of memory that the stream itself wants: calls without any are tested with calls. */
START_TEST(memory_runs_out)
{
    struct world w = world_new("text");
    for (long allowed = 0; allowed < 2; allowed++) {
        struct pail_stream *stream = NULL;
        alloc_fail_after(allowed);
        int r = pail_stream_open(w.client, &pail_s3_get_object_operation, &key, NULL, &stream,
                                 NULL);
        alloc_fail_after(-1);
        ck_assert_int_eq(r, -ENOMEM);
        ck_assert_ptr_null(stream);
    }
    world_free(&w);
}
END_TEST

SUITE_MAIN("aws/stream", tcase_add_test(tc, reads_in_every_way);
           tcase_add_test(tc, closing_ends_the_transfer); tcase_add_test(tc, says_why_not);
           tcase_add_test(tc, outlives_the_client); tcase_add_test(tc, memory_runs_out));
