#include "base/random.h"
#include "unit/aws/body_fixture.h"

#define NO_LENGTH ((struct pail_int){0})
#define LONG      (3 * PAIL_BODY_AHEAD + 77) /* bytes of a line that no buffer ahead holds */

/* ---- against the plainest way to say what lines are ---- */

/* Every line of `text`, each followed by '|'. */
static void plain_lines(struct pail_str text, bool keep_ends, bool only_lf, struct buf *ret)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != '\n' && (only_lf || text.ptr[end] != '\r'))
            end++;
        size_t next = end < text.len ? end + 1 : end;
        if (next < text.len && text.ptr[end] == '\r' && text.ptr[next] == '\n')
            next++;
        buf_add(ret, text.ptr + at, (keep_ends ? next : end) - at);
        buf_add_byte(ret, '|');
        at = next;
    }
}

static int collect_readline(struct pail_body *body, struct buf *ret)
{
    struct pail_str line;
    int r;
    while ((r = pail_body_readline(body, 0, &line, NULL)) > 0) {
        buf_add_str(ret, line);
        buf_add_byte(ret, '|');
    }
    return r;
}

static int collect_readlines(struct pail_body *body, struct buf *ret)
{
    CLEANUP(heap) struct pail_str_list *lines = NULL;
    int r = pail_body_readlines(body, SIZE_MAX, &lines, NULL);
    for (size_t i = 0; r == 0 && i < lines->count; i++) {
        buf_add_str(ret, lines->items[i]);
        buf_add_byte(ret, '|');
    }
    return r;
}

START_TEST(are_the_plain_lines)
{
    static const char alphabet[] = "\n\r\r\nab\v\f\x85\xe2\x80\xa8\x1c";
    struct random random;
    random_seed(&random, (uint64_t)_i);
    for (int round = 0; round < 200; round++) {
        char text[40];
        size_t len = random_u64(&random) % sizeof(text);
        for (size_t i = 0; i < len; i++)
            text[i] = alphabet[random_u64(&random) % (sizeof(alphabet) - 1)];
        for (int way = 0; way < 4; way++) {
            struct trickle trickle = {.data = str_of(text, len),
                                      .piece = random_u64(&random) % 7};
            PAIL_CLEANUP(pail_body)
            struct pail_body *body = trickle_body(
                &trickle, random_u64(&random) % 2 ? PAIL_INT((int64_t)len) : NO_LENGTH);
            const struct pail_lines_options options = {.chunk_size = random_u64(&random) % 9,
                                                       .keep_ends = way == 1};
            CLEANUP_DONE(buf) struct buf expected, got;
            buf_init(&expected, SIZE_MAX);
            buf_init(&got, SIZE_MAX);
            plain_lines(str_of(text, len), way > 0, way > 1, &expected);
            int r = way < 2    ? collect_lines(body, &options, &got, NULL)
                    : way == 2 ? collect_readline(body, &got)
                               : collect_readlines(body, &got);
            ck_assert_int_eq(r, 0);
            ck_assert(str_eq(buf_str(&expected), buf_str(&got)));
            ck_assert_uint_eq(pail_body_tell(body), len);
            ck_assert(options.chunk_size == 0 || way > 1 || trickle.most <= PAIL_BODY_AHEAD);
        }
    }
}
END_TEST

/* ---- long lines ---- */

static const struct {
    size_t max; /* as asked for */
    size_t len; /* of the line */
    const char *separator;
    int result;
} limits[] = {
    {0, 20, "\n", 0},      {20, 20, "\n", 0},
    {20, 20, "\r\n", 0},   {20, 20, "\r", 0},
    {20, 20, "", 0},       {19, 20, "\n", -EFBIG},
    {19, 20, "", -EFBIG},  {19, 20, "\r", -EFBIG},
    {LONG, LONG, "\n", 0}, {LONG, LONG, "\r", 0},
    {LONG, LONG, "", 0},   {LONG - 1, LONG, "\n", -EFBIG},
    {0, LONG, "\r\n", 0},  {LONG - 1, LONG, "", -EFBIG},
};

START_TEST(line_length)
{
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_add_c(&text, "first\n");
    for (size_t i = 0; i < limits[_i].len; i++)
        buf_add_byte(&text, (char)('a' + i % 26));
    struct pail_str line = str_sub(buf_str(&text), 6, SIZE_MAX);
    buf_add_c(&text, limits[_i].separator);
    line.ptr = buf_c(&text) + 6;
    for (size_t piece = 0; piece < 3; piece++) {
        struct trickle trickle = {.data = buf_str(&text), .piece = piece * 1000};
        PAIL_CLEANUP(pail_body) struct pail_body *body = trickle_body(&trickle, NO_LENGTH);
        PAIL_CLEANUP(pail_lines) struct pail_lines *lines = NULL;
        const struct pail_lines_options options = {.max_bytes = limits[_i].max};
        struct pail_str got;
        struct pail_error error;
        ck_assert_int_eq(pail_body_lines(body, &options, &lines, NULL), 0);
        ck_assert_int_eq(pail_lines_next(lines, &got, &error), 1);
        check_str(got, "first");
        if (limits[_i].result == 0) {
            ck_assert_int_eq(pail_lines_next(lines, &got, &error), 1);
            ck_assert(str_eq(got, line));
            ck_assert_int_eq(pail_lines_next(lines, &got, &error), 0);
            continue;
        }
        for (int again = 0; again < 2; again++) {
            ck_assert_int_eq(pail_lines_next(lines, &got, &error), -EFBIG);
            ck_assert_int_eq(error.sys, EFBIG);
            ck_assert_int_eq(error.kind, PAIL_ERROR_PARAM);
        }
    }
}
END_TEST

START_TEST(readline_length)
{
    PAIL_CLEANUP(pail_body)
    struct pail_body *body = memory_body(PAIL_STR("12345\n123456\n"), NO_LENGTH);
    struct pail_str line;
    ck_assert_int_eq(pail_body_readline(body, 5, &line, NULL), 1);
    check_str(line, "12345\n");
    ck_assert_int_eq(pail_body_readline(body, 5, &line, NULL), -EFBIG);
    ck_assert_int_eq(pail_body_readline(body, 0, &line, NULL), -EFBIG);
}
END_TEST

START_TEST(readlines_length)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(PAIL_STR("1\n2\n"), NO_LENGTH);
    struct pail_str_list *lines = NULL;
    struct pail_error error;
    ck_assert_int_eq(pail_body_readlines(body, 3, &lines, &error), -EFBIG);
    ck_assert_ptr_null(lines);
    ck_assert_int_eq(error.sys, EFBIG);
}
END_TEST

START_TEST(no_lines)
{
    PAIL_CLEANUP(pail_body) struct pail_body *body = memory_body(PAIL_STR(""), PAIL_INT(0));
    CLEANUP(heap) struct pail_str_list *lines = NULL;
    ck_assert_int_eq(pail_body_readlines(body, 0, &lines, NULL), 0);
    ck_assert_uint_eq(lines->count, 0);
}
END_TEST

/* ---- failures ---- */

/* Lines that ended before a failure are handed over, an unfinished one is not. */
static const struct {
    struct pail_str body;
    const char *lines, *kept, *readline;
} cuts[] = {
    {{"a\nb", 3}, "a|", "a\n|", "a\n|"},
    {{"a\nb\n", 4}, "a|b|", "a\n|b\n|", "a\n|b\n|"},
    {{"a\r", 2}, "a|", "a\r|", ""},
    {{"\r\n\r", 3}, "||", "\r\n|\r|", "\r\n|"},
    {{"", 0}, "", "", ""},
    {{"half", 4}, "", "", ""},
};

START_TEST(failure_behind_lines)
{
    for (int way = 0; way < 3; way++)
        for (size_t size = 1; size < 6; size++) {
            struct trickle trickle = {
                .data = cuts[_i].body, .piece = size, .fails = way == 0 ? -ETIMEDOUT : -EIO};
            /* The length promised is not met, which is the same to a reader. */
            if (size % 2)
                trickle.fails = 0;
            PAIL_CLEANUP(pail_body)
            struct pail_body *body =
                trickle_body(&trickle, PAIL_INT((int64_t)cuts[_i].body.len + 1));
            const struct pail_lines_options options = {.chunk_size = size,
                                                       .keep_ends = way == 1};
            CLEANUP_DONE(buf) struct buf got;
            struct pail_error error = {0};
            buf_init(&got, SIZE_MAX);
            int r = way < 2 ? collect_lines(body, &options, &got, &error)
                            : collect_readline(body, &got);
            ck_assert_int_eq(r, trickle.fails ? trickle.fails : -EIO);
            if (way < 2 && trickle.fails == 0)
                ck_assert_int_eq(error.kind, PAIL_ERROR_INCOMPLETE_READ);
            ck_assert_str_eq(buf_c(&got), way == 0   ? cuts[_i].lines
                                          : way == 1 ? cuts[_i].kept
                                                     : cuts[_i].readline);
            r = way < 2 ? collect_lines(body, &options, &got, NULL)
                        : collect_readline(body, &got);
            ck_assert_int_lt(r, 0);
        }
}
END_TEST

/* ---- one reader, many ways ---- */

START_TEST(ways_can_be_mixed)
{
    struct trickle trickle = {.data = PAIL_STR("one\ntwo\r\nthree\nfour\nrest"), .piece = 5};
    PAIL_CLEANUP(pail_body) struct pail_body *body = trickle_body(&trickle, NO_LENGTH);
    PAIL_CLEANUP(pail_lines) struct pail_lines *lines = NULL;
    CLEANUP(heap) char *rest = NULL;
    struct pail_str line;
    size_t size;
    char data[8];
    ck_assert_int_eq(pail_body_lines(body, NULL, &lines, NULL), 0);
    ck_assert_int_eq(pail_body_readline(body, 0, &line, NULL), 1);
    check_str(line, "one\n");
    ck_assert_int_eq(pail_lines_next(lines, &line, NULL), 1);
    check_str(line, "two");
    ck_assert_uint_eq(pail_body_tell(body), 9);
    ck_assert_int_eq(pail_body_read(body, data, 2, NULL), 2);
    check_str(str_of(data, 2), "th");
    ck_assert_int_eq(pail_body_readline(body, 0, &line, NULL), 1);
    check_str(line, "ree\n");
    ck_assert_int_eq(pail_lines_next(lines, &line, NULL), 1);
    check_str(line, "four");
    ck_assert_int_eq(pail_body_read_all(body, SIZE_MAX, &rest, &size, NULL), 0);
    check_str(str_of(rest, size), "rest");
    ck_assert_int_eq(pail_lines_next(lines, &line, NULL), 0);
}
END_TEST

/* ---- memory ---- */

static int all_lines(void)
{
    static char text[2 * PAIL_BODY_AHEAD + 10];
    struct trickle trickle = {.data = str_of(text, sizeof(text))};
    const struct pail_body_reader reader = {.read = trickle_read, .user = &trickle};
    PAIL_CLEANUP(pail_body) struct pail_body *body = NULL;
    PAIL_CLEANUP(pail_lines) struct pail_lines *lines = NULL;
    struct pail_str line;
    int r = pail_body_from_reader(&reader, NO_LENGTH, &body);
    if (r == 0)
        r = pail_body_readline(body, 0, &line, NULL);
    if (r == 1)
        r = pail_body_lines(body, NULL, &lines, NULL);
    return r < 0 ? r : pail_lines_next(lines, &line, NULL);
}

START_TEST(memory_runs_out)
{
    int r = -ENOMEM;
    for (long allowed = 0; r < 0; allowed++) {
        alloc_fail_after(allowed);
        r = all_lines();
        alloc_fail_after(-1);
        ck_assert(r == -ENOMEM || (r == 0 && allowed > 4));
    }
}
END_TEST

/* What was taken of a line when memory ended is gone: no half line is ever shown. */
START_TEST(no_half_line)
{
    static char text[PAIL_BODY_AHEAD + 10];
    PAIL_CLEANUP(pail_body) struct pail_body *body = NULL;
    PAIL_CLEANUP(pail_lines) struct pail_lines *lines = NULL;
    struct trickle trickle = {.data = str_of(text, sizeof(text))};
    struct pail_str line;
    struct pail_error error;
    char byte;
    body = trickle_body(&trickle, NO_LENGTH);
    ck_assert_int_eq(pail_body_lines(body, NULL, &lines, NULL), 0);
    ck_assert_int_eq(pail_body_read(body, &byte, 1, NULL), 1);
    alloc_fail_after(0);
    int r = pail_lines_next(lines, &line, &error);
    alloc_fail_after(-1);
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(r, -ENOMEM);
        ck_assert_int_eq(error.kind, PAIL_ERROR_MEMORY);
        r = pail_lines_next(lines, &line, &error);
    }
}
END_TEST

SUITE_MAIN("aws/body_lines", tcase_add_loop_test(tc, are_the_plain_lines, 0, 5);
           tcase_add_loop_test(tc, line_length, 0, ARRAY_LEN(limits));
           tcase_add_test(tc, readline_length); tcase_add_test(tc, readlines_length);
           tcase_add_test(tc, no_lines);
           tcase_add_loop_test(tc, failure_behind_lines, 0, ARRAY_LEN(cuts));
           tcase_add_test(tc, ways_can_be_mixed); tcase_add_test(tc, memory_runs_out);
           tcase_add_test(tc, no_half_line));
