/* Streams as directories, shards as files: what is asked for, and that every record comes once.
 */
#include "unit/fs/service_rig.h"

#define STREAMS  "ListStreams"
#define DESCRIBE "DescribeStreamSummary"
#define SHARDS   "ListShards"
#define ITERATOR "GetShardIterator"
#define RECORDS  "GetRecords"
#define SHARD    "s/shardId-1"

static struct source_lookup look;
static struct source_list list;
static struct source_reader *reader;
static struct source_more more;

static void setup(void)
{
    rig_setup();
    rig_make("kinesis://");
    rig_play(DESCRIBE, "{\"StreamDescriptionSummary\":{\"StreamName\":\"s\","
                       "\"StreamCreationTimestamp\":1795300000.5}}");
    rig_play(ITERATOR, "{\"ShardIterator\":\"i0\"}");
}

static void teardown(void)
{
    if (reader)
        rig_close(reader);
    reader = NULL;
    rig_teardown();
}

static void check_list(const char *path, const char *names)
{
    ck_assert_msg(rig_list(&list, path) == 0, "%s", list.request.error.message);
    ck_assert_str_eq(rig_names(&list), names);
    rig_release(&list.request);
}

static void check_lookup(const char *path, int status)
{
    int r = rig_lookup(&look, path);
    ck_assert_msg(r == status, "%s: %d, %s", path, r, look.request.error.message);
    rig_release(&look.request);
}

/* ---- names ---- */

START_TEST(lists_streams_of_all_pages)
{
    rig_play(STREAMS, "{\"StreamNames\":[\"b\",\"a\"],\"HasMoreStreams\":true,"
                      "\"NextToken\":\"t\"}");
    rig_play(STREAMS, "{\"StreamNames\":[\"a-b\",\".\"],\"HasMoreStreams\":true}");
    rig_play(STREAMS, "{\"StreamNames\":[],\"HasMoreStreams\":false}");
    ck_assert_int_eq(rig_list(&list, ""), 0);
    ck_assert_str_eq(rig_names(&list), "a-b/ a/ b/");
    ck_assert_uint_eq(list.unreachable, 1);
    rig_release(&list.request);
    ck_assert_uint_eq(rig_asked(STREAMS), 3);
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 1), "\"NextToken\":\"t\""));
    ck_assert_ptr_nonnull(strstr(rig_body(STREAMS, 2), "\"ExclusiveStartStreamName\":\".\""));
}
END_TEST

static const char shards_of_s[] =
    "{\"Shards\":[{\"ShardId\":\"shardId-2\",\"ParentShardId\":\"shardId-1\","
    "\"SequenceNumberRange\":{\"StartingSequenceNumber\":\"22\"}},"
    "{\"ShardId\":\"shardId-1\",\"SequenceNumberRange\":{\"StartingSequenceNumber\":\"11\","
    "\"EndingSequenceNumber\":\"19\"}}],\"NextToken\":null}";

START_TEST(lists_shards)
{
    rig_play(SHARDS, "{\"Shards\":[],\"NextToken\":\"t\"}"); /* an empty page is not the end */
    rig_play(SHARDS, shards_of_s);
    ck_assert_int_eq(rig_list(&list, "s"), 0);
    ck_assert_str_eq(rig_names(&list), "shardId-1 shardId-2"); /* the closed, and its child */
    ck_assert_int_eq(list.entries[0].kind, FILE_GROWS);
    check_str(list.entries[0].etag, "11");
    ck_assert_int_eq(list.entries[0].mtime_s, 1795300000);
    rig_release(&list.request);
    ck_assert_ptr_nonnull(strstr(rig_body(SHARDS, 0), "\"StreamName\":\"s\""));
    ck_assert_str_eq(rig_body(SHARDS, 1), "{\"NextToken\":\"t\"}");
    check_list("s", "shardId-1 shardId-2");
    ck_assert_uint_eq(rig_asked(DESCRIBE), 1);
}
END_TEST

START_TEST(looks_names_up)
{
    check_lookup("s", 0);
    rig_play(SHARDS, shards_of_s);
    ck_assert_int_eq(rig_lookup(&look, SHARD), 0);
    ck_assert_int_eq(look.entry.kind, FILE_GROWS);
    check_str(look.entry.etag, "11");
    rig_release(&look.request);
    check_lookup("s/shardId-3", -ENOENT);
    check_lookup("s/no name", -ENOENT);
    check_lookup("s/shardId-1/x", -ENOENT);
    check_lookup("no name", -ENOENT);
    ck_assert_uint_eq(rig_asked(SHARDS), 2);
    ck_assert_uint_eq(rig_asked(DESCRIBE), 1);
    rig_forget(DESCRIBE);
    rig_play_error(DESCRIBE, 400, "ResourceNotFoundException");
    check_lookup("gone", -ENOENT);
    rig_forget(DESCRIBE);
    rig_play(DESCRIBE, "{}");
    check_lookup("odd", -EPROTO);
}
END_TEST

/* A failure that passes is asked about again; that it may not be asked stays so. */
START_TEST(when_a_stream_was_made)
{
    static const struct {
        const char *code;
        size_t asked;
        int64_t mtime_s; /* the second time */
    } cases[] = {
        {"LimitExceededException", 2, 1795300000},
        {"InternalFailure", 2, 1795300000},
        {"AccessDeniedException", 1, 0},
    };
    rig.config.metadata_ttl_ms = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rig_make("kinesis://");
        rig_forget(DESCRIBE);
        rig_forget(SHARDS);
        size_t before = rig_asked(DESCRIBE);
        rig_play(SHARDS, shards_of_s);
        rig_play_error(DESCRIBE, 400, cases[i].code);
        rig_play(DESCRIBE, "{\"StreamDescriptionSummary\":{\"StreamName\":\"s\","
                           "\"StreamCreationTimestamp\":1795300000.5}}");
        for (int turn = 0; turn < 2; turn++) {
            ck_assert_int_eq(rig_list(&list, "s"), 0);
            ck_assert_uint_eq(list.count, 2);
            ck_assert_int_eq(list.entries[0].mtime_s, turn ? cases[i].mtime_s : 0);
            rig_release(&list.request);
        }
        ck_assert_uint_eq(rig_asked(DESCRIBE) - before, cases[i].asked);
    }
}
END_TEST

START_TEST(a_mount_of_one_stream)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 1000);
    rig_make("kinesis://s");
    rig_play(SHARDS, shards_of_s);
    rig_forget(DESCRIBE);
    rig_play_error(DESCRIBE, 400,
                   "AccessDeniedException"); /* shards can be listed all the same */
    check_list("", "shardId-1 shardId-2");
    check_lookup("shardId-2", 0);
    rig.source->ops->uri(rig.source, PAIL_STR("shardId-2"), &b);
    ck_assert_str_eq(buf_c(&b), "kinesis://s/shardId-2");
}
END_TEST

static const struct {
    const char *operation, *path, *body, *code;
    int status;
} failures[] = {
    {STREAMS, "", NULL, "AccessDeniedException", -EACCES},
    {STREAMS, "", NULL, "LimitExceededException", -EBUSY},
    {STREAMS, "", "{}", NULL, -EPROTO},
    {STREAMS, "", "{\"StreamNames\":[],\"HasMoreStreams\":true}", NULL, -EPROTO},
    {STREAMS, "", "{\"StreamNames\":[\"a\"],\"NextToken\":\"t\"}", NULL, -EPROTO},
    {SHARDS, "s", NULL, "ResourceNotFoundException", -ENOENT},
    {SHARDS, "s", NULL, "AccessDeniedException", -EACCES},
    {SHARDS, "s", "{\"Shards\":null}", NULL, -EPROTO},
    {SHARDS, "s", "{\"Shards\":[{}]}", NULL, -EPROTO},
    {SHARDS, "s", "{\"Shards\":[],\"NextToken\":\"t\"}", NULL, -EPROTO},
    {SHARDS, "s", "{\"Shards\":[", NULL, -EPROTO},
};
#define FAILURES (sizeof(failures) / sizeof(failures[0]))

START_TEST(a_failure_is_no_empty_directory)
{
    if (failures[_i].code)
        rig_play_error(failures[_i].operation, 400, failures[_i].code);
    else
        rig_play(failures[_i].operation, failures[_i].body);
    ck_assert_int_eq(rig_list(&list, failures[_i].path), failures[_i].status);
    ck_assert_str_eq(list.request.error.operation, failures[_i].operation);
    rig_release(&list.request);
}
END_TEST

/* ---- records ---- */

/* "1:a 2:b" are sequence numbers and data, in base64; `next` NULL: the shard is closed. */
static void play_records(const char *records, const char *next, long behind_ms)
{
    char text[512], body[4096] = "{\"Records\":[", *rest = text;
    size_t len = strlen(body);
    (void)snprintf(text, sizeof(text), "%s", records);
    for (char *record; records[0] && (record = strsep(&rest, " "));) {
        char *data = strchr(record, ':');
        *data++ = '\0';
        len += (size_t)snprintf(
            body + len, sizeof(body) - len,
            "%s{\"SequenceNumber\":\"%s\",\"PartitionKey\":\"k\",\"Data\":\"%s\","
            "\"ApproximateArrivalTimestamp\":179530000%s.25}",
            body[len - 1] == '[' ? "" : ",", record, data, record);
    }
    len += (size_t)snprintf(body + len, sizeof(body) - len, "],\"NextShardIterator\":");
    len += (size_t)snprintf(body + len, sizeof(body) - len, next ? "\"%s\"" : "null%.0s",
                            next ? next : "");
    (void)snprintf(body + len, sizeof(body) - len, ",\"MillisBehindLatest\":%ld}", behind_ms);
    rig_play(RECORDS, body);
}

START_TEST(reads_a_shard_and_follows_it)
{
    reader = rig_open(SHARD);
    play_records("1:YQo= 2:Yg==", "i1", 500);
    play_records("", "i2", 100); /* an empty page in the middle */
    play_records("3:Y2Q=", "i3", 0);
    play_records("", "i4", 0);
    rig_check_more(&more, reader, "a\nb", MORE);
    rig_check_more(&more, reader, "", MORE);
    ck_assert_int_eq(rig_more(&more, reader), 0);
    check_str(more.data, "cd");
    ck_assert(more.end);
    ck_assert_int_eq(more.mtime_s, 1795300003);
    rig_release(&more.request);
    rig_check_more(&more, reader, "", END);
    ck_assert_uint_eq(rig_asked(ITERATOR), 1);
    ck_assert_ptr_nonnull(strstr(rig_last(ITERATOR), "\"ShardIteratorType\":\"TRIM_HORIZON\""));
    ck_assert_ptr_nonnull(strstr(rig_last(ITERATOR), "\"ShardId\":\"shardId-1\""));
    ck_assert_ptr_nonnull(strstr(rig_last(RECORDS), "\"ShardIterator\":\"i3\""));
}
END_TEST

START_TEST(an_iterator_that_expired_is_replaced)
{
    reader = rig_open(SHARD);
    play_records("1:YQo=", "i1", 500);
    rig_play_error(RECORDS, 400, "ExpiredIteratorException");
    play_records("2:Yg==", "i2", 0);
    rig_check_more(&more, reader, "a\n", MORE);
    rig_check_more(&more, reader, "b", END);
    ck_assert_uint_eq(rig_asked(ITERATOR), 2);
    ck_assert_ptr_nonnull(
        strstr(rig_last(ITERATOR), "\"ShardIteratorType\":\"AFTER_SEQUENCE_NUMBER\""));
    ck_assert_ptr_nonnull(strstr(rig_last(ITERATOR), "\"StartingSequenceNumber\":\"1\""));
}
END_TEST

START_TEST(a_closed_shard_ends)
{
    reader = rig_open(SHARD);
    play_records("1:YQo=", NULL, 0);
    rig_check_more(&more, reader, "a\n", FINISHED);
    rig_check_more(&more, reader, "", FINISHED);
    ck_assert_uint_eq(rig_asked(RECORDS), 1);
}
END_TEST

START_TEST(keeps_to_the_rate_of_a_shard)
{
    struct source_reader *other = rig_open("s/shardId-2");
    reader = rig_open(SHARD);
    for (int i = 0; i < 12; i++)
        play_records("", i % 2 ? "i1" : "i2", 100);
    for (int i = 0; i < 10; i++)
        rig_check_more(&more, reader, "", MORE);
    for (size_t i = 1; i < 10; i++)
        ck_assert_int_eq(rig_asked_ms(RECORDS, i) - rig_asked_ms(RECORDS, i - 1), 200);
    int64_t now_ms = (clock_now_ns(rig.clock) - SCRIPTED_START_NS) / NS_PER_MS;
    rig_close(reader);
    reader = rig_open(SHARD); /* opening it anew wins nothing */
    rig_check_more(&more, reader, "", MORE);
    ck_assert_int_ge(rig_asked_ms(RECORDS, 10) - rig_asked_ms(RECORDS, 9), 200);
    /* Another shard has a rate of its own. */
    now_ms = (clock_now_ns(rig.clock) - SCRIPTED_START_NS) / NS_PER_MS;
    ck_assert_int_eq(rig_more(&more, other), 0);
    ck_assert_int_eq(rig_asked_ms(RECORDS, 11), now_ms);
    rig_release(&more.request);
    rig_close(other);
}
END_TEST

START_TEST(bounds)
{
    rig.config.options.since = PAIL_INT(1795300001000);
    rig.config.options.until = PAIL_INT(1795300003000);
    rig_make("kinesis://");
    reader = rig_open(SHARD);
    play_records("1:YQo= 2:Yg== 3:Y2Q= 2:eA==", "i1", 500);
    rig_check_more(&more, reader, "a\nb", FINISHED);
    ck_assert_ptr_nonnull(strstr(rig_last(ITERATOR), "\"ShardIteratorType\":\"AT_TIMESTAMP\""));
    ck_assert_ptr_nonnull(strstr(rig_last(ITERATOR), "\"Timestamp\":1795300001"));
    rig_check_more(&more, reader, "", FINISHED);
    ck_assert_uint_eq(rig_asked(RECORDS), 1);
}
END_TEST

static const struct {
    enum kinesis_format format;
    const char *text;
} formats[] = {
    {KINESIS_RAW, "ab\n"},
    {KINESIS_LINE, "a\nb\n"},
    {KINESIS_JSON,
     "{\"SequenceNumber\":\"1\",\"PartitionKey\":\"k\","
     "\"ApproximateArrivalTimestamp\":\"2026-11-21T22:26:41.25Z\",\"Data\":\"a\"}\n"
     "{\"SequenceNumber\":\"2\",\"PartitionKey\":\"k\","
     "\"ApproximateArrivalTimestamp\":\"2026-11-21T22:26:42.25Z\","
     "\"Data\":\"b\\n\"}\n"},
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

START_TEST(formats_of_records)
{
    rig.config.options.kinesis_format = formats[_i].format;
    rig_make("kinesis://");
    reader = rig_open(SHARD);
    play_records("1:YQ== 2:Ygo=", "i1", 0);
    rig_check_more(&more, reader, formats[_i].text, END);
}
END_TEST

static const struct {
    const char *operation, *body, *code;
    int status;
} unread[] = {
    {ITERATOR, NULL, "ResourceNotFoundException", -ENOENT},
    {ITERATOR, NULL, "AccessDeniedException", -EACCES},
    {ITERATOR, "{\"ShardIterator\":null}", NULL, -EPROTO},
    {ITERATOR, "{}", NULL, -EPROTO},
    {RECORDS, NULL, "ProvisionedThroughputExceededException", -EBUSY},
    {RECORDS, NULL, "KMSAccessDeniedException", -EACCES},
    {RECORDS, NULL, "AccessDeniedException", -EACCES},
    {RECORDS, "{}", NULL, -EPROTO},
    {RECORDS, "{\"Records\":[{\"Data\":\"YQ==\"}],\"NextShardIterator\":\"i\"}", NULL, -EPROTO},
    {RECORDS, "{\"Records\":[{\"Data\":\"*\"}],\"NextShardIterator\":\"i\"}", NULL, -EPROTO},
    {RECORDS, "{\"Records\":[", NULL, -EPROTO},
};
#define UNREAD (sizeof(unread) / sizeof(unread[0]))

/* And asked again it goes on. */
START_TEST(failures_of_a_shard)
{
    reader = rig_open(SHARD);
    if (strcmp(unread[_i].operation, ITERATOR) == 0)
        rig_forget(ITERATOR);
    if (unread[_i].code)
        rig_play_error(unread[_i].operation, 400, unread[_i].code);
    else
        rig_play(unread[_i].operation, unread[_i].body);
    rig_play(ITERATOR, "{\"ShardIterator\":\"i0\"}");
    play_records("1:YQ==", "i1", 0);
    rig_check_fails(&more, reader, unread[_i].status);
    ck_assert_str_eq(more.request.error.operation, unread[_i].operation);
    rig_check_more(&more, reader, "a", END);
}
END_TEST

START_TEST(is_cancelled_while_it_waits)
{
    reader = rig_open(SHARD);
    play_records("", "i1", 100);
    rig_check_more(&more, reader, "", MORE);
    rig_dones = 0;
    rig_more_start(&more, reader);
    rig_settle();
    ck_assert_uint_eq(rig_dones, 0);
    rig_cancel(&more.request);
    rig_settle();
    ck_assert_uint_eq(rig_dones, 1);
    ck_assert_int_eq(more.request.status, -ECANCELED);
    rig_release(&more.request);
    rig_check_more(&more, reader, "", MORE);
}
END_TEST

START_TEST(only_shards_can_be_read)
{
    struct source_reader *none = NULL;
    ck_assert_int_eq(
        rig.source->ops->reader_open(rig.source, PAIL_STR("s"), (struct pail_str){0}, &none),
        -EISDIR);
    ck_assert_int_eq(rig.source->ops->reader_open(rig.source, PAIL_STR("s/a b"),
                                                  (struct pail_str){0}, &none),
                     -ENOENT);
}
END_TEST

/* ---- memory ---- */

enum { LIST_ALL, LIST_ONE, LOOK_STREAM, LOOK_SHARD, READ, OPERATIONS };

static struct source_request *start(int operation)
{
    switch (operation) {
    case LIST_ALL:
    case LIST_ONE:
        rig_list_start(&list, operation == LIST_ALL ? "" : "s", (struct pail_str){0});
        return &list.request;
    case READ:
        rig_more_start(&more, reader);
        return &more.request;
    default:
        rig_lookup_start(&look, operation == LOOK_STREAM ? "s" : SHARD);
        return &look.request;
    }
}

START_TEST(memory_ends)
{
    int status = -ENOMEM;
    rig_play(STREAMS, "{\"StreamNames\":[\"a\"],\"StreamSummaries\":[{\"StreamName\":\"a\"}]}");
    rig_play(SHARDS, shards_of_s);
    play_records("1:YQo= 2:Yg==", "i1", 500);
    for (long count = 0; status < 0; count++) {
        if (reader)
            rig_close(STEAL(reader));
        rig_make("kinesis://");
        reader = rig_open(SHARD);
        rig_dones = 0;
        alloc_fail_after(count);
        struct source_request *request = start(_i);
        rig_settle();
        alloc_fail_after(-1);
        while (rig_dones == 0)
            rig_run_for(100);
        status = request->status;
        ck_assert_msg(status == 0 || status == -ENOMEM, "after %ld: %d, %s", count, status,
                      request->error.message);
        ck_assert_int_lt(count, 2000);
        if (status == 0 && _i == READ)
            check_str(more.data, "a\nb");
        rig_release(request);
        if (status < 0 && _i == READ)
            rig_check_more(&more, reader, "a\nb", MORE);
    }
}
END_TEST

SUITE_MAIN("fs/kinesis_source", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, lists_streams_of_all_pages); tcase_add_test(tc, lists_shards);
           tcase_add_test(tc, looks_names_up); tcase_add_test(tc, when_a_stream_was_made);
           tcase_add_test(tc, a_mount_of_one_stream);
           tcase_add_loop_test(tc, a_failure_is_no_empty_directory, 0, (int)FAILURES);
           tcase_add_test(tc, reads_a_shard_and_follows_it);
           tcase_add_test(tc, an_iterator_that_expired_is_replaced);
           tcase_add_test(tc, a_closed_shard_ends);
           tcase_add_test(tc, keeps_to_the_rate_of_a_shard); tcase_add_test(tc, bounds);
           tcase_add_loop_test(tc, formats_of_records, 0, (int)FORMATS);
           tcase_add_loop_test(tc, failures_of_a_shard, 0, (int)UNREAD);
           tcase_add_test(tc, is_cancelled_while_it_waits);
           tcase_add_test(tc, only_shards_can_be_read);
           tcase_add_loop_test(tc, memory_ends, 0, OPERATIONS));
