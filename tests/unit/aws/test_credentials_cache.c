#include "unit/check.h"

#include "aws/credentials.h"
#include "aws/response.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define NOW   INT64_C(1000000)
#define NEVER INT64_MAX

/* A clock that stands where the test puts it. */
static _Atomic int64_t seconds;

static int64_t fake_monotonic(const struct clock *clock)
{
    (void)clock;
    return atomic_load(&seconds) * NS_PER_SEC;
}

static int64_t fake_realtime(const struct clock *clock)
{
    (void)clock;
    return atomic_load(&seconds);
}

static const struct clock fake_clock = {.monotonic_ns = fake_monotonic,
                                        .realtime_s = fake_realtime};

/* A provider that answers what the test says, when the test says. */
struct fake {
    struct credentials_provider base;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned asked;   /* fetches begun */
    unsigned allowed; /* fetches that may end */
    bool cancelled, freed;
    int result;
    const char *key;
    int64_t expires_s;
};

static int fake_fetch(struct credentials_provider *base, struct credentials **ret,
                      struct pail_error *error)
{
    struct fake *f = CONTAINER_OF(base, struct fake, base);
    pthread_mutex_lock(&f->mutex);
    f->asked++;
    pthread_cond_broadcast(&f->changed);
    while (f->allowed < f->asked && !f->cancelled)
        pthread_cond_wait(&f->changed, &f->mutex);
    int r = f->cancelled ? -ECANCELED : f->result;
    if (r == 0)
        *ret = credentials_new(str_c(f->key), PAIL_STR("secret"), str_of(NULL, 0), f->expires_s,
                               f->key);
    else if (r != -ENOENT)
        error_set(error, PAIL_ERROR_CREDENTIALS, -r, "the fake fails");
    pthread_mutex_unlock(&f->mutex);
    return r;
}

static void fake_cancel(struct credentials_provider *base)
{
    struct fake *f = CONTAINER_OF(base, struct fake, base);
    pthread_mutex_lock(&f->mutex);
    f->cancelled = true;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->mutex);
}

static void fake_free(struct credentials_provider *base)
{
    CONTAINER_OF(base, struct fake, base)->freed = true;
}

static void wait_asked(struct fake *f, unsigned count)
{
    pthread_mutex_lock(&f->mutex);
    while (f->asked < count)
        pthread_cond_wait(&f->changed, &f->mutex);
    pthread_mutex_unlock(&f->mutex);
}

/* The next fetch may end, like this. */
static void answer(struct fake *f, int result, const char *key, int64_t expires_s)
{
    pthread_mutex_lock(&f->mutex);
    f->result = result;
    f->key = key;
    f->expires_s = expires_s;
    f->allowed++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->mutex);
}

/* The asker: this thread. */
static struct fake fake;
static struct mailbox *mailbox;
static struct credentials_cache *cache;

static void post(void *user, struct message *message)
{
    mailbox_post(user, message);
}

static void set_up(void)
{
    atomic_store(&seconds, NOW);
    fake = (struct fake){
        .base = {
            .name = "fake", .fetch = fake_fetch, .cancel = fake_cancel, .free = fake_free}};
    pthread_mutex_init(&fake.mutex, NULL);
    pthread_cond_init(&fake.changed, NULL);
    mailbox = mailbox_new();
    cache = credentials_cache_new(&fake.base, &fake_clock, post, mailbox);
    ck_assert_ptr_nonnull(cache);
}

static void tear_down(void)
{
    credentials_cache_stop(cache);
    mailbox_deliver(mailbox);
    credentials_cache_free(cache);
    ck_assert(fake.freed);
    mailbox_free(mailbox);
    pthread_cond_destroy(&fake.changed);
    pthread_mutex_destroy(&fake.mutex);
}

struct asked {
    struct credentials_request request;
    unsigned calls;
    int status;
    char key[32];
    struct pail_error error;
    struct asked *ask_next, *cancel_next; /* from inside ready */
};

static void ready(struct credentials_request *request, int status,
                  const struct credentials *credentials, const struct pail_error *error)
{
    struct asked *a = CONTAINER_OF(request, struct asked, request);
    a->calls++;
    a->status = status;
    str_copy(a->key, sizeof(a->key), str_c(credentials ? credentials->access_key_id : ""));
    if (error)
        a->error = *error;
    if (a->cancel_next)
        credentials_cancel(cache, &a->cancel_next->request);
    if (a->ask_next)
        credentials_get(cache, &a->ask_next->request);
}

#define ASKED                                                                                  \
    {                                                                                          \
        .request.ready = ready                                                                 \
    }

static void check_key(const struct asked *a, const char *key)
{
    ck_assert_uint_eq(a->calls, 1);
    ck_assert_int_eq(a->status, 0);
    ck_assert_str_eq(a->key, key);
}

/* Asks, and expects the answer from inside the call. */
static void check_now(const char *key)
{
    struct asked a = ASKED;
    credentials_get(cache, &a.request);
    check_key(&a, key);
}

static void deliver(void)
{
    ck_assert_uint_gt(mailbox_wait(mailbox, -1), 0);
}

/* Brings the first credentials. */
static void begin(const char *key, int64_t expires_s)
{
    struct asked a = ASKED;
    answer(&fake, 0, key, expires_s);
    credentials_get(cache, &a.request);
    ck_assert_uint_eq(a.calls, 0);
    deliver();
    check_key(&a, key);
}

START_TEST(one_fetch_for_all)
{
    set_up();
    ck_assert_str_eq(credentials_source(cache), "none");
    struct asked a = ASKED, b = ASKED, c = ASKED;
    credentials_get(cache, &a.request);
    credentials_get(cache, &b.request);
    wait_asked(&fake, 1);
    credentials_get(cache, &c.request);
    credentials_cancel(cache, &b.request);
    credentials_cancel(cache, &b.request);
    ck_assert_uint_eq(a.calls + b.calls + c.calls, 0);
    answer(&fake, 0, "one", NEVER);
    deliver();
    check_key(&a, "one");
    check_key(&c, "one");
    ck_assert_uint_eq(b.calls, 0);
    ck_assert_str_eq(credentials_source(cache), "one");
    atomic_fetch_add(&seconds, INT64_C(100) * 365 * 86400);
    check_now("one");
    ck_assert_uint_eq(fake.asked, 1);
    tear_down();
}
END_TEST

START_TEST(refreshes_ahead)
{
    set_up();
    begin("one", NOW + 3600);
    atomic_store(&seconds, NOW + 3600 - 901);
    check_now("one");
    ck_assert_uint_eq(fake.asked, 1);
    /* In the last fifteen minutes nobody waits. */
    atomic_store(&seconds, NOW + 3600 - 899);
    check_now("one");
    wait_asked(&fake, 2);
    check_now("one");
    answer(&fake, 0, "two", NOW + 7200);
    deliver();
    check_now("two");
    ck_assert_str_eq(credentials_source(cache), "two");
    ck_assert_uint_eq(fake.asked, 2);
    tear_down();
}
END_TEST

START_TEST(waits_in_the_last_minutes)
{
    set_up();
    begin("one", NOW + 3600);
    atomic_store(&seconds, NOW + 3600 - 599);
    struct asked a = ASKED;
    credentials_get(cache, &a.request);
    ck_assert_uint_eq(a.calls, 0);
    answer(&fake, 0, "two", NOW + 7200);
    deliver();
    check_key(&a, "two");
    tear_down();
}
END_TEST

START_TEST(uses_old_ones_while_they_last)
{
    set_up();
    begin("one", NOW + 3600);
    atomic_store(&seconds, NOW + 3600 - 800);
    check_now("one");
    answer(&fake, -EACCES, NULL, 0);
    deliver();
    check_now("one");
    ck_assert_uint_eq(fake.asked, 2); /* a failed refresh pauses for a minute */
    atomic_store(&seconds, NOW + 3600 - 500);
    struct asked a = ASKED;
    credentials_get(cache, &a.request);
    answer(&fake, -EACCES, NULL, 0);
    deliver();
    check_key(&a, "one");
    check_now("one");
    ck_assert_uint_eq(fake.asked, 3);
    /* Expired, they are of no use. */
    atomic_store(&seconds, NOW + 3600);
    struct asked b = ASKED;
    credentials_get(cache, &b.request);
    answer(&fake, -EACCES, NULL, 0);
    deliver();
    ck_assert_uint_eq(b.calls, 1);
    ck_assert_int_eq(b.status, -EACCES);
    ck_assert_int_eq(b.error.kind, PAIL_ERROR_CREDENTIALS);
    ck_assert_str_eq(b.error.message, "the fake fails");
    tear_down();
}
END_TEST

START_TEST(refuses_expired_ones)
{
    set_up();
    struct asked a = ASKED;
    answer(&fake, 0, "old", NOW);
    credentials_get(cache, &a.request);
    deliver();
    ck_assert_int_eq(a.status, -EACCES);
    ck_assert_int_eq(a.error.kind, PAIL_ERROR_CREDENTIALS);
    ck_assert_str_eq(a.error.message, "the credentials from old have expired");
    ck_assert_str_eq(credentials_source(cache), "none");
    tear_down();
}
END_TEST

START_TEST(none_at_all)
{
    set_up();
    struct asked a = ASKED;
    answer(&fake, -ENOENT, NULL, 0);
    credentials_get(cache, &a.request);
    deliver();
    ck_assert_int_eq(a.status, -EACCES);
    ck_assert_int_eq(a.error.kind, PAIL_ERROR_NO_CREDENTIALS);
    /* The next one asks again. */
    begin("one", NEVER);
    tear_down();
}
END_TEST

START_TEST(fetches_anew_when_refused)
{
    set_up();
    begin("one", NEVER);
    credentials_invalidate(cache);
    begin("two", NEVER);
    check_now("two");
    /* If no others are to be had the old ones are not used. */
    credentials_invalidate(cache);
    struct asked a = ASKED;
    credentials_get(cache, &a.request);
    answer(&fake, -EACCES, NULL, 0);
    deliver();
    ck_assert_int_eq(a.status, -EACCES);
    tear_down();
}
END_TEST

START_TEST(refused_during_a_fetch)
{
    set_up();
    begin("one", NOW + 3600);
    atomic_store(&seconds, NOW + 3600 - 700);
    check_now("one");
    wait_asked(&fake, 2);
    credentials_invalidate(cache);
    struct asked a = ASKED;
    credentials_get(cache, &a.request);
    answer(&fake, 0, "one", NOW + 3600); /* the ones that were refused */
    deliver();
    ck_assert_uint_eq(a.calls, 0);
    answer(&fake, 0, "two", NOW + 7200);
    deliver();
    check_key(&a, "two");
    ck_assert_uint_eq(fake.asked, 3);
    tear_down();
}
END_TEST

START_TEST(asks_from_inside_ready)
{
    set_up();
    struct asked a = ASKED, b = ASKED, c = ASKED, d = ASKED;
    a.ask_next = &c;
    a.cancel_next = &b;

    credentials_get(cache, &a.request);
    credentials_get(cache, &b.request);
    credentials_get(cache, &d.request);
    answer(&fake, 0, "one", NEVER);
    deliver();
    check_key(&a, "one");
    check_key(&c, "one");
    check_key(&d, "one");
    ck_assert_uint_eq(b.calls, 0);
    tear_down();

    /* After a failure the question from inside is the next turn's. */
    set_up();
    struct asked first = ASKED, second = ASKED;
    first.ask_next = &second;
    credentials_get(cache, &first.request);
    answer(&fake, -EACCES, NULL, 0);
    deliver();
    ck_assert_uint_eq(first.calls, 1);
    ck_assert_uint_eq(second.calls, 0);
    answer(&fake, 0, "one", NEVER);
    deliver();
    check_key(&second, "one");
    tear_down();
}
END_TEST

START_TEST(stops_while_fetching)
{
    set_up();
    struct asked a = ASKED, b = ASKED;
    credentials_get(cache, &a.request);
    wait_asked(&fake, 1);
    credentials_cancel(cache, &a.request);
    credentials_cache_stop(cache); /* would wait for ever if it did not cancel */
    credentials_cache_stop(cache);
    credentials_get(cache, &b.request);
    ck_assert_int_eq(b.status, -ECANCELED);
    ck_assert_int_eq(b.error.kind, PAIL_ERROR_CANCELLED);
    ck_assert_uint_eq(a.calls, 0);
    tear_down();

    /* An answer that is never delivered is released all the same. */
    set_up();
    struct asked c = ASKED;
    answer(&fake, 0, "one", NEVER);
    credentials_get(cache, &c.request);
    wait_asked(&fake, 1);
    credentials_cancel(cache, &c.request);
    credentials_cache_stop(cache);
    credentials_cache_free(cache);
    mailbox_free(mailbox);
    credentials_cache_free(NULL);
}
END_TEST

static int make_once(void *user)
{
    struct fake *given = user;
    given->freed = false;
    struct credentials_cache *made =
        credentials_cache_new(&given->base, &fake_clock, post, mailbox);
    int r = made ? 0 : -errno;
    credentials_cache_free(made);
    return given->freed ? r : -EIO;
}

START_TEST(is_made_or_not)
{
    set_up();
    struct fake given = {
        .base = {
            .name = "given", .fetch = fake_fetch, .cancel = fake_cancel, .free = fake_free}};
    pthread_mutex_init(&given.mutex, NULL);
    pthread_cond_init(&given.changed, NULL);
    ck_assert_int_gt(alloc_fail_each(make_once, &given, 0), 1);
    pthread_cond_destroy(&given.changed);
    pthread_mutex_destroy(&given.mutex);
    tear_down();
}
END_TEST

SUITE_MAIN("aws/credentials_cache", tcase_add_test(tc, one_fetch_for_all);
           tcase_add_test(tc, refreshes_ahead); tcase_add_test(tc, waits_in_the_last_minutes);
           tcase_add_test(tc, uses_old_ones_while_they_last);
           tcase_add_test(tc, refuses_expired_ones); tcase_add_test(tc, none_at_all);
           tcase_add_test(tc, fetches_anew_when_refused);
           tcase_add_test(tc, refused_during_a_fetch);
           tcase_add_test(tc, asks_from_inside_ready); tcase_add_test(tc, stops_while_fetching);
           tcase_add_test(tc, is_made_or_not));
