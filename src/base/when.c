#include "base/when.h"

#include "base/date.h"
#include "base/num.h"

#include <errno.h>

#define MS_PER_SEC 1000
#define NS_PER_MS  1000000

int when_parse(struct pail_str s, int64_t now_ms, int64_t *ret_ms)
{
    uint64_t ago_ms;
    struct pail_time moment;
    bool has_unit = s.len > 0 && (s.ptr[s.len - 1] < '0' || s.ptr[s.len - 1] > '9');
    if (has_unit && now_ms >= 0 && num_duration_ms(s, (uint64_t)now_ms, &ago_ms) == 0) {
        *ret_ms = now_ms - (int64_t)ago_ms;
        return 0;
    }
    if (date_parse_iso8601(s, &moment) < 0)
        return -EINVAL;
    *ret_ms = when_ms(moment);
    return 0;
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
