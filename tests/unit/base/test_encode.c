#include "unit/check.h"

#include "base/encode.h"

#include <errno.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static bool same(struct buf *b, struct pail_str expected)
{
    return buf_failed(b) == 0 && str_eq(buf_str(b), expected);
}

static const struct {
    struct pail_str plain, all, keep_slash;
} percent_cases[] = {
    {PAIL_STR(""), PAIL_STR(""), PAIL_STR("")},
    {PAIL_STR("AZaz09-._~"), PAIL_STR("AZaz09-._~"), PAIL_STR("AZaz09-._~")},
    {PAIL_STR("a/b c"), PAIL_STR("a%2Fb%20c"), PAIL_STR("a/b%20c")},
    {PAIL_STR("+=&?#%"), PAIL_STR("%2B%3D%26%3F%23%25"), PAIL_STR("%2B%3D%26%3F%23%25")},
    {PAIL_STR("\0\xff\xc3\xa4"), PAIL_STR("%00%FF%C3%A4"), PAIL_STR("%00%FF%C3%A4")},
    {PAIL_STR("@[`{"), PAIL_STR("%40%5B%60%7B"), PAIL_STR("%40%5B%60%7B")},
};

START_TEST(percent)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100);
    buf_add_encoded(&b, percent_cases[_i].plain, ENCODE_ALL);
    ck_assert(same(&b, percent_cases[_i].all));
    buf_reset(&b);
    buf_add_decoded(&b, percent_cases[_i].all, true);
    ck_assert(same(&b, percent_cases[_i].plain));
    buf_reset(&b);
    buf_add_encoded(&b, percent_cases[_i].plain, KEEP_SLASH);
    ck_assert(same(&b, percent_cases[_i].keep_slash));
    buf_reset(&b);
    buf_add_decoded(&b, percent_cases[_i].keep_slash, false);
    ck_assert(same(&b, percent_cases[_i].plain));
}
END_TEST

static const struct {
    struct pail_str in, kept, spaced;
} decode_cases[] = {
    {PAIL_STR("a+b"), PAIL_STR("a+b"), PAIL_STR("a b")},
    {PAIL_STR("%2b+"), PAIL_STR("++"), PAIL_STR("+ ")},
    {PAIL_STR("%"), PAIL_STR("%"), PAIL_STR("%")},
    {PAIL_STR("%4"), PAIL_STR("%4"), PAIL_STR("%4")},
    {PAIL_STR("%41"), PAIL_STR("A"), PAIL_STR("A")},
    {PAIL_STR("%4g%g4"), PAIL_STR("%4g%g4"), PAIL_STR("%4g%g4")},
    {PAIL_STR("%%41"), PAIL_STR("%A"), PAIL_STR("%A")},
    {PAIL_STR("%2541"), PAIL_STR("%41"), PAIL_STR("%41")},
    {PAIL_STR("%00%fF"), PAIL_STR("\0\xff"), PAIL_STR("\0\xff")},
};

START_TEST(percent_decoding)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100);
    buf_add_decoded(&b, decode_cases[_i].in, false);
    ck_assert(same(&b, decode_cases[_i].kept));
    buf_reset(&b);
    buf_add_decoded(&b, decode_cases[_i].in, true);
    ck_assert(same(&b, decode_cases[_i].spaced));

    char *text = str_dup(decode_cases[_i].in);
    size_t len = percent_decode(text, decode_cases[_i].in.len, true);
    ck_assert(str_eq(str_of(text, len), decode_cases[_i].spaced));
    free(text);
}
END_TEST

static const struct {
    struct pail_str plain, base64, hex;
} byte_cases[] = {
    {PAIL_STR(""), PAIL_STR(""), PAIL_STR("")},
    {PAIL_STR("f"), PAIL_STR("Zg=="), PAIL_STR("66")},
    {PAIL_STR("fo"), PAIL_STR("Zm8="), PAIL_STR("666f")},
    {PAIL_STR("foo"), PAIL_STR("Zm9v"), PAIL_STR("666f6f")},
    {PAIL_STR("foob"), PAIL_STR("Zm9vYg=="), PAIL_STR("666f6f62")},
    {PAIL_STR("\0\0\0"), PAIL_STR("AAAA"), PAIL_STR("000000")},
    {PAIL_STR("\xfb\xff\xfe"), PAIL_STR("+//+"), PAIL_STR("fbfffe")},
};

START_TEST(bytes)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100);
    buf_add_base64(&b, byte_cases[_i].plain.ptr, byte_cases[_i].plain.len);
    ck_assert(same(&b, byte_cases[_i].base64));
    buf_reset(&b);
    ck_assert_int_eq(buf_add_base64_decoded(&b, byte_cases[_i].base64), 0);
    ck_assert(same(&b, byte_cases[_i].plain));
    buf_reset(&b);
    buf_add_hex(&b, byte_cases[_i].plain.ptr, byte_cases[_i].plain.len);
    ck_assert(same(&b, byte_cases[_i].hex));
}
END_TEST

START_TEST(base64_odd)
{
    static const struct pail_str bad[] = {
        PAIL_STR("Z"),     PAIL_STR("Zg"),   PAIL_STR("Zg="),    PAIL_STR("Zm8"),
        PAIL_STR("Zm9v="), PAIL_STR("===="), PAIL_STR("="),      PAIL_STR("Zg==Zg=="),
        PAIL_STR("Z==="),  PAIL_STR("Zm-_"), PAIL_STR("Zg=\0="), PAIL_STR("Zm9\x80"),
    };
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 3);
    buf_add_c(&b, "x");
    for (size_t i = 0; i < LEN(bad); i++) {
        ck_assert_int_eq(buf_add_base64_decoded(&b, bad[i]), -EINVAL);
        check_str(buf_str(&b), "x");
    }
    /* White space does not count against the limit. */
    ck_assert_int_eq(buf_add_base64_decoded(&b, PAIL_STR(" Z\r\nm\t8 = \n")), 0);
    check_str(buf_str(&b), "xfo");
    ck_assert_int_eq(buf_add_base64_decoded(&b, PAIL_STR("Zg==")), 0);
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    ck_assert_int_eq(buf_add_base64_decoded(&b, str_of(NULL, 0)), 0);
}
END_TEST

START_TEST(every_byte)
{
    char all[256];
    CLEANUP_DONE(buf) struct buf b, back;
    buf_init(&b, 1000);
    buf_init(&back, 1000);
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    for (size_t len = 0; len <= sizeof(all); len++) {
        buf_reset(&b);
        buf_reset(&back);
        buf_add_base64(&b, all, len);
        ck_assert_int_eq(buf_add_base64_decoded(&back, buf_str(&b)), 0);
        ck_assert(same(&back, str_of(all, len)));
        buf_reset(&b);
        buf_reset(&back);
        buf_add_encoded(&b, str_of(all, len), ENCODE_ALL);
        buf_add_decoded(&back, buf_str(&b), true);
        ck_assert(same(&back, str_of(all, len)));
    }
    buf_done(&back);
}
END_TEST

START_TEST(over_the_limit)
{
    struct buf b;
    buf_init(&b, 3);
    buf_add_encoded(&b, PAIL_STR("a%"), ENCODE_ALL);
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    buf_reset(&b);
    buf_add_base64(&b, "a", 1);
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    buf_reset(&b);
    buf_add_hex(&b, "ab", 2);
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    buf_reset(&b);
    buf_add_base64(&b, "a", SIZE_MAX);
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    buf_reset(&b);
    buf_add_hex(&b, "a", SIZE_MAX);
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    buf_reset(&b);
    buf_add_decoded(&b, PAIL_STR("abcd"), false);
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
}
END_TEST

START_TEST(escaping)
{
    char text[8];
    ck_assert_uint_eq(escape_text(text, sizeof(text), PAIL_STR("a\nb\\"), KEEP_BACKSLASH), 5);
    ck_assert_str_eq(text, "a\\nb\\");
    ck_assert_uint_eq(escape_text(text, sizeof(text), PAIL_STR("a\nb\\"), ESCAPE_ALL), 6);
    ck_assert_str_eq(text, "a\\nb\\\\");
    /* Cut before the escape that does not fit, and nothing after it. */
    ck_assert_uint_eq(escape_text(text, sizeof(text), PAIL_STR("abcde\x01z"), ESCAPE_ALL), 10);
    ck_assert_str_eq(text, "abcde");
    ck_assert_uint_eq(escape_text(text, sizeof(text), PAIL_STR("abcdef\xc3\xa4"), ESCAPE_ALL),
                      8);
    ck_assert_str_eq(text, "abcdef");
    ck_assert_uint_eq(escape_text(text, sizeof(text), PAIL_STR("abcdefg"), ESCAPE_ALL), 7);
    ck_assert_str_eq(text, "abcdefg");
    ck_assert_uint_eq(escape_text(text, 1, PAIL_STR("a"), ESCAPE_ALL), 1);
    ck_assert_str_eq(text, "");
    ck_assert_uint_eq(escape_text(NULL, 0, PAIL_STR("a\n"), ESCAPE_ALL), 3);
    ck_assert_uint_eq(escape_text(text, sizeof(text), str_of(NULL, 0), ESCAPE_ALL), 0);
    ck_assert_str_eq(text, "");
}
END_TEST

static const struct {
    struct pail_str text;
    size_t max;
    const char *shown;
} shortened_cases[] = {
    {{"", 0}, 4, ""},
    {{"abcdefgh", 8}, 8, "abcdefgh"},
    {{"abcdefghi", 9}, 8, "ab...ghi"},
    {{"abcde", 5}, 4, "...e"},
    /* Whole characters and escapes, in as much as is left for each end. */
    {{"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 10}, 8, "\xc3\xa4...\xc3\xa4"},
    {{"\n\n\n\n\n", 5}, 8, "\\n...\\n"},
    {{"\x01\x01\x01\x01", 4}, 12, "\\x01...\\x01"},
    {{"\x01\x01\x01\x01", 4}, 16, "\\x01\\x01\\x01\\x01"},
    {{"\x01\x01\x01\x01", 4}, 4, "..."},
};

START_TEST(shortening)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100);
    buf_add_byte(&b, '>');
    buf_add_shortened(&b, shortened_cases[_i].text, shortened_cases[_i].max);
    ck_assert_str_eq(buf_c(&b) + 1, shortened_cases[_i].shown);
}
END_TEST

/* Whatever the text, it stays within the limit and is text. */
START_TEST(shortening_every_length)
{
    for (size_t len = 0; len < 60; len++)
        for (size_t max = 4; max < 70; max++) {
            char text[60];
            for (size_t i = 0; i < len; i++)
                text[i] = (char)(i * 37 + len);
            CLEANUP_DONE(buf) struct buf b;
            buf_init(&b, 100);
            buf_add_shortened(&b, str_of(text, len), max);
            ck_assert_int_eq(buf_failed(&b), 0);
            ck_assert_uint_le(b.len, max);
            ck_assert(str_is_utf8(buf_str(&b)));
        }
}
END_TEST

static int encode_once(void *user)
{
    CLEANUP_DONE(buf) struct buf b, back;
    (void)user;
    buf_init(&b, 10000);
    buf_init(&back, 10000);
    for (int i = 0; i < 100; i++) {
        buf_add_encoded(&b, PAIL_STR("a/b c"), KEEP_SLASH);
        buf_add_base64(&b, "hello", 5);
        buf_add_hex(&b, "hello", 5);
        buf_add_decoded(&back, PAIL_STR("a%20b+c"), true);
        int r = buf_add_base64_decoded(&back, PAIL_STR("aGVsbG8="));
        if (r < 0)
            return r;
    }
    return buf_failed(&b) ? buf_failed(&b) : buf_failed(&back);
}

START_TEST(survives_every_failure_of_memory)
{
    ck_assert_int_gt(alloc_fail_each(encode_once, NULL, 0), 1);
}
END_TEST

SUITE_MAIN("base/encode", tcase_add_loop_test(tc, percent, 0, (int)LEN(percent_cases));
           tcase_add_loop_test(tc, percent_decoding, 0, (int)LEN(decode_cases));
           tcase_add_loop_test(tc, bytes, 0, (int)LEN(byte_cases));
           tcase_add_test(tc, base64_odd); tcase_add_test(tc, every_byte);
           tcase_add_test(tc, over_the_limit); tcase_add_test(tc, escaping);
           tcase_add_loop_test(tc, shortening, 0, (int)LEN(shortened_cases));
           tcase_add_test(tc, shortening_every_length);
           tcase_add_test(tc, survives_every_failure_of_memory));
