/* aws/checksum.h: verifying a payload against the checksum its response carries. One thread at
 * a time. Behaviour: botocore httpchecksum.py, but checksums of parts (composite) are never
 * compared with a whole. */
#ifndef AWS_CHECKSUM_H
#define AWS_CHECKSUM_H

#include "base/digest.h"
#include "http/headers.h"

/* All zero: nothing to verify. */
struct checksum {
    struct digest *digest;
    const char *name; /* "crc32"; static; NULL: none */
    unsigned char expected[DIGEST_MAX];
    size_t expected_len;
};

/* Picks the first usable of the x-amz-checksum-* fields: xxhash128, xxhash3, crc64nvme,
 * xxhash64, crc32c, crc32, sha1, sha256, sha512; a composite's is none. None is left where the
 * response has no usable one. A value that is no digest at all is usable: no payload has it.
 * `checksum` is all zero before. 0 or -ENOMEM. */
int checksum_choose(struct checksum *checksum, const struct http_headers *headers);
void checksum_update(struct checksum *checksum, const void *data, size_t len);
/* 0 if the bytes seen are the ones promised, or nothing was; else -EBADMSG. Once. */
int checksum_verify(struct checksum *checksum);
void checksum_done(struct checksum *checksum);

#endif
