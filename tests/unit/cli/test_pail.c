/* pail's commands against the fake S3, from the command line to what is printed. */
#include "unit/check.h"

#include "cli/pail_arguments.h"
#include "cli/pail_output.h"
#include "peer/s3.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARGS_MAX   16
#define OUTPUT_MAX (1024 * 1024)

static struct peer_s3 *s3;
static char output[OUTPUT_MAX], said[4096];

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

static int parse(struct pail_arguments *arguments, const char *line, struct buf *reason)
{
    static char text[2048];
    static char *argv[ARGS_MAX + 1];
    int argc = 0;
    str_copy(text, sizeof(text), str_c(line));
    for (char *at = text; *at && argc < ARGS_MAX;) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    return pail_arguments_parse(arguments, argc, argv, reason);
}

/* Into a file in place of a standard descriptor; restore() reads it back. */
static int divert(int fd, int *ret_before)
{
    int memory = memfd_create("output", MFD_CLOEXEC);
    *ret_before = dup(fd);
    ck_assert(memory >= 0 && *ret_before >= 0);
    dup2(memory, fd);
    return memory;
}

static void restore(int fd, int memory, int before, char *text, size_t size)
{
    dup2(before, fd);
    close(before);
    ssize_t n = pread(memory, text, size - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    close(memory);
}

/* "pail ls s3://bkt": the exit status; what it printed is in `output`, what it complained of in
 * `said`. */
static int pail(const char *line)
{
    struct pail_arguments arguments;
    struct pail_run run = {.arguments = &arguments};
    struct pail_error error = {0};
    buf_init(&run.line, sizeof(said) - 64);
    int r = parse(&arguments, line, &run.line);
    ck_assert_msg(r == 0, "%s", buf_c(&run.line));
    arguments.options.config.endpoint_url = peer_s3_url(s3);
    ck_assert_int_eq(pail_client_new(&arguments.options.config, &run.client, &error), 0);
    int out, err;
    int out_memory = divert(STDOUT_FILENO, &out), err_memory = divert(STDERR_FILENO, &err);
    int status = pail_complain(&run, arguments.command->run(&run));
    restore(STDOUT_FILENO, out_memory, out, output, sizeof(output));
    restore(STDERR_FILENO, err_memory, err, said, sizeof(said));
    pail_client_free(run.client);
    pail_arguments_done(&arguments);
    buf_done(&run.line);
    return status;
}

#define DATE      "2026-01-02T03:04:05Z"
#define DIRECTORY "                              DIR "

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
    ck_assert_int_eq(pail("pail ls s3://"), EXIT_OK);
    ck_assert_str_eq(output + strlen(output) - 5, " bkt\n");
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

START_TEST(tells_of_objects_and_buckets)
{
    ck_assert_int_eq(pail("pail head s3://bkt/dir/a"), EXIT_OK);
    ck_assert_msg(strstr(output, "Content-Length: 10\n"), "%s", output);
    ck_assert_int_eq(pail("pail head --json s3://bkt/dir/a"), EXIT_OK);
    ck_assert_msg(strstr(output, "\"ContentLength\":10"), "%s", output);
    ck_assert_int_eq(pail("pail head s3://bkt"), EXIT_OK);
    ck_assert_int_eq(pail("pail head s3://bkt/none"), EXIT_MISSING);
    ck_assert_int_eq(pail("pail head s3://none"), EXIT_MISSING);
}
END_TEST

static const struct {
    const char *line, *why;
} refused[] = {
    {"pail", "what is to be done? pail --help"},
    {"pail frob s3://b", "unknown command \"frob\"; there are ls, cat, head"},
    {"pail ls", "usage: pail ls [OPTION]... s3://[BUCKET[/PREFIX]]..."},
    {"pail cp s3://b/k", "usage: pail cp [OPTION]... s3://BUCKET/KEY... FILE|DIRECTORY|-"},
    {"pail ls --json s3://b", "unknown option \"--json\""},
    {"pail ls --recursiv s3://b", "unknown option \"--recursiv\"; did you mean --recursive?"},
    {"pail ls --regoin=x s3://b", "unknown option \"--regoin\"; did you mean --region?"},
    {"pail ls --recursive=x s3://b", "option --recursive takes no value"},
    {"pail cat -R s3://b/k", "unknown option \"-R\""},
    {"pail ls -hx s3://b", "unknown option \"-x\""},
    {"pail -x", "unknown option \"-x\""},
    {"pail --recursive ls", "unknown option \"--recursive\""},
    {"pail ls s3://b --secret_access_key=x", "credentials are not taken from the command line"},
    {"pail cat --range 5 s3://b/k",
     "option --range: \"5\" is not allowed; it takes FIRST-LAST, FIRST- or -COUNT"},
    {"pail cat --range 5-4 s3://b/k", "option --range: \"5-4\""},
    {"pail cat --range - s3://b/k", "option --range: \"-\""},
    {"pail cat s3://b/k --range", "option --range needs a value: some text"},
    {"pail ls s3://b --region", "option --region needs a value: some text"},
    {"pail ls s3://b --read-timeout x", "option --read-timeout: \"x\""},
    {"pail ls s3://b --timeout 0", "option --timeout: \"0\" is not allowed; it takes seconds"},
    {"pail ls s3://b --retries=-1", "option --retries: \"-1\" is not allowed"},
    {"pail cp --part-size 1 s3://b/k -",
     "option --part-size: \"1\" is not allowed; it takes bytes, 64K to 1G"},
    {"pail ls s3://b --retries 1 --max-attempts 2",
     "--retries and --max-attempts exclude each other"},
    {"pail ls s3://b --path-style --virtual-style",
     "path_style and virtual_style exclude each other"},
};

START_TEST(refuses)
{
    struct pail_arguments arguments;
    CLEANUP_DONE(buf) struct buf reason;
    buf_init(&reason, 4096);
    ck_assert_int_eq(parse(&arguments, refused[_i].line, &reason), -EINVAL);
    pail_arguments_done(&arguments);
    ck_assert_msg(strncmp(buf_c(&reason), refused[_i].why, strlen(refused[_i].why)) == 0, "%s",
                  buf_c(&reason));
}
END_TEST

static const struct {
    const char *url, *bucket, *key;
} urls[] = {
    {"s3://", "", ""},       {"s3://b", "b", ""},        {"s3://b/", "b", ""},
    {"s3://b/k", "b", "k"},  {"s3://b//k/", "b", "/k/"}, {"s3:///k", NULL, NULL},
    {"s3:/b/k", NULL, NULL}, {"http://b/k", NULL, NULL}, {"", NULL, NULL},
};

START_TEST(splits_urls)
{
    CLEANUP_DONE(buf) struct buf reason;
    buf_init(&reason, 4096);
    struct pail_str bucket, key;
    int r = pail_arguments_url(urls[_i].url, &bucket, &key, &reason);
    ck_assert_int_eq(r, urls[_i].bucket ? 0 : -EINVAL);
    if (r == 0)
        ck_assert(str_eq_c(bucket, urls[_i].bucket) && str_eq_c(key, urls[_i].key));
}
END_TEST

static void check_fits(const struct pail_command *command)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 65536);
    pail_arguments_help(command, &b);
    struct pail_str text = buf_str(&b), line;
    size_t lines = 0;
    while (str_next(&text, '\n', &line)) {
        lines++;
        ck_assert_msg(line.len <= 80, "%.*s", (int)line.len, line.ptr);
    }
    ck_assert_uint_le(lines, 40);
}

START_TEST(help_fits_a_screen)
{
    check_fits(NULL);
    for (size_t i = 0; pail_commands[i]; i++)
        check_fits(pail_commands[i]);
}
END_TEST

SUITE_MAIN("cli/pail", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_loop_test(tc, lists, 0, (int)ARRAY_LEN(listings));
           tcase_add_test(tc, lists_buckets);
           tcase_add_loop_test(tc, prints_objects, 0, (int)ARRAY_LEN(cats));
           tcase_add_test(tc, an_interrupted_body_is_whole_or_a_failure);
           tcase_add_test(tc, tells_of_objects_and_buckets);
           tcase_add_loop_test(tc, refuses, 0, (int)ARRAY_LEN(refused));
           tcase_add_loop_test(tc, splits_urls, 0, (int)ARRAY_LEN(urls));
           tcase_add_test(tc, help_fits_a_screen));
