#include "services/kinesis_shards.h"

#include "unit/check.h"

#include <errno.h>
#include <stdio.h>

#define LEN(a)     (sizeof(a) / sizeof((a)[0]))
#define PAGE(list) (&(struct pail_kinesis_shards){(list), LEN(list)})

static const struct pail_kinesis_sequence_number_range ended = {PAIL_STR("1"), PAIL_STR("9")},
                                                       open = {PAIL_STR("1"), {0}};

/* a was split into b and c, which were merged into d. */
static const struct pail_kinesis_shard family[] = {
    {.shard_id = PAIL_STR("a"), .sequence_number_range = &ended},
    {.shard_id = PAIL_STR("b"),
     .parent_shard_id = PAIL_STR("a"),
     .sequence_number_range = &ended},
    {.shard_id = PAIL_STR("c"),
     .parent_shard_id = PAIL_STR("a"),
     .sequence_number_range = &ended},
    {.shard_id = PAIL_STR("d"),
     .parent_shard_id = PAIL_STR("b"),
     .adjacent_parent_shard_id = PAIL_STR("c"),
     .sequence_number_range = &open},
};

/* The ids of those that are ready, in order. */
static void check_ready(const struct kinesis_shards *shards, const char *expected)
{
    char ready[32] = "";
    size_t len = 0;
    for (size_t i = 0; i < shards->count; i++) {
        if (kinesis_shards_ready(shards, shards->items[i]))
            ready[len++] = shards->items[i]->id[0];
    }
    ck_assert_str_eq(ready, expected);
}

START_TEST(parents_come_first)
{
    struct kinesis_shards shards;
    kinesis_shards_init(&shards, KINESIS_AT_TIMESTAMP, 9);
    ck_assert_int_eq(kinesis_shards_take(&shards, PAGE(family), true), 0);
    ck_assert_uint_eq(shards.count, LEN(family));
    check_ready(&shards, "a");
    shards.items[0]->done = true;
    check_ready(&shards, "bc");
    shards.items[2]->done = true;
    check_ready(&shards, "b");
    shards.items[1]->done = true;
    check_ready(&shards, "d");
    ck_assert_int_eq(shards.items[3]->records.start, KINESIS_AT_TIMESTAMP);
    ck_assert_int_eq(shards.items[3]->records.since_ms, 9);
    shards.items[3]->done = true;
    check_ready(&shards, "");
    kinesis_shards_done(&shards);
}
END_TEST

START_TEST(latest_is_of_open_shards)
{
    static const struct pail_kinesis_shard children[] = {
        {.shard_id = PAIL_STR("d"), .sequence_number_range = &ended},
        {.shard_id = PAIL_STR("e"), .parent_shard_id = PAIL_STR("d")},
    };
    struct kinesis_shards shards;
    kinesis_shards_init(&shards, KINESIS_LATEST, 0);
    ck_assert_int_eq(kinesis_shards_take(&shards, PAGE(family), true), 0);
    check_ready(&shards, "d");
    ck_assert_int_eq(shards.items[3]->records.start, KINESIS_LATEST);
    /* What a reshard brings is read whole, once its parent was. */
    ck_assert_int_eq(kinesis_shards_take(&shards, PAGE(children), true), 0);
    ck_assert_uint_eq(shards.count, 5);
    check_ready(&shards, "d");
    shards.items[3]->done = true;
    check_ready(&shards, "e");
    ck_assert_int_eq(shards.items[4]->records.start, KINESIS_TRIM_HORIZON);
    kinesis_shards_done(&shards);
}
END_TEST

START_TEST(pages_and_gaps)
{
    static const struct pail_kinesis_shard odd[] = {
        {.shard_id = {0}},                                                   /* none */
        {.shard_id = PAIL_STR("x"), .parent_shard_id = PAIL_STR("trimmed")}, /* gone */
        {.shard_id = PAIL_STR("y"), .parent_shard_id = PAIL_STR("y")},       /* its own */
    };
    struct kinesis_shards shards;
    kinesis_shards_init(&shards, KINESIS_LATEST, 0);
    ck_assert_int_eq(kinesis_shards_take(&shards, PAGE(family), false), 0);
    ck_assert_int_eq(kinesis_shards_take(&shards, PAGE(odd), true), 0);
    ck_assert_uint_eq(shards.count, 6);
    check_ready(&shards, "dxy"); /* a page is not the listing: x is still one of the first */
    ck_assert_int_eq(shards.items[4]->records.start, KINESIS_LATEST);
    kinesis_shards_done(&shards);
}
END_TEST

START_TEST(many)
{
    struct kinesis_shards shards;
    char id[32];
    kinesis_shards_init(&shards, KINESIS_TRIM_HORIZON, 0);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(id, sizeof(id), "shard-%d", i);
        const struct pail_kinesis_shard shard = {.shard_id = pail_str_of(id)};
        const struct pail_kinesis_shards page = {&shard, 1};
        ck_assert_int_eq(kinesis_shards_take(&shards, &page, false), 0);
    }
    ck_assert_uint_eq(shards.count, 100);
    ck_assert_str_eq(shards.items[57]->id, "shard-57");
    kinesis_shards_done(&shards);
}
END_TEST

START_TEST(out_of_memory_is_made_up_for)
{
    int r = -ENOMEM;
    for (long n = 0; r == -ENOMEM; n++) {
        struct kinesis_shards shards;
        kinesis_shards_init(&shards, KINESIS_TRIM_HORIZON, 0);
        alloc_fail_after(n);
        r = kinesis_shards_take(&shards, PAGE(family), true);
        alloc_fail_after(-1);
        if (r == -ENOMEM)
            ck_assert(!shards.complete);
        ck_assert_int_eq(kinesis_shards_take(&shards, PAGE(family), true), 0);
        ck_assert_uint_eq(shards.count, LEN(family));
        check_ready(&shards, "a");
        kinesis_shards_done(&shards);
    }
    ck_assert_int_eq(r, 0);
}
END_TEST

SUITE_MAIN("services/kinesis_shards", tcase_add_test(tc, parents_come_first);
           tcase_add_test(tc, latest_is_of_open_shards); tcase_add_test(tc, pages_and_gaps);
           tcase_add_test(tc, many); tcase_add_test(tc, out_of_memory_is_made_up_for));
