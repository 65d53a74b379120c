#include "aws/client.h"

#include "base/thread.h"
#include "unit/aws/call_fixture.h"
#include "unit/descriptors.h"

#include <semaphore.h>
#include <unistd.h>

START_TEST(makes_and_frees)
{
    struct pail_client *client = NULL;
    struct pail_error error;
    struct pail_client_stats stats;
    const struct pail_config config = {.region = "eu-west-1", .no_sign_request = _i == 1};
    ck_assert_int_eq(pail_client_new(&config, &client, &error), 0);
    ck_assert_str_eq(pail_client_region(client), "eu-west-1");
    ck_assert_str_eq(pail_client_credentials_source(client), _i == 1 ? "anonymous" : "none");
    pail_client_get_stats(client, &stats);
    ck_assert_uint_eq(stats.requests, 0);
    pail_client_free(client);
    pail_client_free(NULL);
}
END_TEST

START_TEST(refuses_bad_configuration)
{
    struct pail_client *client = NULL;
    struct pail_error error;
    ck_assert_int_eq(
        pail_client_new(&(struct pail_config){.endpoint_url = "ftp://x"}, &client, &error),
        -EINVAL);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CONFIG);
    ck_assert_int_eq(
        pail_client_new(&(struct pail_config){.access_key_id = "x"}, &client, &error), -EACCES);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARTIAL_CREDENTIALS);
    ck_assert_int_lt(
        pail_client_new(&(struct pail_config){.region = "r", .ca_bundle = "/nonexistent"},
                        &client, &error),
        0);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CONFIG);
    ck_assert_int_eq(
        pail_client_new(&(struct pail_config){.endpoint_url = "ftp://x"}, &client, NULL),
        -EINVAL);
    ck_assert_ptr_null(client);
}
END_TEST

START_TEST(new_survives_want_of_memory)
{
    const struct pail_config config = {
        .region = "r", .access_key_id = "id", .secret_access_key = "secret"};
    struct pail_client *client = NULL;
    int r = -ENOMEM;
    long allowed;
    for (allowed = 0; r == -ENOMEM && allowed < 1000; allowed++) {
        struct pail_error error = {.sys = 0};
        alloc_fail_after(allowed);
        r = pail_client_new(&config, &client, &error);
        alloc_fail_after(-1);
        ck_assert_msg(r == 0 || error.sys == ENOMEM, "%s", error.message);
    }
    ck_assert_int_eq(r, 0);
    ck_assert_int_gt(allowed, 10);
    pail_client_free(client);
}
END_TEST

/* Want of descriptors is not called want of memory, and none is lost by it. */
START_TEST(new_survives_want_of_descriptors)
{
    const struct pail_config config = {
        .region = "r", .defaults_mode = _i == 0 ? PAIL_DEFAULTS_STANDARD : PAIL_DEFAULTS_AUTO};
    struct pail_client *client = NULL;
    int r = -EMFILE;
    unsigned allowed;
    /* With none, it is the profile files that cannot be read. */
    for (allowed = 1; r == -EMFILE; allowed++) {
        struct pail_error error = {.sys = 0};
        struct rlimit before = descriptors_leave(allowed);
        r = pail_client_new(&config, &client, &error);
        if (r < 0) {
            ck_assert_msg(error.sys == EMFILE, "%u: %s", allowed, error.message);
            ck_assert_ptr_nonnull(strstr(error.message, "EMFILE"));
            int fds[64];
            unsigned left = 0;
            while (left < ARRAY_LEN(fds) && (fds[left] = open("/dev/null", O_RDONLY)) >= 0)
                left++;
            descriptors_restore(before);
            ck_assert_uint_eq(left, allowed);
            while (left > 0)
                close(fds[--left]);
        }
        descriptors_restore(before);
    }
    ck_assert_msg(r == 0, "%d with %u descriptors", r, allowed - 1);
    ck_assert_uint_gt(allowed, 5);
    pail_client_free(client);
}
END_TEST

/* ---- freeing a client whose calls still run ---- */

struct stuck {
    struct pail_client *client;
    struct pail_s3_list_objects_v2_output out;
    _Atomic int count;
    int status, again;
};

static void stuck_done(struct pail_call *call, int status, const struct pail_error *error,
                       void *user)
{
    struct stuck *stuck = user;
    (void)call;
    ck_assert_ptr_nonnull(error);
    stuck->count++;
    stuck->status = status;
    /* Nothing new is begun. */
    stuck->again =
        pail_call_start(stuck->client, &pail_s3_list_objects_v2_operation, &list_input,
                        &stuck->out, NULL, stuck_done, stuck, NULL, NULL);
}

static void never(void *user, const struct scripted_request *request,
                  struct scripted_response *ret)
{
    (void)user;
    (void)request;
    *ret = (struct scripted_response){.status = 200, .stall = true, .body = "<"};
}

START_TEST(free_ends_calls)
{
    enum { CALLS = 50 };
    struct fixture f = fixture_plain();
    struct stuck stuck[CALLS];
    const struct pail_call_options options = {.read_timeout_ms = -1};
    scripted_set_responder(f.t, NULL, never);
    scripted_start_thread(f.t);
    for (int i = 0; i < CALLS; i++) {
        stuck[i] = (struct stuck){.client = f.client};
        ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_objects_v2_operation,
                                         &list_input, &stuck[i].out, &options, stuck_done,
                                         &stuck[i], NULL, NULL),
                         0);
    }
    pail_client_free(f.client);
    for (int i = 0; i < CALLS; i++) {
        ck_assert_int_eq(stuck[i].count, 1);
        ck_assert_int_eq(stuck[i].status, -ECANCELED);
        ck_assert_int_eq(stuck[i].again, -ECANCELED);
    }
}
END_TEST

/* The same with bodies that nobody reads, closed by their owners when the client is gone. */
START_TEST(free_leaves_bodies_to_their_readers)
{
    enum { BODIES = 20 };
    struct fixture f = fixture_plain();
    struct pail_s3_get_object_output outs[BODIES] = {0};
    const struct pail_call_options options = {.read_timeout_ms = -1};
    scripted_set_responder(f.t, NULL, never);
    scripted_start_thread(f.t);
    for (int i = 0; i < BODIES; i++)
        ck_assert_int_eq(pail_call(f.client, &pail_s3_get_object_operation, &get_input,
                                   &outs[i], &options, NULL),
                         0);
    for (int i = 0; i < BODIES; i += 2)
        pail_output_free(&pail_s3_get_object_operation, &outs[i]);
    pail_client_free(f.client);
    for (int i = 1; i < BODIES; i += 2)
        pail_output_free(&pail_s3_get_object_operation, &outs[i]);
}
END_TEST

/* ---- many threads at one client ---- */

#define TEXT "0123456789abcdefghijklmnopqrstuvwxyz"

/* Requests are answered in turn by a body, a slow body, a refusal, an interruption, silence. */
static void answer_variously(void *user, const struct scripted_request *request,
                             struct scripted_response *ret)
{
    unsigned *count = user;
    static const struct scripted_response answers[] = {
        {.status = 200, .headers = "ETag: \"e\"\n", .body = TEXT, .piece = 5},
        {.status = 200,
         .headers = "ETag: \"e\"\n",
         .body = TEXT,
         .piece = 1,
         .piece_delay_ms = 5},
        {.status = 503, .body = ERROR_XML("SlowDown")},
        {.status = 404, .body = ERROR_XML("NoSuchKey")},
        {.status = 200, .chunked = true, .body = TEXT, .kind = PAIL_ERROR_STREAMING},
        {.status = 200, .stall = true, .headers = "Content-Length: 99\n", .body = TEXT},
    };
    (void)request;
    *ret = answers[(*count)++ % ARRAY_LEN(answers)];
}

struct worker {
    pthread_t thread;
    struct pail_client *client;
    uint64_t seed;
    sem_t came;
    int status;
    struct pail_buffer buffers[2];
    char data[2][7];
    int lent; /* buffers whose coming back was not waited for yet */
};

static void worker_done(struct pail_call *call, int status, const struct pail_error *error,
                        void *user)
{
    struct worker *worker = user;
    (void)call;
    (void)error;
    worker->status = status;
    sem_post(&worker->came);
}

static void worker_filled(struct pail_buffer *buffer, int status,
                          const struct pail_error *error)
{
    struct worker *worker = buffer->user;
    (void)error;
    (void)status;
    sem_post(&worker->came);
}

static void post_buffers(struct worker *worker, struct pail_body *body)
{
    for (int i = 0; i < 2; i++)
        worker->buffers[i] = (struct pail_buffer){.data = worker->data[i],
                                                  .size = sizeof(worker->data[i]),
                                                  .done = worker_filled,
                                                  .user = worker,
                                                  .next = i == 0 ? &worker->buffers[1] : NULL};
    worker->lent = 2;
    pail_body_post(body, worker->buffers);
}

static void wait_for(struct worker *worker)
{
    while (sem_wait(&worker->came) < 0)
        continue;
}

static void wait_for_buffers(struct worker *worker)
{
    for (; worker->lent > 0; worker->lent--)
        wait_for(worker);
}

/* What a reader may do with an open body, in any order, until it closes it. */
static void use_body(struct worker *worker, struct random *random, struct pail_body *body)
{
    char data[16];
    for (int i = 0; i < 4; i++)
        switch (random_u64(random) % 4) {
        case 0:
            pail_body_read(body, data, sizeof(data), NULL);
            break;
        case 1:
            pail_body_set_read_timeout(body, 1 + (int64_t)(random_u64(random) % 100));
            break;
        case 2:
            post_buffers(worker, body);
            wait_for_buffers(worker);
            break;
        default:
            break;
        }
    if (random_u64(random) % 2)
        post_buffers(worker, body);
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    struct random random;
    random_seed(&random, worker->seed);
    for (int i = 0; i < 100; i++) {
        struct pail_s3_get_object_output out = {0};
        struct pail_call *call;
        const struct pail_call_options options = {
            .resume = random_u64(&random) % 2,
            .timeout_ms = (int64_t)(random_u64(&random) % 3) * 20,
        };
        int r = pail_call_start(worker->client, &pail_s3_get_object_operation, &get_input, &out,
                                &options, worker_done, worker, &call, NULL);
        ck_assert_int_eq(r, 0);
        uint64_t way = random_u64(&random) % 4;
        if (way == 0)
            pail_call_cancel(call);
        wait_for(worker);
        if (way == 1)
            pail_call_cancel(call);
        if (way == 2)
            pail_call_release(STEAL(call));
        if (worker->status == 0)
            use_body(worker, &random, out.body);
        pail_body_free(STEAL(out.body));
        wait_for_buffers(worker);
        if (way == 3)
            pail_call_cancel(call);
        pail_call_release(call);
        pail_output_free(&pail_s3_get_object_operation, &out);
    }
    return NULL;
}

START_TEST(stands_many_threads)
{
    enum { WORKERS = 6 };
    struct fixture f = _i == 0 ? fixture_plain()
                               : fixture_new(&(struct pail_config){
                                     .endpoint_url = "http://s3.test", .region = "us-east-1"});
    struct worker workers[WORKERS];
    unsigned count = 0;
    scripted_set_responder(f.t, &count, answer_variously);
    scripted_start_thread(f.t);
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.client = f.client, .seed = 1000 + i};
        sem_init(&workers[i].came, 0, 0);
        ck_assert_int_eq(thread_start(&workers[i].thread, "worker", work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        sem_destroy(&workers[i].came);
    }
    pail_client_free(f.client);
}
END_TEST

SUITE_MAIN("aws/client", tcase_add_loop_test(tc, makes_and_frees, 0, 2);
           tcase_add_test(tc, refuses_bad_configuration);
           tcase_add_test(tc, new_survives_want_of_memory);
           tcase_add_loop_test(tc, new_survives_want_of_descriptors, 0, 2);
           tcase_add_test(tc, free_ends_calls);
           tcase_add_test(tc, free_leaves_bodies_to_their_readers);
           tcase_add_loop_test(tc, stands_many_threads, 0, 2));
