#include "unit/check.h"

#include "base/digest.h"
#include "base/encode.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
    enum digest_algorithm algorithm;
    struct pail_str data, base64;
} cases[] = {
    {DIGEST_CRC32, PAIL_STR("hello world"), PAIL_STR("DUoRhQ==")},
    {DIGEST_CRC32C, PAIL_STR("hello world"), PAIL_STR("yZRlqg==")},
    {DIGEST_CRC64NVME, PAIL_STR("hello world"), PAIL_STR("jSnVw/bqjr4=")},
    {DIGEST_SHA1, PAIL_STR("hello world"), PAIL_STR("Kq5sNclPz7QV2+lfQIuc6R7oRu0=")},
    {DIGEST_XXHASH64, PAIL_STR("hello world"), PAIL_STR("RatnNLIeaWg=")},
    {DIGEST_XXHASH3, PAIL_STR("hello world"), PAIL_STR("1Eex6kDmmIs=")},
    {DIGEST_XXHASH128, PAIL_STR("hello world"), PAIL_STR("340J6T+HSQCpm4d1zBW2xw==")},
    {DIGEST_XXHASH64, PAIL_STR("abc"), PAIL_STR("RLws9a13CZk=")},
    {DIGEST_XXHASH3, PAIL_STR("abc"), PAIL_STR("eK9flIkvOVA=")},
    {DIGEST_XXHASH128, PAIL_STR("abc"), PAIL_STR("BrBatnM6YYV4r1+UiS85UA==")},
    {DIGEST_XXHASH64, PAIL_STR(""), PAIL_STR("70bbN1HY6Zk=")},
    {DIGEST_XXHASH3, PAIL_STR(""), PAIL_STR("LQaABTjTlMI=")},
    {DIGEST_XXHASH128, PAIL_STR(""), PAIL_STR("maoG0wFHmNhgAcMkRo1Jfw==")},
    {DIGEST_CRC32, PAIL_STR(""), PAIL_STR("AAAAAA==")},
    {DIGEST_CRC32C, PAIL_STR(""), PAIL_STR("AAAAAA==")},
    {DIGEST_CRC64NVME, PAIL_STR(""), PAIL_STR("AAAAAAAAAAA=")},
    {DIGEST_MD5, PAIL_STR(""), PAIL_STR("1B2M2Y8AsgTpgAmY7PhCfg==")},
    {DIGEST_SHA1, PAIL_STR(""), PAIL_STR("2jmj7l5rSw0yVb/vlWAYkK/YBwk=")},
    {DIGEST_SHA256, PAIL_STR(""), PAIL_STR("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")},
    {DIGEST_SHA512, PAIL_STR("abc"),
     PAIL_STR("3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslP"
              "pUyknw==")},
};

static void check_base64(const unsigned char *bytes, size_t len, struct pail_str expected)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 200);
    buf_add_base64(&b, bytes, len);
    ck_assert_msg(str_eq(buf_str(&b), expected), "%s is not %s", buf_c(&b), expected.ptr);
}

START_TEST(reference)
{
    CLEANUP(digest) struct digest *d = digest_new(cases[_i].algorithm);
    struct pail_str data = cases[_i].data;
    unsigned char out[DIGEST_MAX];
    ck_assert_ptr_nonnull(d);
    digest_update(d, data.ptr, data.len);
    check_base64(out, digest_final(d, out), cases[_i].base64);
    /* It starts anew, and pieces make no difference. */
    digest_update(d, NULL, 0);
    for (size_t i = 0; i < data.len; i++)
        digest_update(d, data.ptr + i, 1);
    check_base64(out, digest_final(d, out), cases[_i].base64);
}
END_TEST

/* Long enough for every stage of the algorithms that take their input by blocks. */
static const struct {
    enum digest_algorithm algorithm;
    struct pail_str base64;
} long_cases[] = {
    {DIGEST_XXHASH64, PAIL_STR("FPjKa05PHfI=")},
    {DIGEST_XXHASH3, PAIL_STR("jZ15a1gOtyM=")},
    {DIGEST_XXHASH128, PAIL_STR("mC+gGDE46LSNnXlrWA63Iw==")},
};

START_TEST(long_input)
{
    static const size_t pieces[] = {4000, 1, 63, 1024};
    CLEANUP(digest) struct digest *d = digest_new(long_cases[_i].algorithm);
    unsigned char data[4000], out[DIGEST_MAX];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i % 251);
    for (size_t p = 0; p < LEN(pieces); p++) {
        for (size_t i = 0; i < sizeof(data); i += pieces[p])
            digest_update(d, data + i,
                          sizeof(data) - i < pieces[p] ? sizeof(data) - i : pieces[p]);
        check_base64(out, digest_final(d, out), long_cases[_i].base64);
    }
}
END_TEST

static void check_hex(const unsigned char *bytes, size_t len, const char *expected)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 200);
    buf_add_hex(&b, bytes, len);
    ck_assert_str_eq(buf_c(&b), expected);
}

START_TEST(one_shot)
{
    unsigned char out[32];
    ck_assert_int_eq(digest_sha256(PAIL_STR("abc"), out), 0);
    check_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_int_eq(digest_sha256(str_of(NULL, 0), out), 0);
    check_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert_int_eq(digest_sha1(PAIL_STR("abc"), out), 0);
    check_hex(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
    ck_assert_uint_eq(digest_crc32(0, "123456789", 9), 0xcbf43926);
    ck_assert_uint_eq(digest_crc32(digest_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
    ck_assert_uint_eq(digest_crc32(7, NULL, 0), 7);
}
END_TEST

START_TEST(hmac)
{
    char key[131];
    unsigned char out[32];
    /* RFC 4231, cases 2, 1 and 6 */
    ck_assert_int_eq(
        digest_hmac_sha256(PAIL_STR("Jefe"), PAIL_STR("what do ya want for nothing?"), out), 0);
    check_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0x0b, 20);
    ck_assert_int_eq(digest_hmac_sha256(str_of(key, 20), PAIL_STR("Hi There"), out), 0);
    check_hex(out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    memset(key, 0xaa, sizeof(key));
    ck_assert_int_eq(
        digest_hmac_sha256(str_of(key, sizeof(key)),
                           PAIL_STR("Test Using Larger Than Block-Size Key - Hash Key First"),
                           out),
        0);
    check_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    ck_assert_int_eq(digest_hmac_sha256(str_of(NULL, 0), str_of(NULL, 0), out), 0);
    check_hex(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
END_TEST

START_TEST(out_of_memory)
{
    alloc_fail_after(0);
    struct digest *d = digest_new(DIGEST_CRC32);
    alloc_fail_after(-1);
    ck_assert_ptr_null(d);
    digest_free(NULL);
    ck_assert_ptr_null(digest_new((enum digest_algorithm)99));
}
END_TEST

SUITE_MAIN("base/digest", tcase_add_loop_test(tc, reference, 0, (int)LEN(cases));
           tcase_add_loop_test(tc, long_input, 0, (int)LEN(long_cases));
           tcase_add_test(tc, one_shot); tcase_add_test(tc, hmac);
           tcase_add_test(tc, out_of_memory));
