/* Bodies whose client is gone: whoever still uses one is told so. */
#include "base/thread.h"
#include "unit/aws/call_fixture.h"

#include <pail/iterate.h>
#include <semaphore.h>

#define TEXT "0123456789"

static const struct scripted_response half = {
    .status = 200, .headers = "Content-Length: 20\n", .body = TEXT, .stall = true};
static const struct scripted_response whole = {.status = 200, .body = TEXT};

/* An open body and its client, whose net thread runs. */
static struct fixture open_body(const struct scripted_response *response,
                                struct pail_body **ret)
{
    struct fixture f = fixture_plain();
    struct pail_s3_get_object_output out = {0};
    scripted_respond(f.t, response);
    scripted_start_thread(f.t);
    ck_assert_int_eq(pail_call(f.client, &pail_s3_get_object_operation, &get_input, &out,
                               &(struct pail_call_options){.read_timeout_ms = -1}, NULL),
                     0);
    *ret = pail_body_take(&out.body);
    pail_output_free(&pail_s3_get_object_operation, &out);
    return f;
}

static void check_cancelled(struct pail_body *body)
{
    char data[100];
    char *all;
    size_t size;
    struct pail_str line;
    for (int i = 0; i < 4; i++) {
        struct pail_error error = {.sys = 0};
        int r = i == 2   ? pail_body_read_all(body, 100, &all, &size, &error)
                : i == 3 ? pail_body_readline(body, 100, &line, &error)
                         : (int)pail_body_read(body, data, sizeof(data), &error);
        ck_assert_int_eq(r, -ECANCELED);
        ck_assert_int_eq(error.kind, PAIL_ERROR_CANCELLED);
        ck_assert_int_eq(error.sys, ECANCELED);
        ck_assert_str_eq(error.operation, "GetObject");
    }
}

START_TEST(reading_is_cancelled)
{
    struct pail_body *body;
    struct fixture f = open_body(&half, &body);
    char data[100];
    if (_i > 0)
        ck_assert_int_eq(pail_body_read(body, data, 3, NULL), 3);
    pail_client_free(f.client);
    pail_body_set_read_timeout(body, 1000);
    /* What had been read ahead comes first. */
    if (_i > 0)
        ck_assert_int_eq(pail_body_read(body, data, sizeof(data), NULL), 7);
    check_cancelled(body);
    pail_body_set_read_timeout(body, 1000);
    ck_assert(pail_body_readable(body));
    ck_assert_uint_eq(pail_body_tell(body), _i > 0 ? 10 : 0);
    pail_body_free(body);
}
END_TEST

/* One that had ended has still ended. */
START_TEST(an_end_stays)
{
    struct pail_body *body;
    struct fixture f = open_body(&whole, &body);
    char data[100];
    struct pail_error error;
    ck_assert_int_eq(pail_body_read(body, data, sizeof(data), NULL), 10);
    pail_client_free(f.client);
    ck_assert_int_eq(pail_body_read(body, data, sizeof(data), &error), 0);
    ck_assert_int_eq(pail_body_read(body, data, sizeof(data), &error), 0);
    pail_body_free(body);
}
END_TEST

struct back {
    struct pail_buffer buffer;
    char data[4];
    pthread_t thread;
    int order; /* from 1 */
    int status, kind;
    struct pail_body *frees; /* NULL: none */
};

static int backs;

static void come_back(struct pail_buffer *buffer, int status, const struct pail_error *error)
{
    struct back *back = buffer->user;
    back->thread = pthread_self();
    back->order = ++backs;
    back->status = status;
    back->kind = error ? error->kind : 0;
    pail_body_free(back->frees);
}

START_TEST(buffers_come_back_at_once)
{
    enum { COUNT = 3 };
    struct pail_body *body;
    struct fixture f = open_body(&half, &body);
    struct back back[COUNT] = {0};
    pail_client_free(f.client);
    backs = 0;
    for (int i = 0; i < COUNT; i++)
        back[i].buffer = (struct pail_buffer){.data = back[i].data,
                                              .size = sizeof(back[i].data),
                                              .filled = 99,
                                              .done = come_back,
                                              .user = &back[i],
                                              .next = i == 0 ? &back[1].buffer : NULL};
    back[COUNT - 1].frees = body;
    pail_body_post(body, &back[0].buffer);
    ck_assert_int_eq(backs, 2);
    pail_body_post(body, &back[2].buffer);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(back[i].order, i + 1);
        ck_assert_int_eq(back[i].status, -ECANCELED);
        ck_assert_int_eq(back[i].kind, PAIL_ERROR_CANCELLED);
        ck_assert_uint_eq(back[i].buffer.filled, 0);
        ck_assert(pthread_equal(back[i].thread, pthread_self()));
    }
}
END_TEST

/* ---- while the client goes ---- */

enum { ROUNDS = 20 };

struct poster {
    pthread_t thread;
    struct pail_body *body;
    struct pail_buffer buffer;
    char data[2];
    sem_t came, started;
    _Atomic int gone;
    int status;
    unsigned posted, returned;
};

static void returned(struct pail_buffer *buffer, int status, const struct pail_error *error)
{
    struct poster *poster = buffer->user;
    must((status < 0) == (error != NULL), "an error comes with a failure, and only then");
    poster->status = status;
    poster->returned++;
    sem_post(&poster->came);
}

static void *post_on(void *arg)
{
    struct poster *poster = arg;
    sem_post(&poster->started);
    bool last = false;
    while (!last) {
        last = atomic_load(&poster->gone);
        poster->buffer = (struct pail_buffer){.data = poster->data,
                                              .size = sizeof(poster->data),
                                              .least = 1,
                                              .done = returned,
                                              .user = poster};
        poster->posted++;
        pail_body_post(poster->body, &poster->buffer);
        pail_body_set_read_timeout(poster->body, -1);
        while (sem_wait(&poster->came) < 0)
            continue;
    }
    return NULL;
}

/* Each buffer comes back once, whether the net thread saw it or not. */
START_TEST(posts_while_the_client_goes)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct poster poster = {.posted = 0};
        struct fixture f = open_body(&half, &poster.body);
        sem_init(&poster.came, 0, 0);
        sem_init(&poster.started, 0, 0);
        ck_assert_int_eq(thread_start(&poster.thread, "poster", post_on, &poster), 0);
        while (sem_wait(&poster.started) < 0)
            continue;
        for (int turns = 0; turns < i; turns++)
            sched_yield();
        pail_client_free(f.client);
        atomic_store(&poster.gone, 1);
        pthread_join(poster.thread, NULL);
        ck_assert_int_eq(poster.status, -ECANCELED);
        ck_assert_uint_eq(poster.returned, poster.posted);
        pail_body_free(poster.body);
        sem_destroy(&poster.came);
        sem_destroy(&poster.started);
    }
}
END_TEST

SUITE_MAIN("aws/call_body", tcase_add_loop_test(tc, reading_is_cancelled, 0, 2);
           tcase_add_test(tc, an_end_stays); tcase_add_test(tc, buffers_come_back_at_once);
           tcase_add_test(tc, posts_while_the_client_goes));
