#include "services/kinesis_records.h"

#include "unit/check.h"

#include <errno.h>

#define RECORD(n)                                                                              \
    {                                                                                          \
        .sequence_number = PAIL_STR(n), .data = PAIL_STR("x")                                  \
    }
#define PAGE(list)                                                                             \
    {                                                                                          \
        (list), sizeof(list) / sizeof((list)[0])                                               \
    }

static const struct pail_kinesis_record one[] = {RECORD("1")},
                                        three[] = {RECORD("2"), RECORD("3")};
static const struct pail_kinesis_get_shard_iterator_output granted = {.shard_iterator =
                                                                          PAIL_STR("i0")};
static const struct pail_error expired = {.sys = ESTALE, .code = "ExpiredIteratorException"};

static struct pail_kinesis_get_shard_iterator_input
iterator_asked(const struct kinesis_records *records)
{
    struct pail_kinesis_get_shard_iterator_input in = {.shard_id = PAIL_STR("s")};
    ck_assert_int_eq(kinesis_records_need(records), KINESIS_NEED_ITERATOR);
    kinesis_records_ask_iterator(records, &in);
    check_str(in.shard_id, "s");
    return in;
}

static struct pail_str asked(const struct kinesis_records *records)
{
    struct pail_kinesis_get_records_input in = {0};
    ck_assert_int_eq(kinesis_records_need(records), KINESIS_NEED_RECORDS);
    kinesis_records_ask(records, &in);
    return in.shard_iterator;
}

START_TEST(reads_on_and_to_the_end)
{
    const struct pail_kinesis_get_records_output first = {.records = PAGE(one),
                                                          .next_shard_iterator = PAIL_STR("i1"),
                                                          .millis_behind_latest = PAIL_INT(7)},
                                                 empty = {.records = PAGE(one),
                                                          .next_shard_iterator = PAIL_STR("i2"),
                                                          .millis_behind_latest = PAIL_INT(1)},
                                                 tip = {.records = PAGE(three),
                                                        .next_shard_iterator = PAIL_STR("i3"),
                                                        .millis_behind_latest = PAIL_INT(0)},
                                                 closed = {.records = PAGE(one),
                                                           .millis_behind_latest = PAIL_INT(0)};
    struct kinesis_records records;
    kinesis_records_init(&records, KINESIS_TRIM_HORIZON, 0);
    struct pail_kinesis_get_shard_iterator_input in = iterator_asked(&records);
    check_str(in.shard_iterator_type, "TRIM_HORIZON");
    ck_assert(!in.timestamp.present && !in.starting_sequence_number.ptr);
    ck_assert_int_eq(kinesis_records_take_iterator(&records, 5, &granted), 0);
    check_str(asked(&records), "i0");
    ck_assert_int_eq(kinesis_records_take(&records, &first), 1);
    struct pail_kinesis_get_records_output none = empty;
    none.records.count = 0; /* present and empty: not the end */
    ck_assert_int_eq(kinesis_records_take(&records, &none), 1);
    check_str(asked(&records), "i2");
    ck_assert_int_eq(kinesis_records_take(&records, &tip), 0);
    check_str(asked(&records), "i3");
    ck_assert_int_eq(kinesis_records_take(&records, &closed), 0);
    ck_assert_int_eq(kinesis_records_need(&records), KINESIS_CLOSED);
    kinesis_records_done(&records);
}
END_TEST

START_TEST(renews_an_iterator)
{
    const struct pail_kinesis_get_records_output page = {.records = PAGE(three),
                                                         .next_shard_iterator = PAIL_STR("i1"),
                                                         .millis_behind_latest = PAIL_INT(1)};
    struct kinesis_records records;
    kinesis_records_init(&records, KINESIS_AT_TIMESTAMP, 1500);
    ck_assert(!kinesis_records_renew(&records, &expired)); /* there was none */
    struct pail_kinesis_get_shard_iterator_input in = iterator_asked(&records);
    check_str(in.shard_iterator_type, "AT_TIMESTAMP");
    ck_assert(in.timestamp.present && in.timestamp.seconds == 1);
    ck_assert_uint_eq(in.timestamp.nanoseconds, 500000000);
    ck_assert_int_eq(kinesis_records_take_iterator(&records, 5, &granted), 0);
    ck_assert(!kinesis_records_renew(&records, &(struct pail_error){.code = "Throttling"}));
    ck_assert(kinesis_records_renew(&records, &expired));
    check_str(iterator_asked(&records).shard_iterator_type, "AT_TIMESTAMP");
    ck_assert_int_eq(kinesis_records_take_iterator(&records, 5, &granted), 0);
    ck_assert_int_eq(kinesis_records_take(&records, &page), 1);
    ck_assert(kinesis_records_renew(&records, &expired));
    in = iterator_asked(&records);
    check_str(in.shard_iterator_type, "AFTER_SEQUENCE_NUMBER");
    check_str(in.starting_sequence_number, "3");
    ck_assert(!in.timestamp.present);
    kinesis_records_done(&records);
}
END_TEST

/* A service whose iterators are all refused is not asked for ever. */
START_TEST(iterators_that_are_all_refused)
{
    struct kinesis_records records;
    kinesis_records_init(&records, KINESIS_TRIM_HORIZON, 0);
    for (int again = 0; again < 2; again++) {
        for (unsigned i = 0; i <= KINESIS_RENEWALS; i++) {
            if (kinesis_records_need(&records) == KINESIS_NEED_ITERATOR)
                ck_assert_int_eq(kinesis_records_take_iterator(&records, 5, &granted), 0);
            ck_assert(kinesis_records_renew(&records, &expired) == (i < KINESIS_RENEWALS));
        }
    }
    kinesis_records_done(&records);
}
END_TEST

/* What comes while an iterator for the latest expires unused is not left out. */
START_TEST(latest_means_when_it_was_asked)
{
    struct kinesis_records records;
    kinesis_records_init(&records, KINESIS_LATEST, 0);
    struct pail_kinesis_get_shard_iterator_input in = iterator_asked(&records);
    check_str(in.shard_iterator_type, "LATEST");
    ck_assert(!in.timestamp.present);
    ck_assert_int_eq(kinesis_records_take_iterator(&records, 7000, &granted), 0);
    ck_assert(kinesis_records_renew(&records, &expired));
    in = iterator_asked(&records);
    check_str(in.shard_iterator_type, "AT_TIMESTAMP");
    ck_assert_int_eq(in.timestamp.seconds, 7);
    kinesis_records_done(&records);
}
END_TEST

START_TEST(refuses_what_is_no_answer)
{
    static const struct pail_kinesis_record bare[] = {{.data = PAIL_STR("x")}};
    const struct pail_kinesis_get_records_output nothing = {0},
                                                 numberless = {.records = PAGE(bare),
                                                               .next_shard_iterator =
                                                                   PAIL_STR("i1")};
    struct kinesis_records records;
    kinesis_records_init(&records, KINESIS_TRIM_HORIZON, 0);
    ck_assert_int_eq(kinesis_records_take_iterator(
                         &records, 0, &(struct pail_kinesis_get_shard_iterator_output){0}),
                     -EPROTO);
    ck_assert_int_eq(kinesis_records_take_iterator(&records, 0, &granted), 0);
    ck_assert_int_eq(kinesis_records_take(&records, &nothing), -EPROTO);
    ck_assert_int_eq(kinesis_records_take(&records, &numberless), -EPROTO);
    check_str(asked(&records), "i0");
    kinesis_records_done(&records);
}
END_TEST

START_TEST(goes_by_the_records_where_nothing_else_is_said)
{
    const struct pail_kinesis_get_records_output full = {.records = PAGE(one),
                                                         .next_shard_iterator = PAIL_STR("i1")},
                                                 empty = {.records = {one, 0},
                                                          .next_shard_iterator =
                                                              PAIL_STR("i2")};
    struct kinesis_records records;
    kinesis_records_init(&records, KINESIS_TRIM_HORIZON, 0);
    ck_assert_int_eq(kinesis_records_take_iterator(&records, 0, &granted), 0);
    ck_assert_int_eq(kinesis_records_take(&records, &full), 1);
    ck_assert_int_eq(kinesis_records_take(&records, &empty), 0);
    kinesis_records_done(&records);
}
END_TEST

START_TEST(out_of_memory_changes_nothing)
{
    const struct pail_kinesis_get_records_output page = {.records = PAGE(three),
                                                         .next_shard_iterator = PAIL_STR("i1"),
                                                         .millis_behind_latest = PAIL_INT(1)};
    for (long n = 0; n < 2; n++) {
        struct kinesis_records records;
        kinesis_records_init(&records, KINESIS_LATEST, 0);
        alloc_fail_after(0);
        int r = kinesis_records_take_iterator(&records, 1, &granted);
        alloc_fail_after(-1);
        ck_assert_int_eq(r, -ENOMEM);
        check_str(iterator_asked(&records).shard_iterator_type, "LATEST");
        ck_assert_int_eq(kinesis_records_take_iterator(&records, 1, &granted), 0);
        alloc_fail_after(n);
        r = kinesis_records_take(&records, &page);
        alloc_fail_after(-1);
        ck_assert_int_eq(r, -ENOMEM);
        check_str(asked(&records), "i0");
        ck_assert_ptr_null(records.sequence);
        ck_assert_int_eq(kinesis_records_take(&records, &page), 1);
        kinesis_records_done(&records);
    }
}
END_TEST

SUITE_MAIN("services/kinesis_records", tcase_add_test(tc, reads_on_and_to_the_end);
           tcase_add_test(tc, renews_an_iterator);
           tcase_add_test(tc, iterators_that_are_all_refused);
           tcase_add_test(tc, latest_means_when_it_was_asked);
           tcase_add_test(tc, refuses_what_is_no_answer);
           tcase_add_test(tc, goes_by_the_records_where_nothing_else_is_said);
           tcase_add_test(tc, out_of_memory_changes_nothing));
