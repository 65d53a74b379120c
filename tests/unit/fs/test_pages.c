#include "unit/fs/fixture.h"

#include <errno.h>

#define KIB  UINT64_C(1024)
#define MIB  (1024 * KIB)
#define TRIM 1000

enum { MANY = 400 };

static void start(struct fixture *f, uint64_t limit)
{
    fixture_init(f);
    f->options.memory_limit = limit;
    fixture_start(f);
}

/* Gets pages until there are no more. */
static size_t get_all(struct fixture *f, char *pages[MANY], size_t size, bool demand)
{
    size_t count = 0;
    while (count < MANY && (pages[count] = pages_get(&f->fs, size, demand)))
        count++;
    return count;
}

static void put_all(struct fixture *f, char *pages[MANY], size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++)
        pages_put(&f->fs, pages[i], size);
}

START_TEST(budget_and_reserve)
{
    struct fixture f;
    start(&f, 2 * MIB);
    char *ahead[MANY], *needed[MANY];
    size_t count = get_all(&f, ahead, PAGE_BYTES, false);
    ck_assert_uint_eq(count, 2 * MIB / PAGE_BYTES);
    ck_assert_ptr_null(pages_get(&f.fs, 1, false));
    size_t more = get_all(&f, needed, PAGE_BYTES, true);
    ck_assert_uint_eq(more, PAGES_RESERVE / PAGE_BYTES);
    ck_assert_ptr_null(pages_get(&f.fs, 1, true));
    ck_assert_uint_eq(f.fs.pages->used, 2 * MIB + PAGES_RESERVE);
    memset(ahead[0], 1, PAGE_BYTES);
    memset(needed[more - 1], 2, PAGE_BYTES);
    put_all(&f, ahead, count, PAGE_BYTES);
    put_all(&f, needed, more, PAGE_BYTES);
    ck_assert_uint_eq(f.fs.pages->used, 0);
    ck_assert_uint_eq(f.fs.pages->peak, 2 * MIB + PAGES_RESERVE);
    fixture_done(&f);
}
END_TEST

/* What GETs under way cost beside their pages is part of the budget, also of what is idle. */
START_TEST(gets_count)
{
    struct fixture f;
    start(&f, 2 * MIB);
    char *pages[MANY];
    size_t count = get_all(&f, pages, PAGE_BYTES, true);
    ck_assert_uint_eq(count, (2 * MIB + PAGES_RESERVE) / PAGE_BYTES);
    put_all(&f, pages, count, PAGE_BYTES);
    f.fs.parts_running = 8;
    ck_assert_uint_eq(pages_lack(f.fs.pages, 2 * MIB + PAGES_RESERVE - 8 * GET_BYTES), 0);
    ck_assert_uint_eq(pages_lack(f.fs.pages, 2 * MIB + PAGES_RESERVE), 8 * GET_BYTES);
    count = get_all(&f, pages, PAGE_BYTES, true);
    ck_assert_uint_eq(count, (2 * MIB + PAGES_RESERVE - 8 * GET_BYTES) / PAGE_BYTES);
    ck_assert_uint_eq(f.fs.pages->idle_bytes, 0);
    put_all(&f, pages, count, PAGE_BYTES);
    f.fs.parts_running = 0;
    fixture_done(&f);
}
END_TEST

START_TEST(whole_pages_are_used_again)
{
    struct fixture f;
    start(&f, 2 * MIB);
    char *first = pages_get(&f.fs, PAGE_BYTES, false);
    pages_put(&f.fs, first, PAGE_BYTES);
    ck_assert_uint_eq(f.fs.pages->idle_bytes, PAGE_BYTES);
    ck_assert_ptr_eq(pages_get(&f.fs, PAGE_BYTES, false), first);
    ck_assert_uint_eq(f.fs.pages->idle_bytes, 0);
    pages_put(&f.fs, first, PAGE_BYTES);
    fixture_done(&f);
}
END_TEST

/* Idle pages are memory too: short ones must not come on top of them. */
START_TEST(idle_counts)
{
    struct fixture f;
    start(&f, 2 * MIB);
    char *pages[MANY], *small[MANY];
    size_t count = get_all(&f, pages, PAGE_BYTES, false);
    put_all(&f, pages, count, PAGE_BYTES);
    ck_assert_uint_eq(f.fs.pages->idle_bytes, 2 * MIB);
    count = 0;
    while (count < MANY && (small[count] = pages_get(&f.fs, 64 * KIB, false))) {
        count++;
        ck_assert_uint_le(f.fs.pages->used + f.fs.pages->idle_bytes, 2 * MIB);
    }
    ck_assert_uint_eq(count, 2 * MIB / (64 * KIB));
    put_all(&f, small, count, 64 * KIB);
    fixture_done(&f);
}
END_TEST

START_TEST(idle_goes_back)
{
    struct fixture f;
    start(&f, 2 * MIB);
    char *pages[MANY];
    size_t count = get_all(&f, pages, PAGE_BYTES, false);
    put_all(&f, pages, count, PAGE_BYTES);
    advance(&f, TRIM);
    advance(&f, TRIM);
    ck_assert_uint_eq(f.fs.pages->idle_bytes, 0);
    ck_assert_int_eq(timers_next(&f.fs.timers), TIME_NEVER);
    fixture_done(&f);
}
END_TEST

/* A trickle needs a page now and then: that must not keep a hundred. */
START_TEST(idle_goes_back_while_some_are_used)
{
    struct fixture f;
    start(&f, 2 * MIB);
    char *pages[MANY];
    size_t count = get_all(&f, pages, PAGE_BYTES, false);
    put_all(&f, pages, count, PAGE_BYTES);
    for (int i = 0; i < 40; i++) {
        char *page = pages_get(&f.fs, PAGE_BYTES, true);
        pages_put(&f.fs, page, PAGE_BYTES);
        advance(&f, TRIM / 10);
    }
    ck_assert_uint_le(f.fs.pages->idle_bytes, PAGE_BYTES);
    advance(&f, 2 * TRIM);
    ck_assert_uint_eq(f.fs.pages->idle_bytes, 0);
    fixture_done(&f);
}
END_TEST

static int woken;

static void count_wake(struct waiter *waiter)
{
    (void)waiter;
    woken++;
}

START_TEST(waiters_are_woken_later)
{
    struct fixture f;
    start(&f, 2 * MIB);
    char *one = pages_get(&f.fs, 1000, false), *two = pages_get(&f.fs, PAGE_BYTES, false);
    struct waiter waiter = {.ready = count_wake};
    woken = 0;
    wait_on(&f.fs.pages->waiters, &waiter);
    pages_put(&f.fs, one, 1000);
    pages_put(&f.fs, two, PAGE_BYTES);
    ck_assert_int_eq(woken, 0);
    step(&f);
    ck_assert_int_eq(woken, 1);
    ck_assert(!waiting(&waiter));
    /* Nobody waits: nothing to wake. */
    one = pages_get(&f.fs, 1000, false);
    pages_put(&f.fs, one, 1000);
    ck_assert(!f.fs.pages->wake.set);
    fixture_done(&f);
}
END_TEST

START_TEST(share_is_divided)
{
    struct fixture f;
    start(&f, 128 * MIB);
    ck_assert_uint_eq(pages_share(f.fs.pages), 64 * MIB);
    f.fs.pages->sequential = 1;
    ck_assert_uint_eq(pages_share(f.fs.pages), 64 * MIB);
    f.fs.pages->sequential = 4;
    ck_assert_uint_eq(pages_share(f.fs.pages), 16 * MIB);
    f.fs.pages->sequential = 0;
    fixture_done(&f);
}
END_TEST

START_TEST(out_of_memory_is_no_page)
{
    struct fixture f;
    start(&f, 2 * MIB);
    alloc_fail_after(0);
    char *page = pages_get(&f.fs, 1000, true);
    alloc_fail_after(-1);
    ck_assert_ptr_null(page);
    ck_assert_uint_eq(f.fs.pages->used, 0);
    fixture_done(&f);
}
END_TEST

SUITE_MAIN("fs/pages", tcase_add_test(tc, budget_and_reserve); tcase_add_test(tc, gets_count);
           tcase_add_test(tc, whole_pages_are_used_again); tcase_add_test(tc, idle_counts);
           tcase_add_test(tc, idle_goes_back);
           tcase_add_test(tc, idle_goes_back_while_some_are_used);
           tcase_add_test(tc, waiters_are_woken_later); tcase_add_test(tc, share_is_divided);
           tcase_add_test(tc, out_of_memory_is_no_page));
