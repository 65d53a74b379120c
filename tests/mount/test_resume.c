/* Connections that break are none of the reader's business: a body goes on from its next byte.
 * What cannot be had is an error, never the end. */
#include "mount/fixture.h"

#include <signal.h>
#include <stdlib.h>

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define BIG (20 * MIB)

/* Every response to a GET of the file breaks off after so many bytes. */
static const struct cut {
    uint64_t size;
    enum peer_end end;
    uint64_t after;
} cuts[] = {
    {10000, PEER_END_CUT, 500},
    {10000, PEER_END_CUT, 9999},
    {10000, PEER_END_RESET, 4096},
    {10000, PEER_END_STALL, 5000},
    {500 * KIB, PEER_END_CUT, 128 * KIB - 1},
    {500 * KIB, PEER_END_CUT, 128 * KIB},
    {500 * KIB, PEER_END_CUT, 128 * KIB + 1},
    {MIB, PEER_END_CUT, 77777},
    {MIB + 1, PEER_END_CUT, MIB},
    {BIG, PEER_END_CUT, 999983},
    {BIG, PEER_END_RESET, 999983},
};
#define CUTS (sizeof(cuts) / sizeof(cuts[0]))

static uint64_t sent_of(const struct peer_match *match)
{
    uint64_t sent = 0;
    for (size_t i = 0; i < peer_count(peer, match); i++)
        sent += peer_outcome(peer, peer_request_at(peer, match, i)).body_sent;
    return sent;
}

START_TEST(broken_anywhere_any_number_of_times)
{
    const struct cut *cut = &cuts[_i];
    const struct peer_match fetches = {.method = "GET", .path = "/bkt/f"};
    put("f", cut->size, 7);
    fixture_mount("read_timeout=0.3,max_attempts=2");
    (void)peer_on(peer, "GET /bkt/f",
                  PEER_RESPONSE(.over = true, .fault = {.end = cut->end, .after = cut->after}));
    check_content(at("f"), cut->size, 7);
    size_t requests_sent = peer_count(peer, &fetches);
    ck_assert_uint_ge(requests_sent, (cut->size + cut->after - 1) / cut->after);
    for (size_t i = 0; i < requests_sent; i++)
        ck_assert_ptr_nonnull(
            peer_request_header(peer_request_at(peer, &fetches, i), "If-Match"));
    /* Nothing was fetched twice, but for what was on its way when a connection was reset. */
    if (cut->end != PEER_END_RESET)
        ck_assert_uint_eq(sent_of(&fetches), cut->size);
}
END_TEST

/* With nothing coming any more the attempts run out: what came before is right. */
START_TEST(broken_for_good)
{
    uint64_t read_bytes;
    put("big", BIG, 7);
    (void)peer_rule_add(
        peer,
        &(struct peer_rule){
            .match = {.pattern = "GET /bkt/big"},
            .skip = 2,
            PEER_ANSWERS({.over = true, .fault = {.end = PEER_END_CUT, .after = 100 * KIB}},
                         PEER_S3_ERROR(500, "InternalError")),
        });
    fixture_mount("max_attempts=2,operation_timeout=20");
    ck_assert_int_eq(try_read(at("big"), 7, &read_bytes), -EIO);
    ck_assert_uint_ge(read_bytes, MIB);
    ck_assert_uint_lt(read_bytes, BIG);
}
END_TEST

START_TEST(gone_and_back)
{
    put("f", 10, 1);
    put("g", 10, 1);
    fixture_mount("max_attempts=2,negative_ttl=0");
    check_names(top(), "f|g");
    peer_listen(peer, false);
    peer_drop(peer, false, false);
    ck_assert_int_eq(try_stat(at("none")), -ECONNREFUSED);
    ck_assert_int_eq(try_open(at("f")), -ECONNREFUSED);
    peer_listen(peer, true);
    check_content(at("g"), 10, 1);
    check_content(at("f"), 10, 1);
}
END_TEST

START_TEST(a_mapped_file_gets_a_signal)
{
    char output[256];
    put("f", 100, 1);
    (void)peer_on(peer, "GET /bkt/f",
                  PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_CUT, .after = 10}));
    fixture_mount("max_attempts=1");
    ck_assert_int_eq(harness_shell(top(), LONG_MS, output, sizeof(output),
                                   "python3 -c \"import mmap; f = open('f', 'rb'); "
                                   "mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)[0]\""),
                     128 + SIGBUS);
}
END_TEST

/* ---- directories ---- */

#define DIRS  6
#define FILES 9 /* in each */

/* The `_i`-th listing of a walk fails: the walk shows every name, or says that it could not.
 * Afterwards nothing is remembered that was cut short. */
START_TEST(a_walk_is_whole_or_fails)
{
    char key[32], output[4096];
    int found = 0;
    for (unsigned dir = 0; dir < DIRS; dir++)
        for (unsigned file = 0; file < FILES; file++) {
            (void)snprintf(key, sizeof(key), "d%u/f%u", dir, file);
            put(key, 1, 1);
        }
    peer_s3_set_page_size(s3, 4);
    fixture_mount("metadata_ttl=60,max_attempts=1");
    int rule = peer_rule_add(
        peer, &(struct peer_rule){
                  .match = {.method = "GET", .param = "list-type", .without_param = "max-keys"},
                  .skip = (unsigned)_i,
                  .times = 1,
                  PEER_ANSWERS(PEER_S3_ERROR(500, "InternalError"))});
    int r = harness_shell(top(), LONG_MS, output, sizeof(output),
                          "names=$(find . -type f 2>/dev/null); r=$?; "
                          "echo \"$names\" | grep -c f; exit $r");
    ck_assert_int_eq(sscanf(output, "%d", &found), 1);
    ck_assert_msg(r != 0 || found == DIRS * FILES, "%d of %d names, exit %d", found,
                  DIRS * FILES, r);
    peer_rule_remove(peer, rule);
    ck_assert_int_eq(
        harness_shell(top(), LONG_MS, output, sizeof(output), "find . -type f | wc -l"), 0);
    ck_assert_int_eq(sscanf(output, "%d", &found), 1);
    ck_assert_int_eq(found, DIRS * FILES);
}
END_TEST

MOUNT_SUITE("mount/resume", 60,
            tcase_add_loop_test(tc, broken_anywhere_any_number_of_times, 0, (int)CUTS);
            tcase_add_test(tc, broken_for_good); tcase_add_test(tc, gone_and_back);
            tcase_add_test(tc, a_mapped_file_gets_a_signal);
            tcase_add_loop_test(tc, a_walk_is_whole_or_fails, 0, 16));
