#include "unit/check.h"

#include "cli/pail_arguments.h"
#include "unit/cli/pail_runner.h"

#include <errno.h>

static const struct {
    const char *line, *why;
} refused[] = {
    {"pail", "what is to be done? pail --help"},
    {"pail frob s3://b",
     "unknown command \"frob\"; there are ls, cat, lines, head, cp, doctor, select, "
     "functions, invoke, whoami, logs, kinesis"},
    {"pail logs", "what is to be done? pail logs --help"},
    {"pail logs frob", "unknown command \"logs frob\"; there are groups, streams, get, filter, "
                       "tail"},
    {"pail get g s", "unknown command \"get\"; there are ls"},
    {"pail logs get g", "usage: pail logs get [OPTION]... GROUP STREAM"},
    {"pail logs get g s t", "usage: pail logs get [OPTION]... GROUP STREAM"},
    {"pail logs get g s --since yesterday", "option --since: \"yesterday\" is not allowed; it "
                                            "takes 1h or 1h ago (s, m, h or d), 2026-11-01 "
                                            "or 2026-11-01T00:00:00Z (UTC)"},
    {"pail logs get g s --since 2026-11-02 --until 2026-11-01",
     "--since (2026-11-02T00:00:00Z) is not before --until (2026-11-01T00:00:00Z): nothing "
     "lies "
     "between them"},
    {"pail logs filter g --since 1h --until 2h", "--since ("},
    {"pail logs get g s --until", "option --until needs a value: 1h"},
    {"pail logs get g s --format xml",
     "option --format: \"xml\" is not allowed; it takes message, timestamp or json"},
    {"pail logs filter g --stream s --stream-prefix p",
     "--stream and --stream-prefix exclude each other"},
    {"pail logs tail g --stream s --stream-prefix p",
     "--stream and --stream-prefix exclude each other"},
    {"pail logs tail 1 2 3 4 5 6 7 8 9 10 11", "usage: pail logs tail [OPTION]... GROUP..."},
    {"pail kinesis get s --latest --since 1h", "--latest and --since exclude each other"},
    {"pail kinesis streams x", "usage: pail kinesis streams [OPTION]..."},
    {"pail invoke f --stream --async", "--stream, --async and --dry-run exclude each other"},
    {"pail invoke f --tail --dry-run", "--tail: there is no log with --async or --dry-run"},
    {"pail whoami x", "usage: pail whoami [OPTION]..."},
    {"pail select s3://b/k", "usage: pail select [OPTION]... s3://BUCKET/KEY EXPRESSION"},
    {"pail select s3://b/k x --csv --json",
     "--csv, --json, --json-document and --parquet exclude each other"},
    {"pail select s3://b/k x --parquet --header none",
     "options of CSV are not for --json, --json-document and --parquet"},
    {"pail cat", "usage: pail cat [OPTION]... s3://BUCKET/KEY..."},
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
    {"pail lines --where x s3://b/k",
     "option --where: \"x\" is not allowed; it takes KEY=VALUE"},
    {"pail lines --where =x s3://b/k", "option --where: \"=x\""},
    {"pail lines --invalid no s3://b/k",
     "option --invalid: \"no\" is not allowed; it takes skip or fail"},
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
    ck_assert_int_eq(pail_parse_line(&arguments, refused[_i].line, &reason), -EINVAL);
    pail_arguments_done(&arguments);
    ck_assert_msg(strncmp(buf_c(&reason), refused[_i].why, strlen(refused[_i].why)) == 0, "%s",
                  buf_c(&reason));
    ck_assert_int_ne(buf_c(&reason)[reason.len - 1], ' ');
}
END_TEST

/* What is not said is as if its default had been. */
static const struct {
    const char *unsaid, *said, *other;
} defaults[] = {
    {"pail logs tail g", "pail logs tail g --format timestamp",
     "pail logs tail g --format message"},
    {"pail kinesis get s", "pail kinesis get s --format line",
     "pail kinesis get s --format raw"},
};

START_TEST(has_defaults)
{
    const char *const lines[] = {defaults[_i].unsaid, defaults[_i].said, defaults[_i].other};
    struct pail_arguments a[3];
    CLEANUP_DONE(buf) struct buf reason;
    buf_init(&reason, 4096);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(pail_parse_line(&a[i], lines[i], &reason), 0);
    size_t size = a[0].command->settings_size;
    ck_assert_int_eq(memcmp(a[0].settings, a[1].settings, size), 0);
    ck_assert_int_ne(memcmp(a[0].settings, a[2].settings, size), 0);
    for (size_t i = 0; i < 3; i++)
        pail_arguments_done(&a[i]);
}
END_TEST

/* Those of rows that pailfs has too are pailfs's. */
START_TEST(defaults_are_good)
{
    CLEANUP(arena) struct arena *arena = arena_new(65536);
    struct options options = {.retries = 5};
    ck_assert_ptr_nonnull(arena);
    for (size_t i = 0; pail_commands[i]; i++) {
        CLEANUP(heap) void *settings = calloc(1, pail_commands[i]->settings_size + 1);
        ck_assert_int_eq(
            option_set_initial(&pail_commands[i]->options, OPTION_PAIL, settings, arena), 0);
    }
    ck_assert_int_eq(option_set_initial(&options_of_pail, OPTION_PAIL, &options, arena), 0);
    ck_assert_uint_eq(options.config.max_attempts, 0);
    ck_assert_int_eq(option_set_initial(&options_of_pailfs, OPTION_PAILFS, &options, arena), 0);
    ck_assert_uint_eq(options.config.max_attempts, 10);
    ck_assert_uint_eq(options.retries, 5);
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

static void check_fits(const struct pail_family *family, const struct pail_command *command)
{
    const struct pail_arguments arguments = {.family = family, .command = command};
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 65536);
    pail_arguments_help(&arguments, &b);
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
    check_fits(NULL, NULL);
    for (const struct pail_family *family = pail_families; family->name; family++)
        check_fits(family, NULL);
    for (size_t i = 0; pail_commands[i]; i++)
        check_fits(NULL, pail_commands[i]);
}
END_TEST

static const struct {
    const char *line;
    size_t words;
} taken[] = {
    {"pail --region eu-1 ls -R --retries=4 s3://b --timeout 1.5", 1},
    {"pail ls -R s3://b s3://c --timeout=1500ms --region=eu-1 --max-attempts 5", 2},
    {"pail ls --timeout 1.5s --recursive --region eu-1 --retries 4 -- s3://b --json -R", 3},
};

START_TEST(takes_options_anywhere)
{
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        struct pail_arguments a;
        CLEANUP_DONE(buf) struct buf reason;
        buf_init(&reason, 4096);
        int r = pail_parse_line(&a, taken[i].line, &reason);
        ck_assert_msg(r == 0, "%s", buf_c(&reason));
        ck_assert_ptr_eq(a.command, &pail_command_ls);
        ck_assert(*(const bool *)a.settings);
        ck_assert_str_eq(a.options.config.region, "eu-1");
        ck_assert_uint_eq(a.options.config.max_attempts, 5);
        ck_assert_int_eq(a.options.timeout_ms, 1500);
        ck_assert_uint_eq(a.word_count, taken[i].words);
        ck_assert_str_eq(a.words[0], "s3://b");
        pail_arguments_done(&a);
    }
}
END_TEST

static const struct {
    const char *line, *command;
    bool help, version;
} asked[] = {
    {"pail --help", NULL, true, false},
    {"pail -h", NULL, true, false},
    {"pail --version", NULL, false, true},
    {"pail -V", NULL, false, true},
    {"pail cat -h", "cat", true, false},
    {"pail ls --help", "ls", true, false},
    {"pail --help cp", "cp", true, false},
    {"pail cp -q -V", "cp", false, true},
    {"pail lines x --help", "lines", true, false},
    {"pail logs --help", NULL, true, false},
    {"pail logs get --help", "logs get", true, false},
    {"pail --help kinesis shards", "kinesis shards", true, false},
};

START_TEST(help_and_version_need_nothing_else)
{
    struct pail_arguments a;
    CLEANUP_DONE(buf) struct buf reason;
    buf_init(&reason, 4096);
    ck_assert_int_eq(pail_parse_line(&a, asked[_i].line, &reason), 0);
    ck_assert(a.options.help == asked[_i].help && a.options.version == asked[_i].version);
    ck_assert(!a.command == !asked[_i].command);
    if (a.command)
        ck_assert_str_eq(a.command->name, asked[_i].command);
    pail_arguments_done(&a);
}
END_TEST

SUITE_MAIN("cli/pail_arguments", tcase_add_loop_test(tc, refuses, 0, (int)ARRAY_LEN(refused));
           tcase_add_loop_test(tc, has_defaults, 0, (int)ARRAY_LEN(defaults));
           tcase_add_test(tc, defaults_are_good);
           tcase_add_loop_test(tc, splits_urls, 0, (int)ARRAY_LEN(urls));
           tcase_add_test(tc, help_fits_a_screen); tcase_add_test(tc, takes_options_anywhere);
           tcase_add_loop_test(tc, help_and_version_need_nothing_else, 0,
                               (int)ARRAY_LEN(asked)));
