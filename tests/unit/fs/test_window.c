#include "unit/check.h"

#include "fs/window.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define MAX (64 * MIB)

/* One reader: its reads, and how far ahead each lets fetch. */
struct one {
    uint64_t offset, len, ahead;
};

static const struct {
    const char *what;
    uint64_t max;
    struct one reads[8];
} readers[] = {
    {"the first read fetches nothing ahead, wherever it is", MAX, {{0, 128 * KIB, 0}}},
    {"the first read in the middle", MAX, {{500 * MIB, 128 * KIB, 0}}},
    {"a second one in sequence does, at least a MiB",
     MAX,
     {{0, 4 * KIB, 0}, {4 * KIB, 4 * KIB, MIB}}},
    {"then in proportion to what was read",
     MAX,
     {{0, MIB, 0}, {MIB, MIB, 8 * MIB}, {2 * MIB, MIB, 12 * MIB}, {3 * MIB, MIB, 16 * MIB}}},
    {"up to the limit", 10 * MIB, {{0, MIB, 0}, {MIB, MIB, 8 * MIB}, {2 * MIB, MIB, 10 * MIB}}},
    {"a limit below the least", 64 * KIB, {{0, MIB, 0}, {MIB, MIB, 64 * KIB}}},
    {"no room at all", 0, {{0, MIB, 0}, {MIB, MIB, 0}}},
    {"a jump ahead starts over",
     MAX,
     {{0, MIB, 0}, {MIB, MIB, 8 * MIB}, {50 * MIB, MIB, 0}, {51 * MIB, MIB, 8 * MIB}}},
    {"a jump back starts over",
     MAX,
     {{50 * MIB, MIB, 0}, {51 * MIB, MIB, 8 * MIB}, {0, MIB, 0}}},
    {"out of order by less than the slack is in sequence, and is not counted twice",
     MAX,
     {{0, 128 * KIB, 0},
      {256 * KIB, 128 * KIB, 384 * KIB *WINDOW_GAIN},
      {128 * KIB, 128 * KIB, 384 * KIB *WINDOW_GAIN},
      {384 * KIB, 128 * KIB, 512 * KIB *WINDOW_GAIN}}},
    {"one byte more than the slack is a jump",
     MAX,
     {{0, MIB, 0}, {2 * MIB + 1, MIB, 0}, {2 * MIB + 2, MIB, 4 * (MIB + 1)}}},
    {"at the end of the largest file",
     MAX,
     {{INT64_MAX - 2 * MIB, MIB, 0}, {INT64_MAX - MIB, MIB, 8 * MIB}}},
    {"a reader of random places",
     MAX,
     {{10 * MIB, 4 * KIB, 0},
      {90 * MIB, 4 * KIB, 0},
      {30 * MIB, 4 * KIB, 0},
      {70 * MIB, 4 * KIB, 0}}},
};

START_TEST(reads_ahead)
{
    struct window w = {0};
    for (size_t i = 0; i < 8 && readers[_i].reads[i].len; i++) {
        const struct one *one = &readers[_i].reads[i];
        uint64_t ahead = window_read(&w, one->offset, one->len, readers[_i].max);
        ck_assert_msg(ahead == one->ahead, "%s: read %zu: %llu ahead, not %llu",
                      readers[_i].what, i, (unsigned long long)ahead,
                      (unsigned long long)one->ahead);
        ck_assert(window_sequential(&w) == (w.streak > 1));
    }
}
END_TEST

/* What was read of the files before counts as if this one went on from there. */
START_TEST(of_files_before)
{
    struct window w = {.before = 8 * MIB};
    ck_assert_uint_eq(window_read(&w, 0, MIB, MAX), 0);
    ck_assert_uint_eq(window_read(&w, MIB, MIB, MAX), 40 * MIB);
    ck_assert(window_from_start(&w));
    ck_assert_uint_eq(window_read(&w, 50 * MIB, MIB, MAX), 0);
    ck_assert_uint_eq(window_read(&w, 51 * MIB, MIB, MAX), 8 * MIB);
    ck_assert(!window_from_start(&w));
}
END_TEST

START_TEST(long_reads_do_not_wrap)
{
    struct window w = {0};
    for (uint64_t i = 0; i < 200000; i++) {
        uint64_t ahead = window_read(&w, i * 4 * KIB, 4 * KIB, MAX);
        ck_assert(i == 0 ? ahead == 0 : ahead >= WINDOW_MIN && ahead <= MAX);
        ck_assert(window_sequential(&w) == (i > 0));
    }
    ck_assert_uint_eq(window_read(&w, 200000 * 4 * KIB, 4 * KIB, MAX), MAX);
}
END_TEST

SUITE_MAIN("fs/window",
           tcase_add_loop_test(tc, reads_ahead, 0, sizeof readers / sizeof *readers);
           tcase_add_test(tc, of_files_before); tcase_add_test(tc, long_reads_do_not_wrap));
