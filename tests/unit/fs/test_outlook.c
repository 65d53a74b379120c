#include "fs/outlook.h"
#include "unit/check.h"

#include <stdarg.h>
#include <stdio.h>

#define NAMES_MAX 2000

/* A stretch of names, made in order. */
struct names {
    char text[NAMES_MAX][32];
    struct source_entry entries[NAMES_MAX];
    size_t count;
};
static struct names names;

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...)
{
    ck_assert_uint_lt(names.count, NAMES_MAX);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(names.text[names.count], sizeof names.text[0], format, arguments);
    va_end(arguments);
    names.entries[names.count] = (struct source_entry){.name = str_c(names.text[names.count])};
    names.count++;
}

/* What is guessed `ahead` names after the stretch; "" if nothing. */
static const char *guess(size_t ahead)
{
    static char text[SOURCE_NAME_MAX + 1];
    struct outlook o;
    CLEANUP_DONE(buf) struct buf name;
    buf_init(&name, SOURCE_NAME_MAX);
    outlook_init(&o);
    outlook_learn(&o, names.entries, names.count);
    bool good = outlook_name(&o, ahead, &name);
    ck_assert(!good || str_cmp(buf_str(&name), names.entries[names.count - 1].name) > 0);
    (void)snprintf(text, sizeof text, "%s", good ? buf_c(&name) : "");
    outlook_done(&o);
    names.count = 0;
    return text;
}

START_TEST(counters)
{
    for (int i = 0; i < 1000; i++)
        add("name-%05d.txt", i);
    ck_assert_str_eq(guess(3000), "name-03999");
    for (int i = 4200; i < 5200; i++)
        add("%d", i);
    ck_assert_str_eq(guess(2000), "7199");
    /* Of any width, in the order of bytes. */
    for (int i = 1000; i < 1900; i++) {
        if (i % 10 == 0)
            add("%d", i / 10);
        add("%d", i);
    }
    ck_assert_str_eq(guess(1000), "2807");
}
END_TEST

START_TEST(hashes)
{
    static const char hex[] = "0123456789abcdef";
    for (unsigned i = 0; i < 1000; i++)
        add("%04x%c%c", i * 16, hex[i * 7 % 16], hex[i * 5 % 16]);
    /* 3e70 to begin with, and 16 for each of the next thousand. */
    ck_assert_int_eq(strncmp(guess(1000), "7cf", 3), 0);
    for (unsigned i = 0; i < 1000; i++)
        add("%04X", i * 16);
    ck_assert_int_eq(strncmp(guess(2000), "BB7", 3), 0);
}
END_TEST

START_TEST(dates)
{
    for (int i = 0; i < 24 * 30; i++)
        add("2026-11-%02dT%02d", i / 24 + 1, i % 24);
    /* The next month may be this: who asks for names after the 59th of November finds December.
     */
    ck_assert_str_eq(guess(720), "2026-11-59T50");
    for (int i = 0; i < 1000; i++)
        add("2026-09-%02d-%02d", i / 40 + 1, i % 40);
    ck_assert_str_eq(guess(4000), "2026-10-23-04");
}
END_TEST

START_TEST(letters)
{
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 26; k++)
            add("user-%c%c", 'a' + i, 'a' + k);
    ck_assert_str_eq(guess(130), "user-jz");
    for (int i = 0; i < 52; i++)
        add("%c", (i < 26 ? 'A' : 'a' - 26) + i);
    /* There is none after it. */
    ck_assert_str_eq(guess(10), "");
}
END_TEST

START_TEST(no_numbers)
{
    ck_assert_str_eq(guess(1000), "");
    add("one");
    ck_assert_str_eq(guess(1000), "");
    add("-");
    add(".");
    add("_");
    ck_assert_str_eq(guess(1000), "");
    add("\xc3\xa4");
    add("\xc3\xb6");
    ck_assert_str_eq(guess(1000), "");
    /* 9 of 10 are gone by: the next thousand has no room. */
    for (int i = 0; i < 900; i++)
        add("x%03d", i);
    ck_assert_str_eq(guess(1000), "");
    /* The one is how the other begins. */
    add("a");
    add("a1");
    ck_assert_str_eq(guess(1), "a2");
    add("a9");
    add("a9\xc3\xa4");
    ck_assert_str_eq(guess(1), "");
    ck_assert_str_eq(guess(0), "");
}
END_TEST

SUITE_MAIN("fs/outlook", tcase_add_test(tc, counters); tcase_add_test(tc, hashes);
           tcase_add_test(tc, dates); tcase_add_test(tc, letters);
           tcase_add_test(tc, no_numbers));
