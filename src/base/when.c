#include "base/when.h"

#include "base/date.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>

#define MS_PER_SEC 1000
#define NS_PER_MS  1000000
#define DATE_LEN   10 /* of "2026-11-01" */

static bool parse_ago(struct pail_str s, int64_t now_ms, int64_t *ret_ms)
{
    uint64_t ago_ms;
    struct pail_str ago = PAIL_STR(" ago");
    if (str_ends(s, ago))
        s.len -= ago.len;
    bool has_unit = s.len > 0 && (s.ptr[s.len - 1] < '0' || s.ptr[s.len - 1] > '9');
    if (!has_unit || now_ms < 0 || num_duration_ms(s, (uint64_t)now_ms, &ago_ms) < 0)
        return false;
    *ret_ms = now_ms - (int64_t)ago_ms;
    return true;
}

int when_parse(struct pail_str s, int64_t now_ms, int64_t *ret_ms)
{
    struct pail_time moment;
    char midnight[DATE_LEN + sizeof("T00:00:00Z")];
    if (parse_ago(s, now_ms, ret_ms))
        return 0;
    if (s.len == DATE_LEN) {
        snprintf(midnight, sizeof(midnight), "%.*sT00:00:00Z", PAIL_ARGS(s));
        s = str_c(midnight);
    }
    if (date_parse_iso8601(s, &moment) < 0)
        return -EINVAL;
    *ret_ms = when_ms(moment);
    return 0;
}

int when_check_bounds(struct pail_int since, struct pail_int until, const char *const names[2],
                      struct buf *reason)
{
    if (!since.present || !until.present || since.value < until.value)
        return 0;
    buf_addf(reason, "%s (", names[0]);
    buf_add_iso8601(reason, when_time(since.value));
    buf_addf(reason, ") is not before %s (", names[1]);
    buf_add_iso8601(reason, when_time(until.value));
    buf_add_c(reason, "): nothing lies between them");
    return -EINVAL;
}

int64_t when_ms(struct pail_time t)
{
    return t.seconds * MS_PER_SEC + t.nanoseconds / NS_PER_MS;
}

struct pail_time when_time(int64_t ms)
{
    int64_t seconds = ms / MS_PER_SEC, rest = ms % MS_PER_SEC;
    if (rest < 0) {
        rest += MS_PER_SEC;
        seconds--;
    }
    return (struct pail_time){seconds, (uint32_t)(rest * NS_PER_MS), true};
}
