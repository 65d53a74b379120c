#include "unit/fs/fixture.h"

#include "fs/stats.h"

#include <errno.h>

static struct fixture f;

static void check_stats(const char *expected)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    stats_add(&f.fs, &b);
    ck_assert_int_eq(buf_failed(&b), 0);
    ck_assert_str_eq(buf_c(&b), expected);
}

START_TEST(all_zero_at_first)
{
    fixture_init(&f);
    fixture_start(&f);
    check_stats("lookups 0\nlookups_answered 0\nopens 0\nreads 0\nread_bytes 0\nfetches 0\n"
                "fetched_bytes 0\nfetched_ahead 0\nfetched_ahead_hits 0\ninterrupted "
                "0\nwaiting 0\noldest_wait_ms 0\npage_bytes 0\n"
                "page_bytes_idle 0\npage_bytes_peak 0\nrequests 0\n");
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
                                   .reads = 4,
                                   .read_bytes = UINT64_MAX,
                                   .interrupted = 2};
    f.fs.stats.failures[ENOENT] = 7;
    f.fs.stats.failures[ESTALE] = 1;
    struct node *node = file_node(&f, "x", "v1", PAGE_BYTES + 5);
    struct handle *handle = open_whole(&f, node);
    struct parked parked = {0};
    park(&f.fs.parking, &parked, "read", 0, 60000);
    f.now_ns += 40 * NS_PER_MS;
    read_now(&f, handle, 0, PAGE_BYTES);
    check_stats("lookups 10\nlookups_answered 9\nopens 3\nreads 4\nread_bytes "
                "18446744073709551615\nfetches 1\nfetched_bytes 131077\nfetched_ahead "
                "0\nfetched_ahead_hits 0\ninterrupted 2\n"
                "waiting 1\noldest_wait_ms 40\npage_bytes 5\npage_bytes_idle 131072\n"
                "page_bytes_peak 131077\nerrors_ENOENT 7\nerrors_ESTALE 1\nrequests 2\n");
    unpark(&parked);
    handle_free(handle, 0);
    fixture_done(&f);
}
END_TEST

SUITE_MAIN("fs/stats", tcase_add_test(tc, all_zero_at_first); tcase_add_test(tc, counts));
