#include "cli/human.h"

#include <inttypes.h>

static uint64_t divide_up(uint64_t number, uint64_t by)
{
    return number / by + (number % by != 0);
}

void human_add_size(struct buf *b, uint64_t bytes)
{
    static const char units[] = "KMGTPE";
    if (bytes < 1024) {
        buf_addf(b, "%" PRIu64, bytes);
        return;
    }
    /* The unit is the first in which the rounded number has at most four digits. */
    uint64_t unit = 1024;
    size_t i = 0;
    while (i + 1 < sizeof(units) - 1 && divide_up(bytes, unit) >= 1024) {
        unit *= 1024;
        i++;
    }
    uint64_t tenths = bytes / unit * 10 + divide_up(bytes % unit * 10, unit);
    if (tenths < 100)
        buf_addf(b, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10, units[i]);
    else
        buf_addf(b, "%" PRIu64 "%c", divide_up(bytes, unit), units[i]);
}

void human_add_time(struct buf *b, uint64_t seconds)
{
    uint64_t minutes = seconds / 60;
    if (minutes >= 60)
        buf_addf(b, "%" PRIu64 ":%02" PRIu64, minutes / 60, minutes % 60);
    else
        buf_addf(b, "%" PRIu64, minutes);
    buf_addf(b, ":%02" PRIu64, seconds % 60);
}
