#include "unit/check.h"

#include "base/date.h"
#include "base/str.h"
#include "base/when.h"
#include "fs/logs_hours.h"

#include <errno.h>
#include <stdio.h>

static int64_t at(const char *moment)
{
    struct pail_time time;
    ck_assert_msg(date_parse_iso8601(str_c(moment), &time) == 0, "%s", moment);
    return when_ms(time);
}

static const struct {
    const char *path;
    unsigned depth;
    const char *from, *to; /* NULL: none can have that path */
} paths[] = {
    {"", 0, "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z"},
    {"2026", 1, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
    {"2026/11", 2, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
    {"2026/12", 2, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
    {"2024/02/29", 3, "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
    {"2026/11/22/05", 4, "2026-11-22T05:00:00Z", "2026-11-22T06:00:00Z"},
    {"2026/12/31/23", 4, "2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z"},
    {"1969/12/31/23", 4, "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"},
    {.path = "2026/02/29"},
    {.path = "2026/13"},
    {.path = "2026/00"},
    {.path = "2026/1"},
    {.path = "02026"},
    {.path = "26"},
    {.path = "0000"},
    {.path = "9999"},
    {.path = "2026/"},
    {.path = "/2026"},
    {.path = "2026/11/22/24"},
    {.path = "2026/11/22/05/00"},
    {.path = "2026/11/22/+5"},
    {.path = "2026/11/22/ 5"},
    {.path = "year"},
};
#define PATHS (sizeof(paths) / sizeof(paths[0]))

START_TEST(parses)
{
    struct logs_hours hours = {.depth = 99};
    int r = logs_hours_parse(str_c(paths[_i].path), &hours);
    if (!paths[_i].from) {
        ck_assert_int_eq(r, -ENOENT);
        ck_assert_uint_eq(hours.depth, 99);
        return;
    }
    ck_assert_int_eq(r, 0);
    ck_assert_uint_eq(hours.depth, paths[_i].depth);
    ck_assert_int_eq(hours.from_ms, at(paths[_i].from));
    ck_assert_int_eq(hours.to_ms, at(paths[_i].to));
}
END_TEST

static const struct {
    const char *path, *from, *to, *names;
} listings[] = {
    {"", "2025-11-22T10:20:30Z", "2027-01-01T00:00:00Z", "2025/ 2026/"},
    {"", "2026-11-22T10:20:30Z", "2027-01-01T00:00:00.001Z", "2026/ 2027/"},
    {"", "2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00Z", "2025/"},
    {"", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", "2026/"},
    {"", "1968-12-31T23:00:00Z", "1971-01-01T00:00:00Z", "1968/ 1969/ 1970/"},
    {"2026", "2026-10-31T23:59:59Z", "2026-12-01T00:00:00Z", "10/ 11/"},
    {"2025", "2026-10-31T23:59:59Z", "2026-12-01T00:00:00Z", ""},
    {"2024/02", "2024-02-27T12:00:00Z", "2024-04-01T00:00:00Z", "27/ 28/ 29/"},
    {"2026/11/22", "2026-11-22T10:20:30Z", "2026-11-22T12:00:01Z", "10 11 12"},
    {"2026/11/22", "2026-11-22T10:20:30Z", "2026-11-22T10:20:30Z", ""},
    {"2026/11/22", "2026-11-22T22:00:00Z", "2026-11-25T00:00:00Z", "22 23"},
    {"2026/11/22/10", "2026-11-22T10:20:30Z", "2026-11-22T12:00:01Z", ""},
    {"none", "2026-11-22T10:20:30Z", "2026-11-22T12:00:01Z", ""},
};
#define LISTINGS (sizeof(listings) / sizeof(listings[0]))

START_TEST(lists)
{
    char text[512] = "";
    size_t len = 0;
    struct source_entries entries = {0};
    const struct source_entry file = {.type = ENTRY_FILE, .etag = PAIL_STR("e")};
    int64_t to_ms = at(listings[_i].to);
    ck_assert_int_eq(logs_hours_list(str_c(listings[_i].path), at(listings[_i].from), to_ms,
                                     &file, &entries),
                     0);
    for (size_t i = 0; i < entries.count; i++) {
        const struct source_entry *entry = &entries.items[i];
        len +=
            (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s%s", i ? " " : "",
                             PAIL_ARGS(entry->name), entry->type == ENTRY_DIRECTORY ? "/" : "");
        if (entry->type == ENTRY_FILE) {
            check_str(entry->etag, "e");
            ck_assert_int_eq(entry->mtime_s % 3600, 0);
        }
    }
    source_entries_done(&entries);
    ck_assert_str_eq(text, listings[_i].names);
}
END_TEST

SUITE_MAIN("fs/logs_hours", tcase_add_loop_test(tc, parses, 0, (int)PATHS);
           tcase_add_loop_test(tc, lists, 0, (int)LISTINGS));
