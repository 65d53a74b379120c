/* Log groups as a mount, against real servers (scripts/aws-server, as the environment names
 * them), with the tools that people use: what they show is what botocore reads. */
#include "mount/services.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *const servers[] = {"ministack", "moto"};
#define SERVERS 2

static void check_same(const char *of_mount, const char *of_botocore)
{
    size_t at = 0;
    while (of_mount[at] && of_mount[at] == of_botocore[at])
        at++;
    if (of_mount[at] != of_botocore[at])
        ck_abort_msg("from byte %zu on:\n%.300s\nnot\n%.300s", at, of_mount + at,
                     of_botocore + at);
}

/* ---- what there is ---- */

START_TEST(names_are_what_botocore_lists)
{
    const char *server = servers[_i];
    mount_server(server, "logs://", NULL);
    const char *found = shell(
        top(), "find . -mindepth 1 -not -path './test*' -printf '%%y %%P\\n' | LC_ALL=C sort");
    check_same(found, shell("/", AWS "%s tree | grep -v '^. test'", server));
    shell(top(), "ls -R . >/dev/null");
}
END_TEST

START_TEST(contents_are_what_botocore_reads)
{
    const char *server = servers[_i];
    shell(scratch, "rm -rf saved && mkdir saved");
    shell("/", AWS "%s save %s/saved /pail/app /pail/many /pail/odd pail-plain", server,
          scratch);
    mount_server(server, "logs://", NULL);
    shell(scratch,
          "set -e; for d in $(cd saved && ls -d pail/* pail-plain); do diff -r saved/$d "
          "'%s'/$d; done",
          top());
    /* Once more, without a question: it is kept. */
    char before[65536], after[65536];
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", before, sizeof(before)), 0);
    shell(scratch, "cmp saved/pail/many/@streams/all '%s'/pail/many/@streams/all", top());
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", after, sizeof(after)), 0);
    ck_assert_int_eq(strncmp(strstr(after, "logs.pages"), strstr(before, "logs.pages"), 16), 0);
}
END_TEST

/* ---- tools ---- */

static const char *const commands[] = {
    "grep -r ERROR . | LC_ALL=C sort",
    "grep -rc request . | LC_ALL=C sort",
    "grep -rh ERROR . | LC_ALL=C sort | uniq -d | wc -l",
    "wc -l $(find . -type f | LC_ALL=C sort) | sed 's/^ *//'",
    "awk '/ERROR/ { n[$3 % 7]++ } END { for (k in n) print k, n[k] }' "
    "$(find . -type f | LC_ALL=C sort) | sort",
    "for f in $(find . -type f | LC_ALL=C sort); do tail -n 3 $f; done",
    "for f in $(find . -type f | LC_ALL=C sort); do head -n 3 $f; done",
    "tail -c 100 @streams/worker; head -c 100 @streams/worker",
    "tac @streams/web/1 | head -n 5",
    "dd if=@streams/web/2 bs=7 skip=100 count=20 2>/dev/null | od -c",
    "cat @streams/*/* @streams/worker | sha256sum",
    "sort @streams/web/2 | uniq | head -n 20",
    "python3 -c \"import collections, glob; print(collections.Counter(l.split()[0] for n in "
    "sorted(glob.glob('@streams/web/*')) for l in open(n)))\"",
    "mkdir ${TMPDIR:-/tmp}/copy.$$ && cp -r . ${TMPDIR:-/tmp}/copy.$$ && (cd "
    "${TMPDIR:-/tmp}/copy.$$ && grep -rc . . | "
    "LC_ALL=C sort); chmod -R u+w ${TMPDIR:-/tmp}/copy.$$; rm -rf ${TMPDIR:-/tmp}/copy.$$",
    "tail -n 100000 @streams/worker | tail -n +299",
    /* What takes the size for all there is. */
    "tar cf ${TMPDIR:-/tmp}/tar.$$ . && tar xOf ${TMPDIR:-/tmp}/tar.$$ | sort | sha256sum; rm "
    "${TMPDIR:-/tmp}/tar.$$",
    "wc -c @streams/worker @streams/web/1",
    "python3 -c \"import shutil, sys; shutil.copyfile('@streams/worker', sys.argv[1])\" "
    "${TMPDIR:-/tmp}/copied.$$ && sha256sum <${TMPDIR:-/tmp}/copied.$$; "
    "rm ${TMPDIR:-/tmp}/copied.$$",
    "python3 -c \"import os, sys; f = os.open('@streams/web/1', 0); n = "
    "os.fstat(f).st_size; o = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY); print(n, "
    "os.sendfile(o, f, 0, n))\" ${TMPDIR:-/tmp}/sent.$$ && sha256sum <${TMPDIR:-/tmp}/sent.$$; "
    "rm -f ${TMPDIR:-/tmp}/sent.$$",
    "python3 -c \"import mmap; f = open('@streams/web/2'); print(len(mmap.mmap(f.fileno(), 0, "
    "prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE)[:]))\"",
    "cp @streams/worker ${TMPDIR:-/tmp}/cp.$$ && sha256sum <${TMPDIR:-/tmp}/cp.$$; rm "
    "${TMPDIR:-/tmp}/cp.$$",
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

START_TEST(tools_agree)
{
    static bool saved;
    if (!saved)
        shell("/", AWS "ministack save %s/tools /pail/app", scratch);
    saved = true;
    mount_server("ministack", "logs:///pail/app", NULL);
    const char *of_mount = shell(top(), "%s", commands[_i]);
    ck_assert_uint_gt(strlen(of_mount), 0);
    char dir[512];
    (void)snprintf(dir, sizeof(dir), "%s/tools/pail/app", scratch);
    check_same(of_mount, shell(dir, "%s", commands[_i]));
}
END_TEST

START_TEST(grep_ends_and_finds_each_line_once)
{
    mount_server(servers[_i], "logs://", "logs_view=hours");
    ck_assert_str_eq(shell(top(), "grep -rh ERROR pail/app | LC_ALL=C sort | uniq | wc -l"),
                     "90\n");
    ck_assert_str_eq(shell(top(), "grep -rh ERROR pail/app | wc -l"), "90\n");
    ck_assert_str_eq(shell(top(), "ls pail/app"), "@hours\n");
    ck_assert_str_eq(shell(top(), "grep -rh ERROR pail/app/@streams | wc -l"), "90\n");
    fixture_unmount();
    mount_server(servers[_i], "logs:///pail/app", NULL);
    ck_assert_str_eq(shell(top(), "ls; grep -rh ERROR . | wc -l"), "@streams\n90\n");
}
END_TEST

/* ---- hours ---- */

START_TEST(an_hour_has_the_events_of_all_streams)
{
    const char *server = servers[_i], *begin = getenv("PAIL_SAMPLES_MS");
    long long ms = 0;
    struct tm tm;
    char path[64], first[128];
    ck_assert_int_eq(sscanf(begin, "%lld", &ms), 1);
    time_t seconds = (time_t)(ms / 1000);
    (void)strftime(path, sizeof(path), "%Y/%m/%d/%H", gmtime_r(&seconds, &tm));
    mount_server(server, "logs://", NULL);
    const char *lines = shell(top(), "LC_ALL=C sort pail/app/@hours/%s", path);
    ck_assert_str_ne(lines, "");
    check_same(lines, shell("/", AWS "%s hour /pail/app %s", server, begin));
    if (strcmp(server, "moto") == 0) /* the other has no second page */
        ck_assert_str_eq(shell(top(), "wc -l <pail/many/@hours/%s", path), "12345\n");
    ck_assert_int_eq(try_stat(at("pail/app/@hours/2001/01/01/00")), -ENOENT);
    ck_assert_int_eq(try_stat(at("pail/app/@hours/2001")), -ENOENT);
    (void)snprintf(first, sizeof(first), "pail/app/@hours/%s\n", path);
    ck_assert_str_eq(shell(top(), "find pail/app/@hours -type f | LC_ALL=C sort | head -n 1"),
                     first);
    struct stat attributes;
    ck_assert_int_eq(stat(at("pail/app/@hours/%s", path), &attributes), 0);
    ck_assert_int_eq(attributes.st_mtime, seconds + 299); /* the last event's */
}
END_TEST

/* ---- as they grow ---- */

START_TEST(tail_follows_a_stream)
{
    const char *server = servers[_i], *group = unique("/test/grows");
    shell("/", AWS "%s make %s s", server, group);
    shell("/", AWS "%s put %s s one", server, group);
    mount_server(server, "logs://", NULL);
    const char *lines =
        shell(top(),
              "tail -n +1 -f %s/@streams/s | while read -r line; do echo \"got $line\"; "
              "case $line in one) " AWS "%s put %s s two three;; "
              "three) " AWS "%s put %s s four;; four) break;; esac; done",
              group + 1, server, group, server, group);
    ck_assert_str_eq(lines, "got one\ngot two\ngot three\ngot four\n");
    ck_assert_str_eq(shell(top(), "cat %s/@streams/s", group + 1), "one\ntwo\nthree\nfour\n");
    struct stat attributes;
    ck_assert_int_eq(stat(at("%s/@streams/s", group + 1), &attributes), 0);
    ck_assert_int_lt(labs(attributes.st_mtime - time(NULL)), 600);
    shell("/", AWS "%s remove %s", server, group);
}
END_TEST

START_TEST(new_streams_and_groups_appear)
{
    const char *server = servers[_i], *group = unique("/test/new");
    mount_server(server, "logs://", "metadata_ttl=0,negative_ttl=0");
    ck_assert_int_eq(try_stat(at("%s", group + 1)), -ENOENT);
    shell("/", AWS "%s make %s", server, group);
    ck_assert_int_eq(try_stat(at("%s", group + 1)), 0);
    check_names(at("%s", group + 1), "@streams");
    check_names(at("%s/@streams", group + 1), "");
    shell("/", AWS "%s make %s b a/1 a-b a.c a/2/x", server, group);
    check_names(at("%s/@streams", group + 1), "a-b|a.c|a|b");
    check_names(at("%s/@streams/a", group + 1), "1|2");
    ck_assert_str_eq(shell(top(), "cat %s/@streams/a/2/x %s/@streams/b", group + 1, group + 1),
                     "");
    shell("/", AWS "%s remove %s", server, group);
    ck_assert_int_eq(try_stat(at("%s/@streams", group + 1)), -ENOENT);
    size_t count;
    ck_assert_int_eq(try_list(at("%s", group + 1), &count), -ENOENT);
}
END_TEST

/* Events are put until the reader has its two lines: when it begins is not known. */
START_TEST(live_tail)
{
    const char *group = unique("/test/live");
    shell("/", AWS "ministack make %s s", group);
    mount_server("ministack", "logs://", "logs_format=timestamp");
    ck_assert_str_eq(shell(top(), "ls %s", group + 1), "@streams\n");
    const char *lines =
        shell(top(), AWS "ministack until 'head -n 2 .%s/@tail' %s s live", group, group);
    ck_assert_str_eq(shell(scratch, "printf %%s '%s' | grep -cE '^[0-9T:.-]+Z s live$'", lines),
                     "2\n");
    shell("/", AWS "ministack remove %s", group);
}
END_TEST

/* ---- what a mount is told ---- */

START_TEST(formats)
{
    mount_server("ministack", "logs:///pail/app", "logs_format=json");
    ck_assert_str_eq(
        shell(top(), "python3 -c \"import json; l = [json.loads(x) for x in "
                     "open('@streams/web/1')]; print(len(l), l[3]['message'], "
                     "sorted(l[3]))\""),
        "300 ERROR web/1 request 3 took 757 ms ['ingestionTime', 'message', 'timestamp']\n");
    fixture_unmount();
    mount_server("ministack", "logs:///pail/odd", "logs_format=timestamp");
    ck_assert_str_eq(shell(top(), "grep -cE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z event' "
                                  "@streams/same-time"),
                     "1000\n");
}
END_TEST

START_TEST(bounds)
{
    long long ms = 0;
    char options[128], since[32], until[32];
    struct tm tm;
    ck_assert_int_eq(sscanf(getenv("PAIL_SAMPLES_MS"), "%lld", &ms), 1);
    time_t from = (time_t)(ms / 1000 + 100), to = from + 10;
    (void)strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%S.5Z", gmtime_r(&from, &tm));
    (void)strftime(until, sizeof(until), "%Y-%m-%dT%H:%M:%S.5Z", gmtime_r(&to, &tm));
    (void)snprintf(options, sizeof(options), "since=%s,until=%s", since, until);
    for (int i = 0; i < SERVERS; i++) {
        mount_server(servers[i], "logs:///pail/app", options);
        ck_assert_str_eq(shell(top(), "grep -rhc . | sort | uniq -c | tr -s ' '"), " 3 10\n");
        ck_assert_str_eq(shell(top(), "cat @hours/*/*/*/* | wc -l"), "30\n");
        fixture_unmount();
    }
}
END_TEST

START_TEST(uris_and_counters)
{
    char value[65536];
    mount_server("ministack", "logs://", NULL);
    ck_assert_int_gt(
        try_xattr(at("pail/app/@streams/web/1"), "user.pail.uri", value, sizeof(value)), 0);
    ck_assert_str_eq(value, "logs:///pail/app/@streams/web/1");
    ck_assert_int_gt(try_xattr(at("pail-plain/@hours"), "user.pail.uri", value, sizeof(value)),
                     0);
    ck_assert_str_eq(value, "logs://pail-plain/@hours");
    shell(top(), "cat pail/app/@streams/worker; getfattr -d -m - pail/app/@streams/worker");
    ck_assert_int_gt(try_xattr(top(), "user.pail.stats", value, sizeof(value)), 0);
    ck_assert_ptr_nonnull(strstr(value, "logs.events 300\n"));
    ck_assert_int_eq(try_stat(at("pail/none")), -ENOENT);
    ck_assert_int_eq(try_stat(at("pail/app/@streams/none")), -ENOENT);
    ck_assert_int_eq(try_stat(at("pail/@streams")), -ENOENT);
    ck_assert_int_eq(try_stat(at("pail-plain/nested/@streams/there")), 0);
}
END_TEST

START_TEST(refusals)
{
    static const struct {
        const char *source, *options, *told;
        int status;
    } refused[] = {
        {"logs:///none", NULL, "no log group is there or below", 1},
        {"logs://a b", NULL, "a log group's name has", 2},
        {"logs://", "since=now", "option since", 2},
        {"logs://", "since=2026-11-02,until=2026-11-01",
         "option since (2026-11-02T00:00:00Z) is not before option until "
         "(2026-11-01T00:00:00Z): "
         "nothing lies between them",
         2},
        {"logs://", "logs_view=all", "option logs_view", 2},
        {"s3://bkt", "since=1h", "bound events", 2},
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        fixture_mount_config(&(struct harness_mount_config){.source = refused[i].source,
                                                            .endpoint = server_url("ministack"),
                                                            .options = refused[i].options});
        ck_assert_int_eq(harness_mount_state(mount), -ECHILD);
        ck_assert_int_eq(harness_mount_exit_status(mount, LONG_MS), refused[i].status);
        ck_assert_msg(strstr(harness_mount_log(mount), refused[i].told) != NULL, "%s",
                      harness_mount_log(mount));
        fixture_unmount();
    }
}
END_TEST

MOUNT_SUITE("mount/logs", 150, tcase_add_unchecked_fixture(tc, make_scratch, NULL);
            tcase_add_loop_test(tc, names_are_what_botocore_lists, 0, SERVERS);
            tcase_add_loop_test(tc, contents_are_what_botocore_reads, 0, SERVERS);
            tcase_add_loop_test(tc, tools_agree, 0, (int)COMMANDS);
            tcase_add_loop_test(tc, grep_ends_and_finds_each_line_once, 0, SERVERS);
            tcase_add_loop_test(tc, an_hour_has_the_events_of_all_streams, 0, SERVERS);
            tcase_add_loop_test(tc, tail_follows_a_stream, 0, SERVERS);
            tcase_add_loop_test(tc, new_streams_and_groups_appear, 0, SERVERS);
            tcase_add_test(tc, live_tail); tcase_add_test(tc, formats);
            tcase_add_test(tc, bounds); tcase_add_test(tc, uris_and_counters);
            tcase_add_test(tc, refusals));
