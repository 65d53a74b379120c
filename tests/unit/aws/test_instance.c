#include "unit/check.h"

#include "aws/client.h"
#include "peer/peer.h"
#include "unit/aws/environment.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>

#define TOKEN "/latest/api/token"
#define ZONE  "/latest/meta-data/placement/availability-zone/"

static struct peer *peer;

static void start(void)
{
    peer = peer_start();
}

static void stop(void)
{
    peer_stop(peer);
}

/* What was told, and that the asking has ended. */
struct told {
    char region[64];
    sem_t known;
};

static void know(void *user, struct pail_str region)
{
    struct told *told = user;
    str_copy(told->region, sizeof(told->region), region);
    sem_post(&told->known);
}

static struct settings *settings(void)
{
    static const char *env[5];
    env[0] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    env[1] = peer_url(peer);
    env[2] = "HTTP_PROXY"; /* is not asked for what is on this machine */
    env[3] = "http://127.0.0.1:1";
    struct settings *s = NULL;
    ck_assert_int_eq(settings_load(NULL, test_getenv, env, &s, NULL), 0);
    return s;
}

START_TEST(tells_the_region)
{
    CLEANUP(settings) struct settings *s = settings();
    struct told told = {.region = ""};
    struct instance *instance = NULL;
    peer_on(peer, "PUT " TOKEN, PEER_RESPONSE(.body = "the-token"));
    peer_on(peer, "GET " ZONE, PEER_RESPONSE(.body = "eu-west-1b\n"));
    sem_init(&told.known, 0, 0);
    ck_assert_int_eq(instance_ask(s, know, &told, &instance), 0);
    sem_wait(&told.known);
    instance_free(instance);
    ck_assert_str_eq(told.region, "eu-west-1");
    const struct peer_request *request = peer_request_at(peer, NULL, 1);
    ck_assert_str_eq(peer_request_header(request, "x-aws-ec2-metadata-token"), "the-token");
    ck_assert_uint_eq(peer_count(peer, NULL), 2);
    sem_destroy(&told.known);
}
END_TEST

/* What is no region is not told. `requests` are made all the same. */
static const struct {
    struct peer_response token, zone;
    size_t requests;
} silent[] = {
    {{.status = 400}, {.body = "eu-west-1b"}, 1},
    {{.status = 500}, {.body = "eu-west-1b"}, 1},
    {{.fault = {.end = PEER_END_CUT, .in_head = true}}, {.body = "eu-west-1b"}, 1},
    {{.body = "t"}, {.status = 404, .body = "<html>"}, 2},
    {{.body = "t"}, {.body = ""}, 2},
    {{.body = "t"}, {.body = "b"}, 2},
    {{.body = "t"}, {.body = "<html>eu-west-1b"}, 2},
    {{.status = 404}, {.status = 500}, 2},
};

START_TEST(says_nothing_where_there_is_no_region)
{
    CLEANUP(settings) struct settings *s = settings();
    struct told told = {.region = ""};
    struct instance *instance = NULL;
    peer_on(peer, "PUT " TOKEN, &silent[_i].token);
    peer_on(peer, "GET " ZONE, &silent[_i].zone);
    ck_assert_int_eq(instance_ask(s, know, &told, &instance), 0);
    ck_assert(peer_wait_ended(peer, NULL, silent[_i].requests, 10000));
    instance_free(instance);
    ck_assert_str_eq(told.region, "");
    ck_assert_uint_eq(peer_count(peer, NULL), silent[_i].requests);
}
END_TEST

START_TEST(is_ended_while_it_asks)
{
    CLEANUP(settings) struct settings *s = settings();
    struct told told = {.region = ""};
    struct instance *instance = NULL;
    peer_on(peer, "PUT " TOKEN,
            PEER_RESPONSE(.fault = {.end = PEER_END_STALL, .in_head = true}));
    ck_assert_int_eq(instance_ask(s, know, &told, &instance), 0);
    if (_i == 1)
        ck_assert(peer_wait_stalled(peer, 1, 10000));
    instance_free(instance);
    instance_free(NULL);
    ck_assert_str_eq(told.region, "");
}
END_TEST

struct asking {
    struct settings *settings;
    struct told told;
};

static int ask_once(void *user)
{
    struct asking *asking = user;
    struct instance *instance = NULL;
    int r = instance_ask(asking->settings, know, &asking->told, &instance);
    instance_free(instance);
    return r;
}

/* Nobody answers here, as what stands for the instance would want memory too. */
START_TEST(survives_want_of_memory)
{
    struct asking asking = {.settings = settings()};
    peer_listen(peer, false);
    ck_assert_int_gt(alloc_fail_each(ask_once, &asking, 0), 1);
    ck_assert_str_eq(asking.told.region, "");
    settings_free(asking.settings);
}
END_TEST

/* ---- what a client makes of it ---- */

static struct pail_client *client_in(const char *region)
{
    struct pail_client *client = NULL;
    const struct pail_config config = {
        .region = region, .defaults_mode = PAIL_DEFAULTS_AUTO, .no_sign_request = true};
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", peer_url(peer), 1);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    unsetenv("AWS_EXECUTION_ENV");
    ck_assert_int_eq(pail_client_new(&config, &client, NULL), 0);
    return client;
}

START_TEST(in_its_region_a_client_gives_up_sooner)
{
    peer_on(peer, "PUT " TOKEN, PEER_RESPONSE(.body = "t", .fault = {.end = PEER_END_STALL}));
    peer_on(peer, "GET " ZONE, PEER_RESPONSE(.body = "eu-west-1b"));
    struct pail_client *client = client_in("eu-west-1");
    /* Nobody waits for the answer. */
    ck_assert(peer_wait_stalled(peer, 1, 10000));
    ck_assert_int_eq(atomic_load(&client->connect_timeout_ms), 3100);
    peer_release(peer);
    while (atomic_load(&client->connect_timeout_ms) != 1100)
        sched_yield();
    pail_client_free(client);
    ck_assert_uint_eq(peer_count(peer, NULL), 2);
}
END_TEST

START_TEST(elsewhere_it_does_not)
{
    peer_on(peer, "PUT " TOKEN, PEER_RESPONSE(.body = "t"));
    peer_on(peer, "GET " ZONE, PEER_RESPONSE(.body = "eu-west-1b"));
    struct pail_client *client = client_in("eu-west-2");
    ck_assert(peer_wait_ended(peer, NULL, 2, 10000));
    ck_assert_int_eq(atomic_load(&client->connect_timeout_ms), 3100);
    pail_client_free(client);
    ck_assert_uint_eq(peer_count(peer, NULL), 2);
}
END_TEST

SUITE_MAIN("aws/instance", tcase_add_checked_fixture(tc, start, stop);
           tcase_add_test(tc, tells_the_region);
           tcase_add_loop_test(tc, says_nothing_where_there_is_no_region, 0,
                               (int)ARRAY_LEN(silent));
           tcase_add_test(tc, survives_want_of_memory);
           tcase_add_loop_test(tc, is_ended_while_it_asks, 0, 2);
           tcase_add_test(tc, in_its_region_a_client_gives_up_sooner);
           tcase_add_test(tc, elsewhere_it_does_not));
