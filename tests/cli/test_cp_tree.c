/* pail cp -r: every key below a prefix that can be a file is one; nothing is written outside of
 * the directory. */
#include "cli/fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define GETS     "GET /bkt/*"
#define HEADS    "HEAD /bkt/*"
#define LISTINGS (&(const struct peer_match)PEER_S3_LISTING("bkt"))

static size_t fetched(void)
{
    return peer_count(peer, PEER_MATCH(.pattern = GETS, .without_param = "list-type"));
}

static void put(const char *key, const char *text)
{
    peer_s3_put_text(s3, "bkt", key, text);
}

/* ---- what comes where ---- */

/* As few requests as can be: one for each object that is not empty. */
START_TEST(copies_all_below_a_prefix)
{
    put("p/a", "1");
    put("p/b/c", "22");
    put("p/b/d/e", "333");
    put("p/empty", "");
    put("p/with space\nand line", "x");
    put("pq", "not below it");
    put("q/a", "nor this");
    ck_assert_int_eq(pail("cp -r s3://bkt/p out"), 0);
    ck_assert_str_eq(said, "");
    check_text("out/a", "1");
    check_text("out/b/c", "22");
    check_text("out/b/d/e", "333");
    check_text("out/empty", "");
    check_text("out/with space\nand line", "x");
    ck_assert_uint_eq(names_in("out"), 4);
    ck_assert_uint_eq(names_in(""), 1);
    ck_assert_uint_eq(peer_count(peer, LISTINGS), 1);
    ck_assert_uint_eq(fetched(), 4);
    ck_assert_uint_eq(peer_count_of(peer, HEADS), 0);
}
END_TEST

static const struct {
    const char *arguments; /* of p/a and p/b/c */
    const char *a, *c;     /* where they are then */
} places[] = {
    {"cp -r s3://bkt/p/ out", "out/a", "out/b/c"},
    {"cp --recursive s3://bkt/p out/", "out/a", "out/b/c"},
    {"cp -r s3://bkt out", "out/p/a", "out/p/b/c"},
    {"cp -r s3://bkt/ .", "p/a", "p/b/c"},
    {"cp -r s3://bkt/p .", "a", "b/c"},
    {"cp -r s3://bkt/p \"$PWD/out\"", "out/a", "out/b/c"},
    {"cp -qr s3://bkt/p/b s3://bkt/p out", "out/a", "out/c"},
};

START_TEST(copies_to_where_it_was_told)
{
    put("p/a", "1");
    put("p/b/c", "22");
    ck_assert_int_eq(pail(places[_i].arguments), 0);
    check_text(places[_i].a, "1");
    check_text(places[_i].c, "22");
    /* Again, over what is there. */
    put("p/a", "new");
    ck_assert_int_eq(pail(places[_i].arguments), 0);
    check_text(places[_i].a, "new");
}
END_TEST

START_TEST(large_ones_come_in_parts)
{
    peer_s3_put_generated(s3, "bkt", "p/large", 200000, 1);
    peer_s3_put_generated(s3, "bkt", "p/part", 65536, 2);
    put("p/small", "1");
    ck_assert_int_eq(pail("cp -r --part-size 64K s3://bkt/p out"), 0);
    check_generated("out/large", 200000, 1);
    check_generated("out/part", 65536, 2);
    check_text("out/small", "1");
    ck_assert_uint_eq(peer_count_of(peer, HEADS), 1);
    ck_assert_uint_eq(fetched(), 4 + 1 + 1);
}
END_TEST

START_TEST(goes_through_the_pages_of_the_listing)
{
    char key[32];
    for (int i = 0; i < 50; i++) {
        (void)snprintf(key, sizeof(key), "p/%02d/%d", i / 10, i);
        put(key, key);
    }
    peer_s3_set_page_size(s3, 7);
    ck_assert_int_eq(pail("cp -r s3://bkt/p out"), 0);
    for (int i = 0; i < 50; i++) {
        char name[32];
        (void)snprintf(key, sizeof(key), "p/%02d/%d", i / 10, i);
        (void)snprintf(name, sizeof(name), "out/%02d/%d", i / 10, i);
        check_text(name, key);
    }
    ck_assert_uint_eq(peer_count(peer, LISTINGS), 8);
}
END_TEST

START_TEST(one_object_is_copied_as_without_it)
{
    put("p/a", "1");
    ck_assert_int_eq(pail("cp -r s3://bkt/p/a ."), 0);
    check_text("a", "1");
    ck_assert_int_eq(pail("cp -r s3://bkt/p/a b"), 0);
    check_text("b", "1");
}
END_TEST

START_TEST(keys_that_end_in_a_slash_are_directories)
{
    put("p/", "");
    put("p/d/", "");
    put("p/e/", "content");
    put("p/e/f", "1");
    ck_assert_int_eq(pail("cp -r s3://bkt/p out"), 1);
    check_said("s3://bkt/p/e/: it has content, and the name of a directory");
    ck_assert_uint_eq(names_in("out/d"), 0);
    check_text("out/e/f", "1");
}
END_TEST

/* ---- what cannot be ---- */

static const struct {
    const char *key;
    size_t len;
} unnameable[] = {
    {"p//a", 0},      {"p/../a", 0},     {"p/..", 0},     {"p/.", 0},
    {"p/./a", 0},     {"p/a//b", 0},     {"p/a/../b", 0}, {"p/a/../../../../b", 0},
    {"p/d/../", 0},   {"p//", 0},        {"p/a\0b", 5},   {"p//etc/passwd", 0},
    {"p/../../b", 0}, {"p/ok/../ok", 0},
};

START_TEST(keys_that_no_path_can_name_are_refused)
{
    for (size_t i = 0; i < sizeof(unnameable) / sizeof(unnameable[0]); i++)
        peer_s3_put(s3, "bkt",
                    &(struct peer_s3_object){.key = unnameable[i].key,
                                             .key_len = unnameable[i].len,
                                             .content = "evil"});
    put("p/ok/a", "1");
    put("p/...", "2");
    put("p/..a", "3");
    ck_assert_int_eq(mkdir(in_work("out"), 0755), 0);
    ck_assert_int_eq(pail("cp -r s3://bkt/p out/in"), 1);
    ck_assert_uint_eq(said_lines(), sizeof(unnameable) / sizeof(unnameable[0]));
    for (const char *at = said; (at = strstr(at, "pail: s3://bkt/p/")); at++)
        ck_assert_ptr_nonnull(strstr(at, ": no file can have its name\n"));
    check_text("out/in/ok/a", "1");
    check_text("out/in/...", "2");
    check_text("out/in/..a", "3");
    ck_assert_uint_eq(names_in("out/in/ok"), 1);
    ck_assert_uint_eq(names_in("out/in"), 3);
    ck_assert_uint_eq(names_in("out"), 1);
    ck_assert_uint_eq(names_in(""), 1);
    ck_assert_uint_eq(names_in(".."), 1);
}
END_TEST

/* Not through a link that was there either. */
START_TEST(nothing_is_written_through_symbolic_links)
{
    ck_assert_int_eq(mkdir(in_work("out"), 0755), 0);
    ck_assert_int_eq(mkdir(in_work("elsewhere"), 0755), 0);
    write_text("elsewhere/file", "old");
    ck_assert_int_eq(symlink("../elsewhere", in_work("out/dir")), 0);
    ck_assert_int_eq(symlink("../elsewhere/file", in_work("out/file")), 0);
    ck_assert_int_eq(symlink("../elsewhere/new", in_work("out/new")), 0);
    put("p/dir/file", "x");
    put("p/dir/more/file", "x");
    put("p/dir/", "");
    put("p/file", "x");
    put("p/new", "");
    put("p/well", "1");
    ck_assert_int_eq(pail("cp -r s3://bkt/p out"), 1);
    ck_assert_uint_eq(said_lines(), 5);
    for (const char *at = said; (at = strstr(at, "pail: out/")); at++)
        ck_assert_ptr_nonnull(strstr(at, ": a symbolic link is in its way\n"));
    check_text("elsewhere/file", "old");
    ck_assert_uint_eq(names_in("elsewhere"), 1);
    check_text("out/well", "1");
    /* The directory itself may be one. */
    ck_assert_int_eq(symlink("elsewhere", in_work("link")), 0);
    ck_assert_int_eq(pail("cp -r s3://bkt/p/well s3://bkt/p/dir link"), 0);
    check_text("elsewhere/well", "1");
    check_text("elsewhere/more/file", "x");
}
END_TEST

/* A key's directory that is another key: the one that sorts first is a file. */
START_TEST(a_name_is_a_file_or_a_directory)
{
    put("p/a", "file");
    put("p/a-", "between");
    put("p/a/b", "below");
    put("p/z", "1");
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(pail("cp -r s3://bkt/p out"), 1);
        check_said("s3://bkt/p/a/b: out/a/b: Not a directory");
        check_text("out/a", "file");
        check_text("out/z", "1");
        ck_assert_int_eq(unlink(in_work("out/a")), 0);
    }
    ck_assert_int_eq(mkdir(in_work("out/a"), 0755), 0);
    ck_assert_int_eq(pail("cp -r s3://bkt/p out"), 1);
    check_said("s3://bkt/p/a: out/a: Is a directory");
    check_text("out/a/b", "below");
}
END_TEST

/* The same of two prefixes: the paths alone would not say whose key it is. */
static const struct {
    const char *first, *second, *said;
} clashes[] = {
    {"p/a", "q/a/b", "s3://bkt/q/a/b: out/a/b: Not a directory"},
    {"p/a", "q/a/", "s3://bkt/q/a/: out/a: Not a directory"},
    {"p/a/b", "q/a", "s3://bkt/q/a: out/a: Is a directory"},
};
static const size_t clash_sizes[] = {0, 1, 100000};

START_TEST(names_that_clash_are_told_by_their_keys)
{
    for (size_t i = 0; i < sizeof(clash_sizes) / sizeof(clash_sizes[0]); i++) {
        bool marker = clashes[_i].second[strlen(clashes[_i].second) - 1] == '/';
        peer_s3_put_generated(s3, "bkt", clashes[_i].first, 10, 1);
        peer_s3_put_generated(s3, "bkt", clashes[_i].second, marker ? 0 : clash_sizes[i], 2);
        ck_assert_int_eq(pail("cp -r --part-size 64K s3://bkt/p s3://bkt/q out"), 1);
        check_said(clashes[_i].said);
    }
}
END_TEST

/* ---- what fails ---- */

static const struct {
    const char *what;
    struct peer_match match;
    struct peer_response answer;
    unsigned times;
    int status;
    const char *says; /* NULL: nothing */
} faults[] = {
    {"gone",
     {.pattern = "GET /bkt/p/b"},
     PEER_S3_ERROR(404, "NoSuchKey"),
     0,
     3,
     "s3://bkt/p/b: NoSuchKey: "},
    {"denied",
     {.pattern = "GET /bkt/p/b"},
     PEER_S3_ERROR(403, "AccessDenied"),
     0,
     4,
     "s3://bkt/p/b: AccessDenied: "},
    {"another checksum",
     {.pattern = "GET /bkt/p/b"},
     {.over = true, .headers = "x-amz-checksum-crc32: AAAAAA=="},
     0,
     1,
     "s3://bkt/p/b: checksum mismatch: "},
    {"broken off",
     {.pattern = "GET /bkt/p/b"},
     {.over = true, .fault = {.end = PEER_END_CUT, .after = 1}},
     1,
     0,
     NULL},
    {"broken off for good",
     {.pattern = "GET /bkt/p/b"},
     {.over = true, .fault = {.end = PEER_END_CUT, .after = 0}},
     0,
     1,
     "s3://bkt/p/b: incomplete read: "},
    {"replaced since it was listed",
     {.pattern = "GET /bkt/p/b"},
     PEER_S3_ERROR(412, "PreconditionFailed"),
     1,
     0,
     NULL},
    {"longer than it was listed",
     {.method = "GET", .param = "list-type"},
     {.body = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/a</Key>"
              "<Size>1</Size></Contents><Contents>"
              "<Key>p/b</Key><Size>1</Size><ETag>*</ETag></Contents><Contents><Key>p/c</Key>"
              "</Contents></ListBucketResult>"},
     0,
     0,
     NULL},
    {"no listing",
     {.method = "GET", .param = "continuation-token"},
     PEER_S3_ERROR(403, "AccessDenied"),
     0,
     4,
     "s3://bkt/p/: AccessDenied: "},
};

START_TEST(what_fails_does_not_keep_the_others)
{
    put("p/a", "1");
    put("p/b", "22");
    put("p/c", "333");
    peer_s3_set_page_size(s3, 3);
    put("p/d", "4444");
    peer_rule_add(peer, &(struct peer_rule){.match = faults[_i].match,
                                            .times = faults[_i].times,
                                            .responses = &faults[_i].answer,
                                            .response_count = 1});
    int status = pail("cp -r s3://bkt/p out");
    ck_assert_msg(status == faults[_i].status, "%s: %d: %s", faults[_i].what, status, said);
    if (faults[_i].says)
        check_said(faults[_i].says);
    else
        ck_assert_str_eq(said, "");
    check_text("out/a", "1");
    check_text("out/c", "333");
    if (status == 0 || faults[_i].match.param)
        check_text("out/b", "22");
    else
        check_missing("out/b");
}
END_TEST

static const struct {
    const char *arguments;
    int status;
    const char *says;
} missing[] = {
    {"cp -r s3://bkt/none out", 3, "s3://bkt/none: Not Found (404"},
    {"cp -r s3://bkt/none/ out", 3, "s3://bkt/none/: no such prefix"},
    {"cp -r s3://none out", 3, "s3://none: NoSuchBucket: "},
    {"cp -r s3://bkt/p out/in", 1, "out/in: No such file or directory"},
};

START_TEST(what_is_not_there_makes_no_directory)
{
    put("p/a", "1");
    put("p/b", "1");
    ck_assert_int_eq(pail(missing[_i].arguments), missing[_i].status);
    check_said(missing[_i].says);
    ck_assert_uint_eq(names_in(""), 0);
}
END_TEST

START_TEST(an_empty_bucket_is_no_failure)
{
    ck_assert_int_eq(pail("cp -r s3://bkt out"), 0);
    ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(a_signal_leaves_whole_files_only)
{
    char key[32];
    for (int i = 0; i < 40; i++) {
        (void)snprintf(key, sizeof(key), "p/%02d", i);
        put(key, "whole");
    }
    peer_rule_add(
        peer, &(struct peer_rule){
                  .match = {.pattern = GETS, .without_param = "list-type"},
                  .skip = 20,
                  PEER_ANSWERS({.over = true, .fault = {.end = PEER_END_STALL, .after = 2}})});
    struct harness_command *command = pail_start("cp -r s3://bkt/p out");
    ck_assert(peer_wait_stalled(peer, 8, LONG_MS));
    ck_assert_int_eq(kill(harness_command_pid(command), SIGINT), 0);
    ck_assert_int_eq(pail_join(command), 128 + SIGINT);
    ck_assert_str_eq(said, "");
    size_t names = names_in("out");
    ck_assert_uint_le(names, 20);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(key, sizeof(key), "out/%02d", i);
        if (access(in_work(key), F_OK) == 0) {
            check_text(key, "whole");
            names--;
        }
    }
    ck_assert_uint_eq(names, 0);
}
END_TEST

CLI_SUITE("cli/cp_tree", tcase_add_test(tc, copies_all_below_a_prefix);
          tcase_add_loop_test(tc, copies_to_where_it_was_told, 0,
                              (int)(sizeof(places) / sizeof(places[0])));
          tcase_add_test(tc, large_ones_come_in_parts);
          tcase_add_test(tc, goes_through_the_pages_of_the_listing);
          tcase_add_test(tc, one_object_is_copied_as_without_it);
          tcase_add_test(tc, keys_that_end_in_a_slash_are_directories);
          tcase_add_test(tc, keys_that_no_path_can_name_are_refused);
          tcase_add_test(tc, nothing_is_written_through_symbolic_links);
          tcase_add_test(tc, a_name_is_a_file_or_a_directory);
          tcase_add_loop_test(tc, names_that_clash_are_told_by_their_keys, 0,
                              (int)(sizeof(clashes) / sizeof(clashes[0])));
          tcase_add_loop_test(tc, what_fails_does_not_keep_the_others, 0,
                              (int)(sizeof(faults) / sizeof(faults[0])));
          tcase_add_loop_test(tc, what_is_not_there_makes_no_directory, 0,
                              (int)(sizeof(missing) / sizeof(missing[0])));
          tcase_add_test(tc, an_empty_bucket_is_no_failure);
          tcase_add_test(tc, a_signal_leaves_whole_files_only));
