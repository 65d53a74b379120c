/* pail cp: a file is there whole and verified, or as it was before. */
#include "cli/fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART      UINT64_C(65536)
#define SIZE      (20 * PART + 17)
#define SEED      3
#define PARTS     "--part-size 64K --parallel 4 "
#define HEAD      "HEAD /bkt/k"
#define GET       "GET /bkt/k"
#define PIPE_DIED (128 + SIGPIPE)

static void put(void)
{
    peer_s3_put_generated(s3, "bkt", "k", SIZE, SEED);
}

START_TEST(copies_all_of_it)
{
    put();
    ck_assert_int_eq(pail("cp " PARTS "s3://bkt/k file"), 0);
    ck_assert_str_eq(said, "");
    check_generated("file", SIZE, SEED);
    ck_assert_uint_eq(names_in(""), 1);
    ck_assert_uint_eq(peer_count_of(peer, HEAD), 1);
    ck_assert_uint_eq(peer_count_of(peer, GET), 21);
}
END_TEST

START_TEST(copies_into_a_directory_and_to_standard_output)
{
    peer_s3_put_text(s3, "bkt", "dir/a", "one\n");
    peer_s3_put_text(s3, "bkt", "b", "");
    ck_assert_int_eq(pail("cp s3://bkt/dir/a s3://bkt/b ."), 0);
    check_text("a", "one\n");
    check_text("b", "");
    ck_assert_int_eq(pail("cp s3://bkt/dir/a s3://bkt/b s3://bkt/dir/a -"), 0);
    ck_assert_str_eq(said, "one\none\n");
    ck_assert_uint_eq(names_in(""), 2);
}
END_TEST

START_TEST(a_body_that_breaks_off_goes_on)
{
    put();
    struct peer_response cut = {.over = true, .fault = {.end = PEER_END_RESET, .after = 30000}};
    peer_rule_add(peer, &(struct peer_rule){.match = {.pattern = GET},
                                            .skip = 2,
                                            .times = 5,
                                            .responses = &cut,
                                            .response_count = 1});
    ck_assert_int_eq(pail("cp " PARTS "s3://bkt/k file"), 0);
    ck_assert_str_eq(said, "");
    check_generated("file", SIZE, SEED);
    ck_assert_uint_ge(peer_count_of(peer, GET), 21 + 5);
}
END_TEST

/* ---- failures ---- */

static const struct {
    const char *what;
    const char *before;    /* what the shell does first */
    const char *arguments; /* with a target "file" */
    const char *pattern;   /* of the requests that are answered so, from the third on... */
    struct peer_response answer;
    bool at_once; /* ...or from the first on */
    int status;
    const char *says;
} failures[] = {
    {"no such key", "", "cp s3://bkt/none file", NULL, {0}, false, 3, "s3://bkt/none: Not F"},
    {"no such bucket",
     "",
     "cp s3://none/k file",
     NULL,
     {0},
     false,
     3,
     "s3://none/k: Not Found"},
    {"a directory",
     "",
     "cp s3://bkt/dir file",
     NULL,
     {0},
     false,
     3,
     "s3://bkt/dir: is no object, but a directory; -r copies all that is below it\n"},
    {"denied",
     "",
     "cp s3://bkt/k file",
     HEAD,
     {.status = 403},
     true,
     4,
     "s3://bkt/k: Forbidden (403"},
    {"asked to slow down",
     "",
     "cp --max-attempts 1 s3://bkt/k file",
     HEAD,
     {.status = 503},
     true,
     5,
     "s3://bkt/k: Service Unavailable (503"},
    {"nobody there",
     "",
     "cp --endpoint http://127.0.0.1:1 --max-attempts 1 s3://bkt/k file",
     NULL,
     {0},
     false,
     5,
     "s3://bkt/k: cannot connect: "},
    {"no length",
     "",
     "cp s3://bkt/k file",
     HEAD,
     {.over = true, .headers = "!Content-Length", .framing = PEER_BARE},
     true,
     1,
     "s3://bkt/k: malformed response: the service does not say its size"},
    {"no version",
     "",
     "cp s3://bkt/k file",
     HEAD,
     {.over = true, .headers = "!ETag"},
     true,
     1,
     "s3://bkt/k: malformed response: the service gives it no strong ETag"},
    {"a body cut for good",
     "",
     "cp " PARTS "--max-attempts 1 s3://bkt/k file",
     GET,
     {.over = true, .fault = {.end = PEER_END_CUT, .after = 0}},
     false,
     1,
     "s3://bkt/k: incomplete read: "},
    {"replaced meanwhile", "", "cp " PARTS "s3://bkt/k file", GET,
     PEER_S3_ERROR(412, "PreconditionFailed"), false, 1,
     "s3://bkt/k: PreconditionFailed: the object was replaced while it was copied (412"},
    {"gone meanwhile", "", "cp " PARTS "s3://bkt/k file", GET, PEER_S3_ERROR(404, "NoSuchKey"),
     false, 3, "s3://bkt/k: NoSuchKey: "},
    {"all of it instead of a part",
     "",
     "cp " PARTS "s3://bkt/k file",
     GET,
     {.body = "everything"},
     false,
     1,
     "s3://bkt/k: malformed response: "},
    {"another checksum",
     "",
     "cp " PARTS "s3://bkt/k file",
     HEAD,
     {.over = true, .headers = "x-amz-checksum-xxhash3: AAAAAAAAAAA="},
     true,
     1,
     "s3://bkt/k: checksum mismatch: what arrived has not the xxhash3 of the object"},
    {"a limit of files",
     "ulimit -f 64; ",
     "cp " PARTS "s3://bkt/k file",
     NULL,
     {0},
     false,
     1,
     "file: File too large"},
    {"no such directory",
     "",
     "cp s3://bkt/k none/file",
     NULL,
     {0},
     false,
     1,
     "none/file: No such file or directory"},
};

/* With a file there before, and without: it is as it was, and nothing else is there. */
START_TEST(a_failure_is_one_line_and_leaves_nothing)
{
    bool there = _i % 2;
    size_t at = (size_t)_i / 2;
    put();
    peer_s3_put_generated(s3, "bkt", "dir/a", 1, 1);
    if (there)
        write_text("file", "old");
    if (failures[at].pattern)
        peer_rule_add(peer, &(struct peer_rule){.match = {.pattern = failures[at].pattern},
                                                .skip = failures[at].at_once ? 0 : 3,
                                                .responses = &failures[at].answer,
                                                .response_count = 1});
    int status = pail_after(failures[at].before, failures[at].arguments);
    ck_assert_msg(status == failures[at].status, "%s: %d: %s", failures[at].what, status, said);
    check_said(failures[at].says);
    ck_assert_uint_eq(names_in(""), there);
    if (there)
        check_text("file", "old");
}
END_TEST

/* The disk's size is known, and asked, before anything is fetched. */
START_TEST(a_full_disk_is_told_before_anything_is_fetched)
{
    put();
    ck_assert_int_eq(mkdir(in_work("small"), 0755), 0);
    if (mount("none", in_work("small"), "tmpfs", 0, "size=256k") < 0 && errno == EPERM)
        return; /* only root can have such a disk */
    write_text("small/file", "old");
    int status = pail("cp " PARTS "s3://bkt/k small/file");
    size_t names = names_in("small");
    check_text("small/file", "old");
    ck_assert_int_eq(umount2(in_work("small"), MNT_DETACH), 0);
    ck_assert_int_eq(status, 1);
    check_said("small/file: No space left on device");
    ck_assert_uint_eq(names, 1);
    ck_assert_uint_eq(peer_count_of(peer, GET), 0);
}
END_TEST

START_TEST(a_disk_that_fills_up_ends_the_copy)
{
    put();
    ck_assert_int_eq(pail("cp " PARTS "s3://bkt/k /dev/full"), 1);
    check_said("/dev/full: No space left on device");
    ck_assert_int_eq(pail("cp " PARTS "s3://bkt/k - >/dev/full"), 1);
    check_said("standard output: No space left on device");
}
END_TEST

/* Those that went out before are answered with the old content; the next one tells. */
START_TEST(an_object_that_is_replaced_ends_the_copy)
{
    struct peer_response stall = {.over = true, .fault = {.end = PEER_END_STALL, .after = 100}};
    put();
    write_text("file", "old");
    peer_rule_add(peer, &(struct peer_rule){.match = {.pattern = GET},
                                            .skip = 3,
                                            .times = 1,
                                            .responses = &stall,
                                            .response_count = 1});
    struct harness_command *command =
        pail_start("cp --part-size 64K --parallel 1 s3://bkt/k file");
    ck_assert(peer_wait_stalled(peer, 1, LONG_MS));
    peer_s3_put_generated(s3, "bkt", "k", SIZE, SEED + 1);
    peer_release(peer);
    ck_assert_int_eq(pail_join(command), 1);
    check_said("s3://bkt/k: PreconditionFailed: the object was replaced while it was copied");
    check_text("file", "old");
    ck_assert_uint_eq(names_in(""), 1);
}
END_TEST

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGKILL};

START_TEST(a_signal_leaves_nothing)
{
    put();
    write_text("file", "old");
    peer_rule_add(peer, &(struct peer_rule){
                            .match = {.pattern = GET},
                            .skip = 8,
                            PEER_ANSWERS({.over = true,
                                          .fault = {.end = PEER_END_STALL, .after = 100}})});
    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
        struct harness_command *command = pail_start("cp " PARTS "s3://bkt/k file");
        ck_assert(peer_wait_stalled(peer, 4, LONG_MS));
        ck_assert_int_eq(kill(harness_command_pid(command), deadly[i]), 0);
        ck_assert_int_eq(pail_join(command), 128 + deadly[i]);
        ck_assert_str_eq(said, "");
        check_text("file", "old");
        ck_assert_uint_eq(names_in(""), 1);
        ck_assert(peer_wait_connections(peer, 0, LONG_MS));
    }
}
END_TEST

/* As cat(1) would: nothing is said, and the shell sees SIGPIPE. */
START_TEST(a_reader_that_goes_away_ends_it_quietly)
{
    put();
    ck_assert_int_eq(pail_after("{ ", "cp " PARTS "s3://bkt/k -; echo $? >../status; } | "
                                      "head -c 1 >../first"),
                     0);
    ck_assert_str_eq(said, "");
    check_generated("../first", 1, SEED);
    check_text("../status", "141\n");
    ck_assert_int_eq(PIPE_DIED, 141);
}
END_TEST

START_TEST(what_was_printed_of_a_wrong_object_is_told_by_the_status)
{
    put();
    peer_on(peer, HEAD,
            PEER_RESPONSE(.over = true, .headers = "x-amz-checksum-crc32: AAAAAA=="));
    ck_assert_int_eq(pail("cp " PARTS "s3://bkt/k - >../out"), 1);
    check_said("s3://bkt/k: checksum mismatch: what arrived has not the crc32 of the object");
    check_generated("../out", SIZE, SEED);
}
END_TEST

static const struct {
    const char *arguments;
    const char *says;
} refused[] = {
    {"cp s3://bkt/k", "usage: pail cp "},
    {"cp s3://bkt/k ''", ": is not a file to write to"},
    {"cp s3://bkt/k s3://bkt/l", "s3://bkt/l: is not a file to write to"},
    {"cp s3://bkt/k s3://bkt/l file", "file: is not a directory"},
    {"cp s3://bkt/ file", "s3://bkt/: names no object; -r copies"},
    {"cp s3://bkt/dir/ .", "s3://bkt/dir/: its last part cannot be the name of a file; -r"},
    {"cp s3://bkt/.. .", "s3://bkt/..: its last part cannot be the name of a file"},
    {"cp /etc/passwd file", "/etc/passwd: is not s3://BUCKET/KEY"},
    {"cp k s3://bkt/k",
     "s3://bkt/k: is not a file to write to; objects are copied to files only\n"},
    {"cp -r s3://bkt/dir -", "-: is not a directory"},
    {"cp -r s3://bkt/dir /dev/null", "/dev/null: is not a directory"},
    {"cp -r s3:// out", "s3://: names no bucket"},
    {"cat s3://bkt",
     "s3://bkt names no object; usage: pail cat [OPTION]... s3://BUCKET/KEY...\n"},
    {"lines s3://bkt/",
     "s3://bkt names no object; usage: pail lines [OPTION]... s3://BUCKET/KEY...\n"},
    {"cp -r --version-id v s3://bkt/dir out", "option --version-id: with --recursive "},
};

START_TEST(what_cannot_be_meant_is_refused)
{
    ck_assert_int_eq(pail(refused[_i].arguments), 2);
    check_said(refused[_i].says);
    ck_assert_uint_eq(peer_count(peer, NULL), 0);
    ck_assert_uint_eq(names_in(""), 0);
}
END_TEST

CLI_SUITE("cli/cp", tcase_add_test(tc, copies_all_of_it);
          tcase_add_test(tc, copies_into_a_directory_and_to_standard_output);
          tcase_add_test(tc, a_body_that_breaks_off_goes_on);
          tcase_add_loop_test(tc, a_failure_is_one_line_and_leaves_nothing, 0,
                              2 * (int)(sizeof(failures) / sizeof(failures[0])));
          tcase_add_test(tc, a_full_disk_is_told_before_anything_is_fetched);
          tcase_add_test(tc, a_disk_that_fills_up_ends_the_copy);
          tcase_add_test(tc, an_object_that_is_replaced_ends_the_copy);
          tcase_add_test(tc, a_signal_leaves_nothing);
          tcase_add_test(tc, a_reader_that_goes_away_ends_it_quietly);
          tcase_add_test(tc, what_was_printed_of_a_wrong_object_is_told_by_the_status);
          tcase_add_loop_test(tc, what_cannot_be_meant_is_refused, 0,
                              (int)(sizeof(refused) / sizeof(refused[0]))));
