#include "unit/check.h"

#include "cli/progress.h"

#include <pty.h>
#include <stdlib.h>
#include <unistd.h>

static int64_t now_ns;

static int64_t monotonic(const struct clock *clock)
{
    (void)clock;
    return now_ns;
}

static const struct clock by_hand = {.monotonic_ns = monotonic};

#define MIB UINT64_C(1048576)

static void check_line(const struct progress *p, uint64_t bytes, size_t width, const char *line)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    progress_format(p, bytes, width, &b);
    ck_assert_str_eq(buf_c(&b), line);
}

static const struct {
    size_t width;
    const char *line;
} widths[] = {
    {100, "logs/2026/app.log  45% [#########...........]  450M/1000M  100M/s 0:05"},
    {70, "logs/2026/app.log  45% [#########...........]  450M/1000M  100M/s 0:05"},
    {69, ".../2026/app.log  45% [#########...........]  450M/1000M  100M/s 0:05"},
    {68, "logs/2026/app.log  45%  450M/1000M  100M/s 0:05"},
    {46, ".../2026/app.log  45%  450M/1000M  100M/s 0:05"},
    {45, "logs/2026/app.log  45%  450M/1000M"},
    {33, ".../2026/app.log  45%  450M/1000M"},
    {32, "logs/2026/app.log  45%"},
    {21, ".../2026/app.log  45%"},
    {20, ""},
    {0, ""},
};

static const struct {
    size_t width;
    const char *line;
} unknown[] = {
    {100, "12 files 1000M  200M/s"},
    {22, "12 files 1000M  200M/s"},
    {21, "12 files 1000M"},
    {13, "12 files"},
    {7, ""},
};

START_TEST(a_total_may_not_be_known)
{
    now_ns = 0;
    struct progress p;
    progress_start(&p, -1, &by_hand, "12 files", PROGRESS_UNKNOWN);
    now_ns = 5 * NS_PER_SEC;
    check_line(&p, 1000 * MIB, unknown[_i].width, unknown[_i].line);
}
END_TEST

START_TEST(a_line_fits_its_terminal)
{
    now_ns = 0;
    struct progress p;
    progress_start(&p, -1, &by_hand, "logs/2026/app.log", 1000 * MIB);
    now_ns = 9 * NS_PER_SEC / 2;
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    progress_format(&p, 450 * MIB, widths[_i].width, &b);
    ck_assert_msg(strcmp(buf_c(&b), widths[_i].line) == 0, "%zu: \"%s\"", widths[_i].width,
                  buf_c(&b));
    ck_assert_uint_le(b.len, widths[_i].width);
}
END_TEST

START_TEST(what_is_not_known_yet)
{
    now_ns = 0;
    struct progress p;
    progress_start(&p, -1, &by_hand, "k", 1000);
    check_line(&p, 0, 80, "k   0% [....................]     0/ 1000     0/s -:--");
    now_ns = NS_PER_SEC;
    check_line(&p, 0, 80, "k   0% [....................]     0/ 1000     0/s -:--");
    check_line(&p, 1000, 80, "k 100% [####################]  1000/ 1000  1000/s 0:00");
    progress_start(&p, -1, &by_hand, "a\nb", 0);
    check_line(&p, 0, 80, "a\\nb 100% [####################]     0/    0     0/s -:--");
}
END_TEST

#define ERASE "\033[K"

/* The next that the terminal got, up to its `count`th erasure. */
static const char *shown(int terminal, int count)
{
    static char text[4096];
    size_t len = 0;
    text[0] = '\0';
    while (count > 0 && len < sizeof(text) - 1 && read(terminal, &text[len], 1) == 1) {
        text[++len] = '\0';
        if (len >= strlen(ERASE) && strcmp(&text[len - strlen(ERASE)], ERASE) == 0)
            count--;
    }
    return text;
}

START_TEST(a_terminal_is_told_now_and_then)
{
    int terminal, side;
    struct winsize size = {.ws_row = 24, .ws_col = 50};
    ck_assert_int_eq(openpty(&terminal, &side, NULL, NULL, &size), 0);
    now_ns = 0;
    struct progress p;
    progress_start(&p, side, &by_hand, "key", 100 * MIB);
    progress_tell(&p, MIB);
    now_ns = NS_PER_SEC;
    progress_tell(&p, 10 * MIB);
    progress_tell(&p, 11 * MIB);
    ck_assert_str_eq(shown(terminal, 1), "\rkey  10%   10M/ 100M   10M/s 0:09" ERASE);
    /* The speed is that of the last lines, not of the whole. */
    for (int i = 1; i <= PROGRESS_SAMPLES; i++) {
        now_ns += NS_PER_SEC;
        progress_tell(&p, (10 + (uint64_t)i) * MIB);
    }
    const char *last = strrchr(shown(terminal, PROGRESS_SAMPLES), '\r');
    ck_assert_str_eq(last, "\rkey  26%   26M/ 100M  1.0M/s 1:14" ERASE);
    progress_end(&p);
    ck_assert_str_eq(shown(terminal, 1), "\r" ERASE);
    progress_end(&p);
    progress_tell(&p, 50 * MIB);
    ck_assert_int_eq(write(side, "end" ERASE, strlen("end" ERASE)),
                     (ssize_t)strlen("end" ERASE));
    ck_assert_str_eq(shown(terminal, 1), "end" ERASE);
    close(side);
    close(terminal);
}
END_TEST

START_TEST(a_file_is_told_nothing)
{
    char path[] = "/tmp/pail-progress-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    now_ns = 0;
    struct progress p;
    progress_start(&p, fd, &by_hand, "key", 100);
    now_ns = NS_PER_SEC;
    progress_tell(&p, 50);
    progress_end(&p);
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), 0);
    close(fd);
    unlink(path);
}
END_TEST

SUITE_MAIN("cli/progress",
           tcase_add_loop_test(tc, a_total_may_not_be_known, 0, (int)ARRAY_LEN(unknown));
           tcase_add_loop_test(tc, a_line_fits_its_terminal, 0, (int)ARRAY_LEN(widths));
           tcase_add_test(tc, what_is_not_known_yet);
           tcase_add_test(tc, a_terminal_is_told_now_and_then);
           tcase_add_test(tc, a_file_is_told_nothing));
