#include "services/kinesis_format.h"

#include "unit/check.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
    struct pail_kinesis_record record;
    struct pail_str shard, raw, line, json;
} cases[] = {
    {{.data = PAIL_STR("one")},
     {0},
     PAIL_STR("one"),
     PAIL_STR("one\n"),
     PAIL_STR("{\"Data\":\"one\"}\n")},
    {{.data = PAIL_STR("two\n"),
      .sequence_number = PAIL_STR("49"),
      .partition_key = PAIL_STR("schl\u00fcssel"),
      .encryption_type = PAIL_STR("NONE"),
      .approximate_arrival_timestamp = {1795705200, 120000000, true}},
     PAIL_STR("shard-0"),
     PAIL_STR("two\n"),
     PAIL_STR("two\n"),
     PAIL_STR("{\"ShardId\":\"shard-0\",\"SequenceNumber\":\"49\","
              "\"PartitionKey\":\"schl\u00fcssel\",\"EncryptionType\":\"NONE\","
              "\"ApproximateArrivalTimestamp\":\"2026-11-26T15:00:00.12Z\","
              "\"Data\":\"two\\n\"}\n")},
    {{.data = PAIL_STR("\0\xff")},
     {0},
     PAIL_STR("\0\xff"),
     PAIL_STR("\0\xff\n"),
     PAIL_STR("{\"DataBase64\":\"AP8=\"}\n")},
    {{.data = PAIL_STR("a\0b")},
     {0},
     PAIL_STR("a\0b"),
     PAIL_STR("a\0b\n"),
     PAIL_STR("{\"Data\":\"a\\u0000b\"}\n")},
    {{.data = PAIL_STR("")}, {0}, PAIL_STR(""), PAIL_STR("\n"), PAIL_STR("{\"Data\":\"\"}\n")},
    {{.data = {0}}, {0}, PAIL_STR(""), PAIL_STR("\n"), PAIL_STR("{}\n")},
};

START_TEST(formats)
{
    const struct pail_str expected[] = {cases[_i].raw, cases[_i].line, cases[_i].json};
    for (unsigned format = KINESIS_RAW; format <= KINESIS_JSON; format++) {
        CLEANUP_DONE(buf) struct buf b;
        buf_init(&b, SIZE_MAX);
        kinesis_format_add(&b, format, cases[_i].shard, &cases[_i].record);
        ck_assert_msg(str_eq(buf_str(&b), expected[format]), "%s", buf_c(&b));
    }
}
END_TEST

SUITE_MAIN("services/kinesis_format", tcase_add_loop_test(tc, formats, 0, (int)LEN(cases)));
