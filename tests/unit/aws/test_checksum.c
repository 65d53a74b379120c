#include "aws/checksum.h"

#include "unit/check.h"

#include <errno.h>

/* "hello world" throughout. */
static const struct {
    const char *headers[4][2];
    const char *chosen; /* NULL: none */
    int verdict;
} cases[] = {
    {{{"x-amz-checksum-crc32", "DUoRhQ=="}}, "crc32", 0},
    {{{"X-Amz-Checksum-CRC32C", "yZRlqg=="}}, "crc32c", 0},
    {{{"x-amz-checksum-crc64nvme", "jSnVw/bqjr4="}}, "crc64nvme", 0},
    {{{"x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0="}}, "sha1", 0},
    {{{"x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="}}, "sha256", 0},
    {{{"x-amz-checksum-sha512",
       "MJ7MSJwS1utMxA9QyQLytNDtd+5RGnx6m808qG1M2G+YndNbxf9JlnDaNCVbRbDP2DDoH2Bdz33FVC6TrpzXb"
       "w=="}},
     "sha512",
     0},
    {{{"x-amz-checksum-xxhash64", "RatnNLIeaWg="}}, "xxhash64", 0},
    {{{"x-amz-checksum-xxhash3", "1Eex6kDmmIs="}}, "xxhash3", 0},
    {{{"x-amz-checksum-xxhash128", "340J6T+HSQCpm4d1zBW2xw=="}}, "xxhash128", 0},
    {{{"x-amz-checksum-xxhash64", "1Eex6kDmmIs="}}, "xxhash64", -EBADMSG},
    {{{"x-amz-checksum-xxhash3", "RatnNLIeaWg="}}, "xxhash3", -EBADMSG},
    {{{"x-amz-checksum-xxhash128", "340J6T+HSQCpm4d1zBW2xg=="}}, "xxhash128", -EBADMSG},
    {{{"x-amz-checksum-xxhash128", "340J6T+HSQA="}}, "xxhash128", -EBADMSG},
    {{{"x-amz-checksum-crc32", "DUoRhA=="}}, "crc32", -EBADMSG},
    /* The order. */
    {{{"x-amz-checksum-crc32c", "yZRlqg=="}, {"x-amz-checksum-xxhash64", "RatnNLIeaWg="}},
     "xxhash64",
     0},
    {{{"x-amz-checksum-xxhash64", "RatnNLIeaWg="},
      {"x-amz-checksum-crc64nvme", "jSnVw/bqjr4="}},
     "crc64nvme",
     0},
    {{{"x-amz-checksum-crc64nvme", "jSnVw/bqjr4="}, {"x-amz-checksum-xxhash3", "1Eex6kDmmIs="}},
     "xxhash3",
     0},
    {{{"x-amz-checksum-xxhash3", "1Eex6kDmmIs="},
      {"x-amz-checksum-xxhash128", "340J6T+HSQCpm4d1zBW2xw=="}},
     "xxhash128",
     0},
    {{{"x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0="},
      {"x-amz-checksum-crc32", "DUoRhQ=="},
      {"x-amz-checksum-crc64nvme", "jSnVw/bqjr4="}},
     "crc64nvme",
     0},
    /* Of parts: not the whole's. */
    {{{"x-amz-checksum-crc32", "AAAAAA==-3"}}, NULL, 0},
    {{{"x-amz-checksum-xxhash128", "AAAA-3"}}, NULL, 0},
    {{{"x-amz-checksum-crc32", "AAAAAA==-3"},
      {"x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0="}},
     "sha1",
     0},
    {{{"x-amz-checksum-crc32", "AAAAAA=="}, {"x-amz-checksum-type", "COMPOSITE"}}, NULL, 0},
    {{{"x-amz-checksum-crc32", "DUoRhQ=="}, {"x-amz-checksum-type", "FULL_OBJECT"}},
     "crc32",
     0},
    /* No digest at all. */
    {{{"x-amz-checksum-crc32", ""}}, "crc32", -EBADMSG},
    {{{"x-amz-checksum-crc32", "?"}}, "crc32", -EBADMSG},
    {{{"x-amz-checksum-crc32", "DUoRhYU="}}, "crc32", -EBADMSG},
    {{{"x-amz-checksum-md5", "XrY7u+Ae7tCTyyK7j1rNww=="}}, NULL, 0},
    {{{NULL}}, NULL, 0},
};

START_TEST(chooses_and_verifies)
{
    CLEANUP_DONE(http_headers) struct http_headers headers;
    http_headers_init(&headers);
    for (int i = 0; i < 4 && cases[_i].headers[i][0]; i++)
        ck_assert_int_eq(http_headers_add(&headers, str_c(cases[_i].headers[i][0]),
                                          str_c(cases[_i].headers[i][1])),
                         0);
    struct checksum checksum = {0};
    ck_assert_int_eq(checksum_choose(&checksum, &headers), 0);
    ck_assert_pstr_eq(checksum.name, cases[_i].chosen);
    checksum_update(&checksum, "hello", 5);
    checksum_update(&checksum, " world", 6);
    ck_assert_int_eq(checksum_verify(&checksum), cases[_i].verdict);
    checksum_done(&checksum);
    ck_assert_ptr_null(checksum.digest);
}
END_TEST

START_TEST(survives_want_of_memory)
{
    CLEANUP_DONE(http_headers) struct http_headers headers;
    http_headers_init(&headers);
    ck_assert_int_eq(
        http_headers_add(&headers, PAIL_STR("x-amz-checksum-crc32"), PAIL_STR("DUoRhQ==")), 0);
    for (long allowed = 0; allowed < 2; allowed++) {
        struct checksum checksum = {0};
        alloc_fail_after(allowed);
        int r = checksum_choose(&checksum, &headers);
        alloc_fail_after(-1);
        ck_assert_int_eq(r, -ENOMEM);
        checksum_done(&checksum);
    }
}
END_TEST

SUITE_MAIN("aws/checksum", tcase_add_loop_test(tc, chooses_and_verifies, 0, ARRAY_LEN(cases));
           tcase_add_test(tc, survives_want_of_memory));
