#include "unit/check.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/num.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What the sink saw; read after log_stop. While `gate` is held the sink waits. */
struct catcher {
    struct buf lines; /* each with its level's digit before and a newline after */
    size_t count;
    pthread_mutex_t gate;
};

static void catch (void *user, enum log_level level, int64_t time_ms, const char *line)
{
    struct catcher *catcher = user;
    (void)time_ms;
    pthread_mutex_lock(&catcher->gate);
    buf_addf(&catcher->lines, "%d%s\n", (int)level, line);
    catcher->count++;
    pthread_mutex_unlock(&catcher->gate);
}

static void catcher_init(struct catcher *catcher)
{
    *catcher = (struct catcher){.gate = PTHREAD_MUTEX_INITIALIZER};
    buf_init(&catcher->lines, 16 << 20);
}

START_TEST(keeps_by_level)
{
    struct catcher catcher;
    catcher_init(&catcher);
    log_error("before");
    ck_assert(!log_enabled(LOG_ERROR_LEVEL));
    ck_assert_int_eq(log_start(LOG_INFO_LEVEL, catch, &catcher), 0);
    ck_assert_int_eq(log_start(LOG_INFO_LEVEL, catch, &catcher), -EALREADY);
    ck_assert(log_enabled(LOG_INFO_LEVEL));
    ck_assert(!log_enabled(LOG_DEBUG_LEVEL));
    log_error("one %d", 1);
    log_warn("two");
    log_info("%s", "three");
    log_debug("four");
    log_notice("five");
    ck_assert(log_stop());
    log_error("after");
    log_notice("after");
    ck_assert(!log_enabled(LOG_ERROR_LEVEL));
    ck_assert(log_stop());
    ck_assert_str_eq(buf_c(&catcher.lines), "0one 1\n1two\n2three\n-1five\n");

    buf_reset(&catcher.lines);
    ck_assert_int_eq(log_start(LOG_DEBUG_LEVEL, catch, &catcher), 0);
    log_debug("again");
    log_stop();
    ck_assert_str_eq(buf_c(&catcher.lines), "3again\n");
    buf_done(&catcher.lines);
}
END_TEST

START_TEST(escapes_and_cuts)
{
    struct catcher catcher;
    char text[LOG_LINE_MAX * 2];
    catcher_init(&catcher);
    ck_assert_int_eq(log_start(LOG_INFO_LEVEL, catch, &catcher), 0);
    log_info("a\nb\x1b[0m \\n \xff");
    memset(text, 'x', sizeof(text));
    memcpy(text + LOG_LINE_MAX - 1, "\xc3\xa4", 2); /* lies across the end */
    text[sizeof(text) - 1] = '\0';
    errno = EXDEV;
    log_info("%s", text);
    ck_assert_int_eq(errno, EXDEV);
    text[LOG_LINE_MAX] = '\0';
    text[LOG_LINE_MAX - 1] = 'x';
    log_info("%s", text);
    log_stop();

    struct pail_str rest = buf_str(&catcher.lines), line;
    ck_assert(str_next(&rest, '\n', &line));
    check_str(line, "2a\\nb\\x1b[0m \\n \\xff");
    ck_assert(str_next(&rest, '\n', &line));
    ck_assert_uint_eq(line.len, LOG_LINE_MAX);
    ck_assert_uint_eq(str_find(line, '\\', 0), line.len);
    ck_assert(str_next(&rest, '\n', &line));
    ck_assert_uint_eq(line.len, 1 + LOG_LINE_MAX);
    buf_done(&catcher.lines);
}
END_TEST

/* The sink is stuck; the writers are not. What is dropped is counted, said once, and leaves no
 * other gap. */
START_TEST(drops_when_full)
{
    enum { LINES = 20000 };
    struct catcher catcher;
    catcher_init(&catcher);
    pthread_mutex_lock(&catcher.gate);
    ck_assert_int_eq(log_start(LOG_INFO_LEVEL, catch, &catcher), 0);
    for (int i = 0; i < LINES; i++)
        log_info("%d some text to make the line longer", i);
    uint64_t dropped = log_dropped();
    pthread_mutex_unlock(&catcher.gate);
    log_stop();

    ck_assert_uint_gt(dropped, 0);
    ck_assert_uint_lt(dropped, LINES);
    struct pail_str rest = buf_str(&catcher.lines), line;
    uint64_t next = 0, number, noted = 0;
    while (str_next(&rest, '\n', &line) && line.len > 0) {
        bool note = str_ends(line, PAIL_STR(" log lines were dropped"));
        ck_assert_int_eq(line.ptr[0], note ? '1' : '2');
        line = str_sub(line, 1, str_find(line, ' ', 0) - 1);
        ck_assert_int_eq(num_u64(line, LINES, &number), 0);
        if (note) {
            noted += number;
            next += number;
        } else {
            ck_assert_uint_eq(number, next);
            next++;
        }
    }
    ck_assert_uint_eq(next, LINES);
    ck_assert_uint_eq(noted, dropped);

    ck_assert_int_eq(log_start(LOG_INFO_LEVEL, catch, &catcher), 0);
    ck_assert_uint_eq(log_dropped(), 0);
    log_stop();
    buf_done(&catcher.lines);
}
END_TEST

static void *write_lines(void *arg)
{
    for (int i = 0; i < 200; i++)
        log_info("%s %d", (const char *)arg, i);
    return NULL;
}

START_TEST(many_threads)
{
    struct catcher catcher;
    pthread_t threads[4];
    char names[4][2] = {"a", "b", "c", "d"};
    catcher_init(&catcher);
    ck_assert_int_eq(log_start(LOG_INFO_LEVEL, catch, &catcher), 0);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(thread_start(&threads[i], "writer", write_lines, names[i]), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    log_stop();
    if (log_dropped() == 0)
        ck_assert_uint_eq(catcher.count, 800);
    else
        ck_assert_uint_le(catcher.count, 800);
    buf_done(&catcher.lines);
}
END_TEST

START_TEST(levels)
{
    enum log_level level = LOG_DEBUG_LEVEL;
    ck_assert_int_eq(log_level_parse(PAIL_STR("error"), &level), 0);
    ck_assert_int_eq(level, LOG_ERROR_LEVEL);
    ck_assert_int_eq(log_level_parse(PAIL_STR("debug"), &level), 0);
    ck_assert_int_eq(level, LOG_DEBUG_LEVEL);
    ck_assert_int_eq(log_level_parse(PAIL_STR("warn"), &level), 0);
    ck_assert_int_eq(log_level_parse(PAIL_STR("info"), &level), 0);
    ck_assert_int_eq(log_level_parse(PAIL_STR("Error"), &level), -EINVAL);
    ck_assert_int_eq(log_level_parse(PAIL_STR("warning"), &level), -EINVAL);
    ck_assert_int_eq(log_level_parse(PAIL_STR(""), &level), -EINVAL);
    ck_assert_int_eq(log_level_parse((struct pail_str){0}, &level), -EINVAL);
    ck_assert_int_eq(level, LOG_INFO_LEVEL);
}
END_TEST

START_TEST(to_a_descriptor)
{
    int fds[2];
    char text[8192];
    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    log_to_fd(&fds[1], LOG_WARN_LEVEL, INT64_C(1795428000123), "message");
    log_to_fd(&fds[1], LOG_ERROR_LEVEL, INT64_C(1000000000007), "");
    log_to_fd(&fds[1], LOG_NOTICE_LEVEL, INT64_C(1000000000007), "asked for");
    ssize_t len = read(fds[0], text, sizeof(text) - 1);
    ck_assert_int_gt(len, 0);
    text[len] = '\0';
    ck_assert_str_eq(text, "2026-11-23T10:00:00.123Z warn message\n"
                           "2001-09-09T01:46:40.007Z error \n"
                           "2001-09-09T01:46:40.007Z notice asked for\n");

    char line[LOG_LINE_MAX + 1];
    memset(line, 'x', LOG_LINE_MAX);
    line[LOG_LINE_MAX] = '\0';
    log_to_fd(&fds[1], LOG_ERROR_LEVEL, 0, line);
    len = read(fds[0], text, sizeof(text) - 1);
    ck_assert_int_eq(text[len - 1], '\n');
    ck_assert_int_gt(len, LOG_LINE_MAX);
    close(fds[0]);
    close(fds[1]);
    log_to_fd(&(int){-1}, LOG_ERROR_LEVEL, 0, "nowhere"); /* does not fail */
}
END_TEST

static void *drain(void *arg)
{
    const int *fd = arg;
    static char bytes[65536];
    size_t total = 0;
    ssize_t n;
    while ((n = read(*fd, bytes, sizeof(bytes))) > 0)
        total += (size_t)n;
    return (void *)(uintptr_t)total;
}

START_TEST(waits_for_a_full_pipe)
{
    enum { LINES = 5000 };
    int fds[2];
    pthread_t reader;
    void *total;
    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    ck_assert_int_eq(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
    ck_assert_int_eq(thread_start(&reader, "reader", drain, &fds[0]), 0);
    for (int i = 0; i < LINES; i++)
        log_to_fd(&fds[1], LOG_INFO_LEVEL, 0, "0123456789");
    close(fds[1]);
    pthread_join(reader, &total);
    close(fds[0]);
    ck_assert_uint_eq((uintptr_t)total,
                      LINES * strlen("1970-01-01T00:00:00.000Z info 0123456789\n"));
}
END_TEST

START_TEST(to_syslog)
{
    for (int level = LOG_NOTICE_LEVEL; level <= LOG_DEBUG_LEVEL; level++)
        log_to_syslog(NULL, (enum log_level)level, 0, "%s is not a format");
}
END_TEST

/* A program ends though its log cannot be written. The last test: no log starts after it. */
START_TEST(ends_without_the_sink)
{
    static struct catcher catcher; /* the thread keeps it */
    catcher_init(&catcher);
    pthread_mutex_lock(&catcher.gate);
    ck_assert_int_eq(log_start(LOG_INFO_LEVEL, catch, &catcher), 0);
    log_info("stuck");
    ck_assert(!log_stop());
    ck_assert(!log_enabled(LOG_ERROR_LEVEL));
    log_error("after");
    ck_assert(!log_stop());
    ck_assert_int_eq(log_start(LOG_INFO_LEVEL, catch, &catcher), -EALREADY);
    pthread_mutex_unlock(&catcher.gate);
}
END_TEST

SUITE_MAIN("base/log", tcase_add_test(tc, keeps_by_level); tcase_add_test(tc, escapes_and_cuts);
           tcase_add_test(tc, drops_when_full); tcase_add_test(tc, many_threads);
           tcase_add_test(tc, levels); tcase_add_test(tc, to_a_descriptor);
           tcase_add_test(tc, waits_for_a_full_pipe); tcase_add_test(tc, to_syslog);
           tcase_add_test(tc, ends_without_the_sink));
