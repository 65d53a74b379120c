/* peer_proxy between a client and the scripted peer. */
#include "peer/peer.h"

#include "suite.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BODY_LEN 5000
#define ARGS_MAX 8
#define LONG_LEN (1024 * 1024)
#define FULL_LEN (12 * LONG_LEN) /* more than the sockets of a client hold that reads nothing  \
                                  */
#define ANSWER_MAX (2 * FULL_LEN)

static struct peer *peer;
static pid_t proxy;
static FILE *output; /* the proxy's */
static unsigned port;
static char counts[4096];
static char answer[ANSWER_MAX];
static const char *body;
static size_t body_len;

static void start(const char *const *args)
{
    int ends[2];
    char server[64];
    const char *argv[ARGS_MAX + 3] = {PEER_PROXY_BIN, "--die-with-parent"};
    size_t count = 2;
    while (args && *args)
        argv[count++] = *args++;
    (void)snprintf(server, sizeof(server), "127.0.0.1:%u", peer_port(peer));
    argv[count] = server;
    ck_assert_int_eq(pipe(ends), 0);
    proxy = fork();
    ck_assert_int_ge(proxy, 0);
    if (proxy == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execv(PEER_PROXY_BIN, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    (void)close(ends[1]);
    output = fdopen(ends[0], "r");
    ck_assert_int_eq(fscanf(output, "%u%*c", &port), 1);
}

/* End the proxy and take its counts. */
static void stop(void)
{
    int status;
    (void)kill(proxy, SIGTERM);
    ck_assert_ptr_nonnull(fgets(counts, sizeof(counts), output));
    ck_assert_int_eq(waitpid(proxy, &status, 0), proxy);
    ck_assert_int_eq(status, 0);
    (void)fclose(output);
}

static void setup(void)
{
    peer = peer_start();
    peer_on(peer, "* /counted", PEER_RESPONSE(.seed = 1, .body_len = BODY_LEN));
    peer_on(
        peer, "* /chunked",
        PEER_RESPONSE(.seed = 1, .body_len = BODY_LEN, .framing = PEER_CHUNKED, .chunk = 700));
    peer_on(peer, "* /closed",
            PEER_RESPONSE(.seed = 1, .body_len = BODY_LEN, .framing = PEER_CLOSE));
    peer_on(peer, "* /early",
            PEER_RESPONSE(.seed = 1, .body_len = BODY_LEN, .fault = {.interim = 103}));
}

static void teardown(void)
{
    peer_stop(peer);
}

/* Ask on a connection of its own, which is returned. */
static int ask_only(const char *method, const char *target)
{
    char request[512];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 10};
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    int len =
        snprintf(request, sizeof(request),
                 "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", method, target);
    /* A proxy whose server is gone may close before it is asked. */
    ssize_t sent = send(fd, request, (size_t)len, MSG_NOSIGNAL);
    ck_assert(sent == len || errno == EPIPE || errno == ECONNRESET);
    return fd;
}

/* Wait for the end of the answer; its status, 0 without a head. */
static int take_answer(int fd)
{
    size_t n = 0;
    ssize_t got;
    while ((got = recv(fd, answer + n, sizeof(answer) - 1 - n, 0)) > 0)
        n += (size_t)got;
    (void)close(fd);
    answer[n] = '\0';
    char *end = memmem(answer, n, "\r\n\r\n", 4);
    body = end ? end + 4 : answer;
    body_len = end ? n - (size_t)(body - answer) : 0;
    int status = 0;
    (void)sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

static int ask(const char *method, const char *target)
{
    return take_answer(ask_only(method, target));
}

static bool counted(const char *text)
{
    return strstr(counts, text) != NULL;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

START_TEST(requests_are_forwarded_and_counted)
{
    start(NULL);
    ck_assert_int_eq(ask("GET", "/counted"), 200);
    ck_assert_uint_eq(body_len, BODY_LEN);
    ck_assert(peer_check(1, 0, body, body_len, NULL));
    ck_assert_int_eq(ask("GET", "/counted?x-id=GetObject"), 200);
    ck_assert_int_eq(ask("GET", "/counted?list-type=2&prefix=a"), 200);
    ck_assert_int_eq(ask("HEAD", "/counted"), 200);
    ck_assert_uint_eq(body_len, 0);
    ck_assert_int_eq(ask("GET", "/chunked"), 200);
    ck_assert_uint_gt(body_len, BODY_LEN);
    ck_assert_int_eq(ask("GET", "/closed"), 200);
    ck_assert(peer_check(1, 0, body, body_len, NULL));
    ck_assert_int_eq(ask("GET", "/early"), 103);
    ck_assert_int_eq(ask("GET", "/none"), 404);
    stop();
    ck_assert_str_eq(counted("\"total\": 8") ? "" : counts, "");
    ck_assert(counted("\"GET\": 6, \"LIST\": 1, \"HEAD\": 1, \"PUT\": 0, \"other\": 0"));
    ck_assert(
        counted("\"none\": 0, \"1xx\": 1, \"2xx\": 7, \"3xx\": 0, \"4xx\": 1, \"5xx\": 0"));
    ck_assert(counted("\"connections\": 8"));
    ck_assert(counted("\"in_flight\": 0, \"in_flight_peak\": 1,"));
}
END_TEST

/* A line a request: when, how many are in flight, what. */
START_TEST(requests_are_logged)
{
    char path[] = "/tmp/pail-forward-XXXXXX", line[256], rest[256];
    int fd = mkstemp(path);
    double first, second;
    unsigned in_flight;
    ck_assert_int_ge(fd, 0);
    start((const char *[]){"--log", path, NULL});
    ck_assert_int_eq(ask("GET", "/counted?x=1"), 200);
    ck_assert_int_eq(ask("HEAD", "/counted"), 200);
    stop();
    FILE *log = fdopen(fd, "r");
    ck_assert(log && fgets(line, sizeof line, log));
    ck_assert_int_eq(sscanf(line, "%lf %u %255[^\n]", &first, &in_flight, rest), 3);
    ck_assert_uint_eq(in_flight, 1);
    ck_assert_str_eq(rest, "GET /counted?x=1 HTTP/1.1");
    ck_assert(fgets(line, sizeof line, log));
    ck_assert_int_eq(sscanf(line, "%lf %u %255[^\n]", &second, &in_flight, rest), 3);
    ck_assert_str_eq(rest, "HEAD /counted HTTP/1.1");
    ck_assert(second >= first && !fgets(line, sizeof line, log));
    (void)fclose(log);
    (void)unlink(path);
}
END_TEST

START_TEST(a_round_trip_takes_longer)
{
    start((const char *[]){"--delay", "50ms", NULL});
    int64_t began = now_ms();
    ck_assert_int_eq(ask("GET", "/counted"), 200);
    /* One for connecting, one for the request. */
    ck_assert_int_ge(now_ms() - began, 100);
    ck_assert(peer_check(1, 0, body, body_len, NULL));
    stop();
}
END_TEST

static void sleep_ms(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* What is not due yet when the client takes up what it had no room for is sent when it is. */
START_TEST(a_client_that_reads_late)
{
    peer_on(peer, "* /full",
            PEER_RESPONSE(.seed = 1, .body_len = FULL_LEN + LONG_LEN,
                          .fault = {.end = PEER_END_STALL, .after = FULL_LEN}));
    start((const char *[]){"--delay", "400ms", NULL});
    int fd = ask_only("GET", "/full");
    ck_assert(peer_wait_stalled(peer, 1, 5000));
    sleep_ms(100);
    peer_release(peer); /* due 100 ms later than the rest... */
    sleep_ms(150);      /* ...which is due 50 ms before this */
    ck_assert_int_eq(take_answer(fd), 200);
    ck_assert_uint_eq(body_len, FULL_LEN + LONG_LEN);
    ck_assert(peer_check(1, 0, body, body_len, NULL));
    stop();
}
END_TEST

START_TEST(a_connection_has_its_share)
{
    peer_on(peer, "* /long", PEER_RESPONSE(.seed = 1, .body_len = LONG_LEN));
    start((const char *[]){"--share", "2M", NULL});
    int64_t began = now_ms();
    ck_assert_int_eq(ask("GET", "/long"), 200);
    /* Half a second, but for what goes at once. */
    ck_assert_int_ge(now_ms() - began, 250);
    ck_assert(peer_check(1, 0, body, body_len, NULL));
    ck_assert_uint_eq(body_len, LONG_LEN);
    stop();
}
END_TEST

START_TEST(only_what_is_named_is_slow)
{
    start((const char *[]){"--slow", "chunk:100ms", NULL});
    int64_t began = now_ms();
    ck_assert_int_eq(ask("GET", "/chunked"), 200);
    ck_assert_int_ge(now_ms() - began, 100);
    stop();
}
END_TEST

static const struct {
    const char *fault;
    const char *target;
    int status;
    size_t least, most; /* bytes of body */
    const char *count;
} FAULTS[] = {
    {"1:503", "/counted", 503, 50, 500, "\"503\": 1"},
    {"1:503", "/chunked", 503, 50, 500, "\"503\": 1"},
    {"1:reset", "/counted", 0, 0, 0, "\"reset\": 1"},
    {"1:cut", "/counted", 200, 0, BODY_LEN - 1, "\"cut\": 1"},
    {"1:cut", "/chunked", 200, 0, BODY_LEN - 1, "\"cut\": 1"},
    {"1:tear", "/counted", 200, 0, BODY_LEN - 1, "\"tear\": 1"},
    {"1:tear", "/chunked", 200, 0, BODY_LEN - 1, "\"tear\": 1"},
    {"1:delay", "/counted", 200, BODY_LEN, BODY_LEN, "\"delay\": 1"},
    {"0:all", "/counted", 200, BODY_LEN, BODY_LEN, "\"delay\": 0"},
};

START_TEST(responses_are_spoiled)
{
    start((const char *[]){"--faults", FAULTS[_i].fault, "--fault-delay", "20ms", "--seed", "7",
                           NULL});
    int64_t began = now_ms();
    ck_assert_int_eq(ask("GET", FAULTS[_i].target), FAULTS[_i].status);
    ck_assert_uint_ge(body_len, FAULTS[_i].least);
    ck_assert_uint_le(body_len, FAULTS[_i].most);
    if (strcmp(FAULTS[_i].fault, "1:delay") == 0)
        ck_assert_int_ge(now_ms() - began, 20);
    stop();
    ck_assert(counted(FAULTS[_i].count));
}
END_TEST

START_TEST(the_same_seed_spoils_the_same)
{
    int statuses[2][40];
    for (int run = 0; run < 2; run++) {
        start((const char *[]){"--faults", "4:reset,503", "--seed", "3", NULL});
        for (int i = 0; i < 40; i++)
            statuses[run][i] = ask("GET", "/counted");
        stop();
    }
    ck_assert_mem_eq(statuses[0], statuses[1], sizeof(statuses[0]));
    ck_assert(counted("\"total\": 40"));
}
END_TEST

START_TEST(a_server_that_is_gone)
{
    start(NULL);
    peer_listen(peer, false);
    ck_assert_int_eq(ask("GET", "/counted"), 0);
    peer_listen(peer, true);
    ck_assert_int_eq(ask("GET", "/counted"), 200);
    stop();
}
END_TEST

SUITE_PROGRAM("forward", 60, (void)0, tcase_add_checked_fixture(tc, setup, teardown);
              tcase_add_test(tc, requests_are_forwarded_and_counted);
              tcase_add_test(tc, requests_are_logged);
              tcase_add_test(tc, a_round_trip_takes_longer);
              tcase_add_test(tc, a_client_that_reads_late);
              tcase_add_test(tc, a_connection_has_its_share);
              tcase_add_test(tc, only_what_is_named_is_slow);
              tcase_add_loop_test(tc, responses_are_spoiled, 0,
                                  (int)(sizeof(FAULTS) / sizeof(FAULTS[0])));
              tcase_add_test(tc, the_same_seed_spoils_the_same);
              tcase_add_test(tc, a_server_that_is_gone));
