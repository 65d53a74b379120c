/* Functions as directories, over the scripted peer: what is asked, what comes back, and every
 * way an invocation fails. */
#include "mount/fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST     "GET /2015-03-31/functions"
#define CONFIG_F "GET /2015-03-31/functions/f/configuration"
#define INVOKE_F "POST /2015-03-31/functions/f/invocations"

static const char config_of_f[] =
    "{\"FunctionName\":\"f\",\"Runtime\":\"python3.11\",\"RevisionId\":\"r1\","
    "\"LastModified\":\"2026-11-01T02:03:04.000+0000\"}";

static void play(const char *pattern, int status, const char *headers, const char *body)
{
    (void)peer_on(peer, pattern,
                  PEER_RESPONSE(.status = status, .headers = headers, .body = body));
}

static void mount_lambda(const char *options)
{
    play(LIST, 200, NULL,
         "{\"Functions\":[{\"FunctionName\":\"g\"},{\"FunctionName\":\"f\"}]}");
    play(CONFIG_F, 200, NULL, config_of_f);
    fixture_mount_source("lambda://", options);
}

/* Writes a payload and reads the answer on the same descriptor: its length or -errno. */
static ssize_t invoke(const char *payload, char *answer, size_t size)
{
    int fd = open(at("f/invoke"), O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, payload, strlen(payload)), (ssize_t)strlen(payload));
    ssize_t total = 0, n;
    while ((n = read(fd, answer + total, size - 1 - (size_t)total)) > 0)
        total += n;
    n = n < 0 ? -errno : total;
    answer[total] = '\0';
    (void)close(fd);
    return n;
}

START_TEST(lists_functions_in_order)
{
    mount_lambda(NULL);
    play(LIST, 200, NULL, "{\"Functions\":[{\"FunctionName\":\"a\"}]}");
    (void)peer_rule_add(
        peer, &(struct peer_rule){
                  .match = {.pattern = LIST, .without_param = "Marker"},
                  PEER_ANSWERS({.body = "{\"Functions\":[{\"FunctionName\":\"g\"},"
                                        "{\"FunctionName\":\"f\"}],\"NextMarker\":\"m\"}"})});
    check_names(top(), "a|f|g");
    check_names(at("f"), "config.json|invoke");
    ck_assert_int_eq(try_stat(at("no.function")), -ENOENT);
    ck_assert_uint_eq(peer_count_of(peer, "GET /2015-03-31/functions/no.function*"), 0);
    play("GET /2015-03-31/functions/gone/configuration", 404,
         "x-amzn-ErrorType: ResourceNotFoundException", "{\"Message\":\"no such function\"}");
    ck_assert_int_eq(try_stat(at("gone")), -ENOENT);
}
END_TEST

START_TEST(a_list_that_never_ends_is_a_failure)
{
    mount_lambda(NULL);
    play(LIST, 200, NULL, "{\"Functions\":[{\"FunctionName\":\"f\"}],\"NextMarker\":\"m\"}");
    size_t count;
    ck_assert_int_eq(try_list(top(), &count), -EPROTO);
}
END_TEST

START_TEST(tells_of_a_function)
{
    char output[512];
    struct stat st;
    mount_lambda(NULL);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output), "cat f/config.json"),
                     0);
    ck_assert_str_eq(output, "{\"FunctionName\":\"f\",\"Runtime\":\"python3.11\","
                             "\"LastModified\":\"2026-11-01T02:03:04.000+0000\","
                             "\"RevisionId\":\"r1\"}\n");
    ck_assert_int_eq(stat(at("f/config.json"), &st), 0);
    ck_assert_int_eq(st.st_size, (off_t)strlen(output));
    ck_assert_int_eq(st.st_mtim.tv_sec, 1793498584);
    ck_assert_uint_eq(st.st_mode, S_IFREG | 0440);
    size_t asked = peer_count_of(peer, CONFIG_F);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output), "cat f/config.json"),
                     0);
    ck_assert_uint_eq(peer_count_of(peer, CONFIG_F), asked); /* kept */
}
END_TEST

START_TEST(answers_what_is_written)
{
    char answer[256];
    mount_lambda(NULL);
    play(INVOKE_F, 200, NULL, "\"hello\"");
    ck_assert_int_eq(invoke("{\"a\":1}", answer, sizeof(answer)), 7);
    ck_assert_str_eq(answer, "\"hello\"");
    const struct peer_request *r = peer_request_at(peer, PEER_MATCH(.pattern = INVOKE_F), 0);
    ck_assert_uint_eq(r->body_len, 7);
    ck_assert_int_eq(memcmp(r->body, "{\"a\":1}", 7), 0);
    ck_assert_uint_eq(peer_count_of(peer, INVOKE_F), 1);
    /* As shells do it, more than once on one descriptor. */
    ck_assert_int_eq(
        harness_shell(top(), LONG_MS, answer, sizeof(answer),
                      "exec 3<>f/invoke; echo 1 >&3; cat <&3; echo 2 >&3; cat <&3"),
        0);
    ck_assert_str_eq(answer, "\"hello\"\"hello\"");
    ck_assert_uint_eq(peer_count_of(peer, INVOKE_F), 3);
}
END_TEST

static void check_payload(size_t i, const char *payload)
{
    const struct peer_request *r = peer_request_at(peer, PEER_MATCH(.pattern = INVOKE_F), i);
    ck_assert_ptr_nonnull(r);
    ck_assert_uint_eq(r->body_len, strlen(payload));
    ck_assert_int_eq(memcmp(r->body, payload, r->body_len), 0);
}

/* What a descriptor has taken goes out when the process that opened it closes it, whole; not
 * when a child ends that had inherited it. */
START_TEST(a_payload_is_sent_by_who_opened)
{
    char output[256];
    const char *root = harness_root();
    mount_lambda(NULL);
    play(INVOKE_F, 200, NULL, "1");
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "exec 3>f/invoke; (printf '{\"a\":' >&3); sh -c 'printf 1 "
                                   ">&3'; printf '}' | cat >&3; exec 3>&-"),
                     0);
    ck_assert_str_eq(output, "");
    ck_assert_uint_eq(peer_count_of(peer, INVOKE_F), 1);
    check_payload(0, "{\"a\":1}");
    /* A child that outlives who opened: the last close sends it. */
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "mkfifo %s/go && sh -c 'exec 3>f/invoke; { read x <%s/go; "
                                   "printf 7 >&3; } & exit' && echo >%s/go",
                                   root, root, root),
                     0);
    ck_assert(peer_wait_requests(peer, PEER_MATCH(.pattern = INVOKE_F), 2, LONG_MS));
    check_payload(1, "7");
    ck_assert_uint_eq(peer_count_of(peer, INVOKE_F), 2);
}
END_TEST

START_TEST(reading_alone_calls_nothing)
{
    char output[256];
    mount_lambda(NULL);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "cat f/invoke; grep -c RevisionId -r f"),
                     0);
    ck_assert_str_eq(output, "f/config.json:1\nf/invoke:0\n");
    ck_assert_uint_eq(peer_count_of(peer, INVOKE_F), 0);
}
END_TEST

static const struct failing {
    int status;
    const char *headers, *body;
    int sys;
    const char *told; /* in user.pail.error */
} failing[] = {
    {200, "X-Amz-Function-Error: Unhandled",
     "{\"errorType\":\"ValueError\",\"errorMessage\":\"bad \\u001b[31mvalue\"}", EREMOTEIO,
     "EREMOTEIO: ValueError: bad \\x1b[31mvalue"},
    {200, "X-Amz-Function-Error: Handled", "no JSON", EREMOTEIO, "EREMOTEIO: Handled"},
    {404, "x-amzn-ErrorType: ResourceNotFoundException", "{\"Message\":\"none\"}", ENOENT,
     "ENOENT: ResourceNotFoundException: none"},
    {403, "x-amzn-ErrorType: AccessDeniedException", "{\"Message\":\"no\"}", EACCES,
     "EACCES: AccessDeniedException: no"},
    {429, "x-amzn-ErrorType: TooManyRequestsException", "{\"Message\":\"slow\"}", EBUSY,
     "EBUSY: TooManyRequestsException: slow"},
    {500, "x-amzn-ErrorType: ServiceException", "{}", EIO, "EIO: ServiceException"},
};

/* Each is sent once: the function may have run. */
START_TEST(fails_as_the_service_says)
{
    const struct failing *f = &failing[_i];
    char answer[256], told[1024];
    mount_lambda(NULL);
    play(INVOKE_F, f->status, f->headers, f->body);
    ck_assert_int_eq(invoke("{}", answer, sizeof(answer)), -f->sys);
    ck_assert_int_gt(try_xattr(at("f/invoke"), "user.pail.error", told, sizeof(told)), 0);
    ck_assert_msg(strstr(told, f->told) != NULL, "%s", told);
    ck_assert_uint_eq(peer_count_of(peer, INVOKE_F), 1);
    /* Written only, its close tells. */
    int fd = open(at("f/invoke"), O_WRONLY | O_TRUNC | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "{}", 2), 2);
    ck_assert_int_eq(close(fd), -1);
    ck_assert_int_eq(errno, f->sys);
    ck_assert_uint_eq(peer_count_of(peer, INVOKE_F), 2);
}
END_TEST

START_TEST(a_cut_or_stalled_answer_is_none)
{
    char answer[256];
    mount_lambda("operation_timeout=1");
    int rule =
        peer_on(peer, INVOKE_F,
                PEER_RESPONSE(.body = "\"hello\"", .fault = {.end = PEER_END_CUT, .after = 3}));
    ck_assert_int_eq(invoke("{}", answer, sizeof(answer)), -EIO);
    peer_rule_remove(peer, rule);
    (void)peer_on(
        peer, INVOKE_F,
        PEER_RESPONSE(.body = "\"hello\"", .fault = {.end = PEER_END_STALL, .after = 3}));
    ck_assert_int_eq(invoke("{}", answer, sizeof(answer)), -ETIMEDOUT);
    ck_assert_uint_eq(peer_count_of(peer, INVOKE_F), 2);
}
END_TEST

START_TEST(everything_else_is_read_only)
{
    mount_lambda(NULL);
    ck_assert_int_eq(mkdir(at("new"), 0755), -1);
    ck_assert_int_eq(errno, EROFS);
    ck_assert_int_eq(unlink(at("f/invoke")), -1);
    ck_assert_int_eq(errno, EROFS);
    ck_assert_int_eq(open(at("f/config.json"), O_WRONLY | O_CLOEXEC), -1);
    ck_assert_int_eq(errno, EROFS);
    ck_assert_int_eq(open(at("f/new"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644), -1);
    ck_assert_int_eq(errno, EROFS);
}
END_TEST

/* One mount of all: each service is a directory, and the failure of one is nothing to the
 * others. */
START_TEST(all_services_in_one_mount)
{
    char value[256];
    put("dir/object", 3000, 7);
    play(LIST, 200, NULL, "{\"Functions\":[{\"FunctionName\":\"f\"}]}");
    play(CONFIG_F, 200, NULL, config_of_f);
    play(INVOKE_F, 200, NULL, "1");
    fixture_mount_source("aws://", NULL);
    ck_assert_int_eq(try_stat(at("lambda")), 0);
    ck_assert_int_eq(try_stat(at("s3/bkt")), 0);
    ck_assert_int_eq(try_stat(at("nothing")), -ENOENT);
    check_content(at("s3/bkt/dir/object"), 3000, 7);
    ck_assert_int_gt(try_xattr(at("s3/bkt/dir/object"), "user.s3.etag", value, sizeof(value)),
                     0);
    ck_assert_int_gt(try_xattr(at("s3/bkt/dir/object"), "user.pail.uri", value, sizeof(value)),
                     0);
    ck_assert_str_eq(value, "s3://bkt/dir/object");
    check_names(at("lambda/f"), "config.json|invoke");
    ck_assert_int_eq(
        try_xattr(at("lambda/f/config.json"), "user.s3.etag", value, sizeof(value)), -ENODATA);
    play("GET /2015-03-31/functions/g/configuration", 403,
         "x-amzn-ErrorType: AccessDeniedException", "{}");
    ck_assert_int_eq(try_stat(at("lambda/g")), -EACCES);
    check_content(at("s3/bkt/dir/object"), 3000, 7);
    ck_assert_int_eq(harness_shell(top(), LONG_MS, value, sizeof(value),
                                   "exec 3<>lambda/f/invoke; echo 1 >&3; cat <&3"),
                     0);
    ck_assert_str_eq(value, "1");
}
END_TEST

MOUNT_SUITE("mount/lambda", 60, tcase_add_test(tc, lists_functions_in_order);
            tcase_add_test(tc, a_list_that_never_ends_is_a_failure);
            tcase_add_test(tc, tells_of_a_function);
            tcase_add_test(tc, answers_what_is_written);
            tcase_add_test(tc, a_payload_is_sent_by_who_opened);
            tcase_add_test(tc, reading_alone_calls_nothing);
            tcase_add_loop_test(tc, fails_as_the_service_says, 0,
                                (int)(sizeof(failing) / sizeof(failing[0])));
            tcase_add_test(tc, a_cut_or_stalled_answer_is_none);
            tcase_add_test(tc, everything_else_is_read_only);
            tcase_add_test(tc, all_services_in_one_mount));
