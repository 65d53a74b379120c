#include "unit/fs/fixture.h"

#include "base/num.h"
#include "fs/stats.h"

#include <errno.h>

static struct fixture f;

/* The lines but those of what is the process's, which are there with a number. */
static void check_stats(const char *expected)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    stats_add(&f.fs, &b);
    ck_assert_int_eq(buf_failed(&b), 0);
    CLEANUP_DONE(buf) struct buf rest;
    buf_init(&rest, 4096);
    struct pail_str text = buf_str(&b), line;
    uint64_t resident = 0;
    while (str_next(&text, '\n', &line) && line.len > 0) {
        if (str_starts(line, PAIL_STR("resident_bytes "))) {
            ck_assert_int_eq(num_u64(str_sub(line, 15, line.len), UINT64_MAX, &resident), 0);
            continue;
        }
        buf_add_str(&rest, line);
        buf_add_byte(&rest, '\n');
    }
    ck_assert_uint_gt(resident, 100000);
    ck_assert_str_eq(buf_c(&rest), expected);
}

START_TEST(all_zero_at_first)
{
    fixture_init(&f);
    fixture_start(&f);
    check_stats(
        "lookups 0\nlookups_answered 0\nopens 0\nopens_answered 0\nreads 0\n"
        "reads_answered 0\nread_bytes 0\nread_bytes_gathered 0\nstored_bytes 0\nread_blocks 0\n"
        "readdirs 0\nreaddirs_answered 0\nxattrs 0\n"
        "xattrs_answered 0\nfetches 0\nfetched_bytes 0\nparallel_parts 4\nfetched_ahead 0\n"
        "fetched_ahead_hits 0\ninterrupted 0\nwaiting 0\noldest_wait_ms 0\n"
        "requests_under_way 0\npage_bytes 0\npage_bytes_idle 0\npage_bytes_peak 0\n"
        "nodes 1\nlog_lines_left_out 0\nlog_lines_dropped 0\nrequests 0\n");
    fixture_done(&f);
}
END_TEST

START_TEST(counts)
{
    fixture_init(&f);
    fixture_start(&f);
    f.fs.stats = (struct fs_stats){.lookups = 10,
                                   .lookups_answered = 9,
                                   .opens = 3,
                                   .opens_answered = 1,
                                   .reads = 4,
                                   .reads_answered = 2,
                                   .readdirs = 6,
                                   .readdirs_answered = 5,
                                   .xattrs = 8,
                                   .xattrs_answered = 7,
                                   .read_bytes = UINT64_MAX,
                                   .gathered_bytes = 70000,
                                   .stored_bytes = 36000,
                                   .interrupted = 2};
    f.fs.stats.failures[ENOENT] = 7;
    f.fs.stats.failures[ESTALE] = 1;
    f.fs.failures.left_out_total = 11;
    f.fs.read_ops.made = 12;
    struct node *node = file_node(&f, "x", "v1", PAGE_BYTES + 5);
    struct handle *handle = open_whole(&f, node);
    struct parked parked = {0};
    park(&f.fs.parking, &parked, "read", 0, 60000);
    f.now_ns += 40 * NS_PER_MS;
    read_now(&f, handle, 0, PAGE_BYTES);
    check_stats("lookups 10\nlookups_answered 9\nopens 3\nopens_answered 1\nreads 4\n"
                "reads_answered 2\nread_bytes 18446744073709551615\n"
                "read_bytes_gathered 70000\nstored_bytes 36000\nread_blocks 12\nreaddirs 6\n"
                "readdirs_answered 5\nxattrs 8\nxattrs_answered 7\nfetches 1\n"
                "fetched_bytes 131077\nparallel_parts 4\nfetched_ahead 0\nfetched_ahead_hits "
                "0\ninterrupted 2\n"
                "waiting 1\noldest_wait_ms 40\nrequests_under_way 0\npage_bytes 5\n"
                "page_bytes_idle 131072\npage_bytes_peak 131077\nnodes 2\n"
                "log_lines_left_out 11\nlog_lines_dropped 0\nerrors_ENOENT 7\n"
                "errors_ESTALE 1\nrequests 2\n");
    unpark(&parked);
    handle_free(handle, 0);
    fixture_done(&f);
}
END_TEST

SUITE_MAIN("fs/stats", tcase_add_test(tc, all_zero_at_first); tcase_add_test(tc, counts));
