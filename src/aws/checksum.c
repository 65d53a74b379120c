#include "aws/checksum.h"

#include "base/encode.h"

#include <errno.h>

/* In the order of preference. */
static const struct {
    const char *name, *header;
    enum digest_algorithm algorithm;
    size_t len;
} algorithms[] = {
    {"xxhash128", "x-amz-checksum-xxhash128", DIGEST_XXHASH128, 16},
    {"xxhash3", "x-amz-checksum-xxhash3", DIGEST_XXHASH3, 8},
    {"crc64nvme", "x-amz-checksum-crc64nvme", DIGEST_CRC64NVME, 8},
    {"xxhash64", "x-amz-checksum-xxhash64", DIGEST_XXHASH64, 8},
    {"crc32c", "x-amz-checksum-crc32c", DIGEST_CRC32C, 4},
    {"crc32", "x-amz-checksum-crc32", DIGEST_CRC32, 4},
    {"sha1", "x-amz-checksum-sha1", DIGEST_SHA1, 20},
    {"sha256", "x-amz-checksum-sha256", DIGEST_SHA256, 32},
    {"sha512", "x-amz-checksum-sha512", DIGEST_SHA512, 64},
};

/* The digest's length; 0 for a value that is none of `len` bytes; -ENOMEM. */
static int decode(struct pail_str value, size_t len, unsigned char *out)
{
    CLEANUP_DONE(buf) struct buf bytes;
    buf_init(&bytes, DIGEST_MAX);
    int r = buf_add_base64_decoded(&bytes, value);
    if (buf_failed(&bytes) == -ENOMEM)
        return -ENOMEM;
    if (r < 0 || buf_failed(&bytes) || bytes.len != len)
        return 0;
    memcpy(out, bytes.data, len);
    return (int)len;
}

int checksum_choose(struct checksum *checksum, const struct http_headers *headers)
{
    struct pail_str type = http_headers_get(headers, "x-amz-checksum-type");
    if (type.ptr && str_eq_nocase(str_trim(type), PAIL_STR("COMPOSITE")))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
        struct pail_str value = str_trim(http_headers_get(headers, algorithms[i].header));
        /* -PARTS ends a composite's: of the parts' checksums, not of the whole. */
        if (!value.ptr || str_find(value, '-', 0) != value.len)
            continue;
        int len = decode(value, algorithms[i].len, checksum->expected);
        if (len < 0)
            return len;
        checksum->digest = digest_new(algorithms[i].algorithm);
        if (!checksum->digest)
            return -ENOMEM;
        checksum->expected_len = (size_t)len;
        checksum->name = algorithms[i].name;
        return 0;
    }
    return 0;
}

void checksum_update(struct checksum *checksum, const void *data, size_t len)
{
    if (checksum->digest)
        digest_update(checksum->digest, data, len);
}

int checksum_verify(struct checksum *checksum)
{
    if (!checksum->digest)
        return 0;
    unsigned char actual[DIGEST_MAX];
    size_t len = digest_final(checksum->digest, actual);
    return len == checksum->expected_len && memcmp(actual, checksum->expected, len) == 0
               ? 0
               : -EBADMSG;
}

void checksum_done(struct checksum *checksum)
{
    digest_free(checksum->digest);
    *checksum = (struct checksum){0};
}
