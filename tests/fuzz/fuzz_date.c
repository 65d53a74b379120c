/* Any text as a date: what is accepted lies within four-digit years and survives being written
 * as ISO 8601. */
#include "fuzz/fuzz.h"

#include "base/date.h"

#include <stdlib.h>

#define YEAR_10000 INT64_C(253402300800)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int (*const parsers[])(struct pail_str, struct pail_time *) = {
        date_parse_http, date_parse_iso8601, date_parse_epoch, date_parse_any};
    for (size_t i = 0; i < ARRAY_LEN(parsers); i++) {
        struct pail_time time = {0}, again = {0};
        if (parsers[i](str_of((const char *)data, size), &time) < 0)
            continue;
        if (!time.present || time.nanoseconds >= 1000000000)
            abort();
        if (time.seconds < 0 || time.seconds >= YEAR_10000)
            continue;
        struct buf text;
        buf_init(&text, 64);
        buf_add_iso8601(&text, time);
        if (buf_failed(&text) || date_parse_iso8601(buf_str(&text), &again) < 0 ||
            again.seconds != time.seconds || again.nanoseconds != time.nanoseconds)
            abort();
        buf_done(&text);
    }
    return 0;
}
