/* pail's commands against the fake S3, from the command line to what is printed. */
#include "unit/check.h"

#include "peer/s3.h"
#include "unit/cli/pail_runner.h"

#include <stdlib.h>
#include <unistd.h>

static struct peer_s3 *s3;
static char *const output = pail_printed, *const said = pail_said;

static void setup(void)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIATEST", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    s3 = peer_s3_start();
    peer_s3_bucket(s3, "bkt");
    peer_s3_put_text(s3, "bkt", "dir/a", "0123456789");
    peer_s3_put_text(s3, "bkt", "dir/b/c", "x");
    peer_s3_put_text(s3, "bkt", "dir.log", "log");
    peer_s3_put_text(s3, "bkt", "zeta", "");
}

static void teardown(void)
{
    peer_s3_stop(s3);
}

/* "pail ls s3://bkt": the exit status. */
static int pail(const char *line)
{
    return pail_run_line(line, peer_s3_url(s3));
}

#define DATE            "2026-01-02T03:04:05Z"
#define DIRECTORY       "                              DIR "
#define HUMAN_DIRECTORY "                       DIR "

static const struct {
    const char *line;
    int status;
    const char *output;
} listings[] = {
    {"pail ls s3://bkt", EXIT_OK,
     DATE "            3 dir.log\n" DIRECTORY "dir/\n" DATE "            0 zeta\n"},
    {"pail ls s3://bkt/dir/", EXIT_OK, DATE "           10 a\n" DIRECTORY "b/\n"},
    {"pail ls s3://bkt/di", EXIT_OK, DATE "            3 dir.log\n" DIRECTORY "dir/\n"},
    {"pail ls -R s3://bkt", EXIT_OK,
     DATE "            3 dir.log\n" DATE "           10 dir/a\n" DATE
          "            1 dir/b/c\n" DATE "            0 zeta\n"},
    {"pail ls --recursive s3://bkt/dir/", EXIT_OK,
     DATE "           10 dir/a\n" DATE "            1 dir/b/c\n"},
    {"pail ls -h s3://bkt/dir", EXIT_OK, DATE "     3 dir.log\n" HUMAN_DIRECTORY "dir/\n"},
    {"pail ls -Rh s3://bkt/dir/", EXIT_OK, DATE "    10 dir/a\n" DATE "     1 dir/b/c\n"},
    {"pail ls s3://bkt/zeta s3://bkt/dir.", EXIT_OK,
     "s3://bkt/zeta:\n" DATE "            0 zeta\n\ns3://bkt/dir.:\n" DATE
     "            3 dir.log\n"},
    {"pail ls s3://none s3://bkt/z", EXIT_MISSING,
     "s3://none:\n\ns3://bkt/z:\n" DATE "            0 zeta\n"},
    {"pail ls s3://bkt/none", EXIT_MISSING, ""},
    {"pail ls s3://none", EXIT_MISSING, ""},
};

START_TEST(lists)
{
    for (unsigned page = 1; page <= 1000; page = page * 10 - page / 10) {
        peer_s3_set_page_size(s3, page);
        ck_assert_int_eq(pail(listings[_i].line), listings[_i].status);
        ck_assert_str_eq(output, listings[_i].output);
        ck_assert((said[0] != '\0') == (listings[_i].status != EXIT_OK));
    }
}
END_TEST

START_TEST(lists_buckets)
{
    static const char *const lines[] = {"pail ls s3://", "pail ls"};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        ck_assert_int_eq(pail(lines[i]), EXIT_OK);
        ck_assert_str_eq(output + strlen(output) - 5, " bkt\n");
    }
    ck_assert_int_eq(pail("pail ls s3:// s3://bkt/z"), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(output, " bkt\n\ns3://bkt/z:\n"));
}
END_TEST

static const struct {
    const char *line;
    int status;
    const char *output;
} cats[] = {
    {"pail cat s3://bkt/dir/a", EXIT_OK, "0123456789"},
    {"pail cat s3://bkt/zeta", EXIT_OK, ""},
    {"pail cat --range 2-4 s3://bkt/dir/a", EXIT_OK, "234"},
    {"pail cat --range=8-99 s3://bkt/dir/a", EXIT_OK, "89"},
    {"pail cat --range 7- s3://bkt/dir/a", EXIT_OK, "789"},
    {"pail cat --range -2 s3://bkt/dir/a", EXIT_OK, "89"},
    {"pail cat s3://bkt/none", EXIT_MISSING, ""},
};

START_TEST(prints_objects)
{
    ck_assert_int_eq(pail(cats[_i].line), cats[_i].status);
    ck_assert_str_eq(output, cats[_i].output);
}
END_TEST

START_TEST(the_whole_is_no_range)
{
    static const char *const lines[] = {"pail cat --range 2-4 s3://bkt/dir/a",
                                        "pail cat --range 7- s3://bkt/dir/a",
                                        "pail cat --range -2 s3://bkt/dir/a"};
    peer_on(peer_s3_peer(s3), "GET /bkt/dir/a", PEER_RESPONSE(.body = "0123456789"));
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        ck_assert_int_eq(pail(lines[i]), EXIT_FAILED);
        ck_assert_str_eq(output, "");
        ck_assert_msg(strstr(said, "not the range that was asked for"), "%s", said);
    }
}
END_TEST

START_TEST(an_interrupted_body_is_whole_or_a_failure)
{
    struct peer_response cut = {.over = true, .fault = {.end = PEER_END_CUT, .after = 4}};
    peer_rule_add(peer_s3_peer(s3), &(struct peer_rule){.match = {.pattern = "GET /bkt/dir/a"},
                                                        .responses = &cut,
                                                        .response_count = 1,
                                                        .times = 1});
    ck_assert_int_eq(pail("pail cat s3://bkt/dir/a"), EXIT_OK);
    ck_assert_str_eq(output, "0123456789");
    peer_on(peer_s3_peer(s3), "GET /bkt/dir/a", &cut);
    ck_assert_int_eq(pail("pail cat --max-attempts 1 s3://bkt/dir/a"), EXIT_FAILED);
    ck_assert_str_eq(output, "0123");
    ck_assert_msg(strstr(said, "s3://bkt/dir/a: incomplete read: "), "%s", said);
}
END_TEST

START_TEST(a_listing_that_does_not_go_on_is_a_failure)
{
    peer_rule_add(
        peer_s3_peer(s3),
        &(struct peer_rule){
            .match = PEER_S3_LISTING("bkt"),
            PEER_ANSWERS({.body =
                              "<ListBucketResult><IsTruncated>true</IsTruncated><Contents>"
                              "<Key>x</Key><Size>1</Size></Contents></ListBucketResult>"})});
    ck_assert_int_eq(pail("pail ls s3://bkt"), EXIT_FAILED);
    ck_assert_str_eq(said,
                     "pail: s3://bkt: malformed response: the listing goes on but does not say "
                     "where\n");
}
END_TEST

START_TEST(tells_of_objects_and_buckets)
{
    peer_s3_put(
        s3, "bkt",
        &(struct peer_s3_object){.key = "k",
                                 .content = "0123456789",
                                 .etag = "\"e\"",
                                 .headers = "x-amz-meta-Colour: blue\nX-Two: a\nx-two: b"});
    ck_assert_int_eq(pail("pail head s3://bkt/k"), EXIT_OK);
    static const char *const lines[] = {
        "RequestId: ",
        "\nHTTPStatusCode: 200\nRetryAttempts: 0\n\n",
        "\nX-Two: a\n",
        "\nx-two: b\n",
        "\n\nAcceptRanges: bytes\nLastModified: 2026-01-02T03:04:05Z\nContentLength: 10\n",
        "\nETag: \"e\"\n",
        "\nMetadata.Colour: blue\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        ck_assert_msg(strstr(output, lines[i]), "%s in %s", lines[i], output);
    ck_assert_int_eq(pail("pail head --json s3://bkt/k"), EXIT_OK);
    static const char *const json[] = {
        "{\"ResponseMetadata\":{\"RequestId\":\"", "\"HTTPStatusCode\":200,\"HTTPHeaders\":{",
        "\"x-two\":\"a, b\"", "},\"RetryAttempts\":0},\"AcceptRanges\":\"bytes\"",
        "\"Metadata\":{\"Colour\":\"blue\"}}\n"};
    for (size_t i = 0; i < ARRAY_LEN(json); i++)
        ck_assert_msg(strstr(output, json[i]), "%s in %s", json[i], output);
    ck_assert_int_eq(pail("pail head s3://bkt"), EXIT_OK);
    ck_assert_int_eq(pail("pail head --json s3://bkt"), EXIT_OK);
    ck_assert_int_eq(pail("pail head s3://bkt/none"), EXIT_MISSING);
    ck_assert_msg(strncmp(said, "pail: s3://bkt/none: Not Found (404, request id ", 48) == 0,
                  "%s", said);
    ck_assert_int_eq(pail("pail head s3://none"), EXIT_MISSING);
}
END_TEST

#define EVENTS                                                                                 \
    "{\"status\":\"active\", \"n\": 1}\r\n"                                                    \
    "nonsense\n"                                                                               \
    "{\"status\":\"idle\",\"n\":12345678901234567890}\n"                                       \
    "null\r"                                                                                   \
    "{\"n\":1,\"ok\":true,\"status\":\"active\"}"

static const struct {
    const char *line;
    int status;
    const char *output, *said;
} lines[] = {
    {"pail lines s3://bkt/text", EXIT_OK, "a\n\nb\nc\xff\nd\n", ""},
    {"pail lines s3://bkt/zeta", EXIT_OK, "", ""},
    {"pail lines --invalid skip s3://bkt/text", EXIT_OK, "a\n\nb\nd\n", ""},
    {"pail lines --invalid=fail s3://bkt/text", EXIT_FAILED, "a\n\nb\n",
     "s3://bkt/text: line 4: not UTF-8"},
    {"pail lines --json s3://bkt/events", EXIT_FAILED, "{\"status\":\"active\", \"n\": 1}\n",
     "s3://bkt/events: line 2: "},
    {"pail lines --json --invalid skip s3://bkt/events", EXIT_OK,
     "{\"status\":\"active\", \"n\": 1}\n{\"status\":\"idle\",\"n\":12345678901234567890}\n"
     "{\"n\":1,\"ok\":true,\"status\":\"active\"}\n",
     ""},
    {"pail lines --where status=active --invalid skip s3://bkt/events", EXIT_OK,
     "{\"status\":\"active\", \"n\": 1}\n{\"n\":1,\"ok\":true,\"status\":\"active\"}\n", ""},
    {"pail lines --where=status=active --where ok=true --invalid=skip s3://bkt/events", EXIT_OK,
     "{\"n\":1,\"ok\":true,\"status\":\"active\"}\n", ""},
    {"pail lines --where n=2 --invalid=skip s3://bkt/events", EXIT_OK, "", ""},
    {"pail lines s3://bkt/none s3://bkt/dir.log", EXIT_MISSING, "log\n", "NoSuchKey"},
};

START_TEST(prints_lines)
{
    peer_s3_put_text(s3, "bkt", "text", "a\n\r\nb\rc\xff\nd");
    peer_s3_put_text(s3, "bkt", "events", EVENTS);
    ck_assert_int_eq(pail(lines[_i].line), lines[_i].status);
    ck_assert_str_eq(output, lines[_i].output);
    ck_assert_msg(strstr(said, lines[_i].said), "%s", said);
    ck_assert((said[0] == '\0') == (lines[_i].said[0] == '\0'));
}
END_TEST

START_TEST(prints_long_lines)
{
    peer_s3_put_generated(s3, "bkt", "big", 200000, 3);
    ck_assert_int_eq(pail("pail lines s3://bkt/big"), EXIT_OK);
    ck_assert_uint_gt(strlen(output), 0);
    peer_s3_put(s3, "bkt",
                &(struct peer_s3_object){
                    .key = "long", .content = memset(output, 'x', 300000), .size = 300000});
    ck_assert_int_eq(pail("pail lines s3://bkt/dir.log s3://bkt/long s3://bkt/dir/a"), EXIT_OK);
    ck_assert_uint_eq(strlen(output), 4 + 300001 + 11);
}
END_TEST

/* A reader of standard output that has gone away. */
START_TEST(ends_quietly_without_a_reader)
{
    static const char *const commands[] = {
        "pail cat s3://bkt/dir/a s3://bkt/none", "pail ls s3://bkt s3://none",
        "pail head s3://bkt/dir/a s3://none", "pail lines s3://bkt/dir/a s3://none",
        "pail cp s3://bkt/dir/a s3://bkt/none -"};
    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        int ends[2];
        ck_assert_int_eq(pipe(ends), 0);
        close(ends[0]);
        pail_no_reader = ends[1];
        ck_assert_int_eq(pail(commands[i]), EXIT_PIPE);
        ck_assert_str_eq(said, "");
        pail_no_reader = -1;
        close(ends[1]);
    }
}
END_TEST

START_TEST(copies_survive_every_failure_of_memory)
{
    char directory[] = "/tmp/pail-cp-XXXXXX", line[128], *at;
    ck_assert_ptr_nonnull(mkdtemp(directory));
    peer_s3_put_generated(s3, "bkt", "dir/large", 150000, 3);
    snprintf(line, sizeof(line), "pail cp -r --part-size 64K s3://bkt/dir %s/to", directory);
    int status = EXIT_FAILED;
    long *allowed = &pail_allocations;
    for (*allowed = 0; status != EXIT_OK && *allowed < 5000; ++*allowed) {
        status = pail(line);
        ck_assert_msg(status == EXIT_OK || status == EXIT_FAILED, "%ld: %s", *allowed, said);
        ck_assert((said[0] != '\0') == (status != EXIT_OK));
    }
    *allowed = -1;
    ck_assert_int_eq(status, EXIT_OK);
    static const char *const made[] = {"to/a", "to/b/c", "to/b", "to/large", "to", ""};
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        ck_assert_int_ne(asprintf(&at, "%s/%s", directory, made[i]), -1);
        ck_assert_int_eq(remove(at), 0); /* and so it is empty */
        free(at);
    }
}
END_TEST

SUITE_MAIN("cli/pail", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_loop_test(tc, lists, 0, (int)ARRAY_LEN(listings));
           tcase_add_test(tc, lists_buckets);
           tcase_add_loop_test(tc, prints_objects, 0, (int)ARRAY_LEN(cats));
           tcase_add_test(tc, the_whole_is_no_range);
           tcase_add_test(tc, an_interrupted_body_is_whole_or_a_failure);
           tcase_add_test(tc, a_listing_that_does_not_go_on_is_a_failure);
           tcase_add_test(tc, tells_of_objects_and_buckets);
           tcase_add_loop_test(tc, prints_lines, 0, (int)ARRAY_LEN(lines));
           tcase_add_test(tc, prints_long_lines);
           tcase_add_test(tc, ends_quietly_without_a_reader);
           tcase_add_test(tc, copies_survive_every_failure_of_memory));
