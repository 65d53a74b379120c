#include "fs/logs_hours.h"

#include "base/date.h"
#include "base/num.h"
#include "base/when.h"

#include <errno.h>

#define HOUR_MS   INT64_C(3600000)
#define YEAR_MS   INT64_C(31556952000) /* on average */
#define YEAR_LAST 9998                 /* the year after it can still be written */

static const struct level {
    size_t digits;
    int first, last;
} levels[LOGS_HOURS_DEPTH] = {{4, 1, YEAR_LAST}, {2, 1, 12}, {2, 1, 31}, {2, 0, 23}};

/* Without memory of the heap: its end would look like a date that is none. */
static int64_t moment(int year, int month, int day, int hour, bool *ret_valid)
{
    char text[64];
    struct pail_time time = {0};
    int len =
        snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:00:00Z", year, month, day, hour);
    *ret_valid = date_parse_iso8601(str_of(text, (size_t)len), &time) == 0;
    return when_ms(time);
}

int logs_hours_parse(struct pail_str path, struct logs_hours *ret)
{
    int fields[LOGS_HOURS_DEPTH] = {1, 1, 1, 0};
    unsigned depth = 0;
    struct pail_str name;
    bool any = path.len > 0;
    while (any && str_next(&path, '/', &name)) {
        uint64_t number;
        if (depth == LOGS_HOURS_DEPTH || name.len != levels[depth].digits ||
            num_u64(name, (uint64_t)levels[depth].last, &number) < 0)
            return -ENOENT;
        fields[depth++] = (int)number;
    }
    struct logs_hours hours = {.depth = depth};
    bool valid, next_valid = true;
    hours.from_ms = moment(fields[0], fields[1], fields[2], fields[3], &valid);
    if (depth == 0)
        hours.to_ms = moment(YEAR_LAST + 1, 1, 1, 0, &next_valid);
    else if (depth == 1)
        hours.to_ms = moment(fields[0] + 1, 1, 1, 0, &next_valid);
    else if (depth == 2)
        hours.to_ms = moment(fields[0] + fields[1] / 12, fields[1] % 12 + 1, 1, 0, &next_valid);
    else
        hours.to_ms = hours.from_ms + (depth == 3 ? 24 : 1) * HOUR_MS;
    if (!valid || !next_valid)
        return -ENOENT;
    *ret = hours;
    return 0;
}

static int year_of(int64_t ms)
{
    bool valid;
    int64_t guess = 1970 + ms / YEAR_MS;
    int year = guess < 1 ? 1 : guess > YEAR_LAST ? YEAR_LAST : (int)guess;
    while (year > 1 && moment(year, 1, 1, 0, &valid) > ms)
        year--;
    while (year < YEAR_LAST && moment(year + 1, 1, 1, 0, &valid) <= ms)
        year++;
    return year;
}

int logs_hours_list(struct pail_str path, int64_t from_ms, int64_t to_ms,
                    const struct source_entry *file, struct source_entries *ret)
{
    struct logs_hours above, period;
    if (from_ms >= to_ms || logs_hours_parse(path, &above) < 0 ||
        above.depth == LOGS_HOURS_DEPTH)
        return 0;
    const struct level *level = &levels[above.depth];
    int first = above.depth == 0 ? year_of(from_ms) : level->first;
    int last = above.depth == 0 ? year_of(to_ms - 1) : level->last;
    for (int i = first; i <= last; i++) {
        CLEANUP_DONE(buf) struct buf text;
        buf_init(&text, 64);
        buf_addf(&text, "%.*s%s%0*d", PAIL_ARGS(path), path.len ? "/" : "", (int)level->digits,
                 i);
        if (buf_failed(&text))
            return -ENOMEM;
        if (logs_hours_parse(buf_str(&text), &period) < 0 || period.to_ms <= from_ms ||
            period.from_ms >= to_ms)
            continue;
        struct source_entry entry = {.type = ENTRY_DIRECTORY};
        if (period.depth == LOGS_HOURS_DEPTH) {
            entry = *file;
            entry.mtime_s = period.from_ms / 1000;
        }
        entry.name = str_sub(buf_str(&text), path.len + (path.len > 0), text.len);
        if (source_entries_add(ret, &entry) < 0)
            return -ENOMEM;
    }
    return 0;
}
