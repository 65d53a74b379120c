#include "aws/body.h"
#include "unit/aws/call_fixture.h"
#include "unit/descriptors.h"

#define TEXT "0123456789abcdefghij"
#define LEN  (sizeof(TEXT) - 1)

static const char text[] = TEXT;

/* ---- filling buffers, without a call ---- */

struct taker {
    struct pail_buffer buffer;
    char data[8];
    int came; /* order of coming back, from 1; 0: not yet */
    int status;
};

static int order;

static void take(struct pail_buffer *buffer, int status, const struct pail_error *error)
{
    struct taker *taker = buffer->user;
    (void)error;
    taker->came = ++order;
    taker->status = status;
}

static void takers_init(struct taker *takers, size_t count, size_t size)
{
    order = 0;
    for (size_t i = 0; i < count; i++) {
        takers[i] = (struct taker){.came = 0};
        takers[i].buffer = (struct pail_buffer){
            .data = takers[i].data,
            .size = size,
            .filled = 99, /* whatever it was before */
            .done = take,
            .user = &takers[i],
            .next = i + 1 < count ? &takers[i + 1].buffer : NULL,
        };
    }
}

START_TEST(fills_in_order)
{
    struct pail_body body = {.expected = {20, true}};
    struct taker takers[4];
    takers_init(takers, 4, 4);
    body_append(&body, &takers[0].buffer);
    ck_assert_int_eq(body_fill(&body, TEXT, 6), 6);
    ck_assert_int_eq(takers[0].came, 1);
    ck_assert_int_eq(takers[1].came, 0);
    ck_assert_uint_eq(takers[1].buffer.filled, 2);
    ck_assert_int_eq(body_fill(&body, text + 6, 14), 10);
    ck_assert_int_eq(takers[3].came, 4);
    ck_assert_uint_eq(pail_body_tell(&body), 16);
    ck_assert_int_eq(body_fill(&body, text + 16, 4), 0);
    ck_assert(body_is_short(&body));
    body_end(&body, 0, NULL);
    body_done(&body);
}
END_TEST

START_TEST(holds_back_what_may_be_last)
{
    struct pail_body body = {.expected = {_i == 0 ? 8 : 0, _i == 0}};
    struct taker takers[3];
    takers_init(takers, 3, 4);
    body_append(&body, &takers[0].buffer);
    body_fill(&body, TEXT, 4);
    ck_assert_int_eq(takers[0].came, _i == 0 ? 1 : 0);
    body_fill(&body, text + 4, 4);
    ck_assert_int_eq(takers[0].came, 1);
    ck_assert_int_eq(takers[1].came, 0);
    body_end(&body, 0, NULL);
    ck_assert_int_eq(takers[1].came, 2);
    ck_assert_uint_eq(takers[1].buffer.filled, 4);
    ck_assert_int_eq(takers[2].came, 3);
    ck_assert_uint_eq(takers[2].buffer.filled, 0);
    ck_assert_int_eq(takers[2].status, 0);
    body_done(&body);
}
END_TEST

START_TEST(refuses_more_than_promised)
{
    struct pail_body body = {.expected = {6, true}};
    struct taker takers[2];
    takers_init(takers, 2, 4);
    body_append(&body, &takers[0].buffer);
    ck_assert_int_eq(body_fill(&body, TEXT, 7), -EMSGSIZE);
    ck_assert_uint_eq(body.received, 0);
    ck_assert_int_eq(body_fill(&body, TEXT, 6), 6);
    ck_assert_int_eq(body_fill(&body, TEXT, 1), -EMSGSIZE);
    ck_assert(body_is_full(&body));
    body_end(&body, 0, NULL);
    body_done(&body);
}
END_TEST

START_TEST(failure_follows_the_bytes)
{
    struct pail_body body = {.expected = {20, true}};
    const struct pail_error error = {.kind = PAIL_ERROR_STREAMING, .sys = EIO};
    struct taker takers[2];
    takers_init(takers, 2, 8);
    body_append(&body, &takers[0].buffer);
    body_fill(&body, TEXT, 5);
    body_end(&body, -EIO, &error);
    ck_assert_int_eq(takers[0].status, -EIO);
    ck_assert_uint_eq(takers[0].buffer.filled, 5);
    ck_assert_int_eq(takers[1].status, -EIO);
    ck_assert_uint_eq(takers[1].buffer.filled, 0);
    ck_assert_uint_eq(pail_body_tell(&body), 5);
    takers_init(takers, 2, 8);
    body_append(&body, &takers[0].buffer);
    ck_assert_int_eq(takers[1].came, 2);
    ck_assert_int_eq(takers[1].status, -EIO);
    body_done(&body);
}
END_TEST

/* ---- reading by waiting ---- */

static struct fixture fixture_answering(const struct scripted_response *response,
                                        struct pail_s3_get_object_output *ret)
{
    struct fixture f = fixture_plain();
    struct pail_error error;
    scripted_respond(f.t, response);
    scripted_start_thread(f.t);
    *ret = (struct pail_s3_get_object_output){0};
    ck_assert_int_eq(
        pail_call(f.client, &pail_s3_get_object_operation, &get_input, ret, NULL, &error), 0);
    return f;
}

static void end(struct fixture *f, struct pail_s3_get_object_output *out)
{
    pail_output_free(&pail_s3_get_object_operation, out);
    pail_client_free(f->client);
}

START_TEST(reads)
{
    for (size_t size = 1; size <= LEN + 1; size++) {
        struct pail_s3_get_object_output out;
        struct fixture f = fixture_answering(
            &(struct scripted_response){
                .status = 200, .body = TEXT, .piece = 3, .chunked = _i == 1},
            &out);
        char *data = malloc(size);
        size_t have = 0;
        ssize_t n;
        ck_assert_int_eq(pail_body_read(out.body, data, 0, NULL), 0);
        while ((n = pail_body_read(out.body, data, size, NULL)) > 0) {
            ck_assert_int_eq(memcmp(data, text + have, (size_t)n), 0);
            have += (size_t)n;
            ck_assert_uint_eq(pail_body_tell(out.body), have);
            ck_assert((size_t)n == size || have == LEN);
        }
        ck_assert_int_eq(n, 0);
        ck_assert_uint_eq(have, LEN);
        ck_assert_int_eq(pail_body_read(out.body, data, size, NULL), 0);
        free(data);
        end(&f, &out);
    }
}
END_TEST

/* Bytes first, then the failure, which stays. */
/* Neither a call nor a read is over because nothing is left to wait with. */
START_TEST(waits_again_when_it_can)
{
    struct pail_s3_get_object_output out, again = {0};
    struct pail_error error;
    char data[LEN];
    struct fixture f =
        fixture_answering(&(struct scripted_response){.status = 200, .body = TEXT}, &out);
    struct rlimit before = descriptors_leave(0);
    int called =
        pail_call(f.client, &pail_s3_get_object_operation, &get_input, &again, NULL, &error);
    int sys = error.sys;
    ssize_t n = pail_body_read(out.body, data, LEN, &error);
    descriptors_restore(before);
    ck_assert_int_eq(called, -EMFILE);
    ck_assert_int_eq(sys, EMFILE);
    ck_assert_int_eq(n, -EMFILE);
    ck_assert_int_eq(error.sys, EMFILE);
    ck_assert_int_eq(pail_body_read(out.body, data, LEN, &error), LEN);
    end(&f, &out);
}
END_TEST

START_TEST(read_fails_after_the_bytes)
{
    struct pail_s3_get_object_output out;
    struct fixture f =
        fixture_answering(&(struct scripted_response){.status = 200,
                                                      .headers = "Content-Length: 30\n",
                                                      .body = TEXT,
                                                      .kind = PAIL_ERROR_INCOMPLETE_READ},
                          &out);
    char data[64];
    struct pail_error error;
    ck_assert_int_eq(pail_body_read(out.body, data, sizeof(data), &error), (ssize_t)LEN);
    for (int i = 0; i < 2; i++) {
        error = (struct pail_error){0};
        ck_assert_int_eq(pail_body_read(out.body, data, sizeof(data), &error), -EIO);
        ck_assert_int_eq(error.kind, PAIL_ERROR_INCOMPLETE_READ);
        ck_assert_uint_eq(error.expected_bytes, 30);
        ck_assert_uint_eq(error.actual_bytes, LEN);
    }
    ck_assert_int_eq(pail_body_read(out.body, data, sizeof(data), NULL), -EIO);
    end(&f, &out);
}
END_TEST

START_TEST(bad_checksum_shows_nothing)
{
    struct pail_s3_get_object_output out;
    struct fixture f = fixture_answering(
        &(struct scripted_response){
            .status = 200, .headers = "x-amz-checksum-crc32: AAAAAA==\n", .body = TEXT},
        &out);
    char data[64];
    ck_assert_int_eq(pail_body_read(out.body, data, sizeof(data), NULL), -EBADMSG);
    ck_assert_uint_eq(pail_body_tell(out.body), 0);
    end(&f, &out);
}
END_TEST

static const struct {
    size_t max;
    int result;
} limits[] = {{SIZE_MAX, 0}, {LEN + 1, 0}, {LEN, 0}, {LEN - 1, -EFBIG}, {0, -EFBIG}};

START_TEST(reads_all)
{
    for (int chunked = 0; chunked < 2; chunked++) {
        struct pail_s3_get_object_output out;
        struct fixture f = fixture_answering(
            &(struct scripted_response){
                .status = 200, .body = TEXT, .piece = 7, .chunked = chunked == 1},
            &out);
        char *data = NULL;
        size_t size = 77;
        struct pail_error error;
        int r = pail_body_read_all(out.body, limits[_i].max, &data, &size, &error);
        ck_assert_int_eq(r, limits[_i].result);
        if (r == 0) {
            ck_assert_uint_eq(size, LEN);
            ck_assert_str_eq(data, TEXT);
        } else {
            ck_assert_ptr_null(data);
            ck_assert_uint_eq(size, 77);
            ck_assert_int_eq(error.sys, EFBIG);
        }
        free(data);
        end(&f, &out);
    }
}
END_TEST

START_TEST(reads_all_of_nothing)
{
    struct pail_s3_get_object_output out;
    struct fixture f = fixture_answering(
        &(struct scripted_response){.status = 200, .body = "", .chunked = _i == 1}, &out);
    char *data = NULL;
    size_t size = 77;
    ck_assert_int_eq(pail_body_read_all(out.body, 0, &data, &size, NULL), 0);
    ck_assert_uint_eq(size, 0);
    ck_assert_str_eq(data, "");
    free(data);
    end(&f, &out);
}
END_TEST

START_TEST(reads_all_or_fails)
{
    struct pail_s3_get_object_output out;
    struct fixture f = fixture_answering(
        &(struct scripted_response){
            .status = 200, .body = TEXT, .chunked = true, .kind = PAIL_ERROR_STREAMING},
        &out);
    char *data = NULL;
    size_t size;
    ck_assert_int_eq(pail_body_read_all(out.body, 100, &data, &size, NULL), -EIO);
    ck_assert_ptr_null(data);
    end(&f, &out);
}
END_TEST

START_TEST(reads_all_of_much)
{
    size_t len = 1000003;
    char *body = malloc(len);
    for (size_t i = 0; i < len; i++)
        body[i] = (char)(i * 31 % 251);
    struct pail_s3_get_object_output out;
    struct fixture f = fixture_answering(
        &(struct scripted_response){
            .status = 200, .body = body, .body_len = len, .piece = 16384, .chunked = _i == 1},
        &out);
    char *data = NULL;
    size_t size;
    ck_assert_int_eq(pail_body_read_all(out.body, SIZE_MAX, &data, &size, NULL), 0);
    ck_assert_uint_eq(size, len);
    ck_assert_int_eq(memcmp(data, body, len), 0);
    free(data);
    free(body);
    end(&f, &out);
}
END_TEST

SUITE_MAIN("aws/body", tcase_add_test(tc, fills_in_order);
           tcase_add_loop_test(tc, holds_back_what_may_be_last, 0, 2);
           tcase_add_test(tc, refuses_more_than_promised);
           tcase_add_test(tc, failure_follows_the_bytes); tcase_add_loop_test(tc, reads, 0, 2);
           tcase_add_test(tc, waits_again_when_it_can);
           tcase_add_test(tc, read_fails_after_the_bytes);
           tcase_add_test(tc, bad_checksum_shows_nothing);
           tcase_add_loop_test(tc, reads_all, 0, ARRAY_LEN(limits));
           tcase_add_loop_test(tc, reads_all_of_nothing, 0, 2);
           tcase_add_test(tc, reads_all_or_fails);
           tcase_add_loop_test(tc, reads_all_of_much, 0, 2));
