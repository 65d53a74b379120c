#include "unit/check.h"

#include "base/when.h"
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define ARGS_MAX 16

/* "pailfs a b c". */
static int parse(struct options *options, const char *line, char *reason, size_t size)
{
    static char text[2048];
    char *argv[ARGS_MAX + 1] = {NULL};
    int argc = 0;
    str_copy(text, sizeof(text), str_c(line));
    for (char *at = text; *at && argc < ARGS_MAX;) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    ck_assert_int_eq(options_init(options, OPTION_PAILFS), 0);
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    int r = options_parse(options, argc, argv, &b);
    str_copy(reason, size, buf_str(&b));
    return r;
}

static void check_parses(struct options *options, const char *line)
{
    char reason[1024];
    int r = parse(options, line, reason, sizeof(reason));
    ck_assert_msg(r == 0, "%s: %s", line, reason);
}

static void check_refused(const char *line, const char *why)
{
    struct options options;
    char reason[1024];
    ck_assert_int_eq(parse(&options, line, reason, sizeof(reason)), -EINVAL);
    ck_assert_str_eq(reason, why);
    options_done(&options);
}

START_TEST(defaults)
{
    struct options o;
    check_parses(&o, "pailfs s3://bucket /mnt");
    ck_assert_str_eq(o.source, "s3://bucket");
    ck_assert_str_eq(o.mount.mountpoint, "/mnt");
    ck_assert_str_eq(o.mount.fsname, "s3://bucket");
    ck_assert_str_eq(o.mount.mount_options, "nosuid,nodev");
    ck_assert(!o.mount.allow_other && !o.foreground && !o.debug && !o.mount.debug);
    ck_assert_int_eq(o.fs.metadata_ttl_ms, 5000);
    ck_assert_int_eq(o.fs.negative_ttl_ms, 1000);
    ck_assert_int_eq(o.fs.operation_timeout_ms, 60000);
    ck_assert_int_eq(o.fs.metadata_timeout_ms, 20000);
    ck_assert_uint_eq(o.fs.memory_limit, 128 * 1024 * 1024);
    ck_assert_uint_eq(o.fs.part_size, 8 * 1024 * 1024);
    ck_assert_uint_eq(o.fs.parallel_parts, 0);
    ck_assert_uint_eq(o.fs.uid, getuid());
    ck_assert_uint_eq(o.fs.gid, getgid());
    ck_assert_uint_eq(o.fs.umask, 0);
    ck_assert_int_eq(o.config.connect_timeout_ms, 0);
    ck_assert_int_eq(o.config.legacy_connect_timeout_ms, 10000);
    ck_assert_int_eq(o.config.read_timeout_ms, 20000);
    ck_assert_uint_eq(o.config.max_attempts, 10);
    ck_assert_uint_eq(o.config.max_connections, 256);
    ck_assert(o.config.retry_quota_waits);
    ck_assert_int_eq(o.config.retry_mode, PAIL_RETRY_DEFAULT);
    ck_assert_int_eq(o.config.addressing, PAIL_ADDRESSING_DEFAULT);
    ck_assert_ptr_null(o.config.endpoint_url);
    ck_assert_ptr_null(o.config.region);
    ck_assert_int_eq(o.log_level, LOG_INFO_LEVEL);
    ck_assert_ptr_null(o.log_file);
    options_done(&o);
}
END_TEST

START_TEST(every_option_is_taken)
{
    struct options o;
    check_parses(&o,
                 "pailfs s3://bucket /mnt -f -o endpoint=http://h:1/x?a=b,region=eu-1,profile=p"
                 ",no_sign_request,requester_pays,path_style,ca_bundle=/ca.pem,no_verify_ssl"
                 ",connect_timeout=0.5,read_timeout=1m,operation_timeout=5 "
                 "-ometadata_ttl=indefinite,negative_ttl=0,memory_limit=64M,part_size=131072 "
                 "-o max_attempts=1,retry_mode=adaptive,max_connections=7,parallel_parts=16 "
                 "-o uid=12,gid=4294967294,umask=077,allow_other,fsname=a\\,b,readahead_kb=512 "
                 "-o log_level=error,,log_file=/tmp/x, -o ,");
    ck_assert_str_eq(o.config.endpoint_url, "http://h:1/x?a=b");
    ck_assert_str_eq(o.config.region, "eu-1");
    ck_assert_str_eq(o.config.profile, "p");
    ck_assert(o.config.no_sign_request && o.config.requester_pays && o.config.insecure);
    ck_assert_int_eq(o.config.addressing, PAIL_ADDRESSING_PATH);
    ck_assert_str_eq(o.config.ca_bundle, "/ca.pem");
    ck_assert_int_eq(o.config.connect_timeout_ms, 500);
    ck_assert_int_eq(o.config.read_timeout_ms, 60000);
    ck_assert_int_eq(o.fs.operation_timeout_ms, 5000);
    ck_assert_int_eq(o.fs.metadata_timeout_ms, 5000);
    ck_assert_int_eq(o.fs.metadata_ttl_ms, -1);
    ck_assert_int_eq(o.fs.negative_ttl_ms, 0);
    ck_assert_uint_eq(o.fs.memory_limit, 64 * 1024 * 1024);
    ck_assert_uint_eq(o.fs.part_size, 131072);
    ck_assert_uint_eq(o.config.max_attempts, 1);
    ck_assert_int_eq(o.config.retry_mode, PAIL_RETRY_ADAPTIVE);
    ck_assert_uint_eq(o.config.max_connections, 7);
    ck_assert_uint_eq(o.fs.parallel_parts, 16);
    ck_assert_uint_eq(o.fs.uid, 12);
    ck_assert_uint_eq(o.fs.gid, 4294967294U);
    ck_assert_uint_eq(o.fs.umask, 077);
    ck_assert(o.mount.allow_other && o.foreground);
    ck_assert_str_eq(o.mount.fsname, "a,b");
    ck_assert_uint_eq(o.mount.readahead_kb, 512);
    ck_assert_int_eq(o.log_level, LOG_ERROR_LEVEL);
    ck_assert_str_eq(o.log_file, "/tmp/x");
    options_done(&o);
}
END_TEST

START_TEST(words_of_fstab)
{
    struct options o;
    check_parses(
        &o, "pailfs s3:// /mnt -o rw,noexec,noatime,_netdev,nofail,noauto,user,dev,suid,"
            "x-systemd.automount,x-gvfs-name=a,X-mount.mkdir,comment=x,defaults,virtual_style");
    ck_assert_str_eq(o.source, "s3://");
    ck_assert_str_eq(o.mount.mount_options, "nosuid,nodev,noexec,noatime");
    ck_assert_int_eq(o.config.addressing, PAIL_ADDRESSING_VIRTUAL);
    options_done(&o);
    check_parses(&o, "pailfs s3:// /mnt -d");
    ck_assert(o.foreground && o.debug && o.mount.debug);
    ck_assert_int_eq(o.log_level, LOG_DEBUG_LEVEL);
    options_done(&o);
}
END_TEST

START_TEST(relative_paths_are_made_absolute)
{
    struct options o;
    char here[4096], expected[5000];
    ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
    snprintf(expected, sizeof(expected), "%s/logs/x", here);
    check_parses(&o, "pailfs s3://b m -o log_file=logs/x");
    ck_assert_str_eq(o.log_file, expected);
    options_done(&o);
}
END_TEST

START_TEST(help_and_version_need_nothing_else)
{
    static const char *const lines[] = {"pailfs -h", "pailfs --help",
                                        "pailfs s3://x -o huh --help", "pailfs -V",
                                        "pailfs --version"};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct options o;
        check_parses(&o, lines[i]);
        ck_assert(o.help || o.version);
        options_done(&o);
    }
}
END_TEST

static const struct {
    const char *line, *why;
} refused[] = {
    {"pailfs", "what is to be mounted? pailfs s3://BUCKET DIR"},
    {"pailfs s3://b", "on which directory? pailfs SOURCE DIR"},
    {"pailfs s3://b /m x", "one argument too many: \"x\""},
    {"pailfs s3://b /m -o", "-o needs options after it"},
    {"pailfs s3://b /m -x", "unknown option \"-x\"; options are given as -o name=value"},
    {"pailfs s3://b /m --endpoint=http://secret",
     "unknown option \"--endpoint\"; options are given as -o name=value"},
    {"pailfs s3://b /m -o metdata_ttl=5",
     "unknown option \"metdata_ttl\"; did you mean metadata_ttl?"},
    {"pailfs s3://b /m -o endpoint_url=http://x",
     "unknown option \"endpoint_url\"; did you mean endpoint?"},
    {"pailfs s3://b /m -o frobnicate", "unknown option \"frobnicate\""},
    {"pailfs s3://b /m -o allow-other",
     "unknown option \"allow-other\"; did you mean allow_other?"},
    {"pailfs s3://b /m -o =5", "unknown option \"\""},
    {"pailfs s3://b /m -o secret_access_key=hush",
     "credentials are not taken from the command line, where everyone can read them: use the "
     "environment or a profile"},
    {"pailfs s3://b /m -o allow_other=1", "option allow_other takes no value"},
    {"pailfs s3://b /m -o noexec=1", "option noexec takes no value"},
    {"pailfs s3://b /m -o region", "option region needs a value: some text"},
    {"pailfs s3://b /m -o region=", "option region: \"\" is not allowed; it takes some text"},
    {"pailfs s3://b /m -o metadata_ttl",
     "option metadata_ttl needs a value: seconds, 0 to 31536000, or indefinite"},
    {"pailfs s3://b /m -o metadata_ttl=-1", "option metadata_ttl: \"-1\" is not allowed; it "
                                            "takes seconds, 0 to 31536000, or indefinite"},
    {"pailfs s3://b /m -o negative_ttl=indefinite",
     "option negative_ttl: \"indefinite\" is not allowed; it takes seconds, 0 to 31536000"},
    {"pailfs s3://b /m -o connect_timeout=0",
     "option connect_timeout: \"0\" is not allowed; it takes seconds, 0.1 to 3600"},
    {"pailfs s3://b /m -o read_timeout=5x",
     "option read_timeout: \"5x\" is not allowed; it takes seconds, 0.1 to 3600"},
    {"pailfs s3://b /m -o memory_limit=1K",
     "option memory_limit: \"1K\" is not allowed; it takes bytes, 8M to 1T"},
    {"pailfs s3://b /m -o part_size=99999999999999999999",
     "option part_size: \"99999999999999999999\" is not allowed; it takes bytes, 128K to 1G"},
    {"pailfs s3://b /m -o max_attempts=0x10",
     "option max_attempts: \"0x10\" is not allowed; it takes a number, 1 to 100"},
    {"pailfs s3://b /m -o uid=4294967295",
     "option uid: \"4294967295\" is not allowed; it takes a number, 0 to 4294967294"},
    {"pailfs s3://b /m -o umask=8",
     "option umask: \"8\" is not allowed; it takes octal digits, 0 to 777"},
    {"pailfs s3://b /m -o umask=1000",
     "option umask: \"1000\" is not allowed; it takes octal digits, 0 to 777"},
    {"pailfs s3://b /m -o retry_mode=never",
     "option retry_mode: \"never\" is not allowed; it takes legacy, standard or adaptive"},
    {"pailfs s3://b /m -o log_level=a\nb",
     "option log_level: \"a\\nb\" is not allowed; it takes error, warn, info or debug"},
    {"pailfs s3://b /m -o path_style,virtual_style",
     "path_style and virtual_style exclude each other"},
};

START_TEST(refuses_in_one_line)
{
    check_refused(refused[_i].line, refused[_i].why);
}
END_TEST

START_TEST(rows_are_whole)
{
    const struct option_table *table = &options_of_pailfs;
    for (size_t i = 0; i < table->count; i++) {
        const struct option *row = &table->rows[i];
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(row->name, table->rows[j].name);
        if (row->kind >= OPTION_PASS)
            continue;
        ck_assert_ptr_nonnull(row->help);
        ck_assert((row->argument == NULL) == (row->kind == OPTION_FLAG));
        ck_assert((row->choices != NULL) == (row->kind == OPTION_CHOICE));
        if (row->kind == OPTION_TIME || row->kind == OPTION_SIZE || row->kind == OPTION_NUMBER)
            ck_assert_uint_gt(row->max, row->min);
        ck_assert_uint_le(row->offset + row->width, sizeof(struct options));
    }
}
END_TEST

START_TEST(help_fits_a_screen)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 65536);
    options_add_help(&b);
    ck_assert_int_eq(buf_failed(&b), 0);
    struct pail_str text = buf_str(&b), line;
    size_t lines = 0;
    while (str_next(&text, '\n', &line)) {
        lines++;
        ck_assert_msg(line.len < 80, "%.*s", (int)line.len, line.ptr);
    }
    ck_assert_uint_le(lines, 40);
}
END_TEST

START_TEST(pail_has_the_rows_of_the_client)
{
    struct options o;
    ck_assert_int_eq(options_init(&o, OPTION_PAIL), 0);
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    ck_assert_int_eq(
        options_assign(&o, &options_of_pail, OPTION_PAIL, PAIL_STR("read-timeout=3"), &b), 0);
    ck_assert_int_eq(o.config.read_timeout_ms, 3000);
    ck_assert_int_eq(o.config.connect_timeout_ms, 0);
    ck_assert_uint_eq(o.config.max_attempts, 0);
    ck_assert(!o.config.retry_quota_waits);
    ck_assert_int_eq(options_assign(&o, &options_of_pail, OPTION_PAIL, PAIL_STR("uid=3"), &b),
                     -EINVAL);
    buf_reset(&b);
    ck_assert_int_eq(
        options_assign(&o, &options_of_pail, OPTION_PAIL, PAIL_STR("read-timeot=3"), &b),
        -EINVAL);
    ck_assert_str_eq(buf_c(&b),
                     "unknown option \"--read-timeot\"; did you mean --read-timeout?");
    options_done(&o);
}
END_TEST

START_TEST(survives_lack_of_memory)
{
    char *argv[] = {(char[]){"pailfs"}, (char[]){"s3://b"}, (char[]){"/m"},
                    (char[]){"-oregion=x,uid=5"}, NULL};
    for (long allowed = 0;; allowed++) {
        struct options o = {0};
        struct buf b;
        buf_init(&b, 4096);
        alloc_fail_after(allowed);
        int r = options_init(&o, OPTION_PAILFS);
        if (r == 0)
            r = options_parse(&o, 4, argv, &b);
        alloc_fail_after(-1);
        buf_done(&b);
        options_done(&o);
        if (r == 0)
            break;
        ck_assert_int_eq(r, -ENOMEM);
    }
}
END_TEST

START_TEST(events)
{
    struct options o;
    check_parses(&o, "pailfs logs:// /mnt");
    ck_assert(!o.shown.since.present && !o.shown.until.present);
    ck_assert_int_eq(o.shown.logs_view, LOGS_VIEW_STREAMS);
    ck_assert_int_eq(o.shown.logs_format, LOGS_MESSAGE);
    ck_assert_int_eq(o.shown.kinesis_format, KINESIS_RAW);
    options_done(&o);
    check_parses(&o,
                 "pailfs logs:// /mnt -o since=1d,until=2026-11-01T00:00:00Z,logs_view=hours"
                 ",logs_format=json,kinesis_format=line");
    ck_assert(o.shown.since.present && o.shown.since.value > 0);
    ck_assert_int_eq(o.shown.until.value, 1793491200000);
    ck_assert_int_eq(o.shown.logs_view, LOGS_VIEW_HOURS);
    ck_assert_int_eq(o.shown.logs_format, LOGS_JSON);
    ck_assert_int_eq(o.shown.kinesis_format, KINESIS_LINE);
    options_done(&o);
    check_refused("pailfs logs:// /mnt -o since=yesterday",
                  "option since: \"yesterday\" is not allowed; it takes " WHEN_FORMS);
    check_refused("pailfs logs:// /mnt -o logs_view=days",
                  "option logs_view: \"days\" is not allowed; it takes streams or hours");
}
END_TEST

SUITE_MAIN("cli/options", tcase_add_test(tc, defaults);
           tcase_add_test(tc, every_option_is_taken); tcase_add_test(tc, words_of_fstab);
           tcase_add_test(tc, relative_paths_are_made_absolute);
           tcase_add_test(tc, help_and_version_need_nothing_else);
           tcase_add_loop_test(tc, refuses_in_one_line, 0, (int)ARRAY_LEN(refused));
           tcase_add_test(tc, rows_are_whole); tcase_add_test(tc, help_fits_a_screen);
           tcase_add_test(tc, pail_has_the_rows_of_the_client);
           tcase_add_test(tc, survives_lack_of_memory); tcase_add_test(tc, events));
