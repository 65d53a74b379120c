/* The transport's timeouts, its limits, many exchanges at a time, and its end. */
#include "http/curl_exchange.h"
#include "unit/check.h"
#include "unit/http/curl_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT_MS 1000 /* the read timeout, by the fake clock */
#define MANY       200

static struct fetch_clock fake;

static void setup(void)
{
    curl_rig_setup();
    fetch_clock_init(&fake);
    curl_rig_use((struct curl_options){.clock = &fake.clock});
}

static void begin(struct fetch *f, const char *path)
{
    curl_rig_begin(f, "GET", path);
    f->request.read_timeout_ms = TIMEOUT_MS;
}

static void expect_timeout(struct fetch *f)
{
    fetch_wait(f);
    ck_assert_msg(f->result.kind == PAIL_ERROR_READ_TIMEOUT && f->result.sys == ETIMEDOUT, "%s",
                  f->result.message);
    ck_assert_uint_eq(f->ends, 1);
}

/* ---- the read timeout ---- */

static const struct {
    struct peer_fault fault;
    size_t body; /* that arrives before */
} stalls[] = {
    {{.end = PEER_END_STALL, .in_head = true}, 0},
    {{.end = PEER_END_STALL, .in_head = true, .after = 20}, 0},
    {{.end = PEER_END_STALL}, 0},
    {{.end = PEER_END_STALL, .after = 100}, 100},
    {{.end = PEER_END_STALL, .after = 70000}, 70000},
};

START_TEST(times_out)
{
    peer_on(curl_peer, "GET /s", PEER_RESPONSE(.body_len = 1000000, .fault = stalls[_i].fault));
    struct fetch f;
    begin(&f, "/s");
    fetch_start(&f);
    ck_assert(peer_wait_stalled(curl_peer, 1, FETCH_WAIT_MS));
    fetch_wait_body(&f, stalls[_i].body);
    if (stalls[_i].body > 0) { /* else the head may still be under way */
        fetch_clock_advance(&fake, transport, TIMEOUT_MS - 1);
        ck_assert_uint_eq(fetch_ends(&f), 0);
    }
    fetch_clock_advance(&fake, transport, 2 * TIMEOUT_MS);
    while (stalls[_i].body == 0 && fetch_ends(&f) == 0)
        fetch_clock_advance(&fake, transport, TIMEOUT_MS);
    expect_timeout(&f);
    ck_assert_uint_eq(f.result.body_bytes, stalls[_i].body);
    ck_assert(peer_wait_connections(curl_peer, 0, FETCH_WAIT_MS));
    fetch_done(&f);
}
END_TEST

/* Bytes that come one by one, each just in time. */
START_TEST(a_trickle_is_no_timeout)
{
    peer_on(curl_peer, "GET /t",
            PEER_RESPONSE(.body_len = 20, .fault = {.piece = 1, .piece_delay_ms = 1}));
    struct fetch f;
    begin(&f, "/t");
    f.clock = &fake;
    f.clock_step_ns = (TIMEOUT_MS - 1) * NS_PER_MS;
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
    ck_assert_uint_eq(f.body.len, 20);
    fetch_done(&f);
}
END_TEST

START_TEST(a_pause_does_not_count)
{
    peer_on(curl_peer, "GET /p",
            PEER_RESPONSE(.body_len = 200, .fault = {.end = PEER_END_STALL, .after = 100}));
    struct fetch f;
    begin(&f, "/p");
    f.take = 10;
    fetch_start(&f);
    fetch_wait_pauses(&f, 1);
    for (int i = 0; i < 10; i++)
        fetch_clock_advance(&fake, transport, TIMEOUT_MS);
    ck_assert_uint_eq(fetch_ends(&f), 0);
    fetch_resume(&f, SIZE_MAX);
    fetch_wait_body(&f, 100);
    fetch_clock_advance(&fake, transport, TIMEOUT_MS - 1);
    fetch_clock_advance(&fake, transport, 0);
    ck_assert_uint_eq(fetch_ends(&f), 0);
    fetch_clock_advance(&fake, transport, 1);
    expect_timeout(&f);
    fetch_done(&f);
}
END_TEST

START_TEST(the_timeout_changes_at_once)
{
    peer_on(curl_peer, "GET /p",
            PEER_RESPONSE(.body_len = 200, .fault = {.end = PEER_END_STALL, .after = 100}));
    struct fetch f;
    begin(&f, "/p");
    f.request.read_timeout_ms = -1;
    fetch_start(&f);
    fetch_wait_body(&f, 100);
    fetch_clock_advance(&fake, transport, 1000000);
    fetch_clock_advance(&fake, transport, 0);
    ck_assert_uint_eq(fetch_ends(&f), 0);
    fetch_set_read_timeout(&f, 50);
    fetch_clock_advance(&fake, transport, 49);
    fetch_clock_advance(&fake, transport, 0);
    ck_assert_uint_eq(fetch_ends(&f), 0);
    fetch_set_read_timeout(&f, 100);
    fetch_clock_advance(&fake, transport, 99);
    fetch_clock_advance(&fake, transport, 0);
    ck_assert_uint_eq(fetch_ends(&f), 0);
    fetch_clock_advance(&fake, transport, 1);
    expect_timeout(&f);
    fetch_done(&f);
}
END_TEST

/* A server that reads nothing of a large body: what the kernels take is sent, then nothing
 * moves. */
START_TEST(sending_times_out)
{
    peer_set_accept(curl_peer, PEER_ACCEPT_DEAF, 0);
    struct fetch f;
    begin(&f, "/u");
    f.request.method = "PUT";
    char *data = calloc(1, 32 << 20);
    ck_assert_ptr_nonnull(data);
    fetch_body(&f, data, 32 << 20);
    free(data);
    fetch_start(&f);
    while (fetch_ends(&f) == 0)
        fetch_clock_advance(&fake, transport, TIMEOUT_MS / 2);
    expect_timeout(&f);
    fetch_done(&f);
}
END_TEST

/* ---- limits ---- */

/* Waiting for one of max_connections is no part of connecting. */
START_TEST(waiting_is_not_connecting)
{
    curl_rig_use((struct curl_options){.max_connections = 1});
    peer_on(curl_peer, "GET /slow", PEER_RESPONSE(.body = "x", .fault = {.delay_ms = 150}));
    struct fetch f[3];
    for (size_t i = 0; i < ARRAY_LEN(f); i++) {
        begin(&f[i], "/slow");
        f[i].request.connect_timeout_ms = 50;
        fetch_start(&f[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(f); i++) {
        fetch_wait(&f[i]);
        ck_assert_msg(f[i].result.kind == PAIL_ERROR_NONE, "%zu: %s", i, f[i].result.message);
        fetch_done(&f[i]);
    }
    ck_assert_uint_eq(peer_connections(curl_peer), 1);
}
END_TEST

static void check_sockets(void *user)
{
    struct curl_transport *t = CONTAINER_OF(transport, struct curl_transport, transport);
    size_t *ret = user;
    *ret = 0;
    for (size_t i = 0; i < t->sockets.count; i++) {
        const struct curl_socket *slot = &t->sockets.slots[i];
        if (slot->exchange)
            abort(); /* of an exchange that has ended */
        if (slot->connection && fcntl((int)i, F_GETFD) != FD_CLOEXEC)
            abort();
        *ret += slot->connection;
    }
    if (*ret != t->sockets.connections)
        abort();
}

/* Whoever waits for a connection gets that of one that has stalled; of a POST nobody knows what
 * it has done. */
START_TEST(the_stalled_give_way)
{
    curl_rig_use((struct curl_options){.max_connections = 2, .clock = &fake.clock});
    peer_on(curl_peer, "* /s",
            PEER_RESPONSE(.body_len = 200, .fault = {.end = PEER_END_STALL, .after = 100}));
    peer_on(curl_peer, "GET /w", PEER_RESPONSE(.body = "hello"));
    struct fetch post, stalled, waits;
    begin(&post, "/s");
    post.request.method = "POST";
    fetch_body(&post, "x", 1);
    begin(&stalled, "/s");
    begin(&waits, "/w");
    post.request.read_timeout_ms = stalled.request.read_timeout_ms =
        waits.request.read_timeout_ms = 20 * PATIENCE_MS;
    fetch_start(&post);
    fetch_start(&stalled);
    fetch_wait_body(&post, 100);
    fetch_wait_body(&stalled, 100);
    fetch_clock_advance(&fake, transport, 2 * PATIENCE_MS);
    ck_assert_uint_eq(fetch_ends(&stalled), 0);
    fetch_start(&waits);
    fetch_wait(&waits);
    ck_assert_int_eq(waits.result.kind, PAIL_ERROR_NONE);
    ck_assert_uint_eq(waits.body.len, 5);
    expect_timeout(&stalled);
    ck_assert_uint_eq(fetch_ends(&post), 0);
    fetch_cancel(&post);
    fetch_done(&post);
    fetch_done(&stalled);
    fetch_done(&waits);
}
END_TEST

/* Not before it has had its time. */
START_TEST(the_stalled_have_time)
{
    curl_rig_use((struct curl_options){.max_connections = 1, .clock = &fake.clock});
    peer_on(curl_peer, "GET /s",
            PEER_RESPONSE(.body_len = 200, .fault = {.end = PEER_END_STALL, .after = 100}));
    peer_on(curl_peer, "GET /w", PEER_RESPONSE(.body = "hello"));
    struct fetch stalled, waits;
    begin(&stalled, "/s");
    begin(&waits, "/w");
    stalled.request.read_timeout_ms = waits.request.read_timeout_ms = 20 * PATIENCE_MS;
    fetch_start(&stalled);
    fetch_wait_body(&stalled, 100);
    fetch_start(&waits);
    for (int ms = 0; ms + 100 < PATIENCE_MS; ms += 100)
        fetch_clock_advance(&fake, transport, 100);
    ck_assert_uint_eq(fetch_ends(&stalled), 0);
    fetch_clock_advance(&fake, transport, 200);
    fetch_wait(&waits);
    expect_timeout(&stalled);
    fetch_done(&stalled);
    fetch_done(&waits);
}
END_TEST

START_TEST(many_at_a_time)
{
    curl_rig_use((struct curl_options){.max_connections = _i ? 20 : 0});
    peer_on(curl_peer, "GET /m",
            PEER_RESPONSE(.seed = 9, .body_len = 30000,
                          .fault = {.delay_ms = 5, .body_delay_ms = 1}));
    static struct fetch f[MANY];
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < MANY; i++) {
            begin(&f[i], "/m");
            f[i].request.read_timeout_ms = FETCH_WAIT_MS;
            fetch_start(&f[i]);
        }
        for (size_t i = 0; i < MANY; i++) {
            fetch_wait(&f[i]);
            ck_assert_msg(f[i].result.kind == PAIL_ERROR_NONE, "%zu: %s", i,
                          f[i].result.message);
            ck_assert_uint_eq(f[i].body.len, 30000);
            ck_assert(peer_check(9, 0, f[i].body.data, f[i].body.len, NULL));
            fetch_done(&f[i]);
        }
    }
    ck_assert_uint_le(peer_connections(curl_peer), _i ? 20 : MANY);
    size_t connections = 0;
    fetch_call(transport, check_sockets, &connections);
    ck_assert_uint_eq(connections, peer_open_connections(curl_peer));
}
END_TEST

static void ask_quickack(void *user)
{
    struct curl_transport *t = CONTAINER_OF(transport, struct curl_transport, transport);
    int *ret = user;
    for (size_t i = 0; i < t->sockets.count; i++) {
        socklen_t len = sizeof(*ret);
        if (t->sockets.slots[i].connection)
            getsockopt((int)i, IPPROTO_TCP, TCP_QUICKACK, ret, &len);
    }
}

/* On a connection that is used again the kernel would delay its acknowledgement of the head. */
START_TEST(acknowledges_the_head_at_once)
{
    peer_on(curl_peer, "GET /q", PEER_RESPONSE(.body = "hello"));
    for (int i = 0; i < 3; i++) {
        struct fetch f;
        begin(&f, "/q");
        f.take = 0;
        fetch_start(&f);
        fetch_wait_pauses(&f, 1);
        int quickack = -1;
        fetch_call(transport, ask_quickack, &quickack);
        ck_assert_int_eq(quickack, 1);
        fetch_resume(&f, SIZE_MAX);
        fetch_wait(&f);
        fetch_done(&f);
    }
    ck_assert_uint_eq(peer_connections(curl_peer), 1);
}
END_TEST

/* ---- from inside callbacks ---- */

struct chain {
    struct fetch *f;
    struct http_exchange *victim;
    unsigned ends;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
};

static int chain_head(void *user, const struct http_head *head)
{
    (void)user;
    (void)head;
    return 0;
}

static ssize_t chain_body(void *user, const char *data, size_t len)
{
    struct chain *chain = user;
    (void)data;
    if (chain->victim) {
        http_cancel(transport, chain->victim);
        chain->victim = NULL;
    }
    return (ssize_t)len;
}

static void chain_end(void *user, const struct http_result *result);

static const struct http_handler chain_handler = {chain_head, chain_body, chain_end};

static void chain_start(void *user)
{
    struct chain *chain = user;
    struct http_exchange *x;
    if (http_start(transport, &chain->f->request, &chain_handler, chain, &x) < 0)
        abort();
}

static void chain_end(void *user, const struct http_result *result)
{
    struct chain *chain = user;
    if (result->kind != PAIL_ERROR_NONE)
        abort();
    pthread_mutex_lock(&chain->mutex);
    bool last = ++chain->ends == 50;
    pthread_cond_signal(&chain->changed);
    pthread_mutex_unlock(&chain->mutex);
    if (!last)
        chain_start(chain);
}

/* Each end starts the next; a body callback cancels another exchange. */
START_TEST(starts_and_cancels_inside_callbacks)
{
    curl_rig_use((struct curl_options){.max_connections = 2});
    peer_on(curl_peer, "GET /c", PEER_RESPONSE(.body = "x"));
    peer_on(curl_peer, "GET /stall",
            PEER_RESPONSE(.body = "x", .fault = {.end = PEER_END_STALL}));
    struct fetch victim, f;
    begin(&victim, "/stall");
    fetch_start(&victim);
    ck_assert(peer_wait_stalled(curl_peer, 1, FETCH_WAIT_MS));
    begin(&f, "/c");
    struct chain chain = {.f = &f, .victim = victim.exchange};
    pthread_mutex_init(&chain.mutex, NULL);
    pthread_cond_init(&chain.changed, NULL);
    fetch_call(transport, chain_start, &chain);
    pthread_mutex_lock(&chain.mutex);
    while (chain.ends < 50)
        pthread_cond_wait(&chain.changed, &chain.mutex);
    pthread_mutex_unlock(&chain.mutex);
    ck_assert_uint_eq(victim.ends, 0);
    ck_assert_uint_eq(peer_connections(curl_peer), 2);
    fetch_done(&victim);
    fetch_done(&f);
}
END_TEST

/* ---- the end ---- */

START_TEST(freeing_ends_everything)
{
    curl_rig_use((struct curl_options){.max_connections = 3});
    peer_on(curl_peer, "GET /stall",
            PEER_RESPONSE(.body = "x", .fault = {.end = PEER_END_STALL}));
    peer_on(curl_peer, "GET /large", PEER_RESPONSE(.body_len = 10000000));
    struct fetch f[5];
    static const char *const paths[] = {"/stall", "/large", "/large", "/stall", "/stall"};
    for (size_t i = 0; i < ARRAY_LEN(f); i++) {
        begin(&f[i], paths[i]);
        f[i].take = 1;
        fetch_start(&f[i]);
    }
    fetch_wait_pauses(&f[1], 1);
    fetch_wait_pauses(&f[2], 1);
    fetch_cancel(&f[2]);
    transport_free(transport);
    transport = NULL;
    for (size_t i = 0; i < ARRAY_LEN(f); i++) {
        ck_assert_uint_eq(f[i].ends, i == 2 ? 0 : 1);
        ck_assert(i == 2 ||
                  (f[i].result.kind == PAIL_ERROR_CANCELLED && f[i].result.sys == ECANCELED));
        fetch_done(&f[i]);
    }
    ck_assert(peer_wait_connections(curl_peer, 0, FETCH_WAIT_MS));
}
END_TEST

struct last_word {
    struct message message;
    struct fetch *f;
    int start_error;
    bool delivered;
};

static void deliver_last_word(struct message *message)
{
    CONTAINER_OF(message, struct last_word, message)->delivered = true;
}

static void post_last_word(void *user, const struct http_result *result)
{
    struct last_word *word = user;
    struct http_exchange *x;
    (void)result;
    word->start_error = http_start(transport, &word->f->request, &chain_handler, word, &x);
    transport_post(transport, &word->message);
}

static void start_last_word(void *user)
{
    static const struct http_handler handler = {chain_head, chain_body, post_last_word};
    struct last_word *word = user;
    struct http_exchange *x;
    if (http_start(transport, &word->f->request, &handler, word, &x) < 0)
        abort();
}

START_TEST(freeing_delivers_what_was_posted)
{
    struct fetch f;
    begin(&f, "/none");
    struct last_word word = {.message.deliver = deliver_last_word, .f = &f};
    peer_on(curl_peer, "GET /none",
            PEER_RESPONSE(.fault = {.end = PEER_END_STALL, .in_head = true}));
    fetch_call(transport, start_last_word, &word);
    transport_free(transport);
    transport = NULL;
    ck_assert(word.delivered);
    ck_assert_int_eq(word.start_error, -ECANCELED);
    fetch_done(&f);
}
END_TEST

static void start_without_memory(void *user)
{
    struct fetch *f = user;
    long count = 0;
    int r;
    do {
        alloc_fail_after(count++);
        r = http_start(transport, &f->request, &chain_handler, f, &f->exchange);
        alloc_fail_after(-1);
        if (r != 0 && r != -ENOMEM)
            abort();
    } while (r < 0);
    http_cancel(transport, f->exchange);
    f->start_error = (int)count;
}

START_TEST(starting_survives_lack_of_memory)
{
    struct fetch f;
    begin(&f, "/x");
    fetch_header(&f, "a", "b");
    fetch_body(&f, "body", 4);
    fetch_call(transport, start_without_memory, &f);
    ck_assert_int_gt(f.start_error, 3);
    fetch_done(&f);
}
END_TEST

START_TEST(making_survives_lack_of_memory)
{
    static const struct curl_options options = {.ca_bundle = "a",
                                                .http_proxy = "d",
                                                .https_proxy = "e",
                                                .no_proxy = "b",
                                                .user_agent = "c"};
    long count = 0;
    int r;
    do {
        struct transport *t = NULL;
        alloc_fail_after(count++);
        r = curl_transport_new(&options, &t);
        alloc_fail_after(-1);
        ck_assert(r == 0 || (r == -ENOMEM && !t));
        transport_free(t);
    } while (r < 0);
    ck_assert_int_gt(count, 5);
}
END_TEST

SUITE_MAIN("http/curl_limits", tcase_add_checked_fixture(tc, setup, curl_rig_teardown);
           tcase_add_loop_test(tc, times_out, 0, (int)ARRAY_LEN(stalls));
           tcase_add_test(tc, a_trickle_is_no_timeout);
           tcase_add_test(tc, a_pause_does_not_count);
           tcase_add_test(tc, the_timeout_changes_at_once);
           tcase_add_test(tc, sending_times_out); tcase_add_test(tc, waiting_is_not_connecting);
           tcase_add_test(tc, the_stalled_give_way); tcase_add_test(tc, the_stalled_have_time);
           tcase_add_loop_test(tc, many_at_a_time, 0, 2);
           tcase_add_test(tc, acknowledges_the_head_at_once);
           tcase_add_test(tc, starts_and_cancels_inside_callbacks);
           tcase_add_test(tc, freeing_ends_everything);
           tcase_add_test(tc, freeing_delivers_what_was_posted);
           tcase_add_test(tc, starting_survives_lack_of_memory);
           tcase_add_test(tc, making_survives_lack_of_memory));
