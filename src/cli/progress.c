#include "cli/progress.h"

#include "cli/human.h"
#include "cli/pail_output.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NAME_BYTES_MAX  65536
#define LINE_BYTES_MAX  65536
#define NAME_COLUMNS    16 /* a name is not cut shorter than this */
#define BAR_COLUMNS     20
#define DEFAULT_COLUMNS 79
#define LEFT_MAX_S      (100 * 3600)
#define ERASE_REST      "\033[K" /* of the terminal's line */

/* ---- speed ---- */

static void take_sample(struct progress *p, uint64_t bytes)
{
    size_t at = p->sample_count++ % PROGRESS_SAMPLES;
    p->samples[at].ns = clock_now_ns(p->clock);
    p->samples[at].bytes = bytes;
}

/* Bytes a second since the oldest sample, 0 if that is not known. */
static double speed(const struct progress *p, uint64_t bytes)
{
    if (p->sample_count == 0)
        return 0;
    size_t oldest = p->sample_count > PROGRESS_SAMPLES ? p->sample_count % PROGRESS_SAMPLES : 0;
    double ns = (double)(clock_now_ns(p->clock) - p->samples[oldest].ns);
    return ns > 0 ? (double)(bytes - p->samples[oldest].bytes) * (double)NS_PER_SEC / ns : 0;
}

/* ---- the line ---- */

static size_t columns_of(struct pail_str text)
{
    size_t columns = 0;
    for (; text.len > 0; text = str_sub(text, str_utf8_step(text), text.len))
        columns++;
    return columns;
}

/* Cut at its start, which says least: "...of/a/name". */
static void add_name(struct buf *b, struct pail_str name, size_t columns)
{
    size_t len = columns_of(name);
    if (len > columns) {
        buf_add_c(b, "...");
        for (; len > columns - 3; len--)
            name = str_sub(name, str_utf8_step(name), name.len);
    }
    buf_add_str(b, name);
}

static void add_bar(struct buf *b, unsigned percent)
{
    buf_add_c(b, " [");
    for (unsigned i = 1; i <= BAR_COLUMNS; i++)
        buf_add_byte(b, percent * BAR_COLUMNS >= i * 100 ? '#' : '.');
    buf_add_byte(b, ']');
}

static void add_size(struct buf *b, uint64_t bytes)
{
    CLEANUP_DONE(buf) struct buf size;
    buf_init(&size, 32);
    human_add_size(&size, bytes);
    buf_addf(b, "%*s", HUMAN_SIZE_MAX, buf_c(&size));
}

static void add_speed(struct buf *b, double rate)
{
    add_size(b, (uint64_t)rate);
    buf_add_c(b, "/s");
}

static void add_time_left(struct buf *b, const struct progress *p, uint64_t bytes, double rate)
{
    double left = rate > 0 ? (double)(p->total - bytes) / rate : LEFT_MAX_S;
    if (left < LEFT_MAX_S)
        human_add_time(b, (uint64_t)left);
    else
        buf_add_c(b, "-:--");
}

/* What follows the name; less of it where `level` is smaller. */
static void add_tail(struct buf *b, const struct progress *p, uint64_t bytes, unsigned level)
{
    bool known = p->total != PROGRESS_UNKNOWN;
    unsigned percent = p->total ? (unsigned)((double)bytes * 100 / (double)p->total) : 100;
    double rate = speed(p, bytes);
    if (known)
        buf_addf(b, " %3u%%", percent);
    if (known && level >= 3)
        add_bar(b, percent);
    if (level >= 1) {
        buf_add_byte(b, ' ');
        add_size(b, bytes);
    }
    if (known && level >= 1) {
        buf_add_byte(b, '/');
        add_size(b, p->total);
    }
    if (level >= 2) {
        buf_add_byte(b, ' ');
        add_speed(b, rate);
    }
    if (known && level >= 2) {
        buf_add_byte(b, ' ');
        add_time_left(b, p, bytes, rate);
    }
}

void progress_format(const struct progress *progress, uint64_t bytes, size_t width,
                     struct buf *b)
{
    CLEANUP_DONE(buf) struct buf name, tail;
    buf_init(&name, NAME_BYTES_MAX);
    buf_init(&tail, LINE_BYTES_MAX);
    buf_add_escaped(&name, str_c(progress->name));
    size_t least = columns_of(buf_str(&name));
    if (least > NAME_COLUMNS)
        least = NAME_COLUMNS;
    for (unsigned level = 4; level-- > 0;) {
        buf_reset(&tail);
        add_tail(&tail, progress, bytes, level);
        if (least + tail.len > width)
            continue;
        add_name(b, buf_str(&name), width - tail.len);
        buf_add_str(b, buf_str(&tail));
        return;
    }
}

/* ---- the terminal ---- */

void progress_start(struct progress *progress, int fd, const struct clock *clock,
                    const char *name, uint64_t total)
{
    *progress = (struct progress){
        .fd = isatty(fd) ? fd : -1, .clock = clock, .name = name, .total = total};
    progress->shown_ns = clock_now_ns(clock);
    take_sample(progress, 0);
}

/* In the background it would write over what is in front. */
static bool is_in_front(int fd)
{
    pid_t front = tcgetpgrp(fd);
    return front < 0 || front == getpgrp();
}

static size_t width_of(int fd)
{
    struct winsize size;
    bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? (size_t)size.ws_col - 1 : DEFAULT_COLUMNS;
}

void progress_tell(struct progress *progress, uint64_t bytes)
{
    int64_t now = clock_now_ns(progress->clock);
    if (progress->fd < 0 || now - progress->shown_ns < PROGRESS_EVERY_MS * NS_PER_MS ||
        !is_in_front(progress->fd))
        return;
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, LINE_BYTES_MAX);
    buf_add_byte(&b, '\r');
    progress_format(progress, bytes, width_of(progress->fd), &b);
    buf_add_c(&b, ERASE_REST);
    (void)pail_write(progress->fd, buf_c(&b), b.len);
    take_sample(progress, bytes);
    progress->shown_ns = now;
    progress->shown = true;
}

void progress_hide(struct progress *progress)
{
    if (progress->shown && is_in_front(progress->fd))
        (void)pail_write(progress->fd, "\r" ERASE_REST, strlen("\r" ERASE_REST));
    progress->shown = false;
}

void progress_end(struct progress *progress)
{
    progress_hide(progress);
    progress->fd = -1;
}
