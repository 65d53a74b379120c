#include "unit/check.h"

#include "base/crc.h"

START_TEST(check_values)
{
    ck_assert_uint_eq(crc_32c(0, "123456789", 9), 0xe3069283);
    ck_assert_uint_eq(crc_64nvme(0, "123456789", 9), UINT64_C(0xae8b14860a799888));
    ck_assert_uint_eq(crc_32c(0, "hello world", 11), 0xc99465aa);
    ck_assert_uint_eq(crc_64nvme(0, "hello world", 11), UINT64_C(0x8d29d5c3f6ea8ebe));
    ck_assert_uint_eq(crc_32c(0, "", 0), 0);
    ck_assert_uint_eq(crc_64nvme(0, "", 0), 0);

    char zeros[32] = {0}; /* RFC 3720, B.4 */
    ck_assert_uint_eq(crc_32c(0, zeros, sizeof(zeros)), 0x8a9136aa);
}
END_TEST

/* Bit by bit, as the definition says. */
static uint64_t by_definition(uint64_t poly, uint64_t ones, const unsigned char *data,
                              size_t len)
{
    uint64_t crc = ones;
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? poly : 0);
    }
    return crc ^ ones;
}

START_TEST(lengths_and_places)
{
    unsigned char data[100];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i * 37 + 11);
    for (size_t start = 0; start < 9; start++) {
        for (size_t len = 0; len <= sizeof(data) - start; len++) {
            const unsigned char *at = data + start;
            ck_assert_uint_eq(crc_32c(0, at, len),
                              by_definition(0x82f63b78, UINT32_MAX, at, len));
            ck_assert_uint_eq(crc_64nvme(0, at, len),
                              by_definition(UINT64_C(0x9a6c9329ac4bc9b5), UINT64_MAX, at, len));
        }
    }
    for (size_t cut = 0; cut <= sizeof(data); cut++) {
        ck_assert_uint_eq(crc_32c(crc_32c(0, data, cut), data + cut, sizeof(data) - cut),
                          crc_32c(0, data, sizeof(data)));
        ck_assert_uint_eq(crc_64nvme(crc_64nvme(0, data, cut), data + cut, sizeof(data) - cut),
                          crc_64nvme(0, data, sizeof(data)));
    }
}
END_TEST

SUITE_MAIN("base/crc", tcase_add_test(tc, check_values);
           tcase_add_test(tc, lengths_and_places));
