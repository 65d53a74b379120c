/* base/digest.h: digests and checksums (OpenSSL, zlib, xxHash). One thread at a time each. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/cleanup.h"
#include "base/str.h"

enum digest_algorithm {
    DIGEST_MD5,
    DIGEST_SHA1,
    DIGEST_SHA256,
    DIGEST_SHA512,
    DIGEST_CRC32,
    DIGEST_CRC32C,
    DIGEST_CRC64NVME,
    DIGEST_XXHASH64,
    DIGEST_XXHASH3,   /* XXH3 of 64 bits */
    DIGEST_XXHASH128, /* XXH3 of 128 bits */
};
#define DIGEST_MAX 64 /* bytes of the longest result */

struct digest;

/* A running digest; NULL on ENOMEM or if the algorithm is not available. */
struct digest *digest_new(enum digest_algorithm algorithm);
void digest_free(struct digest *d);
void digest_update(struct digest *d, const void *data, size_t len);
/* Writes the result (CRCs and xxHashes big-endian, as S3 sends them) and returns its length, 0
 * if the library under it failed. The digest starts anew. */
size_t digest_final(struct digest *d, unsigned char out[DIGEST_MAX]);

/* One-shot forms. 0 or -ENOMEM. */
int digest_sha256(struct pail_str data, unsigned char out[32]);
int digest_sha1(struct pail_str data, unsigned char out[20]);
int digest_hmac_sha256(struct pail_str key, struct pail_str data, unsigned char out[32]);
/* CRC-32 as zlib has it, continued from `crc` (0 to start). */
uint32_t digest_crc32(uint32_t crc, const void *data, size_t len);

DEFINE_CLEANUP(digest, struct digest *, digest_free);

#endif
