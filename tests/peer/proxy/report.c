#include "proxy.h"

#include "base/buf.h"

#include <inttypes.h>

#define REPORT_MAX ((size_t)16 * 1024)

static void add_named(struct buf *b, const char *group, const char *const *names,
                      const uint64_t *values, size_t count)
{
    buf_addf(b, ", \"%s\": {", group);
    for (size_t i = 0; i < count; i++)
        buf_addf(b, "%s\"%s\": %" PRIu64, i ? ", " : "", names[i], values[i]);
    buf_add_c(b, "}");
}

/* Write it to a file that readers see whole or not at all. */
static bool write_whole(const char *path, const struct buf *b)
{
    CLEANUP_DONE(buf) struct buf temporary;
    buf_init(&temporary, 4096);
    buf_addf(&temporary, "%s.new", path);
    if (buf_failed(&temporary))
        return false;
    FILE *file = fopen(buf_c(&temporary), "we");
    if (!file)
        return false;
    bool written = fwrite(b->data, 1, b->len, file) == b->len;
    return fclose(file) == 0 && written && rename(buf_c(&temporary), path) == 0;
}

void proxy_report(const struct proxy *p)
{
    static const char *const kinds[] = {"GET", "LIST", "HEAD", "PUT", "other"};
    static const char *const hundreds[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    static const char *const faults[] = {"reset", "503", "cut", "tear", "delay"};
    const struct proxy_counts *c = &p->counts;
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, REPORT_MAX);
    uint64_t total = 0;
    for (size_t i = 0; i < PROXY_KINDS; i++)
        total += c->requests[i];
    buf_addf(&b, "{\"total\": %" PRIu64, total);
    add_named(&b, "requests", kinds, c->requests, ARRAY_LEN(kinds));
    add_named(&b, "statuses", hundreds, c->statuses, ARRAY_LEN(hundreds));
    add_named(&b, "faults", faults, c->faults, ARRAY_LEN(faults));
    buf_addf(&b, ", \"connections\": %" PRIu64 ", \"open\": %u, \"open_peak\": %u",
             c->connections, c->open, c->open_peak);
    buf_addf(&b, ", \"in_flight\": %u, \"in_flight_peak\": %u", c->in_flight,
             c->in_flight_peak);
    buf_addf(&b, ", \"bytes_up\": %" PRIu64 ", \"bytes_down\": %" PRIu64 "}\n", c->bytes_up,
             c->bytes_down);
    if (buf_failed(&b))
        return;
    if (!p->options.stats)
        (void)fputs(buf_c(&b), stdout), (void)fflush(stdout);
    else if (!write_whole(p->options.stats, &b))
        perror(p->options.stats);
}
