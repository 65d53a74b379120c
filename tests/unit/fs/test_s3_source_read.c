/* The S3 source end to end: reads. */
#include "unit/fs/s3_rig.h"

#include <errno.h>
#include <stdlib.h>

#define SIZE          100000
#define SEED          7 /* of the file's bytes */
#define STRETCHES_MAX 16
#define ETAG          "\"e\""

/* A read and what was told of it. */
struct run {
    struct source_read read;
    struct source_stretch stretches[STRETCHES_MAX];
    char *data;
    uint64_t filled_bytes;
    size_t opened, filled;
    size_t cancel_after; /* stretches; 0: never */
    bool done;
};

static struct run *run_of(struct source_read *read)
{
    return CONTAINER_OF(read, struct run, read);
}

static void opened(struct source_read *read)
{
    ck_assert(!run_of(read)->done);
    ck_assert_uint_eq(run_of(read)->filled, 0);
    run_of(read)->opened++;
}

static void filled(struct source_read *read, size_t index)
{
    struct run *run = run_of(read);
    ck_assert(!run->done);
    ck_assert_uint_eq(run->opened, 1);
    ck_assert_uint_eq(index, run->filled);
    const struct source_stretch *stretch = &read->stretches[index];
    ck_assert(
        peer_check(SEED, read->offset + run->filled_bytes, stretch->data, stretch->size, NULL));
    run->filled_bytes += stretch->size;
    if (++run->filled == run->cancel_after)
        source->ops->cancel(source, &read->request);
}

static void done(struct source_request *request)
{
    run_of(CONTAINER_OF(request, struct source_read, request))->done = true;
    count_done(request);
}

/* Prepares reading [offset, offset + len) of a file of `size` bytes in stretches of `piece`. */
static void run_init(struct run *run, uint64_t size, uint64_t offset, size_t len, size_t piece)
{
    *run = (struct run){.read = {.request.done = done,
                                 .path = text("d/x"),
                                 .etag = text(ETAG),
                                 .size = size,
                                 .offset = offset,
                                 .stretches = run->stretches,
                                 .opened = opened,
                                 .filled = filled,
                                 .timeout_ms = WAIT_MS}};
    run->data = malloc(len + 1);
    for (size_t at = 0; at < len; at += piece) {
        ck_assert_uint_lt(run->read.count, STRETCHES_MAX);
        run->stretches[run->read.count++] = (struct source_stretch){
            .data = run->data + at, .size = len - at < piece ? len - at : piece};
    }
    dones = 0;
}

static int run_wait(struct run *run)
{
    wait_done(1);
    struct source_request *request = &run->read.request;
    int status = request->status;
    if (status == 0)
        ck_assert_uint_eq(run->filled, run->read.count);
    release(request);
    free(run->data);
    return status;
}

static int run_all(struct run *run)
{
    source->ops->read(source, &run->read);
    ck_assert_uint_eq(dones, 0);
    return run_wait(run);
}

static void put(uint64_t size)
{
    peer_s3_put(
        s3, "bkt",
        &(struct peer_s3_object){.key = "d/x", .size = size, .seed = SEED, .etag = ETAG});
}

static const struct {
    uint64_t size, offset;
    size_t len, piece;
    const char *range; /* NULL: none is sent */
} reads[] = {
    {SIZE, 0, SIZE, SIZE, NULL},
    {SIZE, 0, SIZE, 7000, NULL},
    {SIZE, 0, 1, 1, "bytes=0-0"},
    {SIZE, SIZE - 1, 1, 1, "bytes=99999-99999"},
    {SIZE, 5, 50000, 4096, "bytes=5-50004"},
    {SIZE, 50000, 50000, 20000, "bytes=50000-99999"},
    {1, 0, 1, 1, NULL},
    {0, 0, 0, 1, NULL},
};

START_TEST(reads_bytes)
{
    put(reads[_i].size);
    struct run run;
    run_init(&run, reads[_i].size, reads[_i].offset, reads[_i].len, reads[_i].piece);
    ck_assert_int_eq(run_all(&run), 0);
    ck_assert_uint_eq(run.opened, 1);
    ck_assert_uint_eq(run.filled_bytes, reads[_i].len);
    const struct peer_request *request = peer_request_at(peer, NULL, 0);
    const char *range = peer_request_header(request, "Range");
    ck_assert_int_eq(range != NULL, reads[_i].range != NULL);
    if (range)
        ck_assert_str_eq(range, reads[_i].range);
    ck_assert_str_eq(peer_request_header(request, "If-Match"), ETAG);
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
}
END_TEST

static const struct {
    uint64_t size, offset;
    size_t len;
    const char *path;
    int status;
} refused[] = {
    {10, 5, 6, "d/x", -EINVAL},
    {10, UINT64_MAX, 1, "d/x", -EINVAL},
    {10, 0, 0, "d/x", -EINVAL},
    {10, 0, 10, "", -EISDIR},
};

START_TEST(refuses)
{
    struct run run;
    run_init(&run, refused[_i].size, refused[_i].offset, refused[_i].len, 1);
    run.read.path = text(refused[_i].path);
    ck_assert_int_eq(run_all(&run), refused[_i].status);
    ck_assert_uint_eq(peer_count(peer, NULL), 0);
}
END_TEST

#define RANGED   5, 50000 /* offset, length */
#define COMPLETE 0, SIZE

/* Everything that a response may have wrong. */
static const struct {
    uint64_t offset;
    size_t len;
    struct peer_response response;
    int status;
    size_t filled; /* of 10 stretches, at most */
} wrong[] = {
    {COMPLETE, PEER_S3_ERROR(412, "PreconditionFailed"), -ESTALE, 0},
    {COMPLETE, PEER_S3_ERROR(404, "NoSuchKey"), -ENOENT, 0},
    {COMPLETE, PEER_S3_ERROR(403, "AccessDenied"), -EACCES, 0},
    {COMPLETE, PEER_S3_ERROR(503, "SlowDown"), -EBUSY, 0},
    {RANGED, PEER_S3_ERROR(416, "InvalidRange"), -ESTALE, 0},
    /* another version in a 200 or 206 */
    {COMPLETE, {.over = true, .headers = "ETag: \"f\""}, -ESTALE, 0},
    {COMPLETE, {.over = true, .headers = "!ETag"}, -EPROTO, 0},
    {RANGED, {.over = true, .headers = "ETag: \"f\""}, -ESTALE, 0},
    /* another length */
    {COMPLETE, {.over = true, .fault = {.shorten = true, .shorten_to = 99999}}, -ESTALE, 0},
    {COMPLETE, {.over = true, .fault = {.shorten = true}}, -ESTALE, 0},
    {COMPLETE, {.over = true, .body_len = SIZE + 1, .seed = SEED}, -ESTALE, 0},
    {COMPLETE, {.over = true, .framing = PEER_CHUNKED}, -EPROTO, 0},
    {COMPLETE, {.over = true, .status = 206}, -EPROTO, 0},
    /* another range */
    {RANGED, {.over = true, .headers = "Content-Range: bytes 5-50004/100001"}, -ESTALE, 0},
    {RANGED, {.over = true, .headers = "Content-Range: bytes 6-50005/100000"}, -EPROTO, 0},
    {RANGED, {.over = true, .headers = "Content-Range: bytes 5-50003/100000"}, -EPROTO, 0},
    {RANGED, {.over = true, .headers = "Content-Range: nonsense"}, -EPROTO, 0},
    {RANGED, {.over = true, .headers = "!Content-Range"}, -EPROTO, 0},
    {RANGED, {.over = true, .status = 200, .headers = "!Content-Range"}, -EPROTO, 0},
    {RANGED, {.over = true, .fault = {.shorten = true, .shorten_to = 49999}}, -EPROTO, 0},
    /* an interrupted body, which cannot be resumed where one attempt is all */
    {COMPLETE, {.over = true, .fault = {.end = PEER_END_CUT, .after = 45000}}, -EIO, 4},
    {COMPLETE, {.over = true, .fault = {.end = PEER_END_RESET, .after = 45000}}, -EIO, 4},
    {RANGED, {.over = true, .fault = {.end = PEER_END_CUT, .after = 25000}}, -EIO, 5},
    {RANGED, {.over = true, .fault = {.end = PEER_END_CUT}}, -EIO, 0},
    {COMPLETE, {.over = true, .fault = {.end = PEER_END_CUT, .in_head = true}}, -ECONNRESET, 0},
    {COMPLETE, {.over = true, .headers = "x-amz-checksum-crc32: AAAAAA=="}, -EBADMSG, 9},
};

START_TEST(wrong_responses)
{
    put(SIZE);
    const struct peer_rule rule = {.match = {.pattern = "GET /bkt/d/x"},
                                   .responses = &wrong[_i].response,
                                   .response_count = 1};
    peer_rule_add(peer, &rule);
    struct run run;
    run_init(&run, SIZE, wrong[_i].offset, wrong[_i].len, wrong[_i].len / 10);
    int r = run_all(&run);
    const struct source_request *request = &run.read.request;
    ck_assert_msg(r == wrong[_i].status, "%d, %s", r, request->error.message);
    ck_assert_uint_le(run.filled, wrong[_i].filled);
    ck_assert_uint_le(run.opened, wrong[_i].filled > 0 || r == -EIO);
    ck_assert_uint_eq(request->first, wrong[_i].offset);
    ck_assert_uint_eq(request->last, wrong[_i].offset + wrong[_i].len - 1);
    ck_assert_str_eq(request->error.operation, "GetObject");
    ck_assert_str_ne(request->error.message, "");
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
}
END_TEST

/* An interrupted body goes on from the next byte; a version that vanished meanwhile does not.
 */
START_TEST(resumes)
{
    bool changed = _i == 1;
    put(SIZE);
    s3_rig_client(3);
    const struct peer_response cut = {.over = true,
                                      .fault = {.end = PEER_END_CUT, .after = 45000}};
    const struct peer_rule rule = {.match = {.pattern = "GET /bkt/d/x"},
                                   .responses = &cut,
                                   .response_count = 1,
                                   .times = 1};
    peer_rule_add(peer, &rule);
    const struct peer_response gone = PEER_S3_ERROR(412, "PreconditionFailed");
    const struct peer_rule second = {.match = {.pattern = "GET /bkt/d/x", .header = "Range"},
                                     .responses = &gone,
                                     .response_count = 1};
    if (changed)
        peer_rule_add(peer, &second);
    struct run run;
    run_init(&run, SIZE, 0, SIZE, SIZE / 10);
    ck_assert_int_eq(run_all(&run), changed ? -ESTALE : 0);
    ck_assert_uint_eq(run.opened, 1);
    ck_assert_uint_eq(run.filled, changed ? 4 : 10);
    ck_assert_uint_eq(peer_count(peer, NULL), 2);
    ck_assert_str_eq(peer_request_header(peer_request_at(peer, NULL, 1), "Range"),
                     "bytes=45000-99999");
}
END_TEST

START_TEST(deadline)
{
    put(SIZE);
    peer_on(peer, "GET /bkt/d/x",
            PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_STALL, .after = 25000}));
    struct run run;
    run_init(&run, SIZE, 0, SIZE, SIZE / 10);
    run.read.timeout_ms = 200;
    ck_assert_int_eq(run_all(&run), -ETIMEDOUT);
    ck_assert_uint_eq(run.filled, 2);
}
END_TEST

/* Where the answer hangs when the read is cancelled. */
static const struct {
    struct peer_fault fault;
    bool at_once;        /* before the request is sent */
    bool opened;         /* wait for it */
    size_t filled;       /* wait for so many */
    size_t cancel_after; /* cancelled by the filled of so many */
} cancels[] = {
    {.fault = {.end = PEER_END_STALL, .in_head = true}, .at_once = true},
    {.fault = {.end = PEER_END_STALL, .in_head = true}},
    {.fault = {.end = PEER_END_STALL}, .opened = true},
    {.fault = {.end = PEER_END_STALL, .after = 25000}, .filled = 2},
    {.fault = {.end = PEER_END_STALL, .after = 99999}, .filled = 9},
    {.fault = {.end = PEER_END_STALL, .after = 35000}, .cancel_after = 1},
};

START_TEST(cancelled)
{
    put(SIZE);
    peer_on(peer, "GET /bkt/d/x", PEER_RESPONSE(.over = true, .fault = cancels[_i].fault));
    struct run run;
    run_init(&run, SIZE, 0, SIZE, SIZE / 10);
    run.cancel_after = cancels[_i].cancel_after;
    source->ops->read(source, &run.read);
    if (!cancels[_i].at_once)
        ck_assert(peer_wait_stalled(peer, 1, WAIT_MS));
    while ((cancels[_i].opened && run.opened == 0) || run.filled < cancels[_i].filled)
        ck_assert_uint_gt(mailbox_wait(mailbox, WAIT_MS), 0);
    if (run.cancel_after == 0)
        source->ops->cancel(source, &run.read.request);
    ck_assert_int_eq(run_wait(&run), -ECANCELED);
    ck_assert_uint_lt(run.filled, 10);
}
END_TEST

/* Cancelled when all is on its way: whole or cancelled, nothing between. */
START_TEST(cancelled_late)
{
    put(SIZE);
    struct run run;
    run_init(&run, SIZE, 0, SIZE, SIZE / 10);
    run.cancel_after = 10;
    ck_assert_int_eq(run_all(&run), 0);
    ck_assert_uint_eq(run.filled, 10);
}
END_TEST

/* Cancels at whatever moment comes: every read is done once, and what was told to be filled is.
 */
START_TEST(cancel_storm)
{
    enum { ROUNDS = 40, READS = 6 };
    static struct run runs[READS];
    put(SIZE);
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < READS; i++)
            run_init(&runs[i], SIZE, 0, SIZE, SIZE / 10);
        for (size_t i = 0; i < READS; i++)
            source->ops->read(source, &runs[i].read);
        for (size_t i = 0; i < round % 8 && dones < READS; i++)
            mailbox_wait(mailbox, WAIT_MS);
        for (size_t i = 0; i < READS; i++) {
            if (!runs[i].done && i != round % READS)
                source->ops->cancel(source, &runs[i].read.request);
        }
        wait_done(READS);
        for (size_t i = 0; i < READS; i++) {
            int status = runs[i].read.request.status;
            ck_assert(status == -ECANCELED || (status == 0 && runs[i].filled == 10));
            ck_assert(status == 0 || i != round % READS);
            release(&runs[i].read.request);
            free(runs[i].data);
        }
    }
}
END_TEST

START_TEST(many_at_once)
{
    enum { READS = 10, PART = SIZE / READS };
    put(SIZE);
    static struct run runs[READS];
    for (size_t i = 0; i < READS; i++)
        run_init(&runs[i], SIZE, i * PART, PART, PART);
    for (size_t i = 0; i < READS; i++)
        source->ops->read(source, &runs[i].read);
    while (dones < READS)
        ck_assert_uint_gt(mailbox_wait(mailbox, WAIT_MS), 0);
    for (size_t i = 0; i < READS; i++) {
        ck_assert_int_eq(runs[i].read.request.status, 0);
        ck_assert_uint_eq(runs[i].filled_bytes, PART);
        release(&runs[i].read.request);
        free(runs[i].data);
    }
}
END_TEST

SUITE_MAIN("fs/s3_source_read", tcase_add_checked_fixture(tc, s3_rig_setup, s3_rig_teardown);
           tcase_add_loop_test(tc, reads_bytes, 0, (int)LEN(reads));
           tcase_add_loop_test(tc, refuses, 0, (int)LEN(refused));
           tcase_add_loop_test(tc, wrong_responses, 0, (int)LEN(wrong));
           tcase_add_loop_test(tc, resumes, 0, 2); tcase_add_test(tc, deadline);
           tcase_add_loop_test(tc, cancelled, 0, (int)LEN(cancels));
           tcase_add_test(tc, cancelled_late); tcase_add_test(tc, many_at_once);
           tcase_add_test(tc, cancel_storm));
