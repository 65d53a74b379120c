#include "unit/check.h"

#include "aws/words.h"

#include <errno.h>

/* What Python's shlex.split, which botocore uses, makes of a line: the words with '|' after
 * each; NULL: refused. */
static const struct {
    const char *line, *words;
} lines[] = {
    {"", ""},
    {"  \t ", ""},
    {"a", "a|"},
    {"  a  bc\td\n", "a|bc|d|"},
    {"'a b' \"c d\"", "a b|c d|"},
    {"a'b c'd", "ab cd|"},
    {"'' \"\"", "||"},
    {"a\\ b", "a b|"},
    {"a\\\\b", "a\\b|"},
    {"'a\\b'", "a\\b|"},
    {"\"a\\b \\\"c\\\" \\\\\"", "a\\b \"c\" \\|"},
    {"a#b # c", "a#b|#|c|"},
    {"$HOME `x` a;b|c", "$HOME|`x`|a;b|c|"},
    {"'a", NULL},
    {"\"a", NULL},
    {"a \"b'", NULL},
    {"a\\", NULL},
    {"\"a\\", NULL},
};

START_TEST(splits)
{
    struct pail_str rest = str_c(lines[_i].line);
    CLEANUP_DONE(buf) struct buf words;
    buf_init(&words, 100);
    int r;
    while ((r = words_next(&rest, &words)) == 1)
        buf_add_byte(&words, '|');
    if (lines[_i].words) {
        ck_assert_int_eq(r, 0);
        ck_assert_str_eq(buf_c(&words), lines[_i].words);
        ck_assert_int_eq(words_next(&rest, &words), 0);
    } else {
        ck_assert_int_eq(r, -EINVAL);
    }
}
END_TEST

static int split_once(void *user)
{
    struct pail_str rest = PAIL_STR("one 'two three' \"four\" fi\\ve six-which-is-long");
    CLEANUP_DONE(buf) struct buf words;
    (void)user;
    buf_init(&words, 1000);
    int r;
    while ((r = words_next(&rest, &words)) == 1)
        continue;
    return buf_failed(&words) ? buf_failed(&words) : r;
}

START_TEST(survives_every_failure_of_memory)
{
    ck_assert_int_gt(alloc_fail_each(split_once, NULL, 0), 0);
}
END_TEST

SUITE_MAIN("aws/words", tcase_add_loop_test(tc, splits, 0, (int)ARRAY_LEN(lines));
           tcase_add_test(tc, survives_every_failure_of_memory));
