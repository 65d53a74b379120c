#include "services/logs_format.h"

#include "unit/check.h"

#define NOW PAIL_INT(1795705200120)

static const struct {
    struct logs_event event;
    const char *message, *timestamp, *json;
} cases[] = {
    {{.timestamp = NOW, .message = PAIL_STR("plain")},
     "plain\n",
     "2026-11-26T15:00:00.120Z plain\n",
     "{\"timestamp\":\"2026-11-26T15:00:00.120Z\",\"message\":\"plain\"}\n"},
    {{.timestamp = PAIL_INT(0),
      .ingestion_time = PAIL_INT(-1),
      .message = PAIL_STR("ends\n"),
      .group = PAIL_STR("g/h"),
      .stream = PAIL_STR("s t"),
      .id = PAIL_STR("9")},
     "ends\n",
     "1970-01-01T00:00:00.000Z s t ends\n",
     "{\"timestamp\":\"1970-01-01T00:00:00.000Z\",\"ingestionTime\":\"1969-12-31T23:59:59."
     "999Z\","
     "\"logGroupIdentifier\":\"g/h\",\"logStreamName\":\"s t\",\"eventId\":\"9\","
     "\"message\":\"ends\\n\"}\n"},
    {{.message = PAIL_STR("two\nlines\r\n\nmore\r\n")},
     "two\n\tlines\r\n\t\n\tmore\n",
     "- two\n\tlines\r\n\t\n\tmore\n",
     "{\"message\":\"two\\nlines\\u000d\\n\\nmore\\u000d\\n\"}\n"},
    {{.message = PAIL_STR("\n\n")}, "\n\t\n", "- \n\t\n", "{\"message\":\"\\n\\n\"}\n"},
    {{.message = PAIL_STR("")}, "\n", "- \n", "{\"message\":\"\"}\n"},
    {{.message = {0}}, "\n", "- \n", "{}\n"},
    {{.message = PAIL_STR("\"gr\u00fc\u00dfe\" \\ \t")},
     "\"gr\u00fc\u00dfe\" \\ \t\n",
     "- \"gr\u00fc\u00dfe\" \\ \t\n",
     "{\"message\":\"\\\"gr\u00fc\u00dfe\\\" \\\\ \\u0009\"}\n"},
};

START_TEST(formats)
{
    const char *const expected[] = {cases[_i].message, cases[_i].timestamp, cases[_i].json};
    for (unsigned format = LOGS_MESSAGE; format <= LOGS_JSON; format++) {
        CLEANUP_DONE(buf) struct buf b;
        buf_init(&b, SIZE_MAX);
        logs_format_add(&b, format, &cases[_i].event);
        ck_assert_str_eq(buf_c(&b), expected[format]);
        ck_assert_uint_eq(b.len, strlen(expected[format]));
    }
}
END_TEST

START_TEST(keeps_nul)
{
    const struct logs_event event = {.message = PAIL_STR("a\0b")};
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, SIZE_MAX);
    logs_format_add(&b, LOGS_MESSAGE, &event);
    logs_format_add(&b, LOGS_JSON, &event);
    check_str(buf_str(&b), "a\0b\n{\"message\":\"a\\u0000b\"}\n");
}
END_TEST

START_TEST(takes_events_of_every_call)
{
    const struct pail_logs_log_event got = {NOW, PAIL_STR("m"), PAIL_INT(2)};
    const struct pail_logs_filtered_log_event filtered = {PAIL_STR("s"), NOW, PAIL_STR("m"),
                                                          PAIL_INT(2), PAIL_STR("id")};
    const struct pail_logs_live_tail_log_event live = {PAIL_STR("s"), PAIL_STR("g"),
                                                       PAIL_STR("m"), NOW, PAIL_INT(2)};
    struct logs_event event = logs_event_of(&got);
    ck_assert(event.timestamp.present && event.ingestion_time.value == 2);
    ck_assert(event.message.len == 1 && !event.stream.ptr && !event.group.ptr && !event.id.ptr);
    event = logs_event_of_filtered(&filtered);
    ck_assert(event.timestamp.present && event.ingestion_time.value == 2 && !event.group.ptr);
    check_str(event.stream, "s");
    check_str(event.id, "id");
    event = logs_event_of_live(&live);
    ck_assert(event.timestamp.present && event.ingestion_time.value == 2 && !event.id.ptr);
    check_str(event.group, "g");
    check_str(event.message, "m");
}
END_TEST

SUITE_MAIN("services/logs_format",
           tcase_add_loop_test(tc, formats, 0, (int)(sizeof(cases) / sizeof(cases[0])));
           tcase_add_test(tc, keeps_nul); tcase_add_test(tc, takes_events_of_every_call));
